use serde::{Deserialize, Serialize};

/// Nearest to 0 and 1 that a logit is taken of, as by the log-loss.
const EPSILON: f64 = f32::EPSILON as f64;

/// A monotone map of probabilities to probabilities, stored with the model. Reading one checks it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", try_from = "Stored")]
pub enum Calibration {
    #[default]
    None,
    /// `1 / (1 + exp(−(a · logit(p) + b)))`.
    Platt {
        /// Slope, above 0.
        a: f64,
        b: f64,
    },
    /// Straight lines between points; beyond the first and the last, constant.
    Isotonic {
        /// Raw probabilities, ascending.
        x: Vec<f32>,
        /// The calibrated probability of each, never falling.
        y: Vec<f32>,
    },
}

/// A calibration as it was read, not checked yet.
#[derive(Deserialize)]
#[serde(tag = "method", rename_all = "snake_case", deny_unknown_fields)]
enum Stored {
    None,
    Platt { a: f64, b: f64 },
    Isotonic { x: Vec<f32>, y: Vec<f32> },
}

impl TryFrom<Stored> for Calibration {
    type Error = String;

    fn try_from(stored: Stored) -> Result<Self, String> {
        match stored {
            Stored::None => Ok(Self::None),
            Stored::Platt { a, b } => {
                if !(a.is_finite() && a > 0.0 && b.is_finite()) {
                    return Err(format!(
                        "calibration: expected a finite slope above 0 and a finite intercept, found {a} and {b}"
                    ));
                }
                Ok(Self::Platt { a, b })
            }
            Stored::Isotonic { x, y } => {
                if x.is_empty() || x.len() != y.len() {
                    return Err(format!(
                        "calibration: expected as many y as x and at least one, found {} and {}",
                        y.len(),
                        x.len()
                    ));
                }
                let probability = |v: &f32| (0.0..=1.0).contains(v);
                if let Some(found) = x.iter().chain(&y).find(|v| !probability(v)) {
                    return Err(format!("calibration: expected numbers of 0 to 1, found {found}"));
                }
                if let Some(pair) = x.windows(2).find(|pair| pair[0] >= pair[1]) {
                    return Err(format!(
                        "calibration: expected ascending x, found {} before {}",
                        pair[0], pair[1]
                    ));
                }
                if let Some(pair) = y.windows(2).find(|pair| pair[0] > pair[1]) {
                    return Err(format!(
                        "calibration: expected y that never falls, found {} before {}",
                        pair[0], pair[1]
                    ));
                }
                Ok(Self::Isotonic { x, y })
            }
        }
    }
}

impl Calibration {
    /// The calibrated probabilities, one each.
    pub fn apply(&self, probabilities: &[f32]) -> Vec<f32> {
        probabilities.iter().map(|&p| self.of(p)).collect()
    }

    /// The calibrated probability of one raw probability; never falls where that rises.
    pub fn of(&self, probability: f32) -> f32 {
        match self {
            Self::None => probability,
            Self::Platt { a, b } => sigmoid(a * logit(probability) + b) as f32,
            Self::Isotonic { x, y } => interpolate(x, y, probability),
        }
    }
}

pub(super) fn logit(probability: f32) -> f64 {
    let p = f64::from(probability).clamp(EPSILON, 1.0 - EPSILON);
    libm::log(p / (1.0 - p))
}

pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + libm::exp(-z))
}

/// `x` and `y` are of one length, `x` ascending.
fn interpolate(x: &[f32], y: &[f32], at: f32) -> f32 {
    let after = x.partition_point(|&x| x <= at);
    match (after.checked_sub(1), y.get(after)) {
        (None, first) => first.copied().unwrap_or(at),
        (Some(before), None) => y[before],
        (Some(before), Some(&high)) => {
            let [from, to, low, high] = [x[before], x[after], y[before], high].map(f64::from);
            let share = (f64::from(at) - from) / (to - from);
            (low + (high - low) * share).min(high) as f32
        }
    }
}

/// Rows by ascending probability; what is not a number is left out.
pub(super) fn ascending(probabilities: &[f32], labels: &[bool]) -> Vec<(f32, bool)> {
    assert_eq!(probabilities.len(), labels.len(), "one label a probability");
    let pairs = probabilities.iter().copied().zip(labels.iter().copied());
    let mut rows: Vec<(f32, bool)> = pairs.filter(|(p, _)| p.is_finite()).collect();
    rows.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    rows
}

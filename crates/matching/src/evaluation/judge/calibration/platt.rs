//! Two numbers: a slope and an intercept of the logit.

use super::map::{Calibration, ascending, logit, sigmoid};

/// The least slope of [`Calibration::Platt`]: scores that are worse than chance are not turned
/// round but made almost equal.
const LEAST_SLOPE: f64 = 1e-3;

/// Platt's sigmoid of the logit (Platt, "Probabilistic outputs for support vector machines", 1999),
/// with his targets a little inside 0 and 1, found by Newton's method with halved steps (Lin, Lin
/// and Weng, *Machine Learning* 68, 2007). [`Calibration::None`] without rows.
pub fn fit_platt(probabilities: &[f32], labels: &[bool]) -> Calibration {
    let rows = ascending(probabilities, labels);
    let all = rows.len() as f64;
    if rows.is_empty() {
        return Calibration::None;
    }
    let positives = rows.iter().filter(|(_, label)| *label).count() as f64;
    let of_positive = (positives + 1.0) / (positives + 2.0);
    let of_negative = 1.0 / (all - positives + 2.0);
    let target = |label: bool| if label { of_positive } else { of_negative };
    let mut points: Vec<(f64, f64)> =
        rows.iter().map(|&(p, label)| (logit(p), target(label))).collect();
    // On logits of mean 0 and deviation 1 the method's steps are safe, wherever the scores lie.
    let mean = points.iter().map(|(z, _)| z).sum::<f64>() / all;
    let deviation = (points.iter().map(|(z, _)| (z - mean).powi(2)).sum::<f64>() / all).sqrt();
    let spread = if deviation > 1e-9 { deviation } else { 1.0 };
    points.iter_mut().for_each(|(z, _)| *z = (*z - mean) / spread);
    let (a, b) = newton(&points);
    let (a, b) = (a / spread, b - a * mean / spread);
    if deviation > 1e-9 && a >= LEAST_SLOPE && b.is_finite() {
        return Calibration::Platt { a, b };
    }
    // Nothing to learn from the order: the slope is given, the intercept meets the mean target.
    let a = if deviation > 1e-9 { LEAST_SLOPE } else { 1.0 };
    let logits: Vec<f64> = rows.iter().map(|&(p, _)| a * logit(p)).collect();
    let wanted = rows.iter().map(|&(_, label)| target(label)).sum::<f64>();
    let (mut low, mut high) = (-100.0, 100.0);
    for _ in 0..100 {
        let b = (low + high) / 2.0;
        let found = logits.iter().map(|z| sigmoid(z + b)).sum::<f64>();
        *(if found < wanted { &mut low } else { &mut high }) = b;
    }
    Calibration::Platt { a, b: (low + high) / 2.0 }
}

/// Slope and intercept of the least cross-entropy of (score, target).
fn newton(points: &[(f64, f64)]) -> (f64, f64) {
    // log(1 + exp(z)) - target · z, without overflow.
    let loss = |a: f64, b: f64| -> f64 {
        let of = |&(x, target): &(f64, f64)| {
            let z = a * x + b;
            z.max(0.0) + libm::log1p(libm::exp(-z.abs())) - target * z
        };
        points.iter().map(of).sum()
    };
    let (mut a, mut b) = (0.0, 0.0);
    let mut least = loss(a, b);
    for _ in 0..100 {
        let (mut ga, mut gb, mut haa, mut hab, mut hbb) = (0.0, 0.0, 1e-12, 0.0, 1e-12);
        for &(x, target) in points {
            let p = sigmoid(a * x + b);
            let (off, weight) = (p - target, p * (1.0 - p));
            ga += off * x;
            gb += off;
            haa += weight * x * x;
            hab += weight * x;
            hbb += weight;
        }
        let determinant = haa * hbb - hab * hab;
        let (da, db) = (-(hbb * ga - hab * gb) / determinant, -(haa * gb - hab * ga) / determinant);
        let mut step = 1.0;
        let found = loop {
            let found = loss(a + step * da, b + step * db);
            if found < least {
                break Some(found);
            }
            step /= 2.0;
            if step < 1e-10 {
                break None;
            }
        };
        // No step makes it less: it is the least that these numbers can tell.
        let Some(found) = found else { break };
        a += step * da;
        b += step * db;
        least = found;
    }
    (a, b)
}

//! The mean difference of two paired series whose rows come in groups.
//!
//! Rows of one group (the applications of one person) are alike, so the standard error is that of
//! group totals: the cluster-robust estimator (Cameron and Miller, *Journal of Human Resources* 50,
//! 2015, section II).

use statrs::distribution::{ContinuousCDF, Normal};

use crate::{Groups, Resampled};

/// A mean difference with its standard error.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Difference {
    /// The mean over rows, or the value of a figure.
    pub mean: f64,
    /// Its standard error over groups.
    pub standard_error: f64,
    /// The number of groups.
    pub groups: usize,
}

impl Difference {
    /// The mean of `differences`, one a row of `groups`.
    ///
    /// Returns `None` with fewer than two groups, or where a difference is not finite.
    ///
    /// # Panics
    /// When there is not one difference a row.
    #[must_use]
    pub fn of_means(differences: &[f64], groups: &Groups) -> Option<Self> {
        assert_eq!(differences.len(), groups.of_rows().len(), "one difference a row");
        let rows = differences.len() as f64;
        let of = |group: &[u32]| group.iter().map(|&row| differences[row as usize]).sum::<f64>();
        let mean = groups.iter().map(of).sum::<f64>() / rows;
        if !mean.is_finite() || groups.count() < 2 {
            return None;
        }
        let totals = groups.iter().map(|group| of(group) - group.len() as f64 * mean);
        let (square, count) =
            (totals.map(|total| total * total).sum::<f64>(), groups.count() as f64);
        let standard_error = (square * count / (count - 1.0)).sqrt() / rows;
        Some(Self { mean, standard_error, groups: groups.count() })
    }

    /// Of a figure that is not a mean over rows: its standard error is the standard deviation of its
    /// resamples.
    ///
    /// Resamples on which the figure is not defined are NaN and are left out. Returns `None` where the
    /// value is not finite, or fewer than two resamples are.
    #[must_use]
    pub fn of_resampled(figure: &Resampled<f64>, groups: usize) -> Option<Self> {
        let defined = || figure.resamples.iter().filter(|value| value.is_finite());
        let count = defined().count() as f64;
        if !figure.value.is_finite() || count < 2.0 {
            return None;
        }
        let mean = defined().sum::<f64>() / count;
        let square = defined().map(|value| (value - mean).powi(2)).sum::<f64>();
        let standard_error = (square / (count - 1.0)).sqrt();
        Some(Self { mean: figure.value, standard_error, groups })
    }

    /// The p-value of the one-sided test that the true difference is at most `bound`: small where
    /// the difference is surely above it.
    #[must_use]
    pub fn p_above(&self, bound: f64) -> f64 {
        one_sided(self.mean - bound, self.standard_error)
    }
}

/// The probability that a normal estimate with this standard error is at least `value` where the
/// truth is 0.
#[must_use]
pub fn one_sided(value: f64, standard_error: f64) -> f64 {
    if standard_error > 0.0 {
        Normal::standard().sf(value / standard_error)
    } else if value > 0.0 {
        0.0
    } else {
        1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_means(differences: &[f64], groups: &[u32]) -> Option<Difference> {
        Difference::of_means(differences, &Groups::new(groups))
    }

    #[test]
    fn single_rows_give_the_usual_standard_error() {
        let difference = of_means(&[1.0, 2.0, 3.0, 4.0], &[0, 1, 2, 3]).unwrap();
        // Standard deviation sqrt(5 / 3), over sqrt(4).
        assert!((difference.mean - 2.5).abs() < 1e-12);
        assert!((difference.standard_error - (5.0_f64 / 3.0).sqrt() / 2.0).abs() < 1e-12);
        assert_eq!(difference.groups, 4);
    }

    #[test]
    fn rows_that_repeat_say_nothing_more() {
        let once = of_means(&[1.0, 2.0, 4.0], &[0, 1, 2]).unwrap();
        let twice = of_means(&[1.0, 4.0, 2.0, 2.0, 4.0, 1.0], &[0, 2, 1, 1, 2, 0]).unwrap();
        assert!((once.mean - twice.mean).abs() < 1e-12);
        assert!((once.standard_error - twice.standard_error).abs() < 1e-12);
    }

    #[test]
    fn p_is_that_of_the_normal_distribution() {
        let difference = Difference { mean: 1.96, standard_error: 1.0, groups: 9 };
        assert!((difference.p_above(0.0) - 0.024_998).abs() < 1e-5);
        assert!((difference.p_above(1.96) - 0.5).abs() < 1e-12);
        assert_eq!((one_sided(1.0, 0.0), one_sided(0.0, 0.0)), (0.0, 1.0));
    }

    #[test]
    fn the_standard_error_of_a_figure_is_the_deviation_of_its_resamples() {
        let of = |value, resamples: &[f64]| {
            Difference::of_resampled(&Resampled { value, resamples: resamples.to_vec() }, 7)
        };
        let difference = of(0.5, &[1.0, f64::NAN, 2.0, 3.0]).unwrap();
        assert_eq!(difference, Difference { mean: 0.5, standard_error: 1.0, groups: 7 });
        assert_eq!((of(f64::NAN, &[1.0, 2.0]), of(0.5, &[1.0, f64::NAN])), (None, None));
    }

    #[test]
    fn one_group_or_no_number_gives_none() {
        assert_eq!(of_means(&[1.0, 2.0], &[7, 7]), None);
        assert_eq!(of_means(&[f64::NAN, 2.0], &[1, 2]), None);
        assert_eq!(of_means(&[], &[]), None);
    }
}

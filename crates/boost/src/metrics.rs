//! Metrics of probabilities against labels, as scikit-learn defines them.
//!
//! All take `probabilities` and `labels` of the same length (they panic otherwise: that is a fault
//! of the caller, not of the data) and return NaN where the metric is not defined.

/// Row numbers by descending probability.
fn descending(probabilities: &[f32]) -> Vec<u32> {
    let mut order: Vec<u32> = (0..probabilities.len() as u32).collect();
    order.sort_unstable_by(|&a, &b| {
        probabilities[b as usize].total_cmp(&probabilities[a as usize]).then(a.cmp(&b))
    });
    order
}

/// Calls `visit(positives, negatives)` for each run of equal probabilities, highest first.
fn for_each_run(probabilities: &[f32], labels: &[bool], mut visit: impl FnMut(f64, f64)) {
    assert_eq!(probabilities.len(), labels.len(), "one label a probability");
    let order = descending(probabilities);
    let same = |a: &u32, b: &u32| probabilities[*a as usize] == probabilities[*b as usize];
    for run in order.chunk_by(same) {
        let positives = run.iter().filter(|&&i| labels[i as usize]).count();
        visit(positives as f64, (run.len() - positives) as f64);
    }
}

/// Area under the ROC curve: the chance that a positive outranks a negative, ties counting half.
/// NaN when the labels hold one class only.
pub fn auc(probabilities: &[f32], labels: &[bool]) -> f64 {
    let (mut positives, mut negatives, mut pairs) = (0.0, 0.0, 0.0);
    for_each_run(probabilities, labels, |p, n| {
        pairs += n * (positives + 0.5 * p);
        positives += p;
        negatives += n;
    });
    pairs / (positives * negatives)
}

/// Average precision (area under the precision-recall steps): Σ (Rₙ − Rₙ₋₁) Pₙ over the distinct
/// thresholds, not interpolated. NaN without positives.
pub fn average_precision(probabilities: &[f32], labels: &[bool]) -> f64 {
    let (mut positives, mut rows, mut sum) = (0.0, 0.0, 0.0);
    for_each_run(probabilities, labels, |p, n| {
        positives += p;
        rows += p + n;
        sum += p * positives / rows;
    });
    sum / positives
}

/// Mean negative log-likelihood in nats; probabilities are clipped by the type's epsilon, as
/// scikit-learn does for 32-bit floats. NaN without rows.
pub fn log_loss(probabilities: &[f32], labels: &[bool]) -> f64 {
    assert_eq!(probabilities.len(), labels.len(), "one label a probability");
    let epsilon = f64::from(f32::EPSILON);
    let loss = |(&p, &y): (&f32, &bool)| {
        let p = f64::from(p).clamp(epsilon, 1.0 - epsilon);
        -(if y { p } else { 1.0 - p }).ln()
    };
    probabilities.iter().zip(labels).map(loss).sum::<f64>() / labels.len() as f64
}

/// Mean squared difference of probability and outcome. NaN without rows.
pub fn brier(probabilities: &[f32], labels: &[bool]) -> f64 {
    assert_eq!(probabilities.len(), labels.len(), "one label a probability");
    let square = |(&p, &y): (&f32, &bool)| (f64::from(p) - f64::from(u8::from(y))).powi(2);
    probabilities.iter().zip(labels).map(square).sum::<f64>() / labels.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    const P: [f32; 8] = [0.1, 0.4, 0.35, 0.8, 0.4, 0.4, 0.9, 0.0];
    const Y: [bool; 8] = [false, false, true, true, true, false, true, false];

    /// Expected values are scikit-learn 1.6.1's on the same eight rows (float32).
    #[test]
    fn equal_scikit_learn() {
        assert!((auc(&P, &Y) - 0.8125).abs() < 1e-12);
        assert!((average_precision(&P, &Y) - 0.816_666_666_666_666_7).abs() < 1e-12);
        assert!((log_loss(&P, &Y) - 0.427_703_6).abs() < 1e-6, "{}", log_loss(&P, &Y));
        assert!((brier(&P, &Y) - 0.145_312_5).abs() < 1e-7, "{}", brier(&P, &Y));
    }

    #[test]
    fn not_defined_is_nan() {
        assert!(auc(&[0.5, 0.6], &[true, true]).is_nan());
        assert!(average_precision(&[0.5], &[false]).is_nan());
        assert!(log_loss(&[], &[]).is_nan());
        assert!(log_loss(&[0.0, 1.0], &[true, false]).is_finite());
    }
}

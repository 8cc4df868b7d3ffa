//! Calibrations against scikit-learn's, against what happens, and against their laws.

use proptest::prelude::*;
use stats::Random;

use super::{isotonic::pool, map::ascending, *};
use crate::judge::{curves, figures, tests::Rows};

#[derive(Deserialize)]
struct Golden {
    probabilities: Vec<f32>,
    labels: Vec<bool>,
    average_precision: f64,
    isotonic: Vec<f64>,
    platt_a: f64,
    platt_b: f64,
    platt: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../../../tests/golden/calibration.json")).unwrap()
}

#[test]
fn isotonic_blocks_are_scikit_learns() {
    let golden = golden();
    let rows = ascending(&golden.probabilities, &golden.labels);
    let fitted: Vec<f64> = pool(&rows)
        .iter()
        .flat_map(|block| std::iter::repeat_n(block.rate(), block.rows as usize))
        .collect();
    let mut order: Vec<usize> = (0..rows.len()).collect();
    order.sort_by(|&a, &b| golden.probabilities[a].total_cmp(&golden.probabilities[b]));
    assert_eq!(fitted.len(), rows.len());
    for (&row, fitted) in order.iter().zip(fitted) {
        assert!((fitted - golden.isotonic[row]).abs() < 1e-9, "row {row}");
    }
}

#[test]
fn platt_is_scikit_learns() {
    let golden = golden();
    let calibration = fit_platt(&golden.probabilities, &golden.labels);
    let Calibration::Platt { a, b } = calibration else { panic!("{calibration:?}") };
    assert!((a - golden.platt_a).abs() < 1e-4, "{a} {}", golden.platt_a);
    assert!((b - golden.platt_b).abs() < 1e-4, "{b} {}", golden.platt_b);
    for (found, expected) in calibration.apply(&golden.probabilities).iter().zip(&golden.platt) {
        assert!((f64::from(*found) - expected).abs() < 1e-5, "{found} {expected}");
    }
}

#[test]
fn average_precision_is_scikit_learns() {
    let Golden { probabilities, labels, average_precision, .. } = golden();
    let found = figures(&Rows::alone(&probabilities, &labels).judged(), 0, 0).pr_auc.value.unwrap();
    assert!((found - average_precision).abs() < 1e-12, "{found} {average_precision}");
}

/// Probabilities as a model gives them that weighs matches nine times: `9p / (9p + 1 − p)`.
fn distorted(rows: usize, seed: u64) -> (Vec<f32>, Vec<bool>) {
    let mut random = Random::new(seed);
    (0..rows)
        .map(|_| {
            let truth = random.uniform().powi(3) * 0.9;
            let label = random.uniform() < truth;
            ((9.0 * truth / (9.0 * truth + 1.0 - truth)) as f32, label)
        })
        .unzip()
}

#[test]
fn of_pairs_scored_a_fifth_a_fifth_succeed() {
    let ((aside, aside_labels), (raw, labels)) = (distorted(20_000, 1), distorted(20_000, 2));
    let judge = |probabilities: &[f32]| {
        let rows = Rows::alone(probabilities, &labels);
        (figures(&rows.judged(), 0, 0), curves(&rows.judged()).calibration)
    };
    let (before, _) = judge(&raw);
    assert!(before.ece.value.unwrap() > 0.2, "{before:?}");
    for method in [Method::Platt, Method::Isotonic] {
        let calibrated = method.fit(&aside, &aside_labels).apply(&raw);
        let (after, bins) = judge(&calibrated);
        assert!(after.ece.value.unwrap() < 0.02, "{method:?} {after:?}");
        assert!(after.log_loss.value < before.log_loss.value);
        let change = after.roc_auc.value.unwrap() - before.roc_auc.value.unwrap();
        assert!(change.abs() < 1e-3, "{method:?} {change}");
        let scored = calibrated.iter().zip(&labels).filter(|(p, _)| (0.17..0.23).contains(*p));
        let of_fifth: Vec<bool> = scored.map(|(_, &label)| label).collect();
        let matches = of_fifth.iter().filter(|&&label| label).count();
        let share = matches as f64 / of_fifth.len() as f64;
        assert!(of_fifth.len() > 500 && (share - 0.2).abs() < 0.04, "{method:?} {share}");
        assert!(bins.iter().all(|b| (b.mean_probability - b.rate).abs() < 0.05), "{bins:?}");
        // Rows that were told apart still are.
        let distinct = |p: &[f32]| {
            let mut bits: Vec<u32> = p.iter().map(|p| p.to_bits()).collect();
            bits.sort_unstable();
            bits.dedup();
            bits.len()
        };
        assert!(distinct(&calibrated) * 100 > distinct(&raw) * 95, "{method:?}");
    }
}

#[test]
fn platt_undoes_a_weight() {
    // The logit moved by ln 9.
    let (raw, labels) = distorted(50_000, 3);
    let calibration = fit_platt(&raw, &labels);
    let Calibration::Platt { a, b } = calibration else { panic!("{calibration:?}") };
    assert!((a - 1.0).abs() < 0.05 && (b + 9.0_f64.ln()).abs() < 0.1, "{a} {b}");
}

#[test]
fn nothing_to_learn_is_no_fault() {
    for fit in [fit_platt, fit_isotonic] {
        assert_eq!(fit(&[], &[]), Calibration::None);
        assert_eq!(fit(&[f32::NAN], &[true]), Calibration::None);
        // One class, one probability.
        for label in [false, true] {
            let calibration = fit(&[0.3; 8], &[label; 8]);
            let found = calibration.of(0.3);
            assert!((found - if label { 0.9 } else { 0.1 }).abs() < 1e-6, "{calibration:?}");
        }
        // Worse than chance: all near the share of matches, not turned round.
        let calibration = fit(&[0.1, 0.2, 0.7, 0.9], &[true, true, false, false]);
        let (low, high) = (calibration.of(0.1), calibration.of(0.9));
        assert!(low <= high && (low - 0.5).abs() < 0.1 && (high - 0.5).abs() < 0.1);
        // Parted without error: still finite, still in order.
        let parted = fit(&[0.1, 0.2, 0.7, 0.9], &[false, false, true, true]);
        let found = parted.apply(&[0.0, 0.1, 0.9, 1.0]);
        assert!(found.iter().all(|p| (0.0..=1.0).contains(p)) && found[0] <= found[1]);
        assert!(found[1] < 0.5 && found[2] > 0.5);
    }
}

#[test]
fn isotonic_by_hand() {
    // Rates 0, 1/2 of two, 1; centres .1, .4, .8.
    let calibration = fit_isotonic(&[0.1, 0.3, 0.5, 0.8], &[false, true, false, true]);
    let Calibration::Isotonic { x, y } = &calibration else { panic!("{calibration:?}") };
    let near = |found: &[f32], expected: [f32; 5]| {
        assert_eq!(found.len(), 5);
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        }
    };
    // Off 0 by half the way to 1/2 (1/3 were more), and on to 0 by the same slope, 1/.12.
    near(x, [0.0, 0.1, 0.4, 0.8, 1.0]);
    near(y, [0.25 - 0.25 / 3.0, 0.25, 0.5, 0.75, 0.75 + 0.125]);
    assert!((calibration.of(0.6) - 0.625).abs() < 1e-6);
}

#[test]
fn a_stored_calibration_is_read_again_and_checked() {
    let (raw, labels) = distorted(500, 4);
    for method in [Method::None, Method::Platt, Method::Isotonic] {
        let calibration = method.fit(&raw, &labels);
        let json = serde_json::to_string(&calibration).unwrap();
        assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), calibration);
    }
    for (wrong, why) in [
        (r#"{"method":"platt","a":0.0,"b":1.0}"#, "slope above 0"),
        (r#"{"method":"platt","a":1.0,"b":1e999}"#, "out of range"),
        (r#"{"method":"platt","a":1.0,"b":1.0,"c":1.0}"#, "unknown field"),
        (r#"{"method":"isotonic","x":[],"y":[]}"#, "at least one"),
        (r#"{"method":"isotonic","x":[0.1,0.2],"y":[0.1]}"#, "as many y as x"),
        (r#"{"method":"isotonic","x":[0.2,0.2],"y":[0.1,0.2]}"#, "ascending x"),
        (r#"{"method":"isotonic","x":[0.1,0.2],"y":[0.2,0.1]}"#, "never falls"),
        (r#"{"method":"isotonic","x":[0.1,0.2],"y":[0.2,1.1]}"#, "0 to 1"),
        (r#"{"method":"spline"}"#, "unknown variant"),
    ] {
        let error = serde_json::from_str::<Calibration>(wrong).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

fn rows() -> impl Strategy<Value = (Vec<f32>, Vec<bool>)> {
    prop::collection::vec((0.0..=1.0_f32, any::<bool>()), 1..80)
        .prop_map(|rows| rows.into_iter().unzip())
}

proptest! {
    #[test]
    fn every_calibration_is_monotone(
        (raw, labels) in rows(),
        mut at in prop::collection::vec(0.0..=1.0_f32, 2..60),
    ) {
        at.extend(&raw);
        at.sort_by(f32::total_cmp);
        for method in [Method::None, Method::Platt, Method::Isotonic] {
            let calibration = method.fit(&raw, &labels);
            let found = calibration.apply(&at);
            prop_assert!(found.windows(2).all(|pair| pair[0] <= pair[1]), "{:?}", calibration);
            prop_assert!(found.iter().all(|p| (0.0..=1.0).contains(p)));
            let json = serde_json::to_string(&calibration).unwrap();
            prop_assert_eq!(serde_json::from_str::<Calibration>(&json).unwrap(), calibration);
        }
    }

    #[test]
    fn isotonic_is_never_0_nor_1((raw, labels) in rows()) {
        let found = fit_isotonic(&raw, &labels).apply(&[0.0, 1.0]);
        prop_assert!(found[0] > 0.0 && found[1] < 1.0, "{:?}", found);
    }

    #[test]
    fn the_order_of_rows_changes_nothing((raw, labels) in rows()) {
        let turned: (Vec<f32>, Vec<bool>) =
            raw.iter().copied().zip(labels.iter().copied()).rev().unzip();
        for method in [Method::Platt, Method::Isotonic] {
            prop_assert_eq!(method.fit(&raw, &labels), method.fit(&turned.0, &turned.1));
        }
    }
}

use proptest::prelude::*;
use serde::Deserialize;

use super::*;

#[derive(Deserialize)]
struct Golden {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    kind: String,
    x: Vec<f64>,
    y: Vec<f64>,
    statistic: f64,
    p_auto: Option<f64>,
    p_asymp: Option<f64>,
}

fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    values.sort_unstable_by(f64::total_cmp);
    values
}

/// Probabilities agree to 1e-6.
fn assert_close(found: f64, expected: Option<f64>, what: &str) {
    match expected {
        None => assert!(found.is_nan(), "{what}: {found}, expected NaN"),
        Some(expected) => {
            assert!((found - expected).abs() <= 1e-6, "{what}: {found:e}, expected {expected:e}")
        }
    }
}

#[test]
fn equal_to_scipy() {
    let golden: Golden =
        serde_json::from_str(include_str!("../../../tests/golden/ks_2samp.json")).unwrap();
    for case in golden.cases {
        let what = format!("{} {} {}", case.kind, case.x.len(), case.y.len());
        let (x, y) = (sorted(&case.x), sorted(&case.y));
        // scipy's `auto` is exact for samples of this size.
        for (method, p) in [(Method::Exact, case.p_auto), (Method::Asymptotic, case.p_asymp)] {
            let found = test(Sample::new(&x, 0), Sample::new(&y, 0), method).unwrap();
            let error = (found.distance - case.statistic).abs();
            assert!(error <= 1e-6 * case.statistic, "{what}: {found:?}");
            assert_close(found.p, p, &format!("{what} {method:?}"));
            // The same with the zeros given by number.
            let (sparse_x, sparse_y) = (non_zero(&x), non_zero(&y));
            let sparse = test(
                Sample::new(&sparse_x, (x.len() - sparse_x.len()) as u64),
                Sample::new(&sparse_y, (y.len() - sparse_y.len()) as u64),
                method,
            );
            assert_eq!(format!("{sparse:?}"), format!("{:?}", Some(found)), "{what}");
        }
    }
}

fn non_zero(values: &[f64]) -> Vec<f64> {
    values.iter().copied().filter(|&value| value != 0.0).collect()
}

/// `scipy.stats.kstwo.sf(d, n)` over the whole plane: every method and its borders.
#[test]
fn kolmogorov_is_scipys() {
    #[derive(Deserialize)]
    struct Plane {
        cases: Vec<(u64, f64, f64)>,
    }
    let plane: Plane =
        serde_json::from_str(include_str!("../../../tests/golden/kstwo.json")).unwrap();
    for (n, d, expected) in plane.cases {
        assert_close(asymptotic::survival(n, d), Some(expected), &format!("n {n}, d {d}"));
    }
}

/// What is exact up to 250 values goes on as the series.
#[test]
fn both_methods_agree_where_they_meet() {
    for step in 4..47 {
        let d = f64::from(step) / 250.0;
        let (exact, series) = (asymptotic::durbin(250, 250.0 * d), asymptotic::pelz_good(250.0, d));
        assert!((exact - series).abs() < 1e-6, "{d}: {exact} {series}");
    }
}

#[test]
fn no_test_without_values() {
    let some = [1.0];
    assert_eq!(test(Sample::new(&some, 0), Sample::new(&[], 0), Method::Exact), None);
    assert!(test(Sample::new(&some, 0), Sample::new(&[], 5), Method::Exact).is_some());
}

#[test]
fn equal_columns_have_no_distance() {
    let values = [0.25, 0.5];
    let sample = Sample::new(&values, 30_000);
    for method in [Method::Exact, Method::Asymptotic] {
        assert_eq!(test(sample, sample, method), Some(Test { distance: 0.0, p: 1.0 }));
    }
}

proptest! {
    #[test]
    fn exact_is_the_share_of_paths(n in 1_u64..9, m in 1_u64..9, seed in 0_u64..100) {
        // Every order of n + m values, by its bits.
        let distance_of = |order: u64| {
            let (mut i, mut j, mut greatest) = (0, 0, 0);
            for bit in 0..n + m {
                if order >> bit & 1 == 1 { i += 1 } else { j += 1 }
                greatest = greatest.max((i * m).abs_diff(j * n));
            }
            greatest
        };
        let orders: Vec<u64> =
            (0..1 << (n + m)).filter(|order: &u64| u64::from(order.count_ones()) == n).collect();
        let at = distance_of(orders[usize::try_from(seed).unwrap() % orders.len()]);
        let reached = orders.iter().filter(|&&order| distance_of(order) >= at).count();
        let expected = reached as f64 / orders.len() as f64;
        let found = exact::survival(n as i64, m as i64, at as i64);
        prop_assert!((found - expected).abs() < 1e-12, "{} {}", found, expected);
    }

    #[test]
    fn sparse_equals_dense(
        x in proptest::collection::vec(prop_oneof![Just(0.0), Just(-0.0), (0..5).prop_map(|v| f64::from(v) / 4.0), -1.0..1.0], 1..60),
        y in proptest::collection::vec(prop_oneof![Just(0.0), Just(-0.0), (0..5).prop_map(|v| f64::from(v) / 4.0), -1.0..1.0], 1..60),
    ) {
        let (x, y) = (sorted(&x), sorted(&y));
        let (a, b) = (non_zero(&x), non_zero(&y));
        let dense = test(Sample::new(&x, 0), Sample::new(&y, 0), Method::Exact);
        let sparse = test(
            Sample::new(&a, (x.len() - a.len()) as u64),
            Sample::new(&b, (y.len() - b.len()) as u64),
            Method::Exact,
        );
        prop_assert_eq!(dense, sparse);
        let test = dense.unwrap();
        prop_assert!((0.0..=1.0).contains(&test.distance) && (0.0..=1.0).contains(&test.p));
    }
}

//! The exact scan against the plainest way to do it.

use crate::made;
use neighbours::exact::Scan;
use neighbours::{Error, Hit, Vectors};
use proptest::prelude::*;

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
    };
    let lengths = (dot(a, a) * dot(b, b)).sqrt();
    if lengths == 0.0 { 0.0 } else { dot(a, b) / lengths }
}

/// Every admitted pair, sorted.
fn naive(
    queries: &Vectors<'_>,
    items: &Vectors<'_>,
    k: usize,
    admits: impl Fn(usize, usize) -> bool,
) -> Vec<Vec<(usize, f64)>> {
    (0..queries.len())
        .map(|query| {
            let mut all: Vec<(usize, f64)> = (0..items.len())
                .filter(|&item| admits(query, item))
                .map(|item| (item, cosine(queries.row(query), items.row(item))))
                .collect();
            all.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
            all.truncate(k);
            all
        })
        .collect()
}

/// The same cosines place by place; the order among equals must be by number.
fn same(found: &[Hit], expected: &[(usize, f64)]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert!((f64::from(found.cosine) - expected.1).abs() < 1e-6, "{found:?} {expected:?}");
    }
    for pair in found.windows(2) {
        let ordered = pair[0].cosine > pair[1].cosine
            || pair[0].cosine == pair[1].cosine && pair[0].item < pair[1].item;
        assert!(ordered, "{pair:?}");
    }
}

#[test]
fn tiles_do_not_show() {
    let (queries, items) = (made::vectors(700, 20, 9, 1), made::vectors(1300, 20, 9, 2));
    let (queries, items) = (Vectors::new(&queries, 20).unwrap(), Vectors::new(&items, 20).unwrap());
    let allowed: Vec<bool> = (0..1300).map(|item| item % 3 != 1).collect();
    let admits = |query: usize, item: usize| !(query + item).is_multiple_of(5);
    let scan = Scan::new(11).allowed(&allowed).admits(&admits);

    let mut order = Vec::new();
    let mut rows = Vec::new();
    let columns = scan
        .both_ways(&queries, &items, 4, |query, hits| {
            order.push(query);
            rows.push(hits.to_vec());
            Ok::<(), Error>(())
        })
        .unwrap();
    assert_eq!(order, (0..700).collect::<Vec<_>>(), "in the order of the queries");
    let expected = naive(&queries, &items, 11, |q, i| allowed[i] && admits(q, i));
    rows.iter().zip(&expected).for_each(|(found, expected)| same(found, expected));
    let expected = naive(&items, &queries, 4, |i, q| allowed[i] && admits(q, i));
    assert_eq!(columns.len(), 1300);
    columns.iter().zip(&expected).for_each(|(found, expected)| same(found, expected));
    assert_eq!(scan.collect(&queries, &items).unwrap(), rows);
}

#[test]
fn the_hits_are_the_same_on_any_number_of_threads() {
    let (queries, items) = (made::vectors(900, 33, 9, 3), made::vectors(1100, 33, 9, 4));
    let run = || {
        let queries = Vectors::new(&queries, 33).unwrap();
        let items = Vectors::new(&items, 33).unwrap();
        let mut rows = Vec::new();
        let columns = Scan::new(10)
            .both_ways(&queries, &items, 10, |_, hits| {
                rows.push(hits.to_vec());
                Ok::<(), Error>(())
            })
            .unwrap();
        (rows, columns)
    };
    let one = made::on_threads(1, run);
    assert!(one == made::on_threads(2, run) && one == made::on_threads(8, run));
}

#[test]
fn equal_items_come_by_number() {
    // Ten thousand equal items at many places of many tiles, and a nearer one.
    let mut items = [0.3f32, 0.1, -0.7].repeat(10_000);
    items.extend([0.3, 0.2, -0.7]);
    let items = Vectors::new(&items, 3).unwrap();
    let query = Vectors::new(&[0.3, 0.3, -0.7], 3).unwrap();
    let hits = &Scan::new(5).collect(&query, &items).unwrap()[0];
    assert_eq!(hits.iter().map(|h| h.item).collect::<Vec<_>>(), [10_000, 0, 1, 2, 3]);
}

#[test]
fn zero_vectors_have_cosine_zero() {
    let items = Vectors::new(&[0.0, 0.0, -1.0, 0.0, 1.0, 0.0], 2).unwrap();
    let queries = Vectors::new(&[1.0, 0.0, 0.0, 0.0], 2).unwrap();
    let hits = Scan::new(3).collect(&queries, &items).unwrap();
    assert_eq!(
        hits[0].iter().map(|h| (h.item, h.cosine)).collect::<Vec<_>>(),
        [(2, 1.0), (0, 0.0), (1, -1.0)]
    );
    assert!(hits[1].iter().all(|hit| hit.cosine == 0.0));
}

#[test]
fn what_does_not_fit_is_refused() {
    let (two, three) = (Vectors::new(&[1.0, 2.0], 2).unwrap(), Vectors::new(&[1.0; 3], 3).unwrap());
    let error = Scan::new(1).collect(&two, &three).unwrap_err();
    assert!(matches!(error, Error::Dimensions { expected: 3, found: 2 }), "{error}");
    let error = Scan::new(1).allowed(&[true, false]).collect(&two, &two).unwrap_err();
    assert!(matches!(error, Error::Parameter { name: "allowed", .. }), "{error}");
    let none = Vectors::new(&[], 2).unwrap();
    assert!(Scan::new(1).collect(&none, &two).unwrap().is_empty());
    assert!(Scan::new(1).collect(&two, &none).unwrap()[0].is_empty());
    assert!(Scan::new(0).collect(&two, &two).unwrap()[0].is_empty());
    assert!(Scan::new(1).allowed(&[false]).collect(&two, &two).unwrap()[0].is_empty());
}

#[test]
fn an_error_of_the_receiver_ends_the_scan() {
    let values = made::vectors(2000, 4, 3, 5);
    let vectors = Vectors::new(&values, 4).unwrap();
    let mut taken = 0;
    let error = Scan::new(1)
        .top_k(&vectors, &vectors, |query, _| {
            taken += 1;
            if query == 3 { Err(Error::Npy("full".into())) } else { Ok(()) }
        })
        .unwrap_err();
    assert!(taken == 4 && error.to_string().contains("full"));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn the_scan_is_the_plain_one(
        d in 1usize..6,
        queries in prop::collection::vec(-3i8..4, 0..100),
        items in prop::collection::vec(-3i8..4, 0..300),
        k in 0usize..30,
    ) {
        let whole = |values: &[i8]| -> Vec<f32> {
            values[..values.len() / d * d].iter().map(|&value| f32::from(value)).collect()
        };
        let (queries, items) = (whole(&queries), whole(&items));
        let (queries, items) = (Vectors::new(&queries, d).unwrap(), Vectors::new(&items, d).unwrap());
        let found = Scan::new(k).collect(&queries, &items).unwrap();
        let expected = naive(&queries, &items, k, |_, _| true);
        prop_assert_eq!(found.len(), expected.len());
        found.iter().zip(&expected).for_each(|(found, expected)| same(found, expected));
    }
}

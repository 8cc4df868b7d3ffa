//! The index: Annoy's files, recall, determinism, hard inputs.

use crate::made;
use neighbours::annoy::{Forest, Index, Params, Wanted, grow_for_recall, recall};
use neighbours::{Error, Vectors, exact::Scan, npy};
use proptest::prelude::*;
use serde_json::Value;
use std::fs::File;
use std::path::PathBuf;

fn golden(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name)
}

fn golden_vectors() -> npy::Array {
    npy::read(File::open(golden("annoy_vectors.npy")).unwrap()).unwrap()
}

fn bytes(values: &[f32], dimensions: usize, trees: usize) -> Vec<u8> {
    let vectors = Vectors::new(values, dimensions).unwrap();
    let mut out = Vec::new();
    Forest::grow(&vectors, &Params { trees, seed: 42 }).unwrap().write_to(&mut out).unwrap();
    out
}

/// Annoy's exhaustive answers: the same distances, and the same ids but among equals.
fn answers_as_annoy(index: &Index) {
    let golden: Value = serde_json::from_reader(File::open(golden("annoy.json")).unwrap()).unwrap();
    let queries = golden["queries"].as_array().unwrap();
    assert!(!queries.is_empty());
    for query in queries {
        let item = query["item"].as_u64().unwrap() as usize;
        let ids: Vec<u32> = serde_json::from_value(query["ids"].clone()).unwrap();
        let distances: Vec<f32> = serde_json::from_value(query["distances"].clone()).unwrap();
        let found = index.nearest_to_item(item, ids.len(), Some(100_000)).unwrap();
        assert_eq!(found.len(), ids.len());
        for ((found, &id), &distance) in found.iter().zip(&ids).zip(&distances) {
            assert!((found.distance - distance).abs() < 1e-5, "item {item}: {found:?} {distance}");
            let other = index.distance(item, id as usize).unwrap();
            assert!(found.item == id || (other - distance).abs() < 1e-5, "item {item}: {found:?}");
        }
    }
}

#[test]
fn an_index_of_python_is_read() {
    let index = Index::open(golden("annoy_python.ann"), 384).unwrap();
    assert_eq!((index.len(), index.dimensions(), index.trees()), (400, 384, 10));
    let vectors = golden_vectors();
    assert_eq!((vectors.rows, vectors.columns), (400, 384));
    for item in 0..400 {
        assert_eq!(index.vector(item).unwrap(), &vectors.values[item * 384..(item + 1) * 384]);
    }
    answers_as_annoy(&index);
}

#[test]
fn our_index_answers_as_annoy() {
    let vectors = golden_vectors();
    let index = Index::from_bytes(bytes(&vectors.values, 384, 10), 384).unwrap();
    assert_eq!((index.len(), index.trees()), (400, 10));
    answers_as_annoy(&index);
}

#[test]
fn an_independent_reader_opens_our_file() {
    use annoy_rs::{AnnoyIndex, AnnoyIndexSearchApi, IndexType};
    let (rows, dimensions) = (2000, 24);
    let values = made::vectors(rows, dimensions, 30, 1);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::io::Write::write_all(&mut file.as_file(), &bytes(&values, dimensions, 8)).unwrap();
    let ours = Index::open(file.path(), dimensions).unwrap();
    let theirs =
        AnnoyIndex::load(dimensions, file.path().to_str().unwrap(), IndexType::Angular).unwrap();
    assert_eq!(theirs.size, rows);
    for item in (0..rows).step_by(97) {
        assert_eq!(theirs.get_item_vector(item as u64), ours.vector(item).unwrap());
        let query = ours.vector((item + 1) % rows).unwrap().iter().map(|v| v + 0.01);
        let query: Vec<f32> = query.collect();
        let expected = theirs.get_nearest(&query, 10, 1_000_000, true);
        let found = ours.nearest(&query, 10, Some(rows)).unwrap();
        assert_eq!(expected.id_list, found.iter().map(|n| u64::from(n.item)).collect::<Vec<_>>());
        for (expected, found) in expected.distance_list.iter().zip(&found) {
            assert!((expected - found.distance).abs() < 1e-3);
        }
    }
}

#[test]
fn the_file_is_the_same_on_any_number_of_threads() {
    // Enough values for the upper levels of all trees to be grown together.
    let (rows, dimensions) = (20_000, 60);
    let values = made::vectors(rows, dimensions, 100, 2);
    let files = [1, 2, 8].map(|n| made::on_threads(n, || bytes(&values, dimensions, 5)));
    assert!(files[0] == files[1] && files[0] == files[2]);
    // The first trees are the same when there are fewer; then come the copies of the roots.
    let fewer = bytes(&values, dimensions, 3);
    assert!(files[0].starts_with(&fewer[..fewer.len() - 3 * 4 * (3 + dimensions)]));
    let vectors = Vectors::new(&values, dimensions).unwrap();
    let other = Forest::grow(&vectors, &Params { trees: 5, seed: 43 }).unwrap();
    let mut out = Vec::new();
    other.write_to(&mut out).unwrap();
    assert!(files[0] != out, "another seed, other trees");
}

#[test]
fn identical_vectors_are_safe() {
    let values = [0.25f32, -0.5, 1.0, 2.0].repeat(100_000);
    let index = Index::from_bytes(bytes(&values, 4, 3), 4).unwrap();
    assert_eq!(index.len(), 100_000);
    let found = index.nearest(&values[..4], 5, Some(100_000)).unwrap();
    assert_eq!(
        found.iter().map(|n| n.item).collect::<Vec<_>>(),
        [0, 1, 2, 3, 4],
        "lower ids first"
    );
    assert!(found.iter().all(|n| n.distance == 0.0), "{found:?}");
    assert_eq!(index.nearest(&values[..4], 5, None).unwrap().len(), 5);
}

#[test]
fn zero_vectors_have_cosine_zero() {
    let mut values = made::vectors(500, 6, 5, 3);
    values[..60].fill(0.0);
    let index = Index::from_bytes(bytes(&values, 6, 4), 6).unwrap();
    assert_eq!(index.distance(0, 100).unwrap(), 2f32.sqrt());
    let found = index.nearest_to_item(0, 500, None).unwrap();
    assert_eq!(found.len(), 500);
    assert!(found.iter().all(|n| n.distance == 2f32.sqrt()));
    let all_zero = [0f32; 600];
    let index = Index::from_bytes(bytes(&all_zero, 3, 2), 3).unwrap();
    assert_eq!(index.nearest(&[1.0, 0.0, 0.0], 2, Some(200)).unwrap()[0].item, 0);
}

#[test]
fn few_items_or_none_are_an_index_too() {
    for rows in [0, 1, 2, 5, 9] {
        let values = made::vectors(rows, 3, 1, 4);
        let index = Index::from_bytes(bytes(&values, 3, 6), 3).unwrap();
        assert_eq!((index.len(), index.trees()), (rows, 6));
        assert_eq!(index.nearest(&[1.0, 1.0, 0.0], 20, None).unwrap().len(), rows);
    }
}

#[test]
fn what_cannot_be_indexed_is_refused() {
    let refused = |values: &[f32], dimensions| Vectors::new(values, dimensions).unwrap_err();
    for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 1e20] {
        let error = refused(&[1.0, 2.0, 3.0, bad], 2);
        assert!(matches!(error, Error::NotFinite { row: 1 }), "{error}");
    }
    assert!(matches!(refused(&[1.0; 5], 2), Error::Shape { values: 5, dimensions: 2 }));
    assert!(matches!(refused(&[], 0), Error::Parameter { name: "dimensions", .. }));
    let vectors = Vectors::new(&[1.0, 2.0], 2).unwrap();
    for trees in [0, 10_001] {
        let error = Forest::grow(&vectors, &Params { trees, seed: 1 }).unwrap_err();
        assert!(matches!(error, Error::Parameter { name: "trees", .. }), "{error}");
    }
}

#[test]
fn a_wrong_question_is_refused() {
    let index = Index::from_bytes(bytes(&made::vectors(50, 4, 2, 5), 4, 2), 4).unwrap();
    let error = index.nearest(&[1.0; 3], 1, None).unwrap_err();
    assert!(matches!(error, Error::Dimensions { expected: 4, found: 3 }), "{error}");
    assert!(index.nearest(&[f32::NAN; 4], 1, None).is_err());
    let error = index.nearest_to_item(50, 1, None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "item 50 is not in the index, which has 50 items: ids run from 0"
    );
    assert!(index.nearest(&[1.0; 4], 0, None).unwrap().is_empty());
}

#[test]
fn recall_grows_with_the_trees_until_it_is_enough() {
    let (items, queries) = (made::vectors(3000, 16, 60, 6), made::vectors(300, 16, 60, 7));
    let (items, queries) = (Vectors::new(&items, 16).unwrap(), Vectors::new(&queries, 16).unwrap());
    let wanted = Wanted { sample: 200, ..Wanted::default() };
    let grown = grow_for_recall(&items, &queries, &wanted).unwrap();
    assert!(grown.recall >= 0.95 && grown.forest.trees() == grown.index.trees());
    let again = recall(&grown.index, &items, &queries, 10, None, (200, wanted.seed)).unwrap();
    assert_eq!(again, grown.recall);
    let all = recall(&grown.index, &items, &queries, 10, Some(3000), (200, 1)).unwrap();
    assert_eq!(all, 1.0);

    assert_eq!(grown.search_k, 10 * grown.forest.trees());

    let bounded = Wanted { recall: 1.1, most_trees: 5, ..wanted };
    let grown = grow_for_recall(&items, &queries, &bounded).unwrap();
    assert_eq!((grown.forest.trees(), grown.search_k, grown.recall), (5, 3000, 1.0));
}

#[test]
fn where_few_trees_are_too_few_more_items_are_compared() {
    let items = made::vectors(3000, 32, 60, 6);
    // Queries that have nothing to do with the items: no tree leads near.
    let queries = made::vectors(300, 32, 300, 99);
    let (items, queries) = (Vectors::new(&items, 32).unwrap(), Vectors::new(&queries, 32).unwrap());
    let wanted = Wanted { most_trees: 4, ..Wanted::default() };
    let grown = grow_for_recall(&items, &queries, &wanted).unwrap();
    let recall_of = |search_k| {
        recall(&grown.index, &items, &queries, 10, search_k, (500, wanted.seed)).unwrap()
    };
    assert!(recall_of(None) < 0.95);
    assert!(grown.forest.trees() == 4 && grown.search_k > 40 && grown.search_k <= 3000);
    assert!(grown.recall >= 0.95 && grown.recall == recall_of(Some(grown.search_k)));
    assert!(recall_of(Some(grown.search_k * 3 / 4)) < 0.95, "no more than it takes");
}

#[test]
fn of_equal_items_any_is_right() {
    // Every item stands there thirty times, so the ten nearest are some of thirty equal ones.
    let once = made::vectors(100, 16, 20, 6);
    let items = once.repeat(30);
    let queries = made::vectors(50, 16, 20, 7);
    let (items, queries) = (Vectors::new(&items, 16).unwrap(), Vectors::new(&queries, 16).unwrap());
    let wanted = Wanted { recall: 1.0, ..Wanted::default() };
    let grown = grow_for_recall(&items, &queries, &wanted).unwrap();
    assert!(grown.recall == 1.0 && grown.search_k < items.len(), "{grown:?}");
}

#[test]
fn an_index_is_shared_by_threads() {
    fn shared<T: Send + Sync + Clone>(_: &T) {}
    shared(&Index::open(golden("annoy_python.ann"), 384).unwrap());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_whole_search_finds_the_true_neighbours(
        (dimensions, values) in (1usize..9).prop_flat_map(|d| {
            // Few different values: equal vectors, opposite ones and zeros happen.
            let value = prop_oneof![Just(0.0f32), Just(1.0), Just(-1.0), Just(0.5), -1f32..1.0];
            (Just(d), (1usize..200).prop_flat_map(move |n| prop::collection::vec(value.clone(), n * d)))
        }),
        trees in 1usize..5,
    ) {
        let index = Index::from_bytes(bytes(&values, dimensions, trees), dimensions).unwrap();
        let vectors = Vectors::new(&values, dimensions).unwrap();
        let truth = Scan::new(7).collect(&vectors, &vectors).unwrap();
        for (item, truth) in truth.iter().enumerate() {
            let found = index.nearest_to_item(item, 7, Some(index.len())).unwrap();
            prop_assert_eq!(found.len(), truth.len());
            for (found, truth) in found.iter().zip(truth) {
                let expected = (2.0 - 2.0 * truth.cosine).max(0.0).sqrt();
                prop_assert!((found.distance - expected).abs() < 1e-3, "{:?} {:?}", found, truth);
            }
        }
    }
}

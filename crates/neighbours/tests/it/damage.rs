//! Files that are not what they should be: each refused with a reason, and nothing ever panics.

use crate::made;
use neighbours::annoy::{Forest, Index, Params};
use neighbours::{Error, Vectors};
use proptest::prelude::*;

const DIMENSIONS: usize = 6;
const NODE: usize = 4 * (3 + DIMENSIONS);
const ITEMS: usize = 60;

fn file() -> Vec<u8> {
    let values = made::vectors(ITEMS, DIMENSIONS, 4, 1);
    let vectors = Vectors::new(&values, DIMENSIONS).unwrap();
    let mut out = Vec::new();
    Forest::grow(&vectors, &Params { trees: 3, seed: 1 }).unwrap().write_to(&mut out).unwrap();
    out
}

fn open(bytes: Vec<u8>) -> Result<Index, Error> {
    Index::from_bytes(bytes, DIMENSIONS)
}

fn word(bytes: &[u8], node: usize, word: usize) -> u32 {
    let at = node * NODE + 4 * word;
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn set(bytes: &mut [u8], node: usize, word: usize, value: u32) {
    let at = node * NODE + 4 * word;
    bytes[at..at + 4].copy_from_slice(&value.to_le_bytes());
}

fn corrupt(bytes: Vec<u8>) -> (usize, String) {
    match open(bytes) {
        Err(Error::Corrupt { node, problem }) => (node, problem),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let whole = file();
    assert!(open(whole.clone()).is_ok());
    for length in (0..whole.len()).filter(|length| length % 7 == 0 || length % NODE == 0) {
        let error = open(whole[..length].to_vec()).unwrap_err();
        let named = matches!(error, Error::Truncated { .. } | Error::Corrupt { .. });
        assert!(named, "{length}: {error}");
    }
    let error = open(whole[..100].to_vec()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the index is cut or is none: 100 bytes, expected whole nodes of 36 bytes (6 dimensions): \
         fetch the file again or build it anew"
    );
}

#[test]
fn another_dimension_is_named() {
    for other in [1, 3, 5, 7, 15, 384] {
        let error = Index::from_bytes(file(), other).unwrap_err();
        let named =
            matches!(error, Error::OtherDimension { expected, found: 6 } if expected == other);
        assert!(named, "{other}: {error}");
    }
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let error = Index::open(folder.path().join("annoy_index.ann"), 6).unwrap_err();
    assert!(matches!(error, Error::Open { .. }) && error.to_string().contains("annoy_index.ann"));
    let empty = tempfile::NamedTempFile::new().unwrap();
    assert!(matches!(Index::open(empty.path(), 6), Err(Error::Truncated { .. })));
}

#[test]
fn damaged_items_are_refused() {
    let mut bytes = file();
    set(&mut bytes, 5, 4, f32::NAN.to_bits());
    assert_eq!(corrupt(bytes), (5, "its vector is not finite".into()));
    let mut bytes = file();
    set(&mut bytes, 5, 4, 9f32.to_bits());
    assert_eq!(corrupt(bytes).0, 5);
    let mut bytes = file();
    set(&mut bytes, 7, 0, 0);
    assert_eq!(corrupt(bytes), (7, "an item that stands for 0 items, not 1".into()));
}

#[test]
fn damaged_nodes_are_refused() {
    let whole = file();
    let nodes = whole.len() / NODE;
    let (mut buckets, mut splits) = (0, 0);
    for node in ITEMS..nodes - 3 {
        let below = word(&whole, node, 0) as usize;
        if below <= DIMENSIONS + 2 {
            buckets += 1;
            for value in [ITEMS as u32, u32::MAX, word(&whole, node, 1)] {
                let mut bytes = whole.clone();
                set(&mut bytes, node, below, value);
                assert!(below == 1 && value < ITEMS as u32 || corrupt(bytes).0 >= ITEMS);
            }
        } else {
            splits += 1;
            // Out of range, itself, its sibling twice, an item.
            for value in [nodes as u32, u32::MAX, node as u32, word(&whole, node, 1), 0] {
                let mut bytes = whole.clone();
                set(&mut bytes, node, 2, value);
                assert!(open(bytes).is_err(), "child {value} of {node}");
            }
            let mut bytes = whole.clone();
            set(&mut bytes, node, 5, f32::INFINITY.to_bits());
            assert_eq!(corrupt(bytes), (node, "its plane is not finite".into()));
        }
    }
    assert!(buckets > 3 && splits > 3);
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        prop_assert!(open(bytes).is_err());
    }

    #[test]
    fn random_words_never_panic(words in prop::collection::vec(0u32..12, 0..40), d in 1usize..5) {
        let bytes = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        if let Ok(index) = Index::from_bytes(bytes, d) {
            index.nearest(&vec![1.0; d], 3, None).unwrap();
        }
    }

    /// What passes the check after damage is still an index that answers.
    #[test]
    fn a_flipped_bit_never_panics(bits in prop::collection::vec(any::<prop::sample::Index>(), 1..4)) {
        let mut bytes = file();
        for bit in bits {
            let bit = bit.index(bytes.len() * 8);
            bytes[bit / 8] ^= 1 << (bit % 8);
        }
        if let Ok(index) = open(bytes) {
            let found = index.nearest(&[1.0; DIMENSIONS], ITEMS, Some(ITEMS)).unwrap();
            prop_assert_eq!(found.len(), ITEMS);
            prop_assert!(found.iter().all(|n| n.distance.is_finite()));
        }
    }
}

//! Vectors and indexes in the formats of NumPy and Annoy.

use neighbours::{annoy::Index, npy};

/// Dimensions of the vectors in the corpus.
const DIMENSIONS: usize = 4;

/// An index in Annoy's format.
///
/// - One that is taken holds every item once: a search of all items finds each.
/// - Distances go up, and lie between 0 and 2.
/// - It is of the length that it says.
pub fn annoy(bytes: &[u8]) {
    let Ok(index) = Index::from_bytes(bytes.to_vec(), DIMENSIONS) else { return };
    assert_eq!(index.bytes(), bytes.len());
    let items = index.len();
    assert!(items * 4 * DIMENSIONS <= bytes.len(), "more items than bytes");
    for query in [[1.0, -0.5, 0.25, 0.0], [0.0; DIMENSIONS]] {
        let found = index.nearest(&query, items, Some(items)).expect("a query of its dimensions");
        let mut numbers: Vec<u32> = found.iter().map(|n| n.item).collect();
        numbers.sort_unstable();
        assert!(numbers.iter().copied().eq(0..u32::try_from(items).expect("few")), "{numbers:?}");
        let mut least = 0.0;
        for neighbour in found {
            assert!((least..=2.001).contains(&neighbour.distance), "{}", neighbour.distance);
            least = neighbour.distance;
        }
    }
    if items > 0 {
        index.nearest_to_item(items - 1, 1, None).expect("its own item");
    }
}

/// An array in NumPy's format.
///
/// - What is taken has as many values as its shape says, and no more than there were bytes for.
/// - Written again it has the same values, bit by bit, and those bytes are written the same again.
pub fn npy(bytes: &[u8]) {
    let Ok(array) = npy::read(bytes) else { return };
    let npy::Array { values, rows, columns } = &array;
    assert_eq!(rows.checked_mul(*columns), Some(values.len()));
    assert!(values.len() * 4 < bytes.len());
    let written = |array: &npy::Array| {
        let mut writer = npy::Writer::new(Vec::new(), array.rows, array.columns).expect("a shape");
        writer.rows(&array.values).expect("whole rows");
        writer.finish().expect("all rows")
    };
    let once = written(&array);
    let tail = bytes.len() - values.len() * 4;
    assert!(once.ends_with(&bytes[tail..]), "other values");
    assert_eq!(written(&npy::read(&once[..]).expect("what we write, we read")), once);
}

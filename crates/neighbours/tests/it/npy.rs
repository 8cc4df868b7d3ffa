//! NumPy's files.

use neighbours::npy::{Array, Writer, read};
use neighbours::{Error, npy};

fn written(values: &[f32], rows: usize, columns: usize) -> Vec<u8> {
    let mut writer = Writer::new(Vec::new(), rows, columns).unwrap();
    for row in values.chunks(columns.max(1)) {
        writer.rows(row).unwrap();
    }
    writer.finish().unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    match read(bytes) {
        Err(Error::Npy(problem)) => problem,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_bytes_are_numpy_s_own() {
    let bytes = include_bytes!("../golden/annoy_vectors.npy");
    let array = read(&bytes[..]).unwrap();
    assert_eq!((array.rows, array.columns), (400, 384));
    assert_eq!(written(&array.values, 400, 384), bytes);
}

#[test]
fn what_is_written_is_read() {
    for (rows, columns) in [(0, 384), (3, 2), (1, 1), (100_000, 1)] {
        let values: Vec<f32> = (0..rows * columns).map(|i| i as f32 * 0.5 - 1.0).collect();
        let bytes = written(&values, rows, columns);
        assert_eq!((bytes.len() - 4 * values.len()) % 64, 0);
        assert_eq!(read(&bytes[..]).unwrap(), Array { values, rows, columns });
    }
}

#[test]
fn other_arrays_are_refused() {
    let whole = written(&[1.0, 2.0, 3.0, 4.0], 2, 2);
    let changed = |from: &str, to: &str| {
        let text: Vec<u8> = whole.clone();
        let at = text.windows(from.len()).position(|w| w == from.as_bytes()).unwrap();
        let mut text = text;
        text[at..at + to.len()].copy_from_slice(to.as_bytes());
        refusal(&text)
    };
    assert_eq!(changed("<f4", "<f8"), "its values are '<f8', expected '<f4'");
    assert_eq!(changed("<f4", ">f4"), "its values are '>f4', expected '<f4'");
    assert_eq!(changed("False", "True "), "its order is Fortran's");
    assert_eq!(changed("(2, 2)", "(4,)  "), "it has 1 dimensions, expected 2");
    assert_eq!(changed("(2, 2)", "(2, 3)"), "the file is cut: 24 bytes of values expected");
    assert_eq!(changed("(2, 2)", "(2, 1)"), "bytes follow the last row");
    assert_eq!(changed("NUMPY", "NUMPI"), "it does not begin as a .npy file does");
    for length in 0..whole.len() {
        refusal(&whole[..length]);
    }
}

#[test]
fn the_announced_rows_must_be_given() {
    let mut writer = Writer::new(Vec::new(), 2, 3).unwrap();
    assert!(matches!(writer.rows(&[1.0; 4]), Err(Error::Shape { .. })));
    writer.rows(&[1.0; 3]).unwrap();
    assert!(matches!(writer.rows(&[1.0; 6]), Err(Error::Npy(_))));
    assert!(matches!(writer.finish(), Err(Error::Npy(_))));
    let mut header = Vec::new();
    npy::write_header(&mut header, 5, 384).unwrap();
    assert_eq!(header.len(), 128);
}

//! Golden files and small matrices.

use boost::Csr;

pub(crate) fn text(name: &str) -> String {
    let path = format!("{}/tests/golden/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

pub(crate) fn json(name: &str) -> serde_json::Value {
    serde_json::from_str(&text(name)).unwrap()
}

pub(crate) fn floats(value: &serde_json::Value) -> Vec<f32> {
    value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
}

/// The 3,000 golden rows: the first 2,400 to train, the others to test.
pub(crate) fn golden_rows() -> (Csr, Vec<bool>) {
    let (mut indptr, mut indices, mut values) = (vec![0], vec![], vec![]);
    let mut labels = vec![];
    for line in text("xgboost_rows.svm").lines() {
        let mut words = line.split_ascii_whitespace();
        labels.push(words.next().unwrap() == "1");
        for word in words {
            let (column, value) = word.split_once(':').unwrap();
            indices.push(column.parse().unwrap());
            values.push(value.parse().unwrap());
        }
        indptr.push(indices.len());
    }
    (Csr::new(indptr, indices, values, 60).unwrap(), labels)
}

pub(crate) fn range(csr: &Csr, labels: &[bool], rows: std::ops::Range<usize>) -> (Csr, Vec<bool>) {
    let numbers: Vec<usize> = rows.clone().collect();
    (csr.select(&numbers), labels[rows].to_vec())
}

pub(crate) fn assert_close(ours: &[f32], theirs: &[f32], tolerance: f32) {
    assert_eq!(ours.len(), theirs.len());
    for (row, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!((a - b).abs() <= tolerance, "row {row}: {a} against {b}");
    }
}

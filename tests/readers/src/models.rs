//! The files of a match model.

use boost::{Csr, Importance, Model};
use matching::{Block, Decision, Preprocessor};
use text::tfidf::Scratch;

/// Columns up to which a model is tried on rows.
const FEW: usize = 1 << 12;

/// Trees in XGBoost's JSON.
///
/// - A model that is taken is written to bytes that read back to the same bytes.
/// - It gives every row a probability, the same one when written and read again.
/// - Contributions sum to the margin.
pub fn trees(bytes: &[u8]) {
    let Ok(model) = Model::from_json(bytes) else { return };
    let written = |model: &Model| {
        let mut json = Vec::new();
        model.to_json(&mut json).expect("written to memory");
        json
    };
    let once = written(&model);
    let again = Model::from_json(&once[..]).expect("what we write, we read");
    assert_eq!(written(&again), once);
    if model.columns() > FEW {
        return;
    }
    let rows = rows(model.columns());
    let probabilities = model.predict(&rows).expect("rows of its columns");
    let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(&probabilities), bits(&again.predict(&rows).expect("the same columns")));
    assert!(probabilities.iter().all(|p| (0.0..=1.0).contains(p)), "{probabilities:?}");
    assert_eq!(model.importance(Importance::Gain).len(), model.columns());
    let margins = model.predict_margin(&rows).expect("rows of its columns");
    let Ok(contributions) = model.contributions(&rows) else { return };
    for (row, margin) in contributions.chunks(model.columns() + 1).zip(margins) {
        assert!(row.len() == model.columns() + 1 && !margin.is_nan());
    }
}

/// A row without values, one with all of them, and one with every other.
fn rows(columns: usize) -> Csr {
    let columns_of_rows = [columns + 1, 1, 2].map(|step| (0..columns).step_by(step));
    let (mut indptr, mut indices) = (vec![0], Vec::new());
    for (row, columns) in columns_of_rows.into_iter().enumerate() {
        let columns = columns.filter(|_| row > 0).map(|c| u32::try_from(c).expect("few"));
        indices.extend(columns);
        indptr.push(indices.len());
    }
    let values = indices.iter().map(|c| f32::from(*c as u8) / 8.0 - 4.0).collect();
    Csr::new(indptr, indices, values, columns).expect("rows in order")
}

/// `preprocessor.json`.
///
/// - What is taken reads back from its own bytes as the same.
/// - Every column of the matrix has a name.
/// - A text has finite weights, of columns that there are.
pub fn preprocessor(bytes: &[u8]) {
    let Ok(read) = Preprocessor::from_json(bytes) else { return };
    let json = read.to_json().expect("what was read can be written");
    assert_eq!(Preprocessor::from_json(&json).expect("what we write, we read"), read);
    assert_eq!(read.names().len(), read.columns());
    let mut scratch = Scratch::default();
    for block in read.blocks() {
        if let Block::Tfidf { tfidf, .. } = block {
            let row = tfidf.transform("Analista de dados, python e sql; python.", &mut scratch);
            for (column, weight) in row {
                assert!((column as usize) < block.width() && weight.is_finite(), "{weight}");
            }
        }
    }
}

/// `decision.json`.
///
/// - What is taken reads back from its own bytes as the same.
/// - Calibrated probabilities are probabilities, and never fall where raw ones rise.
pub fn decision(bytes: &[u8]) {
    let Ok(read) = Decision::from_json(bytes) else { return };
    let json = read.to_json().expect("what was read can be written");
    assert_eq!(Decision::from_json(&json).expect("what we write, we read"), read);
    let raw: Vec<f32> = (0..=64).map(|i| i as f32 / 64.0).collect();
    let calibrated = read.calibration.apply(&raw);
    assert!(calibrated.iter().all(|p| (0.0..=1.0).contains(p)), "{calibrated:?}");
    assert!(calibrated.is_sorted(), "{calibrated:?}");
}

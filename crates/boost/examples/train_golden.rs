//! Trains on the golden rows and writes what `tests/python/check_model.py` compares with Python's
//! xgboost: `cargo run -p boost --example train_golden -- DIR` makes, for each of two models,
//! `DIR/<name>.json` (the model) and `DIR/<name>.expected.json` (our figures on the test rows).
#![allow(missing_docs, clippy::disallowed_methods)]

use std::fs::File;
use std::io::BufWriter;
use std::ops::ControlFlow;
use std::path::Path;

use boost::{Csr, Dataset, Importance, Model, Params, train};

type Failure = Box<dyn std::error::Error>;

/// Rows of the golden file that are trained on; the others are tested.
const TRAIN: usize = 2400;

fn main() -> Result<(), Failure> {
    let dir = std::env::args().nth(1).ok_or("usage: train_golden DIR")?;
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/xgboost_rows.svm");
    let (rows, labels) = load(&std::fs::read_to_string(golden)?)?;
    let part = |range: std::ops::Range<usize>| rows.select(&range.collect::<Vec<_>>());
    let (train_rows, test_rows) = (part(0..TRAIN), part(TRAIN..labels.len()));
    let data = Dataset::new(&train_rows, &labels[..TRAIN])?;
    let test = Dataset::new(&test_rows, &labels[TRAIN..])?;

    let whole = Params::default().scale_pos_weight(3.678);
    let model = train(data, None, &whole.check()?, &|_| ControlFlow::Continue(()))?;
    let names = (0..rows.columns()).map(|column| format!("título {column}")).collect();
    write(&dir, "whole", &model.with_feature_names(names)?, &test_rows)?;

    let stopped = Params {
        early_stopping_rounds: Some(10),
        subsample: 0.8,
        colsample_bytree: 0.8,
        gamma: 0.1,
        ..Params::default()
    };
    let model = train(data, Some(test), &stopped.check()?, &|_| ControlFlow::Continue(()))?;
    write(&dir, "stopped", &model, &test_rows)
}

fn load(text: &str) -> Result<(Csr, Vec<bool>), Failure> {
    let (mut indptr, mut indices, mut values) = (vec![0], vec![], vec![]);
    let mut labels = vec![];
    for line in text.lines() {
        let mut words = line.split_ascii_whitespace();
        labels.push(words.next().ok_or("empty line")? == "1");
        for word in words {
            let (column, value) = word.split_once(':').ok_or("entry without a colon")?;
            indices.push(column.parse()?);
            values.push(value.parse()?);
        }
        indptr.push(indices.len());
    }
    Ok((Csr::new(indptr, indices, values, 60)?, labels))
}

fn write(dir: &str, name: &str, model: &Model, rows: &Csr) -> Result<(), Failure> {
    let create = |file: String| File::create(Path::new(dir).join(file)).map(BufWriter::new);
    model.to_json(create(format!("{name}.json"))?)?;
    let expected = serde_json::json!({
        "probabilities": model.predict(rows)?,
        "margins": model.predict_margin(rows)?,
        "contributions": model.contributions(rows)?,
        "gain": model.importance(Importance::Gain),
        "cover": model.importance(Importance::Cover),
        "weight": model.importance(Importance::Weight),
        "best_iteration": model.best().map(|best| best.iteration),
        "base_score": model.base_score(),
    });
    Ok(serde_json::to_writer(create(format!("{name}.expected.json"))?, &expected)?)
}

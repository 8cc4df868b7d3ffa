//! The matrix equals scikit-learn's (`tests/golden/classic.py`).

use matching::{Config, Split, dataset::Dataset, fit};
use serde::Deserialize;
use stage::Silent;

use crate::fixture::{Row, Rows, tables};

#[derive(Deserialize)]
struct Golden {
    config: serde_json::Value,
    people: Vec<Row>,
    jobs: Vec<Row>,
    applications: Vec<Row>,
    names: Vec<String>,
    labels: Parts<Vec<bool>>,
    rows: Parts<Vec<Vec<(u32, f64)>>>,
}

#[derive(Deserialize)]
struct Parts<T> {
    train: T,
    test: T,
}

#[test]
fn matrix_is_that_of_scikit_learn() {
    let golden: Golden = serde_json::from_str(include_str!("../golden/classic.json")).unwrap();
    let rows = Rows {
        people: golden.people,
        jobs: golden.jobs,
        applications: golden.applications,
        groups: vec![],
    };
    let mut config: Config = stage::parse_config("matching", &golden.config).unwrap();
    config.check().unwrap();
    config.min_texts = 1;
    config.boost.n_estimators = 2;
    let tables = tables(&rows);
    let dataset = Dataset::read(&tables, &config.positive).unwrap();
    let fitted = fit::fit(&tables, &dataset, &config, Split::Candidate, &Silent).unwrap();

    let escape = |name: &String| {
        name.replace('%', "%25").replace('[', "%5B").replace(']', "%5D").replace('<', "%3C")
    };
    let names: Vec<_> = golden.names.iter().map(escape).collect();
    assert_eq!(fitted.preprocessor.names(), names);
    assert_eq!(fitted.model.feature_names(), names);
    for (part, labels, rows) in [
        (&fitted.train, &golden.labels.train, &golden.rows.train),
        (&fitted.test, &golden.labels.test, &golden.rows.test),
    ] {
        assert_eq!(&part.labels, labels);
        assert_eq!(part.rows.rows(), rows.len());
        for (row, expected) in rows.iter().enumerate() {
            let (columns, values) = part.rows.row(row);
            assert!(columns.iter().eq(expected.iter().map(|(column, _)| column)), "row {row}");
            for (value, (column, expected)) in values.iter().zip(expected) {
                assert!((f64::from(*value) - expected).abs() < 1e-6, "row {row}, column {column}");
            }
        }
    }
}

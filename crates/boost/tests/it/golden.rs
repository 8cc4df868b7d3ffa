//! Against what Python's xgboost 3.2 computes.

use std::ops::ControlFlow;

use boost::{Csr, Dataset, Importance, Model, Params, metrics, train};

use crate::fixture::{assert_close, floats, golden_rows, json, range, text};

fn golden_params() -> Params {
    let spw = json("xgboost.json")["params"]["scale_pos_weight"].as_f64().unwrap();
    Params::default().scale_pos_weight(spw)
}

#[test]
fn reads_predictions_of_python() {
    let (rows, labels) = golden_rows();
    let (test, _) = range(&rows, &labels, 2400..3000);
    let model = Model::from_json(text("xgboost_model.json").as_bytes()).unwrap();
    let expected = floats(&json("xgboost.json")["predict_proba"]);
    assert_close(&model.predict(&test).unwrap(), &expected, 1e-6);
    assert_eq!((model.trees(), model.columns(), model.base_score()), (300, 60, 0.5));
}

#[test]
fn rows_on_thresholds_go_where_python_sends_them() {
    let golden = json("xgboost_base_score.json");
    let (mut indptr, mut indices, mut values) = (vec![0], vec![], vec![]);
    for row in golden["rows"].as_array().unwrap() {
        for entry in row.as_array().unwrap() {
            indices.push(entry[0].as_u64().unwrap() as u32);
            values.push(entry[1].as_f64().unwrap() as f32);
        }
        indptr.push(indices.len());
    }
    let on_thresholds = Csr::new(indptr, indices, values, 60).unwrap();
    let model = Model::from_json(text("xgboost_base_score_model.json").as_bytes()).unwrap();
    let expected = floats(&golden["predict_proba"]);
    assert_close(&model.predict(&on_thresholds).unwrap(), &expected, 1e-6);

    let (rows, labels) = golden_rows();
    let (test, _) = range(&rows, &labels, 2400..3000);
    let expected = floats(&golden["test_rows_predict_proba"]);
    assert_close(&model.predict(&test).unwrap(), &expected, 1e-6);
    assert_eq!(model.base_score(), 0.08);
}

#[test]
fn trains_as_well_as_python() {
    let golden = json("xgboost.json");
    let (rows, labels) = golden_rows();
    let (train_rows, train_labels) = range(&rows, &labels, 0..2400);
    let (test_rows, test_labels) = range(&rows, &labels, 2400..3000);
    for max_bin in [64, 256] {
        let params = golden_params().max_bin(max_bin).check().unwrap();
        let data = Dataset::new(&train_rows, &train_labels).unwrap();
        let model = train(data, None, &params, &|_| ControlFlow::Continue(())).unwrap();
        let p = model.predict(&test_rows).unwrap();
        let ours = [
            metrics::auc(&p, &test_labels),
            metrics::average_precision(&p, &test_labels),
            -metrics::log_loss(&p, &test_labels),
        ];
        let theirs = ["auc", "pr_auc", "logloss"].map(|k| golden[k].as_f64().unwrap());
        println!("max_bin {max_bin}: {ours:?} against {theirs:?}");
        for (ours, theirs) in ours.iter().zip([theirs[0], theirs[1], -theirs[2]]) {
            assert!(*ours > theirs - 0.005, "max_bin {max_bin}: {ours} against {theirs}");
        }
        assert!((model.base_score() - 0.5).abs() < 1e-6, "{}", model.base_score());
    }
}

#[test]
fn metrics_equal_scikit_learn_on_the_golden_predictions() {
    let golden = json("xgboost.json");
    let (_, labels) = golden_rows();
    let (p, y) = (floats(&golden["predict_proba"]), &labels[2400..]);
    let expected = |key: &str| golden[key].as_f64().unwrap();
    assert!((metrics::auc(&p, y) - expected("auc")).abs() < 1e-9);
    assert!((metrics::average_precision(&p, y) - expected("pr_auc")).abs() < 1e-9);
    assert!((metrics::log_loss(&p, y) - expected("logloss")).abs() < 1e-6);
}

/// XGBoost's `get_score` of the golden model.
#[test]
fn importance_equals_get_score() {
    let model = Model::from_json(text("xgboost_model.json").as_bytes()).unwrap();
    let golden = json("xgboost_importance.json");
    for (kind, name) in [
        (Importance::Weight, "weight"),
        (Importance::Gain, "gain"),
        (Importance::Cover, "cover"),
        (Importance::TotalGain, "total_gain"),
        (Importance::TotalCover, "total_cover"),
    ] {
        let expected = golden[name].as_object().unwrap();
        for (column, ours) in model.importance(kind).into_iter().enumerate() {
            let theirs = expected.get(&format!("f{column}")).map_or(0.0, |x| x.as_f64().unwrap());
            assert!((ours - theirs).abs() <= 1e-5 * theirs, "{name} {column}: {ours} {theirs}");
        }
    }
}

//! What training promises.

use std::ops::ControlFlow;

use boost::{Csr, Dataset, Error, Model, Params, metrics, train};

use crate::fixture::{golden_rows, range};

fn bytes(model: &Model) -> Vec<u8> {
    let mut out = vec![];
    model.to_json(&mut out).unwrap();
    out
}

fn trained(params: Params, threads: usize) -> Model {
    let (rows, labels) = golden_rows();
    let (train_rows, train_labels) = range(&rows, &labels, 0..2400);
    let (valid_rows, valid_labels) = range(&rows, &labels, 2400..3000);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let data = Dataset::new(&train_rows, &train_labels).unwrap();
    let valid = Dataset::new(&valid_rows, &valid_labels).unwrap();
    let params = params.check().unwrap();
    pool.install(|| train(data, Some(valid), &params, &|_| ControlFlow::Continue(()))).unwrap()
}

#[test]
fn same_bytes_whatever_the_threads() {
    for params in [
        Params::default().n_estimators(20).scale_pos_weight(3.0),
        Params { subsample: 0.7, colsample_bytree: 0.5, ..Params::default().n_estimators(20) },
    ] {
        let one = bytes(&trained(params.clone(), 1));
        for threads in [2, 5] {
            assert!(one == bytes(&trained(params.clone(), threads)), "{threads} threads differ");
        }
    }
}

#[test]
fn sampling_follows_the_seed() {
    let base =
        Params { subsample: 0.5, colsample_bytree: 0.5, ..Params::default().n_estimators(3) };
    let other = Params { seed: 7, ..base.clone() };
    assert_ne!(bytes(&trained(base, 1)), bytes(&trained(other, 1)));
}

#[test]
fn sampled_trees_still_learn() {
    let (rows, labels) = golden_rows();
    let (test, test_labels) = range(&rows, &labels, 2400..3000);
    let sampled =
        Params { subsample: 0.6, colsample_bytree: 0.6, ..Params::default().n_estimators(150) };
    let p = trained(sampled, 2).predict(&test).unwrap();
    assert!(metrics::auc(&p, &test_labels) > 0.87, "{}", metrics::auc(&p, &test_labels));
}

#[test]
fn early_stopping_keeps_the_best_round() {
    let params = Params {
        early_stopping_rounds: Some(10),
        ..Params::default().learning_rate(0.3).scale_pos_weight(2.0)
    };
    let model = trained(params, 2);
    let best = model.best().unwrap();
    assert_eq!(model.trees(), best.iteration + 1);
    assert!(model.trees() < 200, "{}", model.trees());
    // The loss that stopped it is the loss of the model that is left.
    let (rows, labels) = golden_rows();
    let (valid, valid_labels) = range(&rows, &labels, 2400..3000);
    let loss = metrics::log_loss(&model.predict(&valid).unwrap(), &valid_labels);
    assert_eq!(loss, best.validation_loss);
    assert_eq!(Model::from_json(&bytes(&model)[..]).unwrap().best(), Some(best));
}

#[test]
fn progress_is_told_each_round() {
    let (rows, labels) = golden_rows();
    let rounds = std::cell::RefCell::new(vec![]);
    let data = Dataset::new(&rows, &labels).unwrap();
    let params = Params::default().n_estimators(4).check().unwrap();
    let watch = |round| {
        rounds.borrow_mut().push(round);
        ControlFlow::Continue(())
    };
    train(data, Some(data), &params, &watch).unwrap();
    let rounds = rounds.into_inner();
    assert_eq!(
        rounds.iter().map(|r| (r.done, r.of)).collect::<Vec<_>>(),
        [(1, 4), (2, 4), (3, 4), (4, 4)]
    );
    let losses: Vec<f64> = rounds.iter().map(|r| r.validation_loss.unwrap()).collect();
    assert!(losses.windows(2).all(|w| w[1] < w[0]), "{losses:?}");
}

#[test]
fn gamma_and_min_child_weight_prune() {
    let nodes = |params: Params| bytes(&trained(params.n_estimators(5), 1)).len();
    let free = nodes(Params::default());
    assert!(nodes(Params { gamma: 5.0, ..Params::default() }) < free);
    assert!(nodes(Params { min_child_weight: 20.0, ..Params::default() }) < free);
    assert!(nodes(Params { lambda: 50.0, ..Params::default() }) < free);
}

#[test]
fn training_that_leaves_the_finite_numbers_fails_by_name() {
    let (rows, labels) = golden_rows();
    let data = Dataset::new(&rows, &labels).unwrap();
    for params in [
        Params { learning_rate: 1e308, ..Params::default() },
        Params::default().scale_pos_weight(1e308),
    ] {
        let params = params.n_estimators(5).check().unwrap();
        let error = train(data, None, &params, &|_| ControlFlow::Continue(())).unwrap_err();
        assert!(matches!(error, Error::Diverged { .. }), "{error}");
    }
}

#[test]
fn a_caller_stops_the_training_between_two_trees() {
    let (rows, labels) = golden_rows();
    let params = Params::default().n_estimators(5).check().unwrap();
    let grown = std::cell::Cell::new(0);
    let third = |round: boost::Round| {
        grown.set(round.done);
        if round.done < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let stopped = train(Dataset::new(&rows, &labels).unwrap(), None, &params, &third);
    assert!(matches!(stopped, Err(Error::Cancelled)));
    assert_eq!(grown.get(), 3);
}

#[test]
fn missing_goes_where_it_belongs() {
    // A row that misses the column is positive, as is one with a great value.
    let (mut indptr, mut indices, mut values, mut labels) = (vec![0], vec![], vec![], vec![]);
    for i in 0..300 {
        if i % 3 > 0 {
            indices.push(0);
            values.push(i as f32);
        }
        labels.push(i % 3 == 0 || i > 250);
        indptr.push(indices.len());
    }
    let rows = Csr::new(indptr, indices, values, 1).unwrap();
    let params = Params::default().learning_rate(0.3).n_estimators(30).max_depth(2);
    let data = Dataset::new(&rows, &labels).unwrap();
    let model =
        train(data, None, &params.check().unwrap(), &|_| ControlFlow::Continue(())).unwrap();
    assert!(metrics::auc(&model.predict(&rows).unwrap(), &labels) > 0.995);
}

#[test]
fn columns_without_values_and_rows_without_entries() {
    let labels: Vec<bool> = (0..40).map(|i| i % 4 == 0).collect();
    let rows = Csr::new(vec![0; 41], vec![], vec![], 5).unwrap();
    let params = Params::default().n_estimators(2).check().unwrap();
    let data = Dataset::new(&rows, &labels).unwrap();
    let model = train(data, None, &params, &|_| ControlFlow::Continue(())).unwrap();
    assert!(model.predict(&rows).unwrap().iter().all(|p| (p - 0.25).abs() < 1e-6));
    let none = Csr::new(vec![0], vec![], vec![], 5).unwrap();
    assert_eq!(model.predict(&none).unwrap(), Vec::<f32>::new());
}

#[test]
fn refuses_what_cannot_be_trained_or_predicted() {
    let rows = Csr::new(vec![0, 1, 1], vec![0], vec![1.0], 1).unwrap();
    let wide = Csr::new(vec![0, 1, 1], vec![0], vec![1.0], 2).unwrap();
    let params = Params::default().check().unwrap();
    let fit = |labels: &[bool]| {
        train(Dataset::new(&rows, labels)?, None, &params, &|_| ControlFlow::Continue(()))
    };
    assert_eq!(
        fit(&[true, true]).unwrap_err().to_string(),
        "labels must hold both classes, found 2 positives in 2 rows"
    );
    assert_eq!(fit(&[true]).unwrap_err().to_string(), "labels: expected length 2, found 1");
    let model = fit(&[true, false]).unwrap();
    assert!(matches!(model.predict(&wide), Err(Error::Columns { expected: 1, found: 2 })));
    let data = Dataset::new(&rows, &[true, false]).unwrap();
    let other = Dataset::new(&wide, &[true, false]).unwrap();
    assert!(matches!(
        train(data, Some(other), &params, &|_| ControlFlow::Continue(())),
        Err(Error::Columns { .. })
    ));
    let stop = Params { early_stopping_rounds: Some(1), ..Params::default() }.check().unwrap();
    assert!(matches!(
        train(data, None, &stop, &|_| ControlFlow::Continue(())),
        Err(Error::NoValidation)
    ));
    let named = |names: &[&str]| {
        let names = names.iter().map(|n| n.to_string()).collect();
        model.clone().with_feature_names(names)
    };
    assert!(named(&["a", "b"]).unwrap_err().to_string().contains("expected length 1, found 2"));
    assert!(named(&["a<b"]).unwrap_err().to_string().contains("refuses"));
    assert_eq!(named(&["á b"]).unwrap().feature_names(), ["á b"]);
}

/// 16 bits do not number the bins of such a matrix, so its columns stand in two blocks.
#[test]
fn more_bins_than_16_bits_number() {
    const COLUMNS: usize = 70;
    let rows = 1100;
    let (mut values, mut labels) = (vec![], vec![]);
    for row in 0..rows {
        values.extend((0..COLUMNS).map(|c| ((row * (2 * c + 7) + c) % 1009) as f32));
        labels.push((1..3).any(|c| values[values.len() - c] > 600.0));
    }
    let indptr = (0..=rows).map(|row| row * COLUMNS).collect();
    let indices = (0..rows).flat_map(|_| 0..COLUMNS as u32).collect();
    let matrix = Csr::new(indptr, indices, values, COLUMNS).unwrap();
    let params = Params::default().max_bin(1024).n_estimators(10).max_depth(3).learning_rate(0.5);
    let data = Dataset::new(&matrix, &labels).unwrap();
    let model =
        train(data, Some(data), &params.check().unwrap(), &|_| ControlFlow::Continue(())).unwrap();
    let auc = metrics::auc(&model.predict(&matrix).unwrap(), &labels);
    assert!(auc > 0.999, "{auc}");
    let gain = model.importance(boost::Importance::TotalGain);
    assert!(gain[COLUMNS - 2..].iter().sum::<f64>() > 0.9 * gain.iter().sum::<f64>());
}

/// The validation loss is that of the trees' own predictions: bins and thresholds agree.
#[test]
fn binned_rows_go_where_raw_rows_go() {
    let (rows, labels) = golden_rows();
    let (train_rows, train_labels) = range(&rows, &labels, 0..1500);
    let (valid_rows, valid_labels) = range(&rows, &labels, 1500..3000);
    let last = std::cell::Cell::new(None);
    let params = Params { subsample: 0.5, ..Params::default().n_estimators(30).max_bin(16) };
    let data = Dataset::new(&train_rows, &train_labels).unwrap();
    let valid = Dataset::new(&valid_rows, &valid_labels).unwrap();
    let params = params.check().unwrap();
    let watch = |round: boost::Round| {
        last.set(round.validation_loss);
        ControlFlow::Continue(())
    };
    let model = train(data, Some(valid), &params, &watch).unwrap();
    let loss = metrics::log_loss(&model.predict(&valid_rows).unwrap(), &valid_labels);
    assert_eq!(last.get(), Some(loss));
}

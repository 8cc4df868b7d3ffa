//! Contributions, against Python, against the definition, and in their sum.

use std::ops::ControlFlow;

use boost::{Csr, Dataset, Model, Params, train};
use proptest::prelude::*;

use crate::fixture::{assert_close, floats, golden_rows, json, range, text};

#[test]
fn equal_pred_contribs() {
    let model = Model::from_json(text("xgboost_model.json").as_bytes()).unwrap();
    let (rows, labels) = golden_rows();
    let (rows, _) = range(&rows, &labels, 2400..2410);
    let expected: Vec<f32> = json("xgboost_contributions.json")["contributions"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(floats)
        .collect();
    assert_close(&model.contributions(&rows).unwrap(), &expected, 1e-4);
}

/// The margin of a row when only the columns in `known` are: both sides of other splits by cover.
fn expectation(tree: &serde_json::Value, node: usize, row: &[f32], known: u32) -> f64 {
    let at = |array: &str, node: usize| tree[array][node].as_f64().unwrap();
    if at("left_children", node) < 0.0 {
        return at("split_conditions", node);
    }
    let (left, right) = (at("left_children", node) as usize, at("right_children", node) as usize);
    let feature = at("split_indices", node) as usize;
    let below = |child| expectation(tree, child, row, known);
    if known >> feature & 1 == 1 {
        let value = row[feature];
        let default = at("default_left", node) == 1.0;
        let threshold = at("split_conditions", node) as f32;
        let goes_left = if value.is_nan() { default } else { value < threshold };
        return below(if goes_left { left } else { right });
    }
    let (a, b) = (at("sum_hessian", left), at("sum_hessian", right));
    (a * below(left) + b * below(right)) / (a + b)
}

/// Shapley values by their definition, over all 2ⁿ sets of columns.
fn by_definition(model: &serde_json::Value, row: &[f32]) -> Vec<f64> {
    let n = row.len();
    let trees = model["learner"]["gradient_booster"]["model"]["trees"].as_array().unwrap();
    let worth: Vec<f64> = (0..1u32 << n)
        .map(|known| trees.iter().map(|tree| expectation(tree, 0, row, known)).sum())
        .collect();
    let factorial = |k: u32| (1..=k).map(f64::from).product::<f64>();
    let all = n as u32;
    (0..n)
        .map(|i| {
            let without = (0..1u32 << n).filter(|set| set >> i & 1 == 0);
            without
                .map(|set| {
                    let k = set.count_ones();
                    let weight = factorial(k) * factorial(all - k - 1) / factorial(all);
                    weight * (worth[set as usize | 1 << i] - worth[set as usize])
                })
                .sum()
        })
        .collect()
}

/// Rows of `columns` columns, about a third missing, and labels that depend on them.
fn matrix(columns: usize) -> impl Strategy<Value = (Csr, Vec<bool>)> {
    let value = prop::option::weighted(0.7, 0u8..20);
    prop::collection::vec((prop::collection::vec(value, columns), 0u8..10), 60..120).prop_map(
        move |table| {
            let (mut indptr, mut indices, mut values) = (vec![0], vec![], vec![]);
            let mut labels = vec![];
            for (i, (row, noise)) in table.iter().enumerate() {
                for (column, value) in row.iter().enumerate() {
                    if let Some(value) = value {
                        indices.push(column as u32);
                        values.push(f32::from(*value));
                    }
                }
                indptr.push(indices.len());
                let score = row[0].unwrap_or(9) + row[1].map_or(3, |v| v / 2) + noise;
                labels.push(if i < 2 { i == 0 } else { score > 18 });
            }
            (Csr::new(indptr, indices, values, columns).unwrap(), labels)
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn are_the_shapley_values((rows, labels) in matrix(6), depth in 1usize..11) {
        let params = Params { min_child_weight: 0.1, ..Params::default() };
        let params = params.n_estimators(3).max_depth(depth).learning_rate(0.7).check().unwrap();
        let data = Dataset::new(&rows, &labels).unwrap();
        let model = train(data, None, &params, &|_| ControlFlow::Continue(())).unwrap();
        let few = rows.select(&[0, 1, 2]);
        let ours = model.contributions(&few).unwrap();
        let mut text = vec![];
        model.to_json(&mut text).unwrap();
        let document: serde_json::Value = serde_json::from_slice(&text).unwrap();
        for (row, ours) in ours.chunks(7).enumerate() {
            let mut dense = [f32::NAN; 6];
            let (indices, values) = few.row(row);
            indices.iter().zip(values).for_each(|(&c, &v)| dense[c as usize] = v);
            for (a, b) in ours.iter().zip(by_definition(&document, &dense)) {
                prop_assert!((f64::from(*a) - b).abs() < 1e-5, "{ours:?} {b}");
            }
        }
    }

    #[test]
    fn sum_to_the_margin((rows, labels) in matrix(4), depth in 1usize..17) {
        let params = Params { lambda: 0.1, min_child_weight: 0.01, ..Params::default() };
        let params = params.n_estimators(20).max_depth(depth).check().unwrap();
        let data = Dataset::new(&rows, &labels).unwrap();
        let model = train(data, None, &params, &|_| ControlFlow::Continue(())).unwrap();
        let margins = model.predict_margin(&rows).unwrap();
        for (parts, margin) in model.contributions(&rows).unwrap().chunks(5).zip(margins) {
            let sum: f64 = parts.iter().map(|&part| f64::from(part)).sum();
            prop_assert!((sum - f64::from(margin)).abs() < 1e-5, "{sum} {margin}");
        }
    }
}

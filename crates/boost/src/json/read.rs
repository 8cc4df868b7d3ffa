//! JSON to model. What is read was written by others: everything is checked before it is used.

use std::io::Read;
use std::str::FromStr;

use super::*;
use crate::model::{Best, Header};
use crate::tree::{Node, NodeKind, NodeSplit, Tree};
use crate::{Error, Model};

impl Model {
    /// Reads a model in XGBoost's JSON schema (1.0 to 3.2): booster `gbtree`, objective
    /// `binary:logistic`, numerical splits. All trees are kept, as `Booster.predict` uses them, even
    /// where early stopping left some behind the best round.
    ///
    /// # Errors
    /// [`Error::Json`] if it is not such JSON, [`Error::Unsupported`] for other kinds of model,
    /// [`Error::Field`] and [`Error::Length`] for broken headers, [`Error::Tree`] for broken trees.
    pub fn from_json(reader: impl Read) -> Result<Self, Error> {
        // serde_json is fast on slices only.
        let mut text = Vec::new();
        let mut reader = reader;
        reader.read_to_end(&mut text).map_err(serde_json::Error::io)?;
        model(serde_json::from_slice(&text)?)
    }
}

fn model(document: Document) -> Result<Model, Error> {
    let Learner { attributes, gradient_booster, learner_model_param: param, objective, .. } =
        document.learner;
    supported("booster", "gbtree", &gradient_booster.name, &["gbtree"])?;
    supported("objective", "binary:logistic", &objective.name, &["binary:logistic"])?;
    supported("num_class", "0", &param.num_class, &["0", "1"])?;
    supported("num_target", "1", &param.num_target, &["0", "1"])?;
    let Some(booster) = gradient_booster.model else {
        return Err(Error::Length { what: "gradient_booster.model", expected: 1, found: 0 });
    };
    let forest = &booster.gbtree_model_param;
    supported("num_parallel_tree", "1", &forest.num_parallel_tree, &["0", "1"])?;
    if !booster.cats.enc.is_empty() {
        let found = "category names".to_owned();
        return Err(Error::Unsupported { what: "cats", expected: "no categories", found });
    }
    let num_trees = number("num_trees", "a count", &forest.num_trees)?;
    length("trees", num_trees, booster.trees.len())?;
    length("tree_info", num_trees, booster.tree_info.len())?;
    let columns: usize = number("num_feature", "a count", &param.num_feature)?;
    if columns > i32::MAX as usize {
        return Err(Error::TooLarge { what: "columns", limit: i32::MAX as usize, found: columns });
    }
    let (feature_names, feature_types) =
        (document.learner.feature_names, document.learner.feature_types);
    for (what, list) in [("feature_names", &feature_names), ("feature_types", &feature_types)] {
        if !list.is_empty() {
            length(what, columns, list.len())?;
        }
    }
    let mut trees = Vec::with_capacity(num_trees);
    for (at, arrays) in booster.trees.into_iter().enumerate() {
        trees.push(tree(at, &arrays, columns)?);
    }
    let header = Header {
        columns,
        base_score: base_score(&param.base_score)?,
        scale_pos_weight: number(
            "scale_pos_weight",
            "a number",
            &objective.reg_loss_param.scale_pos_weight,
        )?,
        feature_names,
        feature_types,
        best: best(&attributes)?,
    };
    Ok(Model::from_parts(trees, header))
}

fn supported(
    what: &'static str,
    expected: &'static str,
    found: &str,
    allowed: &[&str],
) -> Result<(), Error> {
    if allowed.contains(&found) {
        return Ok(());
    }
    Err(Error::Unsupported { what, expected, found: found.to_owned() })
}

fn length(what: &'static str, expected: usize, found: usize) -> Result<(), Error> {
    if expected == found { Ok(()) } else { Err(Error::Length { what, expected, found }) }
}

fn number<T: FromStr>(field: &'static str, expected: &'static str, text: &str) -> Result<T, Error> {
    text.parse().map_err(|_| Error::Field { field, expected, found: text.to_owned() })
}

/// `[8E-2]` since XGBoost 3, `8E-2` before.
fn base_score(text: &str) -> Result<f32, Error> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
    let expected = "one probability strictly between 0 and 1";
    let score: f32 = number("base_score", expected, bare)?;
    if score > 0.0 && score < 1.0 {
        return Ok(score);
    }
    Err(Error::Field { field: "base_score", expected, found: text.to_owned() })
}

fn best(attributes: &BTreeMap<String, String>) -> Result<Option<Best>, Error> {
    let (Some(iteration), Some(score)) =
        (attributes.get("best_iteration"), attributes.get("best_score"))
    else {
        return Ok(None);
    };
    Ok(Some(Best {
        iteration: number("best_iteration", "a count", iteration)?,
        validation_loss: number("best_score", "a number", score)?,
    }))
}

fn tree(at: usize, a: &TreeArrays, columns: usize) -> Result<Tree, Error> {
    let fail = |node: usize, problem: String| Err(Error::Tree { tree: at, node, problem });
    supported("size_leaf_vector", "1", &a.tree_param.size_leaf_vector, &["0", "1"])?;
    let n: usize = number("num_nodes", "a count", &a.tree_param.num_nodes)?;
    let deleted: usize = number("num_deleted", "a count", &a.tree_param.num_deleted)?;
    for (name, found) in [
        ("base_weights", a.base_weights.len()),
        ("default_left", a.default_left.len()),
        ("left_children", a.left_children.len()),
        ("right_children", a.right_children.len()),
        ("loss_changes", a.loss_changes.len()),
        ("parents", a.parents.len()),
        ("split_conditions", a.split_conditions.len()),
        ("split_indices", a.split_indices.len()),
        ("sum_hessian", a.sum_hessian.len()),
        ("split_type", if a.split_type.is_empty() { n } else { a.split_type.len() }),
    ] {
        if found != n {
            return fail(0, format!("expected {n} entries in {name}, found {found}"));
        }
    }
    if n == 0 {
        return fail(0, "expected at least one node, found none".to_owned());
    }
    if let Some(node) = a.split_type.iter().position(|&kind| kind != 0) {
        return fail(node, "expected a numerical split, found a categorical one".to_owned());
    }
    // Breadth first from the root; `order[i]` is the number in the file of our node `i`.
    let mut seen = vec![false; n];
    seen[0] = true;
    let mut order = vec![0usize];
    let mut nodes = Vec::with_capacity(n);
    while let Some(&node) = order.get(nodes.len()) {
        let (left, right) = (a.left_children[node], a.right_children[node]);
        let condition = a.split_conditions[node];
        let (weight, cover) = (a.base_weights[node], a.sum_hessian[node]);
        if ![condition, weight, cover, a.loss_changes[node]].iter().all(|x| x.is_finite()) {
            return fail(node, "expected finite numbers, found NaN or infinity".to_owned());
        }
        if left == -1 && right == -1 {
            nodes.push(Node { kind: NodeKind::Leaf { value: condition }, cover, weight });
            continue;
        }
        let feature = a.split_indices[node];
        if feature as usize >= columns {
            return fail(node, format!("expected a feature below {columns}, found {feature}"));
        }
        let place = order.len() as u32;
        for child in [left, right] {
            match usize::try_from(child).ok().filter(|&c| c < n) {
                None => return fail(node, format!("expected children below {n}, found {child}")),
                Some(c) if seen[c] => {
                    return fail(node, format!("child {child} already has a parent"));
                }
                Some(c) if a.parents[c] != node as i64 => {
                    let parent = a.parents[c];
                    return fail(c, format!("expected parent {node}, found {parent}"));
                }
                Some(c) => {
                    seen[c] = true;
                    order.push(c);
                }
            }
        }
        let split = NodeSplit {
            feature,
            threshold: condition,
            default_left: a.default_left[node] == 1,
            gain: a.loss_changes[node],
            left: place,
            right: place + 1,
        };
        nodes.push(Node { kind: NodeKind::Split(split), cover, weight });
    }
    if nodes.len() + deleted != n {
        let reached = nodes.len();
        return fail(0, format!("{n} nodes, {deleted} of them deleted, but {reached} reached"));
    }
    Ok(Tree { nodes })
}

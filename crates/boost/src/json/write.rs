//! Model to JSON.

use std::collections::{BTreeMap, VecDeque};
use std::io::Write;

use super::*;
use crate::tree::{NodeKind, Tree};
use crate::{Error, Model};

impl Model {
    /// Writes the model in XGBoost's JSON schema (version 3.2); `Booster.load_model` and
    /// `XGBClassifier.load_model` read it. The same model gives the same bytes.
    ///
    /// # Errors
    /// [`Error::Json`] if `writer` fails.
    pub fn to_json(&self, writer: impl Write) -> Result<(), Error> {
        Ok(serde_json::to_writer(writer, &document(self))?)
    }
}

fn document(model: &Model) -> Document {
    let header = &model.header;
    let num_feature = header.columns.to_string();
    let classifier = r#"{"_estimator_type": "classifier"}"#.to_owned();
    let mut attributes = BTreeMap::from([("scikit_learn".to_owned(), classifier)]);
    if let Some(best) = header.best {
        attributes.insert("best_iteration".to_owned(), best.iteration.to_string());
        attributes.insert("best_score".to_owned(), best.validation_loss.to_string());
    }
    let trees = &model.trees;
    let gradient_booster = Booster {
        name: "gbtree".to_owned(),
        model: Some(BoosterModel {
            cats: Categories::default(),
            gbtree_model_param: BoosterParam {
                num_parallel_tree: one(),
                num_trees: trees.len().to_string(),
            },
            iteration_indptr: (0..=trees.len()).collect(),
            tree_info: vec![0; trees.len()],
            trees: trees.iter().enumerate().map(|(id, t)| arrays(id, t, &num_feature)).collect(),
        }),
    };
    let learner = Learner {
        attributes,
        feature_names: header.feature_names.clone(),
        feature_types: header.feature_types.clone(),
        gradient_booster,
        learner_model_param: LearnerParam {
            base_score: format!("[{:E}]", header.base_score),
            boost_from_average: one(),
            num_class: zero(),
            num_feature,
            num_target: one(),
        },
        objective: Objective {
            name: "binary:logistic".to_owned(),
            reg_loss_param: LossParam { scale_pos_weight: header.scale_pos_weight.to_string() },
        },
    };
    Document { learner, version: vec![3, 2, 0] }
}

/// The tree's arrays, nodes numbered breadth first as XGBoost does.
fn arrays(id: usize, tree: &Tree, num_feature: &str) -> TreeArrays {
    let n = tree.nodes.len();
    let mut a = TreeArrays {
        base_weights: Vec::with_capacity(n),
        categories: vec![],
        categories_nodes: vec![],
        categories_segments: vec![],
        categories_sizes: vec![],
        default_left: Vec::with_capacity(n),
        id,
        left_children: Vec::with_capacity(n),
        loss_changes: Vec::with_capacity(n),
        parents: Vec::with_capacity(n),
        right_children: Vec::with_capacity(n),
        split_conditions: Vec::with_capacity(n),
        split_indices: Vec::with_capacity(n),
        split_type: vec![0; n],
        sum_hessian: Vec::with_capacity(n),
        tree_param: TreeParam {
            num_deleted: zero(),
            num_feature: num_feature.to_owned(),
            num_nodes: n.to_string(),
            size_leaf_vector: one(),
        },
    };
    let mut open = VecDeque::from([(0u32, NO_PARENT)]);
    let mut numbered = 1;
    while let Some((node, parent)) = open.pop_front() {
        let number = a.parents.len() as i64;
        let node = &tree.nodes[node as usize];
        a.parents.push(parent);
        a.base_weights.push(node.weight);
        a.sum_hessian.push(node.cover);
        match &node.kind {
            NodeKind::Leaf { value } => {
                a.left_children.push(-1);
                a.right_children.push(-1);
                a.split_conditions.push(*value);
                a.split_indices.push(0);
                a.default_left.push(0);
                a.loss_changes.push(0.0);
            }
            NodeKind::Split(split) => {
                a.left_children.push(numbered);
                a.right_children.push(numbered + 1);
                numbered += 2;
                a.split_conditions.push(split.threshold);
                a.split_indices.push(split.feature);
                a.default_left.push(u8::from(split.default_left));
                a.loss_changes.push(split.gain);
                open.extend([(split.left, number), (split.right, number)]);
            }
        }
    }
    a
}

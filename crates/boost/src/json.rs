//! XGBoost's model JSON, as `Booster.save_model` of XGBoost 3.2 writes it.
//!
//! Numbers of the model's header are written as text there; trees are arrays, one entry a node. The
//! value of a leaf stands in `split_conditions`, and comparison is strictly below. The format:
//! <https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html>.

mod read;
mod write;

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

/// The parent of a root.
const NO_PARENT: i64 = i32::MAX as i64;

#[derive(Serialize, Deserialize)]
struct Document {
    learner: Learner,
    version: Vec<u32>,
}

#[derive(Serialize, Deserialize)]
struct Learner {
    #[serde(default)]
    attributes: BTreeMap<String, String>,
    #[serde(default)]
    feature_names: Vec<String>,
    #[serde(default)]
    feature_types: Vec<String>,
    gradient_booster: Booster,
    learner_model_param: LearnerParam,
    objective: Objective,
}

#[derive(Serialize, Deserialize)]
struct Booster {
    /// Missing for `gblinear` and `dart`, which are refused by name.
    model: Option<BoosterModel>,
    name: String,
}

#[derive(Serialize, Deserialize)]
struct BoosterModel {
    #[serde(default)]
    cats: Categories,
    gbtree_model_param: BoosterParam,
    /// Since XGBoost 1.6: tree `i` belongs to the round whose interval holds `i`.
    #[serde(default)]
    iteration_indptr: Vec<usize>,
    tree_info: Vec<i32>,
    trees: Vec<TreeArrays>,
}

/// Category names of a data frame's columns; always empty here.
#[derive(Default, Serialize, Deserialize)]
struct Categories {
    enc: Vec<serde_json::Value>,
    feature_segments: Vec<i64>,
    sorted_idx: Vec<i64>,
}

#[derive(Serialize, Deserialize)]
struct BoosterParam {
    #[serde(default = "one")]
    num_parallel_tree: String,
    num_trees: String,
}

#[derive(Serialize, Deserialize)]
struct LearnerParam {
    base_score: String,
    #[serde(default = "one")]
    boost_from_average: String,
    #[serde(default = "zero")]
    num_class: String,
    num_feature: String,
    #[serde(default = "one")]
    num_target: String,
}

#[derive(Serialize, Deserialize)]
struct Objective {
    name: String,
    #[serde(default)]
    reg_loss_param: LossParam,
}

#[derive(Serialize, Deserialize)]
struct LossParam {
    #[serde(default = "one")]
    scale_pos_weight: String,
}

impl Default for LossParam {
    fn default() -> Self {
        Self { scale_pos_weight: one() }
    }
}

#[derive(Serialize, Deserialize)]
struct TreeArrays {
    base_weights: Vec<f32>,
    #[serde(default)]
    categories: Vec<i64>,
    #[serde(default)]
    categories_nodes: Vec<i64>,
    #[serde(default)]
    categories_segments: Vec<i64>,
    #[serde(default)]
    categories_sizes: Vec<i64>,
    #[serde(deserialize_with = "flags")]
    default_left: Vec<u8>,
    id: usize,
    left_children: Vec<i32>,
    loss_changes: Vec<f32>,
    parents: Vec<i64>,
    right_children: Vec<i32>,
    split_conditions: Vec<f32>,
    split_indices: Vec<u32>,
    #[serde(default)]
    split_type: Vec<u8>,
    sum_hessian: Vec<f32>,
    tree_param: TreeParam,
}

#[derive(Serialize, Deserialize)]
struct TreeParam {
    #[serde(default = "zero")]
    num_deleted: String,
    num_feature: String,
    num_nodes: String,
    #[serde(default = "one")]
    size_leaf_vector: String,
}

fn one() -> String {
    "1".to_owned()
}

fn zero() -> String {
    "0".to_owned()
}

/// Flags as 0 and 1, or as false and true (before XGBoost 1.6).
fn flags<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
    struct Flag(u8);
    impl<'de> Deserialize<'de> for Flag {
        fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct Visitor;
            impl serde::de::Visitor<'_> for Visitor {
                type Value = Flag;
                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("0, 1, false or true")
                }
                fn visit_bool<E: serde::de::Error>(self, v: bool) -> Result<Flag, E> {
                    Ok(Flag(u8::from(v)))
                }
                fn visit_u64<E: serde::de::Error>(self, v: u64) -> Result<Flag, E> {
                    match v {
                        0 | 1 => Ok(Flag(v as u8)),
                        _ => Err(E::invalid_value(serde::de::Unexpected::Unsigned(v), &self)),
                    }
                }
            }
            deserializer.deserialize_any(Visitor)
        }
    }
    Ok(Vec::<Flag>::deserialize(deserializer)?.into_iter().map(|flag| flag.0).collect())
}

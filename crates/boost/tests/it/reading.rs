//! Models that others wrote, broken in every way the reader speaks of.

use boost::Model;
use serde_json::{Value, json as value};

use crate::fixture::{golden_rows, json, text};

fn refused(change: impl FnOnce(&mut Value)) -> String {
    let mut document = json("xgboost_base_score_model.json");
    change(&mut document);
    Model::from_json(document.to_string().as_bytes()).unwrap_err().to_string()
}

fn tree(document: &mut Value) -> &mut Value {
    &mut document["learner"]["gradient_booster"]["model"]["trees"][3]
}

#[test]
fn writes_the_same_bytes_again() {
    for name in ["xgboost_model.json", "xgboost_base_score_model.json"] {
        let model = Model::from_json(text(name).as_bytes()).unwrap();
        let (mut once, mut twice) = (vec![], vec![]);
        model.to_json(&mut once).unwrap();
        let again = Model::from_json(&once[..]).unwrap();
        again.to_json(&mut twice).unwrap();
        assert_eq!(once, twice);
        let (rows, _) = golden_rows();
        assert_eq!(model.predict(&rows).unwrap(), again.predict(&rows).unwrap());
    }
}

#[test]
fn refuses_other_kinds_of_model() {
    assert_eq!(
        refused(|d| d["learner"]["gradient_booster"] = value!({"name": "gblinear"})),
        r#"model has booster "gblinear", this crate reads "gbtree" only"#
    );
    assert_eq!(
        refused(|d| d["learner"]["objective"]["name"] = value!("multi:softprob")),
        r#"model has objective "multi:softprob", this crate reads "binary:logistic" only"#
    );
    assert!(
        refused(|d| d["learner"]["learner_model_param"]["num_class"] = value!("3"))
            .contains("num_class \"3\"")
    );
    assert!(refused(|d| tree(d)["split_type"][0] = value!(1)).contains("categorical"));
    assert!(
        refused(|d| tree(d)["tree_param"]["size_leaf_vector"] = value!("4"))
            .contains("size_leaf_vector")
    );
    assert!(refused(|d| *d = value!([])).contains("not a model in XGBoost's JSON schema"));
}

#[test]
fn refuses_broken_headers() {
    for score in ["[1.5E0]", "[]", "[0]", "NaN", "[2E-1,3E-1]"] {
        let said = refused(|d| d["learner"]["learner_model_param"]["base_score"] = value!(score));
        assert!(said.contains("base_score"), "{said}");
    }
    assert!(
        refused(|d| d["learner"]["feature_names"] = value!(["a"]))
            .contains("feature_names: expected length 60, found 1")
    );
    assert!(
        refused(|d| {
            d["learner"]["gradient_booster"]["model"]["gbtree_model_param"]["num_trees"] =
                value!("9");
        })
        .contains("trees: expected length 9, found 25")
    );
}

#[test]
fn refuses_broken_trees() {
    let said = |change: fn(&mut Value)| refused(|d| change(tree(d)));
    assert!(said(|t| t["left_children"][0] = value!(99)).contains("tree 3, node 0"));
    assert!(said(|t| t["left_children"][0] = value!(-7)).contains("expected children below"));
    assert!(said(|t| t["left_children"][0] = value!(0)).contains("already has a parent"));
    assert!(said(|t| t["right_children"][1] = value!(1)).contains("already has a parent"));
    assert!(said(|t| t["right_children"][0] = value!(1)).contains("already has a parent"));
    assert!(said(|t| t["parents"][1] = value!(5)).contains("expected parent 0, found 5"));
    assert!(said(|t| t["split_indices"][0] = value!(60)).contains("feature below 60, found 60"));
    assert!(said(|t| t["sum_hessian"] = value!([1.0])).contains("entries in sum_hessian"));
    assert!(said(|t| t["tree_param"]["num_nodes"] = value!("0")).contains("expected 0 entries"));
    assert!(said(|t| t["split_conditions"][0] = value!(1e300)).contains("not a model"));
    assert!(
        said(|t| {
            t["left_children"][0] = value!(-1);
            t["right_children"][0] = value!(-1);
        })
        .contains("1 reached")
    );
}

#[test]
fn reads_older_spellings() {
    let (rows, _) = golden_rows();
    let mut document = json("xgboost_base_score_model.json");
    let expected = Model::from_json(document.to_string().as_bytes()).unwrap();
    let learner = &mut document["learner"];
    learner["learner_model_param"]["base_score"] = value!("8E-2");
    learner["attributes"] = value!({});
    let model = &mut learner["gradient_booster"]["model"];
    model.as_object_mut().unwrap().remove("cats");
    model.as_object_mut().unwrap().remove("iteration_indptr");
    for tree in model["trees"].as_array_mut().unwrap() {
        tree.as_object_mut().unwrap().remove("split_type");
        for flag in tree["default_left"].as_array_mut().unwrap() {
            *flag = value!(flag == 1);
        }
    }
    let model = Model::from_json(document.to_string().as_bytes()).unwrap();
    assert_eq!(model.predict(&rows).unwrap(), expected.predict(&rows).unwrap());
}

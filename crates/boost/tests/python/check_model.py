"""Loads models that `cargo run -p boost --example train_golden -- DIR` wrote in Python's xgboost and
compares predictions, contributions and importances with ours. Needs xgboost (3.2) and scikit-learn.

    python check_model.py DIR
"""
import json
import os
import pathlib
import sys

import numpy as np
import xgboost as xgb
from sklearn.datasets import load_svmlight_file

TRAIN = 2400


def same(what, ours, theirs, tolerance):
    ours, theirs = np.asarray(ours, dtype="float64"), np.asarray(theirs, dtype="float64")
    assert ours.shape == theirs.shape, f"{what}: {ours.shape} against {theirs.shape}"
    apart = float(np.abs(ours - theirs).max())
    assert apart <= tolerance, f"{what}: apart by {apart}, allowed {tolerance}"
    print(f"  {what}: apart by {apart:.1e}")


def check(directory, name, rows):
    print(f"{name}.json")
    path = str(directory / f"{name}.json")
    expected = json.loads((directory / f"{name}.expected.json").read_text())

    booster = xgb.Booster()
    booster.load_model(path)
    matrix = xgb.DMatrix(rows, feature_names=booster.feature_names)
    same("Booster.predict", expected["probabilities"], booster.predict(matrix), 1e-6)
    margins = booster.predict(matrix, output_margin=True)
    same("margins", expected["margins"], margins, 1e-5)
    contributions = booster.predict(matrix, pred_contribs=True)
    ours = np.reshape(expected["contributions"], contributions.shape)
    same("pred_contribs", ours, contributions, 1e-4)
    same("contributions' sum", ours.sum(axis=1), margins, 1e-5)
    features = booster.feature_names or [f"f{i}" for i in range(rows.shape[1])]
    for kind in ["gain", "cover", "weight"]:
        scores = booster.get_score(importance_type=kind)
        theirs = np.array([scores.get(feature, 0.0) for feature in features])
        same(f"get_score({kind})", np.divide(expected[kind], np.maximum(theirs, 1)),
             np.divide(theirs, np.maximum(theirs, 1)), 1e-5)

    classifier = xgb.XGBClassifier()
    classifier.load_model(path)
    assert list(classifier.classes_) == [0, 1]
    proba = classifier.predict_proba(rows)[:, 1]
    same("XGBClassifier.predict_proba", expected["probabilities"], proba, 1e-6)
    if expected["best_iteration"] is not None:
        assert classifier.best_iteration == expected["best_iteration"]
        assert booster.num_boosted_rounds() == expected["best_iteration"] + 1

    # What Python writes back is the model that it read.
    ours = json.loads(pathlib.Path(path).read_text())["learner"]
    theirs = json.loads(booster.save_raw("json"))["learner"]
    for at, (a, b) in enumerate(zip(trees(ours), trees(theirs), strict=True)):
        for key, values in b.items():
            equal = np.array_equal(np.float32(a[key]), np.float32(values)) if isinstance(
                values, list) else a[key] == values
            assert equal, f"tree {at}: {key} differs after reading"
    print("  trees equal after a round trip")


def trees(learner):
    return learner["gradient_booster"]["model"]["trees"]


directory = pathlib.Path(sys.argv[1])
golden = pathlib.Path(__file__).parent.parent / "golden" / "xgboost_rows.svm"
rows, _ = load_svmlight_file(str(golden), n_features=60, zero_based=True, dtype=np.float32)
for name in ["whole", "stopped"]:
    check(directory, name, rows[TRAIN:])
# xgboost's threads now and then abort the interpreter while it takes itself down.
sys.stdout.flush()
os._exit(0)

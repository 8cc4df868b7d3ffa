"""Writes calibration.json: average precision, isotonic regression and Platt's sigmoid of the logit
by scikit-learn 1.6.1, on made-up rows with ties.

    python calibration.py > calibration.json
"""

import json
import sys

import numpy as np
from sklearn.calibration import _sigmoid_calibration
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import average_precision_score

rng = np.random.default_rng(7)
truth = rng.uniform(size=240) ** 2
labels = rng.uniform(size=240) < truth
# Three decimals, so that some are equal; what a model says that weighs matches four times.
raw = np.round(4 * truth / (3 * truth + 1), 3).clip(0.001, 0.999).astype(np.float32)

logit = np.log(raw.astype(np.float64) / (1 - raw.astype(np.float64)))
a, b = _sigmoid_calibration(logit, labels.astype(np.float64))
isotonic = IsotonicRegression(out_of_bounds="clip").fit(raw.astype(np.float64), labels)
json.dump(
    {
        "probabilities": [float(str(p)) for p in raw],
        "labels": labels.tolist(),
        "average_precision": float(average_precision_score(labels, raw)),
        "isotonic": isotonic.predict(raw.astype(np.float64)).tolist(),
        # scikit-learn's sigmoid is 1 / (1 + exp(a x + b)).
        "platt_a": -float(a),
        "platt_b": -float(b),
        "platt": (1 / (1 + np.exp(a * logit + b))).tolist(),
    },
    sys.stdout,
)
print()

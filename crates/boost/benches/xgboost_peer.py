"""Trains Python's xgboost on the same files as `examples/bench` and prints the same figures.

    python xgboost_peer.py TRAIN.svm TEST.svm [MAX_BIN [THREADS]]

Each run is a process of its own, so that peak memory is its own; needs xgboost and scikit-learn.
"""
import resource
import sys
import time

from sklearn.datasets import load_svmlight_files
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score
from xgboost import XGBClassifier

train, test = sys.argv[1:3]
max_bin = int(sys.argv[3]) if len(sys.argv) > 3 else 256
threads = int(sys.argv[4]) if len(sys.argv) > 4 else -1


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


x, y, xt, yt = load_svmlight_files([train, test], n_features=375, dtype="float32", zero_based=True)
loaded = peak()
model = XGBClassifier(
    learning_rate=0.1, max_depth=7, n_estimators=300, random_state=42, n_jobs=threads,
    eval_metric="logloss", scale_pos_weight=float((y == 0).sum() / (y == 1).sum()), max_bin=max_bin,
)
start = time.perf_counter()
model.fit(x, y)
trained = time.perf_counter() - start
start = time.perf_counter()
p = model.predict_proba(xt)[:, 1]
predicted = time.perf_counter() - start
print(
    f"xgboost max_bin={max_bin} threads={threads}: train {trained:.2f} s, predict {predicted * 1e3:.0f} ms, "
    f"peak {peak()} MB (loaded {loaded}), AUC {roc_auc_score(yt, p):.4f}, "
    f"log-loss {log_loss(yt, p):.4f}, PR-AUC {average_precision_score(yt, p):.4f}"
)

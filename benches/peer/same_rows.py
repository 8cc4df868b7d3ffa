"""same_rows.py PEER_OUT LAKE: both models' metrics on the held-out applications that both scored."""
import json, pathlib, sys

import pandas as pd
from sklearn.metrics import average_precision_score, log_loss, roc_auc_score

peer_out, lake = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
models = lake / "decision-data-lake/models/Modelo_Matching_Classificacao"
version = (models / "latest.txt").read_text().split("/")[0]
mine = pd.read_parquet(models / version / "predictions.parquet")
mine = mine[mine["part"] == "test"]
theirs = pd.read_parquet(peer_out / "predictions.parquet").drop_duplicates(["codigo", "codigo_vaga"], keep="last")
both = mine.merge(theirs, on=["codigo", "codigo_vaga"], suffixes=("", "_peer"))
same = both[both["label"] == both["label_peer"]]
report = {"rows": len(same), "ours_only": len(mine) - len(same), "peer_only": len(theirs) - len(same)}
for name, column in (("ours", "probability"), ("python", "probability_peer")):
    label, score = same["label"], same[column]
    report[name] = {
        "auc": round(roc_auc_score(label, score), 4),
        "pr_auc": round(average_precision_score(label, score), 4),
        "log_loss": round(log_loss(label, score), 4),
    }
print(json.dumps(report))

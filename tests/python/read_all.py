"""read_all.py LAKE: the artefacts of a day open in pandas and xgboost as they are, through latest.txt."""
import json, os, pathlib, sys

import pandas as pd
import xgboost

lake = pathlib.Path(sys.argv[1])
data, features = lake / "decision-data-lake", lake / "decision-data-lake-features"

latest = (features / "features/latest.txt").read_text().strip()
candidates = pd.read_parquet(features / "features" / latest)
version = (features / "features" / latest).parent
people, jobs = pd.read_parquet(version / "people.parquet"), pd.read_parquet(version / "jobs.parquet")
assert len(candidates) and candidates["codigo"].isin(people["codigo"]).all()
assert candidates["codigo_vaga"].isin(jobs["codigo_vaga"]).all()
assert candidates["cv_candidato"].map(type).isin([str, type(None)]).all()
manifest = json.loads((version / "manifest.json").read_text())
roles = {c["name"]: c["role"] for c in manifest["extra"]["columns"]["candidates"]}
assert set(roles) == set(candidates.columns), set(roles) ^ set(candidates.columns)
assert roles["situacao_candidato"] == "label" and roles["codigo"] == "key"

models = data / "models/Modelo_Matching_Classificacao"
model_file = models / (models / "latest.txt").read_text().strip()
classifier = xgboost.XGBClassifier()
classifier.load_model(model_file)
booster = xgboost.Booster(model_file=str(model_file))
assert classifier.get_booster().num_boosted_rounds() == booster.num_boosted_rounds() > 0
predictions = pd.read_parquet(model_file.parent / "predictions.parquet")
scored = predictions[predictions["part"] == "test"]["probability"]
assert len(scored) and scored.between(0, 1).all()
print(f"read {len(candidates)} applications, {len(people)} people, {len(jobs)} jobs, {booster.num_boosted_rounds()} trees, {len(predictions)} predictions")
# The thread pools of pyarrow and xgboost side by side now and then abort the interpreter while it takes itself down.
sys.stdout.flush()
os._exit(0)

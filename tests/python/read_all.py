"""read_all.py LAKE: the artefacts of a day open in pandas, xgboost, numpy and annoy as they are, through latest.txt."""
import json, os, pathlib, sys

import numpy as np
import pandas as pd
import xgboost
from annoy import AnnoyIndex

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

models = data / "models/Modelo_Recomendacao_Vagas"
candidate_file, job_file, index_file = [models / line for line in (models / "latest.txt").read_text().splitlines()]
embeddings, job_embeddings = np.load(candidate_file), np.load(job_file)
for array in (embeddings, job_embeddings):
    assert array.dtype == np.float32 and array.shape[1] == 384 and array.flags["C_CONTIGUOUS"] and np.isfinite(array).all()
index = AnnoyIndex(384, "angular")
assert index.load(str(index_file)) and index.get_n_items() == len(job_embeddings)
assert np.array_equal(np.float32([index.get_item_vector(0)]), job_embeddings[:1])
version = candidate_file.parent
candidate_rows, job_rows = pd.read_parquet(version / "candidate_rows.parquet"), pd.read_parquet(version / "job_rows.parquet")
assert list(candidate_rows["codigo"]) == list(people["codigo"]) and len(candidate_rows) == len(embeddings)
assert list(job_rows["codigo_vaga"]) == list(jobs["codigo_vaga"]) and len(job_rows) == len(job_embeddings)
unit = lambda a: a / np.maximum(np.linalg.norm(a, axis=1, keepdims=True), 1e-30)
recommended = pd.read_parquet(version / "recommendations.parquet")
sample = recommended[recommended["rank"] == 1].head(500)
at = lambda rows, key: rows.set_index(key).index
people_at, jobs_at = at(candidate_rows, "codigo").get_indexer(sample["codigo"]), at(job_rows, "codigo_vaga").get_indexer(sample["codigo_vaga"])
assert (people_at >= 0).all() and (jobs_at >= 0).all()
cosine = (unit(embeddings[people_at]) * unit(job_embeddings[jobs_at])).sum(axis=1)
assert np.abs(cosine - sample["cosine"].to_numpy()).max() < 1e-5
nearest, distances = index.get_nns_by_vector(embeddings[0], 10, search_k=100_000, include_distances=True)
assert len(nearest) == min(10, len(job_embeddings)) and distances == sorted(distances)
print(f"read {len(embeddings)} and {len(job_embeddings)} embeddings, {index.get_n_trees()} trees, {len(recommended)} recommendations")

report = data / "drift_reports" / (data / "drift_reports/latest.txt").read_text().strip()
figures = json.loads((report.parent / "drift.json").read_text())
assert report.name == "drift_report.html" and report.read_text().startswith("<!") and figures["format"] >= 1
print(f"read the drift report, {report.stat().st_size} bytes of HTML")
# The thread pools of pyarrow and xgboost side by side now and then abort the interpreter while it takes itself down.
sys.stdout.flush()
os._exit(0)

#!/usr/bin/env python3
"""Score pairs of candidates and jobs with a model of ML Lab, using xgboost, scikit-learn and scipy alone.

A model is the folder of one version, of which this reads

    model_matching.json   the trees, in XGBoost's own JSON: xgboost loads it as it is
    preprocessor.json     the columns: categories, vocabularies and inverse document frequencies,
                          and the columns that relate a candidate to a job (relations.py)
    decision.json         the map from the trees' probabilities to true ones, where there is one

Candidates and jobs come from people.parquet and jobs.parquet of the feature store, pairs from a CSV
or Parquet file with the columns codigo and codigo_vaga. A model with relations also needs
candidates.parquet, which tells when applications were made and what became of them, and
groups.parquet, which tells which jobs have the same client, requester and recruiter.

    python score.py --model lake/decision-data-lake/models/Modelo_Matching_Classificacao/v1 \\
        --features lake/decision-data-lake-features/features/v1 --pairs pairs.csv --output scores.csv

With --check the pairs are those of the model's own predictions.parquet, and the probabilities must
equal the stored ones to 1e-6.

Needs: pandas, pyarrow, scikit-learn, scipy, xgboost.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost
from scipy import sparse, special
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import OneHotEncoder

import relations

# Of preprocessor.json and of decision.json.
FORMAT, DECISION_FORMAT = 3, 1
TOLERANCE = 1e-6


def one_hot(block):
    """The fitted OneHotEncoder of a block."""
    encoder = OneHotEncoder(
        categories=[np.array(block["categories"], dtype=object)], handle_unknown="ignore"
    )
    column = np.array(block["categories"], dtype=object).reshape(-1, 1)
    return encoder.fit(column)


def tfidf(block):
    """The fitted TfidfVectorizer of a block.

    Stop words need not be given again: none of them is in the vocabulary.
    """
    state, params = block["tfidf"], block["tfidf"]["params"]
    vectorizer = TfidfVectorizer(
        vocabulary={term: column for column, term in enumerate(state["terms"])},
        ngram_range=tuple(params["ngram_range"]),
        smooth_idf=params["smooth_idf"],
        sublinear_tf=params["sublinear_tf"],
    )
    vectorizer.idf_ = np.array(state["idf"])
    return vectorizer


def encode(block, values):
    """Columns of the matrix for the values of one column of the feature store."""
    if block["kind"] == "one_hot":
        return one_hot(block).transform(values.to_numpy(dtype=object).reshape(-1, 1))
    if block["kind"] == "tfidf":
        if not block["tfidf"]["terms"]:
            return sparse.csr_matrix((len(values), 0))
        return tfidf(block).transform(values)
    sys.exit(f"preprocessor.json has a block of kind {block['kind']}, which this script knows not")


def calibrated(calibration, raw):
    """The true probabilities of the trees' raw ones."""
    method, raw = calibration["method"], raw.astype(np.float64)
    if method == "none":
        return raw
    if method == "platt":
        nearest = float(np.finfo(np.float32).eps)
        logit = special.logit(raw.clip(nearest, 1 - nearest))
        return special.expit(calibration["a"] * logit + calibration["b"])
    if method == "isotonic":
        return np.interp(raw, calibration["x"], calibration["y"])
    sys.exit(f"decision.json has a calibration {method}, which this script knows not")


class Model:
    """A model with its preprocessor."""

    def __init__(self, folder):
        self.preprocessor = self.load(folder / "preprocessor.json", FORMAT)
        fitted = self.preprocessor.get("relations")
        self.relations = relations.Relations(fitted) if fitted else None
        decision = folder / "decision.json"
        self.calibration = {"method": "none"}
        if decision.exists():
            self.calibration = self.load(decision, DECISION_FORMAT)["calibration"]
        self.booster = xgboost.Booster(model_file=folder / "model_matching.json")

    @staticmethod
    def load(path, expected):
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["format"] != expected:
            sys.exit(f"{path.name} has format {content['format']}: this script reads format {expected}")
        return content

    def columns(self, side):
        """Columns of the feature store that the model uses of `people` or `jobs`."""
        blocks = self.preprocessor["blocks"]
        columns = {block["column"] for block in blocks if block["side"] == side}
        if self.relations:
            columns.update(relations.COLUMNS[side])
        return sorted(columns)

    def matrix(self, people, jobs, past, pairs):
        """One row a pair. Texts are encoded once a candidate and once a job, then gathered."""
        tables = {"people": (people, "codigo"), "jobs": (jobs, "codigo_vaga")}
        rows = {}
        for side, (table, key) in tables.items():
            rows[side] = pd.Index(table[key]).get_indexer(pairs[key])
            unknown = pairs[key][rows[side] < 0].unique()
            if len(unknown):
                sys.exit(f"{side} has no {key} {', '.join(unknown[:5])} ({len(unknown)} are unknown)")
        blocks = []
        for block in self.preprocessor["blocks"]:
            table, _ = tables[block["side"]]
            blocks.append(encode(block, table[block["column"]].fillna("")).tocsr()[rows[block["side"]]])
        if self.relations:
            candidates, groups = past
            history = relations.History(candidates, jobs)
            moments = history.moments(pairs)
            moments |= relations.Outcomes(candidates, jobs, groups).rates(pairs, history.days(pairs))
            related = self.relations.columns(people, jobs, rows, moments)
            blocks.append(present([related[name] for name in self.booster.feature_names if name in related]))
        return sparse.hstack(blocks, format="csr", dtype=np.float32)

    def score(self, people, jobs, past, pairs):
        """The probability of a match for each pair; `past` are the tables of applications and of
        groups."""
        matrix = xgboost.DMatrix(
            self.matrix(people, jobs, past, pairs), feature_names=self.booster.feature_names
        )
        return calibrated(self.calibration, self.booster.predict(matrix))


def present(columns):
    """Columns as a sparse matrix without what is missing. A zero is a value and stays."""
    values = np.column_stack(columns)
    row, column = np.nonzero(~np.isnan(values))
    return sparse.csr_matrix((values[row, column], (row, column)), values.shape)


def read(path):
    """The ids of the pairs, as texts: pandas gives those of a Parquet file as it has them, often as
    integers (and those with gaps as floats, which convert_dtypes undoes)."""
    ids = ["codigo", "codigo_vaga"]
    if path.suffix == ".csv":
        return pd.read_csv(path, dtype=str)[ids].astype(str)
    return pd.read_parquet(path, columns=ids).convert_dtypes().astype(str)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", type=Path, required=True, help="folder of a version of the model")
    parser.add_argument("--features", type=Path, help="folder of a version of the feature store")
    parser.add_argument("--people", type=Path, help="people.parquet, where it is elsewhere")
    parser.add_argument("--jobs", type=Path, help="jobs.parquet, where it is elsewhere")
    parser.add_argument("--candidates", type=Path, help="candidates.parquet, where it is elsewhere")
    parser.add_argument("--groups", type=Path, help="groups.parquet, where it is elsewhere")
    parser.add_argument("--pairs", type=Path, help="CSV or Parquet with codigo and codigo_vaga")
    parser.add_argument("--output", type=Path, help="CSV to write [default: standard output]")
    parser.add_argument("--check", action="store_true", help="compare with predictions.parquet")
    args = parser.parse_args()
    if args.check == (args.pairs is not None):
        parser.error("either --pairs or --check is needed")

    model = Model(args.model)

    def table(name, columns):
        path = getattr(args, name) or (args.features and args.features / f"{name}.parquet")
        if path is None:
            parser.error(f"--features or --{name} is needed")
        return pd.read_parquet(path, columns=columns)

    people = table("people", ["codigo", *model.columns("people")])
    jobs = table("jobs", ["codigo_vaga", *model.columns("jobs")])
    past = None
    if model.relations:
        groups = table("groups", ["tabela", "codigo", "grupo"])
        past = table("candidates", relations.APPLICATIONS), groups
    if args.check:
        pairs = pd.read_parquet(args.model / "predictions.parquet")
        pairs = pairs[pairs.probability.notna()].reset_index(drop=True)
        worst = float(np.abs(model.score(people, jobs, past, pairs) - pairs.probability).max())
        print(f"{len(pairs)} predictions, greatest difference {worst:.2e}")
        sys.exit(0 if worst <= TOLERANCE else "the predictions differ")

    pairs = read(args.pairs)
    pairs["probability"] = model.score(people, jobs, past, pairs)
    pairs.to_csv(args.output or sys.stdout, index=False)


if __name__ == "__main__":
    status = 0
    try:
        main()
    except SystemExit as stop:
        if isinstance(stop.code, str):
            print(stop.code, file=sys.stderr)
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    # The thread pools of pyarrow and xgboost side by side now and then abort the interpreter while
    # it takes itself down: what was written must not look failed.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)

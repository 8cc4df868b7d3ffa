#!/usr/bin/env python3
"""Score pairs of candidates and jobs with a model of ML Lab, using xgboost and scikit-learn alone.

A model is the folder of one version, of which this reads

    model_matching.json   the trees, in XGBoost's own JSON: xgboost loads it as it is
    preprocessor.json     the columns: categories, vocabularies and inverse document frequencies

Candidates and jobs come from people.parquet and jobs.parquet of the feature store, pairs from a CSV
or Parquet file with the columns codigo and codigo_vaga.

    python score.py --model lake/decision-data-lake/models/Modelo_Matching_Classificacao/v1 \\
        --features lake/decision-data-lake-features/features/v1 --pairs pairs.csv --output scores.csv

With --check the pairs are those of the model's own predictions.parquet, and the probabilities must
equal the stored ones to 1e-6.

Needs: pandas, pyarrow, scikit-learn, xgboost.
"""

import argparse
import json
import os
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import xgboost
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.preprocessing import OneHotEncoder

FORMAT = 2
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


class Model:
    """A model with its preprocessor."""

    def __init__(self, folder):
        self.preprocessor = json.loads((folder / "preprocessor.json").read_text(encoding="utf-8"))
        found = self.preprocessor["format"]
        if found != FORMAT or self.preprocessor["relations"]:
            sys.exit(f"preprocessor.json has format {found} or relations: this script reads format {FORMAT} without")
        self.booster = xgboost.Booster(model_file=folder / "model_matching.json")

    def columns(self, side):
        """Columns of the feature store that the model uses of `people` or `jobs`."""
        blocks = self.preprocessor["blocks"]
        return sorted({block["column"] for block in blocks if block["side"] == side})

    def matrix(self, people, jobs, pairs):
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
        return sparse.hstack(blocks, format="csr", dtype=np.float32)

    def score(self, people, jobs, pairs):
        """The probability of a match for each pair."""
        matrix = xgboost.DMatrix(
            self.matrix(people, jobs, pairs), feature_names=self.booster.feature_names
        )
        return self.booster.predict(matrix)


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
    parser.add_argument("--pairs", type=Path, help="CSV or Parquet with codigo and codigo_vaga")
    parser.add_argument("--output", type=Path, help="CSV to write [default: standard output]")
    parser.add_argument("--check", action="store_true", help="compare with predictions.parquet")
    args = parser.parse_args()
    if args.features is None and (args.people is None or args.jobs is None):
        parser.error("--features, or --people and --jobs, are needed")
    if args.check == (args.pairs is not None):
        parser.error("either --pairs or --check is needed")

    model = Model(args.model)
    people = pd.read_parquet(
        args.people or args.features / "people.parquet",
        columns=["codigo", *model.columns("people")],
    )
    jobs = pd.read_parquet(
        args.jobs or args.features / "jobs.parquet",
        columns=["codigo_vaga", *model.columns("jobs")],
    )
    if args.check:
        pairs = pd.read_parquet(args.model / "predictions.parquet")
        pairs = pairs[pairs.probability.notna()].reset_index(drop=True)
        worst = float(np.abs(model.score(people, jobs, pairs) - pairs.probability).max())
        print(f"{len(pairs)} predictions, greatest difference {worst:.2e}")
        sys.exit(0 if worst <= TOLERANCE else "the predictions differ")

    pairs = read(args.pairs)
    pairs["probability"] = model.score(people, jobs, pairs)
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

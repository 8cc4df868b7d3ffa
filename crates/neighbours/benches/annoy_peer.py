"""Python's annoy on the vectors of examples/bench.rs: python annoy_peer.py DIR ITEMS TREES"""
import os
import resource
import sys
import time

import numpy as np
from annoy import AnnoyIndex

K = 10
folder, items, trees = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
vectors = np.load(f"{folder}/items-{items}.npy")
path = f"{folder}/annoy-{items}.ann"

start = time.perf_counter()
index = AnnoyIndex(vectors.shape[1], "angular")
for number, vector in enumerate(vectors):
    index.add_item(number, vector)
added = time.perf_counter()
index.set_seed(42)
index.build(trees)  # on all cores
built = time.perf_counter()
index.save(path)
saved = time.perf_counter()
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
index = AnnoyIndex(vectors.shape[1], "angular")
opening = time.perf_counter()
index.load(path)
print(
    f"annoy {items} x {vectors.shape[1]}, {trees} trees: build {built - added:.2f} s,"
    f" with items added {built - start:.2f} s, with file {saved - start:.2f} s,"
    f" file {os.path.getsize(path) / 1e6:.1f} MB, peak {peak} MB, open {time.perf_counter() - opening:.3f} s"
)

queries = np.load(f"{folder}/queries.npy")
unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
scores = (queries / np.linalg.norm(queries, axis=1, keepdims=True)) @ unit.T
truth = [set(row) for row in np.argpartition(-scores, K, axis=1)[:, :K]]
asked = [query.tolist() for query in queries]  # the conversion is not annoy's time
print("search_k  recall@10  µs a query")
for search_k in [100, 500, 1000, 2000, 4000, 8000, 16_000, 32_000]:
    start = time.perf_counter()
    answers = [index.get_nns_by_vector(query, K, search_k) for query in asked]
    micros = (time.perf_counter() - start) * 1e6 / len(asked)
    found = sum(len(true & set(answer)) for true, answer in zip(truth, answers))
    print(f"{search_k:8}  {found / (K * len(asked)):9.4f}  {micros:10.1f}")

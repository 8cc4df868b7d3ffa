"""Runs the Python system's drift analysis and ours on the same two versions in turn.

  drift.py LAKE [--peer VENV_PYTHON] [--rounds 1] [--drift BINARY]

LAKE has at least two versions of the feature store; the last two are compared. Each command is a process of
its own; seconds are wall-clock, memory is the process's peak resident set as the kernel counted it. Ours does
the whole stage (every column, the page), theirs the classic analysis alone.

Rows of equal text tie in ours; in scikit-learn they may differ in the last bit, which moves a distance by a row.
"""
import argparse, json, pathlib, shutil, statistics, tempfile

from compare import HERE, measured

DRIFT = HERE.parent.parent / "target" / "release" / "drift"


def ours(binary, lake, before, after):
    command = [binary, "--lake", lake, "--force", "--quiet", "--json"]
    command += ["--input", f"features={after.name}", "--input", f"previous={before.name}", "--input", f"oldest={before.name}"]
    out, wall, cpu, peak = measured(command)
    reports = lake / "decision-data-lake" / "drift_reports"
    newest = max(reports.glob("v*"), key=lambda p: int(p.name[1:]))
    report = json.loads((newest / "drift.json").read_text())
    manifest = json.loads((newest / "manifest.json").read_text())
    page = (newest / "drift_report.html").stat().st_size
    # The stage starts the kernel's count anew, so the process's own may be less than the stage's.
    peak = max(peak, (manifest.get("peak_memory_bytes") or 0) / 2**20)
    return {"wall": wall, "cpu": cpu, "peak": peak, "report": report, "page": page, "seconds": manifest["seconds"]}


def theirs(python, before, after, work):
    out = work / "peer"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    shutil.copy(after / "candidates.parquet", out / "candidates.parquet")
    command = [python, HERE / "peer.py", "drift", "-", out, before / "candidates.parquet"]
    _, wall, cpu, peak = measured(command)
    return {"wall": wall, "cpu": cpu, "peak": peak, "report": json.loads((out / "drift.json").read_text())}


def differences(mine, peer):
    """The greatest differences of all terms that our report names.

    Terms whose distance is a row apart, because rows tie in ours alone, are counted apart.
    """
    classic = mine["comparisons"][0]["classic"]["present"]
    at = {term: i for i, term in enumerate(peer["terms"])}
    pairs = [(term, at[term["term"]]) for term in classic["terms"] if term["term"] in at]
    row = 1 / min(classic["rows_before"], classic["rows_after"])
    apart = [(t, i) for t, i in pairs if abs(t["distance"] - peer["distance"][i]) > row / 2]
    equal = [(t, i) for t, i in pairs if abs(t["distance"] - peer["distance"][i]) <= row / 2]
    greatest = lambda ours, theirs, of=pairs: max((abs(t[ours] - peer[theirs][i]) for t, i in of), default=None)
    relative = lambda a, b: abs(a - b) / max(abs(b), 1e-300)
    return {
        "terms of the peer": len(peer["terms"]),
        "terms named by ours and withheld": [len(classic["terms"]), classic["withheld"]],
        "terms in both": len(pairs),
        "same verdict": classic["is_drift"] == bool(peer["is_drift"]),
        "threshold": abs(classic["threshold"] - peer["threshold"]),
        "distance, in rows": greatest("distance", "distance") / row,
        "terms whose distance is a row apart": len(apart),
        "p of those": greatest("p", "p_val", apart),
        "p of all others": greatest("p", "p_val", equal),
        "PSI": greatest("psi", "psi"),
        "global PSI, relative": relative(classic["global_psi"], peer["global_psi"]),
    }


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("lake", type=pathlib.Path)
    arguments.add_argument("--peer", default=None, help="the Python of the peer's virtual environment")
    arguments.add_argument("--rounds", type=int, default=1)
    arguments.add_argument("--drift", default=DRIFT, help="our binary")
    options = arguments.parse_args()
    features = options.lake / "decision-data-lake-features" / "features"
    versions = sorted(features.glob("v*"), key=lambda p: int(p.name[1:]))
    before, after = versions[-2:]
    rounds = []
    with tempfile.TemporaryDirectory() as work:
        for number in range(options.rounds):
            mine = ours(options.drift, options.lake, before, after)
            peer = [options.peer, before, after, pathlib.Path(work)]
            rounds.append((mine, theirs(*peer) if options.peer else None))
    middle = lambda side, key: statistics.median(pair[side][key] for pair in rounds)
    mine, peer = rounds[-1]
    print("| | seconds | CPU seconds | peak MB |\n|---|---|---|---|")
    print(f"| ML Lab, drift | {middle(0, 'wall'):.2f} | {middle(0, 'cpu'):.2f} | {middle(0, 'peak'):.0f} |")
    for phase, seconds in mine["seconds"].items():
        print(f"| — {phase} | {seconds:.2f} | | |")
    if peer:
        print(f"| Python, drift | {middle(1, 'wall'):.2f} | {middle(1, 'cpu'):.2f} | {middle(1, 'peak'):.0f} |")
        ratio = statistics.median(p["wall"] / m["wall"] for m, p in rounds)
        share = statistics.median(m["peak"] / p["peak"] for m, p in rounds)
        alone = statistics.median(p["wall"] / m["seconds"]["the classic analysis"] for m, p in rounds)
        print(f"\nPython takes {ratio:.1f} times as long; ML Lab takes {share:.2f} of its memory.")
        print(f"Of the same analysis alone, reading included, Python takes {alone:.1f} times as long.")
        print("Greatest differences:", json.dumps(differences(mine["report"], peer["report"])))
    print(f"The page has {mine['page'] / 1e6:.2f} MB; severity {mine['report']['severity']}.")


if __name__ == "__main__":
    main()

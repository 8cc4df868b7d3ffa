"""Runs the Python pipeline and ours on the same raw files in turn, and prints the table of docs/benchmarks.md.

  compare.py RAW [--peer VENV_PYTHON] [--rounds 1] [--ours-only]

RAW holds applicants.json, vagas.json, prospects.json. Each command is a process of its own; seconds are
wall-clock, memory is the process's peak resident set as the kernel counted it.
"""
import argparse, hashlib, json, os, pathlib, shutil, statistics, subprocess, sys, tempfile, time

HERE = pathlib.Path(__file__).resolve().parent
MLLAB = HERE.parent.parent / "target" / "release" / "mllab"


def measured(command):
    """Runs a command; gives (its standard output, wall seconds, CPU seconds, peak MB)."""
    start = time.time()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    out = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.time() - start
    if status != 0:
        sys.exit(f"{command[0]} failed: {out.decode(errors='replace')[-2000:]}")
    return out.decode(), wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(raw, work):
    lake = work / "lake"
    shutil.rmtree(lake, ignore_errors=True)
    config = work / "classic.toml"
    config.write_text('[matching]\npreset = "classic"\nsplit = "candidate"\n')
    command = [MLLAB, "run", "--raw", raw, "--lake", lake, "--config", config, "--json"]
    out, wall, cpu, peak = measured(command)
    again = measured(command)
    day = json.loads(out)
    # Each stage starts the kernel's count anew, so the process's own is only the last stage's.
    peaks = [stage.get("made_with_peak_memory_bytes") or 0 for stage in day["stages"]]
    peak = max(peak, max(peaks) / 2**20)
    # Python has no recommender here: the stages that both have.
    same = sum(stage["wall_seconds"] for stage in day["stages"] if stage["stage"] in ("ingest", "features", "matching"))
    return {"wall": wall, "same": same, "cpu": cpu, "peak": peak, "again": again[1], "day": day, "lake": lake}


def peer(python, raw, work):
    out = work / "peer"
    shutil.rmtree(out, ignore_errors=True)
    run = lambda stage, *rest: measured([python, HERE / "peer.py", stage, raw, out, *rest])
    features, matching = run("features"), run("matching", "--by-candidate")
    last = lambda text: json.loads(text.strip().splitlines()[-1])
    return {
        "wall": features[1] + matching[1],
        "cpu": features[2] + matching[2],
        "peak": max(features[3], matching[3]),
        "features": features[1],
        "matching": matching[1],
        "said": last(matching[0]),
        "out": out,
    }


def same_rows(python, theirs, mine, raw):
    """ROC-AUC of both models on the held-out rows that both have."""
    code = (HERE / "same_rows.py")
    out = subprocess.run([python, code, theirs["out"], mine["lake"]], capture_output=True, text=True)
    if out.returncode != 0:
        sys.exit(out.stderr[-2000:])
    return json.loads(out.stdout.strip().splitlines()[-1])


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("raw", type=pathlib.Path)
    arguments.add_argument("--peer", default=None, help="the Python of the peer's virtual environment")
    arguments.add_argument("--rounds", type=int, default=1)
    options = arguments.parse_args()
    rows = []
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        for number in range(options.rounds):
            mine = ours(options.raw, work)
            rows.append({"ours": mine})
            if options.peer:
                theirs = peer(options.peer, options.raw, work)
                rows[-1]["peer"] = theirs
                rows[-1]["auc"] = same_rows(options.peer, theirs, mine, options.raw)
    middle = lambda side, key: statistics.median(r[side][key] for r in rows)
    print("| | seconds | CPU seconds | peak MB |\n|---|---|---|---|")
    print(f"| ML Lab, the day | {middle('ours','wall'):.2f} | {middle('ours','cpu'):.2f} | {middle('ours','peak'):.0f} |")
    print(f"| — of it the stages that Python has | {middle('ours','same'):.2f} | | |")
    print(f"| ML Lab, again unchanged | {middle('ours','again'):.2f} | | |")
    for stage in rows[-1]["ours"]["day"]["stages"]:
        phases = ", ".join(f"{k} {v:.2f}" for k, v in stage["made_in_seconds"].items())
        peak = (stage.get("made_with_peak_memory_bytes") or 0) / 2**20
        print(f"| — {stage['stage']}: {phases} | {stage['wall_seconds']:.2f} | | {peak:.0f} |")
    if options.peer:
        said = rows[-1]["peer"]["said"]
        print(f"| Python, features | {middle('peer','features'):.2f} | | |")
        print(f"| Python, matching: vectorise {said['vectorise_s']}, train {said['train_s']} | {middle('peer','matching'):.2f} | | |")
        print(f"| Python, both | {middle('peer','wall'):.2f} | {middle('peer','cpu'):.2f} | {middle('peer','peak'):.0f} |")
        ratio = statistics.median(r["peer"]["wall"] / r["ours"]["same"] for r in rows)
        share = statistics.median(r["ours"]["peak"] / r["peer"]["peak"] for r in rows)
        print(f"\nPython takes {ratio:.1f} times as long for the same stages; ML Lab's whole day takes {share:.2f} of its memory.")
        print("On the held-out rows that both have:", json.dumps(rows[-1]["auc"]))


if __name__ == "__main__":
    main()

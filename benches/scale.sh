#!/usr/bin/env bash
# A quarter, once and four times the full set: seconds and peak memory of each stage, one table a size.
# Needs Rust and Python 3 (standard library alone); the sets (1.3 GB) go to ./target/peer.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --bin mllab
for quarters in 1 4 16; do
  candidates=$((42482 * quarters / 4)) jobs=$((14081 * quarters / 4)) applications=$((53759 * quarters / 4))
  raw=target/peer/raw-$candidates-$jobs-$applications
  [ -d "$raw" ] || ./target/release/mllab sample --quiet --out "$raw" \
    --candidates $candidates --jobs $jobs --applications $applications
  printf '\n%s candidates, %s jobs, %s applications, %s MB of JSON\n' \
    $candidates $jobs $applications "$(du -cm "$raw"/*.json | tail -1 | cut -f1)"
  python3 benches/peer/compare.py "$raw" --rounds "${ROUNDS:-1}"
done

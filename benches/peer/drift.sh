#!/usr/bin/env bash
# The drift analysis of both pipelines on the same two tables, one after the other:
#   bash benches/peer/drift.sh [CANDIDATES JOBS APPLICATIONS]
# Needs what run.sh needs; the sets, the lake and the environment go to ./target/peer.
set -euo pipefail
cd "$(dirname "$0")/../.."
candidates=${1:-42482} jobs=${2:-14081} applications=${3:-53759}
work=target/peer
mkdir -p "$work"
cargo build --release --bin mllab
cargo build --release -p drift --features cli --bin drift
[ -x "$work/venv/bin/python" ] || sh benches/peer/setup.sh "$work/venv"
size="$candidates-$jobs-$applications"
lake="$work/drift-lake-$size"
if [ ! -d "$lake" ]; then
    for drift in 0 0.3; do
        raw="$work/raw-drift-$drift-$size"
        [ -d "$raw" ] || ./target/release/mllab sample --out "$raw" --candidates "$candidates" \
            --jobs "$jobs" --applications "$applications" --drift "$drift"
        ./target/release/mllab ingest --input "raw=$raw" --lake "$lake"
        ./target/release/mllab features --lake "$lake"
    done
fi
exec "$work/venv/bin/python" benches/peer/drift.py "$lake" --peer "$work/venv/bin/python" --rounds "${ROUNDS:-1}"

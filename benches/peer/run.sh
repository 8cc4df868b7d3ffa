#!/usr/bin/env bash
# Both pipelines on the same full set, one after the other: bash benches/peer/run.sh [CANDIDATES JOBS APPLICATIONS] 
# Needs Rust, Python 3.11 and the package registries; the sets and the environment go to ./target/peer.
set -euo pipefail
cd "$(dirname "$0")/../.."
candidates=${1:-42482} jobs=${2:-14081} applications=${3:-53759}
work=target/peer
mkdir -p "$work"
cargo build --release --bin mllab
[ -x "$work/venv/bin/python" ] || sh benches/peer/setup.sh "$work/venv"
raw="$work/raw-$candidates-$jobs-$applications"
[ -d "$raw" ] || ./target/release/mllab sample --out "$raw" --candidates "$candidates" --jobs "$jobs" --applications "$applications"
exec "$work/venv/bin/python" benches/peer/compare.py "$raw" --peer "$work/venv/bin/python" --rounds "${ROUNDS:-1}"

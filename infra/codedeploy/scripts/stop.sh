#!/usr/bin/env bash
# No new day begins, and one that runs ends. With ROOT, that is an image nobody has started: only what it would start.
set -euo pipefail
root=${ROOT:-}

# On a host's first deployment there is nothing to stop.
if [ ! -e "$root/etc/systemd/system/mllab.timer" ]; then
  exit 0
fi
if [ -n "$root" ]; then
  systemctl --root="$root" disable mllab.timer
else
  systemctl disable --now mllab.timer
  systemctl stop mllab.service
fi

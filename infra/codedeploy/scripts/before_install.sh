#!/usr/bin/env bash
# Refuses a host that could not run what is about to be installed, and keeps the binary that there is, if it is good.
# With ROOT, installs into the root of an image instead of this host.
set -euo pipefail
root=${ROOT:-}

for needed in systemctl systemd-sysusers systemd-tmpfiles; do
  if ! command -v "$needed" >/dev/null; then
    echo "before_install: $needed is not here: ML Lab is run by systemd, expected a host that has it" >&2
    exit 1
  fi
done
case "$(uname -m)" in
  x86_64 | aarch64) ;;
  *)
    echo "before_install: expected an x86_64 or aarch64 host, found $(uname -m)" >&2
    exit 1
    ;;
esac

# What a failed deployment left does not run; then mllab.previous stays the last one that did.
binary=$root/opt/mllab/bin/mllab
if [ -e "$binary" ] && "$binary" --version >/dev/null 2>&1; then
  cp --archive "$binary" "$binary.previous"
fi

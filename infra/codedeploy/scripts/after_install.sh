#!/usr/bin/env bash
# Makes user, folders and, where there is none, configuration; proves that the new binary runs here.
# With ROOT, all of that in the root of an image instead of this host.
set -euo pipefail
root=${ROOT:-}

systemd-sysusers --root="${root:-/}" "$root/usr/lib/sysusers.d/mllab.conf"
systemd-tmpfiles --root="${root:-/}" --create "$root/usr/lib/tmpfiles.d/mllab.conf"

install -d -m 0755 "$root/etc/mllab"
if [ ! -e "$root/etc/mllab/mllab.env" ]; then
  install -m 0644 "$root/usr/share/mllab/mllab.env" "$root/etc/mllab/mllab.env"
fi

chmod 0755 "$root/opt/mllab/bin/mllab"
if ! version=$("$root/opt/mllab/bin/mllab" --version); then
  echo "after_install: the new mllab does not run on this host; the one before is beside it, as mllab.previous" >&2
  exit 1
fi
echo "installed $version"

if [ -z "$root" ]; then
  systemctl daemon-reload
fi

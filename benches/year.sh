#!/usr/bin/env bash
# A year of days, one after the other, on one lake: how many good days are refused or held back, and which breakages
# are caught. Prints the tables of docs/reliability.md.
#
#   benches/year.sh [relation|operations] [full|small] [days]
#
# Full size is some 25 seconds a day on two cores; small (1,500 people) about two.
set -euo pipefail
cd "$(dirname "$0")/.."
law=${1:-operations} size=${2:-full} days=${3:-365}
names=$PWD/crates/sample/src/breakage/mod.rs
mllab=$(realpath "${MLLAB:-target/release/mllab}")
case $size in
  full) world=(--candidates 42482 --jobs 14081 --applications 53759 --start 2018-01-01 --end 2025-12-31) ;;
  small) world=(--candidates 1500 --jobs 500 --applications 2500 --start 2022-01-01 --end 2025-12-31) ;;
  *) echo "size: expected full or small, found $size" >&2; exit 2 ;;
esac
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
run() { # DAY [BREAKAGE]
  rm -rf raw
  "$mllab" sample --quiet --out raw --law "$law" "${world[@]}" --day "$1" ${2:+--break "$2"} >/dev/null
  "$mllab" run --quiet --json --raw raw --lake "$lake" --date "$1" >out.json && code=0 || code=$?
}
why() { python3 -c '
import json, re, sys
told = json.load(open("out.json"))
release = told.get("release") or {}
print(told.get("message") or "; ".join(release.get("held_back", [])))' | grep -o '([a-z0-9-]*)' | tr -d '()' | sort -u | paste -sd ' '; }

lake=year refused=0 held=0 live=0
echo "| day | exit | by |"; echo "|---|---|---|"
for i in $(seq 0 $((days - 1))); do
  day=$(date -u -d "2025-01-01 + $i days" +%F)
  run "$day"
  held_back=$(python3 -c 'import json; print(len((json.load(open("out.json")).get("release") or {}).get("held_back", [])))')
  if [ "$code" != 0 ]; then refused=$((refused + 1)); echo "| $day | $code | $(why) |"
  elif [ "$held_back" != 0 ]; then held=$((held + 1)); echo "| $day | held back | $(why) |"
  else live=$((live + 1)); fi
done
printf '\n%s, %s: of %s good days %s went live, %s were refused, on %s a model was held back.\n\n' \
  "$law" "$size" "$days" "$live" "$refused" "$held"

# Breakages, each on a copy of the lake as it is after three months.
lake=base
for day in 2025-01-06 2025-02-03 2025-03-03; do run "$day"; done
echo "| breakage | exit | by | next good day |"; echo "|---|---|---|---|"
for broken in $(sed -n 's/^    [A-Za-z0-9]* = "\([a-z0-9-]*\)",/\1/p' "$names"); do
  rm -rf broken && cp -r base broken && lake=broken
  run 2025-04-07 "$broken"
  by=$([ "$code" = 0 ] || why); first=$code
  run 2025-04-14
  echo "| $broken | $first | $by | $([ "$code" = 0 ] && echo live || echo "exit $code: $(why)") |"
done

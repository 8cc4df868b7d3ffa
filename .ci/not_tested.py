"""Counts and names the tests that no command of the run has run: `not_tested.py FILE`.

FILE holds what `cargo test` and `python -m unittest --verbose` have printed. A test that one command ignored and another
has run is none of them.
"""

import re
import sys


def not_tested(lines):
    """(binary, test) -> why, of the tests that were ignored or skipped and never run."""
    binary, ran, why = "", set(), {}
    for line in lines:
        if match := re.search(r"Running .*\((?:.*/)?([^/)]+?)(?:-[0-9a-f]{16})?\)", line):
            binary = match[1]
        elif match := re.match(r"test (\S+)(?: - should panic)? \.\.\. (\w+)(?:, (.*))?", line):
            test, outcome, reason = match.groups()
            if outcome == "ignored":
                why.setdefault((binary, test), reason or "without a reason")
            else:
                ran.add((binary, test))
        elif match := re.match(r"(\S+) \((\S+)\).* \.\.\. skipped (.*)", line):
            why.setdefault((match[2], match[1]), match[3])
    return {test: reason for test, reason in why.items() if test not in ran}


def main():
    with open(sys.argv[1], encoding="utf-8", errors="replace") as said:
        left = not_tested(said)
    print(f"{len(left)} tests were ignored or skipped, and no command above has run them")
    for (binary, test), reason in sorted(left.items()):
        print(f"  {binary} {test}: {reason}")


main()

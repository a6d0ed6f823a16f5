"""`make bench`: run the benchmarks, print their table, and write it to build/bench.json.

Each value is the median of several measurements, and each ratio is taken against a named reference in the same run.
The exit status is 1 if a ratio is above its limit or a row failed. A row is skipped if the machine lacks what it
needs.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from tests.bench import console, images, library, locking, runner, solutions, startup, window

ROOT = Path(__file__).resolve().parent.parent.parent
GROUPS = {
    "startup": startup.BENCHMARKS,
    "library": library.BENCHMARKS,
    "locking": locking.BENCHMARKS,
    "solutions": solutions.BENCHMARKS,
    "images": images.BENCHMARKS,
    "window": window.BENCHMARKS,
    "console": console.BENCHMARKS,
}


def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks that are requested."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", default="", choices=["", *runner.names(GROUPS)], help="a group or a row")
    only = parser.parse_args(arguments).only
    return runner.run(GROUPS, only, ROOT / "build" / "bench.json")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

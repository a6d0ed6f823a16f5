"""`make bench`: run the benchmarks, print their table, and write it to build/bench.json.

Each value is the median of several measurements, and each ratio is taken against a named reference in the same run.
The exit status is 1 where a ratio is above its limit.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.bench import console, images, library, locking, solutions, startup, window
from tests.bench.measure import Row

ROOT = Path(__file__).resolve().parent.parent.parent
BENCHMARKS = {
    **startup.BENCHMARKS,
    **library.BENCHMARKS,
    **locking.BENCHMARKS,
    **solutions.BENCHMARKS,
    **images.BENCHMARKS,
    **window.BENCHMARKS,
    **console.BENCHMARKS,
}


def main(arguments: Sequence[str]) -> int:
    """Run the benchmarks that are asked for."""
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--only", default="", choices=["", *BENCHMARKS])
    only = parser.parse_args(arguments).only
    rows: dict[str, Row] = {}
    with tempfile.TemporaryDirectory(prefix="envstudio-bench-") as folder:
        for name in ("CONFIG", "DATA"):
            os.environ[f"ENVSTUDIO_{name}"] = str(Path(folder) / name.lower())
        for name, benchmark in BENCHMARKS.items():
            if only in ("", name):
                work = Path(folder) / name
                work.mkdir()
                rows[name] = benchmark(work)
                print(_line(name, rows[name]), flush=True)
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    known = json.loads(target.read_text()) if only and target.exists() else {}
    target.write_text(json.dumps({**known, **{name: row.to_json() for name, row in rows.items()}}, indent=2) + "\n")
    return 1 if any(row.too_slow for row in rows.values()) else 0


def _line(name: str, row: Row) -> str:
    verdict = "ABOVE ITS LIMIT" if row.too_slow else "ok"
    measured = f"{row.value:9.3f} {row.unit} / {row.reference_value:.3f} {row.unit} ({row.reference})"
    return f"{name:18} {measured} = {row.ratio:.2f}, limit {row.limit:.2f}  {verdict}  {row.note}".rstrip()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

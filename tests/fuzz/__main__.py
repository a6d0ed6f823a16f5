"""`make fuzz`: give every reader, writer and client mutated real files for ten minutes, and print what was found.

The exit status is 1 if anything but an `EnvStudioError` came out, or if one input took longer than two seconds.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: Sequence[str]) -> int:
    """Fuzz what is requested, for as long as is requested."""
    parser = argparse.ArgumentParser(prog="make fuzz")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--only", default="", help="a part of a target's name")
    requests = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="envstudio-fuzz-") as folder:
        for name in ("CONFIG", "DATA", "CACHE"):
            os.environ[f"ENVSTUDIO_{name}"] = str(Path(folder) / name.lower())
        from tests.fuzz.clients import client_targets
        from tests.fuzz.loop import run
        from tests.fuzz.targets import targets

        every = (*targets(Path(folder)), *client_targets(Path(folder)))
        chosen = [item for item in every if requests.only in item.name]
        found = run(chosen, requests.seed, seconds=requests.seconds, keep=ROOT / "build" / "fuzz")
    print(f"seed {requests.seed}")
    for name, count in found.counts.items():
        print(f"  {name:20} {count.inputs:8} inputs, {count.refused:8} refused")
    print(f"{sum(count.inputs for count in found.counts.values())} inputs, {len(found.failures)} kinds of failure")
    for failure in found.failures.values():
        print(f"\n{failure.count} x {failure.target}: {failure.what}\n  input in {failure.kept}\n{failure.traceback}")
    return 1 if found.failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

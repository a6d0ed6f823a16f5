"""Let the right package have each file that several wheels bring; runs inside a build, after pip.

Words: the file of requirements, whose lines are in the order in which the packages are installed, and the command that
installs one of them again. pip has an order of its own, which differs between its releases and options. A package whose
files were replaced by an earlier one is installed again after it, in the order of the lines.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path


def normalized(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def owners(names: set[str]) -> dict[str, dict[str, str]]:
    """Return what the RECORD of each package says of each installed path."""
    found: dict[str, dict[str, str]] = {}
    for folder in sorted({sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}):
        for record in sorted(Path(folder).glob("*.dist-info/RECORD")):
            name = normalized(record.parent.name.split("-")[0])
            if name in names:
                with record.open(encoding="utf-8", newline="") as file:
                    for path, *facts in csv.reader(file):
                        found.setdefault(os.path.normpath(str(Path(folder, path))), {})[name] = facts[0]
    return found


def main(requirements: str, command: list[str]) -> None:
    text = Path(requirements).read_text(encoding="utf-8")
    lines = {normalized(line.split(" @ ")[0]): line for line in text.splitlines() if line.strip()}
    place = {name: number for number, name in enumerate(lines)}
    winners: set[str] = set()
    for path, hashes in sorted(owners(set(lines)).items()):
        if len(hashes) > 1 and not path.endswith(".pyc") and ("" in hashes.values() or len(set(hashes.values())) > 1):
            order = sorted(hashes, key=place.__getitem__)
            print(f"{path} is that of {order[-1]}, not of {', '.join(order[:-1])}", flush=True)
            winners.update(order[1:])
    for name in sorted(winners, key=place.__getitem__):
        with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="utf-8") as file:
            file.write(lines[name] + "\n")
            file.flush()
            subprocess.run([*command, "--force-reinstall", "-r", file.name], check=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])

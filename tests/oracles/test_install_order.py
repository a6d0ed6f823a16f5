"""The order in which packages are installed, beside pip's and rattler's: each pair of packages brings a file."""

from __future__ import annotations

import itertools
import random
import subprocess
import sys
from pathlib import Path

import pytest
from wheel_index import put

from envstudio.domain.lock import LockedPackage
from envstudio.packages.install_order import install_order

NAMES = ("able", "baker", "charlie", "delta", "echo", "foxtrot", "golf")


def graph(seed: int) -> tuple[dict[str, list[str]], list[str]]:
    """Return what each package requires, without circles, and what is requested."""
    rng = random.Random(seed)
    names = rng.sample(NAMES, len(NAMES))
    needs = {name: [other for other in names[:number] if rng.random() < 0.3] for number, name in enumerate(names)}
    required = {other for others in needs.values() for other in others}
    requested = [name for name in names if name not in required or rng.random() < 0.3]
    return needs, sorted(requested)


@pytest.mark.parametrize("seed", range(8))
def test_as_pip_installs(seed: int, tmp_path: Path) -> None:
    needs, requested = graph(seed)
    for name in NAMES:
        files = {f"pairs/{'+'.join(pair)}": name for pair in itertools.combinations(NAMES, 2) if name in pair}
        put(tmp_path / "index", name, "1.0", needs[name], files)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    found = [f"--find-links={tmp_path / 'index' / name}" for name in NAMES]
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-compile", *found, *requested], check=True
    )
    (folder,) = (tmp_path / "venv").glob("lib/python3*/site-packages/pairs")
    packages = [
        LockedPackage(
            name, "1.0", "pip", f"https://index.example/{name}-1.0-py3-none-any.whl", "",
            dependencies=tuple(needs[name]), requested=name in requested,
        )
        for name in NAMES
    ]  # fmt: skip
    place = {item.name: number for number, item in enumerate(install_order(packages))}
    for first, second in itertools.combinations(NAMES, 2):
        last = max(first, second, key=place.__getitem__)
        assert (folder / f"{first}+{second}").read_text() == last, (needs, requested)

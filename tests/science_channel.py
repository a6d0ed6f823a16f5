"""Makes a conda channel of scientific software from real wheels, beside what `conda_channel` makes.

numpy, scipy and scikit-learn come from the package index with their true dependencies; numpy in two versions with two
builds each, so that solving has choices; Pygments as a noarch package with an entry point.
Run it by hand with `python -m tests.science_channel FOLDER`; tests use `channel()`, which keeps its output.
"""

from __future__ import annotations

import asyncio
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterable
from configparser import ConfigParser
from email.message import Message
from email.parser import Parser
from pathlib import Path

from conda_channel import PYTHON, RECIPE, kept
from conda_channel import make as make_small
from packaging.requirements import Requirement

from envstudio.domain.platforms import own_platform
from envstudio.packages.uv import uv_program

SPECS = ("numpy>=2.2,<2.3", "numpy>=2.3", "scipy", "scikit-learn", "pygments")
"""What is packaged, with everything that it needs."""

BUILDS = {"numpy": (0, 1)}


def channel(cache: Path) -> Path:
    """Return the folder of the channel, making it where the cache has none. Raises `CalledProcessError`."""
    return kept(cache, "science-channel", f"science-2 {RECIPE} {sys.version} {sys.base_prefix} {SPECS}", make)


def make(folder: Path) -> None:
    """Make the packages and index them."""
    from rattler.index import index_fs

    make_small(folder)
    wanted, done = list(SPECS), {"python"}
    while wanted:
        spec = wanted.pop(0)
        with tempfile.TemporaryDirectory() as temporary:
            needs = _package(folder, spec, Path(temporary))
        done.add(Requirement(spec).name)
        wanted += [name for name in needs if name not in done and name not in wanted]
    asyncio.run(index_fs(folder, write_shards=False, force=True))


def _package(folder: Path, spec: str, work: Path) -> list[str]:
    """Turn one wheel of the index into conda packages, and return the names of what it needs."""
    from rattler_build import ArchiveType, assemble_package

    unpacked = work / "wheel"
    command = [uv_program(), "pip", "install", "--quiet", "--no-config", "--no-deps", "--python", sys.executable]
    subprocess.run([*command, "--target", str(unpacked), spec], check=True)
    (info,) = unpacked.glob("*.dist-info")
    metadata = Parser().parsestr((info / "METADATA").read_text("utf-8"), headersonly=True)
    noarch = "Tag: py3-none-any" in (info / "WHEEL").read_text("utf-8")
    shutil.rmtree(unpacked / "bin", ignore_errors=True)
    files = work / "files"
    inside = files / "site-packages" if noarch else files / "lib" / f"python{PYTHON}" / "site-packages"
    inside.parent.mkdir(parents=True)
    unpacked.rename(inside)
    name = str(metadata["Name"]).lower()
    platform = "noarch" if noarch else own_platform()
    output = folder / platform
    output.mkdir(parents=True, exist_ok=True)
    for number in BUILDS.get(name, (0,)):
        made = assemble_package(
            name,
            str(metadata["Version"]),
            platform,
            f"pyh0000000_{number}" if noarch else f"py{PYTHON.replace('.', '')}h000000{number}_{number}",
            output,
            files_dir=files,
            depends=[*_depends(metadata), "python >=3.9" if noarch else f"python {PYTHON}.*"],
            build_number=number,
            license=metadata["License-Expression"] or "BSD-3-Clause",
            noarch="python" if noarch else None,
            compression_level=1,
            archive_type=ArchiveType.TarBz2 if noarch else ArchiveType.Conda,
        )
        if noarch:
            _add_entry_points(Path(made.path), inside / info.name / "entry_points.txt")
    return [text.split(" ")[0] for text in _depends(metadata)]


def _depends(metadata: Message) -> list[str]:
    """Return what a wheel needs at run time, as match specs."""
    requirements = (Requirement(text) for text in metadata.get_all("Requires-Dist", []))
    needed = (item for item in requirements if item.marker is None or item.marker.evaluate({"extra": ""}))
    return [f"{item.name.lower()} {item.specifier}".strip() for item in needed]


def _add_entry_points(package: Path, file: Path) -> None:
    """Put the entry points of a wheel if conda looks for those of a noarch package: info/link.json."""
    parser = ConfigParser()
    parser.read_string(file.read_text("utf-8") if file.exists() else "")
    scripts = parser["console_scripts"].items() if parser.has_section("console_scripts") else ()
    link = {
        "noarch": {"type": "python", "entry_points": [f"{name} = {target}" for name, target in scripts]},
        "package_metadata_version": 1,
    }
    data = json.dumps(link).encode()
    part = package.with_suffix(".new")
    with tarfile.open(package, "r:bz2") as old, tarfile.open(part, "w:bz2", compresslevel=1) as new:
        member = tarfile.TarInfo("info/link.json")
        member.size = len(data)
        new.addfile(member, io.BytesIO(data))
        for item in old:
            new.addfile(item, old.extractfile(item) if item.isfile() else None)
    part.replace(package)


def main(arguments: Iterable[str]) -> None:
    """Make the channel in the folder that is named."""
    (folder,) = arguments
    make(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])

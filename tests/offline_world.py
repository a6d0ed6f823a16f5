"""All that the commands of the help pages need, without a network or an engine: an index, a base image, and files."""

from __future__ import annotations

import io
import shlex
import sys
import tarfile
from pathlib import Path

import pytest
from command_line import Command, Done
from wheel_index import put

from envstudio import settings
from envstudio.builders.assembly.oci import OciImage, file_layer, write_layout
from envstudio.report import silent

OWN_PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"
PAGES_PYTHON = "3.12"
"""What the pages write; this machine's own stands for it, so that local environments can be made."""

BASE = f"python:{PAGES_PYTHON}-slim-bookworm"
WHEELS = (
    ("pandas", "2.1.0", ["numpy"]),
    ("pandas", "2.2.0", ["numpy"]),
    ("numpy", "2.0.0", []),
    ("numpy", "2.1.0", []),
    ("scikit-learn", "1.5.0", ["numpy"]),
    ("mlflow", "2.16.0", []),
)
FILES = {
    "requirements.txt": "pandas>=2.1,<2.2\n",
    "environment.yml": "name: features\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy>=2\n",
    "Dockerfile": f"FROM {BASE}\nRUN pip install 'numpy>=2'\n",
    "train.py": "print('trained')\n",
    "password.txt": "hunter2\n",
    "token.txt": "hunter2\n",
}


def make_world(folder: Path, *, base: str = "", python: str = OWN_PYTHON) -> None:
    """Make an index, a base image and files in a folder, and settings that lead to them.

    `base` is a real base image with its `python`, for programs that are to run in it.
    """
    for package, version, needs in WHEELS:
        put(folder / "index", package.replace("-", "_"), version, needs)
    (folder / "index" / "scikit_learn").rename(folder / "index" / "scikit-learn")
    if not base:
        _base(folder / "base")
        base = f"oci:{folder / 'base'}"
    for name, text in FILES.items():
        (folder / name).write_text(own_python(text, python), "utf-8")
    name = own_python(BASE, python)
    for key, value in (
        ("author", "ana"),
        ("base_image", name),
        ("index", (folder / "index").as_uri()),
        (f"mirror_images.{name}", base),
    ):
        settings.assign(key, value)


def run_line(es: Command, line: str, patch: pytest.MonkeyPatch) -> Done:
    """Run one line of a page, which may read from or write to a file."""
    words = shlex.split(own_python(line))
    assert words[0] == "envstudio", line
    if words[-2] == "<":
        with Path(words[-1]).open() as stream, patch.context() as inner:
            inner.setattr("sys.stdin", stream)
            return es(*words[1:-2])
    if words[-2] == ">":
        done = es(*words[1:-2])
        Path(words[-1]).write_text(done.out, "utf-8")
        return done
    return es(*words[1:])


def own_python(text: str, python: str = OWN_PYTHON) -> str:
    """Return a text of the pages with this machine's Python instead of theirs."""
    return text.replace(PAGES_PYTHON, python)


def _base(folder: Path) -> None:
    """Write an image with an interpreter by its name alone, as nothing of it is run."""
    tar = folder.with_suffix(".tar")
    with tarfile.open(tar, "w") as archive:
        for name, kind, target in (
            (f"usr/bin/python{OWN_PYTHON}", tarfile.REGTYPE, ""),
            ("usr/bin/python3", tarfile.SYMTYPE, f"python{OWN_PYTHON}"),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname, member.mode = kind, target, 0o755
            archive.addfile(member, io.BytesIO())
    layer = file_layer(tar, "base")
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"diff_ids": [layer.diff_id]}}
    write_layout(OciImage(config, (layer,)), folder, "base:1", {}, silent())

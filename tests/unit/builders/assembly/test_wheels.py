"""Wheels that no installer takes end in an error that names them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from envstudio.builders.assembly.bytecode import Compilers
from envstudio.builders.assembly.installation import Installation, Prefix
from envstudio.builders.assembly.layers import FragmentCache
from envstudio.builders.assembly.wheels import fragment
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError
from envstudio.report import silent

NAME = "odd-1.0-py3-none-any.whl"
INFO = "odd-1.0.dist-info"
SCRIPTS = "[console_scripts]\n"
USUAL = {
    "odd.py": b"",
    f"{INFO}/METADATA": b"Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n",
    f"{INFO}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\n",
    f"{INFO}/RECORD": f"odd.py,,\n{INFO}/METADATA,,\n{INFO}/WHEEL,,\n{INFO}/RECORD,,\n".encode(),
}


@pytest.mark.parametrize(
    ("member", "data"),
    [
        ("entry_points.txt", b"odd = odd:main\n"),
        ("entry_points.txt", f"{SCRIPTS}odd = odd:main\nodd = odd:main\n".encode()),
        ("entry_points.txt", f"{SCRIPTS}odd = odd\n".encode()),
        ("entry_points.txt", f"{SCRIPTS}odd\n".encode()),
        ("entry_points.txt", b"\xff"),
        ("WHEEL", b"\xff"),
        ("RECORD", b"odd.py\n"),
        ("RECORD", b"odd.py,sha256=x,large\n"),
    ],
)
def test_a_malformed_wheel_is_named(tmp_path: Path, member: str, data: bytes) -> None:
    file = tmp_path / NAME
    with zipfile.ZipFile(file, "w") as archive:
        for path, text in {**USUAL, f"{INFO}/{member}": data}.items():
            archive.writestr(path, text)
    package = LockedPackage("odd", "1.0", "pip", f"https://files.example/{NAME}", "0" * 64)
    cache = FragmentCache(tmp_path / "layers")
    with pytest.raises(EnvStudioError, match=NAME) as caught:
        fragment(package, file, Installation(Prefix("/opt/env", "3.11"), Compilers(None), cache, silent()))
    assert caught.value.details
    assert not list((tmp_path / "layers").iterdir())

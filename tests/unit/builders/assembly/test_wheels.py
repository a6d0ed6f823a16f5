"""Wheels that no installer takes end in an error that names them."""

from __future__ import annotations

import io
import tarfile
import warnings
import zipfile
from pathlib import Path

import pytest
from real_parts import Recorder

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
        ("entry_points.txt", f"{SCRIPTS}odd = odd\n".encode()),
        ("entry_points.txt", f"{SCRIPTS}odd\n".encode()),
        ("entry_points.txt", b"\xff"),
        ("WHEEL", b"\xff"),
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


def installed(tmp_path: Path, members: list[tuple[str, bytes]]) -> tuple[dict[str, bytes], Recorder]:
    """Return the files of an installed wheel by their paths below the prefix; no path may come twice."""
    file, heard = tmp_path / NAME, Recorder()
    with zipfile.ZipFile(file, "w") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for path, text in members:
            archive.writestr(path, text)
    package = LockedPackage("odd", "1.0", "pip", f"https://files.example/{NAME}", "0" * 64)
    cache = FragmentCache(tmp_path / "layers")
    made = fragment(package, file, Installation(Prefix("/opt/env", "3.11"), Compilers(None), cache, heard))
    data = made.path.read_bytes() + b"\0" * 1024
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        names = archive.getnames()
        assert len(names) == len(set(names))
        files = {name: archive.extractfile(name) for name in names}
        return {name.removeprefix("opt/env/"): file.read() for name, file in files.items() if file}, heard


def usual(**others: bytes) -> list[tuple[str, bytes]]:
    return list({**USUAL, **{f"{INFO}/{name}": data for name, data in others.items()}}.items())


@pytest.mark.parametrize(
    "record", [b"odd.py\n", b"odd.py,sha256=x,large\n", b"odd,a.py,sha256=x,1\n", b"odd.py,,\n" * 2]
)
def test_what_record_lists_keeps_no_wheel_out(tmp_path: Path, record: bytes) -> None:
    files, heard = installed(tmp_path, [*usual(RECORD=record), ("odd,a.py", b"x = 1")])
    assert files["lib/python3.11/site-packages/odd,a.py"] == b"x = 1"
    assert b'"odd,a.py",sha256=' in files[f"lib/python3.11/site-packages/{INFO}/RECORD"]
    assert ("three fields" in heard.text) == (record.count(b",") != 2 * record.count(b"\n"))


def test_of_two_members_of_one_path_the_last_counts(tmp_path: Path) -> None:
    files, _ = installed(tmp_path, [("odd.py", b"first"), *usual()])
    assert files["lib/python3.11/site-packages/odd.py"] == b""


def test_of_two_entry_points_of_one_name_the_last_counts(tmp_path: Path) -> None:
    points = f"{SCRIPTS}odd = odd:first\nodd = odd:last\n".encode()
    files, _ = installed(tmp_path, usual(**{"entry_points.txt": points}))
    assert b"from odd import last" in files["bin/odd"]


def test_an_entry_point_replaces_a_script_of_its_name(tmp_path: Path) -> None:
    script = ("odd-1.0.data/scripts/odd", b"#!python\nprint(1)\n")
    files, _ = installed(tmp_path, [*usual(**{"entry_points.txt": f"{SCRIPTS}odd = odd:main\n".encode()}), script])
    assert b"from odd import main" in files["bin/odd"]
    assert files[f"lib/python3.11/site-packages/{INFO}/RECORD"].count(b"bin/odd,") == 1

"""What a wheel and a source archive may hold. All inputs are harmless: a step outside leads into the test's folder."""

from __future__ import annotations

import io
import tarfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from envstudio.archives import source_archive, wheel
from envstudio.archives.rules import DEFAULT_LIMITS, Limits, UnsafeArchive
from envstudio.errors import InvalidInput

NAME = "odd-1.0-py3-none-any.whl"
USUAL = {
    "odd/__init__.py": "",
    "odd-1.0.data/scripts/odd": "#!python\n",
    "odd-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n",
    "odd-1.0.dist-info/entry_points.txt": "# odd\n[console_scripts]\nodd-tool = odd:main\n[other]\na/b = odd:c\n",
}


def zipped(path: Path, members: Mapping[str, str]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in members.items():
            archive.writestr(name, text)
    return path


def wheel_reason(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(UnsafeArchive) as caught:
        wheel.check(path, limits)
    assert path.name in caught.value.summary
    return caught.value.summary


def test_a_usual_wheel_passes(tmp_path: Path) -> None:
    wheel.check(zipped(tmp_path / NAME, USUAL), Limits())


def test_a_streamed_wheel_passes(tmp_path: Path) -> None:
    """A zip file that was written to a pipe has its sizes behind its members."""

    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, *_: object) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    stream = Pipe()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in USUAL.items():
            archive.writestr(name, text)
    (tmp_path / NAME).write_bytes(stream.getvalue())
    wheel.check(tmp_path / NAME, Limits())


@pytest.mark.parametrize(
    "name", ["../outside.py", "odd/../../outside.py", "/outside.py", "C:/outside.py", "odd-1.0.data/data/../../../out"]
)
def test_what_lies_outside_is_rejected(tmp_path: Path, name: str) -> None:
    assert "lies outside" in wheel_reason(zipped(tmp_path / NAME, {**USUAL, name: ""}))


@pytest.mark.parametrize("name", ["odd-1.0.data/root/x", "odd-1.0.data/headers"])
def test_an_unknown_scheme_is_rejected(tmp_path: Path, name: str) -> None:
    assert "no installation scheme" in wheel_reason(zipped(tmp_path / NAME, {**USUAL, name: ""}))


@pytest.mark.parametrize("name", ["../../outside", "a/b", "..", "C:x"])
@pytest.mark.parametrize("section", ["console_scripts", "gui_scripts"])
def test_a_script_is_a_plain_name(tmp_path: Path, section: str, name: str) -> None:
    text = f"[{section}]\n{name} = odd:main\n"
    found = wheel_reason(zipped(tmp_path / NAME, {**USUAL, "odd-1.0.dist-info/entry_points.txt": text}))
    assert "not a plain name" in found


@pytest.mark.parametrize(
    "text",
    [
        "[other]\n [console_scripts]\n../../outside = odd:main\n",
        "[console_scripts] ; odd\n../../outside = odd:main\n",
        "[console_scripts]\nodd = odd:main\x1c[other]\n../../outside = odd:main\n",
        "[console_scripts]\nodd = odd:main\n[DEFAULT]\n../../outside = odd:main\n",
        "[console_scripts]\n../../outside : odd:main\n",
    ],
)
def test_a_script_is_found_as_every_installer_reads_the_file(tmp_path: Path, text: str) -> None:
    members = {**USUAL, "odd-1.0.dist-info/entry_points.txt": text}
    assert "outside" in wheel_reason(zipped(tmp_path / NAME, members))


@pytest.mark.parametrize("name", ["./odd-1.0.dist-info/entry_points.txt", "odd-1.0.dist-info//entry_points.txt"])
def test_entry_points_are_found_however_their_path_is_written(tmp_path: Path, name: str) -> None:
    members = {"odd/__init__.py": "", name: "[console_scripts]\n../outside = odd:main\n"}
    assert "not a plain name" in wheel_reason(zipped(tmp_path / NAME, members))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_file_that_comes_twice_counts_twice(tmp_path: Path) -> None:
    path = zipped(tmp_path / NAME, USUAL)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("odd/__init__.py", "x" * 10_000)
    wheel.check(path, Limits())
    assert "'odd/__init__.py' has 10,000 bytes" in wheel_reason(path, Limits(file_bytes=9_999))
    assert "more than 9,999 bytes" in wheel_reason(path, Limits(archive_bytes=9_999))


def test_data_that_no_list_names_is_rejected(tmp_path: Path) -> None:
    path = zipped(tmp_path / NAME, USUAL)
    path.write_bytes(b"PK\x03\x04 before" + path.read_bytes())
    assert "does not list" in wheel_reason(path)


def test_a_member_with_two_names_is_rejected(tmp_path: Path) -> None:
    path = zipped(tmp_path / NAME, USUAL)
    data = path.read_bytes()
    path.write_bytes(data.replace(b"odd/__init__.py", b"odd/__other_.py", 1))
    assert "two names" in wheel_reason(path)


def test_limits_are_named(tmp_path: Path) -> None:
    path = zipped(tmp_path / NAME, {**USUAL, "odd/large.txt": "x" * 10_000})
    assert "'odd/large.txt' has 10,000 bytes" in wheel_reason(path, Limits(file_bytes=9_999))
    assert "more than 3 members" in wheel_reason(path, Limits(members=3))


@pytest.mark.parametrize("data", [b"", b"PK", b"<html>not found</html>"])
def test_what_is_no_wheel_is_rejected(tmp_path: Path, data: bytes) -> None:
    (tmp_path / NAME).write_bytes(data)
    assert "damaged" in wheel_reason(tmp_path / NAME)
    with pytest.raises(InvalidInput, match="is not a wheel"):
        wheel.metadata_text(tmp_path / NAME, NAME)


def tarred(path: Path, members: Mapping[str, tarfile.TarInfo]) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for member in members.values():
            archive.addfile(member, io.BytesIO(b"x" * member.size))
    return path


def member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "", size: int = 0) -> tarfile.TarInfo:
    found = tarfile.TarInfo(name)
    found.type, found.linkname, found.size = kind, target, size
    return found


def test_a_usual_sdist_passes(tmp_path: Path) -> None:
    usual = {
        "a": member("odd-1.0", tarfile.DIRTYPE),
        "b": member("odd-1.0/setup.py", size=10),
        "c": member("odd-1.0/docs/readme", tarfile.SYMTYPE, "../setup.py"),
    }
    source_archive.check(tarred(tmp_path / "odd-1.0.tar.gz", usual), Limits())
    source_archive.check(zipped(tmp_path / "odd-1.0.zip", {"odd-1.0/setup.py": ""}), Limits())


def test_a_negative_size_is_damage(tmp_path: Path) -> None:
    """Python goes back then, others do not, and what follows is seen by some only."""
    odd = member("odd-1.0/a", size=5)
    odd.pax_headers = {"size": "-5"}
    path = tmp_path / "odd-1.0.tar.gz"
    with tarfile.open(path, "w:gz", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(odd, io.BytesIO(b"x" * 5))
    with pytest.raises(UnsafeArchive, match="negative size"):
        source_archive.check(path, Limits())


def test_a_file_may_come_twice_and_a_link_may_not(tmp_path: Path) -> None:
    """pyarrow 26.0.1 has its licence twice."""
    file = member("odd-1.0/LICENSE", size=10)
    source_archive.check(tarred(tmp_path / "odd-1.0.tar.gz", {"a": file, "b": file}), Limits())
    link = member("odd-1.0/LICENSE", tarfile.SYMTYPE, "other")
    for order in ([file, link], [link, file]):
        path = tarred(tmp_path / "odd-1.0.tar.gz", dict(zip("ab", order, strict=True)))
        with pytest.raises(UnsafeArchive, match="twice"):
            source_archive.check(path, Limits())


@pytest.mark.parametrize(
    ("part", "words"),
    [
        (member("../outside", size=1), "lies outside"),
        (member("odd-1.0/out", tarfile.SYMTYPE, "../../outside"), "leads outside"),
        (member("odd-1.0/out", tarfile.LNKTYPE, "../outside"), "lies outside"),
        (member("odd-1.0/pipe", tarfile.FIFOTYPE), "is a pipe"),
        (member("odd-1.0/disk", tarfile.BLKTYPE), "is a device"),
        (member("odd-1.0/large", size=10_000), "has 10,000 bytes"),
    ],
)
def test_what_a_source_archive_may_not_hold(tmp_path: Path, part: tarfile.TarInfo, words: str) -> None:
    path = tarred(tmp_path / "odd-1.0.tar.gz", {"a": part})
    with pytest.raises(UnsafeArchive, match=words):
        source_archive.check(path, Limits(file_bytes=5_000))


@pytest.mark.parametrize("name", ["odd-1.0.tar.gz", "odd-1.0.tar.xz", "odd-1.0.tar.bz2", "odd-1.0.zip", "odd-1.0.rar"])
def test_what_is_no_source_archive_is_rejected(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"<html>not found</html>")
    with pytest.raises(UnsafeArchive, match=name):
        source_archive.check(tmp_path / name, Limits())

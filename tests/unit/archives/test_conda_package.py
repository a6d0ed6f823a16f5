"""What a conda package may hold. All inputs are harmless: a step outside leads into the test's own folder."""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from envstudio.archives import conda_package
from envstudio.archives.conda_package import zstd
from envstudio.archives.rules import DEFAULT_LIMITS, Limits, UnsafeArchive


@dataclass(frozen=True)
class Part:
    """One member: its bytes, or the target of a link."""

    data: bytes = b"x"
    kind: bytes = tarfile.REGTYPE
    target: str = ""


def link(target: str) -> Part:
    return Part(b"", tarfile.SYMTYPE, target)


def hard_link(target: str) -> Part:
    return Part(b"", tarfile.LNKTYPE, target)


def tar_of(members: Mapping[str, Part]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for path, part in members.items():
            member = tarfile.TarInfo(path)
            member.size, member.type, member.linkname = len(part.data), part.kind, part.target
            archive.addfile(member, io.BytesIO(part.data))
    return buffer.getvalue()


def list_of(members: Mapping[str, Part], **changed: str) -> Part:
    """Return an info/paths.json that agrees with the members, apart from the kinds that are changed."""
    kinds = {tarfile.SYMTYPE: "softlink", tarfile.DIRTYPE: "directory"}
    entries = [
        {"_path": path, "path_type": changed.get(path, kinds.get(part.kind, "hardlink"))}
        for path, part in members.items()
    ]
    return Part(json.dumps({"paths_version": 1, "paths": entries}).encode())


@dataclass(frozen=True)
class Maker:
    """Writes packages into a folder."""

    folder: Path
    form: str

    def package(self, members: Mapping[str, Part], info: Mapping[str, Part] | None = None) -> Path:
        info = {"info/paths.json": list_of(members)} if info is None else info
        path = self.folder / f"odd-1-0{self.form}"
        if self.form == ".tar.bz2":
            import bz2

            path.write_bytes(bz2.compress(tar_of({**info, **members})))
            return path
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("metadata.json", '{"conda_pkg_format_version": 2}')
            archive.writestr("pkg-odd-1-0.tar.zst", zstd.compress(tar_of(members)))
            archive.writestr("info-odd-1-0.tar.zst", zstd.compress(tar_of(info)))
        return path


@pytest.fixture(params=[".conda", ".tar.bz2"])
def maker(request: pytest.FixtureRequest, tmp_path: Path) -> Maker:
    return Maker(tmp_path, request.param)


def reason(path: Path, limits: Limits = DEFAULT_LIMITS) -> str:
    with pytest.raises(UnsafeArchive) as caught:
        conda_package.checked(path, path.name, limits)
    assert path.name in caught.value.summary
    return caught.value.summary


def test_a_usual_package_passes(maker: Maker) -> None:
    members = {
        "bin/tool": Part(),
        "bin/alias": link("tool"),
        "lib/deep/back": link("../../bin/tool"),
        "bin/.odd-post-link.sh": Part(),
        "bin/same": hard_link("bin/tool"),
    }
    found = conda_package.checked(maker.package(members), "odd", Limits())
    assert found.files == ("bin/.odd-post-link.sh", "bin/same", "bin/tool")
    assert found.links == {"bin/alias": "tool", "lib/deep/back": "../../bin/tool"}
    assert found.scripts == ("bin/.odd-post-link.sh",)


def test_links_of_recipes_and_tests_stay_inside(maker: Maker) -> None:
    members = {"bin/tool": Part()}
    lists = {"info/paths.json": list_of(members)}
    info = {**lists, "info/recipe/a": Part(), "info/recipe/b": link("a"), "info/test/c": link("../recipe/a")}
    assert conda_package.checked(maker.package(members, info), "odd", Limits()).files == ("bin/tool",)
    assert "info/test/c" in reason(maker.package(members, {**lists, "info/test/c": link("../../../outside.txt")}))
    assert "never is" in reason(maker.package(members, {**lists, "info/index.json": link("test/x")}))


OUTSIDE = {
    "parent": ({"../outside.txt": Part()}, "lies outside"),
    "parent in the middle": ({"lib/../../outside.txt": Part()}, "lies outside"),
    "absolute": ({"/outside.txt": Part()}, "lies outside"),
    "drive": ({"C:/outside.txt": Part()}, "lies outside"),
    "backslashes": ({"lib\\..\\..\\outside.txt": Part()}, "lies outside"),
    "UNC": ({"\\\\server\\share\\x": Part()}, "lies outside"),
    "link to the outside": ({"lib/out": link("../../outside.txt")}, "leads outside"),
    "absolute link": ({"lib/out": link("/outside.txt")}, "leads outside"),
    "link with a drive": ({"lib/out": link("C:\\outside.txt")}, "leads outside"),
    "links that add up": ({"a/b/up": link("../.."), "a/b/out": link("up/..")}, "leads outside"),
    "links in a circle": ({"a": link("b"), "b": link("a")}, "leads outside"),
    "behind a link": ({"lib": link("share"), "lib/file": Part()}, "behind a link"),
    "hard link to the outside": ({"lib/out": hard_link("../outside.txt")}, "lies outside"),
    "hard link to what is not there": ({"lib/out": hard_link("lib/other")}, "not an earlier file"),
    "device": ({"dev/null": Part(b"", tarfile.CHRTYPE)}, "is a device"),
    "pipe": ({"lib/pipe": Part(b"", tarfile.FIFOTYPE)}, "is a pipe"),
    "record of another package": ({"conda-meta/other-1-0.json": Part()}, "record of an installed package"),
}


@pytest.mark.parametrize("case", OUTSIDE)
def test_what_would_reach_outside_is_rejected(maker: Maker, case: str) -> None:
    members, words = OUTSIDE[case]
    assert words in reason(maker.package(members))


def test_a_member_that_comes_twice_is_rejected(maker: Maker) -> None:
    path = maker.package({"lib/x": Part(), "./lib/x": link("y")}, {"info/paths.json": list_of({"lib/x": Part()})})
    assert "twice" in reason(path)


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ({"lib/x": Part(), "../outside.txt": Part()}, "lies outside"),
        ({"lib/x": Part(), "lib/y": Part()}, "which its archive lacks"),
        ({}, "which its list of files lacks"),
    ],
)
def test_the_list_of_files_must_be_the_archive(maker: Maker, listed: dict[str, Part], words: str) -> None:
    assert words in reason(maker.package({"lib/x": Part()}, {"info/paths.json": list_of(listed)}))


def test_the_list_must_tell_links_from_files(maker: Maker) -> None:
    members = {"lib/x": Part(), "lib/y": link("x")}
    info = {"info/paths.json": list_of(members, **{"lib/y": "hardlink"})}
    assert "is a symbolic link in its archive and a file in its list" in reason(maker.package(members, info))


def test_the_list_of_older_packages_counts_too(maker: Maker) -> None:
    good = maker.package({"lib/x": Part()}, {"info/files": Part(b"lib/x\n")})
    assert conda_package.checked(good, "odd", Limits()).files == ("lib/x",)
    assert "lies outside" in reason(maker.package({"lib/x": Part()}, {"info/files": Part(b"lib/x\n../outside.txt\n")}))
    assert "no list" in reason(maker.package({"lib/x": Part()}, {}))


@pytest.mark.parametrize(
    "text", [b"[]", b"{", b'{"paths": [1]}', b'{"paths": [{"_path": 1, "path_type": "hardlink"}]}']
)
def test_a_list_that_is_none_is_rejected(maker: Maker, text: bytes) -> None:
    assert "cannot be read" in reason(maker.package({"lib/x": Part()}, {"info/paths.json": Part(text)}))


@pytest.mark.parametrize("name", ["../../outside", "a/b", "..", "C:x", ""])
def test_an_entry_point_is_a_plain_name(maker: Maker, name: str) -> None:
    link_json = json.dumps({"noarch": {"type": "python", "entry_points": [f"{name} = odd:main"]}}).encode()
    members = {"site-packages/odd.py": Part()}
    info = {"info/paths.json": list_of(members), "info/link.json": Part(link_json)}
    assert "not a plain name" in reason(maker.package(members, info))


def test_limits_are_named(maker: Maker) -> None:
    path = maker.package({"lib/x": Part(b"x" * 10_000), "lib/y": Part(b"y" * 10_000)})
    assert "'lib/x' has 10,000 bytes" in reason(path, Limits(file_bytes=9_999))
    assert "more than 15,000 bytes" in reason(path, Limits(archive_bytes=15_000))
    assert "more than 1 members" in reason(path, Limits(members=1))
    with pytest.raises(UnsafeArchive) as caught:
        conda_package.checked(path, path.name, Limits(file_bytes=9_999))
    assert "max_file_size" in caught.value.advice


def test_a_damaged_package_is_an_error(maker: Maker) -> None:
    path = maker.package({"lib/x": Part(b"x" * 100)})
    data = path.read_bytes()
    for cut in (0, 10, len(data) // 2, len(data) - 30):
        path.write_bytes(data[:cut])
        reason(path)


def test_each_part_of_a_conda_file_holds_its_own_members(tmp_path: Path) -> None:
    maker = Maker(tmp_path, ".conda")
    members = {"lib/x": Part(), "info/paths.json": Part(b"{}")}
    assert "wrong part" in reason(maker.package(members, {"info/paths.json": list_of({"lib/x": Part()})}))
    assert "wrong part" in reason(maker.package({}, {"info/paths.json": list_of({}), "lib/x": Part()}))


def test_a_conda_file_with_two_payloads_is_rejected(tmp_path: Path) -> None:
    path = Maker(tmp_path, ".conda").package({"lib/x": Part()})
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("pkg-other-1-0.tar.zst", zstd.compress(tar_of({"lib/y": Part()})))
    assert "2 parts called pkg" in reason(path)


def test_a_conda_file_with_unlisted_data_is_rejected(tmp_path: Path) -> None:
    path = Maker(tmp_path, ".conda").package({"lib/x": Part()})
    path.write_bytes(b"before" + path.read_bytes())
    assert "does not list" in reason(path)

"""Where paths and links may lead, and how sizes are written."""

from __future__ import annotations

import pytest

from envstudio.archives import rules
from envstudio.archives.rules import (
    Checker,
    Kind,
    Limits,
    Member,
    UnsafeArchive,
    behind_links,
    is_plain_name,
    limits_of,
    parse_size,
    resolved,
    safe_path,
)
from envstudio.errors import InvalidInput
from envstudio.settings import Settings, load


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("lib/x", "lib/x"),
        ("./lib//x", "lib/x"),
        (".", ""),
        ("", ""),
        ("lib/dev-disk-by\\x2dlabel.device", "lib/dev-disk-by\\x2dlabel.device"),
        ("share/man/man3/A::B.3", "share/man/man3/A::B.3"),
        ("..x/y..", "..x/y.."),
        ("..", None),
        ("lib/..", None),
        ("/lib", None),
        ("c:lib", None),
        ("lib\\..\\..\\x", None),
        ("\\lib", None),
        ("lib\0x", None),
    ],
)
def test_safe_paths(path: str, found: str | None) -> None:
    assert safe_path(path) == found


@pytest.mark.parametrize(
    ("links", "path", "found"),
    [
        ({}, "lib/x", "lib/x"),
        ({"lib": "share"}, "lib/x", "share/x"),
        ({"a/b": "../c"}, "a/b/d", "c/d"),
        ({"a": "b", "b": "c"}, "a", "c"),
        ({"a": ".."}, "a", None),
        ({"a/b/up": "../.."}, "a/b/up/x", "x"),
        ({"a/b/up": "../.."}, "a/b/up/../x", None),
        ({"a": "a"}, "a", None),
        ({"a": ""}, "a", None),
    ],
)
def test_links_are_followed_as_a_kernel_does(links: dict[str, str], path: str, found: str | None) -> None:
    assert resolved(path, links) == found


def test_behind_links() -> None:
    assert behind_links(["a/b/c", "d/e", "a"], {"a": "d"}) == ["a/b/c"]


def test_files_may_differ_by_case_alone_and_links_may_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """ncurses for Linux has such files, and is in every environment with Python."""
    monkeypatch.setattr(rules, "IGNORES_CASE", True)
    checker = Checker("odd")
    for path in ("share/terminfo/E/Eterm", "share/terminfo/e/eterm"):
        checker.add(Member(path, Kind.FILE))
    assert len(checker.files) == 2
    with pytest.raises(UnsafeArchive, match="'share/terminfo/e/eterm' twice"):
        checker.add(Member("share/terminfo/e/eterm", Kind.FILE))
    with pytest.raises(UnsafeArchive, match="'share/Terminfo/E/eterm' twice"):
        checker.add(Member("share/Terminfo/E/eterm", Kind.SYMLINK, target="x"))
    checker.add(Member("lib", Kind.SYMLINK, target="share"))
    with pytest.raises(UnsafeArchive, match="'LIB' twice"):
        checker.add(Member("LIB", Kind.FILE))


@pytest.mark.parametrize(("name", "plain"), [("tool", True), ("x.y-z", True), (".", False), ("a\\b", False)])
def test_plain_names(name: str, plain: bool) -> None:
    assert is_plain_name(name) is plain


@pytest.mark.parametrize(
    ("text", "size"), [("", 0), ("1000", 1000), ("8 GiB", 8 << 30), ("500M", 500 << 20), ("1tb", 1 << 40)]
)
def test_sizes(text: str, size: int) -> None:
    assert parse_size(text) == size


def test_limits_come_from_the_settings(tmp_path_factory: pytest.TempPathFactory) -> None:
    assert limits_of(Settings()) == Limits()
    given = Settings(max_file_size="1 GiB", max_archive_size="2G", max_archive_members="10")
    assert limits_of(given) == Limits(1 << 30, 2 << 30, 10)
    file = tmp_path_factory.mktemp("settings") / "settings.toml"
    file.write_text('max_file_size = "much"\n', "utf-8")
    with pytest.raises(InvalidInput, match="max_file_size cannot be 'much'"):
        load(file)

"""Layers are the same bytes whenever they are made, and no path comes twice in one."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest

from envstudio.builders.assembly.layers import (
    MAX_LAYERS,
    OWN_LAYER_BYTES,
    Fragment,
    FragmentCache,
    Layer,
    arrange,
    stacking,
)
from envstudio.errors import EnvStudioError


def fragment(cache: FragmentCache, name: str, files: dict[str, bytes]) -> Fragment:
    session = cache.write(f"key of {name} {sorted(files)}", name)
    with session as writer:
        for path, data in files.items():
            writer.add_bytes(path, data, executable=path.endswith(".sh"))
    return session.fragment


def members(layer: Layer) -> list[tarfile.TarInfo]:
    with tarfile.open(fileobj=io.BytesIO(b"".join(layer.chunks()))) as archive:
        return archive.getmembers()


def test_a_layer_holds_each_directory_once_and_its_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    parts = [fragment(cache, name, {f"opt/env/lib/{name}.py": b"x", "opt/env/" + name: b"y"}) for name in "abc"]
    layers = arrange(parts, cache)
    assert sorted(name for layer in layers for name in layer.names) == ["a", "b", "c"]
    for layer in layers:
        names = [member.name for member in members(layer)]
        assert len(names) == len(set(names))
        data = b"".join(layer.chunks())
        assert layer.size == len(data)
        assert layer.diff_id == "sha256:" + hashlib.sha256(data).hexdigest()
        assert {member.mtime for member in members(layer)} == {315532800}
        assert {(member.uid, member.gid) for member in members(layer)} == {(0, 0)}


def test_large_packages_have_layers_of_their_own_and_a_change_moves_no_other(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    big = fragment(cache, "big", {"opt/env/big": b"\0" * (OWN_LAYER_BYTES + 1)})
    small = [fragment(cache, f"small{number}", {f"opt/env/{number}": b"x"}) for number in range(40)]
    before = arrange([big, *small], cache)
    changed = fragment(cache, "small7", {"opt/env/7": b"changed"})
    after = arrange([big, *small[:7], changed, *small[8:]], cache)
    assert [layer.names for layer in before] == [layer.names for layer in after]
    different = [layer.names for layer, now in zip(before, after, strict=True) if layer.diff_id != now.diff_id]
    assert len(different) == 1
    assert "small7" in different[0]
    assert before[0].names == ("big",)


def test_large_packages_lie_low_and_a_new_version_moves_nothing() -> None:
    sizes = {"small": 100, "huge": 500 << 20, "large": 40 << 20, "other": 41 << 20}
    assert stacking(sizes) == ["huge", "large", "other"]
    assert stacking({**sizes, "large": 45 << 20}) == ["huge", "large", "other"]


def test_packages_that_replace_files_lie_in_their_order_whatever_their_size(tmp_path: Path) -> None:
    sizes = {"small": 100, "huge": 500 << 20, "large": 40 << 20, "tiny": 1}
    assert stacking(sizes, replacing=("small", "huge")) == ["small", "large", "huge"]
    assert stacking(sizes, replacing=("huge", "tiny", "small")) == ["huge", "large", "tiny", "small"]
    cache = FragmentCache(tmp_path)
    parts = [
        fragment(cache, name, {"opt/env/same": name.encode() * size}) for name, size in (("a", 9), ("b", 1), ("c", 5))
    ]
    for replacing in (("c", "a", "b"), ("b", "a", "c")):
        for room in (MAX_LAYERS, 3):
            layers = arrange(parts, cache, {item.name: 1 for item in parts}, room, replacing)
            assert [layer.names for layer in layers] == [(name,) for name in replacing]


def test_there_are_never_more_layers_than_there_is_room_for(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    parts = [fragment(cache, f"p{number}", {f"opt/env/{number}": b"x" * 3000}) for number in range(150)]
    weights = {item.name: OWN_LAYER_BYTES for item in parts}
    for room in (MAX_LAYERS, 30):
        layers = arrange(parts, cache, weights, room)
        assert len(layers) <= room
        assert sorted(name for layer in layers for name in layer.names) == sorted(weights)


def test_packages_that_clash_are_grouped_anew_before_there_is_no_room(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    clashing = [fragment(cache, f"c{number}", {"opt/env/same": b"x" * number}) for number in range(20)]
    others = [fragment(cache, f"o{number}", {f"opt/env/{number}": b"x"}) for number in range(60)]
    weights = {item.name: 0 for item in clashing} | {item.name: OWN_LAYER_BYTES for item in others}
    assert len(arrange([*clashing, *others], cache, weights, 30)) <= 30
    with pytest.raises(EnvStudioError, match="room for 10"):
        arrange([*clashing, *others], cache, weights, 10)


def test_packages_with_the_same_path_never_share_a_layer(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    parts = [
        fragment(cache, f"p{number}", {"opt/env/same": b"x" * number, f"opt/env/{number}": b""}) for number in range(30)
    ]
    layers = arrange(parts, cache)
    assert len(layers) == 30
    assert arrange(parts, FragmentCache(tmp_path)) == layers


def test_an_unfinished_fragment_is_not_kept(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)

    def stopped() -> None:
        with cache.write("key", "name") as writer:
            writer.add_bytes("opt/x", b"x")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped()
    assert cache.find("key", "name") is None
    assert list(tmp_path.iterdir()) == []


def test_links_modes_and_long_names_survive(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    long = "opt/env/" + "/".join(["directory-with-a-long-name"] * 8) + "/Prüfung.sh"
    session = cache.write("key", "name")
    with session as writer:
        writer.add_bytes(long, b"#!/bin/sh\n", executable=True)
        writer.add_symlink("opt/env/bin/python", "/usr/bin/python3.11")
    found = {member.name: member for member in members(arrange([session.fragment], cache)[0])}
    assert found[long].mode == 0o755
    assert found["opt/env/bin/python"].linkname == "/usr/bin/python3.11"
    assert found["opt/env/bin"].isdir()


def test_a_fragment_whose_bytes_changed_is_made_again(tmp_path: Path) -> None:
    cache = FragmentCache(tmp_path)
    session = cache.write("key", "tidy")
    with session as writer:
        writer.add_bytes("opt/env/tidy.py", b"x = 1\n")
    path = session.fragment.path
    assert cache.find("key", "tidy") == session.fragment
    data = path.read_bytes()
    copied = tmp_path / "copied"
    copied.write_bytes(data)
    copied.replace(path)  # other times and another inode, the same bytes
    assert cache.find("key", "tidy") == session.fragment
    path.write_bytes(data.replace(b"x = 1", b"x = 2"))
    assert cache.find("key", "tidy") is None

"""Verifying the cache finds what changed, whatever its times say."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest

from envstudio.archives import verified
from envstudio.builders.assembly.layers import FragmentCache
from envstudio.report import silent
from envstudio.tasks.verify_cache import verify_cache


def kept(folder: Path, data: bytes) -> Path:
    digest = hashlib.sha256(data).hexdigest()
    path = folder / digest[:2] / digest / "tidy-1.0-py3-none-any.whl"
    path.parent.mkdir(parents=True)
    path.write_bytes(data)
    return path


def test_what_changed_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    good, bad = kept(tmp_path / "wheels", b"good"), kept(tmp_path / "conda-packages", b"bad1")
    session = FragmentCache().write("key", "tidy")
    with session as writer:
        writer.add_bytes("tidy.py", b"x")
    assert verify_cache(silent()).removed == ()
    before = bad.stat()
    bad.write_bytes(b"bad2")
    os.utime(bad, ns=(before.st_atime_ns, before.st_mtime_ns))
    layer = session.fragment.path
    layer.write_bytes(layer.read_bytes().replace(b"tidy.py", b"tidy.pz"))
    done = verify_cache(silent())
    assert (done.files, set(done.removed)) == (3, {str(bad), str(layer)})
    assert good.exists()
    assert not bad.exists()
    assert verify_cache(silent()).files == 1


def test_a_change_while_a_file_is_hashed_is_seen_next_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    file = tmp_path / "file"
    file.write_bytes(b"right")
    digest, hash_of = verified.hash_of(file), verified.hash_of

    def slowly(path: Path) -> str:
        found = hash_of(path)
        path.write_bytes(b"other bytes")
        return found

    with monkeypatch.context() as patch:
        patch.setattr(verified, "hash_of", slowly)
        verified.verified(file, digest)
    assert verified.facts_of(file, digest) is None

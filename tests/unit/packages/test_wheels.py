"""The cache of downloaded wheels."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError
from envstudio.packages.wheels import download
from envstudio.report import silent
from envstudio.settings import Settings


def test_a_cache_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = tmp_path / "tidy-1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    package = LockedPackage("tidy", "1.0", "pip", wheel.as_uri(), hashlib.sha256(b"a wheel").hexdigest())
    in_the_way = tmp_path / "cache"
    in_the_way.write_text("a file where the folder should be")
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(in_the_way))
    with pytest.raises(EnvStudioError, match="cannot be written"):
        download([package], Settings(), silent())

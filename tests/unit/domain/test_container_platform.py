"""Platforms of containers are compared as containerd does, and what nothing is locked for is refused."""

from __future__ import annotations

import pytest

from envstudio.domain.container_platform import parse_platform
from envstudio.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "same", "subdir"),
    [
        ("linux/amd64", "linux/amd64", "linux-64"),
        ("linux/x86_64", "linux/amd64", "linux-64"),
        ("linux/amd64/v1", "linux/amd64", "linux-64"),
        ("linux/arm64/v8", "linux/arm64", "linux-aarch64"),
        ("linux/aarch64", "linux/arm64", "linux-aarch64"),
        ("linux/amd64/v3", "linux/amd64/v3", ""),
        ("linux/arm/v7", "linux/arm", ""),
        ("linux/arm/v6", "linux/arm/v6", ""),
        ("windows/amd64", "windows/amd64", ""),
        ("Linux/AMD64", "linux/amd64", "linux-64"),
        ("linux/mips64le", "linux/mips64le", ""),
    ],
)
def test_platforms(text: str, same: str, subdir: str) -> None:
    found = parse_platform(text)
    assert str(found) == same
    if subdir:
        assert found.subdir == subdir
    else:
        with pytest.raises(InvalidInput, match="cannot be locked for"):
            _ = found.subdir


@pytest.mark.parametrize("text", ["", "linux", "amd64", "linux-64", "linux/amd64/", "linux/amd65", "plan9/amd64"])
def test_what_is_no_platform(text: str) -> None:
    with pytest.raises(InvalidInput, match="is not a container platform"):
        parse_platform(text)

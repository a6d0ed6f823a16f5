"""Versions among others: pre-releases of both managers, what bounds allow, and the order in a column."""

from __future__ import annotations

import pytest

from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.version_order import allows, is_prerelease, order_key


@pytest.mark.parametrize(
    "version", ["2.0rc1", "1.0b2", "1.0.dev1", "2.0alpha1", "3.14.0a1", "1.0rc", "0.1_b3", "2019a1", "1.0-beta.2"]
)
def test_pre_releases(version: str) -> None:
    assert is_prerelease(version)


@pytest.mark.parametrize("version", ["2.0", "2024a", "2024b", "9e", "1.1.1w", "1.0.post1", "2.5.1+cu121", "1.0+dev1"])
def test_releases(version: str) -> None:
    assert not is_prerelease(version)


def test_order_key() -> None:
    ordered = [
        "1.0a1",
        "1.0",
        "1.0.post1",
        "1.1.1",
        "1.1.1w",
        "2.0rc1",
        "2.0",
        "2.0.1",
        "2.9",
        "2.10",
        "2024a",
        "2024b",
    ]
    assert sorted(set(ordered), key=order_key) == ordered


@pytest.mark.parametrize(
    ("spec", "version", "allowed"),
    [
        ("numpy>=2,<3", "2.2.4", True),
        ("numpy>=2,<3", "3.0", False),
        ("numpy", "3.0", True),
        ("numpy 2.1.* py312*", "2.1.3", True),
        ("tzdata", "2024b", True),
    ],
)
def test_what_conda_allows(spec: str, version: str, allowed: bool) -> None:
    assert allows(conda_requirement(spec), version) is allowed


@pytest.mark.parametrize(
    ("line", "version", "allowed"),
    [
        ("shap~=0.46.0", "0.46.2", True),
        ("shap~=0.46.0", "0.47.0", False),
        ("shap>=0.46", "0.47rc1", True),
        ("shap @ https://files.example/shap.tar.gz", "0.47.0", False),
        ("shap>=1", "not a version", False),
    ],
)
def test_what_pip_allows(line: str, version: str, allowed: bool) -> None:
    assert allows(pip_requirement(line), version) is allowed

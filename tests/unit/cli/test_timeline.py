"""envstudio timeline: when a package moved, and who moved it."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Command


@pytest.fixture
def moved(es: Command, churn: Path) -> None:
    """Register a third version, in which a package has moved."""
    assert es("edit", "churn", "--remove", "numpy", "--add", "scipy", "-m", "SciPy is enough").status == 0


@pytest.mark.usefixtures("moved")
def test_each_move_is_told_with_its_message(es: Command) -> None:
    done = es("timeline", "churn")
    assert done.status == 0
    lines = done.out.splitlines()
    assert lines[0] == "churn, v1 to v3, not locked"
    removed = lines[lines.index("numpy") + 2]
    assert removed.split()[:3] == ["v3", "−", "removed"]
    assert removed.endswith("SciPy is enough")
    added = lines[lines.index("mlflow (pip)") + 1]
    assert added.split()[:4] == ["v2", "+", "added", ">=2"]
    assert added.endswith("Track it")
    assert "python" not in lines


@pytest.mark.usefixtures("moved")
def test_one_package_whether_it_moved_or_not(es: Command) -> None:
    assert es("timeline", "churn", "Python").out.splitlines()[2] == "python"
    document = es("--json", "timeline", "churn", "mlflow").json
    assert [package["name"] for package in document["packages"]] == ["mlflow"]
    assert document["packages"][0]["cells"] == [
        {"version": 2, "text": ">=2", "resolved": False, "kind": "added", "level": None, "old": None},
        {"version": 3, "text": ">=2", "resolved": False, "kind": None, "level": None, "old": None},
    ]


@pytest.mark.usefixtures("moved")
def test_a_package_that_no_version_holds(es: Command) -> None:
    assert "hint: Did you mean scipy?" in es("timeline", "churn", "scipi").must_fail().err
    assert "envstudio show" in es("timeline", "churn", "xyzzy").must_fail().err


@pytest.mark.usefixtures("moved")
def test_fewer_versions(es: Command) -> None:
    assert es("timeline", "churn", "--last", "1").out.splitlines() == [
        "churn, v3, not locked",
        "No package has moved.",
    ]


def test_a_version_is_no_environment(es: Command, churn: Path) -> None:
    assert "Write churn" in es("timeline", "churn:1").must_fail().err

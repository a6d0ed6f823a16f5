"""The sample: made once, with versions that differ."""

from __future__ import annotations

from pathlib import Path

from envstudio.domain.reference import Reference
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.sample import NAME, WORKSPACE, sample


def test_a_workspace_of_its_own_with_three_versions(tmp_path: Path) -> None:
    with Library.open(tmp_path / "library.sqlite", who="ana") as library:
        assert sample(library, report=Report()) == WORKSPACE
        assert sample(library, report=Report()) == WORKSPACE
        assert not library.environments.list()
        here = library.in_workspace(WORKSPACE)
        assert [info.number for info in here.versions.list(NAME)] == [3, 2, 1]
        assert here.find(f"{NAME}@prod").version == 2
        pip = [item.name for item in here.find(Reference(NAME, 3)).environment.python.pip]
        assert {"pandas", "scikit-learn", "matplotlib"} <= set(pip)

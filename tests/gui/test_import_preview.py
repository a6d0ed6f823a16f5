"""Importing: what was found, and what would be lost, is shown before anything is registered."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt

from envstudio.domain.problem import counted
from envstudio.gui.import_preview import LOOK, TAKE, ImportPreview, look_at
from envstudio.gui.main_window import MainWindow
from envstudio.library import Library
from envstudio.report import Report


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a definition, one whose name is taken, and one that cannot be read."""
    made = tmp_path / "things"
    for name, text in (
        ("a/environment.yml", "name: alpha\nchannels: [conda-forge]\ndependencies: [python=3.12]\n"),
        ("b/environment.yml", "name: churn-train\nchannels: [conda-forge]\ndependencies: [python=3.12]\n"),
        ("c/environment.yml", "name: [broken\n"),
    ):
        path = made / name
        path.parent.mkdir(parents=True)
        path.write_text(text)
    return made


def preview(window: MainWindow) -> ImportPreview:
    found = window.findChild(ImportPreview)
    assert isinstance(found, ImportPreview)
    return found


def test_folder_is_shown_before(
    window: MainWindow,
    library: Library,
    folder: Path,
    wait_jobs: Callable[[], None],
    watch_model: Callable[[QAbstractItemModel], None],
) -> None:
    window.browser.paths_dropped.emit([folder])
    wait_jobs()
    dialog = preview(window)
    watch_model(dialog.model)
    names = [dialog.model.index(row, TAKE).data() for row in range(3)]
    assert names == ["alpha", "churn-train  (new version)", "cannot be read"]
    assert dialog.model.index(2, LOOK).data()
    assert not library.environments.exists("alpha")
    assert dialog.take.text() == "Import 2"
    box = dialog.model.index(1, TAKE)
    dialog.model.setData(box, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    dialog.take.click()
    wait_jobs()
    assert library.environments.exists("alpha")
    assert library.find("churn-train").version == 2


def test_nothing_to_ask_about_one_clean_file(
    window: MainWindow, library: Library, folder: Path, wait_jobs: Callable[[], None]
) -> None:
    window.commands.files.import_paths([folder / "a" / "environment.yml"])
    wait_jobs()
    wait_jobs()
    assert library.environments.exists("alpha")
    assert window.findChild(ImportPreview) is None


def test_folder_without_a_definition(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("nothing")
    found = look_at([tmp_path], frozenset(), report=Report())
    assert len(found) == 1
    assert "holds no definition" in found[0].error


def test_what_the_check_finds_is_counted_before_and_after(
    window: MainWindow, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    file = tmp_path / "alpha" / "environment.yml"
    file.parent.mkdir()
    file.write_text(
        "name: churn-train\nchannels: [conda-forge]\ndependencies: [python=3.12, numpy, pip: [shap==0.46]]\n"
        "variables: {DB_PASSWORD: correct-horse-battery}\n"
    )
    (found,) = look_at([file], frozenset(), report=Report())
    assert counted((*found.problems, *found.checks)) == "3 warnings, 1 note"
    window.commands.files.import_paths([file])
    wait_jobs()
    dialog = preview(window)
    assert dialog.model.index(0, LOOK).data() == "3 warnings, 1 note"
    assert "DB_PASSWORD looks like a secret" in dialog.details.toPlainText()
    dialog.take.click()
    wait_jobs()
    assert "Its check found 3 warnings, 1 note." in window.notice.label.text()

"""Importing: what was found, and what would be lost, is shown before anything is registered."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtTest import QTest
from sample_locks import PYLOCK

from envstudio.domain.problem import counted
from envstudio.domain.reference import Reference
from envstudio.gui.dialogs.import_preview import LOOK, TAKE, ImportPreview, details
from envstudio.gui.frame.main_window import MainWindow
from envstudio.library import Library
from envstudio.packages import wheels
from envstudio.report import Report
from envstudio.tasks.import_files import import_path
from envstudio.tasks.import_preview import preview_import


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
    assert names == ["alpha", "churn-train-2", "cannot be read"]
    assert dialog.model.index(2, LOOK).data()
    assert not library.environments.exists("alpha")
    assert dialog.take.text() == "Import 2"
    assert "churn-train is the name of an environment from elsewhere" in details(dialog.model.rows[1])
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


def test_folder_without_a_definition(library: Library, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "notes.txt").write_text("nothing")
    found = preview_import(library, [folder], report=Report())
    assert len(found) == 1
    assert "holds no definition" in str(found[0].error)


def test_what_the_check_finds_is_counted_before_and_after(
    window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    file = tmp_path / "alpha" / "environment.yml"
    file.parent.mkdir()
    file.write_text(
        "name: churn-train\nchannels: [conda-forge]\ndependencies: [python=3.12, numpy, pip: [shap==0.46]]\n"
        "variables: {DB_PASSWORD: correct-horse-battery}\n"
    )
    (found,) = preview_import(library, [file], report=Report())
    assert counted((*found.problems, *found.checks)) == "4 warnings, 1 note"
    window.commands.files.import_paths([file])
    wait_jobs()
    dialog = preview(window)
    assert dialog.model.index(0, LOOK).data() == "4 warnings, 1 note"
    assert "DB_PASSWORD looks like a secret" in dialog.details.toPlainText()
    dialog.take.click()
    wait_jobs()
    assert "Its check found 3 warnings, 1 note." in window.notice.label.text()


def test_the_notice_of_an_import_lists_every_problem(
    window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    names = [f"missing-{number}.txt" for number in range(12)]
    (tmp_path / "requirements.txt").write_text("\n".join(["six", *(f"-r {name}" for name in names)]))
    window.commands.files.import_paths([tmp_path / "requirements.txt"])
    wait_jobs()
    preview(window).take.click()
    wait_jobs()
    told = window.notice.label.text()
    assert "12 things need a look" in told
    assert all(name in told for name in names)
    # Many lines are scrolled to, so that the page below keeps its room.
    assert window.notice.height() < 11 * window.fontMetrics().lineSpacing() < window.notice.label.height()


def test_files_of_a_server_are_fetched_from_the_notice(
    window: MainWindow,
    library: Library,
    tmp_path: Path,
    wait_jobs: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(wheels, "fetch_range", lambda address, settings: f"idna==3.10  # {address}\n".encode())
    (tmp_path / "environment.yml").write_text(
        "name: far\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - pip\n"
        "  - pip:\n    - six\n    - -r https://files.example/more.txt\n"
    )
    window.commands.files.import_paths([tmp_path / "environment.yml"])
    wait_jobs()
    preview(window).take.click()
    wait_jobs()
    assert [button.text() for button in window.notice.buttons] == ["Fetch"]
    window.notice.buttons[0].click()
    wait_jobs()
    assert window.notice.buttons == []
    found = library.find(Reference("far"))
    assert (found.version, [item.line for item in found.environment.python.pip]) == (2, ["six", "idna==3.10"])
    assert "https://files.example/more.txt was fetched" in found.message


def taken(dialog: ImportPreview) -> list[str]:
    return [dialog.model.index(row, TAKE).data() for row in range(dialog.model.rowCount())]


def test_files_of_one_name_become_environments_of_their_own(
    window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    folder = tmp_path / "fraud"
    folder.mkdir()
    (folder / "Dockerfile").write_text("FROM base.example/python:3.12\n")
    (folder / "Dockerfile.dockerignore").write_text("*.pyc\n")
    (folder / "requirements.txt").write_text("shap==0.46.0\n")
    window.browser.paths_dropped.emit([folder])
    wait_jobs()
    dialog = preview(window)
    assert taken(dialog) == ["fraud", "fraud-2"]
    dialog.take.click()
    wait_jobs()
    assert (library.find("fraud").version, library.find("fraud-2").version) == (1, 1)
    assert window.notice.label.text().startswith("Imported 2 files into 2 environments.")


def test_a_name_can_be_typed_over(
    window: MainWindow, library: Library, folder: Path, wait_jobs: Callable[[], None]
) -> None:
    window.browser.paths_dropped.emit([folder])
    wait_jobs()
    dialog = preview(window)
    before = library.find("churn-train").version
    first, second = dialog.model.index(0, TAKE), dialog.model.index(1, TAKE)
    assert not dialog.model.setData(first, "no such/../name")
    assert "name" in dialog.details.toPlainText()
    assert dialog.model.setData(first, "beta")
    assert dialog.model.setData(second, "churn-train")
    assert taken(dialog) == ["beta", "churn-train  (new version)", "cannot be read"]
    dialog.take.click()
    wait_jobs()
    assert library.find("beta").version == 1
    assert not library.environments.exists("alpha")
    assert library.find("churn-train").version == before + 1
    # It has a version from that file now, so the next one goes there without a word.
    (folder / "b" / "environment.yml").write_text("name: churn-train\ndependencies: [python=3.13]\n")
    window.browser.paths_dropped.emit([folder / "b"])
    wait_jobs()
    again = preview(window)
    assert taken(again) == ["churn-train  (new version)"]
    again.reject()


def test_a_file_of_several_environments_is_a_row_each(
    window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    file = tmp_path / "pipeline.yml"
    file.write_text(
        "type: pipeline\njobs:\n"
        "  prepare: {command: a, environment: {image: registry.example/prepare:1}}\n"
        "  train: {command: b, environment: {image: registry.example/train:1, conda_file: conda.yml}}\n"
    )
    (tmp_path / "conda.yml").write_text("dependencies: [python=3.12]\n")
    window.browser.paths_dropped.emit([tmp_path])
    wait_jobs()
    dialog = preview(window)
    assert taken(dialog) == ["pipeline-prepare", "pipeline-train"]
    assert [item.holds for item in dialog.model.rows] == ["base image", "1 conda, base image; with conda.yml"]
    dialog.take.click()
    wait_jobs()
    assert library.find("pipeline-train").environment.image.base == "registry.example/train:1"
    assert library.find("pipeline-prepare").environment.image.base == "registry.example/prepare:1"


def test_what_is_there_already_is_told(
    window: MainWindow, library: Library, folder: Path, wait_jobs: Callable[[], None]
) -> None:
    (folder / "c" / "environment.yml").unlink()
    for _ in range(2):
        window.browser.paths_dropped.emit([folder])
        wait_jobs()
        dialog = preview(window)
        names = taken(dialog)
        dialog.take.click()
        wait_jobs()
    assert names == ["alpha  (the same as version 1)", "churn-train-2  (the same as version 1)"]
    assert library.find("alpha").version == 1


def test_a_lock_is_shown_as_what_importing_makes_of_it(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "tools" / "pylock.toml"
    file.parent.mkdir()
    file.write_text(PYLOCK)
    (found,) = preview_import(library, [file], report=Report())
    imported = import_path(library, file, report=Report())
    assert (found.name, found.holds, found.error) == (imported.registered.name, "1 pip", None)
    assert (found.problems, found.checks) == (imported.problems, imported.checks)


def test_what_is_installed_in_a_prefix_is_shown(library: Library) -> None:
    (found,) = preview_import(library, [Path(sys.prefix)], report=Report())
    assert found.error is None
    assert "pip" in found.holds


def test_a_password_goes_to_the_keyring_and_that_is_told(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("--extra-index-url https://ana:secret@index.example/simple\nshap==0.46.0\n")
    (found,) = preview_import(library, [file], report=Report())
    assert [problem.code for problem in found.problems] == ["secret-kept"]
    assert "secret@" not in "".join(problem.message for problem in found.problems)
    assert "secret-in-url" not in [problem.code for problem in found.checks]


def test_files_beyond_the_limit_are_told(library: Library, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("envstudio.tasks.import_preview.MAX_FILES", 2)
    found = preview_import(library, [folder], report=Report())
    assert [item.name for item in found] == ["alpha", "churn-train-2", ""]
    assert str(found[-1].error).startswith("1 more file was not")


def test_return_imports_from_the_table_too(
    window: MainWindow, library: Library, folder: Path, wait_jobs: Callable[[], None]
) -> None:
    window.browser.paths_dropped.emit([folder])
    wait_jobs()
    table = preview(window).table
    table.setFocus()
    QTest.keyClick(table, Qt.Key.Key_Return)
    wait_jobs()
    assert library.environments.exists("alpha")


def test_what_ends_when_another_workspace_is_shown_is_told_there(
    window: MainWindow, library: Library, folder: Path, wait_jobs: Callable[[], None]
) -> None:
    window.session.apply(library.workspaces.create("team"))
    window.commands.files.import_files([folder / "a" / "environment.yml"])
    window.session.switch_workspace("team")
    wait_jobs()
    assert library.environments.exists("alpha")
    assert window.views() == []
    assert window.notice.label.text() == (
        "Imported environment.yml as alpha:1 in the workspace default. Its check found 1 warning."
    )


def test_many_refusals_are_few_lines_and_the_log_has_all(
    window: MainWindow, library: Library, folder: Path, wait_jobs: Callable[[], None]
) -> None:
    broken = [folder / f"broken-{number:03}.yml" for number in range(300)]
    for path in broken:
        path.write_text("name: [broken\n")
    window.fold_console(True)
    window.commands.files.import_files([folder / "a" / "environment.yml", *broken])
    wait_jobs()
    lines = window.notice.label.text().splitlines()
    assert lines[0].startswith("Imported 1 file into 1 environment.")
    assert lines[0].endswith("300 could not be read:")
    assert len(lines) == 7
    assert lines[-1] == "• and 295 more"
    QTest.mouseClick(window.notice.buttons[0], Qt.MouseButton.LeftButton)
    assert not window.console_folded
    job = window.console.job
    assert job is not None
    assert sum("broken-" in line.text for line in job.lines) == 300


def test_a_banner_lays_out_only_the_first_lines_of_a_long_message(window: MainWindow) -> None:
    window.notice.say("warning", "\n".join(f"line {number}" for number in range(2_000)))
    shown = window.notice.label.text().splitlines()
    assert (shown[0], shown[-2:]) == ("line 0", ["line 99", "… and 1900 more lines"])

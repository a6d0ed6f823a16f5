"""What is typed or pasted into the window and is secret goes to the keyring, and into no file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from secret_spellings import SPELLINGS, S

from envstudio.errors import Unavailable
from envstudio.gui.frame.main_window import MainWindow

Kept = dict[tuple[str, str], str]
ADDRESSES = [text for text, _ in SPELLINGS if text.startswith("https://") and " " not in text]


def nowhere(folder: Path) -> None:
    for path in folder.rglob("*"):
        assert not path.is_file() or S.encode() not in path.read_bytes(), path


def test_packages_and_options(
    window: MainWindow, kept_secrets: Kept, wait_jobs: Callable[[], None], tmp_path: Path
) -> None:
    view = window.open_environment("churn-train")
    page = view.show_page("Packages")
    for number, spelling in enumerate(ADDRESSES[:6]):
        page.add_line.submitted.emit(f"--extra-index-url {spelling}/{number}")
    page.add_line.submitted.emit(f"tidy @ https://ana:{S}@files.example/tidy-1.0-py3-none-any.whl")
    wait_jobs()
    view.document.flush()
    nowhere(tmp_path)
    python = view.document.environment.python
    assert python.pip_options[0].value == "https://index.example/simple/0"
    assert "tidy @ https://files.example/tidy-1.0-py3-none-any.whl" in [item.text for item in python.pip]
    assert any(S in value for value in kept_secrets.values())
    assert "went to the keyring" in window.notice.label.text()
    assert S not in window.notice.label.text()
    assert not view.document.unsaved
    view.document.register("With an index")
    nowhere(tmp_path)


def test_a_variable(window: MainWindow, kept_secrets: Kept, wait_jobs: Callable[[], None], tmp_path: Path) -> None:
    view = window.open_environment("churn-train")
    view.show_page("Variables").add_line.submitted.emit(f"DB=postgres://ml:{S}@db.example/f")
    wait_jobs()
    view.document.flush()
    nowhere(tmp_path)
    variable = view.document.environment.variables[-1]
    assert (variable.name, variable.value, variable.secret) == ("DB", "", "churn-train.DB")
    assert kept_secrets["envstudio/default", "churn-train.DB"] == f"postgres://ml:{S}@db.example/f"


def test_a_variable_replaces_no_other_secret(
    window: MainWindow, kept_secrets: Kept, wait_jobs: Callable[[], None]
) -> None:
    own = "envstudio/default", "churn-train.DB"
    kept_secrets[own] = "of an environment of the same name"
    view = window.open_environment("churn-train")
    view.show_page("Variables").add_line.submitted.emit(f"DB=postgres://ml:{S}@db.example/f")
    wait_jobs()
    view.document.flush()
    assert kept_secrets[own] == "of an environment of the same name"
    assert kept_secrets[own[0], "churn-train.DB.2"] == f"postgres://ml:{S}@db.example/f"
    assert view.document.environment.variables[-1].secret == "churn-train.DB.2"


def test_source(window: MainWindow, kept_secrets: Kept, wait_jobs: Callable[[], None], tmp_path: Path) -> None:
    view = window.open_environment("churn-train")
    document = view.document
    text = document.source().replace("conda-forge", f"https://ana:{S}@conda.example/chan")
    page = view.show_page("Source")
    page.text.setPlainText(f"# see https://conda.example/t/{S}/chan\n{text}")
    page.commit()
    wait_jobs()
    document.flush()
    nowhere(tmp_path)
    assert document.environment.python.channels == ("https://conda.example/chan",)
    assert document.source().startswith("# see https://conda.example/chan\n")


def test_what_is_not_understood_is_not_written(window: MainWindow, tmp_path: Path) -> None:
    document = window.open_environment("churn-train").document
    document.keep("python.pip", f"tidy @ https://ana:{S}@files.example/ nonsense nonsense")
    assert S in document.invalid_inputs["python.pip"]
    nowhere(tmp_path)


@pytest.mark.usefixtures("no_keyring")
def test_without_a_keyring_it_is_left_out(
    window: MainWindow, wait_jobs: Callable[[], None], tmp_path: Path, qtbot: QtBot
) -> None:
    view = window.open_environment("churn-train")
    view.show_page("Packages").add_line.submitted.emit(f"--extra-index-url https://ana:{S}@index.example/simple")
    wait_jobs()
    view.document.flush()
    nowhere(tmp_path)
    assert view.document.environment.python.pip_options[0].value == "https://index.example/simple"
    failed = [job.error for job in window.session.jobs.jobs if isinstance(job.error, Unavailable)]
    assert "was left out" in str(failed[0])

"""A start shows the first rows before the library is open, and loses no key that was typed meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QPoint, QTimer
from PySide6.QtWidgets import QApplication

from envstudio.domain.environment import Environment
from envstudio.errors import EnvStudioError
from envstudio.gui import app as app_module
from envstudio.gui.app import Application
from envstudio.gui.frame.first_look import FirstLook
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.jobs.runner import call_aside
from envstudio.gui.model.session import Session
from envstudio.library import Library
from envstudio.settings import Settings


@pytest.fixture
def application(qapp: QApplication) -> Iterator[Application]:
    """Make an application that has no library yet."""
    made = Application(Settings(theme="light", index="file:///nowhere/simple"))
    yield made
    if made.window.attached:
        made.session.shutdown()
    made.window.close()
    made.window.deleteLater()
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_the_first_rows_are_shown_before_the_library_is_opened(
    application: Application, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[list[str]] = []
    read = Library.open_configured

    def watched(*facts: object) -> object:
        look = application.window.centralWidget()
        assert isinstance(look, FirstLook)
        model = look.list.model()
        seen.append([model.index(row, 0).data() for row in range(model.rowCount())])
        assert application.window.isVisible()
        assert not application.window.attached
        return read(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(Library, "open_configured", watched)
    application.open(library.location, "")
    assert seen == [["Environments", "churn-train", "ocr-gpu"]]
    assert application.window.attached
    assert application.window.browser.model.find("ocr-gpu") == library.environments.list(names=["ocr-gpu"])[0]


def test_rows_stay_where_they_were(application: Application, library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    window = application.window
    navigation: list[QPoint] = []
    read = Library.open_configured

    def watched(*facts: object) -> object:
        look = window.centralWidget()
        assert isinstance(look, FirstLook)
        navigation.append(look.list.viewport().mapTo(window, QPoint()))
        return read(*facts)  # type: ignore[arg-type]

    monkeypatch.setattr(Library, "open_configured", watched)
    application.open(library.location, "")
    QApplication.processEvents()
    assert window.browser.list.viewport().mapTo(window, QPoint()) == navigation[0]


def test_what_cannot_be_opened_is_told_as_ever_and_leaves_no_window(
    application: Application, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*facts: object) -> object:
        raise EnvStudioError("The library is in use.", "Try again.")

    monkeypatch.setattr(app_module, "_opened_and_read", refuse)
    with pytest.raises(EnvStudioError, match="in use"):
        application.open(library.location, "")
    assert not application.window.isVisible()


def test_a_new_library_needs_no_first_look(application: Application, tmp_path: Path) -> None:
    application.open(str(tmp_path / "new.sqlite"), "")
    assert application.window.attached
    assert application.window.stack.currentWidget() is application.window.welcome
    application.session.library.close()


def test_the_program_tells_in_words_what_it_cannot_open(tmp_path: Path) -> None:
    location = tmp_path / "library.sqlite"
    location.write_text("no database at all")
    env = {**os.environ, "ENVSTUDIO_LIBRARY": str(location), "ENVSTUDIO_CONFIG": str(tmp_path / "settings.toml")}
    done = subprocess.run([sys.executable, "-m", "envstudio"], env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "is not an EnvStudio library" in done.stderr
    assert "hint:" in done.stderr
    assert "Traceback" not in done.stderr


AT_REST = """
import json, sys, time
from envstudio.gui.app import Application
from envstudio.settings import Settings

application = Application(Settings(theme="light", index="file:///nowhere/simple"))
application.open(sys.argv[1], "")
application.window.show()
application.start()
checked, until = [], time.monotonic() + 30
while time.monotonic() < until and not checked or application.session.jobs.active():
    application.qt.processEvents()
    checked = [job.title for job in application.session.jobs.jobs if job.title == "Check the event log"]
loaded = sorted({name.partition(".")[0] for name in sys.modules})
application.window.close()
application.session.shutdown()
application.session.library.close()
lazy = ("envstudio.gui.frame.environment_view", "envstudio.gui.frame.guide_page", "envstudio.tasks.help")
print(json.dumps([loaded, [name for name in lazy if name in sys.modules], checked]))
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Docker's SDK is what looks for an engine at a pipe.")
def test_a_window_at_rest_holds_no_library_that_only_work_needs(tmp_path: Path) -> None:
    """It would be held all day by everybody who leaves the window open: the memory that `make bench` limits."""
    with Library.open(tmp_path / "library.sqlite") as library:
        library.versions.register(Environment("vision"))
    words = [sys.executable, "-c", AT_REST, str(tmp_path / "library.sqlite")]
    env = os.environ | {"QT_QPA_PLATFORM": "offscreen", "DOCKER_HOST": f"unix://{tmp_path}/nobody.sock"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=True)
    loaded, needless, checked = json.loads(done.stdout.splitlines()[-1])
    assert {"sqlalchemy", "PySide6"} <= set(loaded)
    assert not {"docker", "rattler", "yaml", "packaging", "pygments", "alembic", "conda_lock"} & set(loaded)
    assert needless == []
    assert checked


def test_a_call_aside_lets_the_window_live_and_raises_what_was_raised(qapp: QApplication) -> None:
    alive, main = threading.Event(), threading.current_thread()
    QTimer.singleShot(0, qapp, alive.set)

    def work() -> threading.Thread:
        assert alive.wait(5)
        return threading.current_thread()

    def fail() -> None:
        raise ValueError("aside")

    assert call_aside(work) is not main
    with pytest.raises(ValueError, match="aside"):
        call_aside(fail)
    assert not [thread.name for thread in threading.enumerate() if thread.name == "aside"]


@pytest.mark.parametrize("how", ["shown last", "gone since", "named", "another library"])
def test_the_workspace_that_was_shown_last_comes_back(
    application: Application, library: Library, tmp_path: Path, how: str
) -> None:
    library.workspaces.create("team")
    team = library.in_workspace("team")
    team.versions.register(Environment("vision"))
    session = Session(team, Settings(theme="light"))
    window = MainWindow(session)
    window.open_environment("vision")
    window.close()
    window.deleteLater()
    if how == "gone since":
        team.environments.delete("vision")
        library.workspaces.rename("team", "squad")
    elif how == "another library":
        with Library.open(tmp_path / "other.sqlite") as other:
            other.workspaces.create("team")
    location = str(tmp_path / "other.sqlite") if how == "another library" else library.location
    application.open(location, "default" if how == "named" else "")
    came_back = how == "shown last"
    assert application.session.library.workspace == ("team" if came_back else "default")
    assert [view.document.name for view in application.window.views()] == (["vision"] if came_back else [])
    if how == "another library":
        application.session.library.close()

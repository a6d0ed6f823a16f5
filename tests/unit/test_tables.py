"""What CONTRIBUTING says: a new format, lock format, builder, target, check, page or command is a line in one table.

Each test adds a dummy to the one table, in a process of its own, and finds it wherever users choose.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMAND_LINE = """
import sys
from envstudio.cli.main import run

def es(*words):
    return run([*words], lambda *_: 2)

es("create", "x", "--python", "3.12", "--package", "pip")
"""

FORMAT = (
    """
import envstudio.formats as formats
from envstudio.formats.format import Format, WriteResult

dummy = Format("dummy", "Dummy", ("*.dummy",), lambda source: source.file_name.endswith(".dummy"), None,
               lambda environment: WriteResult({"x.dummy": environment.name}))
formats.FORMATS += (dummy,)
"""
    + COMMAND_LINE
    + """
assert es("export", "x", "--format", "dummy", "-o", "-") == 0
assert es("formats") == 0
"""
)

LOCK_FORMAT = (
    """
import envstudio.lock_formats as formats
from envstudio.lock_formats.lock_format import LockFormat

dummy = LockFormat("dummy", "Dummy", ("*.dummy",), lambda source: False, None, lambda lock, platform: "a dummy lock")
formats.LOCK_FORMATS += (dummy,)
from envstudio.domain.lock import Lock, PlatformLock
from envstudio.library import Library
import os
"""
    + COMMAND_LINE
    + """
with Library.open(os.environ["ENVSTUDIO_LIBRARY"]) as library:
    library.locks.save("x", Lock(library.find("x").digest, (), (PlatformLock("linux-64", "3.12", ()),)))
assert es("lock", "export", "x", "--format", "dummy") == 0
"""
)

BUILDER = (
    """
import envstudio.builders as builders
from envstudio.builders import Plan

class Dummy:
    id, title = "dummy", "A dummy"
    runs_dockerfiles = True
    needs_engine = mounts_secrets = False

    def build(self, request, report):
        raise NotImplementedError

    def plan(self, request, report):
        return Plan("dummy", ("do nothing at all",), ())

builders.BUILDERS["dummy"] = Dummy()
"""
    + COMMAND_LINE
    + """
from pathlib import Path
Path("Dockerfile").write_text("FROM scratch")
assert es("import", "Dockerfile", "--name", "y") == 0
assert es("settings", "builder", "dummy") == 0
assert es("build", "y", "--builder", "dummy", "--dry-run") == 0
"""
)

TARGET = (
    """
import envstudio.targets as targets
from envstudio.targets import RunResult

class Dummy:
    id, title, needs_image, needs_lock = "dummy", "A dummy", False, False

    def run(self, request, report):
        return RunResult(7, "", "")

targets.TARGETS["dummy"] = Dummy()
"""
    + COMMAND_LINE
    + """
from pathlib import Path
Path("Dockerfile").write_text("FROM scratch")
assert es("import", "Dockerfile", "--name", "y") == 0
assert es("run", "y", "--target", "dummy", "--", "python") == 7
"""
)

CHECK = (
    """
import envstudio.domain.check as checks
from envstudio.domain.check import Check
from envstudio.domain.problem import Problem, Severity

def dummy(environment):
    yield Problem("dummy", Severity.ERROR, "name", "It is a dummy.")

checks.CHECKS += (Check(dummy, "dummy"),)
"""
    + COMMAND_LINE
    + """
assert es("check", "x") == 1
assert es("policy", "checks-off", "dummy") == 0
assert es("check", "x") == 0
"""
)

COMMAND = (
    """
import sys, types
import click
from envstudio.cli import main
from envstudio.cli.app import pass_app

@click.command()
@pass_app
def dummy(app):
    app.emit({"dummy": True}, "a dummy command")

module = types.ModuleType("envstudio.cli.dummy")
module.COMMANDS = {"dummy": dummy}
sys.modules[module.__name__] = module
main.COMMANDS["dummy"] = "dummy"
"""
    + COMMAND_LINE
    + """
assert es("dummy") == 0
"""
)

PAGE = """
from envstudio.gui.frame import page_table

def load():
    from envstudio.gui.pages.page import Page

    class DummyPage(Page):
        def __init__(self, session, document, parent=None):
            super().__init__(session, document, parent)
            self.follow_theme()

    return DummyPage

page_table.ENTRIES += (page_table.PageEntry("Dummy", load),)

from PySide6.QtWidgets import QApplication
from envstudio.domain.environment import Environment
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.model.session import Session
from envstudio.library import Library
from envstudio.settings import Settings

application = QApplication([])
with Library.open("l.sqlite") as library:
    library.versions.register(Environment("x"))
    session = Session(library, Settings(index="file:///nowhere/simple"))
    window = MainWindow(session)
    window.show()
    view = window.open_environment("x")
    window.actions_of["page_dummy"].trigger()
    assert type(view.current_page()).__name__ == "DummyPage"
    window.close()
    session.shutdown()
"""

DUMMIES = {
    "format": (FORMAT, "x"),
    "lock format": (LOCK_FORMAT, "a dummy lock"),
    "builder": (BUILDER, "do nothing at all"),
    "target": (TARGET, ""),
    "check": (CHECK, "It is a dummy."),
    "command": (COMMAND, "a dummy command"),
    "page": (PAGE, ""),
}


@pytest.mark.parametrize("kind", DUMMIES)
def test_one_line_in_one_table_is_enough(kind: str, tmp_path: Path) -> None:
    program, expected = DUMMIES[kind]
    own = {
        "ENVSTUDIO_LIBRARY": str(tmp_path / "library.sqlite"),
        "ENVSTUDIO_CACHE": str(tmp_path / "cache"),
        "DOCKER_HOST": f"unix://{tmp_path / 'no-engine.sock'}",
        "QT_QPA_PLATFORM": "offscreen",
    }
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=os.environ | own, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert expected in done.stdout

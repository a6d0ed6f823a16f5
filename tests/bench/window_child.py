"""The processes that the benchmarks of the window measure: `python -m tests.bench.window_child WHAT …`.

They print one JSON document. On the offscreen platform, painting is painting into memory.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEvent, QEventLoop, QObject, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QTableWidget, QWidget

KEYS = 160
TICK_MILLISECONDS = 5


class Painted(QObject):
    """Waits until a widget was painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__()
        self.seen = False
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            self.seen = True
        return False

    def wait(self, seconds: float = 20.0) -> None:
        deadline = time.perf_counter() + seconds
        while not self.seen and time.perf_counter() < deadline:
            QApplication.processEvents()
        if not self.seen:
            raise TimeoutError("never painted")


def tell(**facts: object) -> None:
    """Print the outcome and end at once, as what follows is not measured."""
    print(json.dumps(facts), flush=True)
    os._exit(0)


def memory() -> dict[str, int]:
    """Return the bytes that are resident, and those of them that no other process shares (Linux)."""
    lines = (Path("/proc/self/smaps_rollup").read_text()).splitlines()[1:]
    sizes = {name.rstrip(":"): int(size) * 1024 for name, size, *_ in map(str.split, lines)}
    return {"resident": sizes["Rss"], "private": sizes["Private_Clean"] + sizes["Private_Dirty"]}


def settle(seconds: float = 1.0) -> None:
    """Let timers and jobs come to rest."""
    deadline = time.perf_counter() + seconds
    while time.perf_counter() < deadline:
        QApplication.processEvents()
        time.sleep(0.005)


def empty() -> None:
    """An empty QMainWindow in PySide6."""
    application = QApplication(["empty"])
    window = QMainWindow()
    window.resize(1440, 900)
    painted = Painted(window)
    window.show()
    painted.wait()
    if "--memory" in sys.argv:
        settle()
        tell(**memory())
    application.processEvents()
    tell()


def first_paint(location: str) -> None:
    """Do what `envstudio` does without words, until the rows of the browser are painted for the first time."""
    from envstudio import __main__ as start
    from envstudio.gui.browser.delegate import BrowserDelegate
    from envstudio.gui.frame.main_window import MainWindow

    show_first, paint = MainWindow.show_first, BrowserDelegate.paint
    painted: list[bool] = []

    def painting(delegate: BrowserDelegate, *facts: Any) -> None:
        paint(delegate, *facts)
        painted.append(True)

    def shown(window: MainWindow, *facts: Any) -> None:
        show_first(window, *facts)
        while not painted:
            QApplication.processEvents()
        QApplication.processEvents()
        tell(painted=len(painted), rows=window.centralWidget().list.model().rowCount())  # type: ignore[attr-defined]

    BrowserDelegate.paint = painting  # type: ignore[method-assign]
    MainWindow.show_first = shown  # type: ignore[method-assign]
    sys.argv = ["envstudio"]
    os.environ["ENVSTUDIO_LIBRARY"] = location
    start.main()


def program(location: str):
    """Start the program's window over a library and wait until all of it is there."""
    from envstudio.gui.app import Application
    from envstudio.settings import Settings

    # No index: what a network answers is not measured here.
    application = Application(Settings(theme="light", index="file:///nowhere/simple"))
    application.open(location, "")
    painted = Painted(application.window.browser.list.viewport())
    application.window.show()
    painted.wait()
    application.start()
    return application


def ready(location: str) -> None:
    """From the start of the process until every command can be given."""
    tell(environments=program(location).window.browser.model.rowCount())


def window_memory(location: str) -> None:
    """The memory of the whole window at rest, after it has checked the event log."""
    application = program(location)
    settle()
    application.window.log_check.look()
    while application.session.jobs.active():
        QApplication.processEvents()
    settle()
    assert application.window.isVisible()
    tell(**memory())


def figures(location: str) -> None:
    """Typing into the filter, opening environments, a resolved diff; and an empty table for comparison."""
    from PySide6.QtTest import QTest

    from envstudio.gui.browser.reads import SEARCH
    from envstudio.gui.history.comparison_pages import RESOLVED
    from envstudio.gui.history.history_page import HistoryPage

    application = program(location)
    window = application.window
    settle(1.5)

    field, viewport = window.browser.filter, window.browser.list.viewport()
    field.setFocus()
    keys: list[float] = []
    words = ("environment-07", "00", "pkg:numpy", "environment-99999", "9", "bench")
    number = 0
    while len(keys) < KEYS:
        field.clear()
        settle(0.02)
        for letter in words[number % len(words)]:
            painted = Painted(viewport)
            started = time.perf_counter()
            QTest.keyClick(field, letter)
            while any(job.key == SEARCH for job in application.session.jobs.active()):
                # As the event loop does: it waits, and does not take the interpreter from the worker.
                QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            if window.browser.stack.currentIndex() == 0:
                viewport.update()
                painted.wait()
            else:
                QApplication.processEvents()
            keys.append(time.perf_counter() - started)
        number += 1
    field.clear()
    settle(1.0)

    opened: list[float] = []
    for index in range(6):
        started = time.perf_counter()
        view = window.open_environment(f"large-{index}")
        page = view.page("Packages")
        painted = Painted(page.table.viewport())  # type: ignore[attr-defined]
        painted.wait()
        opened.append(time.perf_counter() - started)
        settle(0.2)

    view = window.open_environment("locked")
    page = view.show_page("History")
    assert isinstance(page, HistoryPage)
    settle(1.0)
    page.pages.tabs.setCurrentIndex(RESOLVED)
    diffs: list[float] = []
    for number in range(6):
        pair = (1, 2) if number % 2 else (2, 3)
        done: list[bool] = []
        original = page.pages.load

        def loaded(compared: object, original: Callable = original, done: list[bool] = done) -> None:
            original(compared)
            done.append(True)

        page.pages.load = loaded  # type: ignore[method-assign]
        started = time.perf_counter()
        page.select_pair(*pair)
        while not done:
            QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        painted = Painted(page.pages.resolved.viewport())
        page.pages.resolved.viewport().update()
        painted.wait()
        diffs.append(time.perf_counter() - started)
        page.pages.load = original  # type: ignore[method-assign]
        settle(0.3)

    table = QTableWidget(500, 6)
    table.resize(1000, 700)
    started = time.perf_counter()
    painted = Painted(table.viewport())
    table.show()
    painted.wait()
    empty_table = time.perf_counter() - started
    tell(keys=sorted(keys), opened=opened, diffs=diffs, empty_table=empty_table)


def probe(location: str, *words: str) -> None:
    """A timer of 5 ms in the GUI thread during long work: how late each tick comes is how long an input would wait."""
    from envstudio.gui.jobs.job import Job

    what, settings_of = words[0], json.loads(words[1])
    application = program(location)
    window, session = application.window, application.session
    from dataclasses import replace

    session.settings = replace(session.settings, index="", **settings_of)
    settle(1.0)
    late: list[float] = []
    last = [time.perf_counter()]

    def tick() -> None:
        now = time.perf_counter()
        late.append(max(0.0, now - last[0] - TICK_MILLISECONDS / 1000))
        last[0] = now

    timer = QTimer()
    timer.setInterval(TICK_MILLISECONDS)
    timer.timeout.connect(tick)
    done: list[Job] = []
    session.jobs.job_finished.connect(
        lambda job: done.append(job) if job.lane in ("lock", "build", "general") else None
    )
    begun = time.perf_counter()
    if what == "search":
        import string

        window.browser.filter.setFocus()

        def press() -> None:
            text = window.browser.filter.text()
            window.browser.filter.setText("" if len(text) > 5 else text + string.ascii_lowercase[len(late) % 26])

        keys = QTimer()
        keys.setInterval(80)
        keys.timeout.connect(press)
        keys.start()
    elif what == "import":
        window.commands.files.import_files([Path(line) for line in Path(words[2]).read_text().splitlines()])
    else:
        window.open_environment(words[2])
        # How long an opening takes is measured by itself.
        settle(0.5)
        window.actions_of[what].trigger()
    settle(0.0)
    timer.start()
    last[0] = time.perf_counter()
    if what == "search":
        while time.perf_counter() - begun < 6:
            application.qt.processEvents()
            time.sleep(0.0005)
    else:
        while session.jobs.active() and time.perf_counter() - begun < 300:
            application.qt.processEvents()
            time.sleep(0.0005)
    timer.stop()
    ordered = sorted(late)
    tell(
        median=statistics.median(ordered),
        p99=ordered[int(len(ordered) * 0.99)],
        worst=ordered[-1],
        ticks=len(ordered),
        seconds=time.perf_counter() - begun,
        ends=sorted({str(job.status) for job in done}),
        errors=[str(job.error) for job in done if job.error][:2],
    )


WHATS: dict[str, Callable[..., None]] = {
    "empty": empty,
    "first-paint": first_paint,
    "ready": ready,
    "memory": window_memory,
    "figures": figures,
    "probe": probe,
}


def main(words: Sequence[str]) -> None:
    """Run one of them."""
    given = [word for word in words[1:] if not word.startswith("--")]
    WHATS[words[0]](*given)


if __name__ == "__main__":
    main(sys.argv[1:])

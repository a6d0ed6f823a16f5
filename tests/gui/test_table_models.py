"""The small table models, under Qt's own tester."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from PySide6.QtCore import QAbstractItemModel, Qt

from envstudio.domain.amounts import seconds_text, size_text
from envstudio.domain.lock import LockedPackage
from envstudio.domain.query import Query
from envstudio.domain.requirement import conda_requirement
from envstudio.gui.browser.model import BrowserModel
from envstudio.gui.editor.packages_model import WANTED
from envstudio.gui.editor.problems_panel import ProblemsModel
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.images.records_model import BUILD_COLUMNS, IMAGE_COLUMNS, RecordsModel
from envstudio.gui.locks.lock_model import SIZE, LockModel, LockProxy
from envstudio.gui.model.session import Session
from envstudio.gui.widgets.rows import changed_span
from envstudio.library import Library


def test_problems_model(watch_model, session: Session) -> None:
    document = session.open("churn-train")
    model = ProblemsModel()
    watch_model(model)
    document.edit("Remove", document.environment.without_conda("pip"))
    model.load(document.problems())
    assert model.index(0, 0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("warning: ")
    model.load(())
    assert model.rowCount() == 0


def test_lock_model(watch_model) -> None:
    model, proxy = LockModel(), LockProxy()
    proxy.setSourceModel(model)
    watch_model(model)
    watch_model(proxy)
    sizes = {"small": 5, "large": 5_000_000, "middle": 70_000}
    model.load(
        tuple(
            LockedPackage(name, "1", "conda", "https://c.example/x", "0" * 64, size=size)
            for name, size in sizes.items()
        )
    )
    proxy.sort(SIZE, Qt.SortOrder.DescendingOrder)
    assert [proxy.index(row, 0).data() for row in range(3)] == ["large", "middle", "small"]
    proxy.set_text("MID")
    assert proxy.rowCount() == 1


def test_records_models(watch_model, library: Library) -> None:
    number = library.builds.start("churn-train", 2, "direct")
    library.builds.finish(number, "churn-train", "failed", seconds=75, builder="direct", error="No space left.")
    builds, images = RecordsModel(BUILD_COLUMNS), RecordsModel(IMAGE_COLUMNS)
    watch_model(builds)
    watch_model(images)
    builds.load(library.builds.list("churn-train"))
    images.load(library.images.list("churn-train"))
    assert [builds.index(0, column).data() for column in (1, 2, 4, 6)] == ["v2", "failed", "1:15", "No space left."]


def test_changed_span() -> None:
    assert changed_span("abcd", "abcd") == (4, 0, 0)
    assert changed_span("abcd", "abxd") == (2, 1, 1)
    assert changed_span("aaa", "aa") == (2, 1, 0)
    assert changed_span("", "ab") == (0, 0, 2)


def test_texts() -> None:
    assert [size_text(count) for count in (0, 999, 1500, 313_400_000, 2_000_000_000)] == [
        "0 B",
        "999 B",
        "1.5 kB",
        "313 MB",
        "2.0 GB",
    ]
    assert [seconds_text(seconds) for seconds in (0.12, 9.94, 42, 125)] == ["0.1 s", "9.9 s", "42 s", "2:05"]


def test_rows_that_change_all_over_the_browser_are_told_in_order(
    watch_model: Callable[[QAbstractItemModel], None], library: Library
) -> None:
    """With more runs than are reported one by one, rows replace others while the rest goes or comes."""
    info = library.environments.list()[0]
    model = BrowserModel()
    watch_model(model)
    model.load([info._replace(name=f"e{number:03}") for number in range(400)], Query(), None)
    renamed = [info._replace(name=f"e{number:03}-new") for number in range(400)]
    for names, infos in ((range(0, 400, 2), renamed[:150]), (range(1, 400, 2), renamed[150:])):
        model.refresh([f"e{number:03}" for number in names], infos)
        shown = [model.index(row).data() for row in range(1, model.rowCount())]
        assert shown == sorted(found.name for found in model.infos())


def test_rows_of_packages_follow_every_edit(
    watch_model: Callable[[QAbstractItemModel], None], window: MainWindow
) -> None:
    page = window.open_environment("churn-train").show_packages()
    document = page.document
    watch_model(page.model)
    watch_model(page.proxy)
    chance = Random(1)
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        page.table.sortByColumn(WANTED, order)
        for _ in range(30):
            names = chance.sample([f"{letter}{number}" for letter in "abc" for number in range(4)], chance.randrange(9))
            conda = tuple(conda_requirement(f"{name}{chance.choice(('', '>=1', '==2'))}") for name in names)
            python = replace(document.environment.python, conda=conda)
            document.edit("Change", replace(document.environment, python=python))
            if chance.random() < 0.3:
                document.undo_stack.undo()
            assert list(page.model.rows) == [*document.environment.python.conda, *document.environment.python.pip]
            shown = [page.proxy.index(row, WANTED).data() for row in range(page.proxy.rowCount())]
            assert shown == sorted(shown, reverse=order == Qt.SortOrder.DescendingOrder)

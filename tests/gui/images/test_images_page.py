"""The images page: what is there, what is in it, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from gui.waiting import handle_events
from PySide6.QtCore import QAbstractItemModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from envstudio.domain.image import BuiltImage, LayerContents
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.images.contents_view import NAME, SIZE
from envstudio.gui.images.images_page import EMPTY, NONE_YET, PRUNE, REMOVED, SHOWN, ImagesPage
from envstudio.gui.images.prune_view import REPLACED, UNNEEDED
from envstudio.gui.jobs.job import JobStatus
from envstudio.library import Library
from envstudio.tasks.prune_images import PrunePlan

CONTENTS = (
    LayerContents("sha256:0", 70_000_000),
    LayerContents("sha256:1", 20_000_000, (("numpy", 20_000_000),)),
    LayerContents("sha256:2", 10_000_000, (("pandas", 10_000_000),)),
)


def add(library: Library, version: int, *tags: str) -> None:
    image = BuiltImage(
        reference=f"churn-train:{version}",
        image_id=f"sha256:{version:064x}",
        digest="",
        tags=tags or (f"envstudio/churn-train:{version}",),
        builder="direct",
        reused=False,
        seconds=1.0,
        stages=(),
        size=100_000_000,
        layers=3,
        layers_sent=3,
        contents=CONTENTS,
    )
    library.images.add("churn-train", version, image, definition=library.find(f"churn-train:{version}").digest, lock="")


@pytest.fixture
def page(window: MainWindow, library: Library, tmp_path: Path, wait_jobs: Callable[[], None]) -> ImagesPage:
    window.session.settings = replace(window.session.settings, engine=f"unix://{tmp_path}/no.sock")
    add(library, 1)
    add(library, 2, "envstudio/churn-train:2", "registry.example/team/churn-train:2")
    made = window.open_environment("churn-train").show_page("Images")
    assert isinstance(made, ImagesPage)
    window.activateWindow()
    wait_jobs()
    return made


def test_empty(window: MainWindow) -> None:
    page = window.open_environment("ocr-gpu").show_page("Images")
    assert isinstance(page, ImagesPage)
    assert page.stack.currentIndex() == EMPTY
    requests: list[str] = []
    page.command_requested.disconnect()
    page.command_requested.connect(requests.append)
    page.empty.buttons[0].click()
    assert requests == ["build"]


def test_states(page: ImagesPage, watch_model: Callable[[QAbstractItemModel], None]) -> None:
    watch_model(page.images)
    assert page.stack.currentIndex() == SHOWN
    states = [page.images.index(row, 1).data() for row in range(2)]
    assert states == ["engine off", "engine off"]
    page.image_actions.looked.emit({f"sha256:{1:064x}": False, f"sha256:{2:064x}": True})
    assert [page.images.index(row, 1).data() for row in range(2)] == ["present", "missing"]


def test_contents(page: ImagesPage, watch_model: Callable[[QAbstractItemModel], None]) -> None:
    model = page.contents.model
    watch_model(model)
    assert [model.index(row, NAME).data() for row in range(3)] == ["base image", "numpy", "pandas"]
    page.contents.table.sortByColumn(SIZE, Qt.SortOrder.AscendingOrder)
    assert model.index(0, NAME).data() == "pandas"
    page.images_table.setFocus()
    QTest.keyClick(page.images_table, Qt.Key.Key_Return)
    treemap = page.contents.treemap
    assert treemap.hasFocus()
    QTest.keyClick(treemap, Qt.Key.Key_End)
    assert model.part(page.contents.table.currentIndex().row()).name == "pandas"
    page.contents.table.selectRow(1)
    assert treemap.tiles[treemap.current].part.name == "numpy"
    page.contents.views.buttons()[1].click()
    assert page.session.state.preference("treemap") == "layer"


def test_copy_docker_run(page: ImagesPage) -> None:
    page.images_table.selectRow(1)
    page.copy_button.click()
    assert QGuiApplication.clipboard().text() == "docker run --rm -it envstudio/churn-train:1"


def test_push_is_asked_for_in_a_line(page: ImagesPage, wait_jobs: Callable[[], None]) -> None:
    page.images_table.selectRow(0)
    menu = page.menu()
    titles = [action.text() for action in menu.actions() if action.text()]
    assert titles == ["Run…", "Copy docker run", "Push…", "Remove…", "Free space…"]
    menu.actions()[2].trigger()
    menu.deleteLater()
    assert page.line.edit.text() == "registry.example/team/churn-train:2"
    page.line.edit.setText("registry.example/Team/x:1")
    QTest.keyClick(page.line.edit, Qt.Key.Key_Return)
    assert page.line.isVisible()
    assert page.line.reason.text()
    page.line.edit.setText("registry.example/other/x:1")
    page.line.button.click()
    assert page.line.isHidden()
    wait_jobs()
    assert "engine" in page.banner.label.text().lower()
    page.push_button.click()
    assert page.line.edit.text() == "registry.example/other/x:1"
    QTest.keyClick(page.line.edit, Qt.Key.Key_Escape)
    assert page.line.isHidden()


def test_a_command_is_run_in_the_console(page: ImagesPage, window: MainWindow, wait_jobs: Callable[[], None]) -> None:
    page.run_button.click()
    page.line.edit.setText("python -c 'half")
    page.line.button.click()
    assert page.line.reason.text() == "A quote is not closed. Close it, or put a backslash before it."
    page.line.edit.setText("python --version")
    page.line.button.click()
    assert not window.console_folded
    assert window.console.job is not None
    assert window.console.job.title == "Run python --version"
    wait_jobs()
    assert page.banner.isVisible()


def test_remove_is_offered_first(page: ImagesPage, library: Library, wait_jobs: Callable[[], None]) -> None:
    page.images_table.setFocus()
    QTest.keyClick(page.images_table, Qt.Key.Key_Delete)
    assert "churn-train:2 (100 MB)" in page.banner.label.text()
    assert [button.text() for button in page.banner.buttons] == ["Remove", "Keep it"]
    page.banner.buttons[1].click()
    assert page.banner.isHidden()
    page.remove_button.click()
    page.banner.buttons[0].click()
    wait_jobs()
    assert len(library.images.list("churn-train")) == 2, "no engine answers, so nothing is forgotten"


def test_prune_preview(page: ImagesPage, library: Library, watch_model: Callable[[QAbstractItemModel], None]) -> None:
    watch_model(page.prune.model)
    old = library.images.list("churn-train")[1]
    plan = PrunePlan((old,), 30_000_000, (("churn-train:2", "the newest image of its environment"),))
    page.image_actions.planned.emit(plan)
    assert page.stack.currentIndex() == PRUNE
    model = page.prune.model
    assert [model.index(row, 0).data() for row in range(2)] == ["−  remove", "✓  keep"]
    assert page.prune.accept.text() == "Free 30.0 MB"
    QTest.keyClick(page.prune.table, Qt.Key.Key_Escape)
    assert page.stack.currentIndex() == SHOWN
    page.image_actions.planned.emit(PrunePlan((), 0, ()))
    assert page.prune.stack.currentWidget() is page.prune.nothing
    page.prune.nothing.buttons[0].click()
    assert page.stack.currentIndex() == SHOWN


def test_headers_alone_have_no_scroll_bar(window: MainWindow, library: Library) -> None:
    window.resize(1105, 640)
    builds = library.builds
    builds.finish(builds.start("ocr-gpu", 1, "direct"), "ocr-gpu", "failed", seconds=1, builder="direct", stages=())
    page = window.open_environment("ocr-gpu").show_page("Images")
    assert isinstance(page, ImagesPage)
    assert page.stack.currentIndex() == SHOWN
    handle_events()
    assert not page.images_table.horizontalScrollBar().isVisible()
    add(library, 2)
    shown = window.open_environment("churn-train").show_page("Images")
    assert isinstance(shown, ImagesPage)
    handle_events()
    assert shown.images_table.horizontalScrollBar().isVisible()


def test_removing_an_image_that_versions_share_says_so(page: ImagesPage, library: Library) -> None:
    """Built again without a change that matters, two versions have the same image."""
    record = library.images.list("churn-train")[0]
    shared = BuiltImage("ocr-gpu:1", record.image_id, "", ("envstudio/ocr-gpu:1",), "direct", True, 1.0, (), 1, 1, 1)
    page.session.apply(library.images.add("ocr-gpu", 1, shared, definition="d", lock=""))
    page.images_table.selectRow(0)
    page.remove_button.click()
    assert "churn-train:2, which is also that of ocr-gpu:1, (100 MB)" in page.banner.label.text()


def test_the_chosen_image_is_the_one_that_runs(
    page: ImagesPage, monkeypatch: pytest.MonkeyPatch, wait_jobs: Callable[[], None]
) -> None:
    """Also if its version has a newer one."""
    requests: list[object] = []
    monkeypatch.setattr("envstudio.gui.images.image_actions.run", lambda *args, **kw: requests.append(kw["image"]))
    monkeypatch.setattr(page.image_actions, "_ran", lambda *args: None)
    page.images_table.selectRow(1)
    page.image_actions.run(page.chosen(), "true")  # type: ignore[arg-type]
    wait_jobs()
    assert requests == [f"sha256:{1:064x}"]


def test_two_pushes_go_one_after_the_other(page: ImagesPage, wait_jobs: Callable[[], None]) -> None:
    record = page.chosen()
    assert record is not None
    jobs = page.session.jobs
    page.image_actions.push(record, "registry.example/a:1")
    page.image_actions.push(record, "registry.example/b:1")
    wait_jobs()
    pushes = [job for job in jobs.jobs if job.title.startswith("Push")]
    assert [job.status for job in pushes] == [JobStatus.FAILED, JobStatus.FAILED], (
        "no engine answers; none was cancelled"
    )


def test_a_plan_counts_images_and_says_why_each_goes(page: ImagesPage, library: Library) -> None:
    new, old = library.images.list("churn-train")
    kept = (("churn-train:1", "labelled prod"), ("churn-train:2", "the newest image of its environment"))
    page.image_actions.planned.emit(PrunePlan((replace(old, tags=()),), 1, kept, (new, new)))
    assert page.prune.summary.text() == "1 of 3 images of this workspace would be removed"
    model = page.prune.model
    assert [model.index(row, 3).data() for row in range(3)] == [REPLACED, kept[0][1], kept[1][1]]
    page.image_actions.planned.emit(PrunePlan((old,), 1, kept[1:], (new,)))
    assert model.index(0, 3).data() == UNNEEDED


def test_states_follow_the_engine(
    page: ImagesPage, window: MainWindow, tmp_path: Path, wait_jobs: Callable[[], None]
) -> None:
    assert page.images.index(0, 1).data() == "engine off"
    looks: list[str] = []
    page.image_actions.looked.connect(lambda states: looks.append("looked"))
    window.engine_watch.look()
    wait_jobs()
    assert looks == []
    window.session.settings = replace(window.session.settings, engine=f"unix://{tmp_path}/other.sock")
    window.engine_watch.look()
    wait_jobs()
    assert looks == ["looked"]


def test_an_empty_table_says_whether_there_was_an_image(page: ImagesPage, library: Library) -> None:
    failed = library.builds.start("churn-train", 2, "direct")
    page.session.apply(library.builds.finish(failed, "churn-train", "failed", seconds=1, builder="direct"))
    for record in library.images.list("churn-train"):
        page.session.apply(library.images.forget(record.image_id))
    assert not page.images.rows
    assert page.images_table.empty_text == NONE_YET
    done = library.builds.start("churn-train", 2, "direct")
    page.session.apply(library.builds.finish(done, "churn-train", "done", seconds=1, builder="direct"))
    assert page.images_table.empty_text == REMOVED

"""The timeline of versions: each state has a word, and no label goes without a sign."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QApplication

from envstudio.domain.image import BuiltImage
from envstudio.domain.version import VersionInfo
from envstudio.gui.frame.main_window import MainWindow
from envstudio.gui.history.timeline_model import TimelineModel, fitting
from envstudio.library import Library
from envstudio.report import Report
from envstudio.tasks.compare_images import compare_images

MOMENT = datetime(2026, 3, 18, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("info", "messages", "not_stated"),
    [
        (VersionInfo(3, "", "m", MOMENT, "ana", images=1), "1 image", "1 images"),
        (VersionInfo(3, "", "m", MOMENT, "ana", images=2), "2 images", "archived"),
        (VersionInfo(3, "", "m", MOMENT, "ana", archived=True), "archived", "1 image"),
        (VersionInfo(3, "", "m", MOMENT, "ana", ("latest", "prod"), locked=True), "label prod", "label latest"),
    ],
)
def test_states_are_words(qapp: QApplication, info: VersionInfo, messages: str, not_stated: str) -> None:
    model = TimelineModel()
    model.load((info,), "")
    for role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
        assert messages in model.index(0).data(role)
        assert not_stated not in model.index(0).data(role)


def test_labels_that_have_no_room_are_counted(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    labels = ["prod", "staging", "audit-2026"]
    wide = metrics.horizontalAdvance("".join(labels)) + 100
    assert fitting(labels, wide, metrics) == labels
    assert fitting(labels, metrics.horizontalAdvance("prodstaging+1") + 50, metrics) == ["prod", "staging", "+1"]
    assert fitting(labels, metrics.horizontalAdvance("prod+2") + 30, metrics) == ["prod", "+2"]
    assert fitting(labels, 10, metrics) == ["+3"]
    assert fitting([], 10, metrics) == []


def test_a_long_label_is_shortened(qapp: QApplication) -> None:
    metrics = QFontMetrics(qapp.font())
    (shown,) = fitting(["a-label-that-never-ends-" * 8], 120, metrics)
    assert shown.startswith("a-label")
    assert shown.endswith("…")
    assert metrics.horizontalAdvance(shown) <= 120 - 12


def test_a_version_that_is_as_an_older_one_has_its_image(window: MainWindow, library: Library, wait_jobs) -> None:
    """As the browser says, and as a build would find."""
    first = library.find("churn-train:1")
    library.versions.register(first.environment, "back to the first")
    image = BuiltImage("churn-train:1", "sha256:1", "sha256:1", (), "direct", False, 1.0, (), 3_000_000, 4, 1)
    library.images.add("churn-train", 1, image, definition=first.digest, lock="")
    library.images.add("churn-train", 3, image, definition=first.digest, lock="")
    window.browser.reload()
    info = window.browser.model.find("churn-train")
    assert info is not None
    assert info.image == "built"
    assert [item.images for item in library.versions.list("churn-train")] == [1, 0, 1]
    library.images.forget("sha256:1")
    library.images.add("churn-train", 1, image, definition=first.digest, lock="")
    assert [item.images for item in library.versions.list("churn-train")] == [1, 0, 1]
    old, new = library.find("churn-train:2"), library.find("churn-train:3")
    found = compare_images(library, old, new, report=Report())
    assert (found.old_built, found.new_built) == (False, True)
    assert next(row.new for row in found.rows if row.name == "size") == "3.0 MB"

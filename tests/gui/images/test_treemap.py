"""The treemap: its layout, its parts, its keys and its colours."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import combinations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from envstudio.domain.image import ImageRecord, LayerContents
from envstudio.gui.images.contents import BASE, FILES, Part, by_layer, grouped, parts_of
from envstudio.gui.images.squarify import Box, squarify
from envstudio.gui.images.treemap import HUES, Treemap, fill_of
from envstudio.gui.look import theme

LAYERS = (
    LayerContents("sha256:0", 0),
    LayerContents("sha256:1", 60_000_000, (("torch", 55_000_000),)),
    LayerContents("sha256:2", 30_000_000, (("numpy", 20_000_000), ("six", 40_000), ("toml", 30_000))),
)


def record(contents: tuple[LayerContents, ...] = LAYERS, size: int = 150_000_000) -> ImageRecord:
    when = datetime(2026, 1, 31, tzinfo=UTC)
    tags = ("envstudio/a:1",)
    return ImageRecord(1, "a", 1, "sha256:9", "sha256:9", tags, size, 3, "direct", "d", "l", when, contents)


def test_the_example_of_the_paper() -> None:
    boxes = squarify([6, 6, 4, 3, 2, 2, 1], Box(0, 0, 6, 4))
    sizes = [(round(box.width, 2), round(box.height, 2)) for box in boxes]
    assert sizes[:4] == [(3, 2), (3, 2), (1.71, 2.33), (1.29, 2.33)]


@pytest.mark.parametrize("sizes", [[5], [100, 1], [9, 7, 7, 4, 2, 1, 1, 0.001], list(range(80, 0, -1))])
def test_tiles_fill_the_area_and_do_not_overlap(sizes: list[float]) -> None:
    area = Box(3, 5, 640, 360)
    boxes = squarify(sizes, area)
    total = sum(sizes)
    for size, box in zip(sizes, boxes, strict=True):
        assert box.width * box.height == pytest.approx(640 * 360 * size / total)
        assert box.left >= 3 - 1e-6
        assert box.left + box.width <= 643 + 1e-6
        assert box.top + box.height <= 365 + 1e-6
    for one, other in combinations(boxes, 2):
        across = min(one.left + one.width, other.left + other.width) - max(one.left, other.left)
        down = min(one.top + one.height, other.top + other.height) - max(one.top, other.top)
        assert min(across, down) <= 1e-6


def test_no_room() -> None:
    assert squarify([], Box(0, 0, 10, 10)) == []
    assert squarify([3, 2], Box(0, 0, 0, 10)) == [Box(0, 0, 0, 0)] * 2


def test_parts() -> None:
    parts = parts_of(record())
    assert sum(part.size for part in parts) == 150_000_000
    assert [(part.name, part.layer) for part in parts][:3] == [(BASE, 0), ("torch", 1), ("numpy", 2)]
    assert {part.layer for part in parts if part.name == FILES} == {1, 2}
    assert [part.name for part in grouped(parts)][-1] == "2 others"
    assert [title for title, _ in by_layer(parts)] == [BASE, "layer 1", "layer 2"]
    assert parts_of(record(())) == ()


def test_keys_go_from_tile_to_tile(qtbot: QtBot) -> None:
    treemap = Treemap()
    qtbot.addWidget(treemap)
    treemap.resize(600, 400)
    treemap.show()
    treemap.load(parts_of(record()), layers=False)
    chosen: list[Part] = []
    treemap.part_chosen.connect(chosen.append)
    treemap.setFocus()
    QTest.keyClick(treemap, Qt.Key.Key_Home)
    assert treemap.current == 0
    QTest.keyClick(treemap, Qt.Key.Key_Right)
    assert treemap.tiles[treemap.current].box.left > treemap.tiles[0].box.left
    assert treemap.accessibleDescription() == treemap.text_of(treemap.current)
    QTest.keyClick(treemap, Qt.Key.Key_Left)
    assert treemap.current == 0
    assert treemap.accessibleDescription() == "base image, 60.0 MB, 40.0%"
    QTest.keyClick(treemap, Qt.Key.Key_End)
    assert chosen[-1].name == "2 others"
    treemap.choose("six", 2)
    assert treemap.tiles[treemap.current].part.name == "2 others"
    treemap.load(parts_of(record()), layers=True)
    assert {tile.part.name for tile in treemap.tiles} >= {"torch", "numpy", BASE}
    treemap.grab()


@pytest.mark.parametrize("colors", [theme.LIGHT, theme.DARK])
def test_text_holds_contrast_on_every_tile(colors: theme.Colors) -> None:
    for hue in range(-1, len(HUES)):
        assert theme.contrast(colors.text, fill_of(hue, colors)) >= 4.5

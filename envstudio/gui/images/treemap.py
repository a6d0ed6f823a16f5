"""A picture of sizes: each part of an image is a tile as large as it is, by package or by layer.

The arrow keys go from tile to tile; the current one is framed, named to screen readers, and marked in the table beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QAccessible,
    QAccessibleEvent,
    QColor,
    QFocusEvent,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from envstudio.domain.amounts import size_text
from envstudio.gui.images.contents import Part, by_layer, grouped
from envstudio.gui.images.squarify import Box, squarify
from envstudio.gui.look import theme
from envstudio.gui.widgets.label import plain_tip

GAP = 1.0
HEAD = 20.0
LEAST_HEAD = 56.0
LEAST_LABEL = (36.0, 18.0)
HUES = ("accent", "added", "changed", "downgrade", "removed")
STRENGTH = 0.22
"""How much of a hue is in a tile's fill: the text's contrast on it stays above 4.5:1 in light and dark."""


@dataclass(frozen=True, slots=True)
class Tile:
    """A part where it is drawn. `hue` counts in HUES, and is -1 for what is not a package."""

    part: Part
    box: Box
    hue: int


class Treemap(QWidget):
    """`part_chosen` carries the name and the layer of the part that became the current one."""

    part_chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts: tuple[Part, ...] = ()
        self._layers = False
        self._total = 0
        self.tiles: list[Tile] = []
        self._heads: list[tuple[str, Box]] = []
        self.current = -1
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName("Sizes in the image")
        self.setMinimumSize(160, 120)
        self.setMouseTracking(True)

    def load(self, parts: Sequence[Part], *, layers: bool) -> None:
        """Show parts, nested in their layers if that is requested."""
        self._parts, self._layers = tuple(parts), layers
        self._total = sum(part.size for part in parts)
        self.current = -1
        self._lay_out()

    def _lay_out(self) -> None:
        area = Box(0.0, 0.0, float(self.width()), float(self.height()))
        self.tiles, self._heads = [], []
        if self._layers:
            groups = by_layer(self._parts)
            boxes = squarify([sum(part.size for part in parts) for _, parts in groups], area)
            for hue, ((title, parts), box) in enumerate(zip(groups, boxes, strict=True)):
                room = box.height >= LEAST_HEAD and box.width >= LEAST_HEAD and len(parts) > 1
                if room:
                    self._heads.append((f"{title} · {size_text(sum(part.size for part in parts))}", box))
                self._place(grouped(parts), box.inner(2.0, HEAD if room else 2.0), hue)
        else:
            self._place(grouped(self._parts), area, None)
        self.update()

    def _place(self, parts: Sequence[Part], area: Box, hue: int | None) -> None:
        for part, box in zip(parts, squarify([part.size for part in parts], area), strict=True):
            own = -1 if part.layer <= 0 else part.layer % len(HUES) if hue is None else hue % len(HUES)
            self.tiles.append(Tile(part, box, own))

    # Choosing

    def choose(self, name: str, layer: int) -> None:
        """Frame the tile of a part; what is too small to have one is among the others."""
        parts = enumerate(tile.part for tile in self.tiles)
        found = next((position for position, part in parts if (part.name, part.layer) == (name, layer)), None)
        if found is None:
            found = next((position for position, tile in enumerate(self.tiles) if tile.part.layer < 0), -1)
        self._set_current(found, tell=False)

    def _set_current(self, position: int, *, tell: bool = True) -> None:
        if position == self.current or not -1 <= position < len(self.tiles):
            return
        self.current = position
        text = self.text_of(position)
        self.setAccessibleDescription(text)
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.DescriptionChanged))
        if tell and position >= 0:
            self.part_chosen.emit(self.tiles[position].part)
        self.update()

    def text_of(self, position: int) -> str:
        """Say what a tile stands for."""
        if position < 0:
            return ""
        part = self.tiles[position].part
        where = f", layer {part.layer}" if part.layer > 0 else ""
        share = part.size / self._total if self._total else 0.0
        return f"{part.name}, {size_text(part.size)}, {share:.1%}{where}"

    def _tile_at(self, point: QPointF) -> int:
        for position, tile in enumerate(self.tiles):
            if _rect(tile.box).contains(point):
                return position
        return -1

    def _neighbour(self, key: Qt.Key) -> int:
        """Return the tile nearest to the current one in the direction of a key."""
        here = _rect(self.tiles[self.current].box).center()
        ways = {Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1)}
        across, down = ways[key]
        best, nearest = self.current, float("inf")
        for position, tile in enumerate(self.tiles):
            way = _rect(tile.box).center() - here
            along = way.x() * across + way.y() * down
            aside = abs(way.x() * down) + abs(way.y() * across)
            if position != self.current and along > 0.5 and along + 2 * aside < nearest:
                best, nearest = position, along + 2 * aside
        return best

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key = Qt.Key(event.key())
        if not self.tiles:
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._set_current(self._neighbour(key) if self.current >= 0 else 0)
        elif key == Qt.Key.Key_Home:
            self._set_current(0)
        elif key == Qt.Key.Key_End:
            self._set_current(len(self.tiles) - 1)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._tile_at(event.position())
        if position >= 0:
            self._set_current(position)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.current < 0 and self.tiles:
            self._set_current(0)
        self.update()

    def event(self, event: QEvent) -> bool:
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            text = self.text_of(self._tile_at(QPointF(event.pos())))
            QToolTip.showText(event.globalPos(), plain_tip(text), self) if text else QToolTip.hideText()
            return True
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        chosen = theme.colors(self.palette())
        painter.fillRect(self.rect(), QColor(chosen.base))
        for title, box in self._heads:
            head = QRectF(box.left + 6, box.top + 2, box.width - 12, HEAD - 2)
            painter.setPen(QColor(chosen.muted))
            text = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, int(head.width()))
            painter.drawText(head, int(Qt.AlignmentFlag.AlignVCenter), text)
        for position, tile in enumerate(self.tiles):
            self._paint_tile(painter, tile, chosen, current=position == self.current)
        painter.end()

    def _paint_tile(self, painter: QPainter, tile: Tile, chosen: theme.Colors, *, current: bool) -> None:
        rect = _rect(tile.box).adjusted(GAP, GAP, -GAP, -GAP)
        if rect.width() <= 0 or rect.height() <= 0:
            return
        painter.fillRect(rect, QColor(fill_of(tile.hue, chosen)))
        if current:
            painter.setPen(QPen(QColor(chosen.accent if self.hasFocus() else chosen.muted), 2))
            painter.drawRect(rect.adjusted(1, 1, -1, -1))
        if rect.width() < LEAST_LABEL[0] or rect.height() < LEAST_LABEL[1]:
            return
        inside = rect.adjusted(6, 3, -4, -2)
        metrics = painter.fontMetrics()
        painter.setPen(QColor(chosen.text))
        name = metrics.elidedText(tile.part.name, Qt.TextElideMode.ElideRight, int(inside.width()))
        painter.drawText(inside, int(Qt.AlignmentFlag.AlignTop), name)
        below = inside.adjusted(0, metrics.lineSpacing(), 0, 0)
        size = size_text(tile.part.size)
        if below.height() >= metrics.height() and metrics.horizontalAdvance(size) <= below.width():
            painter.drawText(below, int(Qt.AlignmentFlag.AlignTop), size)


def _rect(box: Box) -> QRectF:
    return QRectF(box.left, box.top, box.width, box.height)


def fill_of(hue: int, chosen: theme.Colors) -> str:
    """Return the fill of a tile: a hue of the theme, thinned by its background."""
    if hue < 0:
        return chosen.hover
    strong, ground = QColor(getattr(chosen, HUES[hue])), QColor(chosen.base)
    pairs = (
        (strong.red(), ground.red()),
        (strong.green(), ground.green()),
        (strong.blue(), ground.blue()),
    )
    return QColor(*(round(one * STRENGTH + other * (1 - STRENGTH)) for one, other in pairs)).name()

"""The line below an environment's name that says in words what it is: Python, base, lock, image, description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QToolButton

from envstudio.domain.amounts import size_text
from envstudio.domain.base_python import stated_python
from envstudio.gui.widgets.fitting_row import FittingRow
from envstudio.gui.widgets.label import plain_tip
from envstudio.presentation.moments import when

if TYPE_CHECKING:
    from envstudio.domain.environment import Environment
    from envstudio.domain.image import ImageRecord
    from envstudio.library import LockRecord

LONGEST = 60


@dataclass(frozen=True, slots=True)
class Fact:
    """A part of the line: its words, the page that it opens, and what is to be known besides."""

    text: str
    page: str
    tip: str = ""


def facts_of(
    environment: Environment,
    lock: LockRecord | None,
    image: ImageRecord | None,
    *,
    stale: bool = False,
    curated: bool = False,
) -> list[Fact]:
    """Return the parts of the line; a curated environment has neither lock nor image."""
    found = [Fact(text, "Packages") for text in [_python(environment, None if stale else lock)] if text]
    found.append(Fact(_base(environment), "Image", environment.image.base))
    found += [] if curated else [_lock(lock, stale), _image(image)]
    if environment.description:
        first = environment.description.splitlines()[0]
        found.append(Fact(first if len(first) <= LONGEST else f"{first[:LONGEST]}…", "Image", environment.description))
    return found


def _python(environment: Environment, lock: LockRecord | None) -> str:
    """Return "Python 3.12.7" as it is locked, else as it is requested or stated; "" if it is not known."""
    requested = next((item for item in environment.python.conda if item.name == "python"), None)
    if requested is None:
        return f"Python {stated_python(environment)}" if stated_python(environment) else ""
    if lock is not None:
        for platform in lock.lock.platforms:
            if locked := platform.find("python"):
                return f"Python {locked[0].version}"
    return f"Python {requested.constraint.removesuffix('.*')}".rstrip()


def _base(environment: Environment) -> str:
    image = environment.image
    if image.dockerfile:
        return "from a Dockerfile"
    if image.context is not None:
        return "from a build context"
    return f"on {image.base.rpartition('/')[2]}" if image.base else "no base image"


def _lock(lock: LockRecord | None, stale: bool) -> Fact:
    if lock is None:
        return Fact("not locked", "Lock")
    who = f"by {lock.created_by}, {when(lock.created_at)}"
    if stale:
        return Fact("lock is stale", "Lock", f"The definition was changed since it was locked {who}")
    return Fact(f"locked for {', '.join(lock.lock.platform_names)}", "Lock", f"Locked {who}")


def _image(image: ImageRecord | None) -> Fact:
    if image is None:
        return Fact("no image", "Images")
    text = f"image of v{image.version}, {size_text(image.size)}" if image.size else f"image of v{image.version}"
    return Fact(text, "Images", f"Built {when(image.created_at)}")


class HeaderFacts(FittingRow):
    """Shows as many facts as there is room for; `page_requested` carries the page of the one that was pressed."""

    page_requested = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self._shown: list[Fact] = []

    def show_facts(self, facts: Sequence[Fact]) -> None:
        """Show these, if they are others than those that are shown."""
        if list(facts) == self._shown:
            return
        self._shown = list(facts)
        self.set_widgets([self._button(fact) for fact in facts])

    def _button(self, fact: Fact) -> QToolButton:
        button = QToolButton(self)
        button.setText(fact.text)
        button.setProperty("fact", True)
        button.setToolTip(plain_tip("\n".join(filter(None, (fact.tip, f"Open {fact.page}")))))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(partial(self.page_requested.emit, fact.page))
        return button

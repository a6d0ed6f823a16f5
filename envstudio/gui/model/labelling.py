"""Giving a version a label, from wherever it is requested, without taking it from where someone just put it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from envstudio.errors import Conflict

if TYPE_CHECKING:
    from envstudio.domain.reference import Reference
    from envstudio.gui.model.session import Session


def label_taker(session: Session, reference: Reference) -> Callable[[str], None]:
    """Return what takes the label that is typed. After a `Conflict`, which says where it is, the next time moves it."""
    versions = session.library.versions
    known = dict(versions.labels(reference.name))

    def take(text: str) -> None:
        try:
            change = versions.label(reference, text, was=known.get(text))
        except Conflict:
            known.clear()
            known.update(versions.labels(reference.name))
            raise
        session.apply(change)

    return take

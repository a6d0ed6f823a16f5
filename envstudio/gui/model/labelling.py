"""Giving a version a label, from wherever it is requested, without taking it from where someone just put it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from envstudio.domain.reference import Reference
from envstudio.errors import Conflict

if TYPE_CHECKING:
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
        number = dict(versions.labels(reference.name))[text]
        before = known.get(text)
        session.history.add(
            f"Label {reference.name}:{number} {text}",
            partial(_point, session, reference.name, text, number, before),
            partial(_point, session, reference.name, text, before, number),
        )

    return take


def _point(session: Session, name: str, label: str, was: int | None, to: int | None) -> None:
    """Move a label back or again, from where it was left. Raises `Conflict` if someone moved it since."""
    versions = session.library.versions
    if to is not None:
        session.apply(versions.label(Reference(name, to), label, was=was))
        return
    if dict(versions.labels(name)).get(label) != was:
        raise Conflict(
            f"The label {label} of {name} was moved meanwhile.",
            "Look where it is before you take it away.",
            code="edit-conflict",
            subject=name,
        )
    session.apply(versions.unlabel(name, label))

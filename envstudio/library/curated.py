"""Curated environments: definitions that ship with the program, read-only, cloned to change."""

from __future__ import annotations

from functools import cache

from envstudio import paths
from envstudio.domain.digest import definition_digest
from envstudio.domain.reference import CURATED, Reference
from envstudio.errors import NotFound
from envstudio.formats import native
from envstudio.library.records import EnvironmentInfo, Snapshot

FILE_NAME = "envstudio.yml"


@cache
def names() -> tuple[str, ...]:
    """Return the names of all curated environments, without the prefix."""
    return tuple(sorted(path.parent.name for path in paths.resource("curated").glob(f"*/{FILE_NAME}")))


@cache
def _load(name: str) -> Snapshot:
    path = paths.resource("curated", name, FILE_NAME)
    text = path.read_text("utf-8")
    environment = native.from_text(text, name, str(path)).environment
    return Snapshot(Reference(name, curated=True), environment, 1, definition_digest(environment), text)


def find(reference: Reference) -> Snapshot:
    """Return the curated definition that a reference names. Raises `NotFound`."""
    if reference.name not in names():
        raise NotFound(f"There is no curated environment {reference.name!r}.", f"There are {', '.join(names())}.")
    return _load(reference.name)


def infos() -> tuple[EnvironmentInfo, ...]:
    """Return the curated environments as a browser lists them."""
    return tuple(
        EnvironmentInfo(
            name=CURATED + name,
            kind="curated",
            latest=1,
            digest=_load(name).digest,
            labels=(),
            tags=_load(name).environment.tags,
            archived=False,
            draft_changed=False,
            lock="",
            image="",
            updated_at=None,
            updated_by="EnvStudio",
            description=_load(name).environment.description,
        )
        for name in names()
    )

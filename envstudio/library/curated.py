"""Curated environments: definitions that ship with the program, read-only, cloned to change.

What a list shows of them is in an index beside them, so that a list need not load the readers of definitions.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from envstudio import paths
from envstudio.domain.query import Query, searched_text
from envstudio.domain.reference import CURATED, Reference
from envstudio.errors import Act, InvalidInput, NotFound, Remedy
from envstudio.library.environment_info import EnvironmentInfo
from envstudio.library.hints import did_you_mean
from envstudio.library.records import Snapshot

FILE_NAME = "envstudio.yml"
INDEX = "index.json"


@cache
def names() -> tuple[str, ...]:
    """Return the names of all curated environments, without the prefix."""
    return tuple(sorted(path.parent.name for path in paths.resource("curated").glob(f"*/{FILE_NAME}")))


@cache
def _load(name: str) -> Snapshot:
    from envstudio.domain.digest import definition_digest
    from envstudio.formats import native

    path = paths.resource("curated", name, FILE_NAME)
    text = path.read_text("utf-8")
    environment = native.from_text(text, name, str(path)).environment
    return Snapshot(Reference(name, curated=True), environment, 1, definition_digest(environment), text)


def find(reference: Reference) -> Snapshot:
    """Return the curated definition that a reference names. Raises `NotFound`."""
    if reference.name not in names():
        raise NotFound(
            f"No curated environment named {reference.name!r}.",
            did_you_mean(reference.name, names(), f"There are {', '.join(names())}."),
            code="environment-missing",
            subject=reference.name,
        )
    return _load(reference.name)


def refuse_curated(reference: Reference, why: str) -> None:
    """Raise `InvalidInput` for a curated environment: it "is curated" and `why` that is in the way."""
    if reference.curated:
        raise InvalidInput(
            f"{reference} is curated{why}",
            "Clone it.",
            code="curated-read-only",
            subject=str(reference),
            remedy=Remedy(Act.CLONE, str(reference)),
        )


@cache
def infos() -> tuple[EnvironmentInfo, ...]:
    """Return the curated environments as a browser lists them."""
    index = json.loads(paths.resource("curated", INDEX).read_text("utf-8"))
    return tuple(
        EnvironmentInfo(
            name=CURATED + name,
            kind="curated",
            latest=1,
            digest=entry["digest"],
            labels=(),
            tags=tuple(entry["tags"].items()),
            archived=False,
            draft_changed=False,
            lock="",
            image="",
            updated_at=None,
            updated_by="EnvStudio",
            description=entry["description"],
        )
        for name, entry in index.items()
    )


def definitions_with(query: Query) -> frozenset[str]:
    """Return the digests of the curated definitions that request each package and variable of a search."""
    return frozenset(snapshot.digest for snapshot in map(_load, names()) if _asks_for_all(snapshot, query))


def _asks_for_all(snapshot: Snapshot, query: Query) -> bool:
    from envstudio.library.version_rows import requested_by

    requested = requested_by(snapshot.environment)
    return all(("variable", name) in requested for name in query.variables) and all(
        any(
            name in term.spellings and manager != "variable" and term.admits(version)
            for (manager, name), version in requested.items()
        )
        for term in query.packages
    )


def matching(query: Query) -> tuple[EnvironmentInfo, ...]:
    """Return the curated environments that a search finds."""
    found = definitions_with(query) if query.asks_definitions else None
    return tuple(
        info
        for info in infos()
        if query.says(searched_text(info.name, info.description, info.tags))
        and query.fits(dict(info.labels), dict(info.tags))
        and (found is None or info.digest in found)
    )


def index() -> dict[str, Any]:
    """Return what the index has to hold, read from the definitions themselves."""
    loaded = {name: _load(name) for name in names()}
    return {
        name: {
            "digest": snapshot.digest,
            "description": snapshot.environment.description,
            "tags": dict(snapshot.environment.tags),
        }
        for name, snapshot in loaded.items()
    }


def write_index() -> None:
    """Bring the index up to date after a definition was changed."""
    text = json.dumps(index(), indent=2, ensure_ascii=False)
    paths.resource("curated", INDEX).write_text(f"{text}\n", "utf-8")

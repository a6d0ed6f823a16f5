"""What the cached repodata of conda channels tell of packages. Nothing is fetched, what is not cached passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

from envstudio.lockers.conda import gateway

if TYPE_CHECKING:
    import rattler

Found = TypeVar("Found")


def known_names(channels: Sequence[str], platforms: Sequence[str]) -> frozenset[str]:
    """Return the names of all packages in channels (names or addresses) for some subdirs and noarch."""
    return asyncio.run(_names(channels, platforms))


def known_versions(
    channels: Sequence[str], platforms: Sequence[str], names: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Return the versions of each package by its name, newest first; a name that is nowhere is left out."""
    return asyncio.run(_versions(channels, platforms, sorted(names)))


async def _names(channels: Sequence[str], platforms: Sequence[str]) -> frozenset[str]:
    source = gateway(channels, offline=True)
    asked = [source.names([channel], [platform]) for channel in channels for platform in _with_noarch(platforms)]
    return frozenset(name.normalized for names in await _cached(asked) for name in names)


async def _versions(
    channels: Sequence[str], platforms: Sequence[str], names: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    source = gateway(channels, offline=True)
    # One question for each: a channel may have a name cached in a file of its own, and another name not.
    asked = [
        source.query([channel], [platform], [name], recursive=False)
        for channel in channels
        for platform in _with_noarch(platforms)
        for name in names
    ]
    found: dict[str, dict[str, rattler.Version]] = {}
    for parts in await _cached(asked):
        for records in parts:
            for record in records:
                found.setdefault(record.name.normalized, {})[str(record.version)] = record.version
    return {name: tuple(sorted(versions, key=versions.__getitem__, reverse=True)) for name, versions in found.items()}


async def _cached(asked: Iterable[Awaitable[Found]]) -> list[Found]:
    """Return the answers of those that are in the cache."""
    from rattler.exceptions import FetchRepoDataError, GatewayError, InvalidChannelError

    found: list[Found] = []
    for answer in await asyncio.gather(*asked, return_exceptions=True):
        if isinstance(answer, GatewayError | FetchRepoDataError | InvalidChannelError):
            continue
        if isinstance(answer, BaseException):
            raise answer
        found.append(answer)
    return found


def _with_noarch(platforms: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*platforms, "noarch")))

"""What the cached repodata of conda channels say about packages. Nothing is fetched, what is not cached passed over."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, TypeVar

from envstudio.lockers.conda import gateway

if TYPE_CHECKING:
    import rattler

Found = TypeVar("Found")
NO_CHANNELS: Mapping[str, str] = {}
PYTHONS = ("python", "python_abi")


def known_names(channels: Sequence[str], platforms: Sequence[str]) -> frozenset[str]:
    """Return the names of all packages in channels (names or addresses) for some subdirs and noarch."""
    return asyncio.run(_names(channels, platforms))


def known_versions(
    channels: Sequence[str],
    platforms: Sequence[str],
    names: Iterable[str],
    *,
    pythons: Sequence[str] = (),
    only_from: Mapping[str, str] = NO_CHANNELS,
) -> dict[str, tuple[str, ...]]:
    """Return the versions of each package that the solver could take, newest first; a name without any is left out.

    As in the solver, the first channel that has a package is the only one that it is taken from, unless `only_from`
    names another. A version counts if all platforms that have the package have it; with `pythons` ("3.12.7"), if
    one of these interpreters will do.
    """
    return asyncio.run(_versions(channels, platforms, sorted(names), pythons, only_from))


async def _names(channels: Sequence[str], platforms: Sequence[str]) -> frozenset[str]:
    source = gateway(channels, offline=True)
    queries = [source.names([channel], [platform]) for channel in channels for platform in _with_noarch(platforms)]
    return frozenset(name.normalized for names in await _cached(queries) for name in names or ())


async def _versions(
    channels: Sequence[str],
    platforms: Sequence[str],
    names: Sequence[str],
    pythons: Sequence[str],
    only_from: Mapping[str, str],
) -> dict[str, tuple[str, ...]]:
    source = gateway(channels, offline=True)
    subdirs = _with_noarch(platforms)
    # One question for each: a channel may have a name cached in a file of its own, and another name not.
    questions = [
        (name, channel, subdir)
        for name in names
        for channel in ([only_from[name]] if name in only_from else channels)
        for subdir in subdirs
    ]
    queries = [source.query([channel], [subdir], [name], recursive=False) for name, channel, subdir in questions]
    records: dict[str, dict[str, dict[str, list[rattler.RepoDataRecord]]]] = {}
    for (name, channel, subdir), parts in zip(questions, await _cached(queries), strict=True):
        if there := [record for part in parts or () for record in part]:
            records.setdefault(name, {}).setdefault(channel, {})[subdir] = there
    fits = _python_test(pythons)
    found = {
        name: _common(next(iter(of.values())), fits if name not in PYTHONS else _any) for name, of in records.items()
    }
    return {name: versions for name, versions in found.items() if versions}


def _common(
    records: Mapping[str, Sequence[rattler.RepoDataRecord]], fits: Callable[[rattler.RepoDataRecord], bool]
) -> tuple[str, ...]:
    """Return the versions that fit and that each subdir has, itself or by noarch, newest first."""
    each = {
        subdir: {str(item.version): item.version for item in found if fits(item)} for subdir, found in records.items()
    }
    anywhere = each.pop("noarch", {})
    there = [{**versions, **anywhere} for versions in each.values()] or [anywhere]
    common = {text: version for text, version in there[0].items() if all(text in other for other in there)}
    return tuple(sorted(common, key=common.__getitem__, reverse=True))


def _any(record: rattler.RepoDataRecord) -> bool:
    return True


def _python_test(pythons: Sequence[str]) -> Callable[[rattler.RepoDataRecord], bool]:
    """Return what says whether a record's own dependencies allow one of some interpreters."""
    import rattler
    from rattler.exceptions import InvalidVersionError

    versions = []
    for text in pythons:
        with suppress(InvalidVersionError):
            versions.append(rattler.Version(text))
    if not versions:
        return _any

    @cache
    def allowed(dependency: str) -> frozenset[int]:
        wanted = rattler.MatchSpec(dependency).version
        spec = None if wanted is None else rattler.VersionSpec(str(wanted))
        return frozenset(number for number, one in enumerate(versions) if spec is None or spec.matches(one))

    def fits(record: rattler.RepoDataRecord) -> bool:
        left = frozenset(range(len(versions)))
        for text in record.depends:
            if text.split(" ", 1)[0] in PYTHONS:
                left &= allowed(text)
        return bool(left)

    return fits


async def _cached(queries: Iterable[Awaitable[Found]]) -> list[Found | None]:
    """Return an answer to each question; None to what is not in the cache."""
    from rattler.exceptions import FetchRepoDataError, GatewayError, InvalidChannelError

    found: list[Found | None] = []
    for answer in await asyncio.gather(*queries, return_exceptions=True):
        if isinstance(answer, GatewayError | FetchRepoDataError | InvalidChannelError):
            found.append(None)
            continue
        if isinstance(answer, BaseException):
            raise answer
        found.append(answer)
    return found


def _with_noarch(platforms: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*platforms, "noarch")))

"""conda packages, solved in process by rattler with its gateway and cache."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from envstudio import paths
from envstudio.disk import writing
from envstudio.domain.environment import Environment
from envstudio.domain.lock import LockedPackage
from envstudio.domain.requirement import CondaRequirement
from envstudio.domain.solve_options import SolveOptions, moment_of
from envstudio.errors import Act, EnvStudioError, NotFound, Remedy, Unavailable, redacted
from envstudio.lockers.access import no_access
from envstudio.lockers.channels import NO_DEFAULTS, channel_address, channel_addresses, expanded, match_specs
from envstudio.lockers.conflict import smallest_conflict
from envstudio.packages.channel_client import TIMEOUT_SECONDS, client
from envstudio.packages.conda import record_of
from envstudio.report import Report
from envstudio.settings import Settings

if TYPE_CHECKING:
    import rattler
    from rattler.networking.fetch_repo_data import CacheAction

POLL_SECONDS = 0.05
VIRTUAL_MISSING = re.compile(r"(?P<name>__[a-z0-9_]+)(?P<bound>[^,\n]*), for which no candidates were found")
HIDDEN = re.compile(
    r"(?P<name>[\w.-]+) (?P<versions>[^\n]*?) is excluded because due to strict channel priority not using this option "
    r"from: '(?P<channel>[^']+)'"
)
"""How rattler says that a package is in a channel which is not asked, as an earlier one has packages of that name."""

UNREACHED = "Check the network, the channels' names and logins, and the mirrors in the settings."
UNCACHED = "They are not in the cache, and offline nothing is fetched. Lock once with the network."


def solve(
    environment: Environment,
    platform: str,
    virtual: Sequence[str],
    settings: Settings,
    options: SolveOptions,
    report: Report,
) -> list[LockedPackage]:
    """Return the conda packages of the environment for one platform. Raises `EnvStudioError`, `Cancelled`."""
    records = asyncio.run(_solve(environment, platform, virtual, settings, options, report))
    requested = {item.name for item in environment.python.conda}
    kept = {item.url: item for item in options.kept(platform, "conda")}
    found = [locked_package(record, record.name.normalized in requested) for record in records]
    # What stays comes back without what only its channel tells, such as its licence.
    return [replace(kept[item.url], requested=item.requested) if item.url in kept else item for item in found]


async def _solve(
    environment: Environment,
    platform: str,
    virtual: Sequence[str],
    settings: Settings,
    options: SolveOptions,
    report: Report,
) -> list[rattler.RepoDataRecord]:
    """Solve, and where that fails find out which requirements are to blame."""
    from rattler.exceptions import FetchRepoDataError, GatewayError, InvalidChannelError, SolverError

    channels = channel_addresses(environment, settings)
    timeout = int(settings.timeout or TIMEOUT_SECONDS)
    source = gateway(channels, offline=options.offline, timeout_seconds=timeout)

    async def solved(requirements: Sequence[CondaRequirement]) -> list[rattler.RepoDataRecord]:
        return await _watched(
            rattler_solve(requirements, channels, source, platform, virtual, settings, options), report
        )

    async def solves(requirements: Sequence[CondaRequirement]) -> bool:
        try:
            await solved(requirements)
        except SolverError:
            return False
        return True

    report.line(f"asking {', '.join(channels)} for packages of {platform} and noarch")
    try:
        return await solved(environment.python.conda)
    except SolverError as error:
        await _refuse_unknown_names(environment, platform, channels, source)
        _refuse_missing_gpu(environment, platform, virtual, str(error))
        _refuse_hidden(environment, settings, str(error))
        with report.stage("find the conflict"):
            blamed = await smallest_conflict(environment.python.conda, solves)
        raise EnvStudioError(
            _in_words(blamed, platform, options.pins or settings.pins),
            "Relax one of them." if len(blamed) > 1 else "Choose another version, or add the channel that has it.",
            str(error).strip(),
            code="conda-unsolvable" if len(blamed) > 1 else "conda-not-found",
            subject="" if len(blamed) > 1 else blamed[0].name,
            remedy=Remedy(Act.RELAX),
        ) from error
    except (GatewayError, FetchRepoDataError, InvalidChannelError) as error:
        raise no_access(str(error)) or Unavailable(
            f"The conda channels {', '.join(channels)} cannot be read.",
            UNCACHED if options.offline else UNREACHED,
            str(error),
            code="conda-communication",
            remedy=Remedy(Act.SET_SETTING, "mirror_channels"),
        ) from error


async def _watched(
    work: Coroutine[Any, Any, list[rattler.RepoDataRecord]], report: Report
) -> list[rattler.RepoDataRecord]:
    """Wait for the solver while watching for a request to stop."""
    task = asyncio.ensure_future(work)
    try:
        while not task.done():
            await asyncio.wait({task}, timeout=POLL_SECONDS)
            report.raise_if_cancelled()
        return task.result()
    finally:
        task.cancel()


async def rattler_solve(
    requirements: Sequence[CondaRequirement],
    channels: Sequence[str],
    source: rattler.Gateway,
    platform: str,
    virtual: Sequence[str],
    settings: Settings,
    options: SolveOptions,
) -> list[rattler.RepoDataRecord]:
    """Ask rattler's solver. Raises its own errors."""
    from rattler import solve

    records: list[rattler.RepoDataRecord] = await solve(
        list(channels),
        match_specs(requirements, settings),
        gateway=source,
        locked_packages=[record_of(item) for item in options.kept(platform, "conda")],
        constraints=[*settings.pins, *options.pins],
        exclude_newer=moment_of(options.exclude_newer) if options.exclude_newer else None,
        timestamp_policy="require-timestamp",
        platforms=[platform, "noarch"],
        virtual_packages=[virtual_package(text) for text in virtual],
    )
    return records


def _in_words(blamed: Sequence[CondaRequirement], platform: str, pins: Sequence[str]) -> str:
    """Say which requirements have no solution together."""
    held = f" with {' and '.join(pins)} pinned" if pins else ""
    if len(blamed) == 1:
        return f"{blamed[0].text} is not available for {platform}{held}."
    *others, last = (item.text for item in blamed)
    return f"{', '.join(others)} and {last} conflict on {platform}{held}."


def _refuse_missing_gpu(environment: Environment, platform: str, virtual: Sequence[str], reason: str) -> None:
    """Where only a virtual package is missing, say which and how to state it, not that a channel lacks something."""
    found = VIRTUAL_MISSING.search(reason)
    if found is None:
        return
    name, bound = found["name"], found["bound"].strip()
    has = next((text.partition("=")[2] for text in virtual if text.startswith(f"{name}=")), "")
    cuda = name == "__cuda"
    raise EnvStudioError(
        f"A package needs {name} {bound}".rstrip() + (f", and {platform} has {has}." if has else "."),
        "State the CUDA version of the machine's driver." if cuda else f"State the version of {name} that it has.",
        reason.strip(),
        code="virtual-package-missing",
        subject=name,
        remedy=Remedy(Act.STATE_CUDA if cuda else Act.STATE_VIRTUAL, environment.name),
    )


def _refuse_hidden(environment: Environment, settings: Settings, reason: str) -> None:
    """Where a later channel has what the priority of an earlier one hides, say how it is requested from there."""
    found = HIDDEN.search(reason)
    if found is None:
        return
    name, releases, address = found["name"], found["versions"].replace(" | ", ", "), found["channel"]
    named = (item for item in environment.python.channels if item != NO_DEFAULTS)
    channel = next((item for item in named if address in map(channel_address, expanded(item, settings))), address)
    raise EnvStudioError(
        f"{name} {releases} of {redacted(channel)} is hidden: an earlier channel has {name} too, "
        "and decides which releases there are.",
        f"Request {redacted(channel).rstrip('/')}::{name}, or put that channel first.",
        reason.strip(),
        code="channel-hides-package",
        subject=name,
        remedy=Remedy(Act.EDIT_PACKAGES),
    )


async def _refuse_unknown_names(
    environment: Environment, platform: str, channels: Sequence[str], source: rattler.Gateway
) -> None:
    """Where a package that was requested is in no channel, say so rather than what follows from it."""
    known = {name.normalized for name in await source.names(channels, [platform, "noarch"])}
    for item in environment.python.conda:
        if item.name not in known and not item.channel and not item.name.startswith("__"):
            near = get_close_matches(item.name, sorted(known), 3)
            raise NotFound(
                f"There is no conda package {item.name!r} for {platform} in {', '.join(channels)}.",
                f"Did you mean {', '.join(near)}?" if near else "Check its name, or add the channel that has it.",
                code="conda-not-found",
                subject=item.name,
                remedy=Remedy(Act.EDIT_PACKAGES),
            )


def gateway(
    channels: Sequence[str] = (), *, offline: bool = False, timeout_seconds: int = TIMEOUT_SECONDS
) -> rattler.Gateway:
    """Return the door to channels' repodata, which caches what it reads; offline it only looks into the cache."""
    from rattler import Gateway, SourceConfig

    folder = paths.cache_dir("rattler", "repodata")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    action: CacheAction = "force-cache-only" if offline else "cache-or-fetch"
    return Gateway(
        cache_dir=folder, default_config=SourceConfig(cache_action=action), client=client(channels, timeout_seconds)
    )


def virtual_package(text: str) -> rattler.GenericVirtualPackage:
    """Read "__glibc=2.28", with a build string behind a second "=" if there is one."""
    from rattler import BuildString, GenericVirtualPackage, PackageName, Version

    name, version, build = (text + "=0").split("=")[:3]
    return GenericVirtualPackage(PackageName(name), Version(version), BuildString(build))


def locked_package(record: rattler.RepoDataRecord, requested: bool) -> LockedPackage:
    """Return the exact package that a record describes."""
    facts: dict[str, Any] = json.loads(record.to_json())
    return LockedPackage(
        name=record.name.normalized,
        version=str(record.version),
        manager="conda",
        url=str(record.url),
        sha256=record.sha256.hex() if record.sha256 else "",
        md5=record.md5.hex() if record.md5 else "",
        build=str(record.build),
        size=record.size or 0,
        license=record.license or "",
        requested=requested,
        dependencies=tuple(record.depends),
        purls=tuple(facts.get("purls") or ()),
    )

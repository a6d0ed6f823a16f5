"""From a definition to exact packages: conda's by rattler, in process; pip's by uv on top of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from envstudio.domain.base_python import needed_python, stated_python
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.platforms import PLATFORMS
from envstudio.domain.solve import cutoff
from envstudio.domain.solve_options import SolveOptions
from envstudio.domain.virtual_packages import virtual_packages
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy
from envstudio.lockers import conda, pip
from envstudio.packages.hashes import needs_hash, with_hashes
from envstudio.report import Report
from envstudio.settings import Settings

__all__ = ["solve", "stated_python"]

DEFAULTS = SolveOptions()


def solve(
    environment: Environment,
    *,
    platforms: Sequence[str],
    settings: Settings,
    options: SolveOptions = DEFAULTS,
    report: Report,
) -> Lock:
    """Return a lock of the definition for each platform. Raises `EnvStudioError`, `Cancelled`."""
    if environment.python.managed_by is ManagedBy.USER:
        raise InvalidInput(
            f"{environment.name} is user-managed, so its packages are the image's own and cannot be locked.",
            "Build it without a lock, or let the system manage its Python.",
            code="user-managed",
            subject=environment.name,
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    for platform in platforms:
        if platform not in PLATFORMS:
            raise InvalidInput(
                f"No platform named {platform!r}.",
                f"Choose among {', '.join(PLATFORMS)}.",
                code="unknown-platform",
                subject=platform,
            )
    options = _with_definition(environment, options)
    return Lock(
        definition_digest=definition_digest(environment),
        channels=environment.python.channels,
        indexes=tuple(item.value for item in environment.python.pip_options if item.name.endswith("index-url")),
        platforms=tuple(
            _solve_platform(environment, platform, settings, options, report) for platform in sorted(platforms)
        ),
        exclude_newer=options.exclude_newer,
    )


def _with_definition(environment: Environment, options: SolveOptions) -> SolveOptions:
    """Return the options with what the definition itself says of solving; an age becomes the moment that it means now.

    What is requested of one lock comes before what the definition says.
    """
    newest = options.exclude_newer or environment.solve.exclude_newer
    moment = cutoff(newest, datetime.now(UTC)).isoformat(timespec="seconds") if newest else ""
    return replace(options, exclude_newer=moment, pins=(*environment.solve.pins, *options.pins))


def _solve_platform(
    environment: Environment, platform: str, settings: Settings, options: SolveOptions, report: Report
) -> PlatformLock:
    """Solve conda's part, then pip's on top of it. What is raised names the platform."""
    try:
        return _solved_parts(environment, platform, settings, options, report)
    except EnvStudioError as error:
        error.platform = platform
        raise


def _solved_parts(
    environment: Environment, platform: str, settings: Settings, options: SolveOptions, report: Report
) -> PlatformLock:
    virtual = virtual_packages(platform, environment)
    packages: list[LockedPackage] = []
    if environment.python.conda:
        with report.stage(f"solve conda for {platform}"):
            packages += conda.solve(environment, platform, virtual, settings, options, report)
    python = _conda_python(packages) or needed_python(environment)
    if environment.python.pip:
        with report.stage(f"resolve pip for {platform}"):
            packages += pip.solve(environment, platform, virtual, python, packages, settings, options, report)
    if any(needs_hash(item) for item in packages):
        with report.stage("compute hashes"):
            packages = list(with_hashes(packages, settings, report))
    return PlatformLock(platform, python, sorted_packages(packages), virtual)


def _conda_python(packages: list[LockedPackage]) -> str:
    return next((item.version for item in packages if item.manager == "conda" and item.name == "python"), "")

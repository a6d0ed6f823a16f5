"""What packages there are: names and versions, from caches where the network is not wanted or does not answer.

conda's come from the repodata that locking cached; pip's from the index, one project at a time, which is cached too.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment
from envstudio.errors import Unavailable
from envstudio.packages import simple_index
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

PARALLEL = 8
Newest = dict[tuple[str, str], str]


@dataclass(frozen=True, slots=True)
class Names:
    """The names that are known, sorted."""

    conda: tuple[str, ...] = field(default=())
    pip: tuple[str, ...] = field(default=())


def known_names(settings: Settings, environment: Environment, *, report: Report) -> Names:
    """Return what an environment's channels and indexes are known to have, without asking the network."""
    from envstudio.lockers.conda import channel_addresses
    from envstudio.lockers.repodata import known_names as conda_names

    report.raise_if_cancelled()
    conda = conda_names(channel_addresses(environment, settings), settings.platforms)
    pip = {name for index in indexes(settings, environment) for name in simple_index.cached_projects(index)}
    pip |= {item.name for item in environment.python.pip}
    return Names(tuple(sorted(conda)), tuple(sorted(pip)))


def known_versions(
    settings: Settings, environment: Environment, manager: str, name: str, *, report: Report
) -> tuple[str, ...]:
    """Return the versions of one package, newest first; empty where nothing is known."""
    report.raise_if_cancelled()
    if manager == "conda":
        return _conda(settings, environment, [name]).get(name, ())
    return _pip(settings, environment, name, "", fetch=True)


def newest_packages(settings: Settings, environment: Environment, python: str = "", *, report: Report) -> Newest:
    """Return the newest version of each requirement by manager and name; those of which nothing is known are left out.

    `python` ("3.12.7") leaves out what is for other interpreters. Pre-releases count only where there is nothing else.
    """
    report.raise_if_cancelled()
    found: Newest = {}
    for name, versions in _conda(settings, environment, [item.name for item in environment.python.conda]).items():
        found["conda", name] = _newest_final(versions)
    projects = sorted({item.name for item in environment.python.pip})
    # An index that does not answer one question is not asked the others, so that being offline costs one time-out.
    reachable = not projects or _answers(settings, environment, projects[0])
    with ThreadPoolExecutor(PARALLEL) as pool:
        asked = {
            name: pool.submit(_pip, settings, environment, name, python, fetch=reachable and not report.cancelled)
            for name in projects
        }
        for name, answer in asked.items():
            report.raise_if_cancelled()
            if versions := answer.result():
                found["pip", name] = versions[0]
    return found


def indexes(settings: Settings, environment: Environment) -> tuple[str, ...]:
    """Return the indexes that an environment's pip packages come from, after the mirrors."""
    named = [
        option.value
        for name in ("--index-url", "--extra-index-url")
        for option in environment.python.pip_options
        if option.name == name
    ]
    if not any(option.name == "--index-url" for option in environment.python.pip_options):
        named.insert(0, settings.index or simple_index.usual_index())
    return tuple(dict.fromkeys(mirrored(index, settings.mirror_indexes) for index in named))


def _conda(settings: Settings, environment: Environment, names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    from envstudio.lockers.conda import channel_addresses
    from envstudio.lockers.repodata import known_versions as conda_versions

    return conda_versions(channel_addresses(environment, settings), settings.platforms, names)


def _answers(settings: Settings, environment: Environment, project: str) -> bool:
    try:
        simple_index.project_files(indexes(settings, environment)[0], project, settings)
    except Unavailable:
        return False
    return True


def _pip(settings: Settings, environment: Environment, name: str, python: str, *, fetch: bool) -> tuple[str, ...]:
    files: list[simple_index.ProjectFile] = []
    for index in indexes(settings, environment):
        try:
            files += simple_index.project_files(index, str(canonicalize_name(name)), settings, fetch=fetch)
        except Unavailable:
            continue
    return simple_index.versions(files, python)


def _newest_final(versions: tuple[str, ...]) -> str:
    """Return the first version that is no pre-release by its letters, else the first."""
    final = (text for text in versions if not any(mark in text for mark in ("a", "b", "rc", "dev")))
    return next(final, versions[0])

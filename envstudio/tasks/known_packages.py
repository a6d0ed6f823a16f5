"""What packages there are: names and versions, from caches if the network is not wanted or does not answer.

conda's come from the repodata that locking cached; pip's from the index, one project at a time, which is cached too.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field

from packaging.utils import canonicalize_name

from envstudio.domain.base_python import stated_python
from envstudio.domain.environment import Environment
from envstudio.domain.requirement import PipKind
from envstudio.domain.version import anchor, release
from envstudio.domain.version_order import allows, is_prerelease
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
    from envstudio.lockers.channels import channel_addresses
    from envstudio.lockers.repodata import known_names as conda_names

    report.raise_if_cancelled()
    conda = conda_names(channel_addresses(environment, settings), settings.platforms)
    pip = {name for index in indexes(settings, environment) for name in simple_index.cached_projects(index)}
    pip |= {item.name for item in environment.python.pip}
    return Names(tuple(sorted(conda)), tuple(sorted(pip)))


def known_versions(
    settings: Settings, environment: Environment, manager: str, name: str, *, report: Report
) -> tuple[str, ...]:
    """Return the versions of one package, newest first; empty if nothing is known."""
    report.raise_if_cancelled()
    if manager == "conda":
        return _conda(settings, environment, [name], ()).get(name, ())
    return _pip(settings, environment, name, (), fetch=True)


def newest_packages(settings: Settings, environment: Environment, locked: str = "", *, report: Report) -> Newest:
    """Return the newest version of each requirement by manager and name; those of which nothing is known are left out.

    What is for none of the interpreters that the definition allows is left out; `locked` ("3.12.7") is the one that it
    was locked with. Pre-releases count if pip is told `--pre`, and else only if there is nothing else. What comes
    from an address or a path is of no index, and has no newest version.
    """
    report.raise_if_cancelled()
    found: Newest = {}
    pythons = _pythons(settings, environment, locked)
    conda = _conda(settings, environment, [item.name for item in environment.python.conda], pythons)
    for name, versions in conda.items():
        found["conda", name] = next((text for text in versions if not is_prerelease(text)), versions[0])
    projects = sorted(
        {item.name for item in environment.python.pip if item.kind is PipKind.NAMED and not item.editable}
    )
    final_first = not any(option.name == "--pre" for option in environment.python.pip_options)
    # An index that does not answer one question is not asked the others, so that being offline costs one time-out.
    reachable = not projects or _answers(settings, environment, projects[0])
    with ThreadPoolExecutor(PARALLEL) as pool:
        answers = {
            name: pool.submit(
                _pip,
                settings,
                environment,
                name,
                pythons,
                fetch=reachable and not report.cancelled,
                final_first=final_first,
            )
            for name in projects
        }
        for name, answer in answers.items():
            report.raise_if_cancelled()
            if versions := answer.result():
                found["pip", name] = versions[0]
    return found


def _pythons(settings: Settings, environment: Environment, locked: str) -> tuple[str, ...]:
    """Return the interpreters that the next lock may have, the newest of each release; empty if none is known."""
    wanted = next((item for item in environment.python.conda if item.name == "python"), None)
    if wanted is None:
        stated = "" if environment.python.conda else stated_python(environment)
        known = stated if stated and not f"{locked}.".startswith(f"{stated}.") else locked
        return (known,) if known else ()
    newest: dict[tuple[int, ...], str] = {}
    for version in _conda(settings, environment, ["python"], ()).get("python", ()):
        if allows(wanted, version) and not is_prerelease(version):
            newest.setdefault(release(version)[:2], version)
    if newest:
        return tuple(newest.values())
    if locked and allows(wanted, locked):
        return (locked,)
    stated = anchor(wanted.version)
    return (stated,) if stated and allows(wanted, stated) and not allows(wanted, "99") else ()


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


def _conda(
    settings: Settings, environment: Environment, names: Iterable[str], pythons: Sequence[str]
) -> dict[str, tuple[str, ...]]:
    from envstudio.lockers.channels import channel_addresses
    from envstudio.lockers.repodata import known_versions as conda_versions

    only_from = {
        item.name: mirrored(item.channel, settings.mirror_channels) for item in environment.python.conda if item.channel
    }
    channels = channel_addresses(environment, settings)
    return conda_versions(channels, settings.platforms, names, pythons=pythons, only_from=only_from)


def _answers(settings: Settings, environment: Environment, project: str) -> bool:
    try:
        simple_index.project_files(indexes(settings, environment)[0], project, settings)
    except Unavailable:
        return False
    return True


def _pip(
    settings: Settings,
    environment: Environment,
    name: str,
    pythons: Sequence[str],
    *,
    fetch: bool,
    final_first: bool = True,
) -> tuple[str, ...]:
    files: tuple[simple_index.ProjectFile, ...] = ()
    main, *extra = indexes(settings, environment)
    # As uv does: additional indexes come first, and the first that has a project is the only one it is taken from.
    for index in (*extra, main):
        with suppress(Unavailable):
            files = simple_index.project_files(index, str(canonicalize_name(name)), settings, fetch=fetch)
        if files:
            break
    specifiers = {file.python for file in files}
    fitting = {text for text in specifiers if not pythons or any(simple_index.fits(text, one) for one in pythons)}
    return simple_index.versions((file for file in files if file.python in fitting), final_first=final_first)

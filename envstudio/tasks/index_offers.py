"""Which of several package indexes offer the packages of a lock: what two of them offer may come from a stranger.

pip looks at all indexes together and takes the best version, so that whoever may upload to one of them decides what is
installed (dependency confusion). A package that is pinned to an index is requested there alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from packaging.version import Version

from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.domain.problem import Fix, Problem, Severity
from envstudio.domain.requirement import pep508
from envstudio.domain.solve import IndexStrategy
from envstudio.errors import Unavailable
from envstudio.lockers.requires_python import is_version
from envstudio.packages.simple_index import project_files, usual_index
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

PARALLEL = 16
Versions = Mapping[str, set[str]]
"""The versions of a package that each index has."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A package that several indexes offer: its name and version, the indexes, and those that have that version.

    `otherwise` is what the other strategy would take: an index, and the version if that is known.
    """

    name: str
    version: str
    indexes: tuple[str, ...]
    having: tuple[str, ...]
    otherwise: tuple[str, str] | None = None


def indexes_of(environment: Environment, settings: Settings) -> tuple[str, ...]:
    """Return the indexes that are asked for packages that are pinned to none, the main one first."""
    options = environment.python.pip_options
    main = [item.value for item in options if item.name == "--index-url"] or [settings.index or usual_index()]
    extra = [item.value for item in options if item.name == "--extra-index-url"]
    return tuple(dict.fromkeys(item.rstrip("/") for item in (main[-1], *extra)))


def ask(environment: Environment, lock: Lock, settings: Settings, report: Report) -> None:
    """Ask the indexes for the packages of a lock, so that `offers` knows. What does not answer is passed over."""
    indexes = indexes_of(environment, settings)
    names = _names(environment, lock)
    if len(indexes) < 2 or not names:
        return
    questions = [(index, name) for name in names for index in indexes]

    def one(question: tuple[str, str]) -> None:
        if not report.cancelled:
            _files(*question, settings, fetch=True)

    with report.stage("compare the indexes"), ThreadPoolExecutor(PARALLEL) as pool:
        for number, _ in enumerate(pool.map(one, questions), 1):
            report.progress(number, len(questions), "questions")


def offers(environment: Environment, lock: Lock, settings: Settings) -> tuple[Offer, ...]:
    """Return the packages that several indexes offer, as far as they were asked; nothing is fetched."""
    indexes = indexes_of(environment, settings)
    if len(indexes) < 2:
        return ()
    found = []
    for name, version in sorted(_names(environment, lock).items()):
        versions = {index: _files(index, name, settings, fetch=False) for index in indexes}
        there = tuple(index for index in indexes if versions[index])
        if len(there) > 1:
            having = tuple(item for item in there if version in versions[item])
            # "first" means to uv the additional indexes in their order, and the main one last.
            in_order = [index for index in (*indexes[1:], indexes[0]) if index in there]
            other = _otherwise(environment, name, version, {index: versions[index] for index in in_order})
            found.append(Offer(name, version, there, having, other))
    return tuple(found)


def _otherwise(environment: Environment, name: str, version: str, versions: Versions) -> tuple[str, str] | None:
    """Return index and version that the other strategy would take, as far as the definition's own requirement tells.

    `versions` has the indexes in the order in which "first" looks at them.
    """
    line = next((item.line for item in environment.python.pip if item.name == name), "")
    parsed = pep508(line) if line else None
    allowed = [
        (Version(item), index)
        for index, found in versions.items()
        for item in found
        if is_version(item) and (parsed is None or parsed.specifier.contains(item)) and not Version(item).is_prerelease
    ]
    if environment.solve.index_strategy is not IndexStrategy.FIRST:
        first = next(iter(versions))
        newest = max((item for item, index in allowed if index == first), default="")
        return None if version in versions[first] else (first, str(newest))
    newest, index = max(allowed, key=lambda pair: pair[0], default=(Version("0"), ""))
    return (index, str(newest)) if is_version(version) and newest > Version(version) else None


def problems(found: Sequence[Offer]) -> tuple[Problem, ...]:
    """Return a warning for each, whose fix pins the package to the index that it was locked from."""
    return tuple(
        Problem(
            "several-indexes",
            Severity.WARNING,
            f"python.pip.{item.name}",
            f"{' and '.join(item.indexes)} both offer {item.name}; whoever may upload to either decides what is taken."
            + _strategies(item),
            "Pin it to the index that it should come from.",
            Fix(f"Pin to {_chosen(item)}", partial(_pinned, item)),
        )
        for item in found
    )


def _strategies(offer: Offer) -> str:
    """Say what the other index strategy would take, if that is not the same."""
    if offer.otherwise is None:
        return ""
    index, version = offer.otherwise
    return f" The strategies differ: it is {offer.version}, and the other one would take {version or 'one'} of {index}."


def _chosen(offer: Offer) -> str:
    return (offer.having or offer.indexes)[0]


def _pinned(offer: Offer, environment: Environment) -> Environment:
    return environment.with_pip_index(offer.name, _chosen(offer))


def _names(environment: Environment, lock: Lock) -> dict[str, str]:
    """Return the packages of pip's that are pinned to no index, with their versions."""
    pinned = dict(environment.python.pip_indexes)
    packages = (item for part in lock.platforms for item in part.of("pip") if not item.url.startswith("git+"))
    return {item.name: item.version for item in packages if item.name not in pinned}


def _files(index: str, name: str, settings: Settings, *, fetch: bool) -> set[str]:
    """Return the versions of a project on an index; none if it has no such project or does not answer."""
    try:
        found = project_files(mirrored(index, settings.mirror_indexes), name, settings, fetch=fetch)
    except Unavailable:
        return set()
    return {item.version for item in found}

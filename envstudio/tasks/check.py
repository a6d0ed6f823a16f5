"""check: what is wrong with a version, by its definition and by the lock that belongs to it."""

from __future__ import annotations

from pathlib import Path

from envstudio.builders.dockerfiles.context import local_folder
from envstudio.builders.dockerfiles.context_folder import checked_dockerfile
from envstudio.consents import LINK_SCRIPTS, SOURCE_BUILDS
from envstudio.domain.check import check
from envstudio.domain.check_image import template_problems
from envstudio.domain.environment import Environment
from envstudio.domain.lock import Lock
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.shared_files import problems
from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.library import Library
from envstudio.packages.conda_store import left_out, with_link_scripts
from envstudio.packages.file_lists import known_in_common
from envstudio.packages.hashes import is_unhashed
from envstudio.packages.source_builds import is_source
from envstudio.presentation.names import listed
from envstudio.settings import Settings
from envstudio.tasks import index_offers
from envstudio.tasks.policy import policies, under_policies
from envstudio.tasks.read_path import read_path

MOST_NAMES = 5


def check_version(library: Library, settings: Settings, reference: str) -> tuple[Problem, ...]:
    """Return the problems of a version, and those of its lock if it has one. Raises `NotFound`."""
    snapshot = library.find(reference)
    record = None if snapshot.reference.curated else library.locks.find(snapshot.environment.name, snapshot.digest)
    found = _problems(snapshot.environment, record.lock if record else None, settings)
    return under_policies(found, policies(library))


def check_path(library: Library, settings: Settings, path: Path) -> tuple[Problem, ...]:
    """Return the problems of a file, or of what a folder or prefix holds; nothing is stored. Raises `EnvStudioError`.

    Secrets that an import would put into the keyring are problems, since they stand in the file.
    """
    read = read_path(path)
    return (*read.problems, *under_policies(_problems(read.as_written, read.lock, settings), policies(library)))


def _problems(environment: Environment, lock: Lock | None, settings: Settings) -> tuple[Problem, ...]:
    found = (*check(environment), *_context_problems(environment))
    if lock is None:
        return found
    shared = index_offers.offers(environment, lock, settings)
    return (*found, *index_offers.problems(shared), *lock_problems(lock))


def _context_problems(environment: Environment) -> tuple[Problem, ...]:
    """Return what is wrong with the Dockerfile of a build context whose folder is here."""
    context = environment.image.context
    if context is None or context.is_remote or context.is_relative:
        return ()
    try:
        dockerfile = checked_dockerfile(local_folder(context), context.dockerfile_path)
        return tuple(template_problems(dockerfile.read_text("utf-8", "replace")))
    except (InvalidInput, OSError):
        return ()  # a build says so


def lock_problems(lock: Lock) -> tuple[Problem, ...]:
    """Return what a lock holds that will be left out, needs consent, cannot be verified, or is replaced by another."""
    packages = [item for part in lock.platforms for item in part.packages]
    sources = sorted({f"{item.name} {item.version}" for item in packages if item.manager == "pip" and is_source(item)})
    unhashed = sorted({f"{item.name} {item.version}" for item in packages if is_unhashed(item)})
    scripts = sorted(set(with_link_scripts(item for item in packages if item.manager == "conda")))
    found = []
    if scripts:
        sentence = left_out(scripts)
        advice = "If they are needed, build with BuildKit and allow link scripts."
        remedy = Remedy(Act.ALLOW_ALWAYS, LINK_SCRIPTS)
        found.append(_problem("link-scripts-left-out", f"{sentence[0].upper()}{sentence[1:]}.", advice, remedy))
    if sources:
        advice = "Building runs their code, and has to be allowed."
        remedy = Remedy(Act.ALLOW_ALWAYS, SOURCE_BUILDS)
        found.append(
            _problem("built-from-source", f"{listed(sources, MOST_NAMES)} will be built from source.", advice, remedy)
        )
    if unhashed:
        advice = "Lock again, which computes the hash."
        found.append(
            _problem(
                "no-hash", f"The lock has no hash of {listed(unhashed, MOST_NAMES)}.", advice, Remedy(Act.LOCK_AGAIN)
            )
        )
    return (*found, *_shared_files(lock))


def _shared_files(lock: Lock) -> tuple[Problem, ...]:
    """Return which packages bring the same files, of those that were fetched before."""
    found = {}
    for part in lock.platforms:
        for problem in problems(known_in_common(part.packages, part.platform, part.python_minor)):
            found[problem.message] = problem
    return tuple(found.values())


def _problem(code: str, message: str, advice: str, remedy: Remedy) -> Problem:
    return Problem(code, Severity.WARNING, "lock", message, advice, remedy=remedy)

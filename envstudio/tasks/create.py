"""create: a new environment, empty, from packages, or cloned from another version."""

from __future__ import annotations

from dataclasses import replace

from envstudio.domain.base_python import base_with_python
from envstudio.domain.check_packages import PYTHON_VERSION
from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.policy import INDEX_STRATEGY
from envstudio.domain.reference import checked_name
from envstudio.domain.requirement import conda_requirement
from envstudio.domain.solve import IndexStrategy
from envstudio.errors import InvalidInput
from envstudio.library import Library, Registered
from envstudio.settings import Settings
from envstudio.tasks.edit import Edits, edited
from envstudio.tasks.policy import policies, refuse_problems


def create(
    library: Library,
    settings: Settings,
    name: str,
    *,
    source: str = "",
    python: str = "",
    edits: Edits,
    message: str = "",
    strict: bool = False,
) -> Registered:
    """Register version 1 of a new environment. Raises `Conflict` if it exists.

    With `strict`, raises `InvalidInput` for a definition whose check finds errors or warnings.

    `source` is a reference to clone. `python` is the interpreter's version: from conda if conda packages are asked
    for, else stated as the base image's.
    """
    checked_name(name)
    environment = edited(_start(library, settings, name, source, python), edits)
    if python:
        environment = with_python(environment, python)
    if not source and environment.python.conda and not environment.python.channels:
        environment = environment.with_channels(settings.channels)
    if not source and (strategy := policies(library)[INDEX_STRATEGY]) and not environment.solve.index_strategy:
        environment = replace(environment, solve=replace(environment.solve, index_strategy=IndexStrategy(strategy)))
    if strict:
        refuse_problems(library, environment)
    default = f"Cloned from {source}" if source else "Created"
    return library.versions.register(environment, message or default, new=True)


def _start(library: Library, settings: Settings, name: str, source: str, python: str) -> Environment:
    if source:
        return library.find(source).environment.renamed(name)
    # Without conda packages the Python is the base image's.
    base = base_with_python(settings.base_image, python) if PYTHON_VERSION.fullmatch(python) else settings.base_image
    return Environment(name, Python(), Image(base=base))


def with_python(environment: Environment, version: str) -> Environment:
    """Return the environment with its Python's version set where it comes from. Raises `InvalidInput`."""
    if not PYTHON_VERSION.fullmatch(version):
        raise InvalidInput(
            f"{version!r} is not a Python version.", "Write 3.11 or 3.11.4.", code="invalid-python", subject=version
        )
    if environment.python.conda:
        stated = conda_requirement(f"python={version}")
        if all(item.name != "python" for item in environment.python.conda):
            python = replace(environment.python, conda=(stated, *environment.python.conda))
            return replace(environment, python=python)
        return environment.with_conda(stated)
    return replace(environment, python=replace(environment.python, version=version))

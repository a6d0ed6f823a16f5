"""edit: changes given as words become a new version."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.check import check, refuse_contradictions
from envstudio.domain.diff import SOLVE_PARTS
from envstudio.domain.environment import Environment, Variable
from envstudio.domain.image_name import checked_base
from envstudio.domain.reference import Reference, parse_reference
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.solve import IndexStrategy, Solve
from envstudio.errors import InvalidInput, NotFound
from envstudio.formats.native_text import written
from envstudio.library import Draft, Library, Registered, Snapshot
from envstudio.library.curated import refuse_curated
from envstudio.report import Report, silent
from envstudio.settings import listed
from envstudio.tasks.policy import refuse_problems
from envstudio.tasks.registration import register

REFUSED = ("secret-in-url",)


@dataclass(frozen=True, slots=True)
class Edits:
    """What to change. Specs are conda match specs or pip requirements, `set_variables` are "NAME=VALUE".

    `virtual_packages` are "PLATFORM:NAME=VERSION" and `solve` "KEY=VALUE", of the section solve; an empty value takes
    what is stated away.
    """

    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    add_pip: tuple[str, ...] = ()
    remove_pip: tuple[str, ...] = ()
    set_variables: tuple[str, ...] = ()
    unset: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    base_image: str = ""
    python: str = ""
    description: str | None = None
    cuda: str | None = None
    virtual_packages: tuple[str, ...] = ()
    solve: tuple[str, ...] = ()


def edit(
    library: Library,
    reference: str,
    edits: Edits,
    *,
    message: str = "",
    strict: bool = False,
    report: Report | None = None,
) -> Registered:
    """Apply edits to a version or draft and register the result as the newest. Raises `EnvStudioError`.

    A name alone means its draft if one was saved. If someone registers another version meanwhile, the edits are
    replayed on that; raises `Conflict` if both changed the same entry. With `strict`, raises `InvalidInput` for a
    definition whose check finds errors or warnings.
    """
    wanted = parse_reference(reference)
    refuse_curated(wanted, " and cannot be changed.")
    named = wanted.version is None and wanted.label is None
    newest = library.find(Reference(wanted.name)).environment
    if not named:
        start = library.find(wanted)
        return _registered(library, start, edits, message, strict, started=newest, report=report or silent())
    draft = library.versions.draft(wanted.name)
    base = library.find(Reference(wanted.name, draft.base_version)).environment if draft.saved else draft.environment
    return _registered(
        library, draft, edits, message, strict, started=base, draft=draft.environment, report=report or silent()
    )


def _registered(
    library: Library,
    start: Snapshot | Draft,
    edits: Edits,
    message: str,
    strict: bool,
    *,
    started: Environment,
    draft: Environment | None = None,
    report: Report,
) -> Registered:
    after = edited(start.environment, edits)
    if strict:
        refuse_problems(library, after)
    registered, problems = register(
        library,
        after,
        message or _told(edits),
        text=written(after, start.text, start.environment),
        from_draft=draft is not None,
        started=started,
        draft=draft,
        report=report,
    )
    for problem in problems:
        report.line(f"note: {problem.message}", "err")
    return registered


def edited(environment: Environment, edits: Edits) -> Environment:
    """Return the environment with the edits applied. Raises `NotFound`, and `InvalidInput` for what makes it wrong."""
    if edits == Edits():
        return environment
    changed = _applied(environment, edits)
    # What is typed on a command line is reported before a comment of the text is looked at.
    known = {problem.code for problem in check(environment)}
    for problem in check(changed):
        if problem.code in REFUSED and problem.code not in known:
            raise InvalidInput(problem.message, problem.advice, code=problem.code)
    refuse_contradictions(changed, environment)
    return changed


def _applied(environment: Environment, edits: Edits) -> Environment:
    for name in edits.remove:
        _must_have(name, [item.name for item in environment.python.conda], "conda package")
        environment = environment.without_conda(name)
    for name in map(canonicalize_name, edits.remove_pip):
        _must_have(name, [item.name for item in environment.python.pip], "pip package")
        environment = environment.without_pip(name)
    for name in edits.unset:
        _must_have(name, [item.name for item in environment.variables], "variable")
        environment = environment.without_variable(name)
    for text in edits.add:
        environment = environment.with_conda(conda_requirement(text))
    for text in edits.add_pip:
        environment = environment.with_pip(pip_requirement(text))
    for text in edits.set_variables:
        environment = environment.with_variable(_variable(environment, text))
    if edits.channels:
        environment = environment.with_channels([*environment.python.channels, *map(checked_channel, edits.channels)])
    if edits.base_image:
        environment = environment.with_base(checked_base(edits.base_image))
    if edits.python:
        environment = replace(environment, python=replace(environment.python, version=edits.python))
    if edits.description is not None:
        environment = replace(environment, description=edits.description)
    if edits.cuda is not None:
        environment = replace(environment, cuda=edits.cuda)
    for text in edits.virtual_packages:
        environment = replace(environment, solve=_with_virtual(environment.solve, text))
    for text in edits.solve:
        environment = replace(environment, solve=_with_solve(environment.solve, text))
    return environment


def _with_virtual(solve: Solve, text: str) -> Solve:
    """Read PLATFORM:NAME=VERSION. Raises `InvalidInput`."""
    platform, colon, rest = text.partition(":")
    name, equals, version = rest.partition("=")
    if not (colon and equals):
        raise InvalidInput(f"{text!r} states no virtual package.", "Write PLATFORM:NAME=VERSION.")
    return solve.with_virtual(platform, name, version)


def _with_solve(solve: Solve, text: str) -> Solve:
    """Read KEY=VALUE of the section solve; lists are separated by commas. Raises `InvalidInput`."""
    key, equals, value = text.partition("=")
    part = key.strip().replace("-", "_")
    if not equals or part not in SOLVE_PARTS:
        names = ", ".join(name.replace("_", "-") for name in SOLVE_PARTS)
        raise InvalidInput(f"{text!r} sets nothing about solving.", f"Write KEY=VALUE; the keys are {names}.")
    value = value.strip()
    if part == "exclude_newer":
        return replace(solve, exclude_newer=value)
    if part == "index_strategy":
        if value and value not in set(IndexStrategy):
            raise InvalidInput(f"{value!r} is not an index strategy.", f"Write {' or '.join(IndexStrategy)}.")
        return replace(solve, index_strategy=IndexStrategy(value) if value else None)
    changes: dict[str, Any] = {part: tuple(listed(value))}
    return replace(solve, **changes)


def _must_have(name: str, names: list[str], what: str) -> None:
    if name not in names:
        raise NotFound(
            f"No {what} named {name!r}.", f"Existing ones: {', '.join(names)}." if names else "There are none."
        )


def checked_channel(text: str) -> str:
    """Return the name or address of a channel. Raises `InvalidInput`."""
    if not text or text.startswith("-") or any(character.isspace() for character in text):
        raise InvalidInput(f"{text!r} is not a conda channel.", "Write a name such as conda-forge, or a URL.")
    return text


def _variable(environment: Environment, text: str) -> Variable:
    """Read NAME=VALUE; a variable that exists keeps when it applies."""
    name, equals, value = text.partition("=")
    if not equals:
        raise InvalidInput(f"{text!r} sets no variable.", "Write NAME=VALUE.")
    known = next((item for item in environment.variables if item.name == name), None)
    return replace(known, value=value, secret="") if known else Variable(name, value)


def _told(edits: Edits) -> str:
    """Return a message that says what was changed."""
    parts = [
        *(f"add {text}" for text in (*edits.add, *edits.add_pip)),
        *(f"remove {name}" for name in (*edits.remove, *edits.remove_pip)),
        *(f"set {text.partition('=')[0]}" for text in edits.set_variables),
        *(f"unset {name}" for name in edits.unset),
        *(f"add channel {name}" for name in edits.channels),
        *([f"base image {edits.base_image}"] if edits.base_image else []),
        *([f"Python {edits.python}"] if edits.python else []),
        *([f"CUDA {edits.cuda}" if edits.cuda else "no CUDA"] if edits.cuda is not None else []),
        *(f"state {text}" for text in edits.virtual_packages),
        *(f"solve with {text}" for text in edits.solve),
    ]
    text = ", ".join(parts)
    return text[:1].upper() + text[1:] if text else "Edited"

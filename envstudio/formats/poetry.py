"""Poetry's own tables of pyproject.toml, as the PEP 508 requirements that they stand for.

Source: Poetry's documentation, "Dependency specification". Its `^1.2` and `~1.2` are ranges; a version alone is exact.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.version import InvalidVersion, Version

from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import LOCAL_PATH, MAX_LENGTH
from envstudio.errors import InvalidInput, redacted
from envstudio.formats.boundary import MAX_ENTRIES

WHERE = "tool.poetry.dependencies"
ALTERNATIVES = re.compile(r"\|\|?")
CONDITIONS = re.compile(r"\s*,\s*|\s+")
OPERATOR = re.compile(r"([<>=!~^]+)\s*")
REMOTE_BY_SSH = re.compile(r"(?:(?P<user>\w+)@)(?P<host>[\w.-]+):(?P<path>(?!//).+)")
TEXTS = (
    "version",
    "markers",
    "python",
    "platform",
    "git",
    "branch",
    "tag",
    "rev",
    "subdirectory",
    "path",
    "file",
    "url",
)
TAKEN_OVER = frozenset((*TEXTS, "extras", "optional", "develop"))


@dataclass(frozen=True, slots=True)
class PoetryDependencies:
    """Requirements as lines, the constraint on Python as it is written, and what is not taken over."""

    lines: tuple[str, ...]
    python: str
    problems: tuple[Problem, ...]


def poetry_dependencies(poetry: Mapping[str, Any]) -> PoetryDependencies:
    """Read the table [tool.poetry]. Raises `InvalidInput` naming the dependency that cannot be read."""
    table = poetry.get("dependencies", {})
    if not isinstance(table, dict):
        raise InvalidInput(f"{WHERE} is not a table.", "Fix it.")
    if len(table) > MAX_ENTRIES:
        raise InvalidInput(f"{WHERE}: the most requirements that are read are {MAX_ENTRIES:,}.", "Remove some.")
    lines: list[str] = []
    problems: list[Problem] = []
    optional: list[str] = []
    for name, value in table.items():
        if name == "python":
            continue
        for one in value if isinstance(value, list) else [value]:
            wanted = _checked(name, {"version": one} if isinstance(one, str) else one)
            if wanted.get("optional"):
                optional.append(name)
                continue
            lines.append(_line(name, wanted))
            problems += _not_taken_over(name, wanted)
    problems += _groups(poetry, optional)
    problems += _indexes(poetry)
    return PoetryDependencies(tuple(lines), str(table.get("python", "")), tuple(problems))


def _checked(name: str, wanted: Any) -> dict[str, Any]:
    """Return the table of a dependency. Raises `InvalidInput` if it has another shape."""
    if not isinstance(wanted, dict):
        raise InvalidInput(f"{WHERE}.{name} is neither a constraint nor a table.", "Fix it.")
    wrong = [key for key in TEXTS if not isinstance(wanted.get(key, ""), str)]
    extras = wanted.get("extras", [])
    if wrong or not isinstance(extras, list) or not all(isinstance(extra, str) for extra in extras):
        raise InvalidInput(f"{WHERE}.{name}.{wrong[0] if wrong else 'extras'} has a wrong form.", "Fix it.")
    return wanted


def _line(name: str, wanted: Mapping[str, Any]) -> str:
    """Return one dependency as a line of a requirements file."""
    extras = ",".join(wanted.get("extras", ()))
    named = f"{name}[{extras}]" if extras else name
    if local := wanted.get("path") or wanted.get("file"):
        path = local if LOCAL_PATH.match(local) else f"./{local}"
        body = f"-e {path}" if wanted.get("develop") else path
    elif "git" in wanted:
        body = f"{named} @ {_git(wanted)}"
    elif "url" in wanted:
        body = f"{named} @ {wanted['url']}"
    else:
        alternatives = _alternatives(name, wanted.get("version", "*"))
        body = f"{named}{','.join(alternatives[0]) if len(alternatives) == 1 else ''}"
    marker = " and ".join(_markers(name, wanted))
    return f"{body} ; {marker}" if marker else body


def _git(wanted: Mapping[str, Any]) -> str:
    found = REMOTE_BY_SSH.fullmatch(wanted["git"])
    address = "ssh://{user}@{host}/{path}".format(**found.groupdict()) if found else wanted["git"]
    ref = next((wanted[key] for key in ("rev", "tag", "branch") if wanted.get(key)), "")
    folder = wanted.get("subdirectory", "")
    return f"git+{address}{f'@{ref}' if ref else ''}{f'#subdirectory={folder}' if folder else ''}"


def _markers(name: str, wanted: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conditions under which a dependency holds, as markers of PEP 508."""
    if wanted.get("markers"):
        yield f"({wanted['markers']})"
    if wanted.get("python"):
        alternatives = [
            " and ".join(_python_marker(condition) for condition in conditions)
            for conditions in _alternatives(name, wanted["python"])
            if conditions
        ]
        if alternatives:
            yield f"({' or '.join(alternatives)})"
    if wanted.get("platform"):
        yield f"sys_platform == '{wanted['platform']}'"


def _python_marker(condition: str) -> str:
    found = Specifier(condition)
    variable = "python_version" if found.version.removesuffix(".*").count(".") < 2 else "python_full_version"
    return f"{variable} {found.operator} '{found.version}'"


def _alternatives(name: str, constraint: str) -> list[list[str]]:
    """Return the conditions of PEP 440 that a constraint stands for; all of any one alternative must be met."""
    if len(constraint) > MAX_LENGTH:
        raise InvalidInput(f"{WHERE}.{name}: the constraint has more than {MAX_LENGTH:,} characters.", "Shorten it.")
    try:
        return [
            [condition for part in CONDITIONS.split(OPERATOR.sub(r"\1", one)) for condition in _conditions(part)]
            for one in map(str.strip, ALTERNATIVES.split(constraint))
        ]
    except (InvalidVersion, InvalidSpecifier) as error:
        raise InvalidInput(
            f"{WHERE}.{name}: {constraint!r} is not a constraint.", "Write it as ^1.2, ~1.2 or >=1.2,<2.", str(error)
        ) from error


def _conditions(part: str) -> Iterator[str]:
    if part in ("", "*"):
        return
    if part.startswith("^"):
        yield from _range(part[1:], _caret)
    elif part.startswith("~") and not part.startswith("~="):
        yield from _range(part[1:], _tilde)
    else:
        digits = part.lstrip("=") if part.startswith("=") else part
        yield str(Specifier(f"=={digits}" if digits[:1].isdigit() else digits))


def _range(text: str, moving: Callable[[tuple[int, ...]], int]) -> Iterator[str]:
    """Yield a range that begins with a version and ends before the next in which the moving part is one more."""
    version = Version(text)
    release = version.release
    position = moving(release)
    epoch = f"{version.epoch}!" if version.epoch else ""
    yield f">={text}"
    yield f"<{epoch}{'.'.join(map(str, (*release[:position], release[position] + 1)))}"


def _caret(release: tuple[int, ...]) -> int:
    """Return the first of major, minor and patch that is not zero; the last that is given if all are."""
    head = release[:3]
    return next((position for position, number in enumerate(head) if number), len(head) - 1)


def _tilde(release: tuple[int, ...]) -> int:
    return min(len(release) - 1, 1)


def _not_taken_over(name: str, wanted: Mapping[str, Any]) -> Iterator[Problem]:
    constraint = wanted.get("version", "")
    if ALTERNATIVES.search(constraint):
        yield Problem(
            "constraint-left-out",
            Severity.WARNING,
            f"{WHERE}.{name}",
            f"A requirement of pip has no alternatives, so {name} is imported without its bound {constraint!r}.",
            "Give it one range.",
        )
    unknown = sorted(set(wanted) - TAKEN_OVER)
    if unknown:
        yield Problem(
            "keys-left-out",
            Severity.WARNING,
            f"{WHERE}.{name}",
            f"What {', '.join(unknown)} says of {name} is not imported.",
            "Check that the package is found as it is meant.",
        )


def _groups(poetry: Mapping[str, Any], optional: list[str]) -> Iterator[Problem]:
    """Return the dependencies that an installation leaves out unless it is asked for them."""
    groups = poetry.get("group", {})
    for where, what, left in (
        ("tool.poetry.dev-dependencies", "groups", ["dev"] if poetry.get("dev-dependencies") else []),
        ("tool.poetry.group", "groups", list(groups) if isinstance(groups, dict) else []),
        (WHERE, "optional packages", optional),
    ):
        if left:
            yield Problem(
                "groups-left-out",
                Severity.INFO,
                where,
                f"The {what} {', '.join(sorted(set(left)))} are not imported.",
                "Add the packages that you need.",
            )


def _indexes(poetry: Mapping[str, Any]) -> Iterator[Problem]:
    sources = poetry.get("source", [])
    for source in sources if isinstance(sources, list) else []:
        if isinstance(source, dict) and source.get("url"):
            yield Problem(
                "sources-left-out",
                Severity.WARNING,
                "tool.poetry.source",
                f"The index {source.get('name', '')} ({redacted(str(source['url']))}) is not imported.",
                "Add its address to the options of pip, as an extra index.",
            )

"""conda packages in a pyproject.toml: the tables of conda-lock and pixi.

Sources: conda-lock's documentation, "pyproject.toml"; pixi's documentation, "pyproject.toml" and "Manifest".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pip_requirement
from envstudio.domain.solve import Solve
from envstudio.errors import InvalidInput

CONDA_LOCK = "tool.conda-lock"
PIXI = "tool.pixi"
SYSTEM_PACKAGES = {"cuda": "__cuda", "libc": "__glibc", "macos": "__osx"}
PLATFORMS_OF = {
    "__cuda": ("linux-64", "win-64"),
    "__glibc": ("linux-64", "linux-aarch64"),
    "__osx": ("osx-64", "osx-arm64"),
}


AGE = re.compile(r"(\d+)\s*([hdw])")
AGES = {"h": "hours", "d": "days", "w": "weeks"}
CONDA_LOCK_READ = ("channels", "dependencies")
PIXI_DEPENDENCIES = ("dependencies", "host-dependencies", "build-dependencies")
"""All of them are installed into an environment; they differ only where pixi builds a package."""
PIXI_READ = ("workspace", "project", *PIXI_DEPENDENCIES, "pypi-dependencies", "system-requirements")
HEAD_READ = (
    "channels",
    "exclude-newer",
    "name",
    "version",
    "description",
    "authors",
    "license",
    "readme",
    "homepage",
    "repository",
)
"""Of pixi's table about the workspace; most of it decides nothing about what is installed."""


@dataclass(frozen=True, slots=True)
class CondaPart:
    """The conda part of a project, what its tables request of pip beside it, and what was not taken over."""

    channels: tuple[str, ...] = ()
    conda: tuple[CondaRequirement, ...] = ()
    pip: tuple[PipRequirement, ...] = ()
    solve: Solve = Solve()
    problems: tuple[Problem, ...] = ()


def conda_lock_part(table: Mapping[str, Any]) -> CondaPart:
    """Return what `[tool.conda-lock]` requests. Raises `InvalidInput`."""
    conda, pip = [], []
    for name, value in _table(table, "dependencies", CONDA_LOCK).items():
        where = f"{CONDA_LOCK}.dependencies.{name}"
        fields = value if isinstance(value, dict) else {"version": value}
        version = _text(fields.get("version", "*"), where)
        if fields.get("source") == "pypi":
            pip.append(pip_requirement(f"{name}{'' if version == '*' else _pip_version(version)}"))
        else:
            conda.append(_conda(name, version, str(fields.get("channel") or "")))
    problems = _left_out(CONDA_LOCK, _others(table, CONDA_LOCK_READ))
    return CondaPart(_texts(table, "channels", CONDA_LOCK), tuple(conda), tuple(pip), Solve(), tuple(problems))


def pixi_part(table: Mapping[str, Any], where: str = PIXI) -> CondaPart:
    """Return what pixi's tables request of its default environment. Raises `InvalidInput`.

    `where` is the table that they stand in, by which problems name them.
    """
    head_name = "workspace" if table.get("workspace") else "project"
    head = _table(table, head_name, where)
    channels = tuple(
        str(item["channel"]) if isinstance(item, dict) and "channel" in item else _text(item, _under(where, "channels"))
        for item in _list(head, "channels", where)
    )
    conda = tuple(
        _conda(name, *_pixi_version(value, _under(where, f"dependencies.{name}")))
        for key in PIXI_DEPENDENCIES
        for name, value in _table(table, key, where).items()
    )
    pip: list[PipRequirement] = []
    problems: list[Problem] = []
    for name, value in _table(table, "pypi-dependencies", where).items():
        line = _pypi_line(name, value)
        if line:
            pip.append(pip_requirement(line))
        else:
            problems += _left_out(_under(where, "pypi-dependencies"), [name])
    solve = Solve(exclude_newer=_age(head.get("exclude-newer")))
    for name, version in _table(table, "system-requirements", where).items():
        virtual = SYSTEM_PACKAGES.get(name)
        if virtual is None or not isinstance(version, str):
            problems += _left_out(_under(where, "system-requirements"), [name])
            continue
        for platform in PLATFORMS_OF[virtual]:
            solve = solve.with_virtual(platform, virtual, version)
    problems += _left_out(where, _others(table, PIXI_READ))
    problems += _left_out(_under(where, head_name), _others(head, HEAD_READ))
    return CondaPart(channels, conda, tuple(pip), solve, tuple(problems))


def _pypi_line(name: str, value: Any) -> str:
    """Return a dependency of pixi's as a requirement; empty for one that no other machine has."""
    fields = value if isinstance(value, dict) else {"version": value}
    extras = fields.get("extras")
    head = f"{name}[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else name
    if isinstance(fields.get("git"), str):
        ref = next((str(fields[key]) for key in ("rev", "tag", "branch") if fields.get(key)), "")
        return f"{head} @ git+{fields['git']}{'@' if ref else ''}{ref}"
    if isinstance(fields.get("url"), str):
        return f"{head} @ {fields['url']}"
    version = fields.get("version", "*")
    if "path" in fields or not isinstance(version, str):
        return ""
    return head if version in ("*", "") else f"{head}{_pip_version(version)}"


def _pip_version(version: str) -> str:
    """Return a version as pip has it: a bare one is exact."""
    return f"=={version}" if version[:1].isdigit() else version


def _pixi_version(value: Any, where: str) -> tuple[str, str]:
    """Return the version, with its build, and the channel of a dependency."""
    if isinstance(value, str):
        return value, ""
    if not isinstance(value, dict):
        raise InvalidInput(f"{where} is neither a version nor a table.", "Fix it.")
    version, build = str(value.get("version") or "*"), str(value.get("build") or "")
    return f"{version} {build}".strip(), str(value.get("channel") or "")


def _conda(name: str, version: str, channel: str) -> CondaRequirement:
    """Return a match spec; a bare version is exact, as it is behind a blank in conda's own syntax."""
    spec = "" if version in ("*", "") else f" {version}"
    return conda_requirement(f"{channel}{'::' if channel else ''}{name}{spec}")


def _others(table: Mapping[str, Any], read: tuple[str, ...]) -> list[str]:
    """Return the keys of a table that are not read and say something."""
    return sorted(key for key, value in table.items() if (value or value is False) and key not in read)


def _left_out(where: str, keys: list[str]) -> Iterator[Problem]:
    for key in keys:
        yield Problem(
            "keys-left-out",
            Severity.WARNING,
            _under(where, key),
            f"{_under(where, key)} is not imported.",
            "Add what the environment needs of it.",
        )


def _under(where: str, key: str) -> str:
    """Return a key by its place; in a file of pixi's own it stands at the top."""
    return f"{where}.{key}" if where else key


def _age(value: Any) -> str:
    """Return pixi's `exclude-newer` as it is written here, where a number of days is a word of its own."""
    text = str(value or "")
    found = AGE.fullmatch(text)
    return f"{found[1]} {AGES[found[2]]}" if found else text


def _table(parent: Mapping[str, Any], key: str, where: str) -> dict[str, Any]:
    found = parent.get(key, {})
    if not isinstance(found, dict):
        raise InvalidInput(f"{_under(where, key)} is not a table.", "Fix it.")
    return found


def _list(parent: Mapping[str, Any], key: str, where: str) -> list[Any]:
    found = parent.get(key, [])
    if not isinstance(found, list):
        raise InvalidInput(f"{_under(where, key)} is not a list.", "Fix it.")
    return found


def _texts(parent: Mapping[str, Any], key: str, where: str) -> tuple[str, ...]:
    return tuple(_text(item, f"{where}.{key}") for item in _list(parent, key, where))


def _text(value: Any, where: str) -> str:
    if not isinstance(value, str):
        raise InvalidInput(f"{where} is not a text.", "Fix it.")
    return value

"""Pipenv's Pipfile and Pipfile.lock; only read.

Sources: Pipenv's documentation, "Pipfile & Pipfile.lock" and "Specifiers"; what pipenv 2026 writes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.plain_data import json_table
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import PipRequirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_ENTRIES, refuse_nesting
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.toml_text import load_toml

FILE_NAME, LOCK_NAME = "Pipfile", "Pipfile.lock"
ID, LOCK_ID = "pipfile", "pipfile-lock"
MAIN, DEV = "packages", "dev-packages"
OF_LOCK = {"default": MAIN, "develop": DEV}
MARKS = ("[[source]]", "[dev-packages]")
NOT_GROUPS = ("source", "requires", "scripts", "pipenv", "_meta")
MARKERS = (
    "os_name",
    "sys_platform",
    "platform_machine",
    "platform_python_implementation",
    "platform_release",
    "platform_system",
    "platform_version",
    "python_version",
    "python_full_version",
    "implementation_name",
    "implementation_version",
)
"""Keys of a package that are markers of their own names."""
SCM = ("git", "hg", "svn", "bzr")
TAKEN = ("version", "extras", "markers", "index", "hashes", "ref", "subdirectory", "editable", "file", "path", *SCM)


def _matches(source: Source) -> bool:
    name = source.file_name.lower()
    return name == "pipfile" or ("[packages]" in source.text and any(mark in source.text for mark in MARKS))


def _read(source: Source, name: str) -> ReadResult:
    data = load_toml(source).data
    if not any(isinstance(data.get(key), dict) for key in (MAIN, DEV)):
        raise InvalidInput(f"{source.file_name} has no table [packages].", "Check that it is the file you meant.")
    groups = {key: value for key, value in data.items() if key not in NOT_GROUPS and isinstance(value, dict)}
    reader = _Reader(source, data.get("source"))
    reader.groups(groups)
    if "pipenv" in data:
        reader.leave_out("pipenv", "How Pipenv itself works is not part of an environment.")
    if scripts := data.get("scripts"):
        reader.leave_out("scripts", f"The scripts {', '.join(scripts)} are not part of an environment.")
    requires = data.get("requires")
    return reader.result(name, requires if isinstance(requires, dict) else {})


def _matches_lock(source: Source) -> bool:
    text = source.text
    return text.lstrip().startswith("{") and '"_meta"' in text and '"default"' in text


def _read_lock(source: Source, name: str) -> ReadResult:
    refuse_nesting(source)
    data = json_table(source.text, source.file_name)
    meta = data.table("_meta")
    reader = _Reader(source, list(meta.data.get("sources") or []))
    groups = {
        OF_LOCK.get(key, key): value for key, value in data.data.items() if key != "_meta" and isinstance(value, dict)
    }
    reader.groups(groups)
    return reader.result(name, meta.table("requires").data)


class _Reader:
    """Gathers what the groups of a Pipfile or its lock request."""

    def __init__(self, source: Source, sources: Any) -> None:
        self.source = source
        self.requirements: list[PipRequirement] = []
        self.problems: list[Problem] = []
        self.pins: list[tuple[str, str]] = []
        found = [item for item in sources if isinstance(item, dict)] if isinstance(sources, list) else []
        self.indexes = {str(item.get("name") or item.get("url")): str(item.get("url") or "") for item in found}
        self.unverified = [str(item.get("url")) for item in found if item.get("verify_ssl") is False]

    def leave_out(self, where: str, message: str, severity: Severity = Severity.INFO) -> None:
        self.problems.append(Problem("keys-left-out", severity, where, f"{message} This was not imported."))

    def groups(self, groups: Mapping[str, Mapping[str, Any]]) -> None:
        """Take the packages of the main group, and of those that were chosen. Raises `InvalidInput`."""
        wanted = {MAIN, *(self._group(item, groups) for item in self.source.choices.groups)}
        left = [key for key in groups if key not in wanted and groups[key]]
        for key in (key for key in groups if key in wanted):
            for name, value in groups[key].items():
                self._take(name, value, f"{key}.{name}")
        if left:
            names = ", ".join(left)
            self.problems.append(
                Problem(
                    "groups-left-out",
                    Severity.INFO,
                    left[0] if len(left) == 1 else "groups",
                    f"The groups {names} are not imported.",
                    "Choose them when importing, or add the packages that you need.",
                )
            )
        if len(self.requirements) > MAX_ENTRIES:
            raise InvalidInput(f"{self.source.file_name}: the most that are read are {MAX_ENTRIES:,}.", "Shorten it.")

    def _group(self, name: str, groups: Mapping[str, Any]) -> str:
        name = DEV if name in ("dev", "develop") else name
        if name not in groups:
            raise InvalidInput(f"No group named {name!r}.", f"Choose among {', '.join(groups)}.")
        return name

    def _take(self, name: str, value: Any, where: str) -> None:
        fields = value if isinstance(value, dict) else {"version": value}
        line = self._line(name, fields, where)
        if not line:
            return
        try:
            requirement = pip_requirement(line)
        except InvalidInput as error:
            raise InvalidInput(f"{self.source.file_name}, {where}: {error.summary}", error.advice) from error
        hashes = fields.get("hashes")
        if isinstance(hashes, list) and hashes:
            requirement = replace(requirement, options=tuple(f"--hash={item}" for item in hashes))
        self.requirements.append(requirement)
        if index := fields.get("index"):
            self._pin(name, str(index), where)

    def _pin(self, name: str, index: str, where: str) -> None:
        address = self.indexes.get(index, index if "://" in index else "")
        if not address:
            self.leave_out(where, f"The index {index} of {name} is none of the sources.", Severity.WARNING)
        elif len(self.indexes) > 1:
            self.pins.append((str(canonicalize_name(name)), address))

    def _line(self, name: str, fields: Mapping[str, Any], where: str) -> str:
        extras = fields.get("extras")
        head = f"{name}[{','.join(map(str, extras))}]" if isinstance(extras, list) and extras else name
        marker = " and ".join(self._markers(fields))
        tail = f" ; {marker}" if marker else ""
        unknown = sorted(set(fields) - {*TAKEN, *MARKERS})
        for key in unknown:
            self.leave_out(f"{where}.{key}", f"{key} of {name} has no meaning here.", Severity.WARNING)
        for scm in SCM:
            if isinstance(fields.get(scm), str):
                ref = f"@{fields['ref']}" if fields.get("ref") else ""
                folder = f"#subdirectory={fields['subdirectory']}" if fields.get("subdirectory") else ""
                return f"{head} @ {scm}+{fields[scm].removeprefix(f'{scm}+')}{ref}{folder}{tail}"
        if isinstance(fields.get("file"), str) and "://" in fields["file"]:
            return f"{head} @ {fields['file']}{tail}"
        if "path" in fields or "file" in fields:
            place = fields.get("path") or fields.get("file")
            message = f"{name} is taken from {place} on the machine of the project, which no image has."
            self.problems.append(
                Problem("local-package", Severity.WARNING, where, message, "Add it as a wheel, or by a Git address.")
            )
            return ""
        version = fields.get("version", "*")
        if not isinstance(version, str):
            raise InvalidInput(f"{self.source.file_name}, {where}: this is neither a version nor a table.", "Fix it.")
        return f"{head}{'' if version in ('*', '') else _specifier(version)}{tail}"

    def _markers(self, fields: Mapping[str, Any]) -> Iterator[str]:
        if markers := fields.get("markers"):
            yield f"({markers})" if any(key in fields for key in MARKERS) else str(markers)
        for key in MARKERS:
            if isinstance(fields.get(key), str):
                yield f"{key} {fields[key]}"

    def result(self, name: str, requires: Mapping[str, Any]) -> ReadResult:
        version = str(requires.get("python_full_version") or requires.get("python_version") or "")
        for key in sorted(set(requires) - {"python_version", "python_full_version"}):
            self.leave_out(f"requires.{key}", f"requires.{key} has no meaning here.")
        if "*" in version or ">" in version or "<" in version:
            self.leave_out("requires", f"The Python {version} is a range.", Severity.WARNING)
            version = ""
        options = []
        for number, address in enumerate(self.indexes.values()):
            if address and not (len(self.indexes) == 1 and _is_default(address)):
                options.append(PipOption("--index-url" if number == 0 else "--extra-index-url", address))
        for address in self.unverified:
            message = f"{address} is used without checking its certificate (verify_ssl)."
            self.leave_out("source.verify_ssl", message, Severity.WARNING)
        folder = self.source.folder.resolve().name if self.source.folder is not None else ""
        python = Python(
            version=version,
            pip=tuple(self.requirements),
            pip_options=tuple(options),
            pip_indexes=tuple(self.pins),
        )
        return ReadResult(Environment(name or cleaned_name(folder or "pipfile"), python=python), tuple(self.problems))


def _is_default(address: str) -> bool:
    """Return whether an address is that of the index that pip asks by itself."""
    # What it loads besides takes longer than reading any other format.
    from pypi_simple import PYPI_SIMPLE_ENDPOINT

    return address.rstrip("/") == PYPI_SIMPLE_ENDPOINT.rstrip("/")


def _specifier(version: str) -> str:
    """Return a version as pip has it: Pipenv takes a bare one for exact, and `~` for `~=`."""
    if version[:1].isdigit():
        return f"=={version}"
    return f"~={version[1:]}" if version[:1] == "~" and version[1:2].isdigit() else version


FORMAT = Format(ID, "Pipfile of Pipenv", (FILE_NAME,), _matches, _read)
LOCK = Format(LOCK_ID, "Pipfile.lock of Pipenv", (LOCK_NAME,), _matches_lock, _read_lock)

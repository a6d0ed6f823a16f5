"""conda's environment files, `environment.yml`, which Azure ML and MLflow call conda_dependencies.yml and conda.yaml.

conda reads them loosely, and so they are written loosely: whatever has one clear meaning is taken with a problem that
says so, and what has none is refused with its line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from fnmatch import fnmatch
from typing import Any

from envstudio.domain.environment import Applies, Environment, Python, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import CondaRequirement, conda_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.format import Format, ReadResult, Source, WriteResult
from envstudio.formats.losses import losses, variable_losses
from envstudio.formats.requirement_lines import RequirementReader, written_lines
from envstudio.formats.source import TEMPLATE
from envstudio.formats.yaml_dump import dump_yaml
from envstudio.formats.yaml_text import YamlValue, load_yaml

FILE_NAME = "environment.yml"
ID = "conda"
KEYS = ("name", "channels", "dependencies", "prefix", "variables")
TOP_KEY = re.compile(r"^([A-Za-z_$][\w$-]*)[ \t]*:", re.MULTILINE)
DEPENDENCY_LIST = re.compile(r"^dependencies[ \t]*:[ \t]*(?:\[|(?:#.*)?\n(?:[ \t]*(?:#.*)?\n)*[ \t]*-)", re.MULTILINE)
CHANNEL_LIST = re.compile(r"^channels[ \t]*:", re.MULTILINE)
SELECTOR = re.compile(r"#[ \t]*\[[ \t]*(?:not[ \t]+)?(?:linux|osx|win|unix|py|aarch64|arm64|x86)[^\]#]*+\]")
# micromamba's selectors; EnvStudio's images run Linux.
PLATFORM_KEY = re.compile(r"sel\((\w+)\)")
LINUX_SELECTORS = ("linux", "unix")
# A flag of `conda install` that was pasted along with the package.
CHANNEL_FLAG = re.compile(r"(\S+)\s+(?:-c|--channel)\s+(\S+)")
OPERATORS = ("=", "<", ">", "!", "~")
ANY_OF_MINOR = re.compile(r"python=(\d+\.\d+)\.\*")
SURVIVES = re.compile(r"python(?:=|>=)\d+\.\d+(?:\.\d+)?")
"""The spellings of a Python that azureml-core takes over from a conda file."""
HELD = (
    "name",
    "python.channels",
    "python.conda",
    "python.pip",
    "python.pip_options",
    "python.pip_constraints",
    "variables",
)


def _matches(source: Source) -> bool:
    """Recognise by a list of dependencies or by channels; by the name too if no key is another tool's."""
    if DEPENDENCY_LIST.search(source.text) or CHANNEL_LIST.search(source.text):
        return not re.search(r"^(?:apiVersion|schema|metadata|package)[ \t]*:", source.text, re.MULTILINE)
    named = any(fnmatch(source.file_name.lower(), pattern) for pattern in FORMAT.filenames)
    return named and set(TOP_KEY.findall(source.text)) <= set(KEYS)


# Reading


def _read(source: Source, name: str) -> ReadResult:
    return read_conda(source, load_yaml(source), name)


def read_conda(source: Source, document: YamlValue, name: str) -> ReadResult:
    """Return what a conda environment requests that stands in a file, or in a part of another file.

    `source` is where its text is from: its folder is where the files of pip options are looked for. Raises
    `InvalidInput` naming the line.
    """
    return _CondaReader(source).environment(document, name)


class _CondaReader:
    """Reads one file, gathering the problems on the way."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.pip = RequirementReader(source)
        self.problems = self.pip.problems

    def environment(self, document: YamlValue, name: str) -> ReadResult:
        fields = document.mapping("")
        if "dependencies" not in fields and "channels" not in fields:
            raise document.error(
                "there are neither dependencies nor channels, so this is not a conda environment.",
                "Check that it is the file you meant.",
            )
        conda = self._dependencies(fields["dependencies"]) if "dependencies" in fields else ()
        channels = self._channels(fields["channels"]) if "channels" in fields else ()
        self._selectors()
        environment = Environment(
            name or self._name(fields),
            python=self.pip.into(Python(channels=channels, conda=conda)),
            variables=self._variables(fields["variables"]) if "variables" in fields else (),
            carried=self._carried(document),
        )
        return ReadResult(environment, tuple(self.problems))

    def _report(
        self, code: str, value: YamlValue, message: str, advice: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        self.problems.append(Problem(code, severity, f"line {value.line}", message, advice))

    def _name(self, fields: Mapping[str, YamlValue]) -> str:
        value = fields.get("name")
        if value is None or value.kind == "null":
            return cleaned_name(self.source.file_name.rsplit(".", 1)[0])
        if value.kind in ("map", "seq"):
            raise _no_template(value, "the name is not text", "Write a name.")
        name = cleaned_name(value.raw)
        if name != value.raw:
            self._report("name-changed", value, f"The name {value.raw!r} became {name!r}.", "", Severity.INFO)
        return name

    def _channels(self, value: YamlValue) -> tuple[str, ...]:
        if value.kind == "str":
            self._report("not-a-list", value, f"channels is text; it was read as a list of {value.raw!r} alone.")
            return (value.raw,)
        channels = []
        for item in value.sequence("channels"):
            if item.kind == "null":
                self._report("empty-item", item, "An empty channel was left out.", "Remove the line.", Severity.INFO)
                continue
            _refuse_template(item)
            channels.append(item.text("a channel").strip())
        return tuple(channels)

    def _dependencies(self, value: YamlValue) -> tuple[CondaRequirement, ...]:
        found: list[CondaRequirement] = []
        for item in value.sequence("dependencies"):
            if item.kind == "map":
                found += self._mapping(item)
            elif item.kind == "null" or (item.kind == "str" and not item.raw.strip()):
                self._report("empty-item", item, "An empty dependency was left out.", "Remove it.", Severity.INFO)
            else:
                found.append(_spec(item, self._without_flag(item)))
        return tuple(found)

    def _without_flag(self, value: YamlValue) -> str:
        """Return a match spec, turning `name -c channel` into what conda would have understood."""
        text = value.text("a dependency")
        flagged = CHANNEL_FLAG.fullmatch(text)
        if not flagged:
            return text
        spec = f"{flagged.group(2)}::{flagged.group(1)}"
        self._report("flag-in-spec", value, f"{text!r} holds a flag of conda install; it was read as {spec}.")
        return spec

    def _mapping(self, value: YamlValue) -> list[CondaRequirement]:
        """Take `- pip: […]`, and `- python: 3.10`, which should have been `- python=3.10`."""
        found = []
        for name, item in value.mapping("a dependency").items():
            if name == "pip" and item.kind in ("seq", "null", "str"):
                self._pip_section(item)
            elif item.kind == "seq" and conda_name(name) == "pip":
                self._report("pip-key", item, f"The pip section's key is {name!r}; both meanings were used.")
                found.append(_spec(value, name))
                self._pip_section(item)
            elif selector := PLATFORM_KEY.fullmatch(name):
                found += self._selected(selector.group(1), item)
            else:
                found.append(_spec(value, self._recovered(value, name, item, "=")))
        return found

    def _selected(self, platform: str, value: YamlValue) -> list[CondaRequirement]:
        """Take micromamba's `- sel(linux): name` if it is for Linux."""
        text = value.text("a dependency")
        if platform not in LINUX_SELECTORS:
            self._report("selector", value, f"{text!r} is for {platform} only and was left out.")
            return []
        self._report("selector", value, f"{text!r} is for {platform} only; here it counts on every platform.")
        return [_spec(value, text)]

    def _recovered(self, value: YamlValue, name: str, item: YamlValue, operator: str) -> str:
        """Return the requirement that a mapping of a name to a version means."""
        if item.kind in ("map", "seq"):
            raise _no_template(value, f"{name!r} is a mapping, not a requirement", f"Write {name}{operator}VERSION.")
        between = "" if item.kind == "null" or item.raw.startswith(OPERATORS) else operator
        text = f"{name}{between}{item.raw}"
        self._report(
            "mapping-as-spec", value, f"{name}: {item.raw} is a mapping; it was read as {text}.", f"Write {text}."
        )
        return text

    def _pip_section(self, value: YamlValue) -> None:
        if value.kind == "null":
            self._report("pip-empty", value, "The pip section is empty.", "Indent its lines below it, or remove it.")
        elif value.kind == "str":
            self._report("not-a-list", value, "The pip section is text; its lines were read as a list.")
            self._pip_item(value)
        for item in value.items:
            self._pip_item(item)

    def _pip_item(self, value: YamlValue) -> None:
        if value.kind == "map":
            for name, item in value.mapping("a pip requirement").items():
                # `- --no-binary :all:` without quotes ends in a colon, which makes it a key.
                is_option = name.startswith("-") and item.kind == "null"
                text = f"{name}:" if is_option else self._recovered(value, name, item, "==")
                self.pip.read_text(text, value.line)
            return
        text = "" if value.kind == "null" else value.text("a pip requirement")
        if not self.pip.read_text(text, value.line):
            what = f"The comment {text.strip()!r}" if text.strip() else "An empty pip requirement"
            self._report("empty-item", value, f"{what} was left out.", "Remove it.", Severity.INFO)

    def _variables(self, value: YamlValue) -> tuple[Variable, ...]:
        return tuple(self._variable(name, item) for name, item in value.mapping("variables").items())

    def _variable(self, name: str, value: YamlValue) -> Variable:
        if value.kind in ("map", "seq"):
            raise _no_template(value, f"the value of {name} is not text", "Write it in quotes.")
        if value.kind != "str":
            self._report("not-text", value, f"The value of {name} was read as the text {value.raw!r}.", "Quote it.")
        try:
            return Variable(name, value.raw)
        except InvalidInput as error:
            raise value.error(error.summary, error.advice) from error

    def _carried(self, document: YamlValue) -> dict[str, Any]:
        """Keep the keys that conda does not know; drop `prefix`, which is a path of one machine."""
        carried = {}
        for name, (key, value) in document.entries.items():
            if name == "prefix":
                self._report("prefix-dropped", key, f"The prefix {value.raw} was left out.", "", Severity.INFO)
            elif name not in KEYS:
                message = f"conda has no key {name!r}; it is kept and written back."
                self._report("unknown-key", key, message, "", Severity.INFO)
                carried[name] = value.plain()
        return {ID: carried} if carried else {}

    def _selectors(self) -> None:
        for number, line in enumerate(self.source.text.split("\n"), 1):
            if found := SELECTOR.search(line):
                message = f"The selector {found.group()!r} is a comment for conda: the line counts on every platform."
                self.problems.append(Problem("selector", Severity.WARNING, f"line {number}", message))


def _spec(value: YamlValue, text: str) -> CondaRequirement:
    _refuse_template(value)
    try:
        return conda_requirement(text)
    except InvalidInput as error:
        reason = error.details.split("\n", 1)[0]
        summary = f"{error.summary.rstrip('.')}: {reason}" if reason else error.summary
        raise value.error(summary, error.advice, error.details) from error


def conda_name(text: str) -> str:
    """Return the package name of a match spec, or nothing if it is malformed."""
    try:
        return conda_requirement(text).name
    except InvalidInput:
        return ""


def _refuse_template(value: YamlValue) -> None:
    if TEMPLATE.search(value.raw):
        raise value.error(f"this is a template: {value.raw!r}.", "Fill in the template first.")


def _no_template(value: YamlValue, reason: str, advice: str) -> InvalidInput:
    """Return the error for a value of the wrong kind; `{{ … }}` unquoted reads as a mapping, so the advice names it."""
    return value.error(f"{reason}.", f"{advice} A template must be filled in first.")


# Writing


def conda_document(python: Python) -> tuple[dict[str, Any] | None, tuple[Problem, ...]]:
    """Return the Python part as Azure ML's conda files hold it; None if there is none, with what is to be said.

    Azure's services want a Python among the dependencies, and have no place for a file of constraints. azureml-core
    puts a Python of its own in the place of `python=3.11.*` or beside a range, where it makes an environment of a conda
    file; `python=3.11`, which means the same as the first, stays.
    """
    requirements, problems = tuple(map(_surviving, python.conda)), list[Problem]()
    if any(item.name == "python" and not SURVIVES.fullmatch(item.text) for item in requirements):
        message = "azureml-core adds another Python to a conda file that asks for a range or a build of one."
        advice = "Write python=3.11, or load the folder as it is."
        problems.append(Problem("python-replaced", Severity.WARNING, "python.conda.python", message, advice))
    lines, _ = written_lines(replace(python, pip_constraints=()))
    if not (requirements or lines or python.channels):
        return None, ()
    if not any(item.name == "python" for item in requirements):
        if python.version:
            requirements = (conda_requirement(f"python={python.version}"), *requirements)
        else:
            message = "Azure's conda files need a Python, and no version is given."
            problems.append(Problem("python-missing", Severity.WARNING, "python", message, "State the version."))
    dependencies: list[Any] = [item.text for item in requirements]
    if lines:
        dependencies.append({"pip": lines})
    document: dict[str, Any] = {"channels": list(python.channels)} if python.channels else {}
    return {**document, "dependencies": dependencies}, tuple(problems)


def _surviving(requirement: CondaRequirement) -> CondaRequirement:
    """Return `python=3.11` for `python=3.11.*`, and every other requirement as it is."""
    found = ANY_OF_MINOR.fullmatch(requirement.text)
    return conda_requirement(f"python={found[1]}") if found else requirement


def _write(environment: Environment) -> WriteResult:
    lines, files = written_lines(environment.python)
    dependencies: list[Any] = [item.text for item in environment.python.conda]
    if lines:
        dependencies.append({"pip": lines})
    document: dict[str, Any] = {"name": environment.name}
    if environment.python.channels:
        document["channels"] = list(environment.python.channels)
    document["dependencies"] = dependencies
    if variables := {item.name: item.value for item in environment.variables if _is_held(item)}:
        document["variables"] = variables
    document |= {key: value for key, value in _own(environment).items() if key not in KEYS}
    return WriteResult({FILE_NAME: dump_yaml(document), **files}, _losses(environment))


def _is_held(variable: Variable) -> bool:
    return not variable.secret and Applies.RUN in variable.applies


def _own(environment: Environment) -> Mapping[str, Any]:
    """Return what this format itself left with the environment when it was read."""
    own = environment.carried.get(ID, {})
    return own if isinstance(own, Mapping) else {}


def _losses(environment: Environment) -> tuple[Problem, ...]:
    foreign = {key: value for key, value in environment.carried.items() if key != ID}
    environment = replace(environment, carried=foreign)
    return (*losses(environment, FORMAT.title, HELD), *variable_losses(environment, FORMAT.title))


FORMAT = Format(
    ID,
    "conda environment.yml",
    (FILE_NAME, "environment.yaml", "environment*.y*ml", "conda*.y*ml", "*conda*.y*ml", "env.y*ml", "*env.y*ml"),
    _matches,
    _read,
    _write,
)

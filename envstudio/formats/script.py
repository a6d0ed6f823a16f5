"""A Python script that states what it needs in a comment; only read.

Source: PyPA's specification "Inline script metadata" (PEP 723).
"""

from __future__ import annotations

import re
from dataclasses import replace

from envstudio.domain.environment import Environment, Python
from envstudio.domain.plain_data import Table
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import located
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.toml_text import load_toml
from envstudio.formats.uv_project import uv_settings, with_sources

BLOCK = re.compile(r"(?m)^# /// (?P<type>[a-zA-Z0-9-]+)$\s(?P<content>(^#(| .*)$\s)+)^# ///$")
BEGIN = re.compile(r"^# /// script$", re.MULTILINE)
KIND = "script"


def _matches(source: Source) -> bool:
    return source.file_name.lower().endswith((".py", ".pyw")) and BEGIN.search(source.text) is not None


def _read(source: Source, name: str) -> ReadResult:
    text = source.text if source.text.endswith("\n") else f"{source.text}\n"
    blocks = [found for found in BLOCK.finditer(text) if found["type"] == KIND]
    if len(blocks) != 1:
        first = BEGIN.search(text)
        line = text.count("\n", 0, first.start()) + 1 if first else 1
        reason = "there is a second block of script metadata" if blocks else "the block of script metadata has no end"
        raise located(source.file_name, line, f"{reason}.", "A block begins with # /// script and ends with # ///.")
    block = blocks[0]
    begin = text.count("\n", 0, block.start("content"))
    lines = (line[2:] if line.startswith("# ") else line[1:] for line in block["content"].splitlines())
    # Empty lines before it let the parser name lines of the script.
    data = load_toml(replace(source, text="\n" * begin + "\n".join(lines) + "\n"))
    return _environment(source, name, data, f"line {begin}")


def _environment(source: Source, name: str, data: Table, where: str) -> ReadResult:
    problems = list[Problem]()
    try:
        requirements = tuple(dict.fromkeys(map(pip_requirement, data.texts("dependencies"))))
    except InvalidInput as error:
        raise InvalidInput(f"{source.file_name}, dependencies: {error.summary}", error.advice) from error
    if constraint := data.text("requires-python"):
        message = f"The script requires Python {constraint}."
        advice = "Choose a base image with such a Python, and state its version."
        problems.append(Problem("requires-python", Severity.INFO, where, message, advice))
    uv = data.table("tool").table("uv").data
    settings = uv_settings(uv)
    requirements, pins, missing = with_sources(requirements, uv)
    problems += [*settings.problems, *missing]
    for key in sorted(set(data.data) - {"dependencies", "requires-python", "tool"}):
        problems.append(Problem("keys-left-out", Severity.INFO, where, f"{key} has no meaning here; it was left out."))
    for key in sorted(set(data.table("tool").data) - {"uv"}):
        problems.append(Problem("keys-left-out", Severity.INFO, where, f"tool.{key} is not imported."))
    python = Python(
        pip=requirements,
        pip_options=settings.options,
        pip_constraints=settings.constraints,
        pip_indexes=pins,
    )
    name = name or cleaned_name(source.file_name.rsplit(".", 1)[0])
    return ReadResult(Environment(name, python=python, solve=settings.solve), tuple(problems))


FORMAT = Format("script", "Python script with its requirements", ("*.py",), _matches, _read, by_content=True)

"""Environments that are written out inside Azure ML's job, pipeline, component and deployment files of v2; only read.

Source: Azure ML's references of these YAML schemas; what azure-ai-ml 1.35 loads.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from envstudio.domain.environment import Applies
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.azureml_object import read_variable
from envstudio.formats.azureml_v2 import Filled, read_environment
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.yaml_text import YamlValue, load_yaml, top_keys

DEFINES = ("image", "build", "conda_file", "docker")
OF_DEPLOYMENTS = ("endpoint_name", "scoring_script", "code_configuration", "instance_type")
ENVIRONMENT_KEY = re.compile(r"(?:^|[{,])[ \t]*environment[ \t]*:", re.MULTILINE)
OF_AZURE = ("command", "component", "jobs", "trial", "code", "endpoint_name", "code_configuration", "inputs", "model")
OF_OTHERS = ("apiVersion", "dependencies", "channels", "services", "entryScript", "entry_points", "framework", "on")


def _matches(source: Source) -> bool:
    keys = top_keys(source.text)
    if not ENVIRONMENT_KEY.search(source.text) or any(key in keys for key in OF_OTHERS):
        return False
    return "azuremlschemas" in source.text or "azuremlsdk" in source.text or any(key in keys for key in OF_AZURE)


@dataclass(frozen=True, slots=True)
class _Found:
    """An environment inside a file: its name, what it says, and the variables beside it."""

    name: str
    value: YamlValue
    variables: YamlValue | None
    serves: bool


def _environments(source: Source) -> tuple[str, ...]:
    found, _ = _found_in(load_yaml(source), source)
    return tuple(item.name for item in found)


def _read(source: Source, name: str) -> ReadResult:
    document = load_yaml(source)
    found, references = _found_in(document, source)
    if not found:
        if references:
            raise references[0].error(
                f"the environment is the reference {references[0].raw}, and none is defined here.",
                "Import the file that defines it.",
            )
        raise document.error("no environment is defined here.", "Check that it is the file you meant.")
    wanted = source.choices.environment
    chosen = next((item for item in found if item.name == wanted), None) if wanted else found[0]
    names = ", ".join(item.name for item in found)
    if chosen is None:
        raise InvalidInput(f"No environment named {wanted!r} is in {source.file_name}.", f"Choose among {names}.")
    if len(found) > 1 and not wanted:
        raise InvalidInput(
            f"{source.file_name} holds {len(found)} environments: {names}.",
            "Choose one of them.",
            code="several-environments",
            subject=source.file_name,
        )
    result = read_environment(
        chosen.value, source, name or chosen.name, filled=Filled(), known=("name", "version", "environment")
    )
    return _with_variables(result, chosen, references)


def _with_variables(result: ReadResult, chosen: _Found, references: list[YamlValue]) -> ReadResult:
    problems = list(result.problems)
    environment = result.environment
    if chosen.variables is not None:
        applies = (Applies.SERVE,) if chosen.serves else (Applies.RUN,)
        what = "deployment" if chosen.serves else "job"
        for key, item in chosen.variables.mapping("environment_variables").items():
            if item.kind == "null":
                message = f"The variable {key} has no value, and Azure leaves it out."
                problems.append(Problem("empty-item", Severity.INFO, f"line {item.line}", message))
                continue
            variable = replace(read_variable(key, item, problems), applies=applies)
            environment = environment.with_variable(variable)
        message = f"The variables of the {what} were imported; the rest of it is not part of an environment."
        line = f"line {chosen.variables.line}"
        problems.append(Problem("of-the-job", Severity.INFO, line, message))
    for item in references:
        message = f"{item.raw} refers to another environment, which is not imported."
        problems.append(Problem("reference-left-out", Severity.INFO, f"line {item.line}", message))
    return replace(result, environment=environment, problems=tuple(problems))


def _found_in(document: YamlValue, source: Source) -> tuple[list[_Found], list[YamlValue]]:
    """Return the environments that a document defines, each under a name of its own, and those that it refers to."""
    stem = cleaned_name(source.file_name.rsplit(".", 1)[0])
    found, references, taken = list[_Found](), list[YamlValue](), set[str]()
    for label, holder, variables in _holders(document, "", None):
        value = holder.entries["environment"][1]
        if value.kind == "str":
            references.append(value)
            continue
        if value.kind != "map" or not any(key in value.entries for key in DEFINES):
            continue
        own = value.entries["name"][1].raw if "name" in value.entries else ""
        of_job = holder.entries["name"][1].raw if "name" in holder.entries else ""
        name = cleaned_name(own or of_job or (f"{stem}-{label}" if label else stem))
        if name in taken:
            name = cleaned_name(f"{name}-{label or len(taken) + 1}")
        taken.add(name)
        serves = any(key in holder.entries for key in OF_DEPLOYMENTS)
        if variables is not None and variables.kind != "map":
            variables = None
        found.append(_Found(name, value, variables, serves))
    return found, references


def _holders(
    value: YamlValue, label: str, variables: YamlValue | None
) -> Iterator[tuple[str, YamlValue, YamlValue | None]]:
    """Yield each part of a document that has an environment, with the name of its job and the variables set there."""
    if value.kind != "map":
        return
    variables = value.entries.get("environment_variables", (None, variables))[1]
    if "environment" in value.entries:
        yield label, value, variables
    for key in ("component", "trial", "task"):
        if key in value.entries:
            yield from _holders(value.entries[key][1], label, variables)
    if "jobs" in value.entries and value.entries["jobs"][1].kind == "map":
        for name, (_, item) in value.entries["jobs"][1].entries.items():
            yield from _holders(item, name, None)


FORMAT = Format(
    "azureml-job",
    "Azure ML v2 job or deployment",
    ("*job*.y*ml", "*deployment*.y*ml", "*pipeline*.y*ml", "*component*.y*ml"),
    _matches,
    _read,
    environments=_environments,
    by_content=True,
)

"""MLflow's python_env.yaml: a Python version, what builds the packages, and pip requirements.

Source: MLflow's documentation, "MLflow Models", and its module `mlflow.utils.environment`.
"""

from __future__ import annotations

import re

from envstudio.domain.environment import Environment, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.formats.boundary import located
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.requirement_lines import RequirementReader
from envstudio.formats.yaml_text import load_yaml, top_keys

FILE_NAME = "python_env.yaml"
KEYS = ("python", "build_dependencies", "dependencies")
PYTHON = re.compile(r"\d+\.\d+(?:\.\d+)?")


def _matches(source: Source) -> bool:
    if source.file_name.lower() in (FILE_NAME, "python_env.yml"):
        return True
    keys = top_keys(source.text)
    return {"python", "build_dependencies"} <= keys <= set(KEYS)


def read_python_env(source: Source, name: str) -> ReadResult:
    """Return the environment of such a file. Raises `InvalidInput` naming the line."""
    document = load_yaml(source)
    fields = document.fields("", KEYS)
    version = fields["python"].text("python") if "python" in fields else ""
    if version and not PYTHON.fullmatch(version):
        raise located(source.file_name, fields["python"].line, f"{version!r} is not a Python version.", "Write 3.11.")
    reader = RequirementReader(source)
    if "dependencies" in fields:
        for item in fields["dependencies"].sequence("dependencies"):
            reader.read_text(item.text("dependencies"), item.line)
    problems = list(reader.problems)
    if "build_dependencies" in fields and (names := fields["build_dependencies"].texts("build_dependencies")):
        problems.append(
            Problem(
                "keys-left-out",
                Severity.INFO,
                "build_dependencies",
                f"{', '.join(names)} build packages from source and are not imported.",
                "Add them if a package has to be built.",
            )
        )
    name = name or cleaned_name(source.folder.resolve().name if source.folder is not None else "python_env")
    return ReadResult(Environment(name, python=reader.into(Python(version=version))), tuple(problems))


FORMAT = Format("mlflow-python", "MLflow python_env.yaml", (FILE_NAME, "python_env.yml"), _matches, read_python_env)

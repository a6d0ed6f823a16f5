"""An MLflow model's folder: MLmodel, and the environment files beside it, which may contradict one another; only read.

Source: MLflow's documentation, "MLflow Models"; what mlflow 3 writes and serves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from envstudio.domain.environment import Environment, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.formats import python_env
from envstudio.formats.conda_environment import read_conda
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.requirement_lines import RequirementReader
from envstudio.formats.source import read_source
from envstudio.formats.yaml_text import YamlValue, load_yaml, top_keys

FILE_NAME = "MLmodel"
CONDA, VIRTUALENV, REQUIREMENTS = "conda.yaml", "python_env.yaml", "requirements.txt"
PYFUNC = "python_function"


def _matches(source: Source) -> bool:
    return source.file_name == FILE_NAME or {"flavors", "mlflow_version"} <= top_keys(source.text)


def _read(source: Source, name: str) -> ReadResult:
    document = load_yaml(source)
    if not name:
        folder = source.folder.resolve().name if source.folder is not None else ""
        name = cleaned_name(folder or "model")
    pyfunc = _at(document, "flavors", PYFUNC)
    files = _files(source, pyfunc)
    if not files:
        raise document.error(
            f"none of {CONDA}, {VIRTUALENV} and {REQUIREMENTS} is beside the model, so it names no packages.",
            "Import the folder that MLflow saved, with all its files.",
        )
    read = {key: _read_file(item, key) for key, item in files.items()}
    taken = next(iter(read))
    found = read[taken]
    line = f"line {document.line_of('flavors', PYFUNC)}"
    problems = [replace(item, where=f"{files[taken].file_name}, {item.where}") for item in found.problems]
    if len(read) > 1:
        others = ", ".join(files[key].file_name for key in read if key != taken)
        message = f"The packages were taken from {files[taken].file_name}, not from {others}."
        problems.append(Problem("source-chosen", Severity.INFO, line, message))
    problems += _differences(files, read, taken, line)
    if (version := _text(pyfunc, "python_version")) and not _same_python(found.environment.python, version):
        message = f"The model was saved with Python {version}, and {files[taken].file_name} asks for another one."
        problems.append(Problem("sources-differ", Severity.WARNING, line, message, "Change the version of Python."))
    environment = replace(found.environment, name=name)
    return ReadResult(environment, tuple(problems), parts=tuple(Path(item.name) for item in files.values()))


def _files(source: Source, pyfunc: YamlValue | None) -> Mapping[str, Source]:
    """Return the files that describe the environment, the one that Azure and `mlflow models` with conda take first."""
    if source.folder is None:
        return {}
    named = {CONDA: CONDA, VIRTUALENV: VIRTUALENV, REQUIREMENTS: REQUIREMENTS}
    env = None if pyfunc is None else _at(pyfunc, "env")
    if env is not None and env.kind == "str":
        named[CONDA] = env.raw
    elif env is not None:
        named[CONDA] = _text(env, "conda") or CONDA
        named[VIRTUALENV] = _text(env, "virtualenv") or VIRTUALENV
    found = {}
    for key, file in named.items():
        path = source.folder / file
        if path.is_file() and path.resolve().is_relative_to(source.folder.resolve()):
            found[key] = read_source(path)
    return found


def _read_file(source: Source, kind: str) -> ReadResult:
    if kind == CONDA:
        return read_conda(source, load_yaml(source), "model")
    if kind == VIRTUALENV:
        return python_env.read_python_env(source, "model")
    reader = RequirementReader(source)
    reader.read_file()
    return ReadResult(Environment("model", python=reader.into(Python())), tuple(reader.problems))


def _differences(files: Mapping[str, Source], read: Mapping[str, ReadResult], taken: str, line: str) -> list[Problem]:
    """Name the packages that the files beside a model request differently."""
    problems = []
    first = _requested(read[taken].environment.python)
    for key, item in read.items():
        if key == taken:
            continue
        other = _requested(item.environment.python)
        # A file of requirements has no place for a Python.
        left = {"python"} if key == REQUIREMENTS else set()
        first_here = {name: text for name, text in first.items() if name not in left}
        different = sorted(name for name in {*first_here, *other} - {"pip"} if first_here.get(name) != other.get(name))
        for name in different:
            here, there = first_here.get(name, "nothing"), other.get(name, "nothing")
            message = (
                f"{files[taken].file_name} requests {here} and {files[key].file_name} {there}; the first was taken."
            )
            problems.append(Problem("sources-differ", Severity.WARNING, line, message, "Check which one is right."))
    return problems


def _requested(python: Python) -> dict[str, str]:
    """Return what is requested by name, a Python in any spelling as its version."""
    found = {item.name: item.line for item in python.pip}
    found |= {item.name: item.text for item in python.conda}
    version = _python_version(python)
    return found | ({"python": f"Python {version}"} if version else {})


def _python_version(python: Python) -> str:
    spec = next((item for item in python.conda if item.name == "python"), None)
    text = spec.text.removeprefix("python").lstrip("= ") if spec is not None else python.version
    return text.strip()


def _same_python(python: Python, version: str) -> bool:
    stated = _python_version(python)
    return not stated or version == stated or version.startswith(f"{stated}.") or not stated[:1].isdigit()


def _at(value: YamlValue, *path: str) -> YamlValue | None:
    for key in path:
        if value.kind != "map" or key not in value.entries:
            return None
        value = value.entries[key][1]
    return value


def _text(value: YamlValue | None, key: str) -> str:
    found = None if value is None else _at(value, key)
    return "" if found is None or found.kind in ("map", "seq", "null") else found.raw


FORMAT = Format("mlflow-model", "MLflow model", (FILE_NAME,), _matches, _read)

"""Run configurations and inference configurations of Azure ML's SDK v1, which hold an environment; only read.

Sources: the documentation of `RunConfiguration` and `InferenceConfig`; what the SDKs of their times wrote.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from envstudio.domain.environment import Applies, Environment, Image, ManagedBy, Python, Registry, Spark
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.formats.azureml_object import Parts, read_object
from envstudio.formats.conda_environment import read_conda
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.json_text import load_json
from envstudio.formats.source import read_source
from envstudio.formats.yaml_text import YamlValue, load_yaml, top_keys

CONFIG_FOLDERS = ("aml_config", ".azureml")
RUN_KEYS = ("environment", "framework", "target", "script", "arguments")
INFERENCE_KEYS = ("entryScript", "environment", "runtime", "condaFile")


# Run configurations


def _is_run(source: Source) -> bool:
    if source.file_name.lower().endswith(".runconfig"):
        return True
    keys = top_keys(source.text)
    return "environment" in keys and "framework" in keys and {"target", "communicator", "nodeCount"} <= keys | {""}


def _read_run(source: Source, name: str) -> ReadResult:
    document = load_yaml(source)
    fields = document.mapping("")
    value = fields.get("environment")
    if value is None or value.kind != "map":
        raise document.error("no environment is defined here.", "Check that it is the file you meant.")
    parts, used = _conda_parts(source, value)
    found = read_object(value, source, name or _name_of(source, value), parts)
    problems = [*found.problems]
    problems += _missing_conda(value, used)
    if (spark := fields.get("spark")) is not None and spark.kind == "map":
        settings = spark.entries.get("configuration", (spark, spark))[1]
        found = replace(found, environment=_with_spark(found.environment, settings))
    message = "What else the run configuration says is not part of an environment, and was not imported."
    problems.append(Problem("of-the-job", Severity.INFO, "line 1", message))
    return replace(found, problems=tuple(problems), parts=() if used is None else (used,))


def _with_spark(environment: Environment, settings: YamlValue) -> Environment:
    if settings.kind != "map":
        return environment
    conf = tuple((name, item.raw) for name, item in settings.mapping("spark.configuration").items())
    spark = replace(environment.spark or Spark(), conf=conf)
    return environment if spark == Spark() else replace(environment, spark=spark)


def _name_of(source: Source, value: YamlValue) -> str:
    """Return the name of the object; else that of the project, whose folder holds the configuration's."""
    own = value.entries.get("name")
    if own is not None and own[1].kind == "str":
        return own[1].raw
    folder = source.folder
    if folder is not None and folder.name in CONFIG_FOLDERS:
        folder = folder.parent
    stem = source.file_name.rsplit(".", 1)[0]
    return cleaned_name(f"{folder.resolve().name}-{stem}" if folder is not None and folder.name else stem)


def _conda_parts(source: Source, value: YamlValue) -> tuple[Parts, Path | None]:
    """Return the conda file that an object names by `condaDependenciesFile`, which starts from the project's folder."""
    named = _conda_name(value)
    if not named or source.folder is None:
        return Parts(), None
    folder = source.folder.parent if source.folder.name in CONFIG_FOLDERS else source.folder
    for place in (folder, source.folder):
        path = place / named.replace("\\", "/")
        if path.is_file():
            conda = read_source(path)
            return Parts(conda, load_yaml(conda)), path
    return Parts(), None


def _conda_name(value: YamlValue) -> str:
    python = value.entries.get("python")
    if python is None or python[1].kind != "map":
        return ""
    named = python[1].entries.get("condaDependenciesFile")
    return named[1].raw if named is not None and named[1].kind == "str" else ""


def _missing_conda(value: YamlValue, used: Path | None) -> list[Problem]:
    named = _conda_name(value)
    if not named or used is not None:
        return []
    line = value.line_of("python", "condaDependenciesFile")
    message = f"The conda file {named} is not there, so its packages are not part of this."
    advice = "Put it where the project has it, and read again."
    return [Problem("file-not-read", Severity.ERROR, f"line {line}", message, advice)]


# Inference configurations


def _is_inference(source: Source) -> bool:
    text = source.text
    return (
        text.lstrip().startswith("{") and '"entryScript"' in text and ('"environment"' in text or '"runtime"' in text)
    )


def _read_inference(source: Source, name: str) -> ReadResult:
    document = load_json(source)
    fields = document.mapping("")
    script = fields["entryScript"].raw if fields["entryScript"].kind == "str" else ""
    left_out = Problem(
        "of-the-job",
        Severity.INFO,
        f"line {document.line_of('entryScript')}",
        f"The entry script {script} and its source directory are not part of an environment, and were not imported.",
    )
    value = fields.get("environment")
    if value is not None and value.kind == "map":
        parts, used = _conda_parts(source, value)
        found = read_object(value, source, name or _name_of(source, value), parts)
        problems = (*found.problems, *_missing_conda(value, used), left_out)
        found = replace(found, problems=problems, parts=() if used is None else (used,))
    else:
        found = _read_old(document, source, name, left_out)
    variables = tuple(replace(item, applies=(Applies.SERVE,)) for item in found.environment.variables)
    return replace(found, environment=replace(found.environment, variables=variables))


def _read_old(document: YamlValue, source: Source, name: str, left_out: Problem) -> ReadResult:
    """Read an inference configuration of the first releases, which names a conda file and a runtime."""
    fields = {key: item for key, item in document.mapping("").items() if item.kind != "null"}
    problems, parts, python = [left_out], list[Path](), Python()
    if "condaFile" in fields:
        named = fields["condaFile"].text("condaFile")
        path = None if source.folder is None else source.folder / named
        if path is not None and path.is_file():
            conda = read_source(path)
            read = read_conda(conda, load_yaml(conda), "conda")
            python = read.environment.python
            problems += [replace(item, where=f"{conda.file_name}, {item.where}") for item in read.problems]
            parts.append(path)
        else:
            message = f"The conda file {named} is not there, so its packages are not part of this."
            line = f"line {fields['condaFile'].line}"
            problems.append(Problem("file-not-read", Severity.ERROR, line, message, "Put it beside this file."))
    base = fields["baseImage"].text("baseImage") if "baseImage" in fields else ""
    for key in sorted(set(fields) - {"entryScript", "sourceDirectory", "condaFile", "baseImage", "baseImageRegistry"}):
        item = fields[key]
        said = f" ({item.raw})" if item.raw else ""
        message = f"{key}{said} is of the first releases of Azure ML, and was not imported."
        problems.append(Problem("keys-left-out", Severity.WARNING, f"line {item.line}", message))
    registry, password = None, ""
    if (given := fields.get("baseImageRegistry")) is not None and given.kind == "map":
        texts = {key: item.raw for key, item in given.mapping("baseImageRegistry").items() if item.kind == "str"}
        registry = Registry(texts.get("address", ""), texts.get("username", ""))
        password = texts.get("password", "")
    if not (python.conda or python.pip):
        python = replace(python, managed_by=ManagedBy.SYSTEM)
    environment = Environment(
        name or _name_of(source, document), python=python, image=Image(base=base, registry=registry)
    )
    return ReadResult(environment, tuple(problems), password, tuple(parts))


RUN = Format("azureml-runconfig", "Azure ML v1 run configuration", ("*.runconfig",), _is_run, _read_run)
INFERENCE = Format(
    "azureml-inferenceconfig",
    "Azure ML v1 inference configuration",
    ("inferenceconfig.json", "inferenceConfig.json", "inference_config.json"),
    _is_inference,
    _read_inference,
)

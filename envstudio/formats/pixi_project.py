"""pixi.toml, and conda.toml of the same form: one of the environments that its features make up; only read.

Source: pixi's documentation, "Manifest" and "Multi Environment".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from envstudio.domain.environment import Applies, Environment, PipOption, Python, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.conda_project import PIXI_DEPENDENCIES, pixi_part
from envstudio.formats.format import Format, ReadResult, Source
from envstudio.formats.toml_text import load_toml

FILE_NAMES = ("pixi.toml", "conda.toml")
DEFAULT = "default"
OF_LINUX = ("unix", "linux", "linux-64")
"""The targets whose packages an image of ours has, the more general one first."""

TABLES = (*PIXI_DEPENDENCIES, "pypi-dependencies", "system-requirements")
OF_PROJECT = ("workspace", "project", "feature", "environments", "target", "activation", "pypi-options", *TABLES)
TELLS_NOTHING = ("tasks",)
INDEXES = {"index-url": "--index-url", "extra-index-urls": "--extra-index-url"}


def _matches(source: Source) -> bool:
    name = source.file_name.lower()
    if any(name == item or name.endswith(f"__{item}") for item in FILE_NAMES):
        return True
    return name.endswith(".toml") and "[workspace]" in source.text and "platforms" in source.text


def _environments(source: Source) -> tuple[str, ...]:
    named = load_toml(source).table("environments").data
    return tuple(dict.fromkeys((DEFAULT, *named)))


def _read(source: Source, name: str) -> ReadResult:
    data = load_toml(source)
    head_name = "workspace" if data.has("workspace") else "project"
    head = data.table(head_name).data
    if not head:
        raise InvalidInput(f"{source.file_name} has no table [workspace].", "Check that it is the file you meant.")
    wanted = source.choices.environment or DEFAULT
    problems = list[Problem]()
    features = [data.data, *_features(data.data, wanted)]
    if _is_alone(data.data, wanted):
        features = features[1:]
    merged: dict[str, Any] = {head_name: dict(head)}
    for number, feature in enumerate(features):
        where = "" if feature is data.data else f"feature.{_feature_names(data.data, wanted)[number - len(features)]}"
        problems += _take(merged, feature, where)
    options = tuple(_options(merged.pop("pypi-options", {})))
    variables = _variables(merged.pop("env", {}))
    part = pixi_part(merged, "")
    problems += [*part.problems, *_left_out(data.data, wanted)]
    python = Python(channels=part.channels, conda=part.conda, pip=part.pip, pip_options=options)
    if not (python.conda or python.pip):
        others = ", ".join(key for key in _environments(source) if key != wanted)
        message = f"The environment {wanted} has no packages."
        advice = f"Choose another one: {others}." if others else "Add packages to it."
        problems.append(Problem("environment-empty", Severity.WARNING, "environments", message, advice))
    name = name or _own_name(str(head.get("name") or ""), wanted, source)
    environment = Environment(name, python=python, variables=variables, solve=part.solve)
    return ReadResult(environment, tuple(problems))


def _own_name(name: str, wanted: str, source: Source) -> str:
    stem = name or (source.folder.resolve().name if source.folder is not None else "") or "pixi"
    return cleaned_name(stem if wanted == DEFAULT else f"{stem}-{wanted}")


def _feature_names(data: Mapping[str, Any], wanted: str) -> list[str]:
    """Return the features of an environment. Raises `InvalidInput` for one that the file does not have."""
    named = data.get("environments") or {}
    if wanted not in named:
        if wanted == DEFAULT:
            return []
        names = ", ".join(dict.fromkeys((DEFAULT, *named)))
        raise InvalidInput(f"No environment named {wanted!r}.", f"Choose among {names}.")
    features = named[wanted]
    features = features.get("features", []) if isinstance(features, dict) else features
    if not isinstance(features, list) or not all(isinstance(item, str) for item in features):
        raise InvalidInput(f"environments.{wanted} is not a list of features.", "Fix it.")
    # pixi lets the feature that comes first decide.
    return list(reversed(features))


def _features(data: Mapping[str, Any], wanted: str) -> Iterator[Mapping[str, Any]]:
    known = data.get("feature") or {}
    for item in _feature_names(data, wanted):
        if not isinstance(known, dict) or not isinstance(known.get(item), dict):
            raise InvalidInput(f"There is no feature {item!r}.", "Add it, or remove it from the environment.")
        yield known[item]


def _is_alone(data: Mapping[str, Any], wanted: str) -> bool:
    named = (data.get("environments") or {}).get(wanted)
    return isinstance(named, dict) and named.get("no-default-feature") is True


def _take(merged: dict[str, Any], feature: Mapping[str, Any], where: str) -> Iterator[Problem]:
    """Add a feature's tables to those of the environment, and name what of it was not taken."""
    tables = [feature, *(_target(feature, item) for item in OF_LINUX)]
    for table in tables:
        for key in TABLES:
            if isinstance(table.get(key), dict):
                merged[key] = {**merged.get(key, {}), **table[key]}
        env = (table.get("activation") or {}).get("env") if isinstance(table.get("activation"), dict) else None
        if isinstance(env, dict):
            merged["env"] = {**merged.get("env", {}), **env}
    if isinstance(feature.get("pypi-options"), dict):
        merged["pypi-options"] = {**merged.get("pypi-options", {}), **feature["pypi-options"]}
    if where and isinstance(feature.get("channels"), list):
        head = merged["workspace" if "workspace" in merged else "project"]
        head["channels"] = [*feature["channels"], *head.get("channels", [])]
    prefix = f"{where}." if where else ""
    for target, table in zip(("", *OF_LINUX), tables, strict=True):
        activation = table.get("activation")
        if isinstance(activation, dict) and activation.get("scripts"):
            place = f"target.{target}." if target else ""
            yield _not_taken(f"{prefix}{place}activation.scripts", "images run no scripts of a project")
    for platform in sorted(set(feature.get("target") or {}) - set(OF_LINUX)):
        yield _not_taken(f"{prefix}target.{platform}", "images run Linux", Severity.INFO)
    options = feature.get("pypi-options")
    for key in sorted(set(options) - {*INDEXES, "find-links"}) if isinstance(options, dict) else ():
        yield _not_taken(f"{prefix}pypi-options.{key}", "nothing here stands for it")
    known = {*TABLES, "target", "activation", "pypi-options", "channels", "platforms", *TELLS_NOTHING}
    for key in sorted(set(feature) - known - set(OF_PROJECT)):
        yield _not_taken(f"{prefix}{key}", "nothing here stands for it", Severity.INFO)


def _target(feature: Mapping[str, Any], platform: str) -> Mapping[str, Any]:
    targets = feature.get("target")
    found = targets.get(platform) if isinstance(targets, dict) else None
    return found if isinstance(found, dict) else {}


def _not_taken(where: str, why: str, severity: Severity = Severity.WARNING) -> Problem:
    return Problem("keys-left-out", severity, where, f"{where} is not imported: {why}.")


def _options(options: Mapping[str, Any]) -> Iterator[PipOption]:
    for key, name in INDEXES.items():
        found = options.get(key, [])
        for address in [found] if isinstance(found, str) else found:
            yield PipOption(name, str(address))
    links: Sequence[Any] = options.get("find-links", [])
    for item in links:
        place = next((item[key] for key in ("url", "path") if key in item), "") if isinstance(item, dict) else item
        yield PipOption("--find-links", str(place))


def _variables(env: Mapping[str, Any]) -> tuple[Variable, ...]:
    return tuple(Variable(key, str(value), applies=(Applies.RUN,)) for key, value in env.items())


def _left_out(data: Mapping[str, Any], wanted: str) -> Iterator[Problem]:
    others = [key for key in dict.fromkeys((DEFAULT, *(data.get("environments") or {}))) if key != wanted]
    if others:
        message = f"The environments {', '.join(others)} are not imported."
        yield Problem("environments-left-out", Severity.INFO, "environments", message, "Choose one when importing.")
    taken = set(_feature_names(data, wanted))
    if unused := sorted(set(data.get("feature") or {}) - taken):
        message = f"The features {', '.join(unused)} are not part of the environment {wanted}."
        yield Problem("environments-left-out", Severity.INFO, "feature", message)
    if tasks := data.get("tasks"):
        yield _not_taken("tasks", f"{', '.join(tasks)} are commands of the project", Severity.INFO)


FORMAT = Format("pixi-project", "pixi.toml or conda.toml", FILE_NAMES, _matches, _read, environments=_environments)

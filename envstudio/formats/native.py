"""EnvStudio's own file, `envstudio.yml`: the one format that holds all of an environment."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeVar

from envstudio.domain.environment import (
    Applies,
    BuildContext,
    Environment,
    Image,
    ManagedBy,
    MavenPackage,
    PipOption,
    Python,
    Registry,
    Route,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.reference import checked_name
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.solve import IndexStrategy, Solve
from envstudio.errors import InvalidInput
from envstudio.formats.format import Format, ReadResult, Source, WriteResult
from envstudio.formats.native_document import SCHEMA, option_of_line, to_text
from envstudio.formats.source import text_source
from envstudio.formats.yaml_text import YamlValue, load_yaml

__all__ = ["FILE_NAME", "FORMAT", "from_text", "to_text"]

FILE_NAME = "envstudio.yml"
KEYS = (
    "schema",
    "name",
    "description",
    "tags",
    "python",
    "image",
    "variables",
    "spark",
    "serving",
    "gpu",
    "solve",
    "carried",
)

Item = TypeVar("Item")
Choice = TypeVar("Choice", bound=StrEnum)


def from_text(text: str, name: str = "", origin: str = FILE_NAME) -> ReadResult:
    """Return the environment that a text describes. Raises `InvalidInput` naming line and reason.

    `name` goes before the name in the text; `origin` is the file's name in errors.
    """
    return _read(text_source(origin, text), name)


def _read(source: Source, name: str) -> ReadResult:
    document = load_yaml(source)
    _refuse_newer(document)
    fields = document.fields("", KEYS)
    environment = Environment(
        name=name or _name(document, fields),
        description=_text(fields, "description"),
        tags=tuple(_texts_by_key(fields, "tags").items()),
        python=_section(fields, "python", _python, Python()),
        image=_section(fields, "image", _image, Image()),
        variables=tuple(_variable(key, value) for key, value in _entries(fields, "variables")),
        spark=_section(fields, "spark", _spark, None),
        serving=_section(fields, "serving", _serving, None),
        cuda=_section(fields, "gpu", _cuda, ""),
        solve=_section(fields, "solve", _solve, Solve()),
        carried={key: value.plain() for key, value in _entries(fields, "carried")},
    )
    return ReadResult(environment)


def _refuse_newer(document: YamlValue) -> None:
    """Look at the schema before anything else: a newer file may well hold keys that are not known here."""
    if document.kind != "map" or "schema" not in document.entries:
        return
    value = document.entries["schema"][1]
    schema = value.integer("schema")
    if schema > SCHEMA:
        raise value.error(f"schema {schema} is newer than this program's {SCHEMA}.", "Update EnvStudio.")
    if schema < 1:
        raise value.error(f"there is no schema {schema}.", f"Write schema: {SCHEMA}.")


def _name(document: YamlValue, fields: Mapping[str, YamlValue]) -> str:
    if "name" not in fields:
        raise document.error("the environment has no name.", "Add one, such as name: churn-train.")
    return fields["name"].parsed(checked_name, "name")


def _section(fields: Mapping[str, YamlValue], key: str, read: Callable[[YamlValue], Item], default: Item) -> Item:
    return read(fields[key]) if key in fields else default


def _text(fields: Mapping[str, YamlValue], key: str, where: str = "", default: str = "") -> str:
    return fields[key].text(f"{where}{key}") if key in fields else default


def _texts(fields: Mapping[str, YamlValue], key: str, where: str) -> tuple[str, ...]:
    return fields[key].texts(f"{where}{key}") if key in fields else ()


def _entries(fields: Mapping[str, YamlValue], key: str) -> list[tuple[str, YamlValue]]:
    return list(fields[key].mapping(key).items()) if key in fields else []


def _texts_by_key(fields: Mapping[str, YamlValue], key: str, where: str = "") -> dict[str, str]:
    return {name: value.text(f"{where}{key}.{name}") for name, value in _entries(fields, key)}


def _items(
    fields: Mapping[str, YamlValue], key: str, where: str, read: Callable[[YamlValue, str], Item]
) -> tuple[Item, ...]:
    if key not in fields:
        return ()
    return tuple(read(item, f"{where}{key}[{index}]") for index, item in enumerate(fields[key].sequence(where + key)))


def _choice(value: YamlValue, where: str, choices: type[Choice]) -> Choice:
    text = value.text(where)
    if text not in set(choices):
        raise value.error(f"{where} is {text!r}.", f"Write {' or '.join(choices)}.")
    return choices(text)


def _python(value: YamlValue) -> Python:
    fields = value.fields("python", Python.__slots__)
    default = Python()
    return Python(
        managed_by=_section(
            fields, "managed_by", lambda item: _choice(item, "managed_by", ManagedBy), default.managed_by
        ),
        interpreter=_text(fields, "interpreter", "python.", default.interpreter),
        version=_text(fields, "version", "python."),
        channels=_texts(fields, "channels", "python."),
        conda=_items(fields, "conda", "python.", lambda item, where: item.parsed(conda_requirement, where)),
        pip=_items(fields, "pip", "python.", lambda item, where: item.parsed(pip_requirement, where)),
        pip_options=_items(fields, "pip_options", "python.", _read_option),
        pip_constraints=_items(
            fields, "pip_constraints", "python.", lambda item, where: item.parsed(pip_requirement, where)
        ),
        pip_indexes=tuple(_texts_by_key(fields, "pip_indexes", "python.").items()),
    )


def _read_option(value: YamlValue, where: str) -> PipOption:
    if value.kind != "map":
        return option_of_line(value.text(where))
    fields = value.fields(where, ("name", "value"))
    return PipOption(_text(fields, "name", f"{where}."), _text(fields, "value", f"{where}."))


def _image(value: YamlValue) -> Image:
    fields = value.fields("image", Image.__slots__)
    return Image(
        base=_text(fields, "base", "image."),
        dockerfile=_text(fields, "dockerfile", "image."),
        context=_section(fields, "context", _context, None),
        platform=_text(fields, "platform", "image.", Image().platform),
        registry=_section(fields, "registry", _registry, None),
    )


def _context(value: YamlValue) -> BuildContext:
    fields = value.fields("image.context", BuildContext.__slots__)
    if "location" not in fields:
        raise value.error("image.context has no location.", "Add the folder or Git address of the build context.")
    path = _text(fields, "dockerfile_path", "image.context.", BuildContext("").dockerfile_path)
    digest = _text(fields, "digest", "image.context.", "")
    return BuildContext(_text(fields, "location", "image.context."), path, digest)


def _registry(value: YamlValue) -> Registry:
    fields = value.fields("image.registry", Registry.__slots__)
    return Registry(**{name: _text(fields, name, "image.registry.") for name in Registry.__slots__})


def _variable(name: str, value: YamlValue) -> Variable:
    where = f"variables.{name}"
    fields = value.fields(where, ("value", "secret", "applies")) if value.kind == "map" else {"value": value}
    applies = _items(fields, "applies", f"{where}.", lambda item, at: _choice(item, at, Applies))
    text, secret = (_text(fields, key, f"{where}.") for key in ("value", "secret"))
    try:
        return Variable(name, text, secret, applies if "applies" in fields else Variable("X").applies)
    except InvalidInput as error:
        raise value.error(error.summary, error.advice) from error


def _spark(value: YamlValue) -> Spark:
    fields = value.fields("spark", Spark.__slots__)
    return Spark(
        repositories=_texts(fields, "repositories", "spark."),
        packages=_items(fields, "packages", "spark.", _maven_package),
        precache=_section(fields, "precache", lambda item: item.boolean("spark.precache"), True),
        conf=tuple(_texts_by_key(fields, "conf", "spark.").items()),
    )


def _maven_package(value: YamlValue, where: str) -> MavenPackage:
    if value.kind == "map":
        fields = value.fields(where, MavenPackage.__slots__)
        return MavenPackage(**{name: _text(fields, name, f"{where}.") for name in MavenPackage.__slots__})
    parts = value.text(where).split(":")
    if len(parts) != 3:
        raise value.error(f"{where} is {value.raw!r}.", "Write group:artifact:version.")
    return MavenPackage(*parts)


def _serving(value: YamlValue) -> Serving:
    fields = value.fields("serving", Serving.__slots__)
    return Serving(
        **{name: _section(fields, name, _route, None) for name in ("liveness", "readiness", "scoring")},
        inferencing_stack=_text(fields, "inferencing_stack", "serving."),
    )


def _route(value: YamlValue) -> Route:
    fields = value.fields("a route", Route.__slots__)
    if missing := [name for name in Route.__slots__ if name not in fields]:
        raise value.error(f"the route has no {' and no '.join(missing)}.", "Write port and path.")
    return Route(fields["port"].integer("port"), _text(fields, "path"))


def _cuda(value: YamlValue) -> str:
    return _text(value.fields("gpu", ("cuda",)), "cuda", "gpu.")


def _solve(value: YamlValue) -> Solve:
    fields = value.fields("solve", Solve.__slots__)
    strategy = _section(
        fields, "index_strategy", lambda item: _choice(item, "solve.index_strategy", IndexStrategy), None
    )
    platforms = fields["virtual_packages"].mapping("solve.virtual_packages") if "virtual_packages" in fields else {}
    try:
        return Solve(
            exclude_newer=_text(fields, "exclude_newer", "solve."),
            pins=_texts(fields, "pins", "solve."),
            overrides=_texts(fields, "overrides", "solve."),
            excludes=_texts(fields, "excludes", "solve."),
            index_strategy=strategy,
            virtual_packages=tuple(sorted((name, _versions(name, item)) for name, item in platforms.items())),
        )
    except InvalidInput as error:
        raise value.error(error.summary, error.advice) from error


def _versions(platform: str, value: YamlValue) -> tuple[tuple[str, str], ...]:
    where = f"solve.virtual_packages.{platform}"
    return tuple(sorted((name, item.text(f"{where}.{name}")) for name, item in value.mapping(where).items()))


def _matches(source: Source) -> bool:
    if source.file_name in FORMAT.filenames:
        return True
    lines = source.text.split("\n")
    return any(line.startswith("schema:") for line in lines) and any(
        line.startswith(tuple(f"{key}:" for key in KEYS[1:])) for line in lines
    )


def _write(environment: Environment) -> WriteResult:
    return WriteResult({FILE_NAME: to_text(environment)})


FORMAT = Format("native", "EnvStudio", (FILE_NAME, "envstudio.yaml"), _matches, _read, _write)

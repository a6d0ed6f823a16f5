"""How EnvStudio's own file is written: compactly, defaults left out and keys in one order, so that it diffs well."""

from __future__ import annotations

from typing import Any

from envstudio.domain.environment import (
    BuildContext,
    Environment,
    Image,
    MavenPackage,
    PipOption,
    Python,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.solve import Solve
from envstudio.formats.yaml_dump import dump_yaml

SCHEMA = 1


def to_text(environment: Environment) -> str:
    """Return the file's text for an environment."""
    return dump_yaml(to_document(environment))


def to_document(environment: Environment) -> dict[str, Any]:
    """Return the file's content as plain data."""
    document = {
        "schema": SCHEMA,
        "name": environment.name,
        **_given(
            description=environment.description,
            tags=dict(environment.tags),
            python=_python_document(environment.python),
            image=_image_document(environment.image),
            variables={item.name: _variable_document(item) for item in environment.variables},
        ),
    }
    if environment.spark is not None:
        document["spark"] = _spark_document(environment.spark)
    if environment.serving is not None:
        document["serving"] = _serving_document(environment.serving)
    document |= _given(
        gpu=_given(cuda=environment.cuda), solve=_solve_document(environment.solve), carried=dict(environment.carried)
    )
    return document


def _given(**parts: Any) -> dict[str, Any]:
    """Return the parts that are not empty."""
    return {name: value for name, value in parts.items() if value not in ("", None, {}, [], ())}


def _python_document(python: Python) -> dict[str, Any]:
    document: dict[str, Any] = {}
    # An interpreter may be set to nothing on purpose, so it is compared with its default, not with nothing.
    for name, value, default in (
        ("managed_by", str(python.managed_by), str(Python().managed_by)),
        ("interpreter", python.interpreter, Python().interpreter),
    ):
        if value != default:
            document[name] = value
    return document | _given(
        version=python.version,
        channels=list(python.channels),
        conda=[item.text for item in python.conda],
        pip=[item.line for item in python.pip],
        pip_options=[_option_document(item) for item in python.pip_options],
        pip_constraints=[item.line for item in python.pip_constraints],
        pip_indexes=dict(python.pip_indexes),
    )


def _option_document(option: PipOption) -> str | dict[str, str]:
    if option_of_line(option.line) == option:
        return option.line
    return {"name": option.name, "value": option.value}


def option_of_line(line: str) -> PipOption:
    """Return an option of pip as it stands in one line, "--index-url URL"."""
    name, _, value = line.partition(" ")
    return PipOption(name, value)


def _image_document(image: Image) -> dict[str, Any]:
    document = _given(base=image.base, dockerfile=image.dockerfile)
    if image.context is not None:
        document["context"] = {"location": image.context.location}
        if image.context.dockerfile_path != BuildContext("").dockerfile_path:
            document["context"]["dockerfile_path"] = image.context.dockerfile_path
        if image.context.digest:
            document["context"]["digest"] = image.context.digest
    if image.platform != Image().platform:
        document["platform"] = image.platform
    if image.registry is not None:
        registry = image.registry
        document["registry"] = {
            "address": registry.address,
            **_given(username=registry.username, password=registry.password),
        }
    return document


def _variable_document(variable: Variable) -> str | dict[str, Any]:
    document: dict[str, Any] = _given(value=variable.value, secret=variable.secret)
    if variable.applies != Variable("X").applies:
        document["applies"] = [str(item) for item in variable.applies]
    return document if document.keys() - {"value"} else variable.value


def _solve_document(solve: Solve) -> dict[str, Any]:
    return _given(
        exclude_newer=solve.exclude_newer,
        pins=list(solve.pins),
        overrides=list(solve.overrides),
        excludes=list(solve.excludes),
        index_strategy=str(solve.index_strategy or ""),
        virtual_packages={platform: dict(packages) for platform, packages in solve.virtual_packages},
    )


def _spark_document(spark: Spark) -> dict[str, Any]:
    return {
        **_given(repositories=list(spark.repositories), packages=[_maven_document(item) for item in spark.packages]),
        **({} if spark.precache else {"precache": False}),
        **_given(conf=dict(spark.conf)),
    }


def _maven_document(package: MavenPackage) -> str | dict[str, str]:
    parts = {"group": package.group, "artifact": package.artifact, "version": package.version}
    return parts if ":" in "".join(parts.values()) else str(package)


def _serving_document(serving: Serving) -> dict[str, Any]:
    routes = {"liveness": serving.liveness, "readiness": serving.readiness, "scoring": serving.scoring}
    return {
        **{name: {"port": route.port, "path": route.path} for name, route in routes.items() if route is not None},
        **_given(inferencing_stack=serving.inferencing_stack),
    }

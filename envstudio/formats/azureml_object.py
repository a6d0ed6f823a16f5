"""The environment object of Azure ML's SDK v1, which stands in saved folders, run and inference configurations alike.

Sources: the documentation of `azureml.core.Environment` and its sections; what azureml-core 1.61 writes and loads.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from envstudio.domain.container_platform import parse_platform
from envstudio.domain.environment import (
    BuildContext,
    Environment,
    Image,
    ManagedBy,
    MavenPackage,
    Python,
    Registry,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.conda_environment import read_conda
from envstudio.formats.format import ReadResult, Source
from envstudio.formats.yaml_text import YamlValue

ID = "azureml-v1"
EXAMPLE = ("EXAMPLE_ENV_VAR", "EXAMPLE_VALUE")
"""The variable of every new object."""

DEFAULTS: Mapping[str, Any] = {
    "name": None,
    "version": None,
    "environmentVariables": {},
    "python": {
        "userManagedDependencies": False,
        "interpreterPath": "python",
        "condaDependenciesFile": None,
        "baseCondaEnvironment": None,
    },
    "docker": {
        "enabled": False,
        "baseImage": None,
        "baseDockerfile": None,
        "buildContext": None,
        "sharedVolumes": True,
        "shmSize": "2g",
        "arguments": [],
        "baseImageRegistry": {"address": None, "username": None, "password": None, "registryIdentity": None},
        "platform": {"os": "Linux", "architecture": "amd64"},
    },
    "spark": {"repositories": [], "packages": [], "precachePackages": True},
    "databricks": {
        "mavenLibraries": [],
        "pypiLibraries": [],
        "rcranLibraries": [],
        "jarLibraries": [],
        "eggLibraries": [],
    },
    "r": None,
    "inferencingStackVersion": None,
    "assetId": None,
}
"""A new object, but for the image that the SDK fills in; what a file says beyond it and we do not model is carried."""

MODELLED = (
    ("name",),
    ("version",),
    ("environmentVariables",),
    ("python", "userManagedDependencies"),
    ("python", "interpreterPath"),
    ("python", "condaDependencies"),
    ("docker", "baseImage"),
    ("docker", "baseDockerfile"),
    ("docker", "buildContext"),
    ("docker", "baseImageRegistry", "address"),
    ("docker", "baseImageRegistry", "username"),
    ("docker", "baseImageRegistry", "password"),
    ("docker", "platform"),
    ("spark", "repositories"),
    ("spark", "packages"),
    ("spark", "precachePackages"),
    ("inferencingStackVersion",),
)
DEPRECATED: Mapping[tuple[str, ...], str] = {
    ("docker", "enabled"): "Azure runs every environment in a container now.",
    ("docker", "sharedVolumes"): "",
    ("docker", "shmSize"): "Azure takes it from the run's DockerConfiguration now.",
    ("docker", "arguments"): "Azure takes them from the run's DockerConfiguration now.",
    ("docker", "gpuSupport"): "Azure uses the GPUs that it finds.",
}
GIT, STORAGE = "git", "storageAccount"


@dataclass(slots=True)
class Parts:
    """What stands beside the object: its conda environment and its Dockerfile, which replace those inside it."""

    conda_source: Source | None = None
    conda: YamlValue | None = None
    dockerfile: str = ""


def read_object(value: YamlValue, source: Source, name: str, parts: Parts | None = None) -> ReadResult:
    """Return the environment that a v1 object is. Raises `InvalidInput` naming the line of what is malformed."""
    return _ObjectReader(source, parts or Parts()).read(value, name)


@dataclass(slots=True)
class _ObjectReader:
    source: Source
    parts: Parts
    problems: list[Problem] = field(default_factory=list)
    ignored: Any = None
    """The conda dependencies of an environment whose Python the user manages."""

    def read(self, value: YamlValue, name: str) -> ReadResult:
        value.mapping("the environment")
        password = self._text(value, "docker", "baseImageRegistry", "password")
        environment = Environment(
            name or cleaned_name(self._text(value, "name") or "environment"),
            python=self._python(value),
            image=self._image(value),
            variables=self._variables(value),
            spark=self._spark(value),
            serving=self._serving(value),
            carried=self._carried(value),
        )
        if password and environment.image.registry is None:
            message = "A registry's password stands here without its address; it was left out and is not stored."
            self._report("password-removed", value, ("docker", "baseImageRegistry", "password"), message)
        if version := self._text(value, "version"):
            message = f"The version {version} is Azure's; versions are counted anew here."
            self._report("version-left-out", value, ("version",), message, severity=Severity.INFO)
        return ReadResult(environment, tuple(self.problems), password)

    def _report(
        self,
        code: str,
        value: YamlValue,
        path: tuple[str | int, ...],
        message: str,
        advice: str = "",
        severity: Severity = Severity.WARNING,
    ) -> None:
        line = value.line_of(*path)
        self.problems.append(Problem(code, severity, f"line {line}", message, advice))

    def _text(self, value: YamlValue, *path: str) -> str:
        """Return a scalar as it stands in the file; nothing if there is none or it is null."""
        found = _at(value, *path)
        if found is None:
            return ""
        if found.kind in ("map", "seq"):
            raise found.error(f"{'.'.join(path)} is not text.", "Write it with the tool that it is from.")
        return found.raw

    # Its parts

    def _python(self, value: YamlValue) -> Python:
        interpreter = self._text(value, "python", "interpreterPath") or Python().interpreter
        if self._text(value, "python", "userManagedDependencies").lower() == "true":
            ignored = self.parts.conda or _at(value, "python", "condaDependencies")
            if ignored is not None:
                self.ignored = ignored.plain()
                self._report(
                    "conda-ignored",
                    value,
                    ("python", "userManagedDependencies"),
                    "The user manages Python, so the conda dependencies do nothing, as in Azure; they are kept for it.",
                    "Set userManagedDependencies to false if they should be installed.",
                )
            return Python(managed_by=ManagedBy.USER, interpreter=interpreter)
        conda, source = self.parts.conda, self.parts.conda_source or self.source
        if conda is None:
            conda, source = _at(value, "python", "condaDependencies"), self.source
        if conda is None:
            return Python(interpreter=interpreter)
        found = read_conda(source, conda, "conda")
        prefix = "" if source is self.source else f"{source.file_name}, "
        self.problems += [replace(item, where=f"{prefix}{item.where}") for item in found.problems]
        return replace(found.environment.python, interpreter=interpreter)

    def _image(self, value: YamlValue) -> Image:
        dockerfile = self.parts.dockerfile or self._text(value, "docker", "baseDockerfile")
        return Image(
            base=self._text(value, "docker", "baseImage"),
            dockerfile=dockerfile,
            context=self._context(value),
            platform=self._platform(value),
            registry=self._registry(value),
        )

    def _context(self, value: YamlValue) -> BuildContext | None:
        context = _at(value, "docker", "buildContext")
        if context is None:
            return None
        location = self._text(context, "location")
        if not location:
            raise context.error("the build context has no location.", "Write the address of a Git repository.")
        return BuildContext(location, self._text(context, "dockerfilePath") or "Dockerfile")

    def _platform(self, value: YamlValue) -> str:
        system = self._text(value, "docker", "platform", "os") or "Linux"
        architecture = self._text(value, "docker", "platform", "architecture") or "amd64"
        try:
            return str(parse_platform(f"{system}/{architecture}".lower()))
        except InvalidInput:
            message = f"The platform {system}, {architecture} is not one of containers; linux/amd64 was used."
            self._report("platform-unknown", value, ("docker", "platform"), message)
            return Image().platform

    def _registry(self, value: YamlValue) -> Registry | None:
        where = ("docker", "baseImageRegistry")
        address = self._text(value, *where, "address")
        username = self._text(value, *where, "username")
        return Registry(address, username) if address or username else None

    def _variables(self, value: YamlValue) -> tuple[Variable, ...]:
        found = []
        for name, item in (_at(value, "environmentVariables") or _NOTHING).mapping("environmentVariables").items():
            where = ("environmentVariables", name)
            if (name, item.raw) == EXAMPLE:
                message = f"{name} is the example that the SDK puts into every new environment."
                advice = "Remove it if nothing reads it."
                self._report("example-variable", value, where, message, advice, Severity.INFO)
            found.append(read_variable(name, item, self.problems))
        return tuple(found)

    def _spark(self, value: YamlValue) -> Spark | None:
        spark = _at(value, "spark")
        if spark is None:
            return None
        packages = []
        for number, item in enumerate((_at(spark, "packages") or _NOTHING).sequence("spark.packages")):
            parts = [self._text(item, key) for key in ("group", "artifact", "version")]
            if not all(parts):
                raise item.error(f"spark.packages[{number}] has no group, artifact or version.", "Complete it.")
            packages.append(MavenPackage(*parts))
        precache = self._text(spark, "precachePackages").lower() != "false"
        repositories = tuple((_at(spark, "repositories") or _NOTHING).texts("spark.repositories"))
        conf = tuple(
            (name, item.raw)
            for name, item in (_at(spark, "configuration") or _NOTHING).mapping("spark.configuration").items()
        )
        found = Spark(repositories, tuple(packages), precache, conf)
        return None if found == Spark() else found

    def _serving(self, value: YamlValue) -> Serving | None:
        stack = self._text(value, "inferencingStackVersion")
        return Serving(inferencing_stack=stack) if stack else None

    def _carried(self, value: YamlValue) -> dict[str, Any]:
        """Keep what is not modelled here and says something, and name it with its line."""
        data = copy.deepcopy(value.plain())
        for where in _tokens(data):
            message = f"{where} holds a token in clear text; it was left out and is not stored."
            advice = "Change it if the file was shared with others."
            self._report("password-removed", value, ("r",), message, advice)
        for modelled in MODELLED:
            _remove(data, modelled)
        if self.parts.conda is not None:
            _remove(data, ("python", "condaDependenciesFile"))
        if isinstance(data.get("spark"), dict):
            data["spark"].pop("configuration", None)
        rest = _beyond(data, DEFAULTS) or {}
        told = tuple(_leaves(rest))
        if self.ignored is not None:
            rest.setdefault("python", {})["condaDependencies"] = self.ignored
        for path in told:
            reason = DEPRECATED.get(path, "")
            code = "docker-deprecated" if path in DEPRECATED else "carried"
            message = f"{'.'.join(path)} does nothing here; it is kept and written back for Azure. {reason}".rstrip()
            self._report(code, value, path, message, severity=Severity.INFO)
        return {ID: rest} if rest else {}


_NOTHING = YamlValue("", 0, "null")


def read_variable(name: str, value: YamlValue, problems: list[Problem]) -> Variable:
    """Return a variable whose value is any scalar, as the text that stands in the file. Raises `InvalidInput`."""
    if value.kind in ("map", "seq"):
        raise value.error(f"the value of {name} is not text.", "Write it in quotes.")
    if value.kind not in ("str", "null"):
        message = f"The value of {name} was read as the text {value.raw!r}."
        problems.append(Problem("not-text", Severity.INFO, f"line {value.line}", message, "Quote it."))
    try:
        return Variable(name, "" if value.kind == "null" else value.raw)
    except InvalidInput as error:
        raise value.error(error.summary, error.advice) from error


def _at(value: YamlValue, *path: str) -> YamlValue | None:
    """Return the value that keys lead to; None if there is none, or it is null."""
    for number, key in enumerate(path):
        value = value.mapping(".".join(path[:number]) or "the environment").get(key, _NOTHING)
    return None if value.kind == "null" else value


def _remove(data: dict[str, Any], path: tuple[str, ...]) -> None:
    for key in path[:-1]:
        inner = data.get(key)
        if not isinstance(inner, dict):
            return
        data = inner
    data.pop(path[-1], None)


def _tokens(data: Mapping[str, Any]) -> Iterator[str]:
    """Take the tokens of R packages on GitHub out of an object, and yield where each stood."""
    packages = r.get("githubPackages") if isinstance(r := data.get("r"), dict) else None
    for number, package in enumerate(packages if isinstance(packages, list) else ()):
        if isinstance(package, dict) and package.pop("authToken", None):
            yield f"r.githubPackages[{number}].authToken"


def _beyond(data: Any, defaults: Any) -> Any:
    """Return what differs from the defaults, without what is empty."""
    if isinstance(data, dict):
        known = defaults if isinstance(defaults, Mapping) else {}
        rest = {key: _beyond(item, known.get(key)) for key, item in data.items()}
        return {key: item for key, item in rest.items() if item is not None} or None
    return None if data == defaults or data in (None, "", [], {}) else data


def _leaves(data: Mapping[str, Any], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in data.items():
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, (*path, key))
        else:
            yield (*path, key)

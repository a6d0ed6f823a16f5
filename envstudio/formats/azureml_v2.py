"""Azure ML's environment YAML of SDK and CLI v2, and the same keys where they stand inside other files.

Source: Azure ML's reference "CLI (v2) environment YAML schema"; what azure-ai-ml 1.35 loads.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from envstudio.domain.container_platform import parse_platform
from envstudio.domain.environment import (
    Applies,
    BuildContext,
    Environment,
    Image,
    Python,
    Route,
    Serving,
    Variable,
)
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.formats.azureml_object import read_variable
from envstudio.formats.conda_environment import conda_document, read_conda
from envstudio.formats.format import Format, ReadResult, Source, WriteResult
from envstudio.formats.losses import losses, variable_losses
from envstudio.formats.requirement_lines import RequirementReader
from envstudio.formats.source import TEMPLATE, read_source
from envstudio.formats.yaml_dump import dump_yaml
from envstudio.formats.yaml_text import YamlValue, load_yaml, top_keys

ID = "azureml-v2"
TITLE = "Azure ML v2 environment"
FILE_NAME = "azureml-environment.yml"
CONDA_FILE = "conda_dependencies.yml"
CONTEXT, DOCKERFILE = "context", "Dockerfile"
JOB_FILE, DEPLOYMENT_FILE = "job.yml", "deployment.yml"
SCHEMA = "https://azuremlschemas.azureedge.net/latest/environment.schema.json"
SCHEMA_MARK = "environment.schema.json"
KEYS = (
    "$schema",
    "name",
    "version",
    "description",
    "tags",
    "image",
    "build",
    "conda_file",
    "os_type",
    "inference_config",
)
OLD_KEYS = ("docker", "path")
"""Keys of earlier previews, which are in many files and which Azure rejects now."""
ROUTES = ("liveness", "readiness", "scoring")
OTHERS_TOP = ("dependencies", "channels", "environment", "jobs", "command", "type", "entry_points", "flavors")
HELD = (
    "name",
    "description",
    "tags",
    "python.version",
    "python.channels",
    "python.conda",
    "python.pip",
    "python.pip_options",
    "image.base",
    "image.dockerfile",
    "image.context",
    "image.platform",
    "serving",
)


def _matches(source: Source) -> bool:
    """Recognise by the schema that the file names, or by keys that no other tool has at the top."""
    keys = top_keys(source.text)
    if "$schema" in keys:
        return SCHEMA_MARK in source.text and "azureml" in source.text
    if "name" not in keys or any(key in keys for key in OTHERS_TOP):
        return False
    return bool({"conda_file", "inference_config", "os_type"} & keys) or (
        bool({"image", "build"} & keys) and keys <= {*KEYS, *OLD_KEYS, "environment_variables", "properties"}
    )


# Reading


def _read(source: Source, name: str) -> ReadResult:
    return read_environment(load_yaml(source), source, name)


def read_environment(
    value: YamlValue, source: Source, name: str, *, filled: Filled | None = None, known: Iterable[str] = ()
) -> ReadResult:
    """Return the environment that v2's keys define, in a file of their own or in another one.

    `filled` is what stands for templates, and `known` are keys that the caller reads. Raises `InvalidInput`.
    """
    return _V2Reader(source, filled or beside_templates(source)).read(value, name, set(known))


@dataclass(frozen=True, slots=True)
class Filled:
    """What the tool that publishes Azure's catalogue fills in for the templates of a specification."""

    name: str = ""
    context: str = ""
    dockerfile: str = ""
    image: str = ""


def beside_templates(source: Source) -> Filled:
    """Return what asset.yaml and environment.yaml beside a specification give its templates."""
    name = context = dockerfile = image = ""
    if (asset := _sibling(source, "asset.yaml")) is not None:
        name = _raw(asset, "name")
    if (extra := _sibling(source, "environment.yaml")) is not None:
        context = _raw(extra, "image", "context", "dir")
        dockerfile = _raw(extra, "image", "context", "dockerfile")
        image = _raw(extra, "image", "name")
    return Filled(name, context, dockerfile, image)


def _sibling(source: Source, name: str) -> YamlValue | None:
    path = None if source.folder is None else source.folder / name
    if path is None or not path.is_file() or path.name == source.file_name:
        return None
    return load_yaml(read_source(path))


def _raw(value: YamlValue, *path: str) -> str:
    """Return the text of a scalar that keys lead to; nothing if there is none."""
    for key in path:
        if key not in value.entries:
            return ""
        value = value.entries[key][1]
    return "" if value.kind in ("map", "seq", "null") or TEMPLATE.search(value.raw) else value.raw


@dataclass(slots=True)
class _V2Reader:
    source: Source
    filled: Filled
    problems: list[Problem] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)

    def read(self, value: YamlValue, name: str, known: set[str]) -> ReadResult:
        fields = {key: item for key, item in value.mapping("the environment").items() if item.kind != "null"}
        own_name = self._name(fields.get("name"))
        environment = Environment(
            name or own_name,
            python=self._python(fields.get("conda_file")),
            image=self._image(fields),
            variables=self._variables(fields.get("environment_variables")),
            serving=self._serving(fields.get("inference_config")),
            description=self._scalar(fields.get("description"), "description"),
            tags=self._tags(fields.get("tags")),
            carried=self._carried(value, known),
        )
        if "version" in fields:
            message = f"The version {fields['version'].raw} is Azure's; versions are counted anew here."
            self._report("version-left-out", fields["version"], message, severity=Severity.INFO)
        return ReadResult(environment, tuple(self.problems), parts=tuple(self.parts))

    def _report(
        self, code: str, value: YamlValue, message: str, advice: str = "", severity: Severity = Severity.WARNING
    ) -> None:
        self.problems.append(Problem(code, severity, f"line {value.line}", message, advice))

    def _scalar(self, value: YamlValue | None, where: str) -> str:
        if value is None:
            return ""
        if value.kind in ("map", "seq"):
            raise value.error(f"{where} is not text.", "Write it in quotes; a template must be filled in first.")
        return value.raw

    def _name(self, value: YamlValue | None) -> str:
        text = self._scalar(value, "the name")
        stem = self.source.file_name.rsplit(".", 1)[0]
        if value is not None and TEMPLATE.search(text):
            found = self.filled.name or _folder_name(self.source) or stem
            self._fill(value, text, found)
            text = found
        name = cleaned_name(text or stem)
        if value is not None and text and name != text:
            self._report("name-changed", value, f"The name {text!r} became {name!r}.", severity=Severity.INFO)
        return name

    def _fill(self, value: YamlValue, template: str, text: str) -> None:
        message = f"The template {template} was read as {text}."
        self._report("template-filled", value, message, severity=Severity.INFO)

    # The image

    def _image(self, fields: dict[str, YamlValue]) -> Image:
        base = self._base(fields.get("image"))
        context, dockerfile = self._build(fields.get("build")), ""
        if (docker := fields.get("docker")) is not None:
            base, context, dockerfile = self._old_docker(docker, base, context, dockerfile)
        platform = Image().platform
        if self._scalar(fields.get("os_type"), "os_type").lower() not in ("", "linux"):
            platform = fields["os_type"].parsed(lambda text: str(parse_platform(f"{text.lower()}/amd64")), "os_type")
        return Image(base=base, dockerfile=dockerfile, context=context, platform=platform)

    def _base(self, value: YamlValue | None) -> str:
        text = self._scalar(value, "image")
        if value is not None and TEMPLATE.search(text):
            self._report(
                "template-kept",
                value,
                f"The base image is the template {text}, which nothing fills in here; it was kept.",
                "Write the image in its place before you build.",
                Severity.ERROR,
            )
        return text

    def _build(self, value: YamlValue | None) -> BuildContext | None:
        if value is None:
            return None
        fields = value.mapping("build")
        path = fields.get("path", fields.get("local_path", value))
        location = "." if path is value else self._scalar(path, "build.path")
        if TEMPLATE.search(location):
            template, location = location, self.filled.context or CONTEXT
            self._fill(path, template, location)
        name = self._scalar(fields.get("dockerfile_path"), "build.dockerfile_path") or DOCKERFILE
        if TEMPLATE.search(name):
            template, name = name, self.filled.dockerfile or DOCKERFILE
            self._fill(fields["dockerfile_path"], template, name)
        for key in sorted(set(fields) - {"path", "dockerfile_path", "local_path"}):
            self._report("unknown-key", fields[key], f"build.{key} is no key of Azure's and was left out.")
        return BuildContext(location.removeprefix("file:"), name)

    def _old_docker(
        self, value: YamlValue, base: str, context: BuildContext | None, dockerfile: str
    ) -> tuple[str, BuildContext | None, str]:
        """Read the key `docker` of a preview: an image, or a Dockerfile as text or by its path."""
        self._report(
            "old-key",
            value,
            "The key docker is from a preview of Azure ML; Azure rejects it now.",
            "An export writes image and build instead.",
        )
        fields = value.mapping("docker")
        if "image" in fields:
            base = self._base(fields["image"])
        if (build := fields.get("build")) is not None and build.kind == "map":
            inner = build.mapping("docker.build")
            text = self._scalar(inner.get("dockerfile"), "docker.build.dockerfile")
            if "\n" in text.strip() or text.upper().startswith("FROM "):
                dockerfile = text
            elif text:
                name = text.removeprefix("file:")
                folder = self._scalar(inner.get("context_uri"), "docker.build.context_uri") or str(Path(name).parent)
                context = BuildContext(folder, Path(name).name)
            else:
                context = self._build(build)
        for key in set(fields) - {"image", "build"}:
            self._report("unknown-key", fields[key], f"docker.{key} was left out.")
        return base, context, dockerfile

    # The rest

    def _python(self, value: YamlValue | None) -> Python:
        if value is None:
            return Python()
        if value.kind == "map":
            found = read_conda(self.source, value, "conda")
            self.problems += found.problems
            return found.environment.python
        if value.kind == "seq" or "\n" in value.raw.strip():
            raise value.error(
                "conda_file is neither the path of a file nor a conda environment.",
                "Azure takes a text of several lines for the name of a file: indent it as keys, or name a file.",
            )
        path = value.raw.removeprefix("file:")
        if path != value.raw:
            message = f"The spelling {value.raw} is from a preview of Azure ML, whose SDK finds no such file now."
            self._report("old-key", value, message, f"Write {path}.")
        return self._conda_at(value, path)

    def _conda_at(self, value: YamlValue, path: str) -> Python:
        folder = self.source.folder
        file = None if folder is None else folder / path.replace("\\", "/")
        if file is None or not file.is_file() or TEMPLATE.search(path):
            self._report(
                "file-not-read",
                value,
                f"The conda file {path} is not there, so its packages are not part of this.",
                "Put it beside this file and read again.",
                Severity.ERROR,
            )
            return Python()
        self.parts.append(file)
        source = read_source(file)
        if file.suffix == ".txt":
            self._report(
                "requirements-as-conda",
                value,
                f"{path} is a file of pip requirements; Azure sends its lines as one text, which no service reads.",
                "Name a conda environment; an export writes one.",
            )
            reader = RequirementReader(replace(source, choices=self.source.choices))
            reader.read_file()
            found, problems = reader.into(Python()), reader.problems
        else:
            read = read_conda(source, load_yaml(source), "conda")
            found, problems = read.environment.python, list(read.problems)
            if read.environment.variables:
                names = ", ".join(item.name for item in read.environment.variables)
                message = f"The variables {names} of {path} are not taken: Azure reads none from a conda file."
                self._report("variables-left-out", value, message, "Add them to the environment.")
        self.problems += [replace(item, where=f"{source.file_name}, {item.where}") for item in problems]
        return found

    def _variables(self, value: YamlValue | None) -> tuple[Variable, ...]:
        if value is None:
            return ()
        self._report(
            "old-key",
            value,
            "Azure takes no environment_variables in an environment of v2; jobs and deployments have them.",
            "They are kept here; an export writes them to a job and a deployment.",
        )
        items = value.mapping("environment_variables").items()
        return tuple(read_variable(name, item, self.problems) for name, item in items)

    def _serving(self, value: YamlValue | None) -> Serving | None:
        if value is None:
            return None
        fields = value.mapping("inference_config")
        routes: dict[str, Route] = {}
        for name in ROUTES:
            if (route := fields.get(f"{name}_route")) is None or route.kind == "null":
                self._report("route-missing", value, f"The {name} route is missing; Azure requires all three or none.")
                continue
            inner = route.mapping(f"{name}_route")
            port = self._scalar(inner.get("port"), f"{name}_route.port")
            if not port.removesuffix(".0").isdecimal():
                raise route.error(f"the port of {name}_route is {port or 'missing'}, not a number.", "Write a number.")
            routes[name] = Route(int(port.removesuffix(".0")), self._scalar(inner.get("path"), f"{name}_route.path"))
        for key in set(fields) - {f"{name}_route" for name in ROUTES}:
            self._report("unknown-key", fields[key], f"inference_config.{key} is no key of Azure's and was left out.")
        return Serving(routes.get("liveness"), routes.get("readiness"), routes.get("scoring"))

    def _tags(self, value: YamlValue | None) -> tuple[tuple[str, str], ...]:
        if value is None:
            return ()
        found = {}
        for key, (name, item) in value.entries.items():
            if item.kind in ("map", "seq"):
                raise item.error(f"the tag {key} is not text.", "Write it in quotes.")
            found[name.raw] = "" if item.kind == "null" else item.raw
            if item.kind not in ("str", "null") and str(item.plain()) != item.raw:
                message = f"The tag {key} is {item.raw}, which Azure reads as {item.plain()}; here it stays as written."
                self._report("not-text", item, message, "Write it in quotes.")
        return tuple(sorted(found.items()))

    def _carried(self, value: YamlValue, known: set[str]) -> dict[str, Any]:
        """Keep the keys that are not modelled here, and name each with its line."""
        read = {*KEYS, *OLD_KEYS, "environment_variables", *known}
        carried = {}
        for name, (key, item) in value.entries.items():
            if name in read or item.kind == "null":
                continue
            message = f"The key {name} does nothing here; it is kept and written back."
            if name != "datastore":
                message = f"Azure rejects the key {name} in an environment; it is kept, and not written back."
            self._report("unknown-key", key, message, severity=Severity.INFO)
            carried[name] = item.plain()
        return {ID: carried} if carried else {}


def _folder_name(source: Source) -> str:
    return "" if source.folder is None else source.folder.resolve().name


# Writing


def _write(environment: Environment) -> WriteResult:
    image, files = environment.image, dict[str, str]()
    document: dict[str, Any] = {"$schema": SCHEMA, "name": environment.name}
    if environment.description:
        document["description"] = environment.description
    if environment.tags:
        document["tags"] = dict(environment.tags)
    if image.base:
        document["image"] = image.base
    if image.dockerfile:
        document["build"] = {"path": CONTEXT, "dockerfile_path": DOCKERFILE}
        files[f"{CONTEXT}/{DOCKERFILE}"] = image.dockerfile
    elif image.context is not None:
        document["build"] = {"path": image.context.location, "dockerfile_path": image.context.dockerfile_path}
    conda, problems = conda_document(environment.python)
    if conda is not None:
        document["conda_file"] = CONDA_FILE
        files[CONDA_FILE] = dump_yaml({"name": environment.name, **conda})
    document["os_type"] = parse_platform(image.platform).system
    if (routes := _routes(environment.serving)) is not None:
        document["inference_config"] = routes
    own = environment.carried.get(ID, {})
    if isinstance(own, dict) and "datastore" in own:
        document["datastore"] = own["datastore"]
    files |= _side_files(environment)
    return WriteResult({FILE_NAME: dump_yaml(document), **files}, (*_losses(environment), *problems))


def _routes(serving: Serving | None) -> dict[str, Any] | None:
    if serving is None:
        return None
    routes = {f"{name}_route": getattr(serving, name) for name in ROUTES}
    made = {name: {"port": route.port, "path": route.path} for name, route in routes.items() if route is not None}
    return made or None


def _side_files(environment: Environment) -> dict[str, str]:
    """Return a job and a deployment that carry the variables, for which v2's environment has no place."""
    files = {}
    plain = [item for item in environment.variables if not item.secret]
    reference = f"azureml:{environment.name}@latest"
    if of_run := {item.name: item.value for item in plain if Applies.RUN in item.applies}:
        files[JOB_FILE] = dump_yaml(
            {
                "$schema": "https://azuremlschemas.azureedge.net/latest/commandJob.schema.json",
                "type": "command",
                "command": "python -m this",
                "environment": reference,
                "environment_variables": of_run,
            }
        )
    of_serving = {item.name: item.value for item in plain if Applies.SERVE in item.applies}
    if of_serving and environment.serving is not None:
        files[DEPLOYMENT_FILE] = dump_yaml(
            {
                "$schema": "https://azuremlschemas.azureedge.net/latest/managedOnlineDeployment.schema.json",
                "name": "blue",
                "endpoint_name": cleaned_name(environment.name),
                "environment": reference,
                "environment_variables": of_serving,
            }
        )
    return files


def _losses(environment: Environment) -> tuple[Problem, ...]:
    foreign = {key: value for key, value in environment.carried.items() if key != ID}
    held = [*HELD]
    if not any(item.secret for item in environment.variables):
        held.append("variables")
    found = [*losses(replace(environment, carried=foreign), TITLE, held)]
    found += [
        item
        for item in variable_losses(environment, TITLE)
        if "applies at" not in item.message or Applies.BUILD.value in item.message
    ]
    serving = environment.serving
    if serving is not None and serving.inferencing_stack:
        message = f"{TITLE} cannot hold the inferencing stack {serving.inferencing_stack}."
        found.append(Problem("not-held", Severity.WARNING, "serving.inferencing_stack", message))
    context = environment.image.context
    if context is not None and not context.is_remote:
        message = f"The build context stays where it is, at {context.location}."
        found.append(Problem("context-elsewhere", Severity.INFO, "image.context", message, "Copy it beside the file."))
    if _has_conda(environment.python) and not environment.image.base:
        message = "Azure builds a conda environment on a base image, and none is given."
        found.append(Problem("image-missing", Severity.WARNING, "image.base", message, "Give it a base image."))
    return tuple(found)


def _has_conda(python: Python) -> bool:
    return bool(python.conda or python.pip)


FORMAT = Format(ID, TITLE, (FILE_NAME, "spec.yaml", "spec.yml"), _matches, _read, _write, by_content=True)

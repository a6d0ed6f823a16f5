"""devcontainer.json, by which editors open a project in a container.

Source: the specification of development containers, "Dev Container metadata reference".
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from envstudio.domain.environment import Applies, BuildContext, Environment, Image, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.azureml_object import read_variable
from envstudio.formats.format import Format, ReadResult, Source, WriteResult
from envstudio.formats.json_text import load_json
from envstudio.formats.losses import losses, variable_losses
from envstudio.formats.yaml_text import YamlValue

ID = "devcontainer"
TITLE = "devcontainer.json"
FILE_NAME = "devcontainer.json"
FOLDER = ".devcontainer"
DOCKERFILE = "Dockerfile"
FILLED_IN = re.compile(r"\$\{[^}]*\}")
HELD = ("name", "image.base", "image.dockerfile", "image.context", "variables")
READ = ("name", "image", "build", "dockerFile", "context", "containerEnv", "remoteEnv")


def _matches(source: Source) -> bool:
    name = source.file_name.lower()
    return name in (FILE_NAME, f".{FILE_NAME}") or name.endswith(f"__{FILE_NAME}")


def _read(source: Source, name: str) -> ReadResult:
    document = load_json(source, comments=True)
    fields = {key: item for key, item in document.mapping("").items() if item.kind != "null"}
    if "dockerComposeFile" in fields:
        raise fields["dockerComposeFile"].error(
            "the container is one of a Docker Compose file, which is not read.", "Import the Dockerfile that it builds."
        )
    problems = list[Problem]()
    carried = {}
    for key in fields:
        if key not in READ:
            carried[key] = fields[key].plain()
            message = f"{key} is for the editor; it is kept and written back."
            line = f"line {document.line_of(key)}"
            problems.append(Problem("carried", Severity.INFO, line, message))
    own = fields["name"].raw if "name" in fields and fields["name"].kind == "str" else ""
    called = _name(source, own)
    if own and called != own:
        message = f"The name {own!r} became {called!r}."
        problems.append(Problem("name-changed", Severity.INFO, f"line {document.line_of('name')}", message))
    environment = Environment(
        name or called,
        image=_image(fields, document),
        variables=_variables(fields, problems),
        carried={ID: carried} if carried else {},
    )
    if not environment.image.sources:
        message = "No image is named, so the editor's own one is used."
        problems.append(Problem("image-missing", Severity.WARNING, "line 1", message, "Name an image."))
    return ReadResult(environment, tuple(problems))


def _name(source: Source, own: str) -> str:
    folder = source.folder
    while folder is not None and (folder.name == FOLDER or folder.parent.name == FOLDER):
        folder = folder.parent
    return cleaned_name(own or (folder.resolve().name if folder is not None else "") or ID)


def _image(fields: Mapping[str, YamlValue], document: YamlValue) -> Image:
    base = fields["image"].text("image") if "image" in fields else ""
    build = fields["build"].mapping("build") if "build" in fields else {}
    dockerfile = build.get("dockerfile") or fields.get("dockerFile")
    if dockerfile is None:
        return Image(base=base)
    place = build.get("context") or fields.get("context")
    folder = Path(place.text("build.context")) if place is not None else Path()
    file = Path(dockerfile.text("build.dockerfile"))
    # Both are relative to the configuration's own folder; a context has its Dockerfile by a path inside it.
    try:
        inside = file.relative_to(folder) if place is not None else file
    except ValueError:
        inside = _from(folder, file)
    return Image(base=base, context=BuildContext(str(folder), inside.as_posix()))


def _from(folder: Path, file: Path) -> Path:
    """Return a file by its path from a folder such as ".."; what lies between has no name here but its own."""
    if folder.as_posix() == "..":
        return Path(FOLDER) / file
    raise InvalidInput(
        f"The Dockerfile {file} does not lie in its build context {folder}.",
        "Move one of them, or import the Dockerfile.",
    )


def _variables(fields: Mapping[str, YamlValue], problems: list[Problem]) -> tuple[Variable, ...]:
    found: dict[str, Variable] = {}
    for key in ("containerEnv", "remoteEnv"):
        if key not in fields:
            continue
        for name, item in fields[key].mapping(key).items():
            if item.kind == "null":
                continue
            variable = replace(read_variable(name, item, problems), applies=(Applies.RUN,))
            if FILLED_IN.search(variable.value):
                message = f"The editor fills in {variable.value} when it opens the container; it is text here."
                problems.append(Problem("variable-in-line", Severity.WARNING, f"line {item.line}", message))
            found[name] = variable
    return tuple(found.values())


def _write(environment: Environment) -> WriteResult:
    document: dict[str, Any] = {"name": environment.name}
    image, files = environment.image, dict[str, str]()
    if image.dockerfile:
        document["build"] = {"dockerfile": DOCKERFILE}
        files[DOCKERFILE] = image.dockerfile
    elif image.context is not None:
        document["build"] = {
            "context": image.context.location,
            "dockerfile": str(Path(image.context.location) / image.context.dockerfile_path),
        }
    elif image.base:
        document["image"] = image.base
    if variables := {item.name: item.value for item in environment.variables if _is_held(item)}:
        document["containerEnv"] = variables
    own = environment.carried.get(ID, {})
    document |= own if isinstance(own, Mapping) else {}
    foreign = {key: value for key, value in environment.carried.items() if key != ID}
    problems = (
        *losses(replace(environment, carried=foreign), TITLE, HELD),
        *(item for item in variable_losses(environment, TITLE) if "applies at run only" not in item.message),
    )
    return WriteResult({FILE_NAME: json.dumps(document, indent=2, ensure_ascii=False) + "\n", **files}, problems)


def _is_held(variable: Variable) -> bool:
    return not variable.secret and Applies.RUN in variable.applies


FORMAT = Format(ID, TITLE, (FILE_NAME, f".{FILE_NAME}"), _matches, _read, _write)

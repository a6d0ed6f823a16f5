"""buildkit: a Dockerfile, by `docker buildx build`, with caches and secrets mounted.

Progress comes as JSON lines (`--progress=rawjson`): BuildKit's SolveStatus, whose vertexes are the Dockerfile's steps.
"""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from envstudio import process
from envstudio.builders.builder import BuildRequest, Plan, built
from envstudio.builders.dockerfiles import dockerfile, recipe, secrets
from envstudio.builders.dockerfiles.context import Context
from envstudio.builders.dockerfiles.dockerignore import FILE_NAME as IGNORE_FILE
from envstudio.builders.reuse import reusable
from envstudio.disk import writing
from envstudio.domain.image import BuiltImage, ImageIdentity
from envstudio.engine import CONTEXT
from envstudio.errors import Act, BuildFailed, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.report import Report

SAVED = "docker-archive"
NO_BUILDX = "Install Docker's buildx plugin, or use the classic builder."


class BuildkitBuilder:
    """Runs a Dockerfile with BuildKit."""

    id = "buildkit"
    title = "BuildKit (a Dockerfile, with caches and secrets mounted)"
    runs_dockerfiles = True
    needs_engine = True
    mounts_secrets = True

    def build(self, request: BuildRequest, report: Report) -> BuiltImage:
        """Make the image and put it where the request says. Raises `EnvStudioError`, `Cancelled`."""
        started = time.perf_counter()
        with recipe.opened(request, report, mounts=True) as (found, identity):
            reused = reusable(request, identity)
            if reused is not None:
                return recipe.reuse(self.id, request, report, started, reused)
            facts = _run(request, found, identity, report)
            if request.output.startswith(SAVED):
                return _saved(self.id, request, report, started)
        image = request.engine.find(request.tags[0]) if request.engine and request.output == "docker" else None
        if image is not None:
            return recipe.outcome(self.id, request, report, started, image)
        if request.output == "docker":
            raise EnvStudioError("The build ended, but the engine has no image of that name.", "See the log.")
        digest = str(facts.get("containerimage.digest", ""))
        image_id = str(facts.get("containerimage.config.digest", digest))
        return built(request, report, self.id, started, image_id=image_id, digest=digest, size=0, layers=0)

    def plan(self, request: BuildRequest, report: Report) -> Plan:
        """Return the Dockerfile, and what keeps an existing image from being reused."""
        return recipe.plan(self.id, request, report, mounts=True)


def _run(request: BuildRequest, found: Context, identity: ImageIdentity, report: Report) -> Mapping[str, Any]:
    """Run buildx and return what it says of the image. Raises `BuildFailed`, `Cancelled`, `Unavailable`."""
    with tempfile.TemporaryDirectory(prefix="envstudio-buildx-") as folder:
        metadata = Path(folder) / "metadata.json"
        given = secrets.gather(request)
        command = [*_program(request), "build", "--progress=rawjson", "--metadata-file", str(metadata)]
        command += ["--platform", request.platform]
        command += _flags(request, dockerfile.labels(request, identity), given)
        command += _sources(found, Path(folder))
        report.line(process.shown(command), "command")
        listener = Listener(report)
        environment = {**request.settings.subprocess_environment(), **given.variables}
        if request.engine is not None and request.engine.endpoint.address.startswith(
            ("unix:", "tcp:", "ssh:", "npipe:")
        ):
            environment["DOCKER_HOST"] = request.engine.endpoint.address
        stdin = found.chunks() if found.folder is None else None
        done = process.run(command, report, env=environment, stdin=stdin, show=False, on_line=listener.hear)
        if done.exit_code != 0:
            raise BuildFailed("The build failed.", "See the last lines of the log.", listener.failure())
        if found.folder is not None:
            found.folder.refuse_changes()
        facts: Mapping[str, Any] = json.loads(metadata.read_text("utf-8")) if metadata.exists() else {}
        return facts


def _sources(found: Context, work: Path) -> list[str]:
    """Return the words that name Dockerfile and context: a folder as it lies on the disk, or a tar on standard input.

    BuildKit applies .dockerignore to a folder alone. The Dockerfile lies beside it, since its text may be another, and
    takes its own ignore file along.
    """
    if found.folder is None:
        return ["--file", found.dockerfile, "-"]
    file = work / dockerfile.DOCKERFILE
    file.write_text(found.text, "utf-8")
    own = found.folder.path / f"{found.dockerfile}{IGNORE_FILE}"
    if own.is_file():
        shutil.copyfile(own, file.with_name(f"{file.name}{IGNORE_FILE}"))
    return ["--file", str(file), str(found.folder.path.resolve())]


@cache
def available() -> bool:
    """Return whether docker and its buildx plugin are installed."""
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "buildx", "version"], capture_output=True).returncode == 0


def _program(request: BuildRequest) -> list[str]:
    """Return the words that start buildx. Raises `Unavailable` if it is not there."""
    if not available():
        raise Unavailable(
            "BuildKit needs the docker program with its buildx plugin.",
            NO_BUILDX,
            code="program-missing",
            subject="docker buildx",
            remedy=Remedy(Act.CHOOSE_BUILDER, "classic"),
        )
    address = request.settings.engine
    words = ["--context", address.removeprefix(CONTEXT)] if address.startswith(CONTEXT) else []
    return ["docker", *words, "buildx"]


def _flags(request: BuildRequest, labels: Mapping[str, str], given: secrets.Given) -> list[str]:
    options, settings = request.options, request.settings
    flags = [word for tag in request.tags for word in ("--tag", tag)]
    flags += [word for name, value in labels.items() for word in ("--label", f"{name}={value}")]
    instance = options.instance or settings.buildx_builder
    flags += ["--builder", instance] if instance else []
    flags += ["--network", settings.build_network] if settings.build_network else []
    flags += ["--target", options.target] if options.target else []
    flags += [] if request.reuse else ["--no-cache"]
    for name, value in given.arguments.items():
        flags += ["--build-arg", f"{name}={value}"]
    for name in given.secrets:
        flags += ["--secret", name]
    flags += [word for text in options.cache_from for word in ("--cache-from", text)]
    flags += [word for text in options.cache_to for word in ("--cache-to", text)]
    return [*flags, *_output(request)]


def _output(request: BuildRequest) -> list[str]:
    kind, _, path = request.output.partition(":")
    if kind in ("docker", SAVED):
        return ["--load"]
    if kind == "registry":
        return ["--push"]
    if kind != "oci-archive":
        raise InvalidInput(
            f"BuildKit does not write {request.output}.", "Use oci-archive:FILE, docker-archive:FILE, or the engine."
        )
    return ["--output", f"type=oci,dest={path}"]


def _saved(builder: str, request: BuildRequest, report: Report, started: float) -> BuiltImage:
    """Take an archive out of the engine; BuildKit inside an engine does not write one itself."""
    image = request.engine.find(request.tags[0]) if request.engine else None
    if image is None or request.engine is None:
        raise EnvStudioError("The build ended, but the engine has no image of that name.", "See the log.")
    path = Path(request.output.partition(":")[2])
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".envstudio-", dir=path.parent) as folder:
            part = Path(folder) / "archive.tar"
            with report.stage("write"), part.open("wb") as file:
                for chunk in request.engine.save(request.tags[0]):
                    report.raise_if_cancelled()
                    file.write(chunk)
            part.replace(path)
    return recipe.outcome(builder, request, report, started, image)


class Listener:
    """Turns BuildKit's status into stages, lines and progress; keeps what failed."""

    def __init__(self, report: Report) -> None:
        self._report = report
        self._began: set[str] = set()
        self._ended: set[str] = set()
        self._names: dict[str, str] = {}
        self._amounts: dict[str, tuple[int, int]] = {}
        self._errors: list[str] = []
        self._rest: dict[str, str] = {}
        self._open: list[str] = []

    def hear(self, text: str, _stream: str) -> None:
        """Take one line of output: a status is one, or several from older buildx; the rest is buildx's own words."""
        if text == "{" or self._open:
            self._open.append(text)
            if text != "}":
                return
            text = "\n".join(self._open)
            self._open.clear()
        status = _status_of(text)
        if status is None:
            if text.strip():
                self._errors.append(text)
                self._report.line(text, "err")
            return
        for vertex in status.get("vertexes") or ():
            self._vertex(vertex)
        for item in status.get("statuses") or ():
            self._status(item)
        for log in status.get("logs") or ():
            self._log(log)

    def _vertex(self, vertex: Mapping[str, Any]) -> None:
        digest, name = vertex["digest"], str(vertex.get("name", ""))
        self._names[digest] = name
        if vertex.get("started") and digest not in self._began:
            self._began.add(digest)
            self._report.began(name)
            self._report.line(name)
        if vertex.get("completed") and digest not in self._ended:
            self._ended.add(digest)
            seconds = (_moment(vertex["completed"]) - _moment(vertex["started"])).total_seconds()
            self._report.ended(name, max(seconds, 0.0), cached=bool(vertex.get("cached")))
        if vertex.get("error"):
            self._errors.append(f"{name}: {vertex['error']}")
            self._report.line(str(vertex["error"]), "err")

    def _status(self, item: Mapping[str, Any]) -> None:
        if item.get("total"):
            self._amounts[item["id"]] = (int(item.get("current", 0)), int(item["total"]))
            done, total = (sum(column) for column in zip(*self._amounts.values(), strict=True))
            if not self._report.cancelled:
                self._report.progress(done, total, "B")

    def _log(self, log: Mapping[str, Any]) -> None:
        """Say the whole lines of a piece of output; the rest waits for the next piece."""
        stream = "err" if log.get("stream") == 2 else "out"
        path = f"{log.get('vertex')}{stream}"
        text = self._rest.get(path, "") + base64.b64decode(log.get("data", "")).decode("utf-8", "replace")
        *lines, self._rest[path] = text.split("\n")
        for line in lines:
            self._report.line(line.rstrip("\r"), stream)

    def failure(self) -> str:
        """Return what went wrong, in BuildKit's words, with what was printed last."""
        return "\n".join(dict.fromkeys([*filter(None, self._rest.values()), *self._errors]))


def _status_of(text: str) -> dict[str, Any] | None:
    try:
        status = json.loads(text)
    except json.JSONDecodeError:
        return None
    return status if isinstance(status, dict) else None


def _moment(text: str) -> datetime:
    """Read a time of RFC 3339 with up to nanoseconds."""
    head, dot, tail = text.replace("Z", "+00:00").partition(".")
    if not dot:
        return datetime.fromisoformat(head)
    digits = tail[: len(tail) - len(tail.lstrip("0123456789"))]
    return datetime.fromisoformat(f"{head}.{digits[:6].ljust(6, '0')}{tail[len(digits) :]}")

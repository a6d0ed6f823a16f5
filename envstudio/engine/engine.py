"""An engine that answered: images, containers and builds, through the Docker SDK."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from envstudio.credentials import Login, login_for
from envstudio.domain.image_name import parse_name
from envstudio.engine.containers import ContainerOutcome, run_and_collect, run_to_end
from envstudio.engine.endpoints import NO_ENGINE, Endpoint, endpoints
from envstudio.engine.info import EngineInfo, engine_info
from envstudio.engine.sdk_errors import NotFoundInEngine, explained
from envstudio.engine.streams import POLL_SECONDS, ChunkReader, archive_members, archive_of, events_of
from envstudio.errors import Act, BuildFailed, Cancelled, EnvStudioError, NotFound, Remedy, Unavailable
from envstudio.report import Report

if TYPE_CHECKING:
    import docker

TIMEOUT_SECONDS = 600
FILE_BYTES = 64 << 20
"""The most that is read of a file in an image."""

NO_VARIABLES: Mapping[str, str] = {}
TOKEN_USER = "<token>"
PING_SECONDS = 5
ABANDON_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class EngineImage:
    """An image as the engine knows it. `size` is in bytes."""

    image_id: str
    tags: tuple[str, ...]
    labels: Mapping[str, str]
    config: Mapping[str, Any]
    diff_ids: tuple[str, ...]
    size: int
    architecture: str


def connect(address: str = "") -> Engine:
    """Return the engine at an address or "context:NAME", else the first that answers of those that are usual.

    Raises `Unavailable`, `NotFound`.
    """
    silent = []
    for endpoint in endpoints(address):
        try:
            return _connect(endpoint)
        except Unavailable as error:
            if endpoint.named:
                raise Unavailable(
                    error.summary,
                    error.advice,
                    f"{endpoint.origin}: {error.details}",
                    code="engine-stopped",
                    remedy=Remedy(Act.SET_SETTING, "engine"),
                ) from error
            silent.append(f"{endpoint.address}: {error.details}")
    raise Unavailable(
        "No container engine was found.",
        NO_ENGINE,
        "\n".join(silent),
        code="engine-stopped",
        remedy=Remedy(Act.SET_SETTING, "engine"),
    )


@contextmanager
def connected_if_running(address: str = "", *, required: bool = False) -> Iterator[Engine | None]:
    """Yield the engine, or None if none answers; one that is `required` raises `Unavailable` then."""
    try:
        engine = connect(address)
    except Unavailable:
        if required:
            raise
        yield None
        return
    with engine:
        yield engine


def _connect(endpoint: Endpoint) -> Engine:
    with explained("Connecting to the container engine"):
        import docker

        if endpoint.address:
            options: dict[str, Any] = {"tls": endpoint.tls} if endpoint.tls else {}
            remote = endpoint.address.startswith("ssh://")
            client = docker.DockerClient(
                base_url=endpoint.address, timeout=PING_SECONDS, use_ssh_client=remote, **options
            )
        else:
            client = docker.from_env(timeout=PING_SECONDS, use_ssh_client=True)
        client.ping()
        client.api.timeout = TIMEOUT_SECONDS
        return Engine(client, endpoint)


def docker_login(host: str) -> Login | None:
    """Return the login that Docker's configuration or its credential helpers have for a registry, else None.

    An identity token has the user `TOKEN_USER`, as credential helpers write it.
    """
    import docker.auth
    import docker.errors

    try:
        found = docker.auth.load_config().resolve_authconfig(host)
    except docker.errors.DockerException:
        return None
    facts = {key.lower(): value for key, value in (found or {}).items()}
    if facts.get("identitytoken"):
        return Login("basic", str(facts["identitytoken"]), TOKEN_USER)
    if facts.get("username") and facts.get("password"):
        return Login("basic", str(facts["password"]), str(facts["username"]))
    return None


class Engine:
    """An engine that answered once."""

    def __init__(self, client: docker.DockerClient, endpoint: Endpoint) -> None:
        self._client = client
        self.endpoint = endpoint
        self._api: Any = client.api

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the connection; `with` does it by itself."""
        self._client.close()

    def info(self) -> EngineInfo:
        """Ask the engine who it is."""
        with explained("Asking the engine"):
            facts: dict[str, Any] = self._client.info()
        return engine_info(facts)

    def find(self, reference: str) -> EngineImage | None:
        """Return an image by name or id, else None."""
        with explained(f"Finding {reference}"):
            try:
                return _image(self._api.inspect_image(reference))
            except NotFoundInEngine():
                return None

    def labelled(self, labels: Mapping[str, str]) -> tuple[EngineImage, ...]:
        """Return the images that carry all of these labels, newest first; an empty value means any."""
        wanted = [f"{key}={value}" if value else key for key, value in labels.items()]
        with explained("Listing images"):
            found = self._api.images(filters={"label": wanted})
            return tuple(_image(self._api.inspect_image(item["Id"])) for item in found)

    def pull(self, reference: str, platform: str, report: Report) -> EngineImage:
        """Fetch an image from its registry, telling how far it is."""
        report.line(f"docker pull --platform {platform} {reference}", "command")
        login = login_for(parse_name(reference).host)
        with explained(f"Pulling {reference}"):
            events = self._api.pull(reference, stream=True, decode=True, platform=platform, auth_config=_auth(login))
            for event in events_of(self._api, events, report):
                if "error" in event:
                    raise EnvStudioError(
                        f"{reference} cannot be pulled.",
                        "Check the name, the network, and the image mirrors in the settings.",
                        str(event["error"]),
                        code="pull-failed",
                        subject=reference,
                    )
        found = self.find(reference)
        if found is None:
            raise NotFound(f"{reference} was pulled, but the engine does not list it.", "Check the platform.")
        return found

    def load(self, archive: Iterable[bytes], report: Report, *, abandoned: Callable[[], object] = lambda: None) -> None:
        """Send an archive as `docker load` does. Raises `EnvStudioError`, `Cancelled`.

        An engine cannot be stopped once it has the whole archive. A cancelled load is then left to itself after a
        second, and `abandoned` is called when the engine is done.
        """
        finished, left = threading.Event(), threading.Event()
        failure: list[BaseException] = []

        def watched() -> Iterator[bytes]:
            for chunk in archive:
                report.raise_if_cancelled()
                yield chunk

        def work() -> None:
            try:
                self._load(watched())
            except BaseException as error:  # noqa: BLE001 - it is raised in the thread that waits
                failure.append(error)
            finished.set()
            if left.is_set():
                abandoned()

        threading.Thread(target=work, name="engine-load").start()
        while not finished.wait(POLL_SECONDS):
            if report.cancelled and not finished.wait(ABANDON_SECONDS):
                left.set()
                if finished.is_set():
                    abandoned()
                raise Cancelled
        if failure:
            raise failure[0]

    def _load(self, chunks: Iterator[bytes]) -> None:
        with explained("Loading the image"):
            for event in self._api.load_image(chunks, quiet=True):
                # A refusal before the archive was read comes as a message, one after it as an error.
                refusal = event.get("error") or event.get("message")
                if refusal:
                    raise EnvStudioError("The engine refused the image.", "See its message below.", str(refusal))

    def save(self, reference: str) -> Iterator[bytes]:
        """Yield an image as `docker save` does."""
        with explained(f"Saving {reference}"):
            yield from self._api.get_image(reference)

    def tag(self, image_id: str, tags: Sequence[str]) -> None:
        """Give an image names."""
        with explained("Tagging the image"):
            for tag in tags:
                repository, _, name = tag.rpartition(":") if ":" in tag.rsplit("/", 1)[-1] else (tag, "", "latest")
                self._api.tag(image_id, repository, name, force=True)

    def remove_image(self, reference: str, *, force: bool = False) -> None:
        """Remove an image or one of its names."""
        with explained(f"Removing {reference}"):
            self._api.remove_image(reference, force=force)

    def in_use(self, image_id: str) -> bool:
        """Return whether a container, running or not, is of an image or of one on top of it."""
        with explained(f"Looking for containers of {image_id[:19]}"):
            return bool(self._api.containers(all=True, filters={"ancestor": image_id}))

    def sizes_of_layers(self, reference: str, count: int) -> list[int]:
        """Return the bytes of an image's `count` layers, the lowest first, as the engine counts them.

        Empty if it does not tell: a layer without a byte is not distinguished from a step that made none.
        """
        with explained(f"Inspecting {reference}"):
            sizes = [int(item["Size"]) for item in reversed(self._api.history(reference)) if item.get("Size")]
        return sizes if len(sizes) == count else []

    def link_target(self, reference: str, paths: Sequence[str]) -> tuple[str, str] | None:
        """Return the first of `paths` that an image has and what it links to, without starting anything."""
        with explained(f"Inspecting {reference}"):
            container = self._api.create_container(reference, command=["true"])["Id"]
            try:
                for path in paths:
                    try:
                        stat = self._api.get_archive(container, path)[1]
                    except NotFoundInEngine():
                        continue
                    return path, stat.get("linkTarget") or path
                return None
            finally:
                self._api.remove_container(container, force=True)

    def read_file(self, reference: str, path: str) -> bytes | None:
        """Return a file of an image without starting anything; None if it has none."""
        with explained(f"Inspecting {reference}"):
            container = self._api.create_container(reference, command=["true"])["Id"]
            try:
                chunks = self._api.get_archive(container, path)[0]
            except NotFoundInEngine():
                return None
            else:
                for member, stream in archive_members(chunks):
                    if member.isfile():
                        return bytes(stream.read(FILE_BYTES))
                return None
            finally:
                self._api.remove_container(container, force=True)

    def check_whole(self, reference: str) -> None:
        """Make and remove a container of an image, which fails if layers are missing. Raises `EnvStudioError`."""
        with explained(f"Checking {reference}"):
            container = self._api.create_container(reference, command=["true"])["Id"]
            self._api.remove_container(container, force=True)

    def build(
        self, context: Iterable[bytes], *, dockerfile: str, tags: Sequence[str], report: Report, **options: Any
    ) -> Iterator[str]:
        """Build a context with the engine's classic builder; yield its lines.

        Raises `BuildFailed`, `Cancelled`: an engine stops a build whose listener is gone.
        """

        def watched() -> Iterator[bytes]:
            for chunk in context:
                report.raise_if_cancelled()
                yield chunk

        def events() -> Iterator[Any]:
            yield from self._api.build(
                fileobj=ChunkReader(watched()),
                custom_context=True,
                dockerfile=dockerfile,
                tag=tags[0],
                rm=True,
                forcerm=True,
                decode=True,
                **options,
            )

        with explained("Building the image"):
            for event in events_of(self._api, events(), report):
                if "error" in event:
                    raise BuildFailed("The build failed.", "See the last lines of the log.", str(event["error"]))
                text = event.get("stream") or event.get("status") or ""
                yield from text.splitlines()

    def push(self, tag: str, report: Report, login: Login | None = None) -> None:
        """Push an image by its name; without a login, Docker's own configuration is asked for one."""
        done: dict[str, tuple[int, int]] = {}
        with explained(f"Pushing {tag}"):
            events = self._api.push(tag, stream=True, decode=True, auth_config=_auth(login))
            for event in events_of(self._api, events, report):
                detail = event.get("progressDetail") or {}
                if event.get("id") and detail.get("total"):
                    done[event["id"]] = (min(detail["current"], detail["total"]), detail["total"])
                    report.progress(sum(item[0] for item in done.values()), sum(item[1] for item in done.values()), "B")
                if "error" in event:
                    raise EnvStudioError(
                        f"{tag} cannot be pushed.",
                        "Check the registry's name and your login.",
                        str(event["error"]),
                        code="push-failed",
                        subject=parse_name(tag).host,
                        remedy=Remedy(Act.LOG_IN, parse_name(tag).host),
                    )
                if event.get("status") and "id" not in event:
                    report.line(event["status"])

    def run(
        self,
        image: str,
        command: Sequence[str],
        report: Report,
        *,
        environment: Mapping[str, str],
        mounts: Mapping[str, str],
        working_dir: str,
        network: str = "",
    ) -> int:
        """Run a command in a new container, report its lines, remove it, and return the exit status.

        `network` is Docker's network mode, such as "host"; empty means the engine's own default.
        """
        with explained(f"Running {image}"):
            container = self._client.containers.create(
                image,
                list(command),
                environment=dict(environment),
                volumes={source: {"bind": target, "mode": "rw"} for source, target in mounts.items()},
                working_dir=working_dir or None,
                network_mode=network or None,
            )
            return run_to_end(container, command[0], report)

    def run_with_files(
        self,
        image: str,
        command: Sequence[str],
        report: Report,
        *,
        files: Mapping[str, bytes],
        environment: Mapping[str, str] = NO_VARIABLES,
        network: str = "",
        wanted: str = "",
    ) -> ContainerOutcome:
        """Run a command in a new container that gets some files, and return how it ended, what it said, and its files.

        `files` are put in by their paths in the container; of the folder `wanted`, the regular files come back by their
        names alone, as bytes: nothing of it is made on this machine. Raises `EnvStudioError`, `Cancelled`.
        """
        with explained(f"Running {image}"):
            container = self._client.containers.create(
                image, list(command), entrypoint=[], environment=dict(environment), network_mode=network or None
            )
            if files:
                container.put_archive("/", archive_of(files))
            return run_and_collect(container, command[0], report, wanted)


def _auth(login: Login | None) -> dict[str, str] | None:
    """Return a login as the SDK takes it; None lets it look into Docker's own configuration."""
    return {"username": login.user, "password": login.password} if login and login.kind == "basic" else None


def _image(facts: Mapping[str, Any]) -> EngineImage:
    config = facts.get("Config") or {}
    return EngineImage(
        facts["Id"],
        tuple(facts.get("RepoTags") or ()),
        config.get("Labels") or {},
        config,
        tuple((facts.get("RootFS") or {}).get("Layers") or ()),
        int(facts.get("Size", 0)),
        facts.get("Architecture", ""),
    )

"""build: a version becomes a container image, locked first if needed, and the build is kept in the history."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import partial
from typing import Any

from envstudio.builders import Builder, BuildRequest, DockerfileOptions, Plan, choose, needs_lock, refuse_unbuildable
from envstudio.consents import NONE, Consent
from envstudio.credentials import login_for
from envstudio.disk import explained
from envstudio.domain.canonical import sha256
from envstudio.domain.change import LibraryChange
from envstudio.domain.container_platform import parse_platform
from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Applies, Environment
from envstudio.domain.failure import classify
from envstudio.domain.image import BuiltImage
from envstudio.domain.image_name import checked_tag, parse_name
from envstudio.domain.lock import Lock
from envstudio.engine import Engine, connected_if_running
from envstudio.errors import Act, BuildFailed, Cancelled, EnvStudioError, InvalidInput, Remedy, redacted
from envstudio.library import Library, Snapshot
from envstudio.library.curated import refuse_curated
from envstudio.packages.hashes import refuse_unhashed
from envstudio.packages.source_builds import refuse_source_builds
from envstudio.report import Line, Relay, Report
from envstudio.settings import Settings
from envstudio.tasks.consent import consent_for, keep_source_builds
from envstudio.tasks.context_content import kept_context
from envstudio.tasks.lock import LockOptions, lock_snapshot
from envstudio.tasks.registration import registered_version
from envstudio.tasks.secrets import secret_values

MAX_LOG_LINES = 200_000
FILES = ("oci", "oci-archive", "docker-archive")


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """How to build. An empty platform means the definition's; no tags mean `envstudio/NAME:VERSION`.

    From `arguments` on, the options are for a Dockerfile; `instance` and the caches are for BuildKit.
    """

    builder: str = ""
    platform: str = ""
    tags: tuple[str, ...] = ()
    output: str = "docker"
    push: bool = False
    reuse: bool = True
    arguments: Mapping[str, str] = field(default_factory=dict)
    target: str = ""
    instance: str = ""
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    consent: Consent = NONE

    def inputs(self) -> dict[str, Any]:
        """Return the options as the history keeps them; consent is given anew, or remembered elsewhere."""
        kept = {item.name: getattr(self, item.name) for item in fields(self) if item.name != "consent"}
        return {**kept, "arguments": {name: redacted(value) for name, value in self.arguments.items()}}

    @classmethod
    def from_inputs(cls, inputs: Mapping[str, Any]) -> BuildOptions:
        """Return the options that a build of the history had."""
        lists = {name: tuple(inputs.get(name, ())) for name in ("tags", "cache_from", "cache_to")}
        known = {item.name for item in fields(cls)} - {"consent"}
        return cls(**{**{name: value for name, value in inputs.items() if name in known}, **lists})


@dataclass(frozen=True, slots=True)
class BuildOutcome:
    """The image, the build's id in the history, and what changed in the library."""

    image: BuiltImage
    build: int
    change: LibraryChange

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        image = self.image
        return {
            "ref": image.reference,
            "image_id": image.image_id,
            "digest": image.digest,
            "tags": list(image.tags),
            "builder": image.builder,
            "reused": image.reused,
            "seconds": image.seconds,
            "stages": [
                {"name": stage.name, "seconds": stage.seconds, "cached": stage.cached} for stage in image.stages
            ],
            "size": image.size,
            "layers": image.layers,
            "layers_sent": image.layers_sent,
            "contents": [layer.to_json() for layer in image.contents],
            "output": image.output,
            "build": self.build,
        }


def build(
    library: Library, settings: Settings, reference: str, *, options: BuildOptions = BuildOptions(), report: Report
) -> BuildOutcome:
    """Build an image of a version; a draft is registered first. Raises `EnvStudioError`, `Cancelled`.

    The failure is kept too.
    """
    _check(options)
    refuse = partial(refuse_unbuildable_here, library, settings, options)
    snapshot, registered = registered_version(library, reference, "build", refuse=refuse, report=report)
    builder = choose(options.builder or settings.builder, snapshot.environment)
    name = snapshot.environment.name
    identifier = library.builds.start(name, snapshot.version, builder.id, options.inputs())
    log: list[str] = []
    listening = _listening(report, log)
    started = time.perf_counter()
    try:
        image, lock, change = _build(library, settings, snapshot, builder, options, listening)
        # It may have been renamed meanwhile.
        name = library.builds.environment(identifier)
        change |= library.images.add(
            name, snapshot.version, image, definition=snapshot.digest, lock=lock.digest if lock else ""
        )
    except BaseException as raised:
        error = _explained(raised, log)
        status = "cancelled" if isinstance(error, Cancelled | KeyboardInterrupt) else "failed"
        library.builds.finish(
            identifier,
            name,
            status,
            seconds=round(time.perf_counter() - started, 3),
            builder=builder.id,
            stages=listening.stages,
            log="\n".join([*log, *_words(error)]),
            error=redacted(str(error)),
        )
        if error is raised:
            raise
        raise error from raised
    change |= library.builds.finish(
        identifier,
        name,
        "done",
        seconds=round(time.perf_counter() - started, 3),
        builder=builder.id,
        stages=listening.stages,
        log="\n".join(log),
        image_id=image.image_id,
    )
    return BuildOutcome(replace(image, stages=tuple(listening.stages)), identifier, registered | change)


def _build(
    library: Library,
    settings: Settings,
    snapshot: Snapshot,
    builder: Builder,
    options: BuildOptions,
    report: Report,
) -> tuple[BuiltImage, Lock | None, LibraryChange]:
    """Lock if needed, connect to the engine if there is one, and run the builder."""
    change = LibraryChange()
    lock: Lock | None = None
    if needs_lock(snapshot.environment):
        subdir = _request(settings, snapshot, None, None, options).subdir
        lock_options = LockOptions(also_for=(subdir,), consent=options.consent)
        locked = lock_snapshot(library, settings, snapshot, options=lock_options, report=report)
        lock, change = locked.lock, locked.change
        options = replace(options, consent=consent_for(library, snapshot.environment.name, options.consent))
        packages = lock.platform(subdir)
        refuse_unhashed(packages.packages, options.consent)
        refuse_source_builds(packages.of("pip"), options.consent)
        keep_source_builds(packages.packages, options.consent)
    with connected_if_running(settings.engine, required=options.output == "docker" or builder.needs_engine) as engine:
        secrets = {}
        if builder.mounts_secrets:
            secrets = secret_values(library, snapshot.environment, Applies.BUILD, options.consent, settings)
        request = _request(settings, snapshot, lock, engine, options, secrets)
        image = builder.build(replace(request, kept=kept_context(library, snapshot.environment)), report)
        if options.push and engine is not None:
            with report.stage("push"):
                for tag in image.tags:
                    engine.push(tag, report, login_for(parse_name(tag).host))
    return image, lock, change


def rebuild(library: Library, settings: Settings, identifier: int, *, report: Report) -> BuildOutcome:
    """Build again with the inputs of a build of the history. Raises `NotFound`, `EnvStudioError`, `Cancelled`."""
    record = library.builds.get(identifier)
    options = BuildOptions.from_inputs(record.inputs)
    return build(library, settings, f"{record.environment}:{record.version}", options=options, report=report)


def plan(
    library: Library, settings: Settings, reference: str, *, options: BuildOptions = BuildOptions(), report: Report
) -> Plan:
    """Return what a build would do and why it would reuse no image; nothing is made. Raises `EnvStudioError`."""
    _check(options)
    snapshot = library.find(reference)
    refuse_curated(snapshot.reference, "; builds and runs belong to environments of your own.")
    refuse_unbuildable_here(library, settings, options, snapshot.environment)
    builder = choose(options.builder or settings.builder, snapshot.environment)
    if snapshot.reference.is_draft and library.versions.has_changed_draft(snapshot.environment.name):
        return Plan(builder.id, (f"register {snapshot.title}", f"build it with {builder.id}"), ("it is a draft",))
    record = library.locks.find(snapshot.environment.name, snapshot.digest)
    if record is None and needs_lock(snapshot.environment):
        steps = (f"lock {snapshot.title}", f"build it with {builder.id}")
        return Plan(builder.id, steps, ("the version is not locked",))
    with connected_if_running(settings.engine) as engine:
        request = _request(settings, snapshot, record.lock if record else None, engine, options)
        found = builder.plan(replace(request, kept=kept_context(library, snapshot.environment)), report)
        return found if options.reuse else replace(found, rebuild_because=("no image is to be reused",))


def _check(options: BuildOptions) -> None:
    """Refuse what no builder can do, before anything is solved. Raises `InvalidInput`."""
    kind, _, target = options.output.partition(":")
    if options.output not in ("docker", "registry") and not (kind in FILES and target):
        raise InvalidInput(
            f"{options.output!r} is not an image destination.",
            "Use docker, registry, oci:DIR, oci-archive:FILE or docker-archive:FILE.",
            code="invalid-output",
            subject=options.output,
        )
    if options.output == "registry" and not options.tags:
        raise InvalidInput(
            "An image for a registry needs a name there.",
            "Give it one.",
            code="invalid-output",
            remedy=Remedy(Act.NAME_IMAGE, "registry.example/name:1"),
        )
    if options.push and options.output != "docker":
        raise InvalidInput(
            "Only an image in the engine can be pushed.",
            "Deliver it to the registry alone.",
            code="invalid-output",
            remedy=Remedy(Act.CHOOSE_OUTPUT, "registry"),
        )
    for tag in options.tags:
        checked_tag(tag)


def refuse_unbuildable_here(
    library: Library, settings: Settings, options: BuildOptions, environment: Environment
) -> None:
    """Raise `InvalidInput` for a definition that no image can be made of, before a draft of it is registered."""
    choose(options.builder or settings.builder, environment)
    platform = parse_platform(options.platform or environment.image.platform)
    if needs_lock(environment):
        _ = platform.subdir  # raises if nothing can be locked for it
    locked = library.locks.find(environment.name, definition_digest(environment)) is not None
    refuse_unbuildable(environment, locked=locked)


def _request(
    settings: Settings,
    snapshot: Snapshot,
    lock: Lock | None,
    engine: Engine | None,
    options: BuildOptions,
    secrets: Mapping[str, str] | None = None,
) -> BuildRequest:
    return BuildRequest(
        environment=snapshot.environment,
        version=snapshot.version,
        digest=snapshot.digest,
        lock=lock,
        settings=settings,
        engine=engine,
        tags=options.tags or (image_tag(snapshot.environment.name, snapshot.version),),
        platform=options.platform or snapshot.environment.image.platform,
        output=options.output,
        reuse=options.reuse,
        secrets=secrets or {},
        options=DockerfileOptions(
            options.arguments, options.target, options.instance, options.cache_from, options.cache_to
        ),
        consent=options.consent,
    )


def image_tag(name: str, version: int) -> str:
    """Return the name that an image gets if the user gives none (a repository name is lower case)."""
    repository = re.sub(r"[._-]{2,}", "-", name.lower()).strip("._-") or "environment"
    # Names that differ only in what a repository cannot hold must not share one.
    mark = "" if repository == name else f"-{sha256(name.encode())[:6]}"
    return f"envstudio/{repository}{mark}:{version}"


def _listening(report: Report, log: list[str]) -> Report:
    """Return a report that hands everything on and keeps the lines."""

    def keep(line: Line) -> None:
        if len(log) < MAX_LOG_LINES:
            log.append(f"$ {line.text}" if line.stream == "command" else line.text)

    return Relay(report, keep)


def _explained(error: BaseException, log: Sequence[str]) -> BaseException:
    """Return the failure of a builder with the reason that its log shows, or one of the disk in plain words."""
    if not isinstance(error, BuildFailed):
        return explained(error)
    found = classify([*log, *error.details.splitlines()])
    if found is None:
        return error
    reason = f"{found.title[0].lower()}{found.title[1:]}"
    return BuildFailed(
        f"The build failed: {reason}.",
        found.advice,
        f"{found.line}\n\n{error.details}".strip(),
        code=found.code,
        subject=found.subject,
        remedy=found.remedy,
    )


def _words(error: BaseException) -> list[str]:
    """Return what an error says, for the log."""
    if isinstance(error, EnvStudioError):
        return [text for text in (error.log_line, error.details) if text]
    return [redacted(f"error: {error!r}")]

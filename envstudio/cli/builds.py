"""envstudio build, dockerfile, images, builds, build-log."""

from __future__ import annotations

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from envstudio.cli.app import BUILDER, REF, App, own_reference, pass_app
from envstudio.cli.consents import allow_options, allow_secret_option, taken_consent
from envstudio.consents import LINK_SCRIPTS, SOURCE_BUILDS, UNHASHED
from envstudio.domain.amounts import size_text
from envstudio.presentation.columns import table
from envstudio.presentation.moments import date_time
from envstudio.presentation.names import listed

if TYPE_CHECKING:
    from envstudio.builders import PlannedLayer


@click.command()
@click.argument("ref", type=REF)
@click.option("--builder", type=BUILDER, default=None, help="What makes the image.")
@click.option("--platform", default="", metavar="linux/amd64", help="The image's platform.")
@click.option("--tag", "tags", multiple=True, help="The image's name; repeatable.")
@click.option("--push", is_flag=True, help="Push it to the registry that its name says.")
@click.option(
    "--output",
    default="docker",
    metavar="docker|registry|oci:DIR|oci-archive:FILE|docker-archive:FILE",
    help="Where to.",
)
@click.option("--build-arg", "arguments", multiple=True, metavar="K=V", help="For a Dockerfile; repeatable.")
@click.option("--target", default="", metavar="STAGE", help="The Dockerfile's stage to stop at.")
@click.option("--buildx-builder", "instance", default="", metavar="NAME", help="One of buildx's builders.")
@click.option("--cache-from", multiple=True, metavar="SOURCE", help="Where BuildKit imports cache from; repeatable.")
@click.option("--cache-to", multiple=True, metavar="TARGET", help="Where BuildKit exports cache to; repeatable.")
@click.option("--no-reuse", is_flag=True, help="Build even if the same image exists.")
@click.option("--dry-run", is_flag=True, help="Show the plan and why it would rebuild.")
@allow_options(SOURCE_BUILDS, UNHASHED, LINK_SCRIPTS)
@allow_secret_option()
@pass_app
def build(
    app: App,
    ref: str,
    builder: str | None,
    platform: str,
    tags: tuple[str, ...],
    push: bool,
    output: str,
    arguments: tuple[str, ...],
    no_reuse: bool,
    dry_run: bool,
    **words: Any,
) -> None:
    """Build an image of a version, locking it first if needed."""
    from envstudio.tasks.build import BuildOptions, build, plan

    given = dict(_argument(text) for text in arguments)
    consent = taken_consent(words)
    options = BuildOptions(builder or "", platform, tags, output, push, not no_reuse, given, **words, consent=consent)
    if dry_run:
        found = plan(app.library, app.settings, ref, options=options, report=app.report())
        why = [f"would rebuild: {reason}" for reason in found.rebuild_because] or ["would reuse the image that exists"]
        lines = [f"builder {found.builder}", *(f"  {step}" for step in found.steps), *map(_layer, found.layers), *why]
        lines += ["", *found.dockerfile.rstrip().split("\n")] if found.dockerfile else []
        app.emit(found.to_json(), lines)
        return
    done = build(app.library, app.settings, ref, options=options, report=app.report())
    image = done.image
    how = "reused" if image.reused else f"built in {image.seconds:.1f} s by {image.builder}"
    sent = "" if image.reused else f", {image.layers_sent} of {image.layers} layers sent"
    target = ", ".join(image.tags) if image.output in ("docker", "registry") else image.output
    pushed = ", pushed" if image.output == "registry" or push else ""
    app.emit(done.to_json(), f"{target}: {how}{pushed}, {size_text(image.size)}{sent}, {image.image_id[:19]}")


def _layer(layer: PlannedLayer) -> str:
    """Return a layer of a plan as a line."""
    size = f"{size_text(layer.size)}, " if layer.size is not None else ""
    return f"    {listed(layer.packages, 1)}: {size}{'cached' if layer.cached else 'to be made'}"


def _argument(text: str) -> tuple[str, str]:
    """Read NAME=VALUE; without a value it is this process's variable, as Docker has it."""
    name, equals, value = text.partition("=")
    if not name:
        raise click.UsageError(f"{text!r} is not a build argument; write NAME=VALUE.")
    return name, value if equals else os.environ.get(name, "")


@click.command()
@click.argument("ref", type=REF)
@click.option("--output", "-o", required=True, metavar="DIR", help="The folder to write to.")
@pass_app
def dockerfile(app: App, ref: str, output: str) -> None:
    """Write a Dockerfile and its context, which build without EnvStudio."""
    from envstudio.tasks.dockerfile import dockerfile

    files = dockerfile(app.library, app.settings, ref, Path(output), report=app.report())
    app.emit({"files": [str(path) for path in files]}, [str(path) for path in files])


@click.command()
@click.argument("ref", type=REF, required=False)
@pass_app
def images(app: App, ref: str | None) -> None:
    """List the images that were built."""
    from envstudio.tasks.images import images

    found = images(app.library, app.settings, str(own_reference(ref)) if ref else None)
    rows = [
        (
            f"{item.record.environment}:{item.record.version}",
            item.record.image_id[7:19],
            ", ".join(item.record.tags),
            size_text(item.record.size),
            date_time(item.record.created_at),
            item.record.builder,
            {True: "yes", False: "no", None: "?"}[item.in_engine],
        )
        for item in found
    ]
    app.emit(
        [item.to_json() for item in found],
        table(("ref", "image", "tags", "size", "built", "builder", "in engine"), rows) if found else "No images yet.",
    )


@click.command()
@click.argument("ref", type=REF, required=False)
@pass_app
def builds(app: App, ref: str | None) -> None:
    """List the builds, newest first."""
    found = app.library.builds.list(own_reference(ref).name if ref else None)
    documents = [
        {"id": item.id, "ref": f"{item.environment}:{item.version}", **asdict(item), "error": item.error or None}
        for item in found
    ]
    rows = [
        (
            item.id,
            f"{item.environment}:{item.version}",
            item.status,
            date_time(item.started_at),
            f"{item.seconds:.1f} s",
            item.builder,
            item.error,
        )
        for item in found
    ]
    headings = ("id", "ref", "status", "started", "took", "builder", "error")
    app.emit(documents, table(headings, rows) if found else "No builds yet.")


@click.command("build-log")
@click.argument("identifier", type=int, metavar="ID")
@pass_app
def build_log(app: App, identifier: int) -> None:
    """Print the log of a build."""
    log = app.library.builds.log(identifier)
    app.emit({"id": identifier, "log": log}, log, is_file=True)


COMMANDS = {"build": build, "dockerfile": dockerfile, "images": images, "builds": builds, "build-log": build_log}

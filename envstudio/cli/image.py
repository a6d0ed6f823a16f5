"""envstudio image show, compare, push, remove, prune; rebuild."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from envstudio.cli.app import REF, App, confirm, pass_app
from envstudio.presentation.columns import table
from envstudio.presentation.moments import date_time
from envstudio.presentation.names import listed

if TYPE_CHECKING:
    from envstudio.domain.image_comparison import ImageComparison
    from envstudio.library import Snapshot

MOST_PACKAGES = 12
MOST_NAMES = 4


@click.group()
def image() -> None:
    """Look into, push and remove images. IMAGE is a version, a name of an image, or the beginning of its id."""


@image.command()
@click.argument("image")
@pass_app
def show(app: App, image: str) -> None:
    """Show an image's size by layer and by package."""
    from envstudio.domain.amounts import size_text
    from envstudio.tasks.images import find_image

    record = find_image(app.library, image)
    packages = sorted(
        ((name, size) for layer in record.contents for name, size in layer.packages), key=lambda item: -item[1]
    )
    document = {
        "ref": f"{record.environment}:{record.version}",
        "image_id": record.image_id,
        "digest": record.digest,
        "tags": list(record.tags),
        "size": record.size,
        "created_at": record.created_at,
        "builder": record.builder,
        "definition_digest": record.definition_digest,
        "lock_digest": record.lock_digest,
        "layers": [layer.to_json() for layer in record.contents],
        "packages": [{"name": name, "size": size} for name, size in packages],
    }
    lines = [
        f"{document['ref']}  {record.image_id[:19]}  {size_text(record.size)}, {record.layers} layers",
        f"built {date_time(record.created_at)} by {record.builder}; {', '.join(record.tags) or 'no name'}",
    ]
    layers = [
        (
            layer.diff_id[7:19],
            size_text(layer.size) if layer.size else "unknown",
            listed([name for name, _ in layer.packages], MOST_NAMES),
        )
        for layer in record.contents
    ]
    lines += ["", *table(("layer", "size", "packages"), layers)] if layers else ["its layers are not known"]
    largest = [(name, size_text(size)) for name, size in packages[:MOST_PACKAGES]]
    lines += ["", *table(("largest packages", "size"), largest)] if largest else []
    app.emit(document, lines)


@image.command()
@click.argument("a", type=REF)
@click.argument("b", type=REF)
@click.option("--markdown", is_flag=True, help="Print Markdown.")
@pass_app
def compare(app: App, a: str, b: str, markdown: bool) -> None:
    """Compare the images of versions A and B: what they start from and hold, and what made them grow."""
    from envstudio.presentation.image_comparison import grown_text, images_markdown
    from envstudio.tasks.compare_images import compare_images

    old, new = app.library.find(a), app.library.find(b)
    found = compare_images(app.library, old, new, report=app.report())
    differing = [row for row in found.rows if not row.same]
    lines = [f"{old.title} → {new.title}"]
    lines += [f"{side.title} has no image yet." for side, built in _sides(old, new, found) if not built]
    if differing:
        cells = [(row.part, row.name, row.old, row.new, grown_text(row.grown)) for row in differing]
        lines += ["", *table(("part", "name", "old", "new", "grown"), cells)]
    else:
        lines.append("No differences.")
    document = {
        "from": old.title,
        "to": new.title,
        "built": {"from": found.old_built, "to": found.new_built},
        "measured": found.measured,
        "rows": [
            {"part": str(row.part), "name": row.name, "old": row.old, "new": row.new, "grown": row.grown}
            for row in found.rows
        ],
    }
    app.emit(document, (images_markdown(found).rstrip("\n") or "No differences.") if markdown else lines)


def _sides(old: Snapshot, new: Snapshot, found: ImageComparison) -> tuple[tuple[Snapshot, bool], ...]:
    return (old, found.old_built), (new, found.new_built)


@image.command()
@click.argument("image")
@click.option("--tag", "names", multiple=True, help="The name to push it under; repeatable. Else its own.")
@pass_app
def push(app: App, image: str, names: tuple[str, ...]) -> None:
    """Push an image to the registry that its name says."""
    from envstudio.tasks.push_image import push_image

    done = push_image(app.library, app.settings, image, names=names, report=app.report())
    app.emit(done.to_json(), [f"pushed {name}" for name in done.names])


@image.command()
@click.argument("image")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@pass_app
def remove(app: App, image: str, yes: bool) -> None:
    """Remove an image from the engine; the version and its lock stay, so that it can be built again."""
    from envstudio.tasks.images import find_image
    from envstudio.tasks.prune_images import remove_image

    record = find_image(app.library, image)
    title = f"{record.environment}:{record.version}"
    if not yes:
        confirm(f"Remove the image of {title} ({record.image_id[:19]})?")
    remove_image(app.library, app.settings, image, report=app.report())
    app.emit({"ref": title, "image_id": record.image_id}, f"removed the image of {title}")


@image.command()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--dry-run", is_flag=True, help="Only show what would be removed.")
@pass_app
def prune(app: App, yes: bool, dry_run: bool) -> None:
    """Remove images that no label points to and that are not the newest of their environment.

    Images whose names newer ones of their version took over go too, and what builds that were killed left behind.
    """
    from envstudio.domain.amounts import amount_text, size_text
    from envstudio.tasks.prune_images import prune, prune_plan

    plan = prune_plan(app.library, app.settings)
    rows = [
        (f"{item.environment}:{item.version}", item.image_id[7:19], size_text(item.size), date_time(item.created_at))
        for item in plan.removed
    ]
    lines = table(("removes", "image", "size", "built"), rows) if rows else ["Nothing to remove."]
    lines += [f"keeps {reference}: {reason}" for reference, reason in plan.kept]
    lines += [f"frees {size_text(plan.freed)}"] if rows else []
    if dry_run:
        app.emit({**plan.to_json(), "done": False}, lines)
        return
    if rows and not yes:
        for line in lines:
            app.say(line)
        confirm(f"Remove {amount_text(len(rows), 'image')}?")
    prune(app.library, app.settings, plan, report=app.report())
    app.emit({**plan.to_json(), "done": bool(rows)}, [*lines, "done"] if rows and yes else "done" if rows else lines)


@click.command()
@click.argument("identifier", type=int, metavar="ID")
@pass_app
def rebuild(app: App, identifier: int) -> None:
    """Build again with the inputs of a build of the history."""
    from envstudio.domain.amounts import size_text
    from envstudio.tasks.build import rebuild

    done = rebuild(app.library, app.settings, identifier, report=app.report())
    how = "reused" if done.image.reused else f"built in {done.image.seconds:.1f} s by {done.image.builder}"
    app.emit(done.to_json(), f"{done.image.reference}: {how}, {size_text(done.image.size)}, {done.image.image_id[:19]}")


COMMANDS = {"image": image, "rebuild": rebuild}

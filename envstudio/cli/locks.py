"""envstudio lock REF, lock show, lock export."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from envstudio.cli.app import LOCK_FORMAT, REF, App, pass_app
from envstudio.cli.consents import allow_options, taken_consent
from envstudio.consents import SOURCE_BUILDS
from envstudio.presentation.columns import table
from envstudio.presentation.moments import date_time

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from envstudio.domain.lock import LockedPackage, PlatformLock
    from envstudio.errors import EnvStudioError
    from envstudio.library import LockRecord, Snapshot
    from envstudio.packages.wheel_metadata import WheelFacts
    from envstudio.tasks.lock import LockOptions

DEFAULT = "solve"


class LockGroup(click.Group):
    """`lock REF` is short for `lock solve REF`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [word for word in args if not word.startswith("-")]
        if args and not ({"-h", "--help"} & set(args)) and (not words or words[0] not in self.commands):
            args = [DEFAULT, *args]
        return super().parse_args(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        references = REF.shell_complete(ctx, self.commands[DEFAULT].params[0], incomplete)
        return [*references, *super().shell_complete(ctx, incomplete)]


@click.group(cls=LockGroup)
def lock() -> None:
    """Lock a version to exact packages: envstudio lock REF (its options: envstudio lock solve --help)."""


class MomentType(click.ParamType[str]):
    """A date or time in ISO 8601."""

    name = "DATE"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        from envstudio.domain.solve_options import moment_of
        from envstudio.errors import InvalidInput

        try:
            moment_of(value)
        except InvalidInput as error:
            self.fail(f"{error.summary} {error.advice}", param, ctx)
        return value


@lock.command(DEFAULT)
@click.argument("ref", type=REF)
@click.option("--platform", "platforms", multiple=True, help="Such as linux-64 or osx-arm64; repeatable.")
@click.option("--upgrade", is_flag=True, help="Let every package move to its newest version.")
@click.option(
    "--upgrade-package",
    "upgrade_packages",
    multiple=True,
    metavar="NAME",
    help="Let only this package move, and what it forces; repeatable.",
)
@click.option("--refresh", is_flag=True, help="Solve again though a valid lock exists; packages stay if they can.")
@click.option("--update", "old_update", multiple=True, hidden=True)
@click.option("--again", "old_again", is_flag=True, hidden=True)
@click.option("--preview", is_flag=True, help="Show what would change without storing anything.")
@click.option("--relax", is_flag=True, help="If there is no solution, find the smallest changes that have one.")
@click.option("--offline", is_flag=True, help="Use only what is cached.")
@click.option("--pin", "pins", multiple=True, metavar="SPEC", help="Hold a package, as in openssl<3.1; repeatable.")
@click.option(
    "--exclude-newer", type=MomentType(), metavar="DATE", help="Ignore packages published since this date or time."
)
@allow_options(SOURCE_BUILDS)
@pass_app
def solve(app: App, ref: str, preview: bool, relax: bool, **choices: Any) -> None:
    """Solve a version and keep its exact packages."""
    from envstudio.errors import EnvStudioError
    from envstudio.presentation.comparison import resolved_lines
    from envstudio.tasks import lock as task

    consent = taken_consent(choices)
    # The names that these options had before.
    choices["upgrade_packages"] = (*choices["upgrade_packages"], *choices.pop("old_update"))
    choices["refresh"] = choices.pop("old_again") or choices["refresh"]
    options = task.LockOptions(**{**choices, "exclude_newer": choices["exclude_newer"] or "", "consent": consent})
    run = task.preview if preview else task.lock
    try:
        done = run(app.library, app.settings, ref, options=options, report=app.report())
    except EnvStudioError as error:
        raise _with_relaxations(app, ref, error, options) if relax else error from error
    lines = [
        f"{done.reference} for {name}: {counts['conda']} conda and {counts['pip']} pip packages"
        for name, counts in done.lock.counts().items()
    ]
    how = "already locked" if done.reused else f"solved in {done.seconds:.1f} s"
    kept = ", nothing stored" if preview else ""
    app.emit(done.to_json(), [*lines, f"{how}{kept}, {done.lock.digest[:19]}", *resolved_lines(done.changes)])


def _with_relaxations(app: App, ref: str, error: EnvStudioError, options: LockOptions) -> EnvStudioError:
    """Return the failure with the relaxations that were tried and solve."""
    from envstudio.errors import EnvStudioError
    from envstudio.tasks.lock import platforms_of
    from envstudio.tasks.relax import relax

    platform = error.platform or platforms_of(app.library, app.settings, ref, options)[0]
    app.say("looking for requirements to relax …")
    environment = app.library.find(ref).environment
    found = relax(environment, app.settings, platform=platform, options=options, report=app.report())
    if not found:
        return error
    proposals = "\n".join(f"this solves: {item}" for item in found)
    details = f"{proposals}\n\n{error.details}".strip()
    return EnvStudioError(error.summary, f"Change {found[0]}.", details, code=error.code, subject=error.subject)


@lock.command()
@click.argument("ref", type=REF)
@click.argument("package")
@click.option("--platform", default="", help="In the lock of this platform; else the first.")
@pass_app
def why(app: App, ref: str, package: str, platform: str) -> None:
    """Show what brings a package in, and what would leave with it."""
    from envstudio.domain.why import why

    lock = _record(app, ref).lock
    found = why(lock.platform(platform or lock.platform_names[0]), package)
    item = found.package
    lines = [f"{item.name} {item.version} from {item.manager}" + (", requested" if item.requested else "")]
    lines += [f"  {' → '.join(chain)}" for chain in found.chains if len(chain) > 1]
    lines.append(f"would leave with it: {', '.join(found.leaves) or 'nothing'}")
    app.emit(found.to_json(), lines)


@lock.command()
@click.argument("ref", type=REF)
@click.option("--platform", default="", help="Only this platform.")
@click.option("--licenses", is_flag=True, help="Ask the index for licences and sizes of wheels too.")
@pass_app
def show(app: App, ref: str, platform: str, licenses: bool) -> None:
    """List the exact packages of a version."""
    record = _record(app, ref)
    platforms = [record.lock.platform(platform)] if platform else record.lock.platforms
    facts = _facts(app, platforms) if licenses else {}
    headings: tuple[str, ...] = ("platform", "from", "package", "version", "sha256")
    rows: list[tuple[str, ...]] = [
        (
            item.platform,
            package.manager,
            package.name,
            f"{package.version} {package.build}".strip(),
            package.sha256[:12],
        )
        for item in platforms
        for package in item.packages
    ]
    if licenses:
        from envstudio.domain.amounts import size_text

        headings = (*headings[:-1], "size", "licence")
        known = [facts[package] for item in platforms for package in item.packages]
        rows = [
            (*row[:-1], size_text(found.size) if found.size else "", found.license)
            for row, found in zip(rows, known, strict=True)
        ]
    virtual = [f"{item.platform}: {' '.join(item.virtual_packages)}" for item in platforms if item.virtual_packages]
    document: dict[str, Any] = {
        "exclude_newer": record.lock.exclude_newer,
        "virtual_packages": {item.platform: list(item.virtual_packages) for item in platforms},
        "digest": record.lock.digest,
        "definition": record.lock.definition_digest,
        "created_at": record.created_at,
        "created_by": record.created_by,
        "platforms": {
            item.platform: [
                {
                    name: getattr(package, name)
                    for name in ("name", "version", "build", "manager", "url", "sha256", "size", "license", "requested")
                }
                | ({"license": facts[package].license, "size": facts[package].size} if licenses else {})
                for package in item.packages
            ]
            for item in platforms
        },
    }
    heading = f"locked {date_time(record.created_at)} by {record.created_by}"
    newest = [f"nothing newer than {record.lock.exclude_newer}"] if record.lock.exclude_newer else []
    app.emit(document, [heading, *newest, *virtual, *table(headings, rows)])


def _facts(app: App, platforms: Sequence[PlatformLock]) -> dict[LockedPackage, WheelFacts]:
    from envstudio.tasks.package_facts import package_facts

    packages = [package for item in platforms for package in item.packages]
    return package_facts(packages, app.settings, report=app.report())


@lock.command("import")
@click.argument("file", type=click.Path(readable=False))
@click.argument("ref", type=REF)
@click.option("--platform", default="", metavar="linux-64", help="The platform that a lock of several is read for.")
@click.option("--group", "groups", multiple=True, help="A group, category or environment to take; repeatable.")
@click.option("--extra", "extras", multiple=True, help="An extra to take too; repeatable.")
@pass_app
def import_file(app: App, file: str, ref: str, platform: str, groups: tuple[str, ...], extras: tuple[str, ...]) -> None:
    """Make the lock in FILE that of a version, if it fits its definition."""
    from envstudio.domain.base_python import stated_python
    from envstudio.formats import Choices
    from envstudio.presentation.comparison import resolved_lines
    from envstudio.tasks.import_lock import import_lock

    choices = Choices(groups, extras, platform, stated_python(app.library.find(ref).environment))
    done = import_lock(app.library, Path(file), ref, choices=choices, report=app.report())
    text = f"{done.reference} has the lock of {file}, {done.lock.digest[:19]}"
    app.emit(done.to_json(), [*resolved_lines(done.changes)[1:], text])


@lock.command("list")
@click.argument("ref", type=REF)
@pass_app
def list_locks(app: App, ref: str) -> None:
    """List the locks that a version has had, the one that counts first."""
    from envstudio.tasks.earlier_locks import locks_of

    found = locks_of(app.library, ref)
    rows = [
        (item.digest[:19], date_time(item.created_at), item.created_by, ", ".join(item.platforms)) for item in found
    ]
    lines = table(("lock", "locked", "by", "platforms"), rows) if rows else [f"{ref} has no lock yet."]
    app.emit([item.to_json() for item in found], lines)


@lock.command()
@click.argument("ref", type=REF)
@click.argument("old", metavar="LOCK")
@click.argument("new", metavar="[LOCK]", default="")
@pass_app
def compare(app: App, ref: str, old: str, new: str) -> None:
    """Compare an earlier lock of a version with another one, or with the one that counts.

    LOCK is the beginning of a lock's digest, or "previous".
    """
    from envstudio.presentation.comparison import resolved_lines
    from envstudio.tasks.earlier_locks import compare_earlier

    rows = compare_earlier(app.library, ref, old, new, report=app.report())
    app.emit([row.to_json() for row in rows], resolved_lines(rows)[1:] or ["No differences."])


@lock.command("restore")
@click.argument("ref", type=REF)
@click.argument("digest", metavar="LOCK")
@pass_app
def restore_lock(app: App, ref: str, digest: str) -> None:
    """Make an earlier lock of a version the one that counts: LOCK is the beginning of its digest, or "previous"."""
    from envstudio.presentation.comparison import resolved_lines
    from envstudio.tasks.earlier_locks import return_to

    done = return_to(app.library, ref, digest, report=app.report())
    text = f"{done.reference} has the lock {done.lock.digest[:19]}{' already' if done.reused else ' again'}"
    app.emit(done.to_json(), [*resolved_lines(done.changes)[1:], text])


@lock.command()
@click.argument("ref", type=REF)
@click.option("--format", "form", type=LOCK_FORMAT, default="conda-lock", help="The format to write.")
@click.option("--platform", default="", help="For formats of one platform: which; else the first.")
@click.option("--output", "-o", default="-", metavar="FILE|-", help="Where to.")
@pass_app
def export(app: App, ref: str, form: str, platform: str, output: str) -> None:
    """Write the lock in another tool's format."""
    from envstudio.tasks.export_lock import export_lock, lock_text

    lock = _record(app, ref).lock
    if output == "-":
        found = lock_text(lock, form, platform)
        document = {"files": [], "content": found.text, "left_out": found.left_out}
    else:
        found = export_lock(lock, form, platform, Path(output), report=app.report()).written
        document = {"files": [output], "left_out": found.left_out}
    if found.warning:
        app.say(f"warning: {found.warning}")
    app.emit(document, found.text.rstrip("\n") if output == "-" else output, is_file=output == "-")


def _record(app: App, ref: str) -> LockRecord:
    """Return the lock of exactly that version. Raises `NotFound`."""
    return locked_record(app, app.library.find(ref))


def locked_record(app: App, snapshot: Snapshot) -> LockRecord:
    """Return the lock of a version or draft. Raises `NotFound` if it has none."""
    from envstudio.errors import Act, NotFound, Remedy

    ref = str(snapshot.reference)
    record = None if snapshot.reference.curated else app.library.locks.find(snapshot.environment.name, snapshot.digest)
    if record is None:
        raise NotFound(
            f"{snapshot.title} is not locked.", "Lock it.", code="not-locked", subject=ref, remedy=Remedy(Act.LOCK, ref)
        )
    return record


COMMANDS = {"lock": lock}

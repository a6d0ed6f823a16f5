"""envstudio timeline."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from envstudio.cli.app import REF, App, environment_name, pass_app
from envstudio.errors import NotFound
from envstudio.presentation.moments import date_time

if TYPE_CHECKING:
    from envstudio.domain.package_timeline import PackageRow, PackageTimeline


@click.command()
@click.argument("name", type=REF)
@click.argument("packages", nargs=-1, metavar="[PACKAGE]...")
@click.option("--all", "everything", is_flag=True, help="Include packages that were not requested.")
@click.option("--platform", default="", metavar="linux-64", help="The platform to follow, if several are locked.")
@click.option("--last", default=30, show_default=True, type=click.IntRange(1), help="How many versions to show.")
@pass_app
def timeline(app: App, name: str, packages: tuple[str, ...], everything: bool, platform: str, last: int) -> None:
    """Show when each package moved, from what to what, and who moved it."""
    from envstudio.tasks.package_timeline import read_timeline

    environment = environment_name(name)
    found = read_timeline(app.library, environment, platform=platform, newest=last, report=app.report())
    rows = _named(found, packages) if packages else [row for row in found.rows if row.requested or everything]
    moved = [row for row in rows if row.moves]
    shown = rows if packages else moved
    text = [_title(environment, found), *(line for row in shown for line in _story(found, row))]
    if not shown:
        text.append("No package has moved.")
    left = sum(row.moves for row in found.rows) - len(moved)
    if not packages and left:
        text += ["", f"{left} that came with others moved too; --all tells of them."]
    app.emit({"name": environment, **found.to_json(shown)}, text)


def _named(found: PackageTimeline, names: Sequence[str]) -> list[PackageRow]:
    """Return the rows of packages by their names. Raises `NotFound`."""
    from packaging.utils import canonicalize_name

    from envstudio.library.hints import did_you_mean

    known: dict[str, list[PackageRow]] = {}
    for row in found.rows:
        known.setdefault(canonicalize_name(row.name), []).append(row)
    chosen = []
    for name in names:
        if canonicalize_name(name) not in known:
            held = [row.name for row in found.rows]
            hint = did_you_mean(name, held, "List what a version holds with: envstudio show REF")
            raise NotFound(f"None of these versions holds the package {name}.", hint)
        chosen += known[canonicalize_name(name)]
    return list(dict.fromkeys(chosen))


def _title(name: str, found: PackageTimeline) -> str:
    numbers = [info.number for info in found.versions]
    span = f"v{numbers[0]} to v{numbers[-1]}" if len(numbers) > 1 else f"v{numbers[0]}"
    return f"{name}, {span}, {found.platform or 'not locked'}"


def _story(found: PackageTimeline, row: PackageRow) -> Iterator[str]:
    """Yield the moves of a package, oldest first."""
    from envstudio.presentation.columns import aligned
    from envstudio.presentation.comparison import sign_of

    yield ""
    yield row.name if row.manager == "conda" else f"{row.name} (pip)"
    lines: list[tuple[str, ...]] = []
    for number, (info, cell) in enumerate(zip(found.versions, row.cells, strict=True)):
        if cell.kind:
            what = f"{sign_of(cell.kind, cell.level)} {cell.level or cell.kind}"
            moved = (cell.old, "→", cell.text) if cell.old and cell.text else ("", "", cell.text or cell.old)
            lines.append(
                ("", f"v{info.number}", what, *moved, date_time(info.created_at), info.created_by, info.message)
            )
        elif number == 0 and cell.text:
            lines.append(("", f"v{info.number}", "", "", "", cell.text, *[""] * 3))
    yield from aligned(lines) if lines else ("  not known: it is in a lock only, and has not moved since",)


COMMANDS = {"timeline": timeline}

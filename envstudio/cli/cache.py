"""envstudio cache verify."""

from __future__ import annotations

import click

from envstudio.cli.app import App, pass_app


@click.group()
def cache() -> None:
    """Look after what was downloaded and made; all of it may be deleted while nothing runs."""


@cache.command()
@pass_app
def verify(app: App) -> None:
    """Hash every file that is kept by its hash, and remove those that changed."""
    from envstudio.domain.amounts import amount_text, size_text
    from envstudio.tasks.verify_cache import verify_cache

    done = verify_cache(app.report())
    lines = [f"{amount_text(done.files, 'file')}, {size_text(done.size)}: {len(done.removed)} changed"]
    app.emit(done.to_json(), [*lines, *(f"removed {path}" for path in done.removed)])


COMMANDS = {"cache": cache}

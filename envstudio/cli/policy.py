"""envstudio policy: what a workspace demands of whoever works in it."""

from __future__ import annotations

import click

from envstudio.cli.app import App, pass_app
from envstudio.presentation.columns import table


@click.command()
@click.argument("key", required=False)
@click.argument("value", required=False)
@pass_app
def policy(app: App, key: str | None, value: str | None) -> None:
    """Show the policies of the workspace, one of them, or set one; an empty VALUE restores the default."""
    from envstudio.domain.policy import POLICIES
    from envstudio.domain.policy import policy as known
    from envstudio.tasks.policy import policies, policy_text, set_policy

    if key and value is not None:
        set_policy(app.library, key, value)
    found = policies(app.library)
    if key:
        known(key)
        app.emit({key: found[key]}, policy_text(key, found[key]))
        return
    rows = [(name, policy_text(name, shown) or "none", POLICIES[name].help) for name, shown in found.items()]
    app.emit(found, table(("policy", "value", "what it means"), rows))


COMMANDS = {"policy": policy}

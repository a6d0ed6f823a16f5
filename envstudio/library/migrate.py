"""Alembic, kept out of the way of every start that needs no migration."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import Engine, select

from envstudio.library.journal import BASELINE, CREATE, append_baseline
from envstudio.library.tables import identity


class UnknownRevision(Exception):
    """The revision that a database names is none that Alembic knows, such as two at once."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def is_known(revision: str) -> bool:
    """Return whether this program has a migration of that name."""
    return any(script.revision == revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def head() -> str:
    """Return the newest revision."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def upgrade(engine: Engine) -> None:
    """Run the missing migrations, and have the log vouch for every row as they left it, in one transaction.

    Raises `UnknownRevision`.
    """
    with engine.begin() as connection:
        config = _config()
        config.attributes["connection"] = connection
        try:
            before = MigrationContext.configure(connection).get_current_revision()
            command.upgrade(config, "head")
        except CommandError as error:
            raise UnknownRevision(str(error)) from error
        # Another program may have done it while this one waited.
        if before != head():
            key = connection.execute(select(identity.c.id)).scalar_one()
            append_baseline(connection, CREATE if before is None else BASELINE, key)

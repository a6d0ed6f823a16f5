"""The tables, private to this package. The migrations create them; a test holds the two together."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Utc(TypeDecorator[datetime]):
    """A point in time, kept without zone in UTC and handed out with it."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> Any:
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


def _environment_key() -> Column[int]:
    return Column("environment_id", ForeignKey("environments.id", ondelete="CASCADE"), nullable=False)


workspaces = Table(
    "workspaces",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("name", String(255), nullable=False, unique=True),
    Column("created_at", Utc, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

environments = Table(
    "environments",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), nullable=False),
    Column("name", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("latest", Integer, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("tags", Text, nullable=False, default="{}"),
    Column("archived", Boolean, nullable=False, default=False),
    Column("deleted_at", Utc),
    Column("updated_at", Utc, nullable=False),
    Column("updated_by", String(255), nullable=False),
)
_live = environments.c.deleted_at.is_(None)
# The migration says `postgresql_where` too; here it would load SQLAlchemy's whole PostgreSQL dialect at every start.
Index("uq_environments_live_name", environments.c.workspace_id, environments.c.name, unique=True, sqlite_where=_live)

drafts = Table(
    "drafts",
    metadata,
    Column("environment_id", ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True),
    Column("base_version", Integer, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("text", Text, nullable=False),
    Column("updated_at", Utc, nullable=False),
)

blobs = Table(
    "blobs",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("data", LargeBinary, nullable=False),
)

versions = Table(
    "versions",
    metadata,
    Column("id", Integer, primary_key=True),
    _environment_key(),
    Column("number", Integer, nullable=False),
    Column("digest", String(71), nullable=False),
    Column("source", ForeignKey("blobs.sha256"), nullable=False),
    Column("message", Text, nullable=False),
    Column("description", Text, nullable=False, default=""),
    Column("tags", Text, nullable=False, default="{}"),
    Column("archived", Boolean, nullable=False, default=False),
    Column("created_at", Utc, nullable=False),
    Column("created_by", String(255), nullable=False),
    Column("origin", Text, nullable=False, default="", server_default=""),
    UniqueConstraint("environment_id", "number"),
    Index(None, "digest"),
    Index(None, "origin"),
)

labels = Table(
    "labels",
    metadata,
    Column("environment_id", ForeignKey("environments.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("version", Integer, nullable=False),
)

requirements = Table(
    "requirements",
    metadata,
    Column("digest", String(71), primary_key=True),
    Column("manager", String(16), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("anchor", String(255), nullable=False),
    Index(None, "name"),
)
"""What each definition requests, for searching; "variable" stands beside the package managers."""

locks = Table(
    "locks",
    metadata,
    Column("id", Integer, primary_key=True),
    _environment_key(),
    Column("definition_digest", String(71), nullable=False),
    Column("lock_digest", String(71), nullable=False),
    Column("blob", ForeignKey("blobs.sha256"), nullable=False),
    Column("platforms", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("created_by", String(255), nullable=False),
    Index(None, "environment_id", "definition_digest"),
)

locked_packages = Table(
    "locked_packages",
    metadata,
    Column("lock_digest", String(71), primary_key=True),
    Column("name", String(255), primary_key=True),
    Column("version", String(255), primary_key=True),
    Index(None, "name"),
)

images = Table(
    "images",
    metadata,
    Column("id", Integer, primary_key=True),
    _environment_key(),
    Column("version", Integer, nullable=False),
    Column("image_id", String(71), nullable=False),
    Column("digest", String(71), nullable=False),
    Column("tags", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("layers", Integer, nullable=False),
    Column("contents", Text, nullable=False),
    Column("builder", String(32), nullable=False),
    Column("definition_digest", String(71), nullable=False),
    Column("lock_digest", String(71), nullable=False),
    Column("created_at", Utc, nullable=False),
    Index(None, "environment_id", "version"),
)

builds = Table(
    "builds",
    metadata,
    Column("id", Integer, primary_key=True),
    _environment_key(),
    Column("version", Integer, nullable=False),
    Column("status", String(16), nullable=False),
    Column("builder", String(32), nullable=False),
    Column("inputs", Text, nullable=False, default="{}"),
    Column("started_at", Utc, nullable=False),
    Column("seconds", Float, nullable=False, default=0.0),
    Column("error", Text, nullable=False, default=""),
    Column("stages", Text, nullable=False, default="[]"),
    Column("log", LargeBinary),
    Column("process", String(255), nullable=False, default=""),
    Column("image_id", String(71), nullable=False, default=""),
)

runs = Table(
    "runs",
    metadata,
    Column("id", Integer, primary_key=True),
    _environment_key(),
    Column("version", Integer, nullable=False),
    Column("target", String(32), nullable=False),
    Column("command", Text, nullable=False),
    Column("exit_code", Integer, nullable=False),
    Column("started_at", Utc, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("lock_digest", String(71), nullable=False, default=""),
    Column("image_id", String(71), nullable=False, default=""),
)

events = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("at", String(40), nullable=False),
    Column("who", String(255), nullable=False),
    Column("what", String(64), nullable=False),
    Column("workspace", String(255), nullable=False),
    Column("target", String(512), nullable=False),
    Column("detail", Text, nullable=False),
    Column("changes", Text, nullable=False, server_default=""),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Index(None, "target"),
)

identity = Table("identity", metadata, Column("id", String(36), primary_key=True))
"""One row: what tells this library and its copies from all others."""

policies = Table(
    "policies",
    metadata,
    Column("workspace_id", ForeignKey("workspaces.id", ondelete="CASCADE"), primary_key=True),
    Column("key", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    Column("updated_at", Utc, nullable=False),
    Column("updated_by", String(255), nullable=False),
)
"""What a workspace demands; values are JSON."""

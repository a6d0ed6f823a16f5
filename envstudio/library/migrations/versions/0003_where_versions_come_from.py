"""Versions say from which file they were imported."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("versions", sa.Column("origin", sa.Text(), nullable=False, server_default=""))
    op.create_index(op.f("ix_versions_origin"), "versions", ["origin"])

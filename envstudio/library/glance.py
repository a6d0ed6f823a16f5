"""The first rows of a library's file, read with the sqlite3 module alone.

Loading SQLAlchemy and reading ten thousand rows take several times as long as showing a window. So the window paints
these rows first, and opens the library behind them. They are the same values that `Environments.list` returns, but for
drafts that differ in nothing but description and tags, which only a reader of definitions tells.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from envstudio.library.environment_info import EnvironmentInfo
from envstudio.library.location import REVISION

ROWS = 64
PATIENCE_SECONDS = 0.1

SHOWN = "workspace_id = (SELECT id FROM workspaces WHERE name = ?) AND deleted_at IS NULL AND NOT archived"
FIRST_ROWS = f"""
SELECT name, kind, latest, digest,
  (SELECT json_group_array(json_array(name, version))
     FROM (SELECT name, version FROM labels WHERE environment_id = e.id ORDER BY name)),
  tags, archived,
  EXISTS (SELECT 1 FROM drafts d JOIN versions v ON v.environment_id = d.environment_id AND v.number = d.base_version
           WHERE d.environment_id = e.id AND d.digest <> v.digest),
  (SELECT CASE max(definition_digest = e.digest) WHEN 1 THEN 'locked' WHEN 0 THEN 'stale' ELSE '' END
     FROM locks WHERE environment_id = e.id),
  CASE WHEN (SELECT status = 'failed' AND version = e.latest
               FROM builds WHERE environment_id = e.id ORDER BY id DESC LIMIT 1) THEN 'failed'
  ELSE (SELECT CASE max(definition_digest = e.digest AND (lock_digest = '' OR lock_digest = ifnull(
            (SELECT lock_digest FROM locks l WHERE l.environment_id = e.id
              AND l.definition_digest = images.definition_digest ORDER BY l.id DESC LIMIT 1), images.lock_digest)))
          WHEN 1 THEN 'built' WHEN 0 THEN 'stale' ELSE '' END
     FROM images WHERE environment_id = e.id) END,
  updated_at, updated_by, description
FROM (SELECT * FROM environments WHERE {SHOWN} ORDER BY lower(name) LIMIT ?) AS e
ORDER BY lower(name)
"""


class Glance(NamedTuple):
    """The first environments that are not archived, by name, and how many there are in all."""

    infos: tuple[EnvironmentInfo, ...]
    total: int


def glance(location: str, workspace: str, rows: int = ROWS) -> Glance | None:
    """Return the first rows; None if there are none to be had so quickly: no file, a server, older tables."""
    path = Path(location).expanduser()
    if "://" in location or not path.is_file():
        return None
    try:
        address = f"{path.absolute().as_uri()}?mode=ro"
        with closing(sqlite3.connect(address, timeout=PATIENCE_SECONDS, uri=True)) as file:
            if file.execute("SELECT version_num FROM alembic_version").fetchone() != (REVISION,):
                return None
            found = file.execute(FIRST_ROWS, (workspace, rows)).fetchall()
            (total,) = file.execute(f"SELECT count(*) FROM environments WHERE {SHOWN}", (workspace,)).fetchone()
    except (sqlite3.Error, ValueError):
        # Opening the library properly says what is the matter.
        return None
    return Glance(tuple(map(_info, found)), total)


def _info(row: tuple[Any, ...]) -> EnvironmentInfo:
    name, kind, latest, digest, labels, tags, archived, draft_changed, lock, image, updated_at, updated_by, about = row
    return EnvironmentInfo(
        name,
        kind,
        latest,
        digest,
        tuple((label, number) for label, number in json.loads(labels)),
        tuple(sorted(json.loads(tags).items())),
        bool(archived),
        bool(draft_changed),
        lock,
        image,
        datetime.fromisoformat(updated_at).replace(tzinfo=UTC),
        updated_by,
        about,
    )

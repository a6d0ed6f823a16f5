"""Whether a library's rows can be what this program wrote: asked only after something went wrong in reading them."""

from __future__ import annotations

import json

from sqlalchemy import Engine, select

from envstudio.domain.digest import definition_digest
from envstudio.errors import EnvStudioError
from envstudio.formats import native
from envstudio.library import verification
from envstudio.library.tables import drafts, environments, metadata

JSON_COLUMNS = ("tags", "inputs", "stages", "contents", "platforms", "command", "detail", "value")


def wrong_rows(engine: Engine) -> str:
    """Return what is wrong with a library in one sentence; empty if an error has to be a bug of ours."""
    try:
        with engine.begin() as connection:
            verification.verify(connection, None)
            for table in metadata.tables.values():
                texts = [name for name in JSON_COLUMNS if name in table.columns]
                for row in connection.execute(select(table)):
                    for name in texts:
                        json.loads(getattr(row, name))
            query = select(drafts.c.text, drafts.c.digest, environments.c.name).join(environments)
            for text, digest, name in connection.execute(query):
                if definition_digest(native.from_text(text, name).environment) != digest:
                    return f"The draft of {name} is not as it was saved."
    except EnvStudioError as error:
        return error.summary
    except Exception as error:  # noqa: BLE001 - whatever a reader makes of bytes that this program did not write
        return f"A row cannot be read: {type(error).__name__}: {error}"
    return ""

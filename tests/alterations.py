"""What may be changed behind the program's back in `sample_libraries.fill`: the SQL, and words that name it."""

from __future__ import annotations

ALTERATIONS = {
    "a definition": (
        "UPDATE blobs SET data = CAST(replace(CAST(data AS TEXT), 'polars', 'pillow') AS BLOB)"
        " WHERE sha256 = (SELECT source FROM versions WHERE environment_id = 1 AND number = 3)",
        "the definition of version 3 of churn was changed or removed",
    ),
    "a lock": (
        "UPDATE blobs SET data = CAST(replace(CAST(data AS TEXT), '2.1.0', '2.0.0') AS BLOB)"
        " WHERE sha256 IN (SELECT blob FROM locks)",
        "the text of lock 1 of churn was changed or removed",
    ),
    "a blob gone": (
        "DELETE FROM blobs WHERE sha256 IN (SELECT blob FROM locks)",
        "the text of lock 1 of churn was changed or removed",
    ),
    "a label": ("UPDATE labels SET version = 1 WHERE name = 'prod'", "label prod of churn is not as entry"),
    "a label gone": ("DELETE FROM labels WHERE name = 'prod'", "recorded is missing"),
    "a label more": ("INSERT INTO labels VALUES (1, 'extra', 1)", "label extra of churn is recorded by no entry"),
    "a tag": ("""UPDATE versions SET tags = '{"team": "x"}' WHERE number = 3""", "version 3 of churn is not as entry"),
    "a version's digest": ("UPDATE versions SET digest = 'x' WHERE number = 2", "version 2 of churn is not as entry"),
    "a version gone": (
        "DELETE FROM versions WHERE number = 2",
        "a version that entry 4 (register churn:2)",
    ),
    "who made it": ("UPDATE versions SET created_by = 'eve' WHERE number = 1", "version 1 of churn is not as entry"),
    "an environment": (
        "UPDATE environments SET latest = 2 WHERE name = 'churn'",
        "environment churn in the workspace default is not as",
    ),
    "an undeleted one": (
        "UPDATE environments SET deleted_at = NULL",
        "environment gone in the workspace default is not as",
    ),
    "a build": ("UPDATE builds SET status = 'done' WHERE id = 1", "build 1 of churn is not as entry"),
    "a build's log": ("UPDATE builds SET log = x'00' WHERE id = 2", "build 2 of churn is not as entry"),
    "a build gone": ("DELETE FROM builds WHERE id = 2", "a build that entry"),
    "a run": ("UPDATE runs SET exit_code = 1", "run 1 of churn is not as entry"),
    "a run gone": ("DELETE FROM runs", "a run that entry"),
    "an image": ("UPDATE images SET lock_digest = ''", "image 1 of churn is not as entry"),
    "a workspace": ("UPDATE workspaces SET name = 'crew' WHERE name = 'squad'", "workspace crew is not as entry"),
    "the last event": ("DELETE FROM events WHERE id = (SELECT max(id) FROM events)", "the log ends with entry"),
    "all events": ("DELETE FROM events", "All entries of the event log were removed"),
    "an event": ("UPDATE events SET who = 'eve' WHERE id = 5", "altered at entry 5"),
    "what an event changed": ("UPDATE events SET changes = '{}' WHERE id = 5", "altered at entry 5"),
    "an event between": ("DELETE FROM events WHERE id = 5", "altered at entry 6"),
    "the id": ("UPDATE identity SET id = 'another'", "the library's id is another"),
}

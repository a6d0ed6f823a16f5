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
    "a label": ("UPDATE labels SET version = 1 WHERE name = 'prod'", "the label prod of churn was changed"),
    "a label gone": ("DELETE FROM labels WHERE name = 'prod'", "a label was removed, which entry"),
    "a label more": ("INSERT INTO labels VALUES (1, 'extra', 1)", "the label extra of churn was added"),
    "a tag": ("""UPDATE versions SET tags = '{"team": "x"}' WHERE number = 3""", "the version 3 of churn was changed"),
    "a version's digest": ("UPDATE versions SET digest = 'x' WHERE number = 2", "the version 2 of churn was changed"),
    "a version gone": ("DELETE FROM versions WHERE number = 2", "a version was removed, which entry 4"),
    "who made it": ("UPDATE versions SET created_by = 'eve' WHERE number = 1", "the version 1 of churn was changed"),
    "an environment": (
        "UPDATE environments SET latest = 2 WHERE name = 'churn'",
        "the environment churn in the",
    ),
    "an undeleted one": (
        "UPDATE environments SET deleted_at = NULL",
        "the environment gone in the",
    ),
    "a build": ("UPDATE builds SET status = 'done' WHERE id = 1", "the build 1 of churn was changed"),
    "a build's log": ("UPDATE builds SET log = x'00' WHERE id = 2", "the build 2 of churn was changed"),
    "a build gone": ("DELETE FROM builds WHERE id = 2", "a build was removed"),
    "a run": ("UPDATE runs SET exit_code = 1", "the run 1 of churn was changed"),
    "a run gone": ("DELETE FROM runs", "a run was removed"),
    "an image": ("UPDATE images SET lock_digest = ''", "the image 1 of churn was changed"),
    "a workspace": ("UPDATE workspaces SET name = 'crew' WHERE name = 'squad'", "the workspace crew was changed"),
    "the last event": ("DELETE FROM events WHERE id = (SELECT max(id) FROM events)", "the log ends with entry"),
    "all events": ("DELETE FROM events", "All entries of the event log were removed"),
    "an event": ("UPDATE events SET who = 'eve' WHERE id = 5", "altered at entry 5"),
    "what an event changed": ("UPDATE events SET changes = '{}' WHERE id = 5", "altered at entry 5"),
    "an event between": ("DELETE FROM events WHERE id = 5", "altered at entry 6"),
    "the id": ("UPDATE identity SET id = 'another'", "the library's id is another"),
}

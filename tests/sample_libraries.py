"""A small library that holds one of everything, and what it shows; `tests/data/libraries/` keeps one of each schema.

Run this file after a new migration to add the library of the newest schema: `python tests/sample_libraries.py`. The
libraries of earlier schemas stay as the programs of their time wrote them.
"""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

from envstudio.domain.environment import Environment, Python, Variable
from envstudio.domain.image import BuiltImage
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library
from envstudio.library.location import REVISION

FOLDER = Path(__file__).with_name("data") / "libraries"
NUMPY = LockedPackage(
    "numpy", "2.1.0", "conda", "https://channel.example/linux-64/numpy-2.1.0-0.conda", sha256="1" * 64, size=9
)


def fill(library: Library) -> None:
    """Put one of everything into a new library: what may be shown, and what may be hidden."""
    churn = Environment("churn", Python(channels=("conda-forge",), conda=(conda_requirement("numpy>=2"),)))
    for number, spec in enumerate(("pandas", "scipy=1.14", "polars>=1"), 1):
        churn = churn.with_conda(conda_requirement(spec))
        library.versions.register(churn, f"Version {number}")
    digest = library.find("churn").digest
    library.versions.label(Reference("churn", 2), "prod")
    library.versions.label(Reference("churn", 3), "next")
    library.versions.describe(Reference("churn", 3), description="Churn of customers", tags={"team": "vision"})
    library.versions.archive(Reference("churn", 1))
    lock = Lock(digest, ("conda-forge",), (PlatformLock("linux-64", "3.12", (NUMPY,)),))
    library.locks.save("churn", lock)
    for status in ("failed", "done"):
        build = library.builds.start("churn", 3, "direct", {"lock": lock.digest})
        library.builds.finish(
            build, "churn", status, seconds=1.5, builder="direct", log="Step 1\n", image_id="sha256:1"
        )
    image = BuiltImage("churn:3", "sha256:1", "sha256:2", ("churn:3",), "direct", False, 1.5, (), 100, 2, 2)
    library.images.add("churn", 3, image, definition=digest, lock=lock.digest)
    moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    library.runs.add("churn", 3, "local", ["python", "-V"], exit_code=0, started_at=moment, seconds=0.5)
    library.versions.save_draft(churn.with_variable(Variable("TREES", "20")))
    pip = Environment("ocr", Python(pip=(pip_requirement("requests>=2"),)))
    library.versions.register(pip, "Only pip", text="name: ocr # read by all\npython:\n  pip: [requests>=2]\n")
    library.versions.register(pip.renamed("old"))
    library.environments.rename("old", "older")
    library.environments.archive("older")
    library.versions.register(pip.renamed("gone"))
    library.environments.delete("gone")
    library.workspaces.create("team")
    library.workspaces.rename("team", "squad")
    library.in_workspace("squad").versions.register(churn.renamed("shared"), "Theirs")


def shown(library: Library) -> dict[str, Any]:
    """Return what a library shows, as JSON has it."""
    return {item.name: _workspace(library.in_workspace(item.name)) for item in library.workspaces.list()}


def _workspace(library: Library) -> dict[str, Any]:
    return {info.name: _environment(library, info.name) for info in library.environments.list(archived=True)}


def _environment(library: Library, name: str) -> dict[str, Any]:
    versions = [
        [item.number, item.digest, item.message, [*item.labels], item.archived, item.locked, item.images]
        for item in library.versions.list(name)
    ]
    texts = [library.versions.find(Reference(name, number)).text for number, *_ in versions]
    lock = library.locks.newest(name)
    labels = dict(library.versions.labels(name))
    return {
        "versions": versions,
        "texts": texts,
        "labels": labels,
        "draft": library.versions.draft(name).text,
        "lock": lock.lock.digest if lock else "",
        "builds": [[item.id, item.status, library.builds.log(item.id)] for item in library.builds.list(name)],
        "runs": [[*item.command] for item in library.runs.list(name)],
    }


def main() -> None:
    """Write the library of the newest schema and what it shows."""
    location = FOLDER / f"{REVISION}.sqlite"
    for path in FOLDER.glob(f"{REVISION}.*"):
        path.unlink()
    # A build names the machine that it ran on; this file is read everywhere.
    with patch("platform.node", return_value="host.example"), Library.open(location, who="tester") as library:
        fill(library)
        location.with_suffix(".json").write_text(json.dumps(shown(library), indent=1) + "\n")
    with sqlite3.connect(location) as file:
        # One file, and no other beside it that would have to be kept too.
        file.execute("PRAGMA journal_mode=DELETE")


if __name__ == "__main__":
    main()

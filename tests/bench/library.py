"""What guarding a library costs."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import create_engine, select

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.library import Library
from envstudio.library.tables import blobs, events, versions
from tests.bench.measure import Row, compared

VERSIONS = 10_000


def log_verify(folder: Path) -> Row:
    """Verifying 10,000 versions, against reading their rows, texts and events."""
    with Library.open(folder / "library.sqlite") as library:
        for number in range(VERSIONS):
            pins = tuple(pip_requirement(f"package-{location}=={number}.{location}") for location in range(30))
            library.versions.register(Environment(f"environment-{number % 100:03}", Python(version="3.11", pip=pins)))
        engine = create_engine(f"sqlite:///{library.location}")
        texts = select(versions, blobs.c.data).join(blobs, blobs.c.sha256 == versions.c.source)

        def read() -> None:
            with engine.connect() as connection:
                for query in (texts, select(events)):
                    for _ in connection.execute(query):
                        pass

        return compared(library.events.verify, read, named="reading their rows", limit=3.0, times=9)


BENCHMARKS = {"log-verify": log_verify}

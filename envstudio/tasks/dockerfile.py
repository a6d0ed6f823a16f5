"""dockerfile: a version's Dockerfile and context, which build without EnvStudio."""

from __future__ import annotations

from pathlib import Path

from envstudio.builders import BuildRequest, needs_lock, refuse_unbuildable
from envstudio.builders.dockerfiles.dockerfile import context_files
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.build import image_tag
from envstudio.tasks.export import write_files
from envstudio.tasks.lock import lock_snapshot


def dockerfile(
    library: Library, settings: Settings, reference: str, folder: Path, *, report: Report
) -> tuple[Path, ...]:
    """Write the files into a folder and return their paths. Raises `EnvStudioError`."""
    snapshot = library.find(reference)
    refuse_unbuildable(snapshot.environment, locked=True)  # what a lock needs, locking says itself
    lock = None
    if needs_lock(snapshot.environment):
        lock = lock_snapshot(library, settings, snapshot, report=report).lock
    request = BuildRequest(
        environment=snapshot.environment,
        version=snapshot.version,
        digest=snapshot.digest,
        lock=lock,
        settings=settings,
        engine=None,
        tags=(image_tag(snapshot.environment.name, snapshot.version),),
        platform=snapshot.environment.image.platform,
    )
    files = context_files(request)
    write_files({folder / name: data for name, data in files.items()})
    return tuple(folder / name for name in files)

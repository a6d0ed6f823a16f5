"""dockerfile: a version's Dockerfile and context, which build without EnvStudio."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from envstudio.builders import BuildRequest, needs_lock, refuse_unbuildable
from envstudio.builders.dockerfiles.context import of_environment
from envstudio.builders.dockerfiles.context_folder import write_folder
from envstudio.builders.dockerfiles.dockerfile import context_files, with_mirrors
from envstudio.disk import writing
from envstudio.domain.environment import Environment
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.build import image_tag
from envstudio.tasks.context_content import kept_context
from envstudio.tasks.export import write_files
from envstudio.tasks.lock import lock_snapshot


def dockerfile(
    library: Library, settings: Settings, reference: str, folder: Path, *, report: Report
) -> tuple[Path, ...]:
    """Write the files into a folder and return their paths. Raises `EnvStudioError`.

    A build context is what the version was registered with.
    """
    snapshot = library.find(reference)
    refuse_unbuildable(snapshot.environment, locked=True)  # what a lock needs, locking says itself
    if snapshot.environment.image.context is not None:
        return _context(library, settings, snapshot.environment, folder, report)
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


def _context(
    library: Library, settings: Settings, environment: Environment, folder: Path, report: Report
) -> tuple[Path, ...]:
    """Write a build context of the user's own, with mirrors in its Dockerfile; no file is written by halves."""
    given = environment.image.context
    assert given is not None
    kept = kept_context(library, environment)

    def rewritten(text: str) -> str:
        return with_mirrors(text, settings, None)

    with of_environment(given, kept, rewritten, report) as found, writing(folder):
        assert found.folder is not None
        content = found.folder.content
        folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".envstudio-", dir=folder) as temporary:
            write_folder(content, found.folder.read, Path(temporary))
            dockerfile = Path(temporary) / found.dockerfile
            dockerfile.parent.mkdir(parents=True, exist_ok=True)
            dockerfile.write_text(found.text, "utf-8")
            return _moved(Path(temporary), folder)


def _moved(source: Path, target: Path) -> tuple[Path, ...]:
    """Move files and links of one folder into another, and return where they are now."""
    moved = []
    for path in sorted(source.rglob("*")):
        there = target / path.relative_to(source)
        if path.is_dir() and not path.is_symlink():
            there.mkdir(exist_ok=True)
        else:
            path.replace(there)
            moved.append(there)
    return tuple(moved)

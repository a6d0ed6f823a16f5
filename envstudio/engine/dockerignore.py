"""What of a folder goes to an engine: all that its .dockerignore does not leave out, by the SDK's own rules."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

FILE_NAME = ".dockerignore"


def sent_paths(folder: Path, dockerfile: str = "", also_ignored: Sequence[str] = ()) -> Iterable[str]:
    """Return the paths of files and folders, relative; `also_ignored` are further patterns, which count last.

    As with BuildKit, an ignore file of the Dockerfile's own name, such as gpu.Dockerfile.dockerignore, goes first.
    """
    from docker.utils.build import exclude_paths

    files = (folder / f"{dockerfile}{FILE_NAME}", folder / FILE_NAME)
    ignore = next((path for path in files if path.is_file()), None)
    lines = ignore.read_text("utf-8", "replace").splitlines() if ignore else []
    patterns = [line.strip() for line in lines if line.strip() and not line.strip().startswith("#")]
    return exclude_paths(str(folder), [*patterns, *also_ignored])

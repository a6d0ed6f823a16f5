"""Files of a comparison: a definition that is compared with a version, and the comparison written down."""

from __future__ import annotations

from pathlib import Path

from envstudio.domain.digest import definition_digest
from envstudio.domain.reference import Reference
from envstudio.errors import InvalidInput
from envstudio.gui.history.comparison_html import comparison_html
from envstudio.gui.history.comparison_pages import Compared
from envstudio.library import Snapshot
from envstudio.report import Report


def read_snapshot(path: Path, *, report: Report) -> Snapshot:
    """Return the definition in a file in the form in which versions are compared. Raises `EnvStudioError`."""
    from envstudio.formats import detect, native, read_source
    from envstudio.tasks.import_files import file_of, read

    report.raise_if_cancelled()
    source = read_source(file_of(path))
    environment, _ = read(source, detect(source))
    text = source.text if source.file_name == native.FILE_NAME else native.to_text(environment)
    reference = Reference(environment.name, label=path.name)
    return Snapshot(reference, environment, 0, definition_digest(environment), text)


def write_html(compared: Compared, path: Path, *, report: Report) -> None:
    """Write a comparison as an HTML file. Raises `InvalidInput`."""
    report.raise_if_cancelled()
    try:
        path.write_text(comparison_html(compared.comparison, compared.rows, compared.images), "utf-8")
    except OSError as error:
        raise InvalidInput(f"{path} cannot be written.", "Choose another place.", str(error)) from error

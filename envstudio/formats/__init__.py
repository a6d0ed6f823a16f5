"""The file formats of other tools, one file each, listed once in FORMATS.

File dialogs, detection, loss reports and round-trip tests follow from the table. A format that only reads has no
`write`, and the reverse. What a format cannot hold is named in the problems; nothing is dropped in silence.
"""

from __future__ import annotations

from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.formats import (
    azureml_asset,
    azureml_jobs,
    azureml_runs,
    azureml_v1,
    azureml_v2,
    conda_environment,
    conda_list,
    devcontainer,
    dockerfile,
    mlflow_model,
    mlflow_project,
    native,
    pip_requirements,
    pipfile,
    pixi_project,
    pyproject,
    python_env,
    script,
    uv_lock,
)
from envstudio.formats.boundary import refuse_beyond_limits
from envstudio.formats.format import NO_CHOICES, Choices, Format, ReadResult, Source, WriteResult
from envstudio.formats.source import bytes_source, read_source

__all__ = [
    "FORMATS",
    "NO_CHOICES",
    "Choices",
    "Format",
    "ReadResult",
    "Source",
    "WriteResult",
    "bytes_source",
    "detect",
    "find_format",
    "read_source",
]

FORMATS: tuple[Format, ...] = (
    native.FORMAT,
    azureml_runs.RUN,
    azureml_runs.INFERENCE,
    azureml_v1.FORMAT,
    azureml_asset.FORMAT,
    azureml_v2.FORMAT,
    azureml_jobs.FORMAT,
    mlflow_model.FORMAT,
    mlflow_project.FORMAT,
    python_env.FORMAT,
    conda_list.FORMAT,
    conda_environment.FORMAT,
    pipfile.LOCK,
    pipfile.FORMAT,
    pixi_project.FORMAT,
    devcontainer.FORMAT,
    script.FORMAT,
    uv_lock.FORMAT,
    pip_requirements.FORMAT,
    pyproject.FORMAT,
    dockerfile.FORMAT,
)


def find_format(format_id: str) -> Format:
    """Return the format with that id. Raises `InvalidInput` naming those there are."""
    for item in FORMATS:
        if item.id == format_id:
            return item
    raise InvalidInput(
        f"No format named {format_id!r}.",
        f"Known formats are {', '.join(item.id for item in FORMATS)}.",
        code="unknown-format",
        subject=format_id,
    )


def detect(source: Source) -> Format:
    """Return the format of a source, by its file name and content. Raises `InvalidInput` if none fits."""
    refuse_beyond_limits(source)
    for item in FORMATS:
        if item.read is not None and item.matches(source):
            return item
    if not source.text.strip():
        raise InvalidInput(
            f"{source.name} is empty, so it has an unrecognised file format.",
            "Check that it is the file you meant.",
            code="unrecognised-format",
            subject=source.name,
        )
    raise InvalidInput(
        f"{source.name} has an unrecognised file format.",
        "Give it the name that files of its format have, or name the format.",
        code="unrecognised-format",
        subject=source.name,
        remedy=Remedy(Act.IMPORT_AS, source.name),
    )

"""pip's requirements files, `requirements.txt` and its kin, as pip reads them."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from itertools import islice

from envstudio.domain.environment import Environment, Python
from envstudio.domain.reference import cleaned_name
from envstudio.errors import InvalidInput
from envstudio.formats.format import Format, ReadResult, Source, WriteResult
from envstudio.formats.losses import losses
from envstudio.formats.requirement_lines import RequirementReader, logical_lines, written_lines

FILE_NAME = "requirements.txt"
YAML_KEY = re.compile(r"^[A-Za-z_$-]+:(?:\s|$)", re.MULTILINE)
HELD = ("python.pip", "python.pip_options", "python.pip_constraints")
MAX_PROBED_LINES = 50


def _matches(source: Source) -> bool:
    """Recognise a requirements file by its name, else by its first lines being requirements."""
    if YAML_KEY.search(source.text):
        return False
    if any(fnmatch(source.file_name.lower(), pattern) for pattern in FORMAT.filenames):
        return True
    lines = [text for _, text in islice(logical_lines(source.text), MAX_PROBED_LINES)]
    reader = RequirementReader(Source(source.name, "\n".join(lines)))
    try:
        reader.read_file()
    except InvalidInput:
        return False
    return bool(lines)


def _read(source: Source, name: str) -> ReadResult:
    reader = RequirementReader(source)
    reader.read_file()
    name = name or cleaned_name(source.file_name.rsplit(".", 1)[0])
    return ReadResult(Environment(name, python=reader.into(Python())), tuple(reader.problems))


def _write(environment: Environment) -> WriteResult:
    lines, files = written_lines(environment.python)
    text = "".join(f"{line}\n" for line in lines)
    return WriteResult({FILE_NAME: text, **files}, losses(environment, FORMAT.title, HELD))


FORMAT = Format(
    "pip",
    "pip requirements.txt",
    (FILE_NAME, "*requirement*.txt", "*requirement*.in", "*requirement*.pip", "*constraint*.txt", "*.in"),
    _matches,
    _read,
    _write,
)

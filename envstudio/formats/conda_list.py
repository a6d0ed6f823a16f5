"""What `conda list --export` writes: packages as NAME=VERSION=BUILD, often named requirements.txt.

conda reads it back by `conda create --file`. Packages that pip installed have the build "pypi_0" there. Source: conda's
documentation, "Managing environments", and the heading that conda itself writes.
"""

from __future__ import annotations

import re

from envstudio.domain.environment import Environment, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.reference import cleaned_name
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.formats.boundary import located
from envstudio.formats.format import Format, ReadResult, Source

HEADING = "# This file may be used to create an environment using:"
PLATFORM = re.compile(r"^#\s*platform:\s*(\S+)", re.MULTILINE)
ENTRY = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)=([^=\s<>!~;,]+)=([^=\s<>!~;,]+)")
OF_PIP = "pypi"


def _matches(source: Source) -> bool:
    """Recognise it by conda's heading, else by each line being a name, a version and a build."""
    if HEADING in source.text:
        return True
    lines = [line.strip() for line in source.text.split("\n")]
    entries = [line for line in lines if line and not line.startswith("#")]
    return bool(entries) and all(ENTRY.fullmatch(line) for line in entries)


def _read(source: Source, name: str) -> ReadResult:
    conda, pip = [], []
    for number, line in enumerate(source.text.split("\n"), 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        found = ENTRY.fullmatch(text)
        if found is None:
            raise located(source.file_name, number, f"{text[:80]!r} is not NAME=VERSION=BUILD.", "Fix that line.")
        if found[3].startswith(OF_PIP):
            pip.append(pip_requirement(f"{found[1]}=={found[2]}"))
        else:
            conda.append(conda_requirement(text))
    platform = PLATFORM.search(source.text)
    only = f" of {platform[1]}" if platform else ""
    problems = (
        Problem(
            "builds-pinned",
            Severity.INFO,
            "python.conda",
            f"Each package is pinned to its build{only}, so that it can be locked for no other platform.",
            "Allow any build, or any version, of those that may differ.",
        ),
    )
    name = name or cleaned_name(source.file_name.rsplit(".", 1)[0])
    return ReadResult(Environment(name, Python(conda=tuple(conda), pip=tuple(pip))), problems)


FORMAT = Format("conda-list", "conda package list", (), _matches, _read)

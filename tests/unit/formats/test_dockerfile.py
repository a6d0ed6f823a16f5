"""Dockerfiles: as text if they need nothing else, with their folder if they take files in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from envstudio.domain.dockerfile_text import instructions
from envstudio.errors import InvalidInput
from envstudio.formats import read_source
from envstudio.formats.dockerfile import FORMAT, takes_files
from envstudio.formats.format import ReadResult
from envstudio.formats.source import text_source

LONE = "FROM python:3.11-slim\nRUN pip install numpy\n"


def read(text: str, folder: Path | None = None) -> ReadResult:
    assert FORMAT.read is not None
    return FORMAT.read(text_source("Dockerfile", text, folder), "")


def test_one_that_needs_no_files_is_kept_as_text(tmp_path: Path) -> None:
    result = read(LONE, tmp_path)
    assert (result.environment.image.dockerfile, result.environment.image.context) == (LONE, None)
    assert result.problems == ()


def test_one_that_takes_files_in_comes_with_its_folder(tmp_path: Path) -> None:
    (tmp_path / "gpu.Dockerfile").write_text(f"{LONE}COPY . /app\n")
    assert FORMAT.read is not None
    result = FORMAT.read(read_source(tmp_path / "gpu.Dockerfile"), "")
    context = result.environment.image.context
    assert context is not None
    assert (context.location, context.dockerfile_path) == (str(tmp_path), "gpu.Dockerfile")
    assert result.environment.image.dockerfile == ""
    assert result.problems == ()


@pytest.mark.parametrize(
    ("file_name", "name"),
    [
        ("Dockerfile", "dockerfile"),
        ("Dockerfile.gpu", "gpu"),
        ("gpu.Dockerfile", "gpu"),
        ("Containerfile", "containerfile"),
    ],
)
def test_dockerfiles_of_one_folder_have_names_of_their_own(file_name: str, name: str) -> None:
    assert FORMAT.read is not None
    assert FORMAT.read(text_source(file_name, LONE), "").environment.name == name


def test_what_a_build_leaves_out_is_no_dockerfile() -> None:
    """BuildKit reads Dockerfile.dockerignore beside Dockerfile (Docker's build context documentation)."""
    assert not FORMAT.matches(text_source("Dockerfile.dockerignore", "*.csv\n"))
    assert FORMAT.matches(text_source("Dockerfile.gpu", LONE))


def test_without_a_folder_that_is_told() -> None:
    result = read(f"{LONE}COPY . /app\n")
    assert result.environment.image.dockerfile
    assert [item.code for item in result.problems] == ["context-missing"]


@pytest.mark.parametrize(
    ("line", "takes"),
    [
        ("COPY . /app", True),
        ("copy --chown=1:1 a b /app/", True),
        ('COPY ["a file", "/app"]', True),
        ("ADD model.tar.gz /model", True),
        ("ADD https://models.example/x.bin /model", False),
        ("ADD https://models.example/x.bin local.bin /model/", True),
        ("COPY --from=build /out /out", False),
        ("COPY --chown=1:1 --from=build /out /out", False),
        ("RUN --mount=type=bind,target=/src make", True),
        ("RUN --mount=type=bind,from=build,target=/src make", False),
        ("RUN --mount=target=/src make", True),
        ("RUN --mount=from=build,target=/src make", False),
        ("COPY\t. /app", True),
        ("RUN --mount=type=cache,target=/root/.cache pip install x", False),
        ("RUN echo COPY . /app", False),
        ("# COPY . /app", False),
        ("RUN true && \\\n  # COPY . /x\n  echo \\\n  COPY . /app", False),
        ("COPY <<EOF /etc/motd\nCOPY . /app\nEOF", False),
        ("RUN <<'END'\nCOPY . /app\nEND", False),
        ("COPY \\\n  . \\\n\n  /app", True),
        ("RUN echo $((1<<3))\nCOPY . /app", True),
        ("RUN cat <<< hello\nCOPY . /app", True),
    ],
)
def test_what_takes_files_in(line: str, takes: bool) -> None:
    assert any(takes_files(item.word, item.rest) for item in instructions(f"FROM x\n{line}\n")) is takes


@pytest.mark.parametrize("directives", ["# escape=`\n", "# syntax=docker/dockerfile:1\n#Escape = `\n"])
def test_another_escape(directives: str) -> None:
    found = list(instructions(f"{directives}FROM x\nRUN dir C:\\\nCOPY `\n a /b\n"))
    assert [item.word for item in found] == ["FROM", "RUN", "COPY"]


def test_one_without_from_is_refused() -> None:
    with pytest.raises(InvalidInput, match="has no FROM"):
        read("RUN true\n")


def test_real_dockerfiles_read_and_those_without_files_are_text(corpus: Path) -> None:
    """A file in which no line begins with COPY or ADD, and none binds, takes nothing in; others may."""
    files = [path for path in sorted((corpus / "dockerfile").rglob("*")) if path.is_file()]
    assert FORMAT.read is not None
    found = {path: FORMAT.read(read_source(path), "").environment.image for path in files}
    assert len(found) > 300
    plain = [path for path in files if not re.search(r"(?im)^\s*(?:COPY|ADD)\b|type=bind", path.read_text("utf-8-sig"))]
    assert plain
    assert [path.name for path in plain if found[path].context is not None] == []
    assert all(len(image.sources) == 1 for image in found.values())

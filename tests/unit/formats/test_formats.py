"""The table of formats: finding one by id, and by what a file holds."""

from __future__ import annotations

import pytest

from envstudio.errors import InvalidInput
from envstudio.formats import FORMATS, detect, find_format
from envstudio.formats.source import text_source

CONDA = "name: x\ndependencies:\n  - python\n"


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("environment.yml", CONDA, "conda"),
        ("anything.yaml", CONDA, "conda"),
        ("anything.yaml", "dependencies: [python]\n", "conda"),
        ("anything.yaml", "channels:\n- a\n", "conda"),
        ("conda.yaml", "name: {{ broken }}\n", "conda"),
        ("requirements.txt", "numpy\n", "pip"),
        ("requirements-dev.txt", "", "pip"),
        ("list.txt", "numpy>=1\n-r other.txt\n", "pip"),
        ("dev.in", "numpy\n", "pip"),
        ("envstudio.yml", "schema: 1\nname: x\n", "native"),
        ("x.yml", "schema: 1\nname: x\n", "native"),
        ("Dockerfile", "FROM registry.example/base\nRUN true && false\n", "dockerfile"),
        ("gpu.Dockerfile", "FROM registry.example/base\n", "dockerfile"),
        ("Containerfile", "FROM registry.example/base\n", "dockerfile"),
        ("pyproject.toml", "[project]\nname = 'x'\n", "pyproject"),
    ],
)
def test_detection(name: str, text: str, expected: str) -> None:
    assert detect(text_source(name, text)).id == expected


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("environment.yml", "$schema: https://schemas.example/environment.json\nname: x\nimage: a\n"),
        ("Chart.yaml", "apiVersion: v2\ndependencies:\n  - name: x\n"),
        ("compose.yml", "services:\n  web: {}\n"),
        ("notes.txt", ""),
        ("notes.txt", "Several words of prose.\n"),
    ],
)
def test_other_files_are_no_format_of_ours(name: str, text: str) -> None:
    with pytest.raises(InvalidInput, match="unrecognised file format"):
        detect(text_source(name, text))


def test_formats_are_found_by_id() -> None:
    assert [find_format(item.id) for item in FORMATS] == list(FORMATS)
    with pytest.raises(InvalidInput, match="No format named 'x'"):
        find_format("x")

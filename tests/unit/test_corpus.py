"""Real files of public repositories import, or are refused with a line; none crashes, and no requirement is lost.

The corpus lies beside the checkout and is not a part of the project.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from envstudio.errors import InvalidInput
from envstudio.formats import detect, find_format, read_source
from envstudio.formats.format import ReadResult

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
DIRECTORIES = {"conda-env": "conda", "pip-requirements": "pip"}
LEAST_IMPORTED = 0.93  # of the files that are no templates
REASON = re.compile(r", (?:line \d+|whole file): (.*)", re.DOTALL)
# Problems that stand for a line of the file from which nothing came.
INSTEAD_OF_LINES = ("empty-item",)
NOT_FOR_LINUX = re.compile(r"sel\((?:win|osx)\)")


def count_in_conda(text: str) -> int:
    """Count list items below `dependencies:` by indentation alone, without any YAML."""
    count, inside = 0, False
    for line in text.splitlines():
        if re.match(r"[^\s#-]", line):
            inside = line.startswith("dependencies")
        item = re.match(r"\s*-\s+([^\s#].*)", line)
        if inside and item and not re.match(r"['\"]?pip['\"]?\s*:", item.group(1)):
            count += 1
    return count


def count_in_pip(text: str) -> int:
    """Count lines that are neither blank nor a comment nor the continuation of another."""
    lines = [line.strip() for line in re.sub(r"\\\n", " ", text).splitlines()]
    return sum(1 for line in lines if line and not line.startswith("#"))


def count_in_result(result: ReadResult) -> int:
    python = result.environment.python
    parts = (python.conda, python.pip, python.pip_options, python.pip_constraints)
    left_out = [
        problem
        for problem in result.problems
        if problem.code in INSTEAD_OF_LINES or (problem.code == "selector" and "left out" in problem.message)
    ]
    # An option behind a requirement makes two things of one line.
    moved = [problem for problem in result.problems if problem.code == "option-after-requirement"]
    return sum(map(len, parts)) + len(left_out) - len(moved)


def files(directory: str) -> Iterator[Path]:
    return (path for path in sorted((CORPUS / directory).rglob("*")) if path.is_file())


def reason(error: InvalidInput) -> str:
    """Return the sort of a refusal; every refusal names a line."""
    found = REASON.search(error.summary)
    assert found, error.summary
    return re.sub(r"'[^']*'|\"[^\"]*\"", "…", found.group(1)).split(":")[0].rstrip(".")


@pytest.mark.parametrize("directory", DIRECTORIES)
def test_real_files_import_or_are_refused_with_a_line(directory: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not (CORPUS / directory).is_dir():
        pytest.skip(f"there is no corpus {directory} beside the checkout")
    format_id = DIRECTORIES[directory]
    read, count = find_format(format_id).read, {"conda": count_in_conda, "pip": count_in_pip}[format_id]
    assert read is not None
    refused: Counter[str] = Counter()
    lost: list[str] = []
    imported = requirements = 0
    for path in files(directory):
        source = read_source(path)
        assert detect(source).id == format_id, path.name
        try:
            result = read(source, "")
        except InvalidInput as error:
            refused[reason(error)] += 1
            continue
        imported += 1
        got, expected = count_in_result(result), count(source.text)
        requirements += got
        if got != expected:
            lost.append(f"{path.name}: {expected} lines, {got} requirements")
    with capsys.disabled():
        print(f"\n{directory}: {imported} imported with {requirements} requirements, {refused.total()} refused")
        for what, number in refused.most_common():
            print(f"  {number:4} {what}")
    assert not lost, "\n".join(lost)
    templates = refused["this is a template"]
    assert imported / (imported + refused.total() - templates) > LEAST_IMPORTED

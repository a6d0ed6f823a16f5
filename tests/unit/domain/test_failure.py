"""Each class of failure is recognised in the log of one, and an unknown log is not a class."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.domain.failure import FAILURES, classify, host_in
from envstudio.errors import Act, Remedy

LOGS = Path(__file__).resolve().parents[2] / "data" / "failures"


@pytest.mark.parametrize("code", [kind.code for kind in FAILURES])
def test_each_class_is_recognised_in_its_log(code: str) -> None:
    lines = (LOGS / f"{code}.log").read_text("utf-8").splitlines()
    found = classify(["Step 1/2 : FROM python:3.12-slim", *lines])
    assert found is not None
    assert found.code == code, found
    assert found.line
    assert "\x1b" not in found.line
    assert found.advice


def test_every_log_has_a_class_and_no_class_comes_twice() -> None:
    codes = [kind.code for kind in FAILURES]
    assert sorted(codes) == sorted(path.stem for path in LOGS.glob("*.log"))
    assert len(set(codes)) == len(codes)


@pytest.mark.parametrize("text", ["", "Successfully built 1234", "Collecting numpy\n  Downloading numpy-2.2.0.whl"])
def test_a_log_without_a_known_failure(text: str) -> None:
    assert classify(text.splitlines()) is None


def test_the_line_and_its_number_are_told() -> None:
    found = classify(["one", "\x1b[91mE: Unable to locate package xyz\x1b[0m", "three"])
    assert found is not None
    assert (found.number, found.line, found.code) == (2, "E: Unable to locate package xyz", "apt")


@pytest.mark.parametrize(
    ("line", "host"),
    [
        ("ERROR: HTTP error 401 while getting https://index.example/simple/team-tools/", "index.example"),
        ("GET https://ana:secret@conda.example:8080/noarch/repodata.json: 403 Forbidden", "conda.example:8080"),
        ("pull access denied for registry.example/team/private, repository does not exist", "registry.example"),
        ("push access denied: localhost:5000/team/private", "localhost:5000"),
        ('Get "https://registry-1.docker.io/v2/team/private/manifests/1": unauthorized: incorrect login', "docker.io"),
        ("pull access denied for team/private, repository does not exist", ""),
        ("ERROR: 401 Client Error: Unauthorized at /tmp/x.y/z", ""),
        ("denied: requested access to the resource is denied", ""),
    ],
)
def test_the_host_that_wants_a_login(line: str, host: str) -> None:
    assert host_in(line) == host


def test_a_missing_login_is_mended_at_its_host() -> None:
    lines = [
        "#5 ERROR: 401 Client Error: Unauthorized",
        "#5 HTTP error 401 while getting https://index.example/simple/",
    ]
    found = classify(lines)
    assert found is not None
    assert (found.number, found.remedy) == (1, Remedy(Act.LOG_IN, "index.example"))
    found = classify(["denied: requested access to the resource is denied"])
    assert found is not None
    assert found.remedy == Remedy(Act.LOG_IN)

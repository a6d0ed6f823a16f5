"""One parser finds secrets in every text, and nothing else."""

from __future__ import annotations

import time

import pytest
from secret_spellings import SPELLINGS, S

from envstudio.secret_text import find_secrets, has_secret, redacted, without_secrets

TOKENS = [
    "ghp_" + "a1B2" * 9,
    "github_pat_" + "a1B2" * 9,
    "hf_" + "a1B2" * 9,
    "AKIA" + "A1B2" * 4,
    "sk-" + "a1B2" * 9,
    "xoxb-" + "a1B2" * 9,
    "glpat-" + "a1B2" * 9,
    "eyJ" + "a1B2" * 9 + "." + "a1B2" * 9 + "." + "a1B2",
]

NONE = [
    "https://index.example/simple",
    "https://index.example:8443/simple",
    "https://ana:${TOKEN}@index.example",
    "https://${USER}:${TOKEN}@index.example",
    "https://${GH_TOKEN}@git.example/a.git",
    "https://$TOKEN@git.example/a.git",
    "https://ana:<token>@index.example",
    "https://ana:***@index.example",
    "https://{{ token }}@index.example",
    "https://ana:%TOKEN%@index.example",
    "git+ssh://git@git.example/a.git",
    "ssh://ana@host.example/x",
    "https://git@git.example/a.git",
    "https://org@dev.azure.com/org/project/_git/repo",
    "git+https://git.example/a.git@main",
    "git+https://git.example:8443/a.git@1.0.x",
    "git+https://git.example/team/a.git@feature.example",
    "https://cdn.example/npm/pkg@1.2.3/x.js",
    "https://conda.example/t/${CONDA_TOKEN}/chan",
    "https://files.example/a.whl?version=1#sha256=00",
    "numpy>=2,<3  # https://numpy.example",
    "https://forum.example/t/how-to-do-x/12345",
    "https://forum.example/t/how-to-do-x/12345/7?u=ana",
    "file:///srv/t/channel",
    "s3://bucket/t/channel",
    "ghcr.example/team/sk-learn-serving-runtime:latest",
    "docker://python:3.12@sha256:" + "0" * 64,
    "git+ssh://git.example:team/tool@v1.0",
    "ana@example.org",
    "postgresql://ana@db.example/churn",
    "git@git.example:a.git",
    "sk-learn",
    "",
]


@pytest.mark.parametrize(("text", "clean"), SPELLINGS)
def test_a_secret_is_found_and_taken_out(text: str, clean: str) -> None:
    assert has_secret(text)
    assert without_secrets(text) == clean
    assert S not in redacted(text)
    assert "***" in redacted(text)
    assert not has_secret(clean)
    assert not has_secret(redacted(text))
    assert any(S in item.value for item in find_secrets(text))


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("frame", ["{}", "TOKEN={}", "ENV HF_TOKEN {} \\", 'ARG X="{}"', "curl -H 'Bearer {}'"])
def test_a_token_is_known_by_its_form(token: str, frame: str) -> None:
    text = frame.format(token)
    assert without_secrets(text) == frame.format("")
    assert redacted(text) == frame.format("***")


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_secret_stays(text: str) -> None:
    assert find_secrets(text) == []
    assert without_secrets(text) == redacted(text) == text


def test_a_login_is_told_as_it_is_meant() -> None:
    (found,) = find_secrets("https://ana%40corp:p%40ss@index.example:8443/simple")
    assert (found.kind, found.host, found.user, found.value) == ("login", "index.example:8443", "ana@corp", "p@ss")
    (found,) = find_secrets("https://tok3n@index.example/simple")
    assert (found.kind, found.user, found.value) == ("login", "tok3n", "tok3n")
    (found,) = find_secrets("https://conda.example/t/tk-1/chan")
    assert (found.kind, found.host, found.value) == ("path-token", "conda.example", "tk-1")


def test_several_secrets_of_one_text() -> None:
    text = f"a https://u:{S}@x.example/ b https://y.example/t/{S}/c d"
    assert without_secrets(text) == "a https://x.example/ b https://y.example/c d"


@pytest.mark.parametrize(
    "piece", ["https://a:b@", "://", "@", "/t/x", "https://u:p@h.example ", "?token=", "sk-", "eyJa."]
)
def test_long_texts_take_time_in_proportion(piece: str) -> None:
    text = "https://x:y" + piece * (1_000_000 // len(piece))
    started = time.process_time()
    redacted(text)
    assert time.process_time() - started < 2

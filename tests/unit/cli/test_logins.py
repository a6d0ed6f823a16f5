"""envstudio login and logout, in a keyring of the test's own."""

from __future__ import annotations

import io

import pytest
from command_line import Command

from envstudio.credentials import Login, login_for

Kept = dict[tuple[str, str], str]


@pytest.mark.parametrize(
    ("words", "login"),
    [
        (("--user", "ana"), Login("basic", "s3cret", "ana")),
        (("--bearer",), Login("bearer", "s3cret")),
        (("--conda",), Login("conda", "s3cret")),
    ],
)
def test_login_reads_the_password_and_shows_none(
    es: Command, kept_secrets: Kept, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], login: Login
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("s3cret\n"))
    done = es("login", "conda.example", *words)
    assert (done.status, login_for("conda.example")) == (0, login)
    assert "s3cret" not in done.out + done.err
    assert es("logout", "conda.example").status == 0
    assert kept_secrets == {}
    again = es("logout", "conda.example")
    assert (again.status, again.err.splitlines()[0]) == (
        1,
        "error: The keyring holds no credentials for conda.example.",
    )


@pytest.mark.usefixtures("kept_secrets")
@pytest.mark.parametrize("words", [(), ("--user", "ana", "--bearer")])
def test_one_way_to_log_in_must_be_chosen(es: Command, words: tuple[str, ...]) -> None:
    assert es("login", "conda.example", *words).status == 2


@pytest.mark.usefixtures("kept_secrets")
def test_no_password_on_standard_input(es: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert es("login", "conda.example", "--user", "ana").status == 2

"""Logins: kept in the keyring, found there or in ~/.netrc, and never shown."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.backends import fail

from envstudio.credentials import Login, forget_login, keep_login, login_for, logins_for, with_login
from envstudio.errors import InvalidInput, NotFound, Unavailable

Kept = dict[tuple[str, str], str]


def test_a_login_is_kept_found_and_forgotten(kept_secrets: Kept) -> None:
    keep_login("Conda.example:8443", Login("basic", "s3cret", "ana"))
    assert login_for("conda.example:8443") == Login("basic", "s3cret", "ana")
    assert list(kept_secrets) == [("envstudio-logins", "conda.example:8443")]
    forget_login("conda.example:8443")
    assert login_for("conda.example:8443") is None
    with pytest.raises(NotFound, match="no credentials"):
        forget_login("conda.example:8443")


@pytest.mark.usefixtures("kept_secrets")
def test_a_machine_without_a_keyring_has_nothing_to_forget() -> None:
    keyring.set_keyring(fail.Keyring())
    with pytest.raises(Unavailable, match="has no keyring"):
        forget_login("conda.example")


@pytest.mark.parametrize("host", ["", "https://conda.example", "ana@conda.example"])
def test_what_is_no_host(kept_secrets: Kept, host: str) -> None:
    with pytest.raises(InvalidInput, match="is not a host"):
        keep_login(host, Login("bearer", "s3cret"))
    assert kept_secrets == {}


def test_headers() -> None:
    assert Login("basic", "open sesame", "Aladdin").header == "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="  # RFC 7617
    assert Login("bearer", "abc").header == "Bearer abc"
    assert Login("conda", "abc").header == ""
    assert "s3cret" not in repr(Login("basic", "s3cret", "ana"))


def test_netrc_is_asked_where_the_keyring_has_none(
    kept_secrets: Kept, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / ".netrc"
    file.write_text("machine index.example login ana password s3cret\ndefault login any password other\n")
    file.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    found = logins_for(["https://index.example/simple", "https://elsewhere.example/simple", "file:///channel"])
    assert found == {"index.example": Login("basic", "s3cret", "ana")}
    keep_login("index.example", Login("bearer", "token"))
    assert login_for("index.example") == Login("bearer", "token")


def test_a_damaged_entry_is_no_login(kept_secrets: Kept) -> None:
    kept_secrets["envstudio", "login index.example"] = "not json"
    assert login_for("index.example") is None


def test_an_address_with_its_login(kept_secrets: Kept) -> None:
    keep_login("index.example", Login("basic", "a/b@c", "ana"))
    assert with_login("https://index.example/simple") == "https://ana:a%2Fb%40c@index.example/simple"
    for untouched in ("https://x:y@index.example/simple", "https://other.example", "file:///index.example", "./here"):
        assert with_login(untouched) == untouched

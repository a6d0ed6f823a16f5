"""A setting is refused for both front ends alike, and nothing is changed then."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio import settings
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.tasks.settings import check_setting, set_setting


@pytest.mark.parametrize(
    ("key", "value", "reason"),
    [
        ("platforms", "linux-64, linux-99", "No platform named 'linux-99'"),
        ("pins", "openssl<3.1, numpy <=> 3", "match spec"),
        ("builder", "magic", "cannot be 'magic'"),
        ("channels", "conda forge", "is not a conda channel"),
        ("base_image", "Python:3.11", "is not an image's name"),
        ("ca_certificates", "nowhere.pem", "There is no file"),
        ("secrets_file", "nowhere.toml", "There is no file"),
    ],
)
def test_what_cannot_be_meant_is_refused(key: str, value: str, reason: str) -> None:
    for act in (check_setting, set_setting):
        with pytest.raises(InvalidInput, match=reason):
            act(key, value)
    assert settings.load() == settings.Settings()


def test_a_login_is_taken_back_where_the_file_cannot_be_written(
    kept_secrets: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    set_setting("index", "https://ana:first@index.example/simple")
    before = dict(kept_secrets)

    def full(_key: str, _value: str) -> settings.Settings:
        raise EnvStudioError("The disk is full.")

    monkeypatch.setattr(settings, "assign", full)
    with pytest.raises(EnvStudioError, match="disk is full"):
        set_setting("index", "https://bea:second@index.example/simple")
    with pytest.raises(EnvStudioError, match="disk is full"):
        set_setting("index", "https://bea:second@other.example/simple")
    assert kept_secrets == before


def test_a_file_that_is_there_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "company.pem"
    path.write_text("", "utf-8")
    assert set_setting("ca_certificates", str(path)).ca_certificates == str(path)
    monkeypatch.chdir(tmp_path)
    assert set_setting("ca_certificates", "company.pem").ca_certificates == str(path)
    assert set_setting("ca_certificates", "").ca_certificates == ""
    with pytest.raises(InvalidInput, match="is a folder"):
        set_setting("ca_certificates", str(tmp_path))

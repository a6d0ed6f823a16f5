"""What the user allowed is kept beside the settings, by environment and by subject, and never by half."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from envstudio import consents
from envstudio.consents import SECRETS, SOURCE_BUILDS, UNHASHED, Consent, consent_to
from envstudio.errors import InvalidInput


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CONFIG", str(tmp_path / "config" / "settings.toml"))


def test_nothing_is_allowed_at_first() -> None:
    assert consents.remembered("library#1") == Consent()
    assert not consents.remembered("library#1").allows(SOURCE_BUILDS, "cowsay from files.example")


def test_an_act_is_allowed_for_one_environment() -> None:
    consents.remember("library#1", [SOURCE_BUILDS])
    assert consents.remembered("library#1").allows(SOURCE_BUILDS, "anything")
    assert not consents.remembered("library#1").allows(UNHASHED)
    assert not consents.remembered("library#2").allows(SOURCE_BUILDS, "anything")
    consents.forget("library#1", [SOURCE_BUILDS])
    assert not consents.remembered("library#1").allows(SOURCE_BUILDS)


def test_a_subject_is_allowed_everywhere_but_alone() -> None:
    consents.remember_subjects(SOURCE_BUILDS, ["cowsay from files.example"])
    found = consents.remembered("library#2")
    assert found.allows(SOURCE_BUILDS, "cowsay from files.example")
    assert not found.allows(SOURCE_BUILDS, "cowsay from other.example")
    assert not found.allows(SECRETS, "cowsay from files.example")


def test_secrets_of_other_environments_stay_allowed() -> None:
    subjects = ["library#1 KEY", "library#11 KEY"]
    consents.remember_subjects(SECRETS, subjects)
    consents.forget("library#1", [SECRETS])
    assert [subject for _, subject in consents.all_remembered()[1]] == ["library#11 KEY"]


def test_what_is_no_act_is_refused() -> None:
    with pytest.raises(InvalidInput, match="'everything'"):
        consent_to("everything")


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"environments": [], "subjects": []}', '{"environments": {}, "subjects": [1]}']
)
def test_a_damaged_file_allows_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / "config/consents.json").write_text(text)
    with pytest.raises(InvalidInput, match=r"consents\.json cannot be read"):
        consents.remembered("library#1")


def test_two_processes_lose_nothing(tmp_path: Path) -> None:
    code = """
import sys
from envstudio import consents
for number in range(20):
    consents.remember(f"{sys.argv[1]}#{number}", ["secrets"])
"""
    running = [subprocess.Popen([sys.executable, "-c", code, name]) for name in ("one", "two", "three")]
    assert [process.wait(60) for process in running] == [0, 0, 0]
    environments, _ = consents.all_remembered()
    assert len(environments) == 60
    if sys.platform != "win32":
        assert (tmp_path / "config/consents.json").stat().st_mode & 0o777 == 0o600
    assert not list((tmp_path / "config").glob("*.new"))

"""Whose code may be built: a package of one origin, and what a lock calls by its name is none of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio import consents
from envstudio.consents import SOURCE_BUILDS, Consent, ConsentNeeded
from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.lock import LockedPackage
from envstudio.domain.requirement import pip_requirement
from envstudio.lockers.pip import subject_requested
from envstudio.packages.source_builds import refuse_source_builds, subject_of
from envstudio.settings import Settings
from envstudio.tasks.consent import keep_source_builds


@pytest.mark.parametrize(
    ("url", "subject"),
    [
        ("https://files.example/ab/tiny-tool-1.0.tar.gz", "files.example"),
        ("https://ana:pw@files.example/cd/tiny_tool-2.0.tar.gz#sha256=0", "files.example"),
        ("https://files.example/ab/other-1.0.tar.gz", "files.example/ab"),
        ("https://files.example/ab/tiny-tool-other-1.0.tar.gz", "files.example/ab"),
        ("https://git.example/other/archive/v1.0.tar.gz", "git.example/other/archive"),
        ("git+https://git.example/tiny-tool.git@" + "a" * 40, "git+https://git.example/tiny-tool.git"),
        ("file:///srv/tiny-tool-1.0.tar.gz", "/srv"),
    ],
)
def test_an_origin_is_a_host_for_files_of_the_package_alone(url: str, subject: str) -> None:
    assert subject_of(LockedPackage("tiny-tool", "1.0", "pip", url, "")) == f"tiny-tool from {subject}"


def test_a_lock_cannot_call_other_code_by_an_allowed_name() -> None:
    allowed = Consent(subjects=frozenset({(SOURCE_BUILDS, "tiny-tool from files.example")}))
    own = LockedPackage("tiny-tool", "1.0", "pip", "https://files.example/tiny-tool-1.0.tar.gz", "a" * 64)
    other = LockedPackage("tiny-tool", "1.0", "pip", "https://files.example/other-1.0.tar.gz", "b" * 64)
    refuse_source_builds([own], allowed)
    with pytest.raises(ConsentNeeded):
        refuse_source_builds([other], allowed)


def test_while_locking_the_origin_is_what_is_asked() -> None:
    settings = Settings(index="https://ana:pw@pypi.example/simple")
    usual = Environment("odd", Python(version="3.12", pip=(pip_requirement("tiny-tool"),)))
    assert subject_requested(usual, settings, "tiny-tool") == "tiny-tool from https://pypi.example/simple"
    extra = PipOption("--extra-index-url", "https://other.example/simple")
    both = Environment("odd", Python(version="3.12", pip_options=(extra,)))
    expected = "tiny-tool from https://other.example/simple, https://pypi.example/simple"
    assert subject_requested(both, settings, "tiny-tool") == expected
    pinned = both.with_pip_index("tiny-tool", "https://pypi.example/simple")
    assert subject_requested(pinned, settings, "tiny-tool") == "tiny-tool from https://pypi.example/simple"
    direct = pip_requirement("tiny-tool @ git+https://git.example/tiny-tool.git@main")
    git = Environment("odd", Python(version="3.12", pip=(direct,)))
    assert subject_requested(git, settings, "tiny-tool") == "tiny-tool from git+https://git.example/tiny-tool.git"


def test_a_new_origin_of_a_known_name_is_not_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CONFIG", str(tmp_path / "settings.toml"))
    consents.remember_subjects(SOURCE_BUILDS, ["tiny-tool from files.example"])
    known = consents.remembered("library#1")
    other = LockedPackage("tiny-tool", "1.0", "pip", "https://other.example/tiny-tool-1.0.tar.gz", "")
    keep_source_builds([other], known, lambda name: f"{name} from https://other.example/simple")
    assert consents.remembered("library#1") == known
    consents.remember_subjects(SOURCE_BUILDS, ["tiny-tool from https://other.example/simple"])
    allowed = consents.remembered("library#1")
    keep_source_builds([other], allowed, lambda name: f"{name} from https://other.example/simple")
    refuse_source_builds([other], consents.remembered("library#1"))

"""Packages without a hash are refused, or hashed when the user allows them; sources are built only if allowed."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import pytest

from envstudio.cli.remedies import hint_of
from envstudio.consents import SOURCE_BUILDS, UNHASHED, Consent, ConsentNeeded, consent_to
from envstudio.domain.lock import LockedPackage
from envstudio.packages.hashes import refuse_unhashed, with_hashes
from envstudio.packages.source_builds import origin_of, refuse_source_builds, subject_of
from envstudio.report import silent
from envstudio.settings import Settings

COMMIT = "0123456789" * 4


def pip(url: str, digest: str = "") -> LockedPackage:
    return LockedPackage("tidy", "1.0", "pip", url, digest)


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    path = tmp_path / "tidy-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("tidy.py", "")
    return path


def test_a_package_without_a_hash_is_refused(wheel: Path) -> None:
    with pytest.raises(ConsentNeeded, match=r"no hash of tidy 1\.0") as caught:
        refuse_unhashed([pip(wheel.as_uri())], Consent())
    assert (caught.value.act, caught.value.subjects) == (UNHASHED, ("tidy 1.0",))
    assert "--allow-unhashed" in hint_of(caught.value)
    refuse_unhashed([pip(wheel.as_uri())], consent_to(UNHASHED))


@pytest.mark.parametrize(
    "package",
    [
        pip("https://files.example/tidy-1.0-py3-none-any.whl", "0" * 64),
        pip(f"git+https://git.example/tidy.git@{COMMIT}"),
        LockedPackage("tidy", "1", "conda", "https://conda.example/c/noarch/tidy-1-0.conda", "", "0" * 32, "0"),
    ],
)
def test_what_is_hashed_is_not_refused(package: LockedPackage) -> None:
    refuse_unhashed([package], Consent())


@pytest.mark.parametrize("end", ["", "@main", "@v1.0", f"@{COMMIT[:12]}", f"#@{COMMIT}"])
def test_a_branch_is_no_commit(end: str) -> None:
    package = pip(f"git+https://git.example/tidy.git{end}")
    with pytest.raises(ConsentNeeded):
        refuse_unhashed([package], Consent())
    # There is no file to compute a hash of.
    assert with_hashes([package], Settings(), silent()) == (package,)


def test_a_hash_is_computed_of_what_comes(wheel: Path) -> None:
    (found,) = with_hashes([pip(wheel.as_uri())], Settings(), silent())
    assert found.sha256 == hashlib.sha256(wheel.read_bytes()).hexdigest()


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://files.example/a/tidy-1.0.tar.gz", "files.example"),
        ("https://user:pass@files.example:8080/tidy-1.0.tar.gz", "files.example:8080"),
        (f"git+https://git.example/team/tidy.git@{COMMIT}", "git+https://git.example/team/tidy.git"),
        (f"git+ssh://git@git.example/tidy.git@{COMMIT}", "git+ssh://git.example/tidy.git"),
        ("file:///srv/packages/tidy-1.0.tar.gz", "/srv/packages"),
    ],
)
def test_origins(url: str, origin: str) -> None:
    assert origin_of(pip(url)) == origin


def test_a_source_is_built_only_if_its_origin_is_allowed() -> None:
    source = pip("https://files.example/a/tidy-1.0.tar.gz", "0" * 64)
    with pytest.raises(ConsentNeeded, match=r"tidy 1\.0 must be built from source") as caught:
        refuse_source_builds([source], Consent())
    assert caught.value.subjects == ("tidy from files.example",)
    refuse_source_builds([source], consent_to(SOURCE_BUILDS))
    refuse_source_builds([source], Consent(subjects=frozenset({(SOURCE_BUILDS, subject_of(source))})))
    other = Consent(subjects=frozenset({(SOURCE_BUILDS, "tidy from other.example")}))
    with pytest.raises(ConsentNeeded):
        refuse_source_builds([source], other)

"""The plan of a build before it, and a Dockerfile: they refuse what a build refuses, for versions and drafts alike."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.build import build, plan
from envstudio.tasks.dockerfile import dockerfile
from envstudio.tasks.preview_image import preview_image

PIP = Python(pip=(pip_requirement("numpy"),))


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        (Environment("bare"), "bare has no base image"),
        (Environment("bare", PIP, Image(base="debian:13")), "Python version of the image is not stated"),
    ],
)
def test_what_cannot_be_built_is_not_planned(library: Library, environment: Environment, reason: str) -> None:
    library.versions.register(environment)
    for act in (preview_image, plan, build):
        with pytest.raises(InvalidInput, match=reason):
            act(library, Settings(), "bare", report=silent())
    library.versions.save_draft(environment.with_variable(Variable("TREES", "20")))
    with pytest.raises(InvalidInput, match=reason):
        preview_image(library, Settings(), "bare@draft", report=silent())


def test_no_dockerfile_is_written_of_what_has_no_base(library: Library, tmp_path: Path) -> None:
    library.versions.register(Environment("bare", Python(version="3.12")))
    with pytest.raises(InvalidInput, match="bare has no base image"):
        dockerfile(library, Settings(), "bare", tmp_path / "context", report=silent())
    assert not (tmp_path / "context").exists()


def test_what_is_not_locked_is_planned_so(library: Library) -> None:
    assert preview_image(library, Settings(), "churn:2", report=silent()).steps[0] == "lock it"


def test_with_a_lock_the_python_of_the_base_need_not_be_stated(library: Library) -> None:
    """As conda-lock.yml and pixi.lock of pip packages alone are imported: they say no Python."""
    given = Environment("given", PIP, Image(base="base.example/linux:1"))
    library.versions.register(given)
    wheel = LockedPackage("numpy", "2.1", "pip", "https://index.example/numpy-2.1-py3-none-any.whl", "0" * 64)
    lock = Lock(definition_digest(given), (), (PlatformLock("linux-64", "", (wheel,)),))
    library.locks.save("given", lock)
    for act in (preview_image, plan):
        found = act(library, Settings(engine="tcp://127.0.0.1:9"), "given", report=silent())
        assert "1 packages of linux-64" in " ".join(found.steps)


def generated(library: Library, folder: Path, value: str) -> str:
    """Return the line of a generated Dockerfile that sets a variable."""
    given = Environment("given", PIP, Image(base="base.example/linux:1"), (Variable("A", value),))
    library.versions.register(given)
    wheel = LockedPackage("numpy", "2.1", "pip", "https://index.example/numpy-2.1-py3-none-any.whl", "0" * 64)
    library.locks.save("given", Lock(definition_digest(given), (), (PlatformLock("linux-64", "", (wheel,)),)))
    dockerfile(library, Settings(), "given", folder, report=silent())
    lines = (folder / "Dockerfile").read_text("utf-8").split("\n")
    return next(line for line in lines if line.startswith("ENV A="))


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ("ünï", 'ENV A="ünï"'),
        ("tab\there", 'ENV A="tab\there"'),
        ('a "b" $c \\n', r'ENV A="a \"b\" \$c \\n"'),
    ],
)
def test_values_arrive_as_they_are(library: Library, tmp_path: Path, value: str, line: str) -> None:
    assert generated(library, tmp_path, value) == line


def test_a_value_of_several_lines_is_refused_by_name(library: Library, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="The value of A has several lines") as caught:
        generated(library, tmp_path, "line1\nline2\n")
    assert caught.value.code == "several-lines"

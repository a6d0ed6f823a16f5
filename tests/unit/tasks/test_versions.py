"""create, edit and restore: each makes exactly one version, or none."""

from __future__ import annotations

import pytest

from envstudio.domain.environment import Variable
from envstudio.errors import Conflict, EnvStudioError, InvalidInput, NotFound
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.create import create
from envstudio.tasks.edit import Edits, edit
from envstudio.tasks.restore import restore


def test_create_from_packages(library: Library) -> None:
    edits = Edits(add=("numpy>=2",), add_pip=("mlflow",), set_variables=("A=1=2",))
    done = create(library, Settings(), "new", python="3.12", edits=edits)
    found = library.find("new").environment
    assert (done.version, found.python.channels) == (1, ("conda-forge",))
    assert [item.text for item in found.python.conda] == ["python=3.12", "numpy>=2"]
    assert found.variables == (Variable("A", "1=2"),)


def test_create_with_pip_only_states_the_image_s_python(library: Library) -> None:
    create(library, Settings(base_image="python:3.12"), "new", python="3.12", edits=Edits(add_pip=("six",)))
    found = library.find("new").environment
    assert (found.python.version, found.python.conda, found.image.base) == ("3.12", (), "python:3.12")


def test_create_as_a_clone(library: Library) -> None:
    done = create(library, Settings(), "copy", source="churn:1", edits=Edits())
    assert done.digest == library.find("churn:1").digest
    assert library.find("copy").message == "Cloned from churn:1"
    create(library, Settings(), "mine", source="curated/minimal-python", edits=Edits())
    assert library.find("mine").environment.name == "mine"


@pytest.mark.parametrize(
    ("name", "options", "error"),
    [
        ("churn", {}, Conflict),
        ("bad name", {}, InvalidInput),
        ("new", {"source": "nosuch"}, NotFound),
        ("new", {"python": "3"}, InvalidInput),
        ("new", {"edits": Edits(add=("numpy>=",))}, InvalidInput),
        ("new", {"edits": Edits(channels=("https://u:p@c.example",))}, InvalidInput),
    ],
)
def test_create_that_fails(
    library: Library, name: str, options: dict[str, object], error: type[EnvStudioError]
) -> None:
    before = library.environments.list()
    with pytest.raises(error) as caught:
        create(library, Settings(), name, **{"edits": Edits(), **options})  # type: ignore[arg-type]
    assert caught.value.advice
    assert library.environments.list() == before


def test_edit(library: Library) -> None:
    edits = Edits(
        add=("scipy",),
        remove=("numpy",),
        add_pip=("six>=1",),
        remove_pip=("MLflow_Skinny",),
        set_variables=("TREES=40",),
        channels=("bioconda",),
        base_image="registry.example:5000/team/base:1@sha256:" + "0" * 64,
        description="Churn",
    )
    done = edit(library, "churn", edits)
    found = library.find("churn:3").environment
    assert (done.version, done.created) == (3, True)
    assert [item.name for item in found.python.conda] == ["python", "scipy"]
    assert [item.name for item in found.python.pip] == ["six"]
    assert found.python.channels == ("conda-forge", "bioconda")
    assert (found.variables[0].value, found.description) == ("40", "Churn")
    assert library.find("churn").message.startswith("Add scipy, add six>=1, remove numpy")


def test_edit_starts_from_the_draft_or_from_the_version_named(library: Library) -> None:
    churn = library.find("churn").environment
    library.versions.save_draft(churn.with_variable(Variable("DRAFTED", "1")))
    edit(library, "churn", Edits(add=("scipy",)))
    assert [item.name for item in library.find("churn:3").environment.variables] == ["TREES", "DRAFTED"]
    edit(library, "churn:1", Edits(add=("scipy",)))
    assert [item.name for item in library.find("churn:4").environment.variables] == ["TREES"]


def test_a_variable_that_becomes_a_value_is_no_secret_any_more(library: Library) -> None:
    churn = library.find("churn").environment
    library.versions.register(churn.with_variable(Variable("KEY", secret="churn-key")))
    edit(library, "churn", Edits(set_variables=("KEY=plain",)))
    assert library.find("churn").environment.variables[-1] == Variable("KEY", "plain")


@pytest.mark.parametrize(
    "edits",
    [
        Edits(add=("numpy<",)),
        Edits(add_pip=("a b",)),
        Edits(remove=("nosuch",)),
        Edits(remove_pip=("nosuch",)),
        Edits(unset=("NOSUCH",)),
        Edits(set_variables=("A",)),
        Edits(set_variables=("1A=2",)),
        Edits(channels=("",)),
        Edits(base_image="Upper:CASE:x"),
        Edits(python="abc"),
    ],
)
def test_edit_that_fails(library: Library, edits: Edits) -> None:
    with pytest.raises((InvalidInput, NotFound)) as caught:
        edit(library, "churn", edits)
    assert caught.value.advice
    assert len(library.versions.list("churn")) == 2


@pytest.mark.parametrize(
    "image",
    ["debian", "debian:13", "docker.io/library/python:3.12-slim", "localhost:5000/a/b__c:x", "mmdebstrap:trixie"],
)
def test_names_of_images(library: Library, image: str) -> None:
    edit(library, "churn", Edits(base_image=image))
    assert library.find("churn").environment.image.base == image


def test_restore(library: Library) -> None:
    done = restore(library, "churn:1", report=silent())
    assert (done.version, done.digest) == (3, library.find("churn:1").digest)
    assert library.find("churn").message == "Restored from version 1"
    assert not restore(library, "churn:3", report=silent()).created


@pytest.mark.parametrize("reference", ["curated/minimal-python", "churn@draft", "churn:9", "nosuch"])
def test_restore_of_what_is_no_old_version(library: Library, reference: str) -> None:
    library.versions.save_draft(library.find("churn").environment.with_variable(Variable("DRAFTED", "1")))
    before = library.environments.list()
    with pytest.raises((InvalidInput, NotFound)):
        restore(library, reference, report=silent())
    assert library.environments.list() == before

"""import: what a file becomes, how it is called, and that a failure registers nothing."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envstudio.consents import LINK_SCRIPTS, NONE, SOURCE_BUILDS, ConsentNeeded, remember_subjects
from envstudio.domain.environment import Applies, Environment, Python, Variable
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import EnvStudioError, InvalidInput, NotFound
from envstudio.formats import read_source
from envstudio.formats.native import to_text
from envstudio.formats.source import text_source
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.consent import Allowed, allow, allow_secrets, allowed
from envstudio.tasks.edit import Edits
from envstudio.tasks.folders import file_of, passed_over
from envstudio.tasks.import_files import import_path, import_sources
from envstudio.tasks.secrets import secret_values


def put(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("vision/environment.yml", "name: segment\ndependencies: [python=3.12]\n", "segment"),
        ("vision/environment.yml", "dependencies: [python=3.12]\n", "vision"),
        ("vision/requirements.txt", "numpy>=2\n", "vision"),
        ("my models/requirements.txt", "numpy>=2\n", "my-models"),
        ("vision/requirements-dev.txt", "numpy>=2\n", "requirements-dev"),
        ("vision/envstudio.yml", "schema: 1\nname: native\n", "native"),
    ],
)
def test_the_name(library: Library, tmp_path: Path, file: str, text: str, name: str) -> None:
    path = put(tmp_path / file, text)
    done = import_path(library, path, report=silent())
    assert (done.registered.name, done.registered.version) == (name, 1)
    assert library.find(f"{name}:1").message == f"Imported from {path.name}"
    assert import_path(library, path, name="given", report=silent()).registered.name == "given"


def test_a_folder_gives_its_definition(library: Library, tmp_path: Path) -> None:
    put(tmp_path / "vision" / "requirements.txt", "numpy>=2\n")
    put(tmp_path / "vision" / "environment.yml", "name: seg\ndependencies: [python=3.12]\n")
    assert import_path(library, tmp_path / "vision", report=silent()).format_id == "conda"
    (tmp_path / "bare").mkdir()
    with pytest.raises(InvalidInput, match="holds no definition"):
        import_path(library, tmp_path / "bare", report=silent())


def test_a_name_that_exists_gets_a_version_only_for_a_change(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "environment.yml", "name: churn\ndependencies: [python=3.13]\n")
    first = import_path(library, path, name="churn", message="Try 3.13", report=silent()).registered
    again = import_path(library, path, report=silent()).registered
    assert (first.version, first.created) == (3, True)
    assert (again.version, again.created, again.digest) == (3, False, first.digest)
    assert library.find("churn").message == "Try 3.13"


def test_edits_are_part_of_the_version(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "requirements.txt", "numpy>=2\n")
    edits = Edits(python="3.12", base_image="python:3.12-slim", set_variables=("A=1",))
    import_path(library, path, name="edited", edits=edits, report=silent())
    found = library.find("edited:1").environment
    assert (found.python.version, found.image.base, found.variables[0].value) == ("3.12", "python:3.12-slim", "1")


@pytest.mark.parametrize(
    ("files", "options"),
    [
        (["good.yml", "broken.yml"], {}),
        (["good.yml"], {"name": "bad name"}),
        (["good.yml"], {"format_id": "nosuch"}),
        (["good.yml"], {"edits": Edits(python="abc")}),
        (["empty.yml"], {}),
    ],
)
def test_a_failure_registers_nothing(
    library: Library, tmp_path: Path, files: list[str], options: dict[str, object]
) -> None:
    put(tmp_path / "good.yml", "name: good\ndependencies: [python=3.12]\n")
    put(tmp_path / "broken.yml", "dependencies: [python\n")
    put(tmp_path / "empty.yml", "")
    before = library.environments.list()
    sources = [read_source(tmp_path / file) for file in files]
    with pytest.raises(EnvStudioError) as caught:
        import_sources(library, sources, report=silent(), **options)  # type: ignore[arg-type]
    assert caught.value.advice
    assert library.environments.list() == before


def test_a_missing_file(library: Library, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There is no file"):
        import_path(library, tmp_path / "missing.yml", report=silent())


def test_a_folder_with_only_a_dockerfile_or_a_project(library: Library, tmp_path: Path) -> None:
    put(tmp_path / "gpu" / "Dockerfile", "FROM python:3.11\nCOPY . /app\n")
    done = import_path(library, tmp_path / "gpu", report=silent())
    context = library.find("gpu").environment.image.context
    assert done.format_id == "dockerfile"
    assert context is not None
    assert Path(context.location) == tmp_path / "gpu"
    put(tmp_path / "service" / "pyproject.toml", '[project]\nname = "service"\ndependencies = ["numpy>=2"]\n')
    assert import_path(library, tmp_path / "service", report=silent()).format_id == "pyproject"
    assert [item.name for item in library.find("service").environment.python.pip] == ["numpy"]


def test_what_a_folder_holds_beside_its_definition(tmp_path: Path) -> None:
    put(tmp_path / "Dockerfile", "FROM python:3.11\n")
    put(tmp_path / "Dockerfile.dockerignore", "*.csv\n")
    assert file_of(tmp_path) == tmp_path / "Dockerfile"
    assert passed_over(tmp_path) == ()
    put(tmp_path / "Dockerfile.gpu", "FROM python:3.11\n")
    assert passed_over(tmp_path) == (tmp_path / "Dockerfile.gpu",)


CONTEXT = "schema: 1\nname: own\nimage:\n  context:\n    location: {}\n"


def test_a_context_lies_beside_the_file_that_names_it(
    library: Library, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(tmp_path / "project" / "docker" / "Dockerfile", "FROM scratch\n")
    path = put(tmp_path / "project" / "envstudio.yml", CONTEXT.format("./docker"))
    monkeypatch.chdir(tmp_path)
    done = import_path(library, Path("project/envstudio.yml"), report=silent())
    context = library.find("own").environment.image.context
    assert context is not None
    assert Path(context.location) == path.parent / "docker"
    assert [item.code for item in (*done.problems, *done.checks) if item.code.startswith("context")] == []


def test_a_context_that_is_not_there_and_one_from_nowhere_are_told(library: Library, tmp_path: Path) -> None:
    path = put(tmp_path / "envstudio.yml", CONTEXT.format("../docker"))
    done = import_path(library, path, report=silent())
    assert [item.code for item in done.problems] == ["context-missing"]
    assert str(tmp_path.parent / "docker") in done.problems[0].message
    pasted = import_sources(library, [text_source("pasted.yml", CONTEXT.format("docker"))], report=silent())
    assert "context-relative" in [item.code for item in pasted[0].checks]


@pytest.mark.parametrize(
    "location", ["https://git.example/x.git#main", "git@git.example:x.git", "/srv/x", "C:\\x", "~/x"]
)
def test_contexts_that_mean_the_same_everywhere_stay_as_they_are(
    library: Library, tmp_path: Path, location: str
) -> None:
    import_path(library, put(tmp_path / "envstudio.yml", CONTEXT.format(location)), report=silent())
    context = library.find("own").environment.image.context
    assert context is not None
    assert context.location == location


THEIRS = "name: prod\ndependencies: [python=3.12]\nvariables:\n  DB: postgres://u:theirs@db.example/x\n"
DB = ("envstudio/default", "prod.DB")


def test_an_import_replaces_no_secret(
    library: Library, tmp_path: Path, kept_secrets: dict[tuple[str, str], str]
) -> None:
    kept_secrets[DB] = "ours"
    path = put(tmp_path / "environment.yml", THEIRS)
    import_path(library, path, report=silent())
    theirs = "postgres://u:theirs@db.example/x"
    assert kept_secrets == {DB: "ours", (DB[0], "prod.DB.2"): theirs}
    environment = library.find("prod").environment
    assert [item.secret for item in environment.variables] == ["prod.DB.2"]
    assert secret_values(library, environment, Applies.RUN, NONE, Settings()) == {"DB": theirs}
    assert import_path(library, path, report=silent()).registered.created is False


def test_a_secret_that_was_left_out_allows_no_other(
    library: Library, tmp_path: Path, kept_secrets: dict[tuple[str, str], str]
) -> None:
    kept_secrets[DB] = "ours"
    source = read_source(put(tmp_path / "environment.yml", THEIRS))
    import_sources(library, [source], drop_secrets=True, report=silent())
    with pytest.raises(ConsentNeeded):
        secret_values(library, library.find("prod").environment, Applies.RUN, NONE, Settings())


def test_an_import_over_a_name_inherits_no_consent(
    library: Library, tmp_path: Path, kept_secrets: dict[tuple[str, str], str]
) -> None:
    kept_secrets[DB] = "ours"
    variables = (Variable("DB", secret="prod.DB"),)
    library.versions.register(Environment("prod", Python(version="3.12"), variables=variables))
    allow(library, "prod", [LINK_SCRIPTS])
    allow_secrets(library, "prod", ["prod.DB"])
    remember_subjects(SOURCE_BUILDS, ["cowsay from files.example"])
    before = allowed(library, "prod")
    assert before.acts == (LINK_SCRIPTS,)
    ours = library.find("prod").environment
    (own,) = import_sources(library, [text_source("prod.yml", to_text(ours))], report=silent())
    assert not own.registered.created
    assert allowed(library, "prod") == before
    theirs = replace(ours, python=Python(version="3.12", pip=(pip_requirement("theirs"),)))
    import_sources(library, [text_source("prod.yml", to_text(theirs))], name="prod", report=silent())
    assert allowed(library, "prod") == Allowed((), ((SOURCE_BUILDS, "cowsay from files.example"),))


def test_an_import_leaves_what_an_older_envstudio_kept_in_its_place(
    library: Library, tmp_path: Path, kept_secrets: dict[tuple[str, str], str]
) -> None:
    kept_secrets["envstudio", "prod.DB"] = "ours"
    import_path(library, put(tmp_path / "environment.yml", THEIRS), report=silent())
    assert kept_secrets["envstudio", "prod.DB"] == "ours"


def test_an_import_brings_no_login_in_the_place_of_a_known_one(
    library: Library, tmp_path: Path, kept_secrets: dict[tuple[str, str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = put(tmp_path / ".netrc", "machine pypi.example login ana password ours\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    text = "--index-url https://u:theirs@pypi.example/simple\n--extra-index-url https://u:new@other.example/simple\n"
    import_path(library, put(tmp_path / "requirements.txt", text + "numpy\n"), name="odd", report=silent())
    assert [name for _, name in kept_secrets] == ["other.example"]

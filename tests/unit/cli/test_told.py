"""What a command says beside its result: nearest names, accepted forms, what an import found, and full disks."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import Command
from disks import tiny_disk

from envstudio import settings
from envstudio.domain.environment import Variable
from envstudio.library import Library


@pytest.mark.parametrize(
    ("words", "near"),
    [
        ("show chrun", "churn"),
        ("show Churn", "churn"),
        ("show churn@prdo", "prod"),
        ("unlabel churn prdo", "prod"),
        ("show curated/minimal-pyhton", "minimal-python"),
        ("--workspace defualt list", "default"),
        ("workspace delete reserch --yes", "research"),
    ],
)
def test_the_nearest_name_is_asked_for(es: Command, churn: Path, words: str, near: str) -> None:
    es("label", "churn", "prod")
    es("workspace", "create", "research")
    done = es(*words.split()).must_fail()
    assert f"hint: Did you mean {near}" in done.err


def test_far_names_have_the_usual_hint(es: Command, churn: Path) -> None:
    assert "hint: See which there are: envstudio list" in es("show", "nothing-alike").must_fail().err


@pytest.mark.parametrize("text", ["yesterdayish", "2026-13-01", "31.12.2026"])
def test_a_date_that_is_none_is_a_usage_error_with_the_forms(es: Command, churn: Path, text: str) -> None:
    done = es("lock", "churn", "--exclude-newer", text)
    assert done.status == 2
    assert f"{text!r} is not a date or time. Write it as 2026-01-31 or 2026-01-31T12:00:00Z." in done.err


def test_an_import_tells_what_check_finds(es: Command) -> None:
    Path("requirements.txt").write_text("numpy\npandas>=2\n")
    done = es("import", "requirements.txt", "--name", "told")
    assert done.out.splitlines() == ["told:1 registered."]
    lines = done.err.splitlines()
    assert lines[-1] == "told: 2 warnings, 1 note found; with the notes: envstudio check told"
    assert [line.split(":")[0] for line in lines[-3:-1]] == ["warning", "warning"]
    codes = [item["code"] for item in es("import", "requirements.txt", "--name", "again", "--json").json[0]["problems"]]
    assert codes == ["image-missing", "python-version", "no-bound"]


def test_what_a_folder_holds_beside_what_was_taken_is_told(es: Command) -> None:
    Path("project").mkdir()
    Path("project", "pyproject.toml").write_text('[project]\nname = "both"\n')
    assert "too" not in es("import", "project").err
    Path("project", "Dockerfile").write_text("FROM debian:bookworm\n")
    assert "project holds Dockerfile too; each is imported by its own name." in es("import", "project").err
    Path("project", "Dockerfile.gpu").write_text("FROM debian:bookworm\n")
    assert "project holds Dockerfile and 1 more too;" in es("import", "project").err
    assert "holds" not in es("import", "project/Dockerfile").err


def test_a_sound_import_says_nothing_more(es: Command) -> None:
    Path("requirements.txt").write_text("numpy>=2\n")
    done = es("import", "requirements.txt", "--name", "sound", "--base-image", "python:3.11-slim", "--python", "3.11")
    assert "found" not in done.err


@pytest.mark.parametrize(
    ("python", "reason"),
    [
        ("3.12", "Python 3.12 is stated, but the base image python:3.11-slim has 3.11."),
        ("3.99", "There is no Python 3.99."),
    ],
)
def test_a_definition_that_contradicts_itself_is_not_registered(es: Command, python: str, reason: str) -> None:
    wrong = ("--python", python, "--base-image", "python:3.11-slim")
    es("create", "x", "--pip", "numpy>=2", *wrong).must_fail(reason)
    assert es("create", "x", "--pip", "numpy>=2", "--python", "3.11").status == 0
    es("edit", "x", *wrong).must_fail(reason)
    Path("envstudio.yml").write_text(
        f'name: x\npython:\n  version: "{python}"\n  pip: [numpy>=2]\nimage:\n  base: python:3.11-slim\n', "utf-8"
    )
    es("import", "envstudio.yml").must_fail(reason)
    assert es("check", "envstudio.yml").status == 1
    assert [item["version"] for item in es("--json", "versions", "x").json] == [1]


def test_the_base_image_has_the_python_that_is_asked_for(es: Command) -> None:
    assert es("create", "x", "--pip", "numpy>=2", "--python", "3.12").status == 0
    assert es("--json", "show", "x").json["image"]["base"] == "python:3.12-slim-bookworm"


def test_what_is_registered_prints_no_error_and_strict_refuses_warnings(es: Command) -> None:
    Path("requirements.txt").write_text("-r missing.txt\nnumpy>=2\n", "utf-8")
    done = es("import", "requirements.txt", "--name", "x")
    assert done.status == 0
    assert "error:" not in done.err
    assert "warning: " in done.err
    es("import", "requirements.txt", "--name", "y", "--strict").must_fail("y has")
    es("create", "z", "--pip", "numpy>=2", "--base-image", "debian", "--strict").must_fail("z has")
    es("edit", "x", "--set", "A=1", "--strict").must_fail("x has")
    assert {item["name"] for item in es("--json", "list").json} == {"x"}
    sound = ("--pip", "numpy>=2", "--python", "3.11", "--strict")
    assert es("create", "sound", *sound).status == 0
    assert (es("check", "x").status, es("check", "x", "--strict").status) == (1, 1)
    assert es("check", "sound", "--strict").status == 0


@pytest.mark.parametrize("words", ["build x", "build x --dry-run"])
def test_a_plan_refuses_what_a_build_refuses(es: Command, words: str) -> None:
    Path("requirements.txt").write_text("numpy>=2\n")
    es("import", "requirements.txt", "--name", "x")
    es(*words.split()).must_fail("x has no base image.")
    es("edit", "x", "--base-image", "debian:bookworm")
    es(*words.split()).must_fail("The Python version of the image is not stated")


def test_a_full_disk_is_told_by_every_command_that_writes(es: Command, churn: Path, tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "tiny", 4) as full:
        (full / "full").write_bytes(b"x" * 4096)
        for words in ("export churn --format conda -o {}/environment.yml", "export churn --format native -o {}"):
            es(*words.format(full).split()).must_fail("the disk is full")
        assert [path.name for path in full.iterdir()] == ["full"]


def test_a_near_name_is_asked_for_without_another_command(es: Command) -> None:
    es("create", "churn", "--python", "3.12")
    assert "hint: Did you mean churn?\n" in es("show", "chrun").must_fail().err
    assert "hint: Did you mean default?\n" in es("--workspace", "defalt", "list").must_fail().err


def test_a_draft_is_noted_where_it_could_have_been_meant(es: Command) -> None:
    es("create", "churn", "--python", "3.12")
    with Library.open_configured(settings.load()) as library:
        library.versions.save_draft(library.find("churn").environment.with_variable(Variable("TREES", "20")))
    note = "note: this is churn:1; its draft, churn@draft, has unregistered changes."
    for words in (["show", "churn"], ["check", "churn"], ["export", "churn", "--format", "conda", "-o", "-"]):
        assert note in es(*words).err, words
    for words in (["versions", "churn"], ["label", "churn", "prod"], ["diff", "churn", "churn@draft"], ["builds"]):
        assert "note:" not in es(*words).err, words


def test_a_draft_that_cannot_be_built_or_run_is_not_registered(es: Command) -> None:
    Path("Dockerfile").write_text("FROM scratch\n", "utf-8")
    es("import", "Dockerfile", "--name", "own")
    with Library.open_configured(settings.load()) as library:
        library.versions.save_draft(library.find("own").environment.with_variable(Variable("TREES", "20")))
    es("build", "own@draft", "--builder", "direct").must_fail("own has a Dockerfile")
    es("run", "own@draft", "--", "true").must_fail("own is user-managed")
    assert [item["version"] for item in es("--json", "versions", "own").json] == [1]


def test_a_preview_is_of_what_an_import_would_do(es: Command) -> None:
    Path("environment.yml").write_text("name: churn\ndependencies: [numpy]\n", "utf-8")
    Path("notes.txt").write_text("numpy>=2\n", "utf-8")
    (row,) = es("--json", "import", "--preview", "notes.txt", "--name", "other", "--format", "pip").json
    assert (row["name"], row["format"], row["becomes"]) == ("other", "pip requirements.txt", "")
    assert es("import", "--preview", "nosuch.yml").status == 1
    assert [item["name"] for item in es("--json", "import", "--preview", ".").json] == ["churn"]
    assert es("--json", "list").json == []


def test_an_import_lists_every_problem_with_the_gravest_first(es: Command) -> None:
    names = [f"missing-{number}.txt" for number in range(7)]
    Path("requirements.txt").write_text("six\n")
    Path("requirements-all.txt").write_text("\n".join(["requirements.txt", *(f"-r {name}" for name in names)]) + "\n")
    problems = es("import", "requirements-all.txt", "--name", "many", "--json").json[0]["problems"]
    assert [item["code"] for item in problems[:8]] == ["file-not-read"] * 7 + ["file-as-package"]
    assert all(name in item["message"] for name, item in zip(names, problems, strict=False))
    told = es("import", "requirements-all.txt", "--name", "told").err
    assert all(name in told for name in (*names, "requirements.txt is the name of a file"))

"""Each command prints with --json the shape that the README promises, and says the same in words."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Command, Done

from envstudio import paths

REGISTERED = {"name", "version", "created", "digest", "problems"}
PROBLEM = {"code", "severity", "where", "message", "advice", "fixable"}


def keys(done: Done) -> set[str]:
    """Return the keys of a document, or of the first of its list; stdout holds nothing else."""
    assert done.status == 0, done
    document = done.json
    return set(document[0] if isinstance(document, list) else document)


@pytest.mark.usefixtures("churn")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["workspace", "list"], {"name", "environments", "updated_at"}),
        (["list"], {"name", "kind", "latest", "labels", "archived", "digest", "updated_at", "updated_by"}),
        (["list", "--curated"], {"name", "kind", "latest"}),
        (["show", "churn"], {"schema", "name", "python"}),
        (["show", "churn", "--format", "conda"], {"files", "problems"}),
        (["create", "new", "--python", "3.12", "--package", "numpy>=2", "--env", "A=1"], REGISTERED),
        (["import", "environment.yml"], {"path", "format", *REGISTERED}),
        (["edit", "churn", "--add", "scipy"], REGISTERED),
        (["restore", "churn:1"], REGISTERED),
        (["export", "churn", "--format", "conda", "-o", "out"], {"files", "problems"}),
        (["export", "churn", "--format", "conda", "-o", "-"], {"files", "content", "problems"}),
        (["formats"], {"id", "title", "reads", "writes", "filenames"}),
        (["schema"], {"$schema", "title", "type", "properties", "$defs"}),
        (
            ["versions", "churn"],
            {"version", "digest", "message", "created_at", "created_by", "labels", "archived", "locked", "images"},
        ),
        (["diff", "churn:1", "churn:2"], {"from", "to", "identical", "changes", "resolved"}),
        (["image", "compare", "churn:1", "churn:2"], {"from", "to", "built", "measured", "rows"}),
        (["library", "show"], {"library", "workspaces", "environments"}),
        (["timeline", "churn"], {"name", "platform", "versions", "packages"}),
        (["label", "churn:1", "prod"], {"ref", "label", "version"}),
        (["tag", "churn", "team=vision"], {"ref", "tags"}),
        (["describe", "churn", "Churn model"], {"ref", "description"}),
        (["archive", "churn:1"], {"ref", "archived"}),
        (["unarchive", "churn:1"], {"ref", "archived"}),
        (["rename", "churn", "churn2"], {"name"}),
        (["delete", "churn", "--yes"], {"name"}),
        (["check", "churn"], PROBLEM),
        (["check", "environment.yml"], PROBLEM),
        (["log"], {"id", "at", "who", "what", "target", "detail"}),
        (["log", "verify"], {"verified"}),
        (["doctor"], {"name", "ok", "detail", "advice"}),
        (["sample"], {"workspace", "name"}),
        (["settings"], {"author", "channels", "engine", "mirror_images"}),
        (["settings", "author"], {"author"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_the_document(es: Command, words: list[str], expected: set[str]) -> None:
    assert keys(es("--json", *words)) >= expected


@pytest.mark.usefixtures("churn")
@pytest.mark.parametrize("word", ["images", "builds", "runs"])
def test_nothing_yet(es: Command, word: str) -> None:
    assert es(word, "--json").json == []
    assert es(word).out == f"No {word} yet.\n"
    assert es(word, "churn").out == f"No {word} yet.\n"


def test_an_empty_library(es: Command) -> None:
    assert es("list", "--json").json == []
    done = es("list")
    assert (done.status, done.out) == (0, "")
    assert "envstudio import" in done.err
    assert es("--quiet", "list").err == ""


def test_the_schema_is_the_file_that_ships(es: Command) -> None:
    text = paths.resource("schema", "envstudio.schema.json").read_text("utf-8")
    assert es("schema").out == text
    assert es("--json", "schema").json == json.loads(text)


@pytest.mark.usefixtures("churn")
def test_a_diff_row(es: Command) -> None:
    rows = es("diff", "churn:1", "churn:2", "--json").json["changes"]
    row = next(row for row in rows if row["name"] == "mlflow")
    assert row == {
        "section": "pip",
        "kind": "added",
        "name": "mlflow",
        "old": None,
        "new": ">=2",
        "level": None,
    }
    assert "mlflow" in es("diff", "churn:1", "churn:2").out
    assert "| + added | pip | mlflow |" in es("diff", "churn:1", "churn:2", "--markdown").out


@pytest.mark.usefixtures("churn")
def test_a_diff_with_a_file_and_with_a_folder(es: Command, churn: Path) -> None:
    for other in ("environment.yml", churn.parent):
        document = es("--json", "diff", "churn:1", other).json
        assert (document["identical"], document["changes"]) == (True, [])


@pytest.mark.usefixtures("churn")
def test_json_may_stand_anywhere_before_the_dashes(es: Command) -> None:
    assert es("versions", "churn", "--json").json == es("--json", "versions", "churn").json


@pytest.mark.usefixtures("churn")
def test_lists_line_up(es: Command) -> None:
    es("create", "a-much-longer-name", "--package", "numpy")
    head, *rows = es("list").out.splitlines()
    column = head.index("VERSION")
    assert [row[column - 1 : column + 1] for row in rows] == [" 1", " 2"]


def test_import_of_several_and_of_standard_input(es: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    Path("a file.yml").write_text("dependencies: [python=3.12]\n", "utf-8")
    Path("requirements.txt").write_text("numpy>=2\n", "utf-8")
    done = es("--json", "import", "a file.yml", "requirements.txt")
    assert [item["format"] for item in done.json] == ["conda", "pip"]
    assert done.json[0]["name"] == "a-file"
    (tmp_path / "in").write_bytes(b"numpy>=2\n")
    with (tmp_path / "in").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        assert es("import", "-", "--name", "piped").out == "piped:1 registered.\n"


@pytest.mark.usefixtures("churn")
def test_create_from_another_keeps_it_apart(es: Command) -> None:
    assert es("create", "copy", "--from", "churn:1").status == 0
    assert es("--json", "diff", "churn:1", "copy").json["identical"] is True
    assert es("create", "mine", "--from", "curated/minimal-python").status == 0


@pytest.mark.usefixtures("churn")
def test_edit_takes_a_saved_draft_along(es: Command) -> None:
    from envstudio import settings
    from envstudio.domain.environment import Variable
    from envstudio.library import Library

    with Library.open_configured(settings.load()) as library:
        library.versions.save_draft(library.find("churn").environment.with_variable(Variable("DRAFTED", "1")))
    assert es("edit", "churn", "--add", "scipy").status == 0
    assert "DRAFTED" in es("show", "churn").out


def test_settings_are_kept(es: Command) -> None:
    assert es("settings", "mirror_images.docker.io", "mirror.example/hub").out == "mirror.example/hub\n"
    assert es("settings", "--json", "mirror_images").json == {"mirror_images": {"docker.io": "mirror.example/hub"}}
    assert es("settings", "channels", "one, two").out == "one, two\n"
    assert es("settings", "channels", "").out == "conda-forge\n"


@pytest.mark.usefixtures("churn")
def test_workspaces_are_apart(es: Command) -> None:
    assert es("workspace", "create", "team").status == 0
    assert es("--workspace", "team", "list", "--json").json == []
    assert es("workspace", "rename", "team", "crew").status == 0
    assert es("workspace", "delete", "crew", "--yes").status == 0
    assert [item["name"] for item in es("workspace", "list", "--json").json] == ["default"]


@pytest.mark.usefixtures("churn")
def test_delete_can_be_undone(es: Command) -> None:
    assert "--undo" in es("delete", "churn", "--yes").out
    es("show", "churn").must_fail("No environment named 'churn'")
    assert es("delete", "--undo", "churn").status == 0
    assert es("show", "churn").status == 0


def test_check_leaves_with_1_on_an_error(es: Command) -> None:
    Path("requirements.txt").write_text("--index-url https://ana:hunter2@index.example/simple\nnumpy>=2\n", "utf-8")
    done = es("check", "requirements.txt")
    assert (done.status, "secret" in done.out or "password" in done.out) == (1, True)
    assert "error" in {problem["severity"] for problem in es("--json", "check", "requirements.txt").json}


def test_the_plan_of_a_build(es: Command, churn: Path) -> None:
    es("edit", "churn", "--base-image", "python:3.12-slim")
    assert keys(es("--json", "build", "churn", "--dry-run")) >= {"builder", "steps"}


@pytest.mark.usefixtures("churn")
def test_images_that_are_not_built_yet_are_compared_by_what_they_would_hold(es: Command) -> None:
    messages = es("image", "compare", "churn:1", "churn:2").out
    assert "churn:1 has no image yet." in messages
    assert "variables TREES" in messages
    assert "| Configuration | variables TREES |" in es("image", "compare", "churn:1", "churn:2", "--markdown").out
    assert es("image", "compare", "churn", "churn").out.splitlines()[-1] == "No differences."

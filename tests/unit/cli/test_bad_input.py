"""Every command meets every kind of bad input with one error and one hint, and leaves nothing behind."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
from command_line import Command

from envstudio import paths

REFERENCES = {
    "nope": "No environment named 'nope'",
    "churn:0": "'0' in 'churn:0' is not a version number",
    "churn:abc": "'abc' in 'churn:abc' is not a version number",
    "churn:99": "churn has no version 99",
    "churn@nolabel": "churn has no label 'nolabel'",
    "bad name": "'bad name' is not a name",
    "curated/nope": "",
}
TAKING_A_REFERENCE = (
    "show {}",
    "create new --from {}",
    "edit {} --add scipy",
    "export {} --format conda",
    "diff {} churn",
    "diff churn {}",
    "restore {}",
    "label {} prod",
    "tag {} team=vision",
    "describe {} text",
    "archive {}",
    "unarchive {}",
    "check {}",
    "lock {}",
    "lock show {}",
    "lock export {}",
    "lock why {} numpy",
    "build {}",
    "build {} --dry-run",
    "dockerfile {} -o out",
    "run {} -- python",
)
NAMES = {
    "nope": "No environment named 'nope'",
    "churn:1": "'churn:1' is one version",
    "churn:abc": "is not a version number",
    "bad name": "'bad name' is not a name",
    "curated/minimal-python": "is curated",
}
TAKING_A_NAME = ("versions {}", "rename {} other", "delete {} --yes", "unlabel {} prod")
CHANGING_A_CURATED_ONE = (
    "edit {} --add scipy",
    "restore {}",
    "label {} prod",
    "tag {} a=b",
    "describe {} text",
    "archive {}",
    "lock {}",
    "build {}",
    "run {} -- python",
)
FILES = {
    "missing.yml": "There is no file missing.yml",
    "./folder": "folder",
    "empty.yml": "empty.yml is empty",
    "latin.yml": "is not UTF-8",
    "nul.yml": "is NUL",
    "list.yml": "",
    "broken.yml": "broken.yml, line 3",
}
TAKING_A_FILE = ("import {}", "import good.yml {}", "check {}", "diff churn {}", "diff {} churn")
OTHERS = {
    "create churn": "An environment named 'churn' already exists",
    "create 'bad name'": "is not a name for an environment",
    "create new --package 'numpy>='": "is not a conda match spec",
    "create new --package ''": "is not a conda match spec",
    "create new --pip 'a b'": "is not a pip requirement",
    "create new --env A": "'A' sets no variable",
    "create new --env 1A=b": "is not a name for a variable",
    "create new --python abc": "'abc' is not a Python version",
    "create new --package numpy --python abc": "'abc' is not a Python version",
    "create new --base-image :::": "':::' is not an image's name",
    "create new --base-image 'a b'": "is not an image's name",
    "create new --channel --bad": "is not a conda channel",
    "create new --channel https://ana:hunter2@channel.example/c --package a": "a secret in clear",
    "edit churn --add 'numpy<'": "is not a conda match spec",
    "edit churn --add-pip 'x y'": "is not a pip requirement",
    "edit churn --remove nope": "No conda package named 'nope'",
    "edit churn --remove-pip nope": "No pip package named 'nope'",
    "edit churn --unset NOPE": "No variable named 'NOPE'",
    "edit churn --python 3": "is not a Python version",
    "import good.yml --name bad/name": "is not a name for an environment",
    "import good.yml --format nope": "No format named 'nope'",
    "show churn --format nope": "No format named 'nope'",
    "export churn --format nope": "No format named 'nope'",
    "export churn --format pixi": "pixi is a format of locks, not of definitions",
    "export churn --format conda -o good.yml/x": "cannot be written",
    "export churn --format conda -o taken": "cannot be written",
    "dockerfile user -o good.yml": "cannot be written",
    "label churn latest": "is kept by EnvStudio",
    "label churn bad/label": "is not a name for a label",
    "label churn@draft x": "is a draft",
    "restore churn@draft": "has no draft",
    "rename churn bad/name": "is not a name",
    "rename churn user": "An environment named 'user' already exists",
    "delete user --undo": "No deleted environment is named 'user'",
    "list --query 'pkg:numpy>=x'": "is not a package search",
    "workspace create default": "A workspace named 'default' already exists",
    "workspace create bad/name": "is not a name for a workspace",
    "workspace rename nope other": "No workspace named 'nope'",
    "workspace delete nope --yes": "No workspace named 'nope'",
    "workspace delete default --yes": "cannot be deleted",
    "--workspace nope list": "No workspace named 'nope'",
    "--library folder list": "is a folder, not a library",
    "--library good.yml list": "is not an EnvStudio library",
    "--library nope://x list": "There is no database driver for nope",
    "settings nope": "No setting named 'nope'",
    "settings nope x": "No setting named 'nope'",
    "settings theme pink": "cannot be 'pink'",
    "settings author.x y": "has no entries",
    "settings mirror_images x": "is a table",
    "lock churn --platform amiga-68k": "No platform named 'amiga-68k'",
    "lock show churn": "is not locked",
    "lock export churn": "is not locked",
    "lock why churn numpy": "is not locked",
    "lock churn --offline": "",
    "lock churn --update nosuch": "",
    "lock churn": "cannot be read",
    "build churn --platform amiga": "'amiga' is not a container platform",
    "build churn --output nope:x": "is not an image destination",
    "build churn --output oci:": "is not an image destination",
    "build user": "does not answer",
    "build user --builder classic": "does not answer",
    "run user --target docker -- ls": "does not answer",
    "run user --workdir nowhere -- ls": "There is no folder nowhere",
    "run user --mount /nowhere:/x -- ls": "There is nothing at /nowhere",
    "build-log 999": "There is no build 999",
}
BROKEN_SETTINGS = {
    "theme = ": "is not valid TOML",
    "nosuch = 1": "has an unknown key: nosuch",
    "theme = 3": "must be a string",
    "channels = 'x'": "must be a list",
}
USAGE = (
    "nosuch",
    "show",
    "import",
    "import a.yml b.yml --name x",
    "import -",
    "edit churn",
    "export churn",
    "tag churn team",
    "delete churn",
    "build churn --builder nope",
    "build-log x",
    "run churn",
    "run churn --mount nonsense -- ls",
    "workspace nosuch",
    "list --nosuch",
)


@pytest.fixture(autouse=True)
def world(es: Command, churn: Path) -> None:
    """Put bad and good files beside two environments."""
    assert es("create", "user", "--from", "curated/minimal-python").status == 0
    assert es("lock", "user").status == 0
    Path("good.yml").write_text("name: good\ndependencies: [python=3.12]\n", "utf-8")
    Path("folder").mkdir()
    Path("taken/environment.yml").mkdir(parents=True)
    Path("empty.yml").touch()
    Path("latin.yml").write_bytes(b"name: caf\xe9\n")
    Path("nul.yml").write_bytes(b"name: a\0b\n")
    Path("list.yml").write_text("- 1\n- 2\n", "utf-8")
    Path("broken.yml").write_text("name: x\ndependencies: [python\n", "utf-8")


def stored(es: Command) -> object:
    """Return all that a failure must leave as it was: versions, labels, locks and the files of the folder."""
    names = [item["name"] for item in es("list", "--archived", "--json").json]
    versions = {name: es("versions", name, "--json").json for name in names}
    files = sorted(str(path) for path in Path().rglob("*"))
    return names, versions, es("workspace", "list", "--json").json, files, paths.config_file().exists()


def filled(templates: tuple[str, ...], values: dict[str, str]) -> list[tuple[str, str]]:
    return [(text.format(shlex.quote(value)), summary) for text in templates for value, summary in values.items()]


CASES = [
    *filled(TAKING_A_REFERENCE, REFERENCES),
    *filled(TAKING_A_NAME, NAMES),
    *filled(TAKING_A_FILE, FILES),
    *filled(CHANGING_A_CURATED_ONE, {"curated/minimal-python": ""}),
    *OTHERS.items(),
]


def test_bad_input(es: Command) -> None:
    """One library serves all cases: each must leave it as it was."""
    before = stored(es)
    wrong = {}
    for text, summary in CASES:
        try:
            es(*shlex.split(text)).must_fail(summary)
        except AssertionError as error:
            wrong[text] = str(error)
    assert not wrong
    assert stored(es) == before


def test_the_document_of_an_error(es: Command) -> None:
    for text in ("show nope", "import missing.yml", "lock churn", "build user", "settings theme pink"):
        done = es("--json", *shlex.split(text)).must_fail()
        error = done.json["error"]
        assert set(error) == {"code", "subject", "summary", "advice", "details", "remedy"}
        assert f"error: {error['summary']}" in done.err.splitlines()
        hint = next(line for line in done.err.splitlines() if line.startswith("hint: "))
        assert hint.startswith(f"hint: {error['advice'].rstrip('. ')}")


def test_usage(es: Command) -> None:
    for text in USAGE:
        done = es("--json", *shlex.split(text))
        assert done.status == 2, text
        assert done.err.startswith("error: "), text
        assert done.err.splitlines()[1].startswith("hint: Usage: envstudio"), text
        assert set(done.json) == {"error"}, text


def test_broken_settings(es: Command) -> None:
    for text, summary in BROKEN_SETTINGS.items():
        paths.config_file().write_text(text, "utf-8")
        for words in ("list", "settings", "settings author ana", "doctor", "create x", "lock churn"):
            es(*words.split()).must_fail(summary)
        assert paths.config_file().read_text("utf-8") == text


def test_a_setting_that_cannot_be_used_is_mended_by_the_command_that_its_error_names(es: Command) -> None:
    paths.config_file().write_text("https_proxy = 'proxy.example:3128'\n", "utf-8")
    hint = es("list").must_fail(str(paths.config_file())).err
    assert 'envstudio settings https_proxy ""' in hint
    es("settings", "https_proxy", "")
    assert es("list").status == 0


def test_a_word_that_is_not_utf_8(es: Command) -> None:
    es("create", "x", "--env", "A=\udcff").must_fail("is not UTF-8")
    es("describe", "churn", "\udcff").must_fail("is not UTF-8")


def test_standard_input_that_is_not_utf_8(es: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    with Path("latin.yml").open() as stream:
        monkeypatch.setattr("sys.stdin", stream)
        es("import", "-", "--name", "x").must_fail("is not UTF-8")


def test_passwords_of_an_address_are_not_printed(es: Command, kept_secrets: dict[tuple[str, str], str]) -> None:
    es("settings", "index", "https://ana:hunter2@index.example/simple")
    assert es("create", "p", "--python", "3.12", "--pip", "six>=1").status == 0
    commands = ("lock p", "--json lock p", "build p", "build-log 1", "builds --json", "settings")
    for words in commands:
        done = es(*words.split())
        assert "hunter2" not in done.out + done.err
    assert "uv pip compile" in es("build-log", "1").out
    assert es("settings", "index").out == "https://index.example/simple\n"


def test_an_export_writes_over_no_other_file(es: Command, churn: Path) -> None:
    Path("requirements.txt").write_text("mine\n")
    done = es("export", "churn", "--format", "pip")
    assert (done.status, Path("requirements.txt").read_text()) == (1, "mine\n")
    assert "-o requirements.txt" in done.err
    assert es("export", "churn", "--format", "pip", "-o", "requirements.txt").status == 0
    assert es("export", "churn", "--format", "pip").status == 0  # it says the same

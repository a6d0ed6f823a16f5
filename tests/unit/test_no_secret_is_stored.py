"""Thirty spellings of a secret, through every way in, and not one byte of them in any file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import keyring
import pytest
from command_line import Done
from keyring.backends import fail
from secret_spellings import SPELLINGS, S

from envstudio import credentials
from envstudio.cli.main import run as run_command_line
from envstudio.cli.remedies import hint_of
from envstudio.credentials import login_for
from envstudio.errors import EnvStudioError, InvalidInput, Unavailable
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import load
from envstudio.tasks.import_files import import_path
from envstudio.tasks.settings import set_setting

Kept = dict[tuple[str, str], str]
ADDRESSES = [text for text, _ in SPELLINGS if text.startswith(("http://", "https://")) and " " not in text]
DATABASES = [text for text, _ in SPELLINGS if text.partition("://")[0] in ("postgres", "redis", "mongodb+srv", "amqp")]
"""What a variable holds in many projects."""

CARRIED = "bases: []\npip-repositories: [{0}]\nname: churn\ndependencies: [numpy]\n"
FILES: dict[str, tuple[str, str]] = {
    "requirements": ("requirements.txt", "--extra-index-url {0}\nnumpy\n# see {0}\n"),
    "direct reference": ("requirements.txt", "tidy @ {0}/tidy-1.0-py3-none-any.whl\n"),
    "constraints": ("requirements.txt", "numpy\n-f {0}\n"),
    "conda": ("environment.yml", "name: churn\nchannels: ['{0}']\ndependencies: [numpy]\n"),
    "carried keys": ("environment.yml", CARRIED),
    "conda pip": ("environment.yml", "name: churn\ndependencies:\n  - pip:\n      - --index-url {0}\n      - numpy\n"),
    "native": (
        "envstudio.yml",
        "schema: 1\nname: churn\npython:\n  channels: ['{0}']\n  conda: [numpy]\nspark:\n  repositories: ['{0}']\n",
    ),
    "dockerfile": ("Dockerfile", "FROM python:3.11\nARG INDEX={0}\nENV INDEX='{0}'\nRUN pip install -i {0} x\n"),
    "pyproject": (
        "pyproject.toml",
        '[project]\nname = "churn"\nversion = "1"\ndependencies = ["tidy @ {0}/tidy.whl"]\n',
    ),
}
VARIABLES = ("envstudio.yml", "schema: 1\nname: churn\nvariables:\n  DB: '{0}'\n")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder that everything of EnvStudio's is in."""
    root = tmp_path / "home"
    monkeypatch.setenv("ENVSTUDIO_CONFIG", str(root / "settings.toml"))
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(root / "cache"))
    monkeypatch.setenv("ENVSTUDIO_DATA", str(root / "data"))
    monkeypatch.setenv("ENVSTUDIO_LIBRARY", str(root / "library.sqlite"))
    # The command line puts the settings' proxies and logins into its process, which is this one.
    monkeypatch.setenv("HTTP_PROXY", "")
    monkeypatch.setattr(credentials, "_OF_PROCESS", {})
    return root


def nowhere(home: Path, *also: str) -> None:
    """Fail if the secret is in any file, write-ahead log and backups included, or in what was printed."""
    for path in home.rglob("*"):
        if path.is_file():
            assert S.encode() not in path.read_bytes(), path
    for text in also:
        assert S not in text


Run = Callable[..., Done]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs one command line in this process."""

    def one(*words: str) -> Done:
        capsys.readouterr()
        status = run_command_line(list(words), lambda _library, _workspace: 0)
        return Done(status, *capsys.readouterr())

    return one


def messages(done: Done) -> str:
    return done.out + done.err


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize("spelling", ADDRESSES)
def test_import(home: Path, tmp_path: Path, kept_secrets: Kept, run: Run, spelling: str, form: str) -> None:
    name, text = FILES[form]
    file = tmp_path / "given" / name
    file.parent.mkdir()
    file.write_text(text.format(spelling))
    home.mkdir()
    exported = home / "exported"
    try:
        with Library.open(home / "library.sqlite") as library:
            done = import_path(library, file, name="churn", report=silent())
            library.back_up(home / "backup.sqlite")
            printed = json.dumps(done.to_json())
            nowhere(home, printed)  # before the write-ahead log is closed
    except InvalidInput as error:
        # Some spellings are no address in some formats, which is reported without them.
        nowhere(home, str(error), error.advice, error.details)
        return
    assert S in json.dumps(list(kept_secrets.values())) or "@" not in text.format(spelling)
    assert any(problem.code == "secret-kept" for problem in done.problems)
    outputs = [messages(run("export", "churn", "--format", "envstudio", "-o", str(exported)))]
    outputs += [messages(run(*words.split())) for words in ("show churn", "check churn", "log", "versions churn")]
    outputs += [messages(run("delete", "churn", "--yes"))]
    nowhere(home, *outputs)


@pytest.mark.parametrize("spelling", DATABASES)
def test_a_variable_becomes_a_secret(home: Path, tmp_path: Path, kept_secrets: Kept, spelling: str) -> None:
    file = tmp_path / "given" / VARIABLES[0]
    file.parent.mkdir()
    file.write_text(VARIABLES[1].format(spelling))
    home.mkdir()
    with Library.open(home / "library.sqlite") as library:
        import_path(library, file, report=silent())
        (variable,) = library.find("churn").environment.variables
        assert (variable.value, variable.secret) == ("", "churn.DB")
        nowhere(home)
    assert kept_secrets["envstudio/default", "churn.DB"] == spelling


EDITS: dict[str, Callable[[str], list[str]]] = {
    "channel": lambda text: ["edit", "churn", "--channel", text],
    "pip": lambda text: ["edit", "churn", "--add-pip", f"tidy @ {text}/tidy-1.0-py3-none-any.whl"],
    "base image": lambda text: ["edit", "churn", "--base-image", text.partition("://")[2]],
    "variable": lambda text: ["edit", "churn", "--set", f"URL={text}"],
    "message": lambda text: ["edit", "churn", "--add", "scipy", "--message", f"see {text}"],
    "describe": lambda text: ["describe", "churn", f"see {text}"],
    "tag": lambda text: ["tag", "churn", f"source={text}"],
    "create": lambda text: ["create", "other", "--channel", text, "--package", "numpy"],
}


@pytest.mark.parametrize("way", EDITS)
@pytest.mark.parametrize("spelling", ADDRESSES[::3])
def test_edit(home: Path, kept_secrets: Kept, run: Run, spelling: str, way: str) -> None:
    home.mkdir()
    assert run("create", "churn", "--package", "numpy").status == 0
    done = run(*EDITS[way](spelling))
    if way != "base image":  # without its scheme an address is none
        nowhere(home, messages(done))


@pytest.mark.parametrize("key", ["index", "http_proxy", "mirror_indexes.https://pypi.example/simple", "channels"])
@pytest.mark.parametrize("spelling", ADDRESSES)
def test_settings(home: Path, kept_secrets: Kept, run: Run, spelling: str, key: str) -> None:
    try:
        set_setting(key, spelling)
    except EnvStudioError as error:
        nowhere(home, str(error), error.advice, error.details)
        return
    nowhere(home, messages(run("settings")), repr(load()))
    assert S in json.dumps(list(kept_secrets.values()))


def test_a_login_of_the_settings_serves_its_host(home: Path, kept_secrets: Kept) -> None:
    set_setting("index", f"https://ana:{S}@index.example/simple")
    assert load().index == "https://index.example/simple"
    found = login_for("index.example")
    assert found is not None
    assert (found.user, found.password) == ("ana", S)
    set_setting("http_proxy", f"http://ana:{S}@proxy.example:3128")
    assert load().http_proxy == "http://proxy.example:3128"
    assert load().process_variables()["HTTP_PROXY"] == f"http://ana:{S}@proxy.example:3128"
    assert (home / "settings.toml").stat().st_mode & 0o077 == 0


def test_a_file_does_not_change_a_login_that_is_there(home: Path, tmp_path: Path, kept_secrets: Kept) -> None:
    set_setting("index", "https://ana:mine@index.example/simple")
    file = tmp_path / "requirements.txt"
    file.write_text(f"--index-url https://eve:{S}@index.example/simple\nnumpy\n")
    with Library.open(home / "library.sqlite") as library:
        import_path(library, file, name="churn", report=silent())
    found = login_for("index.example")
    assert found is not None
    assert found.password == "mine"


def test_without_a_keyring_the_import_is_refused_or_leaves_secrets_out(home: Path, tmp_path: Path, run: Run) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(fail.Keyring())
    try:
        home.mkdir()
        file = tmp_path / "requirements.txt"
        file.write_text(f"--index-url https://ana:{S}@index.example/simple\nnumpy\n")
        with Library.open(home / "library.sqlite") as library:
            with pytest.raises(Unavailable, match="no keyring for it") as caught:
                import_path(library, file, name="churn", report=silent())
            assert "--drop-secrets" in hint_of(caught.value)
            assert library.environments.list() == ()
        done = run("import", str(file), "--name", "churn", "--drop-secrets")
        assert done.status == 0, messages(done)
        nowhere(home, messages(done))
    finally:
        keyring.set_keyring(before)


def test_a_lock_whose_channel_held_a_password_keeps_its_lock(home: Path, tmp_path: Path, kept_secrets: Kept) -> None:
    file = tmp_path / "given" / "conda-linux-64.lock"
    file.parent.mkdir()
    file.write_text(
        "# platform: linux-64\n@EXPLICIT\n"
        f"https://ana:{S}@conda.example/chan/linux-64/numpy-2.0.0-py311_0.conda#{'0' * 32}\n"
        f"https://conda.example/t/{S}/chan/linux-64/zlib-1.3-h0_0.conda#{'1' * 32}\n"
    )
    home.mkdir()
    with Library.open(home / "library.sqlite") as library:
        import_path(library, file, name="churn", report=silent())
        record = library.locks.find("churn", library.find("churn").digest)
        nowhere(home)
    assert record is not None
    assert [item.url for item in record.lock.platform("linux-64").packages] == [
        "https://conda.example/chan/linux-64/numpy-2.0.0-py311_0.conda",
        "https://conda.example/chan/linux-64/zlib-1.3-h0_0.conda",
    ]

"""The command line in this process, in an empty folder, without an engine and without a network."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import CONDA, Command, Done

from envstudio.cli.main import run

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
def es(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a function that runs one command line."""
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'no-engine.sock'}")
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "uv-cache"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.setenv(name, NOWHERE)

    def open_no_window(*_: object) -> int:
        raise AssertionError("a command line with a command opens no window")

    def run_one(*words: str | Path) -> Done:
        status = run([str(word) for word in words], open_no_window)
        captured = capsys.readouterr()
        return Done(status, captured.out, captured.err)

    return run_one


@pytest.fixture
def churn(es: Command) -> Path:
    """Register churn:1 from a file and churn:2 by an edit; return the file."""
    path = Path("environment.yml").absolute()
    path.write_text(CONDA, "utf-8")
    assert es("import", path).status == 0
    assert es("edit", "churn", "--add-pip", "mlflow>=2", "--set", "TREES=20", "-m", "Track it").status == 0
    return path

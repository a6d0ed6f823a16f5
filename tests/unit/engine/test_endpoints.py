"""Where an engine is looked for, and in what order."""

from __future__ import annotations

import hashlib
import json
import socket
import sys
from pathlib import Path

import pytest

from envstudio.engine import connect
from envstudio.engine.endpoints import endpoints, usual_sockets
from envstudio.errors import NotFound, Unavailable

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Sockets are named otherwise on Windows.")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / ".docker"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path / "run"))
    (tmp_path / ".docker").mkdir()
    return tmp_path


def _context(home: Path, name: str, host: str) -> None:
    folder = home / ".docker" / "contexts" / "meta" / hashlib.sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    endpoint = {"docker": {"Host": host, "SkipTLSVerify": False}}
    (folder / "meta.json").write_text(json.dumps({"Name": name, "Metadata": {}, "Endpoints": endpoint}))


def test_an_address_of_the_settings_is_the_only_one() -> None:
    assert [(item.address, item.named) for item in endpoints("tcp://engine.example:2375")] == [
        ("tcp://engine.example:2375", True)
    ]


def test_docker_host_comes_before_the_context(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _context(home, "far", "ssh://ana@far.example")
    (home / ".docker" / "config.json").write_text('{"currentContext": "far"}')
    assert [item.address for item in endpoints()] == ["ssh://ana@far.example"]
    assert [item.address for item in endpoints("context:far")] == ["ssh://ana@far.example"]
    monkeypatch.setenv("DOCKER_HOST", "tcp://engine.example:2375")
    assert [item.origin for item in endpoints()] == ["DOCKER_HOST"]


def test_an_unknown_context() -> None:
    with pytest.raises(NotFound, match="no context 'nowhere'"):
        list(endpoints("context:nowhere"))


def test_usual_sockets_that_exist(home: Path) -> None:
    for path in (home / "run" / "podman" / "podman.sock", home / ".colima" / "default" / "docker.sock"):
        path.parent.mkdir(parents=True)
        path.touch()
    found = usual_sockets()
    assert f"unix://{home / 'run' / 'podman' / 'podman.sock'}" in found
    assert found.index(f"unix://{home / '.colima' / 'default' / 'docker.sock'}") < found.index(
        f"unix://{home / 'run' / 'podman' / 'podman.sock'}"
    )


def test_an_engine_that_was_named_and_does_not_answer_is_told(home: Path) -> None:
    with pytest.raises(Unavailable, match="does not answer") as caught:
        connect(f"unix://{home / 'no.sock'}")
    assert caught.value.details.startswith("the settings: ")


def test_a_socket_that_nobody_answers_at_is_passed_over(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = home / "run" / "docker.sock"
    path.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(path))
        monkeypatch.setattr("envstudio.engine.endpoints.usual_sockets", lambda: [f"unix://{path}"])
        with pytest.raises(Unavailable, match="No container engine was found") as caught:
            connect()
    assert str(path) in caught.value.details

"""The doctor asks index and channels for real, and tells the way out if one does not answer."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from certificates import self_signed
from served import served

from envstudio.cli.remedies import with_command
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.doctor import doctor
from envstudio.tasks.finding import Finding
from envstudio.tasks.reach import reach

NOWHERE = "http://127.0.0.1:9"


def messages(finding: Finding) -> str:
    return with_command(finding.advice, finding.remedy)


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def served_channel(tmp_path: Path) -> Path:
    (tmp_path / "channel" / "noarch").mkdir(parents=True)
    (tmp_path / "channel" / "noarch" / "repodata.json").write_text("{}")
    (tmp_path / "simple").mkdir()
    return tmp_path


def answers(settings: Settings) -> dict[str, Finding]:
    return {item.name: item for item in reach(settings, report=silent())}


def test_what_answers_is_in_order(served_channel: Path) -> None:
    with served(served_channel) as address:
        found = answers(Settings(index=f"{address}/simple", channels=(f"{address}/channel",)))
    assert [item.ok for item in found.values()] == [True, True]
    assert found["index"].detail.startswith(address.removeprefix("http://"))


def test_mirrors_are_asked_in_place_of_what_they_mirror(served_channel: Path) -> None:
    with served(served_channel) as address:
        found = answers(
            Settings(
                index="https://index.example/simple",
                channels=("lab",),
                mirror_indexes={"https://index.example": address},
                mirror_channels={"lab": f"{address}/channel"},
            )
        )
    assert all(item.ok for item in found.values()), found


def test_an_index_without_a_list_and_without_head_answers_and_a_channel_that_is_none_does_not(tmp_path: Path) -> None:
    with served(tmp_path) as address:
        found = answers(Settings(index=f"{address}/simple", channels=(f"{address}/nothing",)))
    assert found["index"].ok
    channel = found[f"channel {address.removeprefix('http://')}/nothing"]
    assert not channel.ok
    assert "404" in channel.detail
    assert channel.advice.startswith("Check the channel's name")


@pytest.mark.parametrize(
    ("status", "advice"), [(401, "envstudio login 127.0.0.1:"), (403, "envstudio login"), (407, "proxy's user")]
)
def test_a_login_that_lacks_is_named(served_channel: Path, status: int, advice: str) -> None:
    with served(served_channel, lambda _path, _login: status) as address:
        found = answers(Settings(index=f"{address}/simple", channels=()))
    assert not found["index"].ok
    assert advice in messages(found["index"])


def test_a_server_that_is_broken_is_told(served_channel: Path) -> None:
    with served(served_channel, lambda _path, _login: 503) as address:
        found = answers(Settings(index=f"{address}/simple", channels=()))
    assert "503" in found["index"].detail
    assert not found["index"].ok


def test_without_a_network_the_proxy_and_the_mirror_are_named() -> None:
    found = answers(Settings(index=f"{NOWHERE}/simple", channels=(f"{NOWHERE}/lab",)))
    assert [item.ok for item in found.values()] == [False, False]
    assert messages(found["index"]).endswith(
        f"or set a mirror. Try: envstudio settings mirror_indexes.{NOWHERE}/simple VALUE"
    )
    assert "https_proxy" in found["index"].advice
    assert "Connection refused" in found["index"].detail or os.name == "nt"
    proxy = "http://ana:hunter2@127.0.0.1:9"
    with_proxy = answers(Settings(index="http://index.example/simple", channels=(), http_proxy=proxy))
    assert "the proxy (http://***@127.0.0.1:9)" in with_proxy["index"].advice


def test_what_is_no_address_is_told_beside_what_answers(served_channel: Path) -> None:
    with served(served_channel) as address:
        found = answers(Settings(index="http://[x/", channels=("lab[linux-64", "http://[y", f"{address}/channel")))
    assert [item.ok for item in found.values()] == [False, False, False, True]
    assert found["index"].advice == "Check the address in the settings."
    assert found["channel lab[linux-64"].detail == "lab[linux-64 is not a channel."


def test_a_proxy_of_the_variables_is_named_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://ana:hunter2@127.0.0.1:9")
    settings = Settings(index="https://index.example/simple", channels=())
    assert "the proxy (http://***@127.0.0.1:9)" in answers(settings)["index"].advice
    monkeypatch.setenv("NO_PROXY", "index.example")
    assert "set the proxy (https_proxy)" in answers(settings)["index"].advice


def test_a_proxy_that_wants_a_login_before_https_is_told() -> None:
    class Closed(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            self.send_error(407)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Closed) as proxy:
        threading.Thread(target=proxy.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{proxy.server_port}"
        found = answers(Settings(index="https://index.example/simple", channels=(), https_proxy=address))["index"]
        proxy.shutdown()
    assert not found.ok
    assert "proxy's user" in found.advice


def test_a_folder_is_a_channel_too(served_channel: Path) -> None:
    found = answers(Settings(index=f"{NOWHERE}/", channels=((served_channel / "channel").as_uri(), "file:///nowhere")))
    assert [item.ok for item in found.values()] == [False, True, False]
    assert found["channel /nowhere"].advice == "Check the path of the channel or index."


@pytest.fixture
def untrusted(tmp_path: Path) -> Iterator[str]:
    """Yield the address of a server whose certificate is unknown."""
    _, context = self_signed(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), SimpleHTTPRequestHandler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"https://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


def test_certificates_are_asked_for_and_used(untrusted: str, tmp_path: Path) -> None:
    settings = Settings(index=untrusted, channels=())
    found = answers(settings)["index"]
    assert not found.ok
    assert "ca_certificates" in messages(found)
    assert answers(Settings(index=untrusted, channels=(), ca_certificates=str(tmp_path / "certificate.pem")))[
        "index"
    ].ok
    missing = answers(Settings(index=untrusted, channels=(), ca_certificates=str(tmp_path / "nowhere.pem")))["index"]
    assert "nowhere.pem" in missing.advice


def test_the_doctor_asks_unless_it_is_offline(library: Library, served_channel: Path) -> None:
    with served(served_channel) as address:
        settings = Settings(index=f"{address}/simple", channels=(f"{address}/channel",), engine="tcp://127.0.0.1:9")
        names = [item.name for item in doctor(library, settings, report=silent())]
        offline = [item.name for item in doctor(library, settings, offline=True, report=silent())]
    assert names[-2:] == ["index", f"channel {address.removeprefix('http://')}/channel"]
    assert offline == names[:-2]

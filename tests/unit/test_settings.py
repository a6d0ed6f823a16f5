"""Settings: one file, read with clear refusals, written without losing a comment."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from disks import tiny_disk

from envstudio import settings
from envstudio.cli.remedies import hint_of
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.settings import Settings, assign, load, mirrored


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "new" / "settings.toml"


MIRRORS = {
    "docker.io": "mirror.example/hub",
    "docker.io/library/python": "mirror.example/python/",
    "https://index.example/simple/": "https://proxy.example/pypi",
    "conda-forge": "https://conda.example/forge",
}


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("docker.io", "mirror.example/hub"),
        ("docker.io/library/debian:12", "mirror.example/hub/library/debian:12"),
        ("docker.io/library/python", "mirror.example/python/"),
        ("docker.io/library/python:3.11", "mirror.example/python:3.11"),
        ("docker.io/library/python@sha256:00", "mirror.example/python@sha256:00"),
        ("docker.io/library/python-slim", "mirror.example/hub/library/python-slim"),
        ("docker.iot/x", "docker.iot/x"),
        ("my.docker.io/x", "my.docker.io/x"),
        ("https://index.example/simple", "https://proxy.example/pypi"),
        ("https://index.example/simple/", "https://proxy.example/pypi/"),
        ("https://index.example/simples", "https://index.example/simples"),
        ("conda-forge", "https://conda.example/forge"),
        ("conda-forge/label/dev", "https://conda.example/forge/label/dev"),
        ("", ""),
    ],
)
def test_the_longest_prefix_of_whole_segments_is_mirrored(address: str, expected: str) -> None:
    assert mirrored(address, MIRRORS) == expected


def test_no_file_means_the_defaults(file: Path) -> None:
    assert load(file) == Settings()
    assert not file.exists()


def test_an_assignment_keeps_comments_and_order(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('# ours\ntheme = "dark"  # at night\nauthor = "ana"\n', "utf-8")
    assert assign("theme", "light", file).theme == "light"
    assert file.read_text("utf-8") == '# ours\ntheme = "light"  # at night\nauthor = "ana"\n'
    assert assign("theme", "", file).theme == "system"
    assert file.read_text("utf-8") == '# ours\nauthor = "ana"\n'


def test_lists_and_tables(file: Path) -> None:
    assert assign("channels", "conda-forge, , https://conda.example/x", file).channels == (
        "conda-forge",
        "https://conda.example/x",
    )
    assert assign("mirror_images.docker.io", "mirror.example", file).mirror_images == {"docker.io": "mirror.example"}
    assert assign("mirror_images.quay.io", "mirror.example/q", file).mirror_images["quay.io"] == "mirror.example/q"
    assert assign("mirror_images.docker.io", "", file).mirror_images == {"quay.io": "mirror.example/q"}
    assert assign("mirror_images", "", file).mirror_images == {}
    assert assign("mirror_images.docker.io", "", file).mirror_images == {}
    assert "mirror" not in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("key", "value", "summary"),
    [
        ("nosuch", "x", "No setting named 'nosuch'"),
        ("nosuch.x", "x", "No setting named 'nosuch'"),
        ("author.x", "y", "has no entries"),
        ("mirror_images", "x", "is a table"),
        ("theme", "pink", "cannot be 'pink'"),
    ],
)
def test_a_bad_assignment_writes_nothing(file: Path, key: str, value: str, summary: str) -> None:
    with pytest.raises(InvalidInput, match=summary) as caught:
        assign(key, value, file)
    assert caught.value.advice
    assert not file.exists()


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        (b"theme = ", "is not valid TOML"),
        (b"theme = '\xff'", "is not valid TOML"),
        (b"nosuch = 1", "has an unknown key: nosuch"),
        (b"theme = 1", "theme must be a string"),
        (b"channels = 'x'", "channels must be a list"),
        (b"platforms = [1]", "platforms must be a list"),
        (b"mirror_images = 'x'", "mirror_images must be a table"),
        (b"[mirror_images]\na = 1", "mirror_images must be a table"),
    ],
)
def test_a_broken_file_is_named_and_left_alone(file: Path, text: bytes, summary: str) -> None:
    file.parent.mkdir()
    file.write_bytes(text)
    for act in (lambda: load(file), lambda: assign("author", "ana", file)):
        with pytest.raises(InvalidInput, match=summary) as caught:
            act()
        assert caught.value.advice
    assert file.read_bytes() == text
    assert {path.name for path in file.parent.iterdir()} == {file.name, f"{file.name}.lock"}


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvStudioError, match="cannot be"):
        assign("author", "ana", tmp_path / "file" / "settings.toml")


def test_proxies_and_certificates_reach_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://old.example")
    given = Settings(https_proxy="http://proxy.example:3128", no_proxy="localhost", ca_certificates="ca.pem")
    environment = given.subprocess_environment()
    assert environment["HTTP_PROXY"] == "http://old.example"
    assert environment["HTTPS_PROXY"] == "http://proxy.example:3128"
    assert (environment["NO_PROXY"], environment["SSL_CERT_FILE"]) == ("localhost", "ca.pem")


def test_programs_do_not_get_the_secrets_of_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program, or the build of a package, gets the secrets that its environment may read and no others."""
    monkeypatch.setenv("ENVSTUDIO_SECRET_OTHER", "s3cret")
    monkeypatch.setenv("ORDINARY", "seen")
    found = Settings().subprocess_environment()
    assert found["ORDINARY"] == "seen"
    assert "s3cret" not in found.values()


def test_who() -> None:
    assert Settings(author="Ana").who() == "Ana"
    assert settings.Settings().who()


def test_a_pin_of_two_bounds_is_one_item(file: Path) -> None:
    assert assign("pins", "openssl>=3,<3.1, numpy <3,!=2.1", file).pins == ("openssl>=3,<3.1", "numpy <3,!=2.1")
    assert assign("channels", "conda-forge, nvidia,", file).channels == ("conda-forge", "nvidia")


@pytest.mark.parametrize(
    ("key", "wrong", "form"),
    [
        ("https_proxy", "not a url", "http://HOST:PORT"),
        ("http_proxy", "proxy.example:3128", "http://HOST:PORT"),
        ("https_proxy", "http://", "http://HOST:PORT"),
        ("index", "index.example/simple", "https://index.example/simple"),
        ("mirror_indexes.https://index.example", "ftp://x", "https://index.example/simple"),
        ("mirror_channels.lab", "my mirror", "https://mirror.example"),
        ("mirror_channels.lab", "htp://mirror.example/lab", "https://mirror.example"),
        ("mirror_images.docker.io", "https://registry.example", "without https://"),
        ("insecure_registries", "registry.example:5000, http://other.example", "registry.example:5000"),
        ("engine", "docker", "context:NAME"),
    ],
)
def test_what_is_no_address_is_refused_with_its_form(file: Path, key: str, wrong: str, form: str) -> None:
    with pytest.raises(InvalidInput, match=f"The setting {re.escape(key)} cannot be") as caught:
        assign(key, wrong, file)
    assert form in caught.value.advice
    assert not file.exists()


@pytest.mark.parametrize(
    ("key", "right"),
    [
        ("https_proxy", "http://ana:pw@proxy.example:3128/"),
        ("http_proxy", "socks5h://proxy.example:1080"),
        ("index", "https://index.example/simple/"),
        ("index", "file:///srv/simple"),
        ("mirror_channels.conda-forge", "https://mirror.example/conda-forge"),
        ("mirror_channels.defaults", "conda-forge"),
        ("mirror_images.python", "mmdebstrap:bookworm?include=python3"),
        ("mirror_images.docker.io/library", "registry.example:5000/library"),
        ("mirror_images.base", "oci:/srv/base"),
        ("mirror_images.base", r"oci:C:\Users\Ana Lee\base"),
        ("insecure_registries", "127.0.0.1:5000"),
        ("engine", "unix:///run/user/1000/docker.sock"),
        ("engine", "unix:///Users/ana lee/.docker/run/docker.sock"),
        ("engine", "npipe:////./pipe/docker_engine"),
        ("engine", "context:desktop-linux"),
        ("engine", ""),
    ],
)
def test_addresses_are_taken(file: Path, key: str, right: str) -> None:
    assign(key, right, file)


@pytest.mark.parametrize("text", ["ana:hunter2@proxy.example:3128", "ftp://ana:hunter2@proxy.example:3128"])
def test_what_is_refused_is_shown_without_its_login(file: Path, text: str) -> None:
    file.parent.mkdir()
    file.write_text(f"https_proxy = '{text}'\n")
    for act in (
        lambda: load(file),
        lambda: assign("http_proxy", text, file),
        lambda: assign("https_proxy", text, file),
    ):
        with pytest.raises(InvalidInput, match=r"\*\*\*@proxy\.example:3128") as caught:
            act()
        assert "hunter2" not in f"{caught.value.summary} {caught.value.advice} {caught.value.details}"


@pytest.mark.parametrize("key", ["https_proxy", "mirror_images.python", "pins"])
@pytest.mark.parametrize("value", ["", "http://proxy.example:3128"])
def test_a_value_that_an_older_program_took_is_named_with_its_file_and_can_be_set_anew(
    file: Path, key: str, value: str
) -> None:
    name = key.partition(".")[0]
    file.parent.mkdir()
    file.write_text('https_proxy = "proxy.example:3128"\n' if key == "https_proxy" else f"{name} = 3\n")
    with pytest.raises(InvalidInput, match=f"{re.escape(str(file))}: The setting {name}") as caught:
        load(file)
    assert f'envstudio settings {name} ""' in hint_of(caught.value)
    new = "registry.example" if value and "mirror" in key else value
    assign(key, new, file)
    assert (new in file.read_text()) if new else load(file) == settings.Settings()


def test_of_two_that_cannot_be_used_each_is_mended_in_turn(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('theme = "pink"\nindex = "nowhere"\n')
    with pytest.raises(InvalidInput, match="index"):
        assign("theme", "dark", file)
    assert assign("index", "", file).theme == "dark"


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such modes.")
def test_the_file_is_its_user_s_alone(file: Path) -> None:
    file.parent.mkdir()
    file.write_text('author = "ana"\n')
    file.chmod(0o644)
    assign("theme", "dark", file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_link_to_a_file_elsewhere_stays_one(file: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept.toml"
    kept.write_text('author = "ana"\n')
    file.parent.mkdir()
    file.symlink_to(kept)
    assign("theme", "dark", file)
    assert file.is_symlink()
    assert load(kept).theme == "dark"


def test_settings_written_at_once_are_all_kept(file: Path) -> None:
    words = [sys.executable, "-m", "envstudio", "settings"]
    env = os.environ | {"ENVSTUDIO_CONFIG": str(file)}
    begun = [subprocess.Popen([*words, f"pip_names.package-{number}", "x"], env=env) for number in range(12)]
    assert [process.wait(timeout=120) for process in begun] == [0] * 12
    assert sorted(load(file).pip_names) == sorted(f"package-{number}" for number in range(12))


def test_a_full_disk_is_named_and_keeps_the_file(tmp_path: Path) -> None:
    with tiny_disk(tmp_path / "disk", kilobytes=16) as disk:
        file = disk / "settings.toml"
        assign("author", "ana", file)
        (disk / "rest").write_bytes(b"x" * 4096)
        with suppress(OSError), (disk / "rest").open("ab") as rest:
            while True:
                rest.write(b"x" * 512)
                rest.flush()
        with pytest.raises(EnvStudioError, match=f"{file} cannot be written: the disk is full"):
            assign("author", "x" * 5000, file)
        assert load(file).author == "ana"
        assert not list(disk.glob("*.new"))

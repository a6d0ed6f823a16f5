"""Locks of real scientific software from a real channel and the real index, and everything that can go wrong."""

from __future__ import annotations

import hashlib
import json
import socket
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from installer import install
from installer.destinations import SchemeDictionaryDestination
from installer.sources import WheelFile
from real_parts import CACHE, Recorder
from science_channel import channel as make_channel
from served import served

from envstudio.cli.remedies import hint_of
from envstudio.credentials import Login, keep_login
from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.lock import LockedPackage, PlatformLock
from envstudio.domain.platforms import PLATFORMS, own_platform
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.errors import Cancelled, EnvStudioError, Unavailable
from envstudio.formats.prefix import read_prefix
from envstudio.library import Library
from envstudio.packages import conda, wheels
from envstudio.settings import Settings
from envstudio.tasks.lock import LockOptions, lock
from envstudio.tasks.read_path import read_any

IMPORTS = {"numpy": "numpy", "scipy": "scipy", "scikit-learn": "sklearn", "pygments": "pygments", "rich": "rich"}
AGAIN = LockOptions(refresh=True)


@pytest.fixture(scope="session")
def science() -> Path:
    return make_channel(CACHE)


@pytest.fixture
def environment() -> Environment:
    return _science("https://conda.example/science")


def _science(channel: str) -> Environment:
    python = Python(
        channels=(channel,),
        conda=tuple(map(conda_requirement, ("python", "numpy>=2.2", "scipy", "scikit-learn", "pygments"))),
        pip=(pip_requirement("rich"), pip_requirement("numpy")),
    )
    return Environment("science", python)


def _here(settings: Settings, channel: str) -> Settings:
    return replace(settings, platforms=(own_platform(),), mirror_channels={"https://conda.example/science": channel})


@pytest.mark.parametrize("way", ["file", "http"])
def test_a_lock_installs_and_every_top_level_package_imports(
    library: Library, environment: Environment, science: Path, recorder: Recorder, tmp_path: Path, way: str
) -> None:
    library.versions.register(environment)
    with served(science) as address:
        settings = _here(Settings(), address if way == "http" else science.as_uri())
        found = lock(library, settings, "science", report=recorder).lock.platform(own_platform())
        assert {(item.name, item.manager) for item in found.packages if item.requested} == {
            *((name, "conda") for name in ("python", "numpy", "scipy", "scikit-learn", "pygments")),
            ("rich", "pip"),
        }
        # Both are requested by rich; pygments is conda's already.
        assert {item.name for item in found.of("pip")} == {"rich", "markdown-it-py", "mdurl"}
        assert found.find("numpy")[0].build.endswith("_1")
        prefix = tmp_path / "prefix"
        _install(found, prefix, settings, recorder)
    code = "".join(f"import {IMPORTS[item.name]}\n" for item in found.packages if item.name in IMPORTS)
    code += "import sklearn.linear_model as m; print(m.LinearRegression().fit([[0.0], [1.0]], [0, 1]).coef_)"
    done = subprocess.run([prefix / "bin" / "python", "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "[1.]\n"), done.stderr
    entry = subprocess.run([prefix / "bin" / "pygmentize", "-V"], capture_output=True, text=True, check=False)
    assert found.find("pygments")[0].version in entry.stdout
    source = read_prefix(prefix)
    taken = read_any(source).environment.python
    assert {item.name for item in taken.conda} == {item.name for item in found.of("conda")}
    assert {item.text for item in taken.pip} == {f"{item.name}=={item.version}" for item in found.of("pip")}


def _install(found: PlatformLock, prefix: Path, settings: Settings, recorder: Recorder) -> None:
    """Install a lock with rattler and PyPA's installer, which know nothing of EnvStudio."""
    conda.install(found.of("conda"), prefix, found.platform, recorder)
    site = prefix / "lib" / f"python{'.'.join(found.python.split('.')[:2])}" / "site-packages"
    schemes = {name: str(site) for name in ("purelib", "platlib")}
    schemes |= {"scripts": str(prefix / "bin"), "headers": str(prefix / "include"), "data": str(prefix)}
    destination = SchemeDictionaryDestination(schemes, str(prefix / "bin" / "python"), "posix")
    for path in wheels.download(found.of("pip"), settings, recorder).values():
        with WheelFile.open(path) as source:
            install(source, destination, additional_metadata={})


def test_a_pin_holds_without_asking_for_the_package(
    library: Library, environment: Environment, science: Path, recorder: Recorder
) -> None:
    library.versions.register(environment)
    settings = _here(Settings(pins=("numpy<2.3",)), science.as_uri())
    found = lock(library, settings, "science", options=LockOptions(pins=("pygments>=2", "absent<1")), report=recorder)
    packages = found.lock.platform(own_platform())
    assert packages.find("numpy")[0].version.startswith("2.2.")
    assert packages.find("absent") == ()


def test_the_fewest_requirements_that_conflict_are_named(
    library: Library, environment: Environment, science: Path, recorder: Recorder
) -> None:
    library.versions.register(environment.with_conda(conda_requirement("activating=1.0")))
    tight = environment.with_conda(conda_requirement("scikit-learn<1")).with_conda(conda_requirement("choice"))
    library.versions.register(tight)
    with pytest.raises(EnvStudioError, match=r"^scikit-learn<1 is not available for") as caught:
        lock(library, _here(Settings(), science.as_uri()), "science", report=recorder)
    assert "No candidates" in caught.value.details


@pytest.mark.usefixtures("kept_secrets")
class TestLogins:
    """A private host is asked with the login that the keyring has, and it stays there."""

    @pytest.mark.parametrize("kind", ["basic", "bearer", "conda"])
    def test_a_private_channel(
        self, library: Library, environment: Environment, science: Path, recorder: Recorder, tmp_path: Path, kind: str
    ) -> None:
        login = Login(kind, "hunter2", "ana" if kind == "basic" else "")  # type: ignore[arg-type]

        def admits(path: str, header: str) -> int:
            return 200 if header == login.header != "" or path.startswith("/t/hunter2/") else 401

        (tmp_path / "t").mkdir()
        (tmp_path / "t" / "hunter2").symlink_to(science)
        with served(tmp_path if kind == "conda" else science, admits) as address:
            settings = _here(Settings(), address)
            plain = replace(environment, python=replace(environment.python, pip=()))
            library.versions.register(plain)
            host = address.removeprefix("http://")
            with pytest.raises(Unavailable, match=f"^{host} rejected the credentials") as refused:
                lock(library, settings, "science", report=recorder)
            assert f"envstudio login {host}" in hint_of(refused.value)
            keep_login(host, login)
            found = lock(library, settings, "science", report=recorder).lock
            conda.install(found.platforms[0].find("numpy"), tmp_path / "prefix", own_platform(), recorder)
        assert "hunter2" not in found.to_json()
        assert "hunter2" not in recorder.text

    def test_a_private_index(self, library: Library, recorder: Recorder, tmp_path: Path) -> None:
        simple = _index(tmp_path)
        login = Login("basic", "hunter2@/", "ana")
        requests: list[str] = []

        def admits(path: str, header: str) -> int:
            requests.append(path)
            return 200 if header == login.header else 401

        with served(simple, admits) as address:
            option = PipOption("--index-url", f"{address}/simple")
            python = Python(version="3.12", pip=(pip_requirement("tiny"),), pip_options=(option,))
            library.versions.register(Environment("private", python))
            host = address.removeprefix("http://")
            with pytest.raises(Unavailable, match=f"^{host} rejected the credentials") as refused:
                lock(library, Settings(), "private", report=recorder)
            assert f"envstudio login {host}" in hint_of(refused.value)
            keep_login(host, login)
            found = lock(library, Settings(), "private", report=recorder).lock.platforms[0]
            files = wheels.download(found.packages, Settings(), recorder)
        assert found.packages[0].url.startswith(f"{address}/")
        assert all(path.exists() for path in files.values())
        assert "hunter2" not in found.packages[0].url + recorder.text


def _index(folder: Path) -> Path:
    """Make a package index with one small wheel."""
    import zipfile

    location = folder / "index" / "simple" / "tiny"
    location.mkdir(parents=True)
    name = "tiny-1.0-py3-none-any.whl"
    with zipfile.ZipFile(location / name, "w") as wheel:
        wheel.writestr("tiny.py", "VALUE = 1\n")
        wheel.writestr("tiny-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\nLicense: MIT\n")
        wheel.writestr("tiny-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("tiny-1.0.dist-info/RECORD", "")
    digest = hashlib.sha256((location / name).read_bytes()).hexdigest()
    (location / "index.html").write_text(f'<a href="{name}#sha256={digest}">{name}</a>')
    return folder / "index"


class TestFailures:
    """A clear error at once, and the lock that was there stays."""

    @pytest.fixture
    def locked(self, library: Library, environment: Environment, science: Path, recorder: Recorder) -> str:
        library.versions.register(replace(environment, python=replace(environment.python, pip=())))
        return lock(library, _here(Settings(), science.as_uri()), "science", report=recorder).lock.digest

    def _still(self, library: Library, digest: str) -> bool:
        newest = library.locks.newest("science")
        return newest is not None and newest.lock.digest == digest

    def test_a_channel_that_answers_404(
        self, library: Library, recorder: Recorder, tmp_path: Path, locked: str
    ) -> None:
        with served(tmp_path) as address, pytest.raises(Unavailable, match="cannot be read") as caught:
            lock(library, _here(Settings(), address), "science", options=AGAIN, report=recorder)
        assert "404" in caught.value.details
        assert self._still(library, locked)

    def test_a_server_that_never_answers_is_cancelled_at_once(
        self, library: Library, recorder: Recorder, locked: str
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings = _here(Settings(), f"http://127.0.0.1:{silent.getsockname()[1]}")
            threading.Timer(1.0, recorder.cancel).start()
            started = time.monotonic()
            with pytest.raises(Cancelled):
                lock(library, settings, "science", options=AGAIN, report=recorder)
            assert time.monotonic() - started < 3
        assert self._still(library, locked)

    def test_a_server_that_never_answers_times_out(self, library: Library, recorder: Recorder, locked: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings = replace(_here(Settings(), f"http://127.0.0.1:{silent.getsockname()[1]}"), timeout="1")
            started = time.monotonic()
            with pytest.raises(Unavailable, match="cannot be read") as caught:
                lock(library, settings, "science", options=AGAIN, report=recorder)
            assert time.monotonic() - started < 20
        assert "timed out" in caught.value.details
        assert self._still(library, locked)

    def test_an_index_that_never_answers_times_out(self, library: Library, recorder: Recorder) -> None:
        with socket.create_server(("127.0.0.1", 0)) as silent:
            settings = Settings(index=f"http://127.0.0.1:{silent.getsockname()[1]}/simple", timeout="1")
            library.versions.register(Environment("slow", Python(version="3.12", pip=(pip_requirement("rich"),))))
            started = time.monotonic()
            with pytest.raises(Unavailable, match="cannot be reached"):
                lock(library, settings, "slow", report=recorder)
            assert time.monotonic() - started < 30

    @pytest.mark.parametrize("way", ["file", "http"])
    @pytest.mark.parametrize("cached", [False, True])
    def test_a_package_whose_checksum_changed(
        self, science: Path, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, way: str, cached: bool
    ) -> None:
        monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
        (file,) = science.rglob("activating-*.conda")
        digest = hashlib.sha256(file.read_bytes()).hexdigest()
        with served(science) as address:
            url = f"{science.as_uri() if way == 'file' else address}/{own_platform()}/{file.name}"
            package = LockedPackage("activating", "1.0", "conda", url, digest, build="h0000000_0")
            if cached:
                conda.install([package], tmp_path / "good", own_platform(), recorder)
            with pytest.raises(EnvStudioError, match="not the file that was locked"):
                conda.install([replace(package, sha256="0" * 64)], tmp_path / "bad", own_platform(), recorder)


def test_offline_says_what_is_missing(library: Library, recorder: Recorder) -> None:
    python = Python(channels=("https://conda.example/never-read",), conda=(conda_requirement("numpy"),))
    library.versions.register(Environment("fresh", python))
    with pytest.raises(Unavailable, match=r"conda\.example/never-read"):
        lock(library, Settings(), "fresh", options=LockOptions(offline=True), report=recorder)


def test_the_stored_lock_knows_size_and_licence(
    library: Library, environment: Environment, science: Path, recorder: Recorder
) -> None:
    library.versions.register(environment)
    found = lock(library, _here(Settings(), science.as_uri()), "science", report=recorder).lock
    facts = {item.name: item for item in found.platform(own_platform()).packages}
    assert facts["numpy"].license
    assert facts["numpy"].size > 1_000_000
    assert json.loads(found.to_json())["platforms"][0]["virtual_packages"]


def test_what_was_locked_once_locks_offline(
    library: Library, environment: Environment, science: Path, recorder: Recorder
) -> None:
    library.versions.register(environment)
    settings = _here(Settings(), science.as_uri())
    online = lock(library, settings, "science", report=recorder).lock
    again = LockOptions(refresh=True, offline=True)
    assert lock(library, settings, "science", options=again, report=recorder).lock == online
    library.versions.register(environment.with_pip(pip_requirement("attrs==25.1.0")))
    with pytest.raises(Unavailable, match="without the network"):
        lock(library, settings, "science", options=again, report=recorder)


def test_one_version_locks_for_every_platform(library: Library, recorder: Recorder) -> None:
    packages = Python(version="3.12", pip=(pip_requirement("numpy>=2,<3"), pip_requirement("colorama")))
    library.versions.register(Environment("everywhere", packages))
    found = lock(
        library, Settings(), "everywhere", options=LockOptions(platforms=tuple(PLATFORMS)), report=recorder
    ).lock
    assert set(found.platform_names) == set(PLATFORMS)
    files = {item.platform: item.find("numpy")[0].file_name for item in found.platforms}
    assert "win_amd64" in files["win-64"]
    assert "macosx" in files["osx-arm64"]
    assert "aarch64" in files["linux-aarch64"]

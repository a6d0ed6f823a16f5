"""What all tests share: a home of their own, and a real container engine that is started if none runs."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import tempfile
from collections.abc import Generator, Iterator
from pathlib import Path

import keyring
import pytest
from engines import started
from memory_keyring import MemoryKeyring
from real_parts import CACHE, ROOT, BaseImage, lacking

from envstudio.engine import Engine, connect
from envstudio.errors import EnvStudioError, Unavailable


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the details of an error of ours, which its text leaves out."""
    report = yield
    error = call.excinfo.value if call.excinfo is not None else None
    if isinstance(error, EnvStudioError) and error.details:
        report.sections.append(("Details of the error", f"{item.name}: {error.details}"))
    return report


@pytest.fixture(autouse=True)
def _home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep tests away from the user's own settings and library; downloads are kept between runs."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("ENVSTUDIO_CONFIG", str(home / "settings.toml"))
    monkeypatch.setenv("ENVSTUDIO_DATA", str(home / "data"))
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(CACHE))
    for name in ("ENVSTUDIO_LIBRARY", "ENVSTUDIO_WORKSPACE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def engine() -> Iterator[Engine]:
    """Yield a real engine: the one that answers, else Docker Engine started for the tests."""
    try:
        found = connect()
    except Unavailable:
        found = None
    if found is not None:
        yield found
        found.close()
        return
    program = shutil.which("dockerd", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    if program is None or getattr(os, "geteuid", lambda: 1)() != 0:
        lacking("No container engine answers, and without dockerd and root none can be started.")
        return
    with (
        tempfile.TemporaryDirectory(prefix="envstudio-engine-", ignore_cleanup_errors=True) as folder,
        started(program, Path(folder)) as (address, own),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("DOCKER_HOST", address)
        yield own


@pytest.fixture(scope="session")
def corpus() -> Path:
    """Return the folder of real definition files, or skip."""
    folder = ROOT.parent / "shared" / "corpus"
    if not folder.is_dir():
        pytest.skip(f"The corpus is not on this machine ({folder.name} beside the checkout's folder).")
    return folder


@pytest.fixture
def kept_secrets() -> Iterator[dict[tuple[str, str], str]]:
    """Have a keyring, and return what is in it by service and name."""
    before, made = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(made)
    yield made.kept
    keyring.set_keyring(before)


@pytest.fixture(scope="session")
def base() -> BaseImage:
    """Return a base image made from the distribution's archive, if that can be done."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        release = {}
    suite = release.get("VERSION_CODENAME", "")
    debian = release.get("ID") in ("debian", "ubuntu") and suite
    if not (debian and shutil.which("mmdebstrap") and os.geteuid() == 0):
        lacking("A base image needs mmdebstrap and root on Debian or Ubuntu.")
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    found = subprocess.run(["/usr/bin/python3", "-c", code], capture_output=True, text=True, check=True)
    return BaseImage(f"mmdebstrap:{suite}?include=ca-certificates,python3", found.stdout.strip())

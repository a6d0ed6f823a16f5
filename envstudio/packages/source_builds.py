"""Packages that come as source, an sdist or a Git commit, built to wheels on this machine; each once.

The work is pip's, in an environment of its own that uv makes. A wheel that was built is kept by its source, so that
the same lock gives the same image here; elsewhere another compiler may make other bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from envstudio import paths, process
from envstudio.credentials import with_login
from envstudio.disk import disk_failure, writing
from envstudio.domain.canonical import sha256
from envstudio.domain.lock import LockedPackage
from envstudio.domain.platforms import own_platform
from envstudio.errors import BuildFailed, InvalidInput
from envstudio.packages import wheels
from envstudio.packages.uv import uv_program
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

RECIPE = "source-1"
SOURCE_DATE_EPOCH = "315532800"
"""1980-01-01, the oldest time that a wheel, which is a zip file, can hold."""


def is_source(package: LockedPackage) -> bool:
    """Tell whether a package has to be built before it can be unpacked."""
    return not package.file_name.endswith(".whl")


def with_wheels(
    packages: Sequence[LockedPackage], platform: str, python: str, settings: Settings, report: Report
) -> tuple[LockedPackage, ...]:
    """Return packages that all are wheels, those that came as source built, for Python "3.11" on a platform.

    A built one names its wheel in the cache of downloads. Raises `InvalidInput` where this machine cannot build for
    that platform, `BuildFailed`, `Cancelled`.
    """
    return tuple(_built(item, platform, python, settings, report) if is_source(item) else item for item in packages)


def _built(package: LockedPackage, platform: str, python: str, settings: Settings, report: Report) -> LockedPackage:
    if platform != own_platform():
        raise InvalidInput(
            f"{package.name} {package.version} has no wheel, and this machine cannot build one for {platform}.",
            "Build with Docker: --builder buildkit; or ask for a version that has a wheel.",
        )
    source = package.sha256 or package.url
    facts = paths.cache_dir("built", f"{sha256(f'{RECIPE} {source} {platform} {python}'.encode())}.json")
    known = _known(package, facts)
    if known is not None:
        return known
    with writing(facts.parent):
        facts.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=facts.parent) as folder:
            wheel = _wheel(package, python, Path(folder), settings, report)
            with wheel.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            made = replace(package, url=f"{paths.cache_dir('built').as_uri()}/{wheel.name}", sha256=digest, size=0)
            target = wheels.cached(made)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(wheel, target)
        facts.write_text(json.dumps({"wheel": wheel.name, "sha256": digest}), "utf-8")
    return made


def _known(package: LockedPackage, facts: Path) -> LockedPackage | None:
    """Return the wheel that was built before."""
    try:
        known = json.loads(facts.read_text("utf-8"))
    except (OSError, json.JSONDecodeError):
        return None
    url = f"{paths.cache_dir('built').as_uri()}/{known['wheel']}"
    made = replace(package, url=url, sha256=known["sha256"], size=0)
    return made if wheels.cached(made).exists() else None


def _wheel(package: LockedPackage, python: str, folder: Path, settings: Settings, report: Report) -> Path:
    """Build one wheel into a folder. Raises `BuildFailed`, `Cancelled`."""
    url = mirrored(package.url, settings.mirror_indexes)
    fragment = f"#sha256={package.sha256}" if package.sha256 and "#" not in url else ""
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{package.name} @ {with_login(url)}{fragment}\n", "utf-8")
    command = [uv_program(), "run", "--no-project", "--no-config", "--isolated", "--python", python, "--with", "pip"]
    command += ["--", "python", "-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(folder), "-r", str(requirements)]
    environment = {**os.environ, **settings.process_variables(), "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH}
    environment["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    if settings.index:
        environment |= {"PIP_INDEX_URL": with_login(settings.index), "UV_DEFAULT_INDEX": with_login(settings.index)}
    if settings.ca_certificates:
        environment["PIP_CERT"] = settings.ca_certificates
    finished = process.run(command, report, env=environment)
    made = sorted(folder.glob("*.whl"))
    if finished.exit_code != 0 or not made:
        words = "\n".join(text for text in (finished.stderr.strip(), finished.stdout.strip()) if text)[-4000:]
        raise disk_failure(words, folder) or BuildFailed(
            f"No wheel could be built of {package.name} {package.version}.",
            "Choose a version that has a wheel, or build with Docker: --builder buildkit.",
            words,
        )
    return made[0]

"""Packages that come as source, an sdist or a Git commit, built to wheels; each once, and only if the user allows it.

Building runs the code of whoever wrote the package. A builder does it in a container if it can (`builders/assembly`);
this one does it on this machine, with pip in an environment of its own that uv makes. A wheel that was built is kept by
its source and by where it was built, so that the same lock gives the same image here; elsewhere another compiler may
make other bytes.
"""

from __future__ import annotations

import json
import re
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from packaging.utils import InvalidSdistFilename, canonicalize_name, parse_sdist_filename

from envstudio import paths, process
from envstudio.archives import verified
from envstudio.consents import SOURCE_BUILDS, Consent, ConsentNeeded
from envstudio.credentials import with_login
from envstudio.disk import disk_failure, writing
from envstudio.domain.canonical import sha256
from envstudio.domain.lock import LockedPackage
from envstudio.domain.platforms import own_platform
from envstudio.errors import Act, BuildFailed, InvalidInput, Remedy
from envstudio.packages import wheels
from envstudio.packages.uv import uv_program
from envstudio.report import Report
from envstudio.settings import Settings, mirrored

RECIPE = "source-2"
SOURCE_DATE_EPOCH = "315532800"
"""1980-01-01, the oldest time that a wheel, which is a zip file, can hold."""


@dataclass(frozen=True, slots=True)
class Source:
    """What a wheel is built from: the package, its archive on this machine (None: it is in Git), and Python "3.11"."""

    package: LockedPackage
    archive: Path | None
    python: str

    @property
    def requirement(self) -> str:
        """What pip is asked for if it fetches the source itself; it may hold a login, and goes into private files."""
        return f"{self.package.name} @ {with_login(self.package.url)}"


class WheelBuilder(Protocol):
    """Where wheels are built. `built_in` is part of what decides a wheel's bytes."""

    @property
    def built_in(self) -> str: ...

    def build(self, source: Source, folder: Path, report: Report) -> Path:
        """Build a wheel into an empty folder and return it. Raises `BuildFailed`, `Cancelled`."""


def is_source(package: LockedPackage) -> bool:
    """Return whether a package has to be built before it can be unpacked."""
    return not package.file_name.endswith(".whl")


def origin_of(package: LockedPackage) -> str:
    """Return where a package comes from, as consents are kept: a repository without its commit, a host, or a folder.

    A host stands for an index only if the file is the package's own by its name: else a lock could call any other
    project of that host by the name of one that was allowed.
    """
    origin = origin_of_url(package.url)
    return origin.partition("/")[0] or origin if _is_own_sdist(package) else origin


def origin_of_url(url: str) -> str:
    """Return a repository without its commit, or the folder of a file with its host."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme.startswith("git"):
        return f"{parts.scheme}://{host}{re.sub(r'@[^@/]*$', '', parts.path)}"
    return host + (parts.path.rpartition("/")[0] or "/")


def _is_own_sdist(package: LockedPackage) -> bool:
    try:
        return parse_sdist_filename(package.file_name)[0] == canonicalize_name(package.name)
    except InvalidSdistFilename:
        return False


def subject_of(package: LockedPackage) -> str:
    """Return how building a package is named in consents."""
    return f"{package.name} from {origin_of(package)}"


def refuse_source_builds(packages: Sequence[LockedPackage], consent: Consent) -> None:
    """Raise `ConsentNeeded` for packages that would have to be built, unless all of them are allowed."""
    found = [item for item in packages if is_source(item) and not consent.allows(SOURCE_BUILDS, subject_of(item))]
    if found:
        names = ", ".join(f"{item.name} {item.version}" for item in found)
        raise ConsentNeeded(
            SOURCE_BUILDS,
            map(subject_of, found),
            f"{names} must be built from source, which runs its authors' code.",
            "Choose a version that has a wheel or, if you trust them, allow it.",
            "\n".join(map(subject_of, found)),
        )


def with_wheels(
    packages: Sequence[LockedPackage],
    platform: str,
    python: str,
    settings: Settings,
    report: Report,
    *,
    consent: Consent,
    builder: WheelBuilder | None = None,
) -> tuple[LockedPackage, ...]:
    """Return packages that all are wheels, those that came as source built, for Python "3.11" on a platform.

    A built one names its wheel in the cache of downloads. Without a builder they are built on this machine. Raises
    `ConsentNeeded`, `UnsafeArchive`, `BuildFailed`, `Cancelled`, and `InvalidInput` if this machine cannot build for
    that platform.
    """
    refuse_source_builds(packages, consent)
    chosen = builder or HostBuilder(platform, settings)
    return tuple(
        _built(item, platform, python, chosen, settings, report) if is_source(item) else item for item in packages
    )


def _built(
    package: LockedPackage, platform: str, python: str, builder: WheelBuilder, settings: Settings, report: Report
) -> LockedPackage:
    source = package.sha256 or package.url
    key = f"{RECIPE} {source} {platform} {python} {builder.built_in}"
    facts = paths.cache_dir("built", f"{sha256(key.encode())}.json")
    known = _known(package, facts)
    if known is not None:
        return known
    archive = None if package.url.startswith("git+") else wheels.files([package], settings, report)[0]
    with writing(facts.parent):
        facts.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=facts.parent) as folder:
            wheel = builder.build(Source(package, archive, python), Path(folder), report)
            digest = verified.hash_of(wheel)
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


class HostBuilder:
    """Builds wheels on this machine, with the rights of the user."""

    built_in = "host"

    def __init__(self, platform: str, settings: Settings) -> None:
        self._platform, self._settings = platform, settings

    def build(self, source: Source, folder: Path, report: Report) -> Path:
        """Build one wheel into a folder. Raises `BuildFailed`, `InvalidInput`, `Cancelled`."""
        package, settings = source.package, self._settings
        if self._platform != own_platform():
            raise InvalidInput(
                f"{package.name} {package.version} has no wheel, and this machine builds none for {self._platform}.",
                "Choose a version that has a wheel, or build with Docker.",
                code="wrong-platform-wheel",
                subject=package.name,
                remedy=Remedy(Act.CHOOSE_BUILDER, "buildkit"),
            )
        report.line(f"warning: building {package.name} {package.version} runs its code on this machine", "err")
        requirements = folder / "requirements.txt"
        requirements.write_text(f"{source.archive or source.requirement}\n", "utf-8")
        command = [uv_program(), "run", "--no-project", "--no-config", "--isolated", "--python", source.python]
        command += ["--with", "pip", "--", *pip_command("python", str(folder), str(requirements))]
        environment = {**settings.subprocess_environment(), **pip_variables(settings)}
        if settings.index:
            environment["UV_DEFAULT_INDEX"] = with_login(settings.index)
        finished = process.run(command, report, env=environment)
        made = sorted(folder.glob("*.whl"))
        if finished.exit_code != 0 or not made:
            words = "\n".join(text for text in (finished.stderr.strip(), finished.stdout.strip()) if text)[-4000:]
            raise disk_failure(words, folder) or build_failed(package, words)
        return made[0]


def pip_command(python: str, folder: str, requirements: str) -> list[str]:
    """Return the command that builds the wheel of one requirement into a folder."""
    return [python, "-m", "pip", "wheel", "--no-deps", "--wheel-dir", folder, "-r", requirements]


def pip_variables(settings: Settings) -> dict[str, str]:
    """Return the variables by which pip learns of the settings; they may hold a login."""
    index = mirrored(settings.index, settings.mirror_indexes)
    return {
        "SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **({"PIP_INDEX_URL": with_login(index)} if index else {}),
        **({"PIP_CERT": settings.ca_certificates} if settings.ca_certificates else {}),
    }


def build_failed(package: LockedPackage, words: str) -> BuildFailed:
    """Return the error for a package of which no wheel could be built."""
    return BuildFailed(
        f"No wheel could be built of {package.name} {package.version}.",
        "Choose a version that has a wheel, or build with Docker.",
        words,
        code="pip-build",
        subject=package.name,
        remedy=Remedy(Act.CHOOSE_BUILDER, "buildkit"),
    )

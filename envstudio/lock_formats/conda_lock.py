"""conda-lock.yml, written and read with conda-lock's own models (its schema version 1)."""

from __future__ import annotations

import re
from typing import Any

import yaml

from envstudio.domain.lock import Lock, LockedPackage
from envstudio.errors import InvalidInput
from envstudio.formats.format import Source
from envstudio.formats.source import located
from envstudio.formats.yaml_text import load_yaml
from envstudio.lock_formats.lock_format import LockFormat, LockRead, build_of, pinned, platform_lock

VERSION_LINE = re.compile(r"^version: \d+\s*$", re.MULTILINE)


def _write(lock: Lock, _platform: str) -> str:
    """Return the lock as a conda-lock.yml that `conda-lock install` accepts."""
    from conda_lock.lockfile.v1.models import Lockfile, LockMeta
    from conda_lock.models.channel import Channel

    metadata = LockMeta(
        content_hash={item.platform: lock.definition_digest.removeprefix("sha256:") for item in lock.platforms},
        channels=[Channel.from_string(channel) for channel in lock.channels],
        platforms=list(lock.platform_names),
        sources=["envstudio.yml"],
    )
    packages = [
        _dependency(package, item.platform)
        for item in lock.platforms
        for package in item.packages
        if package.manager == "conda" or package.sha256
    ]
    document = Lockfile(package=packages, metadata=metadata).dict_for_output()
    return "version: 1\n" + yaml.safe_dump(
        {"metadata": document["metadata"], "package": document["package"]}, sort_keys=False, allow_unicode=True
    )


def _dependency(package: LockedPackage, platform: str) -> Any:
    from conda_lock.lockfile.v1.models import HashModel, LockedDependency

    return LockedDependency(
        name=package.name,
        version=package.version,
        manager=package.manager,
        platform=platform,
        dependencies=dict(_split(text) for text in package.dependencies),
        url=package.url,
        hash=HashModel(md5=package.md5 or None, sha256=package.sha256 or None),
        build=package.build or None,
        category="main",
        optional=False,
    )


def _split(text: str) -> tuple[str, str]:
    name, _, rest = text.partition(" ")
    return name, rest


def _matches(source: Source) -> bool:
    text = f"\n{source.text}"
    return bool(VERSION_LINE.search(text)) and "\npackage:" in text and "\nmetadata:" in text


def _read(source: Source, name: str) -> LockRead:
    """Read all platforms. Raises `InvalidInput`."""
    from conda_lock.lockfile.v1.models import Lockfile
    from pydantic import ValidationError

    document = load_yaml(source).plain()
    if not isinstance(document, dict) or document.get("version") != 1:
        raise located(source.file_name, 1, "this is no conda-lock.yml of version 1.", "Write it again with conda-lock.")
    try:
        parsed = Lockfile.model_validate({key: value for key, value in document.items() if key != "version"})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InvalidInput(
            f"{source.file_name} is not a valid conda-lock.yml: {where}: {first['msg'].lower()}.",
            "Write it again with conda-lock.",
            str(error),
        ) from error
    packages: dict[str, list[LockedPackage]] = {platform: [] for platform in parsed.metadata.platforms}
    for item in parsed.package:
        packages.setdefault(item.platform, []).append(_package(item))
    platforms = tuple(platform_lock(platform, packages[platform]) for platform in sorted(packages))
    return pinned(name, tuple(channel.url for channel in parsed.metadata.channels), platforms)


def _package(item: Any) -> LockedPackage:
    """Return a package. For one from Git, conda-lock writes the commit where the sha256 belongs; the URL has it too."""
    from_git = item.url.startswith("git+")
    return LockedPackage(
        name=item.name,
        version=item.version,
        manager=item.manager,
        url=item.url,
        sha256="" if from_git else (item.hash.sha256 or "").lower(),
        md5="" if from_git else (item.hash.md5 or "").lower(),
        build=item.build or (build_of(item.url) if item.manager == "conda" else ""),
        dependencies=tuple(f"{name} {wanted}".rstrip() for name, wanted in item.dependencies.items()),
    )


FORMAT = LockFormat(
    "conda-lock", "conda-lock.yml", ("conda-lock.yml", "*conda-lock*.yml", "*.conda-lock.yaml"), _matches, _read, _write
)

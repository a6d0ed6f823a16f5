"""conda-lock.yml, written and read with conda-lock's own models (its schema version 1)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import yaml

from envstudio.domain.lock import Lock, LockedPackage
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import VCS_SCHEMES
from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.formats.boundary import located
from envstudio.formats.format import Source
from envstudio.formats.yaml_text import YamlValue, load_yaml
from envstudio.lock_formats.lock_format import LockFormat, LockRead, build_of, only_chosen, pinned, platform_lock
from envstudio.presentation.names import listed

WRITE_AGAIN = "Write it again with conda-lock."
MAIN = "main"
VERSION_LINE = re.compile(r"^version: \d+\s*$", re.MULTILINE)


def _write(lock: Lock, _platform: str) -> str:
    """Return the lock as a conda-lock.yml that `conda-lock install` accepts. Raises `InvalidInput`."""
    _refuse_without_md5(lock)
    try:
        document = _lockfile(lock).dict_for_output()
    except ValueError as error:
        # Of pydantic, or of urllib for a channel that is not an address.
        raise InvalidInput(
            "The lock holds something that conda-lock.yml cannot.",
            "Export it as pixi.lock, or lock again.",
            str(error),
            code="format-cannot-hold",
            remedy=Remedy(Act.EXPORT_LOCK, "pixi"),
        ) from error
    return "version: 1\n" + yaml.safe_dump(
        {"metadata": document["metadata"], "package": document["package"]}, sort_keys=False, allow_unicode=True
    )


def _lockfile(lock: Lock) -> Any:
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
    return Lockfile(package=packages, metadata=metadata)


def _refuse_without_md5(lock: Lock) -> None:
    """Raise `InvalidInput` for conda packages that the format cannot hold: conda-lock wants an MD5 hash of each."""
    lacking = [item for platform in lock.platforms for item in platform.of("conda") if not item.md5]
    if lacking:
        names = ", ".join(f"{item.name} {item.version}" for item in lacking[:5])
        raise InvalidInput(
            f"conda-lock.yml needs an MD5 hash of each conda package, and {len(lacking)} have none: {names}"
            f"{' …' if len(lacking) > 5 else ''}.",
            "Export the lock as pixi.lock, or lock again from a channel that lists MD5 hashes.",
            code="format-cannot-hold",
            remedy=Remedy(Act.EXPORT_LOCK, "pixi"),
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
    from conda_lock.lockfile.v1.models import LockedDependency, LockMeta

    root = load_yaml(source)
    if root.plain_of("version") != 1:
        raise located(source.file_name, 1, "this is not a conda-lock.yml of version 1.", WRITE_AGAIN)
    metadata = _valid(LockMeta, root, "metadata")
    packages: dict[str, list[LockedPackage]] = {platform: [] for platform in metadata.platforms}
    _, entries = root.entries.get("package", (root, YamlValue(source.file_name, 1, "null")))
    chosen = {MAIN, *source.choices.groups, *source.choices.extras}
    left: dict[str, dict[str, None]] = {}
    for number, entry in enumerate(entries.items):
        _refuse_unmanaged(entry)
        item = _valid(LockedDependency, root, "package", number)
        if item.category in chosen:
            packages.setdefault(item.platform, []).append(_package(item))
        else:
            left.setdefault(item.category, {})[item.name] = None
    wanted = only_chosen(packages, source)
    platforms = tuple(platform_lock(platform, wanted[platform]) for platform in sorted(wanted))
    read = pinned(name, tuple(channel.url for channel in metadata.channels), platforms)
    return replace(read, problems=(*read.problems, *_categories_left_out(left, read.lock)))


def _categories_left_out(left: Mapping[str, Iterable[str]], lock: Lock) -> Iterator[Problem]:
    """Name the packages of categories that are not chosen; one that another category has too is not left out."""
    taken = {package.name for item in lock.platforms for package in item.packages}
    for category, every in sorted(left.items()):
        names = [name for name in every if name not in taken]
        if names:
            yield Problem(
                "packages-left-out",
                Severity.INFO,
                f"package.{category}",
                f"The category {category} is not imported: {listed(names, 5)}.",
                "Choose it as a group when importing, if it is needed.",
            )


def _valid(model: Any, root: YamlValue, *path: str | int) -> Any:
    """Return a part of the file as conda-lock's model of it. Raises `InvalidInput` naming the line."""
    from pydantic import ValidationError

    try:
        return model.model_validate(root.plain_of(*path))
    except ValidationError as error:
        first = error.errors()[0]
        position = (*path, *first["loc"])
        reason = f"this is not a valid conda-lock.yml: {'.'.join(map(str, position))}: {first['msg'].lower()}."
        raise located(root.file, root.line_of(*position), reason, WRITE_AGAIN, str(error)) from error
    except (AttributeError, KeyError, TypeError) as error:
        # conda-lock's validators take the kinds of values for granted.
        reason = f"this is not a valid conda-lock.yml: {'.'.join(map(str, path))} holds a value of the wrong kind."
        raise located(root.file, root.line_of(*path), reason, WRITE_AGAIN, str(error)) from error


def _refuse_unmanaged(package: YamlValue) -> None:
    """Raise `InvalidInput` for a package without manager, on which conda-lock 4's model fails with a KeyError."""
    _, manager = package.entries.get("manager", (package, package))
    if package.kind == "map" and manager.raw not in ("conda", "pip"):
        raise manager.error("the manager of a package is conda or pip, and this is neither.", WRITE_AGAIN)


def _package(item: Any) -> LockedPackage:
    """Return a package. For one from Git, conda-lock writes the commit where the sha256 belongs; the URL has it too."""
    from_git = item.url.startswith(VCS_SCHEMES)
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

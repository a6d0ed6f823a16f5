"""conda packages in the cache, each kept by the sha256 of its bytes and checked before anything else reads it."""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

from envstudio import paths
from envstudio.archives import conda_package, verified
from envstudio.archives.conda_package import CondaContents
from envstudio.archives.rules import Limits, is_plain_name
from envstudio.disk import writing
from envstudio.domain.lock import LockedPackage
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.packages.channel_client import client
from envstudio.report import Report

if TYPE_CHECKING:
    import rattler

PARALLEL_DOWNLOADS = 8
POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class StoredPackage:
    """A package in the cache, whose bytes have the lock's hash and whose contents were checked."""

    package: LockedPackage
    file: Path
    contents: CondaContents


def stored(packages: Sequence[LockedPackage], limits: Limits, report: Report) -> tuple[StoredPackage, ...]:
    """Return the packages in the cache, fetched if they are not there. Those without a sha256 come back with one.

    Raises `UnsafeArchive` for a package that would do harm, `EnvStudioError` for one that is not what was locked,
    `Unavailable`, `Cancelled`.
    """
    found: dict[int, StoredPackage] = {}
    missing: list[int] = []
    for number, package in enumerate(packages):
        report.raise_if_cancelled()
        known = _known(package, limits)
        if known is None:
            missing.append(number)
        else:
            found[number] = known
    if missing:
        fetched = asyncio.run(_fetch_all([packages[number] for number in missing], report))
        for number, (package, file) in zip(missing, fetched, strict=True):
            report.raise_if_cancelled()
            found[number] = StoredPackage(package, file, _contents(package, file, limits))
    return tuple(found[number] for number in range(len(packages)))


def with_link_scripts(packages: Iterable[LockedPackage]) -> tuple[str, ...]:
    """Return the names of the packages that are known to have link scripts: those that were fetched before.

    Nothing is fetched, so that a package is known by its sha256 alone.
    """
    folder = _scripts_folder()
    return tuple(sorted(item.name for item in packages if item.sha256 and (folder / item.sha256).exists()))


def left_out(names: Sequence[str]) -> str:
    """Return the sentence that names packages whose link scripts are left out."""
    return f"the link scripts of {', '.join(names)} are left out: nothing of a package is run while it is installed"


def _scripts_folder() -> Path:
    return paths.cache_dir("link-scripts")


def _place(package: LockedPackage) -> Path:
    if not is_plain_name(package.file_name):
        raise InvalidInput(f"{package.url!r} is not the address of a conda package.", "Lock again.")
    return paths.cache_dir("conda-packages", package.sha256[:2], package.sha256, package.file_name)


def _known(package: LockedPackage, limits: Limits) -> StoredPackage | None:
    """Return a package that the cache has with the right bytes."""
    if not package.sha256:
        return None
    file = _place(package)
    if not file.exists():
        return None
    facts = verified.facts_of(file, package.sha256)
    if facts is not None and (contents := _from_facts(facts)) is not None:
        return StoredPackage(package, file, contents)
    if verified.hash_of(file) != package.sha256:
        file.unlink()
        return None
    return StoredPackage(package, file, _contents(package, file, limits))


def _contents(package: LockedPackage, file: Path, limits: Limits) -> CondaContents:
    """Check a package and keep what it holds."""
    contents = conda_package.checked(file, package.file_name, limits)
    facts = {
        "rules": conda_package.RULES,
        "files": contents.files,
        "links": contents.links,
        "scripts": contents.scripts,
        "programs": contents.programs,
    }
    verified.note(file, package.sha256, facts)
    if contents.scripts:
        # A file of its own, because whoever locks asks this of many packages at once.
        with suppress(OSError):
            _scripts_folder().mkdir(parents=True, exist_ok=True)
            (_scripts_folder() / package.sha256).write_text("\n".join(contents.scripts), "utf-8")
    return contents


def _from_facts(facts: dict[str, Any]) -> CondaContents | None:
    if facts.get("rules") != conda_package.RULES:
        return None
    return CondaContents(tuple(facts["files"]), dict(facts["links"]), tuple(facts["scripts"]), tuple(facts["programs"]))


async def _fetch_all(packages: Sequence[LockedPackage], report: Report) -> list[tuple[LockedPackage, Path]]:
    """Fetch several packages at once, watching for a cancel."""
    slots = asyncio.Semaphore(PARALLEL_DOWNLOADS)
    source = client(item.url for item in packages)
    done = 0

    async def one(package: LockedPackage) -> tuple[LockedPackage, Path]:
        nonlocal done
        async with slots:
            fetched = await _fetch(package, source)
        done += 1
        report.progress(done, len(packages), "conda packages")
        return fetched

    tasks = [asyncio.ensure_future(one(item)) for item in packages]
    try:
        while not all(task.done() for task in tasks):
            finished, _ = await asyncio.wait(tasks, timeout=POLL_SECONDS, return_when=asyncio.FIRST_EXCEPTION)
            for task in finished:
                task.result()
            report.raise_if_cancelled()
        return [task.result() for task in tasks]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _fetch(package: LockedPackage, source: rattler.Client) -> tuple[LockedPackage, Path]:
    """Fetch one package, compare it with the lock, and put it in place."""
    folder = paths.cache_dir("conda-packages", "new")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=folder))
    part = work / "package"
    try:
        with writing(part):
            await _copy(package, part, source)
            sha256, md5 = await asyncio.to_thread(_hashes, part)
        if (package.sha256 and sha256 != package.sha256) or (not package.sha256 and package.md5 and md5 != package.md5):
            raise _changed(package, sha256, md5)
        hashed = replace(package, sha256=sha256)
        target = _place(hashed)
        with writing(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part.replace(target)
        return hashed, target
    finally:
        shutil.rmtree(work, ignore_errors=True)


async def _copy(package: LockedPackage, part: Path, source: rattler.Client) -> None:
    from rattler.package_streaming import download_to_path

    if package.url.startswith("file:"):
        await asyncio.to_thread(_copy_file, package, part)
        return
    try:
        await download_to_path(source, package.url, part)
    except RuntimeError as error:
        # rattler has no error of its own for what the network or a server does here.
        raise Unavailable(
            f"{package.file_name} cannot be downloaded.",
            "Check the network, and the logins, mirrors, proxy and CA certificates in the settings.",
            f"{package.url}\n{error}",
            code="network",
            subject=package.file_name,
            remedy=Remedy(Act.SET_SETTING, "mirror_channels"),
        ) from error


def _copy_file(package: LockedPackage, part: Path) -> None:
    """Copy a package of a channel on this machine: a link to it would change when the channel does."""
    try:
        source = Path(url2pathname(urlsplit(package.url).path)).open("rb")  # noqa: SIM115 - closed below
    except OSError as error:
        raise Unavailable(f"{package.file_name} cannot be read.", "Check the channel's folder.", str(error)) from error
    with source, part.open("wb") as target:
        shutil.copyfileobj(source, target, 1 << 20)


def _hashes(file: Path) -> tuple[str, str]:
    """Return sha256 and md5 of a file."""
    sha256, md5 = hashlib.sha256(), hashlib.md5(usedforsecurity=False)
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            sha256.update(chunk)
            md5.update(chunk)
    return sha256.hexdigest(), md5.hexdigest()


def _changed(package: LockedPackage, sha256: str, md5: str) -> EnvStudioError:
    kind, locked, found = ("sha256", package.sha256, sha256) if package.sha256 else ("md5", package.md5, md5)
    return EnvStudioError(
        f"{package.name} {package.version} is not the file that was locked.",
        "Lock again, and ask the channel's owner why the file changed.",
        f"{package.url}\nlocked {kind} {locked}\nfound  {kind} {found}",
        code="hash-mismatch",
        subject=package.name,
        remedy=Remedy(Act.LOCK_AGAIN),
    )

"""Which files each package of a lock brings, kept by the package's sha256 once it was fetched.

Lists hold paths below the environment, and for each a text that files of the same bytes have in common: a wheel's
member its size and CRC-32 (it is compared with those of other wheels to tell the user what differs, and guards
nothing), a launcher what it starts, and "" for files of conda packages, of which linking may change the bytes.
"""

from __future__ import annotations

import configparser
import json
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from envstudio import paths
from envstudio.archives import wheel as wheel_archive
from envstudio.archives.conda_package import CondaContents
from envstudio.archives.rules import Limits
from envstudio.domain.lock import LockedPackage
from envstudio.domain.shared_files import SharedFile, shared_files
from envstudio.errors import EnvStudioError
from envstudio.packages import conda_store, wheels
from envstudio.packages.cache_files import write_whole
from envstudio.packages.install_order import install_order
from envstudio.report import Report

Files = dict[str, str]

SITE, PROGRAMS = "site-packages/", "python-scripts/"
"""Where packages that are for any Python have modules and programs, in the words of conda's noarch packages."""

CONDA_META = "conda-meta/"


def files_in_common(
    packages: Sequence[LockedPackage], platform: str, python: str, limits: Limits, report: Report
) -> tuple[SharedFile, ...]:
    """Return what packages bring that others bring too. conda packages that are missing are fetched; wheels are there.

    `python` is "3.11". Raises as `conda_store.stored` does.
    """
    unknown = [item for item in packages if item.manager == "conda" and _kept(item) is None]
    for package in conda_store.stored(unknown, limits, report) if unknown else ():
        _keep(package.package, _of_conda(package.contents))
    for item in packages:
        if item.manager == "pip" and _kept(item) is None:
            _keep(item, _of_wheel(wheels.cached(item)))
    return known_in_common(packages, platform, python)


def known_in_common(packages: Sequence[LockedPackage], platform: str, python: str) -> tuple[SharedFile, ...]:
    """Return what packages bring that others bring too, of those that were fetched before; nothing is fetched."""
    folds = platform.startswith(("osx", "win"))

    def number(path: str) -> int:
        # Numbers take a tenth of the room of the paths, of which there may be some hundred thousand.
        return hash(path.casefold() if folds else path)

    seen: set[int] = set()
    twice: set[int] = set()
    for item in packages:
        own = {number(path) for path, _ in _placed(item, platform, python)}
        twice |= seen & own
        seen |= own
    if not twice:
        return ()
    found = {
        item: {path: text for path, text in _placed(item, platform, python) if number(path) in twice}
        for item in packages
    }
    return shared_files(install_order(packages), found, ignores_case=folds)


def _of_conda(contents: CondaContents) -> Files:
    files = dict.fromkeys((*contents.files, *contents.links, *(f"{PROGRAMS}{item}" for item in contents.programs)), "")
    return {path: text for path, text in files.items() if not path.startswith(CONDA_META)}


def _of_wheel(file: Path) -> Files:
    """Return the files of a wheel, launchers included. Raises `zipfile.BadZipFile`, `OSError`."""
    found: Files = {}
    with wheel_archive.opened(file) as archive:
        for member in archive.infolist():
            if member.is_dir():
                continue
            path = _installed(member.filename)
            if path:
                found[path] = f"{member.file_size} {member.CRC:08x}"
            if member.filename.endswith(".dist-info/entry_points.txt"):
                text = archive.read(member).decode("utf-8", "replace")
                found |= {f"{PROGRAMS}{name}": f"starts {target}" for name, target in _launchers(text).items()}
    return found


def _installed(member: str) -> str:
    """Return where a member goes; "" for headers, whose folder is named after the project."""
    folder, _, rest = member.partition("/")
    if not folder.endswith(".data"):
        return SITE + member
    scheme, _, inside = rest.partition("/")
    places = {"purelib": SITE, "platlib": SITE, "scripts": PROGRAMS, "data": ""}
    return places[scheme] + inside if scheme in places else ""


def _launchers(text: str) -> dict[str, str]:
    parser = configparser.ConfigParser(delimiters="=", strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    with suppress(configparser.Error):
        # An installer says what is wrong.
        parser.read_string(text)
    sections = (parser[name] for name in ("console_scripts", "gui_scripts") if parser.has_section(name))
    return {name: target for section in sections for name, target in section.items()}


def _placed(package: LockedPackage, platform: str, python: str) -> Iterator[tuple[str, str]]:
    """Yield where the files of a package go on a platform, as far as they are known, and what their bytes are."""
    files = _kept(package) or {}
    if package.manager == "conda" and "/noarch/" not in package.url:
        yield from files.items()
        return
    windows = platform.startswith("win")
    site = "Lib/site-packages/" if windows else f"lib/python{python}/site-packages/"
    programs = "Scripts/" if windows else "bin/"
    for path, text in files.items():
        if path.startswith(SITE):
            yield site + path.removeprefix(SITE), text
        elif path.startswith(PROGRAMS):
            yield programs + path.removeprefix(PROGRAMS), text
        else:
            yield path, text


def _record(package: LockedPackage) -> Path:
    return paths.cache_dir("file-lists", package.sha256[:2], f"{package.sha256}.json")


def _kept(package: LockedPackage) -> Files | None:
    if not package.sha256:
        return None
    try:
        document = json.loads(_record(package).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) else None


def _keep(package: LockedPackage, files: Files) -> None:
    """Keep a list; one that cannot be kept is made again next time."""
    with suppress(EnvStudioError):
        write_whole(_record(package), json.dumps(files))

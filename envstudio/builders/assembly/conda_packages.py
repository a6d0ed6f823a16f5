"""conda packages: linked by rattler for the path inside the image, and cut into one tar fragment a package."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from envstudio import paths
from envstudio.archives.rules import Limits, UnsafeArchive, safe_path
from envstudio.builders.assembly import activation
from envstudio.builders.assembly.bytecode import Compilers, cached_path, is_compiled, survives
from envstudio.builders.assembly.bytecode_store import Compiler
from envstudio.builders.assembly.installation import Installation, Prefix
from envstudio.builders.assembly.layers import Fragment, FragmentWriter
from envstudio.builders.assembly.workers import in_parallel
from envstudio.disk import writing
from envstudio.domain.lock import LockedPackage
from envstudio.packages.cache_files import sweep
from envstudio.packages.conda import install
from envstudio.report import Report

RECIPE = "conda-3"
"""Changes whenever the same package would be linked to other bytes."""

META_DROPPED = ("link", "requested_spec", "requested_specs", "extracted_package_dir", "package_tarball_full_path")
"""Parts of conda-meta records that describe this machine, not the package."""


class LinkedTree:
    """The conda packages of a lock, linked into a temporary folder when first needed; use as a context."""

    def __init__(
        self, packages: Sequence[LockedPackage], platform: str, prefix: Prefix, limits: Limits, report: Report
    ) -> None:
        self.packages, self.platform = packages, platform
        self._prefix, self._limits, self._report = prefix, limits, report
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def root(self) -> Path:
        """The folder that stands for the prefix. Raises `EnvStudioError`, `Cancelled` if it must be made first."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(
                prefix="envstudio-link-", dir=_work_folder(), ignore_cleanup_errors=True
            )
            root, inside = Path(self._folder.name), self._prefix.path
            install(self.packages, root, self.platform, self._report, inside=inside, limits=self._limits)
        return Path(self._folder.name)

    def __enter__(self) -> LinkedTree:
        return self

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()


def key(package: LockedPackage, platform: str, prefix: Prefix, compilers: Compilers) -> str:
    """Return what decides the bytes of a linked package."""
    return f"{RECIPE}\n{_identity(package)}\n{platform}\n{prefix.path}\n{prefix.python}\n{compilers.key}"


def fragments(
    tree: LinkedTree,
    installation: Installation,
    done: Callable[[LockedPackage, Fragment], None] = lambda _package, _fragment: None,
) -> list[Fragment]:
    """Return the fragments of linked packages, linking if one is missing; `done` is called with each as it comes.

    Raises `EnvStudioError`, `Cancelled`.
    """
    prefix, compilers = installation.prefix, installation.compilers
    keys = {item.name: key(item, tree.platform, prefix, compilers) for item in tree.packages}
    known = {item.name: installation.cache.find(keys[item.name], item.name) for item in tree.packages}
    missing = [item for item in tree.packages if known[item.name] is None]
    for package in tree.packages:
        fragment = known[package.name]
        if fragment is not None:
            done(package, fragment)
    if missing:
        root = tree.root

        def cut(package: LockedPackage) -> Fragment:
            return _cut(package, root, keys[package.name], installation)

        made = in_parallel(cut, missing, installation.report, weigh=lambda item: item.size, done=done)
        known |= {item.name: item for item in made}
    return [item for item in known.values() if item is not None]


def _work_folder() -> Path:
    """Return a folder on the disk of the package cache, so that files can be hard-linked."""
    folder = paths.cache_dir("work")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    sweep(folder, "envstudio-link-*")
    return folder


def _cut(package: LockedPackage, root: Path, cache_key: str, installation: Installation) -> Fragment:
    """Write the files that one package linked into a fragment, each source with its bytecode."""
    prefix = installation.prefix
    session = installation.cache.write(cache_key, package.name, installation.report.raise_if_cancelled)
    meta = root / "conda-meta" / f"{package.name}-{package.version}-{package.build}.json"
    facts: dict[str, Any] = json.loads(meta.read_text("utf-8"))
    if outside := [name for name in facts["files"] if not safe_path(name)]:
        raise UnsafeArchive(package.file_name, f"its file {outside[0]!r} lies outside the package")
    sources = {_own_path(package, name): root / name for name in facts["files"]}
    identity = f"{_identity(package)}\n{prefix.path}\n{prefix.python}"
    with session as writer, installation.compilers.of_package(identity) as compiler:
        bytecode = _bytecode(sources, prefix, compiler) if compiler else iter(())
        compiled = set()
        for path, data in bytecode:
            compiled.add(path)
            writer.add_bytes(f"{prefix.path}/{path}".lstrip("/"), data)
        for path in sorted(sources.keys() - compiled):
            _add(writer, sources[path], f"{prefix.path}/{path}".lstrip("/"))
        _note_activation(writer, sources)
        kept = {name: value for name, value in sorted(facts.items()) if name not in META_DROPPED}
        _forget_neighbours(package, kept)
        _record_bytecode(kept, compiled)
        text = json.dumps(kept, sort_keys=True, indent=1)
        writer.add_bytes(f"{prefix.path}/conda-meta/{meta.name}".lstrip("/"), text.encode())
    return session.fragment


def _note_activation(writer: FragmentWriter, files: Mapping[str, Path]) -> None:
    """Keep beside the fragment what of the package takes part in activation: texts of variables, names of scripts."""
    for path, file in files.items():
        if activation.holds_variables(path):
            writer.notes[path] = file.read_text("utf-8")
        elif activation.is_script(path):
            writer.notes[path] = ""


def _bytecode(files: Mapping[str, Path], prefix: Prefix, compiler: Compiler) -> Iterator[tuple[str, bytes]]:
    """Yield path and bytes of the bytecode that a package lacks, or that its files' new time makes worthless."""
    library = f"lib/python{prefix.python}/"
    for path in sorted(files):
        if not (path.startswith(library) and is_compiled(path)):
            continue
        target = cached_path(path, prefix.python)
        if target in files and _survives(files[target]):
            continue
        data = compiler.compiled(f"{prefix.path}/{path}", files[path].read_bytes())
        if data:
            yield target, data


def _survives(file: Path) -> bool:
    with file.open("rb") as stream:
        return survives(stream.read(8))


def _record_bytecode(facts: dict[str, Any], compiled: set[str]) -> None:
    """List bytecode in the record of an installed package as conda does for what it compiles itself."""
    facts["files"] = sorted({*facts["files"], *compiled})
    if "paths_data" in facts:
        others = [entry for entry in facts["paths_data"]["paths"] if entry["_path"] not in compiled]
        own = [{"_path": path, "path_type": "pyc_file"} for path in compiled]
        facts["paths_data"]["paths"] = sorted([*others, *own], key=lambda entry: str(entry["_path"]))


def _own_path(package: LockedPackage, name: str) -> str:
    """Return where a file goes when the package is alone.

    rattler moves a file that another package has too to `__clobbers__/PACKAGE/…`. A fragment must not depend on its
    neighbours, so it holds the file at its own place; which one an image shows is decided by the order of its layers.
    """
    return name.removeprefix(f"__clobbers__/{package.name}/")


def _forget_neighbours(package: LockedPackage, facts: dict[str, Any]) -> None:
    """Make the record of an installed package what it is when the package is alone."""
    facts["files"] = sorted(_own_path(package, name) for name in facts["files"])
    for entry in facts.get("paths_data", {}).get("paths", []):
        entry["_path"] = _own_path(package, entry["_path"])
        entry.pop("original_path", None)


def _identity(package: LockedPackage) -> str:
    """Return what tells the package's bytes: its sha256, else its md5 and address."""
    return package.sha256 or f"{package.md5} {package.url}"


def _add(writer: FragmentWriter, source: Path, path: str) -> None:
    """Add one linked file, link or empty folder."""
    if source.is_symlink():
        writer.add_symlink(path, str(source.readlink()))
    elif source.is_dir():
        writer.add_directory(path)
    else:
        status = source.stat()
        with source.open("rb") as stream:
            executable = is_program(stream) if os.name == "nt" else bool(status.st_mode & 0o111)
            writer.add_file(path, stream, status.st_size, executable=executable)


def is_program(stream: IO[bytes]) -> bool:
    """Recognise a program by its first bytes; a Windows disk keeps no bit for it."""
    head = stream.read(4)
    stream.seek(0)
    return head == b"\x7fELF" or head.startswith(b"#!")

"""Deterministic layers: each package becomes a tar fragment once, and layers are put together from fragments.

A fragment is a run of tar members, directories left out, without the end-of-archive blocks. A layer is the fragments
of its packages one after the other, then the directories of all of them, each once (engines refuse a path that comes
twice in a layer), then two zero blocks. Fragments are kept in the cache by what decides their bytes; a layer's sha256
(OCI: its diff id) is kept by the fragments that it consists of, so that an unchanged layer is never read again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

from envstudio import paths
from envstudio.archives import verified
from envstudio.disk import writing
from envstudio.domain.canonical import sha256
from envstudio.domain.image import LayerContents
from envstudio.errors import Act, EnvStudioError, Remedy
from envstudio.packages.cache_files import sweep, write_whole

EPOCH = 315532800
"""1980-01-01, the oldest time that every archive format can hold; all members carry it."""

BLOCK = 512
TRAILER = b"\0" * (2 * BLOCK)
CHUNK = 1 << 20
SPOOL_BYTES = 8 << 20
OWN_LAYER_BYTES = 1 << 20
MAX_LAYERS = 99
"""Of packages, on top of the base; one more makes them an environment."""

BUCKETS = 16


@dataclass(frozen=True, slots=True)
class Fragment:
    """The tar members of one package. `digest` is the sha256 of the bytes, `diff_id` that of it as a whole layer.

    `notes` are what the writer wanted to be known without reading the members again.
    """

    name: str
    path: Path
    size: int
    digest: str
    diff_id: str
    directories: tuple[str, ...]
    notes: Mapping[str, str] = field(default_factory=dict, compare=False)

    def files(self) -> set[str]:
        """Return the paths of all files and links."""
        return set(self.path.with_suffix(".paths").read_text("utf-8").split("\0"))


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: its diff id ("sha256:…"), its size in bytes, and the fragments that it is made of."""

    diff_id: str
    fragments: tuple[Fragment, ...]

    @property
    def size(self) -> int:
        return sum(item.size for item in self.fragments) + len(self._end())

    def _end(self) -> bytes:
        return _directory_members({path for item in self.fragments for path in item.directories}) + TRAILER

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(fragment.name for fragment in self.fragments)

    def contents(self) -> LayerContents:
        """Return the sizes of the layer and of its packages."""
        return LayerContents(self.diff_id, self.size, tuple((item.name, item.size) for item in self.fragments))

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes of the layer."""
        for fragment in self.fragments:
            with fragment.path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    yield chunk
        yield self._end()


class FragmentWriter:
    """Writes tar members with fixed owner, mode and time, and hashes them on the way.

    `check` is called before each write and may raise, which leaves no fragment.
    """

    def __init__(self, stream: IO[bytes], check: Callable[[], None]) -> None:
        self._stream = stream
        self._check = check
        self._hash = hashlib.sha256()
        self.directories: set[str] = set()
        self.files: list[str] = []
        self.notes: dict[str, str] = {}
        self.size = 0

    def _write(self, data: bytes) -> None:
        self._check()
        self._stream.write(data)
        self._hash.update(data)
        self.size += len(data)

    def add_file(self, path: str, stream: IO[bytes], size: int, *, executable: bool = False) -> None:
        """Add a file at `path`, which is relative to the root of the image."""
        self.files.append(path)
        self.add_directory(path.rpartition("/")[0])
        self._write(_member(path, size=size, mode=0o755 if executable else 0o644).tobuf(tarfile.PAX_FORMAT))
        while chunk := stream.read(CHUNK):
            self._write(chunk)
        self._write(b"\0" * (-size % BLOCK))

    def add_bytes(self, path: str, data: bytes, *, executable: bool = False) -> None:
        """Add a small file."""
        self.add_file(path, io.BytesIO(data), len(data), executable=executable)

    def add_symlink(self, path: str, target: str) -> None:
        """Add a symbolic link."""
        self.files.append(path)
        self.add_directory(path.rpartition("/")[0])
        member = _member(path, mode=0o777, kind=tarfile.SYMTYPE)
        member.linkname = target
        self._write(member.tobuf(tarfile.PAX_FORMAT))

    def add_directory(self, path: str) -> None:
        """Note a directory and its parents, which the layer will hold."""
        while path and path not in self.directories:
            self.directories.add(path)
            path = path.rpartition("/")[0]

    def digests(self) -> tuple[str, str]:
        """Return the fragment's sha256, and the diff id that it has as a layer of its own."""
        whole = self._hash.copy()
        whole.update(_directory_members(self.directories) + TRAILER)
        return self._hash.hexdigest(), "sha256:" + whole.hexdigest()


def _directory_members(directories: Iterable[str]) -> bytes:
    """Return the members of directories, parents first."""
    members = (_member(path + "/", mode=0o755, kind=tarfile.DIRTYPE) for path in sorted(directories))
    return b"".join(member.tobuf(tarfile.PAX_FORMAT) for member in members)


def _member(path: str, *, size: int = 0, mode: int, kind: bytes = tarfile.REGTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(path)
    member.size, member.mode, member.type, member.mtime = size, mode, kind, EPOCH
    return member


class FragmentCache:
    """Fragments on disk by key; a fragment is complete or absent, whoever is killed."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or paths.cache_dir("layers")
        self._swept = False

    def find(self, key: str, name: str) -> Fragment | None:
        """Return the fragment kept under a key, else None; one whose bytes are not what was kept is none."""
        facts = self.folder / f"{sha256(key.encode())}.json"
        path = facts.with_suffix(".tar")
        try:
            known = json.loads(facts.read_text("utf-8"))
            if known.get("status") != verified.status_of(path) and not _still_is(path, known, facts):
                return None
            size, digest, diff_id, notes = (known[field] for field in ("size", "digest", "diff_id", "notes"))
            return Fragment(name, path, size, digest, diff_id, tuple(known["directories"]), notes)
        except (FileNotFoundError, KeyError, json.JSONDecodeError):
            return None

    def write(self, key: str, name: str, check: Callable[[], None] = lambda: None) -> FragmentSession:
        """Begin a fragment that will be kept under a key when it is finished; `check` may stop it by raising."""
        if not self._swept:
            with writing(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
            sweep(self.folder, "*.part")
            self._swept = True
        return FragmentSession(self.folder, sha256(key.encode()), name, check)


def _still_is(path: Path, known: dict[str, Any], facts: Path) -> bool:
    """Hash a fragment whose file is not the one that was written, and keep that it has the same bytes if so."""
    if verified.hash_of(path) != known["digest"]:
        return False
    known["status"] = verified.status_of(path)
    write_whole(facts, json.dumps(known))
    return True


class FragmentSession:
    """One fragment being written: use as a context, then read `fragment`."""

    def __init__(self, folder: Path, key: str, name: str, check: Callable[[], None]) -> None:
        self._folder, self._key, self._name, self._check = folder, key, name, check
        self._stream: IO[bytes] | None = None
        self._fragment: Fragment | None = None

    def __enter__(self) -> FragmentWriter:
        with writing(self._folder):
            self._stream = tempfile.NamedTemporaryFile(dir=self._folder, suffix=".part", delete=False)
        self._writer = FragmentWriter(self._stream, self._check)
        return self._writer

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._stream is not None
        part = Path(self._stream.name)
        try:
            with writing(self._folder):
                if error is not None:
                    raise error
                self._stream.close()
                self._keep(part)
        finally:
            with contextlib.suppress(OSError):
                # What a full disk did not take is still to be written, and fails again.
                self._stream.close()
            part.unlink(missing_ok=True)

    def _keep(self, part: Path) -> None:
        """Put what was written in its place, and beside it what is known about it."""
        digest, diff_id = self._writer.digests()
        path = self._folder / f"{self._key}.tar"
        part.replace(path)
        directories = tuple(sorted(self._writer.directories))
        write_whole(path.with_suffix(".paths"), "\0".join(self._writer.files))
        size, notes = self._writer.size, self._writer.notes
        facts = {"size": size, "digest": digest, "diff_id": diff_id, "directories": directories, "notes": notes}
        facts["status"] = verified.status_of(path)
        write_whole(path.with_suffix(".json"), json.dumps(facts))
        self._fragment = Fragment(self._name, path, size, digest, diff_id, directories, notes)

    @property
    def fragment(self) -> Fragment:
        """Return the finished fragment."""
        assert self._fragment is not None
        return self._fragment


def spooled(stream: IO[bytes]) -> tuple[IO[bytes], int]:
    """Copy a stream to where it can be measured and read again; large ones go to disk. Raises `EnvStudioError`."""
    spool = tempfile.SpooledTemporaryFile(SPOOL_BYTES)  # noqa: SIM115 - handed to the caller
    with writing(Path(tempfile.gettempdir())):
        shutil.copyfileobj(stream, spool, CHUNK)
    size = spool.tell()
    spool.seek(0)
    return spool, size


def stacking(weights: Mapping[str, int], room: int = MAX_LAYERS, replacing: Sequence[str] = ()) -> list[str]:
    """Return the packages that have a layer of their own, lowest first, from the sizes of their archives in bytes.

    An engine needs every layer above a changed one again, so large packages lie low. Sizes count by powers of two, so
    that a new version of a package rarely moves it. Packages that bring the same files as others, which are
    `replacing`, lie in that order, whatever their size.
    """

    def low(name: str) -> tuple[int, str]:
        return -weights[name].bit_length(), name

    apart = set(replacing)
    large = sorted((name for name, size in weights.items() if size >= OWN_LAYER_BYTES and name not in apart), key=low)
    kept = large[: max(room - BUCKETS - len(apart), 0)]
    return _in_order(sorted([*kept, *apart], key=low), replacing)


def _in_order(names: Iterable[str], replacing: Sequence[str]) -> list[str]:
    """Return names with those that are `replacing` in that order, at the places that they have among the others."""
    following, moved = iter(replacing), set(replacing)
    return [next(following) if name in moved else name for name in names]


def bucket(name: str) -> int:
    """Return the number of the bucket that a package without a layer of its own goes to."""
    return int(sha256(name.encode())[:8], 16) % BUCKETS


def arrange(
    fragments: Sequence[Fragment],
    cache: FragmentCache,
    weights: Mapping[str, int] | None = None,
    room: int = MAX_LAYERS,
    replacing: Sequence[str] = (),
) -> tuple[Layer, ...]:
    """Put fragments into at most `room` layers: one for each large package, and buckets by name for the rest.

    `weights` are the sizes of the packages' archives (default: of the fragments); they decide the order, which is
    stable: a package that changes moves no other to another layer. `replacing` are the packages that bring the same
    files as others, each after those whose files it replaces. Raises `EnvStudioError` if there is no room.
    """
    own = stacking({item.name: item.size for item in fragments} if weights is None else weights, room, replacing)
    by_name = {item.name: item for item in fragments}
    buckets: dict[int, list[Fragment]] = {}
    for item in sorted(fragments, key=lambda item: item.name):
        if item.name not in own:
            buckets.setdefault(bucket(item.name), []).append(item)
    small = [layer for number in sorted(buckets) for layer in _bucket(buckets[number], cache)]
    layers = (*(single(by_name[name]) for name in own), *small)
    if len(layers) > room:
        # Packages that bring the same paths need a layer each, whatever their bucket; then only few groups will do.
        by_size = sorted(by_name, key=lambda name: (-by_name[name].size, name))
        layers = tuple(_bucket([by_name[name] for name in _in_order(by_size, replacing)], cache))
    if len(layers) > room:
        raise EnvStudioError(
            f"The packages need {len(layers)} layers, but an image on this base has room for {room}.",
            "Choose a base image with fewer layers.",
            code="too-many-layers",
            remedy=Remedy(Act.EDIT_IMAGE),
        )
    return layers


def single(fragment: Fragment) -> Layer:
    """Return the layer that holds one fragment."""
    return Layer(fragment.diff_id, (fragment,))


def _bucket(fragments: list[Fragment], cache: FragmentCache) -> list[Layer]:
    """Return the layer of some fragments, or several if two of them hold the same path; hashed only once in life."""
    by_digest = {item.digest: item for item in fragments}
    known = cache.folder / f"{sha256(' '.join(by_digest).encode())}.layers"
    try:
        facts = json.loads(known.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        facts = [[_diff_id(group), [item.digest for item in group]] for group in _without_clashes(by_digest.values())]
        write_whole(known, json.dumps(facts))
    return [Layer(diff_id, tuple(by_digest[digest] for digest in digests)) for diff_id, digests in facts]


def _without_clashes(fragments: Iterable[Fragment]) -> list[tuple[Fragment, ...]]:
    """Group fragments so that no path comes twice in a group; of two that clash, the later one wins in the image."""
    groups: list[list[Fragment]] = []
    seen: list[set[str]] = []
    for fragment in fragments:
        files = fragment.files()
        first = next((number for number in range(len(groups)) if all(files.isdisjoint(s) for s in seen[number:])), None)
        if first is None:
            groups.append([])
            seen.append(set())
            first = len(groups) - 1
        groups[first].append(fragment)
        seen[first] |= files
    return [tuple(group) for group in groups]


def _diff_id(group: tuple[Fragment, ...]) -> str:
    digest = hashlib.sha256()
    for chunk in Layer("", group).chunks():
        digest.update(chunk)
    return "sha256:" + digest.hexdigest()

"""A disk that is full, read-only or forbidden is reported in one way, whoever writes."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from disks import read_only, tiny_disk

from envstudio.builders.assembly import bytecode_store
from envstudio.builders.assembly.layers import FragmentCache, spooled
from envstudio.builders.assembly.oci import LayerBlob, OciImage
from envstudio.builders.bases import Base, from_engine
from envstudio.builders.builder import BuildRequest
from envstudio.builders.direct import write_image
from envstudio.disk import disk_failure, explained, writing
from envstudio.domain.environment import Environment
from envstudio.domain.lock import LockedPackage
from envstudio.errors import EnvStudioError
from envstudio.packages import wheels
from envstudio.packages.cache_files import write_whole
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.export import write_files

LARGE = os.urandom(1 << 20)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Path]:
    with tiny_disk(tmp_path / "tiny") as location:
        yield location


class Verbatim:
    """A compiler whose bytecode is the source."""

    def compiled(self, path: str, source: bytes) -> bytes:
        return source


def a_fragment(folder: Path) -> None:
    with FragmentCache(folder / "layers").write("key", "name") as writer:
        writer.add_bytes("opt/env/x", LARGE)


def bytecode(folder: Path) -> None:
    with bytecode_store.recorded(Verbatim(), folder / "bytecode" / "x") as compiler:
        compiler.compiled("x.py", LARGE)


def a_wheel(folder: Path) -> None:
    source = folder.parent / "tidy-1.0-py3-none-any.whl"
    source.write_bytes(LARGE)
    package = LockedPackage("tidy", "1.0", "pip", source.as_uri(), hashlib.sha256(LARGE).hexdigest())
    wheels.download([package], Settings(), silent())


def an_image(kind: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        layer = LayerBlob("sha256:" + hashlib.sha256(LARGE).hexdigest(), len(LARGE), ("x",), lambda: iter([LARGE]))
        config = {"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": [layer.diff_id]}}
        request = BuildRequest(Environment("x"), 1, "", None, Settings(), None, ("x:1",))
        write_image(kind, folder / "image", OciImage(config, (layer,)), request, silent())

    return write


WRITERS: dict[str, Callable[[Path], None]] = {
    "fragment": a_fragment,
    "bytecode": bytecode,
    "facts": lambda folder: write_whole(folder / "facts.json", LARGE.hex()),
    "export": lambda folder: write_files({folder / "environment.yml": LARGE}),
    "wheel": a_wheel,
    "oci layout": an_image("oci"),
    "oci archive": an_image("oci-archive"),
    "docker archive": an_image("docker-archive"),
}


@pytest.mark.parametrize("what", WRITERS)
def test_a_full_disk_is_told_and_nothing_half_written_stays(
    full: Path, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(full))
    with pytest.raises(EnvStudioError, match=r"cannot be written: the disk is full\.") as caught:
        WRITERS[what](full)
    assert str(full) in caught.value.summary
    assert caught.value.advice
    assert [path for path in full.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("what", WRITERS)
def test_a_read_only_disk_is_told(full: Path, what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(full))
    read_only(full)
    with pytest.raises(EnvStudioError, match=r"cannot be written: the disk is read-only\."):
        WRITERS[what](full)


def test_temporary_files_have_a_disk_too(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(full))
    monkeypatch.setattr("envstudio.builders.assembly.layers.SPOOL_BYTES", 1)
    with pytest.raises(EnvStudioError, match="the disk is full"):
        spooled(io.BytesIO(LARGE))


def test_layers_of_the_engine_need_a_folder(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(full))
    read_only(full)
    base = Base("x", f"sha256:{0:064}", {}, (LayerBlob(f"sha256:{1:064}", 0),), None)
    with pytest.raises(EnvStudioError, match="read-only"):
        from_engine.with_layers(base, None, silent())  # type: ignore[arg-type]  the engine is not reached


def test_what_is_no_matter_of_the_disk_passes(tmp_path: Path) -> None:
    gone = tmp_path / "elsewhere" / "wheel"
    with pytest.raises(FileNotFoundError), writing(tmp_path / "cache"):
        gone.read_bytes()
    with pytest.raises(ConnectionResetError), writing(tmp_path):
        raise ConnectionResetError(errno.ECONNRESET, "reset")
    with pytest.raises(ssl.SSLError), writing(tmp_path):
        raise ssl.SSLError(errno.EPERM, "bad record mac")
    assert isinstance(explained(ConnectionResetError(errno.ECONNRESET, "reset")), ConnectionResetError)
    assert isinstance(explained(ValueError("x")), ValueError)


def test_a_file_elsewhere_is_named_in_the_place_of_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "source").mkdir()
    with (
        pytest.raises(EnvStudioError, match=r"source cannot be used: (there is a folder|that is not)"),
        writing(tmp_path / "cache" / "wheel"),
    ):
        (tmp_path / "source").read_bytes()


def test_a_part_beside_a_relative_place_is_told_as_that_place(full: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(full)
    read_only(full)
    with pytest.raises(EnvStudioError, match=r"^image\.tar cannot be written"), writing(Path("image.tar")):
        (full / ".envstudio-x").mkdir()


def test_a_path_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(EnvStudioError, match="a file is where a folder should be"):
        write_files({tmp_path / "file" / "environment.yml": b"x"})
    with pytest.raises(EnvStudioError, match="there is a folder of that name"):
        write_files({tmp_path: b"x"})
    with pytest.raises(EnvStudioError, match="the path is too long"):
        write_files({tmp_path / ("x" * 300): b"x"})


def test_an_error_that_escaped_its_writer_names_its_file() -> None:
    messages = explained(OSError(errno.ENOSPC, "No space left on device", "/data/x"))
    assert str(messages) == "/data/x cannot be used: the disk is full."
    assert str(explained(OSError(errno.EROFS, "Read-only"))) == "A file cannot be used: the disk is read-only."


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("failed to write: No space left on device (os error 28)", "the disk is full"),
        ("error: I/O: os error 28", "the disk is full"),
        ("mkdir: cannot create directory: Read-only file system", "the disk is read-only"),
        ("OSError: [Errno 122] Disk quota exceeded", "the quota of the disk is used up"),
    ],
)
def test_words_of_other_programs_are_known(words: str, reason: str) -> None:
    messages = disk_failure(words, Path("/cache"))
    assert messages is not None
    assert reason in messages.summary
    assert messages.details == words
    assert disk_failure("no solution found", Path("/cache")) is None

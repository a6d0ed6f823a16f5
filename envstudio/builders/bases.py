"""Base images: from the engine, from an OCI layout, made from a distribution's archive by mmdebstrap, or none.

A base is named as in a Dockerfile, or as `scratch`, `oci:FOLDER`, or `mmdebstrap:SUITE?include=PACKAGES`. Image
mirrors of the settings may map an ordinary name to any of these.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

from envstudio import paths, process
from envstudio.builders.layers import write_whole
from envstudio.builders.oci import LayerBlob, file_layer, known_file_layer
from envstudio.domain.digest import sha256
from envstudio.engine import Engine, EngineImage, archive_members
from envstudio.errors import EnvStudioError, InvalidInput, Unavailable
from envstudio.report import Report, silent
from envstudio.settings import Settings, mirrored

RECIPE = "base-2"
"""Changes whenever the same base would be made of other bytes."""

SOURCE_DATE_EPOCH = "1767225600"
"""2026-01-01: with it mmdebstrap makes the same bytes from the same archive."""

PYTHONS = ("/usr/local/bin/python3", "/usr/bin/python3", "/opt/conda/bin/python3")
PYTHON_NAME = re.compile(r"python(3\.\d+)$")
DPKG_STATUS = "/var/lib/dpkg/status"
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
MMDEBSTRAP = "mmdebstrap:"
KEPT_VARIABLES = {"path", "home", "tmpdir", "http_proxy", "https_proxy", "no_proxy", "apt_config"}
"""All of this process's variables that a base image is made with, so that the others cannot change it."""


@dataclass(frozen=True, slots=True)
class Base:
    """A base image. `digest` is its identity; `python` its interpreter's path and "3.11", where it has one.

    `engine_image` names it in the engine where it came from there, so that its layers need not be fetched.
    `python_release` is the interpreter's full version ("3.11.2") where that can be told without running it.
    """

    reference: str
    digest: str
    config: Mapping[str, Any]
    layers: tuple[LayerBlob, ...]
    python: tuple[str, str] | None
    architecture: str = "amd64"
    engine_image: str = ""
    python_release: str = ""

    @property
    def path(self) -> str:
        """The PATH that the base sets."""
        entries = dict(item.partition("=")[::2] for item in self.config.get("Env") or [])
        return str(entries.get("PATH", DEFAULT_PATH))


def find(reference: str, platform: str, settings: Settings, engine: Engine | None, report: Report) -> Base:
    """Return the base that a reference means, after the settings' mirrors. Raises `EnvStudioError`."""
    source = mirrored(reference, settings.mirror_images)
    if source != reference:
        report.line(f"{reference} comes from {source} (mirror)")
    architecture = platform.rpartition("/")[2]
    if source == "scratch":
        return Base("scratch", "scratch", {}, (), None, architecture)
    if source.startswith(MMDEBSTRAP):
        return _from_archive(source, architecture, report)
    if source.startswith("oci:"):
        return _of_architecture(_from_layout(Path(source.removeprefix("oci:"))), architecture)
    if engine is None:
        raise Unavailable(
            f"The base image {source} cannot be had without a container engine.",
            "Start Docker or Podman, or map the image to mmdebstrap:SUITE or oci:FOLDER in the image mirrors.",
        )
    image = engine.find(source)
    if image is None or image.architecture != architecture:
        image = engine.pull(source, platform, report)
    return _of_architecture(_from_engine(source, image, engine), architecture)


def known(reference: str, platform: str, settings: Settings, engine: Engine | None) -> Base | None:
    """Return the base that a reference means where it is here already; nothing is fetched, made or started."""
    source = mirrored(reference, settings.mirror_images)
    architecture = platform.rpartition("/")[2]
    if source.startswith(MMDEBSTRAP):
        tar = _archive(source, architecture)[0]
        return _from_archive(source, architecture, silent()) if tar.exists() else None
    if source == "scratch" or source.startswith("oci:"):
        return find(reference, platform, settings, engine, silent())
    image = engine.find(source) if engine else None
    if engine is None or image is None or image.architecture != architecture:
        return None
    if not _interpreter_facts(image).exists():
        return Base(source, image.image_id, image.config, _engine_layers(source, image), None, architecture)
    return _from_engine(source, image, engine)


def _of_architecture(base: Base, architecture: str) -> Base:
    """Return a base for that processor. Raises `InvalidInput` for one of another."""
    if base.architecture != architecture:
        raise InvalidInput(
            f"The base image {base.reference} is for {base.architecture}, but {architecture} is wanted.",
            "Choose a base image for that platform, or build for the base's own.",
        )
    return base


def _from_engine(reference: str, image: EngineImage, engine: Engine) -> Base:
    layers = _engine_layers(reference, image)
    known = _cached_python(image, engine)
    python = (known[0], known[1]) if known else None
    release = known[2] if known else ""
    return Base(reference, image.image_id, image.config, layers, python, image.architecture, image.image_id, release)


def _engine_layers(reference: str, image: EngineImage) -> tuple[LayerBlob, ...]:
    return tuple(LayerBlob(diff_id, 0, (reference,)) for diff_id in image.diff_ids)


def _interpreter_facts(image: EngineImage) -> Path:
    return paths.cache_dir("bases", f"{image.image_id.removeprefix('sha256:')}.interpreter.json")


def _cached_python(image: EngineImage, engine: Engine) -> list[str] | None:
    """Return path, version and release of an image's interpreter, looking into an image once in its life."""
    facts = _interpreter_facts(image)
    try:
        known = json.loads(facts.read_text("utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        found = _interpreter(engine.link_target(image.image_id, PYTHONS))
        known = None
        if found:
            status = engine.read_file(image.image_id, DPKG_STATUS) or b""
            known = [*found, _told_release(image.config, found[1]) or _debian_release(status, found)]
        facts.parent.mkdir(parents=True, exist_ok=True)
        write_whole(facts, json.dumps(known))
    return list(known) if known else None


def _told_release(config: Mapping[str, Any], minor: str) -> str:
    """Return the release that the official Python images tell in a variable."""
    told = dict(item.partition("=")[::2] for item in config.get("Env") or []).get("PYTHON_VERSION", "")
    return told if re.fullmatch(re.escape(minor) + r"\.\d+", told) else ""


def _debian_release(status: bytes, python: tuple[str, str]) -> str:
    """Return the release of Debian's or Ubuntu's interpreter from the list of installed packages."""
    path, minor = python
    package = f"Package: python{minor}-minimal\n".encode()
    if not path.startswith("/usr/bin/") or package not in status:
        return ""
    found = re.search(rb"^Version: (\d+\.\d+\.\d+)", status.split(package, 1)[1].split(b"\n\n", 1)[0], re.MULTILINE)
    return found.group(1).decode() if found else ""


def _interpreter(link: tuple[str, str] | None) -> tuple[str, str] | None:
    """Return an interpreter's full path and version from `python3` and what it links to."""
    if link is None:
        return None
    path, target = link
    name = target.rsplit("/", 1)[-1]
    found = PYTHON_NAME.fullmatch(name)
    return (f"{path.rsplit('/', 1)[0]}/{name}", found.group(1)) if found else None


def with_layers(base: Base, engine: Engine | None, report: Report) -> Base:
    """Return the base with the bytes of its layers, fetching them from the engine where they are there only.

    Raises `EnvStudioError`, `Cancelled`.
    """
    if all(layer.chunks is not None for layer in base.layers):
        return base
    assert engine is not None
    folder = paths.cache_dir("bases", base.digest.removeprefix("sha256:"))
    if not (folder / "done").exists():
        _save_layers(base, engine, folder, report)
    layers = [
        known_file_layer(folder / f"{layer.diff_id.removeprefix('sha256:')}.tar", base.reference, layer.diff_id)
        for layer in base.layers
    ]
    return replace(base, layers=tuple(layers), engine_image="")


def _save_layers(base: Base, engine: Engine, folder: Path, report: Report) -> None:
    """Take the layers out of `docker save`, and name each by its diff id."""

    def watched() -> Iterator[bytes]:
        for chunk in engine.save(base.engine_image):
            report.raise_if_cancelled()
            yield chunk

    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        for member, stream in archive_members(watched()):
            if stream is not None and (member.name.endswith("layer.tar") or member.name.startswith("blobs/")):
                part = Path(work) / "part"
                with part.open("wb") as file:
                    shutil.copyfileobj(stream, file)
                part.replace(folder / f"{file_layer(part, '').diff_id.removeprefix('sha256:')}.tar")
    missing = [
        layer.diff_id for layer in base.layers if not (folder / f"{layer.diff_id.removeprefix('sha256:')}.tar").exists()
    ]
    if missing:
        raise EnvStudioError(f"The engine did not hand out all layers of {base.reference}.", "Pull it again.")
    (folder / "done").write_text("", "utf-8")


def _archive(source: str, architecture: str) -> tuple[Path, str, list[str]]:
    """Return the tar that a base from an archive is kept in, its suite, and what it includes. Raises `InvalidInput`."""
    suite, _, query = source.removeprefix(MMDEBSTRAP).partition("?")
    include = sorted(filter(None, ",".join(parse_qs(query).get("include", [])).split(",")))
    if not re.fullmatch(r"[a-z]+", suite):
        raise InvalidInput(f"{source} names no suite.", "Write for instance mmdebstrap:bookworm?include=python3.")
    key = sha256(f"{RECIPE} {suite} {include} {architecture} {SOURCE_DATE_EPOCH}".encode())[:32]
    return paths.cache_dir("bases", f"{suite}-{key}.tar"), suite, include


def _from_archive(source: str, architecture: str, report: Report) -> Base:
    """Return a base made from the archive of Debian or Ubuntu, making it where the cache lacks it."""
    tar, suite, include = _archive(source, architecture)
    if not tar.exists():
        _mmdebstrap(suite, include, architecture, tar, report)
    facts = tar.with_suffix(".json")
    try:
        known = json.loads(facts.read_text("utf-8"))
        release = known["release"]
    except (FileNotFoundError, KeyError, json.JSONDecodeError):
        found = _python_in_tar(tar)
        release = _debian_release(_file_in_tar(tar, DPKG_STATUS), found) if found else ""
        known = {"diff_id": file_layer(tar, source).diff_id, "python": found, "release": release}
        write_whole(facts, json.dumps(known))
    python = (known["python"][0], known["python"][1]) if known["python"] else None
    config = {"Env": [f"PATH={DEFAULT_PATH}"], "Cmd": ["/bin/sh"]}
    layer = known_file_layer(tar, source, known["diff_id"])
    return Base(source, known["diff_id"], config, (layer,), python, architecture, "", release)


def _mmdebstrap(suite: str, include: list[str], architecture: str, target: Path, report: Report) -> None:
    """Make a root file system as a tar. Needs mmdebstrap and, to keep owners, root."""
    if shutil.which("mmdebstrap") is None:
        raise Unavailable(
            "mmdebstrap is not installed, so no base image can be made from the distribution's archive.",
            "Install it (apt-get install mmdebstrap), or choose another base image.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    # A name of its own, because two builds may make the same base at once.
    part = target.with_name(f"{target.stem}.{uuid4().hex}.part.tar")
    command = ["mmdebstrap", "--variant=minbase", f"--architectures={architecture}"]
    command += [f"--include={','.join(include)}"] if include else []
    environment = {name: value for name, value in os.environ.items() if name.lower() in KEPT_VARIABLES}
    # Programs of the new system must not leave bytecode that depends on when or by whom they were run.
    environment |= {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    try:
        finished = process.run([*command, suite, str(part)], report, env=environment)
        if finished.exit_code != 0:
            raise EnvStudioError(
                f"No base image could be made from the archive of {suite}.",
                "Check the network and that the suite exists; mmdebstrap's words are below.",
                finished.stderr.strip()[-2000:],
            )
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def _python_in_tar(tar: Path) -> tuple[str, str] | None:
    """Return the interpreter of a root file system."""
    with tarfile.open(tar) as archive:
        for path in PYTHONS:
            for name in (f".{path}", path.lstrip("/")):
                try:
                    member = archive.getmember(name)
                except KeyError:
                    continue
                return _interpreter((path, member.linkname or path))
    return None


def _file_in_tar(tar: Path, path: str) -> bytes:
    """Return a file of a root file system; nothing where it has none."""
    with tarfile.open(tar) as archive:
        for name in (f".{path}", path.lstrip("/")):
            try:
                stream = archive.extractfile(name)
            except KeyError:
                continue
            return stream.read() if stream else b""
    return b""


def _from_layout(folder: Path) -> Base:
    """Return a base from an OCI image layout whose layers are uncompressed."""
    blobs = folder / "blobs"

    def blob(digest: str) -> Path:
        return blobs / digest.replace(":", "/", 1)

    try:
        index = json.loads((folder / "index.json").read_text("utf-8"))
        manifest = json.loads(blob(index["manifests"][0]["digest"]).read_text("utf-8"))
        config = json.loads(blob(manifest["config"]["digest"]).read_text("utf-8"))
    except (OSError, KeyError, IndexError, json.JSONDecodeError) as error:
        raise InvalidInput(
            f"{folder} is not an OCI image layout.", "Name a folder with index.json and blobs.", str(error)
        ) from error
    if any(not layer["mediaType"].endswith(".tar") for layer in manifest["layers"]):
        raise InvalidInput(f"The layers of {folder} are compressed.", "Write it again with uncompressed layers.")
    layers = tuple(
        known_file_layer(blob(layer["digest"]), str(folder), diff_id)
        for layer, diff_id in zip(manifest["layers"], config["rootfs"]["diff_ids"], strict=True)
    )
    pythons = [_python_in_tar(blob(layer["digest"])) for layer in manifest["layers"]]
    python = next((item for item in pythons if item), None)
    release = _told_release(config.get("config") or {}, python[1]) if python else ""
    architecture = str(config.get("architecture", "amd64"))
    digest = str(manifest["config"]["digest"])
    return Base(f"oci:{folder}", digest, config.get("config") or {}, layers, python, architecture, "", release)

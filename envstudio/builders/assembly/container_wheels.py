"""Wheels of source packages, built in a container of the base image if that has what it needs, else on this machine."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path

from envstudio import paths
from envstudio.builders.assembly.loading import Loader
from envstudio.builders.assembly.oci import OciImage
from envstudio.builders.assembly.part_images import PartOwner
from envstudio.builders.bases import Base
from envstudio.disk import writing
from envstudio.domain.canonical import sha256
from envstudio.domain.hashes import hex_of
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.packages.cache_files import write_whole
from envstudio.packages.source_builds import HostBuilder, Source, build_failed, pip_command, pip_variables
from envstudio.report import Report
from envstudio.settings import Settings

FOLDER = "/envstudio-build"
CERTIFICATES = f"{FOLDER}/certificates.pem"
NO_COMPILER = re.compile(
    r"(?:gcc|g\+\+|cc|c\+\+|clang|cargo|rustc|cmake|ninja|make|gfortran)'?:? (?:failed: )?"
    r"(?:No such file|command not found|not found)|Unknown compiler|can't find Rust compiler",
    re.IGNORECASE,
)
"""What builds say when a program that compiles is missing."""


class ContainerBuilder:
    """Builds wheels in containers of a base image; what that cannot build is built on this machine, with a warning.

    Use as a context: a base that the engine lacks is loaded into it when the first wheel is built, and removed again.
    """

    def __init__(
        self, engine: Engine | None, base: Base, python: str, host: HostBuilder, settings: Settings, report: Report
    ) -> None:
        self._engine, self._base, self._python = engine, base, python
        self._host, self._settings, self._report = host, settings, report
        self._exits = ExitStack()

    @property
    def built_in(self) -> str:
        """Where wheels are built, for the key of the cache."""
        return f"container of {self._base.digest}" if self._why_not is None else self._host.built_in

    def build(self, source: Source, folder: Path, report: Report) -> Path:
        """Build a wheel into an empty folder and return it. Raises `BuildFailed`, `Cancelled`."""
        why_not = self._why_not or self._no_git(source)
        if why_not is None:
            wheel, words = self._in_container(source, folder, report)
            if wheel is not None:
                return wheel
            if not NO_COMPILER.search(words):
                raise build_failed(source.package, words[-4000:])
            why_not = "the base image has no compiler for it"
        report.line(f"{source.package.name} is not built in a container: {why_not}")
        return self._host.build(source, folder, report)

    @cached_property
    def _why_not(self) -> str | None:
        """Why nothing can be built in a container of the base; None if it can."""
        if self._engine is None:
            return "there is no container engine"
        if self._base.python is None or self._base.python[1] != self._python:
            return f"the base image has no Python {self._python}"
        return (
            None if self._has("pip", [self._base.python[0], "-m", "pip", "--version"]) else "the base image has no pip"
        )

    def _no_git(self, source: Source) -> str | None:
        if source.archive is not None:
            return None
        if source.package.url.startswith("git+file:"):
            return "its repository is a folder of this machine"
        return None if self._has("git", ["git", "--version"]) else "the base image has no git"

    def _has(self, name: str, command: list[str]) -> bool:
        """Return whether the base has a program; each base is asked once in its life."""
        facts = paths.cache_dir("bases", f"{hex_of(self._base.digest, self._base.reference)}.{name}.json")
        try:
            return bool(json.loads(facts.read_text("utf-8")))
        except (OSError, ValueError):
            assert self._engine is not None
            found = self._engine.run_with_files(self._image, command, Report(), files={}).exit_code == 0
            write_whole(facts, json.dumps(found))
            return found

    @cached_property
    def _image(self) -> str:
        """The base's name in the engine."""
        assert self._engine is not None
        return self._base.engine_image or self._exits.enter_context(_loaded(self._base, self._engine, self._report))

    def __enter__(self) -> ContainerBuilder:
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _in_container(self, source: Source, folder: Path, report: Report) -> tuple[Path | None, str]:
        """Return the wheel that a container made, or what it said instead."""
        assert self._engine is not None
        assert self._base.python is not None
        name = source.archive.name if source.archive else ""
        requirement = f"{FOLDER}/{name}" if name else source.requirement
        files = {f"{FOLDER}/requirements.txt": f"{requirement}\n".encode()}
        if source.archive is not None:
            files[f"{FOLDER}/{name}"] = source.archive.read_bytes()
        variables = {**self._settings.process_variables(), **pip_variables(self._settings)}
        if self._settings.ca_certificates:
            files[CERTIFICATES] = Path(self._settings.ca_certificates).expanduser().read_bytes()
            variables |= {"PIP_CERT": CERTIFICATES, "SSL_CERT_FILE": CERTIFICATES}
        command = pip_command(self._base.python[0], f"{FOLDER}/wheels", f"{FOLDER}/requirements.txt")
        report.line(f"building {source.package.name} {source.package.version} in a container of the base image")
        done = self._engine.run_with_files(
            self._image,
            command,
            report,
            files=files,
            environment=variables,
            network=self._settings.build_network,
            wanted=f"{FOLDER}/wheels",
        )
        found = next((item for item in done.files if item.endswith(".whl")), None)
        if done.exit_code != 0 or found is None:
            return None, done.output
        wheel = folder / found
        with writing(wheel):
            wheel.write_bytes(done.files[found])
        return wheel, done.output


@contextmanager
def _loaded(base: Base, engine: Engine, report: Report) -> Iterator[str]:
    """Yield the name of a base that is in the engine as long as the context lasts."""
    with PartOwner() as owner:
        config = {
            "architecture": base.architecture,
            "os": "linux",
            "config": {**base.config, "Labels": dict(owner.labels)},
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in base.layers]},
        }
        name = f"envstudio-part/{sha256(base.digest.encode())[:16]}:{os.getpid()}"
        with Loader(engine, base, "", report) as loader:
            loader.finish(OciImage(config, base.layers), (name,))
        try:
            yield name
        finally:
            with suppress(EnvStudioError):
                engine.remove_image(name, force=True)

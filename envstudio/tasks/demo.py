"""demo: the main job on real input, step by step; what cannot run on this machine is reported with its reason."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from envstudio import paths
from envstudio.domain.amounts import size_text
from envstudio.domain.image_name import mirrored_image
from envstudio.engine import connect
from envstudio.errors import Act, EnvStudioError, Remedy, Unavailable
from envstudio.library import Library
from envstudio.presentation.comparison import comparison_lines
from envstudio.report import Line, Report
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build
from envstudio.tasks.compare import compare
from envstudio.tasks.edit import Edits, edit
from envstudio.tasks.import_files import import_path
from envstudio.tasks.lock import LockOptions, lock
from envstudio.tasks.run import run

NAME = "churn-train"
DEBIANS = {"debian", "ubuntu"}
Say = Callable[[str], None]


def demo(folder: Path | None, given: Settings, *, say: Say, report: Report) -> dict[str, Any]:
    """Import, register, edit, compare, lock, run, build and run again; return where things are.

    Raises `EnvStudioError` if a step that this machine could do failed.
    """
    folder = (folder or paths.data_dir() / "demo").absolute()
    folder.mkdir(parents=True, exist_ok=True)
    library_file = folder / "library.sqlite"
    _forget_last_demo(folder, library_file)
    with Library.open(library_file, who=given.who()) as library:
        job = _Demo(library, given, folder, say, report)
        job.define()
        job.lock_and_compare()
        job.run_here()
        job.build_and_run()
        say("")
        say(f"Done. {library.events.verify().entries} log entries, all verified.")
    say(f"Library  {library_file}")
    say("Open it  make run, or choose that library in the window")
    return {"library": str(library_file), **job.facts}


def _forget_last_demo(folder: Path, library_file: Path) -> None:
    """Begin anew, but keep whatever the last demo's library became: the user may have worked in it."""
    if not library_file.exists():
        return
    kept = folder / f"library-{datetime.now().astimezone():%Y%m%d-%H%M%S}.sqlite"
    with contextlib.closing(sqlite3.connect(library_file)) as source, contextlib.closing(sqlite3.connect(kept)) as copy:
        source.backup(copy)
    for suffix in ("", "-wal", "-shm"):
        library_file.with_name(library_file.name + suffix).unlink(missing_ok=True)


class _Demo:
    """The steps, and what they learned."""

    def __init__(self, library: Library, given: Settings, folder: Path, say: Say, report: Report) -> None:
        self.library, self.settings, self.folder, self.say, self.report = library, given, folder, say, report
        self.facts: dict[str, Any] = {}
        self._step = 0

    def step(self, text: str) -> None:
        """Announce the next step."""
        self._step += 1
        self.say("")
        self.say(f"{self._step}. {text}")

    def define(self) -> None:
        """Import, register, edit and compare."""
        source = paths.resource("demo", "requirements.txt")
        python = _python_version()
        edits = Edits(python=python, base_image=f"python:{python}-slim", set_variables=("TREES=20",))
        self.step(f"Import {source.name}, on top of {edits.base_image}, and register it as version 1.")
        imported = import_path(self.library, source, name=NAME, edits=edits, report=self.report)
        first = self.library.find(NAME).environment
        self.say(f"   read as {imported.format_id}: {', '.join(item.text for item in first.python.pip)}")
        for problem in imported.problems:
            self.say(f"   {problem.severity}: {problem.message}")
        self.say(f"   {NAME}:{imported.registered.version} {imported.registered.digest[:19]}")

        self.step("Edit a package and a variable, and register version 2.")
        second = edit(
            self.library,
            NAME,
            Edits(add_pip=("pandas>=2.2,<3",), set_variables=("TREES=40",)),
            message="Stay on pandas 2, grow more trees",
        )
        self.say(f"   {NAME}:{second.version} {second.digest[:19]}")

        self.step("Show what changed.")
        self._compare()

    def _compare(self) -> None:
        old, new = self.library.find(f"{NAME}:1"), self.library.find(f"{NAME}:2")
        comparison = compare(self.library, old, new, report=self.report)
        for line in comparison_lines(comparison):
            self.say(f"   {line}")

    def lock_and_compare(self) -> None:
        """Lock both versions and compare the locks."""
        from envstudio.domain.platforms import own_platform

        platforms = tuple(sorted({"linux-64", own_platform()}))
        self.step(f"Lock both versions for {', '.join(platforms)} against the package index.")
        for number in (1, 2):
            options = LockOptions(platforms=platforms)
            locked = lock(self.library, self.settings, f"{NAME}:{number}", options=options, report=self.report)
            counts = locked.lock.counts()["linux-64"]
            digest = locked.lock.digest
            self.say(f"   {NAME}:{number}  {counts['pip']} packages in {locked.seconds:.1f} s  {digest[:19]}")
            self.facts[f"lock_{number}"] = digest
        self.step("Show the exact packages that changed.")
        self._compare()

    def run_here(self) -> None:
        """Train on this machine."""
        self.step("Train a small model in version 2 on this machine, in a virtual environment made from the lock.")
        self.facts["local"] = self._train("local")

    def build_and_run(self) -> None:
        """Build the image and, where an engine is reachable, train in it."""
        try:
            with connect(self.settings.engine) as engine:
                info = engine.info()
        except Unavailable as error:
            self.step(f"Build the image as an OCI layout on disk, for there is no engine here. ({error.summary})")
            self._with_base(None)
            self._build(f"oci:{self.folder / 'image'}")
            return
        self.step(f"Build the image of version 2 into the container engine ({info.version}, {info.storage}).")
        self._with_base(self.settings.engine)
        self._build("docker")
        self.step("Train the same model in a container of that image.")
        self.facts["docker"] = self._train("docker")
        here, there = self.facts["local"], self.facts["docker"]
        if here["accuracy"] != there["accuracy"] or here["scikit-learn"] != there["scikit-learn"]:
            raise EnvStudioError(
                "The container gave another result than this machine.", "See the two results below.", f"{here}\n{there}"
            )
        self.say("   the same packages and the same accuracy as on this machine")

    def _with_base(self, engine_address: str | None) -> None:
        """Where the base image cannot be had from a registry, take it from the distribution's archive."""
        base = self.library.find(f"{NAME}:2").environment.image.base
        if engine_address is not None and _pulls(base, self.settings, self.report):
            return
        reason = "no engine" if engine_address is None else "no image registry can be reached"
        suite = _suite()
        if suite is None:
            raise Unavailable(
                f"The base image {base} is not available: {reason}, and this is not Debian or Ubuntu with root.",
                "Map it to one that is available.",
                code="pull-not-found",
                subject=base,
                remedy=Remedy(Act.SET_SETTING, "mirror_images.python"),
            )
        _install_mmdebstrap(self.say, self.report)
        self.say(f"   {reason}, so the base is made from the archive of {suite} with mmdebstrap")
        mirror = {**self.settings.mirror_images, base: f"mmdebstrap:{suite}?include=ca-certificates,python3"}
        self.settings = replace(self.settings, mirror_images=mirror)

    def _build(self, output: str) -> None:
        outcome = build(
            self.library, self.settings, f"{NAME}:2", options=BuildOptions(output=output), report=self.report
        )
        image = outcome.image
        how = "reused, nothing had changed" if image.reused else f"{image.layers_sent} layers, {image.seconds:.1f} s"
        self.say(f"   {image.image_id[:19]}  {size_text(image.size)}  {how}")
        self.facts["image"] = image.tags[0] if output == "docker" else output

    def _train(self, target: str) -> dict[str, Any]:
        """Run the script and return what it printed."""
        printed: list[str] = []
        inner = self.report

        class _Keep(Report):
            def emit(self, event: Any) -> None:
                if isinstance(event, Line) and event.stream == "out" and event.text.startswith("{"):
                    printed.append(event.text)
                inner.emit(event)

            @property
            def cancelled(self) -> bool:
                return inner.cancelled

        script = paths.resource("demo", "train.py")
        work = self.folder / "work"
        work.mkdir(exist_ok=True)
        shutil.copyfile(script, work / script.name)
        done = run(
            self.library,
            self.settings,
            f"{NAME}:2",
            ["python", script.name],
            target=target,
            working_dir=work,
            report=_Keep(),
        )
        if done.exit_code != 0 or not printed:
            raise EnvStudioError(f"The training script failed with exit status {done.exit_code}.", "See its output.")
        result: dict[str, Any] = json.loads(printed[-1])
        self.say(f"   accuracy {result['accuracy']} with scikit-learn {result['scikit-learn']}, {done.seconds:.1f} s")
        return result


def _python_version() -> str:
    """Return the Python to request: the distribution's own if its archive may have to serve as base."""
    own = f"{sys.version_info.major}.{sys.version_info.minor}"
    system = shutil.which("python3", path="/usr/bin")
    if system is None or _suite() is None:
        return own
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    done = subprocess.run([system, "-c", code], capture_output=True, text=True, check=False)
    return done.stdout.strip() or own


def _suite() -> str | None:
    """Return the suite of this Debian or Ubuntu if a base can be made from its archive, else None."""
    try:
        release = platform.freedesktop_os_release()
    except OSError:
        return None
    if release.get("ID") not in DEBIANS or getattr(os, "geteuid", lambda: 1)() != 0:
        return None
    return release.get("VERSION_CODENAME") or None


def _pulls(base: str, given: Settings, report: Report) -> bool:
    """Return whether the engine has the base image or can pull it."""
    source = mirrored_image(base, given.mirror_images)
    with connect(given.engine) as engine:
        try:
            known = source != base or engine.find(source) is not None
            return known or engine.pull(source, "linux/amd64", report) is not None
        except EnvStudioError:
            return False


def _install_mmdebstrap(say: Say, report: Report) -> None:
    """Install mmdebstrap if it is missing; the caller knows that this is Debian or Ubuntu with root."""
    if shutil.which("mmdebstrap"):
        return
    from envstudio import process

    say("   installing mmdebstrap")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "mmdebstrap"]):
        done = process.run(command, report, env=environment, show=False)
        if done.exit_code != 0:
            raise Unavailable("mmdebstrap could not be installed.", "Install it by hand.", done.stderr[-2000:])

"""local: this machine, in an environment made from the lock and kept for the next run of the same lock."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from envstudio import paths, process
from envstudio.archives.rules import limits_of
from envstudio.consents import NONE, Consent
from envstudio.disk import disk_failure, writing
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.domain.platforms import own_platform
from envstudio.domain.problem import tell
from envstudio.domain.shared_files import SharedFile, problems, waves
from envstudio.errors import EnvStudioError
from envstudio.packages import conda, wheels
from envstudio.packages.conda_store import left_out, with_link_scripts
from envstudio.packages.file_lists import files_in_common
from envstudio.packages.hashes import refuse_unhashed, with_hashes
from envstudio.packages.install_order import install_order
from envstudio.packages.source_builds import refuse_source_builds, with_wheels
from envstudio.packages.uv import uv_program
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.targets import activation
from envstudio.targets.target import RunRequest, RunResult

DONE = "envstudio-lock.json"
WINDOWS = os.name == "nt"


class LocalTarget:
    """Runs commands in a folder of packages on this machine."""

    id = "local"
    title = "This machine"
    needs_image = False
    needs_lock = True

    def run(self, request: RunRequest, report: Report) -> RunResult:
        """Run the command to its end, telling its lines. Raises `EnvStudioError`, `Cancelled`."""
        assert request.lock is not None, "what has no lock is refused before"
        prefix = materialize(request.lock, request.settings, report, request.consent)
        environment = _activated(prefix, request)
        program = shutil.which(request.command[0], path=environment["PATH"])
        with report.stage("run"):
            finished = process.run(
                activation.activated([program or request.command[0], *request.command[1:]], prefix),
                report,
                cwd=request.working_dir,
                env=environment,
            )
        return RunResult(finished.exit_code, lock_digest=request.lock.digest)


def materialize(lock: Lock, settings: Settings, report: Report, consent: Consent = NONE) -> Path:
    """Return a folder with the locked packages for this machine, made once for each lock.

    Raises `ConsentNeeded`, `EnvStudioError`, `Cancelled`.
    """
    packages = lock.platform(own_platform())
    prefix = paths.cache_dir("envs", lock.digest.removeprefix("sha256:")[:16])
    with writing(prefix.parent):
        prefix.parent.mkdir(parents=True, exist_ok=True)
    with report.stage("make environment") as stage, _alone(prefix, report):
        if (prefix / DONE).exists():
            stage.cached = True
            return prefix
        shutil.rmtree(prefix, ignore_errors=True)
        try:
            with writing(prefix):
                _fill(prefix, packages, settings, consent, report)
                (prefix / DONE).write_text(lock.to_json(), "utf-8")
        except BaseException:
            # Half an environment must not be taken for a whole one, whatever stopped it.
            shutil.rmtree(prefix, ignore_errors=True)
            raise
    return prefix


@contextmanager
def _alone(prefix: Path, report: Report) -> Iterator[None]:
    """Wait until no other process makes the same environment."""
    lock = FileLock(f"{prefix}.lock")
    while True:
        report.raise_if_cancelled()
        try:
            lock.acquire(timeout=0.2)
            break
        except Timeout:
            continue
    try:
        yield
    finally:
        lock.release()


def _fill(prefix: Path, packages: PlatformLock, settings: Settings, consent: Consent, report: Report) -> None:
    """Install conda's packages, or else make a virtual environment, then the wheels of pip's from the cache."""
    refuse_unhashed(packages.packages, consent)
    refuse_source_builds(packages.of("pip"), consent)
    environment = settings.subprocess_environment()
    hashed = with_hashes(packages.packages, settings, report)
    conda_packages = tuple(item for item in hashed if item.manager == "conda")
    if conda_packages:
        conda.install(conda_packages, prefix, packages.platform, report, limits=limits_of(settings))
        if scripts := with_link_scripts(conda_packages):
            report.line(f"warning: {left_out(scripts)}", "err")
    else:
        command = [uv_program(), "venv", "--quiet", "--no-config", "--no-project", str(prefix)]
        command += ["--python", packages.python] if packages.python else []
        _must(process.run(command, report, env=environment), prefix, "No Python environment could be made.")
    # Wheels come through the same cache, checks, mirrors and logins as an image's.
    python = packages.python_minor
    pip = tuple(item for item in hashed if item.manager == "pip")
    built = with_wheels(pip, packages.platform, python, settings, report, consent=consent)
    files = wheels.download(built, settings, report)
    shared = files_in_common((*conda_packages, *built), packages.platform, python, limits_of(settings), report)
    tell(problems(shared), report)
    _install_wheels(prefix, built, files, shared, environment, report)


def _install_wheels(
    prefix: Path,
    packages: Sequence[LockedPackage],
    files: Mapping[str, Path],
    shared: Sequence[SharedFile],
    variables: Mapping[str, str],
    report: Report,
) -> None:
    """Install wheels from the cache, those that replace files of others after these."""
    requirements = prefix / "envstudio-requirements.txt"
    command = [uv_program(), "pip", "install", "--no-config", "--no-deps", "--offline", "--no-index", "--no-build"]
    # Without links to uv's cache: whoever wrote to a file of this environment would change it for others too.
    command += ["--quiet", "--link-mode", "copy", "--requirement", str(requirements)]
    command += ["--python", str(_python(prefix))]
    # uv installs at once what it is given at once, so that chance would decide whose file stays.
    ordered = install_order(packages) if shared else packages
    for wave in waves(ordered, shared):
        requirements.write_text("".join(f"{files[item.sha256]}\n" for item in wave), "utf-8")
        _must(process.run(command, report, env=variables), prefix, "The locked packages could not be installed.")


def _must(finished: process.Finished, prefix: Path, summary: str) -> None:
    if finished.exit_code != 0:
        words = finished.stderr.strip()
        raise disk_failure(words, prefix) or EnvStudioError(summary, "Check the network; see uv's output below.", words)


def _programs(prefix: Path) -> list[Path]:
    """Return the folders of a prefix's programs; conda has several on Windows."""
    if not WINDOWS:
        return [prefix / "bin"]
    conda_locations = [prefix, prefix / "Library" / "bin"] if (prefix / "conda-meta").is_dir() else []
    return [*conda_locations, prefix / "Scripts"]


def _python(prefix: Path) -> Path:
    if not WINDOWS:
        return prefix / "bin" / "python"
    inside = prefix / "Scripts" / "python.exe"
    return inside if inside.exists() else prefix / "python.exe"


def _activated(prefix: Path, request: RunRequest) -> dict[str, str]:
    """Return this process's variables with the environment active and the definition's own added."""
    environment = request.settings.subprocess_environment()
    environment.pop("PYTHONHOME", None)
    environment["PATH"] = os.pathsep.join([*map(str, _programs(prefix)), environment.get("PATH", "")])
    if not (prefix / "conda-meta").is_dir():
        return {**environment, "VIRTUAL_ENV": str(prefix), **request.variables}
    environment |= {"CONDA_PREFIX": str(prefix), "CONDA_DEFAULT_ENV": request.environment.name}
    return {**environment, **activation.variables(prefix), **request.variables}

"""pip packages, resolved by uv for the target's interpreter and platform, on top of what conda provides.

uv writes the resolution as pylock.toml (PEP 751); the one file that fits the target best is taken from each package.
"""

from __future__ import annotations

import json
import re
import shlex
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from packaging.utils import canonicalize_name

from envstudio import process
from envstudio.consents import SOURCE_BUILDS, ConsentNeeded
from envstudio.credentials import with_login
from envstudio.disk import disk_failure, writing
from envstudio.domain.environment import Environment, PipOption
from envstudio.domain.lock import LockedPackage
from envstudio.domain.plain_data import Table
from envstudio.domain.platforms import macos_version, uv_platform
from envstudio.domain.requirement import PipKind, PipRequirement, pep508
from envstudio.domain.solve import IndexStrategy
from envstudio.domain.solve_options import SolveOptions, moment_of
from envstudio.errors import Act, EnvStudioError, InvalidInput, NotFound, Remedy, Unavailable
from envstudio.formats.requirement_lines import option_line
from envstudio.formats.source import text_source
from envstudio.formats.toml_text import load_toml
from envstudio.lock_formats import pylock
from envstudio.lockers import held_back, requires_python
from envstudio.lockers.access import no_access
from envstudio.lockers.pip_hashes import allowed_hashes, constraints, keep_allowed
from envstudio.lockers.provided import write_wheels
from envstudio.lockers.pypi_names import pypi_names, stated_names
from envstudio.lockers.requires_python import is_version
from envstudio.packages.python_releases import newest_release
from envstudio.packages.simple_index import ProjectFile, usual_index
from envstudio.packages.source_builds import origin_of_url
from envstudio.packages.uv import uv_program
from envstudio.report import Report
from envstudio.secret_text import without_secrets
from envstudio.settings import Settings, mirrored

UNREADABLE = "Ask the owner of the package index whether its pages are valid."
INDEX_OPTIONS = ("--index-url", "--extra-index-url")
URL_OPTIONS = (*INDEX_OPTIONS, "--find-links")
FLAGS = {"--pre": ("--prerelease", "allow"), "--trusted-host": ("--allow-insecure-host",)}
STRATEGIES = {IndexStrategy.BEST: "unsafe-best-match", IndexStrategy.FIRST: "first-index"}
PROJECT = "envstudio-pins"
"""The name of the project that holds the pins of packages to indexes; no other requests what it requests."""

NO_WHEEL = re.compile(r"[Ww]heels are required for `([^`]+)` because building from source is disabled")
NOT_FOUND = re.compile(r"(?<![a-z0-9._-])([a-z0-9][a-z0-9._-]*)\s+was\s+not\s+found\s+in\s+the\s+package\s+registry")
MISSING_EXTRA = re.compile(r"[Tt]he package `([^`]+)` does not have an extra named `([^`]+)`")
NETWORK_SIGNS = (
    "dns error",
    "error sending request",
    "failed to fetch",
    "connection refused",
    "operation timed out",
    "tcp connect error",
    "client error (connect)",
)
MALFORMED_SIGNS = ("unexpected json from", "unexpected html from", "`content-type`")
"""What uv says of an answer that is not a page of an index."""


def solve(
    environment: Environment,
    platform: str,
    virtual: Sequence[str],
    python: str,
    provided: Sequence[LockedPackage],
    settings: Settings,
    options: SolveOptions,
    report: Report,
) -> list[LockedPackage]:
    """Return the pip packages of the environment for one platform. Raises `EnvStudioError`, `Cancelled`.

    `provided` are the conda packages; what they provide satisfies pip's requirements and is not listed again.
    """
    _refuse_paths(environment)
    # "3.8" is a current 3.8, not 3.8.0, which many packages leave out and markers distinguish.
    python = newest_release(python)
    names = stated_names(settings) if provided else {}
    conda = {name: package for package in provided for name in pypi_names(package, names)}
    refuse_conflicts(environment, conda)
    with writing(Path(tempfile.gettempdir())), tempfile.TemporaryDirectory(prefix="envstudio-") as folder:
        stated = (*environment.python.pip, *environment.python.pip_constraints)
        allowed = allowed_hashes(stated)
        resolution = _Resolution(environment, platform, virtual, python, conda, settings, options, Path(folder))
        resolution.hold(constraints(stated, allowed, resolution.indexes, settings))
        with ThreadPoolExecutor(1) as pool:
            beside = Report()
            guess = pool.submit(resolution.annotate, beside)
            try:
                document = resolution.resolve(report)
                document = _for_python(resolution, document, python, report)
                keep_allowed(document.data, allowed)
                dependencies = resolution.dependencies(document, guess.result(), report)
            except BaseException:
                # Whatever ends this ends that too: leaving the pool waits for it.
                beside.cancel()
                raise
        if not options.offline:
            kept = options.kept(platform, "pip")
            for line in held_back.lines(resolution, environment, document, python, kept, report):
                report.line(f"warning: {line}", "err")
    requested = {item.name for item in environment.python.pip}
    needed = _reached(requested, dependencies) if environment.python.pip_indexes and dependencies else None
    return [
        replace(
            package,
            requested=package.name in requested,
            dependencies=tuple(sorted(dependencies.get(package.name, ()))),
        )
        for package in pylock.packages_of(document, platform, python, virtual)
        if needed is None or package.name in needed
    ]


def _for_python(resolution: _Resolution, document: Table, python: str, report: Report) -> Table:
    """Return a resolution without what is not for its Python, solving again as long as something is not."""
    while True:
        chosen = requires_python.chosen_versions(document)
        lines = requires_python.constraints(chosen, resolution.files_of(chosen, report), python, report)
        if not lines:
            return document
        resolution.hold(lines)
        document = resolution.resolve(report)


def _reached(requested: set[str], dependencies: Mapping[str, set[str]]) -> set[str]:
    """Return what is requested and all that it brings: a pin to an index requests a package that may not be needed."""
    reached, left = set(requested), list(requested)
    while left:
        new = dependencies.get(left.pop(), set()) - reached
        reached |= new
        left += new
    return reached


def in_order(requirements: Iterable[PipRequirement]) -> list[PipRequirement]:
    """Return requirements in the order in which they are solved; uv's answer depends on it, and the digest does not."""
    return sorted(requirements, key=lambda item: (item.name, item.canonical))


def refuse_conflicts(environment: Environment, conda: Mapping[str, LockedPackage]) -> None:
    """Raise `EnvStudioError` for a requirement of pip's that the version which conda provides does not meet."""
    for item in environment.python.pip:
        package = conda.get(item.name)
        parsed = pep508(item.line)
        if package is None or parsed is None or parsed.marker is not None or not is_version(package.version):
            continue
        if not parsed.specifier.contains(package.version, prereleases=True):
            raise EnvStudioError(
                f"pip's {item.text} does not allow {package.name} {package.version}, which comes from conda.",
                f"Request the version from conda, or {item.name} from one of the two alone.",
                code="pip-unsolvable",
                subject=item.name,
                remedy=Remedy(Act.EDIT_PACKAGES),
            )


def _refuse_paths(environment: Environment) -> None:
    """A path of this machine cannot be part of a lock that others use."""
    for item in environment.python.pip:
        if item.editable and item.kind is not PipKind.PATH:
            raise InvalidInput(
                f"{item.line} is editable, which a lock cannot hold.",
                "Remove -e.",
                code="not-lockable",
                remedy=Remedy(Act.EDIT_PACKAGES),
            )
        if item.kind is PipKind.PATH:
            raise InvalidInput(
                f"{item.text} is a path of this machine, which a lock cannot hold.",
                "Publish a wheel to an index, or name a Git repository and commit.",
                code="not-lockable",
                remedy=Remedy(Act.EDIT_PACKAGES),
            )
    for option in environment.python.pip_options:
        if option.name in ("-r", "-c"):
            raise InvalidInput(
                f"The file {option.value} was not found when the environment was imported.",
                "Import it again beside that file, or remove the line.",
            )


class _Resolution:
    """One run of `uv pip compile`, and a second, offline, that says who requested what."""

    def __init__(
        self,
        environment: Environment,
        platform: str,
        virtual: Sequence[str],
        python: str,
        conda: Mapping[str, LockedPackage],
        settings: Settings,
        options: SolveOptions,
        folder: Path,
    ) -> None:
        self._python, self._pip_indexes = python, {name: (index,) for name, index in environment.python.pip_indexes}
        self._conda = conda
        self._platform, self._settings, self._options = platform, settings, options
        self._environment = settings.subprocess_environment()
        self._subject = partial(subject_requested, environment, settings)
        self._built: set[str] = set()
        self._requirements, self._output = folder / "requirements.in", folder / "pylock.toml"
        self._constraints, self._pins = folder / "constraints.in", folder / "pins.in"
        solve = environment.solve
        lines, flags = _options(environment.python.pip_options, settings, solve.index_strategy)
        self.indexes = [line.partition(" ")[2] for line in lines if line.startswith(INDEX_OPTIONS)] or [usual_index()]
        _write(self._requirements, [*lines, *(item.line for item in in_order(environment.python.pip))])
        provided = folder / "provided"
        provided.mkdir()
        pins, incomparable = write_wheels(provided, conda)
        held = [text for text in (*settings.pins, *options.pins) if pep508(text) is not None]
        _write(self._constraints, [*(item.line for item in in_order(environment.python.pip_constraints)), *held, *pins])
        self._command = [uv_program(), "pip", "compile", str(self._requirements)]
        self._has_index_pins = bool(environment.python.pip_indexes)
        if self._has_index_pins:
            project = folder / "pyproject.toml"
            project.write_text(_pinned_indexes(environment.python.pip_indexes, settings), "utf-8")
            self._command.append(str(project))
        for option, stated in (("--overrides", solve.overrides), ("--excludes", (*solve.excludes, *incomparable))):
            if stated:
                file = folder / f"{option.strip('-')}.in"
                _write(file, sorted(stated))
                self._command += [option, str(file)]
        self._command += ["--find-links", str(provided)] if pins else []
        self._command += ["--no-header", "--no-progress"]
        self._command += ["--no-config", "--constraints", str(self._constraints), *flags]
        self._command += ["--python", sys.executable, "--no-python-downloads"]
        self._command += ["--python-version", python, "--python-platform", uv_platform(platform, virtual)]
        if deployment_target := macos_version(virtual):
            self._environment["MACOSX_DEPLOYMENT_TARGET"] = deployment_target

    def files_of(self, names: Iterable[str], report: Report) -> dict[str, tuple[ProjectFile, ...]]:
        """Return the files that the indexes have of some projects."""
        return requires_python.files_of(
            names, self._pip_indexes, self.indexes, self._settings, offline=self._options.offline, report=report
        )

    def reason_against(self, requirement: str, report: Report) -> str:
        """Return uv's reason for which a requirement has no solution beside the others; empty if it has one."""
        also, output = self._requirements.with_name("also.in"), self._output.with_name("pylock.also.toml")
        _write(also, [requirement])
        command = [*self._command, str(also), *self._build_options(), "--format", "pylock.toml"]
        finished = process.run([*command, "--output-file", str(output)], report, env=self._environment, show=False)
        cause = finished.stderr.partition("cause:")[2].partition("\n\n")[0]
        return " ".join(cause.split()) if finished.exit_code != 0 else ""

    def hold(self, constraints: Sequence[str]) -> None:
        """Add constraints to those that the definition states."""
        if constraints:
            with self._constraints.open("a", encoding="utf-8") as file:
                file.writelines(f"{line}\n" for line in constraints)

    def resolve(self, report: Report) -> Table:
        """Return the pylock document. Raises `EnvStudioError`."""
        kept = self._options.kept(self._platform, "pip")
        if kept:
            _write(self._output, _preferences(kept))
        command = [*self._command, "--format", "pylock.toml", "--output-file", str(self._output)]
        command += ["--offline"] if self._options.offline else []
        newest = self._options.exclude_newer
        command += ["--exclude-newer", moment_of(newest).isoformat()] if newest else []
        while True:
            report.line(shlex.join([*command, *self._build_options()]), "command")
            finished = process.run([*command, *self._build_options()], report, env=self._environment, show=False)
            if finished.exit_code == 0:
                for package, extra in MISSING_EXTRA.findall(" ".join(finished.stderr.split())):
                    report.line(f"warning: {package.replace('==', ' ')} has no extra named {extra}", "err")
                return self._without_provided(
                    load_toml(text_source("uv's resolution", self._output.read_text("utf-8")), UNREADABLE)
                )
            if disk_full := disk_failure(finished.stderr, self._output.parent):
                raise disk_full
            needed = _sources_needed(finished.stderr) - self._built
            if not needed:
                output = f"{finished.stderr.strip()}\nasked: {', '.join(self.indexes)}{self._of_conda(finished.stderr)}"
                raise _failure(output, self._platform, offline=self._options.offline)
            consent = self._options.consent
            if refused := sorted(name for name in needed if not consent.allows(SOURCE_BUILDS, self._subject(name))):
                raise _not_built(refused, [self._subject(name) for name in refused], finished.stderr)
            self._built |= needed

    def _without_provided(self, document: Table) -> Table:
        """Return a resolution without what conda provides."""
        packages = [
            item.data
            for item in document.tables("packages")
            if str(canonicalize_name(item.needed("name"))) not in self._conda
        ]
        return replace(document, data={**document.data, "packages": packages})

    def _of_conda(self, stderr: str) -> str:
        """Say which of the versions that uv's reason names are those of conda packages."""
        text = " ".join(stderr.split())
        named = [item for name, item in sorted(self._conda.items()) if f"{name}=={item.version}" in text]
        listed = ", ".join(f"{item.name} {item.version}" for item in named)
        return f"\nfrom conda: {listed}" if listed else ""

    def _build_options(self) -> list[str]:
        """Return the options by which uv builds nothing, or only what is allowed, to learn what packages need."""
        if self._options.consent.allows(SOURCE_BUILDS):
            return []
        allowed = (word for name in sorted(self._built) for word in ("--no-binary", name))
        return ["--only-binary", ":all:", *allowed]

    def annotate(self, report: Report, *, pins: Path | None = None, offline: bool = True) -> str:
        """Return uv's requirements with `# via` comments, from its cache alone; empty if that does not suffice."""
        command = [*self._command, *self._build_options(), "--annotation-style", "split"]
        command += ["--offline"] if offline else []
        command += ["--constraints", str(pins)] if pins else []
        finished = process.run(command, report, env=self._environment, show=False)
        return finished.stdout if finished.exit_code == 0 else ""

    def dependencies(self, document: Table, guess: str, report: Report) -> dict[str, set[str]]:
        """Return the names of what each package requests.

        `guess` are the annotations of a resolution from the cache, made while the real one waited for the network.
        Where it came out otherwise, the real one is annotated. Where that fails, the question why a package is there
        finds no answer.
        """
        entries = [item for item in document.tables("packages") if item.has("version")]
        wanted = {(str(canonicalize_name(item.needed("name"))), item.text("version")) for item in entries}
        if wanted <= annotated_pins(guess):
            return parse_annotations(guess)
        _write(self._pins, [f"{name}=={version}" for name, version in sorted(wanted)])
        found = parse_annotations(self.annotate(report, pins=self._pins))
        if not found and wanted and not self._options.offline:
            # Some indexes let nothing be cached.
            found = parse_annotations(self.annotate(report, pins=self._pins, offline=False))
        return found


def _write(path: Path, lines: Iterable[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), "utf-8")


def _pinned_indexes(pins: Sequence[tuple[str, str]], settings: Settings) -> str:
    """Return the pyproject.toml by which uv asks one index alone for some packages.

    Its `[tool.uv.sources]` hold for packages that the file itself requests, so it requests all of them; those that
    nothing else requests are taken out of the lock again. Source: uv's documentation, "Package indexes".
    """
    indexes = sorted({index for _, index in pins})
    names = {index: f"index-{number}" for number, index in enumerate(indexes)}
    lines = ["[project]", f'name = "{PROJECT}"', 'version = "0"', 'requires-python = ">=3.6"']
    lines.append(f"dependencies = {json.dumps([name for name, _ in pins])}")
    for index in indexes:
        url = with_login(mirrored(index, settings.mirror_indexes))
        lines += ["[[tool.uv.index]]", f'name = "{names[index]}"', f"url = {json.dumps(url)}", "explicit = true"]
    lines.append("[tool.uv.sources]")
    lines += [f'{name} = {{ index = "{names[index]}" }}' for name, index in pins]
    return "".join(f"{line}\n" for line in lines)


def _preferences(kept: Iterable[LockedPackage]) -> list[str]:
    """Return a pylock.toml that names versions to stay with; uv reads it before it writes over it."""
    lines = ['lock-version = "1.0"', 'created-by = "envstudio"']
    for package in kept:
        lines += ["", "[[packages]]", f'name = "{package.name}"', f'version = "{package.version}"']
    return lines


def annotated_pins(text: str) -> set[tuple[str, str]]:
    """Return the names and versions of uv's output."""
    pins = (line.partition("==") for line in text.splitlines() if line[:1].isalnum())
    return {(str(canonicalize_name(name)), version.split(" ", 1)[0]) for name, _, version in pins if version}


def parse_annotations(text: str) -> dict[str, set[str]]:
    """Read the `# via` comments that uv writes one a line, and return what each package requests."""
    found: dict[str, set[str]] = {}
    package = ""
    for line in text.splitlines():
        if line and not line.startswith((" ", "#", "-")):
            package = canonicalize_name(re.split(r"[\s=@;\[]", line, maxsplit=1)[0])
        elif line.startswith("    #"):
            asker = line.strip(" #").removeprefix("via").strip()
            if asker and not asker.startswith("-"):
                found.setdefault(canonicalize_name(asker.split("[", 1)[0]), set()).add(package)
    return found


def _uses(index: str, options: Sequence[PipOption]) -> bool:
    """Return whether the settings' index is asked; a definition's own stands before it."""
    return bool(index) and not any(option.name == "--index-url" for option in options)


def _options(
    options: Sequence[PipOption], settings: Settings, strategy: IndexStrategy | None
) -> tuple[list[str], list[str]]:
    """Split pip's options into lines of the requirements file and flags of uv; mirrors are applied to addresses."""
    # Addresses stand in a private file, because they may hold a login, and commands are shown.
    lines = [f"--index-url {with_login(settings.index)}"] if _uses(settings.index, options) else []
    # pip looks at all indexes together and takes the best version; uv would take the first index that has the package.
    several = any(option.name == "--extra-index-url" for option in options)
    chosen = STRATEGIES.get(strategy or IndexStrategy.BEST, "")
    flags: list[str] = ["--index-strategy", chosen] if several else []
    # Of several main indexes pip takes the last, and uv refuses them.
    last = max((number for number, option in enumerate(options) if option.name == "--index-url"), default=-1)
    for number, option in enumerate(options):
        if option.name == "--index-url" and number != last:
            continue
        option_line(option)  # refuses one that would add lines
        if option.name in FLAGS:
            flags += [*FLAGS[option.name], *([option.value] if option.value else [])]
        elif option.name in URL_OPTIONS:
            lines.append(f"{option.name} {with_login(mirrored(option.value, settings.mirror_indexes))}")
        else:
            lines.append(option.line)
    return lines, flags


def _sources_needed(stderr: str) -> set[str]:
    """Return the names of the packages that have no wheel to go by, from what uv says."""
    return {str(canonicalize_name(name)) for name in NO_WHEEL.findall(" ".join(stderr.split()))}


def subject_requested(environment: Environment, settings: Settings, name: str) -> str:
    """Return how building a package is named in consents while it is being locked, when its file is not known yet.

    Any of the indexes may have it, so that all of them are named.
    """
    python = environment.python
    direct = next((item.constraint for item in python.pip if item.name == name and "://" in item.constraint), "")
    pin = dict(python.pip_indexes).get(name)
    indexes = [item.value for item in python.pip_options if item.name in URL_OPTIONS]
    if not any(item.name == "--index-url" for item in python.pip_options):
        indexes.append(settings.index or usual_index())
    sources = sorted({without_secrets(index) for index in ([pin] if pin else indexes)})
    return f"{name} from {origin_of_url(direct) if direct else ', '.join(sources)}"


def _not_built(names: Sequence[str], subjects: Sequence[str], stderr: str) -> ConsentNeeded:
    """Return the error for packages that have no wheel, and that may not be built."""
    return ConsentNeeded(
        SOURCE_BUILDS,
        subjects,
        f"{', '.join(names)} must be built from source, which runs its authors' code.",
        "Choose a version that has a wheel or, if you trust them, allow it.",
        "\n".join((*subjects, stderr.strip())),
    )


def _failure(stderr: str, platform: str, *, offline: bool = False) -> EnvStudioError:
    """Distinguish an unreachable index from requirements that cannot be met."""
    if offline:
        return Unavailable(
            "The pip requirements cannot be resolved without the network.",
            "Lock once with the network, so that what is needed is cached.",
            stderr.strip(),
            code="network",
        )
    if refused := no_access(stderr):
        return refused
    missing = NOT_FOUND.search(stderr)
    if missing:
        return NotFound(
            f"There is no package {missing.group(1)!r} on the package index.",
            "Check its name, or add the index that has it.",
            stderr.strip(),
            code="pip-not-found",
            subject=missing.group(1),
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    if any(sign in stderr.lower() for sign in MALFORMED_SIGNS):
        return Unavailable(
            "The package index does not answer as an index does.",
            "Check the index and mirrors in the settings, and that nothing answers in its place.",
            stderr.strip(),
            code="network",
            remedy=Remedy(Act.SET_SETTING, "index"),
        )
    if any(sign in stderr.lower() for sign in NETWORK_SIGNS):
        return Unavailable(
            "The package index cannot be reached.",
            "Check the network, and the index, proxy and CA certificates in the settings.",
            stderr.strip(),
            code="network",
            remedy=Remedy(Act.SET_SETTING, "mirror_indexes"),
        )
    return EnvStudioError(
        f"The pip requirements have no solution on {platform}.",
        "Relax one of the requirements named below.",
        stderr.strip(),
        code="pip-unsolvable",
        remedy=Remedy(Act.RELAX),
    )

"""The checks of Python and its packages: versions, channels, duplicates, and where they come from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from packaging.utils import canonicalize_name

from envstudio.domain.base_python import contradicting_python, is_python, newest_minor, stated_python
from envstudio.domain.environment import Environment, ManagedBy, PipOption
from envstudio.domain.problem import Fix, Problem, Severity
from envstudio.domain.requirement import CondaRequirement, PipKind, PipRequirement, conda_requirement

PLAIN_HTTP = re.compile(r"(?:\w+\+)?http://")
PYTHON_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")


def check_python_version(environment: Environment) -> Iterator[Problem]:
    """Find a Python that is missing, unknown, malformed, or another than the base image has."""
    python = environment.python
    if python.managed_by is ManagedBy.USER or environment.image.dockerfile or environment.image.context:
        return
    stated = [item for item in python.conda if item.name == "python"]
    if python.conda and not stated:
        yield Problem(
            "python-missing",
            Severity.ERROR if python.pip else Severity.WARNING,
            "python.conda",
            "No Python is named among the conda packages.",
            "Add python with a version.",
            _with_conda("Add", f"python={python.version if PYTHON_VERSION.fullmatch(python.version) else '3.12'}"),
        )
    if not python.conda and python.pip and not stated_python(environment):
        yield Problem(
            "python-version",
            Severity.WARNING,
            "python.version",
            "The Python version that the base image has is not stated.",
            "State it, so that the lock fits the image.",
            _with_version("3.11"),
        )
    if python.version and not PYTHON_VERSION.fullmatch(python.version):
        yield Problem(
            "python-version-malformed",
            Severity.ERROR,
            "python.version",
            f"{python.version!r} is not a Python version.",
            "Write 3.11 or 3.11.4.",
        )
    for version in [python.version, *(item.version.strip("=").removesuffix(".*") for item in stated)]:
        if PYTHON_VERSION.fullmatch(version) and not is_python(version):
            yield Problem(
                "python-unknown",
                Severity.ERROR,
                "python.version",
                f"There is no Python {version}.",
                f"Choose one, such as 3.{newest_minor() - 2}.",
            )
    found = contradicting_python(environment)
    if found:
        yield Problem(
            "python-of-base",
            Severity.ERROR,
            "python.version",
            f"Python {python.version} is stated, but the base image {environment.image.base} has {found}.",
            "State the base image's version, or choose another base image.",
            _with_version(found),
        )
    for item in stated:
        if re.fullmatch(r"=?=?3\.1(\.\*)?", item.version):
            yield Problem(
                "python-yaml-number",
                Severity.ERROR,
                "python.conda.python",
                "Python 3.1 is requested; most likely 3.10 lost its zero when YAML read it as a number.",
                "Write python=3.10, quoted where it is a YAML value.",
                _with_conda("Use", "python=3.10"),
            )


def _with_conda(verb: str, spec: str) -> Fix:
    return Fix(f"{verb} {spec}", lambda value: value.with_conda(conda_requirement(spec)))


def _with_version(version: str) -> Fix:
    return Fix(f"State {version}", lambda value: replace(value, python=replace(value.python, version=version)))


def check_channels(environment: Environment) -> Iterator[Problem]:
    """Find conda packages without a channel to take them from, and the channel that needs a licence."""
    python = environment.python
    if python.conda and not python.channels and not all(item.channel for item in python.conda):
        yield Problem(
            "channels-missing",
            Severity.WARNING,
            "python.channels",
            "Conda packages are requested, but no channel is named.",
            "Add conda-forge.",
            Fix("Add conda-forge", lambda value: value.with_channels(["conda-forge"])),
        )
    if "defaults" in python.channels:
        yield Problem(
            "channel-defaults",
            Severity.WARNING,
            "python.channels",
            "The channel defaults needs a licence from Anaconda in larger organisations.",
            "Use conda-forge if that is not intended.",
        )


def check_unbounded(environment: Environment) -> Iterator[Problem]:
    """Find requirements that any version meets."""
    for section, items in (("conda", environment.python.conda), ("pip", environment.python.pip)):
        for item in items:
            # A build that is requested says nothing of the version.
            bound = item.version if isinstance(item, CondaRequirement) else item.constraint
            if not bound and item.name != "pip":
                yield Problem(
                    "no-bound",
                    Severity.INFO,
                    f"python.{section}.{item.name}",
                    f"{item.name} has no version bound, so each lock may take another version.",
                    "Give it a bound, or rely on the lock.",
                )


def check_duplicates(environment: Environment) -> Iterator[Problem]:
    """Find packages that are requested more than once."""
    python = environment.python
    for section, items in (("conda", python.conda), ("pip", _unconditional(python.pip))):
        for name, count in Counter(item.name for item in items).items():
            if count > 1:
                yield Problem(
                    "duplicate",
                    Severity.ERROR if section == "pip" else Severity.WARNING,
                    f"python.{section}.{name}",
                    f"{name} is requested {count} times.",
                    "Keep one of them.",
                    Fix("Keep the last", _keep_last(section, name)),
                )


def _unconditional(items: tuple[PipRequirement, ...]) -> list[PipRequirement]:
    """Leave out requirements with a marker: several of one name may exclude each other."""
    return [item for item in items if not item.marker]


def _keep_last(section: str, name: str) -> Callable[[Environment], Environment]:
    def fix(environment: Environment) -> Environment:
        if section == "conda":
            last: CondaRequirement = [item for item in environment.python.conda if item.name == name][-1]
            return environment.with_conda(last)
        python = environment.python
        doubles = [item for item in _unconditional(python.pip) if item.name == name]
        dropped = {id(item) for item in doubles[:-1]}
        kept = tuple(item for item in python.pip if id(item) not in dropped)
        return replace(environment, python=replace(python, pip=kept))

    return fix


def check_both_managers(environment: Environment) -> Iterator[Problem]:
    """Find packages that are requested from conda and from pip."""
    # conda keeps the "_" and "." of a name, whereas pip takes them all for "-".
    conda = {canonicalize_name(item.name) for item in environment.python.conda}
    for item in environment.python.pip:
        if item.name in conda:
            yield Problem(
                "conda-and-pip",
                Severity.WARNING,
                f"python.pip.{item.name}",
                f"{item.name} is requested from conda and from pip; conda's is used and must satisfy pip's.",
                "Keep one of them.",
                Fix("Keep conda's", _drop_pip(item.name)),
            )


def _drop_pip(name: str) -> Callable[[Environment], Environment]:
    return lambda environment: environment.without_pip(name)


def check_pip_in_conda(environment: Environment) -> Iterator[Problem]:
    """Find pip packages in a conda environment without pip."""
    python = environment.python
    if python.conda and python.pip and not any(item.name == "pip" for item in python.conda):
        yield Problem(
            "pip-missing",
            Severity.WARNING,
            "python.conda",
            "There are pip packages, but pip is not among the conda packages.",
            "Add pip.",
            _with_conda("Add", "pip"),
        )


def check_sources(environment: Environment) -> Iterator[Problem]:
    """Find sources that only one machine has, that change, or that are fetched without encryption."""
    for item in environment.python.pip:
        where = f"python.pip.{item.name}"
        if item.editable and item.kind is not PipKind.PATH:
            yield Problem(
                "editable",
                Severity.WARNING,
                where,
                f"{item.line} is editable, and so cannot be locked.",
                "Remove -e: what it names is then installed as any other package.",
                Fix("Remove -e", partial(_with_pip, item, replace(item, editable=False))),
            )
        if item.kind is PipKind.PATH:
            yield Problem(
                "local-path",
                Severity.WARNING,
                where,
                f"{item.text} is a path of one machine, so no other machine can install it.",
                "Publish a wheel, or name a Git commit.",
            )
        if item.kind is PipKind.VCS and not item.commit:
            yield Problem(
                "vcs-no-commit",
                Severity.WARNING,
                where,
                f"{item.text} names no commit, so it changes under you.",
                "Add @ and the full commit.",
            )
        if PLAIN_HTTP.match(item.constraint):
            yield _plain_http(where, item.constraint)
    for channel in environment.python.channels:
        if PLAIN_HTTP.match(channel):
            yield _plain_http("python.channels", channel)
    for option in environment.python.pip_options:
        if PLAIN_HTTP.match(option.value):
            yield _plain_http("python.pip_options", option.value)
        if option.name in ("-r", "-c"):
            yield Problem(
                "file-not-read",
                Severity.ERROR,
                "python.pip_options",
                f"The file {option.value} was not read when this was imported; its lines are not part of it.",
                "Import it again beside that file, or remove the line.",
                Fix("Remove the line", _without_option(option)),
            )


def _without_option(option: PipOption) -> Callable[[Environment], Environment]:
    def fix(environment: Environment) -> Environment:
        kept = tuple(item for item in environment.python.pip_options if item != option)
        return replace(environment, python=replace(environment.python, pip_options=kept))

    return fix


def _with_pip(old: PipRequirement, new: PipRequirement, environment: Environment) -> Environment:
    pip = tuple(new if item == old else item for item in environment.python.pip)
    return replace(environment, python=replace(environment.python, pip=pip))


def _plain_http(where: str, url: str) -> Problem:
    return Problem(
        "plain-http",
        Severity.WARNING,
        where,
        f"{url} is fetched without encryption.",
        "Use https.",
        Fix("Use https", partial(_with_https, url)),
    )


def _with_https(url: str, environment: Environment) -> Environment:
    """Fetch what is fetched from an address with encryption."""
    python, safe = environment.python, url.replace("http://", "https://", 1)
    return replace(
        environment,
        python=replace(
            python,
            channels=tuple(safe if channel == url else channel for channel in python.channels),
            pip=tuple(
                replace(item, text=item.text.replace(url, safe)) if item.constraint == url else item
                for item in python.pip
            ),
            pip_options=tuple(replace(item, value=safe) if item.value == url else item for item in python.pip_options),
        ),
    )

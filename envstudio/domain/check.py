"""check(environment) -> problems: what is wrong with a definition, what to do, and where one exists, a fix.

Each check is one generator in CHECKS. The rules are Azure ML's definition checks and what breaks in practice.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace

from envstudio.domain.environment import Environment, ManagedBy, PipOption
from envstudio.domain.passwords import places_with_passwords, without_passwords
from envstudio.domain.problem import Fix, Problem, Severity
from envstudio.domain.requirement import CondaRequirement, PipKind, PipRequirement, conda_requirement
from envstudio.settings import DEFAULT_BASE_IMAGE

RESERVED_PREFIXES = ("microsoft", "azureml")
SECRET_NAME = re.compile(
    r"(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL)", re.IGNORECASE
)
SECRET_VALUE = re.compile(
    r"^(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.)"
)
PYTHON_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")

Check = Callable[[Environment], Iterator[Problem]]


def check(environment: Environment) -> tuple[Problem, ...]:
    """Return all problems of a definition, errors first."""
    found = [problem for one in CHECKS for problem in one(environment)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda problem: order.index(problem.severity)))


def _name(environment: Environment) -> Iterator[Problem]:
    if environment.name.lower().startswith(RESERVED_PREFIXES):
        yield Problem(
            "name-reserved",
            Severity.WARNING,
            "name",
            f"Names that begin with {environment.name[:7]!r} are reserved in Azure ML.",
            "Rename the environment before it is taken there.",
        )


def _image_source(environment: Environment) -> Iterator[Problem]:
    sources = environment.image.sources
    if len(sources) > 1:
        yield Problem(
            "image-sources",
            Severity.ERROR,
            "image",
            f"The image has {' and '.join(sources)}; only one of them can be used.",
            "Keep the one that the image should start from.",
        )
    if not sources:
        yield Problem(
            "image-missing",
            Severity.WARNING,
            "image",
            "No base image, Dockerfile or build context is given, so no image can be built.",
            "Choose a base image.",
            Fix(f"Use {DEFAULT_BASE_IMAGE}", lambda value: value.with_base(DEFAULT_BASE_IMAGE)),
        )


def _image_tag(environment: Environment) -> Iterator[Problem]:
    base = environment.image.base
    if not base or base == "scratch" or "@" in base or base.startswith(("oci:", "mmdebstrap:")):
        return
    tag = _tag(base)
    if tag in ("", "latest"):
        yield Problem(
            "image-tag",
            Severity.WARNING,
            "image.base",
            f"The base image {base} has {'the tag latest' if tag else 'no tag'}, so it changes under you.",
            "Name a tag or, better, a digest.",
        )


def _tag(image: str) -> str:
    last = image.rsplit("/", 1)[-1]
    return last.partition(":")[2]


def _registry(environment: Environment) -> Iterator[Problem]:
    registry = environment.image.registry
    if registry and bool(registry.username) != bool(registry.password):
        yield Problem(
            "registry-credentials",
            Severity.ERROR,
            "image.registry",
            "The registry has a user without a password, or a password without a user.",
            "Give both, or neither.",
        )


def _python_version(environment: Environment) -> Iterator[Problem]:
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
            Fix("Add python=3.12", lambda value: value.with_conda(conda_requirement("python=3.12"))),
        )
    if not python.conda and python.pip and not python.version:
        yield Problem(
            "python-version",
            Severity.WARNING,
            "python.version",
            "The Python version that the base image has is not stated.",
            "State it, so that the lock fits the image.",
            Fix("State 3.11", lambda value: replace(value, python=replace(value.python, version="3.11"))),
        )
    if python.version and not PYTHON_VERSION.fullmatch(python.version):
        yield Problem(
            "python-version-malformed",
            Severity.ERROR,
            "python.version",
            f"{python.version!r} is not a Python version.",
            "Write 3.11 or 3.11.4.",
        )
    for item in stated:
        if re.fullmatch(r"=?=?3\.1(\.\*)?", item.version):
            yield Problem(
                "python-yaml-number",
                Severity.ERROR,
                "python.conda.python",
                "Python 3.1 is asked for; most likely 3.10 lost its zero when YAML read it as a number.",
                "Write python=3.10, quoted where it is a YAML value.",
                Fix("Use python=3.10", lambda value: value.with_conda(conda_requirement("python=3.10"))),
            )


def _channels(environment: Environment) -> Iterator[Problem]:
    python = environment.python
    if python.conda and not python.channels and not all(item.channel for item in python.conda):
        yield Problem(
            "channels-missing",
            Severity.WARNING,
            "python.channels",
            "Conda packages are asked for, but no channel is named.",
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


def _unbounded(environment: Environment) -> Iterator[Problem]:
    for section, items in (("conda", environment.python.conda), ("pip", environment.python.pip)):
        for item in items:
            if not item.constraint and item.name != "pip":
                yield Problem(
                    "no-bound",
                    Severity.INFO,
                    f"python.{section}.{item.name}",
                    f"{item.name} has no version bound, so each lock may take another version.",
                    "Give it a bound, or rely on the lock.",
                )


def _duplicates(environment: Environment) -> Iterator[Problem]:
    python = environment.python
    for section, items in (("conda", python.conda), ("pip", _unconditional(python.pip))):
        for name, count in Counter(item.name for item in items).items():
            if count > 1:
                yield Problem(
                    "duplicate",
                    Severity.ERROR if section == "pip" else Severity.WARNING,
                    f"python.{section}.{name}",
                    f"{name} is asked for {count} times.",
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


def _both_managers(environment: Environment) -> Iterator[Problem]:
    conda = {item.name for item in environment.python.conda}
    for item in environment.python.pip:
        if item.name in conda:
            yield Problem(
                "conda-and-pip",
                Severity.WARNING,
                f"python.pip.{item.name}",
                f"{item.name} is asked for from conda and from pip; pip's would overwrite conda's.",
                "Keep one of them.",
                Fix("Keep conda's", _drop_pip(item.name)),
            )


def _drop_pip(name: str) -> Callable[[Environment], Environment]:
    return lambda environment: environment.without_pip(name)


def _pip_in_conda(environment: Environment) -> Iterator[Problem]:
    python = environment.python
    if python.conda and python.pip and not any(item.name == "pip" for item in python.conda):
        yield Problem(
            "pip-missing",
            Severity.WARNING,
            "python.conda",
            "There are pip packages, but pip is not among the conda packages.",
            "Add pip.",
            Fix("Add pip", lambda value: value.with_conda(conda_requirement("pip"))),
        )


def _sources(environment: Environment) -> Iterator[Problem]:
    for item in environment.python.pip:
        where = f"python.pip.{item.name}"
        if item.kind is PipKind.PATH or item.editable:
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
        if item.constraint.startswith(("http://", "git+http://")):
            yield _plain_http(where, item.constraint)
    for option in environment.python.pip_options:
        if option.value.startswith("http://"):
            yield _plain_http("python.pip_options", option.value)
        if option.name in ("-r", "-c"):
            yield Problem(
                "file-not-read",
                Severity.ERROR,
                "python.pip_options",
                f"The file {option.value} was not found when this was imported; its lines are not part of it.",
                "Import it again beside that file, or remove the line.",
                Fix("Remove the line", _without_option(option)),
            )


def _without_option(option: PipOption) -> Callable[[Environment], Environment]:
    def fix(environment: Environment) -> Environment:
        kept = tuple(item for item in environment.python.pip_options if item != option)
        return replace(environment, python=replace(environment.python, pip_options=kept))

    return fix


def _plain_http(where: str, url: str) -> Problem:
    return Problem("plain-http", Severity.WARNING, where, f"{url} is fetched without encryption.", "Use https.")


def _secrets(environment: Environment) -> Iterator[Problem]:
    for variable in environment.variables:
        by_name = bool(SECRET_NAME.search(variable.name)) and len(variable.value) >= 8
        if not variable.secret and (by_name or SECRET_VALUE.match(variable.value)):
            yield Problem(
                "secret-value",
                Severity.WARNING,
                f"variables.{variable.name}",
                f"The value of {variable.name} looks like a secret, and would stand in the library in clear.",
                "Make it a secret: its value then lives in the keyring.",
            )
    for where in places_with_passwords(environment):
        yield Problem(
            "secret-in-url",
            Severity.ERROR,
            where,
            "An address holds a password in clear.",
            "Remove it, and store the credential in the keyring.",
            Fix("Remove it", lambda value: without_passwords(value)[0]),
        )


def _ignored_packages(environment: Environment) -> Iterator[Problem]:
    image, python = environment.image, environment.python
    if (image.dockerfile or image.context) and (python.conda or python.pip):
        if python.managed_by is ManagedBy.USER:
            return
        yield Problem(
            "packages-ignored",
            Severity.WARNING,
            "python",
            "The image comes from a Dockerfile or context of your own; the packages listed here are not added to it.",
            "Install them in the Dockerfile, or start from a base image.",
        )


def _gpu(environment: Environment) -> Iterator[Problem]:
    base = environment.image.base.lower()
    if environment.cuda and base and not re.search(r"cuda|gpu|nvidia", base) and not environment.python.conda:
        yield Problem(
            "gpu-base",
            Severity.WARNING,
            "image.base",
            f"CUDA {environment.cuda} is wanted, but the base image {environment.image.base} has no CUDA in its name.",
            "Choose a CUDA base image, or take the GPU wish away.",
        )


def _serving(environment: Environment) -> Iterator[Problem]:
    serving = environment.serving
    if serving is None:
        return
    routes = (serving.liveness, serving.readiness, serving.scoring)
    if any(routes) and not all(routes):
        yield Problem(
            "serving-routes",
            Severity.ERROR,
            "serving",
            "Some of the liveness, readiness and scoring routes are given, but not all.",
            "Give all three, or none.",
        )
    names = {item.name for item in environment.python.pip}
    if environment.python.managed_by is ManagedBy.USER and all(routes) and "azureml-defaults" not in names:
        yield Problem(
            "serving-defaults",
            Severity.INFO,
            "python.pip",
            "Azure ML serves user-managed environments only with azureml-defaults among the pip packages.",
            "Add azureml-defaults if it is to be served there.",
        )


CHECKS: tuple[Check, ...] = (
    _name,
    _image_source,
    _image_tag,
    _registry,
    _python_version,
    _channels,
    _unbounded,
    _duplicates,
    _both_managers,
    _pip_in_conda,
    _sources,
    _secrets,
    _ignored_packages,
    _gpu,
    _serving,
)

"""check(environment) -> problems: what is wrong with a definition, what to do, and where one exists, a fix.

Each check is one generator in CHECKS. The rules are Azure ML's definition checks and what breaks in practice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envstudio.domain import check_image, check_packages
from envstudio.domain.check_secrets import check_secrets
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.domain.problem import Problem, Severity
from envstudio.errors import InvalidInput

RESERVED_PREFIXES = ("microsoft", "azureml")

Check = Callable[[Environment], Iterator[Problem]]


def check(environment: Environment) -> tuple[Problem, ...]:
    """Return all problems of a definition, errors first."""
    found = [problem for one in CHECKS for problem in one(environment)]
    order = list(Severity)
    return tuple(sorted(found, key=lambda problem: order.index(problem.severity)))


def _name(environment: Environment) -> Iterator[Problem]:
    for prefix in RESERVED_PREFIXES:
        if not environment.name.lower().startswith(prefix):
            continue
        yield Problem(
            "name-reserved",
            Severity.WARNING,
            "name",
            f"Names that begin with {environment.name[: len(prefix)]!r} are reserved in Azure ML.",
            "Rename the environment before it is taken there.",
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


CONTRADICTIONS = frozenset({"python-of-base", "python-unknown", "python-version-malformed"})
"""What no image or environment can be made of, so that it is not registered."""


def refuse_contradictions(after: Environment, before: Environment | None = None) -> None:
    """Raise `InvalidInput` for a definition that contradicts itself, unless it did so `before`."""
    known = {problem.code for problem in check(before)} if before is not None else set()
    for problem in check(after):
        if problem.code in CONTRADICTIONS and problem.code not in known:
            raise InvalidInput(problem.message, problem.advice, code=problem.code, subject=after.name)


CODES = frozenset(
    {
        "channel-defaults",
        "channels-missing",
        "conda-and-pip",
        "context-relative",
        "duplicate",
        "editable",
        "file-not-read",
        "gpu-base",
        "image-missing",
        "image-sources",
        "image-tag",
        "local-path",
        "name-reserved",
        "no-bound",
        "packages-ignored",
        "pip-missing",
        "plain-http",
        "python-missing",
        "python-of-base",
        "python-unknown",
        "python-version",
        "python-version-malformed",
        "python-yaml-number",
        "registry-credentials",
        "secret-in-url",
        "secret-value",
        "serving-defaults",
        "serving-routes",
        "vcs-no-commit",
    }
)
"""What a problem may be recognised by; a test holds it to what the checks yield."""

CHECKS: tuple[Check, ...] = (
    _name,
    check_image.check_source,
    check_image.check_tag,
    check_image.check_context,
    check_image.check_registry,
    check_packages.check_python_version,
    check_packages.check_channels,
    check_packages.check_unbounded,
    check_packages.check_duplicates,
    check_packages.check_both_managers,
    check_packages.check_pip_in_conda,
    check_packages.check_sources,
    check_secrets,
    check_image.check_ignored_packages,
    check_image.check_gpu,
    _serving,
)

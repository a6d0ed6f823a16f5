"""check(environment) -> problems: what is wrong with a definition, what to do, and where one exists, a fix.

Each check is one line of CHECKS. The rules are Azure ML's definition checks and what breaks in practice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from envstudio.domain import check_image, check_packages
from envstudio.domain.check_secrets import check_secrets
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.domain.problem import Problem, Severity
from envstudio.errors import InvalidInput

RESERVED_PREFIXES = ("microsoft", "azureml")


class Check:
    """A generator of problems, and the codes that it may yield."""

    def __init__(self, run: Callable[[Environment], Iterator[Problem]], *codes: str) -> None:
        self.run, self.codes = run, codes


def check(environment: Environment) -> tuple[Problem, ...]:
    """Return all problems of a definition, errors first."""
    found = [problem for item in CHECKS for problem in item.run(environment)]
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


CHECKS: tuple[Check, ...] = (
    Check(_name, "name-reserved"),
    Check(check_image.check_source, "image-missing", "image-sources"),
    Check(check_image.check_names, "invalid-image-name", "unknown-platform"),
    Check(check_image.check_tag, "image-tag"),
    Check(check_image.check_templates, "dockerfile-template"),
    Check(check_image.check_context, "context-relative"),
    Check(check_image.check_registry, "registry-credentials"),
    Check(
        check_packages.check_python_version,
        "python-missing",
        "python-of-base",
        "python-unknown",
        "python-version",
        "python-version-malformed",
        "python-yaml-number",
    ),
    Check(check_packages.check_channels, "channel-defaults", "channels-missing"),
    Check(check_packages.check_unbounded, "no-bound"),
    Check(check_packages.check_duplicates, "duplicate"),
    Check(check_packages.check_both_managers, "conda-and-pip"),
    Check(check_packages.check_pip_in_conda, "pip-missing"),
    Check(check_packages.check_sources, "editable", "file-not-read", "local-path", "plain-http", "vcs-no-commit"),
    Check(check_secrets, "secret-in-url", "secret-value"),
    Check(check_image.check_ignored_packages, "packages-ignored"),
    Check(check_image.check_gpu, "gpu-base"),
    Check(_serving, "serving-defaults", "serving-routes"),
)


def check_codes() -> frozenset[str]:
    """Return what a problem may be recognised by."""
    return frozenset(code for item in CHECKS for code in item.codes)

"""check(environment) -> problems: what is wrong with a definition, what to do, and where one exists, a fix.

Each check is one generator in CHECKS. The rules are Azure ML's definition checks and what breaks in practice.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from envstudio.domain import check_image, check_packages
from envstudio.domain.environment import Environment, ManagedBy
from envstudio.domain.passwords import places_with_passwords, without_passwords
from envstudio.domain.problem import Fix, Problem, Severity

RESERVED_PREFIXES = ("microsoft", "azureml")
SECRET_NAME = re.compile(
    r"(?:PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIAL)", re.IGNORECASE
)
SECRET_VALUE = re.compile(
    r"^(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.)"
)

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
    _secrets,
    check_image.check_ignored_packages,
    check_image.check_gpu,
    _serving,
)

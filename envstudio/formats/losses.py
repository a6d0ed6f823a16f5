"""Names what a format cannot hold, from one table, so that no writer drops a part in silence."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from envstudio.domain.environment import Environment, Image, ManagedBy, Python, Variable
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.solve import Solve


def losses(environment: Environment, title: str, holds: Collection[str]) -> tuple[Problem, ...]:
    """Return one problem for each part of the environment that is set and that the format does not hold."""
    return tuple(
        Problem(
            "not-held",
            Severity.INFO if where in ("name", "description", "tags") else Severity.WARNING,
            where,
            f"{title} cannot hold {what}.",
            "Keep envstudio.yml beside it; that holds everything.",
        )
        for where, what in _parts(environment).items()
        if what and where not in holds
    )


def variable_losses(environment: Environment, title: str) -> tuple[Problem, ...]:
    """Return one problem for each variable that a format of plain names and values cannot hold as it is."""
    return tuple(
        Problem("not-held", Severity.WARNING, f"variables.{item.name}", f"{title} cannot hold {what}.", advice)
        for item in environment.variables
        for what, advice in _variable_parts(item)
    )


def _variable_parts(variable: Variable) -> list[tuple[str, str]]:
    parts = []
    if variable.secret:
        parts.append((f"the secret {variable.secret} of {variable.name}", "Set it where the environment runs."))
    if variable.applies != Variable("X").applies:
        when = ", ".join(variable.applies) or "never"
        parts.append((f"that {variable.name} applies at {when} only", "Set it where it is needed."))
    return parts


def _parts(environment: Environment) -> dict[str, str]:
    """Return what each part of an environment holds, in words; nothing if it is at its default."""
    python = environment.python
    return {
        "name": f"the name {environment.name}",
        "description": "the description" if environment.description else "",
        "tags": _listed("the tags", (key for key, _ in environment.tags)),
        "python.managed_by": "that the user manages Python" if python.managed_by is ManagedBy.USER else "",
        "python.interpreter": _unless(Python().interpreter, python.interpreter, "the interpreter"),
        "python.version": _unless("", python.version, "the Python version"),
        "python.channels": _listed("the channels", python.channels),
        "python.conda": _listed("the conda packages", (item.text for item in python.conda)),
        "python.pip": _listed("the pip packages", (item.line for item in python.pip)),
        "python.pip_options": _listed("pip's options", (item.line for item in python.pip_options)),
        "python.pip_indexes": _listed("the indexes of packages", (name for name, _ in python.pip_indexes)),
        "python.pip_constraints": _listed("the constraints", (item.line for item in python.pip_constraints)),
        "variables": _listed("the variables", (item.name for item in environment.variables)),
        **_image_parts(environment.image),
        "spark": "the Spark settings" if environment.spark is not None else "",
        "serving": "the serving settings" if environment.serving is not None else "",
        "cuda": _unless("", environment.cuda, "the CUDA version"),
        "solve": "how packages are resolved" if environment.solve != Solve() else "",
        "carried": _listed("what was carried over from", environment.carried),
    }


def _image_parts(image: Image) -> dict[str, str]:
    return {
        "image.base": _unless("", image.base, "the base image"),
        "image.dockerfile": "the Dockerfile" if image.dockerfile else "",
        "image.context": f"the build context {image.context.location}" if image.context is not None else "",
        "image.platform": _unless(Image().platform, image.platform, "the platform"),
        "image.registry": f"the registry {image.registry.address}" if image.registry is not None else "",
    }


def _unless(default: str, value: str, what: str) -> str:
    return "" if value == default else f"{what} {value}".rstrip()


def _listed(what: str, names: Iterable[str]) -> str:
    listed = ", ".join(names)
    return f"{what} {listed}" if listed else ""

"""Passwords in addresses: found, and taken out, because no secret may be stored."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TypeVar

from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem, Severity

CREDENTIALS = re.compile(r"(://)([^/\s@]*:[^/\s@]+)@")
REFERENCE = re.compile(r"^[^:]*:?\$\{\w+\}$|^\$\{\w+\}:")
Item = TypeVar("Item")


def has_password(text: str) -> bool:
    """Tell whether an address holds a password in clear; `${NAME}` is a reference and no password."""
    return any(not REFERENCE.search(found.group(2)) for found in CREDENTIALS.finditer(text))


def without_password(text: str) -> str:
    """Return an address without its user and password; one with a reference is left as it is."""
    return CREDENTIALS.sub(lambda found: found.group() if REFERENCE.search(found.group(2)) else found.group(1), text)


def places_with_passwords(environment: Environment) -> tuple[str, ...]:
    """Name the parts of a definition that hold a password in clear."""
    python, image = environment.python, environment.image
    texts = {
        "python.channels": python.channels,
        "python.pip_options": tuple(item.value for item in python.pip_options),
        "python.conda": tuple(item.text for item in python.conda),
        "python.pip": tuple(item.text for item in (*python.pip, *python.pip_constraints)),
        "image": (image.base, image.context.location if image.context else ""),
        "spark": environment.spark.repositories if environment.spark else (),
    }
    return tuple(where for where, values in texts.items() if any(map(has_password, values)))


def without_passwords(environment: Environment) -> tuple[Environment, tuple[Problem, ...]]:
    """Return a definition without passwords in its addresses, and a problem for each part that had one."""
    places = places_with_passwords(environment)
    if not places:
        return environment, ()
    python, image, spark = environment.python, environment.image, environment.spark
    cleaned = replace(
        environment,
        python=replace(
            python,
            channels=tuple(map(without_password, python.channels)),
            pip_options=tuple(replace(item, value=without_password(item.value)) for item in python.pip_options),
            conda=_texts(python.conda),
            pip=_texts(python.pip),
            pip_constraints=_texts(python.pip_constraints),
        ),
        image=replace(
            image,
            base=without_password(image.base),
            context=replace(image.context, location=without_password(image.context.location))
            if image.context
            else None,
        ),
        spark=replace(spark, repositories=tuple(map(without_password, spark.repositories))) if spark else None,
    )
    return cleaned, tuple(
        Problem(
            "password-removed",
            Severity.WARNING,
            where,
            "An address held a password in clear; user and password were taken out and are not stored.",
            "Keep the credential in ~/.netrc or the keyring, and change it where the file was shared.",
        )
        for where in places
    )


def _texts(items: tuple[Item, ...]) -> tuple[Item, ...]:
    return tuple(replace(item, text=without_password(item.text)) for item in items)  # type: ignore[type-var, attr-defined]

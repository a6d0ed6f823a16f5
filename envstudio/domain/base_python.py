"""The Python of an environment whose interpreter comes from its base image: what is stated, and what the tag tells."""

from __future__ import annotations

import re

from envstudio.domain.environment import Environment
from envstudio.errors import Act, InvalidInput, Remedy

IN_TAG = re.compile(r"(?:^|/)python:(\d+\.\d+(?:\.\d+)?)(?![\w.])")


def python_in_tag(image: str) -> str:
    """Return the Python that the tag of an official image tells, "3.11" or "3.11.4"; empty where it tells none."""
    found = IN_TAG.search(image)
    return found.group(1) if found else ""


def stated_python(environment: Environment) -> str:
    """Return the Python version of an environment whose interpreter comes from its image; empty where unknown."""
    return environment.python.version or python_in_tag(environment.image.base)


def needed_python(environment: Environment) -> str:
    """Return that version where pip's packages need it. Raises `InvalidInput` where it is unknown."""
    stated = stated_python(environment)
    if environment.python.pip and not stated:
        raise InvalidInput(
            "The Python version of the image is not stated, so pip packages cannot be locked for it.",
            "State it.",
            code="python-not-stated",
            subject=environment.name,
            remedy=Remedy(Act.STATE_PYTHON, environment.name),
        )
    return stated


def contradicting_python(environment: Environment) -> str:
    """Return the base image's Python ("3.11") where the one that is stated is another; else nothing."""
    python = environment.python
    told = ".".join(python_in_tag(environment.image.base).split(".")[:2])
    if not told or not python.version or any(item.name == "python" for item in python.conda):
        return ""
    return told if ".".join(python.version.split(".")[:2]) != told else ""

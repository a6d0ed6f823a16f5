"""The Python of an environment whose interpreter comes from its base image: what is stated, and what the tag tells."""

from __future__ import annotations

import re
from datetime import date

from envstudio.domain.environment import Environment
from envstudio.errors import Act, InvalidInput, Remedy

IN_TAG = re.compile(r"(?:^|/)python:(\d+\.\d+(?:\.\d+)?)(?![\w.])")


def python_in_tag(image: str) -> str:
    """Return the Python that the tag of an official image tells, "3.11" or "3.11.4"; empty if it tells none."""
    found = IN_TAG.search(image)
    return found.group(1) if found else ""


def stated_python(environment: Environment) -> str:
    """Return the Python version of an environment whose interpreter comes from its image; empty if unknown."""
    return environment.python.version or python_in_tag(environment.image.base)


def needed_python(environment: Environment) -> str:
    """Return that version if pip's packages need it. Raises `InvalidInput` if it is unknown."""
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


def newest_minor() -> int:
    """Return the number behind "3." of the Python that is being made this year: a new one each October (PEP 602)."""
    return max(16, date.today().year - 2010)


def is_python(version: str) -> bool:
    """Return whether there is such a Python, or may be soon; 2.7 is one."""
    major, minor = (int(part) for part in version.split(".")[:2])
    return (major, minor) == (2, 7) or (major == 3 and minor <= newest_minor())


def base_with_python(base: str, version: str) -> str:
    """Return an image of Docker's python repository with another version in its tag; any other image as it is.

    "python:3.11-slim-bookworm" and "3.12" give "python:3.12-slim-bookworm".
    """
    stated = python_in_tag(base)
    name, colon, tag = base.rpartition(":")
    if not stated or "@" in base or not tag.startswith(stated):
        return base
    return f"{name}{colon}{version}{tag.removeprefix(stated)}"


def contradicting_python(environment: Environment) -> str:
    """Return the base image's Python ("3.11") if the one that is stated is another; else nothing."""
    python = environment.python
    stated = ".".join(python_in_tag(environment.image.base).split(".")[:2])
    if not stated or not python.version or any(item.name == "python" for item in python.conda):
        return ""
    return stated if ".".join(python.version.split(".")[:2]) != stated else ""

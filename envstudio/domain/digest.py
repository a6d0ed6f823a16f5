"""The canonical form of a definition, and its sha256.

The digest covers all that decides what is built or run. Name, description and tags are outside it. The order of
requirements and variables does not count; the order of channels, pip options and Dockerfile lines does. Match specs
are normalized by spelling alone, not by a library's printer, so that a stored digest outlives every upgrade.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from envstudio.domain.canonical import canonical_dump, sha256
from envstudio.domain.environment import Environment, Image
from envstudio.domain.requirement import CondaRequirement

PREFIX = "sha256:"
AROUND_OPERATOR = re.compile(r"\s*([<>=!~,|]+)\s*")
SPEC_NAME = re.compile(r"^(?:[^\s\[]*::)?[^\s<>=!~\[]+")


def definition_digest(environment: Environment) -> str:
    """Return "sha256:" and 64 hexadecimal digits for what the definition decides."""
    return PREFIX + sha256(canonical_json(environment).encode())


def canonical_json(environment: Environment) -> str:
    """Return the canonical form as JSON text: keys sorted, no spaces, empty parts left out."""
    return canonical_dump(canonical_form(environment))


def canonical_form(environment: Environment) -> dict[str, Any]:
    """Return the definition as plain data in which equal meaning is equal form."""
    python = environment.python
    form = {
        "python": {
            "managed_by": str(python.managed_by),
            "interpreter": python.interpreter,
            "version": python.version,
            "channels": list(python.channels),
            "conda": sorted({normalized_spec(item) for item in python.conda}),
            "pip": sorted({item.canonical for item in python.pip}),
            "pip_options": [item.line for item in python.pip_options],
            "pip_constraints": sorted({item.canonical for item in python.pip_constraints}),
            "pip_indexes": dict(python.pip_indexes),
        },
        "image": _image_form(environment.image),
        "variables": {
            item.name: {
                "value": item.value,
                "secret": item.secret,
                "applies": sorted(str(stage) for stage in item.applies),
            }
            for item in environment.variables
        },
        "spark": asdict(environment.spark) if environment.spark else None,
        "serving": asdict(environment.serving) if environment.serving else None,
        "cuda": environment.cuda,
        "solve": environment.solve.canonical(),
        "carried": dict(environment.carried),
    }
    return _without_empty(form)


def _image_form(image: Image) -> dict[str, Any]:
    """Return the image as plain data; of a folder whose content is known, the content counts and not the path."""
    form = asdict(image)
    if image.context is not None and image.context.digest and not image.context.is_remote:
        del form["context"]["location"]
    return form


def normalized_spec(requirement: CondaRequirement) -> str:
    """Return a match spec with its name in lower case and no spaces around operators."""
    text = AROUND_OPERATOR.sub(r"\1", requirement.text.strip())
    return SPEC_NAME.sub(lambda found: found.group().lower(), text)


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    """Drop None, empty text and empty containers, so that a new optional field changes no old digest."""
    kept = {}
    for key, item in value.items():
        inner = _without_empty(item) if isinstance(item, dict) and key != "carried" else item
        if inner is None or inner == "" or inner == {} or inner == [] or inner == ():
            continue
        kept[key] = inner
    return kept

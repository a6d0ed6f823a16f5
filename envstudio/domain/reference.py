"""References to environments, "name", "name:3", "name@label", and the rules for names."""

from __future__ import annotations

import re
from dataclasses import dataclass

from envstudio.errors import InvalidInput

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
MAX_NAME = 255
CURATED = "curated/"
DRAFT = "draft"
LATEST = "latest"


def checked_name(name: str, what: str = "environment") -> str:
    """Return the name if it obeys the rules, else raise `InvalidInput` with the rule it breaks."""
    if not name:
        raise InvalidInput(f"The {what} has no name.", "Give it one, such as churn-train.", code="invalid-name")
    if len(name) > MAX_NAME:
        raise InvalidInput(
            f"The {what} name has {len(name)} characters.",
            f"Shorten it to {MAX_NAME} characters or fewer.",
            code="invalid-name",
        )
    if not NAME.fullmatch(name):
        raise InvalidInput(
            f"{name!r} is not a name for {_article(what)} {what}.",
            "Use letters, digits, '-', '_' and '.', beginning with a letter or digit.",
            code="invalid-name",
            subject=name,
        )
    return name


def _article(noun: str) -> str:
    return "an" if noun[0] in "aeiou" else "a"


def cleaned_name(text: str) -> str:
    """Return the nearest valid name to any text, such as a file's stem or a title."""
    name = re.sub(r"[^A-Za-z0-9._-]+", "-", text).strip("-._")[:MAX_NAME]
    return name or "environment"


@dataclass(frozen=True, slots=True)
class Reference:
    """A pointer to a version: a number, a label, the draft, or (neither given) the latest version."""

    name: str
    version: int | None = None
    label: str | None = None
    curated: bool = False

    @property
    def is_draft(self) -> bool:
        return self.label == DRAFT

    def __str__(self) -> str:
        tail = f":{self.version}" if self.version is not None else f"@{self.label}" if self.label else ""
        return (CURATED if self.curated else "") + self.name + tail


def parse_reference(text: str) -> Reference:
    """Read "name", "name:3", "name@label", "name@draft" or "curated/NAME". Raises `InvalidInput`.

    Azure's `azureml:name:3` and `azureml:name@latest` are understood too.
    """
    body = text.strip().removeprefix("azureml:")
    curated = body.startswith(CURATED)
    body = body.removeprefix(CURATED)
    if "@" in body:
        name, label = body.split("@", 1)
        label = checked_name(label, "label")
        return Reference(checked_name(name), label=None if label == LATEST else label, curated=curated)
    name, colon, number = body.partition(":")
    if not colon:
        return Reference(checked_name(name), curated=curated)
    if not re.fullmatch(r"[1-9][0-9]{0,8}", number):
        raise InvalidInput(
            f"{number!r} in {text!r} is not a version number.",
            "Versions are 1, 2, 3 …, as in churn-train:3.",
            code="invalid-name",
            subject=text,
        )
    return Reference(checked_name(name), int(number), curated=curated)

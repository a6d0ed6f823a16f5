"""What is typed about a package, turned into requirements. Raises `InvalidInput` for what is not understood."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from envstudio.domain.diff import ANY_VERSION
from envstudio.domain.environment import Environment, PipOption
from envstudio.domain.requirement import (
    CondaRequirement,
    PipKind,
    PipRequirement,
    conda_requirement,
    pep508,
    pip_requirement,
)
from envstudio.errors import InvalidInput
from envstudio.formats.requirement_lines import FLAGS, OF_A_REQUIREMENT, SHORT, WITH_VALUE

NO_OPTIONS = ("-r", "-c", "--editable", *OF_A_REQUIREMENT)
OF_A_FILE = ("-r", "--requirement", "-c", "--constraint")
EDITABLE = ("-e", "--editable")
Requirement = CondaRequirement | PipRequirement
CONDA, PIP = "conda", "pip"
CHANNELS = "channels"
ONLY_PIP = re.compile(
    r"^(?:-e |--editable|(?:git|hg|svn|bzr)\+|https?://|file:)|\s@\s|^\S+\[[a-z0-9,_-]+\]\s*(?:[<>=!~;]|$)"
    r"|\s--[a-z]|;"
)
BULLET = re.compile(
    r"^\s*(?:-\s+)?(?:(?P<quote>['\"])(?P<quoted>(?:(?!(?P=quote)).)*)(?P=quote)|(?P<plain>.*?))\s*,?\s*$"
)
CONTINUED = re.compile(r"\s*\\[ \t]*\n\s*")
SECTION = re.compile(r"^(?P<indent>\s*)(?:-\s+)?(?P<name>channels|dependencies|pip):\s*$")
NO_PACKAGE = re.compile(r"^(?:name|prefix):(?:\s|$)")
COMMENT = re.compile(r"(?:^|\s)#.*$")
OPERATORS = ("<", ">", "=", "!", "~")


def manager_of(item: Requirement) -> str:
    """Return "conda" or "pip"."""
    return CONDA if isinstance(item, CondaRequirement) else PIP


def parse_line(text: str, manager: str) -> Requirement:
    """Read one line as a requirement; `pip:` before it, and what only pip knows, make it pip's."""
    text = text.strip()
    for known in (PIP, CONDA):
        if text.startswith(f"{known}:"):
            text, manager = text.removeprefix(f"{known}:").strip(), known
    if manager == PIP or ONLY_PIP.search(text):
        return pip_requirement(text)
    return conda_requirement(text)


def pasted_lines(text: str) -> list[str]:
    """Return the requirement lines in a paste: comments, list marks and quotes taken off.

    In a conda file, what stands under "pip:" has that before it, and so has a channel.
    """
    lines, section, indent = [], "", 0
    for line in CONTINUED.sub(" ", text).splitlines():
        line = COMMENT.sub("", line)
        if head := SECTION.match(line):
            section, indent = head["name"], len(head["indent"])
            continue
        if section == PIP and line.strip() and len(line) - len(line.lstrip()) <= indent:
            section = ""
        match = BULLET.match(line)
        item = (match["quoted"] or match["plain"] or "").strip() if match else ""
        if not item or item in ("[", "]") or NO_PACKAGE.match(line):
            continue
        if section == CHANNELS:
            item = f"{CHANNELS}: {item}"
        elif section == PIP and not item.startswith(("-", f"{PIP}:")):
            item = f"{PIP}:{item}"
        lines.append(item)
    return lines


def with_line(environment: Environment, text: str, manager: str) -> tuple[Environment, Requirement | PipOption]:
    """Take in a line of a requirements file: a requirement, or one of pip's options. Raises `InvalidInput`."""
    first = text.split(maxsplit=1)[0].partition("=")[0] if text.split() else ""
    if first == f"{CHANNELS}:":
        raise InvalidInput(f"{text.split(maxsplit=1)[-1]!r} is a channel.", "Add it with the + beside the channels.")
    if first in OF_A_FILE:
        raise InvalidInput(f"{text.strip()!r} names another file.", "Drop that file here, or paste its lines.")
    if first.startswith("-") and first not in EDITABLE:
        option = parse_option(text)
        options = tuple(dict.fromkeys((*environment.python.pip_options, option)))
        return replace(environment, python=replace(environment.python, pip_options=options)), option
    item = parse_line(text, manager)
    return with_requirement(environment, item), item


def parse_option(text: str) -> PipOption:
    """Read one of pip's options as a requirements file has it. Raises `InvalidInput`."""
    text = text.strip()
    if "://" in text and not text.startswith("-"):
        text = f"--extra-index-url {text}"
    name, _, value = text.replace("=", " ", 1).partition(" ") if text.startswith("--") else text.partition(" ")
    name = SHORT.get(name, name)
    if name in FLAGS and not value.strip():
        return PipOption(name)
    if name in WITH_VALUE and name not in NO_OPTIONS and value.strip():
        return PipOption(name, value.strip())
    raise InvalidInput(f"{text!r} is not an option of pip.", "Write one such as --extra-index-url https://….")


def with_requirement(environment: Environment, item: Requirement) -> Environment:
    """Add a requirement or replace the one of its name."""
    return environment.with_conda(item) if isinstance(item, CondaRequirement) else environment.with_pip(item)


def without_requirement(environment: Environment, item: Requirement) -> Environment:
    """Remove a requirement by its name."""
    if isinstance(item, CondaRequirement):
        return environment.without_conda(item.name)
    return environment.without_pip(item.name)


def with_replaced(environment: Environment, old: Requirement, new: Requirement) -> Environment:
    """Put `new` where `old` stands; where the manager or the name changes, the old one goes."""
    if manager_of(old) != manager_of(new):
        return with_requirement(without_requirement(environment, old), new)
    python = environment.python
    if isinstance(old, CondaRequirement):
        return replace(environment, python=replace(python, conda=_replaced(python.conda, old, new)))
    return replace(environment, python=replace(python, pip=_replaced(python.pip, old, new)))


def _replaced(items: tuple[Any, ...], old: Requirement, new: Requirement) -> tuple[Any, ...]:
    """Put `new` where `old` stands, and drop others of the new name."""
    return tuple(new if item is old else item for item in items if item is old or item.name != new.name)


def wanted_text(item: Requirement) -> str:
    """Return what a requirement asks of its package, as the Wanted column shows it."""
    if isinstance(item, CondaRequirement):
        return item.constraint or ANY_VERSION
    text = ("editable " if item.editable else "") + (item.constraint or ANY_VERSION)
    return text + (f" ; {item.marker}" if item.marker else "") + "".join(f" {option}" for option in item.options)


def shown_name(item: Requirement) -> str:
    """Return the name as a table shows it, extras included."""
    if isinstance(item, PipRequirement) and item.extras:
        return f"{item.name}[{','.join(item.extras)}]"
    return item.name


def editable_text(item: Requirement) -> str:
    """Return what to put into the cell when Wanted is edited: the constraint alone where that says everything."""
    if isinstance(item, CondaRequirement):
        return item.text if "[" in item.text else item.constraint
    plain = item.kind is PipKind.NAMED and not (item.editable or item.options or item.marker)
    return item.constraint if plain else item.line


def with_wanted(item: Requirement, text: str) -> Requirement:
    """Return the requirement with another constraint; a text that begins with its name is a whole requirement."""
    text = text.strip()
    if text == ANY_VERSION:
        text = ""
    head = re.match(r"(?:[A-Za-z0-9_.-]+::)?([A-Za-z0-9][A-Za-z0-9._-]*)", text)
    whole = bool(head) and head is not None and head.group(1).lower().replace("_", "-") == item.name.replace("_", "-")
    if isinstance(item, CondaRequirement):
        if whole:
            return conda_requirement(text)
        channel = f"{item.channel}::" if item.channel else ""
        return conda_requirement(f"{channel}{item.name}{'' if text.startswith(OPERATORS) else ' '}{text}")
    if whole or "://" in text or text.startswith(("-e ", "git+", "/", "./")):
        return pip_requirement(text)
    if text and not text.startswith(OPERATORS):
        text = f"=={text}"
    parsed = pep508(item.text)
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed and parsed.extras else ""
    return pip_requirement(f"{parsed.name if parsed else item.name}{extras}{text}")


def with_source(item: Requirement, source: str, channels: tuple[str, ...]) -> Requirement:
    """Return the requirement taken from pip, from conda's channels in their order, or from one channel."""
    if source == PIP:
        return (
            item if isinstance(item, PipRequirement) else pip_requirement(f"{item.name}{_pip_specifier(item.version)}")
        )
    channel = f"{source}::" if source in channels else ""
    if isinstance(item, PipRequirement):
        text = item.constraint if item.kind is PipKind.NAMED else ""
        return conda_requirement(f"{channel}{item.name}{text}")
    text = item.text.split("::", 1)[-1]
    return conda_requirement(f"{channel}{text}")


def _pip_specifier(version: str) -> str:
    """Return a conda version constraint as pip writes it."""
    parts = (part.strip() for part in version.split(",") if part.strip())
    return ",".join(part if part.startswith(OPERATORS) else f"=={part}" for part in parts)

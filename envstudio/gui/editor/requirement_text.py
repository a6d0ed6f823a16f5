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
    match_spec,
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
    """Add a requirement or replace the one of its name; pip's with other markers stand beside each other."""
    return environment.with_conda(item) if isinstance(item, CondaRequirement) else environment.with_pip(item)


def without_requirement(environment: Environment, item: Requirement) -> Environment:
    """Remove a requirement, and no other of its name."""
    python = environment.python
    if isinstance(item, CondaRequirement):
        return replace(environment, python=replace(python, conda=_without(python.conda, item)))
    return replace(environment, python=replace(python, pip=_without(python.pip, item)))


def _without(items: tuple[Any, ...], item: Requirement) -> tuple[Any, ...]:
    position = _position_of(items, item)
    return items[:position] + items[position + 1 :] if position >= 0 else items


def with_replaced(environment: Environment, old: Requirement, new: Requirement) -> Environment:
    """Put `new` if `old` stands; if the manager changes, the old one goes.

    Others of the old name stay as they are; others of a name that is new here go.
    """
    if manager_of(old) != manager_of(new):
        return with_requirement(without_requirement(environment, old), new)
    python = environment.python
    if isinstance(old, CondaRequirement):
        return replace(environment, python=replace(python, conda=_replaced(python.conda, old, new)))
    return replace(environment, python=replace(python, pip=_replaced(python.pip, old, new)))


def _replaced(items: tuple[Any, ...], old: Requirement, new: Requirement) -> tuple[Any, ...]:
    position = _position_of(items, old)
    taken = new.name if new.name != old.name else None
    return tuple(
        new if number == position else item
        for number, item in enumerate(items)
        if number == position or item.name != taken
    )


def _position_of(items: tuple[Any, ...], item: Requirement) -> int:
    """Return where an item stands, or -1; of equal ones, the same object is meant."""
    same = (number for number, other in enumerate(items) if other is item)
    return next(same, items.index(item) if item in items else -1)


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
    """Return what to put into the cell when Wanted is edited: the constraint alone if that says everything."""
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
    if item.kind is PipKind.NAMED and not item.editable:
        return with_version(item, text)
    parsed = pep508(item.text)
    if parsed is None:
        raise InvalidInput(f"{text!r} names no package.", f"Write a whole requirement, such as name{text}.")
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    return pip_requirement(f"{parsed.name}{extras}{text}{_with_marker(item)}")


def renamed(item: Requirement, text: str) -> Requirement:
    """Return the requirement of another package; what is typed beside its name counts too. Raises `InvalidInput`."""
    text = text.strip()
    if re.search(r"[<>=!~;@\s]", text):
        return parse_line(text, manager_of(item))
    if isinstance(item, CondaRequirement):
        # Only before the name may a channel stand, and only behind it a constraint.
        head = re.match(r"((?:[^\s\[]*::)?)[^\s<>=!~\[]+", item.text)
        if head is None:
            return conda_requirement(text)
        channel = "" if "::" in text else head.group(1)
        return conda_requirement(f"{channel}{text}{item.text[head.end() :]}")
    if item.kind is not PipKind.NAMED:
        raise InvalidInput(
            f"{item.name} is what {item.constraint} holds, so it has that name.",
            "Name another source in the column Wanted, or add the other package below.",
        )
    return _with_facts(pip_requirement(f"{text}{item.constraint}{_with_marker(item)}"), item)


def with_version(item: Requirement, version: str) -> Requirement:
    """Return the requirement with other bounds and all else that it says: build, channel, extras, marker, options.

    One that comes from an address or a path has its version from there, and stays as it is. Raises `InvalidInput`.
    """
    if isinstance(item, CondaRequirement):
        spec = match_spec(item.text)
        if "[" in item.text and spec.build is None:
            raise InvalidInput(f"{item.text} says more than a version.", "Edit the whole of it in the column Wanted.")
        channel = f"{item.channel}::" if item.channel else ""
        build = f" {spec.build}" if spec.build is not None else ""
        between = "" if version.startswith(OPERATORS) and not build else " "
        return conda_requirement(f"{channel}{item.name}{between}{version or ('*' if build else '')}{build}")
    parsed = pep508(item.text)
    if item.kind is not PipKind.NAMED or parsed is None:
        return item
    extras = f"[{','.join(sorted(parsed.extras))}]" if parsed.extras else ""
    return _with_facts(pip_requirement(f"{parsed.name}{extras}{version}{_with_marker(item)}"), item)


def _with_marker(item: PipRequirement) -> str:
    """Return the marker as it was written, with what parts it from the rest."""
    return f" ; {item.text.rpartition(';')[2].strip()}" if item.marker else ""


def _with_facts(new: PipRequirement, old: PipRequirement) -> PipRequirement:
    """Keep what stands around a requirement; a hash is that of the files of one version."""
    same = new.canonical == replace(old, editable=False, options=()).canonical
    kept = tuple(option for option in old.options if same or not option.startswith("--hash"))
    return replace(new, editable=old.editable, options=kept)


def with_source(item: Requirement, source: str, channels: tuple[str, ...]) -> Requirement:
    """Return the requirement taken from pip, from conda's channels in their order, or from one channel.

    Raises `InvalidInput` if it says something that the other manager has no word for.
    """
    if source == PIP:
        return item if isinstance(item, PipRequirement) else _for_pip(item)
    channel = f"{source}::" if source in channels else ""
    if isinstance(item, PipRequirement):
        return conda_requirement(f"{channel}{_for_conda(item)}")
    text = item.text.split("::", 1)[-1]
    return conda_requirement(f"{channel}{text}")


def _for_pip(item: CondaRequirement) -> PipRequirement:
    if item.name == "python":
        raise InvalidInput("Python itself does not come from pip.", "Keep it with conda, or take it from the image.")
    if build := match_spec(item.text).build:
        raise InvalidInput(f"{item.text} names the build {build}, and pip knows no builds.", "Remove the build first.")
    return pip_requirement(f"{item.name}{_pip_specifier(item.version)}")


def _for_conda(item: PipRequirement) -> str:
    if item.kind is not PipKind.NAMED or item.editable:
        raise InvalidInput(
            f"{item.line} is a source, and conda takes packages from channels only.", "Keep it with pip."
        )
    refused_parts = (
        ("extras", f"[{','.join(item.extras)}]" if item.extras else ""),
        ("a marker", item.marker),
        ("options", " ".join(item.options)),
    )
    for what, text in refused_parts:
        if text:
            raise InvalidInput(f"{item.name} has {what}, {text}, which conda does not know.", "Remove that first.")
    return f"{item.name}{item.constraint}"


def _pip_specifier(version: str) -> str:
    """Return a conda version constraint as pip writes it."""
    parts = (part.strip() for part in version.split(",") if part.strip())
    return ",".join(part if part.startswith(OPERATORS) else f"=={part}" for part in parts)

"""The lines of pip's requirements files, for every format that holds some.

The grammar is that of pip's documentation, "Requirements File Format", and of pip's own `req_file.py` if that page
is silent. Lines become requirements, constraints and options; whatever is left over is a problem or an error.
"""

from __future__ import annotations

import hashlib
import re
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from urllib.parse import urljoin

from envstudio.domain.environment import PipOption, Python
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import PipRequirement, names_requirements_file, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_ENTRIES, located
from envstudio.formats.format import Source
from envstudio.formats.source import TEMPLATE, bytes_source, read_source, refuse_conflict_markers

COMMENT = re.compile(r"(?:^|\s)#.*$")
FROM_PROCESS = re.compile(r"\$\{[A-Z0-9_]+\}")
MAX_LOGICAL_LINE = 50_000
"""Characters with continuations; a requirement with five hundred hashes has 45,000."""

MAX_FETCHED = 20
"""Files of servers that one import takes."""

CONSTRAINTS_FILE = "constraints.txt"
Base = Path | str | None
"""Where relative names in a file start from: its folder, or the address that it was fetched from."""


SHORT = {
    "-i": "--index-url",
    "-f": "--find-links",
    "-r": "-r",
    "-c": "-c",
    "-e": "--editable",
    "-C": "--config-settings",
}
LONG = {"--requirement": "-r", "--constraint": "-c", "--pypi-url": "--index-url"}
OF_A_REQUIREMENT = ("--hash", "--config-settings", "--global-option", "--install-option")
WITH_VALUE = (
    "-r",
    "-c",
    "--editable",
    "--index-url",
    "--extra-index-url",
    "--find-links",
    "--no-binary",
    "--only-binary",
    "--trusted-host",
    "--use-feature",
    "--allow-external",
    "--allow-unverified",
    "--download-cache",
    *OF_A_REQUIREMENT,
)
FLAGS = (
    "--no-index",
    "--prefer-binary",
    "--require-hashes",
    "--pre",
    "--process-dependency-links",
    "--always-unzip",
    "--allow-all-external",
    "--use-wheel",
    "--no-use-wheel",
)


@dataclass(frozen=True, slots=True)
class Line:
    """One logical line: continuations joined, comment gone. `position` is how problems name it."""

    file: str
    number: int
    text: str
    position: str

    def error(self, reason: str, advice: str, details: str = "") -> InvalidInput:
        return located(self.file, self.number, reason, advice, details)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield the number and the text of each line that says something, as pip joins and strips them."""
    parts: list[str] = []
    first = 0
    for number, line in enumerate(text.splitlines(), 1):
        first = first if parts else number
        is_comment = line.lstrip().startswith("#")
        if line.endswith("\\") and not is_comment:
            parts.append(line.strip("\\"))
            continue
        # A comment ends a continuation, and the space keeps it from becoming part of the word before it.
        parts.append(" " + line if is_comment else line)
        yield from _stripped(first, parts)
        parts = []
    yield from _stripped(first, parts)


def _stripped(number: int, parts: list[str]) -> Iterator[tuple[int, str]]:
    text = COMMENT.sub("", "".join(parts)).strip()
    if text:
        yield number, text


@dataclass(slots=True)
class RequirementReader:
    """Gathers what the lines of a file, and of the files that they name, request."""

    source: Source
    requirements: list[PipRequirement] = field(default_factory=list)
    constraints: list[PipRequirement] = field(default_factory=list)
    options: list[PipOption] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    _included: set[tuple[Path | str, str]] = field(default_factory=set)
    _lines: int = 0

    def read_file(self) -> None:
        """Take all lines of the source. Raises `InvalidInput` naming the line that is malformed."""
        if self.source.folder is not None:
            self._included.add(((self.source.folder / self.source.file_name).resolve(), "-r"))
        self._read(self.source, self.requirements)

    def read_text(self, text: str, line: int) -> bool:
        """Take a text that stands at a line of another format; return whether it says anything."""
        lines = [number for number, _ in logical_lines(text)]
        for _, part in logical_lines(text):
            self._take(Line(self.source.file_name, line, part, f"line {line}"), self.source.folder, self.requirements)
        return bool(lines)

    def into(self, python: Python) -> Python:
        """Return a Python section with what was gathered in it."""
        return replace(
            python,
            pip=tuple(self.requirements),
            pip_options=tuple(self.options),
            pip_constraints=tuple(self.constraints),
        )

    def _read(self, source: Source, target: list[PipRequirement]) -> None:
        refuse_conflict_markers(source)
        prefix = "" if source is self.source else f"{source.file_name}, "
        base: Base = source.folder if source.folder is not None or "://" not in source.name else source.name
        for number, text in logical_lines(source.text):
            self._take(Line(source.file_name, number, text, f"{prefix}line {number}"), base, target)

    def _take(self, line: Line, folder: Base, target: list[PipRequirement]) -> None:
        self._lines += 1
        if self._lines > MAX_ENTRIES:
            raise line.error(f"the most requirements that are read are {MAX_ENTRIES:,}.", "Remove what is not needed.")
        if len(line.text) > MAX_LOGICAL_LINE:
            reason = f"with its continuations this line has {len(line.text):,} characters"
            raise line.error(f"{reason}; the most that is read is {MAX_LOGICAL_LINE:,}.", "Break it into several.")
        if TEMPLATE.search(line.text):
            raise line.error(f"this is a template: {line.text!r}.", "Fill in the template first.")
        if FROM_PROCESS.search(line.text):
            self._report("variable-in-line", Severity.INFO, line, f"pip fills in {line.text!r} when it runs.", "")
        requirement, tail = _split_tail(line.text)
        options, ignored = _options(line, tail)
        for word in ignored:
            message = f"pip ignores {word!r} behind an option, and so it was left out."
            self._report("word-ignored", Severity.WARNING, line, message, "Put it on a line of its own, or in quotes.")
        own = tuple(_joined(option) for option in options if option.name in OF_A_REQUIREMENT)
        editables = [option.value for option in options if option.name == "--editable"]
        if names_requirements_file(requirement) and _found(requirement, folder) is not None:
            message = f"{requirement} is the name of a file; its lines were read, as by -r {requirement}."
            self._report("file-as-package", Severity.WARNING, line, message, f"Write -r {requirement}.")
            self._include(line, PipOption("-r", requirement), folder)
        elif requirement or own or editables:
            text = requirement or " ".join(f"-e {value}" for value in editables)
            target.append(replace(_requirement(line, text), options=own))
        for option in options:
            if option.name in OF_A_REQUIREMENT or (option.name == "--editable" and not requirement):
                continue
            if requirement:
                self._report(
                    "option-after-requirement",
                    Severity.WARNING,
                    line,
                    f"pip ignores {option.line!r} behind a requirement; it is read as a line of its own.",
                    "Put it on a line of its own.",
                )
            self._take_option(line, option, folder)

    def _take_option(self, line: Line, option: PipOption, folder: Base) -> None:
        if option.name in ("-r", "-c"):
            self._include(line, option, folder)
        else:
            self.options.append(option)

    def _include(self, line: Line, option: PipOption, folder: Base) -> None:
        """Take the lines of the file that `-r` or `-c` names, or keep the option if that file cannot be read."""
        address, path = _address(option.value, folder), _found(option.value, folder)
        fetch = self.source.choices.fetch if address else None
        if path is None and fetch is None:
            self._keep_unread(line, option, is_remote=bool(address))
        elif (path or address, option.name) in self._included:
            self._report("file-twice", Severity.INFO, line, f"{option.value} was read already.", "")
        else:
            self._included.add((path or address, option.name))
            target = self.requirements if option.name == "-r" else self.constraints
            if path is not None:
                self._read(replace(read_source(path), name=option.value), target)
            elif fetch is not None:
                self._read(self._fetched(line, address, fetch), target)

    def _keep_unread(self, line: Line, option: PipOption, *, is_remote: bool) -> None:
        self.options.append(option)
        lost = "so its lines are not part of this."
        if is_remote:
            message = f"The file {option.value} is on a server and was not fetched, {lost}"
            advice = "Have it fetched when importing, put it beside this file, or remove the line."
            self._report("file-not-fetched", Severity.ERROR, line, message, advice)
        else:
            message = f"The file {option.value} is not there, {lost}"
            advice = "Put it beside this file and read again, or remove the line."
            self._report("file-not-read", Severity.ERROR, line, message, advice)

    def _fetched(self, line: Line, address: str, fetch: Callable[[str], bytes]) -> Source:
        """Return a file of a server, and tell which bytes it was. Raises `InvalidInput`, `Unavailable`."""
        if sum(isinstance(place, str) for place, _ in self._included) > MAX_FETCHED:
            raise line.error(f"at most {MAX_FETCHED} files are fetched.", "Put the files beside this one.")
        data = fetch(address)
        message = f"{address} was fetched (sha256 {hashlib.sha256(data).hexdigest()})."
        self._report("file-fetched", Severity.INFO, line, message, "")
        return bytes_source(address, data)

    def _report(self, code: str, severity: Severity, line: Line, message: str, advice: str) -> None:
        self.problems.append(Problem(code, severity, line.position, message, advice))


def _address(value: str, folder: Base) -> str:
    """Return the address that an option names, also by a path relative to that of its own file; "" for a file."""
    address = urljoin(folder, value) if isinstance(folder, str) else value
    return address if address.startswith(("https://", "http://")) else ""


def _found(value: str, folder: Base) -> Path | None:
    """Return the file on this disk that an option names; a relative path needs a folder to start from.

    A file of a server names none here.
    """
    if isinstance(folder, str):
        return None
    if "://" in value and not value.startswith("file://"):
        return None
    path = Path(value.removeprefix("file://").replace("\\", "/"))
    if folder is None and not path.is_absolute():
        return None
    path = ((folder or Path("/")) / path).resolve()
    return path if path.is_file() else None


def _requirement(line: Line, text: str) -> PipRequirement:
    try:
        return pip_requirement(text)
    except InvalidInput as error:
        reason = error.details.split("\n", 1)[0].strip().rstrip(".")
        summary = error.summary.rstrip(".")
        raise line.error(f"{summary}: {reason}." if reason else error.summary, error.advice, error.details) from error


def _split_tail(text: str) -> tuple[str, str]:
    """Split a line where its first option begins."""
    words = text.split(" ")
    for index, word in enumerate(words):
        if word.startswith("-"):
            return " ".join(words[:index]).strip(), " ".join(words[index:])
    return text, ""


def _options(line: Line, text: str) -> tuple[list[PipOption], list[str]]:
    """Return the options of a line, under their long names but for `-r` and `-c`, and the words that belong to none."""
    options, ignored = [], []
    words = iter(_words(line, text))
    for word in words:
        if not word.startswith("-"):
            ignored.append(word)
            continue
        name, value = _named(line, word)
        if name in FLAGS and value is not None:
            raise line.error(f"{name} takes no value.", "Remove what follows the '='.")
        if name not in FLAGS:
            value = next(words, None) if value is None else value
            if not value:
                raise line.error(f"{word} has no value.", "Give it one, or remove the line.")
        options.append(PipOption(name, value or ""))
    return options, ignored


def _named(line: Line, word: str) -> tuple[str, str | None]:
    """Return an option's long name and the value that is attached to it, if one is."""
    if word.startswith("--"):
        written, equals, value = word.partition("=")
        known = [name for name in (*WITH_VALUE, *FLAGS, *LONG) if name.startswith(written)]
        known = [written] if written in known else known
        if len(known) == 1:
            return LONG.get(known[0], known[0]), value if equals else None
    elif word[:2] in SHORT:
        return SHORT[word[:2]], word[2:].removeprefix("=") or None
    raise line.error(f"{word.partition('=')[0]!r} is not an option of a requirements file.", "Remove it.")


def _words(line: Line, text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True)
    lexer.whitespace_split = True
    lexer.commenters = ""
    # A backslash is a part of Windows paths here; continuation lines are joined already.
    lexer.escape = ""
    try:
        return list(lexer)
    except ValueError as error:
        raise line.error(f"a quotation mark is not closed: {text!r}.", "Close it.") from error


def _joined(option: PipOption) -> str:
    return f"{option.name}={_quoted(option.value)}"


def _quoted(value: str) -> str:
    return f'"{value}"' if re.search(r"\s", value) else value


def option_line(option: PipOption) -> str:
    """Return an option as a line of a requirements file. Raises `InvalidInput` for one that would be several."""
    line = f"{option.name} {_quoted(option.value)}".rstrip()
    if not line.isprintable() and len(line.splitlines()) > 1:
        raise InvalidInput(f"The option {option.name!r} of pip holds a line break.", "Write it on one line.")
    return line


def written_lines(python: Python) -> tuple[list[str], dict[str, str]]:
    """Return the lines for options and requirements, and the constraints file that they name, if there are any."""
    lines = [option_line(option) for option in python.pip_options]
    files = {}
    if python.pip_constraints:
        lines.append(f"-c {CONSTRAINTS_FILE}")
        files[CONSTRAINTS_FILE] = "".join(f"{item.line}\n" for item in python.pip_constraints)
    return lines + [item.line for item in python.pip], files

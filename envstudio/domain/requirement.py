"""One conda or pip requirement, parsed.

Conda match specs are read by rattler (conda's `MatchSpec` grammar), pip requirements by PyPA's `packaging` (PEP 508)
with what pip adds to them in requirements files: direct URLs, VCS sources, paths and editables. A requirement keeps
the text that the user wrote; everything else about it is derived.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from envstudio.errors import Act, InvalidInput, Remedy

if TYPE_CHECKING:
    from rattler import MatchSpec

VCS_SCHEMES = ("git+", "hg+", "svn+", "bzr+")
COMMIT = re.compile(r"@[0-9a-f]{40}(?:#|$)")
FRAGMENT_NAME = re.compile(r"[#&]egg=([A-Za-z0-9._-]+)")
WHEEL_NAME = re.compile(r"([A-Za-z0-9._]+)-.+\.whl")
PER_REQUIREMENT_OPTION = re.compile(r"\s--(?:hash|config-settings|global-option|install-option)[= ]")
OPTION = re.compile(r"""--(?:"[^"]*"|'[^']*'|\s+(?!--)|\S)+""")
ARCHIVE = re.compile(r"[^\s;\[]+\.(?:whl|zip|tar\.gz|tar\.bz2)")
SECOND_WORD = re.compile(r"[^\s<>=!~(\[]+ ([A-Za-z][A-Za-z_.+*-]*)(?: |$)")
SURROGATE = re.compile("[\ud800-\udfff]")
MAX_LENGTH = 10_000
"""Characters of one requirement. Real ones stay below 500, and what parsers take grows with the square."""

MAX_PARENTHESES = 50
"""The parser of markers recurses; real markers nest three deep."""

SINGLE_EQUALS = re.compile(r"([A-Za-z0-9][\w.-]*(?:\[[^\]]*\])?)\s*=\s*([\w.*+!-]+)")

LOCAL_PATH = re.compile(r"^(?:\.{1,2}(?:[/\\]|$)|/|~[/\\]|[A-Za-z]:[/\\]|file:)")


@dataclass(frozen=True, slots=True)
class CondaRequirement:
    """A conda match spec as written. Make one with `conda_requirement`, which checks it."""

    text: str

    @property
    def name(self) -> str:
        """The package name in lower case, as conda compares it."""
        return _conda_name(self.text)

    @property
    def channel(self) -> str:
        """The channel that the spec itself names, or nothing."""
        channel = match_spec(self.text).channel
        return "" if channel is None else str(channel.name)

    @property
    def constraint(self) -> str:
        """The version and build part in canonical form; empty if any version will do."""
        return _conda_constraint(self.text)

    @property
    def version(self) -> str:
        """The version part in canonical form; empty if any version will do."""
        version = match_spec(self.text).version
        return "" if version is None or str(version) == "*" else str(version)

    @property
    def canonical(self) -> str:
        """The one form that all spellings of the same spec share."""
        return str(match_spec(self.text))


@lru_cache(maxsize=65536)
def match_spec(text: str) -> MatchSpec:
    """Parse a conda match spec with rattler. Raises `InvalidInput`."""
    from rattler import MatchSpec
    from rattler.exceptions import InvalidMatchSpecError

    if reason := _beyond_limits(text):
        raise InvalidInput(
            f"{text[:40]!r}… is not a conda match spec: {reason}.",
            "Write one package.",
            code="conda-bad-spec",
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    try:
        return MatchSpec(text)
    except InvalidMatchSpecError as error:
        raise InvalidInput(
            f"{text!r} is not a conda match spec.",
            "Write a name with constraints, such as numpy>=2,<3 or pytorch=2.5.*=cuda*.",
            str(error),
            code="conda-bad-spec",
            remedy=Remedy(Act.EDIT_PACKAGES),
        ) from error


@lru_cache(maxsize=65536)
def _conda_name(text: str) -> str:
    name = match_spec(text).name
    normalized = getattr(name, "normalized", None) or str(name)
    return normalized.lower()


@lru_cache(maxsize=65536)
def _conda_constraint(text: str) -> str:
    spec = match_spec(text)
    version = "" if spec.version is None or str(spec.version) == "*" else str(spec.version)
    build = "" if spec.build is None else str(spec.build)
    return f"{version or '*'} {build}" if build else version


def conda_requirement(text: str) -> CondaRequirement:
    """Return the requirement for a match spec. Raises `InvalidInput` if it is malformed."""
    requirement = CondaRequirement(" ".join(text.split()))
    # rattler takes what stands before a colon for a channel, an option of pip's among it.
    if requirement.name.startswith("-") or " --" in requirement.text:
        raise InvalidInput(
            f"{text!r} is not a conda match spec.",
            "Options of pip belong to the pip requirements.",
            code="conda-bad-spec",
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    # rattler takes a second bound for a build string, if no comma stands between them.
    build = str(match_spec(requirement.text).build or "")
    if build.startswith(("<", ">", "=", "!", "~")):
        before = requirement.text.rpartition(build)[0].rstrip()
        raise InvalidInput(
            f"{text!r} is not a conda match spec: a comma is missing between its bounds.",
            f"Write {before},{build}." if before else "Write both bounds with a comma between them.",
            code="conda-bad-spec",
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    # rattler takes whatever follows the version for a build string, a marker of pip's among it.
    if re.search(r"[\s;]", str(match_spec(requirement.text).build or "")):
        raise InvalidInput(
            f"{text!r} is not a conda match spec.",
            "Write one package, with a version and a build at most.",
            code="conda-bad-spec",
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    # conda takes the second of two names for a version; whoever means such a one writes it behind an operator.
    if second := SECOND_WORD.match(requirement.text):
        raise InvalidInput(
            f"{text!r} is not a conda match spec.",
            f"{second[1]} is not a version. Write each package by itself, and versions as in {requirement.name}>=1.2.",
            code="conda-bad-spec",
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    return requirement


class PipKind(StrEnum):
    NAMED = "named"
    URL = "url"
    VCS = "vcs"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class PipRequirement:
    """A pip requirement as written, without comment. Make one with `pip_requirement`, which checks it.

    `options` are pip's per-requirement options as written, such as `--hash=sha256:…`, in order.
    """

    text: str
    editable: bool = False
    options: tuple[str, ...] = ()

    @property
    def kind(self) -> PipKind:
        return _pip_kind(self.text)

    @property
    def name(self) -> str:
        """The normalized name (PEP 503); for a source that does not tell its name, the source itself."""
        return _pip_name(self.text)

    @property
    def extras(self) -> tuple[str, ...]:
        parsed = pep508(self.text)
        return tuple(sorted(canonicalize_name(extra) for extra in parsed.extras)) if parsed else ()

    @property
    def constraint(self) -> str:
        """The version specifier, or the source for a requirement that is not an index name."""
        parsed = pep508(self.text)
        if parsed is None:
            return self.text
        return parsed.url or _ordered(parsed.specifier)

    @property
    def marker(self) -> str:
        parsed = pep508(self.text)
        return str(parsed.marker) if parsed and parsed.marker else ""

    @property
    def canonical(self) -> str:
        """The one form that all spellings of the same requirement share."""
        parsed = pep508(self.text)
        if parsed is None:
            body = self.text
        else:
            extras = f"[{','.join(self.extras)}]" if parsed.extras else ""
            body = f"{self.name}{extras}" + (f" @ {parsed.url}" if parsed.url else _ordered(parsed.specifier))
            body += f" ; {parsed.marker}" if parsed.marker else ""
        return " ".join((("-e " + body) if self.editable else body, *sorted(self.options)))

    @property
    def line(self) -> str:
        """The requirement as a line of a requirements file."""
        return " ".join((("-e " + self.text) if self.editable else self.text, *self.options))

    @property
    def commit(self) -> bool:
        """Return whether a VCS source names a full commit."""
        return bool(COMMIT.search(self.text))


def _ordered(specifier: SpecifierSet) -> str:
    """Return the specifiers exact and lower bounds first, in one order for all spellings."""
    return ",".join(sorted((str(item) for item in specifier), key=lambda text: (text[0] in "!<", text)))


@lru_cache(maxsize=65536)
def pep508(text: str) -> Requirement | None:
    """Parse a PEP 508 requirement; None if the text is a bare URL or path."""
    if ARCHIVE.fullmatch(text) or _beyond_limits(text):  # a wheel's file name would pass for a package's name
        return None
    try:
        return Requirement(text)
    except InvalidRequirement:
        return None


@lru_cache(maxsize=65536)
def _pip_kind(text: str) -> PipKind:
    parsed = pep508(text)
    source = (parsed.url or "") if parsed else text
    if source.startswith(VCS_SCHEMES):
        return PipKind.VCS
    if LOCAL_PATH.match(source):
        return PipKind.PATH
    if "://" in source:
        return PipKind.URL
    return PipKind.NAMED if parsed else PipKind.PATH


@lru_cache(maxsize=65536)
def _pip_name(text: str) -> str:
    parsed = pep508(text)
    if parsed:
        return canonicalize_name(parsed.name)
    file_name = re.split("[#?]", text, maxsplit=1)[0].rsplit("/", 1)[-1]
    found = FRAGMENT_NAME.search(text) or WHEEL_NAME.fullmatch(file_name)
    return canonicalize_name(found.group(1)) if found else text


def pip_requirement(text: str) -> PipRequirement:
    """Return the requirement for one line of a requirements file. Raises `InvalidInput` if it is malformed.

    Understands PEP 508, `-e`/`--editable`, direct URLs, VCS sources, paths, and per-requirement options.
    """
    body = " ".join(text.split())
    editable = False
    for prefix in ("-e ", "--editable ", "--editable="):
        if body.startswith(prefix):
            body, editable = body.removeprefix(prefix).strip(), True
    found = PER_REQUIREMENT_OPTION.search(body)
    options: tuple[str, ...] = ()
    if found:
        options = tuple(option.strip() for option in OPTION.findall(body[found.start() :]))
        body = body[: found.start()].strip()
    if not body or body.startswith("-"):
        raise _malformed(text, "it names no package")
    if reason := _beyond_limits(body):
        raise _malformed(f"{body[:40]}…", reason)
    if names_requirements_file(body):
        raise InvalidInput(
            f"{body!r} is the name of a file, not a pip requirement.",
            f"Write -r {body}.",
            code="invalid-requirement",
            remedy=Remedy(Act.EDIT_PACKAGES),
        )
    if pep508(body) is None and not editable and not _is_source(body):
        try:
            Requirement(body)
        except InvalidRequirement as error:
            raise _malformed(text, str(error)) from error
    return PipRequirement(body, editable, options)


def checked_marker(text: str) -> str:
    """Return the text of a marker that is not too long or deep for the parser. Raises `InvalidInput`."""
    if reason := _beyond_limits(text):
        raise InvalidInput(f"{text[:40]!r}… is not a marker: {reason}.", "Write it shorter.")
    return text


def _beyond_limits(text: str) -> str:
    """Return why a text is not given to a parser; nothing if it is."""
    if len(text) > MAX_LENGTH:
        return f"it has {len(text):,} characters, and the most that is read is {MAX_LENGTH:,}"
    if text.count("(") > MAX_PARENTHESES:
        return f"it has more than {MAX_PARENTHESES} parentheses"
    if not text.isascii() and SURROGATE.search(text):
        return "it holds half a surrogate pair"
    return ""


def names_requirements_file(text: str) -> bool:
    """Return whether text is the path of a file of requirements, such as `docs/requirements-dev.in`."""
    name = text.rpartition("/")[2].lower()
    stem, _, extension = name.rpartition(".")
    if re.search(r"[^\w./-]", text):
        return False
    return extension in {"txt", "in", "pip"} and ("requirement" in stem or "constraint" in stem)


def _is_source(text: str) -> bool:
    """Return whether a text that is not PEP 508 is a URL, a VCS source or a path that pip would take."""
    head = text.split(" ", 1)[0].split(";", 1)[0]
    if head.startswith(VCS_SCHEMES) or "://" in head or LOCAL_PATH.match(head):
        return True
    return head.split("[", 1)[0].endswith((".whl", ".tar.gz", ".zip", ".tar.bz2"))


def _malformed(text: str, reason: str) -> InvalidInput:
    single = SINGLE_EQUALS.fullmatch(text.strip())
    return InvalidInput(
        f"{text.strip()!r} is not a pip requirement.",
        f"Write {single[1]}=={single[2]}; a single = is conda's."
        if single
        else "Write a name with constraints, such as numpy>=2,<3, or name @ https://…",
        reason,
        code="invalid-requirement",
        remedy=Remedy(Act.EDIT_PACKAGES),
    )

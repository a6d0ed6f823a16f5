"""Why a build failed: the class that its log shows, the line that shows it, and what to do.

The classes are those that Azure Machine Learning's image builds are sorted into, with some of our own. Cause comes
before consequence in the table: if a log shows both, the cause is the answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from envstudio.errors import Act, Remedy

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
MAX_LINE = 400
HUB = "docker.io"
HOST = re.compile(
    r"https?://(?:[^/\s\"'@]+@)?([\w.-]+(?::\d+)?)"
    r"|(?<![\w./-])((?:[\w-]+\.)+[\w-]+(?::\d+)?|[\w-]+:\d+)/\w"
)
OWN = re.compile(r"^error\[(?P<code>[a-z0-9-]+)(?: (?P<subject>[^\]]+))?\]: ")
"""How an error of ours stands in a log (`EnvStudioError.log_line`): its code and, if it has one, its subject."""


@dataclass(frozen=True, slots=True)
class FailureClass:
    """How a class is recognised in a line of a foreign log, what it is called, and what to do.

    `act` is what remedies it, and `subject` what that is done to, such as the name of a setting. Whom to log in to, the
    class does not know; the failure does if its line names the host.
    """

    code: str
    title: str
    pattern: re.Pattern[str]
    advice: str
    act: Act | None = None
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """What a log shows: the class, its line, that line's number from 1, and what it is about, such as a host."""

    code: str
    title: str
    line: str
    number: int
    advice: str
    subject: str = ""
    remedy: Remedy | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the failure as the document that `--json` prints."""
        shown = {name: getattr(self, name) for name in ("code", "title", "line", "number", "advice", "subject")}
        return {
            **shown,
            "remedy": {"act": str(self.remedy.act), "subject": self.remedy.subject} if self.remedy else None,
        }


def classify(lines: Sequence[str]) -> Failure | None:
    """Return the failure that a log shows, else None: an error of ours by its code, else the first class that matches.

    Cause comes before consequence in the table of classes. What is outside EnvStudio's hands, such as a certificate, is
    the cause of an error of ours that names it in its details.
    """
    plain = [ANSI.sub("", line) for line in lines]
    own, foreign = _own(plain), _foreign(plain)
    if own is not None and (foreign is None or foreign.code not in OUTSIDE or own.code in OUTSIDE):
        return own
    return foreign


def _own(lines: Sequence[str]) -> Failure | None:
    for number, line in enumerate(lines, 1):
        found = OWN.match(line)
        kind = CLASSES.get(found["code"]) if found else None
        if found and kind:
            return _failure(kind, line[found.end() :], number, found["subject"] or "")
    return None


def _foreign(lines: Sequence[str]) -> Failure | None:
    for kind in FAILURES:
        for number, line in enumerate(lines, 1):
            if kind.pattern.search(line):
                return _failure(kind, line, number, _host_of(kind, lines) if kind.act is Act.LOG_IN else "")
    return None


def _failure(kind: FailureClass, line: str, number: int, subject: str) -> Failure:
    remedy = Remedy(kind.act, kind.subject or (subject if kind.act is Act.LOG_IN else "")) if kind.act else None
    return Failure(kind.code, kind.title, line.strip()[:MAX_LINE], number, kind.advice, subject, remedy)


def _host_of(kind: FailureClass, lines: Sequence[str]) -> str:
    """Return the host that the first line of a class names; empty if none does."""
    return next(filter(None, (host_in(line) for line in lines if kind.pattern.search(line))), "")


def host_in(line: str) -> str:
    """Return the "host" or "host:port" that a line is about: of its first address or image; else empty."""
    found = HOST.search(line)
    host = next(filter(None, found.groups()), "") if found else ""
    # Docker Hub is asked under other names than the one that images and logins have.
    return HUB if host.endswith(f".{HUB}") else host


def _kind(code: str, title: str, pattern: str, advice: str, act: Act | None = None, subject: str = "") -> FailureClass:
    return FailureClass(code, title, re.compile(pattern, re.IGNORECASE), advice, act, subject)


NEVER = r"(?!)"
"""The pattern of what no foreign log tells."""

FAILURES = (
    _kind("cancelled", "Cancelled", r"context canceled",
          "Nothing is wrong; build again when you like.", Act.BUILD),
    _kind("engine-stopped", "The container engine stopped",
          r"cannot connect to the docker daemon|error during connect"
          r"|connection reset by peer.*docker\.sock|transport is closing",
          "Start Docker or Podman, and build again.", Act.CHECK_INSTALLATION),
    _kind("disk-full", "The disk is full", r"no space left on device|disk quota exceeded|\[Errno 28\]",
          "Free space: remove images that nothing needs.", Act.PRUNE_IMAGES),
    _kind("out-of-memory", "Out of memory",
          r"returned a non-zero code: 137|exit code: 137|MemoryError|cannot allocate memory|out of memory|OOMKilled",
          "Give the engine more memory, or install fewer packages in one step."),
    _kind("certificate", "A TLS certificate is not trusted",
          r"CERTIFICATE_VERIFY_FAILED|certificate signed by unknown authority|unable to get local issuer certificate"
          r"|self[- ]signed certificate|SSLCertVerificationError|invalid peer certificate|UnknownIssuer",
          "Name your company's CA certificates in the settings.", Act.SET_SETTING, "ca_certificates"),
    _kind("name-resolution", "A host's name cannot be resolved",
          r"temporary failure in name resolution|name or service not known|no such host|could not resolve host"
          r"|dns error|failed to lookup address|Temporary failure resolving",
          "Check the network and the name; behind a proxy, set it in the settings.", Act.SET_SETTING, "https_proxy"),
    _kind("interactive-login", "A login was requested, but no one can answer the prompt",
          r"could not read Username|terminal prompts disabled|User for .*:\s*$|EOFError: EOF when reading a line"
          r"|Password for .*:\s*$",
          "Log in to it.", Act.LOG_IN),
    _kind("push-failed", "The image cannot be pushed",
          r"failed to push|push access denied|failed at pushing",
          "Check the registry's name, and log in.", Act.LOG_IN),
    _kind("pull-denied", "Pulling the base image is not allowed",
          r"pull access denied|insufficient_scope|denied: requested access to the resource|no basic auth credentials",
          "Log in to the registry, or check the image's name.", Act.LOG_IN),
    _kind("unauthorized", "A login is missing or wrong",
          r"\b401\b.*unauthori[sz]ed|\b403\b.*forbidden|HTTP error 40[13]|40[13] Client Error|UNAUTHORIZED"
          r"|unauthorized: |status client error \(40[13]",
          "Log in to that host.", Act.LOG_IN),
    _kind("pull-not-found", "The base image does not exist",
          r"manifest for .* not found|manifest unknown|repository .* not found|pull.*failed: there is no such image"
          r"|failed to resolve source metadata.*not found|docker\.io/.*: not found",
          "Check the image's name and tag.", Act.EDIT_IMAGE),
    _kind("no-base-image", "No base image", NEVER,
          "Name the image that it starts from, or give it a Dockerfile.", Act.EDIT_IMAGE),
    _kind("python-not-stated", "The Python version of the image is not stated",
          NEVER,
          "State the Python version of the image.", Act.EDIT_IMAGE),
    _kind("registry-unreachable", "The registry cannot be reached",
          r"Get \"https?://[^\"]*/v2/|failed to do request: Head|i/o timeout.*/v2/"
          r"|proxyconnect tcp",
          "Check the network, the proxy, and the image mirrors in the settings.", Act.SET_SETTING, "mirror_images"),
    _kind("unknown-instruction", "The Dockerfile has an unknown instruction", r"unknown instruction:",
          "Correct the instruction that is named.", Act.EDIT_IMAGE),
    _kind("copy-source", "A file to copy is not in the context",
          r"(?:COPY|ADD) failed: |failed to compute cache key.*not found|\"/[^\"]*\": not found"
          r"|failed to calculate checksum of ref|Forbidden path outside the build context",
          "Check the path and .dockerignore: only files of the context can be copied.", Act.EDIT_IMAGE),
    _kind("bad-dockerfile", "The Dockerfile cannot be read",
          r"dockerfile parse error|failed to solve with frontend dockerfile|failed to parse dockerfile"
          r"|no build stage in current context|file with no instructions|Cannot locate specified Dockerfile"
          r"|/bin/sh: \d+: Syntax error",
          "Correct the line that is named.", Act.EDIT_IMAGE),
    _kind("missing-venv", "The base image's Python cannot make virtual environments",
          r"because ensurepip is not|No module named '?(?:venv|ensurepip)'?$",
          "Add python3-venv to the base image, or use the direct builder.", Act.EDIT_IMAGE),
    _kind("bare-redirection", "A bound was read as a redirection",
          r"cannot open =?\d[\w.]*: No such file|/bin/(?:ba)?sh: (?:line \d+: )?=?\d[\d.]*: No such file or directory",
          "Put quotes round requirements with < or > in RUN.", Act.EDIT_IMAGE),
    _kind("hash-mismatch", "A package is not the file that was locked",
          r"DO NOT MATCH THE HASHES|hash mismatch|SHA256 mismatch|ChecksumMismatch"
          r"|Hash Sum mismatch",
          "Lock again, and ask the index's owner why the file changed.", Act.LOCK_AGAIN),
    _kind("missing-header", "A header of a library is missing",
          r"fatal error: [\w/.+-]+\.h: No such file|cannot find -l\w+|Python\.h: No such file",
          "Install the library's development package, or choose a version that has a wheel.", Act.EDIT_PACKAGES),
    _kind("missing-compiler", "A compiler is missing",
          r"command '(?:gcc|cc|clang|g\+\+|x86_64-linux-gnu-gcc|cl\.exe)' failed: No such file"
          r"|unable to execute '(?:gcc|cc|x86_64-linux-gnu-gcc|g\+\+)'|error: Microsoft Visual C\+\+ \d+"
          r"|can't find Rust compiler|CMAKE_C(?:XX)?_COMPILER not set|Unknown compiler\(s\)",
          "Choose a version that has a wheel, or a base image with a compiler.", Act.EDIT_PACKAGES),
    _kind("invalid-wheel-name", "A wheel's file name is not valid",
          r"is not a valid wheel filename|Invalid wheel filename",
          "Keep the name that the wheel was built with: NAME-VERSION-PYTHON-ABI-PLATFORM.whl."),
    _kind("wrong-platform-wheel", "There is no wheel for this Python or platform",
          r"is not a supported wheel on this platform"
          r"|no wheels with a matching (?:Python|platform|ABI)",
          "Choose a version that has a wheel, or another Python.", Act.EDIT_PACKAGES),
    _kind("distutils-uninstall", "A package of the system cannot be replaced",
          r"Cannot uninstall .*(?:distutils installed|no RECORD file)|It is a distutils installed project",
          "Install into an environment of its own, or let pip ignore what is installed."),
    _kind("python-version", "A package needs another Python",
          r"requires a different Python|requires Python .* but the running Python|UnsatisfiableError.*python"
          r"|Package .* requires a different Python|python_requires",
          "Change the Python version, or the package's.", Act.EDIT_PACKAGES),
    _kind("conda-unsolvable", "The conda requirements have no solution",
          r"Cannot solve the request|UnsatisfiableError"
          r"|LibMambaUnsatisfiableError|Could not solve for environment specs",
          "Relax one of the requirements that are named.", Act.RELAX),
    _kind("pip-unsolvable", "The pip requirements have no solution",
          r"ResolutionImpossible|conflicting dependencies|No solution found when resolving",
          "Relax one of the requirements that are named.", Act.RELAX),
    _kind("conda-bad-spec", "A conda requirement is malformed",
          r"InvalidSpec|InvalidMatchSpec|Invalid spec|InvalidVersionSpec|could not parse MatchSpec",
          "Write it as name, name=1.2 or name>=1,<2.", Act.EDIT_PACKAGES),
    _kind("conda-not-found", "A conda package does not exist",
          r"ResolvePackageNotFound|PackagesNotFoundError|nothing provides requested"
          r"|No candidates were found for",
          "Check its name, or add the channel that has it.", Act.EDIT_PACKAGES),
    _kind("conda-timeout", "A conda channel did not answer in time",
          r"CondaHTTPError.*(?:timed? ?out)|Read timed out.*(?:conda|anaconda)|RemoteDisconnected.*conda"
          r"|repodata.*timed out",
          "Try again, or name a mirror of the channel in the settings.", Act.SET_SETTING, "mirror_channels"),
    _kind("conda-communication", "A conda channel cannot be reached",
          r"CondaHTTPError|CondaSSLError|CondaConnectionError|UnavailableInvalidChannel"
          r"",
          "Check the network, the channel's name, and its mirror in the settings.", Act.SET_SETTING, "mirror_channels"),
    _kind("pip-not-found", "No package on the index fits",
          r"No matching distribution found|Could not find a version that satisfies"
          r"|was not found in the package registry",
          "Check the name and version, and the index.", Act.EDIT_PACKAGES),
    _kind("utf8", "A file is not UTF-8", r"UnicodeDecodeError|can't decode byte|stream did not contain valid UTF-8",
          "Save the file as UTF-8."),
    _kind("apt", "A package of the system cannot be installed",
          r"^E: Unable to locate package|^E: Package .* has no installation candidate|^E: Failed to fetch"
          r"|apt-get.*returned a non-zero code: 100|^E: Version .* was not found",
          "Run apt-get update in the same RUN, and check the names.", Act.EDIT_IMAGE),
    _kind("missing-module", "A Python module is missing",
          r"ModuleNotFoundError: No module named|ImportError: No module",
          "Add the package that has it.", Act.EDIT_PACKAGES),
    _kind("missing-command", "A command is missing",
          r"(?:/bin/(?:ba)?sh: (?:line )?\d+: )[\w./+-]+: not found|: command not found"
          r"|executable file not found in \$PATH|returned a non-zero code: 127|exit code: 127",
          "Install it in an earlier step, or choose a base image that has it.", Act.EDIT_IMAGE),
    _kind("make", "make failed", r"make(?:\[\d+\])?: \*\*\* ",
          "See the lines above it for the first error."),
    _kind("pip-build", "A package could not be built",
          r"Failed building wheel|metadata-generation-failed|subprocess-exited-with-error|error: command '.*' failed"
          r"|Failed to build `|Could not build wheels|The build backend returned an error",
          "Choose a version that has a wheel, or add what its build needs.", Act.EDIT_PACKAGES),
    _kind("network", "The index cannot be reached",
          r"Connection refused|NewConnectionError|Max retries exceeded|error sending request|operation timed out"
          r"|Read timed out",
          "Check the network, and the index, proxy and mirrors in the settings.", Act.SET_SETTING, "mirror_indexes"),
    _kind("io-error", "Reading or writing failed",
          r"input/output error|\[Errno 5\]|read-only file system|permission denied",
          "Check the disk and the permissions of the folder."),
)  # fmt: skip
OUTSIDE = (
    "engine-stopped",
    "disk-full",
    "out-of-memory",
    "certificate",
    "name-resolution",
    "interactive-login",
    "unauthorized",
)
CLASSES = {kind.code: kind for kind in FAILURES}

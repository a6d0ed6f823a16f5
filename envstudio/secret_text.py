"""Secrets in texts: addresses with a password or token, and tokens that are known by their form.

One parser for everything that reads, stores, shows or logs a text. What stands for a secret (`${TOKEN}`, `<token>`,
`***`) is none. Sources: RFC 3986, 3.2.1, for user information; conda's tokens in paths (`/t/TOKEN/`); the prefixes that
GitHub, GitLab, Hugging Face, AWS, Slack, PyPI, npm and others give their tokens.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal
from urllib.parse import unquote

ADDRESS = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]{0,30}://(?:(?![A-Za-z][A-Za-z0-9+.-]{0,30}://)[^\s"'<>`\\])+""")
"""An address goes on until something that no address has, or until another one begins."""
TOKEN_IN_PATH = re.compile(r"/t/(?![^/?#]+/\d+(?:/\d*)?(?:[?#]|$))([^/?#]+)(?=[/?#]|$)")
"""conda's tokens; forums have topics there, `/t/TOPIC/NUMBER` (Discourse)."""

TOKEN_IN_QUERY = re.compile(
    r"(?<=[?&;#])((?:x-amz-(?:signature|security-token)|[a-z_-]*(?:token|secret|passw(?:or)?d|signature)|api_?-?key|apikey"
    r"|access_?-?key|auth|sig|key|pat|pwd)=)([^&;#\s]+)",
    re.IGNORECASE,
)
KNOWN_TOKEN = re.compile(
    r"(?<![A-Za-z0-9_])(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{20,}|hf_[A-Za-z0-9]{20,}"
    r"|(?:AKIA|ASIA)[0-9A-Z]{16}|sk-(?=[\w-]{0,60}?[0-9])(?=[\w-]{0,60}?[A-Z])[A-Za-z0-9_-]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|pypi-AgE[\w-]{20,}|npm_[A-Za-z0-9]{30,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]+)(?![A-Za-z0-9])"
)
SIGNS = (
    "://",
    "ghp_",
    "gho_",
    "ghu_",
    "ghs_",
    "ghr_",
    "github_pat_",
    "glpat-",
    "hf_",
    "AKIA",
    "ASIA",
    "sk-",
    "xox",
    "pypi-AgE",
    "npm_",
    "eyJ",
)
"""A text without any of these has no secret; most lines of a log are passed over by them."""

REFERENCE = re.compile(
    r"\$\{[^}]*\}|\$\w+|\$\([^)]*\)|\{\{.*\}\}|%\w+%|\[\w+\]|\*+|x{3,}|X{3,}|\.{3}|<.*>|%24%7B.*%7D", re.DOTALL
)
"""What stands for a secret: a variable, a template, a placeholder."""

TELLING_HOST = re.compile(r"@(?=(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?::\d+)?(?:[/?#]|$)|localhost\b)")
ANY_HOST = re.compile(r"@(?=(?:[A-Za-z0-9][\w.-]*|\[[0-9A-Fa-f:.]+\])(?::\d+)?(?:[/?#]|$))")
HOST = re.compile(r"\[[0-9A-Fa-f:.]+\](?::\d*)?|[A-Za-z0-9_$][\w.${}%-]*(?::(?:\d*|\$\{?\w+\}?))?")
DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
COLON_IN_PATH = ("ssh", "git+ssh", "docker", "oci")
"""Schemes that have a colon before what is not a port."""

PLAIN_USERS = ("git", "hg", "svn", "anonymous")

Kind = Literal["login", "path-token", "query-token", "token", "registry"]


@dataclass(frozen=True, slots=True)
class Secret:
    """One secret: where it stands, what it is, and for a login the host, user and password as they are meant.

    Taking out the characters from `start` to `end` leaves a text without it; `hidden` is what to show instead.
    """

    start: int
    end: int
    kind: Kind
    value: str
    hidden: str
    host: str = ""
    user: str = ""


def find_secrets(text: str) -> list[Secret]:
    """Return the secrets of a text in the order in which they stand; none overlap."""
    if not any(sign in text for sign in SIGNS):
        return []
    found = [secret for address in ADDRESS.finditer(text) for secret in _in_address(address)]
    taken = [(item.start, item.end) for item in found]
    for match in KNOWN_TOKEN.finditer(text):
        if not any(start < match.end() and match.start() < end for start, end in taken):
            found.append(Secret(match.start(), match.end(), "token", match.group(), "***"))
    return sorted(found, key=lambda item: item.start)


def has_secret(text: str) -> bool:
    """Return whether a text holds a secret in clear."""
    return bool(find_secrets(text))


def without_secrets(text: str) -> str:
    """Return a text with its secrets taken out: addresses stay addresses that work with a login from elsewhere."""
    return _replaced(text, lambda item: "")


def redacted(text: str) -> str:
    """Return a text with `***` instead of each secret."""
    return _replaced(text, lambda item: item.hidden)


def _replaced(text: str, new: object) -> str:
    assert callable(new)
    parts, at = [], 0
    for item in find_secrets(text):
        parts += [text[at : item.start], new(item)]
        at = item.end
    return "".join([*parts, text[at:]]) if parts else text


def _in_address(match: re.Match[str]) -> Iterator[Secret]:
    """Yield the secrets of one address."""
    address = match.group()
    scheme, _, rest = address.partition("://")
    start = match.start() + len(scheme) + 3
    length = _length_of_login(scheme.lower(), DIGEST.sub("", rest))
    host = (HOST.match(rest, length) or re.match("", rest)).group()  # type: ignore[union-attr]
    if length:
        login = rest[: length - 1]
        user, colon, password = login.partition(":")
        if _is_secret(scheme.lower(), user, password if colon else None, host, rest[length + len(host) :]):
            yield Secret(
                start, start + length, "login", unquote(password if colon else user), "***@", host, unquote(user)
            )
    path = length + len(host)
    for token in TOKEN_IN_PATH.finditer(rest, path) if scheme.lower().endswith(("http", "https")) else ():
        if not REFERENCE.fullmatch(token[1]):
            yield Secret(start + token.start(), start + token.end(), "path-token", unquote(token[1]), "/t/***", host)
    for token in TOKEN_IN_QUERY.finditer(rest, path):
        if not REFERENCE.fullmatch(token[2]):
            yield Secret(
                start + token.start(), start + token.end(), "query-token", unquote(token[2]), f"{token[1]}***", host
            )


def _length_of_login(scheme: str, rest: str) -> int:
    """Return how many characters of what follows `://` are user, password and "@"; 0 if there is no login.

    A password may hold "@", "/", "#" and "?" though it should be quoted: if the first part of the address is not a host
    and port, and an "@" followed by a host comes later, all before that "@" is the login.
    """
    first = re.split(r"[/?#]", rest, maxsplit=1)[0]
    at = first.rfind("@")
    if at >= 0:
        # "#" and "?" end the first part, but what follows may still be the password.
        later = _last_at_before_host(rest)
        return max(at, later) + 1 if ":" in first[:at] or later < 0 else at + 1
    _, colon, port = first.partition(":")
    if not colon or port.isdigit() or not port or REFERENCE.fullmatch(port) or first.startswith("["):
        return 0
    # What is not a port can only be the beginning of a password, so that any host may follow.
    last = _last_at_before_host(rest)
    return (last if last >= 0 or scheme in COLON_IN_PATH else _last_at_before_host(rest, ANY_HOST)) + 1


def _last_at_before_host(rest: str, host: re.Pattern[str] = TELLING_HOST) -> int:
    """Return the position of the last "@" before a host, which is one with a dot, or localhost; -1 if there is none."""
    positions = [
        found.start()
        for found in host.finditer(rest)
        if not re.search(r"\.git$|\.(?:whl|zip|gz|conda)$", rest[: found.start()])
    ]
    return positions[-1] if positions else -1


def _is_secret(scheme: str, user: str, password: str | None, host: str, path: str) -> bool:
    """Return whether a login is one in clear; on the web a user alone may be a token, unless it is known for a name."""
    if password is not None:
        return bool(password) and not REFERENCE.fullmatch(password)
    if not user or REFERENCE.fullmatch(user) or user.lower() in PLAIN_USERS or not scheme.endswith(("http", "https")):
        return False
    # Azure DevOps writes the organisation before the host: https://ORG@dev.azure.com/ORG/…
    return path.strip("/").split("/")[0] != user

"""What is checked for secrets: values that would stand in the library in clear, and passwords in addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from envstudio.domain.environment import Environment
from envstudio.domain.passwords import fields_with_passwords, has_password, without_passwords
from envstudio.domain.problem import Fix, Problem, Severity

WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
SECRET_WORD = re.compile(
    r"\w*(?:password|passwd|passphrase|secret|token)|pwd|credentials?|(?:\w*(?:api|access|private|secret|auth))?key"
)
SECRET_VALUE = re.compile(
    r"^(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|AKIA[0-9A-Z]{16}|hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9_-]{20,}"
    r"|xox[abprs]-[A-Za-z0-9-]{10,}|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.)"
)
NO_LITERAL = re.compile(
    r"|\$\w+|\$[({].*|%\w+%|\{\{.*\}\}|<.*>|[*.x]+|true|false|yes|no|on|off|none|null|[01]"
    r"|(?:[a-z]:|~|\.{1,2})?(?:[/\\][\w.@ -]{1,30})+[/\\]?",
    re.IGNORECASE,
)
"""What stands instead of a secret: nothing, a reference, a placeholder, a switch, or the path of a file."""
LONG = 8
"""Characters from which a value counts if the name speaks of a secret and ends in something else."""


def check_secrets(environment: Environment) -> Iterator[Problem]:
    """Find secrets among the plain variables, and passwords in addresses."""
    for variable in environment.variables:
        if not variable.secret and looks_secret(variable.name, variable.value):
            yield Problem(
                "secret-value",
                Severity.ERROR if has_password(variable.value) else Severity.WARNING,
                f"variables.{variable.name}",
                f"The value of {variable.name} looks like a secret, and would be stored in the library in clear text.",
                "Make it a secret: its value then lives in the keyring.",
            )
    for where in fields_with_passwords(environment):
        if where.startswith("variables."):
            continue
        yield Problem(
            "secret-in-url",
            Severity.ERROR,
            where,
            "This is a secret in clear text: a password or token.",
            "Remove it, and keep the credential in the keyring.",
            Fix("Remove it", partial(_without_passwords_at, where)),
        )


def _without_passwords_at(where: str, environment: Environment) -> Environment:
    """Take the passwords out of one part, and leave those that are reported next to it."""
    cleaned, _ = without_passwords(environment)
    section, _, field = where.partition(".")
    if not field:
        return replace(environment, **{section: getattr(cleaned, section)})
    fields = (field, "pip_constraints") if field == "pip" else (field,)
    python = replace(environment.python, **{name: getattr(cleaned.python, name) for name in fields})
    return replace(environment, python=python)


def looks_secret(name: str, value: str) -> bool:
    """Return whether a variable's value looks like a secret, by its own form or because the name says so.

    A name's last word says what the value is, so DB_PASSWORD is one whatever its length, and TOKEN_URL is none.
    """
    if SECRET_VALUE.match(value) or has_password(value):
        return True
    words = [word.lower() for word in WORDS.findall(name)]
    if not words or NO_LITERAL.fullmatch(value):
        return False
    if SECRET_WORD.fullmatch(words[-1]):
        return "public" not in words
    return len(value) >= LONG and "://" not in value and any(map(SECRET_WORD.fullmatch, words))

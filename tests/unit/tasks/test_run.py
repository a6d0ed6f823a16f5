"""run: its variables, secrets among them, and what is refused before anything is made."""

from __future__ import annotations

from pathlib import Path

import keyring
import pytest
from keyring.errors import KeyringLocked
from memory_keyring import MemoryKeyring

from envstudio.cli.remedies import hint_of
from envstudio.consents import SECRETS, consent_to
from envstudio.credentials import secret_entry
from envstudio.domain.environment import Applies, Environment, Variable
from envstudio.errors import InvalidInput, NotFound
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.run import run, run_variables


class LockedKeyring(MemoryKeyring):
    """A keyring that no one unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked")


ALLOWED = consent_to(SECRETS)
ENVIRONMENT = Environment(
    "churn",
    variables=(
        Variable("PLAIN", "a b"),
        Variable("EMPTY"),
        Variable("KEY", secret="churn-key"),
        Variable("BUILD_ONLY", "1", applies=(Applies.BUILD,)),
        Variable("SERVE_KEY", secret="never-read", applies=(Applies.SERVE,)),
    ),
)


@pytest.mark.usefixtures("kept_secrets")
def test_variables_that_apply_with_secrets_from_the_keyring(library: Library) -> None:
    keyring.set_password(*secret_entry("default", "churn-key"), "hunter2")
    assert run_variables(library, Settings(), ENVIRONMENT, ALLOWED) == {"PLAIN": "a b", "EMPTY": "", "KEY": "hunter2"}


@pytest.mark.usefixtures("kept_secrets")
def test_a_secret_that_is_not_there(library: Library) -> None:
    with pytest.raises(
        NotFound, match="'churn-key' of the workspace default is not in this machine's keyring"
    ) as caught:
        run_variables(library, Settings(), ENVIRONMENT, ALLOWED)
    assert "envstudio secret set churn-key" in hint_of(caught.value)


@pytest.mark.usefixtures("kept_secrets")
def test_a_keyring_that_is_locked(library: Library) -> None:
    keyring.set_keyring(LockedKeyring())
    with pytest.raises(NotFound, match="cannot be read") as caught:
        run_variables(library, Settings(), ENVIRONMENT, ALLOWED)
    assert caught.value.advice


@pytest.mark.parametrize(
    ("reference", "command", "options"),
    [
        ("churn", [], {}),
        ("churn", ["ls"], {"target": "moon"}),
        ("churn", ["ls"], {"working_dir": Path("nowhere")}),
        ("churn", ["ls"], {"mounts": {"nowhere": "/x"}}),
        ("curated/minimal-python", ["ls"], {}),
        ("churn:9", ["ls"], {}),
    ],
)
def test_what_is_refused(library: Library, reference: str, command: list[str], options: dict[str, object]) -> None:
    with pytest.raises((InvalidInput, NotFound)) as caught:
        run(library, Settings(), reference, command, report=silent(), **options)  # type: ignore[arg-type]
    assert caught.value.advice
    assert library.runs.list() == ()
    assert library.locks.newest("churn") is None

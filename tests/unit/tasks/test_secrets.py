"""Secrets: a keyring keeps them, and one that does not is reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import keyring
import pytest
from keyring.backends import fail, null

from envstudio.cli.remedies import hint_of
from envstudio.consents import SECRETS, Consent, ConsentNeeded, consent_to
from envstudio.credentials import Login, login_for, secret_entry
from envstudio.credentials import read_secret as read
from envstudio.domain.environment import Applies, Environment, Variable
from envstudio.errors import InvalidInput, NotFound, Unavailable
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.consent import allow_secrets, allowed, consent_for, disallow
from envstudio.tasks.secrets import (
    keep_login,
    keep_new_secret,
    read_secret,
    replace_secrets,
    secret_values,
    store_secret,
)

QUIET = Report(lambda _event: None)


@pytest.fixture(params=[fail.Keyring, null.Keyring])
def useless(request: pytest.FixtureRequest) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(request.param())
    yield
    keyring.set_keyring(before)


def test_a_secret_is_kept_and_read(kept_secrets: dict[tuple[str, str], str]) -> None:
    store_secret("default", "churn.KEY", "s3cret", report=QUIET)
    assert kept_secrets == {("envstudio/default", "churn.KEY"): "s3cret"}
    assert read_secret("default", "churn.KEY", report=QUIET) == "s3cret"


def test_a_secret_that_is_not_there(kept_secrets: dict[tuple[str, str], str]) -> None:
    with pytest.raises(NotFound, match="nothing"):
        read_secret("default", "nothing", report=QUIET)


@pytest.mark.usefixtures("useless")
def test_a_machine_without_a_keyring() -> None:
    with pytest.raises(Unavailable, match="nothing was changed"):
        store_secret("default", "churn.KEY", "s3cret", report=QUIET)


def test_a_new_secret_takes_no_name_of_another(kept_secrets: dict[tuple[str, str], str], library: Library) -> None:
    assert [keep_new_secret(library, "churn", "churn.KEY", value, report=QUIET) for value in ("a", "b", "a", "b")] == [
        "churn.KEY", "churn.KEY.2", "churn.KEY", "churn.KEY.2"
    ]  # fmt: skip
    assert kept_secrets == {("envstudio/default", "churn.KEY"): "a", ("envstudio/default", "churn.KEY.2"): "b"}


def test_replaced_secrets_can_be_put_back(kept_secrets: dict[tuple[str, str], str]) -> None:
    store_secret("default", "churn.KEY", "old", report=QUIET)
    key, other = secret_entry("default", "churn.KEY"), secret_entry("default", "churn.OTHER")
    before = replace_secrets({key: "new", other: "1"}, report=QUIET)
    assert before == {key: "old", other: None}
    assert replace_secrets(before, report=QUIET) == {key: "new", other: "1"}
    assert kept_secrets == {("envstudio/default", "churn.KEY"): "old"}


@pytest.mark.usefixtures("useless")
def test_nothing_is_replaced_without_a_keyring() -> None:
    with pytest.raises(Unavailable, match="nothing was changed"):
        replace_secrets({secret_entry("default", "churn.KEY"): "new"}, report=QUIET)


Kept = dict[tuple[str, str], str]


def naming(secret: str) -> Environment:
    """Return a definition as a stranger may write it, whose variable names a secret."""
    return Environment("stranger", variables=(Variable("LEAK", secret=secret),))


def values(library: Library, environment: Environment, consent: Consent = Consent()) -> dict[str, str]:  # noqa: B008
    return secret_values(library, environment, Applies.RUN, consent, Settings())


def test_a_variable_cannot_read_a_login(kept_secrets: Kept, library: Library) -> None:
    keep_login("registry.example", Login("basic", "hunter2", "ana"), report=QUIET)
    assert kept_secrets.keys() == {("envstudio-logins", "registry.example")}
    for name in ("login registry.example", "registry.example", "../envstudio-logins/registry.example"):
        library.versions.register(naming(name))
        with pytest.raises(NotFound):
            values(library, naming(name), consent_to(SECRETS))


def test_a_variable_cannot_read_a_secret_of_another_workspace(kept_secrets: Kept, library: Library) -> None:
    store_secret("other", "KEY", "theirs", report=QUIET)
    library.versions.register(naming("KEY"))
    for name in ("KEY", "other/KEY", "../other/KEY"):
        with pytest.raises(NotFound):
            values(library, naming(name), consent_to(SECRETS))


def test_the_first_use_of_a_secret_needs_consent(kept_secrets: Kept, library: Library) -> None:
    store_secret("default", "KEY", "mine", report=QUIET)
    library.versions.register(naming("KEY"))
    with pytest.raises(ConsentNeeded, match="not allowed to read the secret KEY") as caught:
        values(library, naming("KEY"))
    assert (caught.value.act, caught.value.subjects) == (SECRETS, ("KEY",))
    assert hint_of(caught.value).endswith("allow it. Try: --allow-secret NAME")
    given = consent_for(library, "stranger", Consent(subjects=frozenset({(SECRETS, "KEY")})))
    assert values(library, naming("KEY"), given) == {"LEAK": "mine"}
    assert values(library, naming("KEY")) == {"LEAK": "mine"}


def test_consent_is_for_one_environment_and_not_for_its_name(kept_secrets: Kept, library: Library) -> None:
    store_secret("default", "KEY", "mine", report=QUIET)
    library.versions.register(naming("KEY"))
    values(library, naming("KEY"), Consent(subjects=frozenset({(SECRETS, "KEY")})))
    library.environments.delete("stranger")
    library.versions.register(naming("KEY"))
    with pytest.raises(ConsentNeeded):
        values(library, naming("KEY"))


def test_what_the_user_made_a_secret_here_may_be_read(kept_secrets: Kept, library: Library) -> None:
    library.versions.register(naming("x"))
    name = keep_new_secret(library, "stranger", "stranger.LEAK", "typed", report=QUIET)
    assert values(library, naming(name)) == {"LEAK": "typed"}


def test_what_an_older_program_kept_is_moved_when_it_is_first_read(kept_secrets: Kept) -> None:
    kept_secrets |= {("envstudio", "KEY"): "old", ("envstudio", "login registry.example"): OLD_LOGIN}
    assert read("default", "KEY") == "old"
    found = login_for("registry.example")
    assert found is not None
    assert found.password == "hunter2"
    assert kept_secrets == {("envstudio/default", "KEY"): "old", ("envstudio-logins", "registry.example"): OLD_LOGIN}
    with pytest.raises(NotFound):
        read("other", "KEY")


OLD_LOGIN = '{"kind": "basic", "user": "ana", "password": "hunter2"}'


@pytest.mark.usefixtures("useless")
def test_a_machine_without_a_keyring_gets_secrets_from_variables_and_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ENVSTUDIO_SECRET_DB_PASSWORD", "from the variable")
    assert read("default", "db-password") == "from the variable"
    file = tmp_path / "secrets.toml"
    file.write_text('[default]\nKEY = "from the file"\n[other]\nTHEIRS = "no"\n')
    file.chmod(0o600)
    assert read("default", "KEY", str(file)) == "from the file"
    with pytest.raises(NotFound):
        read("default", "THEIRS", str(file))
    file.chmod(0o644)
    with pytest.raises(InvalidInput, match="Others can read"):
        read("default", "KEY", str(file))
    file.chmod(0o600)
    file.write_text('KEY = "s3cret')
    with pytest.raises(InvalidInput, match="cannot be read") as caught:
        read("default", "KEY", str(file))
    assert "s3cret" not in caught.value.details


def test_each_environment_is_told_its_own_secrets(library: Library) -> None:
    library.versions.register(Environment("other"))
    allow_secrets(library, "churn", ["KEY"])
    allow_secrets(library, "other", ["THEIRS"])
    assert allowed(library, "churn").subjects == ((SECRETS, "KEY"),)
    assert disallow(library, "churn", ()).subjects == ()
    assert allowed(library, "other").subjects == ((SECRETS, "THEIRS"),)

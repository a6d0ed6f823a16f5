"""Secrets: a keyring keeps them, and one that does not is told of."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backends import fail, null

from envstudio.errors import NotFound, Unavailable
from envstudio.report import Report
from envstudio.tasks.secrets import keep_new_secret, read_secret, replace_secrets, store_secret

QUIET = Report(lambda _event: None)


@pytest.fixture(params=[fail.Keyring, null.Keyring])
def useless(request: pytest.FixtureRequest) -> Iterator[None]:
    before = keyring.get_keyring()
    keyring.set_keyring(request.param())
    yield
    keyring.set_keyring(before)


def test_a_secret_is_kept_and_read(kept_secrets: dict[tuple[str, str], str]) -> None:
    store_secret("churn.KEY", "s3cret", report=QUIET)
    assert kept_secrets == {("envstudio", "churn.KEY"): "s3cret"}
    assert read_secret("churn.KEY", report=QUIET) == "s3cret"


def test_a_secret_that_is_not_there(kept_secrets: dict[tuple[str, str], str]) -> None:
    with pytest.raises(NotFound, match="nothing"):
        read_secret("nothing", report=QUIET)


@pytest.mark.usefixtures("useless")
def test_a_machine_without_a_keyring() -> None:
    with pytest.raises(Unavailable, match="nothing was changed"):
        store_secret("churn.KEY", "s3cret", report=QUIET)


def test_a_new_secret_takes_no_name_of_another(kept_secrets: dict[tuple[str, str], str]) -> None:
    assert [keep_new_secret("churn.KEY", value, report=QUIET) for value in ("a", "b", "a", "b")] == [
        "churn.KEY", "churn.KEY.2", "churn.KEY", "churn.KEY.2"
    ]  # fmt: skip
    assert kept_secrets == {("envstudio", "churn.KEY"): "a", ("envstudio", "churn.KEY.2"): "b"}


def test_replaced_secrets_can_be_put_back(kept_secrets: dict[tuple[str, str], str]) -> None:
    store_secret("churn.KEY", "old", report=QUIET)
    before = replace_secrets({"churn.KEY": "new", "churn.OTHER": "1"}, report=QUIET)
    assert before == {"churn.KEY": "old", "churn.OTHER": None}
    assert replace_secrets(before, report=QUIET) == {"churn.KEY": "new", "churn.OTHER": "1"}
    assert kept_secrets == {("envstudio", "churn.KEY"): "old"}


@pytest.mark.usefixtures("useless")
def test_nothing_is_replaced_without_a_keyring() -> None:
    with pytest.raises(Unavailable, match="nothing was changed"):
        replace_secrets({"churn.KEY": "new"}, report=QUIET)

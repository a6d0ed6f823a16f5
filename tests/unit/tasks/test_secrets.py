"""Secrets: a keyring keeps them, and one that does not is told of."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
from keyring.backends import fail, null

from envstudio.errors import NotFound, Unavailable
from envstudio.report import Report
from envstudio.tasks.secrets import read_secret, store_secret

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

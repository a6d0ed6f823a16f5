"""Logins are mounted into a Dockerfile of ours only: one that someone else wrote could read them."""

from __future__ import annotations

import pytest

from envstudio.builders.builder import BuildRequest
from envstudio.builders.dockerfiles.dockerfile import PIP_CONF
from envstudio.builders.dockerfiles.secrets import gather
from envstudio.credentials import Login, keep_login
from envstudio.domain.environment import Environment, Image
from envstudio.settings import Settings

INDEX = Settings(index="https://pypi.example/simple")


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image(base="debian:12"), "https://ana:hunter2@pypi.example/simple"),
        (Image(dockerfile="FROM debian:12\n"), "https://pypi.example/simple"),
        (Image(context="/srv/context"), "https://pypi.example/simple"),
    ],
)
def test_the_login_of_the_index(image: Image, expected: str, kept_secrets: dict[tuple[str, str], str]) -> None:
    keep_login("pypi.example", Login("basic", "hunter2", "ana"))
    request = BuildRequest(Environment("odd", image=image), 1, "", None, INDEX, None, ())
    given = gather(request)
    assert f"id={PIP_CONF},env=ENVSTUDIO_SECRET_0" in given.secrets
    assert list(given.variables.values()) == [f"[global]\nindex-url = {expected}\n"]
    assert len(kept_secrets) == 1

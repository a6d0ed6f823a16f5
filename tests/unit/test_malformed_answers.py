"""Each client says what a server answered wrongly, and where: one `EnvStudioError` that names the address."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from malformed_answers import ANSWERS, always, answer

from envstudio.builders.bases.from_registry import base_of
from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.lock import LockedPackage
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.domain.solve_options import SolveOptions
from envstudio.errors import EnvStudioError
from envstudio.lockers import conda, pip
from envstudio.packages import wheel_metadata, wheels
from envstudio.packages.simple_index import project_files
from envstudio.registry import Blob, Registry
from envstudio.report import Report
from envstudio.settings import Settings

SETTINGS = Settings()
SHA256 = "a" * 64


def _upload(host: str) -> None:
    Registry(host, SETTINGS).upload("a/b", Blob(f"sha256:{SHA256}", 1, lambda _: [b"x"]), Report())


def _wheel(host: str) -> LockedPackage:
    return LockedPackage("x", "1.0", "pip", f"http://{host}/x-1.0-py3-none-any.whl", SHA256)


CLIENTS: dict[str, Callable[[str], object]] = {
    "a manifest": lambda host: Registry(host, SETTINGS).manifest("a/b", "latest"),
    "a blob": lambda host: list(Registry(host, SETTINGS).blob("a/b", f"sha256:{SHA256}")),
    "a registry": lambda host: Registry(host, SETTINGS).check(),
    "an upload": _upload,
    "a base image": lambda host: base_of(f"{host}/a/b:1", "linux/amd64", SETTINGS, Report()),
    "a project": lambda host: project_files(f"http://{host}/simple", "x", SETTINGS),
    "a wheel": lambda host: wheels.download([_wheel(host)], SETTINGS, Report()),
    "a size": lambda host: wheels.size_of(f"http://{host}/x-1.0-py3-none-any.whl", SETTINGS),
    "a wheel's metadata": lambda host: wheel_metadata.read(_wheel(host), SETTINGS),
}


def _locked_by_conda(host: str) -> None:
    python = Python(channels=(f"http://{host}/channel",), conda=(conda_requirement("x"),))
    conda.solve(Environment("x", python), "linux-64", (), SETTINGS, SolveOptions(), Report())


def _locked_by_pip(host: str) -> None:
    index = PipOption("--index-url", f"http://{host}/simple")
    python = Python(pip=(pip_requirement("x"),), pip_options=(index,))
    pip.solve(Environment("x", python), "linux-64", (), "3.12", (), SETTINGS, SolveOptions(), Report())


SLOW_CLIENTS = {"conda": _locked_by_conda, "pip": _locked_by_pip}
NOT_TRIED_AGAIN = (
    *("web page", "web page called JSON", "nothing", "cut-off JSON", "a list", "wrong types", "nested JSON"),
    *("nested objects", "a long number", "no UTF-8", "a redirection to itself", "a redirection to nowhere"),
    *("a redirection to no place", "a long challenge", "a challenge without realm"),
)
"""The answers after which uv and rattler do not ask again and again."""

FINE = {
    "a manifest": {"wrong types", "a length that is none", "a negative length"},
    "a registry": {
        *("nothing", "cut-off JSON", "a list", "null", "text", "wrong types", "nested JSON", "nested objects"),
        *("a long number", "no UTF-8", "web page called JSON", "a length that is none", "a negative length"),
    },
    "a size": {
        *("web page", "web page after a mark", "web page called JSON", "web page in an unknown charset", "nothing"),
        *("cut-off JSON", "a list", "null", "text", "wrong types", "nested JSON", "nested objects", "a long number"),
        *("no UTF-8", "more than it sends", "a page cut off", "chunks that are none", "gzip that is none"),
    },
}
"""A good answer to a question that asks less."""


def _error_of(client: str, host: str) -> EnvStudioError | None:
    try:
        CLIENTS[client](host)
    except EnvStudioError as error:
        return error
    return None


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", ANSWERS)
def test_a_malformed_answer_is_told_with_its_address(client: str, name: str) -> None:
    with always(ANSWERS[name]) as host:
        error = _error_of(client, host)
    if name in FINE.get(client, ()):
        assert error is None
        return
    assert error is not None, "it was taken for a good answer"
    assert host in f"{error.summary} {error.advice} {error.details}"
    assert error.advice


@pytest.mark.parametrize("client", SLOW_CLIENTS)
@pytest.mark.parametrize("name", NOT_TRIED_AGAIN)
def test_a_solver_tells_a_malformed_answer_with_its_address(client: str, name: str) -> None:
    with always(ANSWERS[name]) as host, pytest.raises(EnvStudioError) as caught:
        SLOW_CLIENTS[client](host)
    assert host in f"{caught.value.summary} {caught.value.details}"
    assert caught.value.advice


MANIFESTS = {
    "no config": ({"layers": []}, "config has no digest"),
    "layers are text": ({"config": {"digest": f"sha256:{SHA256}"}, "layers": "x"}, "layers is text, not a list"),
    "config's digest is none": ({"config": {"digest": "../../x"}, "layers": []}, "config has an invalid digest"),
    "config's digest is short": (
        {"config": {"digest": "sha256:abc"}, "layers": []},
        "config has an invalid digest",
    ),
    "manifests are text": ({"manifests": ["x"]}, "manifests[0] is text, not a table"),
    "platform is text": ({"manifests": [{"platform": "linux"}]}, "manifests[0].platform is text, not a table"),
    "a manifest without digest": (
        {"manifests": [{"platform": {"os": "linux", "architecture": "amd64"}}]},
        "manifests[0] has no digest",
    ),
}


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_malformed_manifest_is_told_with_its_place(name: str) -> None:
    document, reason = MANIFESTS[name]
    with always(answer(json.dumps(document).encode())) as host, pytest.raises(EnvStudioError) as caught:
        base_of(f"{host}/a/b:1", "linux/amd64", SETTINGS, Report())
    assert host in f"{caught.value.summary} {caught.value.details}"
    assert reason in caught.value.summary

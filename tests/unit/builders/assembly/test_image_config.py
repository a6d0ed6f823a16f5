"""The configuration of an image: what it inherits, what it sets, and what it starts with."""

from __future__ import annotations

from typing import Any

from envstudio.builders.assembly.image_config import image_config
from envstudio.builders.bases import Base
from envstudio.domain.environment import Environment, Variable

PLAIN = Environment("e")


def config(base: dict[str, Any], environment: Environment = PLAIN, **given: Any) -> dict[str, Any]:
    options = {"uses_conda": True, "platform": "linux/amd64", **given}
    found = image_config(environment, Base("base", "sha256:0", base, (), None), {}, ["sha256:1"], **options)
    return dict(found["config"])


def variables(**options: Any) -> dict[str, str]:
    return dict(item.partition("=")[::2] for item in config(**options)["Env"])


def test_activation_comes_before_the_base_s_entry_point() -> None:
    assert config({"Entrypoint": ["/tini", "--"]}, entry_point=("/activate",))["Entrypoint"] == [
        "/activate",
        "/tini",
        "--",
    ]
    assert config({}, entry_point=("/activate",))["Entrypoint"] == ["/activate"]
    assert config({"Entrypoint": ["/tini"]})["Entrypoint"] == ["/tini"]
    assert "Entrypoint" not in config({})


def test_paths_of_the_base_come_after_those_of_the_environment() -> None:
    base = {"Env": ["PATH=/cuda/bin:/bin", "LD_LIBRARY_PATH=/cuda/lib"]}
    found = variables(base=base)
    assert found["PATH"] == "/opt/env/bin:/cuda/bin:/bin"
    assert found["LD_LIBRARY_PATH"] == "/cuda/lib"
    assert "LD_LIBRARY_PATH" not in variables(base={})


def test_the_definition_overrides_packages_and_packages_the_base_but_never_the_path() -> None:
    base = {"Env": ["A=base", "B=base", "C=base"]}
    activated = {"B": "package", "C": "package", "PATH": "/lost"}
    secret = Variable("TOKEN", "", secret=True)
    environment = Environment("e", variables=(Variable("C", "definition"), secret))
    found = variables(base=base, environment=environment, activated=activated)
    assert (found["A"], found["B"], found["C"]) == ("base", "package", "definition")
    assert found["PATH"].startswith("/opt/env/bin:")
    assert "TOKEN" not in found

"""Names of a package that are loaded on demand are all there, and nothing else is."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest


@pytest.mark.parametrize("package", ["envstudio.engine", "envstudio.library"])
def test_all_names_of_a_package_can_be_had(package: str) -> None:
    module = import_module(package)
    assert module.__all__
    for name in module.__all__:
        assert getattr(module, name) is not None
    with pytest.raises(AttributeError, match=f"module '{package}' has no attribute 'nothing'"):
        module.nothing  # noqa: B018 - asking is what is tested


@pytest.mark.parametrize(("package", "heavy"), [("envstudio.engine", "docker"), ("envstudio.library", "sqlalchemy")])
def test_importing_a_package_loads_nothing_heavy(package: str, heavy: str) -> None:
    code = f"import sys, {package}; sys.exit({heavy!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

"""uv: the program that resolves, and installs on this machine, what comes from package indexes."""

from __future__ import annotations

from envstudio.errors import Unavailable


def uv_program() -> str:
    """Return the path of the uv that is installed with EnvStudio. Raises `Unavailable`."""
    import uv

    try:
        return str(uv.find_uv_bin())
    except FileNotFoundError as error:
        raise Unavailable(
            "uv is not installed.", "Install it with: pip install uv", str(error), code="program-missing", subject="uv"
        ) from error

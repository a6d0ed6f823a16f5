"""The Docker SDK's errors, turned into ones that tell the user what to do."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from envstudio.engine.endpoints import NO_ENGINE
from envstudio.errors import Act, EnvStudioError, NotFound, Remedy, Unavailable


@contextmanager
def explained(doing: str) -> Iterator[None]:
    """Turn the SDK's errors into ones that tell the user what to do."""
    import docker.errors
    import requests.exceptions

    try:
        yield
    except docker.errors.ImageNotFound as error:
        raise NotFound(
            f"{doing} failed: there is no such image.",
            "Check the image's name.",
            str(error),
            code="pull-not-found",
            remedy=Remedy(Act.EDIT_IMAGE),
        ) from error
    except docker.errors.NotFound as error:
        raise NotFound(f"{doing} failed: it does not exist.", "Check the name.", str(error)) from error
    except docker.errors.APIError as error:
        raise EnvStudioError(f"{doing} failed.", "See the engine's message below.", str(error)) from error
    except (docker.errors.DockerException, requests.exceptions.RequestException) as error:
        if "paramiko" in str(error):
            raise Unavailable(
                "An engine behind ssh:// needs more of the Docker SDK.",
                "Install it: pip install 'envstudio[ssh]'",
                str(error),
            ) from error
        raise Unavailable(
            f"{doing} failed: the container engine does not answer.",
            NO_ENGINE,
            str(error),
            code="engine-stopped",
            remedy=Remedy(Act.SET_SETTING, "engine"),
        ) from error


def NotFoundInEngine() -> type[Exception]:
    """Return the SDK's class for what does not exist, without importing the SDK at start."""
    import docker.errors

    return docker.errors.NotFound

"""docker: a container of the image that was built from the same version."""

from __future__ import annotations

from envstudio.engine import connect
from envstudio.errors import Act, NotFound, Remedy
from envstudio.report import Report
from envstudio.targets.target import RunRequest, RunResult

WORK = "/work"


class DockerTarget:
    """Runs commands in new containers, which are removed when they end."""

    id = "docker"
    title = "A container"
    needs_image = True
    needs_lock = False

    def run(self, request: RunRequest, report: Report) -> RunResult:
        """Run the command to its end, telling its lines. Raises `EnvStudioError`, `Cancelled`.

        The working folder, if one is given, is mounted at /work and is the container's working folder too.
        """
        with connect(request.settings.engine) as engine:
            image = engine.find(request.image)
            if image is None:
                raise NotFound(
                    f"The image {request.image} is not in the engine.",
                    "Build it.",
                    code="image-missing-in-engine",
                    subject=request.image,
                    remedy=Remedy(Act.BUILD, f"{request.environment.name}:{request.version}"),
                )
            mounts = dict(request.mounts)
            if request.working_dir is not None:
                mounts[str(request.working_dir.resolve())] = WORK
            with report.stage("run"):
                exit_code = engine.run(
                    image.image_id,
                    request.command,
                    report,
                    environment=request.variables,
                    mounts=mounts,
                    working_dir=WORK if request.working_dir is not None else "",
                )
            return RunResult(exit_code, image_id=image.image_id)

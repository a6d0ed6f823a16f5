"""preview of an image: what a build of a version or a draft would do, and its Dockerfile if one is run."""

from __future__ import annotations

from envstudio.builders import BuildRequest, Plan, choose, needs_lock, refuse_unbuildable
from envstudio.builders.dockerfiles.dockerfile import DOCKERFILE, context_files
from envstudio.engine import connected_if_running
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.build import image_tag
from envstudio.tasks.context_content import kept_context


def preview_image(library: Library, settings: Settings, reference: str, *, report: Report) -> Plan:
    """Return the plan of a build; nothing is stored, and a draft is planned as it is. Raises `EnvStudioError`."""
    snapshot = library.find(reference)
    environment = snapshot.environment
    record = library.locks.find(environment.name, snapshot.digest)
    refuse_unbuildable(environment, locked=record is not None)
    builder = choose(settings.builder, environment)
    if record is None and needs_lock(environment):
        return Plan(builder.id, ("lock it", f"build it with {builder.id}"), ("this definition is not locked yet",))
    with connected_if_running(settings.engine) as engine:
        request = BuildRequest(
            environment=environment,
            version=snapshot.version,
            digest=snapshot.digest,
            lock=record.lock if record is not None else None,
            settings=settings,
            engine=engine,
            tags=(image_tag(environment.name, snapshot.version),),
            platform=environment.image.platform,
            kept=kept_context(library, environment),
        )
        plan = builder.plan(request, report)
        if not builder.runs_dockerfiles or plan.dockerfile or environment.image.context:
            return plan
        text = context_files(request)[DOCKERFILE].decode()
        return Plan(plan.builder, plan.steps, plan.rebuild_because, text)

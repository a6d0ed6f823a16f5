"""push: an image of the engine goes to a registry, under its own name or another."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from envstudio.credentials import login_for
from envstudio.domain.change import LibraryChange
from envstudio.domain.image_name import checked_tag, parse_name
from envstudio.errors import Act, InvalidInput, Remedy
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.images import connected, find_image


@dataclass(frozen=True, slots=True)
class PushedImage:
    """An image, the names that it was pushed under, and what changed in the library: names that it has from now on."""

    reference: str
    image_id: str
    names: tuple[str, ...]
    change: LibraryChange = field(default_factory=LibraryChange)

    def to_json(self) -> dict[str, Any]:
        """Return the outcome as the document that `--json` prints."""
        return {"ref": self.reference, "image_id": self.image_id, "pushed": list(self.names)}


def push_image(
    library: Library, settings: Settings, image: str, *, names: tuple[str, ...] = (), report: Report
) -> PushedImage:
    """Push an image of the engine; no names mean its own. Raises `EnvStudioError`, `Cancelled`."""
    record = find_image(library, image)
    wanted = names or record.tags
    if not wanted:
        raise InvalidInput(
            f"The image of {record.environment}:{record.version} has no name: those that it had are other images' now.",
            "Give it one.",
            code="image-unnamed",
            remedy=Remedy(Act.NAME_IMAGE, "NAME"),
        )
    hosts = [parse_name(checked_tag(name)).host for name in wanted]
    with connected(settings, record) as engine:
        new = [name for name in names if name not in record.tags]
        engine.tag(record.image_id, new)
        change = library.images.name(record.image_id, new)
        for name, host in zip(wanted, hosts, strict=True):
            with report.stage(f"push {name}"):
                engine.push(name, report, login_for(host))
    return PushedImage(f"{record.environment}:{record.version}", record.image_id, wanted, change)

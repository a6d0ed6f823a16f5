"""remove and prune: images leave the engine; what a label points to, or is the newest of its environment, stays."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from envstudio.builders import bases
from envstudio.builders.assembly.part_images import sweep_parts
from envstudio.domain.change import LibraryChange
from envstudio.domain.image import LABEL_BASE, ImageRecord
from envstudio.domain.image_name import parse_name
from envstudio.engine import Engine, connect
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.images import find_image, images

OWN = "envstudio/"
"""How the names begin that images get if the user gives none."""


@dataclass(frozen=True, slots=True)
class PrunePlan:
    """The images that would go, and the bytes that this frees: those of layers that no other image has.

    `kept` reports each version whose image stays why it does; `stays` are those images.
    """

    removed: tuple[ImageRecord, ...]
    freed: int
    kept: tuple[tuple[str, str], ...]
    stays: tuple[ImageRecord, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the plan as the document that `--json` prints."""
        return {
            "removed": [
                {
                    "ref": f"{item.environment}:{item.version}",
                    "image_id": item.image_id,
                    "tags": list(item.tags),
                    "size": item.size,
                }
                for item in self.removed
            ],
            "freed": self.freed,
            "kept": [{"ref": reference, "because": reason} for reference, reason in self.kept],
        }


def prune_plan(library: Library, settings: Settings) -> PrunePlan:
    """Return which images of the workspace could go from the engine. Raises `Unavailable`.

    Those are images of versions that no one needs, and those whose names all went to newer images of their version.
    Images that this workspace does not know are not touched: they may be another library's.
    """
    with connect(settings.engine) as engine:
        records = [item.record for item in images(library, settings) if item.in_engine]
        plan = _without_used(engine, plan_of(library, records))
        return replace(plan, freed=freed_bytes(plan.removed, plan.stays, _layers_of_bases(engine, plan.removed)))


def plan_of(library: Library, records: Sequence[ImageRecord]) -> PrunePlan:
    """Return which images go and why others stay; what that frees is for the engine to tell."""
    reasons: dict[str, str] = {}
    for name in sorted({item.environment for item in records}):
        _keep(library, name, [item for item in records if item.environment == name], reasons)
    # Two versions may share an image; it stays where either of them needs it.
    kept_ids = {item.image_id for item in records if _title(item) in reasons and not _is_replaced(item, records)}
    removed = {item.image_id: item for item in reversed(records) if item.image_id not in kept_ids}
    kept = [item for item in records if item.image_id in kept_ids]
    return PrunePlan(tuple(removed.values()), 0, tuple(sorted(reasons.items())), tuple(kept))


def _without_used(engine: Engine, plan: PrunePlan) -> PrunePlan:
    """Return a plan without the images that pruning would leave, because someone uses or named them."""
    reasons = {item.image_id: _why_it_stays(engine, item) for item in plan.removed}
    stays = tuple(item for item in plan.removed if reasons[item.image_id])
    return replace(
        plan,
        removed=tuple(item for item in plan.removed if not reasons[item.image_id]),
        kept=(*plan.kept, *((_title(item), reasons[item.image_id]) for item in stays)),
        stays=(*plan.stays, *stays),
    )


def _is_replaced(record: ImageRecord, records: Sequence[ImageRecord]) -> bool:
    """Return whether a newer image of the same version took all names of an image; `records` have the newest first."""
    newest = next(item for item in records if _title(item) == _title(record))
    return not record.tags and newest.image_id != record.image_id


def _layers_of_bases(engine: Engine, records: Iterable[ImageRecord]) -> set[str]:
    """Return the layers of the base images that the engine has beside the images made of them."""
    found = [engine.find(item.image_id) for item in records]
    named = {image.labels.get(LABEL_BASE, "") for image in found if image is not None}
    there = [engine.find(base) for base in sorted(named) if base.startswith("sha256:")]
    return {diff_id for image in there if image is not None for diff_id in image.diff_ids}


def _keep(library: Library, name: str, records: Sequence[ImageRecord], reasons: dict[str, str]) -> None:
    """Note the versions of an environment whose images stay, and why."""
    built = {item.version for item in records}
    for version in library.versions.list(name):
        if version.number in built and version.labels:
            reasons[f"{name}:{version.number}"] = f"labelled {', '.join(version.labels)}"
    reasons.setdefault(f"{name}:{max(built)}", "the newest image of its environment")


def freed_bytes(removed: Iterable[ImageRecord], kept: Iterable[ImageRecord], held: Collection[str] = ()) -> int:
    """Return the bytes of the layers that only removed images have; if an image's layers are unknown, its size.

    `held` are the diff ids of layers that other images have.
    """
    shared = {*held, *(layer.diff_id for item in kept for layer in item.contents)}
    own: dict[str, int] = {}
    unknown = 0
    for item in removed:
        if not item.contents:
            unknown += item.size
        own |= {layer.diff_id: layer.size for layer in item.contents if layer.diff_id not in shared}
    return sum(own.values()) + unknown


def remove_image(library: Library, settings: Settings, image: str, *, report: Report) -> LibraryChange:
    """Remove an image from the engine and forget it. Raises `EnvStudioError`."""
    return _remove(library, settings, (find_image(library, image),), report)


def prune(library: Library, settings: Settings, plan: PrunePlan, *, report: Report) -> LibraryChange:
    """Remove the images of a plan; one that is in use stays, which is reported. Raises `Unavailable`, `Cancelled`.

    Nameless parts of images and half-made bases, which builds that were killed left behind, go too.
    """
    swept = bases.sweep()
    if swept:
        report.line(f"removed {swept} {'folder' if swept == 1 else 'folders'} of base images whose making was killed")
    change = _remove(library, settings, plan.removed, report, tolerant=True)
    with connect(settings.engine) as engine:
        parts = sweep_parts(engine)
    if parts:
        report.line(f"removed {parts} nameless {'part' if parts == 1 else 'parts'} of images whose build was killed")
    return change


def _remove(
    library: Library, settings: Settings, records: Sequence[ImageRecord], report: Report, *, tolerant: bool = False
) -> LibraryChange:
    change = LibraryChange()
    with connect(settings.engine) as engine:
        for number, record in enumerate(records, 1):
            report.raise_if_cancelled()
            try:
                if engine.find(record.image_id) is not None:
                    stays = _why_it_stays(engine, record) if tolerant else ""
                    if stays:
                        report.line(f"{_title(record)} stays: {stays}")
                        continue
                    # Without force an image of several names would stay.
                    engine.remove_image(record.image_id, force=True)
            except EnvStudioError as error:
                if not tolerant:
                    raise
                report.line(f"{_title(record)} stays: {error.details or error.summary}")
                continue
            change |= library.images.forget(record.image_id)
            report.line(f"removed {_title(record)}, {record.image_id[:19]}")
            report.progress(number, len(records), "images")
    return change


def _why_it_stays(engine: Engine, record: ImageRecord) -> str:
    """Return why an image is not pruned: someone uses it, or gave it a name that is not ours; else nothing."""
    if engine.in_use(record.image_id):
        return "a container uses it"
    found = engine.find(record.image_id)
    own = {str(parse_name(tag)) for tag in record.tags}
    others = [tag for tag in found.tags if str(parse_name(tag)) not in own and not tag.startswith(OWN)] if found else []
    return f"it is also named {', '.join(others)}" if others else ""


def _title(record: ImageRecord) -> str:
    return f"{record.environment}:{record.version}"

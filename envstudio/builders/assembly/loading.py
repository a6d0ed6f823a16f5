"""Putting an image into an engine, with the bytes of the layers that it lacks and no others.

An engine works on one layer after the other, and on none before the whole archive is there. So the lower layers go
ahead in archives of their own, each a nameless image, while the upper ones are being made; a build that is cancelled
never has to wait for more than one of them, and no name is given before all is there.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from envstudio.builders import bases
from envstudio.builders.assembly.oci import (
    LayerBlob,
    OciImage,
    blobs_to_send,
    chain_ids,
    docker_archive,
    layers_to_send,
    oci_archive,
)
from envstudio.builders.assembly.part_images import PartOwner
from envstudio.builders.bases import Base
from envstudio.domain.image import LABEL_DEFINITION, LABEL_RECIPE
from envstudio.engine import Engine
from envstudio.errors import Cancelled, EnvStudioError, Unavailable
from envstudio.report import Report

AHEAD_BYTES = 16 << 20
"""What goes ahead at least, because each archive costs the engine some hundredths of a second."""

PART_BYTES = 64 << 20
"""What goes in one archive at most, larger layers apart, because a cancelled build may have to wait for it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of an image: its id where it is, the digest of what was made, and how many layers travelled."""

    image_id: str
    digest: str
    layers_sent: int


class Loader:
    """Loads one image into an engine; use as a context. `recipe` is the label by which earlier images are known."""

    def __init__(self, engine: Engine, base: Base, recipe: str, report: Report) -> None:
        self._engine, self._base, self._report = engine, base, report
        self._containerd = engine.info().containerd_store
        self._known = known_blobs(engine, recipe) if self._containerd else known_chains(engine, base)
        self._stack = list(base.layers)
        self._loaded = 0
        self._sent = 0
        self._part = ""
        self._owner = PartOwner()
        self._exits = contextlib.ExitStack()
        self._changed = threading.Condition()
        self._ended = self._given_up = False
        self._worker: threading.Thread | None = None

    def ahead(self, layers: Sequence[LayerBlob]) -> None:
        """Let the next layers, lowest first, go ahead of the image."""
        if self._containerd or not layers:
            return
        with self._changed:
            self._stack += layers
            self._changed.notify()
        if self._worker is None:
            self._exits.enter_context(self._owner)
            self._worker = threading.Thread(target=self._work, name="load", daemon=True)
            self._worker.start()

    def finish(self, image: OciImage, tags: tuple[str, ...]) -> Delivered:
        """Send what is left and name the image; send all of it where the engine lost a layer meanwhile."""
        if not self._containerd:
            self.ahead(image.layers[len(self._stack) :])
        self._end_work()
        engine, base, report = self._engine, self._base, self._report
        complete = image if not self._containerd and self._known else whole(image, base, engine, report)
        try:
            sent = self._sent + self._send(complete, tags, self._known)
        except EnvStudioError as error:
            if not self._known or isinstance(error, Cancelled | Unavailable):
                raise
            report.line(f"the engine refused the archive without the layers it was thought to have: {error.details}")
            sent = self._send(whole(image, base, engine, report), tags, set())
        loaded = engine.find(tags[0])
        if loaded is None:
            raise EnvStudioError("The engine took the image, but does not list it.", "See the engine's own log.")
        # The containerd image store names an image by its manifest, not by its configuration.
        return Delivered(loaded.image_id, image.image_id, sent)

    def _send(self, image: OciImage, tags: tuple[str, ...], known: set[str]) -> int:
        """Stream the archive in the form that the engine's store completes, and return how many layers it carried."""
        if self._containerd:
            sent, archive = blobs_to_send(image, known), oci_archive(image, tags, known)
        else:
            sent, archive = layers_to_send(image, known), docker_archive(image, tags, known)
        if sent or not self._sent:
            self._report.line(f"sending {sent} of {len(image.layers)} layers")
        self._engine.load(archive, self._report)
        if self._containerd and known:
            # This store takes an archive whose blobs it lacks, and fails only when a container is made of it.
            self._engine.check_whole(tags[0])
        return sent

    def _work(self) -> None:
        """Send what has come, until little is left or one is refused; that is then for the image itself."""
        with contextlib.suppress(EnvStudioError):
            while (stack := self._next()) is not None:
                part = _part_of(stack, self._base, self._owner.labels)
                archive = docker_archive(part, (), self._known)
                self._engine.load(archive, self._report, abandoned=partial(self._remove, part.image_id))
                before, self._part = self._part, part.image_id
                self._remove(before)
                self._sent += layers_to_send(part, self._known)
                self._known |= set(chain_ids([layer.diff_id for layer in stack]))
                self._loaded = len(stack)

    def _next(self) -> list[LayerBlob] | None:
        """Wait for layers that are worth an archive, and return the stack up to them; None in the end."""
        with self._changed:
            while not self._given_up:
                chains = chain_ids([layer.diff_id for layer in self._stack])
                while self._loaded < len(chains) and chains[self._loaded] in self._known:
                    self._loaded += 1
                upper = self._stack[self._loaded :]
                if sum(layer.size for layer in upper) >= AHEAD_BYTES:
                    sizes = accumulate(layer.size for layer in upper)
                    fitting = sum(size <= PART_BYTES for size in sizes)
                    return self._stack[: self._loaded + max(fitting, 1)]
                if self._ended:
                    return None
                self._changed.wait()
            return None

    def _end_work(self, *, given_up: bool = False) -> None:
        with self._changed:
            self._ended, self._given_up = True, given_up
            self._changed.notify()
        if self._worker is not None:
            self._worker.join()

    def _remove(self, part: str) -> None:
        """Remove a nameless image; its layers stay where another image has them."""
        if part:
            with contextlib.suppress(EnvStudioError):
                self._engine.remove_image(part, force=True)

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: object) -> None:
        with self._exits:
            self._end_work(given_up=True)
            self._remove(self._part)


def _part_of(stack: Sequence[LayerBlob], base: Base, labels: Mapping[str, str]) -> OciImage:
    """Return the nameless image of the lower layers."""
    diff_ids = [layer.diff_id for layer in stack]
    config = {
        "architecture": base.architecture,
        "os": "linux",
        "config": {"Labels": dict(labels)},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
    }
    return OciImage(config, tuple(stack))


def whole(image: OciImage, base: Base, engine: Engine | None, report: Report) -> OciImage:
    """Return the image with the bytes of its base's layers."""
    full = bases.with_layers(base, engine, report)
    return OciImage(image.config, (*full.layers, *image.layers[len(full.layers) :]))


def known_blobs(engine: Engine, recipe: str) -> set[str]:
    """Return the diff ids of the layers that a containerd image store has from earlier builds, as they were sent."""
    return {diff_id for image in engine.labelled({LABEL_RECIPE: recipe}) for diff_id in image.diff_ids}


def known_chains(engine: Engine, base: Base) -> set[str]:
    """Return the chain ids of the layers that the engine has from the base and from earlier builds."""
    images = list(engine.labelled({LABEL_DEFINITION: ""}))
    known = engine.find(base.engine_image) if base.engine_image else None
    stacks = [image.diff_ids for image in [*images, *([known] if known else [])]]
    return {chain for stack in stacks for chain in chain_ids(stack)}

"""What an image holds, by package or by layer, as parts with sizes: for the treemap, and for the table beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from envstudio.domain.image import ImageRecord

BASE = "base image"
FILES = "other files"
SMALLEST_SHARE = 0.004
MOST_TILES = 60


@dataclass(frozen=True, slots=True)
class Part:
    """A named size in bytes. `layer` counts from 1 above the base, and is 0 for the base itself.

    `count` is how many packages a part stands for that is several.
    """

    name: str
    size: int
    layer: int
    count: int = 1


def parts_of(record: ImageRecord) -> tuple[Part, ...]:
    """Return what an image holds, largest first; nothing if its builder reported no layers."""
    found: list[Part] = []
    base = record.size - sum(layer.size for layer in record.contents)
    made = 0
    for layer in record.contents:
        if not layer.packages and not made:
            base += layer.size
            continue
        made += 1
        found += [Part(name, size, made) for name, size in layer.packages if size > 0]
        rest = layer.size - sum(size for _, size in layer.packages)
        if rest > 0:
            found.append(Part(FILES, rest, made))
    if not made:
        return ()
    if base > 0:
        found.append(Part(BASE, base, 0))
    return tuple(sorted(found, key=lambda part: (-part.size, part.name)))


def grouped(parts: Sequence[Part]) -> tuple[Part, ...]:
    """Return parts as tiles that can be distinguished: the small ones are one tile, named as others."""
    total = sum(part.size for part in parts)
    large = [part for part in parts if part.size >= total * SMALLEST_SHARE][:MOST_TILES]
    small = parts[len(large) :]
    if len(small) < 2:
        return tuple(parts)
    others = Part(f"{len(small)} others", sum(part.size for part in small), -1, len(small))
    return tuple(sorted((*large, others), key=lambda part: -part.size))


def by_layer(parts: Sequence[Part]) -> list[tuple[str, tuple[Part, ...]]]:
    """Return the parts of each layer under its title, the largest layer first."""
    layers: dict[int, list[Part]] = {}
    for part in parts:
        layers.setdefault(part.layer, []).append(part)
    found = sorted(layers.items(), key=lambda item: -sum(part.size for part in item[1]))
    return [(f"layer {number}" if number else BASE, tuple(items)) for number, items in found]

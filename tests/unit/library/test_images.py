"""The images that are remembered: one image of a version keeps all the names that it was given."""

from __future__ import annotations

from envstudio.domain.environment import Environment
from envstudio.domain.image import BuiltImage
from envstudio.library import Library


def test_names_are_added_to_those_that_an_image_has(library: Library) -> None:
    library.versions.register(Environment("tagged"))

    def built(image_id: str, *tags: str) -> None:
        image = BuiltImage("tagged:1", image_id, image_id, tags, "direct", False, 1.0, (), 10, 1, 1)
        library.images.add("tagged", 1, image, definition="d", lock="l")

    built("sha256:1", "envstudio/tagged:1")
    built("sha256:1", "registry.example/tagged:prod", "envstudio/tagged:1")
    built("sha256:2", "envstudio/tagged:next")
    assert [item.tags for item in library.images.list("tagged")] == [
        ("envstudio/tagged:next",),
        ("envstudio/tagged:1", "registry.example/tagged:prod"),
    ]

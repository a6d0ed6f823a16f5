"""The images that are remembered: one image of a version keeps all the names that it was given."""

from __future__ import annotations

import pytest

from envstudio.domain.change import LibraryChange
from envstudio.domain.environment import Environment
from envstudio.domain.image import BuiltImage
from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.images import find_image
from envstudio.tasks.push_image import push_image


def built(library: Library, image_id: str, *tags: str, name: str = "tagged", output: str = "docker") -> LibraryChange:
    image = BuiltImage(f"{name}:1", image_id, image_id, tags, "direct", False, 1.0, (), 10, 1, 1, output)
    return library.images.add(name, 1, image, definition="d", lock="l")


def names(library: Library) -> dict[str, tuple[str, ...]]:
    return {item.image_id: item.tags for item in library.images.list()}


def test_names_are_added_to_those_that_an_image_has(library: Library) -> None:
    library.versions.register(Environment("tagged"))
    built(library, "sha256:1", "envstudio/tagged:1")
    built(library, "sha256:1", "registry.example/tagged:prod", "envstudio/tagged:1")
    built(library, "sha256:2", "envstudio/tagged:next")
    assert [item.tags for item in library.images.list("tagged")] == [
        ("envstudio/tagged:next",),
        ("envstudio/tagged:1", "registry.example/tagged:prod"),
    ]


def test_a_name_that_moved_to_another_image_does_not_come_back(library: Library) -> None:
    library.versions.register(Environment("tagged"))
    library.versions.register(Environment("other"))
    built(library, "sha256:1", "app:latest", "app:1")
    change = built(library, "sha256:2", "app:latest", name="other")
    assert change.environments == {"tagged", "other"}
    built(library, "sha256:1", "app:1")
    assert names(library) == {"sha256:1": ("app:1",), "sha256:2": ("app:latest",)}
    assert find_image(library, "app:latest").image_id == "sha256:2"
    built(library, "sha256:2", "app:1", name="other")
    with pytest.raises(InvalidInput, match="tagged:1 has no name"):
        push_image(library, Settings(), "tagged:1", report=silent())


def test_the_names_in_a_file_and_those_that_only_look_alike_stay(library: Library) -> None:
    library.versions.register(Environment("tagged"))
    built(library, "sha256:1", "my_app:1", "my-app:1")
    built(library, "sha256:2", "my_app:1", output="oci:folder")
    built(library, "sha256:3", "my%app:1")
    built(library, "sha256:4", "app:1")
    assert names(library)["sha256:1"] == ("my_app:1", "my-app:1")


def test_a_name_that_is_given_afterwards_is_taken_from_others(library: Library) -> None:
    library.versions.register(Environment("tagged"))
    library.versions.register(Environment("other"))
    built(library, "sha256:1", "app:1")
    built(library, "sha256:2", "app:2", name="other")
    assert not library.images.name("sha256:2", ())
    change = library.images.name("sha256:2", ("app:1", "app:3"))
    assert change.environments == {"tagged", "other"}
    assert names(library) == {"sha256:1": (), "sha256:2": ("app:2", "app:1", "app:3")}

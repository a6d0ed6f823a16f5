"""Which images a prune takes: those that no version needs, and nameless ones that a version has newer ones of."""

from __future__ import annotations

from envstudio.domain.image import BuiltImage
from envstudio.library import Library
from envstudio.tasks.prune_images import plan_of


def built(library: Library, version: int, image_id: str, *tags: str) -> None:
    image = BuiltImage(f"churn:{version}", image_id, image_id, tags, "direct", False, 1.0, (), 10, 1, 1)
    library.images.add("churn", version, image, definition="d", lock="l")


def removed(library: Library) -> list[str]:
    return [item.image_id for item in plan_of(library, library.images.list()).removed]


def test_of_versions_the_newest_and_the_labelled_stay(library: Library) -> None:
    built(library, 1, "sha256:1", "churn:1")
    built(library, 2, "sha256:2", "churn:2")
    assert removed(library) == ["sha256:1"]
    library.versions.label(library.find("churn:1").reference, "prod")
    assert removed(library) == []


def test_an_image_that_lost_all_its_names_to_a_newer_one_goes(library: Library) -> None:
    built(library, 2, "sha256:1", "churn:2", "registry.example/churn:prod")
    built(library, 2, "sha256:2", "churn:2")
    assert removed(library) == [], "it still has a name"
    built(library, 2, "sha256:3", "churn:2", "registry.example/churn:prod")
    assert removed(library) == ["sha256:1", "sha256:2"]


def test_an_image_that_lost_its_names_to_another_version_stays_where_it_is_the_only_one(library: Library) -> None:
    library.versions.label(library.find("churn:1").reference, "prod")
    built(library, 1, "sha256:1", "churn:latest")
    built(library, 2, "sha256:2", "churn:latest")
    assert removed(library) == []

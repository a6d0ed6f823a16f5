"""What is refused before anything is built, and what images are called."""

from __future__ import annotations

import pytest

from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build, image_tag


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (BuildOptions(output="oci:"), "not an image destination"),
        (BuildOptions(platform="linux/riscv64"), "cannot be locked for linux/riscv64"),
        (BuildOptions(output="oci:x", push=True), "can be pushed"),
        (BuildOptions(tags=("Bad Tag!!",)), "is not an image's name"),
        (BuildOptions(tags=("Upper/case:1",)), "is not an image's name"),
        (BuildOptions(builder="nothing"), "No builder"),
    ],
)
def test_what_no_builder_can_do_leaves_no_build(library: Library, options: BuildOptions, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        build(library, Settings(), "churn", options=options, report=silent())
    assert library.builds.list() == ()


def test_environments_never_share_an_image_s_name() -> None:
    names = ["a", "A", "x.y", "x-y", "x_y", "x--y", "x-", "-".join("ab"), "ä".encode("ascii", "replace").decode()]
    assert len({image_tag(name, 1) for name in names}) == len(names)
    assert image_tag("churn-train", 7) == "envstudio/churn-train:7"

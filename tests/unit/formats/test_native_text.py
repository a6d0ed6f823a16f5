"""A definition is written as the user wrote an earlier text of it, in whatever form that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from envstudio.domain.requirement import conda_requirement
from envstudio.formats import native
from envstudio.formats.native_text import written


@pytest.mark.parametrize(
    "text",
    [
        "# ours\u2028# and theirs\nname: a\npython:\n  conda:\n  - numpy",
        "# ours\x85# and theirs\nname: a\npython:\n  conda:\n  - numpy\n",
        "# ours\rname: a # and theirs\rpython:\r  conda:\r  - numpy\r",
        "# ours\r\nname: a # and theirs\r\npython:\r\n  conda:\r\n  - numpy\r\n",
    ],
    ids=["line separator", "next line", "carriage return", "both"],
)
def test_lines_may_end_in_any_of_yamls_ways(text: str) -> None:
    meant = native.from_text(text).environment
    for now in (
        meant.with_conda(conda_requirement("numpy>=2")),
        meant.with_conda(conda_requirement("scipy")),
        replace(meant, description="Said later"),
    ):
        after = written(now, text, meant)
        assert native.from_text(after).environment == now
        assert "# ours" in after
        assert "# and theirs" in after


def test_the_order_of_tags_is_left_as_it_is_written() -> None:
    text = 'name: a\ntags: {b: "1", a: "2"}  # not sorted\npython:\n  conda: [ numpy ]\n'
    meant = native.from_text(text).environment
    now = replace(meant, tags=tuple(sorted(meant.tags)), description="Said later")
    assert written(now, text, meant) == text.replace("name: a\n", "name: a\ndescription: Said later\n")

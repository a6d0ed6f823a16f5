"""Names, messages and addresses of others add no line, cell or tag to what is exported."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from envstudio.domain.comparison import Comparison
from envstudio.domain.diff import DefinitionChange, Kind, Section
from envstudio.domain.environment import Environment, PipOption, Python, Variable
from envstudio.domain.image_comparison import ImageComparison, ImageRow, Part
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock
from envstudio.errors import InvalidInput
from envstudio.formats import find_format
from envstudio.lock_formats import LOCK_FORMATS, find_lock_format
from envstudio.presentation.comparison import comparison_lines, comparison_markdown
from envstudio.presentation.image_comparison import images_markdown

HOSTILE = "x\n| new | row |\n<b>y</b> [z](https://host.example) \x1b[2J"
PACKAGE = LockedPackage("rich", "14.0", "pip", "https://files.example/rich-14.0-py3-none-any.whl", "c" * 64)


def _comparison() -> Comparison:
    changes = (DefinitionChange(Section.VARIABLES, Kind.CHANGED, HOSTILE, "a|b", HOSTILE),)
    return Comparison(HOSTILE, "b:2", False, changes, (), True, ())


def test_markdown_of_a_comparison_keeps_its_lines() -> None:
    text = comparison_markdown(_comparison())
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len(table) == 3
    assert "<b>" not in text.replace("`x ⏎ | new | row | ⏎ <b>", "")
    assert "\x1b" not in text
    assert text.splitlines()[0].startswith("### x ⏎ \\| new")


def test_markdown_of_images_keeps_its_cells() -> None:
    row = ImageRow(Part.PACKAGE, HOSTILE, "a|b", "", 1)
    table = images_markdown(ImageComparison((row,), True, True, True)).splitlines()[2:]
    assert len(table) == 3
    assert "<b>" not in table[2]
    assert table[2].replace("\\|", "").count("|") == 6


def test_lines_of_a_comparison_hold_one_row_each() -> None:
    assert len(comparison_lines(_comparison())) == 4


@pytest.mark.parametrize("name", ["--index-url", "--pre"])
def test_an_option_cannot_add_lines_to_requirements(name: str) -> None:
    option = PipOption(name, "https://index.example\n--extra-index-url https://other.example")
    for form in ("pip", "conda"):
        write = find_format(form).write
        assert write is not None
        with pytest.raises(InvalidInput, match="line break"):
            write(Environment("a", python=Python(pip_options=(option,))))


def test_yaml_holds_a_hostile_text_as_one_value() -> None:
    environment = Environment("a", description=HOSTILE, variables=(Variable("A", HOSTILE),))
    write = find_format("native").write
    assert write is not None
    document = yaml.safe_load(write(environment).files["envstudio.yml"])
    assert document["description"] == document["variables"]["A"] == HOSTILE
    assert set(document) == {"schema", "name", "description", "variables"}


@pytest.mark.parametrize("form", [item.id for item in LOCK_FORMATS if item.write is not None])
@pytest.mark.parametrize("manager", ["conda", "pip"])
def test_an_address_cannot_add_lines_to_a_lock(form: str, manager: str) -> None:
    url = f"{PACKAGE.url}\n--index-url https://host.example/x-1-0.conda"
    package = replace(PACKAGE, manager=manager, url=url, md5="b" * 32, build="0")
    lock = Lock("sha256:x", (), (PlatformLock("linux-64", "3.12", (package,)),))
    used = find_lock_format(form)
    assert used.write is not None
    try:
        text = used.write(lock, "linux-64")
    except InvalidInput:
        return
    assert not any(line.startswith("--index-url") for line in text.splitlines())

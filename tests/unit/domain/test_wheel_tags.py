"""Which wheels a target takes, and what its markers are."""

from __future__ import annotations

from envstudio.domain.wheel_tags import marker_environment, supported_tags, wheel_build, wheel_rank


def test_tags_prefer_the_newest_manylinux_of_the_interpreter() -> None:
    tags = [str(tag) for tag in supported_tags("linux-64", "3.12.1")]
    assert tags[0] == "cp312-cp312-manylinux_2_28_x86_64"
    assert tags.index("cp312-abi3-manylinux_2_17_x86_64") < tags.index("py3-none-any")
    assert "cp312-cp312-manylinux_2_31_x86_64" not in tags
    assert "cp312-cp312-manylinux1_x86_64" in tags
    assert "cp312-cp312-win_amd64" in [str(tag) for tag in supported_tags("win-64", "3.12")]
    assert any("macosx_11_0_arm64" in str(tag) for tag in supported_tags("osx-arm64", "3.12"))


def test_markers_are_the_target_s() -> None:
    found = marker_environment("osx-arm64", "3.12")
    assert (found["sys_platform"], found["platform_machine"]) == ("darwin", "arm64")
    assert (found["python_version"], found["python_full_version"]) == ("3.12", "3.12.0")


def test_a_name_may_be_as_in_an_address_and_builds_are_numbers() -> None:
    tags = {tag: rank for rank, tag in enumerate(supported_tags("linux-64", "3.12"))}
    assert wheel_rank("torch-2.1.0%2bcu118-py3-none-any.whl", tags) >= 0
    assert wheel_rank("torch-2.1.0%2Bcu118-py3-none-any.whl", tags) >= 0
    assert wheel_rank("torch-1%212.0-py3-none-any.whl", tags) >= 0
    names = [
        "a-1.0-py3-none-any.whl",
        "a-1.0-1-py3-none-any.whl",
        "a-1.0-9-py3-none-any.whl",
        "a-1.0-10-py3-none-any.whl",
    ]
    assert sorted(names, key=wheel_build) == names

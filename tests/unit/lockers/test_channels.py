"""Which conda channels are asked, in which order."""

from __future__ import annotations

import pytest

from envstudio.domain.environment import Environment, Python
from envstudio.domain.requirement import conda_requirement
from envstudio.lockers.channels import channel_addresses, default_channels, match_specs
from envstudio.settings import Settings

MIRROR = "https://mirror.example/forge"


def environment(*channels: str, conda: tuple[str, ...] = ("six",)) -> Environment:
    return Environment("a", Python(channels=channels, conda=tuple(map(conda_requirement, conda))))


def test_defaults_means_conda_s_own_channels() -> None:
    found = channel_addresses(environment("conda-forge", "defaults"), Settings())
    assert found == ["conda-forge", *default_channels()]
    assert [address.rpartition("/pkgs/")[2] for address in default_channels()][:2] == ["main", "r"]


def test_defaults_can_be_set_and_mirrored() -> None:
    settings = Settings(default_channels=("https://c.example/main", "https://c.example/r"))
    assert channel_addresses(environment("defaults"), settings) == ["https://c.example/main", "https://c.example/r"]
    mirrored = Settings(default_channels=settings.default_channels, mirror_channels={"https://c.example/r": MIRROR})
    assert channel_addresses(environment("defaults"), mirrored) == ["https://c.example/main", MIRROR]
    whole = Settings(mirror_channels={"defaults": MIRROR})
    assert channel_addresses(environment("defaults"), whole) == [MIRROR]


def test_a_requirement_brings_its_channel_in_behind_the_others() -> None:
    wanted = environment(
        "https://c.example/a", conda=("https://c.example/b::six", "https://c.example/a::numpy", "attrs")
    )
    assert channel_addresses(wanted, Settings()) == ["https://c.example/a", "https://c.example/b/"]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("conda-forge::six >=1.16", f'six >=1.16[channel="{MIRROR}/"]'),
        ("conda-forge::six 1.16.* py*", f'six 1.16.* py*[channel="{MIRROR}/"]'),
        ("six>=1", "six >=1"),
    ],
)
def test_a_requirement_of_a_channel_is_of_its_mirror(text: str, wanted: str) -> None:
    settings = Settings(mirror_channels={"conda-forge": MIRROR})
    assert channel_addresses(environment("conda-forge", conda=(text,)), settings) == [MIRROR]
    assert [str(spec) for spec in match_specs((conda_requirement(text),), settings)] == [wanted]

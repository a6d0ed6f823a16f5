"""Which conda channels are asked: those of the definition, those that requirements name, and their mirrors."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from envstudio.domain.environment import Environment
from envstudio.domain.requirement import CondaRequirement, match_spec
from envstudio.errors import Act, InvalidInput, Remedy, redacted
from envstudio.settings import Settings, mirrored

if TYPE_CHECKING:
    from rattler import MatchSpec

DEFAULTS = "defaults"
"""Not a channel but a name for several (conda's `default_channels`)."""
NO_DEFAULTS = "nodefaults"


def channel_addresses(environment: Environment, settings: Settings) -> list[str]:
    """Return the channels to solve with, in their order, after the mirrors.

    Channels that only a requirement names (`channel::package`) come last, so that they decide about no other package.
    `nodefaults` only says what is so here anyway.
    """
    named = [channel for channel in environment.python.channels if channel != NO_DEFAULTS] or settings.channels
    addresses = [address for channel in named for address in expanded(channel, settings)]
    known = {channel_address(address) for address in addresses}
    for item in environment.python.conda:
        for address in _named_by(item, settings):
            if channel_address(address) not in known:
                known.add(channel_address(address))
                addresses.append(address)
    return addresses


def expanded(channel: str, settings: Settings) -> tuple[str, ...]:
    """Return what a channel's name stands for after the mirrors: itself, or the channels that `defaults` means."""
    mirror = mirrored(channel, settings.mirror_channels)
    if channel != DEFAULTS or mirror != channel:
        return (mirror,)
    return tuple(mirrored(item, settings.mirror_channels) for item in settings.default_channels or default_channels())


def default_channels() -> tuple[str, ...]:
    """Return the channels that `defaults` means on this system, as conda itself has it."""
    from conda_lock._vendor.conda.base.constants import DEFAULT_CHANNELS_UNIX, DEFAULT_CHANNELS_WIN

    return tuple(DEFAULT_CHANNELS_WIN if sys.platform == "win32" else DEFAULT_CHANNELS_UNIX)


def match_specs(requirements: Iterable[CondaRequirement], settings: Settings) -> list[MatchSpec]:
    """Return requirements as rattler's specs; one that names a channel is for the channel that is asked instead."""
    return [_spec(item, settings) for item in requirements]


def _spec(item: CondaRequirement, settings: Settings) -> MatchSpec:
    spec = match_spec(item.text)
    addresses = _named_by(item, settings)
    if not addresses or channel_address(addresses[0]) == str(spec.channel.base_url):
        return spec
    bare, channel = _without_channel(spec), channel_address(addresses[0])
    head, bracket, rest = bare.partition("[")
    return match_spec(f'{head}[channel="{channel}"{", " + rest if bracket else "]"}')


def _without_channel(spec: MatchSpec) -> str:
    """Return a spec's canonical text without the channel that stands before it."""
    return str(spec).rpartition("::")[2]


def _named_by(item: CondaRequirement, settings: Settings) -> Sequence[str]:
    """Return the channels that a requirement names itself, after the mirrors."""
    channel = match_spec(item.text).channel
    if channel is None:
        return ()
    return expanded(channel.base_url if "://" in item.text.partition("::")[0] else str(channel.name), settings)


def channel_address(channel: str) -> str:
    """Return the address of a channel that is named or given by its address. Raises `InvalidInput`."""
    from rattler import Channel
    from rattler.exceptions import InvalidChannelError

    try:
        return str(Channel(channel).base_url)
    except InvalidChannelError as error:
        raise InvalidInput(
            f"{redacted(channel)} is not a channel.",
            "Write its name or its address.",
            redacted(str(error)),
            code="conda-communication",
            subject=channel,
            remedy=Remedy(Act.EDIT_PACKAGES),
        ) from error

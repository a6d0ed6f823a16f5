"""What a file format is: an id, its usual file names, and a function each for recognising, reading and writing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from envstudio.domain.environment import Environment
from envstudio.domain.problem import Problem
from envstudio.formats.boundary import reading


@dataclass(frozen=True, slots=True)
class Choices:
    """What is chosen of a file that holds more than one environment.

    `environment` is the one that is meant, `groups` and `extras` are those of a project or lock that are wanted
    besides, `platform` ("linux-64") and `python` ("3.12") what a lock of several is read for.
    """

    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    platform: str = ""
    python: str = ""
    fetch: Callable[[str], bytes] | None = None
    """Returns what is at an address that a file includes; without it nothing is fetched."""
    environment: str = ""


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class Source:
    """Text to be read: where it came from, what it says, and the folder that relative paths in it start from."""

    name: str
    text: str
    folder: Path | None = None
    choices: Choices = NO_CHOICES

    @property
    def file_name(self) -> str:
        return self.name.replace("\\", "/").rsplit("/", 1)[-1]


@dataclass(frozen=True, slots=True)
class ReadResult:
    """An environment, and what could not be taken over or needs a look.

    `registry_password` stands in clear in the file; `parts` are the files beside it that were read with it.
    """

    environment: Environment
    problems: tuple[Problem, ...] = ()
    registry_password: str = field(default="", repr=False)
    parts: tuple[Path, ...] = ()


@dataclass(frozen=True, slots=True)
class WriteResult:
    """Files by their relative path, and what the format cannot hold."""

    files: Mapping[str, str]
    problems: tuple[Problem, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Format:
    """One file format. `filenames` are glob patterns; `read` takes a source and the name for the environment.

    `read` raises `InvalidInput` naming line and reason if the text is no such file, and keeps the boundary's limits.
    """

    id: str
    title: str
    filenames: tuple[str, ...]
    matches: Callable[[Source], bool]
    read: Callable[[Source, str], ReadResult] | None = None
    write: Callable[[Environment], WriteResult] | None = None
    by_content: bool = False
    """Whether files of this format have names that say nothing by themselves."""
    environments: Callable[[Source], tuple[str, ...]] | None = None
    """Names the environments of a file that may hold several; `read` takes the one that `Choices` names."""

    def __post_init__(self) -> None:
        if self.read is not None:
            object.__setattr__(self, "read", reading(self.read))

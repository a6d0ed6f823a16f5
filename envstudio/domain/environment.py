"""The environment: everything around a training or scoring script, as one frozen value.

The sections follow Azure Machine Learning's environment classes; `digest.py` says which of them decide what is built
or run. An edit returns a new value; nothing here is ever mutated.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any, Self

from packaging.utils import canonicalize_name

from envstudio.domain.hashes import is_digest
from envstudio.domain.reference import checked_name
from envstudio.domain.requirement import CondaRequirement, PipRequirement
from envstudio.domain.solve import Solve
from envstudio.errors import InvalidInput

VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
DEFAULT_PLATFORM = "linux/amd64"


class ManagedBy(StrEnum):
    """Who makes the Python environment: the system (conda, pip), or the user (the image has it already)."""

    SYSTEM = "system"
    USER = "user"


class Applies(StrEnum):
    """When a variable is set."""

    BUILD = "build"
    RUN = "run"
    SERVE = "serve"


@dataclass(frozen=True, slots=True)
class PipOption:
    """One of pip's option lines in a requirements file, such as `--index-url https://…`. `value` may be empty."""

    name: str
    value: str = ""

    @property
    def line(self) -> str:
        return f"{self.name} {self.value}".rstrip()


@dataclass(frozen=True, slots=True)
class Python:
    """The Python part: channels and match specs for conda, requirements and options for pip.

    `version` states the Python of the image for an environment whose Python does not come from conda. `pip_indexes`
    pins packages to an index, by normalized name and address: no other index is asked for them.
    """

    managed_by: ManagedBy = ManagedBy.SYSTEM
    interpreter: str = "python"
    version: str = ""
    channels: tuple[str, ...] = ()
    conda: tuple[CondaRequirement, ...] = ()
    pip: tuple[PipRequirement, ...] = ()
    pip_options: tuple[PipOption, ...] = ()
    pip_constraints: tuple[PipRequirement, ...] = ()
    pip_indexes: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        pins = {str(canonicalize_name(name)): index for name, index in self.pip_indexes}
        object.__setattr__(self, "pip_indexes", tuple(sorted(pins.items())))

    @property
    def uses_conda(self) -> bool:
        """Return whether conda provides the interpreter; a lone `python` or `pip` spec counts too."""
        return bool(self.conda)


@dataclass(frozen=True, slots=True)
class Registry:
    """Where a private base image comes from. `password` is the name of a secret in the keyring, never a password."""

    address: str
    username: str = ""
    password: str = ""


@dataclass(frozen=True, slots=True)
class BuildContext:
    """A folder or Git URL with a Dockerfile of the user's own.

    `digest` stands for what the folder held when the definition was registered (`ContextContent.digest`); then where
    the folder lies decides nothing.
    """

    location: str
    dockerfile_path: str = "Dockerfile"
    digest: str = ""

    def __post_init__(self) -> None:
        if self.digest and not is_digest(self.digest):
            raise InvalidInput(
                f"{self.digest!r} is not the digest of a build context.",
                "Remove it; it is computed when the definition is registered.",
            )

    @property
    def is_remote(self) -> bool:
        return "://" in self.location or self.location.startswith("git@")

    @property
    def is_relative(self) -> bool:
        """Return whether it depends on where a program runs; a path may have been written on another system."""
        absolute = PurePosixPath(self.location).is_absolute() or PureWindowsPath(self.location).is_absolute()
        return not (self.is_remote or absolute or self.location.startswith("~"))


@dataclass(frozen=True, slots=True)
class Image:
    """What the image starts from: exactly one of `base`, `dockerfile` (its text) and `context`."""

    base: str = ""
    dockerfile: str = ""
    context: BuildContext | None = None
    platform: str = DEFAULT_PLATFORM
    registry: Registry | None = None

    @property
    def sources(self) -> tuple[str, ...]:
        """Name those of the three exclusive sources that are given."""
        given = {"base": self.base, "dockerfile": self.dockerfile, "context": self.context}
        return tuple(name for name, value in given.items() if value)


@dataclass(frozen=True, slots=True)
class Variable:
    """An environment variable: a value, or the name of a secret in the keyring, and when it applies."""

    name: str
    value: str = ""
    secret: str = ""
    applies: tuple[Applies, ...] = (Applies.RUN, Applies.SERVE)

    def __post_init__(self) -> None:
        if not VARIABLE_NAME.fullmatch(self.name):
            raise InvalidInput(
                f"{self.name!r} is not a name for a variable.",
                "Use letters, digits and '_', beginning with a letter or '_'.",
            )
        if "\0" in self.value:
            raise InvalidInput(f"The value of {self.name} holds a NUL character.", "Remove it.")
        object.__setattr__(self, "applies", tuple(item for item in Applies if item in self.applies))


@dataclass(frozen=True, slots=True)
class MavenPackage:
    group: str
    artifact: str
    version: str

    def __str__(self) -> str:
        return f"{self.group}:{self.artifact}:{self.version}"


@dataclass(frozen=True, slots=True)
class Spark:
    repositories: tuple[str, ...] = ()
    packages: tuple[MavenPackage, ...] = ()
    precache: bool = True
    conf: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        _refuse_doubles("Spark setting", (key for key, _ in self.conf))


@dataclass(frozen=True, slots=True)
class Route:
    """One HTTP route of the scoring server."""

    port: int
    path: str


@dataclass(frozen=True, slots=True)
class Serving:
    liveness: Route | None = None
    readiness: Route | None = None
    scoring: Route | None = None
    inferencing_stack: str = ""


@dataclass(frozen=True, slots=True)
class Environment:
    """A complete definition. `carried` keeps, per format id, what that format holds and this model does not."""

    name: str
    python: Python = Python()
    image: Image = Image()
    variables: tuple[Variable, ...] = ()
    spark: Spark | None = None
    serving: Serving | None = None
    cuda: str = ""
    solve: Solve = Solve()
    description: str = ""
    tags: tuple[tuple[str, str], ...] = ()
    carried: Mapping[str, Any] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        checked_name(self.name)
        _refuse_doubles("variable", (item.name for item in self.variables))
        _refuse_doubles("tag", (key for key, _ in self.tags))

    # Each of these returns a new value in which one thing is different.

    def renamed(self, name: str) -> Self:
        """Return the same definition under another name."""
        return replace(self, name=name)

    def with_conda(self, requirement: CondaRequirement) -> Self:
        """Add a conda requirement; one of the same name is replaced where it stands."""
        return self._with_python(conda=_put(self.python.conda, requirement))

    def with_pip(self, requirement: PipRequirement) -> Self:
        """Add a pip requirement; one of the same name is replaced where it stands.

        Requirements of one name that have other markers stand beside each other.
        """
        pip, name, marker = self.python.pip, requirement.name, requirement.marker
        beside = [item.marker for item in pip if item.name == name]
        if not marker or not all(beside) or not beside:
            return self._with_python(pip=_put(pip, requirement))
        if marker in beside:
            same = (requirement if (item.name, item.marker) == (name, marker) else item for item in pip)
            return self._with_python(pip=tuple(same))
        after = max(position for position, item in enumerate(pip) if item.name == name) + 1
        return self._with_python(pip=(*pip[:after], requirement, *pip[after:]))

    def without_conda(self, name: str) -> Self:
        """Remove every conda requirement of that name."""
        return self._with_python(conda=_drop(self.python.conda, name))

    def without_pip(self, name: str) -> Self:
        """Remove every pip requirement of that name."""
        return self._with_python(pip=_drop(self.python.pip, name))

    def with_pip_index(self, name: str, index: str) -> Self:
        """Pin a package of pip's to an index; no other is asked for it."""
        return self._with_python(pip_indexes=(*self.python.pip_indexes, (name, index)))

    def with_channels(self, channels: Iterable[str]) -> Self:
        """Replace the channels; their order counts."""
        return self._with_python(channels=tuple(dict.fromkeys(channels)))

    def with_variable(self, variable: Variable) -> Self:
        """Add a variable; one of the same name is replaced where it stands."""
        return replace(self, variables=_put(self.variables, variable))

    def without_variable(self, name: str) -> Self:
        """Remove the variable of that name."""
        return replace(self, variables=_drop(self.variables, name))

    def with_base(self, image: str) -> Self:
        """Start the image from a base image; a Dockerfile or context given before is dropped."""
        return replace(self, image=replace(self.image, base=image, dockerfile="", context=None))

    def with_tag(self, key: str, value: str) -> Self:
        """Set one tag."""
        return replace(self, tags=tuple(sorted({**dict(self.tags), key: value}.items())))

    def _with_python(self, **changes: Any) -> Self:
        return replace(self, python=replace(self.python, **changes))


def _refuse_doubles(what: str, names: Iterable[str]) -> None:
    """Raise `InvalidInput` for a name that comes twice if each decides one value."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise InvalidInput(f"The {what} {name} is given twice.", "Keep one of them.")
        seen.add(name)


def _put(items: tuple[Any, ...], new: Any) -> tuple[Any, ...]:
    """Replace the first item of the same name and drop its duplicates; append if there is none."""
    names = [item.name for item in items]
    if new.name not in names:
        return (*items, new)
    first = names.index(new.name)
    rest = (item for item in items[first + 1 :] if item.name != new.name)
    return (*items[:first], new, *rest)


def _drop(items: tuple[Any, ...], name: str) -> tuple[Any, ...]:
    return tuple(item for item in items if item.name != name)

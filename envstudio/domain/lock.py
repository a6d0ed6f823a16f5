"""A lock: exact packages with address and sha256 for each platform.

Platforms are conda's subdirs ("linux-64"). The value is stored as canonical JSON; conda-lock.yml and the other files
are written from it (`lockers/`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from envstudio.domain.canonical import canonical_dump, sha256
from envstudio.domain.digest import PREFIX
from envstudio.domain.hashes import is_md5, is_sha256
from envstudio.domain.plain_data import Table, json_table
from envstudio.errors import Act, EnvStudioError, InvalidInput, NotFound, Remedy

SCHEMA = 1
PLAIN = re.compile(r"(?!\.{1,2}\Z)[^/\\\0-\x1f\x7f]*")
"""What may become a part of a path: names, versions and builds do."""

MANAGERS = ("conda", "pip")
LOCK_AGAIN = "Lock again, or check the library."
FIELDS = {
    **dict.fromkeys(("name", "version", "manager", "url", "sha256", "md5", "build", "license"), str),
    **dict.fromkeys(("dependencies", "purls"), list),
    "size": int,
    "requested": bool,
}
"""The fields of a package and what each is in JSON."""


@dataclass(frozen=True, slots=True)
class LockedPackage:
    """One exact package. Hashes are hexadecimal, `size` is in bytes (0: unknown), `manager` is "conda" or "pip".

    `dependencies` are requirement texts. `requested` tells a direct requirement from one that came with another.
    Raises `InvalidInput` for a hash that is none, and for a name, version or build that could lead out of a folder:
    all of them become parts of paths.
    """

    name: str
    version: str
    manager: str
    url: str
    sha256: str
    md5: str = ""
    build: str = ""
    size: int = 0
    license: str = ""
    requested: bool = False
    dependencies: tuple[str, ...] = ()
    purls: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if (self.sha256 and not is_sha256(self.sha256)) or (self.md5 and not is_md5(self.md5)):
            raise InvalidInput(
                f"{self.name} {self.version} has an invalid hash: {(self.sha256 or self.md5)[:80]!r}.",
                "A sha256 has 64 hexadecimal digits, an md5 has 32.",
                code="malformed-file",
                subject=self.name,
            )
        if not self.name or not all(PLAIN.fullmatch(text) for text in (self.name, self.version, self.build)):
            raise InvalidInput(
                f"{self.name[:80]!r} {self.version[:80]!r} {self.build[:80]!r} is not the name, version and build of a "
                "package.",
                "Lock again, or repair the lock file.",
            )

    @property
    def file_name(self) -> str:
        return self.url.split("#", 1)[0].split("?", 1)[0].rstrip("/").rsplit("/", 1)[-1]

    @property
    def line_url(self) -> str:
        """The address for a file that has one a line. Raises `InvalidInput` if it would add a word or a line."""
        if " " in self.url or not self.url.isprintable():
            raise InvalidInput(
                f"{self.name} has the address {self.url!r}, which is not a package's.",
                LOCK_AGAIN,
                code="malformed-file",
                subject=self.name,
                remedy=Remedy(Act.VERIFY_LOG),
            )
        return self.url


@dataclass(frozen=True, slots=True)
class PlatformLock:
    """The packages of one platform, sorted by manager and name, with what the solver assumed about the machine."""

    platform: str
    python: str
    packages: tuple[LockedPackage, ...]
    virtual_packages: tuple[str, ...] = ()

    @property
    def python_minor(self) -> str:
        """Python's "3.11", as folders are named after it; "" if none is known."""
        return ".".join(self.python.split(".")[:2])

    def of(self, manager: str) -> tuple[LockedPackage, ...]:
        """Return the packages of one manager."""
        return tuple(package for package in self.packages if package.manager == manager)

    def requirement_lines(self) -> tuple[str, ...]:
        """Return the pip packages as lines of a requirements file, by address and with hash."""
        return requirement_lines(self.of("pip"))

    def find(self, name: str) -> tuple[LockedPackage, ...]:
        """Return the packages of that name: none, one, or one of each manager."""
        return tuple(package for package in self.packages if package.name == name)


def requirement_lines(packages: Iterable[LockedPackage]) -> tuple[str, ...]:
    """Return pip packages as lines of a requirements file, by address and with hash."""
    return tuple(
        f"{item.name} @ {item.line_url}" + (f" --hash=sha256:{item.sha256}" if item.sha256 else "") for item in packages
    )


@dataclass(frozen=True, slots=True)
class Lock:
    """The locks of one definition for a set of platforms. `exclude_newer` is the moment after which nothing counted."""

    definition_digest: str
    channels: tuple[str, ...]
    platforms: tuple[PlatformLock, ...]
    indexes: tuple[str, ...] = field(default=())
    exclude_newer: str = ""

    @property
    def digest(self) -> str:
        return PREFIX + sha256(self.to_json().encode())

    @property
    def platform_names(self) -> tuple[str, ...]:
        return tuple(item.platform for item in self.platforms)

    def platform(self, name: str) -> PlatformLock:
        """Return the packages for one platform. Raises `NotFound`."""
        for item in self.platforms:
            if item.platform == name:
                return item
        raise NotFound(
            f"The lock has no packages for {name}.",
            f"It covers {', '.join(self.platform_names)}; lock again for {name}.",
            code="platform-not-locked",
            subject=name,
            remedy=Remedy(Act.LOCK_FOR, name),
        )

    def counts(self) -> dict[str, dict[str, int]]:
        """Return how many packages each platform has of each manager."""
        return {item.platform: {"conda": len(item.of("conda")), "pip": len(item.of("pip"))} for item in self.platforms}

    def to_json(self) -> str:
        """Return the canonical JSON text that is stored and whose sha256 is the lock's digest."""
        return canonical_dump(
            {
                "schema": SCHEMA,
                "definition": self.definition_digest,
                "channels": list(self.channels),
                "indexes": list(self.indexes),
                "platforms": [_platform_json(item) for item in self.platforms],
                **({"exclude_newer": self.exclude_newer} if self.exclude_newer else {}),
            }
        )


def _platform_json(item: PlatformLock) -> dict[str, Any]:
    return {
        "platform": item.platform,
        "python": item.python,
        "virtual_packages": list(item.virtual_packages),
        "packages": [_package_json(package) for package in item.packages],
    }


def _package_json(package: LockedPackage) -> dict[str, Any]:
    document = {name: getattr(package, name) for name in LockedPackage.__slots__}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in document.items() if value}


def parse_lock(text: str) -> Lock:
    """Read the JSON that `Lock.to_json` wrote. Raises `EnvStudioError` for a damaged one, or one of a newer program."""
    document = json_table(text, "the stored lock", LOCK_AGAIN)
    if document.number("schema") > SCHEMA:
        raise EnvStudioError(
            f"The lock has schema {document.number('schema')}, which is newer than this program's {SCHEMA}.",
            "Update EnvStudio, or lock again.",
            code="newer-program",
        )
    return Lock(
        definition_digest=document.needed("definition"),
        channels=document.texts("channels"),
        indexes=document.texts("indexes"),
        platforms=tuple(
            PlatformLock(
                item.needed("platform"),
                item.text("python"),
                tuple(_package(entry) for entry in item.tables("packages")),
                item.texts("virtual_packages"),
            )
            for item in document.tables("platforms")
        ),
        exclude_newer=document.text("exclude_newer"),
    )


def _package(entry: Table) -> LockedPackage:
    # Empty fields are left out when a lock is written, those without a default too.
    fields: dict[str, Any] = dict.fromkeys(("name", "version", "manager", "url", "sha256"), "")
    for key, value in entry.data.items():
        if type(value) is not FIELDS.get(key):
            raise entry.error(f"has a wrong {key}")
        fields[key] = entry.texts(key) if type(value) is list else value
    if fields["manager"] not in MANAGERS:
        raise entry.error(f"has a manager that is neither conda nor pip: {fields['manager']!r}")
    return LockedPackage(**fields)


def sorted_packages(packages: list[LockedPackage]) -> tuple[LockedPackage, ...]:
    """Return packages in the order in which a lock keeps them."""
    return tuple(sorted(packages, key=lambda package: (package.manager, package.name, package.version)))

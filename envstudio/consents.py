"""What the user allowed: acts that would run code of strangers, or trust bytes that nothing vouches for.

An act is allowed for one command (by its options), for an environment, or for one subject, such as building one package
of one origin. What is remembered is in `consents.json` beside the settings; it never comes from a definition, which
strangers write.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from envstudio import paths
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy

SOURCE_BUILDS = "source-builds"
LINK_SCRIPTS = "link-scripts"
UNHASHED = "unhashed"
SECRETS = "secrets"
ACTS = {
    SOURCE_BUILDS: "build packages that come as source, which runs their code",
    LINK_SCRIPTS: "run the link scripts of conda packages in container builds",
    UNHASHED: "use packages that the lock has no hash of",
    SECRETS: "read secrets of the keyring",
}
"""Each act that needs consent, in the words that follow "This environment may …"."""


class ConsentNeeded(EnvStudioError):
    """An act was not allowed. `act` is one of ACTS; `subjects` are what it is about, in words that are kept."""

    default_code = "consent-needed"

    def __init__(self, act: str, subjects: Iterable[str], summary: str, advice: str, details: str = "") -> None:
        self.act, self.subjects = act, tuple(subjects)
        super().__init__(summary, advice, details, subject=act, remedy=Remedy(Act.ALLOW, act))


@dataclass(frozen=True, slots=True)
class Consent:
    """What is allowed: whole acts, and acts on single subjects."""

    acts: frozenset[str] = frozenset()
    subjects: frozenset[tuple[str, str]] = frozenset()

    def allows(self, act: str, subject: str = "") -> bool:
        """Return whether an act is allowed, at all or on one subject."""
        return act in self.acts or (act, subject) in self.subjects

    def __or__(self, other: Consent) -> Consent:
        return Consent(self.acts | other.acts, self.subjects | other.subjects)


NONE = Consent()


def consent_to(*acts: str) -> Consent:
    """Return the consent to whole acts. Raises `InvalidInput` for what is not an act."""
    for act in acts:
        if act not in ACTS:
            raise InvalidInput(f"There is nothing called {act!r} to allow.", f"Choose among {', '.join(ACTS)}.")
    return Consent(frozenset(acts))


def remembered(environment: str) -> Consent:
    """Return what is remembered for an environment ("WORKSPACE/NAME"), with what holds for single subjects.

    Raises `InvalidInput` for a file that cannot be read.
    """
    environments, subjects = _read(_file())
    return Consent(frozenset(environments.get(environment, ())), frozenset(subjects))


def all_remembered() -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return the acts allowed by environment, and the pairs of act and subject. Raises `InvalidInput`."""
    environments, subjects = _read(_file())
    return {name: sorted(acts) for name, acts in sorted(environments.items())}, sorted(subjects)


def remember(environment: str, acts: Iterable[str]) -> None:
    """Keep that an environment may do some acts. Raises `EnvStudioError`."""
    wanted = consent_to(*acts).acts
    with _changing() as (environments, _):
        environments.setdefault(environment, set()).update(wanted)


def remember_subjects(act: str, subjects: Iterable[str]) -> None:
    """Keep that an act is allowed on some subjects. Raises `EnvStudioError`."""
    with _changing() as (_, known):
        known.update((act, subject) for subject in subjects)


def forget(environment: str, acts: Iterable[str]) -> None:
    """Take back what an environment may do; subjects of an act are taken back with it. Raises `EnvStudioError`.

    Secrets are those of one environment, named before each, and those of others stay; packages are for all of them.
    """
    gone = consent_to(*acts).acts
    with _changing() as (environments, known):
        environments.get(environment, set()).difference_update(gone)
        own = {item for item in known if item[0] != SECRETS or item[1].startswith(f"{environment} ")}
        known.difference_update({item for item in own if item[0] in gone})


def forget_all(environment: str) -> None:
    """Take back what one environment may do, and the secrets that it may read. Raises `EnvStudioError`."""
    own = f"{environment} "
    known = remembered(environment)
    if known.acts or any(subject.startswith(own) for _, subject in known.subjects):
        with _changing() as (environments, subjects):
            environments.pop(environment, None)
            subjects.difference_update({item for item in subjects if item[1].startswith(own)})


def _file() -> Path:
    return paths.config_file().with_name("consents.json")


@contextmanager
def _changing() -> Iterator[tuple[dict[str, set[str]], set[tuple[str, str]]]]:
    """Yield what is remembered, to be changed; it is written whole or not at all, by one process at a time."""
    path = _file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        from filelock import FileLock

        with FileLock(f"{path}.lock", mode=0o600):
            environments, subjects = _read(path)
            yield environments, subjects
            kept = {name: sorted(acts) for name, acts in sorted(environments.items()) if acts}
            text = json.dumps({"environments": kept, "subjects": sorted(subjects)}, indent=1)
            _replace(path, text)
    except OSError as error:
        raise EnvStudioError(f"{path} cannot be written.", "Check its folder's permissions.", str(error)) from error


def _replace(path: Path, text: str) -> None:
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=path.name, suffix=".new")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    finally:
        with suppress(FileNotFoundError):
            Path(name).unlink()


def _read(path: Path) -> tuple[dict[str, set[str]], set[tuple[str, str]]]:
    try:
        document = json.loads(path.read_text("utf-8"))
        environments = {str(name): {str(act) for act in acts} for name, acts in document["environments"].items()}
        return environments, {(str(act), str(subject)) for act, subject in document["subjects"]}
    except FileNotFoundError:
        return {}, set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{path} cannot be read.", "Remove it: you are then asked again.", str(error)) from error

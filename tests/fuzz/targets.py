"""What is fuzzed: each reader of text, with the real files that it starts from, and all that is then done with them."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from envstudio.domain.check import check
from envstudio.domain.digest import definition_digest
from envstudio.domain.lock import Lock, parse_lock
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.errors import EnvStudioError
from envstudio.formats import FORMATS, bytes_source, dotenv, native_text, read_source
from envstudio.formats.format import Source
from envstudio.formats.prefix import read_prefix
from envstudio.lock_formats import LOCK_FORMATS
from envstudio.tasks.read_path import read_any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
CORPUS = ROOT.parent / "shared" / "corpus"
"""Real files beside the checkout, if they are there; else the cases of the tests are all there is."""

LARGEST_SEED = 10_000
"""Characters: what is larger is cut, so that most of the time goes into many inputs rather than large ones."""


@dataclass(frozen=True, slots=True)
class Target:
    """One reader: `act` takes a text and does all that follows from it; the seeds are real texts by origin."""

    name: str
    act: Callable[[str], None]
    seeds: tuple[str, ...]


def targets(folder: Path, *, corpus: bool = True) -> tuple[Target, ...]:
    """Return all readers; `folder` is for what must lie on a disk. Without the corpus, seeds are the tests' own."""
    found = [
        Target(f"read {file_name}", _reader(format_id, file_name), tuple(_texts(*patterns, corpus=corpus)))
        for format_id, file_name, patterns in (
            ("native", "envstudio.yml", ("formats/native/**/*.yml", "formats/**/expected.yml")),
            ("conda", "environment.yml", ("formats/conda/**/*.yml", "conda-env/*", "mlflow-conda/*", "azureml-v1/*")),
            ("pip", "requirements.txt", ("formats/pip/**/*.txt", "pip-requirements/*")),
            ("pyproject", "pyproject.toml", ("formats/pyproject/**/*.toml", "pyproject/*")),
            ("dockerfile", "Dockerfile", ("formats/dockerfile/**/Dockerfile", "dockerfile/*")),
            ("conda-lock", "conda-lock.yml", ("locks/conda-lock.yml", "conda-lock/*")),
            ("pixi", "pixi.lock", ("locks/pixi.lock", "pixi-lock/*")),
            ("pylock", "pylock.toml", ("locks/pylock.toml",)),
            ("explicit", "explicit.txt", ("locks/explicit.txt", "conda-explicit/*")),
        )
    ]
    found.append(Target("detect", _detected, tuple(text for item in found for text in item.seeds[:20])))
    found.append(Target("edit text", _edited, found[0].seeds))
    found.append(Target("variables", _variables, ("A=1\nexport B='x y'\nC=\"a\\nb\"  # c\nD=${A}\n#E=1\nF=a#b #c\n",)))
    lines = [line for item in found[2].seeds[:40] for line in item.splitlines() if line.strip()]
    specs = [
        "numpy>=2,<3",
        "conda-forge::pytorch=2.5.*=cuda*",
        "python 3.12.*",
        "pkg[version='>=1', build=x]",
        "a==1=b",
    ]
    found.append(Target("pip requirement", lambda text: _named(pip_requirement, text), tuple(lines)))
    found.append(Target("match spec", lambda text: _named(conda_requirement, text), tuple(specs)))
    stored = LOCK_FORMATS[0].read
    assert stored is not None
    lock = stored(Source("conda-lock.yml", (DATA / "locks" / "conda-lock.yml").read_text("utf-8")), "x").lock
    found.append(Target("stored lock", lambda text: _written(parse_lock(text)), (lock.to_json(),)))
    found += _prefix_targets(folder)
    return tuple(found)


def _texts(*patterns: str, corpus: bool) -> Iterator[str]:
    for pattern in patterns:
        for root in (DATA, CORPUS) if corpus else (DATA,):
            for path in sorted(root.glob(pattern)):
                if path.is_file():
                    with suppress(EnvStudioError):
                        yield read_source(path).text[:LARGEST_SEED]


def _reader(format_id: str, file_name: str) -> Callable[[str], None]:
    def act(text: str) -> None:
        found = read_any(bytes_source(file_name, text.encode("utf-8", "surrogatepass")), format_id, "fuzzed")
        _used(found.environment, found.lock)

    return act


def _detected(text: str) -> None:
    found = read_any(Source("file", text))
    _used(found.environment, found.lock)


def _used(environment: object, lock: Lock | None) -> None:
    """Do with what was read whatever the program does next: check it, and write it in every format."""
    from envstudio.domain.environment import Environment

    assert isinstance(environment, Environment)
    definition_digest(environment)
    list(check(environment))
    for item in FORMATS:
        if item.write is not None:
            item.write(environment)
    if lock is not None:
        _written(lock)


def _written(lock: Lock) -> None:
    """Write a lock in every format, as `lock export` does; each may refuse it for a reason that it names."""
    parse_lock(lock.to_json())
    for item in LOCK_FORMATS:
        for platform in lock.platform_names:
            if item.write is not None:
                with suppress(EnvStudioError):
                    item.write(lock, platform)


def _edited(text: str) -> None:
    """Read a definition, and write a changed one into its text."""
    from dataclasses import replace

    from envstudio.formats import native

    environment = native.from_text(text, "fuzzed").environment
    changed = replace(environment, description="Another <b>text</b>\nin two lines", variables=())
    native_text.written(changed, text, environment)


def _variables(text: str) -> None:
    for entry in dotenv.entries(text):
        with suppress(EnvStudioError):
            found = dotenv.parse_entry(entry)
            assert dotenv.parse_entry(dotenv.entry_of(found)) == found


def _named(parse: Callable[[str], object], text: str) -> None:
    found = parse(text)
    for name in ("name", "constraint", "canonical"):
        getattr(found, name)


def _prefix_targets(folder: Path) -> list[Target]:
    """Return the reading of a conda environment's records, and of what pip leaves beside a distribution."""
    record = {
        "name": "numpy",
        "version": "2.2.0",
        "build": "py312_0",
        "channel": "https://conda.example/forge/linux-64",
        "requested_spec": "numpy>=2",
        "requested_specs": ["numpy>=2"],
        "depends": ["python >=3.12"],
    }
    origin = {"url": "https://git.example/a.git", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}}

    def conda(text: str) -> None:
        location = folder / "conda"
        shutil.rmtree(location, ignore_errors=True)
        (location / "conda-meta").mkdir(parents=True)
        (location / "conda-meta" / "numpy-2.2.0-py312_0.json").write_text(text, "utf-8", "surrogatepass")
        read_prefix(location)

    def venv(file: str) -> Callable[[str], None]:
        def act(text: str) -> None:
            location = folder / "venv"
            shutil.rmtree(location, ignore_errors=True)
            info = location / "lib" / "python3.12" / "site-packages" / "rich-14.0.dist-info"
            info.mkdir(parents=True)
            files = {
                "METADATA": "Name: rich\nVersion: 14.0\n",
                "direct_url.json": json.dumps(origin),
                "INSTALLER": "pip",
            }
            (location / "pyvenv.cfg").write_text("home = /usr\nversion = 3.12.7\n")
            for name, content in {**files, file: text}.items():
                (location / name if name == "pyvenv.cfg" else info / name).write_text(content, "utf-8", "surrogatepass")
            read_prefix(location)

        return act

    return [
        Target("conda-meta", conda, (json.dumps(record, indent=1),)),
        Target("direct_url.json", venv("direct_url.json"), (json.dumps(origin),)),
        Target("METADATA", venv("METADATA"), ("Metadata-Version: 2.1\nName: rich\nVersion: 14.0\nLicense: MIT\n",)),
        Target("pyvenv.cfg", venv("pyvenv.cfg"), ("home = /usr\nversion = 3.12.7\nprompt = x\n",)),
    ]

"""What is known of packages: from a real channel's repodata once it is cached, and from an index."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from served import served

from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.lockers.conda import gateway
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.known_packages import indexes, known_names, known_versions, newest_packages

SHARED = Path(__file__).resolve().parents[4] / "shared" / "repodata" / "conda-forge"


def environment(*conda: str, pip: tuple[str, ...] = (), options: tuple[PipOption, ...] = ()) -> Environment:
    return Environment(
        "known",
        Python(
            channels=("conda-forge",),
            conda=tuple(map(conda_requirement, conda)),
            pip=tuple(map(pip_requirement, pip)),
            pip_options=options,
        ),
    )


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Make an index in a folder, with a cache of its own."""
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "index" / "shap"
    folder.mkdir(parents=True)
    names = ("shap-0.46.0.tar.gz", "shap-0.47.1.tar.gz", "shap-0.48.0rc1.tar.gz")
    (folder / "index.html").write_text("".join(f'<a href="{name}">{name}</a>\n' for name in names))
    return str(tmp_path / "index")


def test_nothing_cached(index: str) -> None:
    settings = Settings(index="file:///nowhere/simple")
    wanted = environment("numpy", pip=("shap",))
    assert known_names(settings, wanted, report=silent()).conda == ()
    assert known_versions(settings, wanted, "conda", "numpy", report=silent()) == ()
    assert known_versions(settings, wanted, "pip", "shap", report=silent()) == ()
    assert newest_packages(settings, wanted, report=silent()) == {}


def test_index_is_asked_and_then_remembered(index: str) -> None:
    wanted = environment(pip=("shap==0.46.0",))
    with served(Path(index)) as address:
        settings = Settings(
            index="https://index.example/simple", mirror_indexes={"https://index.example/simple": address}
        )
        assert newest_packages(settings, wanted, report=silent()) == {("pip", "shap"): "0.47.1"}
        assert known_versions(settings, wanted, "pip", "shap", report=silent())[0] == "0.47.1"
    assert newest_packages(settings, wanted, report=silent()) == {("pip", "shap"): "0.47.1"}
    assert known_names(settings, environment(), report=silent()).pip == ("shap",)


def test_a_definition_chooses_its_indexes() -> None:
    settings = Settings(index="https://index.example/simple")
    extra = PipOption("--extra-index-url", "https://extra.example/simple")
    own = PipOption("--index-url", "https://own.example/simple")
    assert indexes(settings, environment(options=(extra,))) == ("https://index.example/simple", extra.value)
    assert indexes(settings, environment(options=(extra, own))) == (own.value, extra.value)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the records of real packages are not here")
def test_cached_channel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    with served(SHARED) as address:
        settings = Settings(mirror_channels={"conda-forge": address})
        wanted = environment("numpy", "no-such-package")
        assert known_names(settings, wanted, report=silent()).conda == (), "nothing is fetched for this"
        asyncio.run(_read(address))
    names = known_names(settings, wanted, report=silent()).conda
    assert {"numpy", "python", "tzdata"} <= set(names)
    versions = known_versions(settings, wanted, "conda", "numpy", report=silent())
    assert versions[0].startswith("2.")
    assert versions.index("1.26.4") > versions.index("2.0.0")
    assert newest_packages(settings, wanted, report=silent()) == {("conda", "numpy"): versions[0]}


async def _read(address: str) -> None:
    """Have rattler cache the channel, as locking does."""
    await gateway([address]).query([address], ["linux-64", "noarch"], ["numpy"], recursive=False)

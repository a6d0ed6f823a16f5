"""What is known of packages: from a real channel's repodata once it is cached, and from an index."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
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


# What the newest version is, if there is more than one answer


@pytest.fixture
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))


def made_channel(folder: Path, **subdirs: tuple[tuple[str, str, tuple[str, ...]], ...]) -> str:
    """Make a channel of (name, version, dependencies) for each subdir, have it cached, and return its address."""
    for subdir in ("linux_64", "osx_arm64", "noarch"):
        packages = {
            f"{name}-{version}-{number}.conda": {
                "name": name, "version": version, "build": str(number), "build_number": number,
                "depends": list(depends), "subdir": subdir.replace("_", "-"), "sha256": "00" * 32, "size": 1,
            }
            for number, (name, version, depends) in enumerate(subdirs.get(subdir, ()))
        }  # fmt: skip
        location = folder / subdir.replace("_", "-")
        location.mkdir(parents=True)
        (location / "repodata.json").write_text(
            json.dumps({"info": {"subdir": location.name}, "packages": {}, "packages.conda": packages})
        )
    address = folder.as_uri()
    asyncio.run(_read_all(address))
    return address


async def _read_all(address: str) -> None:
    for subdir in ("linux-64", "osx-arm64", "noarch"):
        await gateway([address]).names([address], [subdir])


def newest(wanted: Environment, locked: str = "", **settings: object) -> dict[str, str]:
    found = newest_packages(Settings(index="file:///nowhere/simple", **settings), wanted, locked, report=silent())
    return {name: version for (_, name), version in found.items()}


def on(environment: Environment, *channels: str) -> Environment:
    return environment.with_channels(channels)


@pytest.mark.usefixtures("own_cache")
def test_a_letter_of_condas_is_a_later_release(tmp_path: Path) -> None:
    rows = tuple(("tzdata", version, ()) for version in ("2023d", "2024a", "2025b", "2023.1"))
    rows += (("numpy", "2.1.0", ()), ("numpy", "2.2.0rc1", ()), ("early", "1.0a1", ()))
    address = made_channel(tmp_path / "channel", noarch=rows)
    wanted = on(environment("tzdata", "numpy", "early"), address)
    assert newest(wanted) == {"tzdata": "2025b", "numpy": "2.1.0", "early": "1.0a1"}


PYTHONS = tuple(("python", version, ()) for version in ("3.9.18", "3.12.7", "3.13.1", "3.14.0"))
SCIPY = (
    ("scipy", "1.13.1", ("python >=3.9,<3.10.0a0", "python_abi 3.9.* *_cp39")),
    ("scipy", "1.15.0", ("python >=3.12,<3.13.0a0", "python_abi 3.12.* *_cp312")),
    ("scipy", "1.16.0", ("python >=3.13,<3.14.0a0", "python_abi 3.13.* *_cp313")),
)


@pytest.mark.usefixtures("own_cache")
@pytest.mark.parametrize(
    ("python", "locked", "scipy"),
    [
        ("python=3.9", "", "1.13.1"),
        ("python>=3.9,<3.13", "", "1.15.0"),
        ("python", "", "1.16.0"),
        ("python", "3.12.7", "1.16.0"),
        ("python=3.9", "3.12.7", "1.13.1"),
    ],
)
def test_conda_packages_fit_the_python_that_is_asked_for(tmp_path: Path, python: str, locked: str, scipy: str) -> None:
    address = made_channel(tmp_path / "channel", linux_64=(*PYTHONS, *SCIPY))
    found = newest(on(environment(python, "scipy"), address), locked)
    assert found == {"python": "3.14.0", "scipy": scipy}, (
        "a newer Python is told of, and what there is for none yet not"
    )


@pytest.mark.usefixtures("own_cache")
def test_every_platform_has_it(tmp_path: Path) -> None:
    address = made_channel(
        tmp_path / "channel",
        linux_64=(("numpy", "2.2.0", ()), ("numpy", "2.1.0", ())),
        osx_arm64=(("numpy", "2.1.0", ()), ("appnope", "0.1.4", ())),
        noarch=(("click", "8.1.0", ()),),
    )
    wanted = on(environment("numpy", "appnope", "click"), address)
    both = ("linux-64", "osx-arm64")
    assert newest(wanted, platforms=both) == {"numpy": "2.1.0", "appnope": "0.1.4", "click": "8.1.0"}
    assert newest(wanted) == {"numpy": "2.2.0", "click": "8.1.0"}


@pytest.mark.usefixtures("own_cache")
def test_the_first_channel_that_has_it_counts(tmp_path: Path) -> None:
    first = made_channel(tmp_path / "first", noarch=(("torch", "2.1.0", ()),))
    second = made_channel(tmp_path / "second", noarch=(("torch", "2.5.0", ()), ("other", "1.0", ())))
    wanted = environment("torch", "other")
    assert newest(on(wanted, first, second)) == {"torch": "2.1.0", "other": "1.0"}
    assert newest(on(wanted, second, first)) == {"torch": "2.5.0", "other": "1.0"}
    named = on(environment("second::torch"), "first", "second")
    assert newest(named, mirror_channels={"first": first, "second": second}) == {"torch": "2.5.0"}


def test_pre_releases_and_other_interpreters(index: str) -> None:
    page = (
        '<a href="shap-0.46.0.tar.gz">shap-0.46.0.tar.gz</a>'
        '<a href="shap-0.48.0rc1.tar.gz">shap-0.48.0rc1.tar.gz</a>'
        '<a href="shap-0.47.0.tar.gz" data-requires-python="&gt;=3.13">shap-0.47.0.tar.gz</a>'
    )
    (Path(index) / "shap" / "index.html").write_text(page)
    with served(Path(index)) as address:
        settings = Settings(index=address)

        def of(wanted: Environment, locked: str = "") -> str:
            return newest_packages(settings, wanted, locked, report=silent()).get(("pip", "shap"), "")

        wanted = environment(pip=("shap",))
        assert of(wanted) == "0.47.0"
        assert of(wanted, "3.12.7") == "0.46.0"
        stated = replace(wanted, python=replace(wanted.python, version="3.11"))
        assert of(stated) == "0.46.0"
        assert of(stated, "3.13.1") == "0.46.0", "the lock is of another Python than is stated now"
        assert of(environment(pip=("shap",), options=(PipOption("--pre"),))) == "0.48.0rc1"
        assert of(environment(pip=("shap @ https://files.example/shap-0.1.tar.gz",))) == ""
        assert of(environment(pip=("-e ./shap",))) == ""


def test_the_first_index_that_has_it_counts(tmp_path: Path, index: str) -> None:
    folder = Path(index) / "ours" / "shap"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text('<a href="shap-0.45.0.tar.gz">shap-0.45.0.tar.gz</a>')
    with served(Path(index)) as address:
        settings, extra = Settings(index=address), PipOption("--extra-index-url", f"{address}/ours")
        both = newest_packages(settings, environment(pip=("shap",), options=(extra,)), report=silent())
        assert both == {("pip", "shap"): "0.45.0"}
        assert newest_packages(settings, environment(pip=("shap",)), report=silent()) == {("pip", "shap"): "0.47.1"}

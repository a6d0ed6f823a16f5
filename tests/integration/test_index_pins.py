"""A package that two indexes offer is named, and pinned to one of them no other is asked for it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from real_parts import Recorder
from served import served
from wheel_index import put

from envstudio.domain.environment import Environment, PipOption, Python
from envstudio.domain.requirement import pip_requirement
from envstudio.domain.solve import IndexStrategy, Solve
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.check import check_version
from envstudio.tasks.lock import LockOptions, lock


@pytest.fixture
def indexes(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Yield the addresses of a company's index and of one that everybody may upload to."""
    company, public = tmp_path / "indexes" / "company", tmp_path / "indexes" / "public"
    put(company, "internal", "1.0", ["helper"])
    put(company, "helper", "1.0")
    put(company, "spare", "1.0")
    put(public, "helper", "9.0")
    with served(tmp_path / "indexes") as address:
        yield f"{address}/company", f"{address}/public"


@pytest.fixture
def environment(indexes: tuple[str, str]) -> Environment:
    company, public = indexes
    options = (PipOption("--index-url", company), PipOption("--extra-index-url", public))
    return Environment("shared", Python(version="3.11", pip=(pip_requirement("internal"),), pip_options=options))


def versions(library: Library, settings: Settings, recorder: Recorder) -> dict[str, str]:
    found = lock(library, settings, "shared", options=LockOptions(platforms=("linux-64",)), report=recorder).lock
    return {item.name: item.version for item in found.platforms[0].packages}


def test_what_two_indexes_offer_is_named_and_pinned(
    library: Library, environment: Environment, indexes: tuple[str, str], recorder: Recorder
) -> None:
    settings = Settings()
    library.versions.register(environment)
    assert versions(library, settings, recorder) == {"internal": "1.0", "helper": "9.0"}
    assert "both offer helper" in recorder.text
    (problem,) = [item for item in check_version(library, settings, "shared") if item.code == "several-indexes"]
    assert all(index in problem.message for index in indexes)
    assert problem.where == "python.pip.helper"
    assert problem.fix is not None
    # The fix keeps to where the locked version is from; the user may write the other index instead.
    assert problem.fix.apply(environment).python.pip_indexes == (("helper", indexes[1]),)

    pinned = environment.with_pip_index("Helper", indexes[0])
    library.versions.register(pinned)
    assert versions(library, settings, recorder) == {"internal": "1.0", "helper": "1.0"}
    assert not [item for item in check_version(library, settings, "shared") if item.code == "several-indexes"]


def test_what_the_other_strategy_would_take_is_said(
    library: Library, environment: Environment, indexes: tuple[str, str], recorder: Recorder
) -> None:
    company, public = indexes

    def said(stated: Environment) -> str:
        library.versions.register(stated)
        versions(library, Settings(), recorder)
        found = [item for item in check_version(library, Settings(), "shared") if item.code == "several-indexes"]
        return "".join(item.message.partition("decides what is taken.")[2] for item in found)

    assert said(environment) == ""  # the additional index is the first, and has the best version
    options = (PipOption("--index-url", public), PipOption("--extra-index-url", company))
    turned = replace(environment, python=replace(environment.python, pip_options=options))
    assert said(turned) == f" The strategies differ: it is 9.0, and the other one would take 1.0 of {company}."
    first = replace(turned, solve=Solve(index_strategy=IndexStrategy.FIRST))
    assert said(first) == f" The strategies differ: it is 1.0, and the other one would take 9.0 of {public}."


def test_a_pin_brings_no_package_that_nothing_needs(
    library: Library, environment: Environment, indexes: tuple[str, str], recorder: Recorder
) -> None:
    library.versions.register(environment.with_pip_index("spare", indexes[0]).with_pip_index("helper", indexes[0]))
    assert versions(library, Settings(), recorder) == {"internal": "1.0", "helper": "1.0"}


def test_hashes_that_an_index_does_not_state_are_computed(
    library: Library, environment: Environment, recorder: Recorder
) -> None:
    library.versions.register(environment)
    found = lock(library, Settings(), "shared", options=LockOptions(platforms=("linux-64",)), report=recorder).lock
    assert all(len(item.sha256) == 64 for item in found.platforms[0].packages)


def test_the_best_version_of_all_indexes_is_taken_as_pip_does(
    library: Library, environment: Environment, indexes: tuple[str, str], recorder: Recorder
) -> None:
    company, public = indexes
    for options in (
        (PipOption("--index-url", public), PipOption("--extra-index-url", company)),
        (PipOption("--index-url", "https://index.example/simple"), *environment.python.pip_options),
    ):
        python = replace(environment.python, pip_options=options)
        library.versions.register(replace(environment, python=python))
        assert versions(library, Settings(), recorder) == {"internal": "1.0", "helper": "9.0"}


def test_a_minor_version_is_its_newest_release(library: Library, tmp_path: Path, recorder: Recorder) -> None:
    index = tmp_path / "index"
    put(index, "early", "1.0")
    put(index, "late", "1.0", ["early; python_full_version >= '3.8.15'"])
    with served(tmp_path) as address:
        options = (PipOption("--index-url", f"{address}/index"),)
        python = Python(version="3.8", pip=(pip_requirement("late"),), pip_options=options)
        library.versions.register(Environment("shared", python))
        assert versions(library, Settings(), recorder) == {"late": "1.0", "early": "1.0"}
        found = library.locks.newest("shared")
    assert found is not None
    assert found.lock.platforms[0].python == "3.8"

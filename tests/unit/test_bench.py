"""`make bench`: a row that fails or is skipped says so and loses no other, and parts can be run alone."""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _root_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT), *sys.path])


@pytest.fixture
def runner() -> ModuleType:
    from tests.bench import runner

    return runner


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "build" / "bench.json"


def good(folder: Path) -> Any:
    from tests.bench.measure import limited

    (folder / "data").write_text("x")
    return limited(1.0, "s", 2.0)


def slow(folder: Path) -> Any:
    from tests.bench.measure import limited

    return limited(3.0, "s", 2.0)


def failing(folder: Path) -> Any:
    (folder / "data").write_text("x")
    raise FileExistsError("there is one already")


def skipped(folder: Path) -> Any:
    from tests.bench.measure import Skipped

    raise Skipped("no engine answers")


def endless(folder: Path) -> Any:
    time.sleep(600)


GROUPS = {
    "first": {"failing": failing, "good": good},
    "second": {"skipped": skipped, "slow": slow, "also-good": good},
}


def statuses(target: Path) -> dict[str, str]:
    return {name: row["status"] for name, row in json.loads(target.read_text()).items()}


def test_a_row_that_fails_or_is_skipped_loses_no_other(
    runner: ModuleType, target: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert runner.run(GROUPS, "", target) == 1
    assert statuses(target) == {
        "failing": "failed",
        "good": "ok",
        "skipped": "skipped",
        "slow": "above its limit",
        "also-good": "ok",
    }
    found = json.loads(target.read_text())
    assert found["failing"]["reason"] == "FileExistsError: there is one already"
    assert found["skipped"]["reason"] == "no engine answers"
    messages = capsys.readouterr()
    assert [line.split()[0] for line in messages.out.splitlines()] == list(found)
    assert "FAILED: FileExistsError: there is one already" in messages.out
    assert "SKIPPED: no engine answers" in messages.out
    assert "in failing" in messages.err


@pytest.mark.parametrize(
    ("only", "rows", "status"),
    [
        ("second", ["skipped", "slow", "also-good"], 1),
        ("also-good", ["also-good"], 0),
        ("skipped", ["skipped"], 0),
        ("failing", ["failing"], 1),
    ],
)
def test_a_group_or_a_row_runs_alone(runner: ModuleType, target: Path, only: str, rows: list[str], status: int) -> None:
    assert runner.run(GROUPS, only, target) == status
    assert list(statuses(target)) == rows


def test_what_runs_alone_keeps_the_other_rows_of_earlier_runs(runner: ModuleType, target: Path) -> None:
    target.parent.mkdir()
    target.write_text('{"other": {"status": "ok"}, "good": {"status": "failed"}}')
    runner.run(GROUPS, "good", target)
    assert statuses(target) == {"other": "ok", "good": "ok"}
    target.write_text("{")
    runner.run(GROUPS, "good", target)
    assert statuses(target) == {"good": "ok"}
    runner.run({"first": {"slow": slow}}, "", target)
    assert list(statuses(target)) == ["slow"]


def test_a_run_that_is_ended_leaves_what_it_measured(runner: ModuleType, target: Path) -> None:
    def ended(folder: Path) -> Any:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runner.run({"first": {"good": good, "ended": ended}}, "", target)
    assert statuses(target) == {"good": "ok"}


def test_a_group_ends_with_its_time_and_the_next_one_has_its_own(runner: ModuleType, target: Path) -> None:
    groups = {"first": {"endless": endless, "late": good}, "second": {"good": good}}
    began = time.monotonic()
    assert runner.run(groups, "", target, group_seconds=0.5) == 1
    assert time.monotonic() - began < 60
    assert statuses(target) == {"endless": "failed", "late": "failed", "good": "ok"}
    assert "time" in json.loads(target.read_text())["endless"]["reason"]


def test_settings_and_data_are_the_run_s_own(runner: ModuleType, target: Path) -> None:
    before = dict(os.environ)
    seen: list[str] = []

    def looking(folder: Path) -> Any:
        seen.extend(os.environ[f"ENVSTUDIO_{name}"] for name in ("CONFIG", "DATA"))
        return good(folder)

    runner.run({"first": {"looking": looking}}, "", target)
    assert dict(os.environ) == before
    assert not set(seen) & set(before.values())


def test_without_an_engine_or_enough_disk_a_row_is_skipped(
    runner: ModuleType, target: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from tests.bench import images, measure

    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path / 'none.sock'}")
    runner.run({"images": {"image-nothing": images.BENCHMARKS["image-nothing"]}}, "", target)
    assert statuses(target) == {"image-nothing": "skipped"}
    with pytest.raises(measure.Skipped, match="1000000 GB of disk"):
        measure.need_disk(tmp_path, 1_000_000)


def test_the_window_s_rows_import_the_same_sample_files_twice(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from tests.bench import window

    monkeypatch.setattr(window, "SHARED", tmp_path / "absent")
    monkeypatch.setattr(window, "FILES", 3)
    worked = {"median": 0.0, "p99": 0.0, "worst": 0.001, "ticks": 1, "seconds": 1.0, "ends": ["done"], "errors": []}
    lists: list[list[str]] = []

    def started(*words: str, data: Path) -> Any:
        lists.append(Path(words[-1]).read_text().splitlines())
        return lambda: worked

    monkeypatch.setattr(window, "child", started)
    assert window.BENCHMARKS["window-importing"](tmp_path).value == 1.0
    assert len(lists) == 2
    assert lists[0] == lists[1]
    assert all(Path(name).is_file() for name in lists[0])
    worked["ends"], worked["errors"] = ["failed"], ["no space left"]
    with pytest.raises(RuntimeError, match="no space left"):
        window.BENCHMARKS["window-importing"](tmp_path)


def test_each_row_has_a_name_of_its_own(runner: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    from tests.bench import __main__ as bench

    known = runner.names(bench.GROUPS)
    assert len(set(known)) == len(known)
    assert "window-importing" in known
    with pytest.raises(SystemExit):
        bench.main(["--only", "no-such-row"])
    assert "invalid choice: 'no-such-row'" in capsys.readouterr().err

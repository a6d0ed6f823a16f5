"""Reports: stages are timed and kept, stopping is heard, and no credentials pass."""

from __future__ import annotations

import pytest

from envstudio.errors import Cancelled, EnvStudioError, redacted
from envstudio.report import Event, Line, Progress, Report, StageFinished, StageStarted, silent


def test_a_stage_is_told_and_kept() -> None:
    events: list[Event] = []
    report = Report(events.append)
    with report.stage("solve") as stage:
        report.progress(1, 2, "packages")
        stage.cached = True
    assert events == [StageStarted("solve"), Progress(1, 2, "packages"), StageFinished(report.stages[0])]
    assert (report.stages[0].name, report.stages[0].cached) == ("solve", True)
    assert report.stages[0].seconds >= 0


def test_a_stage_that_fails_is_not_kept() -> None:
    report = silent()
    with pytest.raises(ValueError, match="no"), report.stage("solve"):
        raise ValueError("no")
    assert report.stages == []


def test_a_wish_to_stop_is_heard_at_the_next_opportunity() -> None:
    report = silent()
    report.raise_if_cancelled()
    report.cancel()
    assert report.cancelled
    for act in (report.raise_if_cancelled, lambda: report.progress(1, 2), lambda: report.stage("x").__enter__()):
        with pytest.raises(Cancelled):
            act()


SECRETS = [
    ("https://ana:hunter2@index.example/simple", "https://***@index.example/simple"),
    ("uv --default-index https://ana:p@ss@index.example/x six", "uv --default-index https://***@index.example/x six"),
    ("git+https://token@code.example/a.git", "git+https://***@code.example/a.git"),
    ("'postgresql://ana:hunter2@db.example/lib'", "'postgresql://***@db.example/lib'"),
    ("https://a.example,https://u:p@b.example", "https://a.example,https://***@b.example"),
]
HARMLESS = [
    "no address, ana@mail.example",
    "https://index.example/simple",
    "ssh://git@code.example/a.git",
    "https://wheels.example/six@1.0.whl",
    "https://index.example?mail=ana@mail.example",
]


@pytest.mark.parametrize(("text", "expected"), [*SECRETS, *((text, text) for text in HARMLESS)])
def test_credentials_are_redacted(text: str, expected: str) -> None:
    assert redacted(text) == expected
    lines: list[Event] = []
    Report(lines.append).line(text, "command")
    assert lines == [Line(expected, "command")]
    error = EnvStudioError(text, text, text)
    document = error.to_json()
    assert {document[name] for name in ("summary", "advice", "details")} == {expected}
    assert str(error) == expected

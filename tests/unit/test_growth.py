"""One megabyte of anything is read or refused within two seconds of a processor."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from contextlib import suppress
from email.parser import Parser

import pytest
from growth import CASES, lines

from envstudio.domain.dockerfile_text import with_images
from envstudio.domain.environment import Environment, Python, Variable
from envstudio.domain.passwords import has_password, without_password
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.errors import EnvStudioError, redacted
from envstudio.formats import dotenv, native_text
from envstudio.formats.native_document import to_text
from envstudio.formats.source import text_source
from envstudio.lock_formats import detect_lock
from envstudio.packages.wheel_metadata import license_of
from envstudio.registry import CHALLENGE
from envstudio.tasks.read_path import read_any

SIZE = 1_000_000
SECONDS = 2.0


def seconds(act: Callable[[], object]) -> float:
    """Return the CPU time of something that reads its input, or refuses it for a reason that it names."""
    began = time.process_time()
    with suppress(EnvStudioError):
        act()
    return time.process_time() - began


def _read(name: str, text: str) -> None:
    if name == ".env":
        for entry in dotenv.entries(text):
            dotenv.parse_entry(entry)
        return
    source = text_source(name, text)
    locks = detect_lock(source)
    if locks is None:
        read_any(source, None, "grown")
    else:
        assert locks.read is not None
        locks.read(source, "grown")


@pytest.mark.parametrize(("name", "case"), [(name, case) for name, cases in CASES.items() for case in cases])
def test_a_megabyte_is_read_or_refused_in_time(name: str, case: str) -> None:
    text = CASES[name][case](SIZE)
    took = seconds(lambda: _read(name, text))
    # Other programs make a processor slower; what grows too fast is slow the second time too.
    assert took < SECONDS or seconds(lambda: _read(name, text)) < SECONDS


SINGLE: dict[str, tuple[Callable[[str], object], str]] = {
    "blanks in a requirement": (pip_requirement, " "),
    "blanks in a match spec": (conda_requirement, " "),
    "a long requirement": (pip_requirement, "a"),
    "hyphens in a requirement": (pip_requirement, "a-"),
    "a long match spec": (conda_requirement, "a"),
    "colons of a password": (lambda text: (has_password(f"http://{text}"), without_password(f"http://{text}")), ":"),
    "addresses": (lambda text: (has_password(text), redacted(text)), "http://a:"),
    "empty lines of a Dockerfile": (lambda text: with_images(text, str.upper), "\n"),
    "blanks of FROM": (lambda text: with_images(f"FROM{text}", str.upper), " "),
    "flags of a Dockerfile": (lambda text: with_images(f"FROM a\nRUN {text}", str.upper), "--mount=from=b "),
    "continued lines of a Dockerfile": (lambda text: with_images(f"FROM a\nRUN {text}", str.upper), "a \\\n"),
    "backslashes of a Dockerfile": (lambda text: with_images(f"FROM a\nRUN {text}x", str.upper), "\\  "),
    "arguments of a Dockerfile": (lambda text: with_images(f"ARG {text}\nFROM a", str.upper), "A=$A\"'"),
    "here-documents of a Dockerfile": (lambda text: with_images(f"FROM a\n{text}", str.upper), "RUN <<E\nE\n"),
    "a challenge": (CHALLENGE.findall, "a"),
    "licences": (lambda text: license_of(Parser().parsestr(text, headersonly=True)), "Classifier: License :: a\n"),
    "a licence": (lambda text: license_of(Parser().parsestr(f"License: {text}", headersonly=True)), "a "),
}


@pytest.mark.parametrize("name", SINGLE)
def test_a_megabyte_in_one_piece_is_read_or_refused_in_time(name: str) -> None:
    act, unit = SINGLE[name]
    assert seconds(lambda: act(unit * (SIZE // len(unit)))) < SECONDS


def test_an_edit_of_a_text_that_repeats_itself_takes_no_square_of_its_length() -> None:
    pins = tuple(pip_requirement("a") for _ in range(9_000))
    before = Environment("a", python=Python(pip=pins))
    text = re.sub("(?m)$", "  # x", to_text(before))
    after = Environment("a", python=Python(pip=(*pins[1:], pip_requirement("b"))), variables=(Variable("A", "1"),))
    assert seconds(lambda: native_text.written(after, text, before)) < 2 * SECONDS


def test_the_inputs_are_as_large_as_they_say() -> None:
    assert len(lines("a#\n", SIZE)) > SIZE / 3

"""Wheels as pip takes them: what stands twice in one, or in a RECORD of another form, does not keep it out.

Source: pip's `operations/install/wheel.py`, which installs what the archive holds, whatever RECORD lists, lets later
members replace earlier ones, and takes the last of two entry points of one name.
"""

from __future__ import annotations

import configparser
import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from envstudio.archives import wheel as wheel_archive

if TYPE_CHECKING:
    from installer.sources import WheelFile

FIELDS = 3
"""Of a line of RECORD: path, hash and size."""


@contextmanager
def opened(wheel: Path, warn: Callable[[str], object]) -> Iterator[WheelFile]:
    """Yield a wheel as a source for `installer`; `warn` is told what pip would warn of."""
    from installer.sources import WheelContentElement, WheelFile

    class Source(WheelFile):  # type: ignore[misc, unused-ignore]
        def read_dist_info(self, filename: str) -> str:
            text = super().read_dist_info(filename)
            if filename == "RECORD":
                if odd := odd_lines(text):
                    warn(f"{wheel.name}: a line of RECORD has not three fields: {odd[0]}")
                # What is installed gets hashes of its own.
                return ""
            return without_doubles(text) if filename == "entry_points.txt" else text

        def get_contents(self) -> Iterator[WheelContentElement]:
            left = Counter(self._zipfile.namelist())
            for element in super().get_contents():
                path = element[0][0]
                left[path] -= 1
                if not left[path]:
                    yield element

    with wheel_archive.opened(wheel) as archive:
        yield Source(archive)


def odd_lines(record: str) -> list[str]:
    """Return the lines of a RECORD that have fewer or more than three fields."""
    return [",".join(row) for row in csv.reader(io.StringIO(record)) if row and len(row) != FIELDS]


def without_doubles(text: str) -> str:
    """Return the text of entry points with the last of those that have the same name in a section."""
    try:
        _parser(strict=True).read_string(text)
    except (configparser.DuplicateOptionError, configparser.DuplicateSectionError):
        lenient = _parser(strict=False)
        lenient.read_string(text)
        stream = io.StringIO()
        lenient.write(stream)
        return stream.getvalue()
    except configparser.Error:
        pass  # installer says what is wrong
    return text


def _parser(*, strict: bool) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(delimiters="=", strict=strict, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    return parser

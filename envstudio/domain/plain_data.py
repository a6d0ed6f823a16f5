"""Plain JSON or TOML data that someone else wrote: a value of the wrong kind is named by its location."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from envstudio.errors import InvalidInput

KINDS = {dict: "a table", list: "a list", str: "text", bool: "a truth value", int: "a number", float: "a number"}
ADVICE = "Write it again with the tool that it is from."


@dataclass(frozen=True, slots=True)
class Table:
    """A mapping of such data and its name: its file or address, then its location, as in `packages[3].vcs`."""

    data: Mapping[str, Any]
    file: str
    position: str = ""
    advice: str = ADVICE

    def error(self, reason: str, details: str = "") -> InvalidInput:
        """Return the error that names the file, this table and the reason."""
        return InvalidInput(
            f"{self.file}: {self.position or 'the file'} {reason}.",
            self.advice,
            details,
            code="malformed-file",
            subject=self.file,
        )

    def has(self, key: str) -> bool:
        """Return whether there is a value; null is none."""
        return self.data.get(key) is not None

    def text(self, key: str) -> str:
        """Return a text; nothing if there is none. Raises `InvalidInput`."""
        found = self.data.get(key)
        if found is None:
            return ""
        if not isinstance(found, str):
            raise self._wrong(key, found, "text")
        return found

    def needed(self, key: str) -> str:
        """Return a text that has to be there, though it may be empty. Raises `InvalidInput`."""
        if not self.has(key):
            raise self.error(f"has no {key}")
        return self.text(key)

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts; none if there is no such value. Raises `InvalidInput`."""
        found = self._list(key)
        for number, item in enumerate(found):
            if not isinstance(item, str):
                raise self._wrong(f"{key}[{number}]", item, "text")
        return tuple(found)

    def number(self, key: str) -> int:
        """Return a whole number that is not negative; 0 if there is none. Raises `InvalidInput`."""
        found = self.data.get(key)
        if found is None:
            return 0
        if isinstance(found, bool) or not isinstance(found, int) or found < 0:
            raise self._wrong(key, found, "a whole number")
        return found

    def table(self, key: str) -> Table:
        """Return a table; an empty one if there is none. Raises `InvalidInput`."""
        found = self.data.get(key)
        return self._table(key, {} if found is None else found)

    def tables(self, key: str) -> Iterator[Table]:
        """Yield the tables of a list; none if there is no such value. Raises `InvalidInput`."""
        for number, item in enumerate(self._list(key)):
            yield self._table(f"{key}[{number}]", item)

    def _list(self, key: str) -> list[Any]:
        found = self.data.get(key)
        if found is None:
            return []
        if not isinstance(found, list):
            raise self._wrong(key, found, "a list")
        return found

    def _table(self, key: str, value: Any) -> Table:
        if not isinstance(value, dict):
            raise self._wrong(key, value, "a table")
        return Table(value, self.file, self._at(key), self.advice)

    def _wrong(self, key: str, value: Any, wanted: str) -> InvalidInput:
        kind = KINDS.get(type(value), "another kind of value")
        return InvalidInput(f"{self.file}: {self._at(key)} is {kind}, not {wanted}.", self.advice)

    def _at(self, key: str) -> str:
        return f"{self.position}.{key}" if self.position else key


def json_table(text: str | bytes, file: str, advice: str = ADVICE) -> Table:
    """Return the object that a JSON text is. Raises `InvalidInput` naming file, and line if it is no JSON."""
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise InvalidInput(f"{file}, line {error.lineno}: this is not valid JSON: {error.msg}.", advice) from error
    except UnicodeDecodeError as error:
        raise InvalidInput(f"{file} is not UTF-8.", advice, str(error)) from error
    except RecursionError as error:
        raise InvalidInput(f"{file}: values are nested too deep.", advice) from error
    except ValueError as error:
        # Python converts no number of more than 4,300 digits.
        raise InvalidInput(f"{file} holds a number that is too long.", advice, str(error)) from error
    if not isinstance(found, dict):
        raise InvalidInput(f"{file} is not a JSON object.", advice)
    _refuse_surrogates(found, file, advice)
    return Table(found, file, advice=advice)


def _refuse_surrogates(found: dict[str, Any], file: str, advice: str) -> None:
    """JSON can escape half of a surrogate pair, which no file, database or library takes. Raises `InvalidInput`."""
    try:
        json.dumps(found, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise InvalidInput(f"{file} holds half a surrogate pair.", advice, str(error)) from error

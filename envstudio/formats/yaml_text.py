"""YAML as values that know their line.

The tree is built from libyaml's events rather than by PyYAML's composer, because only so can nesting and the expansion
of aliases be bounded before they cost memory, and a scalar keep the text that stood in the file (3.10, not 3.1).
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import yaml

from envstudio.errors import InvalidInput
from envstudio.formats.boundary import MAX_ENTRIES, located
from envstudio.formats.format import Source
from envstudio.formats.source import MAX_BYTES, TEMPLATE, refuse_conflict_markers

# A wheel of PyYAML that was built without libyaml lacks the fast loader.
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

MAX_DEPTH = 100
MAX_ALIASED = 100_000
MAX_VALUES = 500_000
MAX_DIGITS = 400
"""Of a number; the largest float has 309, and Python converts no integer of more than 4,300."""

TAG = "tag:yaml.org,2002:"
KINDS = {"map": "a mapping", "seq": "a list", "str": "text", "null": "empty"}

Parsed = TypeVar("Parsed")


@dataclass(slots=True)
class YamlValue:
    """One value of a YAML file. `kind` is YAML's tag without prefix: map, seq, str, int, float, bool, null …

    `raw` is a scalar's text as it stood in the file; `size` counts the values below, aliases expanded.
    """

    file: str
    line: int
    kind: str
    raw: str = ""
    items: list[YamlValue] = field(default_factory=list)
    entries: dict[str, tuple[YamlValue, YamlValue]] = field(default_factory=dict)
    size: int = 1

    def error(self, reason: str, advice: str = "", details: str = "") -> InvalidInput:
        """Return the error that names this value's file and line."""
        return located(self.file, self.line, reason, advice, details)

    def line_of(self, *path: str | int) -> int:
        """Return the line of the key or item that a path leads to, or of the nearest part that exists."""
        value, line = self, self.line
        for step in path:
            if isinstance(step, int) and step < len(value.items):
                value = value.items[step]
                line = value.line
            elif isinstance(step, str) and step in value.entries:
                key, value = value.entries[step]
                line = key.line
            else:
                break
        return line

    def fields(self, where: str, known: Iterable[str]) -> dict[str, YamlValue]:
        """Return a mapping's values without the empty ones. Raises `InvalidInput` for a key that is not known."""
        known = tuple(known)
        mapping = self.mapping(where)
        for name in mapping:
            if name not in known:
                key = self.entries[name][0]
                raise key.error(f"{where or 'the file'} has no key {name!r}.", f"Known keys are {', '.join(known)}.")
        return {name: value for name, value in mapping.items() if value.kind != "null"}

    def mapping(self, where: str) -> dict[str, YamlValue]:
        """Return the values of a mapping by key; an empty value is an empty mapping."""
        if self.kind not in ("map", "null"):
            raise self._wrong_kind(where, "a mapping")
        self._refuse_many(where, len(self.entries))
        for key, _ in self.entries.values():
            key.text(f"the key {key.raw!r} of {where or 'the file'}")
        return {name: value for name, (_, value) in self.entries.items()}

    def sequence(self, where: str) -> list[YamlValue]:
        """Return the items of a list; an empty value is an empty list."""
        if self.kind not in ("seq", "null"):
            raise self._wrong_kind(where, "a list")
        self._refuse_many(where, len(self.items))
        return self.items

    def text(self, where: str) -> str:
        """Return a text; a number or a date is refused, because YAML has already lost how it was written."""
        if self.kind != "str":
            raise self._wrong_kind(where, "text")
        return self.raw

    def texts(self, where: str) -> tuple[str, ...]:
        """Return the texts of a list."""
        return tuple(item.text(f"{where}[{number}]") for number, item in enumerate(self.sequence(where)))

    def integer(self, where: str) -> int:
        value = self.plain() if self.kind == "int" else None
        if not isinstance(value, int):
            raise self._wrong_kind(where, "a whole number")
        return value

    def boolean(self, where: str) -> bool:
        if self.kind != "bool":
            raise self._wrong_kind(where, "true or false")
        return bool(self.plain())

    def parsed(self, parse: Callable[[str], Parsed], where: str) -> Parsed:
        """Return what `parse` makes of the text; the `InvalidInput` that it raises gets this value's line."""
        text = self.text(where)
        try:
            return parse(text)
        except InvalidInput as error:
            raise self.error(error.summary, error.advice, error.details) from error

    def plain_of(self, *path: str | int) -> Any:
        """Return the value that a path leads to as plain data; None if there is none."""
        value = self
        for step in path:
            if isinstance(step, int):
                value = value.items[step]
            elif step in value.entries:
                value = value.entries[step][1]
            else:
                return None
        return value.plain()

    def plain(self) -> Any:
        """Return the value as dicts, lists and scalars; a date stays the text that it was."""
        if self.kind == "map":
            return {name: value.plain() for name, value in self.mapping("a mapping").items()}
        if self.kind == "seq":
            return [item.plain() for item in self.items]
        if self.kind == "null":
            return None
        if self.kind in ("int", "float", "bool"):
            return self._constructed()
        return self.raw

    def _constructed(self) -> Any:
        if len(self.raw) > MAX_DIGITS:
            raise self.error(
                f"{self.raw[:40]!r}… is not a number of at most {MAX_DIGITS} digits.",
                "Write it in quotes if it is text.",
            )
        constructor = yaml.constructor.SafeConstructor()
        node = yaml.ScalarNode(TAG + self.kind, self.raw)
        try:
            return constructor.construct_object(node)
        except (ValueError, KeyError, IndexError) as error:
            raise self.error(f"{self.raw[:40]!r} is not a number.", "Write it in quotes if it is text.") from error

    def _refuse_many(self, where: str, count: int) -> None:
        if count > MAX_ENTRIES:
            reason = f"{where or 'the file'} has {count:,} entries; the most that are read are {MAX_ENTRIES:,}."
            raise self.error(reason, "Check that it is the file you meant.")

    def _wrong_kind(self, where: str, wanted: str) -> InvalidInput:
        if self.kind in KINDS:
            return self.error(f"{where or 'the file'} is {KINDS[self.kind]}, not {wanted}.", f"Write {wanted}.")
        what = {"bool": "a truth value", "timestamp": "a date"}.get(self.kind, "a number")
        read_as = f" ({self.plain()})" if self.kind in ("int", "float") and str(self.plain()) != self.raw else ""
        advice = f'Write it in quotes: "{self.raw}".' if wanted == "text" else f"Write {wanted}."
        return self.error(f"{where} is {self.raw}, which YAML reads as {what}{read_as}, not {wanted}.", advice)


def top_keys(text: str) -> set[str]:
    """Return the keys at the left margin of a YAML text, without parsing it."""
    heads = (
        line.split(":", 1)[0].strip("'\" ") for line in text.split("\n") if ":" in line and line[:1] not in " \t#-"
    )
    return {head for head in heads if head and " " not in head}


def load_yaml(source: Source) -> YamlValue:
    """Return the mapping that a YAML file is. Raises `InvalidInput` naming file, line and reason."""
    root = parse_yaml(source)
    if root.kind == "null":
        raise located(source.file_name, 1, "the file is empty.", "Check that it is the file you meant.")
    if root.kind != "map":
        raise root.error("the file is not a mapping of keys to values.", "Check that it is the file you meant.")
    return root


def parse_yaml(source: Source) -> YamlValue:
    """Return the value of a YAML file, whatever its kind. Raises `InvalidInput` naming file, line and reason."""
    if len(source.text) > MAX_BYTES:
        raise located(
            source.file_name, 1, f"the text is larger than {MAX_BYTES // 1024 // 1024} MB.", "Make it smaller."
        )
    refuse_conflict_markers(source)
    try:
        loader = Loader(source.text)
    except (UnicodeEncodeError, yaml.reader.ReaderError) as error:
        raise _unreadable(source, error) from error
    try:
        with _no_collection():
            return _Composer(source.file_name, loader).compose()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(source, error) from error
    except yaml.reader.ReaderError as error:
        raise _unreadable(source, error) from error
    finally:
        loader.dispose()


@contextmanager
def _no_collection() -> Iterator[None]:
    """Keep Python from looking for garbage: there is none in a tree that grows, and looking takes longer than it.

    What is built is bounded by `MAX_VALUES`.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def _unreadable(source: Source, error: UnicodeEncodeError | yaml.reader.ReaderError) -> InvalidInput:
    if isinstance(error, UnicodeEncodeError):
        line = source.text.count("\n", 0, error.start) + 1
        return located(source.file_name, line, "this is half a surrogate pair.", "Remove it.", str(error))
    line = source.text.encode(errors="replace").count(b"\n", 0, error.position) + 1
    return located(source.file_name, line, "this is a control character.", "Remove it.", str(error))


def _syntax_error(source: Source, error: yaml.MarkedYAMLError) -> InvalidInput:
    mark = error.problem_mark or error.context_mark
    number = mark.line if mark else 0
    lines = source.text.split("\n")
    line = lines[number] if number < len(lines) else ""
    reason, advice = (
        f"this is not valid YAML: {error.problem or 'bad syntax'}.",
        "Check indentation, quotes and colons.",
    )
    if TEMPLATE.search(line):
        reason, advice = "this is a template such as {{…}}, not YAML.", "Fill in the template first."
    elif "\t" in line[: len(line) - len(line.lstrip())] or (mark and line[mark.column : mark.column + 1] == "\t"):
        reason, advice = "YAML needs spaces here, not a tab.", "Indent with spaces."
    return located(source.file_name, number + 1, reason, advice, str(error))


@dataclass(slots=True)
class _Open:
    """A mapping or list whose end has not come yet, with the flat row of its values."""

    value: YamlValue
    anchor: str | None
    row: list[YamlValue] = field(default_factory=list)


class _Composer:
    """Builds the tree from the loader's events, without recursion and within the limits."""

    def __init__(self, file: str, loader: Any) -> None:
        self.file = file
        self.loader = loader
        self.open: list[_Open] = []
        self.anchors: dict[str, YamlValue] = {}
        self.tags: dict[tuple[str, tuple[bool, bool]], str] = {}
        self.values = 0
        self.aliased = 0
        self.documents = 0
        self.root = YamlValue(file, 1, "null")

    def compose(self) -> YamlValue:
        while self.loader.check_event():
            self._take(self.loader.get_event())
        return self.root

    def _take(self, event: yaml.Event) -> None:
        if isinstance(event, yaml.ScalarEvent):
            self._add(self._scalar(event), event.anchor)
        elif isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            self._start(event)
        elif isinstance(event, yaml.CollectionEndEvent):
            self._end()
        elif isinstance(event, yaml.AliasEvent):
            self._alias(event)
        elif isinstance(event, yaml.DocumentStartEvent):
            self.documents += 1
            if self.documents > 1:
                raise self._error(event, "a second YAML document begins.", "Keep one document in the file.")

    def _scalar(self, event: yaml.ScalarEvent) -> YamlValue:
        tag = event.tag
        if tag is None or tag == "!":
            tag = self._resolved(event.value, event.implicit)
        kind = tag.removeprefix(TAG)
        if kind not in ("str", "int", "float", "bool", "null", "timestamp", "merge", "value"):
            raise self._error(event, f"the tag {tag!r} is not understood.", "Remove the tag.")
        return YamlValue(self.file, _line(event), "str" if kind == "value" else kind, event.value)

    def _resolved(self, value: str, implicit: tuple[bool, bool]) -> str:
        """Return the tag of a plain or quoted scalar; most stand in a file many times, and PyYAML is slow to tell."""
        tag = self.tags.get((value, implicit))
        if tag is None:
            tag = self.tags[value, implicit] = str(self.loader.resolve(yaml.ScalarNode, value, implicit))
        return tag

    def _start(self, event: Any) -> None:
        if len(self.open) >= MAX_DEPTH:
            raise self._error(event, f"values are nested more than {MAX_DEPTH} deep.", "Flatten them.")
        kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
        if event.tag not in (None, "!", TAG + kind):
            raise self._error(event, f"the tag {event.tag!r} is not understood.", "Remove the tag.")
        if event.anchor is not None:
            self.anchors.pop(event.anchor, None)
        self.open.append(_Open(YamlValue(self.file, _line(event), kind), event.anchor))

    def _end(self) -> None:
        done = self.open.pop()
        done.value.size += sum(item.size for item in done.row)
        if done.value.kind == "seq":
            done.value.items = done.row
        else:
            done.value.entries = _entries(done.row)
        self._add(done.value, done.anchor)

    def _alias(self, event: yaml.AliasEvent) -> None:
        target = self.anchors.get(event.anchor or "")
        if target is None:
            inside = any(level.anchor == event.anchor for level in self.open)
            reason = "holds itself" if inside else "is not defined before"
            raise self._error(event, f"the alias *{event.anchor} {reason}.", "Write the value out.")
        self.aliased += target.size
        if self.aliased > MAX_ALIASED:
            raise self._error(event, f"aliases expand to more than {MAX_ALIASED} values.", "Write the values out.")
        self._add(target, None)

    def _add(self, value: YamlValue, anchor: str | None) -> None:
        self.values += 1
        if self.values > MAX_VALUES:
            raise value.error(f"the file holds more than {MAX_VALUES} values.", "Check that it is the file you meant.")
        if anchor is not None:
            self.anchors[anchor] = value
        if self.open:
            self.open[-1].row.append(value)
        else:
            self.root = value

    def _error(self, event: yaml.Event, reason: str, advice: str) -> InvalidInput:
        return located(self.file, _line(event), reason, advice)


def _line(event: yaml.Event) -> int:
    return event.start_mark.line + 1 if event.start_mark else 1


def _entries(row: list[YamlValue]) -> dict[str, tuple[YamlValue, YamlValue]]:
    """Return the entries of a mapping from its flat row; what `<<` merges in yields to the mapping's own keys."""
    merged: list[dict[str, tuple[YamlValue, YamlValue]]] = []
    own: dict[str, tuple[YamlValue, YamlValue]] = {}
    for key, value in zip(row[::2], row[1::2], strict=True):
        if key.kind == "merge":
            merged.append(_merged(value))
            continue
        if key.kind in ("map", "seq"):
            raise _unusable_key(key)
        if key.raw in own:
            first = own[key.raw][0].line
            raise key.error(f"the key {key.raw!r} is here a second time, after line {first}.", "Keep one of them.")
        own[key.raw] = (key, value)
    return _first_wins([own, *merged])


def _merged(value: YamlValue) -> dict[str, tuple[YamlValue, YamlValue]]:
    sources = value.items if value.kind == "seq" else [value]
    if any(source.kind != "map" for source in sources):
        raise value.error("<< merges something that is not a mapping.", "Write the values out.")
    return _first_wins([source.entries for source in sources])


def _first_wins(
    mappings: list[dict[str, tuple[YamlValue, YamlValue]]],
) -> dict[str, tuple[YamlValue, YamlValue]]:
    """Join mappings in one pass; of two values for a key the one of the earlier mapping stays."""
    joined: dict[str, tuple[YamlValue, YamlValue]] = {}
    for mapping in reversed(mappings):
        joined.update(mapping)
    return joined


def _unusable_key(key: YamlValue) -> InvalidInput:
    if key.kind == "map":
        return key.error("this is a template such as {{…}}, or a mapping as a key.", "Fill in the template first.")
    return key.error("a list is used as a key.", "Write it in quotes if it is text.")

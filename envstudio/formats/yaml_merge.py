"""A changed value put into the text of a YAML file: only the lines that say something else are written anew.

Comments, order, quotes, anchors and blank lines of all other lines stay as the user wrote them.
"""

from __future__ import annotations

import difflib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml

from envstudio.formats.yaml_dump import dump_yaml, yaml_scalar
from envstudio.formats.yaml_text import Loader

MISSING = object()
MAX_PAIRS = 1_000_000
FLOW_SIGNS = set(",[]{}")
OTHER_BREAKS = re.compile("[\r\x85\u2028\u2029]")
"""What ends a line for YAML 1.1 beside a line feed; the places that it tells count them."""
Position = tuple[int, int]
Edit = tuple[int, int, list[str]]
"""Lines from the first to before the second are replaced by others."""


@dataclass(slots=True)
class Node:
    """One value in a text, from `start` to `end` (line and column from 0). `last` is the last line with some of it."""

    kind: str
    start: Position
    end: Position
    last: int
    style: str = ""
    name: str = ""
    children: list[Node] = field(default_factory=list)

    @property
    def pairs(self) -> list[tuple[Node, Node]]:
        """The keys and values of a mapping."""
        return list(zip(self.children[::2], self.children[1::2], strict=True))

    @property
    def is_line(self) -> bool:
        """Return whether it begins and ends on one line, so that it can be replaced within that."""
        return self.start[0] == self.end[0] and self.style not in ("|", ">")


def merged(text: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> str | None:
    """Return the text of a mapping that means `old`, changed to mean `new`; None if it is written in another way.

    `old` and `new` are plain data. What the text says in a form of its own is left alone if both say the same.
    """
    if OTHER_BREAKS.search(text):
        return None
    lines = text.split("\n")
    try:
        root = _tree(text, lines)
    except (yaml.YAMLError, UnicodeEncodeError, ValueError):
        return None
    if root is None or root.kind != "map" or not _is_block(root, lines):
        return None
    merging = _Merging(lines)
    merging.mapping(root, old, new)
    return merging.text()


def _tree(text: str, lines: Sequence[str]) -> Node | None:
    """Return the root of a file's one document."""
    open_nodes: list[Node] = []
    root = None
    for event in yaml.parse(text, Loader=Loader):
        if isinstance(event, (yaml.MappingStartEvent, yaml.SequenceStartEvent)):
            kind = "map" if isinstance(event, yaml.MappingStartEvent) else "seq"
            start = _position(event.start_mark)
            open_nodes.append(Node(kind, start, start, start[0], "flow" if event.flow_style else ""))
            continue
        if isinstance(event, yaml.CollectionEndEvent):
            node = open_nodes.pop()
            node.end = _position(event.end_mark)
            node.last = node.end[0] if node.style or not node.children else max(item.last for item in node.children)
        elif isinstance(event, (yaml.ScalarEvent, yaml.AliasEvent)):
            node = _leaf(event, open_nodes, lines)
        else:
            continue
        if open_nodes:
            open_nodes[-1].children.append(node)
        elif root is not None:
            return None
        else:
            root = node
    return root


def _position(mark: Any) -> Position:
    return mark.line, mark.column


def _leaf(event: Any, open_nodes: Sequence[Node], lines: Sequence[str]) -> Node:
    start, end = _position(event.start_mark), _position(event.end_mark)
    if isinstance(event, yaml.AliasEvent):
        return Node("alias", start, end, end[0])
    style = event.style or ""
    last = end[0]
    if style in ("|", ">"):
        parent = next((item for item in reversed(open_nodes) if not item.style), None)
        last = _block_end(lines, start[0], parent.start[1] if parent else -1, "+" in lines[start[0]][start[1] :])
    return Node("scalar", start, end, last, style, event.value)


def _block_end(lines: Sequence[str], first: int, indent: int, keeps: bool) -> int:
    """Return the last line of a block scalar that stands `indent` columns in; `keeps` counts blank ones after it."""
    last = first
    for number in range(first + 1, len(lines)):
        line = lines[number]
        if line.strip() and len(line) - len(line.lstrip(" ")) <= indent:
            break
        if line.strip() or (keeps and number < len(lines) - 1):
            last = number
    return last


def _is_block(node: Node, lines: Sequence[str]) -> bool:
    """Return whether each entry or item begins a line of its own, at one column."""
    if node.style or not node.children:
        return False
    starts = [key for key, _ in node.pairs] if node.kind == "map" else node.children
    before = {lines[item.start[0]][: item.start[1]] for item in starts}
    sign = "-" if node.kind == "seq" else ""
    return (
        len({text.index(sign) for text in before if text.strip() == sign})
        == 1
        == len({text.strip() for text in before})
    )


class _Merging:
    """Gathers what is to be changed in the lines of a text."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.edits: list[Edit] = []
        self.within: dict[int, list[tuple[int, int, str]]] = {}

    def text(self) -> str:
        """Return the text with all changes made."""
        lines = list(self.lines)
        for number, parts in self.within.items():
            for start, end, part in sorted(parts, reverse=True):
                lines[number] = lines[number][:start] + part + lines[number][end:]
        # From the bottom up. At one position what is removed goes first, and what an inner value gets stays above.
        numbered = sorted((start, end > start, number) for number, (start, end, _) in enumerate(self.edits))
        for *_, number in reversed(numbered):
            start, end, other = self.edits[number]
            lines[start:end] = other
        return "\n".join(lines)

    def mapping(self, node: Node, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
        """Change the entries of a mapping in block style."""
        indent = node.pairs[0][0].start[1]
        positions: dict[str, int] = {}
        for key, value in node.pairs:
            last = max(key.end[0], value.last)
            positions[key.name] = last + 1
            before, after = old.get(key.name, MISSING), new.get(key.name, MISSING)
            if before == after:
                continue
            if after is MISSING:
                self.edits.append((self._head(key.start[0], indent), last + 1, []))
            elif not self._value(value, before, after):
                written = _entry(key.name, after, indent)
                written[0] += self._tail(value) if key.start[0] == last else ""
                self.edits.append((key.start[0], last + 1, written))
        position = self._head(node.pairs[0][0].start[0], indent)
        added: dict[int, list[str]] = {}
        for name, after in new.items():
            if name in positions:
                position = positions[name]
            elif old.get(name, MISSING) != after:
                added.setdefault(position, []).extend(_entry(name, after, indent))
        self._insert(added)

    def _value(self, node: Node, old: Any, new: Any) -> bool:
        """Change a value where it stands; return whether that can be done."""
        if isinstance(new, (Mapping, list)) and not new:
            return False
        if isinstance(old, Mapping) and isinstance(new, Mapping) and node.kind == "map" and _is_block(node, self.lines):
            self.mapping(node, old, new)
            return True
        if isinstance(old, list) and isinstance(new, list) and node.kind == "seq" and len(old) == len(node.children):
            if _is_block(node, self.lines):
                if repeats_much([_same(item) for item in old], [_same(item) for item in new]):
                    return False
                self._sequence(node, old, new)
                return True
            written = self._flow(node, old, new) if node.is_line and node.style else None
        else:
            written = _scalar_like(node, new) if node.kind == "scalar" and node.is_line else None
        if written is not None:
            line, start = node.start
            self.within.setdefault(line, []).append((start, node.end[1], written))
        return written is not None

    def _sequence(self, node: Node, old: list[Any], new: list[Any]) -> None:
        """Change the items of a list in block style; one that only moves takes its lines along."""
        indent = self.lines[node.children[0].start[0]].index("-")
        heads = [self._head(item.start[0], indent) for item in node.children]
        was, now = [_same(item) for item in old], [_same(item) for item in new]
        steps = difflib.SequenceMatcher(None, was, now, autojunk=False).get_opcodes()
        gone = [number for what, a, b, _, _ in steps if what in ("delete", "replace") for number in range(a, b)]
        moving = {was[number]: number for number in gone if was[number] in now}
        added: dict[int, list[str]] = {}
        for what, a, b, c, d in steps:
            if what == "equal":
                continue
            moves = any(number in moving.values() for number in range(a, b)) or any(
                now[number] in moving for number in range(c, d)
            )
            pairs = [] if moves else list(zip(range(a, b), range(c, d), strict=False))
            for one, two in pairs:
                item = node.children[one]
                if not self._value(item, old[one], new[two]):
                    self.edits.append((item.start[0], item.last + 1, _item(new[two], indent)))
            for number in range(a + len(pairs), b):
                self.edits.append((heads[number], node.children[number].last + 1, []))
            position = node.children[b - 1].last + 1 if b else heads[0]
            for number in range(c + len(pairs), d):
                from_there = moving.pop(now[number], None)
                if from_there is None:
                    added.setdefault(position, []).extend(_item(new[number], indent))
                else:
                    lines = self.lines[heads[from_there] : node.children[from_there].last + 1]
                    added.setdefault(position, []).extend(lines)
        self._insert(added)

    def _insert(self, added: Mapping[int, list[str]]) -> None:
        for position, lines in added.items():
            self.edits.append((position, position, lines))

    def _flow(self, node: Node, old: list[Any], new: list[Any]) -> str | None:
        """Return a list in brackets; what is the same in it stays as it is written."""
        if any(isinstance(item, (Mapping, list)) for item in new):
            return None
        there = {
            _same(value): self.lines[item.start[0]][item.start[1] : item.end[1]]
            for item, value in zip(node.children, old, strict=True)
        }
        return f"[{', '.join(there.get(_same(item)) or _in_flow(item) for item in new)}]"

    def _head(self, line: int, indent: int) -> int:
        """Return the first of the comment lines that stand directly above a line, as far in as it."""
        while line and self.lines[line - 1].startswith(f"{' ' * indent}#"):
            line -= 1
        return line

    def _tail(self, node: Node) -> str:
        """Return the comment behind a value of one line."""
        rest = self.lines[node.end[0]][node.end[1] :].strip()
        return f"  {rest}" if node.is_line and rest.startswith("#") else ""


def repeats_much(one: Sequence[str], other: Sequence[str]) -> bool:
    """Return whether two lists share so many equal items that difflib, which looks at each pair, takes seconds."""
    there = Counter(other)
    return sum(number * there[item] for item, number in Counter(one).items()) > MAX_PAIRS


def _same(value: Any) -> str:
    return json.dumps(value, sort_keys=True)


def _entry(name: str, value: Any, indent: int) -> list[str]:
    return _indented(dump_yaml({name: value}), indent)


def _item(value: Any, indent: int) -> list[str]:
    return [line[2:] for line in _indented(dump_yaml({"x": [value]}), indent)[1:]]


def _indented(text: str, indent: int) -> list[str]:
    return [f"{' ' * indent}{line}" if line else "" for line in text.removesuffix("\n").split("\n")]


def _scalar_like(node: Node, value: Any) -> str | None:
    """Return a scalar in the quotes of the one that it replaces; None for one that needs lines of its own."""
    if isinstance(value, (Mapping, list)) or (isinstance(value, str) and "\n" in value):
        return None
    if not isinstance(value, str) or node.style not in ("'", '"'):
        return yaml_scalar(value)
    if node.style == "'" and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    return json.dumps(value, ensure_ascii=False) if value.isprintable() else yaml_scalar(value)


def _in_flow(value: Any) -> str:
    written = yaml_scalar(value)
    return json.dumps(value, ensure_ascii=False) if FLOW_SIGNS & set(written) and written[:1] != '"' else written

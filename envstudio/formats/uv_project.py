"""What uv's table in a pyproject.toml says of resolving: `[tool.uv]`, its indexes and its sources.

Source: uv's documentation, "Settings" and "Managing dependencies".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from packaging.utils import canonicalize_name

from envstudio.domain.environment import PipOption
from envstudio.domain.problem import Problem, Severity
from envstudio.domain.requirement import PipRequirement, pip_requirement
from envstudio.domain.solve import IndexStrategy, Solve
from envstudio.errors import InvalidInput

WHERE = "tool.uv"
STRATEGIES = {"first-index": IndexStrategy.FIRST, "unsafe-best-match": IndexStrategy.BEST}
READ = (
    "constraint-dependencies",
    "override-dependencies",
    "exclude-dependencies",
    "exclude-newer",
    "index-strategy",
    "index",
    "index-url",
    "extra-index-url",
    "find-links",
    "prerelease",
    "sources",
)
IRRELEVANT = (
    "package",
    "managed",
    "cache-dir",
    "cache-keys",
    "preview",
    "native-tls",
    "required-version",
    "pip",
    "link-mode",
)
"""Those that decide nothing about what is installed."""


@dataclass(frozen=True, slots=True)
class UvSettings:
    """What was taken over, and what was not."""

    options: tuple[PipOption, ...] = ()
    constraints: tuple[PipRequirement, ...] = ()
    solve: Solve = Solve()
    problems: tuple[Problem, ...] = ()


def uv_settings(table: Mapping[str, Any]) -> UvSettings:
    """Return what `[tool.uv]` says of resolving. Raises `InvalidInput` for what uv would refuse too."""
    indexes = list(_indexes(table))
    options = [*(option for _, option, explicit in indexes if not explicit)]
    options += [PipOption("--find-links", item) for item in _texts(table, "find-links")]
    options += [PipOption("--pre")] if table.get("prerelease") == "allow" else []
    several = sum(option.name.endswith("index-url") for option in options) > 1
    strategy = STRATEGIES.get(str(table.get("index-strategy") or ("first-index" if several else "")))
    solve = Solve(
        exclude_newer=str(table.get("exclude-newer") or ""),
        overrides=_texts(table, "override-dependencies"),
        excludes=_texts(table, "exclude-dependencies"),
        index_strategy=strategy,
    )
    constraints = tuple(pip_requirement(line) for line in _texts(table, "constraint-dependencies"))
    return UvSettings(tuple(options), constraints, solve, tuple(_left_out(table)))


def with_sources(
    requirements: Sequence[PipRequirement], table: Mapping[str, Any]
) -> tuple[tuple[PipRequirement, ...], tuple[tuple[str, str], ...], tuple[Problem, ...]]:
    """Return requirements as `[tool.uv.sources]` has them, the indexes of single packages, and what is left out."""
    sources = table.get("sources")
    by_name = (
        {str(canonicalize_name(key)): value for key, value in sources.items()} if isinstance(sources, dict) else {}
    )
    urls = {name: option.value for name, option, _ in _indexes(table) if name}
    found, pins, problems = [], [], []
    for item in requirements:
        source = by_name.pop(item.name, None)
        taken = _from_source(item, source, urls) if source is not None else item
        if isinstance(taken, tuple):
            pins.append(taken)
            taken = item
        elif taken is None:
            problems.append(_source_left_out(item.name))
            taken = item
        found.append(taken)
    return tuple(found), tuple(pins), tuple(problems)


def _from_source(item: PipRequirement, source: Any, urls: Mapping[str, str]) -> PipRequirement | tuple[str, str] | None:
    """Return a requirement from where uv takes it, or the index that it is pinned to; None if neither can be said."""
    if not isinstance(source, dict) or "marker" in source:
        return None
    marker = f" ; {item.marker}" if item.marker else ""
    extras = f"[{','.join(item.extras)}]" if item.extras else ""
    if isinstance(source.get("git"), str):
        ref = next((str(source[key]) for key in ("rev", "tag", "branch") if source.get(key)), "")
        folder = f"#subdirectory={source['subdirectory']}" if source.get("subdirectory") else ""
        return pip_requirement(f"{item.name}{extras} @ git+{source['git']}{'@' if ref else ''}{ref}{folder}{marker}")
    if isinstance(source.get("url"), str):
        return pip_requirement(f"{item.name}{extras} @ {source['url']}{marker}")
    if isinstance(source.get("index"), str) and source["index"] in urls:
        return item.name, urls[source["index"]]
    return None


def _source_left_out(name: str) -> Problem:
    return Problem(
        "sources-left-out",
        Severity.WARNING,
        f"{WHERE}.sources",
        f"Where uv takes {name} from is not imported.",
        "Write it as NAME @ URL.",
    )


def _indexes(table: Mapping[str, Any]) -> Iterator[tuple[str, PipOption, bool]]:
    """Yield each index by name, as an option of pip, and whether only packages pinned to it come from it."""
    main = table.get("index-url")
    entries = table.get("index")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or not isinstance(entry.get("url"), str):
            raise InvalidInput(f"{WHERE}.index: an index has no url.", "Add it.")
        name = "--index-url" if entry.get("default") else "--extra-index-url"
        yield str(entry.get("name") or ""), PipOption(name, entry["url"]), bool(entry.get("explicit"))
    if isinstance(main, str):
        yield "", PipOption("--index-url", main), False
    for url in _texts(table, "extra-index-url"):
        yield "", PipOption("--extra-index-url", url), False


def _left_out(table: Mapping[str, Any]) -> Iterator[Problem]:
    for key in sorted(table.keys() - {*READ, *IRRELEVANT, "dev-dependencies", "workspace"}):
        yield Problem(
            "keys-left-out",
            Severity.INFO,
            f"{WHERE}.{key}",
            f"{WHERE}.{key} is not imported.",
            "Check whether the environment needs it.",
        )


def _texts(table: Mapping[str, Any], key: str) -> tuple[str, ...]:
    found = table.get(key, [])
    if not isinstance(found, list) or not all(isinstance(item, str) for item in found):
        raise InvalidInput(f"{WHERE}.{key} is not a list of texts.", "Fix it.")
    return tuple(found)

"""Hypothesis strategies for environments, shared by the tests of the domain and of the formats."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from envstudio.domain.environment import (
    Applies,
    BuildContext,
    Environment,
    Image,
    ManagedBy,
    MavenPackage,
    PipOption,
    Python,
    Registry,
    Route,
    Serving,
    Spark,
    Variable,
)
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pip_requirement
from envstudio.domain.solve import IndexStrategy, Solve

# Few examples and no deadline: the whole unit suite has a minute, and the first call loads rattler.
quick = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])

ODD_TEXTS = [
    "yes", "no", "on", "null", "~", "true", "1e3", "3.10", "0o17", "0x1f", "1_000", "1:30", "2020-01-01", "=", "<<",
    "-", "- a", "? a", ": a", "a: b", "a:", "a #b", "#a", " a", "a ", "\ta", "a\n", "\na", " \n a", "a\n\n", "a \nb",
    "a\n\tb", "\n", "\n\n", "---\na", "...\n", "%a", "@a", "`a", "!a", "&a", "*a", "|", ">", "{}", "[]", "'", '"',
    "\\", "\x07", "\x85", "\u2028", "\ufeff", "\x7f", "é", "😀", "-1", "--", "-.inf", ".nan", "a\r\nb", "",
]  # fmt: skip

names = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,12}", fullmatch=True)
packages = st.sampled_from(["python", "pip", "numpy", "scipy", "pandas", "torch", "flask", "jinja2", "ruamel.yaml"])
texts = st.sampled_from(ODD_TEXTS) | st.text(max_size=20)
lines = texts.filter(lambda text: len(f"{text}x".splitlines()) == 1)
versions = st.sampled_from(["1", "1.2", "1.2.3", "2", "2.0", "10.4", "3.10", "3.11.4"])


@st.composite
def conda_requirements(draw: st.DrawFn, packages: st.SearchStrategy[str] = packages) -> CondaRequirement:
    """Draw a match spec in one of its spellings."""
    channel = draw(st.sampled_from(["", "", "", "conda-forge::"]))
    form = draw(st.sampled_from(["{}", "{}={}", "{}=={}", "{}>={}", "{} >={},<99", "{}={}.*", "{}={}=py*"]))
    return conda_requirement(channel + form.format(draw(packages), draw(versions)))


@st.composite
def pip_requirements(draw: st.DrawFn, packages: st.SearchStrategy[str] = packages) -> PipRequirement:
    """Draw a requirement: a name with extras, bounds, marker and hash, or a source of another kind."""
    name, version = draw(packages), draw(versions)
    source = draw(
        st.sampled_from(
            [
                "",
                "",
                "",
                f"-e git+https://code.example/{name}.git@main#egg={name}",
                f"git+https://code.example/{name}.git@{'0' * 40}",
                f"./src/{name}",
                f"https://wheels.example/{name}-1.0-py3-none-any.whl",
                f"{name} @ https://wheels.example/{name}.zip",
            ]
        )
    )
    if source:
        return pip_requirement(source)
    extras = draw(st.sampled_from(["", "", "[a]", "[b,a]"]))
    bound = draw(st.sampled_from(["", "=={}", ">={}", "~={}.0", ">={},<99", " != {}"])).format(version)
    marker = draw(st.sampled_from(["", "", " ; python_version < '3.12'", "; sys_platform=='linux'"]))
    option = draw(st.sampled_from(["", "", f" --hash=sha256:{'a' * 64}"]))
    return pip_requirement(name + extras + bound + marker + option)


pip_options = st.sampled_from(
    [
        PipOption("--index-url", "https://index.example/simple"),
        PipOption("--extra-index-url", "https://more.example/simple"),
        PipOption("--find-links", "my wheels"),
        PipOption("--no-binary", ":all:"),
        PipOption("--pre"),
        PipOption("-r", "absent.txt"),
    ]
)


def tuples_of(items: st.SearchStrategy[Any], **limits: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    """Draw short tuples."""
    return st.lists(items, max_size=4, **limits).map(tuple)


def pairs(values: st.SearchStrategy[str]) -> st.SearchStrategy[tuple[tuple[str, str], ...]]:
    """Draw tuples of key and value in which no key comes twice."""
    return st.dictionaries(values, values, max_size=3).map(lambda items: tuple(items.items()))


pythons = st.builds(
    Python,
    managed_by=st.sampled_from(ManagedBy),
    interpreter=st.just("python") | texts,
    version=texts,
    channels=tuples_of(texts, unique=True),
    conda=tuples_of(conda_requirements()),
    pip=tuples_of(pip_requirements()),
    pip_options=tuples_of(pip_options | st.builds(PipOption, lines, lines)),
    pip_constraints=tuples_of(pip_requirements()),
    pip_indexes=pairs(texts),
)

images = st.builds(
    Image,
    base=texts,
    dockerfile=texts,
    context=st.none() | st.builds(BuildContext, texts, st.just("Dockerfile") | texts),
    platform=st.just("linux/amd64") | texts,
    registry=st.none() | st.builds(Registry, texts, texts, texts),
)

variables = st.builds(
    Variable,
    name=st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,5}", fullmatch=True),
    value=texts.filter(lambda value: "\0" not in value),
    secret=st.just("") | texts,
    applies=st.just((Applies.RUN, Applies.SERVE)) | tuples_of(st.sampled_from(Applies), unique=True),
)

routes = st.none() | st.builds(Route, st.integers(1, 65535), texts)
sparks = st.builds(
    Spark, tuples_of(texts), tuples_of(st.builds(MavenPackage, texts, texts, texts)), st.booleans(), pairs(texts)
)
solves = st.builds(
    Solve,
    exclude_newer=st.sampled_from(("", "2026-01-31", "7 days", "PT12H", "2026-01-31T12:00:00Z")),
    pins=st.lists(st.sampled_from(("openssl<3.1", "numpy>=2", "zlib")), unique=True, max_size=2).map(tuple),
    overrides=st.lists(st.sampled_from(("attrs==23.1", "six>=1")), unique=True, max_size=2).map(tuple),
    excludes=st.lists(st.sampled_from(("tests", "Some_Thing")), unique=True, max_size=2).map(tuple),
    index_strategy=st.none() | st.sampled_from(IndexStrategy),
    virtual_packages=st.dictionaries(
        st.sampled_from(("linux-64", "osx-arm64")),
        st.dictionaries(st.sampled_from(("__glibc", "__cuda")), st.sampled_from(("2.36", "12.4")), min_size=1),
        max_size=2,
    ).map(lambda found: tuple((name, tuple(sorted(items.items()))) for name, items in sorted(found.items()))),
)
servings = st.builds(Serving, routes, routes, routes, texts)
plain_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


def unique_variables() -> st.SearchStrategy[tuple[Variable, ...]]:
    """Draw variables of which no two share a name."""
    return tuples_of(variables, unique_by=lambda variable: variable.name)


environments = st.builds(
    Environment,
    name=names,
    python=pythons,
    image=images,
    variables=unique_variables(),
    spark=st.none() | sparks,
    serving=st.none() | servings,
    cuda=texts,
    solve=solves,
    description=texts,
    tags=pairs(texts),
    carried=st.dictionaries(texts, plain_values, max_size=2),
)

PARTS = [
    *((owner, part.name) for owner, kind in (("python", Python), ("image", Image)) for part in fields(kind)),
    *(("", part.name) for part in fields(Environment) if part.name not in ("name", "python", "image")),
]
"""Every part of a definition but its name: what it belongs to, and what it is called there."""


def with_part_of(old: Environment, owner: str, part: str, other: Environment) -> Environment:
    """Return a definition with one part of another."""
    if not owner:
        return replace(old, **{part: getattr(other, part)})
    return replace(old, **{owner: replace(getattr(old, owner), **{part: getattr(getattr(other, owner), part)})})

"""Poetry's tables: constraints become the ranges that Poetry means, and what cannot be taken over is reported."""

from __future__ import annotations

import pytest

from envstudio.errors import InvalidInput
from envstudio.formats.format import ReadResult
from envstudio.formats.pyproject import FORMAT
from envstudio.formats.source import text_source

TYPICAL = """
[tool.poetry]
name = "churn"
[tool.poetry.dependencies]
python = "^3.11"
numpy = "^2.1"
scipy = { version = "*", optional = true }
lightgbm = { version = ">=4", source = "own" }
old = "^1 || ^3"
[tool.poetry.group.docs.dependencies]
sphinx = "*"
[tool.poetry.dev-dependencies]
pytest = "*"
[[tool.poetry.source]]
name = "own"
url = "https://me:word@index.example/simple"
"""


def read(text: str) -> ReadResult:
    assert FORMAT.read is not None
    return FORMAT.read(text_source("pyproject.toml", text), "")


def lines(dependency: str) -> list[str]:
    return [item.line for item in read(f"[tool.poetry.dependencies]\nfoo = {dependency}\n").environment.python.pip]


@pytest.mark.parametrize(
    ("constraint", "specifier"),
    [
        ("*", ""),
        ("^1.2.3", ">=1.2.3,<2"),
        ("^1", ">=1,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("^0.0.1.2", ">=0.0.1.2,<0.0.2"),
        ("^1!1.2", ">=1!1.2,<1!2"),
        ("^2.0.0b2", ">=2.0.0b2,<3"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1.2", ">=1.2,<1.3"),
        ("~1", ">=1,<2"),
        ("~=1.2", "~=1.2"),
        ("1.2.3", "==1.2.3"),
        ("=1.2.3", "==1.2.3"),
        ("1.2.*", "==1.2.*"),
        (">= 1.2, <2, !=1.5", ">=1.2,<2,!=1.5"),
        ("^1.2 !=1.5", ">=1.2,<2,!=1.5"),
    ],
)
def test_a_constraint_becomes_a_range(constraint: str, specifier: str) -> None:
    assert lines(f'"{constraint}"') == [f"foo{specifier}"]


@pytest.mark.parametrize(
    ("dependency", "expected"),
    [
        ('{ version = "^2", extras = ["b", "a"] }', ["foo[b,a]>=2,<3"]),
        ('{ version = "*", markers = "os_name == \'nt\'" }', ["foo ; (os_name == 'nt')"]),
        ('{ version = "*", python = "^3.8" }', ["foo ; (python_version >= '3.8' and python_version < '4')"]),
        (
            '{ version = "*", python = "<3.8.1 || 3.10.*" }',
            ["foo ; (python_full_version < '3.8.1' or python_version == '3.10.*')"],
        ),
        ('{ version = "*", platform = "win32" }', ["foo ; sys_platform == 'win32'"]),
        (
            '[{ version = "1.0", python = "<3.9" }, { version = "2.0", python = ">=3.9" }]',
            ["foo==1.0 ; (python_version < '3.9')", "foo==2.0 ; (python_version >= '3.9')"],
        ),
        ('{ git = "https://git.example/foo.git", tag = "v1" }', ["foo @ git+https://git.example/foo.git@v1"]),
        (
            '{ git = "git@git.example:a/foo.git", rev = "abc", subdirectory = "p" }',
            ["foo @ git+ssh://git@git.example/a/foo.git@abc#subdirectory=p"],
        ),
        ('{ url = "https://a.example/foo-1-py3-none-any.whl" }', ["foo @ https://a.example/foo-1-py3-none-any.whl"]),
        ('{ path = "packages/foo", develop = true }', ["-e ./packages/foo"]),
        ('{ path = "../foo" }', ["../foo"]),
        ("{ file = 'C:\\dist\\foo.whl' }", ["C:\\dist\\foo.whl"]),
    ],
)
def test_tables_of_a_dependency(dependency: str, expected: list[str]) -> None:
    assert lines(dependency) == expected


def test_what_is_not_taken_over_is_told() -> None:
    result = read(TYPICAL)
    assert result.environment.name == "churn"
    assert [item.line for item in result.environment.python.pip] == ["numpy>=2.1,<3", "lightgbm>=4", "old"]
    messages = [(item.code, item.message) for item in result.problems]
    assert messages == [
        ("requires-python", "The project requires Python ^3.11."),
        ("keys-left-out", "What source says of lightgbm is not imported."),
        (
            "constraint-left-out",
            "A requirement of pip has no alternatives, so old is imported without its bound '^1 || ^3'.",
        ),
        ("groups-left-out", "The groups dev are not imported."),
        ("groups-left-out", "The groups docs are not imported."),
        ("groups-left-out", "The optional packages scipy are not imported."),
        ("sources-left-out", "The index own (https://***@index.example/simple) is not imported."),
    ]


def test_the_table_project_counts_before_poetrys() -> None:
    poetry = '[tool.poetry.dependencies]\nfoo = "^1"\n'
    both = read(f'[project]\nname = "x"\ndependencies = ["bar"]\n{poetry}')
    assert [item.line for item in both.environment.python.pip] == ["bar"]
    assert [item.message for item in both.problems] == ["Where Poetry takes foo from is not imported."]
    dynamic = read(f'[project]\nname = "x"\ndynamic = ["dependencies"]\n{poetry}')
    assert [item.line for item in dynamic.environment.python.pip] == ["foo>=1,<2"]
    assert dynamic.problems == ()


@pytest.mark.parametrize("wrong", ['"^one"', '">>1"', "3", "{ version = 1 }", '{ extras = "a" }', '{ markers = "x" }'])
def test_what_poetry_would_refuse_is_refused(wrong: str) -> None:
    with pytest.raises(InvalidInput, match=r"tool\.poetry\.dependencies"):
        lines(wrong)

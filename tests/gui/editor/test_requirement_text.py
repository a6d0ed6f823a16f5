"""What is typed about packages becomes requirements."""

from __future__ import annotations

import pytest

from envstudio.domain.environment import Environment
from envstudio.domain.requirement import CondaRequirement, PipRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.gui.editor.requirement_text import (
    parse_line,
    pasted_lines,
    renamed,
    with_line,
    with_replaced,
    with_source,
    with_version,
    with_wanted,
    without_requirement,
)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("numpy>=2,<3", CondaRequirement),
        ("pip:numpy>=2", PipRequirement),
        ("git+https://git.example/team/tool.git@v1", PipRequirement),
        ("tool @ https://files.example/tool-1.0-py3-none-any.whl", PipRequirement),
        ("pandas[parquet]>=2", PipRequirement),
        ("conda-forge::pytorch=2.5.*", CondaRequirement),
        ("torch==2.5.1 --hash=sha256:00", PipRequirement),
        ("tomli>=2 ; python_version < '3.11'", PipRequirement),
    ],
)
def test_parse_line(text: str, kind: type) -> None:
    assert isinstance(parse_line(text, "conda"), kind)


@pytest.mark.parametrize("text", ["numpy=>2", "pip:numpy=>2", "a b c d e >"])
def test_parse_line_refuses(text: str) -> None:
    with pytest.raises(InvalidInput):
        parse_line(text, "conda")


def test_pasted_lines() -> None:
    text = "dependencies:\n  - python=3.12\n  - 'numpy>=2'\n# note\nscipy  # pinned later\n\n\"pandas\",\n"
    assert pasted_lines(text) == ["python=3.12", "numpy>=2", "scipy", "pandas"]


def test_lines_that_go_on_are_one() -> None:
    text = "torch==2.5.1 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n# via x\nscipy\n"
    assert pasted_lines(text) == ["torch==2.5.1 --hash=sha256:00 --hash=sha256:11", "scipy"]


YAML = """name: fraud
channels:
- conda-forge
dependencies:
  - python=3.12
  - pip:
    - shap==0.46
    - --extra-index-url https://index.example/simple
    - pip:x
  - numpy>=2
prefix: /opt/fraud
"""


def test_a_whole_conda_file_is_taken_for_what_it_says() -> None:
    lines = pasted_lines(YAML)
    option = "--extra-index-url https://index.example/simple"
    assert lines == ["channels: conda-forge", "python=3.12", "pip:shap==0.46", option, "pip:x", "numpy>=2"]
    with pytest.raises(InvalidInput, match="is a channel"):
        with_line(Environment("fraud"), lines[0], "conda")


@pytest.mark.parametrize(
    "line",
    [
        'requests>=2 ; python_version<"3.12"',
        "'tomli; python_version < \"3.11\"',",
        "- \"pywin32; sys_platform == 'win32'\"",
        "shap==0.46.0 ; python_version != '3.13'",
    ],
)
def test_quotes_of_a_marker_are_its_own(line: str) -> None:
    (found,) = pasted_lines(line)
    assert parse_line(found, "pip").marker


@pytest.mark.parametrize(
    ("old", "typed", "new"),
    [
        ("numpy>=2", ">=2.1,<3", "numpy>=2.1,<3"),
        ("numpy>=2", "2.1.*", "numpy 2.1.*"),
        ("numpy>=2", "", "numpy"),
        ("numpy>=2", "(any)", "numpy"),
        ("conda-forge::numpy>=2", "2.*", "conda-forge::numpy 2.*"),
        ("numpy>=2", "numpy 2.2.* py312*", "numpy 2.2.* py312*"),
    ],
)
def test_with_wanted_conda(old: str, typed: str, new: str) -> None:
    assert with_wanted(conda_requirement(old), typed) == conda_requirement(new)


@pytest.mark.parametrize(
    ("old", "typed", "new"),
    [
        ("shap==0.46", ">=0.46", "shap>=0.46"),
        ("shap==0.46", "0.47.*", "shap==0.47.*"),
        ("pandas[parquet]>=2", ">=2.2", "pandas[parquet]>=2.2"),
        ("shap", "shap ; python_version < '3.13'", "shap ; python_version < '3.13'"),
        ("tomli>=2 ; python_version < '3.11'", "==2.0.1", "tomli==2.0.1 ; python_version < '3.11'"),
        ("tomli>=2 ; python_version < '3.11'", "tomli>=2", "tomli>=2"),
        ("tool @ https://git.example/tool.zip", ">=2", "tool>=2"),
        ("shap==0.46 --hash=sha256:00", "==0.4", "shap==0.4"),
    ],
)
def test_with_wanted_pip(old: str, typed: str, new: str) -> None:
    assert with_wanted(pip_requirement(old), typed) == pip_requirement(new)


def test_with_source() -> None:
    channels = ("conda-forge", "pytorch")
    assert with_source(conda_requirement("numpy 2.1.*"), "pip", channels) == pip_requirement("numpy==2.1.*")
    assert with_source(pip_requirement("numpy>=2"), "conda", channels) == conda_requirement("numpy>=2")
    assert with_source(conda_requirement("numpy>=2"), "pytorch", channels) == conda_requirement("pytorch::numpy>=2")
    assert with_source(conda_requirement("pytorch::numpy>=2"), "conda", channels) == conda_requirement("numpy>=2")


OLDER, NEWER = "numpy==1.26.4 ; python_version < '3.12'", "numpy==2.1.0 ; python_version >= '3.12'"


def test_requirements_of_one_name_with_other_markers_stand_beside_each_other() -> None:
    environment = Environment("fraud")
    for line in (OLDER, "shap", NEWER):
        environment, _ = with_line(environment, line, "pip")
    assert [item.line for item in environment.python.pip] == [OLDER, NEWER, "shap"]
    old, new, _ = environment.python.pip
    edited = with_replaced(environment, old, with_wanted(old, "==1.26.3"))
    assert [item.line for item in edited.python.pip] == [OLDER.replace("6.4", "6.3"), NEWER, "shap"]
    again, _ = with_line(environment, OLDER.replace("6.4", "6.0"), "pip")
    assert [item.line for item in again.python.pip] == [OLDER.replace("6.4", "6.0"), NEWER, "shap"]
    assert [item.line for item in without_requirement(environment, new).python.pip] == [OLDER, "shap"]
    plain, _ = with_line(environment, "numpy>=2", "pip")
    assert [item.line for item in plain.python.pip] == ["numpy>=2", "shap"], "what has no marker is for all of them"


@pytest.mark.parametrize(
    ("old", "version", "new"),
    [
        ("tomli>=2 ; python_version < '3.11'", "==2.0.1", "tomli==2.0.1 ; python_version < '3.11'"),
        ("pandas[parquet]>=2", "", "pandas[parquet]"),
        ("tool @ git+https://git.example/tool.git@v1", "==1.0", "tool @ git+https://git.example/tool.git@v1"),
        ("-e ./mine", "==1.0", "-e ./mine"),
        ("shap==0.46 --hash=sha256:00", "==0.46", "shap==0.46 --hash=sha256:00"),
        ("shap>=0.46 --config-settings=a=b", "==0.47", "shap==0.47 --config-settings=a=b"),
    ],
)
def test_another_version_leaves_all_else_that_pip_is_told(old: str, version: str, new: str) -> None:
    assert with_version(pip_requirement(old), version).canonical == pip_requirement(new).canonical


@pytest.mark.parametrize(
    ("old", "version", "new"),
    [
        ("conda-forge::numpy>=2", "==2.1.0", "conda-forge::numpy ==2.1.0"),
        ("pytorch=2.5.*=cuda*", "==2.5.1", "pytorch ==2.5.1 cuda*"),
        ("pytorch=2.5.*=cuda*", "", "pytorch * cuda*"),
    ],
)
def test_another_version_leaves_all_else_that_conda_is_told(old: str, version: str, new: str) -> None:
    assert with_version(conda_requirement(old), version).canonical == conda_requirement(new).canonical


@pytest.mark.parametrize(
    ("old", "typed", "new"),
    [
        ("PyYAML==6.0", "ruamel.yaml", "ruamel.yaml==6.0"),
        ("requests[security]>=2", "requests[socks]", "requests[socks]>=2"),
        ("requests[security]>=2", "requests", "requests>=2"),
        ("tomli>=2 ; python_version < '3.11'", "toml", "toml>=2 ; python_version < '3.11'"),
        ("shap==0.46 --hash=sha256:00", "shapley", "shapley==0.46"),
    ],
)
def test_renamed_pip(old: str, typed: str, new: str) -> None:
    assert renamed(pip_requirement(old), typed).canonical == pip_requirement(new).canonical


@pytest.mark.parametrize(
    ("old", "typed", "new"),
    [
        ("conda-forge::conda>=24", "mamba", "conda-forge::mamba>=24"),
        ("numpy 2.1.* py312*", "numpy-base", "numpy-base 2.1.* py312*"),
        ("numpy", "pandas>=2", "pandas>=2"),
        ("conda-forge::numpy>=2", "bioconda::samtools", "bioconda::samtools>=2"),
    ],
)
def test_renamed_conda(old: str, typed: str, new: str) -> None:
    assert renamed(conda_requirement(old), typed) == conda_requirement(new)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("pandas[parquet]>=2", "extras"),
        ("tomli ; python_version < '3.11'", "marker"),
        ("shap==0.46 --hash=sha256:00", "options"),
        ("tool @ git+https://git.example/tool.git", "source"),
        ("-e ./mine", "source"),
    ],
)
def test_what_conda_has_no_word_for_is_not_moved_to_it(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        with_source(pip_requirement(text), "conda", ())


@pytest.mark.parametrize(("text", "reason"), [("pytorch=2.5.*=cuda*", "build"), ("python=3.12", "Python itself")])
def test_what_pip_has_no_word_for_is_not_moved_to_it(text: str, reason: str) -> None:
    with pytest.raises(InvalidInput, match=reason):
        with_source(conda_requirement(text), "pip", ())

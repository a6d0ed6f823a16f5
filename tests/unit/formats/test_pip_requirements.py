"""Requirements files: pip's grammar line by line, files that name files, and what they cannot hold."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from strategies import pip_options, pip_requirements, quick, tuples_of

from envstudio.domain.environment import Environment, PipOption, Python, Variable
from envstudio.domain.requirement import PipRequirement, conda_requirement, pip_requirement
from envstudio.errors import InvalidInput
from envstudio.formats import find_format, read_source
from envstudio.formats.format import Choices, ReadResult, Source, WriteResult
from envstudio.formats.pip_requirements import FORMAT
from envstudio.formats.requirement_lines import logical_lines
from envstudio.formats.source import text_source


def read(source: Source | str) -> ReadResult:
    assert FORMAT.read is not None
    return FORMAT.read(text_source("requirements.txt", source) if isinstance(source, str) else source, "")


def write(environment: Environment) -> WriteResult:
    assert FORMAT.write is not None
    return FORMAT.write(environment)


@quick
@given(tuples_of(pip_requirements()), tuples_of(pip_options))
def test_requirements_and_options_survive(pip: tuple[PipRequirement, ...], options: tuple[PipOption, ...]) -> None:
    environment = Environment("requirements", python=Python(pip=pip, pip_options=options))
    written = write(environment)
    assert [problem.where for problem in written.problems] == ["name"]
    assert read(written.files["requirements.txt"]).environment == environment


def test_constraints_survive_in_their_own_file(tmp_path: Path) -> None:
    python = Python(pip=(pip_requirement("flask"),), pip_constraints=(pip_requirement("numpy<2"),))
    for name, text in write(Environment("x", python=python)).files.items():
        (tmp_path / name).write_text(text)
    assert read(read_source(tmp_path / "requirements.txt")).environment.python == python


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\n\n# b\nc # d\ne#f\n", [(1, "a"), (4, "c"), (5, "e#f")]),
        ("a \\\n  ==1 \\\n  # stop\nb\n", [(1, "a   ==1"), (4, "b")]),
        ("a \\\n", [(1, "a")]),
        ("\\\na\n", [(1, "a")]),
        ("# a \\\nb\n", [(2, "b")]),
    ],
)
def test_lines_are_joined_and_stripped_as_pip_does(text: str, expected: list[tuple[int, str]]) -> None:
    assert list(logical_lines(text)) == expected


@pytest.mark.parametrize(
    ("line", "option"),
    [
        ("-i https://index.example", PipOption("--index-url", "https://index.example")),
        ("--index-url=https://index.example", PipOption("--index-url", "https://index.example")),
        ("-fhttps://wheels.example", PipOption("--find-links", "https://wheels.example")),
        ("--extra-index https://index.example", PipOption("--extra-index-url", "https://index.example")),
        ("--find-links 'my wheels'", PipOption("--find-links", "my wheels")),
        (r"--find-links C:\wheels", PipOption("--find-links", r"C:\wheels")),
        ("-r absent.txt", PipOption("-r", "absent.txt")),
        ("--requirement=absent.txt", PipOption("-r", "absent.txt")),
        ("--constraint absent.txt", PipOption("-c", "absent.txt")),
        ("--pre", PipOption("--pre")),
    ],
)
def test_options_get_one_spelling(line: str, option: PipOption) -> None:
    assert read(line).environment.python.pip_options == (option,)


def test_several_options_may_share_a_line() -> None:
    python = read("--pre -i https://index.example --no-index\n").environment.python
    assert [option.name for option in python.pip_options] == ["--pre", "--index-url", "--no-index"]


def test_options_of_a_requirement_stay_with_it() -> None:
    python = read('a==1 --hash sha256:ab --global-option="--x --y"\n').environment.python
    assert python.pip[0].options == ("--hash=sha256:ab", '--global-option="--x --y"')
    assert python.pip_options == ()


def test_a_file_is_followed_relative_to_the_file_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.txt").write_text("-r sub/b.txt\na\n")
    (tmp_path / "sub" / "b.txt").write_text("-c c.txt\n-r ../a.txt\nb\n")
    (tmp_path / "sub" / "c.txt").write_text("c<1\n")
    result = read(read_source(tmp_path / "a.txt"))
    assert [item.text for item in result.environment.python.pip] == ["b", "a"]
    assert [item.text for item in result.environment.python.pip_constraints] == ["c<1"]
    assert [problem.code for problem in result.problems] == ["file-twice"]


def test_an_error_in_a_followed_file_names_that_file(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("-r b.txt\n")
    (tmp_path / "b.txt").write_text("\nnumpy==\n")
    with pytest.raises(InvalidInput, match=r"^b.txt, line 2: 'numpy=='"):
        read(read_source(tmp_path / "a.txt"))


def test_the_python_version_stays_unknown() -> None:
    assert read("numpy\n").environment.python.version == ""


def test_what_cannot_be_held_is_named() -> None:
    environment = Environment(
        "x",
        python=Python(channels=("conda-forge",), conda=(conda_requirement("python=3.11"),)),
        variables=(Variable("A", "a"),),
    )
    problems = {problem.where: problem.message for problem in write(environment).problems}
    assert set(problems) == {"name", "python.channels", "python.conda", "variables"}
    assert "python=3.11" in problems["python.conda"]


def test_a_file_named_as_a_package_is_read_if_it_is_there(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("idna>=3\n")
    (tmp_path / "environment.yml").write_text(
        "dependencies:\n  - python=3.12\n  - pip:\n    - requirements.txt\n    - six\n"
    )
    read = find_format("conda").read
    assert read is not None
    found = read(read_source(tmp_path / "environment.yml"), "a")
    assert [item.line for item in found.environment.python.pip] == ["idna>=3", "six"]
    assert [item.code for item in found.problems] == ["file-as-package"]
    (tmp_path / "requirements.txt").unlink()
    with pytest.raises(InvalidInput, match=r"line 4: 'requirements\.txt' is the name of a file"):
        read(read_source(tmp_path / "environment.yml"), "a")


def test_files_of_a_server_are_fetched_if_that_is_chosen() -> None:
    lines = ("six==1.16.0", "-r sub/more.txt", "-c con.txt", "-r file:///etc/hostname", "-r all.txt", "")
    files = {
        "https://files.example/all.txt": "\n".join(lines),
        "https://files.example/sub/more.txt": "-r ../last.txt\nidna==3.10\n",
        "https://files.example/last.txt": "click==8.1.7\n",
        "https://files.example/con.txt": "idna<4\n",
    }
    text = "-r https://files.example/all.txt\n"
    source = text_source("requirements.txt", text)
    assert FORMAT.read is not None
    found = FORMAT.read(replace(source, choices=Choices(fetch=lambda address: files[address].encode())), "a")
    python = found.environment.python
    assert [item.line for item in python.pip] == ["six==1.16.0", "click==8.1.7", "idna==3.10"]
    assert [item.line for item in python.pip_constraints] == ["idna<4"]
    # A file of a server names none of this disk.
    assert python.pip_options == (PipOption("-r", "file:///etc/hostname"),)
    codes = [item.code for item in found.problems]
    assert codes == [*["file-fetched"] * 4, "file-not-read", "file-twice"]
    assert all(
        hashlib.sha256(files[item.message.split()[0]].encode()).hexdigest() in item.message
        for item in found.problems[:4]
    )
    assert FORMAT.read(source, "a").environment.python.pip_options == (
        PipOption("-r", "https://files.example/all.txt"),
    )


def test_files_of_a_server_have_an_end() -> None:
    def fetch(address: str) -> bytes:
        return f"-r {len(address)}-{address.rpartition('/')[2]}\n".encode()

    source = replace(text_source("requirements.txt", "-r https://files.example/a.txt\n"), choices=Choices(fetch=fetch))
    assert FORMAT.read is not None
    with pytest.raises(InvalidInput, match="at most 20 files are fetched"):
        FORMAT.read(source, "a")

"""No password of an address is ever stored."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.domain.environment import BuildContext, Environment, Image, PipOption, Python
from envstudio.domain.passwords import fields_with_passwords, has_password, without_password, without_passwords
from envstudio.domain.requirement import pip_requirement
from envstudio.errors import InvalidInput
from envstudio.library import Library
from envstudio.report import silent
from envstudio.tasks.import_files import import_path


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("https://ana:s3cret@index.example/simple", "https://index.example/simple"),
        ("git+https://x:tok@git.example/a.git@main", "git+https://git.example/a.git@main"),
        ("https://:tok@index.example", "https://index.example"),
        ("https://ana:${TOKEN}@index.example", None),
        ("https://${USER}:${TOKEN}@index.example", None),
        ("git+ssh://git@git.example/a.git", None),
        ("https://index.example/simple", None),
    ],
)
def test_passwords_are_found_and_taken_out(text: str, clean: str | None) -> None:
    assert has_password(text) == (clean is not None)
    assert without_password(text) == (clean or text)


def test_every_part_is_looked_at() -> None:
    secret = "https://ana:s3cret@host.example"
    environment = Environment(
        "x",
        Python(
            channels=(f"{secret}/c",),
            pip=(pip_requirement(f"a @ {secret}/a.whl"),),
            pip_options=(PipOption("--index-url", f"{secret}/simple"),),
        ),
        Image(context=BuildContext(f"{secret}/a.git")),
    )
    cleaned, problems = without_passwords(environment)
    assert {problem.where for problem in problems} == {"python.channels", "python.pip_options", "python.pip", "image"}
    assert fields_with_passwords(cleaned) == ()
    assert "s3cret" not in repr(cleaned)


def test_nothing_of_it_reaches_the_library(tmp_path: Path, kept_secrets: dict[tuple[str, str], str]) -> None:
    file = tmp_path / "requirements.txt"
    file.write_text("--index-url https://ana:s3cret@index.example/simple\nnumpy\n")
    location = tmp_path / "library.sqlite"
    with Library.open(location) as library:
        done = import_path(library, file, report=silent())
        assert any(problem.code == "secret-kept" for problem in done.problems)
        python = Python(channels=("https://ana:s3cret@conda.example/c",))
        with pytest.raises(InvalidInput, match="never stored"):
            library.versions.register(Environment("x", python))
    assert all(b"s3cret" not in path.read_bytes() for path in tmp_path.glob("library.sqlite*"))

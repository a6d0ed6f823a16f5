"""Small files that made a reader fail with an error of the programmer's: each is refused by its file and reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, parse_lock
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.formats import read_source
from envstudio.formats.boundary import MAX_LINE, MAX_NESTING
from envstudio.formats.prefix import read_prefix
from envstudio.formats.source import text_source
from envstudio.lock_formats import find_lock_format
from envstudio.tasks.read_path import read_any

MALFORMED = Path(__file__).parents[2] / "data" / "malformed"
REASONS = {
    "pylock/no-name.toml": "packages[0] has no name",
    "pylock/no-vcs-type.toml": "packages[0].vcs has no type",
    "pylock/vcs-is-text.toml": "packages[0].vcs is text, not a table",
    "pylock/arbitrary-equality.toml": "packages[0] has a marker that cannot be evaluated",
    "pylock/marker-is-number.toml": "packages[0].marker is a number, not text",
    "pylock/marker-of-nothing.toml": "packages[0] has a marker that cannot be evaluated",
    "pylock/wheels-is-table.toml": "packages[0].wheels is a table, not a list",
    "pylock/wheel-is-text.toml": "packages[0].wheels[0] is text, not a table",
    "pylock/hashes-is-text.toml": "packages[0].sdist.hashes is text, not a table",
    "pylock/hash-is-none.toml": "a 1 has an invalid hash",
    "pylock/size-is-text.toml": "packages[0].sdist.size is text, not a whole number",
    "pylock/no-address.toml": "packages[0].sdist has no path",
    "pylock/package-is-text.toml": "packages[0] is text, not a table",
    "pylock/name-is-list.toml": "packages[0].name is a list, not text",
    "pylock/open-address.toml": "which is not a package's",
    "explicit/open-address.txt": "which is not a package's",
    "explicit/odd-name.txt": "'a=' is not the name of a package",
    "explicit/no-channel.txt": "which is not a package's",
    "explicit/short-hash.txt": "line 2: ",
    "conda-lock/no-manager.yml": "line 13: the manager of a package is conda or pip",
    "conda-lock/manager-is-list.yml": "line 15: the manager of a package is conda or pip",
    "conda-lock/no-md5.yml": "line 19: this is not a valid conda-lock.yml: package.0.hash",
    "conda-lock/hash-is-none.yml": "numpy 2.2.0 has an invalid hash",
    "conda-lock/no-channels.yml": "line 2: this is not a valid conda-lock.yml: metadata",
    "pixi/odd-address.yml": "is not a pixi.lock that rattler reads",
    "pixi/no-platform.yml": "is not a pixi.lock that rattler reads",
}
OF_CONDA = {
    "no-json.json": "line 3: this is not valid JSON",
    "no-name.json": "has no name",
    "no-version.json": "has no version",
    "name-is-number.json": "name is a number, not text",
    "specs-is-text.json": "requested_specs is text, not a list",
    "list.json": "is not a JSON object",
}
OF_PIP = {
    "no-json.json": "direct_url.json of rich, line 1: this is not valid JSON",
    "no-commit.json": "direct_url.json of rich: vcs_info has no commit_id",
    "vcs-is-text.json": "direct_url.json of rich: vcs_info is text, not a table",
    "list.json": "direct_url.json of rich is not a JSON object",
}


def test_every_malformed_file_is_read_here() -> None:
    there = {path.relative_to(MALFORMED).as_posix() for path in MALFORMED.rglob("*") if path.is_file()}
    known = {*REASONS, *(f"conda-meta/{name}" for name in OF_CONDA), *(f"direct-url/{name}" for name in OF_PIP)}
    assert there == known


@pytest.mark.parametrize("path", REASONS)
def test_a_malformed_file_is_refused_by_name_and_reason(path: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        read_any(read_source(MALFORMED / path), path.split("/", 1)[0])
    assert Path(path).name in caught.value.summary
    assert REASONS[path] in caught.value.summary
    assert caught.value.advice


@pytest.mark.parametrize("name", OF_CONDA)
def test_a_broken_record_of_conda_is_named(tmp_path: Path, name: str) -> None:
    record = tmp_path / "conda-meta" / "numpy-2.2.0-0.json"
    record.parent.mkdir()
    record.write_bytes((MALFORMED / "conda-meta" / name).read_bytes())
    with pytest.raises(InvalidInput) as caught:
        read_prefix(tmp_path)
    assert str(record) in caught.value.summary
    assert OF_CONDA[name] in caught.value.summary


def _venv(folder: Path, metadata: bytes, origin: bytes = b"{}") -> Path:
    info = folder / "lib" / "python3.12" / "site-packages" / "rich-14.0.dist-info"
    info.mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("version = 3.12.7\n")
    (info / "METADATA").write_bytes(metadata)
    (info / "direct_url.json").write_bytes(origin)
    return folder


@pytest.mark.parametrize("name", OF_PIP)
def test_a_broken_origin_of_a_distribution_is_named(tmp_path: Path, name: str) -> None:
    folder = _venv(tmp_path, b"Name: rich\nVersion: 14.0\n", (MALFORMED / "direct-url" / name).read_bytes())
    with pytest.raises(InvalidInput) as caught:
        read_prefix(folder)
    assert OF_PIP[name] in caught.value.summary


@pytest.mark.parametrize("metadata", [b"", b"Name: rich\n", b"\xff\xfe", b"Name: a b c\nVersion: 1\n"])
def test_broken_metadata_of_a_distribution_names_its_folder(tmp_path: Path, metadata: bytes) -> None:
    with pytest.raises(InvalidInput, match=r"site-packages.*damaged"):
        read_prefix(_venv(tmp_path, metadata))


class PanicException(BaseException):
    """Named as those of extension modules in Rust, which cannot be imported."""


def test_a_panic_of_native_code_is_an_error_of_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    from rattler import LockFile

    def panic(_path: Path) -> None:
        raise PanicException("called `Result::unwrap()` on an `Err` value")

    monkeypatch.setattr(LockFile, "from_path", panic)
    with pytest.raises(InvalidInput, match=r"pixi\.lock: the library that reads this format stopped") as caught:
        read_any(text_source("pixi.lock", "version: 6\nenvironments: {}\npackages: []\n"), "pixi")
    assert "unwrap" in caught.value.details


def test_what_a_format_of_locks_cannot_hold_is_refused_by_its_writer() -> None:
    numpy = LockedPackage(
        "numpy", "2.2.0", "conda", "https://conda.example/forge/linux-64/numpy-2.2.0-0.conda", "a" * 64, "b" * 32, "0"
    )
    other = replace(numpy, version="2.2.1")
    twice = Lock("sha256:0", (), (PlatformLock("linux-64", "3.12", (numpy, other)),))
    with pytest.raises(InvalidInput, match=r"something that pixi\.lock cannot"):
        find_lock_format("pixi").write(twice, "linux-64")
    open_address = Lock("sha256:0", ("http://[::1",), (PlatformLock("linux-64", "3.12", (numpy,)),))
    with pytest.raises(InvalidInput, match=r"something that conda-lock\.yml cannot"):
        find_lock_format("conda-lock").write(open_address, "linux-64")


def test_half_a_surrogate_pair_in_json_is_refused() -> None:
    text = Lock("sha256:0", ("forge",), ()).to_json().replace("forge", "\\ud800")
    with pytest.raises(InvalidInput, match="half a surrogate pair"):
        parse_lock(text)
    assert parse_lock(text.replace("\\ud800", "\\ud83d\\ude00")).channels == ("\U0001f600",)


MARKERS = {"gpu": "'gpu' in extras", "dev": "'dev' in dependency_groups", "doc": "'doc' in dependency_groups"}


def test_a_marker_on_extras_is_evaluated_as_for_none(tmp_path: Path) -> None:
    """PEP 751 has the variables `extras` and `dependency_groups`, and a file names the groups that are the default."""
    wheel = 'wheels = [{ url = "https://files.example/a-1-py3-none-any.whl", hashes = {} }]\n'
    packages = "".join(
        f'[[packages]]\nname = "{name}"\nversion = "1"\nmarker = "{marker}"\n{wheel}'
        for name, marker in (
            ("gpu", "'gpu' in extras"),
            ("dev", "'dev' in dependency_groups"),
            ("doc", "'doc' in dependency_groups"),
        )
    )
    text = f'lock-version = "1.0"\ndefault-groups = ["dev"]\n{packages}'
    found = read_any(text_source("pylock.toml", text))
    assert [item.name for item in found.environment.python.pip] == ["dev"]


@pytest.mark.parametrize("form", ["conda-lock", "pixi"])
def test_a_list_without_hashes_is_exported_or_refused_by_name(form: str) -> None:
    text = "@EXPLICIT\nhttps://conda.example/forge/linux-64/numpy-2.2.0-py312_0.conda\n"
    lock = read_any(text_source("explicit.txt", text)).lock
    used = find_lock_format(form)
    assert lock is not None
    assert used.write is not None
    if form == "pixi":
        assert "numpy-2.2.0-py312_0.conda" in used.write(lock, "linux-64")
        return
    with pytest.raises(InvalidInput, match=r"MD5 hash of each conda package, and 1 have none: numpy 2\.2\.0"):
        used.write(lock, "linux-64")


LIMITS = {
    "line": ("requirements.txt", "a" * (MAX_LINE + 1), f"the most that is read is {MAX_LINE:,}"),
    "nested arrays": ("pyproject.toml", "a = " + "[" * 2000, f"nested more than {MAX_NESTING} deep"),
    "nested tables": ("pyproject.toml", "a = " + "{a = " * 2000, f"nested more than {MAX_NESTING} deep"),
    "dotted key": ("pyproject.toml", ".".join("a" * 40_000) + " = 1", f"a key has more than {MAX_NESTING} parts"),
    "quoted key": ("pylock.toml", " . ".join(['"a"'] * 5_000) + " = 1", f"a key has more than {MAX_NESTING} parts"),
    "long number": ("pyproject.toml", "a = " + "1" * 5_000, "a number in it is too long"),
    "nested list": ("environment.yml", "dependencies: " + "[" * 2000, "nested more than 100 deep"),
    "pixi": ("pixi.lock", "version: 6\nenvironments: " + "[" * 2000, f"nested more than {MAX_NESTING} deep"),
    "requirement": ("requirements.txt", "a" * 20_000 + ">=1", "the most that is read is 10,000"),
    "match spec": ("environment.yml", f"dependencies: [{'a' * 20_000}]", "the most that is read is 10,000"),
    "marker": ("requirements.txt", "a ; " + "(" * 2000, "more than 50 parentheses"),
    "surrogate": ("requirements.txt", "numpy # \ud800", "half a surrogate pair"),
}


@pytest.mark.parametrize("case", LIMITS)
def test_what_is_beyond_a_limit_is_refused_with_it(case: str) -> None:
    name, text, reason = LIMITS[case]
    with pytest.raises(EnvStudioError) as caught:
        read_any(text_source(name, text))
    assert name in caught.value.summary
    assert reason in caught.value.summary
    assert len(caught.value.summary) < 1000

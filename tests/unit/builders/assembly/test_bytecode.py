"""Bytecode is the same whoever compiles it when, and an interpreter takes it without looking at the source."""

from __future__ import annotations

import marshal
import os
import platform
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from envstudio.builders.assembly.bytecode import (
    Compilers,
    CompileServer,
    Interpreter,
    cached_path,
    is_compiled,
    survives,
)
from envstudio.builders.assembly.interpreters import find_interpreter
from envstudio.report import silent
from envstudio.settings import Settings

RELEASE = platform.python_version()
HERE = Interpreter(sys.executable, RELEASE)
MINOR = f"{sys.version_info.major}.{sys.version_info.minor}"


def compiled(*sources: tuple[str, bytes]) -> dict[str, bytes]:
    server = CompileServer(HERE)
    try:
        return {path: server.compiled(path, source) for path, source in sources}
    finally:
        server.close()


def standard_library() -> list[tuple[str, bytes]]:
    files = sorted(Path(sysconfig.get_path("stdlib")).glob("*.py"))
    return [(f"/opt/env/{file.name}", file.read_bytes()) for file in files]


def test_the_same_source_gives_the_same_bytes_whatever_was_compiled_before() -> None:
    sources = standard_library()
    assert len(sources) > 100
    assert compiled(*sources) == compiled(*reversed(sources))


def test_bytecode_names_the_path_in_the_image_and_is_never_checked() -> None:
    found = compiled(("/opt/env/lib/thing.py", b"def f():\n    return {'a', 'b'}\n"))["/opt/env/lib/thing.py"]
    assert survives(found[:8])
    assert marshal.loads(found[16:]).co_filename == "/opt/env/lib/thing.py"


def test_an_interpreter_runs_it_though_the_source_is_newer(tmp_path: Path) -> None:
    source = tmp_path / "thing.py"
    source.write_text("print('from the source')\n")
    target = tmp_path / cached_path("thing.py", MINOR)
    target.parent.mkdir()
    target.write_bytes(compiled((str(source), b"print('from the bytecode')\n"))[str(source)])
    os.utime(source, (2_000_000_000, 2_000_000_000))
    done = subprocess.run([sys.executable, "-c", "import thing"], cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout == "from the bytecode\n"


@pytest.mark.parametrize("source", [b"print 'two'", b"{{ template }} = 1 +", b"a = '\0'", b"# coding: nonsense\n"])
def test_what_is_not_python_has_no_bytecode_and_the_next_one_has(source: bytes) -> None:
    found = compiled(("/a.py", source), ("/b.py", b"x = 1\n"))
    assert found["/a.py"] == b""
    assert found["/b.py"]


def test_timestamps_do_not_survive_and_hashes_do(tmp_path: Path) -> None:
    import py_compile

    source = tmp_path / "thing.py"
    source.write_text("x = 1\n")
    for mode, lives in (("TIMESTAMP", False), ("CHECKED_HASH", True), ("UNCHECKED_HASH", True)):
        target = tmp_path / mode
        py_compile.compile(str(source), str(target), invalidation_mode=py_compile.PycInvalidationMode[mode])
        assert survives(target.read_bytes()[:8]) is lives


def test_paths_are_those_of_the_import_system() -> None:
    assert cached_path("a/b.py", "3.11") == "a/__pycache__/b.cpython-311.pyc"
    assert cached_path("b.py", "3.8") == "__pycache__/b.cpython-38.pyc"


def test_a_package_s_own_tests_are_left_out() -> None:
    assert is_compiled("numpy/testing/__init__.py")
    assert is_compiled("tests.py")
    assert not is_compiled("numpy/core/tests/test_a.py")
    assert not is_compiled("numpy/core.pyi")


def test_processes_are_lent_and_ended() -> None:
    with Compilers(HERE) as compilers:
        with compilers.borrow() as first, compilers.borrow() as second:
            assert first is not None
            assert second is not None
            assert first is not second
        with compilers.borrow() as again:
            assert again in (first, second)
    with Compilers(None) as none, none.borrow() as server:
        assert server is None


@pytest.fixture
def _own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))


@pytest.mark.usefixtures("_own_cache")
def test_the_release_that_is_wanted_is_found_and_remembered(tmp_path: Path) -> None:
    found = find_interpreter(RELEASE, Settings(), silent())
    assert found is not None
    assert found.release == RELEASE
    assert (tmp_path / "cache" / "interpreters.json").exists()
    assert find_interpreter(RELEASE, Settings(), silent()) == found


@pytest.mark.usefixtures("_own_cache")
def test_without_that_release_the_nearest_of_the_minor_version_compiles() -> None:
    unreachable = Settings(http_proxy="http://127.0.0.1:9", https_proxy="http://127.0.0.1:9")
    found = find_interpreter(f"{MINOR}.999", unreachable, silent())
    assert found is not None
    assert found.release.startswith(MINOR + ".")
    assert find_interpreter("3.99", unreachable, silent()) is None


@pytest.mark.usefixtures("_own_cache")
def test_a_package_is_compiled_once_and_a_damaged_file_again(tmp_path: Path) -> None:
    source = b"def f():\n    return 1\n"
    with Compilers(HERE) as compilers, compilers.of_package("one") as compiler:
        assert compiler is not None
        first = [compiler.compiled("/a.py", source), compiler.compiled("/b.py", b"not python")]
    assert first[0]
    nobody = Compilers(Interpreter("/nowhere/python", RELEASE))
    with nobody.of_package("one") as known:
        assert known is not None
        assert [known.compiled("/a.py", source), known.compiled("/b.py", b"not python")] == first
        assert known.compiled("/c.py", source) == b""
    (file,) = (tmp_path / "cache" / "bytecode").iterdir()
    file.write_bytes(file.read_bytes()[:-1])
    with Compilers(HERE) as compilers, compilers.of_package("one") as again:
        assert again is not None
        assert again.compiled("/a.py", source) == first[0]


@pytest.mark.usefixtures("_own_cache")
def test_bytecode_of_a_package_that_failed_is_not_kept(tmp_path: Path) -> None:
    def stopped() -> None:
        with Compilers(HERE) as compilers, compilers.of_package("one") as compiler:
            assert compiler is not None
            compiler.compiled("/a.py", b"x = 1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stopped()
    assert list((tmp_path / "cache" / "bytecode").iterdir()) == []

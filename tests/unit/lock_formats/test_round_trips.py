"""Each format of locks gives back what it was given, or refuses with the reason."""

from __future__ import annotations

import pytest

from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.errors import InvalidInput
from envstudio.formats import Source
from envstudio.formats.format import Choices
from envstudio.formats.source import text_source
from envstudio.lock_formats import LOCK_FORMATS, detect_lock, find_lock_format

CHANNEL = "https://conda.example/forge"


def conda(name: str, version: str, build: str) -> LockedPackage:
    url = f"{CHANNEL}/linux-64/{name}-{version}-{build}.conda"
    return LockedPackage(name, version, "conda", url, "a" * 64, "b" * 32, build)


def pip(name: str, version: str, tag: str = "py3-none-any") -> LockedPackage:
    url = f"https://files.example/{name}-{version}-{tag}.whl"
    return LockedPackage(name, version, "pip", url, "c" * 64)


PYTHON = conda("python", "3.12.7", "h1_0_cpython")
LOCK = Lock(
    "sha256:" + "0" * 64,
    (CHANNEL,),
    (
        PlatformLock(
            "linux-64",
            "3.12.7",
            sorted_packages([PYTHON, conda("numpy", "2.2.0", "py312_0"), pip("rich", "14.0")]),
        ),
    ),
)
PURE = Lock("sha256:" + "0" * 64, (), (PlatformLock("linux-64", "3.11", (pip("rich", "14.0", "cp311-cp311-any"),)),))


def read_back(format_id: str, lock: Lock, file_name: str) -> tuple[set[tuple[str, str, str, str]], str]:
    used = find_lock_format(format_id)
    assert used.write is not None
    source = Source(file_name, used.write(lock, "linux-64"))
    assert detect_lock(source) is used
    assert used.read is not None
    found = used.read(source, "back").lock.platform("linux-64")
    return {(item.manager, item.name, item.version, item.url) for item in found.packages}, found.python


@pytest.mark.parametrize(("format_id", "file_name"), [("conda-lock", "conda-lock.yml"), ("pixi", "pixi.lock")])
def test_whole_locks(format_id: str, file_name: str) -> None:
    packages, python = read_back(format_id, LOCK, file_name)
    assert packages == {(item.manager, item.name, item.version, item.url) for item in LOCK.platforms[0].packages}
    assert python == "3.12.7"


@pytest.mark.parametrize("format_id", ["conda-lock", "pixi"])
def test_hashes_survive(format_id: str) -> None:
    used = find_lock_format(format_id)
    assert used.write is not None
    assert used.read is not None
    found = used.read(Source("pixi.lock", used.write(LOCK, "")), "back").lock.platforms[0]
    assert {item.sha256 for item in found.packages} == {"a" * 64, "c" * 64}


def test_an_explicit_list_holds_conda_s_part() -> None:
    packages, _ = read_back("explicit", LOCK, "explicit.txt")
    assert {item[1] for item in packages} == {"python", "numpy"}


def test_pylock_holds_pip_s_part_for_its_python() -> None:
    lock = Lock(PURE.definition_digest, (), (PlatformLock("linux-64", "3.11.9", (pip("rich", "14.0"),)),))
    packages, python = read_back("pylock", lock, "pylock.toml")
    assert {item[1] for item in packages} == {"rich"}
    assert python == "3.11"


def test_requirements_name_addresses_and_hashes() -> None:
    used = find_lock_format("requirements")
    assert used.write is not None
    assert (
        used.write(LOCK, "linux-64")
        == f"rich @ https://files.example/rich-14.0-py3-none-any.whl --hash=sha256:{'c' * 64}\n"
    )


@pytest.mark.parametrize(
    ("format_id", "text", "reason"),
    [
        ("conda-lock", "version: 3\nmetadata: {}\npackage: []\n", "version 1"),
        ("conda-lock", "version: 1\nmetadata: {}\npackage: []\n", "field required"),
        ("pixi", "version: 99\nenvironments: {}\npackages: []\n", "pixi.lock that rattler reads"),
        ("pylock", "lock-version = 2\n", "version 1"),
        ("pylock", "= broken", "valid TOML"),
        ("explicit", "@EXPLICIT\n", "empty"),
        ("explicit", "@EXPLICIT\nnumpy=2\n", "line 2"),
    ],
)
def test_what_is_no_lock_is_refused(format_id: str, text: str, reason: str) -> None:
    used = find_lock_format(format_id)
    assert used.read is not None
    with pytest.raises(InvalidInput) as caught:
        used.read(Source("file", text), "back")
    assert reason in caught.value.summary
    assert caught.value.advice


def test_every_format_has_an_id_of_its_own() -> None:
    assert len({item.id for item in LOCK_FORMATS}) == len(LOCK_FORMATS)


def test_the_project_of_a_pixi_lock_is_left_out_and_told() -> None:
    text = """\
version: 6
environments:
  default:
    channels: []
    indexes: [https://index.example/simple]
    packages:
      linux-64:
      - pypi: https://files.example/six-1.16.0-py2.py3-none-any.whl
      - pypi: ./
packages:
- pypi: https://files.example/six-1.16.0-py2.py3-none-any.whl
  name: six
  version: 1.16.0
  sha256: 8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254
- pypi: ./
  name: myproj
  version: 0.1.0
  sha256: 8abb2f1d86890a2dfb989f9a77cfcfd3e47c2a354b01111771326f8aa26e0254
  editable: true
"""
    form = find_lock_format("pixi")
    assert form.read is not None
    found = form.read(text_source("pixi.lock", text), "x")
    assert [item.name for item in found.lock.platforms[0].packages] == ["six"]
    assert [(item.code, item.where) for item in found.problems] == [("project-left-out", "pip.myproj")]


@pytest.mark.parametrize("mark", ["#sha256=", "#sha256:", " --hash=sha256:"])
def test_the_hash_of_a_pip_comment_in_an_explicit_list_counts(mark: str) -> None:
    wheel = "https://files.example/six-1.16.0-py2.py3-none-any.whl"
    text = f"# platform: linux-64\n@EXPLICIT\n# pip six @ {wheel}{mark}{'8' * 64}\n"
    form = find_lock_format("explicit")
    assert form.read is not None
    (six,) = form.read(text_source("conda-linux-64.lock", text), "x").lock.platforms[0].packages
    assert (six.name, six.version, six.sha256, six.url) == ("six", "1.16.0", "8" * 64, wheel)


def test_a_lock_of_several_platforms_gives_a_definition_that_can_be_edited() -> None:
    mac = PlatformLock(
        "osx-arm64",
        "3.12.7",
        sorted_packages([PYTHON, conda("numpy", "2.1.0", "py312_9"), pip("rich", "13.0"), pip("appnope", "0.1")]),
    )
    linux = PlatformLock(
        "linux-64",
        "3.12.7",
        sorted_packages([PYTHON, conda("numpy", "2.2.0", "py312_0"), conda("libgcc", "15", "0"), pip("rich", "14.0")]),
    )
    for form in ("conda-lock", "pixi"):
        used = find_lock_format(form)
        assert used.write is not None
        assert used.read is not None
        text = used.write(Lock("sha256:" + "0" * 64, (CHANNEL,), (linux, mac)), "")
        found = used.read(Source(f"x.{form}" if form == "conda-lock" else "pixi.lock", text), "back")
        python = found.environment.python
        assert [item.text for item in python.conda] == ["numpy ==2.2.0|==2.1.0", "python ==3.12.7"]
        assert sorted(item.line for item in python.pip) == [
            "appnope==0.1 ; (sys_platform == 'darwin' and platform_machine == 'arm64')",
            "rich==13.0 ; (sys_platform == 'darwin' and platform_machine == 'arm64')",
            "rich==14.0 ; (sys_platform == 'linux' and platform_machine == 'x86_64')",
        ]
        requested = {item.name for item in found.lock.platform("linux-64").packages if item.requested}
        assert requested == {"numpy", "python", "rich"}


def test_one_platform_of_several_is_chosen() -> None:
    both = Lock("sha256:" + "0" * 64, (CHANNEL,), (LOCK.platforms[0], PlatformLock("osx-arm64", "", (PYTHON,))))
    for form in ("conda-lock", "pixi"):
        used = find_lock_format(form)
        assert used.write is not None
        assert used.read is not None
        source = Source("pixi.lock", used.write(both, ""), choices=Choices(platform="linux-64"))
        found = used.read(source, "back")
        assert found.lock.platform_names == ("linux-64",)
        assert "numpy=2.2.0=py312_0" in {item.text for item in found.environment.python.conda}
        with pytest.raises(InvalidInput, match="has no packages for win-64"):
            used.read(Source("pixi.lock", source.text, choices=Choices(platform="win-64")), "back")


def test_a_category_of_conda_lock_is_imported_if_it_is_chosen() -> None:
    used = find_lock_format("conda-lock")
    assert used.write is not None
    assert used.read is not None
    head, _, rest = used.write(LOCK, "").partition("- name: numpy")
    text = f"{head}- name: numpy{rest.replace('category: main', 'category: docs', 1)}"
    found = used.read(Source("conda-lock.yml", text), "back")
    assert {item.name for item in found.lock.platforms[0].packages} == {"python", "rich"}
    assert [item.message for item in found.problems] == ["The category docs is not imported: numpy."]
    chosen = used.read(Source("conda-lock.yml", text, choices=Choices(groups=("docs",))), "back")
    assert {item.name for item in chosen.lock.platforms[0].packages} == {"python", "rich", "numpy"}
    assert chosen.problems == ()


@pytest.mark.parametrize(
    "line",
    [f"#{'a' * 64}", f"# sha256: {'A' * 64}", f"--hash={'a' * 64}", f"# sha256={'a' * 64}", f"  {'a' * 64}"],
)
def test_a_hash_on_the_next_line_of_an_explicit_list_counts(line: str) -> None:
    used = find_lock_format("explicit")
    assert used.read is not None
    text = (
        f"@EXPLICIT\n{CHANNEL}/linux-64/numpy-2.2.0-py312_0.conda\n{line}\n{CHANNEL}/noarch/six-1-0.conda#{'B' * 32}\n"
    )
    found = {item.name: item for item in used.read(Source("x.lock", text), "x").lock.platforms[0].packages}
    assert found["numpy"].sha256 == "a" * 64
    assert (found["six"].md5, found["six"].sha256) == ("b" * 32, "")

"""Harmless text of any size, of the kinds that readers have taken a time for that grows with the square."""

from __future__ import annotations

from collections.abc import Callable

LONGEST = 99_000
"""Characters of one line, just below what is read at all."""


def lines(line: str, size: int) -> str:
    """Return a line over and over; `#` in it is a number that counts up."""
    if "#" not in line:
        return line * (size // len(line))
    head, _, tail = line.partition("#")
    return "".join(f"{head}{number}{tail}" for number in range(size // (len(line) + 5)))


def _line(unit: str, size: int) -> str:
    return unit * (min(size, LONGEST) // len(unit))


DEPENDENCIES = "dependencies:\n"
NATIVE = "schema: 1\nname: a\n"
POETRY = "[tool.poetry.dependencies]\n"
PROJECT = "[project]\nname = 'a'\n"
PYLOCK = "lock-version = '1.0'\n"
CONDA_LOCK = (
    "version: 1\nmetadata:\n  content_hash: {}\n  channels: []\n  platforms: [linux-64]\n  sources: []\npackage:\n"
)
CONDA_PACKAGE = (
    "- {name: a#, version: '1', manager: conda, platform: linux-64, dependencies: {}, category: main, optional: false, "
    f"url: https://conda.example/x/linux-64/a-1-0.conda, hash: {{md5: {'b' * 32}}}}}\n"
)
PIP_FILE = "https://files.example/a-1-py3-none-any.whl"

CASES: dict[str, dict[str, Callable[[int], str]]] = {
    "requirements.txt": {
        "blanks": lambda size: "a" + _line(" ", size),
        "blanks in many lines": lambda size: lines("a" + " " * LONGEST + "\n", size),
        "blanks and tabs": lambda size: lines("a" + " \t" * (LONGEST // 2) + "\n", size),
        "different names": lambda size: lines("a#\n", size),
        "different pins": lambda size: lines("a#==1.0\n", size),
        "continuations": lambda size: lines("a \\\n", size),
        "an option with continuations": lambda size: "--index-url \\\n" + lines("aaaaaaaa\\\n", size),
        "long options": lambda size: lines("--index-url " + "a" * LONGEST + "\n", size),
        "hashes": lambda size: "a==1 " + lines("--hash=sha256:aa \\\n", size),
        "long names": lambda size: lines("a" * 9_000 + "\n", size),
        "hyphens": lambda size: lines("./" + "a-" * 4_000 + "\n", size),
        "extras": lambda size: lines("a[" + "b," * 4_000 + "b]\n", size),
        "bounds": lambda size: lines("a" + ">=1," * 2_000 + ">=1\n", size),
        "colons in an address": lambda size: lines("x @ https://" + ":" * 9_000 + "\n", size),
        "quotes": lambda size: lines('--index-url "' + "a' " * 9_000 + "\n", size),
        "included files": lambda size: lines("-r no-such-file.txt\n", size),
        "markers": lambda size: lines("a# ; python_version > '3' and (os_name == 'a' or os_name == 'b')\n", size),
    },
    "environment.yml": {
        "different names": lambda size: DEPENDENCIES + lines("- a#=1\n", size),
        "one name": lambda size: DEPENDENCIES + lines("- a\n", size),
        "a flow list": lambda size: f"dependencies: [{_line('a,', size)}a]\n",
        "different pins of pip": lambda size: DEPENDENCIES + "- pip:\n" + lines("  - a#==1.0\n", size),
        "variables": lambda size: DEPENDENCIES + "- a\nvariables:\n" + lines("  A#: x\n", size),
        "selectors": lambda size: f"{DEPENDENCIES}- a {_line('#[linux', size)}\n",
        "colons in a number": lambda size: f"name: 1{_line(':1', size)}\n{DEPENDENCIES}- a\n",
        "a long number": lambda size: f"name: 0x{_line('f', size)}\n{DEPENDENCIES}- a\n",
        "merged mappings": lambda size: (
            DEPENDENCIES + "- a\nx:\n" + lines("- &a# {k: 1}\n", size // 2) + "y:\n" + lines("  <<: *a#\n", size // 4)
        ),
        "comments": lambda size: DEPENDENCIES + "- a\n" + lines("# a\n", size),
    },
    "envstudio.yml": {
        "conda packages": lambda size: f"{NATIVE}python:\n  conda:\n" + lines("  - a#=1\n", size),
        "variables": lambda size: f"{NATIVE}variables:\n" + lines("  A#: x\n", size),
        "tags": lambda size: f"{NATIVE}tags:\n" + lines("  A#: x\n", size),
        "carried": lambda size: f"{NATIVE}carried:\n" + lines("  A#: 1\n", size),
    },
    "pyproject.toml": {
        "dotted keys": lambda size: PROJECT + lines("a#.b = 1\n", size),
        "one dotted key": lambda size: _line("a.", size) + "a = 1\n",
        "long dotted keys": lambda size: PROJECT + lines("a" + ".a" * 90 + ".b# = 1\n", size),
        "long headers": lambda size: lines("[a" + ".a" * 90 + ".b#]\n", size),
        "tables of a list": lambda size: lines("[[a" + ".a" * 90 + "]]\n", size),
        "different names": lambda size: PROJECT + "dependencies = [\n" + lines("'a#',\n", size) + "]\n",
        "constraints": lambda size: POETRY + lines("a# = '^1.2'\n", size),
        "blanks in a constraint": lambda size: f"{POETRY}a = '1{_line(' ', size)}|2'\n",
        "alternatives": lambda size: f"{POETRY}a = '{_line('1||', size)}2'\n",
        "brackets": lambda size: "a = " + _line("[", size),
    },
    "Dockerfile": {
        "empty lines": lambda size: "FROM a\n" + "\n" * size,
        "lines of blanks": lambda size: "FROM a\n" + lines(" \n", size),
        "blanks in FROM": lambda size: "FROM " + _line(" ", size) + "\n",
        "blanks after FROM": lambda size: "FROM a" + _line(" ", size) + "b\n",
        "flags of FROM": lambda size: "FROM " + _line("--a ", size) + "\n",
        "stages": lambda size: lines("FROM a AS b\n", size),
        "continuations": lambda size: "FROM a\nRUN " + lines("a \\\n", size),
        "files": lambda size: "FROM a\nCOPY " + _line("a ", size) + "\n",
        "here-documents": lambda size: "FROM a\nRUN " + _line("<<A ", size) + "\n" + lines("A\n", size),
        "directives": lambda size: lines("# a=b\n", size) + "FROM a\n",
    },
    "conda-lock.yml": {
        "packages": lambda size: CONDA_LOCK + lines(CONDA_PACKAGE, size),
        "numbers": lambda size: CONDA_LOCK + lines("- 1\n", size),
        "half packages": lambda size: CONDA_LOCK + lines("- manager: pip\n", size),
    },
    "pixi.lock": {"brackets": lambda size: "version: 6\nenvironments: " + _line("[", size)},
    "pylock.toml": {
        "packages": lambda size: (
            PYLOCK
            + lines(
                f"[[packages]]\nname = 'a#'\nversion = '1'\nsdist = {{ url = '{PIP_FILE}', hashes = {{}} }}\n", size
            )
        ),
        "wheels": lambda size: (
            f"{PYLOCK}[[packages]]\nname = 'a'\nversion = '1'\nwheels = [\n"
            + lines(f"{{ url = '{PIP_FILE}', hashes = {{}} }},\n", size)
            + "]\n"
        ),
    },
    "explicit.txt": {
        "packages": lambda size: "@EXPLICIT\n" + lines("https://conda.example/x/linux-64/a#-1-0.conda\n", size),
        "comments": lambda size: "@EXPLICIT\n" + lines("# pip a\n", size),
    },
    ".env": {
        "open quotes": lambda size: lines('A="x\n', size),
        "open quotes of two kinds": lambda size: lines("A='x\nB=\"x\n", size),
        "escapes": lambda size: lines('A="\\\\\n', size),
        "blanks": lambda size: "A=b" + " " * size + "c",
    },
}

"""What is installed in a conda prefix or a virtual environment becomes a definition."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from envstudio.domain.check_packages import check_sources
from envstudio.errors import InvalidInput
from envstudio.formats import detect
from envstudio.formats.prefix import is_prefix, read_prefix
from envstudio.tasks.read_path import read_any, source_of


def _record(prefix: Path, name: str, version: str, **facts: object) -> None:
    meta = prefix / "conda-meta" / f"{name}-{version}-h0_0.json"
    meta.parent.mkdir(parents=True, exist_ok=True)
    meta.write_text(json.dumps({"name": name, "version": version, "build": "h0_0", **facts}))


def _distribution(prefix: Path, name: str, version: str, installer: str, **files: str) -> None:
    folder = prefix / "lib" / "python3.12" / "site-packages" / f"{name}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    (folder / "INSTALLER").write_text(f"{installer}\n")
    for file, text in files.items():
        (folder / f"{file}.json").write_text(text)


def test_a_conda_prefix_tells_what_was_asked_and_what_pip_put_on_top(tmp_path: Path) -> None:
    prefix = tmp_path / "churn"
    address = "https://conda.anaconda.org/conda-forge/linux-64"
    _record(prefix, "python", "3.12.7", channel=address, requested_spec="python=3.12")
    _record(prefix, "numpy", "2.2.0", channel=address, requested_specs=["numpy>=2"])
    _record(prefix, "openssl", "3.4.0", channel="https://conda.example/inner/linux-64", requested_spec="None")
    _record(prefix, "libzlib", "1.3.1", channel=address)
    _distribution(prefix, "numpy", "2.2.0", "conda")
    _distribution(prefix, "rich", "13.9.4", "pip")
    origin = {"url": "https://git.example/team/tools", "vcs_info": {"vcs": "git", "commit_id": "0" * 40}}
    _distribution(prefix, "team_tools", "1.0", "uv", direct_url=json.dumps(origin))
    source = source_of(prefix)
    environment = read_any(source).environment
    assert environment.name == "churn"
    assert environment.python.channels == ("conda-forge", "https://conda.example/inner")
    assert {item.text for item in environment.python.conda} >= {"python=3.12.7", "numpy=2.2.0"}
    assert {item.name for item in environment.python.conda} == {"python", "numpy"}
    assert [item.text for item in environment.python.pip] == [
        "rich==13.9.4",
        f"team_tools @ git+https://git.example/team/tools@{'0' * 40}",
    ]


def test_a_conda_prefix_without_history_is_taken_whole(tmp_path: Path) -> None:
    _record(tmp_path / "env", "python", "3.12.7")
    _record(tmp_path / "env", "libzlib", "1.3.1")
    source = read_prefix(tmp_path / "env")
    assert detect(source).id == "native"
    assert "libzlib=1.3.1" in source.text
    assert f"name: {tmp_path.name}".lower().replace("_", "-") in source.text.lower().replace("_", "-")


def test_a_virtual_environment(tmp_path: Path) -> None:
    location = tmp_path / "churn" / ".venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(location)], check=True)
    assert is_prefix(location)
    with pytest.raises(InvalidInput, match="Nothing is installed"):
        read_prefix(location)
    minor = f"{sys.version_info.major}.{sys.version_info.minor}"
    _distribution(location, "rich", "13.9.4", "pip")
    (location / "lib" / f"python{minor}" / "site-packages").mkdir(parents=True, exist_ok=True)
    source = read_prefix(location)
    assert (source.file_name, detect(source).id) == (".venv", "native")
    text = source.text
    assert "name: churn" in text
    assert f'version: "{minor}"' in text
    assert "- rich==13.9.4" in text


@pytest.mark.parametrize(
    ("origin", "line", "code"),
    [
        ({"url": "file:///srv/my%20work", "dir_info": {"editable": True}}, "-e /srv/my work", "local-path"),
        ({"url": "file:///srv/tool", "dir_info": {}}, "tool @ file:///srv/tool", "local-path"),
        (
            {"url": "file:///srv/tool-1.0.whl", "archive_info": {"hashes": {"sha256": "0" * 64}}},
            f"tool @ file:///srv/tool-1.0.whl#sha256={'0' * 64}",
            "local-path",
        ),
        (
            {"url": "https://files.example/all.zip", "archive_info": {}, "subdirectory": "tool"},
            "tool @ https://files.example/all.zip#subdirectory=tool",
            "",
        ),
        (
            {
                "url": "https://git.example/all",
                "vcs_info": {"vcs": "git", "commit_id": "0" * 40},
                "subdirectory": "tool",
            },
            f"tool @ git+https://git.example/all@{'0' * 40}#subdirectory=tool",
            "",
        ),
    ],
)
def test_where_a_package_came_from_is_said_as_pip_freeze_does(
    tmp_path: Path, origin: dict[str, object], line: str, code: str
) -> None:
    prefix = tmp_path / "env"
    _distribution(prefix, "tool", "1.0", "pip", direct_url=json.dumps(origin))
    (prefix / "pyvenv.cfg").write_text("version = 3.12.7\n")
    environment = read_any(source_of(prefix)).environment
    assert [item.line for item in environment.python.pip] == [line]
    assert {item.code for item in check_sources(environment)} == ({code} if code else set())


def test_a_folder_that_is_no_prefix(tmp_path: Path) -> None:
    assert not is_prefix(tmp_path)
    with pytest.raises(InvalidInput, match="holds no definition"):
        source_of(tmp_path)

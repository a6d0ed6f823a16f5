"""Files come in as text whatever their encoding and line ends, or are refused with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from envstudio.errors import InvalidInput, NotFound
from envstudio.formats.source import read_source


@pytest.mark.parametrize(
    "data",
    [
        "é\nb\n".encode(),
        "é\nb\n".encode("utf-8-sig"),
        "é\nb\n".encode("utf-16"),
        b"\xfe\xff" + "é\nb\n".encode("utf-16-be"),
        "é\r\nb\r\n".encode(),
        "é\rb\r".encode(),
    ],
)
def test_encodings_and_line_ends_give_one_text(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    source = read_source(path)
    assert source.text == "é\nb\n"
    assert source.folder == tmp_path
    assert source.file_name == "a.txt"


def test_pips_encoding_declaration_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_bytes("# -*- coding: latin-1 -*-\n# é\nnumpy\n".encode("latin-1"))
    assert "é" in read_source(path).text


@pytest.mark.parametrize("data", [b"a\nb\xff\n", "a\nb\n".encode("utf-32"), b"a\nb\0c", b"# coding: rot13\n\xff"])
def test_other_bytes_are_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    with pytest.raises(InvalidInput, match=r"a.txt, line \d") as caught:
        read_source(path)
    assert "UTF-8" in caught.value.advice


def test_the_offending_byte_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a\nb\xff\n")
    with pytest.raises(InvalidInput, match=r"line 2: byte 3 \(0xff\)"):
        read_source(path)


def test_a_file_of_100_mb_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.yml"
    with path.open("wb") as file:
        file.truncate(100 * 1024 * 1024)
    with pytest.raises(InvalidInput, match="larger than 20 MB"):
        read_source(path)


def test_a_missing_file_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no file"):
        read_source(tmp_path / "absent.yml")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="is a folder"):
        read_source(tmp_path)


def test_a_path_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("x")
    with pytest.raises(InvalidInput, match="cannot be read"):
        read_source(tmp_path / "a" / "b")

"""Image structures against the words of their specifications."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest

from envstudio.builders.assembly.oci import (
    LayerBlob,
    OciImage,
    blobs_to_send,
    chain_ids,
    docker_archive,
    full_name,
    layers_to_send,
    oci_archive,
    write_layout,
)
from envstudio.report import silent


def blob(text: bytes) -> LayerBlob:
    return LayerBlob("sha256:" + hashlib.sha256(text).hexdigest(), len(text), ("x",), lambda: iter([text]))


LAYERS = (blob(b"base"), blob(b"first"), blob(b"second"))
IMAGE = OciImage({"architecture": "amd64", "os": "linux", "rootfs": {"diff_ids": []}}, LAYERS)


def names(archive: bytes) -> list[str]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        return opened.getnames()


def test_chain_ids_are_the_specification_s() -> None:
    first, second = "sha256:" + "a" * 64, "sha256:" + "b" * 64
    assert chain_ids([first]) == [first]
    assert chain_ids([first, second])[1] == "sha256:" + hashlib.sha256(f"{first} {second}".encode()).hexdigest()


def test_a_docker_archive_leaves_out_what_stands_on_known_chains() -> None:
    known = set(chain_ids([layer.diff_id for layer in LAYERS])[:2])
    found = names(b"".join(docker_archive(IMAGE, ["a:1"], known)))
    assert [name for name in found if name.endswith("layer.tar")] == [f"{LAYERS[2].diff_id[7:]}/layer.tar"]
    assert layers_to_send(IMAGE, known) == 1
    assert layers_to_send(IMAGE, {LAYERS[2].diff_id}) == 3


def test_an_oci_archive_leaves_out_known_blobs_and_names_the_image() -> None:
    archive = b"".join(oci_archive(IMAGE, ["team/a:1", "registry.example/b:2"], {LAYERS[0].diff_id}))
    found = names(archive)
    assert f"blobs/sha256/{LAYERS[0].diff_id[7:]}" not in found
    assert f"blobs/sha256/{LAYERS[1].diff_id[7:]}" in found
    assert blobs_to_send(IMAGE, {LAYERS[0].diff_id}) == 2
    with tarfile.open(fileobj=io.BytesIO(archive)) as opened:
        index = json.loads(opened.extractfile("index.json").read())  # type: ignore[union-attr]
    given = [entry["annotations"]["io.containerd.image.name"] for entry in index["manifests"]]
    assert given == ["docker.io/team/a:1", "registry.example/b:2"]


@pytest.mark.parametrize(
    ("tag", "name"),
    [
        ("a", "docker.io/library/a:latest"),
        ("a:1", "docker.io/library/a:1"),
        ("team/a:1", "docker.io/team/a:1"),
        ("localhost/a", "localhost/a:latest"),
        ("registry.example:5000/a/b:1", "registry.example:5000/a/b:1"),
    ],
)
def test_full_names(tag: str, name: str) -> None:
    assert full_name(tag) == name


def test_a_layout_holds_every_blob_under_its_digest(tmp_path: Path) -> None:
    digest = write_layout(IMAGE, tmp_path, "a:1", {}, silent())
    for path in (tmp_path / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert json.loads((tmp_path / "index.json").read_text())["manifests"][0]["digest"] == digest


def test_a_layout_keeps_images_under_other_names(tmp_path: Path) -> None:
    for reference in ("b:1", "a:1", "a:1"):
        write_layout(IMAGE, tmp_path, reference, {}, silent())
    index = json.loads((tmp_path / "index.json").read_text())
    assert [item["annotations"]["org.opencontainers.image.ref.name"] for item in index["manifests"]] == ["a:1", "b:1"]

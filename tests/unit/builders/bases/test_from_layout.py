"""Base images from an OCI layout are what their digests say, and nothing outside the layout is read."""

from __future__ import annotations

import io
import json
import tarfile
from pathlib import Path

import pytest

from envstudio.builders.assembly.oci import OciImage, file_layer, write_layout
from envstudio.builders.bases import from_layout
from envstudio.errors import EnvStudioError, InvalidInput
from envstudio.report import silent


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a layout of one layer, which holds what a distribution's does: absolute links and a device."""
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    tar = tmp_path / "layer.tar"
    with tarfile.open(tar, "w") as archive:
        for name, kind, target in (
            ("usr/bin/python3", tarfile.SYMTYPE, "python3.11"),
            ("bin/sh", tarfile.SYMTYPE, "/usr/bin/dash"),
            ("dev/null", tarfile.CHRTYPE, ""),
        ):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, target
            archive.addfile(member)
        status = tarfile.TarInfo("var/lib/dpkg/status")
        status.size = 4
        archive.addfile(status, io.BytesIO(b"text"))
    layer = file_layer(tar, "base")
    config = {"architecture": "amd64", "os": "linux", "config": {}, "rootfs": {"diff_ids": [layer.diff_id]}}
    write_layout(OciImage(config, (layer,)), tmp_path / "layout", "base:1", {}, silent())
    return tmp_path / "layout"


def edited(layout: Path, old: str, new: str) -> None:
    index = layout / "index.json"
    index.write_text(index.read_text().replace(old, new))


def test_a_whole_layout_is_a_base(layout: Path) -> None:
    base = from_layout.base_of(layout)
    assert base.python == ("/usr/bin/python3.11", "3.11")
    assert len(base.layers) == 1


def test_a_layer_that_changed_is_rejected(layout: Path) -> None:
    base = from_layout.base_of(layout)
    blob = layout / "blobs/sha256" / base.layers[0].diff_id.removeprefix("sha256:")
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    with pytest.raises(EnvStudioError, match="is not what its digest says"):
        from_layout.base_of(layout)


def test_a_configuration_that_changed_is_rejected(layout: Path) -> None:
    blob = layout / "blobs/sha256" / from_layout.base_of(layout).digest.removeprefix("sha256:")
    blob.write_bytes(blob.read_bytes().replace(b"amd64", b"arm64"))
    with pytest.raises(EnvStudioError, match="is not what its digest says"):
        from_layout.base_of(layout)


@pytest.mark.parametrize(
    "digest", ["sha256:../../../outside.json", "../outside.json", "sha512:00", "sha256:" + "A" * 64]
)
def test_a_digest_that_is_none_leads_nowhere(layout: Path, digest: str) -> None:
    (layout.parent / "outside.json").write_text("{}")
    (entry,) = json.loads((layout / "index.json").read_text())["manifests"]
    edited(layout, entry["digest"], digest)
    with pytest.raises(InvalidInput, match=r"has an invalid digest|is not an OCI image layout"):
        from_layout.base_of(layout)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"manifests": []}', '{"manifests": [1]}', "[" * 100_000])
def test_what_is_no_layout_is_told(layout: Path, text: str) -> None:
    (layout / "index.json").write_text(text)
    with pytest.raises(InvalidInput, match="is not an OCI image layout"):
        from_layout.base_of(layout)


def test_a_missing_layer_is_told(layout: Path) -> None:
    base = from_layout.base_of(layout)
    (layout / "blobs/sha256" / base.layers[0].diff_id.removeprefix("sha256:")).unlink()
    with pytest.raises(InvalidInput, match="lacks the layer"):
        from_layout.base_of(layout)

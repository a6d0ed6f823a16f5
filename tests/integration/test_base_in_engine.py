"""An image on a base that only the engine has: its layers' sizes are the engine's, or are said to be unknown."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from disks import tiny_disk
from real_parts import BaseImage, Recorder

from envstudio.builders import bases
from envstudio.builders.assembly.oci import OciImage, docker_archive
from envstudio.builders.bases.work_folder import OWNER, PREFIX
from envstudio.cli.main import run
from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import build, plan
from envstudio.tasks.prune_images import freed_bytes, prune_plan

ROOT, TWO, ODD = "envstudio-test/root:1", "envstudio-test/two-layers:1", "envstudio-test/odd:1"
MEGABYTE = 1_000_000


@pytest.fixture
def two_layers(base: BaseImage, engine: Engine, recorder: Recorder) -> Iterator[str]:
    """Yield the name of a base of two layers; the one of another name has lost its history."""
    found = bases.find(base.source, "linux/amd64", Settings(), engine, recorder)
    config = {"architecture": "amd64", "os": "linux", "config": dict(found.config)}
    config["rootfs"] = {"type": "layers", "diff_ids": [layer.diff_id for layer in found.layers]}
    engine.load(docker_archive(OciImage(config, found.layers), [ODD], set()), recorder)
    config["history"] = [{"created_by": "mmdebstrap"} for _ in found.layers]
    engine.load(docker_archive(OciImage(config, found.layers), [ROOT], set()), recorder)
    files = {"Dockerfile": f"FROM {ROOT}\nCOPY file /file\n".encode(), "file": b"x" * 3 * MEGABYTE}
    for _ in engine.build([_tar(files)], dockerfile="Dockerfile", tags=[TWO], report=recorder):
        pass
    yield TWO
    for tag in (ODD, TWO, ROOT):
        engine.remove_image(tag, force=True)


def _tar(files: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def register(library: Library, base: BaseImage, image: str, spec: str = "iniconfig") -> None:
    packages = Python(version=base.python, pip=(pip_requirement(spec),))
    library.versions.register(Environment("sized", packages, Image(base=image)))


def test_the_sizes_of_a_base_s_layers_are_the_engine_s(
    library: Library, base: BaseImage, clean_engine: Engine, two_layers: str, recorder: Recorder
) -> None:
    register(library, base, two_layers, "iniconfig==2.0.0")
    image = build(library, Settings(), "sized", report=recorder).image
    lowest, second, *_ = (layer.size for layer in image.contents)
    assert lowest > 50 * MEGABYTE
    assert second == 3 * MEGABYTE
    assert all(layer.size for layer in image.contents)
    register(library, base, two_layers, "iniconfig>2.0.0")
    step = plan(library, Settings(), "sized:1", report=recorder).steps[0]
    assert step.startswith(f"base {TWO} (sha256:")
    assert step.endswith(" MB")
    assert ", 2 layers, " in step

    build(library, Settings(), "sized:2", report=recorder)
    found = prune_plan(library, Settings())
    assert [item.version for item in found.removed] == [1]
    assert 0 < found.freed < MEGABYTE
    assert freed_bytes(found.removed, ()) > 50 * MEGABYTE, "the base is counted where the engine has it no more"


def test_without_a_history_the_sizes_are_unknown(
    library: Library,
    base: BaseImage,
    clean_engine: Engine,
    two_layers: str,
    recorder: Recorder,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    register(library, base, ODD)
    image = build(library, Settings(), "sized", report=recorder).image
    under = len(clean_engine.find(ODD).diff_ids)  # type: ignore[union-attr]
    sizes = [layer.size for layer in image.contents[:under]]
    assert sizes == [0] * under
    assert [layer.to_json()["size"] for layer in image.contents[:under]] == [None] * under
    assert plan(library, Settings(), "sized", report=recorder).steps[0].endswith("size unknown")
    assert run(["--library", str(tmp_path / "library.sqlite"), "image", "show", "sized"], lambda *_: 0) == 0
    shown = capsys.readouterr().out
    assert "unknown" in shown
    assert " 0 B" not in shown


def test_a_full_cache_fails_the_build_in_plain_words(
    library: Library,
    base: BaseImage,
    clean_engine: Engine,
    two_layers: str,
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    register(library, base, two_layers, "numpy")
    with tiny_disk(tmp_path / "cache", 1000) as cache:
        monkeypatch.setenv("ENVSTUDIO_CACHE", str(cache))
        with pytest.raises(EnvStudioError, match="cannot be written: the disk is full") as caught:
            build(library, Settings(), "sized", report=recorder)
        assert str(cache) in caught.value.summary
        assert list(cache.rglob("*.part")) == []
    record = library.builds.list("sized")[0]
    assert (record.status, record.error) == ("failed", caught.value.summary)


def test_a_full_cache_of_conda_packages_is_told(
    library: Library,
    channel: Path,
    two_layers: str,
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    python = Python(channels=(channel.as_uri(),), conda=(conda_requirement("python"),))
    library.versions.register(Environment("conda", python, Image(base=two_layers)))
    with tiny_disk(tmp_path / "cache", 4000) as cache:
        monkeypatch.setenv("ENVSTUDIO_CACHE", str(cache))
        with pytest.raises(EnvStudioError, match="the disk is full"):
            build(library, Settings(), "conda", report=recorder)


def test_pruning_sweeps_what_a_killed_maker_left(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path))
    left = tmp_path / "bases" / f"{PREFIX}killed"
    left.mkdir(parents=True)
    (left / OWNER).write_text("")
    words = ["--library", str(tmp_path / "library.sqlite"), "image", "prune"]
    assert run([*words, "--dry-run"], lambda *_: 0) == 0
    assert left.exists()
    assert run(words, lambda *_: 0) == 0
    assert not left.exists()
    messages = capsys.readouterr()
    assert "Nothing to remove." in messages.out
    assert "of base images whose making was killed" in messages.err

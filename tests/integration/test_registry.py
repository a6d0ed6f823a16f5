"""Pushing to and reading from a real registry, with and without a password, over connections that break."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Recorder, lacking
from registries import LOGIN, BreakingProxy, registry

from envstudio.builders import bases
from envstudio.builders.assembly.oci import LayerBlob, OciImage
from envstudio.builders.assembly.push import push
from envstudio.builders.bases import from_registry
from envstudio.cli.remedies import hint_of
from envstudio.credentials import Login, keep_login
from envstudio.domain.environment import Environment, Image, Python
from envstudio.domain.image_name import parse_name
from envstudio.domain.reference import parse_reference
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine
from envstudio.errors import Cancelled, EnvStudioError, NotFound, Unavailable
from envstudio.library import Library
from envstudio.registry import Blob, Registry
from envstudio.report import Report
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build
from envstudio.tasks.images import find_image, images
from envstudio.tasks.prune_images import prune, prune_plan, remove_image
from envstudio.tasks.push_image import push_image

SETTINGS = Settings()


@pytest.fixture(autouse=True)
def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    if shutil.which("docker-registry") is None or shutil.which("skopeo") is None:
        lacking("A registry needs docker-registry and skopeo of Debian or Ubuntu.")
    if "base" not in request.fixturenames:  # to make one takes long
        monkeypatch.setenv("ENVSTUDIO_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path / "no-docker"))


@pytest.fixture
def host(tmp_path: Path) -> Iterator[str]:
    with registry(tmp_path / "registry") as found:
        yield found


def _tar(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return stream.getvalue()


def _image(*contents: bytes) -> OciImage:
    """Return an image of one layer for each content; random bytes do not get smaller."""
    layers = []
    for number, content in enumerate(contents):
        data = _tar(f"file{number}", content)
        diff_id = "sha256:" + hashlib.sha256(data).hexdigest()
        layers.append(LayerBlob(diff_id, len(data), (f"file{number}",), lambda data=data: iter([data])))
    config = {
        "architecture": "amd64",
        "os": "linux",
        "config": {"Env": ["PATH=/usr/bin"]},
        "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in layers]},
    }
    return OciImage(config, tuple(layers))


SMALL = _image(b"base" * 1000, b"package" * 1000)


def test_what_is_pushed_is_what_skopeo_and_we_read(host: str, recorder: Recorder) -> None:
    (done,) = push(SMALL, [f"{host}/team/train:1"], {"org.opencontainers.image.title": "train"}, SETTINGS, recorder)
    assert (done.layers_sent, done.name) == (2, f"{host}/team/train:1")
    command = ["skopeo", "inspect", "--tls-verify=false", f"docker://{host}/team/train:1"]
    facts = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    assert facts["Digest"] == done.digest
    assert facts["Env"] == ["PATH=/usr/bin"]
    config, layers = from_registry.fetch(f"{host}/team/train:1", "linux/amd64", SETTINGS, recorder)
    assert config["rootfs"]["diff_ids"] == [layer.diff_id for layer in SMALL.layers]
    assert [b"".join(layer.chunks()) for layer in layers if layer.chunks] == [
        b"".join(layer.chunks()) for layer in SMALL.layers if layer.chunks
    ]


def test_only_what_is_missing_travels(host: str, recorder: Recorder, monkeypatch: pytest.MonkeyPatch) -> None:
    uploaded: list[str] = []
    upload = Registry.upload

    def noted(to: Registry, repository: str, blob: Blob, report: Report) -> None:
        uploaded.append(blob.digest)
        upload(to, repository, blob, report)

    monkeypatch.setattr(Registry, "upload", noted)
    push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)
    assert len(uploaded) == 3  # two layers and the configuration
    again = push(SMALL, [f"{host}/team/train:2"], {}, SETTINGS, recorder)
    assert (again[0].layers_sent, len(uploaded)) == (0, 3)
    changed = _image(b"base" * 1000, b"other" * 1000)
    assert push(changed, [f"{host}/team/train:3"], {}, SETTINGS, recorder)[0].layers_sent == 1


def test_layers_of_a_base_in_the_same_registry_are_mounted(host: str, recorder: Recorder) -> None:
    push(SMALL, [f"{host}/base/python:slim"], {}, SETTINGS, recorder)
    _, layers = from_registry.fetch(f"{host}/base/python:slim", "linux/amd64", SETTINGS, recorder)
    data = _tar("own", b"own")
    own = LayerBlob("sha256:" + hashlib.sha256(data).hexdigest(), len(data), (), lambda: iter([data]))
    rootfs = {"type": "layers", "diff_ids": [layer.diff_id for layer in (*layers, own)]}
    image = OciImage({**SMALL.config, "rootfs": rootfs}, (*layers, own))
    (done,) = push(image, [f"{host}/team/other:1"], {}, SETTINGS, recorder)
    assert done.layers_sent == 1
    assert Registry(host, SETTINGS).has_blob("team/other", layers[0].remote.descriptor.digest)  # type: ignore[union-attr]
    assert not (Path(os.environ["ENVSTUDIO_CACHE"]) / "bases" / "layers").exists()  # nothing of the base was fetched


def test_an_upload_that_breaks_goes_on_where_it_was(host: str, recorder: Recorder) -> None:
    content = os.urandom(40 << 20)
    proxy = BreakingProxy(host, 20 << 20)
    try:
        (done,) = push(_image(content), [f"{proxy.host}/team/large:1"], {}, SETTINGS, recorder)
    finally:
        proxy.close()
    assert proxy.broken
    assert "broke off; going on" in recorder.text
    assert done.layers_sent == 1
    _, (layer,) = from_registry.fetch(f"{host}/team/large:1", "linux/amd64", SETTINGS, recorder)
    assert layer.chunks is not None
    assert hashlib.sha256(b"".join(layer.chunks())).hexdigest() == layer.diff_id.removeprefix("sha256:")


def test_a_cancel_leaves_no_tag(host: str, recorder: Recorder) -> None:
    recorder.cancel()
    with pytest.raises(Cancelled):
        push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)
    with pytest.raises(NotFound):
        Registry(host, SETTINGS).manifest("team/train", "1")


class TestPassword:
    @pytest.fixture
    def host(self, tmp_path: Path) -> Iterator[str]:
        with registry(tmp_path / "registry", password=True) as found:
            yield found

    @pytest.mark.usefixtures("kept_secrets")
    def test_without_a_login_it_is_refused_and_said(self, host: str, recorder: Recorder) -> None:
        with pytest.raises(EnvStudioError, match="rejected the credentials") as caught:
            push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)
        assert f"envstudio login {host}" in hint_of(caught.value)

    @pytest.mark.usefixtures("kept_secrets")
    def test_a_wrong_login_is_refused(self, host: str, recorder: Recorder) -> None:
        keep_login(host, Login("basic", "wrong", LOGIN[0]))
        with pytest.raises(EnvStudioError, match="refuses"):
            push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)

    @pytest.mark.usefixtures("kept_secrets")
    def test_the_keyrings_login(self, host: str, recorder: Recorder) -> None:
        keep_login(host, Login("basic", LOGIN[1], LOGIN[0]))
        assert push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)[0].layers_sent == 2
        assert LOGIN[1] not in recorder.text

    @pytest.mark.usefixtures("kept_secrets")
    def test_the_login_of_dockers_configuration(
        self, host: str, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        import base64

        folder = tmp_path / "docker"
        folder.mkdir()
        auth = base64.b64encode(":".join(LOGIN).encode()).decode()
        (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))
        assert push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)[0].layers_sent == 2

    @pytest.mark.usefixtures("kept_secrets")
    def test_the_login_of_a_credential_helper(
        self, host: str, recorder: Recorder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        folder = tmp_path / "docker"
        folder.mkdir()
        (folder / "config.json").write_text(json.dumps({"credHelpers": {host: "test"}}))
        helper = tmp_path / "docker-credential-test"
        answer = json.dumps({"ServerURL": host, "Username": LOGIN[0], "Secret": LOGIN[1]})
        helper.write_text(f"#!/bin/sh\necho '{answer}'\n")
        helper.chmod(0o755)
        monkeypatch.setenv("DOCKER_CONFIG", str(folder))
        monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
        assert push(SMALL, [f"{host}/team/train:1"], {}, SETTINGS, recorder)[0].layers_sent == 2


def test_a_registry_that_is_not_there(recorder: Recorder) -> None:
    with pytest.raises(Unavailable, match="cannot be reached"):
        push(SMALL, ["127.0.0.1:9/team/train:1"], {}, SETTINGS, recorder)


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("python", "docker.io/library/python:latest"),
        ("python:3.12-slim", "docker.io/library/python:3.12-slim"),
        ("team/train:1", "docker.io/team/train:1"),
        ("localhost/train", "localhost/train:latest"),
        ("registry.example:5000/a/b:2", "registry.example:5000/a/b:2"),
        ("registry.example/a@sha256:" + "0" * 64, "registry.example/a@sha256:" + "0" * 64),
    ],
)
def test_names(text: str, whole: str) -> None:
    assert str(parse_name(text)) == whole


def test_an_image_goes_from_registry_to_registry_without_an_engine(
    library: Library, base: BaseImage, engine: Engine, host: str, recorder: Recorder
) -> None:
    found = bases.find(base.source, "linux/amd64", SETTINGS, None, recorder)
    config = {"architecture": "amd64", "os": "linux", "config": dict(found.config)}
    config["rootfs"] = {"type": "layers", "diff_ids": [layer.diff_id for layer in found.layers]}
    push(OciImage(config, found.layers), [f"{host}/base/python:slim"], {}, SETTINGS, recorder)

    packages = Python(version=base.python, pip=(pip_requirement("iniconfig"), pip_requirement("cowsay")))
    library.versions.register(Environment("train", packages, Image(base=f"{host}/base/python:slim")))
    nowhere = Settings(engine="unix:///nowhere/docker.sock")
    options = BuildOptions(output="registry", tags=(f"{host}/team/train:1",))
    image = build(library, nowhere, "train", options=options, report=recorder).image
    # The base's layer is mounted; what travels is a bucket or two and the last layer.
    assert 0 < image.layers_sent == image.layers - 1
    assert build(library, nowhere, "train", options=options, report=recorder).image.layers_sent == 0

    pulled = engine.pull(f"{host}/team/train:1", "linux/amd64", recorder)
    try:
        assert pulled.image_id == image.image_id
        code = "import cowsay; cowsay.cow('moo')"
        status = engine.run(
            f"{host}/team/train:1", ["python", "-c", code], recorder, environment={}, mounts={}, working_dir=""
        )
        assert status == 0
        assert "moo" in recorder.text
    finally:
        engine.remove_image(f"{host}/team/train:1", force=True)


def test_an_image_of_the_engine_is_pushed_shown_and_pruned(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, host: str, recorder: Recorder
) -> None:
    for number, spec in enumerate(("iniconfig==2.0.0", "iniconfig==2.1.0", "iniconfig>2.1.0"), 1):
        packages = Python(version=base.python, pip=(pip_requirement(spec),))
        library.versions.register(Environment("train", packages, Image(base=BASE)))
        build(library, settings, f"train:{number}", options=BuildOptions(reuse=False), report=recorder)
    library.versions.label(parse_reference("train:1"), "prod")
    record = find_image(library, "train:3")
    assert find_image(library, record.image_id[:19]) == find_image(library, record.tags[0]) == record
    assert [name for layer in record.contents for name, _ in layer.packages] == ["iniconfig"]

    done = push_image(library, settings, "train:3", names=(f"{host}/team/train:3",), report=recorder)
    assert done.names == (f"{host}/team/train:3",)
    assert Registry(host, SETTINGS).manifest("team/train", "3").digest

    found = prune_plan(library, settings)
    assert [item.version for item in found.removed] == [2]
    assert found.kept == (("train:1", "labelled prod"), ("train:3", "labelled latest"))
    assert 0 < found.freed < 1_000_000  # only the layer of iniconfig 2.1.0 is its own
    clean_engine.tag(found.removed[0].image_id, ["by-hand/kept:1"])
    prune(library, settings, found, report=recorder)
    assert "train:2 stays: it is also named by-hand/kept:1" in recorder.text
    clean_engine.remove_image("by-hand/kept:1")
    prune(library, settings, found, report=recorder)
    assert [item.record.version for item in images(library, settings) if item.in_engine] == [3, 1]
    assert clean_engine.find("envstudio/train:2") is None
    remove_image(library, settings, "train:1", report=recorder)
    with pytest.raises(NotFound):
        find_image(library, "train:1")


def test_what_was_pushed_is_named(
    base: BaseImage, host: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from envstudio.cli.main import run

    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    (tmp_path / "requirements.txt").write_text("iniconfig\n")
    start = ["--library", str(tmp_path / "library.sqlite")]
    words = ["import", str(tmp_path / "requirements.txt"), "--name", "named", "--python", base.python]
    assert run([*start, *words, "--base-image", base.source], lambda *_: 0) == 0
    capsys.readouterr()
    tag = f"{host}/team/named:1"
    assert run([*start, "build", "named", "--output", "registry", "--tag", tag], lambda *_: 0) == 0
    assert capsys.readouterr().out.startswith(f"{tag}: built in ")

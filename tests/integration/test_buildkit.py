"""Dockerfiles with BuildKit: generated and own, with caches, secrets, contexts, and nothing left behind."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest
from real_parts import BaseImage, Recorder, lacking
from served import served

from envstudio.builders import buildkit
from envstudio.consents import LINK_SCRIPTS, SECRETS, Consent, ConsentNeeded, consent_to
from envstudio.credentials import secret_entry, store_entry
from envstudio.domain.environment import Applies, BuildContext, Environment, Image, ManagedBy, Python, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.engine import Engine
from envstudio.errors import BuildFailed, Cancelled, InvalidInput
from envstudio.library import Library
from envstudio.report import StageFinished
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build, plan, rebuild
from envstudio.tasks.dockerfile import dockerfile
from envstudio.tasks.run import run

BUILDKIT = BuildOptions(builder="buildkit")


@pytest.fixture(autouse=True)
def _buildx() -> None:
    if not buildkit.available():
        lacking("BuildKit needs the docker program with its buildx plugin.")


def own(name: str, image: Image) -> Environment:
    return Environment(name, Python(managed_by=ManagedBy.USER), image)


def pip_environment(base: str, python: str, *variables: Variable) -> Environment:
    packages = Python(version=python, pip=(pip_requirement("iniconfig"), pip_requirement("cowsay")))
    return Environment("generated", packages, Image(base=base), variables=variables)


def test_a_generated_dockerfile_builds_and_leaves_no_secret(
    library: Library, here: Settings, base: BaseImage, python_base: str, clean_engine: Engine, recorder: Recorder,
    kept_secrets: dict[tuple[str, str], str],
) -> None:  # fmt: skip
    store_entry(secret_entry("default", "the-token"), "s3cr3t-t0ken")
    variables = (Variable("TOKEN", secret="the-token", applies=(Applies.BUILD,)), Variable("TREES", "20"))
    library.versions.register(pip_environment(python_base, base.python, *variables))
    with pytest.raises(ConsentNeeded, match="not allowed to read the secret the-token"):
        build(library, here, "generated", options=BUILDKIT, report=recorder)
    allowed = replace(BUILDKIT, consent=Consent(subjects=frozenset({(SECRETS, "the-token")})))
    image = build(library, here, "generated", options=allowed, report=recorder).image
    assert (image.builder, image.reused) == ("buildkit", False)
    assert sum(layer.size for layer in image.contents) == image.size
    assert len(image.contents) == image.layers
    assert any("pip install" in stage.name for stage in image.stages), [stage.name for stage in image.stages]
    assert run(library, here, "generated", ["cowsay", "-t", "moo"], target="docker", report=recorder).exit_code == 0
    assert "moo" in recorder.text
    assert build(library, here, "generated", options=BUILDKIT, report=recorder).image.reused
    _assert_nowhere(clean_engine, image.image_id, "s3cr3t-t0ken")
    assert "s3cr3t-t0ken" not in recorder.text
    assert "s3cr3t-t0ken" not in library.builds.log(library.builds.list()[-1].id)


def _assert_nowhere(engine: Engine, image_id: str, secret: str) -> None:
    """Search the configuration, the history and every layer of an image."""
    archive = b"".join(engine.save(image_id))
    assert secret.encode() not in archive


def test_conda_packages_come_by_a_generated_dockerfile(
    library: Library, here: Settings, python_base: str, clean_engine: Engine, recorder: Recorder, channel: Path
) -> None:
    with served(channel) as address:
        python = Python(
            channels=("https://conda.example/own",),
            conda=(conda_requirement("python"), conda_requirement("choice=1.1"), conda_requirement("activating")),
            pip=(pip_requirement("cowsay"),),
        )
        library.versions.register(Environment("conda", python, Image(base=python_base)))
        settings = replace(here, mirror_channels={"https://conda.example/own": address})
        image = build(library, settings, "conda", options=BUILDKIT, report=recorder).image
    assert image.builder == "buildkit"
    code = "import choice, cowsay, sys; print(choice.VERSION, sys.prefix)"
    assert run(library, settings, "conda", ["python", "-c", code], target="docker", report=recorder).exit_code == 0
    assert "1.1 /opt/env" in recorder.text


@pytest.mark.parametrize("allowed", [False, True])
def test_link_scripts_run_in_the_container_only_if_allowed(
    library: Library,
    here: Settings,
    python_base: str,
    clean_engine: Engine,
    recorder: Recorder,
    channel: Path,
    allowed: bool,
) -> None:
    consent = consent_to(LINK_SCRIPTS) if allowed else Consent()
    with served(channel) as address:
        python = Python(channels=("https://conda.example/own",), conda=(conda_requirement("linking"),))
        library.versions.register(Environment("linking", python, Image(base=python_base)))
        settings = replace(here, mirror_channels={"https://conda.example/own": address})
        options = replace(BUILDKIT, consent=consent, reuse=False)
        image = build(library, settings, "linking", options=options, report=recorder).image
    command = ["sh", "-c", "cat /opt/env/linked.txt || echo not there"]
    finished = run(library, settings, "linking", command, target="docker", image=image.image_id, report=recorder)
    assert finished.exit_code == 0
    assert ("not there" in recorder.text.splitlines()) != allowed


@pytest.mark.parametrize("kind", ["pip", "conda"])
def test_the_exported_dockerfile_is_clean_and_builds_without_us(
    library: Library, here: Settings, base: BaseImage, python_base: str, clean_engine: Engine, recorder: Recorder,
    tmp_path: Path, channel: Path, kind: str,
) -> None:  # fmt: skip
    environment = pip_environment(python_base, base.python)
    if kind == "conda":
        python = Python(channels=(channel.as_uri(),), conda=(conda_requirement("python"), conda_requirement("choice")))
        environment = Environment("generated", python, Image(base=python_base))
    library.versions.register(environment)
    folder = tmp_path / "context"
    dockerfile(library, here, "generated", folder, report=recorder)
    hadolint = Path(sys.executable).with_name("hadolint")
    linted = subprocess.run([hadolint, str(folder / "Dockerfile")], capture_output=True, text=True, check=False)
    assert (linted.stdout, linted.returncode) == ("", 0)
    if kind == "pip":
        certificates = ["--secret", f"id=ca_certificates,src={here.ca_certificates}"] if here.ca_certificates else []
        command = ["docker", "build", "--network", "host", *certificates, "--tag", "envstudio-test/plain:1", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env=_with_buildkit())
        assert done.returncode == 0, done.stderr[-3000:]


def _with_buildkit() -> dict[str, str]:
    import os

    return {**os.environ, "DOCKER_BUILDKIT": "1"}


def test_arguments_target_and_a_failure_with_its_class(
    library: Library, here: Settings, python_base: str, clean_engine: Engine, recorder: Recorder
) -> None:
    text = f"FROM {python_base} AS first\nARG WHO=nobody\nRUN echo hello $WHO\nFROM first\nRUN no-such-command\n"
    library.versions.register(own("own", Image(dockerfile=text)))
    options = replace(BUILDKIT, arguments={"WHO": "ana"}, target="first")
    done = build(library, here, "own", options=options, report=recorder)
    assert "hello ana" in recorder.text
    assert rebuild(library, here, done.build, report=recorder).image.builder == "buildkit"
    with pytest.raises(BuildFailed, match="a command is missing") as caught:
        build(library, here, "own", options=BUILDKIT, report=recorder)
    assert "no-such-command" in caught.value.details
    assert library.builds.list("own")[0].error == "The build failed: a command is missing."


def test_a_base_that_only_we_can_make_is_refused(
    library: Library, settings: Settings, base: BaseImage, recorder: Recorder, tmp_path: Path
) -> None:
    library.versions.register(pip_environment(base.source, base.python))
    with pytest.raises(InvalidInput, match="is not an image that a Dockerfile can start from"):
        dockerfile(library, settings, "generated", tmp_path / "context", report=recorder)
    assert not (tmp_path / "context").exists()


def test_cached_steps_are_told(library: Library, here: Settings, python_base: str, clean_engine: Engine) -> None:
    text = f"FROM {python_base}\nRUN echo {time.time_ns()} > /a\nRUN echo b > /b\n"
    library.versions.register(own("own", Image(dockerfile=text)))
    build(library, here, "own", options=BUILDKIT, report=Recorder())
    library.versions.register(own("own", Image(dockerfile=text + "RUN echo c > /c\n")))
    recorder = Recorder()
    build(library, here, "own", options=BUILDKIT, report=recorder)
    stages = {item.stage.name: item.stage.cached for item in recorder.events if isinstance(item, StageFinished)}
    assert [cached for name, cached in stages.items() if "RUN echo b" in name] == [True]
    assert [cached for name, cached in stages.items() if "RUN echo c" in name] == [False]


@pytest.mark.parametrize("builder", ["buildkit", "classic"])
def test_a_cancel_stops_within_two_seconds(
    library: Library, here: Settings, python_base: str, clean_engine: Engine, recorder: Recorder, builder: str
) -> None:
    library.versions.register(
        own("slow", Image(dockerfile=f"FROM {python_base}\nRUN echo {time.time_ns()}; sleep 60\n"))
    )
    began = threading.Event()
    emit = recorder.emit

    def listen(event: object) -> None:
        emit(event)  # type: ignore[arg-type]
        if "sleep 60" in str(event) and not began.is_set():
            began.set()

    recorder.emit = listen  # type: ignore[method-assign, assignment]

    def stop() -> None:
        began.wait(30)
        deadline = time.monotonic() + 30
        while not _sleepers() and time.monotonic() < deadline:
            time.sleep(0.1)
        recorder.cancel()

    threading.Thread(target=stop, daemon=True).start()
    with pytest.raises(Cancelled):
        build(library, here, "slow", options=replace(BUILDKIT, builder=builder), report=recorder)
    assert began.is_set()
    deadline = time.monotonic() + 5
    while (left := _sleepers()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert left == ""
    assert library.builds.list("slow")[0].status == "cancelled"


def _sleepers() -> str:
    return subprocess.run(["pgrep", "-f", "^sleep 60"], capture_output=True, text=True, check=False).stdout.strip()


def test_a_git_commit_is_a_context(
    library: Library, here: Settings, python_base: str, clean_engine: Engine, recorder: Recorder, tmp_path: Path
) -> None:
    repository = tmp_path / "repository"
    (repository / "image").mkdir(parents=True)
    (repository / "image" / "Dockerfile").write_text(f"FROM {python_base}\nCOPY greeting /greeting\n")
    (repository / "image" / "greeting").write_text("from git")
    for words in (
        ("init", "--quiet"),
        ("add", "."),
        ("-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "x"),
    ):
        subprocess.run(["git", "-C", str(repository), *words], check=True)
    command = ["git", "-C", str(repository), "rev-parse", "HEAD"]
    commit = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    location = f"{repository.as_uri()}#{commit}:image"
    library.versions.register(own("git", Image(context=BuildContext(location))))
    assert "COPY greeting" in plan(library, here, "git", options=BUILDKIT, report=recorder).dockerfile
    build(library, here, "git", options=BUILDKIT, report=recorder)
    assert run(library, here, "git", ["cat", "/greeting"], target="docker", report=recorder).exit_code == 0
    assert "from git" in recorder.text
    assert build(library, here, "git", options=BUILDKIT, report=recorder).image.reused
    library.versions.register(own("git", Image(context=BuildContext(f"{repository.as_uri()}#{commit}:../.."))))
    with pytest.raises(InvalidInput, match="has no folder"):
        build(library, here, "git", options=BUILDKIT, report=recorder)


def test_a_large_context_is_told_of(
    library: Library, here: Settings, python_base: str, clean_engine: Engine, recorder: Recorder, tmp_path: Path
) -> None:
    folder = tmp_path / "context"
    folder.mkdir()
    (folder / "Dockerfile").write_text(f"FROM {python_base}\n")
    with (folder / "large.bin").open("wb") as file:
        file.truncate(101_000_000)
    library.versions.register(own("large", Image(context=BuildContext(str(folder)))))
    plan(library, here, "large", options=BUILDKIT, report=recorder)
    assert "the build context has 101 MB" in recorder.text


def test_an_archive_without_the_engine(
    library: Library, here: Settings, python_base: str, clean_engine: Engine, recorder: Recorder, tmp_path: Path
) -> None:
    library.versions.register(own("file", Image(dockerfile=f"FROM {python_base}\nRUN echo x > /x\n")))
    target = tmp_path / "image.tar"
    options = replace(BUILDKIT, output=f"docker-archive:{target}")
    build(library, here, "file", options=options, report=recorder)
    with tarfile.open(target) as archive:
        assert json.loads(archive.extractfile("manifest.json").read())[0]["Config"]  # type: ignore[union-attr]

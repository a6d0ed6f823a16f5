"""What a container of a direct image has when it starts: bytecode, and what activation would set."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import pytest
from real_parts import BASE, BaseImage, Recorder

from envstudio.builders.assembly.layers import FragmentCache
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.engine import Engine
from envstudio.errors import NotFound
from envstudio.library import Library
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, build
from envstudio.tasks.lock import lock
from envstudio.tasks.prune_images import prune, prune_plan
from envstudio.tasks.run import run

COMPILED = """
import importlib.machinery, sys
loader, compiled = importlib.machinery.SourceFileLoader, []
ordinary = loader.source_to_code
def watched(self, data, path, **options):
    compiled.append(path)
    return ordinary(self, data, path, **options)
loader.source_to_code = watched
for name in sys.argv[1:]:
    __import__(name)
print("compiled", [path for path in compiled if str(path).startswith("/opt/env")])
"""


@pytest.fixture
def variables_channel(tmp_path: Path) -> Path:
    """Make a channel with a package that sets variables when it is activated."""
    from rattler.index import index_fs
    from rattler_build import assemble_package

    files = tmp_path / "files"
    values = files / "etc" / "conda" / "env_vars.d" / "settled.json"
    values.parent.mkdir(parents=True)
    values.write_text(json.dumps({"SETTLED": "with spaces = and more", "TREES": "from the package"}))
    channel = tmp_path / "settled-channel"
    (channel / "noarch").mkdir(parents=True)
    assemble_package(
        "settled", "1.0", "noarch", "h0_0", channel / "noarch", files_dir=files, noarch="generic", license="MIT"
    )
    asyncio.run(index_fs(channel, write_shards=False, force=True))
    return channel


@pytest.fixture
def conda(channel: Path, variables_channel: Path) -> Environment:
    python = Python(
        channels=(variables_channel.as_uri(), channel.as_uri()),
        conda=tuple(map(conda_requirement, ("python", "choice=2", "packaging", "settled"))),
        pip=(pip_requirement("iniconfig"),),
    )
    return Environment("started", python, Image(base=BASE), variables=(Variable("TREES", "20"),))


def test_activation_variables_and_scripts_are_in_force(
    library: Library, settings: Settings, conda: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(conda)
    image = build(library, settings, "started", report=recorder).image
    found = clean_engine.find(image.tags[0])
    assert found is not None
    messages = dict(item.partition("=")[::2] for item in found.config["Env"])
    assert messages["SETTLED"] == "with spaces = and more"
    assert messages["TREES"] == "20"
    assert (
        messages["CONDA_PREFIX"]
        == messages["CONDA_DEFAULT_ENV"]
        == messages["AZUREML_CONDA_ENVIRONMENT_PATH"]
        == "/opt/env"
    )
    assert "LD_LIBRARY_PATH" not in messages
    assert messages["AZUREML_ENVIRONMENT_IMAGE"] == "True"
    code = "import os, sys; print(os.environ['ACTIVATING_HOME'], os.environ['SETTLED'], sys.argv[1])"
    done = run(library, settings, "started", ["python", "-c", code, "one argument"], target="docker", report=recorder)
    assert done.exit_code == 0
    assert "/opt/env/share/activating with spaces = and more one argument" in recorder.text


def test_a_container_compiles_nothing_of_conda_packages_wheels_or_the_standard_library(
    library: Library, settings: Settings, conda: Environment, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(conda)
    build(library, settings, "started", report=recorder)
    modules = ["choice", "packaging.version", "iniconfig", "json", "asyncio", "sqlite3"]
    run(library, settings, "started", ["python", "-c", COMPILED, *modules], target="docker", report=recorder)
    assert "compiled []" in recorder.text
    assert "gets no bytecode" not in recorder.text


def test_a_container_trains_a_model_without_compiling_and_has_the_console_scripts(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder
) -> None:
    python = Python(version=base.python, pip=(pip_requirement("scikit-learn"), pip_requirement("tabulate")))
    library.versions.register(Environment("trees", python, Image(base=BASE)))
    build(library, settings, "trees", report=recorder)
    train = (
        "from sklearn.datasets import load_iris; from sklearn.ensemble import RandomForestClassifier as Trees; "
        "data, kinds = load_iris(return_X_y=True); "
        "print('accuracy', Trees(20, random_state=0).fit(data, kinds).score(data, kinds) > 0.9)"
    )
    assert run(library, settings, "trees", ["python", "-c", train], target="docker", report=recorder).exit_code == 0
    assert "accuracy True" in recorder.text
    run(library, settings, "trees", ["python", "-c", COMPILED, "sklearn"], target="docker", report=recorder)
    assert "compiled []" in recorder.text
    script = ["sh", "-c", "echo 'left right' | tabulate -f plain"]
    assert run(library, settings, "trees", script, target="docker", report=recorder).exit_code == 0
    assert "left  right" in recorder.text


def test_a_command_that_the_image_lacks_is_named(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(Environment("bare", Python(version=base.python), Image(base=BASE)))
    with pytest.raises(NotFound, match="no-such-command was not found in the image"):
        run(library, settings, "bare", ["no-such-command"], target="docker", report=recorder)


def test_a_base_of_the_engine_counts_in_the_size(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder
) -> None:
    library.versions.register(Environment("below", Python(version=base.python), Image(base=BASE)))
    below = build(library, settings, "below", report=recorder).image
    python = Python(version=base.python, pip=(pip_requirement("iniconfig"),))
    library.versions.register(Environment("above", python, Image(base=below.tags[0])))
    above = build(library, settings, "above", report=recorder).image
    found = clean_engine.find(above.image_id)
    assert found is not None
    assert above.size == found.size > 10_000_000


def test_an_image_of_two_names_is_pruned_and_one_in_use_stays(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder
) -> None:
    environment = Environment("twice", Python(version=base.python), Image(base=BASE))
    library.versions.register(environment)
    old = build(library, settings, "twice", report=recorder).image
    clean_engine.tag(old.image_id, ["envstudio/twice-again:1"])
    library.versions.register(environment.with_pip(pip_requirement("iniconfig")))
    build(library, settings, "twice", report=recorder)
    command = ["docker", "create", old.image_id, "true"]
    container = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    try:
        plan = prune_plan(library, settings)
        assert (plan.removed, plan.freed) == ((), 0), "a plan tells what goes, and that stays"
        assert ("twice:1", "a container uses it") in plan.kept
        prune(library, settings, plan, report=recorder)
    finally:
        subprocess.run(["docker", "rm", container], capture_output=True, check=True)
    assert clean_engine.find("envstudio/twice-again:1") is not None
    prune(library, settings, prune_plan(library, settings), report=recorder)
    assert clean_engine.find(old.image_id) is None


def test_pip_finds_every_file_of_the_record_and_all_bytecode_in_it(
    library: Library, settings: Settings, base: BaseImage, clean_engine: Engine, recorder: Recorder
) -> None:
    python = Python(version=base.python, pip=(pip_requirement("iniconfig"),))
    library.versions.register(Environment("recorded", python, Image(base=BASE)))
    image = build(library, settings, "recorded", report=recorder).image
    code = (
        "from importlib.metadata import files; import pathlib; found = files('iniconfig'); "
        "print(all(pathlib.Path(item.locate()).exists() for item in found), "
        "sorted((item.name, item.hash) for item in found if item.suffix == '.pyc')[0])"
    )
    command = ["docker", "run", "--rm", "--network", "none", image.tags[0], "python", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    tag = base.python.replace(".", "")
    assert done.stdout == f"True ('__init__.cpython-{tag}.pyc', None)\n"


def test_programs_of_the_base_use_its_own_libraries(
    library: Library, settings: Settings, clean_engine: Engine, channel: Path, recorder: Recorder
) -> None:
    python = Python(channels=(channel.as_uri(),), conda=tuple(map(conda_requirement, ("python", "shadowing"))))
    library.versions.register(Environment("shadowed", python, Image(base=BASE)))
    command = ["bash", "-c", "python -c 'import ssl; print(ssl.OPENSSL_VERSION_INFO[0])' && echo both work"]
    assert run(library, settings, "shadowed", command, target="docker", report=recorder).exit_code == 0
    assert "both work" in recorder.text


def test_cold_caches_in_other_folders_give_the_same_conda_image(
    library: Library,
    settings: Settings,
    conda: Environment,
    recorder: Recorder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    library.versions.register(conda)
    lock(library, settings, "started", report=recorder)
    found = []
    for name in ("one", "two"):
        monkeypatch.setattr(
            "envstudio.builders.direct.FragmentCache", lambda name=name: FragmentCache(tmp_path / f"{name}-layers")
        )
        bytecode = tmp_path / f"{name}-bytecode"
        monkeypatch.setattr("envstudio.builders.assembly.bytecode_store.folder", lambda folder=bytecode: folder)
        options = BuildOptions(output=f"oci:{tmp_path / name}")
        found.append(build(library, settings, "started", options=options, report=recorder).image.digest)
    assert found[0] == found[1]

"""How quickly images are built, against BuildKit with uv and a cache mount installing the same pinned wheels.

Both start from the same base in the same engine. The reference is `docker buildx build` of a Dockerfile with one step,
`uv pip install --compile-bytecode` with a cache mount, run again with `--no-cache` and the mount as it is. That is what
it does after a package changed. Where it would answer from its layer cache (a changed variable, nothing changed), that
one build is the reference too.
"""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from envstudio import paths
from envstudio.builders import bases
from envstudio.builders.assembly.oci import OciImage, docker_archive, oci_archive
from envstudio.builders.assembly.workers import WORKERS
from envstudio.domain.environment import Environment, Image, Python, Variable
from envstudio.domain.requirement import pip_requirement
from envstudio.engine import Engine
from envstudio.errors import EnvStudioError
from envstudio.library import Library
from envstudio.packages.uv import uv_program
from envstudio.report import silent
from envstudio.settings import Settings
from envstudio.tasks.build import BuildOptions, BuildOutcome, build
from envstudio.tasks.lock import lock
from tests.bench.measure import Row, limited, need_disk, seconds, some_engine

PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "matplotlib", "rich")
"""About 300 MB when they are installed."""

SMALL, OTHER = "tabulate==0.9.0", "tabulate==0.8.10"
BASE = "envstudio-bench/base:1"
REFERENCE = "envstudio-bench/reference:1"
LIBRARY = "import sklearn"
BUILDKIT = "buildx, uv, cache mount"
DOCKERFILE = """FROM {base}
RUN --mount=type=cache,target=/root/.cache/uv --mount=type=bind,source=uv,target=/bin/uv \\
    --mount=type=bind,source=requirements.txt,target=/tmp/requirements.txt --mount=type=secret,id=ca \\
    python3 -m venv --without-pip /opt/env \\
    && SSL_CERT_FILE=/run/secrets/ca UV_LINK_MODE=copy uv pip install --python /opt/env/bin/python --compile-bytecode \\
    --no-deps -r /tmp/requirements.txt
ENV PATH=/opt/env/bin:$PATH TREES=1
"""
TIMES = 3
DISK_GIGABYTES = 5
"""For wheels, layers and images; the engine's folder is taken to be on the same disk."""


@dataclass
class Bench:
    """The parts that all rows of this file share."""

    folder: Path
    library: Library
    settings: Settings
    engine: Engine

    def register(self, small: str = SMALL, trees: str = "1") -> str:
        """Register and lock a version, and return its reference."""
        pip = tuple(map(pip_requirement, (*PACKAGES, small)))
        python = Python(version=self.python, pip=pip)
        environment = Environment("bench", python, Image(base=BASE), variables=(Variable("TREES", trees),))
        self.library.versions.register(environment)
        lock(self.library, self.settings, "bench", report=silent())
        newest = self.library.versions.list("bench")[0].number
        return f"bench:{newest}"

    @functools.cached_property
    def python(self) -> str:
        found = bases.find(BASE, "linux/amd64", self.settings, self.engine, silent()).python
        assert found is not None
        return found[1]

    def build(self, reference: str) -> BuildOutcome:
        options = BuildOptions(builder="direct", tags=("envstudio-bench/direct:1",))
        return build(self.library, self.settings, reference, options=options, report=silent())

    def forget_images(self) -> None:
        """Remove what was built, so that the engine has the base alone."""
        for image in self.engine.labelled({"io.envstudio.environment": "bench"}):
            with contextlib.suppress(EnvStudioError):
                self.engine.remove_image(image.image_id, force=True)

    def forget_reference(self) -> None:
        with contextlib.suppress(EnvStudioError):
            self.engine.remove_image(REFERENCE, force=True)

    def forget_layers(self) -> None:
        shutil.rmtree(paths.cache_dir("layers"), ignore_errors=True)

    def reference(self, lines: str) -> Callable[[], object]:
        """Return a call of the reference, which runs its step again with uv's cache as it is."""
        context = Path(tempfile.mkdtemp(dir=self.folder))
        (context / "requirements.txt").write_text(lines)
        (context / "Dockerfile").write_text(DOCKERFILE.format(base=BASE))
        shutil.copy2(uv_program(), context / "uv")
        command = ["docker", "buildx", "build", "--builder", "default", "--network", "host", "--load"]
        command += ["--secret", f"id=ca,src={_certificates()}", "--tag", REFERENCE, "--no-cache"]
        environment = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDX_GIT_INFO": "0"}

        def call() -> object:
            self.forget_reference()
            done = subprocess.run([*command, str(context)], env=environment, capture_output=True, text=True)
            if done.returncode != 0:
                raise RuntimeError(done.stderr[-3000:])
            return done

        return call

    def requirements(self, reference: str) -> str:
        """Return the locked wheels of a version, as a requirements file."""
        snapshot = self.library.find(reference)
        record = self.library.locks.find("bench", snapshot.digest)
        assert record is not None
        return "".join(f"{line}\n" for line in record.lock.platform("linux-64").requirement_lines())


def _certificates() -> str:
    import certifi

    return os.environ.get("SSL_CERT_FILE") or certifi.where()


@functools.cache
def _suite() -> str:
    return platform.freedesktop_os_release().get("VERSION_CODENAME", "")


@contextlib.contextmanager
def _bench(folder: Path) -> Iterator[Bench]:
    """Set up a library, the base in the engine, and a warm cache of wheels; remove the images in the end."""
    before = os.environ.get("ENVSTUDIO_CACHE")
    source = f"mmdebstrap:{_suite()}?include=ca-certificates,python3,python3-venv"
    settings = Settings(author="bench")
    need_disk(folder, DISK_GIGABYTES)
    engine = some_engine()
    if engine.find(BASE) is None:
        found = bases.find(source, "linux/amd64", settings, None, silent())
        config = {
            "architecture": found.architecture,
            "os": "linux",
            "config": dict(found.config),
            "rootfs": {"type": "layers", "diff_ids": [layer.diff_id for layer in found.layers]},
        }
        write = oci_archive if engine.info().containerd_store else docker_archive
        engine.load(write(OciImage(config, found.layers), [BASE], set()), silent())
    # A cache of its own, so that what it forgets is no one's.
    os.environ["ENVSTUDIO_CACHE"] = str(folder / "cache")
    try:
        with Library.open(folder / "library.sqlite") as library:
            bench = Bench(folder, library, settings, engine)
            bench.forget_images()
            try:
                yield bench
            finally:
                bench.forget_images()
                bench.forget_reference()
    finally:
        engine.close()
        if before is None:
            del os.environ["ENVSTUDIO_CACHE"]
        else:
            os.environ["ENVSTUDIO_CACHE"] = before


def _medians(pairs: list[tuple[float, float]], named: str, limit: float) -> Row:
    ours, theirs = (round(statistics.median(column), 4) for column in zip(*pairs, strict=True))
    return Row(ours, "s", named, theirs, limit)


def cold(folder: Path) -> Row:
    """The first build: the wheels and their bytecode are cached, layers are not; the reference has its wheels unpacked.

    Bounded by the engine's own work on the layers, during which the others are made.
    """
    with _bench(folder) as bench:
        version = bench.register()
        ours, theirs = functools.partial(bench.build, version), bench.reference(bench.requirements(version))
        ours()
        theirs()
        pairs = []
        for _ in range(5):
            bench.forget_images()
            bench.forget_layers()
            pairs.append((seconds(ours), seconds(theirs)))
        return _medians(pairs, BUILDKIT, 1.0)


def one_package(folder: Path) -> Row:
    """A rebuild after one small package changed, against the reference's rebuild after the same change."""
    with _bench(folder) as bench:
        first, second = bench.register(), bench.register(OTHER)
        bench.build(second)
        theirs = bench.reference(bench.requirements(second))
        theirs()
        pairs = []
        for _ in range(TIMES):
            bench.forget_images()
            bench.forget_layers()
            bench.build(first)
            pairs.append((seconds(functools.partial(bench.build, second)), seconds(theirs)))
        return _medians(pairs, BUILDKIT, 0.15)


def variable(folder: Path) -> Row:
    """A rebuild after only a variable changed, against one build by the reference."""
    with _bench(folder) as bench:
        version = bench.register()
        bench.build(version)
        theirs = bench.reference(bench.requirements(version))
        theirs()
        pairs = []
        for number in range(TIMES):
            changed = bench.register(trees=str(number + 2))
            pairs.append((seconds(functools.partial(bench.build, changed)), seconds(theirs)))
        return _medians(pairs, f"{BUILDKIT}, not from its layer cache", 0.05)


def nothing(folder: Path) -> Row:
    """A build of what is there, against one build by the reference."""
    with _bench(folder) as bench:
        version = bench.register()
        bench.build(version)
        theirs = bench.reference(bench.requirements(version))
        theirs()
        pairs = [(seconds(functools.partial(bench.build, version)), seconds(theirs)) for _ in range(TIMES)]
        return _medians(pairs, f"{BUILDKIT}, not from its layer cache", 0.02)


def first_import(folder: Path) -> Row:
    """The import of the largest library in a fresh container, against the same in the reference's image."""
    with _bench(folder) as bench:
        version = bench.register()
        outcome = bench.build(version)
        bench.reference(bench.requirements(version))()
        pairs = [(_started(outcome.image.tags[0]), _started(REFERENCE)) for _ in range(11)]
        return _medians(pairs[2:], "uv pip install --compile-bytecode in the image", 1.05)


def _started(image: str) -> float:
    """Return the seconds that the import takes inside a new container, by the container's own clock."""
    code = f"import time; started = time.perf_counter(); {LIBRARY}; print(time.perf_counter() - started)"
    command = ["docker", "run", "--rm", "--network", "none", image, "python", "-c", code]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def memory(folder: Path) -> Row:
    """The peak memory of a build with no layer and no bytecode cached, with the processes that compile."""
    with _bench(folder) as bench:
        version = bench.register()
        bench.build(version)
        found = []
        for _ in range(3):
            bench.forget_images()
            bench.forget_layers()
            shutil.rmtree(paths.cache_dir("bytecode"))
            words = [sys.executable, "-c", PEAK, "--library", str(folder / "library.sqlite"), "build", version]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
            found.append(int(done.stdout.split()[-1]) / 1024)
        return limited(statistics.median(found), "MB", 400.0)


PEAK = f"""
import resource, sys
from envstudio.cli.main import run
status = run(sys.argv[1:], lambda library, settings: 1)
assert status == 0, status
own, child = (resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(own + {WORKERS} * child)
"""

BENCHMARKS = {
    "image-cold": cold,
    "image-one-package": one_package,
    "image-variable": variable,
    "image-nothing": nothing,
    "image-import": first_import,
    "image-memory": memory,
}

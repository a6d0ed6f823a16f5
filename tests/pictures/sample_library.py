"""A library of invented but realistic environments, for pictures of the window."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from unittest.mock import patch

from envstudio.domain.digest import definition_digest
from envstudio.domain.environment import Applies, Environment, Image, Python, Variable
from envstudio.domain.image import BuiltImage, LayerContents
from envstudio.domain.lock import Lock, LockedPackage, PlatformLock, sorted_packages
from envstudio.domain.reference import Reference
from envstudio.domain.requirement import conda_requirement, pip_requirement
from envstudio.library import Library
from tests.pictures.sample_builds import LOG, STAGES

NEEDS = {
    "numpy": ("libblas >=3.9", "python >=3.12"),
    "libblas": ("libopenblas >=0.3.28",),
    "pandas": ("numpy >=1.22", "python >=3.12"),
    "scipy": ("numpy >=1.23", "libblas >=3.9", "libgcc >=13"),
    "scikit-learn": ("numpy >=1.22", "scipy >=1.10", "joblib >=1.2"),
    "lightgbm": ("numpy", "scipy", "scikit-learn !=0.22.0"),
    "python": ("openssl >=3.4", "libsqlite >=3.47", "libffi >=3.4", "bzip2 >=1.0.8", "ca-certificates"),
}
CHANNEL = "https://conda.channels.example/conda-forge/linux-64"
INDEX = "https://files.index.example/packages"
LARGE = "notebooks-of-the-whole-department-with-a-long-name"
BASE = "python:3.12-slim-bookworm"

CONDA = {
    "python": "python 3.12.*",
    "pip": "pip",
    "numpy": "numpy >=2,<3",
    "pandas": "pandas 2.2.*",
    "scikit-learn": "scikit-learn 1.5.*",
    "scipy": "scipy >=1.14",
    "lightgbm": "lightgbm 4.5.*",
    "pyarrow": "pyarrow >=17",
    "matplotlib-base": "matplotlib-base 3.9.*",
    "joblib": "joblib",
}
PIP = ("mlflow-skinny", "shap>=0.46,<0.47", "feature-store-client[parquet]~=3.1", "great-expectations==1.2.4")

LOCKED = (
    ("python", "3.12.7", "h7a4c_0_cpython", 31_574_000, "PSF-2.0"),
    ("pip", "24.3.1", "pyh8b19718_0", 1_243_000, "MIT"),
    ("numpy", "2.1.3", "py312h58c1407_0", 8_388_000, "BSD-3-Clause"),
    ("pandas", "2.2.3", "py312hf9745cd_1", 15_436_000, "BSD-3-Clause"),
    ("scikit-learn", "1.6.0", "py312h7a48858_0", 10_628_000, "BSD-3-Clause"),
    ("scipy", "1.14.1", "py312h62794b6_1", 18_206_000, "BSD-3-Clause"),
    ("lightgbm", "4.5.0", "cpu_py312h1b3c_2", 3_012_000, "MIT"),
    ("pyarrow", "18.0.0", "py312h9cebb41_1", 5_208_000, "Apache-2.0"),
    ("matplotlib-base", "3.9.2", "py312hd3ec401_2", 7_774_000, "PSF-2.0"),
    ("joblib", "1.4.2", "pyhd8ed1ab_0", 220_000, "BSD-3-Clause"),
    ("bzip2", "1.0.8", "h4bc722e_7", 252_000, "bzip2-1.0.6"),
    ("ca-certificates", "2024.8.30", "hbcca054_0", 159_000, "ISC"),
    ("libblas", "3.9.0", "25_linux64_openblas", 15_000, "BSD-3-Clause"),
    ("libcblas", "3.9.0", "25_linux64_openblas", 15_000, "BSD-3-Clause"),
    ("libexpat", "2.6.4", "h5888daf_0", 73_000, "MIT"),
    ("libffi", "3.4.2", "h7f98852_5", 58_000, "MIT"),
    ("libgcc", "14.2.0", "h77fa898_1", 848_000, "GPL-3.0-only WITH GCC-exception-3.1"),
    ("libopenblas", "0.3.28", "pthreads_h94d23a6_0", 5_578_000, "BSD-3-Clause"),
    ("libsqlite", "3.47.0", "hadc24fc_1", 875_000, "Unlicense"),
    ("libzlib", "1.3.1", "hb9d3cd8_2", 61_000, "Zlib"),
    ("openssl", "3.4.0", "hb9d3cd8_0", 2_947_000, "Apache-2.0"),
    ("python-dateutil", "2.9.0", "pyhff2d567_0", 222_000, "Apache-2.0"),
    ("pytz", "2024.1", "pyhd8ed1ab_0", 188_000, "MIT"),
    ("threadpoolctl", "3.5.0", "pyhc1e730c_0", 23_000, "BSD-3-Clause"),
    ("tzdata", "2024b", "hc8b5060_0", 122_000, "LicenseRef-Public-Domain"),
)
LOCKED_PIP = (
    ("mlflow-skinny", "2.18.0", 5_300_000, "Apache-2.0"),
    ("shap", "0.46.0", 540_000, "MIT"),
    ("feature-store-client", "3.1.7", 310_000, "Apache-2.0"),
    ("great-expectations", "1.2.4", 4_800_000, "Apache-2.0"),
    ("cachetools", "5.5.0", 9_500, "MIT"),
    ("protobuf", "5.28.3", 316_000, "BSD-3-Clause"),
    ("pydantic", "2.9.2", 434_000, "MIT"),
    ("requests", "2.32.3", 65_000, "Apache-2.0"),
)
OTHERS = (
    ("churn-serve", "Scoring service of the churn model", ("fastapi 0.115.*", "uvicorn", "lightgbm 4.5.*"), 3, "lock"),
    ("credit-risk-explainability-nightly", "Nightly SHAP report", ("shap 0.46.*", "numpy >=2"), 5, "built"),
    ("demand-forecast", "Weekly forecasts", ("prophet 1.1.*", "pandas 2.2.*", "numpy <3"), 9, "built"),
    ("document-ocr-gpu", "OCR with layout models", ("pytorch 2.5.*=cuda*", "timm", "numpy >=2"), 12, "stale"),
    ("fraud-features", "Feature jobs on Spark", ("pyspark 3.5.*", "pyarrow >=17"), 4, ""),
    ("image-dedup", "Near-duplicate search", ("faiss-cpu 1.9.*", "numpy >=2"), 2, "lock"),
    ("labelling-tools", "Notebooks of the labelling team", ("jupyterlab 4.*", "pandas 2.2.*"), 6, ""),
    ("llm-batch", "Batch inference", ("vllm 0.6.*", "transformers >=4.46"), 7, "failed"),
    ("pricing-elasticity", "Price experiments", ("statsmodels 0.14.*", "pandas 2.2.*"), 3, "built"),
    ("recsys-als", "Matrix factorization", ("implicit 0.7.*", "scipy >=1.14"), 8, "stale"),
    ("speech-transcribe", "Call transcripts", ("openai-whisper", "ffmpeg 7.*"), 1, ""),
)
ARCHIVED = (("churn-2022", "Python 3.8, kept for audits"), ("ocr-cpu-old", "Replaced by document-ocr-gpu"))


# The library


def fill(library: Library, colleague: Library) -> None:
    """Put the invented environments into an empty library; `colleague` is the same as another person sees it."""
    for name, description, packages, versions, state in OTHERS:
        _other(library, name, description, packages, versions, state)
    for name, description in ARCHIVED:
        library.versions.register(_environment(name, ("python 3.8.*", "pandas 1.5.*"), description), "Imported")
        library.environments.archive(name)
    library.versions.label(Reference("churn-serve", 3), "prod")
    library.versions.label(Reference("demand-forecast", 8), "prod")
    draft = library.find("recsys-als").environment
    library.versions.save_draft(draft.with_pip(pip_requirement("optuna>=4")))
    _churn_train(library, colleague)
    library.versions.register(_large(), "Everything that the notebooks ever asked for")


def _large() -> Environment:
    """Return an environment of 300 packages, some with names longer than a column."""
    names = [f"package-{number:03}" for number in range(294)]
    names[2:2] = [f"opentelemetry-instrumentation-{name}-and-its-extensions" for name in ("httpx", "aiohttp", "grpc")]
    conda = tuple(conda_requirement(f"{name} >=1.{number % 30},<2") for number, name in enumerate(names, 1))
    pip = tuple(pip_requirement(f"{name}[all]>=3") for name in ("feature-store", "model-registry", "team-utilities"))
    python = Python(channels=("conda-forge", "https://conda.channels.example/vision"), conda=conda, pip=pip)
    return Environment(LARGE, python, Image(base=BASE), description="300 packages")


def _churn_train(library: Library, colleague: Library) -> None:
    """Register the seven versions of churn-train, lock two of them, build one, and begin a draft."""
    first = _churn()
    library.versions.register(first, "First version, from the notebook")
    second = first.with_conda(conda_requirement("numpy >=2,<3"))
    colleague.versions.register(second, "numpy 2")
    third = second.with_variable(Variable("OMP_NUM_THREADS", "4"))
    library.versions.register(third, "Limit threads on shared machines")
    fourth = third.with_pip(pip_requirement("great-expectations==1.2.4"))
    colleague.versions.register(fourth, "Data checks before training")
    fifth = fourth.without_conda("xgboost").with_conda(conda_requirement("lightgbm 4.5.*"))
    colleague.versions.register(fifth, "LightGBM in place of XGBoost")
    sixth = replace(fifth, image=replace(fifth.image, base=BASE))
    library.versions.register(sixth, "Slim base image; Python 3.12")
    library.locks.save(
        "churn-train", sample_lock(sixth, {"scikit-learn": "1.5.2", "shap": "0.46.0", "openssl": "3.3.2"})
    )
    seventh = (
        sixth.with_conda(conda_requirement("scikit-learn 1.6.*"))
        .with_pip(pip_requirement("mlflow-skinny"))
        .without_conda("joblib")
        .with_conda(conda_requirement("scipy >=1.13"))
        .with_variable(Variable("OMP_NUM_THREADS", "8"))
    )
    library.versions.register(seventh, "scikit-learn 1.6, MLflow tracking")
    lock = sample_lock(seventh)
    library.locks.save("churn-train", lock)
    library.versions.label(Reference("churn-train", 6), "prod")
    library.versions.label(Reference("churn-train", 7), "candidate")
    _build(library, "churn-train", 7, seventh, lock.digest)
    for words, version, target, exit_code, days, seconds in (
        ("python train.py --epochs 3", 6, "local", 0, 12, 72.4),
        ("python -m pytest -q", 7, "local", 0, 4, 14.0),
        ("python train.py --epochs 30", 7, "docker", 1, 3, 3.2),
    ):
        began = datetime.now(UTC) - timedelta(days=days)
        command = words.split()
        library.runs.add(
            "churn-train", version, target, command, exit_code=exit_code, started_at=began, seconds=seconds
        )
    draft = seventh.with_conda(conda_requirement("joblib")).with_variable(Variable("MLFLOW_EXPERIMENT", "churn-q4"))
    library.versions.save_draft(draft, base_version=7)


def _churn() -> Environment:
    old = dict(CONDA) | {"numpy": "numpy 1.26.*", "lightgbm": "xgboost 2.1.*"}
    return Environment(
        "churn-train",
        Python(
            channels=("conda-forge", "https://conda.channels.example/vision"),
            conda=tuple(conda_requirement(text) for text in old.values()),
            pip=tuple(pip_requirement(text) for text in PIP[1:3]),
        ),
        Image(base="python:3.12-bookworm"),
        variables=(
            Variable("MLFLOW_TRACKING_URI", "https://mlflow.ml.example"),
            Variable("FEATURE_STORE_TOKEN", secret="feature-store-token"),
            Variable("PIP_DISABLE_PIP_VERSION_CHECK", "1", applies=(Applies.BUILD,)),
            Variable("MODEL_BUCKET", "s3://models.example/churn"),
        ),
        description="Trains the weekly churn model on the customer table",
        tags=(("cost-centre", "4711"), ("team", "retention")),
    )


def _environment(name: str, packages: tuple[str, ...], description: str) -> Environment:
    conda = tuple(conda_requirement(text) for text in ("python 3.12.*", "pip", *packages) if text)
    unique = tuple({item.name: item for item in conda}.values())
    return Environment(name, Python(channels=("conda-forge",), conda=unique), Image(base=BASE), description=description)


def _other(library: Library, name: str, description: str, packages: tuple[str, ...], versions: int, state: str) -> None:
    environment = _environment(name, packages, description)
    for number in range(1, versions + 1):
        environment = environment.with_variable(Variable("RELEASE", str(number)))
        library.versions.register(environment, f"Release {number}")
        if state == "stale" and number == versions - 1:
            library.locks.save(name, sample_lock(environment))
            _build(library, name, number, environment, "")
    if state in ("lock", "built"):
        library.locks.save(name, sample_lock(environment))
    if state == "built":
        _build(library, name, versions, environment, "")
    if state == "failed":
        build = library.builds.start(name, versions, "direct")
        library.builds.finish(build, name, "failed", seconds=3.1, builder="direct", error="vllm 0.6.* needs CUDA.")


def _build(library: Library, name: str, version: int, environment: Environment, lock: str) -> None:
    image_id = "sha256:" + hashlib.sha256(f"{name}:{version}".encode()).hexdigest()
    build = library.builds.start(name, version, "direct")
    library.builds.finish(
        build, name, "done", seconds=4.86, builder="direct", stages=STAGES, log=LOG, image_id=image_id
    )
    image = BuiltImage(
        reference=f"{name}:{version}",
        image_id=image_id,
        digest=image_id,
        tags=(f"envstudio/{name}:{version}", f"registry.example/ml/{name}:{version}"),
        builder="direct",
        reused=False,
        seconds=4.86,
        stages=STAGES,
        size=463_400_000,
        layers=12,
        layers_sent=3,
        contents=_contents(),
    )
    library.images.add(name, version, image, definition=definition_digest(environment), lock=lock)


def _contents() -> tuple[LayerContents, ...]:
    """Return layers as the direct builder makes them: one for each large package, and one for the small ones."""
    sizes = [(name, 3 * size) for name, _, _, size, _ in LOCKED] + [(name, 3 * size) for name, _, size, _ in LOCKED_PIP]
    sizes = [(name, min(size, 60_000_000)) for name, size in sizes]
    large = sorted((item for item in sizes if item[1] > 8_000_000), key=lambda item: -item[1])
    small = tuple(item for item in sizes if item[1] <= 8_000_000)

    def layer(packages: tuple[tuple[str, int], ...]) -> LayerContents:
        size = sum(size for _, size in packages)
        return LayerContents("sha256:" + hashlib.sha256(packages[0][0].encode()).hexdigest(), size, packages)

    base = LayerContents("sha256:" + hashlib.sha256(BASE.encode()).hexdigest(), 0)
    return (base, *(layer((item,)) for item in large), layer(small))


def sample_lock(environment: Environment, versions: dict[str, str] | None = None) -> Lock:
    """Return an invented lock for a definition, with other versions of some packages."""
    changed = versions or {}
    requests = {item.name for item in environment.python.conda} | {item.name for item in environment.python.pip}

    def digest(name: str, version: str) -> str:
        return hashlib.sha256(f"{name} {version}".encode()).hexdigest()

    packages = []
    for name, version, build, size, licence in LOCKED:
        version = changed.get(name, version)
        url = f"{CHANNEL}/{name}-{version}-{build}.conda"
        requested = name in requests
        checksum, needs = digest(name, version), NEEDS.get(name, ())
        packages.append(
            LockedPackage(name, version, "conda", url, checksum, "", build, size, licence, requested, needs)
        )
    for name, version, size, licence in LOCKED_PIP:
        if name == "mlflow-skinny" and name not in requests:
            continue
        url = f"{INDEX}/{name}/{name}-{version}-py3-none-any.whl"
        packages.append(
            LockedPackage(name, version, "pip", url, digest(name, version), "", "", size, licence, name in requests)
        )
    platform = PlatformLock("linux-64", "3.12.7", sorted_packages(packages))
    return Lock(definition_digest(environment), ("conda-forge",), (platform,), (INDEX,))


def _hours_back() -> Iterator[float]:
    """Yield ever smaller numbers: some months ago at first, the last weeks for most, minutes at the end."""
    hours = 24 * 120.0
    while True:
        hours *= 0.985
        yield hours


@contextmanager
def clock() -> Iterator[None]:
    """Let what is stored lie some hours or days back, each a little later than the one before."""
    moments = (datetime.now(UTC) - timedelta(hours=hours) for hours in _hours_back())

    def now() -> datetime:
        return next(moments)

    # Each module of the library that writes times has the function under its own name.
    modules = [
        name for name, module in sys.modules.items() if name.startswith("envstudio.library.") and hasattr(module, "now")
    ]
    with ExitStack() as stack:
        for module in modules:
            stack.enter_context(patch(f"{module}.now", now))
        yield

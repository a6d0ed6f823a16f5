"""Builds that say what real ones say, for pictures: one that succeeds, and one that fails."""

from __future__ import annotations

import time

from envstudio.errors import BuildFailed
from envstudio.report import Report, Stage

LOG = """resolve churn-train:7 for linux/amd64
base image python:3.12-slim-bookworm is sha256:4b1b3e6e0f1d
33 packages, 29 in the cache, 4 to fetch
fetch scikit-learn-1.6.0-py312h7a48858_0.conda 10.6 MB
fetch lightgbm-4.5.0-cpu_py312h1b3c_2.conda 3.0 MB
fetch mlflow_skinny-2.18.0-py3-none-any.whl 5.3 MB
fetch shap-0.46.0-cp312-cp312-linux_x86_64.whl 0.5 MB
link 25 conda packages into /opt/conda
unpack 8 wheels into /opt/conda/lib/python3.12/site-packages
layer  1 python            96.1 MB  reused
layer  2 scipy             58.7 MB  reused
layer  3 pandas            49.9 MB  reused
layer  4 scikit-learn      36.4 MB  new
layer  5 numpy             27.0 MB  reused
layer  6 small packages    41.2 MB  new
layer  7 environment        4.1 kB  new
load into the engine: 3 of 12 layers sent, 77.6 MB
tagged envstudio/churn-train:7"""
STAGES = (
    Stage("resolve", 0.12, cached=True),
    Stage("fetch", 1.84),
    Stage("link", 0.61),
    Stage("layers", 1.37),
    Stage("load", 0.92),
)


def pretend_build(reference: str, *, report: Report) -> str:
    """Say what a build says, without building."""
    report.line("envstudio build churn-train:7 --builder direct", "command")
    lines = iter(LOG.splitlines())
    for number, stage in enumerate(STAGES):
        with report.stage(stage.name) as handle:
            handle.cached = stage.cached
            for _ in range((2, 5, 2, 7, 2)[number]):
                report.line(next(lines))
            time.sleep(0.15)
    return reference


def pretend_failure(reference: str, *, report: Report) -> None:
    """Say what a build says that fails, with two stages at once and terminal colours."""
    report.line(f"envstudio build {reference} --builder buildkit", "command")
    with report.stage("[1/4] FROM python:3.12-slim-bookworm") as handle:
        handle.cached = True
    report.began("[2/4] RUN uv pip install -r requirements.txt")
    report.began("importing cache")
    report.progress(42_000_000, 96_000_000, "B")
    report.ended("importing cache", 0.4)
    for name, size in (("pandas", "12.4"), ("prophet", "14.1"), ("cmdstanpy", "0.1"), ("stanio", "0.1")):
        report.line(f"\x1b[2m#9\x1b[0m \x1b[32mDownloading\x1b[0m \x1b[1m{name}\x1b[0m ({size} MB)")
    time.sleep(0.4)
    report.line("\x1b[33mwarning:\x1b[0m prophet 1.1.5 was yanked", "err")
    report.line("\x1b[31merror:\x1b[0m command 'gcc' failed: No such file or directory", "err")
    details = "error: command 'gcc' failed: No such file or directory"
    raise BuildFailed("The build failed: a compiler is missing.", "Choose a version that has a wheel.", details)

"""The history of builds, and of one whose process was killed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from envstudio.domain.environment import Environment
from envstudio.library import Library
from envstudio.report import Stage


def test_a_build_keeps_its_stages_and_log(library: Library, churn: Environment) -> None:
    library.versions.register(churn)
    identifier = library.builds.start("churn", 1, "direct")
    assert library.builds.list()[0].status == "running"
    stages = [Stage("load", 0.2, True)]
    library.builds.finish(
        identifier, "churn", "failed", seconds=1.5, builder="direct", stages=stages, log="one\ntwo", error="No."
    )
    record = library.builds.list("churn")[0]
    assert (record.status, record.seconds, record.stages, record.error) == ("failed", 1.5, tuple(stages), "No.")
    assert library.builds.log(identifier) == "one\ntwo"
    assert library.environments.list()[0].image == "failed"


@pytest.mark.skipif(os.name == "nt", reason="Windows does not tell whether a process number is in use this way")
def test_a_build_whose_process_is_gone_was_interrupted(library: Library, churn: Environment, location: Path) -> None:
    library.versions.register(churn)
    code = f"""
import os, signal
from envstudio.library import Library
Library.open({str(location)!r}).builds.start("churn", 1, "direct")
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", code], check=False)
    assert library.builds.list()[0].status == "interrupted"

"""What conda would set and source, from the files of packages."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from envstudio.builders.assembly import activation
from envstudio.errors import EnvStudioError


def test_variables_come_in_conda_s_order_and_the_state_is_last() -> None:
    files = {
        "conda-meta/state": '{"version": 1, "env_vars": {"C": "state", "GONE": "***unset***"}}',
        "etc/conda/env_vars.d/b.json": '{"B": "b", "C": "b", "GONE": "1"}',
        "etc/conda/env_vars.d/a.json": '{"A": "a", "B": "a"}',
    }
    assert activation.variables(files) == {"A": "a", "B": "b", "C": "state"}


@pytest.mark.parametrize("text", ["[]", "{", '{"env_vars": 1}'])
def test_a_file_without_variables_is_named(text: str) -> None:
    with pytest.raises(EnvStudioError, match="conda-meta/state"):
        activation.variables({"conda-meta/state": text})


def test_only_scripts_of_the_shell_are_sourced() -> None:
    assert activation.has_scripts(["etc/conda/activate.d/a.sh"])
    assert not activation.has_scripts(["etc/conda/activate.d/a.fish", "etc/conda/deactivate.d/a.sh", "a.sh"])


@pytest.mark.skipif(os.name == "nt", reason="The program is for images of Linux.")
@pytest.mark.parametrize("shell", ["bash", "dash"])
def test_the_program_sources_scripts_and_becomes_the_command(tmp_path: Path, shell: str) -> None:
    interpreter = shutil.which(shell)
    if interpreter is None:
        pytest.skip(f"This machine has no {shell}.")
    scripts = tmp_path / activation.SCRIPTS
    scripts.mkdir(parents=True)
    (scripts / "a.sh").write_text("export FIRST=1\nset -- lost arguments\n")
    (scripts / "b.sh").write_text('export SECOND="$FIRST and 2"\n')
    program = tmp_path / "activate"
    text = activation.program(str(tmp_path)).decode()
    program.write_text(text if shell == "bash" else text.replace("/bin/bash", "/bin/no-bash"))
    done = subprocess.run(
        [interpreter, str(program), "sh", "-c", 'echo "$SECOND" "$1"; exit 3', "name", "an argument"],
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr, done.returncode) == ("1 and 2 an argument\n", "", 3)

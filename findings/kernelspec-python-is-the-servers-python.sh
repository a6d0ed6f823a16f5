#!/usr/bin/env bash
# jupyter-client 8.10.0, ipykernel 7.4.0, Python 3.11, Linux or macOS.
#
# Behaviour: a kernel.json with argv ["python", "-m", ...] and env {"PATH": "<other environment>/bin:${PATH}"}
# does not start the other environment's Python. PATH is set, and `${PATH}` is expanded, but before that
# jupyter-client replaces an argv[0] of "python", "python3" or "python3.11" (its own version) by its own
# interpreter. "python3.11" given by its full path, or any other name found on PATH, is left alone.
#
# One would guess: the program is looked up on the PATH that the kernel specification states.
#
# Seen:
#   argv[0] = python       runs in the server's environment
#   argv[0] = python3.11   runs in the server's environment
#   argv[0] = other-python (a link beside it, on the same PATH) runs in the other environment
#   in all three the kernel's PATH begins with the other environment
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv server
server/bin/pip install -q --disable-pip-version-check jupyter-client==8.10.0 ipykernel==7.4.0
python3.11 -m venv other
other/bin/pip install -q --disable-pip-version-check ipykernel==7.4.0
ln -s python other/bin/other-python

cat > probe.py <<'PY'
import json
import os
import sys
from pathlib import Path

here = Path.cwd()
os.environ["JUPYTER_PATH"] = str(here / "jupyter")
os.environ["JUPYTER_RUNTIME_DIR"] = str(here / "runtime")
os.environ["IPYTHONDIR"] = str(here / "ipython")
from jupyter_client.manager import start_new_kernel

folder = here / "jupyter" / "kernels" / "other"
folder.mkdir(parents=True)

def run(program):
    (folder / "kernel.json").write_text(json.dumps({
        "argv": [program, "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Other", "language": "python",
        "env": {"PATH": f"{here}/other/bin:${{PATH}}"}}))
    manager, client = start_new_kernel(kernel_name="other")
    said = []
    try:
        client.execute_interactive(
            "import os, sys; print(sys.prefix); print(os.environ['PATH'].split(':')[0])", timeout=60,
            output_hook=lambda message: said.append(message["content"].get("text", "")))
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    prefix, first = "".join(said).split()
    return Path(prefix).name, Path(first).parent.name

for program, wanted in (("python", "server"), ("python3.11", "server"), ("other-python", "other")):
    prefix, first = run(program)
    print(f"argv[0] = {program:13} runs in {prefix}; PATH begins with {first}/bin")
    assert (prefix, first) == (wanted, "other")
PY
server/bin/python probe.py 2> log || { cat log; exit 1; }
echo "as stated"

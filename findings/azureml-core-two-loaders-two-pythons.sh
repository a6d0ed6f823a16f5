#!/usr/bin/env bash
# azureml-core 1.61.0.post4 (with setuptools 79.0.1), Python 3.11.
#
# Behaviour: the two loaders of one class read the same conda file differently. `Environment.load_from_directory`
# takes each spelling of Python over as it is. `Environment.from_conda_specification` puts python=3.10.18 in the
# place of `python=3.11.*`, and a second python=3.10.18 beside `python >=3.9,<3.12`; only `python=X.Y` and
# `python>=X.Y` stay. Nothing is said.
#
# One would guess: `python=3.11.*` and `python=3.11`, which mean the same to conda, give the same environment, and
# both loaders keep what the file asks for.
#
# Seen (asked | from_conda_specification | load_from_directory):
#   python=3.11 | python=3.11 | python=3.11
#   python=3.11.* | python=3.10.18 | python=3.11.*
#   python>=3.11 | python>=3.11 | python>=3.11
#   python >=3.9,<3.12 | python >=3.9,<3.12 python=3.10.18 | python >=3.9,<3.12
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check azureml-core==1.61.0.post4 setuptools==79.0.1
cat > probe.py <<'PY'
import json
import warnings
from pathlib import Path

warnings.simplefilter("ignore")
from azureml.core import Environment


def pythons(environment):
    found = Environment._serialize_to_dict(environment)["python"]["condaDependencies"]["dependencies"]
    return " ".join(item for item in found if isinstance(item, str))


for number, asked in enumerate(("python=3.11", "python=3.11.*", "python>=3.11", "python >=3.9,<3.12")):
    folder = Path(str(number))
    folder.mkdir()
    conda = folder / "conda_dependencies.yml"
    conda.write_text(f"name: project_environment\ndependencies:\n- {asked}\n")
    (folder / "azureml_environment.json").write_text(json.dumps({"name": "x", "python": {}}))
    of_file = pythons(Environment.from_conda_specification("x", str(conda)))
    print(f"{asked} | {of_file} | {pythons(Environment.load_from_directory(str(folder)))}")
PY
env/bin/python probe.py 2>/dev/null | grep ' | ' > seen
cat seen
diff seen - <<'EXPECTED'
python=3.11 | python=3.11 | python=3.11
python=3.11.* | python=3.10.18 | python=3.11.*
python>=3.11 | python>=3.11 | python>=3.11
python >=3.9,<3.12 | python >=3.9,<3.12 python=3.10.18 | python >=3.9,<3.12
EXPECTED

#!/usr/bin/env bash
# mlflow-skinny 3.17.2 (with pandas 3.1.1), Python 3.11.
#
# Behaviour: a model saved with a `conda_env` that asks for Python 3.9 and conda's numpy gets three environment
# files that do not agree. conda.yaml keeps what was asked. python_env.yaml names the Python that happens to be
# running (3.11.x), and requirements.txt, which python_env.yaml points to, holds the pip part only, so numpy is
# gone. A program that builds from conda.yaml and one that builds from python_env.yaml (mlflow's own virtualenv
# and uv modes) build two different environments.
#
# One would guess: python_env.yaml is derived from the conda_env that was given, so it says 3.9.
#
# Seen:
#   conda.yaml        python=3.9, numpy=1.26, pip: [mlflow==3.17.2, pandas==2.0]
#   python_env.yaml   python: 3.11.x
#   requirements.txt  mlflow==3.17.2, pandas==2.0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check mlflow-skinny==3.17.2 pandas==3.1.1 pyyaml==6.0.4
cat > probe.py <<'PY'
import logging
import platform
import warnings
from pathlib import Path
import yaml

logging.disable(logging.CRITICAL)
warnings.simplefilter("ignore")
from mlflow.pyfunc import PythonModel, save_model

class Same(PythonModel):
    def predict(self, context, model_input):
        return model_input

save_model("model", python_model=Same(), conda_env={
    "name": "asked", "channels": ["conda-forge"],
    "dependencies": ["python=3.9", "numpy=1.26", "pip", {"pip": ["pandas==2.0"]}]})
conda = yaml.safe_load(Path("model/conda.yaml").read_text())["dependencies"]
python = yaml.safe_load(Path("model/python_env.yaml").read_text())
requirements = Path("model/requirements.txt").read_text().split()
print("conda.yaml      ", conda)
print("python_env.yaml ", python)
print("requirements.txt", requirements)
assert conda == ["python=3.9", "numpy=1.26", "pip", {"pip": ["mlflow==3.17.2", "pandas==2.0"]}]
assert python["python"] == platform.python_version() and python["dependencies"] == ["-r requirements.txt"]
assert requirements == ["mlflow==3.17.2", "pandas==2.0"]
PY
env/bin/python probe.py 2> log || { cat log; exit 1; }
echo "as stated"

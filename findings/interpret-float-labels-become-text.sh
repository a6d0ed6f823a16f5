#!/usr/bin/env bash
# interpret-core 0.7.8 (scikit-learn 1.9.1), Python 3.11.
#
# Behaviour: ExplainableBoostingClassifier fitted on labels 0.0 and 1.0 (floats, the type a column gets as soon
# as it once held a missing value) turns its classes into text: classes_ is ['0.0', '1.0'] and predict gives
# '0.0' and '1.0'. So its own `score` on the data it was fitted on raises a ValueError. Labels 0 and 1 as
# integers stay integers, and scikit-learn's classifiers keep floats.
#
# One would guess: classes_ is [0.0, 1.0], or [0, 1]; `fit(X, y).score(X, y)` works for every y that fit
# accepts.
#
# Seen:
#   float64 labels: classes_ ['0.0' '1.0'], score: ValueError: Mix of label input types (string and number) ...
#   int64 labels:   classes_ [0 1], score 1.0
#   LogisticRegression on the float labels: classes_ [0. 1.]
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check interpret-core==0.7.8 scikit-learn==1.9.1 pandas==3.1.1
cat > probe.py <<'PY'
import warnings
import numpy as np
from interpret.glassbox import ExplainableBoostingClassifier
from sklearn.linear_model import LogisticRegression

warnings.simplefilter("ignore")
X = np.linspace(-1, 1, 400).reshape(-1, 1)
whole = (X[:, 0] > 0).astype("int64")
floats = whole.astype("float64")

def ebm(y):
    return ExplainableBoostingClassifier(interactions=0, outer_bags=1, max_rounds=200, random_state=1).fit(X, y)

print("int64:  ", ebm(whole).classes_, ebm(whole).score(X, whole))
assert ebm(whole).classes_.tolist() == [0, 1] and ebm(whole).score(X, whole) > 0.9
model = ebm(floats)
print("float64:", model.classes_, model.predict(X[:2]))
assert model.classes_.tolist() == ["0.0", "1.0"]
try:
    model.score(X, floats)
except ValueError as problem:
    print("score:  ", problem)
else:
    raise SystemExit("score worked")
assert LogisticRegression().fit(X, floats).classes_.tolist() == [0.0, 1.0]
PY
env/bin/python probe.py
echo "as stated"

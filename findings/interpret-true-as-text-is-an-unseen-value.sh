#!/usr/bin/env bash
# interpret-core 0.7.8, pandas 3.1.1, Python 3.11.
#
# Behaviour: an ExplainableBoostingRegressor learns a boolean column as a *number* with a cut at 0.5. Asked with
# the texts "True" and "False" (a CSV read as text, a JSON request) it gives the same answer to both, that of a
# missing value, without a word; "1" and "0" as text work. Trained on the texts, it learns two categories, and
# the booleans True and False are then both unseen. Digits that are names of categories ("1", "2", "10") are
# learned as numbers, too: a "3" that was never seen gets the value of "2".
#
# One would guess: True and "True" are one category (or a type error is raised), and text columns are
# categories.
#
# Seen (target +10 for true, -10 for false):
#   trained on booleans: True/False  about 10/-10;  "1"/"0"      about 10/-10;  "True"/"False"  the same number twice
#   trained on text:     "True"/"False" about 10/-10;  True/False  the same number twice
#   codes "1", "2", "10" (0, 100, 0): feature type continuous; "3" about 99
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check interpret-core==0.7.8 scikit-learn==1.9.1 pandas==3.1.1
cat > probe.py <<'PY'
import warnings
import numpy as np
import pandas as pd
from interpret.glassbox import ExplainableBoostingRegressor

warnings.simplefilter("ignore")

def fitted(values, target):
    frame = pd.DataFrame({"x": values * 100})
    return ExplainableBoostingRegressor(interactions=0, outer_bags=1, max_rounds=500, random_state=1).fit(
        frame, np.array(target * 100))

def ask(model, values):
    return model.predict(pd.DataFrame({"x": values})).round(1).tolist()

def apart(answers):
    return abs(answers[0] - 10) < 2 and abs(answers[1] + 10) < 2

booleans = fitted([True, False, True, False], [10.0, -10.0, 10.0, -10.0])
print(booleans.feature_types_in_, [ask(booleans, v) for v in ([True, False], ["1", "0"], ["True", "False"])])
assert booleans.feature_types_in_ == ["continuous"]
assert apart(ask(booleans, [True, False])) and apart(ask(booleans, ["1", "0"]))
assert ask(booleans, ["True", "False"]) == ask(booleans, [None, None])

texts = fitted(["True", "False", "True", "False"], [10.0, -10.0, 10.0, -10.0])
print(texts.feature_types_in_, [ask(texts, v) for v in (["True", "False"], [True, False])])
assert texts.feature_types_in_ == ["nominal"]
assert apart(ask(texts, ["True", "False"])) and len(set(ask(texts, [True, False]))) == 1

codes = fitted(["1", "2", "10"], [0.0, 100.0, 0.0])
print(codes.feature_types_in_, ask(codes, ["1", "2", "3", "10"]))
assert codes.feature_types_in_ == ["continuous"]
assert ask(codes, ["3"]) == ask(codes, ["2"]) and ask(codes, ["2"])[0] > 90
PY
env/bin/python probe.py
echo "as stated"

#!/usr/bin/env bash
# fairlearn 0.15.0 (scikit-learn 1.9.1, pandas 3.1.1), Python 3.11.
#
# Behaviour: a group in which nobody is positive has no true positive rate and no false negative rate; fairlearn
# says 0.0 for both, so the two no longer add up to 1. The 0.0 counts in the comparison: with a faultless model
# (predictions equal to the truth) the equal opportunity difference is 1.0, the worst value there is, and the
# equal opportunity ratio is 0.0. There is no warning. A combination of two features that does not occur is NaN
# instead, and is left out of min, difference and ratio. A ratio of 0 to 0 (nobody selected in any group) is
# NaN, not 1.
#
# One would guess: NaN for the empty rate, which group_min and difference then skip; a faultless model has
# difference 0.0.
#
# Seen:
#   group b: tpr 0.0, fnr 0.0;  equal_opportunity_difference 1.0, equal_opportunity_ratio 0.0, equalized_odds_difference 1.0
#   nobody selected: demographic_parity_difference 0.0, demographic_parity_ratio nan
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check fairlearn==0.15.0 scikit-learn==1.9.1 pandas==3.1.1
cat > probe.py <<'PY'
import math
import warnings
from fairlearn.metrics import (MetricFrame, demographic_parity_difference, demographic_parity_ratio, equal_opportunity_difference,
                               equal_opportunity_ratio, equalized_odds_difference, false_negative_rate, selection_rate,
                               true_positive_rate)

warnings.simplefilter("error")
truth = [1, 1, 0, 0, 0, 0]
group = list("aaaabb")
frame = MetricFrame(metrics={"tpr": true_positive_rate, "fnr": false_negative_rate}, y_true=truth, y_pred=truth,
                    sensitive_features=group)
print(frame.by_group)
assert frame.by_group.loc["b"].tolist() == [0.0, 0.0]
seen = {f.__name__: f(truth, truth, sensitive_features=group)
        for f in (equal_opportunity_difference, equal_opportunity_ratio, equalized_odds_difference)}
print(seen)
assert list(seen.values()) == [1.0, 0.0, 1.0]

cells = MetricFrame(metrics=selection_rate, y_true=truth, y_pred=truth,
                    sensitive_features={"one": list("xxxyyy"), "two": list("ppqppp")})
print(cells.by_group)
assert math.isnan(cells.by_group["y", "q"])
assert cells.group_min() == 0.0

warnings.simplefilter("ignore")
none = [0] * 6
pair = (demographic_parity_difference(truth, none, sensitive_features=group),
        demographic_parity_ratio(truth, none, sensitive_features=group))
print("nobody selected:", pair)
assert pair[0] == 0.0 and math.isnan(pair[1])
PY
env/bin/python probe.py
echo "as stated"

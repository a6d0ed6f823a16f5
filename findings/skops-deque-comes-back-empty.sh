#!/usr/bin/env bash
# skops 0.16.0, Python 3.11.
#
# Behaviour: `skops.io.loads(skops.io.dumps(x))` of a `collections.deque` gives an empty deque without a limit:
# elements and `maxlen` are gone, and neither side says a word. A Counter, a defaultdict, an OrderedDict and a
# set keep theirs. The same happens to a deque that is an attribute of an estimator.
#
# One would guess: what cannot be stored raises (a `complex` does), so what loads is what was dumped.
#
# Seen:
#   deque([1, 2, 3], maxlen=3)  ->  deque([])
#   Counter, OrderedDict, set   ->  unchanged
#   complex                     ->  TypeError on dumps
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check skops==0.16.0 scikit-learn==1.9.1
cat > probe.py <<'PY'
from collections import Counter, OrderedDict, deque
from sklearn.preprocessing import StandardScaler
import skops.io as sio

def there_and_back(thing):
    data = sio.dumps(thing)
    return sio.loads(data, trusted=sio.get_untrusted_types(data=data))

recent = deque([1, 2, 3], maxlen=3)
back = there_and_back(recent)
print(recent, "->", back)
assert type(back) is deque and list(back) == [] and back.maxlen is None
for thing in (Counter("aab"), OrderedDict([("b", 1), ("a", 2)]), {1, 2}):
    print(thing, "->", there_and_back(thing))
    assert there_and_back(thing) == thing
scaler = StandardScaler()
scaler.recent_ = recent
print("as an attribute:", there_and_back(scaler).recent_)
assert list(there_and_back(scaler).recent_) == []
try:
    sio.dumps(1 + 2j)
except TypeError as problem:
    print("complex:", problem)
else:
    raise SystemExit("a complex number was stored")
PY
env/bin/python probe.py
echo "as stated"

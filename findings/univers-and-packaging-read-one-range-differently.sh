#!/usr/bin/env bash
# univers 32.0.1 and packaging 26.4, Python 3.11.
#
# Behaviour: univers turns a native Python range into a "vers" range by copying the bounds, and then compares
# versions by order alone. PEP 440 has exceptions to that order. So `PypiVersionRange.from_native(">=1.0,<2.0")`
# holds 2.0rc1 (PEP 440: no), `<=1.0` and `==1.0` do not hold 1.0+cpu (PEP 440: yes), and `>1.0` holds 1.0.post1
# and 1.0+cpu (PEP 440: no). An advisory that gives "affected: <=1.0" thus says nothing of the CPU build of 1.0
# in one tool and names it in the other.
#
# One would guess: a class named for PyPI, built from PEP 440 text, answers as packaging does.
#
# Seen (univers / packaging):
#   >=1.0,<2.0  2.0rc1     True  / False
#   <=1.0       1.0+cpu    False / True
#   ==1.0       1.0+cpu    False / True
#   >1.0        1.0.post1  True  / False
#   >1.0        1.0+cpu    True  / False
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check univers==32.0.1 packaging==26.4
cat > probe.py <<'PY'
from packaging.specifiers import SpecifierSet
from univers.version_range import PypiVersionRange
from univers.versions import PypiVersion

for bounds, version, by_univers, by_packaging in (
    (">=1.0,<2.0", "2.0rc1", True, False),
    ("<=1.0", "1.0+cpu", False, True),
    ("==1.0", "1.0+cpu", False, True),
    (">1.0", "1.0.post1", True, False),
    (">1.0", "1.0+cpu", True, False),
    (">=1.0,<2.0", "1.5", True, True),
):
    seen = (PypiVersion(version) in PypiVersionRange.from_native(bounds),
            SpecifierSet(bounds).contains(version, prereleases=True))
    print(f"{bounds:11} {version:10} univers {seen[0]!s:6} packaging {seen[1]}")
    assert seen == (by_univers, by_packaging), (bounds, version, seen)
PY
env/bin/python probe.py
echo "as stated"

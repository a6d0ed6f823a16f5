#!/usr/bin/env bash
# packaging 26.4 (and 25.0 for comparison), Python 3.11.
#
# Behaviour: `"1.1rc1" in SpecifierSet(">=1.0")` is True in packaging 26.4. A single version is judged as if it
# were the whole list of candidates, and a list that holds nothing but pre-releases falls back to them. Only
# `filter()`, which sees all candidates at once, leaves the pre-release out. In 25.0 the same expression was
# False.
#
# One would guess: False, since the specifier names no pre-release. So the usual line `max(v for v in versions
# if v in spec)` would pick the newest final release.
#
# Seen:
#   25.0: 1.1rc1 in >=1.0: False; filter: ['1.0']; best by "in": 1.0
#   26.4: 1.1rc1 in >=1.0: True; filter: ['1.0']; best by "in": 1.1rc1
# `contains(v, prereleases=False)` is what still says False in 26.4.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat > probe.py <<'PY'
from importlib.metadata import version
from packaging.specifiers import SpecifierSet
from packaging.version import Version

spec = SpecifierSet(">=1.0")
versions = ["1.0", "1.1rc1"]
inside = "1.1rc1" in spec
filtered = list(spec.filter(versions))
best = max((Version(v) for v in versions if v in spec))
strict = spec.contains("1.1rc1", prereleases=False)
print(f"{version('packaging')}: 1.1rc1 in {spec}: {inside}; filter: {filtered}; best by \"in\": {best}")
new = version("packaging") == "26.4"
assert inside is new, inside
assert filtered == ["1.0"], filtered
assert str(best) == ("1.1rc1" if new else "1.0"), best
assert strict is False, strict
PY

for release in 25.0 26.4; do
    python3.11 -m venv "env-$release"
    "env-$release/bin/pip" install -q --disable-pip-version-check "packaging==$release"
    "env-$release/bin/python" probe.py
done
echo "as stated"

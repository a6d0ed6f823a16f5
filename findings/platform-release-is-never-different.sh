#!/usr/bin/env bash
# packaging 26.4, Python 3.11.
#
# Behaviour: markers on `platform_release` are compared as PEP 440 versions whenever the right side is a
# version. The kernels of Ubuntu, Debian and WSL ("5.15.0-91-generic") are no such versions, and then every
# comparison is False, "not equal" included. With a right side that is no version, strings are compared: "!=" is
# True again. So `>=`, `<` and `!=` are all False for one and the same kernel, and a mac ("23.1.0") behaves
# differently from a Linux machine.
#
# One would guess: that `!=` is the opposite of `==`, so that one of the two applies; and if not by version,
# then by string ("5.15..." >= "5").
#
# Seen (platform_release = 5.15.0-91-generic):
#   == '4' False   != '4' False   >= '5' False   < '5' False   != 'foo' True
#   (23.1.0)  == '4' False   != '4' True    >= '5' True    < '5' False
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check packaging==26.4
env/bin/python - <<'PY'
from packaging.markers import Marker, default_environment

def judge(release, comparison):
    return Marker(f"platform_release {comparison}").evaluate(default_environment() | {"platform_release": release})

comparisons = ("== '4'", "!= '4'", ">= '5'", "< '5'", "!= 'foo'")
expected = {
    "5.15.0-91-generic": [False, False, False, False, True],
    "6.1.0-18-amd64": [False, False, False, False, True],
    "6.6.87.2-microsoft-standard-WSL2": [False, False, False, False, True],
    "23.1.0": [False, True, True, False, True],
}
for release, wanted in expected.items():
    seen = [judge(release, c) for c in comparisons]
    print(release, dict(zip(comparisons, seen)))
    assert seen == wanted, (release, seen)
PY
echo "as stated"

#!/usr/bin/env bash
# cyclonedx-bom 7.5.0 (cyclonedx-py) and uv 0.13.9, Python 3.11.
#
# Behaviour: two CycloneDX inventories of the same packages do not match by package URL. cyclonedx-py writes
# `pkg:pypi/zope.thing@1.0` for a distribution named zope.thing, `uv export` writes `pkg:pypi/zope-thing@1.0`:
# the package URL rules turn "_" into "-" but leave dots, Python's own rule turns both. And a valid SPDX
# expression that holds a LicenseRef, such as `MIT AND LicenseRef-Vendor`, is not an expression for
# cyclonedx-py: it becomes the *name* of one free-text licence. uv's inventory states no licences at all.
#
# One would guess: the same package URLs, so that two inventories can be joined; and License-Expression always
# ends up in `expression`.
#
# Seen:
#   cyclonedx-py  pkg:pypi/zope.thing@1.0   pkg:pypi/under-score@1.0
#   uv export     pkg:pypi/zope-thing@1.0   pkg:pypi/under-score@1.0
#   MIT OR Apache-2.0          -> expression
#   MIT AND LicenseRef-Vendor  -> license.name
set -euo pipefail
export UV_PYTHON_DOWNLOADS=never
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check uv==0.13.9 cyclonedx-bom==7.5.0

cat > wheels.py <<'PY'
import zipfile
from pathlib import Path

Path("wheels").mkdir()
for name, licence in (("zope.thing", "MIT OR Apache-2.0"), ("under_score", "MIT AND LicenseRef-Vendor")):
    stem = name.replace(".", "_")
    info = f"{stem}-1.0.dist-info"
    with zipfile.ZipFile(f"wheels/{stem}-1.0-py3-none-any.whl", "w") as z:
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.4\nName: {name}\nVersion: 1.0\nLicense-Expression: {licence}\n")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(f"{info}/RECORD", f"{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
PY
env/bin/python wheels.py
mkdir project
cat > project/pyproject.toml <<'TOML'
[project]
name = "project"
version = "0"
requires-python = ">=3.11"
dependencies = ["zope.thing", "under_score"]

[tool.uv]
no-index = true
find-links = ["../wheels"]
TOML
(cd project && ../env/bin/uv export -q --no-cache --preview --format cyclonedx1.5 -o ../uv.json > /dev/null)
env/bin/uv --no-config venv -q --python env/bin/python target
env/bin/uv --no-config pip install -q --no-cache --no-index --find-links wheels --python target/bin/python zope.thing under_score
env/bin/cyclonedx-py environment --of JSON --sv 1.6 -o py.json target/bin/python 2> log || { cat log; exit 1; }

env/bin/python - <<'PY'
import json
from pathlib import Path

def components(file):
    return json.loads(Path(file).read_text())["components"]

urls = {tool: sorted(c["purl"] for c in components(f"{tool}.json")) for tool in ("py", "uv")}
print("cyclonedx-py", urls["py"])
print("uv export   ", urls["uv"])
assert urls["py"] == ["pkg:pypi/under-score@1.0", "pkg:pypi/zope.thing@1.0"]
assert urls["uv"] == ["pkg:pypi/under-score@1.0", "pkg:pypi/zope-thing@1.0"]
licences = {c["name"]: c["licenses"] for c in components("py.json")}
for name, said in licences.items():
    print(name, said)
assert [item.get("expression") for item in licences["zope.thing"]] == ["MIT OR Apache-2.0"]
assert [item.get("license", {}).get("name") for item in licences["under_score"]] == ["MIT AND LicenseRef-Vendor"]
assert not any("licenses" in c for c in components("uv.json"))
PY
echo "as stated"

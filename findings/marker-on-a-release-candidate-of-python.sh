#!/usr/bin/env bash
# uv 0.13.9, packaging 26.4, Python 3.11.
#
# Behaviour: uv rewrites `python_version` in markers into `python_full_version`. For a final Python that says
# the same. For a release candidate of Python it does not: packaging (and so pip) finds both
# `python_full_version >= '3.15'` and `python_full_version < '3.15'` false for 3.15.0rc1, because a pre-release
# sorts before its release and an exclusive "<" leaves out the pre-releases of its own bound. So a pair of
# requirements of which exactly one applied before goes through `uv pip compile --universal` and comes out as a
# pair of which none applies. uv itself takes the rc for 3.15.
#
# One would guess: a lock's markers choose what the input's markers chose, and of "X >= v" and "X < v" one is
# true.
#
# Seen:
#   on 3.15.0rc1 the input gives          new
#   on 3.15.0rc1 the compiled file gives  nothing at all
#   uv pip compile --python-version 3.15.0rc1 gives new
#   on 3.15.0 and 3.14.2 input and compiled file agree
set -euo pipefail
export UV_PYTHON_DOWNLOADS=never
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check uv==0.13.9 packaging==26.4

cat > wheels.py <<'PY'
import zipfile
from pathlib import Path

Path("wheels").mkdir()
for name in ("new", "old"):
    info = f"{name}-1.dist-info"
    with zipfile.ZipFile(f"wheels/{name}-1-py3-none-any.whl", "w") as z:
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(f"{info}/RECORD", "")
PY
env/bin/python wheels.py

printf "%s\n" "new; python_version >= '3.15'" "old; python_version < '3.15'" > in.txt
uv() { env/bin/uv pip compile -q --no-config --no-cache --no-header --no-annotate --no-index --find-links wheels --python env/bin/python in.txt "$@"; }
uv --universal --python-version 3.8 -o out.txt > /dev/null
uv --python-version 3.15.0rc1 > rc.txt
echo "compiled:"; cat out.txt

env/bin/python - <<'PY'
from pathlib import Path
from packaging.markers import default_environment
from packaging.requirements import Requirement

def chosen(file, full):
    here = default_environment() | {"python_full_version": full, "python_version": full.rsplit(".", 1)[0]}
    wanted = [Requirement(line) for line in Path(file).read_text().splitlines()]
    return [r.name for r in wanted if r.marker is None or r.marker.evaluate(here)]

for full, before, after in (("3.15.0rc1", ["new"], []), ("3.15.0", ["new"], ["new"]), ("3.14.2", ["old"], ["old"])):
    print(full, "input:", chosen("in.txt", full), "compiled:", chosen("out.txt", full))
    assert chosen("in.txt", full) == before
    assert chosen("out.txt", full) == after
rc = Path("rc.txt").read_text().split()
print("uv for 3.15.0rc1:", rc)
assert rc == ["new==1"], rc
PY
echo "as stated"

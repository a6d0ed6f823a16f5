#!/usr/bin/env bash
# uv 0.13.9 and python-dotenv 1.2.4, Python 3.11.
#
# Behaviour: one .env file, read by `uv run --env-file` and by python-dotenv.
# - An unquoted value with a blank in it ends uv's reading of the file. What stood before is set, that line and
#   everything after it is not; uv warns, runs the program all the same, and ends with its status. python-dotenv
#   takes the whole value and goes on.
# - `$NAME` without braces is expanded by uv and left as text by python-dotenv.
# - `${NAME:-default}` is the default in python-dotenv and empty in uv.
# - An unquoted `a\nb` holds a line break in uv, a backslash and an n in python-dotenv.
# - A name that is set already keeps its value in uv and gets the file's in `dotenv run`.
#
# One would guess: the same values, or an error; certainly not a program that starts with the second half of its
# variables missing.
#
# Seen:
#   name      uv            dotenv run
#   SHORT     base-x        $BASE-x
#   FALLBACK  (empty)       plan-b
#   ESCAPE    a<newline>b   a\nb
#   TAKEN     outside       inside
#   TITLE     (unset)       My Model
#   MODEL     (unset)       /models/one
#   status of the uv run: 0
set -euo pipefail
export UV_PYTHON_DOWNLOADS=never
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check uv==0.13.9 "python-dotenv[cli]==1.2.4"

cat > .env <<'ENV'
BASE=base
SHORT=$BASE-x
FALLBACK=${NOBODY:-plan-b}
ESCAPE=a\nb
TAKEN=inside
TITLE=My Model
MODEL=/models/one
ENV
cat > show.py <<'PY'
import json, os
print(json.dumps({n: os.environ.get(n) for n in ("SHORT", "FALLBACK", "ESCAPE", "TAKEN", "TITLE", "MODEL")}))
PY
unset BASE SHORT FALLBACK NOBODY ESCAPE TITLE MODEL
export TAKEN=outside
env/bin/uv run --no-config --no-project --env-file .env --python env/bin/python show.py > uv.json 2> uv.log
cat uv.log
grep -q "Failed to parse environment file" uv.log
env/bin/dotenv -f .env run -- env/bin/python show.py > dotenv.json
env/bin/python - <<'PY'
import json
from pathlib import Path

uv, dotenv = (json.loads(Path(f"{n}.json").read_text()) for n in ("uv", "dotenv"))
for name in uv:
    print(f"{name:9} uv {uv[name]!r:12} dotenv {dotenv[name]!r}")
assert uv == {"SHORT": "base-x", "FALLBACK": "", "ESCAPE": "a\nb", "TAKEN": "outside", "TITLE": None, "MODEL": None}
assert dotenv == {"SHORT": "$BASE-x", "FALLBACK": "plan-b", "ESCAPE": "a\\nb", "TAKEN": "inside", "TITLE": "My Model",
                  "MODEL": "/models/one"}
PY
echo "as stated"

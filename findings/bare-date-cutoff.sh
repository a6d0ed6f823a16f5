#!/usr/bin/env bash
# pip 26.3 and uv 0.13.9: the same bare date as upload cutoff gives two different versions.
#
# Both tools can ignore files that were uploaded after a date: pip with --uploaded-prior-to, uv with --exclude-newer.
# One would guess that "2026-01-20" means the same instant to both. It does not: to pip it is the beginning of that day,
# so a file of that day at noon is too new; to uv it is the end of the day, so the file is taken. With an instant both
# agree, and a file uploaded exactly at the instant is too new for both.
#
# Seen with an index (PEP 700 upload times) of dep 1.0 (10 January, 12:00 UTC) and dep 2.0 (20 January, 12:00 UTC):
#     cutoff                 pip       uv
#     2026-01-20             dep 1.0   dep 2.0
#     2026-01-20T12:00:00Z   dep 1.0   dep 1.0
#     2026-01-20T12:00:01Z   dep 2.0   dep 2.0
set -euo pipefail

folder=$(mktemp -d)
server=
trap 'test -z "$server" || kill "$server"; rm -rf "$folder"' EXIT
python3 -m venv "$folder/tools"
"$folder/tools/bin/python" -m pip install --quiet --disable-pip-version-check pip==26.3 uv==0.13.9

cat > "$folder/serve.py" <<'EOF'
"""Serve an index of one project with upload times; print the port."""
import hashlib, io, json, zipfile
from http.server import BaseHTTPRequestHandler, HTTPServer

UPLOADED = {"1.0": "2026-01-10T12:00:00Z", "2.0": "2026-01-20T12:00:00Z"}


def wheel(version):
    data, info = io.BytesIO(), f"dep-{version}.dist-info"
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("dep.py", "")
        archive.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: dep\nVersion: {version}\n")
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", "")
    return data.getvalue()


FILES = {f"dep-{version}-py3-none-any.whl": wheel(version) for version in UPLOADED}
PAGE = {
    "meta": {"api-version": "1.1"}, "name": "dep", "versions": list(UPLOADED),
    "files": [
        {"filename": name, "url": name, "size": len(data), "upload-time": UPLOADED[name.split("-")[1]],
         "hashes": {"sha256": hashlib.sha256(data).hexdigest()}}
        for name, data in FILES.items()
    ],
}


class Index(BaseHTTPRequestHandler):
    def do_GET(self):
        name = self.path.rsplit("/", 1)[-1]
        body = FILES.get(name) or json.dumps(PAGE).encode()
        kind = "application/octet-stream" if name in FILES else "application/vnd.pypi.simple.v1+json"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


httpd = HTTPServer(("127.0.0.1", 0), Index)
print(httpd.server_port, flush=True)
httpd.serve_forever()
EOF
python3 "$folder/serve.py" > "$folder/port" &
server=$!
until test -s "$folder/port"; do sleep 0.1; done
index="http://127.0.0.1:$(cat "$folder/port")/simple"

export TZ=UTC PIP_CONFIG_FILE=/dev/null
with_pip() {
    "$folder/tools/bin/python" -m pip install --dry-run --no-cache-dir --disable-pip-version-check --target "$folder/none" \
        --index-url "$index" --uploaded-prior-to "$1" dep | sed -n 's/^Would install dep-/dep /p'
}
with_uv() {
    echo dep | "$folder/tools/bin/uv" pip compile --quiet --no-cache --no-config --no-header --no-annotate \
        --python "$folder/tools/bin/python" --index-url "$index" --exclude-newer "$1" - | sed 's/==/ /'
}
while read -r cutoff pip uv; do
    seen="$(with_pip "$cutoff"), $(with_uv "$cutoff")"
    echo "$cutoff: pip and uv take $seen"
    test "$seen" = "dep $pip, dep $uv"
done <<'EOF'
2026-01-20 1.0 2.0
2026-01-20T12:00:00Z 1.0 1.0
2026-01-20T12:00:01Z 2.0 2.0
EOF

#!/usr/bin/env bash
# py-rattler 0.28.0, Python 3.11.
#
# Behaviour: `rattler.solve` gives different environments for the same specs in another order. Where the newest
# `app` needs the old `lib` and the other way round, the spec that stands first gets its newest version. The
# result is stable for one order, so nothing looks wrong until somebody sorts the list of an environment file.
#
# One would guess: specs are a set; their order changes nothing, and a solver weighs them all in one way.
#
# Seen:
#   ["app", "lib"] -> app 2.0, lib 1.0
#   ["lib", "app"] -> app 1.0, lib 2.0
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

python3.11 -m venv env
env/bin/pip install -q --disable-pip-version-check py-rattler==0.28.0
cat > probe.py <<'PY'
import asyncio
import json
from pathlib import Path
from rattler import Channel, MatchSpec, solve

def record(name, version, *depends):
    return f"{name}-{version}-0.conda", {
        "name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends), "noarch": "generic",
        "subdir": "noarch", "md5": "0" * 32, "sha256": "0" * 64, "size": 1}

packages = dict([record("app", "2.0", "lib 1.*"), record("app", "1.0", "lib 2.*"), record("lib", "1.0"), record("lib", "2.0")])
for subdir, content in (("noarch", packages), ("linux-64", {})):
    folder = Path("channel", subdir)
    folder.mkdir(parents=True)
    folder.joinpath("repodata.json").write_text(json.dumps(
        {"info": {"subdir": subdir}, "packages": {}, "packages.conda": content, "repodata_version": 1}))

async def versions(*specs):
    found = await solve(sources=[Channel(Path("channel").resolve().as_uri())], specs=[MatchSpec(s) for s in specs],
                        platforms=["linux-64", "noarch"])
    return {r.name.normalized: str(r.version) for r in found}

async def main():
    for specs, wanted in ((("app", "lib"), {"app": "2.0", "lib": "1.0"}), (("lib", "app"), {"app": "1.0", "lib": "2.0"})):
        for _ in range(3):
            seen = await versions(*specs)
            assert seen == wanted, (specs, seen)
        print(list(specs), "->", dict(sorted(seen.items())))

asyncio.run(main())
PY
env/bin/python probe.py
echo "as stated"

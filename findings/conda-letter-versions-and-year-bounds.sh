#!/usr/bin/env bash
# py-rattler 0.28.0, Python 3.11.
#
# Behaviour: in conda's order a number followed by a letter comes *before* the bare number. tzdata is versioned
# 2023c, 2024a, 2024b, so `tzdata >=2024` refuses every release of 2024, `tzdata >=2023c,<2024` takes 2024b, and
# `tzdata =2024` takes 2024b as well: `=2024` matches what `>=2024` does not. The same rule makes `foo <2`
# accept 2.0rc1, which PEP 440's `<2` refuses, and no flag for pre-releases exists that would stop the solver
# from taking it.
#
# One would guess: `>=2024` is met by 2024b, `<2024` keeps the releases of 2024 out, and whatever meets `=2024`
# meets `>=2024`.
#
# Seen:
#   tzdata >=2024          unsolvable
#   tzdata =2024           2024b
#   tzdata >=2023c,<2024   2024b
#   foo <2                 2.0rc1 (with 1.9 there)
#   foo >=1.0,<2.0a0       1.9
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
from rattler import Channel, MatchSpec, Version, solve
from rattler.exceptions import SolverError

def record(name, version):
    return f"{name}-{version}-0.conda", {
        "name": name, "version": version, "build": "0", "build_number": 0, "depends": [], "noarch": "generic",
        "subdir": "noarch", "md5": "0" * 32, "sha256": "0" * 64, "size": 1}

packages = dict(record(n, v) for n, v in (
    ("tzdata", "2023c"), ("tzdata", "2024a"), ("tzdata", "2024b"), ("foo", "1.9"), ("foo", "2.0rc1")))
for subdir, content in (("noarch", packages), ("linux-64", {})):
    folder = Path("channel", subdir)
    folder.mkdir(parents=True)
    folder.joinpath("repodata.json").write_text(json.dumps(
        {"info": {"subdir": subdir}, "packages": {}, "packages.conda": content, "repodata_version": 1}))

async def answer(spec):
    try:
        found = await solve(sources=[Channel(Path("channel").resolve().as_uri())], specs=[MatchSpec(spec)],
                            platforms=["linux-64", "noarch"])
    except SolverError:
        return "unsolvable"
    return str(found[0].version)

async def main():
    for spec, wanted in (
        ("tzdata >=2024", "unsolvable"), ("tzdata =2024", "2024b"), ("tzdata >=2023c,<2024", "2024b"),
        ("foo <2", "2.0rc1"), ("foo >=1.0,<2.0a0", "1.9"),
    ):
        seen = await answer(spec)
        print(f"{spec:22} {seen}")
        assert seen == wanted, (spec, seen)
    assert Version("2024b") < Version("2024")

asyncio.run(main())
PY
env/bin/python probe.py
echo "as stated"

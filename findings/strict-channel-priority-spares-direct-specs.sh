#!/usr/bin/env bash
# py-rattler 0.28.0, Python 3.11.
#
# Behaviour: two channels; the first has foo 1.0, the second has foo 2.0 and an `app` that needs `foo >=2`. With
# strict channel priority (the default) the spec `foo >=2` is solved with 2.0 of the *second* channel, while
# `app`, which needs the very same foo, cannot be solved. The likely reason: of a direct spec only the matching
# records are loaded, so the first channel looks as if it had no foo at all. The moment a second spec asks for
# any foo ("foo" beside "foo >=2"), strict priority applies again and the request fails. Adding `foo >=2` beside
# `app` makes the request that failed work.
#
# One would guess: strict priority hides the second channel's foo whoever asks, so both fail; and adding a spec
# can never turn an unsolvable request into a solvable one.
#
# Seen:
#   ["foo >=2"]          foo 2.0 from second
#   ["app"]              unsolvable
#   ["app", "foo >=2"]   app 1 from second, foo 2.0 from second
#   ["foo", "foo >=2"]   unsolvable
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
from rattler import Channel, ChannelPriority, MatchSpec, solve
from rattler.exceptions import SolverError

def record(name, version, *depends):
    return f"{name}-{version}-0.conda", {
        "name": name, "version": version, "build": "0", "build_number": 0, "depends": list(depends), "noarch": "generic",
        "subdir": "noarch", "md5": "0" * 32, "sha256": "0" * 64, "size": 1}

def channel(name, *records):
    for subdir, content in (("noarch", dict(records)), ("linux-64", {})):
        folder = Path(name, subdir)
        folder.mkdir(parents=True)
        folder.joinpath("repodata.json").write_text(json.dumps(
            {"info": {"subdir": subdir}, "packages": {}, "packages.conda": content, "repodata_version": 1}))
    return Channel(Path(name).resolve().as_uri())

channels = [channel("first", record("foo", "1.0")), channel("second", record("foo", "2.0"), record("app", "1", "foo >=2"))]

async def answer(*specs, priority=ChannelPriority.Strict):
    try:
        found = await solve(sources=channels, specs=[MatchSpec(s) for s in specs], platforms=["linux-64", "noarch"],
                            channel_priority=priority)
    except SolverError:
        return "unsolvable"
    return ", ".join(sorted(f"{r.name.normalized} {r.version} from {str(r.channel).rstrip('/').rsplit('/', 1)[1]}" for r in found))

async def main():
    for specs, wanted in (
        (("foo >=2",), "foo 2.0 from second"),
        (("app",), "unsolvable"),
        (("app", "foo >=2"), "app 1 from second, foo 2.0 from second"),
        (("foo", "foo >=2"), "unsolvable"),
    ):
        seen = await answer(*specs)
        print(list(specs), seen)
        assert seen == wanted, (specs, seen)
    seen = await answer("app", priority=ChannelPriority.Disabled)
    print("priority disabled:", seen)
    assert seen == "app 1 from second, foo 2.0 from second"

asyncio.run(main())
PY
env/bin/python probe.py
echo "as stated"

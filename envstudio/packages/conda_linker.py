"""Linking conda packages, in a process of its own: a native library that aborts ends that process and not ours.

Run by its path, so that it needs nothing of EnvStudio's: a JSON document comes on standard input, and what went wrong
goes to standard output as {"error": …}. Exit status 0: linked; 1: refused by rattler; anything else: it crashed.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import rattler

LINKED, REFUSED = 0, 1


def record(facts: dict[str, Any]) -> rattler.RepoDataRecord:
    """Return rattler's record for a package, from the fields of a locked one and its file name and channel."""
    import rattler

    build = str(facts["build"])
    number = build.rpartition("_")[2]
    made = rattler.PackageRecord(
        facts["name"],
        facts["version"],
        rattler.BuildString(build),
        int(number) if number.isdigit() else 0,
        facts["subdir"],
        depends=list(facts["dependencies"]),
        sha256=bytes.fromhex(facts["sha256"]) if facts["sha256"] else None,
        md5=bytes.fromhex(facts["md5"]) if facts["md5"] else None,
        size=facts["size"] or None,
    )
    return rattler.RepoDataRecord(made, facts["file_name"], facts["url"], facts["channel"])


async def _link(request: dict[str, Any]) -> None:
    """Link files of our own cache. rattler's cache goes by their paths, which hold the hash of the content."""
    import rattler
    from rattler.package_cache import PackageCache

    # rattler links packages at once, so that a folder that should be behind a link may be made before the link.
    first = [facts for facts in request["packages"] if facts["name"] in request["first"]]
    for packages in (first, request["packages"]) if first else (request["packages"],):
        await rattler.install(
            [record({**facts, "url": facts["file"]}) for facts in packages],
            request["target"],
            platform=rattler.Subdir(request["platform"]),
            show_progress=False,
            alternative_target_prefix=request["inside"],
            execute_link_scripts=False,
            package_cache=PackageCache.new_layered([request["cache"]], cache_origin=True),
        )


def _tell_origin(request: dict[str, Any]) -> None:
    """Write into the records of what is installed where each package came from, not where it lay in the cache."""
    for facts in request["packages"]:
        path = Path(request["target"], "conda-meta", f"{facts['name']}-{facts['version']}-{facts['build']}.json")
        document = json.loads(path.read_text("utf-8"))
        document |= {"url": facts["url"], "channel": facts["channel"], "fn": facts["file_name"]}
        path.write_text(json.dumps(document, indent=2), "utf-8")


def main() -> int:
    """Link what standard input requests."""
    from rattler.exceptions import InstallerError, LinkError

    request = json.load(sys.stdin)
    try:
        asyncio.run(_link(request))
        _tell_origin(request)
    except (InstallerError, LinkError, OSError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return REFUSED
    return LINKED


if __name__ == "__main__":
    status = main()
    # rattler's threads may abort Python while it ends.
    sys.stdout.flush()
    os._exit(status)

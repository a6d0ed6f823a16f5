"""Install locked conda packages into a folder; runs inside a build, where there is py-rattler and no EnvStudio.

Words: the file of packages, the folder, the platform, the folder of the cache, and --link-scripts to run those.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import rattler


def record(item: dict) -> rattler.RepoDataRecord:  # type: ignore[type-arg]
    channel, subdir, file_name = item["url"].rsplit("/", 2)
    number = item["build"].rpartition("_")[2]
    package = rattler.PackageRecord(
        item["name"],
        item["version"],
        rattler.BuildString(item["build"]),
        int(number) if number.isdigit() else 0,
        subdir,
        depends=item["depends"],
        sha256=bytes.fromhex(item["sha256"]) if item["sha256"] else None,
        md5=bytes.fromhex(item["md5"]) if item["md5"] else None,
    )
    return rattler.RepoDataRecord(package, file_name, item["url"], channel)


def main() -> None:
    packages, prefix, platform, cache, *options = sys.argv[1:]
    records = [record(item) for item in json.loads(Path(packages).read_text("utf-8"))]
    asyncio.run(
        rattler.install(
            records,
            prefix,
            cache_dir=Path(cache),
            platform=rattler.Subdir(platform),
            show_progress=False,
            execute_link_scripts="--link-scripts" in options,
        )
    )


if __name__ == "__main__":
    main()
    # A thread of rattler's that needs the interpreter while Python shuts down would abort the process.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)

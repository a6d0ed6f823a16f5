"""Which release of Python "3.11" means today: the newest that uv knows, as an image or installer would bring it."""

from __future__ import annotations

import json
from contextlib import suppress
from functools import lru_cache
from importlib.metadata import version

from envstudio import paths, process
from envstudio.packages.uv import uv_program
from envstudio.report import silent


@lru_cache(maxsize=32)
def newest_release(python: str) -> str:
    """Return the newest release of a minor version ("3.8" gives "3.8.20"); what names a release is returned as it is.

    uv carries the list, so that no network is asked; a minor version that it does not know is returned as it is.
    """
    if python.count(".") != 1:
        return python
    known = paths.cache_dir("python-releases", f"uv-{version('uv')}-{python}.json")
    with suppress(OSError, ValueError):
        return str(json.loads(known.read_text("utf-8")))
    command = [uv_program(), "python", "list", python, "--all-versions", "--only-downloads", "--offline", "--no-config"]
    listed = process.run([*command, "--output-format", "json"], silent(), show=False)
    if listed.exit_code != 0:
        return python
    final = [item["version_parts"] for item in json.loads(listed.stdout) if item["version"].replace(".", "").isdigit()]
    patches = [int(item["patch"]) for item in final]
    found = f"{python}.{max(patches)}" if patches else python
    with suppress(OSError):
        known.parent.mkdir(parents=True, exist_ok=True)
        known.write_text(json.dumps(found), "utf-8")
    return found

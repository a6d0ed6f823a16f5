"""Base images made from the archive of Debian or Ubuntu by mmdebstrap: `mmdebstrap:SUITE?include=PACKAGES`."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from tempfile import gettempdir
from urllib.parse import parse_qs

from envstudio import paths, process
from envstudio.archives import verified
from envstudio.builders.assembly.oci import file_layer, known_file_layer
from envstudio.builders.bases.base import (
    DEFAULT_PATH,
    DPKG_STATUS,
    Base,
    debian_release,
    file_in_tar,
    python_in_tar,
)
from envstudio.builders.bases.work_folder import sweep_left_behind, work_folder
from envstudio.disk import disk_failure, writing
from envstudio.domain.canonical import sha256
from envstudio.domain.hashes import hex_of
from envstudio.domain.image_name import MMDEBSTRAP
from envstudio.errors import Act, EnvStudioError, InvalidInput, Remedy, Unavailable
from envstudio.packages.cache_files import sweep, write_whole
from envstudio.report import Report

RECIPE = "base-2"
"""Changes whenever the same base would be made of other bytes."""

SOURCE_DATE_EPOCH = "1767225600"
"""2026-01-01: with it mmdebstrap makes the same bytes from the same archive."""

KEPT_VARIABLES = {"path", "home", "http_proxy", "https_proxy", "no_proxy", "apt_config"}
"""All of this process's variables that a base image is made with, so that the others cannot change it."""

OLD_REMAINS = ("*.part.tar", "*.part", "*/*.part", "*/tmp*")
"""What is left in the cache without a lock; swept after a day."""


def cached_tar(source: str, architecture: str) -> tuple[Path, str, list[str]]:
    """Return the tar that a base from an archive is kept in, its suite, and what it includes. Raises `InvalidInput`."""
    suite, _, query = source.removeprefix(MMDEBSTRAP).partition("?")
    include = sorted(filter(None, ",".join(parse_qs(query).get("include", [])).split(",")))
    if not re.fullmatch(r"[a-z]+", suite):
        raise InvalidInput(f"{source} names no suite.", "Write for instance mmdebstrap:bookworm?include=python3.")
    key = sha256(f"{RECIPE} {suite} {include} {architecture} {SOURCE_DATE_EPOCH}".encode())[:32]
    return paths.cache_dir("bases", f"{suite}-{key}.tar"), suite, include


def base_of(source: str, architecture: str, report: Report) -> Base:
    """Return a base made from the archive of Debian or Ubuntu, making it where the cache lacks it."""
    tar, suite, include = cached_tar(source, architecture)
    if not tar.exists():
        _mmdebstrap(suite, include, architecture, tar, report)
    facts = tar.with_suffix(".json")
    try:
        known = json.loads(facts.read_text("utf-8"))
        release = known["release"]
        if verified.verified(tar, hex_of(known["diff_id"], source)) is None:
            raise EnvStudioError(
                f"The base {source} in the cache changed.",
                f"Remove it, to make it again: {tar}",
                code="cache-changed",
                subject=source,
                remedy=Remedy(Act.VERIFY_CACHE),
            )
    except (FileNotFoundError, KeyError, json.JSONDecodeError):
        found = python_in_tar(tar)
        release = debian_release(file_in_tar(tar, DPKG_STATUS), found) if found else ""
        known = {"diff_id": file_layer(tar, source).diff_id, "python": found, "release": release}
        write_whole(facts, json.dumps(known))
    python = (known["python"][0], known["python"][1]) if known["python"] else None
    config = {"Env": [f"PATH={DEFAULT_PATH}"], "Cmd": ["/bin/sh"]}
    layer = known_file_layer(tar, source, known["diff_id"])
    return Base(source, known["diff_id"], config, (layer,), python, architecture, "", release)


def sweep_remains() -> int:
    """Remove what makers and fetchers of bases that were killed left, and return how many folders it were."""
    bases = paths.cache_dir("bases")
    for pattern in OLD_REMAINS:
        sweep(bases, pattern)
    return sweep_left_behind(bases) + sweep_left_behind(Path(gettempdir()))


def _mmdebstrap(suite: str, include: list[str], architecture: str, target: Path, report: Report) -> None:
    """Make a root file system as a tar. Needs mmdebstrap and, to keep owners, root."""
    if shutil.which("mmdebstrap") is None:
        raise Unavailable(
            "mmdebstrap is not installed, so no base image can be made from the distribution's archive.",
            "Install it (apt-get install mmdebstrap), or choose another base image.",
            code="program-missing",
            subject="mmdebstrap",
        )
    command = ["mmdebstrap", "--variant=minbase", f"--architectures={architecture}"]
    command += [f"--include={','.join(include)}"] if include else []
    environment = {name: value for name, value in os.environ.items() if name.lower() in KEPT_VARIABLES}
    # Programs of the new system must not leave bytecode that depends on when or by whom they were run.
    environment |= {"SOURCE_DATE_EPOCH": SOURCE_DATE_EPOCH, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"}
    with writing(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        sweep_remains()
        # The root is made where apt's own user may go, else the same archive gives other bytes.
        with work_folder(target.parent) as (folder, owner), work_folder(Path(gettempdir())) as (scratch, root_owner):
            part = folder / target.name
            environment["TMPDIR"] = str(scratch)
            command += [suite, str(part)]
            finished = process.run(command, report, env=environment, keep_open=(owner, root_owner))
            if finished.exit_code != 0:
                words = finished.stderr.strip()[-2000:]
                raise disk_failure(words, target.parent) or EnvStudioError(
                    f"No base image could be made from the archive of {suite}.",
                    "Check the network and that the suite exists; see mmdebstrap's output below.",
                    words,
                )
            part.replace(target)

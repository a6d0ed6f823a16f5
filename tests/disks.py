"""Real disks on which little or nothing can be written."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def tiny_disk(location: Path, kilobytes: int = 64) -> Iterator[Path]:
    """Yield a folder that is a disk of its own with so little space; skips if none may be mounted."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("A disk is mounted by root on Linux only.")
    location.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(location)]
    mounted = subprocess.run(command, capture_output=True, text=True, check=False)
    if mounted.returncode != 0:
        pytest.skip(f"No disk may be mounted here: {mounted.stderr.strip()}")
    try:
        yield location
    finally:
        subprocess.run(["umount", "--lazy", str(location)], check=True)


def read_only(location: Path) -> None:
    """Let nothing more be written on a disk."""
    subprocess.run(["mount", "-o", "remount,ro", str(location)], check=True)

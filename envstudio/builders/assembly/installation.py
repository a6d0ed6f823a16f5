"""What the packages of an image are installed with, one and the same for conda packages and wheels."""

from __future__ import annotations

from dataclasses import dataclass

from envstudio.builders.assembly.bytecode import Compilers
from envstudio.builders.assembly.layers import FragmentCache
from envstudio.report import Report


@dataclass(frozen=True, slots=True)
class Prefix:
    """Where Python packages go inside an image: "/opt/env", its interpreter, and Python's "3.11"."""

    path: str
    python: str

    @property
    def interpreter(self) -> str:
        return f"{self.path}/bin/python"

    @property
    def site_packages(self) -> str:
        return f"{self.path}/lib/python{self.python}/site-packages"


@dataclass(frozen=True, slots=True)
class Installation:
    """Where packages go, what compiles them, where their fragments are kept, and what reports on it."""

    prefix: Prefix
    compilers: Compilers
    cache: FragmentCache
    report: Report

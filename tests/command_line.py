"""One command line, run in this process, and how it ended; or several at once, in processes of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

CONDA = "name: churn\nchannels: [conda-forge]\ndependencies:\n  - python=3.12\n  - numpy>=2\n"


@dataclass(frozen=True)
class Done:
    """The exit status and both outputs."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    def must_fail(self, summary: str = "") -> Done:
        """Check that this is an expected failure as the house tells it; return itself."""
        lines = self.err.splitlines()
        assert self.status == 1, self
        assert [line[:7] for line in lines if line.startswith("error: ")] == ["error: "], self.err
        assert [line[:6] for line in lines if line.startswith("hint: ")] == ["hint: "], self.err
        begin = next(number for number, line in enumerate(lines) if line.startswith("error: "))
        assert lines[begin + 1].startswith("hint: ")
        assert len(lines[begin + 1]) > len("hint: ")
        assert all(line.startswith("  ") for line in lines[begin + 2 :]), self.err
        assert "Traceback" not in self.err
        assert summary in lines[begin]
        return self


Command = Callable[..., Done]


def at_once(location: Path | str, commands: list[list[str]]) -> list[tuple[int, str]]:
    """Run command lines in processes of their own at once, and return how each ended and what it said."""
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", "envstudio", "--library", str(location), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for words in commands
    ]
    outputs = [process.communicate(timeout=240)[0] for process in begun]
    return [(process.returncode, output) for process, output in zip(begun, outputs, strict=True)]

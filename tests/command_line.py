"""One command line, run in this process, and how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
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

"""How a report looks in a terminal: a line a stage and a progress bar; plain lines if there is no terminal.

What it says goes out with control characters as escapes; what a run's own program prints is its own matter.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable

from envstudio.presentation.visible import visible_line
from envstudio.report import Event, Line, Progress, StageFinished, StageStarted

BAR = 24
WORTH_TELLING_SECONDS = 0.05


class ProgressPrinter:
    """Prints events to stderr. With `plain_output`, what a run prints goes to stdout and stderr as it is.

    `on_reader_gone` is called if standard output was closed by whoever read it, as in `envstudio run … | head`.
    """

    def __init__(
        self, *, quiet: bool, plain_output: bool, output_to_stderr: bool, on_reader_gone: Callable[[], None]
    ) -> None:
        self._on_reader_gone = on_reader_gone
        self._quiet, self._plain_output, self._output_to_stderr = quiet, plain_output, output_to_stderr
        self._terminal = sys.stderr.isatty()
        self._shown = False
        self._stage = ""
        self._lock = threading.Lock()

    def __call__(self, event: Event) -> None:
        with self._lock:
            if isinstance(event, Line):
                self._line(event)
            elif self._quiet:
                return
            elif isinstance(event, StageStarted):
                self._stage = event.name
                self._bar(f"  {event.name} …")
            elif isinstance(event, Progress):
                self._progress(event)
            elif isinstance(event, StageFinished):
                self._clear()
                if event.stage.seconds < WORTH_TELLING_SECONDS and not event.stage.cached:
                    return
                cached = " (cached)" if event.stage.cached else ""
                self._print(f"  {event.stage.name}  {event.stage.seconds:.1f} s{cached}")

    def _line(self, line: Line) -> None:
        if self._plain_output and line.stream in ("out", "err") and self._stage == "run":
            self._clear()
            stream = sys.stderr if self._output_to_stderr or line.stream == "err" else sys.stdout
            try:
                print(line.text, file=stream, flush=True)
            except OSError:
                self._on_reader_gone()
        elif not self._quiet:
            self._print(f"  $ {line.text}" if line.stream == "command" else f"    {line.text}")

    def _progress(self, event: Progress) -> None:
        if event.total > 0:
            filled = BAR * event.done // event.total
            bar = "■" * filled + "░" * (BAR - filled)
            self._bar(f"  {self._stage}  {bar}  {event.done}/{event.total} {event.unit}")

    def _bar(self, text: str) -> None:
        """Show a line that the next one replaces."""
        if self._terminal:
            sys.stderr.write("\r\x1b[K" + visible_line(text))
            sys.stderr.flush()
            self._shown = True

    def _print(self, text: str) -> None:
        self._clear()
        print(visible_line(text), file=sys.stderr, flush=True)

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            self._shown = False

"""`python -m envstudio`: the window without words, the command line with them."""

from __future__ import annotations

import atexit
import contextlib
import gc
import os
import sys


def main() -> None:
    """Open the window or run the command line, and leave with the exit status."""
    status = 1

    def end() -> None:
        # Rattler's threads may still be handing an answer to Python; one that does so while Python ends aborts the
        # process. Registered first, this runs after all else that is done at exit.
        if "rattler" in sys.modules:
            for stream in (sys.stdout, sys.stderr):
                with contextlib.suppress(AttributeError, OSError, ValueError):
                    stream.flush()
            os._exit(status)

    atexit.register(end)
    try:
        # A shell that requests completions gives no words.
        has_words = len(sys.argv) > 1 or "_ENVSTUDIO_COMPLETE" in os.environ
        status = _run_commands() if has_words else _run_window()
    except KeyboardInterrupt:
        status = 130
    sys.exit(status)


def _run_commands() -> int:
    from envstudio.cli.main import run

    return run(sys.argv[1:], open_window)


def _run_window() -> int:
    """Open the window without loading the command line, which is needed only to tell what went wrong."""
    from envstudio.errors import EnvStudioError

    try:
        return open_window(os.environ.get("ENVSTUDIO_LIBRARY", ""), os.environ.get("ENVSTUDIO_WORKSPACE", ""))
    except EnvStudioError as error:
        from envstudio.cli.main import tell

        tell(error)
        return 1


def open_window(location: str, workspace: str) -> int:
    """Open the window over a library, the configured one if none is named, and return its exit status."""
    # A start makes next to no garbage; looking for it takes a tenth of the time. The window turns it on again.
    gc.disable()
    from envstudio import settings
    from envstudio.gui.app import main

    found = settings.load()
    found.apply_to_process()
    return main(location, workspace, found)


if __name__ == "__main__":
    main()

"""`python -m envstudio`: the window without words, the command line with them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from envstudio.library import Library
    from envstudio.settings import Settings


def main() -> None:
    """Run the command line and leave with its exit status."""
    try:
        from envstudio.cli.main import INTERRUPTED, run
    except KeyboardInterrupt:
        sys.exit(130)
    try:
        sys.exit(run(sys.argv[1:], _open_window))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _open_window(library: Library, settings: Settings) -> int:
    """Open the window and return its exit status."""
    from envstudio.gui.app import main

    return main(library, settings)


if __name__ == "__main__":
    main()

"""Which requirements conflict: the fewest of them that have no solution, found by trying.

Junker's QuickXplain (AAAI 2004) would ask less often if there are hundreds; for tens of requirements, dropping them
one at a time is as quick and simpler.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

SECONDS = 8.0
Item = TypeVar("Item")


async def smallest_conflict(
    items: Sequence[Item], solves: Callable[[Sequence[Item]], Awaitable[bool]], *, seconds: float = SECONDS
) -> tuple[Item, ...]:
    """Return the fewest of `items`, which do not solve together, that still do not; all that is left at the deadline.

    Every one of the result is needed for the conflict, unless the time was up.
    """
    deadline = time.monotonic() + seconds
    # Halves first: most definitions are long, and most conflicts have two or three members.
    left = list(items)
    size = len(left) // 2
    while size and time.monotonic() < deadline:
        number = 0
        while number < len(left) and time.monotonic() < deadline:
            rest = left[:number] + left[number + size :]
            if rest and not await solves(rest):
                left = rest
            else:
                number += size
        size //= 2
    return tuple(left)

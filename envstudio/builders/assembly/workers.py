"""Work on several packages at once, which stops as a whole: by the first error, or by a request to stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from typing import TypeVar

from envstudio.report import Report

WORKERS = 2
"""Threads; they wait for disk, zlib, hashing and compilers, none of which holds Python's lock."""

Item = TypeVar("Item")
Result = TypeVar("Result")


def in_parallel(
    work: Callable[[Item], Result],
    items: Sequence[Item],
    report: Report,
    *,
    weigh: Callable[[Item], int],
    done: Callable[[Item, Result], None] = lambda _item, _result: None,
) -> list[Result]:
    """Return the result of each item in the order of the items; the heaviest are begun first.

    `done` is called with each result as it comes, in the caller's thread.
    Raises what the first failing one raised, when those that were begun have ended.
    """
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="packages") as pool:
        heaviest = sorted(range(len(items)), key=lambda number: -weigh(items[number]))
        futures = {number: pool.submit(work, items[number]) for number in heaviest}
        numbers = {future: number for number, future in futures.items()}
        try:
            for count, future in enumerate(as_completed(numbers), 1):
                done(items[numbers[future]], future.result())
                report.progress(count, len(items), "packages")
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return [futures[number].result() for number in range(len(items))]

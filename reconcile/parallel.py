"""Runs two independent calls at the same time when exports are long, such as one call for each side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

T = TypeVar("T")
U = TypeVar("U")
# With fewer rows than this a second thread costs more than it saves.
LEAST_ROWS = 50_000


def gains(rows: int) -> bool:
    """Whether two things at once end sooner than one after the other: over many rows, where this process has more than one core to itself."""
    return rows >= LEAST_ROWS and pl.thread_pool_size() > 1


def of_both(work: Callable[[int], T], rows: int) -> list[T]:
    """`[work(0), work(1)]` for left (0) and right (1); `rows` is how many rows the two hold together.

    The two calls share nothing. Where both fail, the left one's error is raised.
    """
    return list(at_once(lambda: work(0), lambda: work(1), rows))


def at_once(first: Callable[[], T], second: Callable[[], U], rows: int) -> tuple[T, U]:
    """`(first(), second())`, two calls that share nothing, over so many rows. Where both fail, the first one's error is raised."""
    if not gains(rows):
        return first(), second()
    with ThreadPoolExecutor(max_workers=1) as pool:
        other = pool.submit(second)
        return first(), other.result()

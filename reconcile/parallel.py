"""Runs two independent calls at the same time when exports are long, such as one call for each side."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import polars as pl

T = TypeVar("T")
U = TypeVar("U")
# With fewer rows than this a second thread costs more than it saves.
LEAST_ROWS = 50_000


def pays_off(rows: int) -> bool:
    """Whether a second thread saves time: with many rows and more than one core for this process."""
    return rows >= LEAST_ROWS and pl.thread_pool_size() > 1


def run_both_sides(work: Callable[[int], T], rows: int) -> list[T]:
    """`[work(0), work(1)]` for left (0) and right (1); `rows` is how many rows the two hold together.

    The two calls share nothing. Where both fail, the error of the left side is raised.
    """
    return list(run_together(lambda: work(0), lambda: work(1), rows))


def run_together(first: Callable[[], T], second: Callable[[], U], rows: int) -> tuple[T, U]:
    """`(first(), second())`, at the same time where `pays_off(rows)`.

    The two calls share nothing. Where both fail, the error of the first is raised.
    """
    if not pays_off(rows):
        return first(), second()
    with ThreadPoolExecutor(max_workers=1) as pool:
        other = pool.submit(second)
        return first(), other.result()

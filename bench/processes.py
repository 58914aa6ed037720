"""Work of a bench, spread over processes."""

from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def each(work: Callable[[A], B], items: Iterable[A], jobs: int, chunk: int = 4) -> list[B]:
    """What `work` gives for each item, in order; one job works in this process. Items go to the others `chunk` at a time."""
    if jobs <= 1:
        return [work(item) for item in items]
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(work, items, chunksize=chunk))

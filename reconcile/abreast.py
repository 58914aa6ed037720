"""Both sides at once: what is done for the left export and for the right alike goes through two threads when the exports are long."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")
# With fewer rows than this a second thread costs more than it saves.
LEAST_ROWS = 50_000


def of_both(work: Callable[[int], T], rows: int) -> list[T]:
    """`[work(0), work(1)]` for left (0) and right (1); `rows` is how many rows the two hold together.

    The two calls share nothing. Where both fail, the left one's error is raised.
    """
    if rows < LEAST_ROWS:
        return [work(0), work(1)]
    with ThreadPoolExecutor(max_workers=1) as pool:
        right = pool.submit(work, 1)
        return [work(0), right.result()]

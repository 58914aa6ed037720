"""Compiled patterns that polars keeps from one test to the next, and queries of which no service is told.

Polars keeps 32 compiled patterns a thread, and the reading of one file of an unknown form searches with some 300, so that
each reading would compile them all again: half of its time. Here each pattern is searched in the one of several threads
that has it. The ones that are searched most often stay in the main thread, which then waits for no other. What is found is
the same.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import wraps
from threading import Lock, Thread, current_thread, main_thread
from typing import Any
from zlib import crc32

from polars import QueryOptFlags
from polars.lazyframe.engine import InMemoryEngine
from polars.series.string import StringNameSpace

THREADS = 24
# The first so many patterns that are searched so often stay in the main thread.
NEAR, OFTEN = 24, 200
METHODS = ("contains", "count_matches", "extract", "extract_all", "extract_groups", "replace", "replace_all")


class _Searcher(Thread):
    """A thread that does one piece of work after the other, for one that waits for each."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._asked, self._told = Lock(), Lock()
        self._asked.acquire()
        self._told.acquire()
        self.start()

    def run(self) -> None:
        while True:
            self._asked.acquire()
            try:
                self._found, self._error = self._work(), None
            except BaseException as error:
                self._found, self._error = None, error
            self._told.release()

    def did(self, work: Callable[[], Any]) -> tuple[Any, BaseException | None]:
        """What the work gives, or what it raises."""
        self._work = work
        self._asked.release()
        self._told.acquire()
        found, error, self._found, self._error = self._found, self._error, None, None
        del self._work
        return found, error


_IDLE: dict[int, _Searcher] = {}
_SEARCHED: Counter[str] = Counter()
_NEAR: set[str] = set()


def keep_patterns() -> None:
    """From now on, columns are searched in the thread that has the compiled pattern."""
    # A forked process has none of the threads.
    os.register_at_fork(after_in_child=_IDLE.clear)
    for name in METHODS:
        setattr(StringNameSpace, name, _kept(getattr(StringNameSpace, name)))


def leave_queries_unmonitored() -> None:
    """From now on, no query asks the environment whether a service monitors it: a tenth of a query over few rows."""
    InMemoryEngine._with_monitoring = _as_they_are  # type: ignore[method-assign,assignment]


def _as_they_are(_: Any, optimizations: QueryOptFlags) -> QueryOptFlags:
    return optimizations


def _kept(method: Callable[..., Any]) -> Callable[..., Any]:
    """The method of a text column, done in the thread that has its pattern."""

    @wraps(method)
    def done(texts: StringNameSpace, pattern: Any, *rest: Any, **more: Any) -> Any:
        if not isinstance(pattern, str) or more.get("literal") or current_thread() is not main_thread():
            return method(texts, pattern, *rest, **more)
        _SEARCHED[pattern] += 1
        if _SEARCHED[pattern] == OFTEN and len(_NEAR) < NEAR:
            _NEAR.add(pattern)
        if pattern in _NEAR:
            return method(texts, pattern, *rest, **more)
        number = crc32(pattern.encode("utf-8", "surrogatepass")) % THREADS
        # A thread whose work somebody interrupts is not asked again.
        searcher = _IDLE.pop(number, None) or _Searcher()
        found, error = searcher.did(lambda: method(texts, pattern, *rest, **more))
        _IDLE[number] = searcher
        if error is not None:
            raise error
        return found

    return done

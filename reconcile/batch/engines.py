"""Runs the chunks in this process, in several processes, or on a Dask cluster, with the same bytes.

When a worker dies, its chunk is run again. When that worker dies too, each case of the chunk runs in its own process.
A case that ends its process becomes a row of the failures.
"""

import gc
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, CancelledError, Executor, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from importlib import import_module
from multiprocessing.context import SpawnContext, SpawnProcess
from pathlib import Path
from typing import TYPE_CHECKING

from reconcile.batch import memory
from reconcile.errors import MissingExtra, UnreadableSource
from reconcile.version import install_command

if TYPE_CHECKING:
    from reconcile.batch.jobs import Task

Done = Callable[[int], None]
TRIES = 2
# From this many folder entries or bytes of a manifest, the work is certainly shared among several workers.
MANY_CASES, MANY_BYTES = 256, 2**16


def run_chunk(task: "Task") -> int:
    """Runs `chunk.run_chunk`, importing a comparison's libraries only in the process that compares."""
    from reconcile.batch import chunk  # noqa: PLC0415

    return chunk.run_chunk(task)


def try_alone(task: "Task") -> int:
    """Runs `chunk.try_alone`, importing a comparison's libraries as `run_chunk` does."""
    from reconcile.batch import chunk  # noqa: PLC0415

    return chunk.try_alone(task)


def are_many(cases: str) -> bool:
    """Whether a folder or manifest is so large that its cases are certainly shared among workers."""
    try:
        if os.path.isdir(cases):  # noqa: PTH112
            with os.scandir(cases) as entries:
                return any(n >= MANY_CASES for n, _ in enumerate(entries))
        return Path(cases).stat().st_size >= MANY_BYTES
    except (OSError, ValueError):
        return False


@contextmanager
def begun(workers: int) -> Iterator[Executor]:
    """A pool of worker processes that load their libraries while this process looks for the cases.

    `run_processes` takes the pool.
    """
    with _ended(start_pool(workers)) as pool:
        with worker_environment(workers, keep=True):
            for _ in range(workers):
                pool.submit(int)
        yield pool


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_here(tasks: "Sequence[Task]", done: Done) -> None:
    """One chunk after the other in this process."""
    for task in tasks:
        done(run_chunk(task))


def run_processes(
    tasks: "Sequence[Task]", workers: int, done: Done, share: int | None = None, ready: Executor | None = None
) -> None:
    """Chunks over `workers` processes; calls `done` with the number of cases of each finished chunk.

    `share`: bytes of memory above which a process is ended; its chunk is then done case by case. `ready`: as many
    idle processes.
    """
    tries: dict[int, int] = {}
    waiting = list(tasks)
    with worker_environment(workers, keep=share is None):
        while waiting:
            pool, ready = ready or start_pool(min(workers, len(waiting)), share), None
            with _ended(pool):
                suspects = _run_until_death(waiting, workers, done, pool)
            for task in suspects:
                tries[task.chunk] = tries.get(task.chunk, 0) + 1
            for task in [t for t in suspects if tries[t.chunk] >= TRIES]:
                waiting.remove(task)
                done(run_isolated(task))


def run_isolated(task: "Task") -> int:
    """The chunk without the cases that end a process when tried alone."""
    lost = frozenset(job.number for job in task.jobs if _ends_a_process(replace(task, jobs=(job,))))
    with _ended(start_pool(1)) as pool:
        # No memory watch: each of these cases was just done within the share.
        return pool.submit(run_chunk, replace(task, lost=lost, is_alone=True)).result()


def _ends_a_process(task: "Task") -> bool:
    """Whether the task, tried in a process of its own, ends that process."""
    with _ended(start_pool(1, task.share)) as pool:
        try:
            pool.submit(try_alone, task).result()
        except BrokenProcessPool:
            return True
    return False


def _run_until_death(waiting: "list[Task]", workers: int, done: Done, pool: Executor) -> "list[Task]":
    """Runs the waiting chunks until none is left or a worker dies; returns those that ran when it died."""
    running: dict[Future[int], Task] = {}
    queue = iter(list(waiting))
    try:
        for task in queue:
            running[pool.submit(run_chunk, task)] = task
            # Each worker gets one task ahead at most: a task handed out but not begun would also be suspected after a
            # crash.
            while len(running) >= workers:
                _collect_finished(running, waiting, done)
        while running:
            _collect_finished(running, waiting, done)
    except BrokenProcessPool:
        return list(running.values())
    return []


def _collect_finished(running: "dict[Future[int], Task]", waiting: "list[Task]", done: Done) -> None:
    """Waits for the next finished chunk; takes finished ones from `running` and `waiting`."""
    finished, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in finished:
        count = future.result()
        waiting.remove(running.pop(future))
        done(count)


class _Process(SpawnProcess):
    """A worker that Ctrl+C does not reach; the process that started it receives Ctrl+C and ends it."""

    def start(self) -> None:
        """Starts the process while Ctrl+C is held back, so that no worker starts half-way."""
        with _interrupt_waits():
            if not hasattr(signal, "pthread_sigmask"):
                super().start()
                return
            before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
            try:
                super().start()
            finally:
                signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _interrupt_waits() -> Iterator[None]:
    """Delays Ctrl+C inside the block until the block ends.

    A signal mask would not suffice, because another thread may receive the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
    if came:
        raise KeyboardInterrupt


class _Context(SpawnContext):
    Process = _Process


def start_pool(workers: int, share: int | None = None) -> Executor:
    """A pool of worker processes; their memory is watched where `share` (bytes) limits it."""
    # Ctrl+C waits until the pool is complete. A half-made semaphore is never released, and Python warns about it at
    # exit.
    with _interrupt_waits():
        return ProcessPoolExecutor(workers, mp_context=_Context(), initializer=prepare_worker, initargs=(share,))


@contextmanager
def _ended(pool: Executor) -> Iterator[Executor]:
    """The pool, whose workers end with the block: after their work, or at once after Ctrl+C."""
    try:
        yield pool
    except KeyboardInterrupt:
        # This includes processes that the pool was just starting and does not list yet.
        for process in multiprocessing.active_children():
            process.kill()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def prepare_worker(share: int | None) -> None:
    """Loads the libraries in a worker, limits its memory, and ends it when its parent is killed.

    Without that, an orphaned worker would wait for work for ever.
    """
    # As in cli.main: hardly any objects are in reference cycles, and none of what was loaded is ever freed.
    gc.set_threshold(200_000, 20, 50)
    import_module("reconcile.batch.chunk")
    gc.freeze()
    if share is not None:
        memory.watch(share)
    parent = multiprocessing.parent_process()

    def end_with_parent() -> None:
        """Waits for the parent process to end and ends this one."""
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


# The value that polars puts before the user's own in the environment of the process that loads it.
POLARS_OWN_DECAY = "dirty_decay_ms:500,muzzy_decay_ms:1000"


@contextmanager
def worker_environment(workers: int, *, keep: bool) -> Iterator[None]:
    """Environment of workers: the cores are shared out, because small frames gain nothing from threads.

    keep: freed memory stays with a worker for its next chunk, which needs as much again. The user's own settings win.
    """
    changed = {"POLARS_MAX_THREADS": os.environ.get("POLARS_MAX_THREADS") or str(max(1, cores() // workers))}
    # No step multiplies matrices, and threads that wait to do so slow down the others.
    changed["OPENBLAS_NUM_THREADS"] = os.environ.get("OPENBLAS_NUM_THREADS") or "1"
    if keep:
        of_user = os.environ.get("_RJEM_MALLOC_CONF", "").removeprefix(POLARS_OWN_DECAY).strip(",")
        changed["_RJEM_MALLOC_CONF"] = ",".join(filter(None, ("narenas:2,dirty_decay_ms:-1", of_user)))
    before = {name: os.environ.get(name) for name in changed}
    os.environ.update(changed)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def run_cluster(tasks: "Sequence[Task]", address: str, done: Done) -> None:
    """Chunks as tasks of a Dask cluster whose workers see the same folders as this machine.

    Raises MissingExtra without the library, UnreadableSource when no scheduler answers, SchedulerLost when it stops answering.
    """
    try:
        from distributed import Client, KilledWorker, as_completed  # noqa: PLC0415 - an optional extra
    except ImportError:
        raise MissingExtra(
            "cluster", f"--cluster needs the extra `cluster`; install it with: {install_command('cluster')}"
        ) from None
    try:
        client = Client(address, timeout="20s")  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise UnreadableSource(address, f"--cluster {address}: no scheduler answers ({error})") from None
    with _cluster_log_silenced(), client:
        with _connection_errors_as_scheduler_lost():
            futures = {client.submit(run_chunk, task, retries=TRIES, pure=False): task for task in tasks}
            finished = as_completed(list(futures))  # type: ignore[no-untyped-call]
        while True:
            with _connection_errors_as_scheduler_lost():
                future = next(finished, None)
            if future is None:
                return
            # Errors in the work itself are raised as they are.
            with nullcontext() if future.status == "error" else _connection_errors_as_scheduler_lost():
                try:
                    count = future.result()
                except KilledWorker:
                    count = None
            # Each case runs alone on this machine, so a process that dies affects no other work.
            done(run_isolated(futures[future]) if count is None else count)
            with suppress(Exception):
                future.release()


class SchedulerLost(Exception):
    """The scheduler of a cluster stopped answering. What was finished before is in the journal."""


@contextmanager
def _connection_errors_as_scheduler_lost() -> Iterator[None]:
    """Turns every error that the library raises after losing the connection into SchedulerLost."""
    try:
        yield
    except (CancelledError, OSError, TimeoutError, RuntimeError) as error:
        raise SchedulerLost(str(error)) from None


@contextmanager
def _cluster_log_silenced() -> Iterator[None]:
    """Turns off the cluster library's log inside the block; one line of error says what happened."""
    before = logging.root.manager.disable
    logging.disable(logging.CRITICAL)
    try:
        yield
    finally:
        logging.disable(before)


__all__ = ["are_many", "begun", "cores", "run_cluster", "run_here", "run_isolated", "run_processes"]

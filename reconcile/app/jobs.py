"""Runs commands in processes of their own, and keeps one process ready for the next."""

import atexit
import itertools
import multiprocessing
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from time import monotonic

from reconcile.app.worker import Command, Done, Secrets, serve

MOST_AT_ONCE = 2
"""A comparison uses every core, so more at once would only wait for each other."""

NO_SECRETS: Secrets = {}
CANCELLED = Done(130, "", "")
DIED = Done(139, "", "")


@dataclass(slots=True)
class Job:
    """A command that waits, runs or is done.

    Attributes:
        number: its number.
        about: name of the case.
        what: which part of the case it is for.
        words: the command line after `reconcile`.
        secrets: keys and passwords that it needs; in memory only.
        then: called with the result.
        stage: name of the current stage; empty while it waits.
        begun: when it started; 0 while it waits.
        is_cancelled: whether the user stopped it.
        done: the result; None until then.
    """

    number: int
    about: str
    what: str
    words: tuple[str, ...]
    secrets: Secrets = field(repr=False)
    then: Callable[[Done], None] = field(repr=False)
    stage: str = ""
    begun: float = 0.0
    is_cancelled: bool = False
    done: Done | None = None

    @property
    def seconds(self) -> float:
        """Seconds since it started; 0 while it waits."""
        return monotonic() - self.begun if self.begun else 0.0


class Jobs:
    """Runs commands next to the server. `command` is a `worker.Command` and must be importable by name."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._numbers = itertools.count(1)
        self._slots = threading.Semaphore(MOST_AT_ONCE)
        self._lock = threading.Lock()
        self._running: dict[int, Job] = {}
        self._workers: dict[int, BaseProcess] = {}
        self._spare: tuple[BaseProcess, Connection] | None = None
        self._is_closed = False
        # At exit Python waits for processes, and these would wait for work forever.
        atexit.register(self.close)

    def prepare(self) -> None:
        """Starts a process for the first command, in the background."""
        threading.Thread(target=self._make_spare, daemon=True).start()

    def start(
        self, about: str, what: str, words: tuple[str, ...], then: Callable[[Done], None], secrets: Secrets = NO_SECRETS
    ) -> Job:
        """Starts or queues a command; `then` is called with its result, from another thread."""
        job = Job(next(self._numbers), about, what, words, secrets, then)
        with self._lock:
            self._running[job.number] = job
        threading.Thread(target=self._run_job, args=(job,), daemon=True).start()
        return job

    def of(self, about: str) -> list[Job]:
        """Commands of a case that run or wait, oldest first."""
        with self._lock:
            return [job for job in self._running.values() if job.about == about]

    def cancel(self, about: str, what: str) -> bool:
        """Stops the commands for this part of a case; returns whether there were any.

        What they have written is cleared by the next run.
        """
        found = [job for job in self.of(about) if job.what == what]
        for job in found:
            job.is_cancelled = True
            with self._lock:
                worker = self._workers.get(job.number)
            if worker is not None:
                worker.terminate()
        return bool(found)

    def close(self) -> None:
        """Ends every process."""
        self._is_closed = True
        with self._lock:
            workers = [*self._workers.values(), *([self._spare[0]] if self._spare else [])]
        for worker in workers:
            worker.kill()
            worker.join(5)

    def _run_job(self, job: Job) -> None:
        """Waits for a free slot, runs the job and passes its result to `then`."""
        with self._slots:
            done = CANCELLED if job.is_cancelled or self._is_closed else self._run_in_worker(job)
        job.secrets = NO_SECRETS
        try:
            job.then(done)
        finally:
            job.done = done
            with self._lock:
                self._running.pop(job.number, None)

    def _run_in_worker(self, job: Job) -> Done:
        """The result of the job; CANCELLED or DIED where its process ended first."""
        worker, link = self._take_worker()
        with self._lock:
            self._workers[job.number] = worker
        job.begun, job.stage = monotonic(), "reading"
        done = CANCELLED if job.is_cancelled else _result_of_worker(job, link)
        with self._lock:
            del self._workers[job.number]
        if done is not None:
            self._keep_worker(worker, link)
            return done
        worker.kill()
        link.close()
        worker.join(5)
        self.prepare()
        return CANCELLED if job.is_cancelled or self._is_closed else DIED

    def _take_worker(self) -> tuple[BaseProcess, Connection]:
        """The process kept ready, or a new one, with our end of its pipe."""
        with self._lock:
            found, self._spare = self._spare, None
        return found or self._new_worker()

    def _keep_worker(self, worker: BaseProcess, link: Connection) -> None:
        """Keeps the process ready for the next command, or lets it end."""
        with self._lock:
            if self._spare is None and not self._is_closed:
                self._spare = worker, link
                return
        link.close()  # a worker whose pipe closes ends

    def _make_spare(self) -> None:
        """Starts a process for the next command if none is ready."""
        with self._lock:
            if self._spare is not None or self._is_closed:
                return
        self._keep_worker(*self._new_worker())

    def _new_worker(self) -> tuple[BaseProcess, Connection]:
        """A new process, and our end of its pipe."""
        context = multiprocessing.get_context("spawn")
        ours, theirs = context.Pipe()
        worker = context.Process(target=serve, args=(theirs, self._command))
        worker.start()
        theirs.close()
        return worker, ours


def _result_of_worker(job: Job, link: Connection) -> Done | None:
    """Waits for the worker's result of the command; None if the worker ended first."""
    with suppress(EOFError, OSError):
        link.send((job.words, dict(job.secrets)))
        while True:
            kind, value = link.recv()
            if kind == "done":
                assert isinstance(value, Done)
                return value
            job.stage = value
    return None

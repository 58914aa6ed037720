"""A process that runs the program's commands for the application.

If a hostile export crashes it, the application continues; the user can also stop it.
"""

import contextlib
import io
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection

# `reconcile.cli.main.main`: runs the command line in sys.argv, reports each stage, and raises SystemExit.
Command = Callable[[Callable[[str], None]], None]
Secrets = Mapping[str, str]
KEY, PASSWORD = "RECONCILE_KEY", "RECONCILE_PASSWORD"
"""The environment variables for the key of a store and the password of a payment statement."""


@dataclass(frozen=True, slots=True)
class Done:
    """The result of a command: its exit code, and what it printed on stdout and stderr."""

    code: int
    out: str
    err: str


def serve(link: Connection, command: Command) -> None:
    """Runs the command lines that come through the pipe, one by one, until the other end closes.

    Takes `(words, secrets)`; sends `("stage", name)` while it runs and `("done", Done)` at the end. Secrets stay in
    memory.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends its workers itself
    with contextlib.suppress(EOFError, OSError):
        _load_libraries()
        while True:
            words, secrets = link.recv()
            link.send(("done", run(words, secrets, command, lambda stage: link.send(("stage", stage)))))


def run(words: Sequence[str], secrets: Secrets, command: Command, step: Callable[[str], None]) -> Done:
    """Runs one command line in this process, as a terminal would."""
    out, err = io.StringIO(), io.StringIO()
    before = sys.argv, {name: os.environ.pop(name) for name in (KEY, PASSWORD) if name in os.environ}
    sys.argv = ["reconcile", *words]
    os.environ.update(secrets)
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            code = _exit_code(command, step)
    finally:
        for name in secrets:
            os.environ.pop(name, None)
        sys.argv = before[0]
        os.environ.update(before[1])
    return Done(code, out.getvalue(), err.getvalue())


def _exit_code(command: Command, step: Callable[[str], None]) -> int:
    """The exit code of the command."""
    try:
        command(step)
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _load_libraries() -> None:
    # Loads the libraries before the first export arrives.
    for name in ("reconcile.inspection", "reconcile.engine.compare", "reconcile.report.html"):
        import_module(name)

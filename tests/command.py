"""The command as `reconcile` starts it, within the process of the tests: a new process for each would mostly load libraries."""

import contextlib
import io
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from reconcile.cli.main import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a user sees of a finished command."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: object) -> Done:
    """Run `reconcile WORDS` through the entry point of the installed command, errors and exit code included."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    umask = os.umask(0o077)
    os.umask(umask)
    argv = mock.patch.object(sys, "argv", ["reconcile", *map(str, words)])
    with argv, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
        finally:
            # The command sets it for the whole process, which ends with it; this one goes on.
            os.umask(umask)
    return Done(code, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def started(words: Sequence[str | Path], **how: Any) -> "Iterator[subprocess.Popen[str]]":
    """A process for the time of the block, its output in a pipe; what still runs at the end is killed, so that no test waits for it."""
    told: dict[str, Any] = {"cwd": Path(__file__).parent.parent, "stdout": subprocess.PIPE, **how}
    with subprocess.Popen(words, text=True, **told) as process:
        try:
            yield process
        finally:
            process.kill()

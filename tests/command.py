"""The command as `reconcile` starts it, within the process of the tests: a new process for each would mostly load libraries."""

import contextlib
import io
import sys
from dataclasses import dataclass
from unittest import mock

from reconcile.cli import main


@dataclass(frozen=True, slots=True)
class Done:
    """What a user sees of a finished command."""

    returncode: int
    stdout: str
    stderr: str


def run(*words: object) -> Done:
    """Run `reconcile WORDS` through the entry point of the installed command, errors and exit code included."""
    out, err, code = io.StringIO(), io.StringIO(), 0
    argv = mock.patch.object(sys, "argv", ["reconcile", *map(str, words)])
    with argv, contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else 1
    return Done(code, out.getvalue(), err.getvalue())

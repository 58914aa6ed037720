"""The command as a process: `python -m reconcile`, and the installed `reconcile`."""

import atexit
import os
import sys
from contextlib import suppress

from reconcile.cli import main


def run() -> None:
    """`cli.main`, and then out, with its exit code.

    What is to be cleared away at the end is cleared away, and all that was printed is out; the interpreter is not taken down, for that would give
    back the memory of millions of rows column by column, a sixth of a second in which nothing is left to do.
    """
    try:
        main()
        code = 0
    except SystemExit as stop:
        code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        # A reader that went away, as `| head` does.
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    run()

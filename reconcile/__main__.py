"""The command as a process: `python -m reconcile`, and the installed `reconcile`."""

# The part of `signal` that is loaded at once.
import _signal as signal  # type: ignore[import-not-found]
import atexit
import gc
import os


def run() -> None:
    """Runs `cli.main` and ends the process with its exit code.

    It runs the exit handlers and flushes all output, but does not shut the interpreter down. That would free the
    memory of millions of rows column by column and take a sixth of a second for nothing.
    """
    code = _run_and_code()
    # Ctrl+C from here on must not interrupt the cleaning up.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    atexit._run_exitfuncs()
    from reconcile.cli.streams import flush  # noqa: PLC0415 - loaded by now

    os._exit(code if flush() else _NOT_OUT)


# The exit code when output could not be written: the run did not do what it was asked for.
_NOT_OUT = 2


def _run_and_code() -> int:
    """Runs `cli.main`; the exit code."""
    # Loading libraries and filling reports makes hundreds of thousands of objects, hardly any in reference cycles.
    # Looking for cycles after every 700 objects would take a tenth of a short run.
    gc.set_threshold(200_000, 20, 50)
    # The user may press Ctrl+C while the libraries load, and some crash when an exception passes through them.
    signal.signal(signal.SIGINT, _end_at_once)
    try:
        from reconcile.cli import streams  # noqa: PLC0415

        streams.make_ready()
        from reconcile.cli.main import main  # noqa: PLC0415

        signal.signal(signal.SIGINT, signal.default_int_handler)
        main()
    except SystemExit as stop:
        return stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    return 0


def _end_at_once(*_: object) -> None:
    """Ends the process with a line; the catalogue may not be loaded yet."""
    os.write(2, "reconcile: 已中断 / interrupted\n".encode())
    os._exit(_NOT_OUT)


if __name__ == "__main__":
    run()

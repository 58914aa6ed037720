"""Standard output and error that may be closed, a pipe without a reader, or a file on a full disk."""

import io
import os
import sys
from contextlib import suppress
from typing import IO, Any


def make_ready() -> None:
    """Makes both streams safe to print to: output that nobody reads is dropped and does not change the exit code.

    A stream that was closed before the program began is opened on the null device, so that the next file opened does not get its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _kept(sys.stdout, 1)
    sys.stderr = _kept(sys.stderr, 2)


def flush() -> bool:
    """Whether all output was written; output to a pipe whose reader went away counts as written."""
    done = True
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            done = False
    return done


class _Pipe(io.FileIO):
    """A file whose reader may go away; what is written after that counts as written."""

    def write(self, data: Any, /) -> int:
        """Writes as any file does; a broken pipe accepts everything."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return len(memoryview(data).cast("B"))


def _kept(stream: Any, number: int) -> IO[str] | Any:
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - it lives as long as the process
    with suppress(OSError, ValueError, AttributeError):
        if stream.isatty() or stream.fileno() != number:
            return stream
        stream.flush()
        raw = io.BufferedWriter(_Pipe(number, "wb", closefd=False))
        return io.TextIOWrapper(raw, stream.encoding, stream.errors, line_buffering=stream.line_buffering)
    return stream

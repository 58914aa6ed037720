"""Standard output and error in every state: closed, a pipe without a reader, a full disk."""

import io
import os
import sys
from contextlib import suppress
from typing import IO, Any


def make_ready() -> None:
    """Makes both streams safe to print to; what nobody reads is dropped.

    The exit code still says what the run found. A stream that was closed at the start is replaced by one that
    discards, so that no file opened later gets its number.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    sys.stdout = _safe_stream(sys.stdout, 1)
    sys.stderr = _safe_stream(sys.stderr, 2)


def flush() -> bool:
    """Writes out all that was printed; False where that failed, True where only the reader has gone."""
    done = True
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            done = False
    return done


class _Pipe(io.FileIO):
    """A file whose reader may go away; what is written afterwards is dropped."""

    def write(self, data: Any, /) -> int:
        """Writes like any file; after the reader has gone, reports everything as written."""
        try:
            return super().write(data) or 0
        except BrokenPipeError:
            return len(memoryview(data).cast("B"))


def _safe_stream(stream: Any, number: int) -> IO[str] | Any:
    """The stream, or one that drops what a closed stream or a vanished reader would refuse."""
    if stream is None:
        return open(os.devnull, "w", encoding="utf-8")  # noqa: PTH123 - it lives as long as the process
    with suppress(OSError, ValueError, AttributeError):
        if stream.isatty() or stream.fileno() != number:
            return stream
        stream.flush()
        raw = io.BufferedWriter(_Pipe(number, "wb", closefd=False))
        return io.TextIOWrapper(raw, stream.encoding, stream.errors, line_buffering=stream.line_buffering)
    return stream

"""The outline of a large JSON object: every top-level key with the beginning of its value."""

import mmap
from pathlib import Path

import numpy as np

from reconcile.intake.json.rows import BLOCK_BYTES, BOM, marks

# How much of a nested value is kept: readers only look at its first members.
_KEPT_BYTES = 8_192
_MOST_BYTES = 2**20
_BACKSLASH = ord("\\")


def outline_of(file: Path) -> bytes:
    """The JSON object with each nested value cut after its first members; b'' for anything else.

    Never raises. The order of keys does not matter: a long list may precede all others. One pass over the file, in
    blocks.
    """
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            begin = data[:1024].removeprefix(BOM).lstrip()
            return _outline_of(data) if begin[:1] == b"{" else b""
    except (OSError, ValueError):
        return b""


def _outline_of(data: mmap.mmap) -> bytes:
    """The JSON with its long values cut, up to the limit of bytes."""
    parts: list[bytes] = []
    size, copied = 0, 0
    for start, cut, end in _values(data):
        whole = end - start <= _KEPT_BYTES
        parts.append(data[copied:end] if whole else data[copied:cut] + data[end - 1 : end])
        size, copied = size + len(parts[-1]), end
        if size > _MOST_BYTES:
            return b"".join(parts)
    return b"".join([*parts, data[copied : copied + _MOST_BYTES]])


def _values(data: mmap.mmap) -> list[tuple[int, int, int]]:
    """Start, end of the first members, and end of each nested value at the object's top level."""
    found: list[tuple[int, int, int]] = []
    depth, inside, place, start, cut = 0, False, 0, 0, 0
    while place < len(data):
        stop = min(place + BLOCK_BYTES, len(data))
        # A backslash and the character it escapes stay together.
        while stop < len(data) and data[stop - 1] == _BACKSLASH:
            stop += 1
        at, step, inside = marks(data[place:stop], inside=inside)
        level = depth + np.cumsum(step)
        depth = int(level[-1]) if level.size else depth
        ends = at[(level == 2) & (step < 0)]
        for index in np.flatnonzero(((level == 2) & (step > 0)) | ((level == 1) & (step < 0))).tolist():
            position = int(at[index])
            if level[index] == 1:
                found.append((start, cut, place + position + 1))
                continue
            start = place + position
            near = ends[np.searchsorted(ends, position) : np.searchsorted(ends, position + _KEPT_BYTES)]
            cut = place + int(near[-1]) + 1 if near.size else start + 1
        place = stop
    return found

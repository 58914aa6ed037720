"""Texts that cells of a workbook share: how long they are where every cell holds its own copy."""

import zipfile
from collections.abc import Iterator

import numpy as np

from reconcile.patterns import lazy_pattern

_SHARED = "xl/sharedStrings.xml"
_TEXT = lazy_pattern(rb"<(?:\w+:)?si[\s>]")
_CELL = lazy_pattern(rb"""[\s"']t\s*=\s*["']s["']""")
# The cell's value follows at once in what programs write. Of any other cell the number is not known.
_NUMBER = lazy_pattern(rb"""[\s"']t\s*=\s*["']s["'][^<>]*>\s*<(?:\w+:)?v>\s*([0-9]{1,9})\s*<""")
_BLOCK = 2**24


def size_of_shared_texts(archive: zipfile.ZipFile, most: int) -> int:
    """Bytes of the shared texts of all cells, from above; an unknown text counts as the longest one.

    Where even that many longest texts are no more than `most`, their number is enough.
    """
    if _SHARED not in archive.namelist():
        return 0
    with archive.open(_SHARED) as stream:
        sizes = np.fromiter(map(len, _TEXT.split(stream.read())[1:]), np.int64)
    longest = int(sizes.max(initial=0))
    parts = [name for name in archive.namelist() if name.endswith(".xml") and name != _SHARED]
    cells = sum(len(_CELL.findall(block)) for name in parts for block in _blocks(archive, name))
    if cells * longest <= most:
        return cells * longest
    numbers = [int(n) for name in parts for block in _blocks(archive, name) for n in _NUMBER.findall(block)]
    known = np.array([n for n in numbers if n < len(sizes)], np.int64)
    return int(sizes[known].sum()) + max(cells - len(numbers), 0) * longest


def _blocks(archive: zipfile.ZipFile, name: str) -> Iterator[bytes]:
    """The part in blocks; a cell that lies in two counts as one of unknown text, or not at all."""
    with archive.open(name) as stream:
        while block := stream.read(_BLOCK):
            yield block

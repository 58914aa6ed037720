"""Refuses files that claim far more than they hold, before they are parsed."""

from collections.abc import Set
from pathlib import Path
from typing import Any

import orjson

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.settings import Limits

# Smaller holes cost nothing.
_LEAST_CLAIM = 2**26
_BLOCK = 512
_LOOK = 2**16
# Cells of a heading: no export has a hundredth of this, and table parsers need quadratic time for them.
MOST_CELLS = 10_000
# Distinct field names in JSON lines: no real table has so many.
MOST_KEYS = 1_000
FIELDS = "fields"
_HEADING_BYTES = 2**24
# Twice so many blank characters in a row hold one such block; no message is a hundredth as long.
_BLANK_BLOCK = 2**20


def check_file(source: Path, file: Path, limits: Limits) -> None:
    """Raises LimitExceeded for a file that is too long or mostly a hole of zeros on the disk."""
    try:
        told = file.stat()
    except OSError:
        return
    if told.st_size > limits.max_file_bytes:
        raise LimitExceeded(source, f"{file}: {told.st_size:,} bytes; {limits.named('max_file_bytes')}")
    held = getattr(told, "st_blocks", told.st_size) * _BLOCK
    if told.st_size > _LEAST_CLAIM and told.st_size > limits.max_unpack_ratio * max(held, 1):
        raise LimitExceeded(
            source,
            f"{file}: claims {told.st_size:,} bytes, {held:,} of which stand on the disk, the rest is a hole; copy the export "
            f"again; {limits.named('max_unpack_ratio')}",
        )


def check_statement(source: Path, file: Path, limits: Limits) -> None:
    """Raises LimitExceeded for a companion file longer than one body may be.

    Such files are read into memory as a whole.
    """
    check_file(source, file, limits)
    size = file.stat().st_size
    if size > limits.max_body_bytes:
        raise LimitExceeded(source, f"{file}: {size:,} bytes beside an export; {limits.named('max_body_bytes')}")


def check_stretches(source: Path, file: Path, limits: Limits, marks: tuple[bytes, ...], what: str) -> None:
    """Raises LimitExceeded where more than `max_body_bytes` pass without one of the marks.

    One cell or line would hold all of these bytes. The marks after the first separate cells; UnreadableSource is
    raised where the first line has more cells than any export. Only larger files are checked, and only at the end of
    each stretch, so regular files cost a few reads.
    """
    for mark in marks[1:]:
        with file.open("rb") as stream:
            cells = stream.readline(_HEADING_BYTES).count(mark) + 1
        if cells > MOST_CELLS:
            raise UnreadableSource(source, f"{file}: a heading of {cells:,} cells; no export has so many")
    most = limits.max_body_bytes
    if file.stat().st_size <= most:
        return
    try:
        passed = all(_has_no_long_stretch(file, mark, most) for mark in marks)
    except OSError as error:
        raise UnreadableSource(source, f"{file}: cannot be read ({error.strerror or error})") from None
    if not passed:
        raise LimitExceeded(source, f"{file}: {what} of more than {most:,} bytes; {limits.named('max_body_bytes')}")


def _has_no_long_stretch(file: Path, mark: bytes, most: int) -> bool:
    """Whether the mark occurs at least every most bytes."""
    size, at = file.stat().st_size, 0
    with file.open("rb") as stream:
        while size - at > most:
            end, look = at + most, _LOOK
            while True:
                begin = max(at, end - look)
                stream.seek(begin)
                place = stream.read(end - begin).rfind(mark)
                if place >= 0:
                    at = begin + place + 1
                    break
                if begin == at:
                    return False
                end, look = begin, look * 2
    return True


def check_blank(source: Path, file: Path) -> None:
    """Raises LimitExceeded where a whole block of a text is blank.

    Every line takes memory while the text is read.
    """
    try:
        with file.open("rb") as stream:
            while block := stream.read(_BLANK_BLOCK):
                if len(block) == _BLANK_BLOCK and block.isspace():
                    raise LimitExceeded(
                        source, f"{file}: blank lines by the million; remove them from a copy and give the copy"
                    )
    except OSError as error:
        raise UnreadableSource(source, f"{file}: cannot be read ({error.strerror or error})") from None


def check_keys(source: Path, file: Path, rows: list[dict[str, Any]]) -> None:
    """Raises UnreadableSource where rows of JSON lines have more distinct field names than any table."""
    names = set().union(*rows)
    if len(names) > MOST_KEYS:
        raise UnreadableSource(source, f"{file}: a heading of {len(names):,} cells; no export has so many")


def gather_extra_cells(rows: list[dict[str, Any]], named: Set[str]) -> list[dict[str, Any]]:
    """The rows with all cells under other names than these in one cell, `FIELDS`, as JSON.

    As columns, thousands of rare names would fill the memory, because every row has a cell in every column.
    """
    kept = [{k: v for k, v in r.items() if k in named} for r in rows]
    others = [orjson.dumps({k: v for k, v in r.items() if k not in named}).decode() for r in rows]
    return [k | {FIELDS: o} for k, o in zip(kept, others, strict=True)]

"""Values that a JSON parser drops without a word: of two under one name in one object it keeps the last."""

import json
import re
from collections.abc import Sequence
from typing import Any

import orjson

from reconcile.intake.source import Source

_APART = (b'" :', b'"\t:', b'"\n:', b'"\r:')
_NAMED = re.compile(rb'(?<!\\)"\s*:')


def dropped_values(data: bytes, value: Any) -> int:
    """How many values of the JSON text `data` do not stand in `value`, what it was parsed to, for a later one of the same name.

    Names are counted before and after; the text is parsed again, slowly, only where the counts differ.
    """
    if type(value) is list and all(type(v) is dict for v in value):
        # Flat objects are counted without being written.
        held = sum(map(len, value))
        if held == _plain_count(data) and not any(apart in data for apart in _APART):
            return 0
    try:
        again = orjson.dumps(value)
    except orjson.JSONEncodeError:
        return 0
    if _as_many_names(data, again):
        return 0
    dropped = 0

    def names(pairs: list[tuple[str, Any]]) -> None:
        nonlocal dropped
        dropped += len(pairs) - len({name for name, _ in pairs})

    try:
        json.loads(data, object_pairs_hook=names, parse_int=len, parse_float=len)
    except (ValueError, RecursionError):
        return 0
    return dropped


def count_doubled(source: Source, name: str, data: bytes, value: Any) -> None:
    """Remembers, for a note on the file, how many values of its text went for a later one of the same name."""
    if dropped := dropped_values(data, value):
        source.doubled[name] = source.doubled.get(name, 0) + dropped


def count_doubled_in_lines(source: Source, name: str, lines: Sequence[bytes], rows: Sequence[Any]) -> None:
    """The same for lines of JSON and what each was parsed to."""
    if not _as_many_names(b"\n".join(lines), orjson.dumps(rows)):
        for line, row in zip(lines, rows, strict=True):
            count_doubled(source, name, line.strip().removeprefix(b"\xef\xbb\xbf"), row)


def _as_many_names(text: bytes, again: bytes) -> bool:
    # Most exporters set the colon right behind the name, where two searches for bytes count all of them.
    if any(apart in text for apart in _APART):
        return sum(1 for _ in _NAMED.finditer(text)) == sum(1 for _ in _NAMED.finditer(again))
    return _plain_count(text) == _plain_count(again)


def _plain_count(text: bytes) -> int:
    return text.count(b'":') - text.count(b'\\":')

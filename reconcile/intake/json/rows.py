"""Large JSON exports in pieces: one array of objects is streamed, the rest parsed once.

JSON lines are read in pieces, too. Memory holds a few megabytes of the file and the rows that the caller keeps.
Integers of up to 64 bits stay exact.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import numpy as np
import orjson

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.json.duplicate_keys import count_duplicate_keys, count_duplicate_keys_in_lines
from reconcile.intake.source import Source
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

BLOCK_BYTES = 4 * 2**20
REST_BYTES = 512 * 2**20
BOM = b"\xef\xbb\xbf"
# One look per byte: 1 quote, 2 backslash, 3 opening, 4 closing bracket, 0 anything else.
_CLASS = np.zeros(256, dtype=np.uint8)
_CLASS[list(b'"\\')] = 1, 2
_CLASS[list(b"[{")] = 3
_CLASS[list(b"]}")] = 4

_JOINED = lazy_pattern(rb"\}\s*\{")
_KEY = lazy_pattern(rb'"(\w{1,40})"\s*:')

Rows = list[dict[str, Any]]


@dataclass
class JsonArray:
    """The objects of one array of a JSON file, in pieces; `rest` is the file without that array's members.

    Args:
        source: whose limits hold and whose path errors name.
        name: the file or member of `source.names`.
        key: the top-level key whose array is streamed; None = the file itself is the array.

    `rest`, `found` and `odd_members` (members that are no object) are complete only when all pieces have been taken.
    Raises UnreadableSource for a file that is cut short or no JSON, LimitExceeded for one nested too deeply.
    """

    source: Source
    name: str
    key: str | None = "messages"
    rest: dict[str, Any] = field(default_factory=dict)
    found: bool = False
    odd_members: int = 0
    taken: int = 0
    _between: bytes = b""

    def pieces(self) -> Iterator[Rows]:
        """Lists of the array's objects, in file order."""
        with self.source.open(self.name) as stream:
            head, held = self._split_before_array(stream)
            if not self.found:
                self._keep_rest(head)
                return
            ended = False
            while not ended:
                if len(held) > self.source.limits.max_body_bytes:
                    raise LimitExceeded(
                        self.source.path,
                        f"{self.source.path}: {self.name} holds a member that is too large; {self.source.limits.named('max_body_bytes')}",
                    )
                block = stream.read(max(BLOCK_BYTES, len(held)))
                data = held + block
                stop, rows = self._parse_to_separator(data) if block else (0, [])
                if not rows:
                    stop, ended = self._last_boundary(data)
                    rows = self._parse_or_raise(_bracketed(data[:stop]))
                if not ended and not block:
                    raise self._error_at_place("is cut short", "the file ends inside the messages")
                if rows:
                    yield self._keep_objects(rows)
                held = data[stop:]
            self._keep_rest(head + held + stream.read(REST_BYTES + 1 - len(held)))

    def _parse_to_separator(self, data: bytes) -> tuple[int, list[Any]]:
        """Whole members at the beginning of data, and how many bytes they take; 0 if none parse."""
        # The text before a separator is whole members if it parses as a list, which is cheaper than counting
        # brackets.
        if not self._between:
            first, _ = self._last_boundary(data[: BLOCK_BYTES // 64])
            found = _BETWEEN.search(data, first - 1) if first else None
            self._between = found[0] if found and found.start() == first - 1 else b"},{"
        stop = len(data)
        for _ in range(4):
            stop = data.rfind(self._between, 0, stop)
            if stop < 0:
                break
            listed = _bracketed(data[: stop + 1])
            try:
                rows = orjson.loads(listed)
            except orjson.JSONDecodeError:
                continue
            count_duplicate_keys(self.source, self.name, listed, rows)
            return stop + 1, rows
        return 0, []

    def _split_before_array(self, stream: BinaryIO) -> tuple[bytes, bytes]:
        """The bytes before the array, and those from its first member on (empty without it)."""
        data = stream.read(BLOCK_BYTES).removeprefix(BOM)
        while (start := self._array_start(data)) is None:
            more = stream.read(max(BLOCK_BYTES, len(data)))
            if not more or len(data) > REST_BYTES:
                return data + more, b""
            data += more
        self.found = True
        return data[:start], data[start:]

    def _array_start(self, data: bytes) -> int | None:
        """Position behind the array's opening bracket; null where data does not reach it."""
        at, level = brackets(data)
        if self.key is None:
            first = data[: int(at[0])].strip() if at.size else b"-"
            return int(at[0]) + 1 if not first and data[at[0]] == ord("[") else None
        name = re.compile(rb'"' + re.escape(self.key.encode()) + rb'"\s*:\s*$')
        for position in at[level == 2]:
            if data[position] == ord("[") and name.search(data, max(0, position - 200), position):
                return int(position) + 1
        return None

    def _last_boundary(self, data: bytes) -> tuple[int, bool]:
        """Where the last whole member ends, and whether the array ends there."""
        # `data` begins between two members of the array, so its own depth counts from 0 there.
        at, level = brackets(data)
        if level.size and int(level.max()) > self.source.limits.max_nesting_depth:
            raise _too_deep(self.source, self.name)
        ends = np.flatnonzero(level < 0)
        if ends.size:
            return int(at[ends[0]]), True
        closed = np.flatnonzero(level == 0)
        return (int(at[closed[-1]]) + 1, False) if closed.size else (0, False)

    def _keep_objects(self, rows: list[Any]) -> Rows:
        """The rows that are objects; others are counted in odd_members."""
        objects = [r for r in rows if isinstance(r, dict)] if not all(map(_is_object, rows)) else rows
        if len(objects) < len(rows):
            self.odd_members += len(rows) - len(objects)
            self.source.odd_members[self.name] = self.odd_members
        self.taken += len(objects)
        return objects

    def _keep_rest(self, data: bytes) -> None:
        """Keep the fields beside the array; raises where they are too long or name the array twice."""
        if len(data) > REST_BYTES:
            raise LimitExceeded(
                self.source.path,
                f"{self.source.path}: {self.name} holds more than {REST_BYTES:,} bytes beside messages",
            )
        _require_shallow(self.source, self.name, [data])
        value = self._parse_or_raise(data)
        if self.key is None:
            return
        self.rest = value if isinstance(value, dict) else {}
        if self.found and self.rest.get(self.key):
            raise self._error_at_place(f"names {self.key!r} twice", "a reader would see only one of the lists")

    def _parse_or_raise(self, data: bytes) -> Any:
        """The JSON value; raises UnreadableSource where it is not valid."""
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise self._error_at_place("is no valid JSON", str(error)) from None
        count_duplicate_keys(self.source, self.name, data, value)
        return value

    def _error_at_place(self, what: str, why: str) -> UnreadableSource:
        """The error, with the number of messages before its place."""
        return UnreadableSource(
            self.source.path,
            f"{self.source.path}: {self.name} {what} after {self.taken:,} messages ({why}); ask for the export again",
        )


_BETWEEN = lazy_pattern(rb"\}\s*,\s*\{")


def _bracketed(piece: bytes) -> bytes:
    """The members in brackets, without a separator at either end."""
    return b"[" + piece.strip(b", \r\n\t") + b"]"


def _is_object(value: Any) -> bool:
    return type(value) is dict


def brackets(data: bytes) -> "tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]":
    """Positions of brackets outside strings and the depth after each; `data` starts outside a string."""
    at, step, _ = marks(data)
    return at, np.cumsum(step)


def marks(
    data: bytes, *, inside: bool = False
) -> "tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]], bool]":
    """Positions of brackets outside strings, +1 or -1 for each, and whether `data` ends in a string.

    `inside`: it begins in one.
    """
    kinds = _CLASS[np.frombuffer(data, dtype=np.uint8)]
    found = np.flatnonzero(kinds)
    kinds = kinds[found]
    quotes = found[kinds == 1]
    slashes = found[kinds == 2]
    if slashes.size:
        quotes = quotes[~_is_escaped(quotes, slashes)]
    at = found[kinds >= 3]
    step = np.where(kinds[kinds >= 3] == 3, 1, -1)
    outside = (np.searchsorted(quotes, at) & 1) == int(inside)
    return at[outside], step[outside], bool((quotes.size & 1) ^ inside)


def _is_escaped(quotes: Any, slashes: Any) -> Any:
    """Whether each quote is escaped: the run of backslashes right before it is odd."""
    # A quote is escaped when the run of backslashes right before it is odd.
    first = np.ones(slashes.size, dtype=bool)
    first[1:] = np.diff(slashes) != 1
    start_of_run = slashes[first][np.cumsum(first) - 1]
    place = np.searchsorted(slashes, quotes - 1)
    safe = np.minimum(place, slashes.size - 1)
    follows = (place < slashes.size) & (slashes[safe] == quotes - 1)
    return follows & (((quotes - start_of_run[safe]) & 1) == 1)


def json_lines(source: Source, name: str, notes: list[Note]) -> Iterator[tuple[int, Rows]]:
    """Number of the first line (from 1) and objects of each piece of a JSON lines file.

    Lines that begin with `#` and empty lines are skipped. A line that is no JSON object becomes a ROW_SKIPPED note
    and an empty object, so that line numbers stay right.
    """
    number = 1
    with source.open(name) as stream:
        held = b""
        while block := stream.read(BLOCK_BYTES):
            lines = (held + block).split(b"\n")
            held = lines.pop()
            if len(held) > source.limits.max_body_bytes:
                raise LimitExceeded(
                    source.path,
                    f"{source.path}: {name} holds a line that is too long; {source.limits.named('max_body_bytes')}",
                )
            _require_shallow(source, name, lines)
            rows = _all_lines(lines) or [_parse_line(raw, number + i, name, notes) for i, raw in enumerate(lines)]
            count_duplicate_keys_in_lines(source, name, lines, rows)
            yield number, rows
            number += len(lines)
        _require_shallow(source, name, [held])
        if held.strip():
            row = _parse_line(held, number, name, notes)
            count_duplicate_keys_in_lines(source, name, [held], [row])
            yield number, [row]


def _require_shallow(source: Source, name: str, lines: list[bytes]) -> None:
    """Raise LimitExceeded for lines nested deeper than the limit."""
    most = source.limits.max_nesting_depth
    for line in lines:
        # Few lines hold so many brackets at all.
        if line.count(b"{") + line.count(b"[") > most and int(brackets(line)[1].max(initial=0)) > most:
            raise _too_deep(source, name)


def _too_deep(source: Source, name: str) -> LimitExceeded:
    return LimitExceeded(
        source.path, f"{source.path}: {name} is nested too deep; {source.limits.named('max_nesting_depth')}"
    )


def _all_lines(lines: list[bytes]) -> Rows:
    """The objects of all lines at once; [] where any line is no object, so that each is examined."""
    try:
        rows: list[Any] = orjson.loads(b"[" + b",".join(lines) + b"]")
    except orjson.JSONDecodeError:
        return []
    return rows if len(rows) == len(lines) and all(map(_is_object, rows)) else []


def _parse_line(raw: bytes, number: int, name: str, notes: list[Note]) -> dict[str, Any]:
    """The object of a line; empty for blank lines and remarks, and, with a note, for others."""
    text = raw.removeprefix(BOM).strip() if number == 1 else raw.strip()
    if not text or text.startswith(b"#"):
        return {}
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        value = None
    if isinstance(value, dict):
        return value
    notes.append(line_skipped(text, number, name))
    return {}


def line_skipped(text: bytes, number: int, name: str) -> Note:
    """The note on a line that is no object, with the number of objects that a lost line end joined there."""
    keys = sorted(Counter(_KEY.findall(text)).values())
    count = max(1 + len(_JOINED.findall(text)), keys[len(keys) // 2] if keys else 1)
    return Note(NoteCode.ROW_SKIPPED, f"{name}#line {number}", text[:200].decode("utf-8", "replace"), count)

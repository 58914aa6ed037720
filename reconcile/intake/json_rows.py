"""Large JSON exports, read in pieces: one array of objects streamed as lists, everything else parsed once; JSON lines too.

The memory held is a few megabytes of the file and whatever the caller keeps of the rows. Integers of up to 64 bits stay exact.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from operator import itemgetter
from typing import Any, BinaryIO

import numpy as np
import orjson
import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.intake.contract import Note
from reconcile.intake.doubled import count_doubled, count_doubled_in_lines
from reconcile.intake.memory import joined
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode

BLOCK_BYTES = 4 * 2**20
REST_BYTES = 512 * 2**20
BOM = b"\xef\xbb\xbf"
# One look per byte: 1 quote, 2 backslash, 3 opening, 4 closing bracket, 0 anything else.
_CLASS = np.zeros(256, dtype=np.uint8)
_CLASS[list(b'"\\')] = 1, 2
_CLASS[list(b"[{")] = 3
_CLASS[list(b"]}")] = 4

_JOINED = re.compile(rb"\}\s*\{")
_KEY = re.compile(rb'"(\w{1,40})"\s*:')

# Names of fields that hold where a picture lies.
_PICTURE = re.compile(r"(?i)avatar|icon|thumb|logo")
_HAN = re.compile("[\u3400-\u9fff]")
_PATH = re.compile(
    r"(?:https?://|data:|\.{0,2}[/\\]|[A-Za-z]:\\|[^\n]{1,300}\.(?:png|jpe?g|gif|webp|bmp|heic)$)", re.IGNORECASE
)

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
            head, held = self._head(stream)
            if not self.found:
                self._keep_rest(head)
                return
            ended = False
            while not ended:
                if len(held) > self.source.limits.max_body_bytes:
                    raise LimitExceeded(
                        self.source.path,
                        f"{self.source.path}: {self.name} holds a member beyond all bounds; {self.source.limits.named('max_body_bytes')}",
                    )
                block = stream.read(max(BLOCK_BYTES, len(held)))
                data = held + block
                stop, rows = self._quick(data) if block else (0, [])
                if not rows:
                    stop, ended = self._last_boundary(data)
                    rows = self._parse(_listed(data[:stop]))
                if not ended and not block:
                    raise self._error("is cut short", "the file ends inside the messages")
                if rows:
                    yield self._objects(rows)
                held = data[stop:]
            self._keep_rest(head + held + stream.read(REST_BYTES + 1 - len(held)))

    def _quick(self, data: bytes) -> tuple[int, list[Any]]:
        # What lies before a separator is whole members if and only if it parses as a list: cheaper than counting brackets.
        if not self._between:
            first, _ = self._last_boundary(data[: BLOCK_BYTES // 64])
            found = _BETWEEN.search(data, first - 1) if first else None
            self._between = found[0] if found and found.start() == first - 1 else b"},{"
        stop = len(data)
        for _ in range(4):
            stop = data.rfind(self._between, 0, stop)
            if stop < 0:
                break
            listed = _listed(data[: stop + 1])
            try:
                rows = orjson.loads(listed)
            except orjson.JSONDecodeError:
                continue
            count_doubled(self.source, self.name, listed, rows)
            return stop + 1, rows
        return 0, []

    def _head(self, stream: BinaryIO) -> tuple[bytes, bytes]:
        data = stream.read(BLOCK_BYTES).removeprefix(BOM)
        while (start := self._array_start(data)) is None:
            more = stream.read(max(BLOCK_BYTES, len(data)))
            if not more or len(data) > REST_BYTES:
                return data + more, b""
            data += more
        self.found = True
        return data[:start], data[start:]

    def _array_start(self, data: bytes) -> int | None:
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
        # `data` begins between two members of the array, so its own depth counts from 0 there.
        at, level = brackets(data)
        if level.size and int(level.max()) > self.source.limits.max_nesting_depth:
            raise _too_deep(self.source, self.name)
        ends = np.flatnonzero(level < 0)
        if ends.size:
            return int(at[ends[0]]), True
        closed = np.flatnonzero(level == 0)
        return (int(at[closed[-1]]) + 1, False) if closed.size else (0, False)

    def _objects(self, rows: list[Any]) -> Rows:
        objects = [r for r in rows if isinstance(r, dict)] if not all(map(_is_object, rows)) else rows
        if len(objects) < len(rows):
            self.odd_members += len(rows) - len(objects)
            self.source.odd_members[self.name] = self.odd_members
        self.taken += len(objects)
        return objects

    def _keep_rest(self, data: bytes) -> None:
        if len(data) > REST_BYTES:
            raise LimitExceeded(
                self.source.path,
                f"{self.source.path}: {self.name} holds more than {REST_BYTES:,} bytes beside messages",
            )
        _require_shallow(self.source, self.name, [data])
        value = self._parse(data)
        if self.key is None:
            return
        self.rest = value if isinstance(value, dict) else {}
        if self.found and self.rest.get(self.key):
            raise self._error(f"names {self.key!r} twice", "a reader would see only one of the lists")

    def _parse(self, data: bytes) -> Any:
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise self._error("is no valid JSON", str(error)) from None
        count_doubled(self.source, self.name, data, value)
        return value

    def _error(self, what: str, why: str) -> UnreadableSource:
        return UnreadableSource(
            self.source.path,
            f"{self.source.path}: {self.name} {what} after {self.taken:,} messages ({why}); ask for the export again",
        )


_BETWEEN = re.compile(rb"\}\s*,\s*\{")


def _listed(piece: bytes) -> bytes:
    return b"[" + piece.strip(b", \r\n\t") + b"]"


def _is_object(value: Any) -> bool:
    return type(value) is dict


def brackets(data: bytes) -> "tuple[np.ndarray[Any, np.dtype[np.int64]], np.ndarray[Any, np.dtype[np.int64]]]":
    """Positions of the brackets outside strings, and the depth after each; `data` begins outside a string at depth 0."""
    kinds = _CLASS[np.frombuffer(data, dtype=np.uint8)]
    marks = np.flatnonzero(kinds)
    kinds = kinds[marks]
    quotes = marks[kinds == 1]
    slashes = marks[kinds == 2]
    if slashes.size:
        quotes = quotes[~_escaped(quotes, slashes)]
    at = marks[kinds >= 3]
    step = np.where(kinds[kinds >= 3] == 3, 1, -1)
    outside = (np.searchsorted(quotes, at) & 1) == 0
    return at[outside], np.cumsum(step[outside])


def _escaped(quotes: Any, slashes: Any) -> Any:
    # A quote is escaped when the run of backslashes right before it is odd.
    first = np.ones(slashes.size, dtype=bool)
    first[1:] = np.diff(slashes) != 1
    start_of_run = slashes[first][np.cumsum(first) - 1]
    place = np.searchsorted(slashes, quotes - 1)
    safe = np.minimum(place, slashes.size - 1)
    follows = (place < slashes.size) & (slashes[safe] == quotes - 1)
    return follows & (((quotes - start_of_run[safe]) & 1) == 1)


def json_lines(source: Source, name: str, notes: list[Note]) -> Iterator[tuple[int, Rows]]:
    """(1-based number of the first line, objects) of a JSON lines file, in pieces; `#` lines and empty lines pass.

    A line that is no JSON object becomes a ROW_SKIPPED note in `notes` and an empty object in its place, so that line numbers hold.
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
                    f"{source.path}: {name} holds a line beyond all bounds; {source.limits.named('max_body_bytes')}",
                )
            _require_shallow(source, name, lines)
            rows = _all_lines(lines) or [_line(raw, number + i, name, notes) for i, raw in enumerate(lines)]
            count_doubled_in_lines(source, name, lines, rows)
            yield number, rows
            number += len(lines)
        _require_shallow(source, name, [held])
        if held.strip():
            row = _line(held, number, name, notes)
            count_doubled_in_lines(source, name, [held], [row])
            yield number, [row]


def _require_shallow(source: Source, name: str, lines: list[bytes]) -> None:
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
    """The lines' objects in one go; [] where any of them is no object, so that they are looked at one by one."""
    try:
        rows: list[Any] = orjson.loads(b"[" + b",".join(lines) + b"]")
    except orjson.JSONDecodeError:
        return []
    return rows if len(rows) == len(lines) and all(map(_is_object, rows)) else []


def _line(raw: bytes, number: int, name: str, notes: list[Note]) -> dict[str, Any]:
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
    """The note on a line that is no object; a lost line end leaves several in one, with as many of each of their keys."""
    keys = sorted(Counter(_KEY.findall(text)).values())
    count = max(1 + len(_JOINED.findall(text)), keys[len(keys) // 2] if keys else 1)
    return Note(NoteCode.ROW_SKIPPED, f"{name}#line {number}", text[:200].decode("utf-8", "replace"), count)


def columns_of(
    rows: Rows,
    columns: Mapping[str, pl.DataType | type[pl.DataType]],
    drop: Sequence[str] = (),
    derive: Mapping[str, Callable[[dict[str, Any]], Any]] | None = None,
) -> pl.DataFrame:
    """The rows' fields as columns of the given types (text, integer, float or boolean), and the others as JSON in `raw`.

    A text column takes numbers as their digits and objects as JSON. A value that does not fit its column is null there and
    stands in `raw`. `drop` names fields that are worth nothing (pictures in base64); `derive` adds columns computed a row.
    """
    data: dict[str, pl.Series] = {}
    for name, dtype in columns.items():
        data[name] = _series(name, _values(rows, name), dtype)
    for name, function in (derive or {}).items():
        data[name] = pl.Series(name, [function(r) for r in rows])
    known = {*columns, *drop}
    # Most exporters write every row with the same names.
    shapes = {shape for shape in set(map(tuple, rows)) if not known.issuperset(shape)}
    raw: list[str | None] = (
        [_leftover(r, known) if tuple(r) in shapes else None for r in rows] if shapes else [None] * len(rows)
    )
    for name in filter(_PICTURE.search, drop):
        _keep_words(raw, rows, name)
    for name, dtype in columns.items():
        if dtype != pl.String:
            _keep_misfits(raw, rows, name, data[name])
    return pl.DataFrame({**data, "raw": pl.Series(raw, dtype=pl.String)})


def _values(rows: Rows, name: str) -> list[Any]:
    try:
        return list(map(itemgetter(name), rows))
    except KeyError:
        return [r.get(name) for r in rows]


def _series(name: str, values: list[Any], dtype: pl.DataType | type[pl.DataType]) -> pl.Series:
    try:
        if dtype == pl.String and set(map(type, values)) <= {int, type(None)}:
            # Server ids that stand there as numbers: their digits.
            return pl.Series(name, values, dtype=pl.Int64, strict=True).cast(pl.String)
        return pl.Series(name, values, dtype=dtype, strict=True)
    except (TypeError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, [_fit(v, dtype) for v in values], dtype=dtype, strict=False)


def _fit(value: Any, dtype: pl.DataType | type[pl.DataType]) -> Any:
    if value is None:
        return None
    if dtype == pl.String:
        return as_text(value)
    if dtype == pl.Boolean:
        return {True: True, False: False, "true": True, "false": False, "1": True, "0": False}.get(
            value if not isinstance(value, list | dict) else None
        )
    # Digits of other scripts are words here, as they are to the exporters.
    if isinstance(value, str) and not value.isascii():
        return None
    try:
        number = float(value) if dtype == pl.Float64 else int(value)
    except (TypeError, ValueError, OverflowError):
        return None
    fits = dtype == pl.Float64 or ((-(2**63) <= number < 2**63 and number == value) or isinstance(value, str))
    return number if fits and -(2**63) <= number < 2**63 else None


def as_text(value: Any) -> str:
    """A JSON value as text: words as they are, numbers as digits, anything else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return orjson.dumps(value).decode()
    return str(value)


def _leftover(row: dict[str, Any], known: set[str]) -> str | None:
    rest = {k: v for k, v in row.items() if k not in known and v not in (None, "", [], {})}
    return orjson.dumps(rest).decode() if rest else None


def _keep_words(raw: list[str | None], rows: Rows, name: str) -> None:
    """What stands under a picture's name and is no path, address or digest goes into `raw`: it may be words that belong elsewhere."""
    try:
        joined_up = "".join(filter(None, _values(rows, name)))
    except TypeError:
        joined_up = "语"
    if not _HAN.search(joined_up):
        return
    for at, row in enumerate(rows):
        value = row.get(name)
        if isinstance(value, str) and _HAN.search(value) and not _PATH.match(value):
            raw[at] = orjson.dumps({**orjson.loads(raw[at] or "{}"), name: value}).decode()


def _keep_misfits(raw: list[str | None], rows: Rows, name: str, column: pl.Series) -> None:
    if column.null_count() == 0:
        return
    for i in column.is_null().arg_true():
        value = rows[i].get(name)
        if value is not None and value != "":
            kept = orjson.loads(raw[i] or "{}")
            raw[i] = orjson.dumps({**kept, name: value}).decode()


def read_array(
    array: JsonArray,
    columns: Mapping[str, pl.DataType | type[pl.DataType]],
    drop: Sequence[str] = (),
    derive: Mapping[str, Callable[[dict[str, Any]], Any]] | None = None,
) -> tuple[pl.DataFrame, list[Note]]:
    """All of an array's objects as `columns_of` gives them, with `line` = 1-based place, and a note for odd members.

    Raises UnreadableSource where the file holds no such array, and as JsonArray does.
    """
    frames = [columns_of(rows, columns, drop, derive) for rows in array.pieces()]
    if not array.found:
        raise UnreadableSource(
            array.source.path,
            f"{array.source.path}: {array.name} holds no list {array.key or 'of messages'}; ask for the export again",
        )
    frame = joined(frames or [columns_of([], columns, drop, derive)])
    odd = [Note(NoteCode.ROW_SKIPPED, array.name, "members that are no object", array.odd_members, said=True)]
    return frame.with_row_index("line", offset=1), odd if array.odd_members else []


@dataclass(frozen=True, slots=True)
class JsonShape:
    """What a file's beginning tells of its JSON: root `object`, `array` or '' (none), top-level keys seen, first rows."""

    root: str
    keys: tuple[str, ...] = ()
    first: Mapping[str, Any] = field(default_factory=dict)
    values: Mapping[str, Any] = field(default_factory=dict)


@lru_cache(maxsize=256)
def json_shape(head: bytes) -> JsonShape:
    """The shape of a JSON file from its first bytes. Never raises.

    `first` is the first complete object of the root array, or of the first top-level array of objects named `messages`,
    `chats`, `data` or `posts`; `values` holds the top-level values that are complete in the head.
    """
    text = head.removeprefix(BOM).lstrip()
    if text[:1] not in (b"{", b"["):
        return JsonShape("")
    at, level = brackets(text)
    if text[:1] == b"[":
        return JsonShape("array", first=_first_object(text, at, level, 0))
    keys: list[str] = []
    values: dict[str, Any] = {}
    first: dict[str, Any] = {}
    position, end = 1, len(text)
    while (match := _KEY.match(text, position)) is not None:
        key = match[1].decode("utf-8", "replace")
        keys.append(key)
        stop = _value_end(text, match.end(), at, level)
        if text[match.end() : match.end() + 1] == b"[" and key in ("messages", "chats", "data", "posts"):
            first = _first_object(text, at, level, match.end())
        if stop is None or stop >= end:
            break
        try:
            values[key] = orjson.loads(text[match.end() : stop])
        except orjson.JSONDecodeError:
            break
        position = stop
    return JsonShape("object", tuple(keys), first, values)


_KEY = re.compile(rb'[\s,]*"((?:[^"\\]|\\.)*)"\s*:\s*')
_SCALAR = re.compile(rb'"(?:[^"\\]|\\.)*"|[-+.\w]+')


def _value_end(text: bytes, start: int, at: Any, level: Any) -> int | None:
    if text[start : start + 1] in (b"{", b"["):
        index = int(np.searchsorted(at, start))
        if index >= at.size or at[index] != start:
            return None
        after = np.flatnonzero(level[index:] < level[index])
        return int(at[index + int(after[0])]) + 1 if after.size else None
    scalar = _SCALAR.match(text, start)
    return scalar.end() if scalar else None


def _first_object(text: bytes, at: Any, level: Any, start: int) -> dict[str, Any]:
    index = int(np.searchsorted(at, start)) + 1
    if index >= at.size or text[at[index] : at[index] + 1] != b"{":
        return {}
    stop = _value_end(text, int(at[index]), at, level)
    if stop is None:
        return {}
    try:
        value = orjson.loads(text[at[index] : stop])
    except orjson.JSONDecodeError:
        return {}
    return value if isinstance(value, dict) else {}

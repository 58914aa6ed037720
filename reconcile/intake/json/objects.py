"""Lists of JSON objects, whole files or inside a page, as the part of one chat."""

import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, remarks
from reconcile.intake.json.columns import columns_of
from reconcile.intake.json.duplicate_keys import count_duplicate_keys
from reconcile.intake.json.rows import brackets
from reconcile.intake.memory import concat_and_release
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode
from reconcile.wechat.text import whole_number

Rows = list[dict[str, Any]]
Derive = Mapping[str, Callable[[dict[str, Any]], Any]]
_LAST_UNIX = 7_258_118_400


# The number of rows brought into columns at a time.
SHAPED_ROWS = 60_000


def as_given(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows as they are."""
    return rows


def frame_of_lists(
    pieces: Iterable[Rows],
    keys: Mapping[str, type[pl.DataType]],
    derive: Derive | None = None,
    drop: tuple[str, ...] = (),
    shape: Callable[[pl.DataFrame], pl.DataFrame] = as_given,
) -> pl.DataFrame:
    """The objects of all pieces as one frame: given columns, the rest in `raw`, `line` from 1.

    Derived columns are text. `shape` receives some rows at a time, without `line`, and returns them in the wanted
    columns.
    """
    texts = pl.col(list(derive or {})).cast(pl.String)
    read = (columns_of(p, keys, drop, derive).with_columns(texts) for p in pieces if p)
    frames = [shape(heap) for heap in _joined_frames(read)]
    if not frames:
        frames = [shape(pl.DataFrame(schema=dict(keys) | dict.fromkeys((*(derive or {}), "raw"), pl.String)))]
    return concat_and_release(frames).with_row_index("line", offset=1)


def _joined_frames(frames: Iterable[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """The frames joined into larger ones, because each step costs a fixed time however few the rows."""
    waiting: list[pl.DataFrame] = []
    rows = 0
    for frame in frames:
        waiting.append(frame)
        rows += frame.height
        if rows >= SHAPED_ROWS:
            yield pl.concat(waiting, how="diagonal_relaxed", rechunk=True)
            waiting.clear()
            rows = 0
    if waiting:
        yield pl.concat(waiting, how="diagonal_relaxed", rechunk=True)


def page_after(file: Path, marker: bytes, size: int = 200) -> bytes:
    """What follows the marker in a page, at most `size` bytes; b'' where it is not there. Never raises."""
    try:
        with file.open("rb") as stream, mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as page:
            found = page.find(marker)
            return page[found + len(marker) : found + len(marker) + size] if found >= 0 else b""
    except (OSError, ValueError):
        return b""


def embedded(source: Source, file: Path, marker: bytes) -> Any:
    """The JSON array or object that follows the marker in a page.

    Raises UnreadableSource where the marker is not there, or what follows is cut short or no JSON.
    """
    return _embedded(source, file, marker)[0]


def rows_of_page(source: Source, file: Path, marker: bytes, notes: list[Note]) -> Rows:
    """The objects of the list that follows the marker in a page.

    Other members, and objects behind the list, become notes. Raises as `embedded`.
    """
    value, behind = _embedded(source, file, marker)
    rows = objects_of(value, source.relative(file), notes)
    # A key of every row in the list, which therefore appears nowhere behind it.
    key = next((k for k in rows[0] if all(k in r for r in rows)), None) if rows else None
    if key is not None and (count := behind.count(f'"{key}":'.encode())):
        notes.append(Note(NoteCode.ROW_SKIPPED, source.relative(file), "objects behind the list", count, said=True))
    return rows


def _embedded(source: Source, file: Path, marker: bytes) -> tuple[Any, bytes]:
    """The value, and the text behind it."""
    data = page_after(file, marker, file.stat().st_size).lstrip(b" =\t\r\n")
    if data[:1] not in (b"[", b"{"):
        raise UnreadableSource(
            source.path, f"{file}: holds no list after {marker.decode()!r}; expected the exporter's page"
        )
    at, level = brackets(data)
    ends = at[level == 0]
    if not len(ends):
        raise UnreadableSource(source.path, f"{file}: cut short inside its list of messages; ask for the export again")
    listed = data[: int(ends[0]) + 1]
    try:
        value = orjson.loads(listed)
    except orjson.JSONDecodeError as error:
        raise UnreadableSource(source.path, f"{file}: the list in the page is no valid JSON ({error})") from None
    count_duplicate_keys(source, source.relative(file), listed, value)
    return value, data[len(listed) :]


def objects_of(value: Any, name: str, notes: list[Note]) -> Rows:
    """The objects of a list; members of another kind become notes."""
    members = value if isinstance(value, list) else []
    rows = [m for m in members if isinstance(m, dict)]
    if len(rows) < len(members):
        notes += remarks(NoteCode.ROW_SKIPPED, name, "members that are no objects", len(members) - len(rows))
    return rows


def instant(unix: Any) -> datetime | None:
    """A UTC time of whole or broken unix seconds; None for anything else, zero and far years."""
    if isinstance(unix, str):
        unix = whole_number(unix)
    if isinstance(unix, bool) or not isinstance(unix, int | float) or not 0 < unix < _LAST_UNIX:
        return None
    return datetime.fromtimestamp(unix, UTC)


def with_items(
    pieces: Iterable[Rows],
    found: list[dict[str, Any]],
    items: Callable[[dict[str, Any]], list[dict[str, Any]]],
    file: str,
) -> Iterator[Rows]:
    """The same pieces, while `items` of each row go to `found` as witnesses of that row."""
    number = 0
    for piece in pieces:
        for row in piece:
            number += 1
            for item in items(row):
                at = instant(item.pop("unix", None))
                found.append(item | {"locator": f"{file}#{number}", "sent_at": at})
        yield piece

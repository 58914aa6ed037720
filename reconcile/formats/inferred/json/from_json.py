"""Lists of rows inside JSON of any nesting, and JSON lines; each list becomes a frame of text fields."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

import orjson
import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.formats.inferred.fields import LIST_NAME, PARENT, Fields
from reconcile.formats.inferred.json.indexed_people import with_indexed_people, with_names_of_places
from reconcile.formats.inferred.json.json_shapes import (
    columns_of_lists,
    columns_of_maps,
    is_heading,
    lists_alike,
    row_of_time,
    rows_by_time,
    same_shape,
)
from reconcile.formats.inferred.json.lone_messages import take_lone_messages
from reconcile.formats.inferred.json.packed import cell_of, flatten, without_envelopes
from reconcile.formats.inferred.json.replies import join_siblings, lift_replies
from reconcile.formats.inferred.lines_of_cells import fields_of_texts
from reconcile.formats.inferred.references import PEOPLE, people_in, with_names
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.script_values import literal, script_value
from reconcile.formats.inferred.words.segments import are_segments
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.decode import decode
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_MOST_BYTES = 2**30
_DEPTH, _MOST_COLUMNS = 12, 200
# After this number of other lines, if they outnumber lines of JSON, reading stops.
_MOST_SKIPPED = 200
# Least share of a script that its values are.
_MOST_OF_A_SCRIPT = 0.5
# Most names in a list of those who take part.
_MOST_PEOPLE = 20
# The first lines show whether objects stand inside objects.
_FIRST = 50
# Shortest text that may hold a list of messages.
_LONG_TEXT = 200
# Escapes of the bytes of UTF-8, and of any character beyond Latin-1.
_BYTE_ESCAPES = lazy_pattern(r"(?:\\u00[89a-fA-F][0-9a-fA-F])+")
_OTHER_ESCAPES = lazy_pattern(r"(?<!\\)(?:\\\\)*\\u(?!00)")
# A time that begins a line, and an object that ends it.
_LOGGED = lazy_pattern(
    r"^\W{0,3}(20\d\d[-/.]\d{1,2}[-/.]\d{1,2}[ T]\d{1,2}:\d\d:\d\d(?:[.,]\d{1,6})?(?:Z|[+-]\d\d:?\d\d)?)[^{]{0,200}(\{.*\})\s*$"
)
# An object of several lines, between braces alone at the margin; a damaged one may lack its end.
_AT_THE_MARGIN = lazy_pattern(r"^\{\r?\n(?:(?![{}]).*\n)*(?:\}(?=\r?$))?", re.MULTILINE)
Rows = list[dict[str, Any]]


@dataclass
class _List:
    """All objects of lists at one place of the structure, with the plain fields of what contains them."""

    rows: Rows = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    is_positional: bool = False


def json_fields(source: Source, file: Path) -> list[Fields]:
    """Every list of objects of a JSON or JSON lines file, longest first.

    Raises UnreadableSource where the file is neither.
    """
    if file.stat().st_size > _MOST_BYTES:
        raise LimitExceeded(
            source.path, f"{file}: more than {_MOST_BYTES:,} bytes of JSON of unknown make; split the export"
        )
    name = source.relative(file)
    text, notes = decode(source, name, file.read_bytes())
    if (mended := _twice_encoded(text)) is not None:
        text = mended
        notes.append(Note(NoteCode.ENCODING_GUESSED, name, "utf-8 written as latin-1 escapes", said=True))
    value, broken = script_value(text, _MOST_OF_A_SCRIPT)
    if value is not None:
        notes += shorten_notes([Note(NoteCode.ROW_SKIPPED, f"{name}#", begin) for begin in broken])
        return value_fields(name, value, notes)
    return _read_json_lines(source, name, _on_one_line_each(text), notes)


def value_fields(name: str, value: Any, notes: list[Note]) -> list[Fields]:
    """Every list of objects inside a value of objects, lists and plain values, longest first."""
    lists: dict[tuple[str, ...], _List] = {}
    _collect_lists(value, (), "$", {}, lists)
    lift_replies(lists)
    take_lone_messages(value, lists)
    lists = _without_segments(lists)
    beside = dict(_plain(value, "", 3)) if isinstance(value, dict) else {}
    people = people_in(value) | _people(lists, PurePosixPath(name).stem)
    found = [_fields_of_list(name, one, beside, people, notes) for one in lists.values() if one.rows]
    if (lines := fields_of_texts(value, name, beside, notes)) and not any(infer(f).is_clear for f in found):
        found += lines
    return sorted(with_names(with_indexed_people(found, value, people), people), key=lambda f: -f.frame.height)


def _twice_encoded(text: str) -> str | None:
    """The JSON whose words are the bytes of UTF-8, each escaped as one character; None for other JSON.

    Some services export every text like that.
    """
    # A plain search costs a hundredth of a pattern's, and most texts hold no such escape.
    if "\\u00" not in text or not text.isascii() or not _BYTE_ESCAPES.search(text) or _OTHER_ESCAPES.search(text):
        return None
    try:
        return _BYTE_ESCAPES.sub(lambda run: bytes.fromhex(run[0].replace("\\u00", "")).decode("utf-8"), text)
    except UnicodeDecodeError:
        return None


def _on_one_line_each(text: str) -> str:
    """The text with each object that stands on several lines on its first one, the others left empty.

    Such objects begin and end at the margin. Others, and damaged ones, stay as they are, so that they are noted.
    """

    def joined(found: re.Match[str]) -> str:
        one = literal(found[0])
        whole = found[0].replace("\n", " ") if one is None else orjson.dumps(one).decode()
        return whole + "\n" * found[0].count("\n")

    return _AT_THE_MARGIN.sub(joined, text)


def _read_json_lines(source: Source, name: str, text: str, notes: list[Note]) -> list[Fields]:
    """Rows from lines of JSON, Python literals or logged values.

    Raises UnreadableSource where more lines are skipped than read.
    """
    rows: Rows = []
    labels: list[str] = []
    skipped: list[Note] = []
    beside: dict[str, str] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = orjson.loads(line)
        except orjson.JSONDecodeError:
            value = literal(line) or _logged(line)
        if isinstance(value, dict | list | tuple):
            # A program may print all new messages on one line.
            are_rows = isinstance(value, list) and value and all(isinstance(v, dict | list | tuple) for v in value)
            held = value if are_rows else [value]
            rows += [v if isinstance(v, dict) else {f"#{i}": c for i, c in enumerate(v, 1)} for v in held]
            labels += [f"line {number}" + (f"[{i}]" if are_rows else "") for i in range(len(held))]
        else:
            skipped.append(Note(NoteCode.ROW_SKIPPED, f"{name}#line {number}", line[:200]))
            # A text whose lines only begin like JSON is recognised early.
            if len(skipped) > max(_MOST_SKIPPED, len(rows)):
                break
    if not rows or len(skipped) > len(rows):
        raise UnreadableSource(
            source.path, f"{source.path}: {name} is neither JSON nor JSON lines; ask for the export again"
        )
    timed = [row_of_time(r) for r in rows]
    rows = [*without_envelopes(rows if None in timed else [r for r in timed if r])]
    kept = _shape_of_most(rows)
    lost = [i for i in range(len(rows)) if i not in kept]
    heads = {str(i): rows[i] for i in lost[:50]}
    for head in heads.values():
        beside |= dict(_plain(head, "", 3))
    found = _fields_of_lines(name, [(rows[i], labels[i]) for i in sorted(kept)], beside, [*notes, *skipped])
    people = {k: v for head in heads.values() for k, v in people_in(head).items()} | _people_of([*heads.values()])
    return with_names(with_indexed_people([with_names_of_places(f, heads) for f in found], heads, {}), people)


def _fields_of_lines(
    name: str, lines: list[tuple[dict[str, Any], str]], beside: dict[str, str], notes: list[Note]
) -> list[Fields]:
    """The objects of lines with the answers inside them, and other lists inside them, longest first.

    Lists of messages side by side are one.
    """
    rows = [row for row, _ in lines]
    whole = _List(rows, [label for _, label in lines])
    lists: dict[tuple[str, ...], _List] = {}
    # Objects may stand inside those of the lines, as the messages of events do.
    if any(_may_hold_rows(v) for row in rows[:_FIRST] for v in row.values()):
        _collect_lists(rows, (), "$", {}, lists)
        lift_replies(lists)
        whole = lists.pop(("[]",))
        whole.labels = [re.sub(r"^\$\[([0-9]+)\]", lambda m: lines[int(m[1])][1], label) for label in whole.labels]
        join_siblings(lists)
        lists = _without_segments(lists)
    people = _people(lists, "")
    found = [_fields_of_list(name, one, {}, people, notes) for one in lists.values() if one.rows]
    return [_fields_of_list(name, whole, beside, {}, notes), *sorted(found, key=lambda f: -f.frame.height)]


def is_logged(lines: Sequence[str]) -> bool:
    """Whether nearly all lines are a time, words of a program and an object."""
    return sum(_logged(line) is not None for line in lines) > max(2, 0.8 * len(lines))


def _logged(line: str) -> dict[str, Any] | None:
    """The object at the end of a line of a log, with the line's time beside it; None for any other line."""
    found = _LOGGED.match(line)
    try:
        value = orjson.loads(found[2]) if found else None
    except orjson.JSONDecodeError:
        return None
    return {"logged at": found[1], **value} if found and isinstance(value, dict) and len(value) > 1 else None


def _shape_of_most(rows: Rows) -> set[int]:
    """Indexes of the lines from the first that shares keys with most others to the last with any."""
    counts: dict[str, int] = {}
    for row in rows:
        for key in row:
            counts[key] = counts.get(key, 0) + 1
    common = {k for k, c in counts.items() if c > len(rows) / 2}
    first = next((i for i, row in enumerate(rows) if len(common & row.keys()) * 2 >= len(common)), 0)
    last = next((i for i in range(len(rows) - 1, -1, -1) if common & rows[i].keys()), len(rows) - 1)
    return set(range(first, last + 1))


def _collect_lists(
    value: Any, place: tuple[str, ...], label: str, above: dict[str, Any], lists: dict[tuple[str, ...], _List]
) -> None:
    """Add every list of rows below a value to lists, by its place."""
    if len(place) > _DEPTH:
        return
    if isinstance(value, list):
        _add_list(value, place, label, above, lists)
    elif isinstance(value, dict):
        own = {**above, **{f"{PARENT}{k}": v for k, v in value.items() if isinstance(v, str | int | float)}}
        if (rows := rows_by_time(value)) is not None:
            _add_list(rows, (*place, "*"), label, above, lists)
            return
        if (columns := columns_of_lists(value) or columns_of_maps(value)) is not None:
            here = lists.setdefault((*place, "{}"), _List())
            cells = list(zip(*columns.values(), strict=True))
            here.rows += [{**above, **dict(zip(columns, row, strict=True))} for row in cells]
            here.labels += [f"{label}[{i}]" for i in range(len(cells))]
            return
        members = [v for v in value.values() if isinstance(v, dict | list)]
        is_map = len(members) == len(value) and len(value) > 1 and same_shape(members)
        if is_map and all(isinstance(v, dict) for v in members):
            rows = [{f"{PARENT}key": k, **v} for k, v in value.items()]
            _add_list(rows, (*place, "*"), label, above, lists)
            return
        alike = lists_alike(value)
        for key, inner in value.items():
            if isinstance(inner, str):
                if (packed := _packed(inner)) is None:
                    continue
                inner = packed  # noqa: PLW2901 - the value that the text holds
            is_one = is_map or key in alike
            held = {**own, f"{PARENT}key" if is_map else LIST_NAME: key} if is_one else own
            _collect_lists(inner, (*place, "*" if is_one else key), f"{label}.{key}", held, lists)


def _without_segments(lists: dict[tuple[str, ...], _List]) -> dict[tuple[str, ...], _List]:
    """The lists without those of the pieces of messages, which stand inside the rows of another list."""
    return {p: one for p, one in lists.items() if not (_is_inner(p) and are_segments(one.rows))}


def _is_inner(place: tuple[str, ...]) -> bool:
    """Whether a list stands inside the rows of another."""
    return any(p in ("[]", "*") for p in place[:-1])


def _packed(text: str) -> Any:
    """The list or object that a long text holds as JSON; None for any other text."""
    if len(text) < _LONG_TEXT or text[0] not in "[{":
        return None
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _add_list(
    value: list[Any], place: tuple[str, ...], label: str, above: dict[str, Any], lists: dict[tuple[str, ...], _List]
) -> None:
    """Add the rows of one list, and of the lists inside its rows, to lists."""
    objects = sum(isinstance(v, dict) for v in value)
    arrays = [v for v in value if isinstance(v, list)]
    here = lists.setdefault((*place, "[]"), _List())
    if value and len(arrays) == len(value) and all(not isinstance(c, dict | list) for v in arrays for c in v):
        width = max(map(len, arrays))
        is_named = len(arrays) > 1 and len(arrays[0]) == width and all(isinstance(c, str) for c in arrays[0])
        heading = arrays[0] if is_named and is_heading(arrays) else None
        names = (
            [str(c) for c in heading]
            if heading and len({*heading}) == width
            else [f"#{i}" for i in range(1, width + 1)]
        )
        rows = arrays[1:] if heading else arrays
        here.is_positional = heading is None
        here.rows += [{**above, **dict(zip(names, row, strict=False))} for row in rows]
        here.labels += [f"{label}[{i}]" for i in range(len(arrays) - len(rows), len(arrays))]
        return
    if not objects:
        for i, v in enumerate(value):
            _collect_lists(v, (*place, "[]"), f"{label}[{i}]", above, lists)
        return
    for i, row in enumerate(value):
        if not isinstance(row, dict):
            continue
        here.rows.append({**above, **row} if above else row)
        here.labels.append(f"{label}[{i}]")
        for key, inner in row.items():
            if _may_hold_rows(inner):
                own = {**above, **{f"{PARENT}{k}": t for k, v in _plain_parts(row) if (t := _told_of(v)) is not None}}
                _collect_lists(inner, (*place, "[]", key), f"{label}[{i}].{key}", own, lists)


def _plain_parts(row: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of a row, and those of plain objects in it by dotted name."""
    for key, value in row.items():
        if isinstance(value, dict) and not _may_hold_rows(value):
            yield from ((f"{key}.{k}", v) for k, v in value.items())
        else:
            yield key, value


def _told_of(value: Any) -> str | int | float | None:
    """What a plain value, or a short list of names, says of the rows below it; None for others."""
    if isinstance(value, list) and 0 < len(value) <= _MOST_PEOPLE and all(isinstance(v, str) for v in value):
        return ", ".join(value)
    return value if isinstance(value, str | int | float) else None


def _may_hold_rows(value: Any) -> bool:
    """Whether a value can hold lists of rows: an object of plain values alone cannot."""
    if isinstance(value, dict):
        return any(isinstance(v, dict | list) for v in value.values())
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict | list)


def _fields_of_list(name: str, one: _List, beside: dict[str, str], people: dict[str, str], notes: list[Note]) -> Fields:
    """The list as a frame of text columns."""
    columns: dict[str, list[str | None]] = {}
    flatten(without_envelopes(one.rows), "", 0, columns)
    kept = dict(list(columns.items())[:_MOST_COLUMNS])
    frame = pl.DataFrame({ROW: one.labels, **kept}, schema={ROW: pl.String, **dict.fromkeys(kept, pl.String)})
    return Fields(frame, name, f"{name}#", "", beside, people, one.is_positional, tuple(notes))


def _plain(value: Any, head: str, levels: int) -> Iterator[tuple[str, str]]:
    """The plain values of an object and of those inside it, by dotted name."""
    for key, inner in value.items():
        if isinstance(inner, dict) and levels:
            yield from _plain(inner, f"{head}{key}.", levels - 1)
        elif isinstance(inner, str | int | float):
            yield f"{head}{key}", str(cell_of(inner))[:500]


# How deep a person's id and name may lie in its row.
_INSIDE = 2
# Up to this length, a name of a list says nothing of what it holds.
_SHORT_NAME = 2
_PERSON_ID = ("id", "uid", "userId", "user_id", "account", "wxid", "username", "uin", "platformId")
_PERSON_NAME = (
    "name", "author", "nickname", "nick", "displayName", "display_name", "remark", "accountName", "realname", "real_name",
)  # fmt: skip


def _people(lists: dict[tuple[str, ...], _List], file: str) -> dict[str, str]:
    """Account -> name of the lists that hold persons: few fields, an id and a name, no time."""
    found: dict[str, str] = {}
    for place, one in lists.items():
        named = [p for p in reversed(place[:-1]) if p not in ("*", "[]")] or [file]
        # A short name is that of one member of the list.
        held = named[0] if len(named[0]) > _SHORT_NAME or len(named) == 1 else named[1]
        kinds = {str(row.get("type", "")) for row in one.rows[:_FIRST]}
        if any(w in told.lower() for told in (held, *(kinds if len(kinds) == 1 else ())) for w in PEOPLE):
            found = _people_of(one.rows) | found
    return found


def _people_of(rows: Rows) -> dict[str, str]:
    """Account -> name of rows that state an id and a name, the first one of each."""
    found: dict[str, str] = {}
    for row in (_flat(row, _INSIDE) for row in rows[:10_000]):
        ident = next((row[k] for k in _PERSON_ID if isinstance(row.get(k), str | int)), row.get(f"{PARENT}key"))
        shown = next((row[k] for k in _PERSON_NAME if isinstance(row.get(k), str) and row[k]), None)
        if ident is not None and shown:
            found.setdefault(str(ident), shown)
    return found


def _flat(row: dict[str, Any], levels: int) -> dict[str, Any]:
    """The fields of a row and of the objects in it, the outer ones first."""
    inner = [_flat(v, levels - 1) for v in row.values() if isinstance(v, dict)] if levels else []
    return {k: v for one in (*reversed(inner), row) for k, v in one.items()}

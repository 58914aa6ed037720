"""Objects and lists inside the values of a column, as columns of texts of their own."""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from reconcile.formats.inferred.hints import hint
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name

_LEVELS, _MOST_COLUMNS, _SEVERAL = 4, 200, 2
# Least share of rows whose object stands under the key that another field names.
_MOST_ENVELOPES = 0.8
# Where a part of a message states its media type.
_TYPED = frozenset(["ct", "mime", "mimetype", "mime_type", "contenttype", "content_type"])
# The name of a kind between brackets, and the length of a pair of one and its words.
TAG, _PAIR = r"\[[^\[\]\n]{1,12}\]", 2
# Number of texts looked at first, and the least share of objects among all.
_LOOK, _MOST_OBJECTS = 50, 0.9
# A label before its value in a line of a cell.
_LABELLED = re.compile(r"[ \t]*([^\W\d][\w ]{0,15})[ \t]*[:：][ \t]*")


def without_envelopes(rows: Sequence[dict[str, Any]]) -> Sequence[dict[str, Any]]:
    """The rows whose object stands under a key that another field names, or alone, with its fields.

    `{"type": "post", "post": {…}}`. Unchanged unless nearly all rows are such, and of several names.
    """
    if rows and all(len(r) == 1 and isinstance(next(iter(r.values())), dict) for r in rows):
        rows = [{"type": k, k: v} for r in rows for k, v in r.items()]
    for key in {k: None for r in rows[:_LOOK] for k in r if _is_envelope(r, k)}:
        held = [_is_envelope(r, key) for r in rows]
        if sum(held) < _MOST_ENVELOPES * len(rows) or len({r[key] for r in rows if _is_envelope(r, key)}) < _SEVERAL:
            continue
        return [
            {**{k: v for k, v in r.items() if k != r[key]}, **r[r[key]]} if is_one else r
            for r, is_one in zip(rows, held, strict=True)
        ]
    return rows


def _is_envelope(row: dict[str, Any], key: str) -> bool:
    """Whether a field of a row names the key under which its object stands."""
    return isinstance(named := row.get(key), str) and isinstance(row.get(named), dict)


def flatten(rows: Sequence[Any], head: str, level: int, columns: dict[str, list[str | None]]) -> None:
    """Adds a column of texts for each field of the rows and of the objects in it, named behind `head`."""
    keys: dict[str, None] = {}
    for row in rows:
        if isinstance(row, dict):
            keys.update(dict.fromkeys(row))
    for key in list(keys)[:_MOST_COLUMNS]:
        values = [row.get(key) if isinstance(row, dict) else None for row in rows]
        # A dot inside a key would read as a level.
        name = f"{head}{key if key.startswith('^') else key.replace('.', '·')}"
        types = {type(v) for v in values}
        if types <= {str, type(None)}:
            columns[name] = values
            if level < _LEVELS and (inner := objects_of_texts(values)) is not None:
                flatten(inner, f"{name}.", level + 1, columns)
            continue
        if dict in types and level < _LEVELS:
            flatten(values, f"{name}.", level + 1, columns)
            if types <= {dict, type(None)}:
                continue
        if types == {list} and level < _LEVELS and (single := _single_objects(values)) is not None:
            flatten(single, f"{name}.", level + 1, columns)
        elif list in types and any(_is_typed(v) for v in values):
            # The parts of a message, such as those of MMS.
            told = [_of_list(v) if isinstance(v, list) else None for v in values]
            single = columns.get(f"{name}.text") or [None] * len(values)
            columns[f"{name}.text"] = [t if t is not None else s for t, s in zip(told, single, strict=True)]
        elif list in types:
            joint = ", " if any(hint(key, role) > 0 for role in ("sender", "receiver", "conversation")) else ""
            columns[name] = [_of_list(v, joint) if isinstance(v, list) else cell_of(v) for v in values]
        else:
            columns[name] = [None if isinstance(v, dict) else cell_of(v) for v in values]


def _is_typed(value: Any) -> bool:
    """Whether a value is a list of parts, each of which states its media type."""
    return isinstance(value, list) and bool(value) and all(isinstance(v, dict) and {*v} & _TYPED for v in value)


def _single_objects(lists: list[Any]) -> list[Any] | None:
    """The objects of lists that hold exactly one each; null for other lists."""
    return [v[0] for v in lists] if all(len(v) == 1 and isinstance(v[0], dict) for v in lists) else None


def objects_of_texts(values: list[Any]) -> list[Any] | None:
    """The objects that a column holds as JSON texts; None where its first texts are not all objects."""
    held = [v for v in values if v]
    if len(held) < 2 or not all(v.startswith("{") and v.endswith("}") for v in held[:_LOOK]):
        return None
    found = [_parse_object(v) for v in values]
    return found if sum(v is not None for v in found) >= _MOST_OBJECTS * len(held) else None


def objects_of_lines(values: Sequence[str | None]) -> list[dict[str, Any]] | None:
    """The objects that a column holds as lines of a label and a value; None for any other column.

    All cells begin with one label and share labels for a time, a sender and a text. A line without a shared label continues
    the value above it.
    """
    held = [v for v in values if v]
    if len(held) < _SEVERAL or not all("\n" in v and _LABELLED.match(v) for v in held[:_LOOK]):
        return None
    found = [[_LABELLED.match(line) for line in v.splitlines()] for v in held]
    labels = set.intersection(*({m[1] for m in lines if m} for lines in found))
    if len({lines[0][1] if lines[0] else "" for lines in found}) > 1 or not all(
        any(hint(label, role) >= 1 for label in labels) for role in ("time", "text", "sender")
    ):
        return None
    return [_object_of(v or "", labels) for v in values]


def _object_of(cell: str, labels: set[str]) -> dict[str, Any]:
    """The values of a cell by their labels; each label begins its first line."""
    told: dict[str, list[str]] = {}
    value: list[str] = []
    for line in cell.splitlines():
        begun = _LABELLED.match(line)
        if begun and begun[1] in labels and begun[1] not in told:
            value = told[begun[1]] = [line[begun.end() :]]
        else:
            value.append(line)
    return {label: "\n".join(lines) for label, lines in told.items()}


def _parse_object(text: str | None) -> dict[str, Any] | None:
    """The JSON object in a text; null without one."""
    try:
        value = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        return None
    return value if isinstance(value, dict) else None


def _of_list(value: list[Any], joint: str = "") -> str | None:
    """Pieces of a text, or names, as one text; lists of pieces as its lines; other lists as JSON."""
    pieces = [_line_of(v) if isinstance(v, list) else v if isinstance(v, str) else _piece(v) for v in value]
    if value and all(p is not None for p in pieces):
        return ("\n" if isinstance(value[0], list) else joint).join(p or "" for p in pieces)
    return cell_of(value) if value else None


def _line_of(pieces: list[Any]) -> str | None:
    """The pieces of a line as one text, a tag such as `[text]` above its words; None for other lists."""
    if len(pieces) == _PAIR and all(isinstance(p, str) for p in pieces):
        return "\n".join(pieces) if re.fullmatch(TAG, pieces[0]) else None
    told = [_piece(p) for p in pieces]
    return None if not told or None in told else "".join(t or "" for t in told)


def _piece(value: Any, depth: int = 0) -> str | None:
    """The text of one piece of a message: its own, else that of an object inside it."""
    if not isinstance(value, dict) or depth > _LEVELS:
        return None
    typed = next((v for k, v in value.items() if k.lower() in _TYPED and isinstance(v, str) and "/" in v), "text/")
    if not typed.startswith("text/"):
        # Parts that only describe the layout, such as application/smil, are not text of the message.
        kind = kind_of_name(typed)
        return "" if kind is None else f"[{kind}]"
    own = next((v for k, v in value.items() if isinstance(v, str) and k.lower() in ("text", "content")), None)
    inner = (t for v in value.values() if (t := _piece(v, depth + 1)) is not None)
    return own if own is not None else next(inner, None) or _named_piece(value)


def _named_piece(value: dict[str, Any]) -> str | None:
    """What stands for a piece without words whose type names a kind, such as a picture."""
    named = value.get("type")
    kind = kind_of_name(named) if isinstance(named, str) and not named.isdigit() else None
    return None if kind in (None, Kind.TEXT) else f"[{named}]"


def cell_of(value: Any) -> str | None:
    """A plain value as the text that JSON writes; a list or object as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()

"""Objects and lists inside the values of a column, as columns of texts of their own."""

from collections.abc import Sequence
from typing import Any

import orjson

from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.script_values import literal
from reconcile.formats.inferred.words.segments import MEDIA_TYPES, text_of_pieces, type_of_segments
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_names import kind_of_name

_LEVELS, _MOST_COLUMNS, _SEVERAL = 4, 200, 2
# Least share of rows whose object stands under the key that another field names.
_MOST_ENVELOPES = 0.8
# Number of texts looked at first, and the least share of objects among all.
_LOOK, _MOST_OBJECTS = 50, 0.9
# How an object or a list begins and ends.
_ENDS = {"{": "}", "[": "]"}
_JSON = ('"', *_ENDS)
# The name of a field in braces, within words.
_IN_BRACES = lazy_pattern(r"\{(\w{1,40})\}")
# A label before its value in a line of a cell.
_LABELLED = lazy_pattern(r"[ \t]*([^\W\d][\w ]{0,15})[ \t]*[:：][ \t]*")


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
    rows = [_with_filled_words(row) if isinstance(row, dict) else row for row in rows]
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
            flatten_texts(values, name, level, columns)
            continue
        if dict in types and level < _LEVELS:
            # A type beside it names what the value is.
            values = values if "type" in keys else _by_kind(values) or values
            types = {type(v) for v in values}
            flatten(values, f"{name}.", level + 1, columns)
            if types <= {dict, type(None)}:
                continue
        typed = type_of_segments(values) if list in types else None
        if typed is None and types == {list} and level < _LEVELS and (single := _single_objects(values)) is not None:
            flatten(single, f"{name}.", level + 1, columns)
        elif typed in MEDIA_TYPES or (typed is not None and not any(hint(k, "text") >= 1 for k in keys)):
            told = [text_of_pieces(v, typed) if isinstance(v, list) else None for v in values]
            others = columns.get(f"{name}.text") or [None] * len(values)
            columns[f"{name}.text"] = [o if t is None else t for t, o in zip(told, others, strict=True)]
        elif list in types:
            joint = ", " if any(hint(key, role) > 0 for role in ("sender", "receiver", "conversation")) else ""
            columns[name] = [_of_list(v, typed, joint) if isinstance(v, list) else cell_of(v) for v in values]
        else:
            columns[name] = [None if isinstance(v, dict) else cell_of(v) for v in values]


def _with_filled_words(row: dict[str, Any]) -> dict[str, Any]:
    """The row with a `text` in place of words that name other fields in braces, and of these fields.

    `{"template": "{who} invited {whom}", "who": ["Anna"], "whom": ["Ben"]}`. A row with a field of words stays as it is.
    """
    told = [
        k for k, v in row.items() if isinstance(v, str) and "{" in v and row.keys() & {*_IN_BRACES.findall(v)} - {k}
    ]
    if len(told) != 1 or any(hint(k, "text") >= 1 for k in row):
        return row
    named = row.keys() & {*_IN_BRACES.findall(row[told[0]])} - {*told}
    words = {k: ", ".join(map(str, row[k])) if isinstance(row[k], list) else cell_of(row[k]) or "" for k in named}
    filled = _IN_BRACES.sub(lambda m: words.get(m[1], m[0]), row[told[0]])
    return {**{k: v for k, v in row.items() if k not in {*told, *named}}, "text": filled}


def flatten_texts(values: Sequence[str | None], name: str, level: int, columns: dict[str, list[str | None]]) -> None:
    """Adds a column for each field of objects, or one for the words of pieces, that texts hold.

    Texts in the quotes of JSON lose these, where every cell is JSON.
    """
    if (plain := _unquoted(values)) is not None:
        columns[name] = values = plain
    held = [v for v in values if v]
    begins = held[0][:1] if len(held) >= _SEVERAL and level < _LEVELS else ""
    some = held[:_LOOK]
    if begins in _ENDS and all(v.startswith(begins) and v.endswith(_ENDS[begins]) for v in some):
        first = [_parsed(v) for v in some]
        if sum(v is not None for v in first) < _MOST_OBJECTS * len(first):
            return
        found = [_parsed(v) for v in values]
        if sum(v is not None for v in found) < _MOST_OBJECTS * len(held):
            return
        if begins == "{":
            flatten(found, f"{name}.", level + 1, columns)
        elif type_of_segments(found) is not None:
            told = [raw if one is None else one for raw, one in zip(values, found, strict=True)]
            flatten([{"text": v} for v in told], f"{name}.", _LEVELS, columns)
    elif level < _LEVELS and len(at := [i for i, v in enumerate(values) if v and v.startswith("[{")]) >= _SEVERAL:
        # Beside plain words, only what plain words cannot say is written as pieces.
        few = [_parsed(values[i]) for i in at]
        if None not in few and (key := type_of_segments(few)) is not None:
            words = {i: text_of_pieces(one, key) for i, one in zip(at, few, strict=True)}
            columns[name] = [words.get(i, v) for i, v in enumerate(values)]
            columns[f"{name}.pieces"] = [v if i in words else None for i, v in enumerate(values)]


def _unquoted(values: Sequence[str | None]) -> list[str | None] | None:
    """The texts of JSON strings, other JSON as it is; None if a cell is none or the first no string."""
    held = [v for v in values if v]
    if len(held) < _SEVERAL or not all(v[0] in _JSON for v in held[:_LOOK]) or held[0][0] != '"':
        return None
    try:
        found = [orjson.loads(v) if v else None for v in values]
    except orjson.JSONDecodeError:
        return None
    return [one if isinstance(one, str) else v for one, v in zip(found, values, strict=True)]


def _of_list(value: list[Any], typed: str | None, joint: str) -> str | None:
    """Pieces of a text, or names, as one text; other lists as JSON."""
    told = text_of_pieces(value, typed, joint)
    return told if told is not None or not value else cell_of(value)


def _parsed(text: str | None) -> Any:
    """The list or object that a text is, as JSON or Python writes it; None for any other text."""
    value = literal(text) if text else None
    return value if isinstance(value, dict | list) else None


def _by_kind(values: list[Any]) -> list[Any] | None:
    """Objects or words that stand alone under the name of their kind, as objects with type and text.

    `{"Text": "words"}`, `{"Quote": {"reply_text": "words", …}}`. A bare name is a kind without more. None where other
    values stand among them, or no kind is text.
    """
    tags = [v if isinstance(v, str) else next(iter(v)) if isinstance(v, dict) and len(v) == 1 else None for v in values]
    kinds = {t: kind_of_name(t) for t in tags if t is not None}
    if Kind.TEXT not in kinds.values() or any(t is None and v is not None for t, v in zip(tags, values, strict=True)):
        return None
    if len(kinds) < _SEVERAL or 2 * sum(kinds.get(t) is not None for t in tags) < len(tags):
        return None
    return [
        t and {"type": t, **_with_text(v[t] if isinstance(v, dict) else {})} for t, v in zip(tags, values, strict=True)
    ]


def _with_text(value: Any) -> dict[str, Any]:
    """The fields of an object with its words as `text`: its text or title, or the value itself."""
    if not isinstance(value, dict):
        return {"text": value}
    named = [k for k in value if k.lower().endswith("text")] + [k for k in value if k.lower() == "title"]
    return value if "text" in value or not named else {**value, "text": value[named[0]]}


def _single_objects(lists: list[Any]) -> list[Any] | None:
    """The objects of lists that hold one each; null for others, and for what somebody did later."""
    if not all(len(v) == 1 and isinstance(v[0], dict) for v in lists):
        return None
    is_act = all(any(hint(k, "time") >= 1 for k in v[0]) and not _says_something(v[0]) for v in lists[:_LOOK])
    return None if is_act else [v[0] for v in lists]


def _says_something(value: Any) -> bool:
    """Whether an object or one inside it has a field called words."""
    if isinstance(value, list):
        return any(map(_says_something, value))
    return isinstance(value, dict) and any(hint(k, "text") >= 1 or _says_something(v) for k, v in value.items())


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


def cell_of(value: Any) -> str | None:
    """A plain value as the text that JSON writes; a list or object as JSON."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else orjson.dumps(value).decode()

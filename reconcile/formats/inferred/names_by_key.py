"""Names of senders from another list of the export: keys of people beside one field of names."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import PurePosixPath

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint, is_called_a_name
from reconcile.formats.inferred.references import PEOPLE, are_row_numbers
from reconcile.formats.inferred.scores import infer

# Most people of such a list, most lists and most fields of one.
_MOST_PEOPLE, _MOST_LISTS, _MOST_FIELDS = 2_000, 30, 40
_SEVERAL = 2
# Least share of the senders that a list called after people knows.
_KNOWN = 0.9
# A name: letters, and neither an address, a path nor a time.
_NAME, _NO_NAME = r"^(?:\s?\S){1,60}$", r"[@/\\]|[0-9]{1,2}:[0-9]{2}|[0-9]{4}-[0-9]|^\P{L}*$"


def with_names_by_key(found: list[Fields]) -> list[Fields]:
    """The lists with the names that another one gives the keys of all senders; the keys stay the senders.

    Unchanged where two lists know the senders, where a list not called after people has two fields of names, or where
    the keys are numbers of rows that a field of something else holds as well.
    """
    lists = [f for f in found if _SEVERAL <= f.frame.height <= _MOST_PEOPLE and len(_own(f)) <= _MOST_FIELDS]
    lists = [f for f in lists if not all(any(hint(n, r) >= 1 for n in f.names) for r in ("time", "text"))]
    if len(found) < _SEVERAL or not 0 < len(lists) <= _MOST_LISTS:
        return found
    return [_named(f, [o for o in lists if o is not f and o.frame.height <= f.frame.height]) for f in found]


def _named(fields: Fields, lists: Sequence[Fields]) -> Fields:
    """The list with a column of names beside that of the senders, where one other list gives them."""
    keys = [(o, k) for o in lists for k in _own(o) if _tells_apart(o.frame[k])]
    if not keys:
        return fields
    inferred = infer(fields)
    sender = inferred.choices.get("sender")
    if sender is None or not inferred.is_clear or "sender_name" in inferred.choices:
        return fields
    column, shown = sender.column, f"{sender.column}.name"
    held = _values(fields.frame[column])
    known = [(o, k) for o, k in keys if len(held) >= _SEVERAL and _are_known(held, o, k)]
    if len(known) != 1 or column.startswith("^") or shown in fields.names:
        return fields
    other, key = known[0]
    names = _names_in(other, key)
    receiver = inferred.choices.get("receiver")
    beside = [
        n for n in _own(fields) if n != column and hint(n, "sender") <= 0 and not (receiver and n == receiver.column)
    ]
    told = _values(other.frame[key])
    if len(names) != 1 or (
        are_row_numbers(other.frame[key]) and any(set() < _values(fields.frame[n]) <= told for n in beside)
    ):
        return fields
    name = pl.col(column).replace_strict(other.frame[key], other.frame[names[0]], default=None, return_dtype=pl.String)
    return replace(fields, frame=fields.frame.with_columns(name.alias(shown)), shown={column: shown})


def _own(fields: Fields) -> list[str]:
    """The columns of a list that its container does not repeat from above it."""
    return [n for n in fields.names if not n.startswith("^")]


def _is_of_people(fields: Fields) -> bool:
    """Whether a list is called after people."""
    return any(w in (fields.place or PurePosixPath(fields.file).stem).lower() for w in PEOPLE)


def _are_known(held: set[str], people: Fields, key: str) -> bool:
    """Whether a list has all these keys; nearly all, where it is called after people."""
    return len(held & _values(people.frame[key])) >= (_KNOWN if _is_of_people(people) else 1) * len(held)


def _values(cells: pl.Series) -> set[str]:
    return {*present(cells).unique()}


def _tells_apart(cells: pl.Series) -> bool:
    """Whether each row has another value."""
    return not cells.null_count() and not cells.is_duplicated().any()


def _names_in(people: Fields, key: str) -> list[str]:
    """The columns of names in a list of people; of several, those called names.

    Where the list is called after people, the first of these.
    """
    cells = {n: people.frame[n] for n in _own(people) if n != key}
    if _is_of_people(people) and (called := [n for n in cells if is_called_a_name(n)]):
        return called[:1]
    names = [
        n for n, c in cells.items() if _tells_apart(c) and all_contain(c, _NAME) and not c.str.contains(_NO_NAME).any()
    ]
    called = [n for n in names if is_called_a_name(n)]
    return names if len(names) == 1 else called

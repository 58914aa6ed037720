"""Shapes of JSON that hold rows otherwise than as lists of objects."""

from collections.abc import Sequence
from typing import Any

from reconcile.formats.inferred.looked_at import FIELDS_OF_A_MESSAGE
from reconcile.patterns import lazy_pattern


def lists_alike(value: dict[str, Any]) -> set[str]:
    """The keys of lists of days, or whose objects have the same fields, such as `sent` and `inbox`."""
    shapes = {
        k: frozenset(f for row in v[:50] for f in row)
        for k, v in value.items()
        if isinstance(v, list) and v and all(isinstance(row, dict) for row in v[:50])
    }
    if shapes and len(shapes) == len(value) and all(map(_DAY.fullmatch, value)):
        # The days of one list, whoever writes on each of them.
        return {*shapes}
    usual = next((s for s in shapes.values() if len(s) > 1 and [*shapes.values()].count(s) > 1), None)
    return {k for k, s in shapes.items() if s == usual}


def is_heading(arrays: list[list[Any]]) -> bool:
    """Whether the first list names the columns of the others: its cells are distinct and hold no numbers."""
    first = [str(c) for c in arrays[0]]
    return all(c.strip() and not any(ch.isdigit() for ch in c) for c in first) and not any(
        c in (str(x) for x in row) for row in arrays[1:6] for c in first
    )


def columns_of_lists(value: dict[str, Any]) -> dict[str, list[Any]] | None:
    """The columns of an object that holds equally long lists of plain values; None for any other object."""
    columns = {
        k: v
        for k, v in value.items()
        if isinstance(v, list) and v and not any(isinstance(c, dict | list) for c in v[:20])
    }
    if len(columns) < 3 or len({len(v) for v in columns.values()}) != 1 or len(next(iter(columns.values()))) < 2:
        return None
    return columns


# A whole time as a key; the fewest of them, and the field that it becomes.
_TIME = lazy_pattern(r"\s*[12][0-9]{3}[-/.年]\s?[0-9]{1,2}[-/.月]\s?[0-9]{1,2}日?[T\s]+[0-9]{1,2}[:：][0-9]{2}.{0,20}")
_LEAST_TIMES, TIME = 3, "time"
# A day as a key, and a clock that begins a key or a text.
_DAY = lazy_pattern(r"\s*[12][0-9]{3}[-/.年]\s?[0-9]{1,2}[-/.月]\s?[0-9]{1,2}日?\s*")
_CLOCKED = lazy_pattern(r"(?s)\s*([0-9]{1,2}[:：][0-9]{2}(?:[:：][0-9]{2})?)\s*(.*)")


def columns_of_maps(value: dict[str, Any]) -> dict[str, list[Any]] | None:
    """The columns of an object of objects whose keys are the same row numbers; None for any other object."""
    members = list(value.values())
    if len(members) < 3 or not all(isinstance(m, dict) and len(m) > 1 for m in members):
        return None
    numbers = members[0].keys()
    if any(m.keys() != numbers for m in members) or not all(k.isdecimal() for k in numbers):
        return None
    if any(isinstance(c, dict | list) for m in members for c in list(m.values())[:20]):
        return None
    return {k: list(m.values()) for k, m in value.items()}


def rows_by_time(value: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of an object whose keys are their times; None for any other object.

    Below a time stand words, a name with words, fields, or a list of these.
    """
    if not all(isinstance(key, str) for key in value):
        return None
    timed = [*value.items()] if all(map(_TIME.fullmatch, value)) else _by_day(value)
    if timed is None or len(timed) < _LEAST_TIMES:
        return None
    rows: list[dict[str, Any]] = []
    for at, held in timed:
        for one in held if isinstance(held, list) else [held]:
            if not isinstance(one, dict):
                rows.append({TIME: at, "text": one})
            elif len(one) == 1 and isinstance(words := next(iter(one.values())), str):
                rows.append({TIME: at, "sender": next(iter(one)), "text": words})
            else:
                rows.append({TIME: at, **one})
    several = len({frozenset(r) for r in rows}) > 1 or any(isinstance(r.get("text"), list) for r in rows)
    return None if several and not all(isinstance(v, dict) for _, v in timed) else rows


def _by_day(value: dict[str, Any]) -> list[tuple[str, Any]] | None:
    """The time and the value of each clock below days; a name may stand behind the clock.

    A clock is a key, or it begins one, or a text.
    """
    found: list[tuple[str, Any]] = []
    for day, held in value.items():
        if not _DAY.fullmatch(day) or (entries := _entries(held)) is None:
            return None
        for key, said in entries:
            if (clock := _CLOCKED.fullmatch(key)) is None or (said is None) == (clock[2] == ""):
                return None
            found.append((f"{day} {clock[1]}", said if said is not None else clock[2]))
    return found


def _entries(held: Any) -> list[tuple[str, Any]] | None:
    """The clock and the value of each entry of a day, and texts that begin with one; None for others.

    Of a clock and a name, the name and the words are the value.
    """
    rows = [held] if isinstance(held, dict) else held if isinstance(held, list) else [None]
    found: list[tuple[str, Any]] = []
    for row in rows:
        if isinstance(row, str):
            found.append((row, None))
        elif not isinstance(row, dict) or (len(row) > 1 and row is not held):
            return None
        else:
            for key, said in row.items():
                clock = _CLOCKED.fullmatch(key) if isinstance(key, str) else None
                is_named = clock is not None and clock[2] and isinstance(said, str)
                found.append((clock[1], {clock[2].rstrip(":： "): said}) if clock and is_named else (str(key), said))
    return found


def row_of_time(row: dict[str, Any]) -> dict[str, Any] | None:
    """What an object holds below its one key, a time, by name or place; None for others."""
    at, held = next(iter(row.items()), ("", None))
    if len(row) != 1 or not isinstance(at, str) or not _TIME.fullmatch(at):
        return None
    if isinstance(held, list) and not any(isinstance(v, dict | list) for v in held):
        return {TIME: at, **{f"#{i}": v for i, v in enumerate(held, 1)}}
    return {TIME: at, **(held if isinstance(held, dict) else {"text": held})}


def same_shape(members: Sequence[Any]) -> bool:
    """Whether the members share at least two keys and half of the largest member's keys."""
    if all(isinstance(m, list) for m in members):
        if all(m and isinstance(m[0], list) for m in members):
            shapes = {tuple(isinstance(c, str) for c in m[0]) for m in members[:50]}
            return len(shapes) == 1 and len(shapes.pop()) >= FIELDS_OF_A_MESSAGE
        members = [next((v for v in m if isinstance(v, dict)), None) for m in members]
    if not all(isinstance(m, dict) for m in members):
        return False
    common = set.intersection(*(set(m) for m in members[:50]))
    return len(common) >= 2 and len(common) * 2 >= max(len(m) for m in members[:50])

"""Messages of a JSON file that stand outside its list: the first one of a ticket, above its answers."""

from collections.abc import Iterator, Mapping
from typing import Any

from reconcile.formats.inferred.fields import PARENT
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.json.replies import Place, Rows

_DEPTH, _LEAST_ROWS, _LEAST_SHARED, _LOOK = 4, 3, 3, 200


def take_lone_messages(value: Any, lists: Mapping[Place, Rows]) -> None:
    """Puts objects that have the fields of a list's rows, words and sender among them, before those rows.

    Such an object has its time from what encloses it. One with a time of its own, as the last message of a summary, and one
    that repeats a row are none.
    """
    longest = max(lists.values(), key=lambda one: len(one.rows), default=None)
    if longest is None or len(longest.rows) < _LEAST_ROWS:
        return
    some = longest.rows[:_LOOK]
    usual = [k for k in some[0] if not k.startswith(PARENT) and sum(k in row for row in some) * 2 > len(some)]
    words, people = ([k for k in usual if hint(k, role) >= 1] for role in ("text", "sender"))
    if not words or not people:
        return
    above = {k: v for k, v in some[0].items() if k.startswith(PARENT)}
    for label, one, around in _objects(value, "$", 0):
        shared = [k for k in usual if one.get(k) not in (None, "")]
        own = [k for k, v in one.items() if v not in (None, "")]
        if len(shared) < _LEAST_SHARED or 2 * len(shared) < len(own):
            continue
        if not any(isinstance(one.get(k), str) for k in words) or not any(one.get(k) for k in people):
            continue
        if any(hint(k, "time") >= 1 for k in one) or any(
            all(row.get(k) == one[k] for k in shared) for row in longest.rows
        ):
            continue
        lacks = {k: around[k] for k in usual if k not in one and isinstance(around.get(k), str | int | float)}
        longest.rows.insert(0, {**above, **lacks, **one})
        longest.labels.insert(0, label)


def _objects(value: Any, label: str, depth: int) -> Iterator[tuple[str, dict[str, Any], Mapping[str, Any]]]:
    """The objects inside objects, outside all lists, each with its place and what encloses it."""
    if not isinstance(value, dict) or depth > _DEPTH:
        return
    for key, inner in value.items():
        if isinstance(inner, dict):
            yield f"{label}.{key}", inner, value
            yield from _objects(inner, f"{label}.{key}", depth + 1)

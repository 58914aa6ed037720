"""Replies that stand inside the message that they answer, as rows beside it."""

from collections.abc import Mapping
from typing import Any, Protocol

from reconcile.formats.inferred.fields import PARENT
from reconcile.formats.inferred.hints import hint, parts_of
from reconcile.patterns import lazy_pattern

# Names of lists of answers; lists named quote or forward repeat other messages.
_ANSWERS = frozenset(["replies", "children", "comments", "answers", "responses", "thread", "回复", "评论", "跟帖"])
_INDEX = lazy_pattern(r"\[([0-9]+)\]")
Place = tuple[str, ...]


class Rows(Protocol):
    """Objects of lists at one place of the structure, and where each stands."""

    rows: list[dict[str, Any]]
    labels: list[str]


def lift_replies(lists: Mapping[Place, Rows]) -> None:
    """Moves the rows of lists of answers into the list of what they answer.

    Both hold the same fields. Each stands behind the message that it answers, in the order of the file.
    """
    for place in sorted(lists, key=len, reverse=True):
        above = lists.get(place[:-2]) if len(place) > 2 else None
        if above is None or not _names_answers(place[-2]):
            continue
        rows = dict(zip(above.labels, above.rows, strict=True))
        answered = dict.fromkeys(label.rpartition(".")[0] for label in lists[place].labels)
        if not _is_alike(lists[place].rows, [rows[label] for label in answered if label in rows]):
            continue
        for label, row in zip(lists[place].labels, lists[place].rows, strict=True):
            heads = {k: v for k, v in rows.get(label.rpartition(".")[0], {}).items() if _is_of_both(k, v)}
            rows[label] = {**heads, **{k: v for k, v in row.items() if not k.startswith(PARENT)}}
        ordered = sorted(rows.items(), key=lambda r: [int(i) for i in _INDEX.findall(r[0])])
        above.labels[:], above.rows[:] = [k for k, _ in ordered], [v for _, v in ordered]
        lists[place].rows.clear()
        lists[place].labels.clear()


def _is_of_both(key: str, value: Any) -> bool:
    """Whether a field of a message tells as much of its answers: what encloses both, and their chat."""
    return key.startswith(PARENT) or (isinstance(value, str | int) and hint(key, "conversation") >= 1)


def join_siblings(lists: Mapping[Place, Rows]) -> None:
    """Moves the rows of lists that stand side by side under two names into one, in the order of the file.

    Both hold the same fields, words and sender among them, as what came in and what went out.
    """
    for place, one in lists.items():
        for other, rows in lists.items():
            if (
                other is place
                or not (one.rows and rows.rows)
                or other[:-2] != place[:-2]
                or not _is_alike(one.rows, rows.rows)
            ):
                continue
            own = {k for k in one.rows[0] if not k.startswith(PARENT)}
            if not all(any(hint(k, role) >= 1 for k in own) for role in ("text", "sender")):
                continue
            both = [*zip(one.labels, one.rows, strict=True), *zip(rows.labels, rows.rows, strict=True)]
            both.sort(key=lambda r: [int(i) for i in _INDEX.findall(r[0])])
            one.labels[:], one.rows[:] = [k for k, _ in both], [v for _, v in both]
            rows.rows.clear()
            rows.labels.clear()


def _names_answers(key: str) -> bool:
    """Whether a key is a word for answers or replies."""
    return bool(_ANSWERS & {w for level in parts_of(key) for w in (*level, "".join(level))})


def _is_alike(inner: list[dict[str, Any]], outer: list[dict[str, Any]]) -> bool:
    """Whether nearly all plain fields of the one stand in the other."""
    own, other = (
        {k for row in rows[:50] for k, v in row.items() if not k.startswith(PARENT) and not isinstance(v, list)}
        for rows in (inner, outer)
    )
    return len(own & other) >= max(3, 0.8 * len(own), 0.5 * len(other))

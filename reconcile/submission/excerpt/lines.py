"""Rows of excerpt and export in one shape for placing: words as compared, class, sender, time."""

import re
from bisect import bisect_left
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from reconcile.engine.content.facts import amount_of
from reconcile.submission.params import CHECK_PARAMS
from reconcile.wechat.kind_classes import CLASS_OF, PAYMENT, WORDS
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.owner_words import SELF_WORDS
from reconcile.wechat.text import canonical

SLACK_SECONDS = {"millisecond": 1.0, "second": 1.0, "minute": 60.0, "day": 86_400.0}


@dataclass(frozen=True, slots=True)
class Line:
    """One row.

    Attributes:
        row: position in its reading.
        key: words as compared: canonical, without blanks and letter case; '' for none.
        raw: words as read.
        cls: class code of its kind.
        who: sender as its side calls him; None = not said.
        at: seconds since 1970, UTC; None = no time.
        slack: how coarse the time is, seconds.
        facts: the fields that judging needs.
        legible: lowest confidence of a digit as recognised from a picture; None = not from a picture.
    """

    row: int
    key: str
    raw: str
    cls: int
    who: str | None
    at: float | None
    slack: float
    facts: dict[str, Any]
    legible: float | None = None


FACTS = ("text", "kind", "media_hash", "amount", "file_name", "text_quality", "message_id", "native_id", "is_self")


def lines_of(messages: pl.DataFrame, legible: dict[int, float] | None = None) -> list[Line]:
    """The rows of one conversation as lines, in the order given."""
    classes = {str(k): c for k, c in CLASS_OF.items()}
    stamp = messages.with_columns(pl.col("sent_at").dt.timestamp("us").alias("us"))
    return [_line_of(r, classes, legible) for r in stamp.iter_rows(named=True)]


def _line_of(row: dict[str, Any], classes: dict[str, int], legible: dict[int, float] | None) -> Line:
    """The row as a line; a placeholder such as [图片] counts as the kind that it stands for."""
    cls = classes[row["kind"]]
    if cls == WORDS and (shown := kind_of_placeholder(row["text"])) is not None:
        cls = CLASS_OF[shown]
    at = row["us"] / 1e6 if row["us"] is not None else None
    return Line(
        row=row["row"],
        key=_key_of_row(row, cls),
        raw=row["text"],
        cls=cls,
        who=_sender_of(row),
        at=at,
        slack=SLACK_SECONDS.get(row["time_precision"], 60.0),
        facts={f: row[f] for f in FACTS} | {"cls": cls},
        legible=(legible or {}).get(row["row"], None if legible is None else 0.0),
    )


def _key_of_row(row: dict[str, Any], cls: int) -> str:
    """Words as they are compared; of a payment, its sum, which every form writes."""
    paid = amount_of(row | {"cls": cls}) if cls == PAYMENT else None
    return key_of(row["text"]) if paid is None else f"¥{paid:f}"


def _sender_of(row: dict[str, Any]) -> str | None:
    """One sign for the owner, whatever he is called; else id or name."""
    if row["is_self"]:
        return "\x01self"
    name: str | None = row["sender"] or row["sender_name"]
    return "\x01self" if name in SELF_WORDS else name


def key_of(text: str) -> str:
    """Words as they are compared when placing an excerpt: canonical, no blanks, one letter case."""
    return re.sub(r"\s+", "", canonical(text)).casefold()


def unwrap(excerpt: list[Line], export: list[Line]) -> tuple[list[Line], list[list[int]]]:
    """The excerpt with wrapped lines joined, and each line's positions in the given excerpt.

    Lines are joined if they have no sender, follow each other, and only together equal a row of the export.
    """
    keys = sorted({line.key for line in export if line.key})
    known = set(keys)
    joined: list[Line] = []
    pieces: list[list[int]] = []
    i = 0
    while i < len(excerpt):
        end = _end_of_split(excerpt, i, keys, known)
        group = list(range(i, end))
        joined.append(_join_pieces(excerpt, group))
        pieces.append(group)
        i = end
    return joined, pieces


def _end_of_split(excerpt: list[Line], start: int, keys: list[str], known: set[str]) -> int:
    """Position behind the last piece of a wrapped line that begins at `start`."""
    first = excerpt[start]
    if first.who is not None or first.cls != WORDS or not first.key:
        return start + 1
    whole = first.key
    for at in range(start + 1, min(len(excerpt), start + CHECK_PARAMS.pieces)):
        if excerpt[at].who is not None or excerpt[at].cls != WORDS:
            break
        if first.key in known and excerpt[at].key in known:
            break  # both occur in the export as rows of their own
        whole += excerpt[at].key
        if whole in known:
            return at + 1
        if not _is_prefix_of_any(keys, whole):
            break
    return start + 1


def _is_prefix_of_any(keys: list[str], start: str) -> bool:
    """Whether any of the sorted keys begins with `start`."""
    at = bisect_left(keys, start)
    return at < len(keys) and keys[at].startswith(start)


def _join_pieces(excerpt: list[Line], group: list[int]) -> Line:
    """The lines of the group joined into one line."""
    first = excerpt[group[0]]
    if len(group) == 1:
        return first
    raw = "".join(excerpt[k].raw for k in group)
    key = "".join(excerpt[k].key for k in group)
    return replace(first, key=key, raw=raw, facts=first.facts | {"text": raw})

"""Rows as the placing needs them: canonical words, class, who, when; one shape for excerpt and export."""

import re
from dataclasses import dataclass
from typing import Any

import polars as pl

from reconcile.wechat.kind_classes import CLASS_OF, WORDS
from reconcile.wechat.kinds import kind_of_placeholder
from reconcile.wechat.owner_words import SELF_WORDS
from reconcile.wechat.text import canonical

_SLACK = {"millisecond": 1.0, "second": 1.0, "minute": 60.0, "day": 86_400.0}


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
    return [_line(r, classes, legible) for r in stamp.iter_rows(named=True)]


def _line(row: dict[str, Any], classes: dict[str, int], legible: dict[int, float] | None) -> Line:
    cls = classes[row["kind"]]
    if cls == WORDS and (shown := kind_of_placeholder(row["text"])) is not None:
        cls = CLASS_OF[shown]
    at = row["us"] / 1e6 if row["us"] is not None else None
    return Line(
        row=row["row"],
        key=key_of(row["text"]) if cls == WORDS or row["text"] else "",
        raw=row["text"],
        cls=cls,
        who=_who(row),
        at=at,
        slack=_SLACK.get(row["time_precision"], 60.0),
        facts={f: row[f] for f in FACTS} | {"cls": cls},
        legible=(legible or {}).get(row["row"], None if legible is None else 0.0),
    )


def _who(row: dict[str, Any]) -> str | None:
    if row["is_self"]:
        return "\x01self"
    name: str | None = row["sender"] or row["sender_name"]
    return "\x01self" if name in SELF_WORDS else name


def key_of(text: str) -> str:
    """Words as they are compared when placing an excerpt: canonical, no blanks, one letter case."""
    return re.sub(r"\s+", "", canonical(text)).casefold()

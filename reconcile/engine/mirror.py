"""Runs every comparison in one order, defined by content, and mirrors the result for the user's order."""

from dataclasses import replace

import polars as pl

from reconcile.engine.account import in_order
from reconcile.frames import Findings
from reconcile.vocabulary import Side

_SWAPPED_FRAMES = ("alignment", "verdicts", "gaps", "absent", "irregularities", "runs", "account")


def stands_first(left: pl.DataFrame, right: pl.DataFrame) -> bool:
    """Whether the left frame of messages comes first in an order that depends only on content."""
    sizes = [(m.height, int(m["text"].str.len_bytes().sum())) for m in (left, right)]
    # Only for the rare case of equal sizes, the whole content is hashed.
    return sizes[0] < sizes[1] if sizes[0] != sizes[1] else _content_mark(left) <= _content_mark(right)


def _mixed_hash(*columns: str) -> pl.Expr:
    """A hash of the columns over all rows, whatever their order."""
    return (pl.struct(*columns).hash(seed=7) // 2**24).sum().alias(columns[0])


MARKS = (
    _mixed_hash("text", "row"),
    _mixed_hash("sent_raw", "sender", "is_self", "conversation"),
    _mixed_hash("message_id", "local_id", "kind"),
)
"""Three sums over a frame of messages that tell two of equal size apart by their content."""


def _content_mark(messages: pl.DataFrame) -> tuple[int, ...]:
    """Sums over the messages by which two sides are put in order."""
    return tuple(int(v or 0) for v in messages.select(MARKS).row(0))


def mirrored(findings: Findings) -> Findings:
    """The findings with sides exchanged in columns, values and signs; only messages change their order."""
    # Names recur on every row. The table of verdicts shows whether any belongs to one side only.
    has_lone = _has_one_sided_name(findings.verdicts["conversation"])
    frames = {name: mirror_frame(getattr(findings, name), has_lone=has_lone) for name in _SWAPPED_FRAMES}
    if frames["account"].height:
        frames["account"] = in_order(frames["account"])
    # The two sides follow each other, so they change places.
    first = int((findings.messages["side"] == str(Side.LEFT)).sum())
    parts = findings.messages.slice(first), findings.messages.slice(0, first)
    named = [p.with_columns(pl.lit(s, pl.Enum(Side)).alias("side")) for p, s in zip(parts, Side, strict=True)]
    messages = [_renamed(p, conversations=has_lone) for p in named]
    return replace(findings, **frames, messages=pl.concat(messages))  # type: ignore[arg-type]


def mirror_frame(frame: pl.DataFrame, *, has_lone: bool = True) -> pl.DataFrame:
    """A frame with sides exchanged in columns, values and signs; rows keep their order.

    `has_lone`: False = no conversation name in it belongs to one side only.
    """
    if frame.is_empty():
        return frame
    order = frame.columns
    changed: dict[str, pl.Expr] = {
        c: _swap_side(c, frame.schema[c]) for c in ("side", "lacking", "holder", "state") if c in order
    }
    # Zero must not become -0.0, as polars makes it in columns of several rows.
    changed |= {
        c: pl.when(pl.col(c) != 0).then(-pl.col(c)).otherwise(pl.col(c).abs())
        for c in ("offset_seconds", "skew_seconds")
        if c in order
    }
    changed |= {c: pl.col(c).list.eval(_SWAPPED_SEGMENT) for c in ("clock_segments",) if c in order}
    out = frame.with_columns(value.alias(c) for c, value in changed.items())
    # Most columns only change their names, which needs no query.
    out.columns = list(map(_swapped_column, order))
    out = out[order]
    named = has_lone and "conversation" in order and _has_one_sided_name(frame["conversation"].unique())
    return _renamed(out, conversations=named)


_SEGMENT = pl.element().struct
_SWAPPED_SEGMENT = pl.struct(
    _SEGMENT.field("reading"), -_SEGMENT.field("seconds"), _SEGMENT.field("rows"),
    *(_SEGMENT.field(f"{other}_{end}").alias(f"{side}_{end}") for side, other in (("left", "right"), ("right", "left")) for end in ("first", "last")),
)  # fmt: skip


def _has_one_sided_name(names: pl.Series) -> bool:
    return bool(names.str.contains(r" \((?:left|right)\)$").any())


_OWNERS = {"left owner": "right owner", "right owner": "left owner"}


def _renamed(frame: pl.DataFrame, *, conversations: bool) -> pl.DataFrame:
    """The frame with owner names exchanged, and, if asked, the names of conversations of one side only."""
    if conversations:
        frame = frame.with_columns(_swapped_name(pl.col("conversation")).alias("conversation"))
    if "party" in frame.columns and any((frame["party"] == owner).any() for owner in _OWNERS):
        frame = frame.with_columns(pl.col("party").replace(_OWNERS))
    return frame


def _swap_side(column: str, dtype: pl.DataType) -> pl.Expr:
    """Left and right exchanged, also as the first word of a run's state; other values stay unchanged."""
    value = pl.col(column)
    if dtype == pl.Enum(Side):
        return pl.when(value == "left").then(pl.lit("right", dtype)).when(value == "right").then(pl.lit("left", dtype))
    return (
        pl.when(value.str.starts_with("left")).then(pl.lit("right") + value.str.slice(4))
        .when(value.str.starts_with("right")).then(pl.lit("left") + value.str.slice(5))
        .otherwise(value)
    )  # fmt: skip


def _swapped_column(column: str) -> str:
    """The column's name, beginning with `left_` in place of `right_`, or the reverse."""
    if column.startswith("left_"):
        return f"right_{column.removeprefix('left_')}"
    return f"left_{column.removeprefix('right_')}" if column.startswith("right_") else column


def _swapped_name(name: pl.Expr) -> pl.Expr:
    return (
        pl.when(name.str.ends_with(" (left)"))
        .then(name.str.replace(r" \(left\)$", " (right)"))
        .otherwise(name.str.replace(r" \(right\)$", " (left)"))
    )

"""Counts every number of a report once, from the alignment, in whole columns."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeVar

import polars as pl

from reconcile.column_ops import has_one_value, present
from reconcile.frames import Findings
from reconcile.report.model_findings import Sums
from reconcile.report.pieces import KindTally, Tally
from reconcile.vocabulary import Cause
from reconcile.wording.causes import OPEN_IDENTITY

LEFT, RIGHT = "left", "right"


@dataclass(frozen=True)
class SideRows:
    """The messages of one side in row order, so that `Alignment.left_row` is a position in every column.

    Attributes:
        frame: the messages.
        is_dense: whether the rows are 0..n-1 without a hole; otherwise rows are looked up by a join.
        names: the conversations of the report in order.
        codes: each row's conversation as its index in `names`; null = none of these.
    """

    frame: pl.DataFrame
    is_dense: bool
    names: list[str]
    codes: pl.Series

    @staticmethod
    def of(messages: pl.DataFrame, side: str, names: list[str]) -> "SideRows":
        """The rows of one side, sorted if necessary; `names` are the report's conversations in order."""
        frame = _part(messages, side)
        rows = frame["row"]
        if not rows.is_sorted():
            frame = frame.sort("row")
            rows = frame["row"]
        dense = bool((rows == pl.int_range(frame.height, dtype=pl.UInt32, eager=True)).all())
        codes = _codes_of(frame["conversation"], names)
        return SideRows(frame, dense, names, codes)

    def counts(self) -> dict[str, int]:
        """Number of rows by conversation."""
        counted = present(self.codes).value_counts()
        return {self.names[code]: n for code, n in counted.iter_rows()}

    def column_at(self, name: str, rows: pl.Series) -> pl.Series:
        """The column's values at the given rows; null where the row is null or missing."""
        if self.is_dense and self.frame.height:
            return self.frame[name][rows]
        keys = pl.DataFrame({"row": rows})
        return keys.join(self.frame.select("row", name), on="row", how="left", maintain_order="left")[name]


def _codes_of(conversations: pl.Series, names: list[str]) -> pl.Series:
    """The index of each conversation in `names`; null if not there."""
    known = pl.Enum(names)
    if has_one_value(conversations):
        return conversations.head(1).cast(known, strict=False).to_physical().new_from_index(0, conversations.len())
    return conversations.cast(known, strict=False).to_physical()


def lines_by_place(findings: Findings, sides: dict[str, SideRows]) -> pl.DataFrame:
    """Counts of alignment lines by conversation, relation, cause, kinds, holding sides and `differs`.

    differs: whether a weak match is one message whose copies differ in a part.
    """
    lines = findings.alignment
    left_kind = sides[LEFT].column_at("kind", lines["left_row"]).alias("left_kind")
    right_kind = sides[RIGHT].column_at("kind", lines["right_row"]).alias("right_kind")
    names = lines["conversation"]
    conversation = pl.lit(names[0]) if has_one_value(names) else pl.col("conversation")
    marked = lines.select(
        conversation.cast(pl.Categorical).alias("conversation"),
        "relation",
        "cause",
        pl.col("left_row").is_not_null().alias("has_left"),
        pl.col("right_row").is_not_null().alias("has_right"),
        ((pl.col("cause") == str(Cause.WEAK_MATCH)) & (pl.col("detail") != OPEN_IDENTITY))
        .fill_null(value=False)
        .alias("differs"),
    ).with_columns(left_kind, right_kind)
    # One number stands for all eight columns, since grouping by one column costs a fifth of grouping by eight.
    code = pl.col("conversation").to_physical().cast(pl.UInt64)
    for name in ("relation", "cause", "left_kind", "right_kind"):
        code = code * 256 + _vocabulary_index(marked[name]).fill_null(255)
    for name in ("has_left", "has_right", "differs"):
        code = code * 2 + pl.col(name).cast(pl.UInt64)
    counted = marked.group_by(code.alias("code")).agg(pl.all().first(), pl.len().alias("lines"))
    return counted.drop("code").with_columns(pl.selectors.by_dtype(pl.Enum, pl.Categorical).cast(pl.String))


def _vocabulary_index(words: pl.Series) -> pl.Expr:
    """The index of each word in its vocabulary, or, for plain text, among the words that occur."""
    coded = words.cast(pl.Enum(words.unique().drop_nulls().sort())) if words.dtype == pl.String else words
    return pl.lit(coded.to_physical().cast(pl.UInt64))


def sums_by_conversation(places: pl.DataFrame, sides: dict[str, SideRows]) -> dict[str, Sums]:
    """The sums of each conversation: every row of either side is counted in exactly one place."""
    n, left, right, relation = pl.col("lines"), pl.col("has_left"), pl.col("has_right"), pl.col("relation")
    table = places.group_by("conversation").agg(
        n.filter(relation == "agreement").sum().alias("agreements"),
        n.filter(relation == "conflict").sum().alias("conflicts"),
        n.filter((relation == "doubtful") & left & right).sum().alias("doubtful_pairs"),
        n.filter((relation == "doubtful") & left & right & pl.col("differs")).sum().alias("differing_pairs"),
        *(
            n.filter((relation == of) & (left if side == LEFT else right) & ~(right if side == LEFT else left))
            .sum()
            .alias(f"{side}_{name}")
            for of, name in (("doubtful", "doubtful"), ("one_sided", "only"), ("set_aside", "aside"))
            for side in (LEFT, RIGHT)
        ),
    )
    rows = {side: sides[side].counts() for side in (LEFT, RIGHT)}
    counted = {row.pop("conversation"): row for row in table.to_dicts()}
    empty = dict.fromkeys(table.columns[1:], 0)
    return {
        key: Sums(left_rows=rows[LEFT].get(key, 0), right_rows=rows[RIGHT].get(key, 0), **counted.get(key, empty))
        for key in sides[LEFT].names
    }


def total(parts: Iterable[Sums]) -> Sums:
    """The sums over all conversations."""
    listed = list(parts)
    return Sums(**{name: sum(getattr(part, name) for part in listed) for name in Sums.model_fields})


def causes_by_conversation(places: pl.DataFrame, relation: str) -> dict[str, tuple[Tally, ...]]:
    """Lines of one relation by conversation and cause, most frequent first."""
    n, left, right = pl.col("lines"), pl.col("has_left"), pl.col("has_right")
    table = (
        places.filter(pl.col("relation") == relation, pl.col("cause").is_not_null())
        .group_by("conversation", pl.col("cause").alias("code"))
        .agg(
            n.filter(left & ~right).sum().alias("left"),
            n.filter(right & ~left).sum().alias("right"),
            n.filter(left & right).sum().alias("pairs"),
        )
        .sort(pl.col("left") + pl.col("right") + pl.col("pairs"), "code", descending=[True, False])
    )
    return _group_by_conversation(table, Tally)


def causes_of(places: pl.DataFrame, relation: str) -> tuple[Tally, ...]:
    """Lines of one relation by cause, over all conversations, most frequent first."""
    whole = places.with_columns(pl.lit("").alias("conversation"))
    return causes_by_conversation(whole, relation).get("", ())


def kinds_by_conversation(places: pl.DataFrame) -> dict[str, tuple[KindTally, ...]]:
    """The outcome of each kind's rows, most frequent first. A pair counts under the left side's kind."""
    kind = pl.coalesce("left_kind", "right_kind").fill_null("other").alias("kind")
    n, left, right, relation = pl.col("lines"), pl.col("has_left"), pl.col("has_right"), pl.col("relation")
    table = (
        places.group_by("conversation", kind)
        .agg(
            n.filter(left).sum().alias("left"),
            n.filter(right).sum().alias("right"),
            *(n.filter(relation == of).sum().alias(of) for of in ("agreement", "conflict", "doubtful")),
            *(
                n.filter((relation == of) & (left if side == LEFT else right)).sum().alias(f"{side}_{name}")
                for of, name in (("one_sided", "only"), ("set_aside", "aside"))
                for side in (LEFT, RIGHT)
            ),
        )
        .sort(pl.col("left") + pl.col("right"), "kind", descending=[True, False])
    )
    return _group_by_conversation(table, KindTally)


def kinds_by_side(places: pl.DataFrame) -> dict[str, dict[str, int]]:
    """Rows by side and kind, over all conversations."""
    out = {}
    for side in (LEFT, RIGHT):
        held = places.filter(pl.col(f"has_{side}")).group_by(f"{side}_kind").agg(pl.col("lines").sum())
        out[side] = {str(kind): n for kind, n in held.iter_rows()}
    return out


def _part(messages: pl.DataFrame, side: str) -> pl.DataFrame:
    """One side's rows; a slice where each side's rows are contiguous, which costs nothing."""
    if messages.is_empty():
        return messages
    mask = messages["side"] == side
    count = int(mask.sum())
    if not count:
        return messages.clear()
    start = mask.arg_max()
    if start is not None and bool(mask.slice(start, count).all()):
        return messages.slice(start, count)
    return messages.filter(mask)


def forms_of(findings: Findings) -> dict[str, tuple[Tally, ...]]:
    """Harmless differences of form by conversation and code. A pair with two forms counts under both."""
    lines = findings.alignment.filter(pl.col("cause") == "form", pl.col("detail").is_not_null())
    counted = (
        lines.select("conversation", pl.col("detail").str.split(",").alias("code"))
        .explode("code", empty_as_null=True)
        .group_by("conversation", pl.col("code").str.strip_chars())
        .len("pairs")
        .sort("pairs", "code", descending=[True, False])
    )
    out: dict[str, list[Tally]] = {}
    for conversation, code, pairs in counted.iter_rows():
        out.setdefault(conversation, []).append(Tally(code=code, pairs=pairs))
    return {key: tuple(tallies) for key, tallies in out.items()}


# What sets rows aside although nobody knows whether the other copy holds them: they lie beyond its ends, or it was made by
# choosing messages.
OPEN_ASIDE = ("edge_unverified", "selection")


def open_points(findings: Findings) -> dict[str, tuple[Tally, ...]]:
    """Rows in doubt or set aside by OPEN_ASIDE, by conversation and code, most frequent first.

    The code is the cause of doubt, the reason that an absence may have, or the one of OPEN_ASIDE.
    """
    cause, detail = pl.col("cause").cast(pl.String), pl.col("detail")
    detail = detail.str.split(",").list.first()
    is_aside = detail.is_in(OPEN_ASIDE) & (pl.col("relation").cast(pl.String) == "set_aside")
    is_single = pl.col("left_row").is_null() | pl.col("right_row").is_null()
    left, right = pl.col("left_row").is_not_null(), pl.col("right_row").is_not_null()
    table = (
        findings.alignment.filter((pl.col("relation").cast(pl.String) == "doubtful") | is_aside)
        .group_by(
            pl.col("conversation").cast(pl.String),
            pl.when(is_aside)
            .then(detail)
            .when(is_single)
            .then(pl.coalesce(detail, cause))
            .otherwise(cause)
            .alias("code"),
        )
        .agg(
            (left & ~right).sum().alias("left"),
            (right & ~left).sum().alias("right"),
            (left & right).sum().alias("pairs"),
        )
        .sort(pl.col("left") + pl.col("right") + pl.col("pairs"), "code", descending=[True, False])
    )
    return _group_by_conversation(table, Tally)


T = TypeVar("T", Tally, KindTally)


def _group_by_conversation(table: pl.DataFrame, make: type[T]) -> dict[str, tuple[T, ...]]:
    """The table's rows as `make` values, by conversation and in the table's order."""
    out: dict[str, list[T]] = {}
    for row in table.iter_rows(named=True):
        out.setdefault(row.pop("conversation"), []).append(make(**row))
    return {key: tuple(values) for key, values in out.items()}

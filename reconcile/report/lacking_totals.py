"""Sums what each side lacks and what differs, by author, kind, amount and date."""

from typing import Any

import polars as pl

from reconcile.frames import Findings
from reconcile.report.cells import local_time
from reconcile.report.counts import LEFT, RIGHT, SideRows
from reconcile.report.masking import Masker
from reconcile.report.model_findings import LackRow
from reconcile.vocabulary import Side

PAYMENTS = ("transfer", "red_packet")
_FIELDS = ("sent_at", "kind", "sender", "sender_name", "is_self", "amount", "conversation_kind")
_KEYS = ("conversation", "lacking", "author", "name", "kind")
_AMOUNT = pl.Decimal(30, 2)


def lacked_rows(
    findings: Findings, sides: dict[str, SideRows], order: list[str], masker: Masker, zone: str
) -> tuple[LackRow, ...]:
    """One row per conversation, lacking side, author and kind; payments first, then by side and time."""
    numbers = {key: n for n, key in enumerate(order, 1)}
    lines = findings.alignment.filter(pl.col("relation").is_in(["one_sided", "conflict"])).with_columns(
        pl.col("relation").cast(pl.String)
    )
    if lines.is_empty():
        return ()
    counted = _with_holders_values(lines, sides).group_by(_KEYS).agg(
        pl.len().alias("count"),
        pl.col("amount", "other_amount").cast(_AMOUNT, strict=False).sum(),
        pl.col("amount").is_not_null().any().alias("states"),
        pl.col("other_amount").is_not_null().any().alias("other_states"),
        pl.col("at").min().alias("from_at"),
        pl.col("at").max().alias("to_at"),
    )  # fmt: skip
    ordered = counted.with_columns(
        pl.col("conversation").replace_strict(numbers, default=0, return_dtype=pl.Int64).alias("number"),
        pl.col("kind").is_in(PAYMENTS).alias("payment"),
    ).sort("number", "payment", "lacking", "from_at", "author", "name", "kind", descending=[False, True, *[False] * 5])
    return tuple(_lack_row(row, masker, zone) for row in ordered.iter_rows(named=True))


def _with_holders_values(lines: pl.DataFrame, sides: dict[str, SideRows]) -> pl.DataFrame:
    """The lines with the holding copy's values (left if both hold it); authors as sides for the parties."""
    held = {
        side: lines.select(
            *(sides[side].column_at(f, lines[f"{side}_row"]).alias(f"{side}_{f}") for f in _FIELDS if f in sides[side].frame.columns)
        )
        for side in (LEFT, RIGHT)
    }  # fmt: skip
    frame = pl.concat(
        [lines.select("conversation", "relation", "left_row", "right_row"), *held.values()], how="horizontal"
    )
    frame = frame.with_columns(
        pl.when(pl.col("left_row").is_not_null()).then(pl.lit(LEFT)).otherwise(pl.lit(RIGHT)).alias("holder")
    )

    def of_holder(name: str) -> pl.Expr:
        """The column's value in the copy that has the message."""
        return pl.when(pl.col("holder") == LEFT).then(pl.col(f"left_{name}")).otherwise(pl.col(f"right_{name}"))

    other = pl.when(pl.col("holder") == LEFT).then(pl.lit(RIGHT)).otherwise(pl.lit(LEFT))
    is_direct = of_holder("conversation_kind").cast(pl.String) == "direct"
    author = (
        pl.when(of_holder("is_self")).then(pl.col("holder")).when(is_direct & (of_holder("is_self") == False)).then(other)  # noqa: E712 - null is no answer
    )  # fmt: skip
    both = pl.col("relation") == "conflict"
    return frame.select(
        "conversation",
        pl.when(~both).then(other).alias("lacking"),
        author.alias("author"),
        pl.when(author.is_null()).then(pl.coalesce(of_holder("sender_name"), of_holder("sender"))).alias("name"),
        of_holder("kind").cast(pl.String).fill_null("other").alias("kind"),
        of_holder("amount").alias("amount"),
        pl.when(both).then(pl.col("right_amount")).alias("other_amount"),
        of_holder("sent_at").alias("at"),
    )


def _lack_row(row: dict[str, Any], masker: Masker, zone: str) -> LackRow:
    return LackRow(
        conversation=row["number"],
        lacking=Side(row["lacking"]) if row["lacking"] else None,
        author=Side(row["author"]) if row["author"] else None,
        name=masker.shown_name(row["name"]),
        kind=row["kind"],
        count=row["count"],
        amount=_amount_text(row["amount"]) if row["states"] else None,
        other_amount=_amount_text(row["other_amount"]) if row["other_states"] else None,
        from_at=local_time(row["from_at"], zone),
        to_at=local_time(row["to_at"], zone),
    )


def _amount_text(value: object) -> str | None:
    return f"{value:,.2f}" if value is not None else None

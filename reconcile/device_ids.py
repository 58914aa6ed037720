"""Server ids of two devices of one party, where the form of one of them rounds them."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.pairs.ids import id_at_precision
from reconcile.frames import Findings, Messages
from reconcile.intake.contract import Reading

# Columns that hold server ids.
_IDS = ("message_id", "reply_to")
# Digits that a spreadsheet keeps of a number.
_SHEET_DIGITS = 15


def without_rounded_ids(
    found: Findings, merged: Reading, other: Reading, keys: pl.DataFrame
) -> tuple[Reading, Reading]:
    """Both devices; the one that rounds server ids loses the rounded ones.

    A merged copy then holds one id of each message, and an exact one where a device has it.

    Args:
        found: the comparison of both.
        merged: the devices merged before.
        other: the device that is added.
        keys: the name and both keys of each shared conversation (device_chats.keys_of).
    """
    rounded = found.alignment.filter(pl.col("method").cast(pl.String) == "rounded_id")["conversation"].unique()
    asked = keys.filter(pl.col("conversation").is_in(listed(rounded)))
    if asked.is_empty():
        return merged, other
    shares = asked.select(
        *(
            pl.col(key).replace_strict(_rounded_shares(r.messages), default=0.0, return_dtype=pl.Float64).alias(side)
            for side, key, r in (("first", "left", merged), ("second", "right", other))
        ),
        "left",
        "right",
    )
    first = shares.filter(pl.col("first") > pl.col("second"))["left"]
    second = shares.filter(pl.col("first") < pl.col("second"))["right"]
    return _without_ids(merged, first), _without_ids(other, second)


def _rounded_shares(messages: pl.DataFrame) -> dict[str, float]:
    """The share of rounded ids in each conversation."""
    held = messages.drop_nulls("message_id").group_by("conversation").agg(_is_round("message_id").mean().alias("share"))
    return dict(held.iter_rows())


def _is_round(column: str) -> pl.Expr:
    """Whether an id looks rounded: a float or a spreadsheet would not change it."""
    as_float = id_at_precision("float64", column) == pl.col(column)
    in_sheet = pl.col(column).str.slice(_SHEET_DIGITS).str.contains(r"^0+$")
    return (as_float | in_sheet).fill_null(value=False)


def _without_ids(reading: Reading, conversations: pl.Series) -> Reading:
    """The reading without rounded ids in these conversations."""
    if conversations.is_empty():
        return reading
    among = pl.col("conversation").is_in(listed(conversations))
    lost = (pl.when(~(among & _is_round(c))).then(c).alias(c) for c in _IDS)
    return replace(reading, messages=Messages.cast(reading.messages.with_columns(lost)))


__all__ = ["without_rounded_ids"]

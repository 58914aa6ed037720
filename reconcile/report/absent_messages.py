"""Report details on messages that neither side holds: the referring row, the payment or album meant."""

import polars as pl

from reconcile.report.pieces import Phrase
from reconcile.report.visible import show_line

_SCHEMES = ("transfer", "packet", "transaction", "album")


def with_speakers(absent: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    """The frame with `amount` and `said_at` of the referring row; null for references from other tables."""
    nothing = [
        pl.lit(None, dtype=pl.String).alias("amount"),
        pl.lit(None, dtype=pl.Datetime("us", "UTC")).alias("said_at"),
    ]
    if absent.is_empty():
        return absent.with_columns(nothing)
    wanted = absent["locator"].unique().implode()
    rows = messages.filter(pl.col("locator").is_in(wanted)).select(
        pl.col("side").cast(pl.String), "locator", "amount", pl.col("sent_at").alias("said_at")
    )
    with_side = absent.with_columns(pl.col("side").cast(pl.String).alias("_side"))
    speakers = rows.unique(["side", "locator"], keep="first", maintain_order=True)
    joined = with_side.join(
        speakers, left_on=["_side", "locator"], right_on=["side", "locator"], how="left", maintain_order="left"
    )
    return joined.drop("_side")


def number_named(native_id: str | None) -> Phrase | None:
    """The number of a transfer, red packet, transaction or album as written; None for any other id."""
    scheme, _, number = (native_id or "").partition(":")
    if scheme not in _SCHEMES or not number:
        return None
    return Phrase(key=f"report.named_{scheme}", values={"number": show_line(number)})

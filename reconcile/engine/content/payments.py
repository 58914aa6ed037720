"""Compares what the texts of two payments show beside their words."""

from collections.abc import Iterator

import polars as pl

from reconcile.engine.content.selective import Component, changed
from reconcile.wechat.kind_classes import PAYMENT

_DATED = r"转账时间[：:]\s*(\d{4}-\d{2}-\d{2})"


def payments_of(both: pl.DataFrame) -> Iterator[Component]:
    """The sums, currencies and days that the texts of two payments show."""
    rows = both.filter(pl.col("cls") == PAYMENT)
    if rows.is_empty():
        return
    for name, pattern in (("amount", r"[¥￥$€£]\s?(\d[\d,]*(?:\.\d+)?)"), ("currency", r"([¥￥$€£])\s?\d")):
        shown = [
            pl.col(f"text{s}")
            .str.extract(pattern)
            .str.replace_all(",", "")
            .str.replace("￥", "¥")
            .str.replace(r"\.0+$", "")
            for s in ("", "_right")
        ]
        yield changed(name, rows.with_columns((shown[0] != shown[1]).alias("is_unlike")))
    # Two time zones differ by a day at most.
    days = [pl.col(f"text{s}").str.extract(_DATED, 1).str.to_date(strict=False) for s in ("", "_right")]
    apart = (days[0] - days[1]).dt.total_days().abs() > 1
    yield changed("time", rows.with_columns(apart.alias("is_unlike")).drop_nulls("is_unlike"))


__all__ = ["payments_of"]

"""Names of senders and what they are numbered by."""

import polars as pl

from reconcile.engine.entities.parties import with_label
from reconcile.wechat.kind_classes import WORDS


def test_a_name_has_one_number_in_whatever_order_an_export_first_shows_names() -> None:
    def numbers(*senders: str) -> dict[str, int]:
        rows = pl.DataFrame({"sender": senders}).with_columns(
            pl.lit(0, dtype=pl.UInt32).alias("pair"),
            pl.lit(WORDS, dtype=pl.UInt8).alias("cls"),
            pl.lit(None, dtype=pl.Boolean).alias("is_self"),
            pl.lit(value=True).alias("is_direct"),
        )
        return dict(with_label(rows).select("label", "voice").iter_rows())

    assert numbers("甲", "乙") == numbers("乙", "甲")

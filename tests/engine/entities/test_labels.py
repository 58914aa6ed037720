"""Names of senders and what they are numbered by."""

import polars as pl

from reconcile.engine.entities.labels import with_label
from reconcile.wechat.kind_classes import WORDS


def test_a_name_has_one_number_in_whatever_order_an_export_first_shows_names() -> None:
    def numbers(*senders: str) -> dict[str, int]:
        rows = pl.DataFrame({"sender": senders}).with_columns(
            pl.lit(0, dtype=pl.UInt32).alias("pair"),
            pl.lit(0).alias("export"),
            pl.lit(WORDS, dtype=pl.UInt8).alias("cls"),
            pl.lit(None, dtype=pl.Boolean).alias("is_self"),
            pl.lit(value=True).alias("is_direct"),
        )
        return dict(with_label(rows).select("label", "voice").iter_rows())

    assert numbers("甲", "乙") == numbers("乙", "甲")


def test_own_rows_without_a_name_bear_the_one_that_other_own_rows_of_their_chat_have() -> None:
    rows = pl.DataFrame({
        "pair": [0, 0, 0, 1, 1, 1],
        "sender": ["我", "阿平", "小兰", "我", "阿平", "平哥"],
        "is_self": [True, True, False, True, True, True],
    }).with_columns(export=pl.lit(0), cls=pl.lit(WORDS, dtype=pl.UInt8), is_direct=pl.lit(value=False))  # fmt: skip
    labels = with_label(rows)["label"].to_list()
    assert labels[:3] == ["阿平", "阿平", "小兰"]
    assert labels[3] not in labels[4:]

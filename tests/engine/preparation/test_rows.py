"""The rows to be matched hold what a comparison asks of them, wherever they are matched."""

import polars as pl

from reconcile.engine.preparation.rows import rows_of
from tests.build.chats import chat, held


def test_the_author_whom_a_reply_names_goes_with_its_row() -> None:
    messages = held([*chat(3), chat(4)[3] | {"kind": "quote", "raw": '{"quoted_sender":"wxid_aaaaaaaa"}'}], 0).messages
    pairs = pl.DataFrame({"pair": [0], "left_conversation": messages["conversation"][:1], "kind": ["direct"]})
    rows = rows_of(messages, pairs.with_columns(pl.col("pair").cast(pl.UInt32)), "left")
    assert rows["quoted_sender"].to_list() == [None, None, None, "wxid_aaaaaaaa"]

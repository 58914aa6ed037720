"""How many messages two conversations have in common."""

from datetime import UTC, datetime, timedelta

import polars as pl

from reconcile.engine.entities.common_content import common_messages


def chat(name: str, count: int, *, ids: int) -> pl.DataFrame:
    """Messages of one chat, a minute apart, of which every second is long; the last of them state a server id."""
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    return pl.DataFrame(
        {
            "conversation": [name] * count,
            "kind": ["text"] * count,
            "text": [f"第{i}箱货明天上午送到仓库" if i % 2 else "好的" for i in range(count)],
            "message_id": [str(7_000 + i) if i >= count - ids else None for i in range(count)],
            "sent_at": [begin + timedelta(minutes=i) for i in range(count)],
        }
    )


def test_ids_of_few_rows_do_not_make_the_common_texts_few() -> None:
    whole, part = (
        chat("老谭", 40, ids=5),
        chat("wxid_pom4bd", 40, ids=40).with_columns(pl.lit("a").alias("conversation")),
    )
    strange = part.with_columns(("9" + pl.col("message_id")).alias("message_id"))
    for other in (part, strange):
        found = common_messages(whole, pl.concat([other, chat("b", 3, ids=0).with_columns(pl.lit("嗯").alias("text"))]))
        assert found.rows() == [("老谭", "a", 20, 1.0)]


def test_ids_tell_a_chat_whose_words_are_masked() -> None:
    whole = chat("老谭", 40, ids=30)
    masked = chat("a", 40, ids=40).with_columns(pl.lit("***").alias("text"))
    assert common_messages(whole, masked).rows() == [("老谭", "a", 30, 1.0)]

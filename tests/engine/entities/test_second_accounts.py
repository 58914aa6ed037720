"""Conversations of one person or room that stand under several names."""

from datetime import UTC, datetime, timedelta

import polars as pl

from reconcile.engine.entities.owners import are_two_rooms
from reconcile.engine.entities.second_accounts import copies_of_one, parts_of_one

ROOM = "33652716124@chatroom"


COLUMNS = ["left", "right", "common", "share"]


def common(*found: tuple[str, str], number: int = 60) -> pl.DataFrame:
    """So many common messages of each two conversations, nearly all of the smaller one's."""
    rows = [(left, right, number, 0.97) for left, right in found]
    return pl.DataFrame(rows, schema=COLUMNS, orient="row")


def spans(*days: tuple[str, int, int]) -> pl.DataFrame:
    """The first and the last message of each conversation, by day."""
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    rows = [(c, begin + timedelta(days=d)) for c, *both in days for d in both]
    return pl.DataFrame(rows, schema=["conversation", "sent_at"], orient="row")


WHOLE = spans((ROOM, 0, 30))
TOGETHER = spans(("上", 0, 30), ("下", 0, 30), ("群", 0, 30), ("1@chatroom", 0, 30))
IN_TURN = spans(("上", 0, 10), ("下", 11, 30))


def test_two_files_of_one_room_are_one_conversation() -> None:
    name = "(上 + 下)"
    assert parts_of_one(common(("上", ROOM), ("下", ROOM)), (TOGETHER, WHOLE)) == [{"上": name, "下": name}, {}]
    assert parts_of_one(common((ROOM, "上"), (ROOM, "下")), (WHOLE, TOGETHER)) == [{}, {"上": name, "下": name}]


def test_few_common_messages_make_parts_only_where_the_files_follow_one_another() -> None:
    few = common(("上", ROOM), ("下", ROOM), number=4)
    assert parts_of_one(few, (IN_TURN, WHOLE)) == [{"上": "(上 + 下)", "下": "(上 + 下)"}, {}]
    assert parts_of_one(few, (TOGETHER, WHOLE)) == [{}, {}]
    forwarded = few.with_columns(pl.Series("share", [0.97, 0.2]))
    assert parts_of_one(forwarded, (IN_TURN, WHOLE)) == [{}, {}]


def test_a_few_words_that_a_part_shares_with_another_chat_keep_no_parts_apart() -> None:
    forwarded = pl.DataFrame([("上", "别人", 4, 0.05)], schema=COLUMNS, orient="row")
    for number, spans_of_parts in ((60, TOGETHER), (12, IN_TURN)):
        met = pl.concat([common(("上", ROOM), ("下", ROOM), number=number), forwarded])
        assert parts_of_one(met, (spans_of_parts, WHOLE))[0] == {"上": "(上 + 下)", "下": "(上 + 下)"}


def test_two_rooms_with_ids_are_two_rooms() -> None:
    assert parts_of_one(common((ROOM, "群"), ("1@chatroom", "群")), (TOGETHER, TOGETHER)) == [{}, {}]
    assert parts_of_one(common((ROOM, "群"), ("下", "群")), (TOGETHER, TOGETHER)) == [{}, {}]


def test_a_room_behind_the_word_of_a_tool_is_the_same_room() -> None:
    assert not are_two_rooms(ROOM, f"conv-{ROOM}")
    assert are_two_rooms(ROOM, "conv-1@chatroom")
    assert not are_two_rooms(ROOM, "业主群")


def told(*conversations: str, every: int = 1) -> pl.DataFrame:
    """Thirty messages of each conversation, of the same minutes; all, or each n-th, are the same words. None has an id."""
    begin = datetime(2024, 3, 1, tzinfo=UTC)
    rows = [
        (c, f"第{i}箱货明天送到" + ("" if i % every == 0 else c), begin + timedelta(minutes=i, seconds=30 * n))
        for n, c in enumerate(conversations)
        for i in range(30)
    ]
    frame = pl.DataFrame(rows, schema=["conversation", "text", "sent_at"], orient="row")
    return frame.with_columns(message_id=pl.lit(None, dtype=pl.String))


def test_a_chat_that_one_party_exported_with_two_tools_is_one_conversation() -> None:
    one = {"老谭": "wxid_pom4bd", "wxid_pom4bd": "wxid_pom4bd"}
    assert copies_of_one(told("wxid_pom4bd", "老谭"), set()) == one
    assert copies_of_one(told("wxid_pom4bd", "老谭"), {"wxid_pom4bd"}) == one


def test_two_files_that_overlap_are_one_chat_where_both_hold_the_same_messages() -> None:
    rows = told("老谭_1", "老谭_3").with_columns(
        pl.col("text").str.slice(0, 4), message_id=pl.col("text").hash().cast(pl.String)
    )
    early, late = (rows.filter(pl.col("conversation") == c) for c in ("老谭_1", "老谭_3"))
    later = late.with_columns(pl.col("sent_at") + timedelta(days=1), message_id=pl.col("message_id") + "7")
    both = pl.concat([early, late, later])
    assert copies_of_one(both, set()) == {"老谭_1": "老谭_1", "老谭_3": "老谭_1"}
    numbered = both.with_columns(pl.int_range(pl.len()).over("conversation").cast(pl.String).alias("message_id"))
    apart = numbered.with_columns(
        pl.when(pl.col("conversation") == "老谭_3").then(pl.col("sent_at") + timedelta(hours=1)).otherwise("sent_at")
    )
    assert copies_of_one(apart, set()) == {}


def test_two_accounts_are_two_conversations_and_so_are_chats_with_other_words() -> None:
    assert copies_of_one(told("wxid_pom4bd", "wxid_03wf8s"), set()) == {}
    assert copies_of_one(told("wxid_pom4bd", "老谭", every=2), set()) == {}
    assert copies_of_one(told("wxid_pom4bd", "老谭"), {"wxid_pom4bd", "老谭"}) == {}

"""The rows to be matched hold what a comparison asks of them, wherever they are matched."""

import polars as pl
import pytest

from reconcile.engine.preparation.rows import mark_repeats, rows_of
from reconcile.wechat.kind_classes import SYSTEM
from tests.build.chats import chat, held


def test_the_author_whom_a_reply_names_goes_with_its_row() -> None:
    messages = held([*chat(3), chat(4)[3] | {"kind": "quote", "raw": '{"quoted_sender":"wxid_aaaaaaaa"}'}], 0).messages
    pairs = pl.DataFrame({"pair": [0], "left_conversation": messages["conversation"][:1], "kind": ["direct"]})
    rows = rows_of(messages, pairs.with_columns(pl.col("pair").cast(pl.UInt32)), "left")
    assert rows["quoted_sender"].to_list() == [None, None, None, "wxid_aaaaaaaa"]


@pytest.mark.parametrize(
    ("name", "is_notice"), [("系统消息(10000)", True), ("[system]", True), ("系统集成小王(10000)", False)]
)
def test_rows_of_the_client_are_notices_also_where_an_account_or_brackets_stand_at_its_name(
    name: str, is_notice: bool
) -> None:
    messages = held(chat(3), 0).messages
    named = messages.with_columns(sender=pl.Series([*messages["sender"][:2], name]))
    pairs = pl.DataFrame({"pair": [0], "left_conversation": messages["conversation"][:1], "kind": ["direct"]})
    rows = rows_of(named, pairs.with_columns(pl.col("pair").cast(pl.UInt32)), "left")
    assert (rows["cls"] == SYSTEM).to_list() == [False, False, is_notice]


@pytest.mark.parametrize(("sentences", "again"), [(6, [7, 8, 9, 10, 11, 12, 13]), (1, [])])
def test_a_row_without_words_is_a_repeat_where_an_earlier_file_holds_it_among_the_same_sentences(
    sentences: int, again: list[int]
) -> None:
    rows = [r | {"text": r["text"] if i < sentences else f"好{i}"} for i, r in enumerate(chat(6))]
    rows.insert(3, {"at": rows[2]["at"], "who": 0, "text": "", "kind": "voice"})
    messages = held([*rows, *rows], 0).messages
    pairs = pl.DataFrame({"pair": [0], "left_conversation": messages["conversation"][:1], "kind": ["direct"]})
    read = rows_of(messages, pairs.with_columns(pl.col("pair").cast(pl.UInt32)), "left")
    files = pl.Series([f"{name}.txt#{i}" for name in ("old", "new") for i in range(len(rows))])
    marked = mark_repeats(read, files)
    assert marked.filter("is_repeat")["row"].to_list() == again

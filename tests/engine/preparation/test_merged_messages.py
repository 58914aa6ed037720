"""Messages in succession that the other side, a table made by hand, holds as the lines of one row."""

from collections.abc import Callable

import polars as pl
import pytest

from reconcile.engine.preparation.merged_messages import as_words, join_merged
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SECONDS, STICKER, WORDS
from tests.build.chats import Row, as_tables, drawn_chat, held_direct
from tests.build.together import Comparing

SAID = ["行，那就按10000块算", "收据丢了，补一张吧", "哦"]


def _rows(texts: list[str], gap: int = 60, who: list[int] | None = None) -> pl.DataFrame:
    n = len(texts)
    who = who or [0] * n
    return pl.DataFrame({
        "pair": pl.Series([0] * n, dtype=pl.UInt32), "sender": [f"wxid_{w}" for w in who], "is_self": [w == 0 for w in who],
        "t": [gap * SECONDS * i for i in range(n)], "cls": pl.Series([WORDS] * n, dtype=pl.UInt8), "text": texts,
        "row": pl.Series(range(n), dtype=pl.UInt32), "is_repeat": [False] * n, "rejoined": [False] * n, "seams": pl.Series([0] * n, dtype=pl.UInt8), "twin": pl.Series([None] * n, dtype=pl.UInt32), "copy_of": pl.Series([None] * n, dtype=pl.UInt32),
        "amount": pl.Series([None] * n, dtype=pl.String), "file_name": pl.Series([None] * n, dtype=pl.String),
    })  # fmt: skip


def _kept(rows: pl.DataFrame, other: list[str]) -> list[str]:
    return join_merged(rows, _rows(other))[0].filter(~pl.col("is_repeat"))["text"].to_list()


def test_messages_that_are_the_lines_of_one_row_are_one() -> None:
    whole = "\n".join(SAID)
    assert _kept(_rows(["在吗", *SAID, "好"]), ["在吗", whole, "好"]) == ["在吗", whole, "好"]


def test_signs_that_the_table_leaves_out_part_nothing() -> None:
    assert _kept(_rows(["好的[微笑]", "收到～"]), ["好的\n收到"]) == ["好的[微笑]\n收到～"]


@pytest.mark.parametrize("between", ["；", "。", " ", "", "\n\n", " / "])
def test_messages_that_one_cell_holds_one_behind_another_are_one(between: str) -> None:
    whole = between.join(SAID)
    assert _kept(_rows(["在吗", *SAID, "好"]), ["在吗", whole, "好"]) == ["在吗", whole, "好"]


def test_signs_that_the_table_writes_half_wide_and_lines_that_it_joins_part_nothing() -> None:
    rows = ["？收据丢了，补一张吧。", "【通知】时间：9月1号\n地点：法院！（二楼）"]
    assert _kept(_rows(rows), ["?收据丢了,补一张吧.\n【通知】时间:9月1号 地点:法院!(二楼)"]) == ["\n".join(rows)]


def test_a_picture_whose_cell_holds_words_of_several_messages_is_a_row_of_words_in_the_same_columns() -> None:
    kinds = pl.Series(["image", "image"], dtype=pl.Enum([str(k) for k in Kind]))
    rows = _rows(["图", "图"]).with_columns(kinds.alias("kind"), cls=pl.Series([STICKER, STICKER], dtype=pl.UInt8))
    told = as_words(rows, pl.Series([1], dtype=pl.UInt32))
    assert told.schema == rows.schema
    assert told["kind"].to_list() == ["image", "text"]


def test_kinds_that_the_table_leaves_out_interrupt_nothing() -> None:
    rows = _rows([SAID[0], "[表情]", SAID[1]]).with_columns(cls=pl.Series([WORDS, STICKER, WORDS], dtype=pl.UInt8))
    assert _kept(rows, ["\n".join(SAID[:2])]) == ["\n".join(SAID[:2]), "[表情]"]


def test_beginnings_that_a_tool_is_known_to_lose_part_nothing() -> None:
    rows, other = _rows(["30见", "15给你打电话"]), _rows(["10:30见\n18:15给你打电话"])
    joined = [
        join_merged(rows, other, strips_prefix=known)[0].filter(~pl.col("is_repeat"))["text"].to_list()
        for known in (True, False)
    ]
    assert joined == [["10:30见\n18:15给你打电话"], ["30见", "15给你打电话"]]


@pytest.mark.parametrize("sign", ["[强]", "👍", "？"])
def test_a_message_that_lost_its_beginning_is_not_joined_with_a_sign_behind_it(sign: str) -> None:
    rows, other = _rows(["30见，别迟到", sign]), _rows(["10:30见，别迟到", sign])
    assert join_merged(rows, other, strips_prefix=True)[0].equals(rows)


def test_a_message_of_signs_alone_is_a_line_too() -> None:
    assert _kept(_rows(["？", "你人呢"]), ["？\n你人呢"]) == ["？\n你人呢"]


def test_a_message_of_one_emoji_in_words_is_a_line_too() -> None:
    assert _kept(_rows(["嗯", "👍", "[微笑]"]), ["嗯\n👍\n[微笑]"]) == ["嗯\n👍\n[微笑]"]


def test_of_messages_with_equal_words_those_with_the_same_signs_are_joined() -> None:
    assert _kept(_rows(["走吧！", "走吧…", "走吧！"]), ["走吧！", "走吧…\n走吧！"]) == ["走吧！", "走吧…\n走吧！"]


@pytest.mark.parametrize("sign", ["/:strong", "👍"])
def test_an_emoji_that_the_other_tool_spells_otherwise_is_a_line_too(sign: str) -> None:
    assert _kept(_rows([SAID[0], sign]), [f"{SAID[0]}\n[强]"]) == [f"{SAID[0]}\n{sign}"]


def test_a_message_that_was_put_together_before_is_a_line() -> None:
    rows = _rows(["另外知道了", "我没说过\n给我三天", "谢谢"]).with_columns(
        pl.Series("text", ["另外知道了\n我没说过\n给我三天", "我没说过\n给我三天", "谢谢"]),
        pl.Series("is_repeat", [False, True, False]),
    )
    assert _kept(rows, ["另外知道了\n我没说过\n给我三天\n谢谢"]) == ["另外知道了\n我没说过\n给我三天\n谢谢"]


def test_everyday_words_are_joined_where_the_table_has_fewer_rows_of_them() -> None:
    assert _kept(_rows(["知道了", "在吗", "知道了", "知道了"]), ["知道了", "在吗", "知道了\n知道了"]) == [
        "知道了",
        "在吗",
        "知道了\n知道了",
    ]


@pytest.mark.parametrize(
    ("rows", "other"),
    [
        (_rows(SAID, gap=3600), ["\n".join(SAID)]),
        (_rows(SAID, who=[0, 1, 0]), ["\n".join(SAID)]),
        (_rows(SAID), [*SAID, "\n".join(SAID)]),
        (_rows(SAID), ["\n".join([*SAID[:2], "不行"])]),
        (_rows(["👍", "好的\n收到[抱拳]"]), ["👍", "好的\n收到"]),
    ],
    ids=["hours apart", "interrupted", "rows of their own", "other words", "signs beside a message of several lines"],
)
def test_other_messages_stay_rows(rows: pl.DataFrame, other: list[str]) -> None:
    assert _kept(rows, other) == rows["text"].to_list()


def _by_hand(change: Callable[[str], str]) -> list[Row]:
    """A chat in which the rows 20, 21 and 22 of one sender are one row, the last line changed."""
    rows = drawn_chat()
    lines = [str(r["text"]) for r in rows[20:22]] + [change(str(rows[22]["text"]))]
    return [*rows[:20], rows[20] | {"text": "\n".join(filter(None, lines))}, *rows[23:]]


@pytest.mark.parametrize(
    ("change", "is_found"), [(str, False), (lambda _: "", True), (lambda t: t.replace("已经", "没有"), True)],
    ids=["whole", "a line left out", "a line altered"],
)  # fmt: skip
def test_a_chat_with_merged_rows_is_clean_and_its_manipulated_twin_is_not(
    change: Callable[[str], str], *, is_found: bool
) -> Comparing:
    rows = [r | {"who": 1} if i in (20, 21, 22) else r for i, r in enumerate(drawn_chat())]
    by_hand = [r | {"who": 1} if i == 20 else r for i, r in enumerate(_by_hand(change))]
    found = yield as_tables(rows, by_hand)
    grades = {"conflicting", "one_sided"} if is_found else {"explained_differences", "no_gap_found"}
    assert set(found.verdicts["grade"].cast(pl.String)) <= grades


@pytest.mark.parametrize("since", [18, 21])
def test_second_copies_of_messages_that_a_cell_holds_together_are_missed_by_nobody(since: int) -> Comparing:
    """Two overlapping exports of one chat were put together; one copy may begin amid the joined messages."""
    rows = [r | {"who": 1} if i in (20, 21, 22) else r for i, r in enumerate(drawn_chat())]
    by_hand = [r | {"who": 1} if i == 20 else r for i, r in enumerate(_by_hand(str))]
    found = yield held_direct([*rows[:26], *rows[since:]], 0), held_direct(by_hand, 1)
    assert set(found.verdicts["grade"].cast(pl.String)) == {"explained_differences"}


def test_a_message_is_no_part_of_the_reply_that_quotes_it() -> None:
    said = ["不是我们发错的，是物流", "库里还有72件，要就赶紧", "好的", "不是我们发错的，是物流"]
    # A name may be a sign, which lines are compared without. The other side lacks the last message.
    assert _kept(_rows(said), [said[0], f"{said[1]}\n「。：{said[0]}」", said[2]]) == said

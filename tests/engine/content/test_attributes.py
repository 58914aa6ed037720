"""Lengths, addresses, titles and quotes: what one row states otherwise than its partner, and what a tool states otherwise throughout."""

from typing import Any

import polars as pl
import pytest

from reconcile.engine.content.attributes import attributes_of
from reconcile.engine.content.quotations import without_quote
from reconcile.engine.content.quoted import quotations_of
from reconcile.engine.content.quoted_message import RowsOfReading
from reconcile.engine.content.selective import with_differing_parts
from reconcile.engine.relations import JUDGED
from reconcile.intake.contract import ExportFacts
from reconcile.intake.frames import messages_of, reading_of
from reconcile.wechat.kind_classes import CALL, LINK, VIDEO, VOICE, WORDS

Side = dict[str, Any]
PAGE = "https://mp.weixin.qq.com/s/"


def voice(seconds: float | None, text: str = "[语音]") -> Side:
    return {"cls": VOICE, "kind": "voice", "duration": seconds, "text": text}


def call(text: str) -> Side:
    return {"cls": CALL, "kind": "call", "text": text}


def link(title: str, address: str = "", *, url: str | None = None) -> Side:
    return {"cls": LINK, "kind": "link", "text": f"{title}\n{address}".strip(), "url": url}


def quote(said: str, reply_to: str | None = None, *, reply: str = "我同意这个价格") -> Side:
    return {"cls": WORDS, "kind": "quote", "text": f"{reply}\n引用:张伟:{said}", "reply_to": reply_to}


def quoting(rows: list[Side]) -> RowsOfReading:
    reading = reading_of(
        ExportFacts("message_table"), messages_of([{"text": r["text"], "kind": r["kind"]} for r in rows])
    )
    told = {
        "export": 0,
        "pair": 0,
        "party": None,
        "message_id": None,
        "sender": None,
        "sender_name": None,
        "quoted_sender": None,
    }
    frame = pl.DataFrame([told | {"row": i} | {c: r.get(c, told.get(c)) for c in ("text", "kind", "cls", "message_id")} for i, r in enumerate(rows)], schema_overrides={"export": pl.UInt32, "cls": pl.UInt8, "row": pl.UInt32, "message_id": pl.String, "sender": pl.String, "sender_name": pl.String, "quoted_sender": pl.String})  # fmt: skip
    return RowsOfReading(frame, reading)


def states(
    pairs: list[tuple[Side, Side]],
    method: str = "server_id",
    relation: str = "agreement",
    detail: str | None = None,
    *,
    is_one_tool: bool = False,
) -> list[tuple[str, str | None]]:
    """Relation and detail of each pair, all of the same until now."""
    empty: Side = {
        "text": "",
        "kind": "text",
        "cls": WORDS,
        "url": None,
        "duration": None,
        "reply_to": None,
        "quoted_text": None,
        "text_quality": None,
        "party": 1,
        "raw_t": None,
        "unit": 60.0,
        "residual_s": None,
    }
    sides = [[empty | pair[side] for pair in pairs] for side in (0, 1)]
    types = {
        "cls": pl.UInt8,
        "raw_t": pl.Int64,
        "duration": pl.Float64,
        "residual_s": pl.Float64,
        "url": pl.String,
        "reply_to": pl.String,
        "quoted_text": pl.String,
        "text_quality": pl.String,
    }
    left, right = (pl.DataFrame(rows, schema_overrides=types) for rows in sides)
    judged = pl.concat([left, right.rename({c: f"{c}_right" for c in right.columns})], how="horizontal")
    of_quotes = pl.when((pl.col("kind") == "quote") & (pl.col("text") != pl.col("text_right")))
    judged = judged.with_row_index("left_row").with_columns(
        pl.col("left_row").alias("right_row"), pl.lit(0).alias("pair"),
        pl.lit(0, pl.UInt32).alias("export"), pl.lit(method).alias("method"), pl.lit(relation, JUDGED["relation"]).alias("relation"),
        pl.lit(None, JUDGED["cause"]).alias("cause"), of_quotes.then(pl.lit("quoted_part")).otherwise(pl.lit(detail, pl.String)).alias("detail"),
    )  # fmt: skip
    agreed = judged.filter(pl.col("relation") == "agreement")
    parts = [
        *attributes_of(agreed, is_one_tool=is_one_tool),
        *quotations_of(agreed, judged, (quoting(sides[0]), quoting(sides[1]))),
    ]
    found = with_differing_parts(judged, parts, is_one_tool=is_one_tool).select("relation", "detail").cast(pl.String)
    return [(relation, detail) for relation, detail in found.iter_rows()]


SAME = [
    [(voice(20), voice(20)), (voice(5), voice(5)), (voice(7), voice(7.9))],
    [(link("水泥报价", PAGE + "ab12"), link("水泥报价", PAGE + "ab12")), (link("行情", PAGE + "cd"), link("行情", PAGE + "cd"))],
    [(quote("先付3万元"), quote("先付3万元")), (quote("月底还"), quote("月底还"))],
]  # fmt: skip
OTHER = {
    "length of a voice": (0, voice(20), voice(25), "duration"),
    "length that one side shows in words": (0, voice(20), voice(None, "[语音 25秒]"), "duration"),
    "address": (1, link("水泥", PAGE + "ab12"), link("水泥", PAGE + "ff34"), "address"),
    "page of an address": (1, link("水泥", "https://a.cn/p?id=12"), link("水泥", "https://a.cn/p?id=13"), "address"),
    "words quoted": (2, quote("先付43件的钱"), quote("先付46件的钱"), "quoted"),
    "one word quoted": (2, quote("同意"), quote("不同意"), "quoted"),
}
NO_OTHER = {
    "a rounded length": (0, voice(20), voice(21)),
    "a length that one side lacks": (0, voice(20), voice(None)),
    "a scheme and a mark behind": (1, link("水泥", "http://a.cn/x#rd"), link("水泥", "https://www.a.cn/x")),
    "who opened it": (1, link("水泥", "https://a.cn/p?id=12&scene=1"), link("水泥", "https://a.cn/p?id=12&scene=27")),
    "an address that was cut": (1, link("水泥", PAGE + "ab12cd"), link("水泥", PAGE + "ab12")),
    "an address of the tool": (1, link("水泥", PAGE + "ab"), link("水泥", "http://127.0.0.1/file/1")),
    "an address with letters escaped": (1, link("水泥", "https://a.cn/p?a=1&amp;b=2"), link("水泥", url="https://a.cn/p?a=1&b=2")),
    "quoted words that were cut": (2, quote("先付3万元定金，月底还"), quote("先付3万元…")),
    "an address that the other side cut": (1, link("水泥", PAGE + "ab12"), link("水泥", PAGE + "ab12cd")),
    "an address for a title": (1, link("水泥", PAGE + "ab"), link("", PAGE + "ab")),
    "a title with its source": (1, link("水泥报价", PAGE + "x"), link("建材网：水泥报价", PAGE + "x")),
    "a source with its title": (1, link("建材网：水泥报价", PAGE + "x"), link("水泥报价", PAGE + "x")),
    "a title spelt otherwise": (1, link("ＡＢ报价", PAGE + "x"), link("AB报价", PAGE + "x")),
    "a placeholder quoted": (2, quote("[语音] 20秒"), quote("语音消息")),
    "times in words": (0, voice(20), {"cls": WORDS, "text": "10:25"}),
    "a picture quoted": (2, quote("[图片]"), quote("图片")),
    "an emoji that an encoding lacks": (2, quote("协议给你24400😂"), quote("") | {"text": "我同意这个价格【引用：张伟：协议给你24400?】"}),
    "what is quoted is gone": (2, quote("先付3万元"), quote("引用内容不存在")),
}  # fmt: skip


@pytest.mark.parametrize("is_one_tool", [False, True])
@pytest.mark.parametrize("lengths", [(1, 1, 1), (50, 55, 32), (21, 8, 9)])
def test_no_tool_states_another_length(*, lengths: tuple[int, ...], is_one_tool: bool) -> None:
    pairs = [(voice(a), voice(b)) for a, b in zip((30, 35, 12), lengths, strict=True)]
    assert [r for r, _ in states(pairs, "kind", is_one_tool=is_one_tool)] == ["doubtful"] * 3


@pytest.mark.parametrize("case", OTHER)
def test_what_is_unlike_where_the_others_are_equal_differs(case: str) -> None:
    same, left, right, detail = OTHER[case]
    assert states([*SAME[same], (left, right)])[-1] == ("conflict", detail)


@pytest.mark.parametrize("case", OTHER)
def test_it_is_in_doubt_where_nothing_but_moment_and_words_paired_it(case: str) -> None:
    same, left, right, detail = OTHER[case]
    assert states([*SAME[same], (left, right)], "kind")[-1] == ("doubtful", detail)


@pytest.mark.parametrize(("apart", "relation"), [(0.0, "conflict"), (1.0, "conflict"), (9.0, "doubtful")])
def test_a_length_differs_where_both_sides_hold_the_voice_at_one_second(apart: float, relation: str) -> None:
    pairs = [(voice(a) | {"unit": 1.0, "residual_s": apart}, voice(b) | {"unit": 1.0}) for a, b in ((20, 25),)]
    assert states([*SAME[0], *pairs], "kind")[-1] == (relation, "duration")


@pytest.mark.parametrize("case", OTHER)
def test_it_is_in_doubt_where_no_other_shows_how_the_tools_write_it(case: str) -> None:
    _, left, right, detail = OTHER[case]
    assert states([(left, right)]) == [("doubtful", detail)]


@pytest.mark.parametrize("case", OTHER)
def test_what_a_tool_states_otherwise_throughout_is_no_difference_unless_no_tool_does_so(case: str) -> None:
    at, left, right, _ = OTHER[case]
    relation = "agreement" if SAME[at][0][0]["cls"] == WORDS else "doubtful"
    assert {told for told, _ in states(3 * [(left, right)])} == {relation}


@pytest.mark.parametrize("other", ["https://b.cn/x/ab12", "https://a.cn/file/ab12"])
def test_one_tool_may_state_the_page_of_a_link_and_another_its_file(other: str) -> None:
    pairs = [(link("水泥", f"https://a.cn/p?id={n}"), link("水泥", f"{other}{n}")) for n in (12, 25)]
    assert {relation for relation, _ in states(pairs)} == {"agreement"}


@pytest.mark.parametrize("case", NO_OTHER)
def test_one_statement_in_another_form_is_no_difference(case: str) -> None:
    same, left, right = NO_OTHER[case]
    assert states([*SAME[same], (left, right)])[-1][0] == "agreement"


def test_as_many_as_half_of_the_equal_ones_may_differ() -> None:
    far = [(voice(20), voice(25)), (voice(9), voice(3))]
    assert [relation for relation, _ in states([*SAME[0], *SAME[0], *far])[-2:]] == ["conflict", "conflict"]
    assert [relation for relation, _ in states([*SAME[0], *far])[-2:]] == ["doubtful", "doubtful"]
    assert [relation for relation, _ in states([*far, SAME[0][0]])] == ["doubtful", "doubtful", "agreement"]


def test_lengths_met_crosswise_are_of_one_time_and_all_there() -> None:
    minute = 60_000_000
    told = [
        (20, 31, 0),
        (31, 20, 0),
        (21, 11, 2 * minute),
        (34, 3, 4 * minute),
        (52, 21, 4 * minute),
        (3, 52, 4 * minute),
    ]
    pairs = [(voice(a) | {"raw_t": t}, voice(b) | {"raw_t": t}) for a, b, t in told]
    found = states([*4 * SAME[0], *pairs], "kind")[-6:]
    assert [relation for relation, _ in found] == ["agreement"] * 2 + ["doubtful"] * 4


def test_lengths_that_an_id_holds_together_are_not_taken_for_crossed() -> None:
    crossed = [(voice(20), voice(31)), (voice(31), voice(20))]
    assert {relation for relation, _ in states([*SAME[0], *SAME[0], *crossed])} == {"agreement", "conflict"}


def test_words_quoted_alike_in_two_layouts_show_how_the_tools_write_them() -> None:
    layouts = [(quote(said), quote(said) | {"text": f"我同意这个价格[引用 张伟：{said}]"}) for said in ("月底", "先付")]
    assert states([*layouts, (quote("同意"), quote("不同意"))])[-1] == ("conflict", "quoted")


def test_a_reply_of_a_form_that_names_no_kind_is_looked_at_too() -> None:
    left, right = (quote(said) | {"kind": "text"} for said in ("同意", "不同意"))
    assert states([(left, right)], detail="quoted_part") == [("doubtful", "quoted")]


def test_what_is_no_agreement_keeps_its_own_reason() -> None:
    pairs = [*SAME[0], (voice(20), voice(25))]
    assert set(states(pairs, relation="conflict", detail="media_hash")) == {("conflict", "media_hash")}


def test_the_two_ends_of_a_call_count_for_themselves() -> None:
    same = [(call("[语音通话] 05:23"), call("通话时长 05:23"))] * 2
    far = call("[语音通话] 05:23"), call("[语音通话] 10:23")
    assert states([*same, (call("[语音通话] 05:23"), call("通话时长 05:20")), far])[-2:] == [
        ("agreement", None),
        ("doubtful", "duration"),
    ]


def test_two_lengths_that_met_crosswise_are_no_difference() -> None:
    crossed = [(voice(20), voice(31)), (voice(31), voice(20))]
    assert {relation for relation, _ in states([*SAME[0], *SAME[0], *crossed], "kind")} == {"agreement"}


def test_an_address_at_another_host_is_in_doubt() -> None:
    song = (link("晴天", "https://y.qq.com/song/1"), link("晴天", "https://isure.stream.qqmusic.qq.com/1.m4a"))
    assert states([*SAME[1], song])[-1] == ("doubtful", "address")


def test_another_title_under_one_address_is_in_doubt() -> None:
    assert states([*SAME[1], (link("水泥报价", PAGE + "x"), link("说明书", PAGE + "x"))])[-1] == ("doubtful", "title")


def test_the_name_of_its_kind_in_place_of_a_card_is_no_other_title() -> None:
    shown = link("[小程序] 粤省事"), link("(分享)小程序") | {"text_quality": "absent"}
    assert states([*SAME[1], shown])[-1][0] == "agreement"


@pytest.mark.parametrize(("said", "relation"), [("先付3万元", "agreement"), ("先付8万元", "doubtful")])
def test_a_reply_that_only_numbers_the_quoted_message_quotes_the_words_of_that_message(
    said: str, relation: str
) -> None:
    message = ({"text": "先付3万元，余款月底", "message_id": "77"},) * 2
    numbered = quote(said), {"cls": WORDS, "kind": "quote", "text": "我同意这个价格", "reply_to": "77"}
    assert states([*SAME[2], message, numbered])[-1][0] == relation


def test_replies_to_two_messages_differ_by_the_numbers_they_name() -> None:
    same = [(quote("先付3万元", "6472531885829187369"), quote("先付3万元", "6472531885829187369"))] * 2
    far = quote("好", "6472531885829187000"), quote("嗯", "3056066174909915383")
    assert states([*same, far])[-1] == ("conflict", "quoted")
    for whole, kept in (("6472531885829187369", "6472531885829187000"), ("7616141672366809862", "7616141672366810112")):
        assert states([*same, (quote("好", whole), quote("好", kept))])[-1][0] == "agreement"


def test_a_video_is_as_long_on_both_sides() -> None:
    pairs = [(voice(n) | {"cls": VIDEO}, voice(n + far) | {"cls": VIDEO}) for n, far in ((9, 0), (8, 1), (7, 9))]
    assert states(pairs)[-1] == ("conflict", "duration")


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_words_a_client_copies_before_a_reply_are_told_with_either_line_end(end: str) -> None:
    shown = f"「张伟：先付3万元」{end}- - - - - - - - - - - - - - -{end}我同意"
    assert pl.select(without_quote(pl.lit(shown))).item() == "我同意"

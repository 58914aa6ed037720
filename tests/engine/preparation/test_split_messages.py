"""A long message that one side spreads over several rows."""

import polars as pl
import pytest

from reconcile.engine.preparation.split_messages import join_parts
from reconcile.wechat.kind_classes import WORDS
from tests.build.chats import Row, chat, counts, sentence
from tests.build.together import Comparing

LINES = [f"{'ABCD'[i % 4]}-{1000 + 37 * i} 膨胀螺栓M{i} {20 + 3 * i}件 单价{i}.50" for i in range(12)]
PARTS = ["\n".join(LINES[i : i + 4]) for i in (0, 4, 8)]
WHOLE = "\n".join(LINES)


def _rows(texts: list[str], times: list[int] | None = None, quoted: str | None = None) -> pl.DataFrame:
    n = len(texts)
    return pl.DataFrame({
        "pair": pl.Series([0] * n, dtype=pl.UInt32), "sender": ["wxid_aaaaaaaa"] * n, "is_self": [True] * n, "t": times or [0] * n,
        "row": pl.Series(range(n), dtype=pl.UInt32), "copy_of": pl.Series([None] * n, dtype=pl.UInt32),
        "quoted_text": pl.Series([quoted] * n, dtype=pl.String), "cls": pl.Series([WORDS] * n, dtype=pl.UInt8), "text": texts, "is_repeat": [False] * n, "rejoined": [False] * n, "seams": pl.Series([0] * n, dtype=pl.UInt8), "twin": pl.Series([None] * n, dtype=pl.UInt32),
    })  # fmt: skip


def _kept(texts: list[str], other: list[str]) -> list[str]:
    return join_parts(_rows(texts), _rows(other)).filter(~pl.col("is_repeat"))["text"].to_list()


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_neighbouring_rows_that_make_up_a_text_of_the_other_side_are_that_text(size: int) -> None:
    parts = ["\n".join(LINES[i : i + size]) for i in range(0, len(LINES), size)]
    assert _kept(["好", *parts, "嗯"], ["好", WHOLE, "嗯"]) == ["好", WHOLE, "嗯"]


def test_a_text_parted_inside_a_number_is_whole_again() -> None:
    assert _kept(["转给你50", "000元，收到回我"], ["转给你50000元，收到回我"]) == ["转给你50000元，收到回我"]


QUOTATION = ["「张三：水费46一共多少", "有空回我」"]


@pytest.mark.parametrize("rows", [["".join(QUOTATION), "同意"], [*QUOTATION, "同意"], ["".join(QUOTATION), "同", "意"]])
@pytest.mark.parametrize(
    ("text", "quoted"),
    [("同意", "水费46一共多少有空回我"), ("同意\n\n[引用](2025-01-20 16:04:21)张三:水费46一共多少有空回我", None)],
)
def test_a_quotation_and_the_reply_below_it_are_one_message_of_the_other_side(
    rows: list[str], text: str, quoted: str | None
) -> None:
    joined = join_parts(_rows(["好的", *rows]), _rows([text], quoted=quoted)).filter(~pl.col("is_repeat"))
    assert joined["text"].to_list() == ["好的", "\n".join(rows)]


def test_a_quotation_above_what_is_no_reply_to_it_stays_a_row() -> None:
    told = _rows(["不同意"], quoted="水费46一共多少有空回我")
    assert not join_parts(_rows(["".join(QUOTATION), "同意"]), told)["is_repeat"].any()


def test_rows_of_two_times_stay_rows() -> None:
    joined = join_parts(_rows(PARTS, [0, 60, 120]), _rows([WHOLE]))
    assert not joined["is_repeat"].any()


def test_rows_that_the_other_side_has_as_rows_stay_rows() -> None:
    assert _kept(PARTS, [*PARTS, WHOLE]) == PARTS


@pytest.mark.parametrize("at", [0, 1, 2])
def test_an_altered_part_shows_as_an_altered_whole(at: int) -> None:
    altered = [p.replace("50", "59", 1) if i == at else p for i, p in enumerate(PARTS)]
    assert _kept(altered, [WHOLE]) == ["\n".join(altered)]


@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_lacking_part_shows_as_a_shorter_whole(at: int) -> None:
    lacking = [p for i, p in enumerate(PARTS) if i != at]
    assert _kept(lacking, [WHOLE]) == ["\n".join(lacking)]


@pytest.mark.parametrize("at", [0, 1, 2, 3])
def test_an_invented_row_beside_the_parts_stays_a_row(at: int) -> None:
    invented = "你还欠我的五万块钱，下个月一定要还给我"
    kept = _kept([*PARTS[:at], invented, *PARTS[at:]], [WHOLE])
    assert invented in kept
    assert len(kept) == 2


def test_a_quotation_that_goes_on_in_further_rows_is_one_row() -> None:
    assert _kept(["同意\n「张三：第一条", "第二条", "第三条」", "好"], ["同意", "好"]) == [
        "同意\n「张三：第一条\n第二条\n第三条」",
        "好",
    ]


def test_a_spread_message_is_compared_as_one() -> Comparing:
    plain = chat(24)
    together = [*plain[:9], sentence(540, 0, WHOLE), *plain[10:]]
    spread = [*plain[:9], *(sentence(540, 0, p) for p in PARTS), *plain[10:]]
    altered = [r | {"text": r["text"].replace("单价5", "单价8")} for r in spread]
    shorter = [r for r in spread if r["text"] != PARTS[1]]
    invented = [*spread[:10], sentence(540, 0, "另付定金两万元，不退不换"), *spread[10:]]
    found = yield [(rows, together) for rows in (spread, altered, shorter, invented)]
    assert [*map(counts, found)] == [
        {"agreement": 24, "set_aside": 2},
        {"agreement": 23, "conflict": 1, "set_aside": 2},
        {"agreement": 23, "doubtful": 1, "set_aside": 1},
        {"agreement": 24, "one_sided": 1, "set_aside": 2},
    ]


def _voices(said: list[str], also: str | None = None, length: str = "9″") -> list[Row]:
    """A chat with voices and what each of them says in a row below it; `also`: one more such row below the last."""
    rows = chat(30)
    for i, words in enumerate([*said, *([also] if also else [])]):
        at = 60.0 * 3 * min(i, len(said) - 1) + 30
        told = [] if i == len(said) else [{"at": at, "who": 0, "text": f"[语音] {length}", "kind": "voice"}]
        rows += [*told, {"at": at, "who": 0, "text": f"（语音转文字：{words}）"}]
    return sorted(rows, key=lambda r: r["at"])


def test_what_a_voice_says_in_a_row_below_it_is_no_message_of_its_own() -> Comparing:
    said = ["手机坏了才修好", "明天下午去工地", "钱月底前给你"]
    voices = [r for r in _voices(said) if "转文字" not in r["text"]]
    words = iter(["手机没有坏", *said[1:]])
    other = [r | {"text": f"[语音] 9″（转文字：{next(words)}）"} if r.get("kind") == "voice" else r for r in voices]
    longer = [r | {"text": r["text"].replace("9″", "19″")} if r["at"] == 30 else r for r in voices]
    found = yield {
        "habit": (_voices(said), voices),
        "one alone": (_voices(said[:1]), [r for r in _voices(said[:1]) if "转文字" not in r["text"]]),
        "two below one voice": (_voices(said, "我欠你五万块钱"), voices),
        "other words": (_voices(said), other),
        "other length": (_voices(said), longer),
    }
    assert counts(found["habit"]) == {"agreement": 33, "set_aside": 3}
    assert counts(found["one alone"]) == {"agreement": 31, "doubtful": 1}
    assert counts(found["two below one voice"]) == {"agreement": 33, "set_aside": 3, "doubtful": 1}
    assert counts(found["other words"])["doubtful"] == 1
    assert counts(found["other length"])["conflict"] == 1


def test_a_row_of_nothing_is_no_part_of_the_text_before_it() -> None:
    assert _kept(["好的", ""], ["好 的"]) == ["好的", ""]

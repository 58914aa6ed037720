"""A long message that one side spreads over several rows."""

import polars as pl
import pytest

from reconcile.engine.preparation.split_messages import join_parts
from reconcile.wechat.kind_classes import WORDS
from tests.build.chats import chat, held_direct, sentence
from tests.build.together import compared_together

LINES = [f"{'ABCD'[i % 4]}-{1000 + 37 * i} 膨胀螺栓M{i} {20 + 3 * i}件 单价{i}.50" for i in range(12)]
PARTS = ["\n".join(LINES[i : i + 4]) for i in (0, 4, 8)]
WHOLE = "\n".join(LINES)


def _rows(texts: list[str], times: list[int] | None = None) -> pl.DataFrame:
    n = len(texts)
    return pl.DataFrame({
        "pair": pl.Series([0] * n, dtype=pl.UInt32), "sender": ["wxid_aaaaaaaa"] * n, "is_self": [True] * n, "t": times or [0] * n,
        "cls": pl.Series([WORDS] * n, dtype=pl.UInt8), "text": texts, "is_repeat": [False] * n, "twin": pl.Series([None] * n, dtype=pl.UInt32),
    })  # fmt: skip


def _kept(texts: list[str], other: list[str]) -> list[str]:
    return join_parts(_rows(texts), _rows(other)).filter(~pl.col("is_repeat"))["text"].to_list()


@pytest.mark.parametrize("size", [1, 2, 3, 5])
def test_neighbouring_rows_that_make_up_a_text_of_the_other_side_are_that_text(size: int) -> None:
    parts = ["\n".join(LINES[i : i + size]) for i in range(0, len(LINES), size)]
    assert _kept(["好", *parts, "嗯"], ["好", WHOLE, "嗯"]) == ["好", WHOLE, "嗯"]


def test_a_text_parted_inside_a_number_is_whole_again() -> None:
    assert _kept(["转给你50", "000元，收到回我"], ["转给你50000元，收到回我"]) == ["转给你50000元，收到回我"]


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


def test_a_spread_message_is_compared_as_one() -> None:
    plain = chat(24)
    together = [*plain[:9], sentence(540, 0, WHOLE), *plain[10:]]
    spread = [*plain[:9], *(sentence(540, 0, p) for p in PARTS), *plain[10:]]
    altered = [r | {"text": r["text"].replace("单价5", "单价8")} for r in spread]
    shorter = [r for r in spread if r["text"] != PARTS[1]]
    invented = [*spread[:10], sentence(540, 0, "另付定金两万元，不退不换"), *spread[10:]]
    disputes = {
        name: (held_direct(rows, 0), held_direct(together, 1))
        for name, rows in {"spread": spread, "altered": altered, "shorter": shorter, "invented": invented}.items()
    }
    told = {
        name: found[0].group_by(pl.col("relation").cast(pl.String)).len()
        for name, found in compared_together(disputes).items()
    }
    counts = {name: dict(rows.iter_rows()) for name, rows in told.items()}
    assert counts["spread"] == {"agreement": 24, "set_aside": 2}
    assert counts["altered"] == {"agreement": 23, "conflict": 1, "set_aside": 2}
    assert counts["shorter"] == {"agreement": 23, "doubtful": 1, "set_aside": 1}
    assert counts["invented"] == {"agreement": 24, "one_sided": 1, "set_aside": 2}

"""Messages that a device stamped later than they were sent: it was off, or the sender had no net."""

import polars as pl
import pytest

from tests.test_comparison_several import Row, chat
from tests.test_comparison_tools import relations, said

STOCK = ("好的", "收到", "嗯", "行", "[OK]", "知道了", "好的", "可以", "嗯", "对")


def replies(rows: list[Row], start: int = 12) -> list[Row]:
    """The rows, ten of them what everybody writes, two of these pictures that state a fingerprint."""
    told = said(rows, {start + i: text for i, text in enumerate(STOCK)})
    told = said(told, {start + 3: "[图片]"}, kind="image", media_hash="a" * 32)
    return said(told, {start + 6: "[语音]"}, kind="voice", media_hash="b" * 32)


def stamped(rows: list[Row], places: range, at: float) -> list[Row]:
    """The rows of these places with one time."""
    return [r | {"at": at + 0.1 * places.index(i)} if i in places else r for i, r in enumerate(rows)]


def hashed_otherwise(rows: list[Row]) -> list[Row]:
    return [r | {"media_hash": r["media_hash"] and "c" * 64} if "media_hash" in r else r for r in rows]


def test_what_waited_for_a_device_that_was_off_is_held_by_the_order_of_the_files() -> None:
    rows = replies(chat())
    late = stamped(hashed_otherwise(rows), range(12, 22), float(rows[22]["at"]) - 1)
    assert set(relations(rows, late)) == {"agreement", "doubtful"}


def test_a_message_gone_from_what_waited_is_still_missing() -> None:
    rows = replies(chat())
    late = stamped(rows, range(10, 24), float(rows[24]["at"]) - 1)
    assert relations(rows, [r for i, r in enumerate(late) if i != 11]).get("one_sided") == 1


def test_rows_that_came_in_at_one_moment_meet_those_that_another_tool_wrote_in_their_order() -> None:
    shown = {12: "[位置] 银行", 14: "到了，你人呢，我先进去了", 16: "[语音]", 18: "[链接] 对账单", 20: "👌"}
    other = {12: "[位置] 银行 (31.2,121.4)", 16: "", 18: "[链接] 对账单\nhttps://mp.weixin.qq.com/s/1", 20: "[OK]"}
    kinds = {12: "location", 16: "voice", 18: "link"}
    rows = [r | {"kind": kinds.get(i, "text")} for i, r in enumerate(said(chat(), shown))]
    late = stamped(rows, range(12, 21), float(rows[30]["at"]) + 20)
    late = sorted((r | {"who": 0} if 12 <= i <= 20 else r for i, r in enumerate(late)), key=lambda r: float(r["at"]))
    early = [r | {"text": other.get(i, r["text"]), "who": 0 if 12 <= i <= 20 else r["who"]} for i, r in enumerate(rows)]
    assert set(relations(early, late)) == {"agreement", "doubtful"}


def test_own_words_that_were_delivered_later_accuse_nobody() -> None:
    rows = replies(chat())
    own = [i for i in range(12, 22) if rows[i]["who"] == 0]
    moment = float(rows[25]["at"]) + 1
    other = [r | {"at": moment + 0.1 * own.index(i)} if i in own else r for i, r in enumerate(rows)]
    assert set(relations(rows, sorted(other, key=lambda r: float(r["at"])))) <= {"agreement", "doubtful"}


@pytest.mark.parametrize(("far", "relation"), [(63.0, "doubtful"), (400.0, "conflict")])
def test_the_only_message_of_a_member_a_little_off_the_clock_is_in_doubt(far: float, relation: str) -> None:
    rows = chat()
    rows.insert(34, {"at": 2000.5, "text": "大家好，我是新来的会计", "who": 2})
    other = [r | {"at": r["at"] + far} if r["who"] == 2 else r for r in rows]
    assert relations(rows, other) == {"agreement": 40, relation: 1}


def test_a_date_before_there_was_any_wechat_is_a_clock_that_nobody_set() -> None:
    rows = chat()
    unset = pl.datetime(2000, 1, 1)
    seconds = float(pl.select(unset.dt.epoch("s") - pl.lit(1_709_254_800)).item())
    other = [r | {"at": seconds} if i == 20 else r for i, r in enumerate(rows)]
    assert relations(rows, other) == {"agreement": 39, "doubtful": 1}


def test_own_clock_and_a_step_together_alter_no_times() -> None:
    rows = chat()
    other = [r | {"at": r["at"] + (226 if r["who"] == 0 else 0) + (7200 if i >= 25 else 0)} for i, r in enumerate(rows)]
    assert set(relations(rows, other)) <= {"agreement", "doubtful"}


def test_two_times_written_alike_are_one_time_where_a_senders_own_clock_was_set() -> None:
    who = "11020000120200002102000200000000110000210120010110"
    rows = [r | {"who": int(w)} for r, w in zip(chat(50), who, strict=True)]
    unset = {i: 86_400 - (700_000_000 if 20 <= i < 28 else 0) for i, w in enumerate(who) if w == "0"}
    assert relations(rows, [r | {"at": r["at"] + unset.get(i, 0)} for i, r in enumerate(rows)]) == {"agreement": 50}


def test_a_refusal_stands_behind_its_message_in_the_file_whatever_their_clocks() -> None:
    rows = chat()
    refused: list[Row] = [
        {"at": 1205, "who": 0, "text": "你到底什么时候还钱"},
        {"at": 1206, "who": None, "kind": "system", "text": "消息已发出，但被对方拒收了。"},
    ]
    whole = [*rows[:21], *refused, *rows[21:]]
    moved = [
        r | {"at": r["at"] + (-250 if r["who"] == 0 else 0) + (3600 if i >= 30 else 0)} for i, r in enumerate(whole)
    ]
    assert "one_sided" not in relations(moved, rows)


def test_a_refusal_a_minute_before_its_message_by_times_to_the_minute_speaks_of_it() -> None:
    rows = [r | {"message_id": str(10**18 + i)} for i, r in enumerate(chat())]
    notice: Row = {
        "at": 1200,
        "who": None,
        "kind": "system",
        "text": "消息已发出，但被对方拒收了。",
        "precision": "minute",
    }
    message: Row = {"at": 1260, "who": 0, "text": "你到底什么时候还钱", "precision": "minute"}
    whole = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in rows]
    assert "one_sided" not in relations([*whole[:21], notice, *whole[21:23], message, *whole[23:]], rows)
    assert relations([*whole[:21], notice, *whole[21:23], message | {"at": 1320}, *whole[23:]], rows)["one_sided"] == 1


def test_a_row_just_before_the_end_of_a_file_that_runs_backwards_is_missing() -> None:
    rows = [r | {"at": 40 * i} for i, r in enumerate(chat())]
    short = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for i, r in enumerate(rows) if i != 38]
    assert relations(rows, short[::-1])["one_sided"] == 1


def test_the_last_rows_of_a_chat_at_one_distance_off_the_clock_are_in_doubt() -> None:
    rows = chat()
    other = [r | {"at": r["at"] + (67 if i >= 37 else 0)} for i, r in enumerate(rows)]
    assert "conflict" not in relations(rows, other)


def test_a_row_that_another_tool_of_the_same_side_wrote_once_more_is_missed_by_nobody() -> None:
    rows = said(chat(), {20: "[图片]"}, kind="image")
    again = rows[20] | {"text": "图片", "at": rows[20]["at"] // 60 * 60, "precision": "minute"}
    words = rows[22] | {"text": f" {rows[22]['text']}&nbsp;"}
    left = [*rows[:23], words, *rows[23:], again]
    assert "one_sided" not in relations(left, rows)


def test_a_row_twice_within_one_minute_is_in_doubt_though_the_other_side_spells_it_otherwise() -> None:
    rows = [
        r | {"at": r["at"] // 60 * 60, "precision": "minute"}
        for r in said(chat(), {20: "[链接] 腾讯会议邀请67"}, kind="link")
    ]
    other = said(chat(), {20: "腾讯会议邀请67"})
    assert relations([*rows[:21], *rows[20:]], other) == {"agreement": 40, "doubtful": 1}


def test_a_row_said_twice_in_one_spelling_of_which_one_is_gone_is_missing() -> None:
    rows = chat()
    rows.insert(21, rows[20] | {"at": rows[20]["at"] + 20})
    assert relations(rows, chat()).get("one_sided", 0) + relations(rows, chat()).get("doubtful", 0) == 1


def test_two_voices_of_one_second_are_no_second_copy_of_each_other() -> None:
    rows = said(chat(), {20: '[语音] 19"'}, kind="voice")
    rows.insert(21, rows[20] | {"text": '[语音] 7"'})
    assert relations(rows, [r for i, r in enumerate(rows) if i != 21]).get("one_sided") == 1


def test_an_id_that_one_side_holds_in_two_forms_is_one_message() -> None:
    rows = [r | {"message_id": str(7 * 10**17 + i)} for i, r in enumerate(said(chat(), {20: "[图片]"}, kind="image"))]
    again = rows[20] | {"text": "![图片](http://127.0.0.1:5030/image/49f7d87c)", "at": rows[20]["at"] + 5}
    assert "one_sided" not in relations([*rows, again], rows)


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ('[拍一拍] 我拍了拍 "王芳"', "doubtful"),
        ("张伟领取了你的红包", "doubtful"),
        ("这批货我不要了 [发送失败]", "doubtful"),
        ("这批货我不要了", "one_sided"),
    ],
)
def test_words_that_are_the_clients_or_were_not_sent_are_in_doubt(words: str, relation: str) -> None:
    rows, shown = chat(), {"at": 1205, "who": 0, "text": words}
    other = (
        [*rows, {"at": 1205, "who": None, "kind": "system", "text": '"张伟" 拍了拍我'}] if "拍了拍" in words else rows
    )
    found = relations([*rows[:21], shown, *rows[21:]], sorted(other, key=lambda r: float(r["at"])))
    assert found.get(relation) == 1

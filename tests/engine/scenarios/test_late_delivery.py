"""Messages that were delivered late, refused or sent again."""

from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Messages
from reconcile.intake.contract import Reading
from reconcile.intake.frames import messages_of, reading_of
from tests.build.chats import (
    HOUR,
    PEOPLE,
    Row,
    Rows,
    chat,
    clock_set,
    counts,
    drawn_chat,
    grade_of,
    held,
    held_direct,
    in_file_order,
    left_row,
    relations_in,
    said,
    short_row,
    state_of,
    without_kinds,
)
from tests.build.together import Comparing

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


def test_a_late_burst_that_ends_the_chat_with_equal_texts_alters_no_times() -> Comparing:
    rows = drawn_chat(40)
    last = float(str(rows[-1]["at"]))
    words = ["在吗", "明天把货款付了吧", "在吗", "对账单我发你邮箱", "好的收到"]
    sent: Rows = [{"at": last + 60 + 50 * i, "who": 0, "text": t} for i, t in enumerate(words)]
    arrived: Rows = [r | {"at": last + 80_000 + i} for i, r in enumerate(sent)]
    found = yield in_file_order(clock_set(rows + sent), clock_set(rows + arrived))
    assert "conflict" not in set(found.alignment["relation"].cast(pl.String))


def test_what_waited_for_a_device_that_was_off_is_held_by_the_order_of_the_files() -> Comparing:
    rows = replies(chat())
    late = stamped(hashed_otherwise(rows), range(12, 22), float(rows[22]["at"]) - 1)
    assert set(counts((yield rows, late))) == {"agreement", "doubtful"}


def test_a_message_gone_from_what_waited_is_still_missing() -> Comparing:
    rows = replies(chat())
    late = stamped(rows, range(10, 24), float(rows[24]["at"]) - 1)
    assert counts((yield rows, [r for i, r in enumerate(late) if i != 11])).get("one_sided") == 1


def test_rows_that_came_in_at_one_moment_meet_those_that_another_tool_wrote_in_their_order() -> Comparing:
    shown = {12: "[位置] 银行", 14: "到了，你人呢，我先进去了", 16: "[语音]", 18: "[链接] 对账单", 20: "👌"}
    other = {12: "[位置] 银行 (31.2,121.4)", 16: "", 18: "[链接] 对账单\nhttps://mp.weixin.qq.com/s/1", 20: "[OK]"}
    kinds = {12: "location", 16: "voice", 18: "link"}
    rows = [r | {"kind": kinds.get(i, "text")} for i, r in enumerate(said(chat(), shown))]
    late = stamped(rows, range(12, 21), float(rows[30]["at"]) + 20)
    late = sorted((r | {"who": 0} if 12 <= i <= 20 else r for i, r in enumerate(late)), key=lambda r: float(r["at"]))
    early = [r | {"text": other.get(i, r["text"]), "who": 0 if 12 <= i <= 20 else r["who"]} for i, r in enumerate(rows)]
    assert set(counts((yield early, late))) == {"agreement"}


def test_equal_short_words_that_each_side_lacks_days_apart_are_in_doubt_and_unlike_ones_are_missing() -> Comparing:
    rows, last = chat(), {"at": 4 * 86_400 + 60, "who": 0, "text": "再见了各位"}
    early = [*rows[:20], {"at": 1150, "who": 0, "text": "好的"}, *rows[20:], last]
    late = ([*rows, {"at": 4 * 86_400, "who": 0, "text": text}, last] for text in ("好的", "好吧"))
    found = yield [(early, other) for other in late]
    assert [state_of(f, "好的", "left")[0] for f in found] == ["doubtful", "one_sided"]


def test_own_words_that_were_delivered_later_accuse_nobody() -> Comparing:
    rows = replies(chat())
    own = [i for i in range(12, 22) if rows[i]["who"] == 0]
    moment = float(rows[25]["at"]) + 1
    other = [r | {"at": moment + 0.1 * own.index(i)} if i in own else r for i, r in enumerate(rows)]
    assert set(counts((yield rows, sorted(other, key=lambda r: float(r["at"]))))) <= {"agreement", "doubtful"}


def test_a_refusal_stands_behind_its_message_in_the_file_whatever_their_clocks() -> Comparing:
    rows = chat()
    refused: list[Row] = [
        {"at": 1205, "who": 0, "text": "你到底什么时候还钱"},
        {"at": 1206, "who": None, "kind": "system", "text": "消息已发出，但被对方拒收了。"},
    ]
    whole = [*rows[:21], *refused, *rows[21:]]
    moved = [
        r | {"at": r["at"] + (-250 if r["who"] == 0 else 0) + (3600 if i >= 30 else 0)} for i, r in enumerate(whole)
    ]
    assert "one_sided" not in counts((yield moved, rows))


@pytest.mark.parametrize(("between", "relation"), [([], "set_aside"), ([{"at": 1205.5, "who": 0, "text": "在吗"}], "doubtful")])  # fmt: skip
def test_a_reply_without_a_sender_right_in_front_of_a_refusal_was_not_delivered(
    between: list[Row], relation: str
) -> Comparing:
    rows = chat()
    reply: Row = {"at": 1205, "who": None, "kind": "quote", "text": "你到底什么时候还钱"}
    notice: Row = {"at": 1206, "who": None, "kind": "system", "text": "消息已发出，但被对方拒收了。"}
    whole = [*rows[:21], reply, *between, notice, *rows[21:]]
    found = yield held_direct(whole, 0), held_direct([*rows[:21], *between, *rows[21:]], 1)
    assert state_of(found, str(reply["text"]), "left")[0] == relation


def test_a_refusal_a_minute_before_its_message_by_times_to_the_minute_speaks_of_it() -> Comparing:
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
    assert "one_sided" not in counts((yield [*whole[:21], notice, *whole[21:23], message, *whole[23:]], rows))
    assert (
        counts((yield [*whole[:21], notice, *whole[21:23], message | {"at": 1320}, *whole[23:]], rows))["one_sided"]
        == 1
    )


@pytest.mark.parametrize(
    ("words", "relation"),
    [
        ('[拍一拍] 我拍了拍 "王芳"', "doubtful"),
        ("张伟领取了你的红包", "doubtful"),
        ("这批货我不要了 [发送失败]", "doubtful"),
        ("这批货我不要了", "one_sided"),
    ],
)
def test_words_that_are_the_clients_or_were_not_sent_are_in_doubt(words: str, relation: str) -> Comparing:
    rows, shown = chat(), {"at": 1205, "who": 0, "text": words}
    other = (
        [*rows, {"at": 1205, "who": None, "kind": "system", "text": '"张伟" 拍了拍我'}] if "拍了拍" in words else rows
    )
    found = counts((yield [*rows[:21], shown, *rows[21:]], sorted(other, key=lambda r: float(r["at"]))))
    assert found.get(relation) == 1


def test_a_refused_message_is_no_copy_of_an_equal_one_before_the_other_side_begins() -> Comparing:
    rows = chat()
    refused = [
        short_row(1230, 0, rows[3]["text"]),
        short_row(1231, 0, "消息已发出，但被对方拒收了。", "system") | {"who": None},
    ]
    found = yield held_direct([*rows[5:21], *refused, *rows[21:]], 0), held_direct([r | {"who": 0} if i == 3 else r for i, r in enumerate(rows)], 1)  # fmt: skip
    assert "conflict" not in relations_in(found)


def test_two_refusals_told_in_one_second_speak_of_two_messages() -> Comparing:
    rows = chat()
    end = rows[-1]["at"] + 60
    refused = [short_row(end, 0, "回话！！"), short_row(end + 1, 0, "再不处理我就起诉了！！")]
    notices = [short_row(end + 1, 0, "消息已发出，但被对方拒收了。", "system") | {"who": None} for _ in refused]
    later = [*rows, {"at": end + 600, "who": 1, "text": "后来又说上话了"}]
    found = yield held_direct([*rows, *refused, *notices, later[-1]], 0), held_direct(later, 1)
    assert relations_in(found) == {"agreement", "set_aside"}


def test_a_row_with_a_server_id_next_before_a_refusal_was_not_delivered() -> Comparing:
    rows = chat()
    refusal = {"at": 930, "who": None, "text": "消息已发出，但被对方拒收了。"}
    left = [*rows[:16], left_row(930, "钱什么时候还"), refusal, *rows[16:]]
    ids = [str(6_116_895_530_414_915_131 + 7_000_000 * i) for i in range(42)]
    found = yield without_kinds(left, rows, message_id=ids)
    assert state_of(found, "钱什么时候还", "left") == ("set_aside", "not_delivered")


def test_words_sent_again_explain_a_row_without_an_id() -> Comparing:
    rows = [r | {"message_id": str(10**18 + i)} for i, r in enumerate(chat())]
    failed = rows[12] | {"at": rows[12]["at"] - 20, "message_id": None}
    found = (yield [*rows[:12], failed, *rows[12:]], rows).alignment
    assert found.filter(pl.col("relation") != "agreement")["cause"].cast(pl.String).to_list() == ["not_delivered"]
    numbered = [r | {"local_id": i} for i, r in enumerate([*rows[:12], failed | {"local_id": 900}, *rows[12:]])]
    for number, cause in ((12, "not_delivered"), (900, "irregular")):
        rows_of = [*numbered[:12], numbered[12] | {"local_id": number}, *numbered[13:]]
        told = (yield rows_of, rows).alignment
        assert told.filter(pl.col("relation") != "agreement")["cause"].cast(pl.String).to_list() == [cause]


def test_what_waited_for_a_phone_that_was_off_has_no_altered_times() -> Comparing:
    rows = [r | {"at": 10 * r["at"]} | ({"who": 1} if 10 <= i < 16 else {}) for i, r in enumerate(chat())]
    late = [r | {"at": rows[16]["at"]} if 10 <= i < 16 else r for i, r in enumerate(rows)]
    assert "conflict" not in counts((yield late, rows))
    assert counts((yield [*rows[:10], late[10], *rows[11:]], rows))["conflict"] == 1


def test_messages_that_waited_and_came_in_together_are_late_whatever_their_delays() -> Comparing:
    rows = chat(60)
    waited = [5, 6, 7, 30, 31, 32, 33, 50, 51]
    mine = [r | {"who": 0 if i in waited else 1 if i % 3 else r["who"]} for i, r in enumerate(rows)]
    mine = [r | {"at": r["at"] + (7 if i in (6, 31, 32) else 0)} for i, r in enumerate(mine)]
    arrived = [r | {"at": rows[54]["at"] + 1 + waited.index(i)} if i in waited else r for i, r in enumerate(mine)]
    theirs = sorted(arrived, key=lambda r: float(r["at"]))
    found = yield held_direct(mine, 0), held_direct(theirs, 1)
    assert relations_in(found) == {"agreement"}
    late = found.alignment.filter(pl.col("cause").cast(pl.String) == "late_delivery")
    assert late.height == len(waited)
    assert found.verdicts["clock_segments"][0].is_empty()


@pytest.mark.parametrize(("first", "relation"), [(5, "doubtful"), (3, "one_sided")])
def test_what_came_in_beside_late_messages_may_have_been_sent_before_its_authors_export_begins(
    first: int, relation: str
) -> Comparing:
    waited = [8, 4, 6, 10]
    rows = [r | {"who": 0 if i in (3, *waited) else 1} for i, r in enumerate(chat(40))]
    arrived = [r | {"at": rows[12]["at"] + 1 + waited.index(i)} if i in waited else r for i, r in enumerate(rows)]
    arrived.sort(key=lambda r: float(r["at"]))
    mine = [r for i, r in enumerate(rows) if i >= first and i != 4]
    found = yield held_direct(mine, 0), held_direct(arrived, 1)
    assert state_of(found, rows[4]["text"], "right")[0] == relation


def test_a_message_that_its_receiver_quotes_was_there_before() -> Comparing:
    rows = [r | {"message_id": str(7012136402866585600 + i)} for i, r in enumerate(chat())]
    told = [*rows[:13], rows[13] | {"kind": "quote", "reply_to": rows[12]["message_id"]}, *rows[14:]]
    for quoting, relation in ((rows, "agreement"), (told, "doubtful")):
        late = sorted(
            (r | {"at": r["at"] + (900 if i == 12 else 0)} for i, r in enumerate(quoting)), key=lambda r: float(r["at"])
        )
        found = yield held(quoting, 0), held(late, 1)
        assert state_of(found, rows[12]["text"], "left")[0] == relation


@pytest.mark.parametrize(
    ("quoted", "named", "relation"),
    [
        ("once", None, "doubtful"),
        ("twice", None, "agreement"),
        ("twice", "by the other side's number", "doubtful"),
        (None, None, "agreement"),
    ],
)
def test_a_quote_names_the_only_message_of_its_words_or_what_its_other_copy_names(
    quoted: str | None, named: str | None, relation: str
) -> Comparing:
    rows = [r | {"message_id": str(7012136402866585600 + i)} for i, r in enumerate(chat())]
    said = rows[12]["text"]
    if quoted == "twice":
        rows[30] |= {"text": said}
    quote = rows[13] | {"kind": "quote"} | ({"quoted_text": said} if quoted else {})
    number = {"reply_to": rows[12]["message_id"]} if named else {}
    late = sorted(
        (r | {"at": r["at"] + (900 if i == 12 else 0)} for i, r in enumerate([*rows[:13], quote, *rows[14:]])),
        key=lambda r: float(r["at"]),
    )
    found = yield held([*rows[:13], quote | number, *rows[14:]], 0), held(late, 1)
    assert state_of(found, said, "left")[0] == relation


def test_a_late_message_between_devices_of_unknown_owners_is_in_doubt() -> Comparing:
    rows = chat(20)
    late = sorted(
        (r | {"at": r["at"] + (1800 if i == 8 else 0)} for i, r in enumerate(rows)), key=lambda r: float(r["at"])
    )
    sides = [held_direct(side, owner) for owner, side in enumerate((rows, late))]
    nobody = [
        reading_of(s.facts, messages_of(s.messages.with_columns(pl.lit(None, pl.Boolean).alias("is_self"))))
        for s in sides
    ]
    found = yield nobody[0], nobody[1]
    assert relations_in(found) == {"agreement", "doubtful"}


def test_an_own_message_that_alone_has_no_server_id_is_in_doubt() -> Comparing:
    rows = [r | {"id": str(6116895530414915131 + 7 * i)} for i, r in enumerate(chat(30))]
    rows[12] |= {"id": None}
    found = yield held_direct(rows, 0), held_direct([r for i, r in enumerate(rows) if i != 12], 1)
    assert state_of(found, rows[12]["text"], "left")[0] == "doubtful"


def test_of_two_equal_messages_the_one_without_a_server_id_was_not_delivered() -> Comparing:
    rows = [r | {"id": str(6116895530414915131 + 7 * i)} for i, r in enumerate(chat(30))]
    rows.insert(12, rows[12] | {"id": None, "at": rows[12]["at"] - 20})
    minutes = [r | {"at": r["at"] // 60 * 60, "id": None} for i, r in enumerate(rows) if i != 12]
    found = yield held_direct(rows, 0), held_direct(minutes, 1)
    alone = found.alignment.filter(pl.col("right_row").is_null())
    assert alone.select("left_row", pl.col("cause").cast(pl.String)).rows() == [(12, "not_delivered")]


def test_a_message_that_may_have_been_sent_by_the_owner_of_an_unnamed_export_may_be_late() -> Comparing:
    rows = chat(people=3)
    later = [r | {"at": r["at"] + (400 if i == 22 else 0)} for i, r in enumerate(rows)]
    unnamed = held(sorted(rows, key=lambda r: r["at"]), 1)
    unnamed = replace(
        unnamed, messages=Messages.cast(unnamed.messages.with_columns(pl.lit(None, pl.Boolean).alias("is_self")))
    )
    found = yield sorted(later, key=lambda r: r["at"]), unnamed
    assert relations_in(found) <= {"agreement", "doubtful"}


@pytest.mark.parametrize(("pause", "relation"), [(5 * HOUR, "agreement"), (0.0, "doubtful")])
def test_a_word_that_arrives_late_in_a_quiet_hour_can_hardly_be_another_message(
    pause: float, relation: str
) -> Comparing:
    rows = [r | {"who": r["who"] if i < 21 else 1} for i, r in enumerate(chat(60))]
    late = left_row(1210, "付")
    arrived = late | {"at": rows[59]["at"] + 60 + pause}
    found = yield [*rows[:21], late, *rows[21:]], [*rows, arrived]
    assert state_of(found, late["text"], "left")[0] == relation


def test_the_last_message_of_a_burst_may_have_waited_for_seconds_only_and_pass_what_others_wrote() -> Comparing:
    rows = [r | {"at": r["at"] + (25 if i == 28 else 0)} for i, r in enumerate(chat(60))]
    own = [i for i in range(20, 30) if i % 2 == 0]
    waited = [r | {"at": rows[29]["at"] + 8 + 0.1 * i} if i in own else r for i, r in enumerate(rows)]
    found = yield held_direct(rows, 0), held_direct(sorted(waited, key=lambda r: float(r["at"])), 1)
    assert relations_in(found) == {"agreement"}


def nameless(rows: list[Row]) -> Reading:
    """The rows as an export holds them that does not tell whose it is."""
    reading = held(rows, 0)
    unowned = pl.lit(None, dtype=reading.messages.schema["is_self"]).alias("is_self")
    return replace(reading, messages=Messages.cast(reading.messages.with_columns(unowned)))


WAITED = (12, 14, 16, 18)


@pytest.mark.parametrize(
    ("times", "grade"),
    [
        (dict.fromkeys(WAITED, 1300.0), "explained_differences"),
        ({i: 60.0 * i + 300 for i in WAITED}, "cannot_determine"),
        (dict.fromkeys((*WAITED, 13), 1300.0), "cannot_determine"),
    ],
)
def test_what_one_sender_wrote_apart_and_one_side_holds_at_one_moment_was_late_though_no_export_tells_its_owner(
    times: dict[int, float], grade: str
) -> Comparing:
    rows = chat()
    late = sorted((r | {"at": times.get(i, r["at"])} for i, r in enumerate(rows)), key=lambda r: float(r["at"]))
    assert grade_of((yield nameless(rows), nameless(late))) == grade


@pytest.mark.parametrize(("received", "told"), [(1500.0, {"doubtful"}), (2100.0, {"doubtful", "conflict"})])
def test_what_was_sent_and_received_in_one_moment_in_a_room_may_have_waited_for_a_device_that_came_back(
    received: float, told: set[str]
) -> Comparing:
    """Nothing tells whose the first export is. It shows one member early and another one late."""
    rows = chat(60, people=3)
    came = [r | {"at": received if i == 13 else r["at"]} for i, r in enumerate(rows)]
    sent = [r | {"at": 1500.0 if i == 9 else r["at"]} for i, r in enumerate(rows)]
    left, right = (sorted(side, key=lambda r: float(r["at"])) for side in (came, sent))
    found = yield nameless(left), held(right, 2)
    assert {state_of(found, rows[i]["text"], "left")[0] for i in (9, 13)} == told


def waiting(who: int, words: str, apart: int = 1) -> tuple[list[Row], list[Row]]:
    """A chat of three: six messages of one of them, one with these words, came in together hours later."""
    rows: list[Row] = [r | {"who": i % 3} for i, r in enumerate(drawn_chat(120))]
    places = [i for i in range(30, 60) if rows[i]["who"] == who][:6]
    # Others write the words as well.
    sent = said(rows, dict.fromkeys((places[3], 4, 11, 65, 72, 88, 97), words))
    moment = float(rows[70]["at"]) + 5
    arrived = [r | {"at": moment + apart * places.index(i)} if i in places else r for i, r in enumerate(sent)]
    return sent, sorted(arrived, key=lambda r: float(r["at"]))


@pytest.mark.parametrize(("who", "apart"), [(0, 1), (2, 1), (2, 5)])
def test_a_common_word_that_came_in_with_other_late_messages_of_its_author_is_one_of_them(
    who: int, apart: int
) -> Comparing:
    sent, arrived = waiting(who, "嗯", apart)
    found = yield held(sent, 0, is_room=True), held(arrived, 1, is_room=True)
    assert relations_in(found) == {"agreement"}


def test_an_account_that_its_export_calls_by_the_word_for_its_owner_is_the_owner_s() -> Comparing:
    rows = chat(60, people=3)
    written = [r | {"at": r["at"] - 500} if i == 31 else r for i, r in enumerate(rows)]
    early = held(sorted(written, key=lambda r: float(r["at"])), 1)
    for word, told in (("我", ("agreement", "late_delivery")), ("王乙", ("doubtful", "time_differs"))):
        named = pl.col("sender").replace({PEOPLE[1]: word}).alias("sender_name")
        bare = early.messages.with_columns(named, pl.lit(None, pl.Boolean).alias("is_self"))
        found = yield reading_of(early.facts, Messages.cast(bare)), held(rows, 0)
        assert state_of(found, rows[31]["text"], "left") == told

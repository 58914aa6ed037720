"""Rows that stand twice in one export, and messages that are merely alike."""

import polars as pl
import pytest

from bench.quality import run_trial
from reconcile.frames import Messages
from reconcile.intake.contract import ExportFacts, FormLimits
from reconcile.intake.frames import reading_of
from tests.build.chats import Row, chat, counts, held, relations_in, said
from tests.build.together import Comparing

PAIR: list[Row] = [
    {"at": 1210, "who": 0, "text": t} for t in ("押金两万，押金四万块一起付", "押金两万，押金五万块一起付")
]


def test_a_row_that_another_tool_of_the_same_side_wrote_once_more_is_missed_by_nobody() -> Comparing:
    rows = said(chat(), {20: "[图片]"}, kind="image")
    again = rows[20] | {"text": "图片", "at": rows[20]["at"] // 60 * 60, "precision": "minute"}
    words = rows[22] | {"text": f" {rows[22]['text']}&nbsp;"}
    left = [*rows[:23], words, *rows[23:], again]
    assert "one_sided" not in counts((yield left, rows))


def test_a_row_twice_within_one_minute_is_in_doubt_though_the_other_side_spells_it_otherwise() -> Comparing:
    rows = [
        r | {"at": r["at"] // 60 * 60, "precision": "minute"}
        for r in said(chat(), {20: "[链接] 腾讯会议邀请67"}, kind="link")
    ]
    other = said(chat(), {20: "腾讯会议邀请67"})
    assert counts((yield [*rows[:21], *rows[20:]], other)) == {"agreement": 40, "doubtful": 1}


def test_a_row_said_twice_in_one_spelling_of_which_one_is_gone_is_missing() -> Comparing:
    rows = chat()
    rows.insert(21, rows[20] | {"at": rows[20]["at"] + 20})
    told = counts((yield rows, chat()))
    assert told.get("one_sided", 0) + told.get("doubtful", 0) == 1


def test_two_voices_of_one_second_are_no_second_copy_of_each_other() -> Comparing:
    rows = said(chat(), {20: '[语音] 19"'}, kind="voice")
    rows.insert(21, rows[20] | {"text": '[语音] 7"'})
    assert counts((yield rows, [r for i, r in enumerate(rows) if i != 21])).get("one_sided") == 1


@pytest.mark.parametrize(
    ("seconds", "relation"),
    [(0, "set_aside"), (86_400, "doubtful"), (10 * 86_400, "doubtful")],
    ids=["its own second", "amid the chat", "behind the other export"],
)
def test_a_second_row_of_one_id_is_a_copy_at_its_own_time_and_in_doubt_at_another(
    seconds: int, relation: str
) -> Comparing:
    rows = [r | {"message_id": str(7 * 10**17 + i), "at": 9000 * i, "local_id": i} for i, r in enumerate(chat())]
    again = rows[20] | {"at": rows[20]["at"] + seconds, "local_id": 400}
    found = yield sorted([*rows, again], key=lambda r: float(r["at"])), rows
    assert counts(found) == {"agreement": len(rows), relation: 1}


def test_an_id_that_one_side_holds_in_two_forms_is_one_message() -> Comparing:
    rows = [r | {"message_id": str(7 * 10**17 + i)} for i, r in enumerate(said(chat(), {20: "[图片]"}, kind="image"))]
    again = rows[20] | {"text": "![图片](http://127.0.0.1:5030/image/49f7d87c)", "at": rows[20]["at"] + 5}
    assert "one_sided" not in counts((yield [*rows, again], rows))


def test_equal_rows_of_one_second_that_the_other_form_merges_are_set_aside() -> Comparing:
    rows = [r | {"message_id": str(7 * 10**17 + 90_071 * i)} for i, r in enumerate(chat())]
    again = rows[20] | {"message_id": str(7 * 10**17 + 5)}
    whole = held([*rows[:21], again, *rows[21:]], 0)
    merged = held(rows, 1, limits=FormLimits(collapses_repeats=True))
    plain = held(rows, 1)
    lines = [f.alignment.filter(pl.col("right_row").is_null()) for f in (yield [(whole, merged), (whole, plain)])]
    relations = [line.select(pl.col("relation", "cause").cast(pl.String)).rows() for line in lines]
    assert relations == [[("set_aside", "repeat")], [("one_sided", "unexplained")]]


def test_two_equal_messages_of_one_second_meet_also_where_one_form_cuts_both() -> None:
    score = run_trial("truncation at 20", 60003).score
    assert (score.missing_claimed, score.innocent_accused, score.grades_right) == (0, 0, 1)


@pytest.mark.parametrize("is_behind", [True, False])
def test_a_stretch_that_two_merged_devices_hold_each_is_a_repeat(is_behind: bool) -> Comparing:
    rows = chat()
    copies = [r | {"at": r["at"] + i % 3 - 1} for i, r in enumerate(rows[10:30])]
    right = [*rows, *copies] if is_behind else sorted([*rows, *copies], key=lambda r: r["at"])
    lacking = [r for r in right if r["text"] != rows[20]["text"]]
    assert [*map(counts, (yield [(rows, right), (rows, lacking)]))] == [
        {"agreement": 40, "set_aside": 20},
        {"agreement": 39, "set_aside": 19, "one_sided": 1},
    ]


def test_two_voices_with_ids_of_their_own_are_two_messages_also_where_a_stretch_is_held_twice() -> Comparing:
    voices = [
        {"at": 620 + n, "who": 0, "text": "[语音]", "kind": "voice", "message_id": str(7 * 10**18 + n)} for n in (0, 2)
    ]
    rows = [*chat()[:11], *voices, *chat()[11:]]
    twice = sorted([*rows, *rows[3:33]], key=lambda r: r["at"])
    assert counts((yield twice, rows)) == {"agreement": 42, "set_aside": 30}


def test_sentences_that_somebody_sends_twice_within_a_second_are_no_merged_device() -> Comparing:
    rows = chat()
    insisted = sorted([*rows, *(r | {"at": r["at"] + 1} for r in rows[10:22:3])], key=lambda r: r["at"])
    assert counts((yield insisted, rows)) == {"agreement": 40, "one_sided": 4}


def test_equal_rows_of_a_second_that_the_other_side_holds_once_are_in_doubt() -> Comparing:
    burst = [{"at": 630, "who": 0, "text": "在吗"}] * 4
    found = counts((yield [*chat()[:11], *burst, *chat()[11:]], [*chat()[:11], burst[0], *chat()[11:]]))
    assert "one_sided" not in found
    # A tool that states ids goes by them.
    named = [r | {"message_id": str(7 * 10**18 + i)} for i, r in enumerate([*chat()[:11], *burst, *chat()[11:]])]
    assert counts((yield named, [*named[:12], *named[15:]]))["one_sided"] == 3


@pytest.mark.parametrize("mark", ["", "[图片]", "Image"])
def test_one_of_several_pictures_of_a_second_is_no_second_copy_however_the_tool_marks_pictures(mark: str) -> Comparing:
    burst = [{"at": 630, "who": 0, "text": mark, "kind": "image"}] * 6
    found = counts((yield [*chat()[:11], *burst, *chat()[11:]], [*chat()[:11], *burst[1:], *chat()[11:]]))
    assert "set_aside" not in found
    assert found.get("doubtful", 0) + found.get("one_sided", 0) == 1


def test_equal_rows_of_a_second_of_which_the_other_side_holds_none_are_missed() -> Comparing:
    burst = [{"at": 630, "who": 0, "text": "在吗"}] * 2
    elsewhere = {"at": 1530, "who": 0, "text": "在吗"}
    rows = [*chat()[:26], elsewhere, *chat()[26:]]
    assert counts((yield [*rows[:11], *burst, *rows[11:]], rows))["one_sided"] > 0


def test_one_of_two_like_messages_of_a_second_written_into_the_others_words_is_a_conflict() -> Comparing:
    rows = chat()
    whole = [*rows[:21], *PAIR, *rows[21:]]
    edited = [[*rows[:21], one, one, *rows[21:]] for one in PAIR]
    found = yield [(whole, other) for other in edited]
    assert [*map(counts, found)] == [{"agreement": 41, "conflict": 1}] * 2


def test_a_row_lost_beside_rows_that_stand_twice_by_the_dozen_is_missing() -> Comparing:
    rows = chat()
    whole = [*rows[:21], *PAIR, *rows[21:]]
    short = [r for r in whole if r is not PAIR[0]]
    told = counts((yield whole, sorted([*short, *short[18:24]], key=lambda r: float(r["at"]))))
    assert told["one_sided"] == 1
    assert "conflict" not in told


def test_copies_of_rows_are_no_other_form_of_a_row_that_is_lacking_in_their_minute() -> Comparing:
    rows = [
        r | {"at": r["at"] // 3, "precision": "minute"}
        for r in said(chat(), {13: "[图片]", 30: "[图片]"}, kind="image")
    ]
    whole = [r | {"local_id": i} for i, r in enumerate(rows)]
    short = [*whole[:13], *whole[14:]]
    assert counts((yield whole, [*short, *short[8:18]])) == {"agreement": 39, "one_sided": 1, "set_aside": 10}


def test_a_title_that_holds_a_word_of_its_minute_is_not_held_twice() -> Comparing:
    rows = said(said(chat(), {13: "[链接] 银行柜台水泥清单", 30: "[链接] 合同"}, kind="link"), {15: "行"})
    rows = [r | {"at": float(r["at"]) if i < 13 else 780 + 0.1 * i} if i < 16 else r for i, r in enumerate(rows)]
    assert counts((yield rows, [*rows[:13], *rows[14:]])) == {"agreement": 39, "one_sided": 1}


def alike_under_two_ids(apart: int, kind: str, *, both_told: bool) -> tuple[list[Row], list[Row]]:
    """Like messages so many seconds apart, each on one side; `both_told`: both parties' rows bear ids."""
    rows = [r | {"message_id": str(10**18 + 7 * i) if both_told or r["who"] else None} for i, r in enumerate(chat())]
    words = {"who": 0, "kind": kind, "text": {"text": "好的", "voice": '[语音] 3"'}[kind]}
    mine, theirs = words | {"at": 1210, "message_id": "61" * 9}, words | {"at": 1210 + apart, "message_id": "62" * 9}
    one, other = (sorted([*rows, row], key=lambda r: float(r["at"])) for row in (mine, theirs))
    return one, other


@pytest.mark.parametrize(("apart", "told"), [(1, "doubtful"), (30, "one_sided"), (300, "one_sided")])
@pytest.mark.parametrize("kind", ["text", "voice"])
def test_like_messages_under_two_ids_are_two_where_their_senders_ids_tell(
    apart: int, told: str, kind: str
) -> Comparing:
    both, one = yield [alike_under_two_ids(apart, kind, both_told=b) for b in (True, False)]
    assert relations_in(both) == {"agreement", told}
    assert "one_sided" not in relations_in(one)


def test_voices_of_unlike_lengths_under_two_ids_are_two_messages() -> Comparing:
    rows = [r | {"message_id": str(10**18 + 7 * i)} for i, r in enumerate(chat())]
    voices = [rows[20] | {"kind": "voice", "text": f'[语音] {n}"', "message_id": str(n) * 18} for n in (3, 43)]
    steady = [r | {"kind": "voice", "text": f'[语音] {i}"'} if i in (4, 6, 8) else r for i, r in enumerate(rows)]
    sides = [[*steady[:20], one, *steady[21:]] for one in voices]
    assert counts((yield tuple(sides))) == {"agreement": 39, "one_sided": 2}


@pytest.mark.parametrize("by_ids", [False, True])
def test_of_equal_rows_of_a_second_one_is_missing_where_the_other_export_goes_by_ids(by_ids: bool) -> Comparing:
    rows = [r | {"message_id": str(7 * 10**17 + i)} for i, r in enumerate(chat())]
    whole = held([*rows[:21], rows[20] | {"message_id": str(8 * 10**17)}, *rows[21:]], 0)
    short = held(rows if by_ids else [{k: v for k, v in r.items() if k != "message_id"} for r in rows], 1)
    lines = (yield whole, short).alignment.filter(pl.col("right_row").is_null())
    assert lines["relation"].cast(pl.String).to_list() == ["one_sided" if by_ids else "doubtful"]


def test_stickers_of_two_people_in_one_minute_of_a_span_held_twice_are_no_copies_of_each_other() -> Comparing:
    rows = said(chat(20), {10: "<表情>", 11: "<表情>"}, kind="sticker")
    rows[11]["at"] = rows[10]["at"] + 30
    twice = [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in [*rows, *rows]]
    left = held(twice, 0).messages.with_columns(pl.lit(None, pl.Boolean).alias("is_self"))
    right = said(rows, {10: "[捂脸]", 11: "[捂脸]"}, kind="sticker")
    nobody = reading_of(ExportFacts("message_table"), Messages.validate(left, cast=True))
    found = (yield nobody, right).alignment
    told = found.select(pl.col("relation", "cause").cast(pl.String)).unique().rows()
    assert not [t for t in told if t[0] in ("conflict", "doubtful", "one_sided")]


def test_a_second_copy_with_something_on_the_lines_below_it_is_in_doubt() -> Comparing:
    rows = chat()
    again = rows[12] | {"text": f"{rows[12]['text']}\n一家人 - 微信聊天记录"}
    found = yield [*rows[:13], again, *rows[13:]], rows
    assert "one_sided" not in relations_in(found)


def test_equal_rows_of_a_second_are_missed_by_nobody_where_the_other_side_has_as_many_in_other_words() -> Comparing:
    one, other = (
        [*chat(20), *[{"at": 1205, "who": 0, "text": text}] * 5, *chat(40)[21:]]
        for text in ("<Bild>", "<Media omitted>")
    )
    found = yield one, [r | {"at": r["at"] // 60 * 60, "precision": "minute"} for r in other]
    assert relations_in(found) == {"agreement", "doubtful"}


def test_equal_words_under_one_rounded_id_are_several_messages() -> Comparing:
    rows = [
        r | {"message_id": str(7 * 10**17 + i), "local_id": i}
        for i, r in enumerate(said(chat(), {8: "好的", 30: "好的"}))
    ]
    rounded = [r | {"message_id": str(7 * 10**17)} for r in rows]
    assert relations_in((yield rows, rounded)) == {"agreement"}

"""A recall notice explains the message that was recalled and no other."""

from pathlib import Path
from random import Random

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.frames import Findings
from reconcile.intake.contract import Reading
from reconcile.intake.frames import messages_of, reading_of
from tests.build.chats import (
    PEOPLE,
    Row,
    as_tables,
    chat,
    drawn_chat,
    held,
    held_direct,
    relations_in,
    relations_of_unpaired,
    sentence,
    set_by,
    short_row,
    state_of,
    untimed,
    with_longer_text,
)
from tests.build.together import Asking, Comparing


def recall_notice(at: float, who: int) -> dict[str, object]:
    return {"at": at, "who": who, "text": "", "kind": "recall"}


def recalled_in_room(holder_notice: str, contacts: list[Row]) -> Findings:
    """A row of the first member alone, and half a minute later on both devices a notice that the third took a message back."""
    rows = chat(people=3)
    alone, notice = rows[12], {"at": rows[12]["at"] + 30, "who": None, "kind": "recall"}
    whole = held([*rows[:13], notice | {"text": holder_notice}, *rows[13:]], 0)
    short = held([*rows[:12], notice | {"text": '"老陈" 撤回了一条消息'}, *rows[13:]], 1)
    assert alone["who"] == 0
    return compare_readings(whole, reading_of(short.facts, short.messages, contacts=contacts))


@pytest.mark.parametrize("has_times", [True, False])
def test_recalls_that_the_other_side_alone_shows_explain_no_words_that_their_author_still_shows(
    *, has_times: bool
) -> Comparing:
    rows = drawn_chat()
    at = float(str(rows[20]["at"]))
    kept = [sentence(at + 5, 0, "先说一句"), sentence(at + 12, 0, "再说一句")]
    notices = [recall_notice(at + 40, 0), recall_notice(at + 90, 0)]
    found = yield as_tables(rows + kept, rows + notices, has_times=has_times)
    assert relations_of_unpaired(found) == {"先说一句": "one_sided", "再说一句": "one_sided"}


def test_a_recall_of_one_party_explains_no_row_of_the_other() -> Comparing:
    rows = drawn_chat()
    at = float(str(rows[20]["at"]))
    found = yield as_tables([*rows, sentence(at + 5, 1, "我欠你五万元")], [*rows, recall_notice(at + 30, 0)])
    assert found.verdicts["grade"].to_list() == ["one_sided"]


@pytest.mark.parametrize(("who", "relation"), [(0, "doubtful"), (1, "set_aside")])
def test_ones_own_row_beside_ones_own_notice_of_that_recall_may_be_another_message(
    who: int, relation: str
) -> Comparing:
    rows = drawn_chat()
    at = float(str(rows[20]["at"]))
    both = [*rows, recall_notice(at + 7, who)]
    assert relations_of_unpaired((yield as_tables([*both, sentence(at + 1, who, "我欠你五万元")], both))) == {
        "我欠你五万元": relation
    }


@pytest.mark.parametrize(("who", "relation"), [(0, "one_sided"), (1, "doubtful")])
def test_a_recall_that_both_sides_show_under_a_third_id_may_be_of_words_that_a_client_kept(
    who: int, relation: str
) -> Comparing:
    rows = [r | {"id": str(6116895530414900100 + i)} for i, r in enumerate(drawn_chat())]
    at = float(str(rows[20]["at"]))
    both = [*rows, recall_notice(at + 6, who) | {"id": "6116895530414900001"}]
    mine = [*both, sentence(at + 5, who, "我欠你五万元") | {"id": "6116895530414900002"}]
    assert relations_of_unpaired((yield as_tables(mine, both))) == {"我欠你五万元": relation}


def test_a_recall_under_one_id_explains_no_message_with_another_id() -> Comparing:
    rows = drawn_chat()
    at = float(str(rows[20]["at"]))
    both = [*rows, recall_notice(at + 30, 0) | {"id": "6116895530414900001"}]
    mine = [*both, sentence(at + 5, 0, "我欠你五万元") | {"id": "6116895530414900002"}]
    found = yield as_tables(mine, both)
    assert found.verdicts["grade"].to_list() == ["one_sided"]


def test_words_that_their_author_still_shows_are_in_doubt_where_the_other_side_shows_the_notice_in_their_place(
    tmp_path: Path,
) -> None:
    names = {"wxid_a001": "甲方", "wxid_b001": "乙方", "wxid_c001": "丙方"}

    def side(own: str, *changed: tuple[int, str | None, str]) -> Reading:
        rows: list[tuple[int, str | None, str]] = [(i, list(names)[i % 3], f"第{i}条，材料放在门口") for i in range(30)]
        rows = [next((c for c in changed if c[0] == i), (i, who, text)) for i, who, text in rows]
        lines = [
            f"2023-02-06 14:{i // 3:02},{who or ''},{names.get(who or '', '')},{'' if who is None else str(who == own).lower()},{'recall' if who is None else 'text'},{text},1@chatroom"
            for i, who, text in rows
        ]
        file = tmp_path / f"{own}.csv"
        file.write_text("\n".join(["sent_at,sender,sender_name,is_self,kind,text,conversation", *lines]), "utf-8")
        return read(file)

    # Each side holds its owner's message still and shows the notice of the other's.
    left = side("wxid_a001", (15, "wxid_a001", "好"), (19, None, "“乙方” 撤回了一条消息"))
    right = side("wxid_b001", (15, None, "“甲方” 撤回了一条消息"), (19, "wxid_b001", "行"))
    found = compare_readings(left, right)
    assert found.verdicts["grade"].to_list() == ["cannot_determine"]


@pytest.mark.parametrize("is_longer", [False, True])
def test_a_row_beside_a_setting_of_the_clock_is_recalled_where_its_notice_says_so(is_longer: bool) -> Comparing:
    rows = chat()
    gone, notice = short_row(1210, 1, "起飞"), {"at": 1212, "who": None, "text": "你撤回了一条消息", "kind": "recall"}
    few = [short_row(1225, 0, "哦"), short_row(1240, 1, "行")]
    right = set_by([*rows[:21], notice, *few, *rows[21:]], 21, 99, 3600)
    left = [*rows[:21], gone, *few, *rows[21:]]
    found = yield held_direct(with_longer_text(left) if is_longer else left, 0), held_direct(right, 1)
    assert state_of(found, "起飞", "left") == ("set_aside", "recalled")


def test_a_notice_of_a_recall_is_not_the_notice_of_a_joining_beside_it() -> Comparing:
    rows = chat(40, people=3)
    recall = {"at": 605, "who": None, "text": '"王甲" 撤回了一条消息', "kind": "recall"}
    came = {"at": 605, "who": None, "text": '"王甲"邀请"李乙"加入了群聊', "kind": "system"}
    found = yield [*rows[:11], recall, *rows[11:]], [*rows[:11], came, *rows[11:]]
    assert relations_in(found) == {"agreement", "set_aside"}


def test_a_notice_whose_name_is_that_of_another_contact_explains_no_row() -> None:
    found = recalled_in_room("系统消息", [{"id": PEOPLE[2], "remark": "老陈"}])
    assert state_of(found, chat(people=3)[12]["text"], "left")[0] == "one_sided"


def test_a_notice_explains_no_row_of_an_owner_whose_own_notice_of_that_moment_names_another() -> None:
    assert state_of(recalled_in_room('"陈工" 撤回了一条消息', []), chat(people=3)[12]["text"], "left")[0] == "one_sided"


def test_a_notice_of_a_name_nobody_is_known_by_still_explains_a_row() -> None:
    assert state_of(recalled_in_room("系统消息", []), chat(people=3)[12]["text"], "left") == ("set_aside", "recalled")


def recalled_on_both(alone: Row, ids: tuple[str | None, str | None]) -> Asking[tuple[str, str | None]]:
    """State of a row that the left alone holds, 40 s before a notice of both sides and with other words behind it.

    `ids`: the server id of the row, and of the notice on the left.
    """
    rows = chat()
    notices = [
        {"at": alone["at"] + 40, "who": None, "kind": "recall", "text": t}
        for t in ('"乙" 撤回了一条消息', "你撤回了一条消息")
    ]
    later = {"at": alone["at"] + 50, "who": 1, "text": "晚上再打电话给你"}
    kept = [*rows[:13], alone | {"message_id": ids[0]}, notices[0] | {"message_id": ids[1]}, later, *rows[14:]]
    found = yield kept, [*rows[:13], notices[1], later, *rows[14:]]
    return state_of(found, alone["text"], "left")


ALONE: Row = {"at": 725.0, "who": 1, "text": "我同意付五万元"}


@pytest.mark.parametrize(
    ("ids", "relation"),
    [
        (("7100000000000000001", "7100000000000000001"), "set_aside"),
        ((None, None), "set_aside"),
        (("7100000000000000001", "7100000000000000002"), "doubtful"),
    ],
)
def test_a_message_was_recalled_unless_the_notice_bears_another_id(
    ids: tuple[str | None, str | None], relation: str
) -> Comparing:
    assert (yield from recalled_on_both(ALONE, ids))[0] == relation


def test_words_and_a_notice_with_their_id_recall_nothing_if_the_other_side_shows_no_recall() -> Comparing:
    rows = chat()
    forged = ALONE | {"message_id": "7100000000000000001"}
    notice = {
        "at": 755.0,
        "who": None,
        "kind": "recall",
        "text": '"乙" 撤回了一条消息',
        "message_id": forged["message_id"],
    }
    other = {"at": 900.5, "who": None, "kind": "system", "text": "以上是打招呼的内容"}
    found = yield [*rows[:13], forged, notice, *rows[13:]], [*rows[:16], other, *rows[16:]]
    assert state_of(found, ALONE["text"], "left")[0] in {"doubtful", "one_sided"}


def with_notices(rows: list[Row], owner: int, notices: dict[int, str]) -> Reading:
    """The export of one owner, with a notice behind each of these rows."""
    told: list[Row] = []
    for i, row in enumerate(rows):
        told.append(row)
        if i in notices:
            told.append({"at": row["at"] + 3, "who": None, "text": notices[i], "kind": "recall"})
    return held_direct(told, owner)


OWN, OTHER = "你撤回了一条消息", '"对方" 撤回了一条消息'


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        ({9: OWN, 20: OWN}, {9: OTHER, 20: OTHER}, "agreement"),
        ({9: OWN, 20: OWN}, {9: OTHER}, "doubtful"),
        ({9: OWN}, {9: OTHER, 20: OWN}, "doubtful"),
        ({20: OWN}, {}, "set_aside"),
    ],
)
def test_a_recall_that_one_side_alone_shows_is_in_doubt_where_both_show_recalls(
    left: dict[int, str], right: dict[int, str], relation: str
) -> Comparing:
    rows = chat(40)
    found = yield with_notices(rows, 0, left), with_notices(rows, 1, right)
    assert relations_in(found) - {"agreement"} == {relation} - {"agreement"}


def test_two_notices_that_name_two_persons_for_one_recall_are_in_doubt() -> Comparing:
    rows = chat(40)
    mine, theirs = with_notices(rows, 0, {9: OWN, 20: OWN}), with_notices(rows, 1, {9: OTHER, 20: OWN})
    assert "doubtful" in relations_in((yield mine, theirs))


MEMBERS = ("甲", "乙", "丙")


@pytest.mark.parametrize(("sender", "relation"), [(0, "agreement"), (1, "doubtful")])
def test_a_notice_that_names_a_member_by_a_remark_is_of_whom_its_row_shows(sender: int, relation: str) -> Comparing:
    rows = chat(40, people=3)

    def noticed(who: int, name: str) -> list[Row]:
        notice = {"at": rows[9]["at"] + 3, "who": who, "text": f'"{name}" 撤回了一条消息', "kind": "recall"}
        return [*rows[:10], notice, *rows[10:]]

    left = held(noticed(0, "甲"), 2)
    named = left.messages.with_columns(pl.col("sender").replace(dict(zip(PEOPLE, MEMBERS, strict=True))))
    found = yield reading_of(left.facts, messages_of(named)), held(noticed(sender, "乙"), 2)
    assert relations_in(found) - {"agreement"} == {relation} - {"agreement"}


def test_notices_of_two_owners_in_one_minute_of_a_group_are_two_recalls() -> Comparing:
    rows = [r | {"precision": "minute"} for r in chat(40, people=3)]

    def noticed(texts: tuple[str, str], owner: int) -> Reading:
        notices = [
            {"at": rows[9]["at"], "who": None, "text": t, "kind": "recall", "precision": "minute"} for t in texts
        ]
        return held([*rows[:10], *notices, *rows[10:]], owner)

    found = yield noticed((OWN, f'"{PEOPLE[1]}" 撤回了一条消息'), 0), noticed((f'"{PEOPLE[0]}" 撤回了一条消息', OWN), 1)
    pairs = found.alignment.filter(pl.col("left_row").is_in([10, 11])).select("left_row", "right_row")
    assert sorted(pairs.rows()) == [(10, 10), (11, 11)]
    assert relations_in(found) == {"agreement"}


@pytest.mark.parametrize(("apart", "found"), [(124, {"agreement", "set_aside"}), (900, {"agreement", "doubtful"})])
def test_two_devices_may_give_one_recall_the_time_of_the_message_or_its_own(apart: int, found: set[str]) -> Comparing:
    rows = [r | {"at": 20 * i} for i, r in enumerate(chat(80))]
    notices = [
        {"at": 20 * at + 5 + late, "who": None, "kind": "recall", "text": text}
        for at in (8, 20)
        for text, late in (("你撤回了一条消息", 0), ('"乙" 撤回了一条消息', apart if at == 20 else 0))
    ]
    sides = [sorted([*rows, *notices[i::2]], key=lambda r: r["at"]) for i in (0, 1)]
    assert relations_in((yield sides[0], sides[1])) == found


@pytest.mark.parametrize(
    ("said", "relation"), [(("你去告我好了",), "set_aside"), (("尾款我不付了", "你去告我好了"), "doubtful")]
)
def test_where_times_are_minutes_a_notice_explains_the_one_message_that_it_may_follow(
    said: tuple[str, ...], relation: str
) -> Comparing:
    rows = chat(30)
    at = 60 * (rows[20]["at"] // 60) + 120
    kept = [{"at": at + 20 + n, "who": 1, "kind": "text", "text": words} for n, words in enumerate(said)]
    notice = {"at": at + 70, "who": None, "kind": "recall", "text": "你撤回了一条消息"}
    early, late = [r for r in rows if r["at"] < at], [r | {"at": r["at"] + 600} for r in rows if r["at"] >= at]
    seen = [*early, *kept, notice | {"text": '"乙" 撤回了一条消息'}, *late]
    minutes = [r | {"at": 60 * (r["at"] // 60)} for r in seen]
    short = held_direct([*early, notice, *late], 1)
    whole = held_direct(minutes, 0)
    rounded = whole.messages.with_columns(
        pl.lit("minute").cast(whole.messages["time_precision"].dtype).alias("time_precision")
    )
    found = yield reading_of(whole.facts, messages_of(rounded)), short
    assert relations_of_unpaired(found) == dict.fromkeys(said, relation)


def test_a_notice_explains_no_message_of_the_next_minute_that_stands_behind_it() -> Comparing:
    rows = [r | {"at": 60 * (r["at"] // 60)} for r in chat(30)]
    early, late, at = rows[:20], [r | {"at": r["at"] + 600} for r in rows[20:]], rows[19]["at"] + 120
    notices = [
        {"at": at, "who": None, "kind": "recall", "text": text} for text in ('"乙" 撤回了一条消息', "你撤回了一条消息")
    ]
    offer = {"at": at + 60, "who": 1, "kind": "text", "text": "补你三千，这事就过去了"}
    sides = []
    for owner, seen in ((0, [*early, notices[0], offer, *late]), (1, [*early, notices[1], *late])):
        read_side = held_direct(seen, owner)
        unit = pl.lit("minute").cast(read_side.messages["time_precision"].dtype).alias("time_precision")
        sides.append(reading_of(read_side.facts, messages_of(read_side.messages.with_columns(unit))))
    found = yield sides[0], sides[1]
    assert relations_of_unpaired(found) == {"补你三千，这事就过去了": "one_sided"}


def test_notices_some_time_apart_stay_in_doubt_where_words_beside_them_are_set_aside_as_recalled() -> Comparing:
    rows = [r | {"at": 20 * i} for i, r in enumerate(chat(80))]
    own, other = (
        [
            {"at": at + late, "who": None, "kind": "recall", "text": text}
            for at, late in zip((160, 800), waits, strict=True)
        ]
        for text, waits in (("你撤回了一条消息", (5, 5)), ('"甲" 撤回了一条消息', (9, 129)))
    )
    kept = {"at": 20 * 40 + 2, "who": 0, "text": "水电费交了"}
    left, right = (sorted([*rows, *more], key=lambda r: r["at"]) for more in ([*own, kept], other))
    found = yield left, right
    assert relations_in(found) == {"agreement", "set_aside", "doubtful"}


@pytest.mark.parametrize(("again", "doubted"), [((), []), ((110,), ["recall"])])
def test_a_notice_in_place_of_the_words_and_one_at_the_recall_are_of_one_recall(
    again: tuple[int, ...], doubted: list[str]
) -> Comparing:
    rows = [r | {"at": 20 * i} for i, r in enumerate(chat(80))]
    at = 20 * 40 + 2
    said = {"at": at, "who": 0, "text": "水电费交了"}

    def told(text: str, *times: int) -> list[Row]:
        return [{"at": at, "who": None, "kind": "recall", "text": text} for at in times]

    own = told("你撤回了一条消息", 165, at)
    # The other client shows the recall half a minute later and keeps the words.
    other = [said, *told('"甲" 撤回了一条消息', 169, at + 30, *(at + late for late in again))]
    left, right = (sorted([*rows, *more], key=lambda r: r["at"]) for more in (own, other))
    found = yield left, right
    alignment = found.alignment.filter(pl.col("relation") == "doubtful")
    kinds = alignment.join(found.messages.filter(pl.col("side") == "right"), left_on="right_row", right_on="row")[
        "kind"
    ]
    assert kinds.to_list() == doubted


@pytest.mark.parametrize("blanks", ["", " " * 60])
def test_a_notice_with_the_id_of_a_message_is_no_copy_of_it_whichever_side_has_the_longer_texts(
    blanks: str,
) -> Comparing:
    rng = Random(7)
    rows = [r | {"at": 100 * r["at"], "message_id": str(rng.randrange(10**18, 9 * 10**18))} for r in chat(40, 3)]
    notice = rows[12] | {"who": None, "text": '"吴老板" 撤回了一条消息', "kind": "recall"}
    recalled = [rows[0] | {"text": f"{rows[0]['text']}{blanks}"}, *rows[1:12], notice, *rows[13:]]
    found = yield held(rows, 1), held(recalled, 0)
    told = found.alignment.filter(pl.col("left_row") == 12)
    assert told.select("right_row", pl.col("relation").cast(pl.String)).rows() == [(None, "doubtful")]


@pytest.mark.parametrize(("name", "told"), [("小郝", "doubtful"), ("老卢", "one_sided")])
def test_a_client_may_call_its_owner_by_name_in_the_notice_of_a_recall(name: str, told: str) -> Comparing:
    """The owner's export shows the notice, and the other one, which shows none, kept the words."""
    rows = chat()
    named = pl.when(pl.col("sender") == PEOPLE[0]).then(pl.lit("小郝")).otherwise(pl.lit("老卢")).alias("sender_name")
    notice = recall_notice(rows[12]["at"] + 8, 0) | {"text": f"{name} 撤回了一条消息"}
    short = held([*rows[:12], notice, *rows[13:]], 0)
    whole = held(rows, 1)
    left, right = (reading_of(r.facts, messages_of(r.messages.with_columns(named))) for r in (short, whole))
    found = yield left, right
    assert state_of(found, rows[12]["text"], "right")[0] == told


@pytest.mark.parametrize("behind", [1, 2])
def test_a_notice_in_the_place_of_a_deleted_message_explains_no_other_message_beside_it(
    tmp_path: Path, behind: int
) -> None:
    said = [
        f"{9 + i // 30:02}:{2 * i % 60:02} - {('Anna', 'Ben', 'Carol')[i % 3]}: {w} of many words"
        for i, w in enumerate("abcdefghijklmnopqrst")
    ]
    lines = ["09:10 - Anna: This message was deleted" if i == 5 else line for i, line in enumerate(said)]
    lines.insert(5 + (behind == 1), "09:10 - Anna: You owe me five thousand")
    for name, kept in (("left.txt", lines), ("right.txt", [r for r in lines if "five thousand" not in r])):
        (tmp_path / name).write_text("".join(f"1/27/24, {line}\n" for line in kept), "utf-8")
    found = compare_readings(read(tmp_path / "left.txt"), read(tmp_path / "right.txt"))
    assert relations_of_unpaired(found) == {"You owe me five thousand": "one_sided"}


def test_words_that_one_client_kept_are_in_doubt_where_their_authors_file_without_times_shows_the_recall() -> Comparing:
    rows = drawn_chat()
    at = float(str(rows[20]["at"]))
    notice, kept = recall_notice(at + 5, 0), sentence(at + 5, 0, "先别签字")
    place = next(i for i, r in enumerate(rows) if float(str(r["at"])) > at)
    mine = [*rows[:place], notice | {"text": "你撤回了一条消息"}, *rows[place:]]
    found = yield untimed(mine, 0), held_direct([*rows[:place], kept, *rows[place:]], 1)
    assert state_of(found, "先别签字", "right") == ("doubtful", "indistinguishable")


def test_a_notice_under_the_id_of_another_sides_card_is_that_card_in_doubt() -> Comparing:
    rows = [r | {"message_id": str(10**18 + 7**18 % (i + 3) + 10**15 * i)} for i, r in enumerate(chat())]
    card, notice = ({"text": "推荐给你的卡片", "kind": "link"}, {"text": "以上是新的提示", "kind": "system"})
    found = yield (
        [r | card if i == 12 else r for i, r in enumerate(rows)],
        [r | notice if i == 12 else r for i, r in enumerate(rows)],
    )
    assert state_of(found, "推荐给你的卡片", "left") == ("doubtful", "weak_match")

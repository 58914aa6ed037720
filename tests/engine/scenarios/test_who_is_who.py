"""Whether the senders that the messages suggest are those that the two exports state."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl
import pytest

from reconcile.frames import Contacts, Findings, Messages
from reconcile.intake.contract import ExportFacts, Owner, Reading
from reconcile.intake.frames import frame_of, messages_of, reading_of
from tests.build.chats import Row, beside_other_chat, chat, export, relations_in
from tests.build.together import Comparing

TWO = chat(24)
FOUR = [r | {"who": i % 4} for i, r in enumerate(TWO)]


def exchanged(rows: Sequence[Row]) -> list[Row]:
    return [r | {"who": 1 - r["who"]} for r in rows]


def shifted(rows: Sequence[Row]) -> list[Row]:
    return [r | {"at": r["at"] + 1} for r in rows]


def doubted(found: Findings) -> int:
    return found.alignment.filter(pl.col("relation").cast(pl.String) == "doubtful").height


ACCOUNTS = ("wxid_aaaaaaaa", "wxid_bbbbbbbb")


@pytest.mark.parametrize("marks", [True, False])
def test_where_one_side_exchanged_all_senders_and_both_state_accounts_every_message_is_in_conflict(
    marks: bool,
) -> Comparing:
    left = export(TWO, ACCOUNTS, 0 if marks else None)
    right = export(exchanged(TWO), ACCOUNTS, 1 if marks else None)
    assert relations_in((yield left, right)) == {"conflict"}
    assert relations_in((yield right, left)) == {"conflict"}


def test_one_account_is_one_sender_though_another_label_of_one_export_bears_its_name() -> Comparing:
    accounts = ("wxid_aaaaaaaa", "wxid_bbbbbbbb", "wxid_cccccccc", "wxid_dddddddd", "湛佩佩")
    rows = [r | {"who": 4 if i % 2 else i // 2 % 4} for i, r in enumerate(chat(80))]
    joined = [r | {"who": 0 if r["who"] == 4 else r["who"]} for r in rows]

    def shown(told: Sequence[Row], *names: str | None) -> Reading:
        reading = export(told, accounts, kind="group")
        name = pl.col("sender").replace_strict(dict(zip(accounts, names, strict=True)), return_dtype=pl.String)
        return replace(reading, messages=Messages.cast(reading.messages.with_columns(name.alias("sender_name"))))

    found = yield shown(rows, "我", "丙", "丁", "戊", None), shown(joined, "湛佩佩", "我", "丁", "戊", None)
    assert relations_in(found) == {"agreement"}


def test_owner_marks_that_are_wrong_on_every_row_accuse_nobody_beside_right_accounts() -> Comparing:
    found = yield export(TWO, ACCOUNTS, 0), export(shifted(TWO), ACCOUNTS, 0)
    assert relations_in(found) == {"agreement"}


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        # A chat without names is named after its peer.
        ((None, None), (None, None), "agreement"),
        (("陈静", "王姐"), ("王强", "小陈"), "doubtful"),
        # Two devices of one person.
        (("陈静", "王姐"), ("陈静", "王强"), "agreement"),
        (("陈静", "王姐"), ("静静", "王姐"), "agreement"),
    ],
)
def test_marks_that_call_both_owners_one_person_are_in_doubt_unless_a_name_says_so_too(
    left: tuple[str | None, ...], right: tuple[str | None, ...], told: str
) -> Comparing:
    found = yield export(TWO, left, 0), export(shifted(TWO), right, 0)
    assert relations_in(found) == {told}


def test_two_owners_of_one_nickname_are_in_no_doubt() -> Comparing:
    found = yield export(TWO, ("A", "老王"), 0), export(TWO, ("小陈", "A"), 1)
    assert relations_in(found) == {"agreement"}
    assert found.verdicts["tests_not_possible"].to_list() == [[]]


@pytest.mark.parametrize(("change", "told"), [(exchanged, 24), (shifted, 0)])
def test_names_in_the_notices_of_a_new_friend_say_who_is_who(change: object, told: int) -> Comparing:
    left = export(TWO, ("陈静", "王姐"), notice="你已添加了王强，现在可以开始聊天了。")
    right = export(change(TWO), ("小陈", "王强"), notice="陈静已通过你的朋友验证请求，现在可以开始聊天了")  # type: ignore[operator]
    found = yield left, right
    assert doubted(found) == told
    assert "conflict" not in relations_in(found)
    assert found.verdicts["tests_not_possible"].to_list() == [[]]


def test_where_nothing_but_the_messages_says_who_is_who_the_verdict_says_so() -> Comparing:
    found = yield export(TWO, ("陈静", "王姐")), export(TWO, ("小陈", "王强"))
    assert relations_in(found) == {"agreement"}
    assert found.verdicts["tests_not_possible"].to_list() == [["who_is_who"]]


@pytest.mark.parametrize(
    "shown",
    [
        ("甲", "乙", "乙", "丁"),  # all of the third person's messages under the second's name
        ("甲", "乙", "甲", "丁"),  # under the opponent's own name
    ],
)
def test_a_member_whose_messages_all_stand_under_another_members_name_is_in_doubt(shown: tuple[str, ...]) -> Comparing:
    left, right = export(FOUR, ("甲", "乙", "丙", "丁"), kind="group"), export(FOUR, shown, kind="group")
    for found in ((yield left, right), (yield right, left)):
        assert doubted(found) == 6
        assert "conflict" not in relations_in(found)


def test_a_member_whose_later_messages_stand_under_a_new_name_is_in_doubt() -> Comparing:
    split = [r | {"who": 4} if r["who"] == 2 and i > 8 else r for i, r in enumerate(FOUR)]
    names = ("甲", "乙", "丙", "丁")
    found = yield export(FOUR, names, kind="group"), export(split, (*names, "丙(代)"), kind="group")
    assert relations_in(found) == {"agreement", "doubtful"}


MEMBERS = ("甲", "乙", "丙", "丁", "丙的新名字")
LONG = [r | {"who": i % 4} for i, r in enumerate(chat(64))]


def test_a_member_whose_names_follow_each_other_is_one_person() -> Comparing:
    renamed = [r | {"who": 4} if r["who"] == 2 and i > 30 else r for i, r in enumerate(LONG)]
    for left, right in ((LONG, renamed), (renamed, LONG)):
        found = yield export(left, MEMBERS, kind="group"), export(right, MEMBERS, kind="group")
        assert relations_in(found) == {"agreement"}


def test_a_name_that_stands_amid_a_member_s_usual_one_is_in_doubt() -> Comparing:
    amid = [r | {"who": 4} if r["who"] == 2 and 20 < i < 50 else r for i, r in enumerate(LONG)]
    found = yield export(LONG, MEMBERS, kind="group"), export(amid, MEMBERS, kind="group")
    assert doubted(found) == sum(r["who"] == 4 for r in amid)


@pytest.mark.parametrize(
    "shown",
    [
        ("wxid_a1", "wxid_b2", "wxid_c3", "wxid_d4"),  # accounts, where the other side shows one name for two people
        ("老甲", "老乙", "工头", "丁姐"),  # remarks that nobody else knows
        ("甲", "乙", "工头", "丙"),  # one name that each side gives to another member
    ],
)
def test_remarks_and_members_of_one_name_are_in_no_doubt(shown: tuple[str, ...]) -> Comparing:
    other = ("甲", "乙", "乙", "丁") if shown[0] == "wxid_a1" else ("甲", "乙", "丙", "丁")
    found = yield export(FOUR, shown, kind="group"), export(FOUR, other, kind="group")
    assert relations_in(found) == {"agreement"}


def test_two_members_whose_names_are_exchanged_are_in_doubt() -> Comparing:
    left, right = (export(FOUR, names, kind="group") for names in (("甲", "乙", "丙", "丁"), ("甲", "乙", "丁", "丙")))
    assert doubted((yield left, right)) == 12


@pytest.mark.parametrize(("rows", "told"), [((9,), 1), ((), 0), (range(24), 0)])
def test_a_row_that_shows_another_person_s_name_beside_its_account_is_in_doubt(
    rows: Sequence[int], told: int
) -> Comparing:
    shown = [("小陈", "王强")[1 - r["who"] if i in rows else r["who"]] for i, r in enumerate(TWO)]
    right = export(TWO, ACCOUNTS, 1)
    named = reading_of(right.facts, messages_of(right.messages.with_columns(pl.Series("sender_name", shown))))
    found = yield export(TWO, ACCOUNTS, 0), named
    assert (doubted(found), relations_in(found)) == (told, {"agreement", "doubtful"} if told else {"agreement"})


def test_a_row_whose_owner_mark_is_another_s_beside_its_account_is_not_in_agreement() -> Comparing:
    right = export(TWO, ACCOUNTS, 1)
    mark = pl.when(pl.int_range(pl.len()) == 9).then(~pl.col("is_self")).otherwise("is_self").alias("is_self")
    odd = reading_of(right.facts, messages_of(right.messages.with_columns(mark)))
    found = yield export(TWO, ACCOUNTS, 0), odd
    assert found.alignment.filter(pl.col("relation").cast(pl.String) != "agreement").height == 1


def test_a_remark_that_is_also_the_other_owners_remark_is_in_no_doubt_beside_the_name_its_bearer_chose() -> Comparing:
    left = export(TWO, ACCOUNTS, 0)
    contacts = frame_of(Contacts, [{"id": ACCOUNTS[1], "remark": "前同事", "nickname": "老唐"}])
    right = export(TWO, ("前同事", "老唐"))
    assert relations_in((yield replace(left, contacts=contacts), right)) == {"agreement"}


@pytest.mark.parametrize("name", ["lizmat", "老唐"])
def test_an_owner_who_is_shown_by_a_name_in_the_form_of_an_account_has_the_chat_that_holds_his_messages(
    name: str,
) -> Comparing:
    """The other export has a chat with his account, and one more with somebody else."""
    left = export(TWO, (name, ACCOUNTS[1]), 0)
    shown = pl.when(pl.col("sender") == name).then(pl.lit(name)).otherwise(pl.lit("小陈")).alias("sender_name")
    left = reading_of(
        left.facts, messages_of(left.messages.with_columns(shown, pl.lit(ACCOUNTS[1]).alias("conversation")))
    )
    right = beside_other_chat(export(TWO, ACCOUNTS, 1), [3.0])
    keyed = pl.when(pl.col("conversation") == "chat").then(pl.lit(ACCOUNTS[0])).otherwise("conversation")
    right = reading_of(right.facts, messages_of(right.messages.with_columns(keyed.alias("conversation"))))
    found = (yield left, right).alignment["relation"].cast(pl.String)
    assert (found == "agreement").sum() == len(TWO)


def test_rows_under_the_owners_name_are_his_own_also_where_others_show_his_account() -> Comparing:
    """One of his devices shows names, and the other one, of which a row of another chat is left, accounts."""
    rows = [r | {"at": 600 * i} for i, r in enumerate(TWO)]
    named = beside_other_chat(export(rows, ("杨帆", "宋佳")), [3.0])
    own = pl.when(pl.col("conversation") != "chat").then(pl.lit(ACCOUNTS[0])).otherwise("sender").alias("sender")
    owner = Owner(id=ACCOUNTS[0], name="杨帆")
    left = reading_of(ExportFacts("message_table", owner=owner), messages_of(named.messages.with_columns(own)))
    late = sorted([r | {"at": r["at"] + (4000 if i == 10 else 0)} for i, r in enumerate(rows)], key=lambda r: r["at"])
    found = (yield left, export(late, ACCOUNTS, 1)).alignment.filter(pl.col("left_row") == 10)
    assert found["cause"].cast(pl.String).to_list() == ["late_delivery"]


def test_one_name_that_each_export_gives_to_another_member_shows_no_two_senders_of_a_message() -> Comparing:
    rows = [r | {"who": i % 4} for i, r in enumerate(chat(80))]
    left = export(rows, ("Anna", "Ben", "老王", "小李"), kind="group")
    right = export(rows, ("Anna", "Ben", "阿明", "老王"), kind="group")
    one = pl.when(pl.col("text") == rows[42]["text"]).then(pl.lit("老王"))
    right = replace(right, messages=Messages.cast(right.messages.with_columns(sender=one.otherwise("sender"))))
    assert rows[42]["who"] == 2
    assert relations_in((yield left, right)) == {"agreement", "doubtful"}

"""Of columns that may tell who sent, when and what kind, the one that the values bear out is chosen."""

import contextlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import docx
import pytest

import reconcile
from reconcile.engine.compare import compare_readings
from reconcile.errors import ReconcileError, UsageError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from tests.build.readings import read_text
from tests.thorough import meeting, some

AT = [datetime(2024, 3, 5, 9, 12, 31, tzinfo=UTC) + timedelta(minutes=37 * i) for i in range(16)]
WORDS = [
    f"{w} {n}" for n in ("now", "then") for w in ("one", "two three", "four", "five six", "7", "8?", "nine", "ten")
]


def read(path: Path, rows: list[dict[str, Any]]) -> Reading:
    path.write_text(json.dumps(rows), "utf-8")
    return identify(all_readers(), Source(path)).read(Source(path), ReadOptions())


def rows(**more: Any) -> list[dict[str, Any]]:
    """Rows of time and words, and further fields by the number of the row."""
    return [
        {"t": str(t), "w": w, **{k: f(i) for k, f in more.items()}}
        for i, (t, w) in enumerate(zip(AT, WORDS, strict=True))
    ]


def test_the_column_called_a_receiver_names_nobody_who_sent(tmp_path: Path) -> None:
    said = rows(listenerId=lambda i: "ba"[i % 2], talkerId=lambda i: "ab"[i % 2], talkerName=lambda i: "AB"[i % 2])
    messages = read(tmp_path / "a.json", said).messages
    assert messages["sender"].to_list() == ["a", "b"] * 8
    assert messages["conversation"].n_unique() == 1


def test_the_time_of_storing_is_none_of_sending(tmp_path: Path) -> None:
    said = [
        {**r, "msgtime": int(t.timestamp()), "create_time": int(t.timestamp()) + 40}
        for r, t in zip(rows(n=lambda i: "AB"[i % 2]), AT, strict=True)
    ]
    for row in said:
        row.pop("t")
    assert read(tmp_path / "a.json", said).messages["sent_at"][0].second == 31


def test_a_question_for_incoming_messages_is_answered_by_the_other_side(tmp_path: Path) -> None:
    messages = read(tmp_path / "a.json", rows(IsIncoming=lambda i: i % 2 == 0)).messages
    assert messages["is_self"].to_list() == [False, True] * 8


def test_a_column_that_calls_no_ordinary_message_a_text_states_no_kinds(tmp_path: Path) -> None:
    said = rows(who=lambda i: "AB"[i % 2], type=lambda i: "Reply" if i % 3 else "Thread Starter")
    assert set(read(tmp_path / "a.json", said).messages["kind"]) == {"text"}


def test_a_month_beside_the_time_is_no_chat(tmp_path: Path) -> None:
    said = rows(sent=lambda i: i % 2 == 0, month=lambda i: f"2024-0{3 + i // 8}", person=lambda i: "Tom")
    assert read(tmp_path / "a.json", said).messages["conversation"].unique().to_list() == ["Tom"]


def test_events_between_messages_are_noted_and_tell_nobody_who_sent(tmp_path: Path) -> None:
    said = [dict(r, event="AB"[i % 2], intent="inform" if i % 2 else None) for i, r in enumerate(rows())]
    events = [{"t": r["t"], "event": "action", "name": f"listen_{i % 3}"} for i, r in enumerate(said)]
    reading = read(tmp_path / "a.json", [row for pair in zip(said, events, strict=True) for row in pair])
    assert reading.messages["text"].to_list() == WORDS
    assert reading.messages["sender"].to_list() == ["A", "B"] * 8
    assert [n.excerpt for n in reading.notes if n.code == "row_skipped"] == ["events, no messages"]


def test_an_event_of_another_shape_is_no_message(tmp_path: Path) -> None:
    said = rows(who=lambda i: "AB"[i % 2], id=lambda i: f"m{i}", lang=lambda i: "de" if i % 3 else "en")
    reading = read(tmp_path / "a.json", [{"t": str(AT[0]), "members": "A, B"}, *said])
    assert reading.messages["text"].to_list() == WORDS


def test_a_picture_without_words_and_name_stays_a_message(tmp_path: Path) -> None:
    said: list[dict[str, Any]] = rows(who=lambda i: "AB"[i % 2], file=lambda i: None)
    said[3] |= {"w": None, "who": None, "file": "media/1.jpg"}
    assert read(tmp_path / "a.json", said).messages.height == len(said)


def test_the_number_of_an_event_is_no_kind(tmp_path: Path) -> None:
    said = rows(who=lambda i: "AB"[i % 2], EventID=lambda i: 1 + i)
    assert set(read(tmp_path / "a.json", said).messages["kind"]) == {"text"}


def test_a_room_that_some_messages_name_is_a_conversation_beside_the_others(tmp_path: Path) -> None:
    told = rows(sender=lambda i: ("Anna", "Ben")[i % 2], roomid=lambda i: "r1" if i % 4 else "")
    messages = read(tmp_path / "a.json", told).messages
    assert messages.group_by("conversation").len().sort("len")["len"].to_list() == [4, 12]


def test_no_kind_and_no_subject_sends_a_message(tmp_path: Path) -> None:
    said = [
        {**r, "from": "Anna", "subject": ("Hello", "")[i % 2]}
        for i, r in enumerate(rows(type=lambda i: ("post", "reply")[i % 2])[:4])
    ]
    assert read(tmp_path / "a.json", said).messages["sender"].to_list() == ["Anna"] * 4


def test_figures_are_words_in_a_column_called_a_message(tmp_path: Path) -> None:
    said = [
        {"date": str(AT[i]), "sender": "ab"[i % 2], "message": m}
        for i, m in enumerate(["1", "2", "3", "yes, it is", "4", "5"])
    ]
    assert read(tmp_path / "a.json", said).messages["text"].to_list() == ["1", "2", "3", "yes, it is", "4", "5"]


def test_where_groups_alone_name_the_sender_the_chat_is_the_other_party_of_the_rest(tmp_path: Path) -> None:
    def chat(name: str, at: int, sender: str | None) -> dict[str, Any]:
        said = {"from_me": False, "timestamp": at, "key_id": f"K{at}", "data": f"Hello from {name}", "sender": sender}
        return {
            "name": name,
            "messages": {
                f"K{at}": said,
                f"K{at + 60}": {
                    **said,
                    "from_me": True,
                    "timestamp": at + 60,
                    "key_id": f"K{at + 60}",
                    "data": f"Hi {name}",
                    "sender": None,
                },
            },
        }

    data = {"1@s": chat("Sam", 1609459200, None), "2@g": chat("Family", 1609632000, "155@s")}
    (tmp_path / "a.json").write_text(json.dumps(data), "utf-8")
    found = (
        identify(all_readers(), Source(tmp_path / "a.json")).read(Source(tmp_path / "a.json"), ReadOptions()).messages
    )
    assert found.select("conversation", "sender", "is_self").rows() == [
        ("Sam", "Sam", False), ("Sam", None, True), ("Family", "155@s", False), ("Family", None, True),
    ]  # fmt: skip


def test_a_name_and_a_number_of_the_other_party_are_both_no_sender(tmp_path: Path) -> None:
    sent = ["outgoing", "incoming", "outgoing"]
    peers = [("John", "+1234567890"), ("John", "+1234567890"), ("Alice", "+1234567777")]
    said = [
        {"timestamp": str(t), "direction": d, "contact": name, "phone": number, "message": w}
        for t, d, (name, number), w in zip(AT, sent, peers, WORDS, strict=False)
    ]
    messages = read(tmp_path / "a.json", said).messages
    assert messages["is_self"].to_list() == [True, False, True]
    assert messages["sender"][0] != messages["sender"][1]
    assert messages["conversation"].n_unique() == 2


def test_what_a_screen_showed_of_a_message_is_not_its_words(tmp_path: Path) -> None:
    picture = (
        '<?xml version="1.0"?>\n<msg>\n\t<img aeskey="cfcd20" cdnurl="http://example.org/{}" length="300" />\n</msg>'
    )
    said: list[dict[str, Any]] = []
    for i, (at, word) in enumerate(zip(AT, WORDS, strict=True)):
        is_own, is_picture = i % 4 == 0, i % 4 == 2 or i % 8 == 4
        content = {"string": picture.format(i) if is_picture else word}
        shown = {} if is_own else {"PushContent": f"Anna of flat {i} : {'[图片]' if is_picture else word}"}
        said.append({"t": str(at), "sender": "ab"[is_own], "Data": {"Content": content, **shown}})
    messages = read(tmp_path / "a.json", said).messages
    assert messages["text"].to_list()[::8] == WORDS[::8]
    assert messages["text"].to_list()[1::4] == WORDS[1::4]


def services(**more: Any) -> list[dict[str, Any]]:
    """Rows of a customer and a staff of two, each of them naming the customer."""
    return rows(customer_name=lambda i: "Li", agent_name=lambda i: "Mei" if i % 2 else None, **more)


def test_the_party_in_all_rows_speaks_where_the_other_one_is_not_named(tmp_path: Path) -> None:
    for side in ({"origin": lambda i: 3 + 2 * (i % 2)}, {"part": lambda i: ("visitor", "staff")[i % 2]}):
        messages = read(tmp_path / "a.json", services(**side)).messages
        assert messages["sender"].to_list() == ["Li", "Mei"] * 8
        assert messages["conversation"].unique().to_list() == ["Li"]
    two = rows(
        user_id=lambda i: f"u{i // 8}",
        staff_userid=lambda i: f"s{i // 4}" if i % 2 else "",
        origin=lambda i: "ab"[i % 2],
    )
    messages = read(tmp_path / "a.json", two).messages
    assert messages["sender"].to_list() == [f"s{i // 4}" if i % 2 else f"u{i // 8}" for i in range(16)]


def test_the_party_in_some_rows_is_offered_first_where_nothing_tells_who_speaks_in_the_others(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sender: agent_name / customer_name"):
        read(tmp_path / "a.json", services())


def test_rows_that_a_code_calls_notices_are_not_the_other_party_s(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sender: .*agent_name"):
        read(tmp_path / "a.json", services(origin=lambda i: ("system", "chat")[i % 2]))


@meeting(
    words=[
        ("READ,RECEIVED", "UNREAD,RECEIVED"),
        ("AM", "PM"),
        ("true", "false"),
        ("image", "text"),
        ("Sent", "Delivered"),
    ],
    heading=["sender", "#", "who"],
)
def test_words_that_nobody_is_called_are_no_senders_under_any_heading(
    tmp_path: Path, words: tuple[str, str], heading: str
) -> None:
    # A question is as good as an answer.
    with contextlib.suppress(UsageError):
        messages = read(tmp_path / "a.json", rows(**{heading: lambda i: words[i % 2]})).messages
        assert not {*words} & {*messages["sender"]}


def test_people_in_one_run_each_beside_a_code_of_two_sides_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="sender: user_id"):
        read(tmp_path / "a.json", rows(user_id=lambda i: f"u{i // 8}", origin=lambda i: i % 2))


def test_two_columns_that_name_one_party_each_are_the_senders_and_not_the_code_beside_them(tmp_path: Path) -> None:
    said = rows(
        visitor_name=lambda i: None if i % 2 else "v7", staff_name=lambda i: "s1" if i % 2 else None,
        origin=lambda i: 3 + 2 * (i % 2),
    )  # fmt: skip
    assert read(tmp_path / "a.json", said).messages["sender"].to_list() == ["v7", "s1"] * 8


def test_people_who_deleted_or_who_are_named_in_one_of_two_lists_did_not_send(tmp_path: Path) -> None:
    said = rows(
        user=lambda i: "AB"[i % 2], deleted_by=lambda i: "C" if i % 4 > 1 else None, is_deleted=lambda i: int(i % 4 > 1)
    )
    assert read(tmp_path / "a.json", said).messages["sender"].to_list() == ["A", "B"] * 8
    said = rows(user=lambda i: "AB"[i % 2], by=lambda i: "cron" if i % 4 > 1 else None, pinned=lambda i: int(i % 4 > 1))
    assert "cron" not in read(tmp_path / "a.json", said).messages["sender"].to_list()


def test_a_column_of_remarks_sends_nothing_beside_one_of_senders(tmp_path: Path) -> None:
    said = [f"第{i}车到了" for i in range(12)]
    rows = [
        f"{i},2024-03-01 10:{i:02}:00,{('周海', '李强')[i % 2]},{w},{('', '重点', '见证据三')[i % 3]}"
        for i, w in enumerate(said)
    ]
    found = read_text(tmp_path, "\n".join(["序号,时间,发送人,消息内容,备注", *rows]) + "\n", "a.csv").messages
    assert found["sender"].to_list() == ["周海", "李强"] * 6


@pytest.mark.parametrize(("head", "is_read"), [("本表仅列周海发送的全部消息", True), ("聊天记录整理表", False)])
def test_a_sender_of_all_rows_is_believed_where_the_head_lists_nobody_else(
    tmp_path: Path, head: str, *, is_read: bool
) -> None:
    rows = [("时间", "发送人", "内容"), *((f"2024-03-01 10:{i:02}", "周海", f"第{i}车到了") for i in range(9))]
    document = docx.Document()
    document.add_paragraph(head)
    table = document.add_table(rows=0, cols=3)
    for row in rows:
        for cell, text in zip(table.add_row().cells, row, strict=True):
            cell.text = text
    document.save(str(tmp_path / "a.docx"))
    if is_read:
        assert set(reconcile.read(tmp_path / "a.docx").messages["sender"]) == {"周海"}
    else:
        with pytest.raises(ReconcileError):
            reconcile.read(tmp_path / "a.docx")


def ends(one: str, other: str, side: str = "") -> str:
    told = [("Anna", "Ben", "sent"), ("Ben", "Anna", "received")]
    rows = "".join(
        f"2024-06-03 09:{10 + i},{told[i % 2][0]},{told[i % 2][1]},word number {i}{',' + told[i % 2][2] if side else ''}\n"
        for i in range(10)
    )
    return f"Time,{one},{other},Message{',' + side if side else ''}\n{rows}"


@pytest.mark.parametrize(
    ("sender", "receiver"),
    some(
        [
            ("отправитель", "получатель"),
            ("보낸이", "받는이"),
            ("Expéditeur", "Destinataire"),
            ("Người gửi", "Người nhận"),
        ],
        2,
    ),
)
def test_the_ends_of_a_message_are_known_in_several_languages(tmp_path: Path, sender: str, receiver: str) -> None:
    written = ends(receiver, sender).replace("Anna,Ben", "Ben,Anna", 1)
    messages = read_text(tmp_path, written, "a.csv").messages
    assert messages["sender"].to_list()[1:4] == ["Anna", "Ben", "Anna"]


def test_of_two_ends_that_nothing_tells_apart_none_is_proposed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"sender: .*Party [AB].*sender=…"):
        read_text(tmp_path, ends("Party A", "Party B"), "a.csv")


def test_a_name_in_an_event_without_words_says_nothing_of_who_writes(tmp_path: Path) -> None:
    rows = [
        {"at": f"2024-06-03T09:{10 + i}:00Z", "state": "open", "owner": {"account": f"{i % 2}f3a9c{i % 2}b77d", "name": ("Anna", "Ben")[i % 2]},
         "what": {"ship": {"name": "Harbour"}, "text": f"word number {i}"}, "type": "note"}
        for i in range(12)
    ]  # fmt: skip
    rows[5] |= {"type": "move", "what": {"ship": {"name": "Harbour"}, "dock": {"name": "Done"}}}
    messages = read_text(tmp_path, json.dumps({"title": "Board", "entries": rows}), "a.json").messages
    said = messages.filter(messages["text"] != "")
    named = said["sender_name"].fill_null(said["sender"]).to_list()
    assert named == [("Anna", "Ben")[i % 2] for i in range(12) if i != 5]


def test_a_role_of_each_person_is_not_shown_in_place_of_the_name(tmp_path: Path) -> None:
    said = rows(role=lambda i: ["assistant", "user"][i % 2], name=lambda i: ["Anna", "Ben Ode"][i % 2])
    messages = read(tmp_path / "a.json", said).messages
    assert messages["sender"].to_list() == ["Anna", "Ben Ode"] * 8
    assert messages["sender_name"].null_count() == messages.height


def test_a_column_of_weekdays_names_no_sender(tmp_path: Path) -> None:
    said = rows(day=lambda i: ["周二", "周三"][i // 8], who=lambda i: ["Anna", "Ben Ode"][i % 2])
    assert set(read(tmp_path / "a.json", said).messages["sender"]) == {"Anna", "Ben Ode"}


def test_what_describes_a_person_is_no_name_of_a_sender(tmp_path: Path) -> None:
    def author(i: int) -> dict[str, Any]:
        person = {"id": "157", "name": "ann", "discriminator": "0000", "color": "#34", "avatarUrl": "https://c.d/1.png"}
        other = {"id": "268", "name": "tom", "discriminator": "0000", "color": None, "avatarUrl": "https://c.d/2.png"}
        return other if i % 2 else person

    messages = read(tmp_path / "a.json", rows(author=author)).messages
    assert messages["sender"].to_list() == ["ann", "tom"] * 8


def test_a_kind_of_media_in_every_row_describes_no_row_of_words(tmp_path: Path) -> None:
    said = rows(n=lambda i: "AB"[i % 2], content_type=lambda i: "video")
    assert read(tmp_path / "a.json", said).messages["kind"].unique().to_list() == ["text"]
    shown = [{**r, "w": f"clip {i}.mp4"} for i, r in enumerate(said)]
    assert read(tmp_path / "b.json", shown).messages["kind"].unique().to_list() == ["video"]


def test_a_number_of_a_list_of_accounts_names_the_person_in_it(tmp_path: Path) -> None:
    users = {"157000111": {"name": "ann", "tag": "1"}, "268000222": {"name": "tom", "tag": "2"}}
    said = {str(100 + i): {"u": i % 2, **r} for i, r in enumerate(rows())}
    document = {"meta": {"users": users, "userindex": [*users]}, "data": {"2": said}}
    (tmp_path / "a.json").write_text(json.dumps(document), "utf-8")
    source = Source(tmp_path / "a.json")
    reading = identify(all_readers(), source).read(source, ReadOptions())
    assert reading.messages["sender"].to_list() == [*users] * 8
    assert {c["nickname"] for c in reading.contacts.to_dicts()} == {"ann", "tom"}


@pytest.mark.parametrize("people", [["ann", "tom"], [{"name": "ann"}, {"name": "tom"}]])
def test_a_number_of_a_list_of_names_is_that_name_unless_somebody_is_silent(tmp_path: Path, people: list[Any]) -> None:
    said = rows(sender=lambda i: i % 2)
    (tmp_path / "a.json").write_text(json.dumps({"participants": people, "messages": said}), "utf-8")
    assert reconcile.read(tmp_path / "a.json").messages["sender"].to_list() == ["ann", "tom"] * 8
    (tmp_path / "b.json").write_text(json.dumps({"participants": [*people, "zoe"], "messages": said}), "utf-8")
    with pytest.raises(UsageError, match="sender"):
        reconcile.read(tmp_path / "b.json")


def test_who_has_no_name_is_called_by_the_role_and_all_others_by_their_names(tmp_path: Path) -> None:
    said = rows(
        role=lambda i: "assistant" if i % 3 == 0 else "user",
        sender_id=lambda i: None if i % 3 == 0 else f"10{i % 2}",
        sender_name=lambda i: None if i % 3 == 0 else "AB"[i % 2],
    )
    messages = read(tmp_path / "a.json", said).messages
    assert messages["sender"].to_list()[:4] == ["assistant", "101", "100", "assistant"]
    assert messages["sender_name"].to_list()[:4] == ["assistant", "B", "A", "assistant"]


def test_a_name_beside_the_account_of_the_other_party_is_shown_for_what_came_in(tmp_path: Path) -> None:
    said = rows(
        方向=lambda i: "发送" if i % 2 else "接收",
        微信号=lambda _: "anna_88",
        昵称=lambda _: "安娜",
        显示名称=lambda _: None,
    )
    messages = read(tmp_path / "a.json", said).messages
    assert messages["sender"].to_list()[:2] == ["anna_88", None]
    assert messages["sender_name"].to_list()[:2] == ["安娜", None]


def test_ends_of_a_message_are_known_by_the_verb_before_them(tmp_path: Path) -> None:
    said = rows(receiveUserId=lambda i: str(22 - i % 2), sendUserId=lambda i: str(21 + i % 2))
    assert read(tmp_path / "a.json", said).messages["sender"].to_list()[:2] == ["21", "22"]


@pytest.mark.parametrize("name", some(["sourceUuid", "contactId", "participant_id", "actor_id"], 2))
def test_ids_that_a_direction_bears_out_are_senders(name: str, tmp_path: Path) -> None:
    ids = ("9d6f-lz", "c21a-mo", "77aa-qq")
    who = [0, 1, 2, 1] * 4
    said = rows(type=lambda i: "incoming" if who[i] else "outgoing", **{name: lambda i: ids[who[i]]})
    messages = read(tmp_path / "a.json", said).messages
    assert messages["sender"].to_list() == [ids[w] for w in who]
    assert messages["is_self"].to_list() == [not w for w in who]


def test_a_talker_beside_a_room_is_who_wrote(tmp_path: Path) -> None:
    said = rows(room=lambda i: {"id": "1@chatroom"}, talker=lambda i: {"id": f"wxid_{i % 3}a", "name": "ABC"[i % 3]})
    messages = read(tmp_path / "a.json", said).messages
    assert messages["sender"].to_list() == [f"wxid_{i % 3}a" for i in range(16)]


@pytest.mark.parametrize(
    ("own", "other"),
    [("SENT,READ", "READ,RECEIVED"), ("已发送/已读", "已接收/已读"), ("Sent - Delivered", "Received - Read")],
)
def test_states_of_which_one_tells_the_side_are_a_direction_and_no_names(own: str, other: str, tmp_path: Path) -> None:
    number = "+8613812345678"
    lines = [
        ";".join(["sms", *((own, "", number) if i % 3 else (other, number, "")), str(t)[:16], w])
        for i, (t, w) in enumerate(zip(AT, WORDS, strict=True))
    ]
    messages = read_text(tmp_path, "\n".join(lines), "a.csv").messages
    assert messages["is_self"].to_list() == [bool(i % 3) for i in range(16)]
    assert messages["sender"].drop_nulls().unique().to_list() == [number]


def test_codes_beside_a_telephone_number_are_asked_about(tmp_path: Path) -> None:
    lines = [
        f"sms;{'STO SENT' if i % 3 else 'REC READ'};13812345678;{t:%F %H:%M};{w}"
        for i, (t, w) in enumerate(zip(AT, WORDS, strict=True))
    ]
    with pytest.raises(UsageError, match="sender: #2 / #3"):
        read_text(tmp_path, "\n".join(lines), "a.csv")


def test_what_names_a_receiver_alone_was_sent_by_the_owner(tmp_path: Path) -> None:
    lines = ["from;to;time;text"]
    lines += [
        f"{';+8613812345678' if i % 3 else '+8613812345678;'};{t:%F %H:%M};{w}"
        for i, (t, w) in enumerate(zip(AT, WORDS, strict=True))
    ]
    messages = read_text(tmp_path, "\n".join(lines), "a.csv").messages
    assert messages["is_self"].to_list() == [bool(i % 3) for i in range(16)]
    assert messages["kind"].unique().to_list() == ["text"]


def test_two_exports_that_both_call_their_owner_me_are_of_two_people(tmp_path: Path) -> None:
    said = [f"Please bring box {i} to the yard" for i in range(12)]
    for name, own in (("a", 0), ("b", 1)):
        who = [("Me" if i % 2 == own else f"+861521315078{own}") for i in range(12)]
        blocks = [
            f"Apr 14, 2025  7:{10 + i}:57 PM\n{w}\n{t}\n\n" for i, (w, t) in enumerate(zip(who, said, strict=True))
        ]
        (tmp_path / f"{name}.txt").write_text("".join(blocks), "utf-8")
    found = compare_readings(reconcile.read(tmp_path / "a.txt"), reconcile.read(tmp_path / "b.txt"))
    assert found.verdicts["grade"].to_list() == ["no_gap_found"]


def test_lists_above_the_lines_name_the_columns_and_the_people_of_their_numbers(tmp_path: Path) -> None:
    head = {"schema": "chat/1", "fields": ["t", "from", "text"], "members": ["ann", "tom"]}
    said = [[1_709_255_366 + 70 * i, i % 2, f"word {i} of many"] for i in range(12)]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, [head, *said])), "utf-8")
    assert reconcile.read(tmp_path / "a.jsonl").messages["sender"].to_list() == ["ann", "tom"] * 6


@pytest.mark.parametrize("channel", [["email"], ["web", "phone", "微信"]])
def test_tickets_are_told_apart_by_their_numbers_and_not_by_the_way_they_came_in(
    tmp_path: Path, channel: list[str]
) -> None:
    """Who has no name beside the only person of each is the owner."""
    people = ("Ann Lee", "Ben Ode", "Cleo Ray")
    rows = [
        f"88{k:02},2024-03-0{k + 1} 09:{i:02}:07,{'' if i % 2 else n},{WORDS[i]} {k},{channel[k % len(channel)]}"
        for k, n in enumerate(people)
        for i in range(8)
    ]
    text = "\n".join(["Ticket_ID,Date,From,Comment,Channel", *rows]) + "\n"
    for sign in (",", "~"):
        messages = read_text(tmp_path, text.replace(",", sign), f"{ord(sign)}.csv").messages
        assert messages["conversation"].unique().sort().to_list() == ["8800", "8801", "8802"]
        assert messages["is_self"].to_list() == [bool(i % 2) for _ in people for i in range(8)]


def test_a_direction_of_all_messages_tells_no_side_where_several_people_send(tmp_path: Path) -> None:
    """A server calls all that it stores outgoing. A list of what one person sent keeps its direction."""
    for people, sides in (("ab", {None}), ("aa", {True})):
        rows = [
            {"ts": 1_709_255_366 + 70 * i, "direction": "outgoing", "from": f"user_{people[i % 2]}", "to": f"user_{'ba'[i % 2]}", "msg": f"{WORDS[i % 8]} {i}"}
            for i in range(12)
        ]  # fmt: skip
        text = "\n".join(map(json.dumps, rows))
        messages = read_text(tmp_path, text, f"{people}.jsonl").messages
        assert messages["sender"].to_list() == [f"user_{people[i % 2]}" for i in range(12)]
        assert {*messages["is_self"].to_list()} == sides


def test_where_no_column_names_anybody_none_is_asked_for_and_a_table_with_foreign_names_is_inferred(
    tmp_path: Path,
) -> None:
    rows = [f"2024-03-05 10:{i:02}:07,{WORDS[i % 8]} number {i}" for i in range(12)]
    with pytest.raises(UsageError, match="sender: none; no field tells who speaks"):
        read_text(tmp_path, "at,said\n" + "\n".join(rows), "a.csv")
    told = [f"{row},{('ann', 'ben')[i % 2]},d{i % 2},pc" for i, row in enumerate(rows)]
    table = "sent_at,text,sender_username,device_id,device_name\n" + "\n".join(told)
    assert read_text(tmp_path, table, "b.csv").messages["sender"].to_list() == ["ann", "ben"] * 6


def test_a_page_or_a_number_of_each_speaker_is_no_other_sender(tmp_path: Path) -> None:
    said = [(f"2024-03-05 09:{10 + i}:07", i % 3 % 2, f"word {i} said") for i in range(24)]
    page = "".join(f"{t},{('Anna', 'Ben')[n]},{w},P{1 + i // 8}\n" for i, (t, n, w) in enumerate(said))
    number = "".join(f"{t},{('Anna', 'Ben')[n]},{('2210347756', '3007614490')[n]},{w}\n" for t, n, w in said)
    for name, rows in (("a.csv", page), ("b.csv", number)):
        messages = read_text(tmp_path, f"壹,贰,叁,肆\n{rows}", name).messages
        assert messages["text"].to_list() == [w for _, _, w in said]
        assert {*zip(messages["sender"], (n for _, n, _ in said), strict=True)} in [
            {("Anna", 0), ("Ben", 1)}, {("2210347756", 0), ("3007614490", 1)},
        ]  # fmt: skip

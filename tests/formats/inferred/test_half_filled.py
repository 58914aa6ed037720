"""Fields that are filled in some rows only, and rows of several shapes in one list."""

import json
from pathlib import Path
from typing import Any

import pytest

from reconcile.errors import UsageError
from reconcile.intake.messages.sending_times import SENT
from tests.build.readings import read, read_text

SMS = '<sms address="+1555{p}" date="{t}000" type="{k}" body="{w}" read="1" date_sent="0" locked="0" contact_name="Alice {p}" />'
MMS = """<mms address="+15551" date="{t}000" msg_box="1" m_type="132" read="1" date_sent="0" locked="0" contact_name="Alice 1">
<parts>{parts}</parts><addrs><addr address="+15551" type="137" charset="106" /></addrs></mms>"""
SMIL = '<part seq="-1" ct="application/smil" text="&lt;smil/&gt;" />'
PART = '<part seq="0" ct="text/plain" text="{w}" />'


def test_short_and_long_messages_of_a_telephone_are_one_list(tmp_path: Path) -> None:
    rows = [
        SMS.format(p=1, t=1609459200, k=1, w="how are you"), MMS.format(t=1609462800, parts=PART.format(w="one part")),
        MMS.format(t=1609462900, parts=SMIL + PART.format(w="two parts")), SMS.format(p=1, t=1609466400, k=2, w="thanks"),
        SMS.format(p=2, t=1609470000, k=3, w="a draft"),
    ]  # fmt: skip
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><smses count="5">{"".join(rows)}</smses>')
    told = read(tmp_path / "a.xml").messages.sort("sent_at")
    assert told["text"].to_list() == ["how are you", "one part", "two parts", "thanks", "a draft"]
    assert told["is_self"].to_list() == [False, False, False, True, True]
    assert told["sender"].to_list() == ["Alice 1"] * 3 + [None] * 2
    assert told["conversation"].to_list() == ["+15551"] * 4 + ["+15552"]


def test_the_time_of_sending_of_a_received_text_message_is_kept_beside_its_time(tmp_path: Path) -> None:
    said = ["how are you", "fine", "and you", "see you"]
    rows = [SMS.format(p=1, t=1609459200 + 600 * i, k=1 + (i == 1), w=w) for i, w in enumerate(said)]
    sent = [
        r.replace('date_sent="0"', f'date_sent="{1609459195 + 600 * i}000"') if i != 1 else r
        for i, r in enumerate(rows)
    ]
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><smses count="4">{"".join(sent)}</smses>')
    told = read(tmp_path / "a.xml").messages["raw"].str.json_path_match(f"$['{SENT}']")
    assert told.to_list() == ["1609459195.0", None, "1609460395.0", "1609460995.0"]


def test_a_second_column_of_times_fills_the_gaps_of_the_first(tmp_path: Path) -> None:
    def row(i: int, **time: str) -> dict[str, Any]:
        return {"id": i, "from": ("Anna", "Ben")[i % 2], "text": f"word {i}", **time}

    rows = [row(0, date="2024-03-05T10:00:00"), row(1, date="2024-03-05T10:01:00")]
    rows += [row(i, date_unixtime=str(1709604000 + 60 * i)) for i in range(2, 6)]
    (tmp_path / "a.json").write_text(json.dumps({"messages": rows}))
    reading = read(tmp_path / "a.json")
    assert reading.messages["sent_at"].diff().dt.total_seconds().drop_nulls().to_list() == [60] * 5


def test_objects_below_the_name_of_their_shape_are_rows_of_one_list(tmp_path: Path) -> None:
    def line(kind: str, i: int, **place: Any) -> str:
        said = {"user": ("anna", "ben")[i % 2], "message": f"word {i}", "create_at": 1553166512000 + 60_000 * i}
        return json.dumps({"type": kind, kind: {**place, **said}})

    lines = [line("post", i, channel=("one", "two")[i // 2]) for i in range(4)]
    lines += [line("direct_post", i, channel_members=["anna", "ben"]) for i in range(4, 8)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    rows = read(tmp_path / "a.jsonl").messages
    assert rows["text"].to_list() == [f"word {i}" for i in range(8)]
    assert rows["conversation"].n_unique() == 3


def test_the_name_of_a_person_is_no_kind_though_it_says_system(tmp_path: Path) -> None:
    names = {"aolsystemmsg": "AOL System Msg", "anna": "Anna B-W"}
    rows = "".join(
        f'<message sender="{s}" time="2008-01-15T07:14:4{i}-0500" alias="{names[s]}"><div>word {i} said</div></message>'
        for i, s in enumerate(["aolsystemmsg", "anna", "aolsystemmsg"])
    )
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><chat account="anna">{rows}</chat>')
    told = read(tmp_path / "a.xml").messages
    assert told["sender"].to_list() == ["aolsystemmsg", "anna", "aolsystemmsg"]
    assert told["kind"].unique().to_list() == ["text"]


def test_rows_of_a_telephone_in_lines_of_json_keep_their_thread(tmp_path: Path) -> None:
    sms = {"thread_id": "1", "address": "+1555", "read": "1", "__display_name": "Anna"}
    parts = [
        {"seq": "-1", "ct": "application/smil", "text": "<smil/>"},
        {"seq": "0", "ct": "text/plain", "text": "a picture"},
    ]
    rows: list[dict[str, Any]] = [
        {**sms, "_id": "1", "date": "1709632800000", "date_sent": "1709632799000", "type": "1", "body": "hi"},
        {**sms, "_id": "2", "date": "1709632860000", "date_sent": "0", "type": "2", "body": "hello"},
        {"_id": "9", "thread_id": "1", "date": "1709632920", "msg_box": "1", "m_type": "132", "__parts": parts},
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(json.dumps(r) for r in rows))
    told = read(tmp_path / "a.jsonl").messages
    assert told["sent_at"].diff().dt.total_seconds().drop_nulls().to_list() == [60, 60]
    assert told.select("sender", "text").rows() == [("Anna", "hi"), (None, "hello"), ("Anna", "a picture")]
    assert told["conversation"].unique().to_list() == ["+1555"]


def test_the_state_of_sending_is_no_sender(tmp_path: Path) -> None:
    rows = [f"Anna,2024-03-05 10:0{i}:00,Incoming,+1555,Anna,Read,word {i} of it\n" for i in (0, 2)]
    rows.insert(1, "Anna,2024-03-05 10:01:00,Outgoing,,,Delivered,word 1 of it\n")
    head = "Chat Session,Message Date,Type,Sender ID,Sender Name,Status,Text\n"
    (tmp_path / "a.csv").write_text(head + "".join(rows))
    told = read(tmp_path / "a.csv").messages
    assert told["sender"].to_list() == ["+1555", None, "+1555"]
    assert told["is_self"].to_list() == [False, True, False]


def test_words_in_a_field_called_by_their_markup_are_no_names(tmp_path: Path) -> None:
    row = "<message><id>{i}</id><author>{n}</author><timestamp>17096328{i}0</timestamp><body_xml>word {i}</body_xml></message>"
    rows = "".join(row.format(i=i, n=("anna", "ben")[i % 2]) for i in range(1, 5))
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><log>{rows}</log>')
    assert read(tmp_path / "a.xml").messages["text"].to_list() == [f"word {i}" for i in range(1, 5)]


def test_messages_of_a_group_are_of_whom_their_addresses_name_and_halves_of_characters_are_one(tmp_path: Path) -> None:
    group = MMS.replace('address="+15551" date', 'address="+15551~+15552" date').replace(
        '<addr address="+15551" type="137"', '<addr address="+15551" type="151" /><addr address="+15552" type="137"'
    )
    rows = [
        group.format(t=1609462800, parts=SMIL + PART.format(w="nice &#55357;&#56842;")),
        SMS.format(p=1, t=1609466400, k=2, w="thanks"),
        SMS.format(p=3, t=1609470000, k=1, w="a code").replace("Alice 3", "(Unknown)"),
    ]
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><smses>{"".join(rows)}</smses>')
    told = read(tmp_path / "a.xml").messages.sort("sent_at")
    assert told["text"].to_list() == ["nice \U0001f60a", "thanks", "a code"]
    assert told["sender"].to_list() == ["+15552", None, "+15553"]


def test_objects_under_their_only_key_are_rows_of_one_list(tmp_path: Path) -> None:
    def row(i: int) -> dict[str, Any]:
        return {"date": f"2015-01-15T10:0{i}:00Z 123456", "message": f"word {i}"}

    rows = [{"UserMessage": {**row(i), "sender": {"id": i % 2, "name": ("Anna", "Ben")[i % 2]}}} for i in range(4)]
    rows.insert(2, {"NotificationMessage": {**row(5), "sender": "Jenkins"}})
    (tmp_path / "a.json").write_text(json.dumps(rows))
    told = read(tmp_path / "a.json").messages
    assert told["text"].to_list() == ["word 0", "word 1", "word 5", "word 2", "word 3"]
    assert told["sender"].to_list() == ["Anna", "Ben", "Jenkins", "Anna", "Ben"]


def test_those_who_take_part_tell_one_chat_from_another(tmp_path: Path) -> None:
    chats = [
        {"participants": ["anna", p], "conversation": [{"sender": s, "created_at": f"2019-03-0{d}T10:0{i}:00Z", "text": f"{p} {i}"} for i, s in enumerate((p, "anna"))]}
        for d, p in enumerate(("ben", "carl"), 5)
    ]  # fmt: skip
    (tmp_path / "a.json").write_text(json.dumps(chats))
    assert read(tmp_path / "a.json").messages["conversation"].n_unique() == 2


def test_lines_of_a_bulk_export_are_messages_answers_and_facts_about_the_chat(tmp_path: Path) -> None:
    answers = [{"user": "ben", "message": "on my way", "create_at": 1705311120000}]
    post = {"team": "core", "message": "standup", "user": "anna", "create_at": 1705311000000, "replies": answers}
    lines = [
        {"type": "version", "version": 1},
        {"type": "user", "user": {"username": "anna", "nickname": "Anna"}},
        {"type": "post", "post": {**post, "channel": "square"}},
        {"type": "post", "post": {**post, "channel": "release", "user": "ben", "message": "done", "replies": []}},
        {"type": "direct_post", "direct_post": {**post, "channel_members": ["anna", "ben"], "message": "thanks", "replies": []}},
    ]  # fmt: skip
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, lines)))
    rows = read(tmp_path / "a.jsonl").messages
    assert sorted(rows.select("text", "sender", "conversation").rows()) == [
        ("done", "ben", "release"), ("on my way", "ben", "square"), ("standup", "anna", "square"), ("thanks", "anna", "anna, ben"),
    ]  # fmt: skip


def test_a_draft_on_a_telephone_was_never_sent(tmp_path: Path) -> None:
    rows = [SMS.format(p=1, t=1609459200 + k, k=k, w=f"word {k}") for k in (1, 2, 3, 5)]
    (tmp_path / "a.xml").write_text(f'<?xml version="1.0"?><smses count="4">{"".join(rows)}</smses>')
    assert read(tmp_path / "a.xml").messages["status"].to_list() == ["received", "sent", "failed", "failed"]


def test_an_element_of_several_messages_of_one_sender_is_as_many_rows(tmp_path: Path) -> None:
    told = [("anna", ["hello everybody"]), ("ben", ["hi anna", "how are you"]), ("anna", ["fine"])]
    said = iter(range(10, 20))
    rows = "".join(
        f'<envelope><sender hostmask="{who}@host">{who}</sender>'
        + "".join(f'<message id="M{n}" received="2007-08-08 11:{next(said)}:00 -0400">{w}</message>' for n, w in enumerate(words))
        + "</envelope>"
        for who, words in told
    )  # fmt: skip
    (tmp_path / "a.colloquyTranscript").write_text(
        f'<?xml version="1.0"?><log began="2007-08-08 11:02:00 -0400">{rows}</log>'
    )
    found = read(tmp_path / "a.colloquyTranscript").messages
    assert found["text"].to_list() == ["hello everybody", "hi anna", "how are you", "fine"]
    assert found["sender"].to_list() == ["anna", "ben", "ben", "anna"]
    assert found["sent_at"].dt.minute().to_list() == [10, 11, 12, 13]


def test_elements_without_a_root_and_words_in_percent_encoding_are_read(tmp_path: Path) -> None:
    row = '<message type="{t}_privateMessage" time="{at}" to="{b}" from="{a}" text="{w}"/>'
    rows = [
        row.format(t="outgoing", at=1143128021, a=1001, b=1002, w="ni%C3%B6x"),
        row.format(t="incoming", at=1143128033, a=1002, b=1001, w="a%20pity"),
    ]
    (tmp_path / "a.xml").write_text("\n".join(rows))
    assert read(tmp_path / "a.xml").messages.select("sender", "text").rows() == [("1001", "niöx"), ("1002", "a pity")]


def test_year_and_month_may_be_stated_once_above_the_rows(tmp_path: Path) -> None:
    rows = '<msg nick="Peter" from="1002" time="24 11:53:42">hello</msg><msg nick="Hans" from="1001" time="25 16:59:2">next week</msg>'
    (tmp_path / "a.xml").write_text(f'<!DOCTYPE K><history><head><date month="2" year="2009"/></head>{rows}</history>')
    assert read(tmp_path / "a.xml").messages["sent_raw"].to_list() == ["2009-02-24 11:53:42", "2009-02-25 16:59:02"]


def test_a_day_and_a_clock_fill_the_gaps_of_times_that_state_their_zone(tmp_path: Path) -> None:
    rows = [
        {"at": "2009-03-12T13:05:33.383Z", "day": "12/03/2009", "clock": "14:05:33"},
        {"at": "2009-03-12T13:06:00.000Z", "day": "12/03/2009", "clock": "14:06:00"},
        {"day": "13/03/2009", "clock": "20:00:00"},
    ]
    said = [{"from": ("Anna", "Ben")[i % 2], "text": f"word {i}", **row} for i, row in enumerate(rows)]
    (tmp_path / "a.json").write_text(json.dumps({"messages": said}))
    assert str(read(tmp_path / "a.json").messages["sent_at"][2]) == "2009-03-13 19:00:00+00:00"


CHANGING = [
    "Pri",
    "Mark",
    "Dan",
    "Pri",
    "Tom",
    "Dan",
    "Mark",
    "Mark",
    "Mark",
    "Pri",
    "Mark",
    "Mark",
    "Tom",
    "Mark",
    "Dan",
    "Pri",
    "Tom",
    "Tom",
    "Dan",
]
MINUTES = [f"2025-06-17 {9 + i // 8:02}:{7 * (i % 8):02}" for i in range(len(CHANGING))]
SAID = [f"ERROR: word {i} of many" if i == 7 else f"word {i} of many" for i in range(len(CHANGING))]
SHOWN = ["" if i and CHANGING[i - 1] == n else n for i, n in enumerate(CHANGING)]


def written(kind: str, shown: list[str]) -> str:
    rows = list(zip(MINUTES, shown, SAID, strict=True))
    if kind == "csv":
        return "time,sender,text\n" + "".join(f"{t},{n},{w}\n" for t, n, w in rows)
    if kind == "json":
        return json.dumps([{"time": t, "sender": n or None, "text": w} for t, n, w in rows])
    return "".join(f"<p><a name='x'>{t}</a> {f'<b>{n}:</b> ' if n else ''}{w}</p>" for t, n, w in rows)


@pytest.mark.parametrize("kind", ["csv", "json", "html"])
def test_a_name_that_stands_only_where_the_speaker_changes_holds_for_the_rows_below(tmp_path: Path, kind: str) -> None:
    rows = read_text(tmp_path, written(kind, SHOWN), f"a.{kind}").messages
    assert list(zip(rows["sender"], rows["text"], strict=True)) == list(zip(CHANGING, SAID, strict=True))


@pytest.mark.parametrize("kind", ["csv", "json"])
def test_rows_without_a_name_have_no_sender_where_others_name_one_again(tmp_path: Path, kind: str) -> None:
    shown = [n if i % 6 else "" for i, n in enumerate(CHANGING)]
    rows = read_text(tmp_path, written(kind, shown), f"a.{kind}").messages
    assert [n or "" for n in rows["sender"]] == shown


@pytest.mark.parametrize("same", ["同上", "〃", " 同前 "])
def test_a_cell_of_day_or_sender_may_stand_for_the_one_above(tmp_path: Path, same: str) -> None:
    rows = ["日期,时间,发言人,内容", "2024-03-05,10:00,张三,第一句", f"{same},10:01,{same},第二句", f"{same},10:02,李四,同上", "2024-03-06,09:00,张三,第四句"]  # fmt: skip
    told = read_text(tmp_path, "\n".join(rows), "a.csv").messages
    assert told["sent_raw"].to_list() == ["2024-03-05 10:00", "2024-03-05 10:01", "2024-03-05 10:02", "2024-03-06 09:00"]  # fmt: skip
    assert told["sender"].to_list() == ["张三", "张三", "李四", "张三"]
    assert told["text"].to_list() == ["第一句", "第二句", "同上", "第四句"]


def test_two_people_whose_names_stand_above_their_runs_and_days_above_theirs_are_named_in_each_row(
    tmp_path: Path,
) -> None:
    who = [("Anna", "Ben")[n // 3 % 2 if n % 7 else n % 2] for n in range(48)]
    days = [f"2024-03-{4 + n // 12:02}" if n % 12 == 0 else "" for n in range(48)]
    shown = [w if not n or d or who[n - 1] != w else "" for n, (w, d) in enumerate(zip(who, days, strict=True))]
    rows = [f"{d},09:{n:02},{s},word {n}" for n, (d, s) in enumerate(zip(days, shown, strict=True))]
    messages = read_text(tmp_path, "\n".join(["日期,时间,发送人,内容", *rows]), "a.csv").messages
    assert messages["sender"].to_list() == who
    assert set(messages["kind"].cast(str)) == {"text"}


def test_a_few_rows_without_a_name_between_two_who_speak_in_turn_are_asked_about(tmp_path: Path) -> None:
    shown = [("Anna", "Ben")[n % 2] if n not in (7, 21) else "" for n in range(40)]
    rows = [f"2024-03-04 09:{n:02},{s},word {n}" for n, s in enumerate(shown)]
    with pytest.raises(UsageError, match="unclear are sender"):
        read_text(tmp_path, "\n".join(["时间,发送人,内容", *rows]), "a.csv")


def test_few_names_are_left_out_where_days_are_left_out_as_well(tmp_path: Path) -> None:
    who = ["Ben" if n in (8, 9, 21, 22) else ("Anna", "Ben")[n % 2] for n in range(40)]
    starts = [n % 20 == 0 for n in range(40)]
    shown = ["" if not s and who[n - 1] == w else w for n, (w, s) in enumerate(zip(who, starts, strict=True))]
    days = [f"2024.3.{4 + n // 20}" if s else "" for n, s in enumerate(starts)]
    rows = [f"{d},09:{n:02},{s},word {n}" for n, (d, s) in enumerate(zip(days, shown, strict=True))]
    messages = read_text(tmp_path, "\n".join(["日期,时间,发言人,内容", *rows]), "a.csv").messages
    assert messages["sender"].to_list() == who


@pytest.mark.parametrize("chat", ["u9f8e7d", "c123"])
def test_whoever_has_no_name_in_a_chat_called_after_the_only_sender_is_the_owner(tmp_path: Path, chat: str) -> None:
    rows = [
        {"created_time": 1709257213249 + 61_000 * n, "chat_id": chat, "from_mid": "u9f8e7d" if n % 3 else None, "content": f"word {n} of many"}
        for n in range(48)
    ]  # fmt: skip
    text = json.dumps(rows)
    if chat == "c123":
        with pytest.raises(UsageError, match="sender"):
            read_text(tmp_path, text, "a.json")
        return
    messages = read_text(tmp_path, text, "a.json").messages
    assert messages["is_self"].to_list() == [n % 3 == 0 for n in range(48)]
    assert set(messages["kind"].cast(str)) == {"text"}

"""What a mapping leaves unexplained is asked about: words that no role reads, times that tell nothing, shapes beside."""

import csv
import io
import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest
import xlsxwriter

from reconcile.errors import UsageError
from tests.build.readings import read

NAMES = ("Anna", "Ben")
TIMES = [f"2024-06-0{1 + i // 8} 09:{10 + i}:05" for i in range(16)]
WORDS = [f"Please call me {'back ' * (i % 3)}about {'abcdefghijklmnop'[i]} today" for i in range(16)]


def as_json(tmp_path: Path, value: object) -> Path:
    (tmp_path / "a.json").write_text(json.dumps(value), "utf-8")
    return tmp_path / "a.json"


def as_csv(tmp_path: Path, rows: Sequence[Sequence[object]]) -> Path:
    held = io.StringIO()
    csv.writer(held).writerows(rows)
    (tmp_path / "a.csv").write_text(held.getvalue(), "utf-8")
    return tmp_path / "a.csv"


def test_a_second_column_of_sentences_is_asked_about_unless_the_first_is_called_text(tmp_path: Path) -> None:
    rows = [[t, NAMES[i % 2], WORDS[i], WORDS[i][::-1]] for i, t in enumerate(TIMES)]
    with pytest.raises(UsageError, match=r"unclear are text: .*Original"):
        read(as_csv(tmp_path, [["Time", "Sender", "Original", "English"], *rows]))
    assert read(as_csv(tmp_path, [["Time", "Sender", "Message", "Proves"], *rows])).messages["text"].to_list() == WORDS


def test_one_time_above_all_rows_is_the_time_of_none(tmp_path: Path) -> None:
    rows = [{"offset": 61 * i, "user": NAMES[i % 2], "text": w} for i, w in enumerate(WORDS)]
    with pytest.raises(UsageError, match=r"unclear are time: \^start"):
        read(as_json(tmp_path, {"start": TIMES[0], "messages": rows}))


def test_lists_side_by_side_with_the_same_fields_are_all_read(tmp_path: Path) -> None:
    rows = [{"date": t, "from": NAMES[i % 2], "to": NAMES[1 - i % 2], "message": WORDS[i]} for i, t in enumerate(TIMES)]
    messages = read(as_json(tmp_path, {"account": "x", "sent": rows[::2], "inbox": rows[1::2]})).messages
    assert sorted(messages["text"].to_list()) == sorted(WORDS)
    assert messages["conversation"].n_unique() == 1


def test_events_of_another_shape_are_left_out_and_their_name_is_no_sender(tmp_path: Path) -> None:
    rows: list[object] = [
        {"event": "sent", "time": t, "actor": NAMES[i % 2], "payload": {"id": f"m{i}", "text": WORDS[i]}}
        for i, t in enumerate(TIMES)
    ]
    rows.insert(4, {"event": "room opened", "time": TIMES[3], "actor": "Ben", "payload": {"channel": "c1"}})
    reading = read(as_json(tmp_path, rows))
    assert reading.messages["text"].to_list() == WORDS
    assert set(reading.messages["sender"]) == set(NAMES)
    assert [n.excerpt for n in reading.notes if n.code == "row_skipped"] == ["events, no messages"]


def test_sheets_of_the_same_two_people_that_follow_each_other_are_one_chat(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for name, begin in (("first half", 0), ("second half", 8)):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["Time", "Sender", "Message"])
        for i in range(begin, begin + 8):
            sheet.write_row(i - begin + 1, 0, [TIMES[i], NAMES[i % 2], WORDS[i]])
    book.close()
    messages = read(tmp_path / "a.xlsx").messages
    assert messages["text"].to_list() == WORDS
    assert messages["conversation"].n_unique() == 1


def test_rows_that_a_column_of_kinds_calls_reactions_are_no_messages(tmp_path: Path) -> None:
    rows = [["message", t, NAMES[i % 2], WORDS[i]] for i, t in enumerate(TIMES)]
    rows.insert(5, ["reaction", TIMES[4], "Ben", "+1"])
    reading = read(as_csv(tmp_path, [["type", "sent", "author", "content"], *rows]))
    assert reading.messages["text"].to_list() == WORDS
    assert "row_skipped" in {n.code for n in reading.notes}


def test_one_name_in_half_of_the_rows_is_asked_about_where_nothing_names_the_other_party(tmp_path: Path) -> None:
    rows = [{"at": t, "author": {"name": "Ben"} if i % 2 else None, "text": WORDS[i]} for i, t in enumerate(TIMES)]
    with pytest.raises(UsageError, match=r"unclear are sender: author\.name"):
        read(as_json(tmp_path, {"rows": rows}))
    assert set(read(as_json(tmp_path, {"name": "Anna", "rows": rows})).messages["sender"]) == set(NAMES)


def test_a_change_of_state_without_words_is_no_message(tmp_path: Path) -> None:
    rows = [{"type": "text", "at": t, "from": NAMES[i % 2], "body": WORDS[i]} for i, t in enumerate(TIMES)]
    rows.insert(7, {"type": "status", "at": TIMES[6], "from": "Ben", "body": None})  # type: ignore[dict-item]
    assert read(as_json(tmp_path, rows)).messages["text"].to_list() == WORDS


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        (["Year", "Month", "Day", "Hour", "Minute", "Second"], lambda t: [int(p) for p in t.replace(" ", "-").replace(":", "-").split("-")]),
        (["Tag", "Monat", "Jahr", "Uhrzeit"], lambda t: [t[8:10], "Juni", t[:4], t[11:]]),
    ],
)  # fmt: skip
def test_a_date_in_several_columns_is_one_time(tmp_path: Path, heading, cells) -> None:  # type: ignore[no-untyped-def]
    rows = [[*cells(t), NAMES[i % 2], WORDS[i]] for i, t in enumerate(TIMES)]
    messages = read(as_csv(tmp_path, [[*heading, "Who", "What"], *rows])).messages
    shown = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d %H:%M:%S")
    assert shown.to_list() == TIMES


def test_words_that_a_table_of_parts_keeps_belong_to_the_row_that_it_names(tmp_path: Path) -> None:
    store = sqlite3.connect(tmp_path / "a.db")
    store.executescript(
        "create table person(_id integer primary key, name text);"
        "create table msg(_id integer primary key, author integer references person(_id), created integer);"
        "create table part(_id integer primary key, mid integer references msg(_id), txt text);"
        "insert into person values (1, 'Anna'), (2, 'Ben')"
    )
    for i, word in enumerate(WORDS):
        store.execute("insert into msg values (?, ?, ?)", (i + 1, 1 + i % 2, 1_717_400_000 + 61 * i))
        store.execute("insert into part values (?, ?, ?)", (i + 500, i + 1, word))
    store.commit()
    store.close()
    messages = read(tmp_path / "a.db").messages
    assert messages["text"].to_list() == WORDS
    assert messages["sender_name"].fill_null(messages["sender"])[1] == "Ben"


def test_one_text_in_every_row_is_the_words_where_the_column_is_called_so(tmp_path: Path) -> None:
    for name in ("Body", "内容", "message.text"):
        rows = [
            {"at": t, "from": NAMES[i % 2], "read": True, name: "some text\nsecond line"} for i, t in enumerate(TIMES)
        ]
        assert set(read(as_json(tmp_path, rows)).messages["text"]) == {"some text\nsecond line"}
    with pytest.raises(UsageError, match=r"text: Body \(such as 'ok'\)"):
        read(as_json(tmp_path, [{"at": t, "from": NAMES[i % 2], "Body": "ok"} for i, t in enumerate(TIMES)]))


def test_one_text_in_every_row_yields_to_words_under_any_other_name(tmp_path: Path) -> None:
    rows = [{"at": t, "from": NAMES[i % 2], "message": "sent with success", "w": WORDS[i]} for i, t in enumerate(TIMES)]
    assert read(as_json(tmp_path, rows)).messages["text"].to_list() == WORDS


def test_the_cells_of_a_sheet_of_one_column_are_the_lines_of_a_text(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    book.add_worksheet().write_column(
        0, 0, ["our talk", *(f"{NAMES[i % 2]} {t}\n{WORDS[i]}" for i, t in enumerate(TIMES))]
    )
    book.close()
    messages = read(tmp_path / "a.xlsx").messages
    assert messages["text"].to_list() == WORDS
    assert messages["locator"][1] == "a.xlsx#Sheet1!3"


def with_words_of_another_kind(tmp_path: Path, kind: str) -> Path:
    bodies = [
        ("image", {"md5sum": f"{i:032x}"}) if i % 5 == 4 else ("text", {"content": w}) for i, w in enumerate(WORDS)
    ]
    bodies[3::5] = [(kind, {"displayname": w}) for w in WORDS[3::5]]
    rows = [
        {"msgtime": t, "from": NAMES[i % 2], "msgtype": k, k: b}
        for i, (t, (k, b)) in enumerate(zip(TIMES, bodies, strict=True))
    ]
    (tmp_path / "a.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return tmp_path / "a.jsonl"


def test_the_name_of_what_is_attached_is_no_rival_of_the_words(tmp_path: Path) -> None:
    messages = read(with_words_of_another_kind(tmp_path, "weapp")).messages
    assert messages["kind"].to_list() == [{3: "link", 4: "image"}.get(i % 5, "text") for i in range(16)]
    assert messages["text"].to_list()[:3] == WORDS[:3]


def test_sentences_of_rows_of_an_unknown_kind_are_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"unclear are text: .*displayname"):
        read(with_words_of_another_kind(tmp_path, "voting"))


def _by_kind(folder: Path, people: tuple[str, str], other: str) -> Path:
    """A folder with a table of words and one of voices, the second of which another pair may have sent."""
    folder.mkdir()
    head = "时间,发送人,内容\n"
    words = "".join(f"2024-03-0{d} 09:0{d}:10,{people[d % 2]},第{d}批货已经送到了\n" for d in range(1, 8))
    voices = "".join(f"2024-03-0{d} 10:0{d}:10,{(people[0], other)[d % 2]},[语音] {d}秒\n" for d in range(2, 7))
    (folder / "文字消息.csv").write_text(head + words, encoding="utf-8")
    (folder / "语音消息.csv").write_text(head + voices, encoding="utf-8")
    return folder


def test_files_of_kinds_between_the_same_two_people_are_one_chat(tmp_path: Path) -> None:
    one = read(_by_kind(tmp_path / "a", ("小红", "老周"), "老周"))
    two = read(_by_kind(tmp_path / "b", ("小红", "老周"), "老王"))
    assert one.messages["conversation"].n_unique() == 1
    assert two.messages["conversation"].n_unique() == 2


def test_a_sheet_for_each_speaker_of_a_group_is_one_chat(tmp_path: Path) -> None:
    book = xlsxwriter.Workbook(tmp_path / "a.xlsx")
    for at, name in enumerate(("Anna", "Ben", "Carl")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["Time", "Sender", "Message"])
        for row, i in enumerate(range(at, 15, 3), 1):
            sheet.write_row(row, 0, [TIMES[i], name, WORDS[i]])
    book.close()
    messages = read(tmp_path / "a.xlsx").messages.sort("sent_at")
    assert messages["text"].to_list() == WORDS[:15]
    assert messages["sender"].to_list()[:3] == ["Anna", "Ben", "Carl"]
    assert messages["conversation"].n_unique() == 1


def test_two_sheets_that_take_turns_are_the_speakers_of_one_chat_and_others_name_nobody(tmp_path: Path) -> None:
    for name, turns in (("a", 1), ("b", 8)):
        book = xlsxwriter.Workbook(tmp_path / f"{name}.xlsx")
        for at, person in enumerate(("Anna", "Ben")):
            sheet = book.add_worksheet(person)
            sheet.write_row(0, 0, ["Time", "Message"])
            for row, i in enumerate((i for i in range(16) if i // turns % 2 == at), 1):
                sheet.write_row(row, 0, [TIMES[i], WORDS[i]])
        book.close()
    messages = read(tmp_path / "a.xlsx").messages.sort("sent_at")
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 8
    assert messages["text"].to_list() == WORDS[:16]
    assert messages["conversation"].n_unique() == 1
    with pytest.raises(UsageError, match="no field tells who speaks"):
        read(tmp_path / "b.xlsx")

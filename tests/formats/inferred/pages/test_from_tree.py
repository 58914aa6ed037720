"""Pages that stand inside the elements of an XML file are read like pages of their own."""

import plistlib
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest

from reconcile.errors import SourceError
from tests.build.readings import read, read_text, spoken


def page(*people: str, day: int) -> str:
    lines = "".join(
        f"<p><strong>{people[i % 2]}</strong> 2024-06-{day:02} 09:{10 + i}</p><p>word number {i} of {day}</p>"
        for i in range(8)
    )
    return f"<!DOCTYPE html><body>{lines}</body>"


def test_a_note_of_a_notebook_is_a_chat_under_its_title(tmp_path: Path) -> None:
    notes = f"<entry><name>Talk with Ben</name><made>20240605T101500Z</made><content><![CDATA[{page('Anna', 'Ben', day=3)}]]></content></entry>"
    messages = read_text(tmp_path, f"<?xml version='1.0'?><notebook>{notes}</notebook>", "notes.xml").messages
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 4
    assert messages["text"][7] == "word number 7 of 3"
    assert messages["conversation"].unique().to_list() == ["Talk with Ben"]


def test_each_of_several_notes_is_a_chat(tmp_path: Path) -> None:
    notes = "".join(
        f"<entry><name>Talk with {who}</name><content>{escape(page('Anna', who, day=day))}</content></entry>"
        for who, day in (("Ben", 3), ("Cleo", 4))
    )
    messages = read_text(tmp_path, f"<?xml version='1.0'?><notebook>{notes}</notebook>", "notes.xml").messages
    chats = messages.group_by("conversation", maintain_order=True).agg("sender")
    assert chats.rows() == [("Talk with Ben", ["Anna", "Ben"] * 4), ("Talk with Cleo", ["Anna", "Cleo"] * 4)]


@pytest.mark.parametrize("name", ["a.xml", "a.xls"])
def test_a_sheet_of_spreadsheet_xml_is_a_table_whose_cells_may_state_their_place(name: str, tmp_path: Path) -> None:
    def row(*cells: str, place: int = 0) -> str:
        marks = ["" if place != n else f' ss:Index="{n}"' for n in range(1, len(cells) + 1)]
        told = [f'<Cell{m}><Data ss:Type="String">{c}</Data></Cell>' for m, c in zip(marks, cells, strict=True)]
        return f"<Row>{''.join(t for t, c in zip(told, cells, strict=True) if c)}</Row>"

    rows = [
        row("时间", "发送人", "内容"),
        *(row(f"2024-03-01 09:{i:02}:07", "小溪" if i % 2 else "大川", f"第{i}句话") for i in range(8)),
    ]
    rows.append(row("2024-03-01 09:09:07", "", "没有名字的一句", place=3))
    sheet = f'<Worksheet ss:Name="记录"><Table>{"".join(rows)}</Table></Worksheet>'
    book = f'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">{sheet}</Workbook>'
    messages = read_text(tmp_path, book, name).messages
    assert messages["sender"].to_list() == ["大川", "小溪"] * 4 + [None]
    assert messages["text"][8] == "没有名字的一句"


@pytest.mark.parametrize("form", [plistlib.FMT_XML, plistlib.FMT_BINARY])
def test_a_property_list_is_read_by_its_keys_and_its_times_are_utc(form: plistlib.PlistFormat, tmp_path: Path) -> None:
    rows = [
        {
            "date": datetime(2024, 3, 5, 1, i, tzinfo=UTC).replace(tzinfo=None),
            "sender": "Ben" if i % 2 else "Anna",
            "text": f"word {i}",
        }
        for i in range(8)
    ]
    path = tmp_path / "chat.plist"
    path.write_bytes(plistlib.dumps({"messages": rows}, fmt=form))
    messages = read(path).messages
    assert messages["sender"].to_list() == ["Anna", "Ben"] * 4
    assert messages["sent_at"].dt.strftime("%H:%M").to_list()[-1] == "01:07"


def test_an_object_whose_keys_are_times_holds_a_row_below_each(tmp_path: Path) -> None:
    said = [(f"2024-03-05 09:{i:02}:07", ("Anna", "Ben")[i % 2], f"word {i} of many") for i in range(8)]
    text = "".join(f'"{t}":\n  {n}: "{w}"\n' for t, n, w in said)
    assert spoken(read_text(tmp_path, text, "a.yaml"), "%Y-%m-%d %H:%M:%S") == said
    plain = "".join(f'"{t}": "{n}: {w}"\n' for t, n, w in said)
    assert spoken(read_text(tmp_path, plain, "c.yaml"), "%Y-%m-%d %H:%M:%S") == said
    # A library keeps the last of two values under one key.
    with pytest.raises(SourceError):
        read_text(tmp_path, text + f'"{said[0][0]}":\n  Ben: "and more"\n', "b.yaml")


def test_markup_inside_an_element_shows_its_words_and_is_no_field(tmp_path: Path) -> None:
    body = (
        '<div>\n  <span style="color: red">word {i}</span>\n  <br/>\n  <a href="http://a.example/">and more</a>\n</div>'
    )
    said = "".join(
        f'<message sender="{"ab"[i % 2]}nna" time="2024-06-03 09:1{i}:07">{body.format(i=i) if i % 2 else f"<div>word {i}</div>"}</message>'
        for i in range(8)
    )
    messages = read_text(tmp_path, f'<?xml version="1.0"?><chat>{said}</chat>', "a.xml").messages
    assert messages["text"].to_list()[:2] == ["word 0", "word 1\nand more"]


def test_xml_without_its_head_and_under_any_name_is_read(tmp_path: Path) -> None:
    said = "".join(
        f'<envelope id="{i}"><sender class="op">{"ab"[i % 2]}nna</sender><message id="M{i}" received="2024-02-25 09:1{i}:07 +0800">word {i}</message></envelope>'
        for i in range(8)
    )
    messages = read_text(tmp_path, f'<log began="2024-02-25 09:05:07 +0800">{said}</log>', "a.transcript").messages
    assert messages["sender"].to_list() == ["anna", "bnna"] * 4
    assert messages["sent_at"][0].minute == 10


def test_days_and_messages_of_a_toml_file_are_read(tmp_path: Path) -> None:
    said = "".join(
        f"[[day]]\ndate = 2024-02-2{d}\n"
        + "".join(
            f'[[day.msg]]\nat = "09:1{i}"\nfrom = "{"ab"[i % 2]}nna"\ntext = "word {i} of {d}"\n' for i in range(6)
        )
        for d in (5, 6)
    )
    messages = read_text(tmp_path, said, "a.toml").messages
    assert messages["text"][7] == "word 1 of 6"
    assert messages["sent_raw"][7] == "2024-02-26 09:11"


def test_a_broken_toml_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError):
        read_text(tmp_path, "[[day]\ndate = 2024", "a.toml")


def test_people_whom_yaml_states_once_are_those_whom_messages_refer_to(tmp_path: Path) -> None:
    people = "people:\n- &a {name: 陈女士, side: 甲方}\n- &b\n  name: 王工\n  side: 乙方\n"
    rows = [(f"2024-03-01 10:0{i}:00", ("陈女士", "王工")[i % 2], f"第{i}句话") for i in range(6)]
    said = [f'- at: {t}\n  by: *{"ab"[i % 2]}\n  say: "{w}"\n' for i, (t, _, w) in enumerate(rows)]
    messages = read_text(tmp_path, f"{people}messages:\n{''.join(said)}", "a.yaml").messages
    assert messages.select("sender_name", "text").rows() == [r[1:] for r in rows]


def test_elements_of_two_names_that_take_turns_are_one_list_and_sent_or_received(tmp_path: Path) -> None:
    ends = ("to='mari@localhost'", "from='mari@localhost/Home'")
    rows = "".join(
        f"<{e} time='20240301T09:{i:02}:18'><message {ends[i % 2]}><body>word {i}</body></message></{e}>"
        for i, e in enumerate(["send", "recv"] * 6)
    )
    messages = read_text(tmp_path, f"<?xml version='1.0'?><log jid='mari@localhost'>{rows}</log>", "a.xml").messages
    assert messages["text"].to_list() == [f"word {i}" for i in range(12)]
    assert messages["is_self"].to_list() == [True, False] * 6


def test_a_clock_and_a_name_may_be_the_key_of_words_below_a_day(tmp_path: Path) -> None:
    text = "记录:\n" + "".join(
        f"  '2024-03-0{d}':\n" + "".join(f"  - 09:{i:02}:07 {'甲乙'[i % 2]}: 第{i}句话\n" for i in range(4))
        for d in (1, 2)
    )
    messages = read_text(tmp_path, text, "a.yaml").messages
    assert messages["sender"].to_list() == ["甲", "乙"] * 4
    assert [f"{t:%d %M}" for t in messages["sent_at"]] == [f"{d:02} {i:02}" for d in (1, 2) for i in range(4)]


def test_days_are_one_list_whoever_writes_on_each_of_them(tmp_path: Path) -> None:
    people = {"2024-03-01": "甲乙", "2024-03-02": "乙丙"}
    text = "".join(
        f"'{d}':\n" + "".join(f"  - clock: '09:{i:02}:07'\n    {p[i % 2]}: 第{i}句话在这里\n" for i in range(8))
        for d, p in people.items()
    )
    messages = read_text(tmp_path, text, "a.yaml").messages
    assert messages["sender"].to_list() == ["甲", "乙"] * 4 + ["乙", "丙"] * 4


@pytest.mark.parametrize("kinds", ["text image file video voice", "text image"])
def test_words_for_kinds_beside_names_are_no_words_of_messages(tmp_path: Path, kinds: str) -> None:
    words = kinds.split()
    rows = "".join(
        f'<article class="message"><header><time>2024-07-11T00:{n:02}:17+00:00</time><strong>{"ab"[n % 2] * 4}</strong>'
        f"<span>{words[n % len(words)]}</span></header><p>some words {n}</p></article>"
        for n in range(20)
    )
    (tmp_path / "a.html").write_text(f"<html><body><h1>Chat</h1>{rows}</body></html>", "utf-8")
    messages = read(tmp_path / "a.html").messages
    assert messages["text"].to_list() == [f"some words {n}" for n in range(20)]
    assert messages["kind"].to_list() == [words[n % len(words)] for n in range(20)]

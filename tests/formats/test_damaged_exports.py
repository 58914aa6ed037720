"""Exports damaged by hand: cells that are not what they should be, archives that break while they are sniffed."""

import io
import shutil
import zipfile
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from reconcile.case import compare, read
from reconcile.engine.compare import compare_readings
from reconcile.errors import ReconcileError
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode
from tests.contracts.golden import EXPORTS

EARLY = "id,MsgSvrID,type_name,is_sender,talker,room_name,content,CreateTime\r\n"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('{""src"": """", ""msg"": ""还款""}', "还款"),
        ('{""msg"": ""还款"", ""src"": null}', "还款"),
        ('{""msg"": 12000, ""src"": """"}', "12000"),
        ('{""msg"": ""a"", ""src"": {""x"": 1}}', "a"),
    ],
)
def test_an_early_pywxdump_cell_gives_its_words(cell: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "wxid_a_0_1.csv"
    file.write_text(
        f'{EARLY}1,7000000000000000001,文本,0,wxid_a,wxid_a,"{cell}",2024-03-01 09:00:05\r\n', encoding="utf-8"
    )
    reading = identify(all_readers(), Source(file)).read(Source(file), ReadOptions())
    assert reading.messages["text"].to_list() == [text]
    assert NoteCode.BROKEN_BODY not in {n.code for n in reading.notes}


@pytest.mark.parametrize(
    "cell",
    ['{""src"": """", ""msg"": ""还款"", ""msg"": ""好""}', '{""src"": """", ""msg"": ""好"", ""text"": ""还款""}'],
)
def test_an_early_pywxdump_cell_that_holds_more_than_its_two_parts_is_noted(cell: str, tmp_path: Path) -> None:
    file = tmp_path / "wxid_a_0_1.csv"
    row = f'1,7000000000000000001,文本,0,wxid_a,wxid_a,"{cell}",2024-03-01 09:00:05\r\n'
    file.write_text(EARLY + row, encoding="utf-8")
    reading = identify(all_readers(), Source(file)).read(Source(file), ReadOptions())
    assert [n.excerpt for n in reading.notes if n.code is NoteCode.ODD_VALUE] == [cell.replace('""', '"')]


@pytest.mark.parametrize("cell", ['{""src"": ""x"", ""msg"": ""a', "FALSE", "[1]", '{""src"": """"}', "1e400"])
def test_an_early_pywxdump_cell_that_is_no_object_stays_whole_and_is_noted(cell: str, tmp_path: Path) -> None:
    file = tmp_path / "wxid_a_0_1.csv"
    file.write_text(
        f'{EARLY}1,7000000000000000001,文本,0,wxid_a,wxid_a,"{cell}",2024-03-01 09:00:05\r\n', encoding="utf-8"
    )
    reading = identify(all_readers(), Source(file)).read(Source(file), ReadOptions())
    assert reading.messages["text"].to_list() == [cell.replace('""', '"')]
    assert NoteCode.BROKEN_BODY in {n.code for n in reading.notes}


def test_a_workbook_broken_anywhere_ends_in_one_clear_error_or_is_read(tmp_path: Path) -> None:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>" * 40)
        archive.writestr("xl/workbook.xml", "<workbook/>" * 40)
        archive.writestr("xl/worksheets/sheet1.xml", "<worksheet/>" * 40)
    data = whole.getvalue()
    file = tmp_path / "私聊.xlsx"
    for at in range(0, len(data), 3):
        for value in (0x00, 0x01, 0xFF):
            file.write_bytes(data[:at] + bytes([value]) + data[at + 1 :])
            with pytest.raises(ReconcileError) as error:
                identify(all_readers(), Source(file)).read(Source(file), ReadOptions())
            assert "\n" not in str(error.value)


def test_words_that_a_spreadsheet_turned_into_dates_or_numbers_differ_from_nothing(tmp_path: Path) -> None:
    sent = ["在吗", "1/2", "2024-1-2", "1e5", "3-4", "明天见", "好，1月2日见"]
    saved = ["在吗", "1月2日", "2024/1/2", "1.00E+05", "4-Mar", "明天见", "好，1月2日见"]
    for side, words, time in (("a", sent, "2024-08-14 10:0{}:05"), ("b", saved, "2024/8/14 10:0{}")):
        rows = [
            f"721689553041491513{n},文本,{'陈租' if n % 2 else '赵房东'},{time.format(n)},{w},,,more"
            for n, w in enumerate(words)
        ]
        (tmp_path / side).mkdir()
        text = "\r\n".join(["消息ID,类型,发送人,时间,内容,备注,昵称,更多信息", *rows, ""])
        (tmp_path / side / ("赵房东.csv" if side == "a" else "陈租.csv")).write_text(text, "utf-8-sig")
    sides = [identify(all_readers(), Source(tmp_path / s)).read(Source(tmp_path / s), ReadOptions()) for s in "ab"]
    assert sum(n.count for n in sides[1].notes if n.code is NoteCode.COERCED_CELL) == 4
    assert sides[1].messages["text"].to_list() == ["在吗", "1月2日", "2024/1/2", "", "", "明天见", "好，1月2日见"]
    relations = compare_readings(sides[0], sides[1]).alignment["relation"].cast(pl.String)
    assert set(relations) == {"agreement"}


CHATLOG = "Time,SenderName,Sender,TalkerName,Talker,Content\n" + "".join(
    f"2024-03-0{d} 09:00:05,乙某,wxid_yi0002,乙某,wxid_yi0002,第{d}次催款\n" for d in range(1, 8)
)


@pytest.mark.parametrize(
    ("days", "believed"), [("2024-03-01_2024-03-31", 1), ("2024-03-05_2024-03-31", 1), ("2024-10-01_2024-12-31", 0)]
)
def test_a_range_in_a_name_that_most_rows_contradict_bounds_nothing_and_is_noted(
    days: str, believed: int, tmp_path: Path
) -> None:
    file = tmp_path / f"wxid_yi0002_{days}.csv"
    file.write_text(CHATLOG, encoding="utf-8")
    reading = read(file)
    assert len(reading.facts.filters) == believed
    assert ("rows outside the stated range" in {n.excerpt for n in reading.notes}) == (not believed)


def test_words_read_as_latin_and_written_again_are_noted(tmp_path: Path) -> None:
    file = tmp_path / "wxid_yi0002.csv"
    file.write_text(CHATLOG.encode().decode("latin-1"), encoding="utf-8")
    assert [n.excerpt for n in read(file).notes if n.code is NoteCode.ODD_VALUE] == ["UTF-8 read as Latin-1: 第1次催款"]


def test_a_shard_of_which_only_the_page_is_left_is_noted(tmp_path: Path) -> None:
    folder = tmp_path / "乙某"
    folder.mkdir()
    heading = "时间,发送者,消息类型,内容,server_id\r\n"
    (folder / "message_0.db.csv").write_text(
        f"{heading}2024-03-01 09:00:05,乙某,文本,催款,6116895530414915131\r\n", "utf-8-sig"
    )
    (folder / "message_1.db.html").write_text("<html></html>", "utf-8")
    assert [n.locator for n in read(tmp_path).notes if n.code is NoteCode.MEMBER_MISSING] == ["乙某/message_1.db.html"]


def test_a_mail_that_ends_before_its_parts_do_is_noted(tmp_path: Path) -> None:
    words = '"甲"和"乙"的聊天记录如下:\n\n—————  2024-3-1  —————\n\n甲  09:00\n\n到货了\n\n乙  09:05\n\n收到\n'
    head = 'MIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n'
    file = tmp_path / "记录.eml"
    for end, count in (("\n--b--\n", 0), ("", 1)):
        file.write_text(f"{head}Dear:\n{words}{end}", "utf-8")
        assert sum("may be cut" in n.excerpt for n in read(file).notes) == count


ANSWER = "甲(wxid_a) 2024-03-01 09:00:05\n在\n\n乙(我) 2024-03-01 09:00:06\n到货了\n\n"
ANDROID = "甲和乙的聊天记录如下，请查收。\n\n—————  2024-03-01  —————\n\n甲  09:00\n\n在\n\n乙  09:05\n\n到货了\n\n"
IPHONE = 'Dear:\n"甲"和"乙"的聊天记录如下:\n—————  2024-3-1  —————\n甲  09:00\n在\n乙  09:05\n到货了\n'


@pytest.mark.parametrize("whole", [ANSWER, ANDROID, IPHONE], ids=["chatlog", "Android's mail", "the iPhone's mail"])
def test_a_text_that_ends_amid_its_last_row_may_be_cut(whole: str, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    for text, count in ((whole, 0), (whole[: whole.index("货")], 1)):
        file.write_text(text, "utf-8")
        assert sum("may be cut" in n.excerpt for n in read(file).notes) == count


@pytest.mark.parametrize("whole", [ANSWER, IPHONE, "2024-03-01 09:00:05 '我'\n在\n\n2024-03-01 09:00:06 '乙'\n好\n\n"])
def test_a_line_with_control_characters_inside_a_text_is_noted(whole: str, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(whole.replace("在\n", '在\n\x01"{]]>\n'), "utf-8")
    assert '\x01"{]]>' in [n.excerpt for n in read(file).notes]


def test_control_characters_inside_the_words_of_a_statement_are_noted(tmp_path: Path) -> None:
    whole = next((EXPORTS / "weflow_sql" / "rent_side_a").rglob("*.sql"))
    file = tmp_path / whole.name
    file.write_text(whole.read_text("utf-8").replace("房子还在吗", "房子\x01还在吗", 1), "utf-8")
    assert ["\x01" in n.excerpt for n in read(file).notes if n.code is NoteCode.ODD_VALUE] == [True]


def test_a_row_that_lost_what_names_its_sender_is_noted(tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [{"id": i, "MsgSvrID": str(7000000000000000001 + i), "type_name": "文本", "is_sender": i % 2, "talker": ("wxid_b", "wxid_a")[i % 2], "room_name": "wxid_b", "msg": f"第{i}句", "src": "", "extra": {}, "CreateTime": f"2024-03-01 09:00:{i:02}"} for i in range(40)]  # fmt: skip
    for lost in ("is_sender", "talker"):
        rows[9].pop(lost)
    file = tmp_path / "wxid_b_0_40.json"
    file.write_bytes(orjson.dumps(rows))
    assert [n.excerpt for n in read(file).notes if n.code is NoteCode.SENDER_UNKNOWN] == ["第9句"]


def test_a_body_broken_before_the_tool_cut_anything_is_noted(tmp_path: Path) -> None:
    # wechat-decrypt's CSV cuts long bodies itself, which one note says; a short one that is broken was so before.
    (tmp_path / "张三").mkdir()
    row = "2024-03-01 09:05:00,张三,未知(21474836529),<msg><appmsg><title>清单</title>,7216895530414915131\n"
    (tmp_path / "张三" / "message_0.db.csv").write_text("时间,发送者,消息类型,内容,server_id\n" + row, "utf-8-sig")
    assert NoteCode.BROKEN_BODY in {n.code for n in read(tmp_path).notes}


def test_a_form_of_a_folder_that_differs_from_the_richest_one_is_compared_with_it_row_by_row(tmp_path: Path) -> None:
    material, other = tmp_path / "a", EXPORTS / "memotrace_json" / "rent_side_b" / "input"
    for form in ("memotrace_json", "memotrace_csv"):
        shutil.copytree(EXPORTS / form / "rent_side_a" / "input", material, dirs_exist_ok=True)
    assert [n.excerpt for n in read(material).notes if n.code is NoteCode.OTHER_FORM] == ["wxid_zhaofd0202"]
    file = next(material.rglob("*.csv"))
    file.write_bytes(file.read_bytes().replace("赵姐好，房子还在吗？".encode(), "赵姐好，房子不在了吧？".encode()))
    odd = [(n.excerpt, n.count) for n in read(material).notes if n.code is NoteCode.ODD_VALUE]
    assert odd == [("differs from another device or form of this party", 1)]
    compare(material, other, tmp_path / "out")
    states = pl.read_parquet(tmp_path / "out" / "devices.parquet")["state"].to_list()
    assert states.count("differs") == 1


@pytest.mark.parametrize(("mark", "noted"), [("True", False), ("FALSE", False), ("yes", True), ("1", True)])
def test_a_mark_of_the_phones_owner_that_is_neither_true_nor_false_is_noted(
    mark: str, noted: bool, tmp_path: Path
) -> None:
    report = (EXPORTS / "cellebrite_ufdr/rent_side_b/input/report.xml").read_text("utf-8")
    head, name, rest = report.partition('name="IsPhoneOwner"')
    (tmp_path / "report.xml").write_text(head + name + rest.replace("True", mark, 1), "utf-8")
    notes = [n for n in read(tmp_path).notes if n.locator == "report.xml#IsPhoneOwner"]
    assert [(n.code, n.excerpt, n.count) for n in notes] == ([(NoteCode.ODD_VALUE, mark, 1)] if noted else [])

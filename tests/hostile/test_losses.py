"""One damaged place in a sound export: the row it belongs to is read all the same, or a note speaks of it; nothing goes in silence."""

import json
import re
import shutil
import sqlite3
import zipfile
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.errors import LimitExceeded, ReaderFailed, ReconcileError
from reconcile.formats.wechat_client.hashed_tables import Names, read_hashed
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import open_database
from reconcile.intake.sqlite.unread import own_check
from reconcile.settings import Limits
from reconcile.vocabulary import NoteCode
from tests.conftest import Within
from tests.contracts.golden import EXPORTS
from tests.thorough import some

# form, case, what stands there, what stands there after the damage.
DAMAGES = (
    ("case_uco_jsonld", "thread_of_a", '"uco-observable:Message"', '"uco-observable:Massage"'),
    ("case_uco_jsonld", "thread_of_a", '"@value": "2"', f'"@value": "{"9" * 5_000}"'),
    ("cellebrite_txt", "rent_side_a", "From: ", "Fron: "),
    ("cellebrite_txt", "rent_side_a", "\nTimestamp: ", "\nTimestamq: "),
    ("chatlog_text", "rent_side_a", "(wxid_zhaofd0202) 2024-08-14 10:00:12", "(wxid_zhaofd0202) 2024-08-14 1x:00:12"),
    ("memotrace_md", "rent_side_a", "**10:00:05 ", "**1o:00:05 "),
    ("memotrace_md", "rent_side_a", "#### 2024-08-15", "#### 2024-0x-15"),
    ("memotrace_txt", "rent_side_a", "2024-08-14 10:00:05", "2024-08-14 10:00[05"),
    ("memotrace_txt", "rent_side_a", "\n2024-08-14 10:00:12", "x2024-08-14 10:00:12"),
    ("memotrace_txt", "rent_side_a", "2024-08-15 10:00:00", "2024-08-15 10:0999999999999999999:00"),
    ("pywxdump_csv", "rent_side_a", "\n2,", ",2,"),
    ("wechat_copied_text", "ios_multi_select", "2024年08月14日", "2o24年08月14日"),
    ("wechat_email", "ios_side_a", " 10:00\n", " 1o:00\n"),
    ("wechat_email", "ios_side_a", " 14:46\n", " 146\n"),
    ("memotrace_txt", "rent_side_a", "2024-08-15 10:00:00", " 10:00:00"),
    ("wechatdump_txt", "rent_side_a", "|me:2024-08-14 10:01", "|me:2o24-08-14 10:01"),
    ("wechatexporter_html", "hole_in_the_data", '<div class="msg chat left', '<dxv class="msg chat left'),
    ("wechatexporter_txt", "rent_side_a", "(2024-08-14 10:00:12):", "(2024-08-14 10:00;12):"),
    ("wechatmsg_txt", "rent_side_a", "2024-08-14 10:00:05", "2024-08x14 10:00:05"),
    ("weflow_md", "rent_side_a", "## 2024\\-08\\-14 10:00:12", "# # 2024\\-08\\-14 10:00:12"),
    ("weflow_sql", "rent_side_a", "TRUE, 1, NULL", "TRUE, 1; NULL"),
    ("weflow_sql", "rent_side_a", ");\nINSERT", "); INSERT"),
    ("weflow_txt", "rent_side_a", "2024-08-14 10:00:12", "2024-08-14 10;00:12"),
    ("wechatexporter_txt", "rent_side_b", "赵房东 (2024-08-15 10:01", "赵房东 (2024-08-15 10:0W"),
    ("wechatexporter_txt", "rent_side_a", "撤回了一条消息\n", "撤回了一条消息"),
    ("wechatexporter_txt", "heading_that_goes_back_in_time", "(2024-08-14 10:05", f"(2024-08-{'9' * 400} 10:05"),
    ("chatlog_text", "year_left_out", "\n\n陈租(我)", "\n 陈租(我)"),
    ("wechat_email", "android_group", "陈租  14:46", "陈租  14.46"),
    ("cellebrite_txt", "rent_side_a", "-----\nFrom: wxid_zhaofd0202", "-----\x0b-\nFrom: wxid_zhaofd0202"),
    ("wechatdump_txt", "rent_side_a", "|me:2024-08-14 10:01", "|me:20\n24-08-14 10:01"),
    ("memotrace_md", "rent_side_a", "**10:00:05 ", "**10:00\n:05 "),
    ("memotrace_md", "rent_side_a", "**10:01:00 ", "**-Infinity:01:00 "),
    ("cellebrite_txt", "rent_side_a", "-----\nFrom: wxid_zhaofd0202", "----- From: wxid_zhaofd0202"),
    ("wechatexporter_txt", "rent_side_a", "\n「", "「"),
    ("wechatexporter_txt", "rent_side_b", "\n你撤回", "\n\u3000你撤回"),
    ("wechat_copied_text", "pc_multi_select", "\n\n陈租:", "\n 陈租:"),
    ("cellebrite_ufdr", "rent_side_b", 'type="InstantMessage"', 'type="InstantMassage"'),
    ("wechatexporter_html", "hole_in_the_data", '<div class="msg chat left', '<DIV CLASS="MSG chat LEFT'),
    ("wechat_email", "android_group", "陈租  14:46", "陈租  ²:46"),
    ("wechat_email", "twelve_hour_clock", "下午1:05", "下午1:1E5"),
    ("chatlog_text", "heading_that_goes_back_in_time", "-14 10:01:00", "e3088-14 10:01:00"),
    ("wechatexporter_txt", "heading_that_goes_back_in_time", " (2024-08-14 10:05", " &#0;(2024-08-14 10:05"),
    ("wechatdump_txt", "rent_side_a", "|me:2024-08-14 10:01:00", "|me:2024-08-14 10:01:-1"),
    ("wechat_copied_text", "pc_multi_select", "\n\n陈租:", "\n\n\r陈租:"),
    ("wechat_email", "twelve_hour_clock", "下午1:05", "下午1:Infinity"),
    ("cellebrite_txt", "rent_side_a", "-----\n(owner)\nTimestamp: 14", "-----\n(owner)\nT\nimestamp: 14"),
    ("wechatmsg_txt", "rent_side_a", "2024-08-14 10:00:05", "08-14 10:00:05"),
    ("wechatmsg_csv", "whole_account", "\r\n900,", "900,"),
    ("wechatmsg_csv", "oldest_age", "isSend,msgId\r\n", "isSend,msgId "),
    ("inferred", "table_html_called_xls", "<tr><td>3", "<tr/><td>3"),
    ("wechatdump_txt", "rent_side_a", "49|me:2024-08-16", "49|me:20NaN24-08-16"),
    ("chatlog_text", "year_in_the_name", "\n赵房东(中山路)(wxid", "\n> 赵房东(中山路)(wxid"),
    ("memotrace_md", "rent_side_b", "\n**10:00:05", f"\n*{'<b>' * 5_000}10:00:05"),
    (
        "chatlab_json",
        "lines_with_one_broken",
        '"}\n{"_type": "message", "sender": "wxid_c',
        '"_type": "message", "sender": "wxid_c',
    ),
    ("memotrace_md", "rent_side_b", "**23:06:40", f"**-{'9' * 19}:06:40"),
    ("memotrace_md", "rent_side_b", "[文件]\n\n**10:0", "[文件]0"),
    ("wechatexporter_txt", "rent_side_b", "[表情]\n你撤回", "[表情] 你撤回"),
    ("wechatmsg_html", "rent_side_b", "\n{ type:1", "\n];\n{ type:1"),
    ("inferred", "table_html_called_xls", "</tr><tr><td>1<", "<td>1<"),
    ("wechatexporter_txt", "rent_side_a", "\n消息已发出，但", "消息已发出，但"),
)
# The same, where the row is read and its words would be gone.
WORDS_GONE = (
    ("chatlog_csv", "rent_side_a", ",wxid_zhaofd0202,押金什么时候退？", ",押金什么时候退？"),
    ("weflow_html", "rent_side_b", 'message-text\\">你撤回', 'mes6age-text\\">你撤回'),
    (
        "weflow_html",
        "rent_side_b",
        'message-content\\">\\u003cdiv class=\\"message-text\\">你撤回',
        'x\\">\\u003cdiv class=\\"y\\">你撤回',
    ),
    ("cellebrite_txt", "rent_side_a", "Body:\n[红包]", "Body.\n[红包]"),
    ("wechatdecrypt_csv", "rent_side_a", "位置,[位置]", "位置,[位置]x[位置]"),
    ("axiom_xml", "rent_side_a", "10:30见", '10:30见]]></Fragment><Hit/><Fragment name="x"><![CDATA['),
)


MAIL = "Dear:\n\n      甲和乙的聊天记录如下：\n\n—————  2025-8-27  —————\n\n\n甲  9:08\n在吗\n\n乙  {}\n在\n"
TXT = "2023-01-01 12:00:00 '我'\n你好\n\n2023-01-{} '张三'\n好\n\n2023-01-01 12:02:00 '我'\n嗯\n\n"


@pytest.mark.parametrize(
    ("text", "sound", "damaged"),
    [
        (MAIL, "9:09", "Infinity:09"),
        (MAIL, "9:09", "9:09 好"),
        (MAIL, "9:09", "9:09好"),
        (TXT, "01 12:01:00", "Infinity 12:01:00"),
    ],
)
def test_a_damaged_heading_of_a_name_seen_once_is_noted(text: str, sound: str, damaged: str, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(text.format(sound), "utf-8")
    (tmp_path / "b.txt").write_text(text.format(damaged), "utf-8")
    notes = [[n for n in read(tmp_path / f).notes if n.code is NoteCode.AMBIGUOUS_HEADER] for f in ("a.txt", "b.txt")]
    assert [len(n) for n in notes] == [0, 1]


def test_a_name_of_thousands_of_characters_costs_no_time(tmp_path: Path, within: Within) -> None:
    rows = "".join(f"2024-08-14 10:0{n}:00 {'x' * 20_000 if n else '甲'}\n好\n\n" for n in range(6))
    (tmp_path / "甲.txt").write_text(rows, "utf-8")
    with within(5):
        assert read(tmp_path / "甲.txt").messages.height == 6


def test_a_file_name_of_a_far_number_costs_no_time(tmp_path: Path, within: Within) -> None:
    shutil.copytree(EXPORTS / "wechatexporter_html" / "hole_in_the_data" / "input", tmp_path / "x")
    data = next((tmp_path / "x").rglob("msg-*.js"))
    shutil.copyfile(data, data.with_name("msg-99999999999.js"))
    with within(5):
        notes = read(tmp_path / "x").notes
    assert any(n.locator.endswith("msg-99999999998.js") for n in notes)


def test_another_forms_rows_inside_a_message_are_noted(tmp_path: Path) -> None:
    more = "".join(f"乙 (2024-03-0{n} 10:00:05):好\n" for n in range(1, 7))
    (tmp_path / "甲.txt").write_text(f"2024-08-14 10:00:00 甲\n在吗\n{more}\n\n2024-08-14 10:01:00 乙\n在\n\n", "utf-8")
    notes = read(tmp_path / "甲.txt").notes
    assert sum(n.count for n in notes if n.code is NoteCode.AMBIGUOUS_HEADER) >= 6


@cache
def _sound(folder: Path) -> Reading:
    """What an undamaged export gives, read once for all its damages."""
    return read(_named(folder))


@pytest.mark.parametrize(
    ("form", "case", "old", "new"), some(DAMAGES), ids=[f"{d[0]}-{i}" for i, d in some(enumerate(DAMAGES))]
)
def test_a_damaged_row_is_read_or_noted(form: str, case: str, old: str, new: str, tmp_path: Path) -> None:
    folder = EXPORTS / form / case / "input"
    shutil.copytree(folder, tmp_path / "x")
    file = next(f for f in sorted((tmp_path / "x").rglob("*")) if f.is_file() and old.encode() in f.read_bytes())
    file.write_bytes(file.read_bytes().replace(old.encode(), new.encode(), 1))
    sound = _sound(folder)
    try:
        damaged = read(_named(tmp_path / "x"))
    except ReaderFailed as error:
        pytest.fail(str(error))
    except ReconcileError:
        return
    assert damaged.messages.height + _more_noted(damaged, sound) >= sound.messages.height


@pytest.mark.parametrize(("form", "case", "old", "new"), WORDS_GONE, ids=[d[0] for d in WORDS_GONE])
def test_words_of_a_damaged_row_stand_in_the_reading_or_in_a_note(
    form: str, case: str, old: str, new: str, tmp_path: Path
) -> None:
    folder = EXPORTS / form / case / "input"
    shutil.copytree(folder, tmp_path / "x")
    file = next(f for f in sorted((tmp_path / "x").rglob("*")) if f.is_file() and old.encode() in f.read_bytes())
    file.write_bytes(file.read_bytes().replace(old.encode(), new.encode(), 1))
    damaged = read(_named(tmp_path / "x"))
    words = re.split(r"[>,\n]", old)[-1]
    assert words in " ".join([*damaged.messages["text"], *(n.excerpt for n in damaged.notes)])


NOTED = (
    (
        "wechat_copied_text",
        "pc_multi_select",
        "赵房东(中山路):\n押金",
        "赵房东(中山路):押金",
        NoteCode.AMBIGUOUS_HEADER,
    ),
    ("wechatmsg_txt", "rent_side_b", "[表情包]\n\n2024-08-16 12:00", "[表情包]\n\n2024-08-", NoteCode.AMBIGUOUS_HEADER),
    (
        "wechatexporter_html",
        "rent_side_b",
        '<br /><span class="dont',
        '<br /><div><span class="dont',
        NoteCode.ODD_VALUE,
    ),
    (
        "wechatexporter_html",
        "rent_side_b",
        '<div class="content-box"><div',
        '<div class="nt-box"><span>早上好早上好早上好早上好早上好早上好</span></div><div class="content-box"><div',
        NoteCode.ODD_VALUE,
    ),
    ("moments_iosexport_json", "single_files", '"momentText"', '"momentTixt"', NoteCode.ODD_VALUE),
    ("inferred", "table_html_called_xls", "<td>在的", "<x>在的", NoteCode.ROW_SKIPPED),
    ("inferred", "table_explained_by_toml", "丁\r\n", "丁\r ", NoteCode.ROW_SKIPPED),
    ("wechatmsg_csv", "oldest_age", "msgId\r\n", "msgId\r ", NoteCode.ROW_SKIPPED),
    ("weflow_api", "rent_side_a", "<title>好的", "<x>好的", NoteCode.BROKEN_BODY),
    ("wechat_forward_xml", "count_and_end_missing", "<datadesc>在的", "<x>在的", NoteCode.BROKEN_BODY),
    ("moments_siwx_json", "all", '"text": "水电', '"txt": "水电', NoteCode.ODD_VALUE),
    ("weflow_html", "rent_side_a", '", "b": "', '", "c": "', NoteCode.ODD_VALUE),
    ("wechatmsg_csv", "without_accounts", "0,0,1723600800,0,", "0,01723600800,0,", NoteCode.ODD_VALUE),
    ("moments_wcda_json", "two_authors", '"contentDesc": "新家', '"contentDdsc": "新家', NoteCode.ODD_VALUE),
    (
        "chatlab_json",
        "lines_with_one_broken",
        '"_type": "member"',
        '"_type": "member", "platformMessageId": "1"',
        NoteCode.ROW_SKIPPED,
    ),
    ("wechatexporter_html", "rent_side_b", "<pre>10:30", "<pre~10:30", NoteCode.ODD_VALUE),
    ("wechatexporter_html", "rent_side_b", "<body>", '<body><span class="msg-text">好</span>', NoteCode.ROW_SKIPPED),
    ("cellebrite_txt", "rent_side_a", "Participants: ", "Body:\n好\nParticipants: ", NoteCode.ROW_SKIPPED),
    ("wechatdataanalysis_zip", "unpacked_folder", '"f"', '"f": 5, "g"', NoteCode.MEMBER_UNLISTED),
    ("wechatdecrypt_csv", "rent_side_b", "<title>群聊", "<tle>群聊", NoteCode.BROKEN_BODY),
    (
        "wechatexporter_txt",
        "heading_that_goes_back_in_time",
        "(2024-08-14 10:05",
        "(-Infinity-08-14 10:05",
        NoteCode.AMBIGUOUS_HEADER,
    ),
    (
        "wechatexporter_txt",
        "heading_that_goes_back_in_time",
        "(2024-08-14 10:05",
        "(2024-\n08-14 10:05",
        NoteCode.AMBIGUOUS_HEADER,
    ),
    ("post_table", "converted", "media_id,kind", "media_id,kin", NoteCode.ROW_SKIPPED),
    ("wechat_email", "ios_side_a", "Dear:", "甲:\n第一句\n\n乙:\n第二句\nDear:", NoteCode.ROW_SKIPPED),
    (
        "wechatmsg_html",
        "rent_side_b",
        "const chatMessages = [",
        "},{is_chatroom:0,displayname:''},const chatMessages = [",
        NoteCode.ROW_SKIPPED,
    ),
    ("chatlog_json", "rent_side_a", '"content":', '"content": "别的", "content":', NoteCode.COLUMN_DUPLICATE),
    ("chatlab_json", "lines_with_one_broken", '"content":', '"content": "别的", "content":', NoteCode.COLUMN_DUPLICATE),
    ("memotrace_json", "rent_side_b", '"msg":', '"msg": "a \\":", "msg" :', NoteCode.COLUMN_DUPLICATE),
    (
        "pywxdump_html",
        "rent_side_b",
        "const local_msg_list",
        'const local_msg_list = [{"id": 1}]\nconst local_msg_list',
        NoteCode.ROW_SKIPPED,
    ),
    ("wechat_copied_text", "pc_multi_select", "陈租:", "2024-08-20 08:00:00 赵房东\n陈租:", NoteCode.AMBIGUOUS_HEADER),
    (
        "wechatexporter_txt",
        "rent_side_a",
        '"赵房东" 撤回',
        '<< 群聊的聊天记录\n"赵房东" 撤回',
        NoteCode.AMBIGUOUS_HEADER,
    ),
    (
        "wechat_email",
        "eml_with_picture",
        "\n\n--==fixture==\nContent-Type: image",
        "\n\n--==fixture==--\n\n--==fixture==\nContent-Type: image",
        NoteCode.ODD_VALUE,
    ),
    ("inferred", "table_html_called_xls", "<tr><td>3", "<!-- <tr><td>3", NoteCode.ROW_SKIPPED),
    ("case_uco_jsonld", "thread_of_a", ":messageText", ":massageText", NoteCode.COLUMN_UNKNOWN),
    ("case_uco_jsonld", "thread_of_a", ':messageText": "在的', ':messageText": ["x"], "a": "在的', NoteCode.ODD_VALUE),
    (
        "wechatmsg_txt",
        "rent_side_a",
        "\n\n2024-08-17 10:13:20",
        '8-17 10:13:20 "甲" 撤回了一条消息\n\n2024-08-17 10:13:20',
        NoteCode.AMBIGUOUS_HEADER,
    ),
)


@pytest.mark.parametrize(
    ("form", "case", "old", "new", "code"), some(NOTED), ids=[f"{d[0]}-{i}" for i, d in some(enumerate(NOTED))]
)
def test_rows_that_join_or_lose_their_post_are_noted(
    form: str, case: str, old: str, new: str, code: NoteCode, tmp_path: Path
) -> None:
    folder = EXPORTS / form / case / "input"
    shutil.copytree(folder, tmp_path / "x")
    file = next(f for f in sorted((tmp_path / "x").rglob("*")) if f.is_file() and old.encode() in f.read_bytes())
    file.write_bytes(file.read_bytes().replace(old.encode(), new.encode(), 1))
    readings = _sound(folder), read(_named(tmp_path / "x"))
    sound, damaged = ([n for n in reading.notes if n.code is code] for reading in readings)
    assert len(damaged) > len(sound)


@pytest.mark.parametrize(("form", "end"), [("wechatexporter_txt", "\n\r"), ("memotrace_md", "\u2028")])
def test_text_forms_are_read_whatever_ends_their_lines(form: str, end: str, tmp_path: Path) -> None:
    folder = EXPORTS / form / "rent_side_b" / "input"
    shutil.copytree(folder, tmp_path / "x")
    for file in (f for f in (tmp_path / "x").rglob("*") if f.suffix in (".txt", ".md")):
        file.write_text(file.read_text("utf-8").replace("\n", end), "utf-8", newline="")
    assert read(_named(tmp_path / "x")).messages.height == _sound(folder).messages.height


@pytest.mark.parametrize("form", ["weflow_arkme", "chatlab_json", "wechatdecrypt_json"])
def test_a_member_that_is_no_message_is_noted_whatever_the_form(form: str, tmp_path: Path) -> None:
    shutil.copytree(sorted((EXPORTS / form).iterdir())[0] / "input", tmp_path / "x")
    changed = 0
    for file in (tmp_path / "x").rglob("*.json"):
        value = json.loads(file.read_text("utf-8-sig"))
        if value.get("messages"):
            value["messages"][0] = [1, 2]
            changed += 1
            file.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    notes = read(_named(tmp_path / "x")).notes
    assert sum(n.count for n in notes if n.code is NoteCode.ROW_SKIPPED) == changed > 0


def test_a_row_of_an_unknown_kind_keeps_its_title(tmp_path: Path) -> None:
    shutil.copytree(EXPORTS / "memotrace_json" / "rent_side_b" / "input", tmp_path / "x")
    file = next((tmp_path / "x").rglob("*.html.json"))
    file.write_text(file.read_text("utf-8").replace('"type": "81604378673"', '"type": {"a": 1}'), "utf-8")
    row = read(_named(tmp_path / "x")).messages.filter(pl.col("kind") == "other")
    assert "群聊的聊天记录" in " ".join(row["raw"].drop_nulls())


def test_a_workbook_whose_heading_lost_a_column_is_read_with_a_note(tmp_path: Path) -> None:
    seed = next((EXPORTS / "weflow_xlsx" / "rent_side_a" / "input").rglob("*.xlsx"))
    with zipfile.ZipFile(seed) as old, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace("发送者昵称".encode(), "发送 昵称".encode()))
    damaged, sound = read(tmp_path / "a.xlsx"), read(seed)
    assert damaged.messages["text"].equals(sound.messages["text"])
    assert any(n.code is NoteCode.COLUMN_UNKNOWN and n.excerpt == "发送 昵称" for n in damaged.notes)


def test_words_of_a_row_whose_code_says_picture_are_kept(tmp_path: Path) -> None:
    shutil.copytree(EXPORTS / "memotrace_json" / "rent_side_b" / "input", tmp_path / "x")
    file = next((tmp_path / "x").rglob("*.html.json"))
    file.write_text(file.read_text("utf-8").replace('"type": "1"', '"type": "3"', 1), "utf-8")
    assert "赵姐好，房子还在吗？" in " ".join(read(_named(tmp_path / "x")).messages["raw"].drop_nulls())


def test_words_under_an_unknown_key_of_a_weflow_page_stand_with_the_row(tmp_path: Path) -> None:
    page = next((EXPORTS / "weflow_html" / "rent_side_a" / "input").glob("*.html"))
    changed = tmp_path / page.name
    changed.write_text(page.read_text("utf-8").replace('"b":', '"bb":', 2), "utf-8")
    assert "赵姐好，房子还在吗？" in " ".join(read(changed).messages["raw"].drop_nulls())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"type": "81604378673"', '"type": "8594229559345"'),
        ('"type": "1"', '"type": "42", "title": "群聊的聊天记录"'),
        ('"text": "赵姐', '"file_name": "群聊的聊天记录", "text": "赵姐'),
    ],
)
def test_words_of_a_memotrace_row_that_its_kind_does_not_show_stay_with_it(old: str, new: str, tmp_path: Path) -> None:
    shutil.copytree(EXPORTS / "memotrace_json" / "rent_side_b" / "input", tmp_path / "x")
    file = next((tmp_path / "x").rglob("*.html.json"))
    file.write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    held = read(_named(tmp_path / "x")).messages
    assert "群聊的聊天记录" in " ".join(held.filter(pl.col("text") != "群聊的聊天记录")["raw"].drop_nulls())


def test_a_poorer_forms_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    shutil.copytree(EXPORTS / "memotrace_json" / "beside_poorer_forms" / "input", tmp_path / "x")
    file = next(f for f in (tmp_path / "x").rglob("*.csv") if f.name == "项目群.csv")
    file.write_text(file.read_text("utf-8").split("\n")[0] + "\n好\n", "utf-8")
    notes = read(_named(tmp_path / "x")).notes
    assert any(n.code is NoteCode.FILE_UNREAD and n.locator.endswith(file.name) for n in notes)


def test_a_page_of_a_store_that_belongs_to_no_table_is_noted(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "MSG0.db")) as db, db:
        db.execute("CREATE TABLE t (a TEXT)")
        db.execute("CREATE TABLE u (a TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [("好" * 500,)] * 20)
    data = (tmp_path / "MSG0.db").read_bytes()
    page = int.from_bytes(data[16:18], "big")
    # The empty table's root stands where the full one's was.
    (tmp_path / "MSG0.db").write_bytes(data[:page] + data[2 * page : 3 * page] + data[2 * page :])
    with open_database(Source(tmp_path / "MSG0.db"), tmp_path / "MSG0.db") as database:
        assert "SQLite's own check" in own_check(database)


def test_a_table_of_messages_without_the_column_of_their_words_is_noted(tmp_path: Path) -> None:
    digest = "0" * 32
    with closing(sqlite3.connect(tmp_path / "m.db")) as db, db:
        db.execute(f"CREATE TABLE Msg_{digest} (local_id INTEGER, message_contentx TEXT)")
        db.execute(f"CREATE TABLE Msg_{digest[1:]}1 (local_id INTEGER, message_content TEXT)")
    spec = {"local_id": ("int", "local_id"), "content": ("text", "message_content")}
    with open_database(Source(tmp_path / "m.db"), tmp_path / "m.db") as database:
        notes = read_hashed(database, "Msg", spec, Names()).notes
    assert [(n.code, n.locator) for n in notes] == [(NoteCode.PART_UNREADABLE, f"m.db#Msg_{digest}")]


def test_a_byte_too_many_in_utf_16_is_noted(tmp_path: Path) -> None:
    text = "".join(f"2024-08-14 10:0{n}:00 甲\n好\n\n" for n in range(6)).encode("utf-16")
    (tmp_path / "甲.txt").write_bytes(text[:121] + b"\xef" + text[121:])
    notes = read(tmp_path / "甲.txt").notes
    assert NoteCode.PART_UNREADABLE in {n.code for n in notes}


def test_a_folder_of_many_tables_costs_no_time(tmp_path: Path, within: Within) -> None:
    for n in range(300):
        (tmp_path / f"{n}.csv").write_text("sent_at,sender,text\n2024-03-01T09:05:07+08:00,a,好\n", "utf-8")
    with within(3), pytest.raises(ReconcileError):
        read(tmp_path)


def test_a_line_of_json_nested_a_thousand_times_costs_no_time(tmp_path: Path, within: Within) -> None:
    sound = next((EXPORTS / "chatlab_json" / "lines_with_one_broken" / "input").iterdir()).read_text("utf-8")
    deep = '[{"a":' * 500 + "1" + "}]" * 500
    (tmp_path / "赵房东.jsonl").write_text(
        re.sub(r'"content": ?"', f'"zz":{deep},"content":"', sound, count=1), "utf-8"
    )
    with within(3), pytest.raises(LimitExceeded):
        read(tmp_path / "赵房东.jsonl")


def test_a_table_of_empty_lines_is_refused_by_its_cells(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"sent_at,sender,text\n2024-03-01T09:05:07+08:00,a,hi\n" + b"\n" * 400)
    assert read(tmp_path / "a.csv").messages.height == 1
    with pytest.raises(LimitExceeded):
        read(tmp_path / "a.csv", None, ReadOptions(limits=Limits(max_cells=300)))


def test_a_table_whose_cells_all_stand_in_the_file_may_be_of_any_length(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sent_at,text,sender\n" + "2024-03-01 09:00,好,a\n" * 200, "utf-8")
    assert read(tmp_path / "a.csv", None, ReadOptions(limits=Limits(max_cells=300))).messages.height == 200


def test_two_joined_lines_of_json_count_as_two(tmp_path: Path) -> None:
    row = '{"sent_at":"2024-03-01T09:05:07+08:00","sender":"甲","text":"好"}'
    (tmp_path / "a.jsonl").write_text(f"{row}\n{row}{row}\n", "utf-8")
    assert sum(n.count for n in read(tmp_path / "a.jsonl").notes if n.code is NoteCode.ROW_SKIPPED) == 2


@pytest.mark.parametrize("end", ["\r", "\n\r", "\u2028", "\x85"])
def test_lines_may_end_in_any_way(end: str, tmp_path: Path) -> None:
    sound = (EXPORTS / "wechat_email" / "ios_side_a" / "input" / "邮件.txt").read_text("utf-8")
    (tmp_path / "邮件.txt").write_bytes(sound.replace("\n", end).encode())
    assert read(tmp_path / "邮件.txt").messages.height == 11


def test_a_report_whose_elements_bear_capitals_is_read(tmp_path: Path) -> None:
    sound = next((EXPORTS / "cellebrite_ufdr" / "rent_side_b" / "input").rglob("*.xml"))
    capitals = re.sub(
        r"</?(?:model|field|modelField|multiModelField)\b", lambda m: m[0].upper(), sound.read_text("utf-8")
    )
    (tmp_path / "report.xml").write_text(capitals, "utf-8")
    assert read(tmp_path / "report.xml").messages["text"].equals(read(sound).messages["text"])


def test_a_fragment_that_a_stray_element_holds_is_read_and_a_second_one_of_its_name_noted(tmp_path: Path) -> None:
    sound = next((EXPORTS / "axiom_xml" / "rent_side_b" / "input").iterdir()).read_text("utf-8")
    message = '<Fragment name="Message"><![CDATA[在的，随时看房]]></Fragment>'
    (tmp_path / "a.xml").write_text(
        sound.replace(message, f"<x>{message}</x>{message.replace('在的', '不在')}", 1), "utf-8"
    )
    damaged = read(tmp_path / "a.xml")
    assert "在的，随时看房" in damaged.messages["text"]
    assert "不在，随时看房" in [n.excerpt for n in damaged.notes if n.code is NoteCode.ODD_VALUE]


def test_words_of_a_row_whose_kind_is_unknown_are_kept(tmp_path: Path) -> None:
    sound = EXPORTS / "wechatmsg_html" / "rent_side_b" / "input"
    page = next(f for f in sound.rglob("*.html"))
    (tmp_path / page.name).write_text(page.read_text("utf-8").replace("type:49,sub_type:2000", "type:4912,sub_type:2000"), "utf-8")  # fmt: skip
    raw = " ".join(read(tmp_path / page.name).messages["raw"].drop_nulls())
    assert raw.count("八月房租") == 4


def test_a_value_in_a_field_inside_a_field_is_read(tmp_path: Path) -> None:
    sound = next((EXPORTS / "cellebrite_ufdr" / "rent_side_b" / "input").rglob("*.xml"))
    value = "<![CDATA[赵姐好，房子还在吗？]]></value>"
    text = sound.read_text("utf-8").replace('<value type="String">' + value, f'<field name="Body"><value type="String">{value}</field>', 1)  # fmt: skip
    (tmp_path / "report.xml").write_text(text, "utf-8")
    assert read(tmp_path / "report.xml").messages["text"].equals(read(sound).messages["text"])


def test_words_of_another_kind_in_a_text_without_words_are_kept(tmp_path: Path) -> None:
    sound = EXPORTS / "memotrace_html" / "rent_side_b" / "input"
    shutil.copytree(sound, tmp_path / "x")
    page = next((tmp_path / "x").rglob("*.html"))
    old = re.search(r'"type": "50"(?=[^{}]*(?:\{[^{}]*\})?[^{}]*display_content)', page.read_text("utf-8"))
    assert old
    page.write_text(page.read_text("utf-8").replace(old[0], '"type": "1"', 1), "utf-8")
    assert "通话时长" in " ".join(read(_named(tmp_path / "x")).messages["raw"].drop_nulls())


def test_words_that_slid_into_the_column_of_yes_and_no_are_noted(tmp_path: Path) -> None:
    rows = "2024-03-01T09:05:07+08:00,a,true,好\n,b,,x\n2024-03-01T09:05:08+08:00,a,还在吗,\n"
    (tmp_path / "a.csv").write_text("sent_at,sender,is_self,text\n" + rows, "utf-8")
    notes = read(tmp_path / "a.csv").notes
    assert [(n.locator, n.excerpt) for n in notes if n.code is NoteCode.ODD_VALUE] == [("a.csv#3", "还在吗")]


def _named(folder: Path) -> Path:
    inside = sorted(folder.iterdir())
    return inside[0] if len(inside) == 1 else folder


def _more_noted(new: Reading, old: Reading) -> int:
    counts = [
        Counter({c: sum(n.count for n in r.notes if n.code is c) for c in {n.code for n in r.notes}})
        for r in (new, old)
    ]
    return sum((counts[0] - counts[1]).values())

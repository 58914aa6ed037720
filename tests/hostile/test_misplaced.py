"""Words or rows that a damaged export holds where no reader looks for them: they stay with their row, or a note speaks of the place."""

import re
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.errors import ReconcileError
from reconcile.formats.cellebrite.xlsx import note_skipped_rows as left_out
from reconcile.formats.memotrace.rows import HEADING
from reconcile.formats.memotrace.tables import parse_sheet as memotrace_table
from reconcile.intake.contract import Reading
from reconcile.intake.tables.cells import ROW
from reconcile.intake.tables.workbook import other_sheets
from reconcile.vocabulary import NoteCode
from tests.build import databases as build
from tests.contracts.golden import EXPORTS

JIA = build.JIA


def _copied(form: str, case: str, folder: Path) -> Path:
    shutil.copytree(EXPORTS / form / case / "input", folder / "x")
    return folder / "x"


def _changed(form: str, case: str, pattern: str, old: str, new: str, folder: Path) -> Path:
    """A copy in whose one file of that pattern the first `old` is `new`."""
    copied = _copied(form, case, folder)
    file = next(copied.rglob(pattern))
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")
    return copied


def _raw(reading: Reading) -> str:
    return " ".join(reading.messages["raw"].drop_nulls())


def _noted(reading: Reading, code: NoteCode) -> bool:
    return any(n.code is code for n in reading.notes)


@pytest.mark.parametrize(
    ("form", "pattern", "old", "new", "kept"),
    [
        ("memotrace_json", "*.html.json", '"avatar_src": ""', '"avatar_src": "在的，随时看房"', '"avatar_src":"在的，随时看房"'),
        ("wechatmsg_html", "*.html", "avatar_path:'./avatar/a.png'", "avatar_path:'押金已经退了'", "押金已经退了"),
        ("wechatmsg_html", "*.html", "displayname:'赵房东'}", "displayname:'赵房东',pay_memo:'九月房租'}", "九月房租"),
    ],
)  # fmt: skip
def test_words_in_a_field_that_has_none_stay_with_their_row(
    form: str, pattern: str, old: str, new: str, kept: str, tmp_path: Path
) -> None:
    folder = _changed(form, "rent_side_b", pattern, old, new, tmp_path)
    assert kept in _raw(read(folder))


def test_the_place_of_a_picture_is_no_words(tmp_path: Path) -> None:
    folder = _copied("memotrace_json", "rent_side_b", tmp_path)
    file = next(folder.rglob("*.html.json"))
    file.write_text(file.read_text("utf-8").replace('"avatar_src": ""', '"avatar_src": "./头像/张 三.png"', 1), "utf-8")
    assert "头像" not in _raw(read(folder))


def test_an_answer_of_a_weflow_page_whose_words_bear_another_mark_is_noted(tmp_path: Path) -> None:
    folder = _copied("weflow_html", "rent_side_b", tmp_path)
    page = next(folder.glob("*.html"))
    head, quoted, rest = page.read_text("utf-8").partition("quoted-text")
    page.write_text(head + quoted + rest.replace("message-text", "message-kext", 1), "utf-8")
    assert _noted(read(folder), NoteCode.BROKEN_BODY)


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        ("xl/worksheets/sheet1.xml", b"<v>", b"<m>"),
        ("xl/sharedStrings.xml", b"UTF-8", b"UTF.8"),
        ("xl/sharedStrings.xml", b"</si>", b"<m></si>"),
        ("xl/sharedStrings.xml", b"</t></si>", b"<t>x</t></t></si>"),
        ("xl/worksheets/sheet1.xml", b"</v>", b"<v>1</v></v>"),
        ("xl/worksheets/sheet1.xml", b'r="H6"', b'r="H5"'),
        # Across the end of what is read at once.
        (
            "xl/sharedStrings.xml",
            b"</sst>",
            b"<!--" + b"x" * (2**22 - 40_000) + b"--><si><t>" + b"y" * 80_000 + b"<t>z</t></t></si></sst>",
        ),
    ],
)
def test_a_workbook_that_the_library_would_read_in_part_is_refused(
    part: str, old: bytes, new: bytes, tmp_path: Path
) -> None:
    seed = next((EXPORTS / "weflow_xlsx" / "rent_side_a" / "input").rglob("*.xlsx"))
    with zipfile.ZipFile(seed) as held, zipfile.ZipFile(tmp_path / "a.xlsx", "w") as made:
        for name in held.namelist():
            data = held.read(name)
            made.writestr(name, new.join(data.rsplit(old, 1)) if name == part else data)
    with pytest.raises(ReconcileError, match=r"no well-formed XML|no reader recognises"):
        read(tmp_path / "a.xlsx")


def test_words_of_a_ufed_message_outside_its_fields_are_noted(tmp_path: Path) -> None:
    folder = _copied("cellebrite_ufdr", "rent_side_b", tmp_path)
    report = next(folder.rglob("*.xml")).read_text("utf-8")
    head, field, rest = report.partition('<field name="Body"')
    inner, end, rest = rest.partition("</field>")
    (tmp_path / "report.xml").write_text(f"{head}<model>{field}{inner}{end}</model>{rest}", "utf-8")
    assert _noted(read(tmp_path / "report.xml"), NoteCode.ODD_VALUE)


def _edited(store: Path, name: str, *statements: str) -> None:
    with closing(sqlite3.connect(next(store.rglob(name)))) as db, db:
        for statement in statements:
            db.execute(statement)


def test_a_search_index_that_lacks_a_column_is_noted(tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    _edited(store, "message_fts.db", "ALTER TABLE message_fts_v3_range RENAME COLUMN end_local_id TO end_loccl_id")
    noted = [n for n in read(store).notes if n.code is NoteCode.PART_UNREADABLE]
    assert [n.locator.rpartition("#")[2] for n in noted] == ["message_fts_v3_range"]


def test_what_was_recalled_keeps_its_words_whatever_kind_is_stated(tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    words = set(read(store).witnesses["text"].drop_nulls())
    _edited(store, "general.db", "UPDATE revokemessage SET message_type = 0")
    assert set(read(store).witnesses["text"].drop_nulls()) == words


def test_numbers_under_the_name_of_bodies_are_noted(tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    with closing(sqlite3.connect(next(store.rglob("message_1.db")))) as db:
        table = next(n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'Msg_%'"))
    _edited(
        store,
        "message_1.db",
        f"ALTER TABLE {table} RENAME COLUMN message_content TO x",
        f"ALTER TABLE {table} RENAME COLUMN origin_source TO message_content",
    )
    assert any(n.code is NoteCode.ODD_VALUE and "body" in n.excerpt for n in read(store).notes)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [("SessionTable", "summary", "summray"), ("revokemessage", "content", "cotent")],
)
def test_a_column_called_almost_as_one_that_is_wanting_is_noted(name: str, old: str, new: str, tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    file = {"SessionTable": "session.db", "revokemessage": "general.db"}[name]
    _edited(store, file, f"ALTER TABLE {name} RENAME COLUMN {old} TO {new}")
    assert [n.excerpt for n in read(store).notes if n.code is NoteCode.COLUMN_UNKNOWN] == [new]


@pytest.mark.parametrize(
    ("file", "name", "new"),
    [
        ("general.db", "revokemessage", "rqvokemessage"),
        ("message_fts.db", "message_fts_v3_0_content", "message_fts_q3_0_content"),
    ],
)
def test_a_table_called_almost_as_one_that_is_wanting_is_noted(file: str, name: str, new: str, tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    _edited(store, file, f"ALTER TABLE {name} RENAME TO {new}")
    noted = [n for n in read(store).notes if n.code is NoteCode.PART_UNREADABLE]
    assert [n.locator.rpartition("#")[2] for n in noted] == [new]


@pytest.mark.parametrize(
    ("statement", "where"),
    [
        ("UPDATE rconversation SET conversationTime = -1", "rconversation"),
        ("UPDATE chatroom SET chatroomname = ''", "chatroom"),
    ],
)
def test_words_of_a_phones_list_stand_whatever_their_row_lacks(statement: str, where: str, tmp_path: Path) -> None:
    store = build.write_android(tmp_path, build.view(JIA), JIA)
    _edited(
        store,
        "EnMicroMsg.db",
        "ALTER TABLE chatroom ADD COLUMN chatroomnotice TEXT",
        "UPDATE chatroom SET chatroomnotice = '明天开工'",
    )
    before = read(store).witnesses.filter(pl.col("locator").str.contains(f"#{where}/"))["text"].drop_nulls().to_list()
    _edited(store, "EnMicroMsg.db", statement)
    after = read(store).witnesses.filter(pl.col("locator").str.contains(f"#{where}/"))["text"].drop_nulls().to_list()
    assert before
    assert after == before


def test_a_row_that_names_another_chat_than_its_file_is_noted(tmp_path: Path) -> None:
    folder = _copied("weflow_sql", "rent_side_b", tmp_path)
    file = next(folder.rglob("*.sql"))
    head, values, rest = file.read_text("utf-8").partition("VALUES ('wxid_")
    file.write_text(f"{head}VALUES ('在的，随时看房wxid_{rest}" if values else "", "utf-8")
    assert any("在的，随时看房" in n.excerpt for n in read(folder).notes if n.code is NoteCode.ODD_VALUE)


def test_words_above_their_line_in_a_chat_text_of_cellebrite_are_noted(tmp_path: Path) -> None:
    folder = _copied("cellebrite_txt", "rent_side_a", tmp_path)
    file = next(folder.rglob("*.txt"))
    file.write_text(file.read_text("utf-8").replace("Body:\n在的，随时看房\n", "在的，随时看房\nBody:\n", 1), "utf-8")
    assert any("在的，随时看房" in n.excerpt for n in read(folder).notes if n.code is NoteCode.BROKEN_BODY)


def test_the_column_of_recalled_words_of_an_iphones_store_under_another_name_is_noted(tmp_path: Path) -> None:
    store = build.write_ios(tmp_path, build.view(JIA), JIA)
    old, new = "MSG_REVOKE_COL_CONTENT", "MSG_REVOKU_COL_CONTENT"
    _edited(store, "MM.sqlite", f"ALTER TABLE RevokeMsgTable RENAME COLUMN {old} TO {new}")
    assert [n.excerpt for n in read(store).notes if n.code is NoteCode.COLUMN_UNKNOWN] == [new]


def test_words_of_a_ufed_party_outside_its_fields_are_noted(tmp_path: Path) -> None:
    folder = _copied("cellebrite_ufdr", "rent_side_b", tmp_path)
    report = next(folder.rglob("*.xml")).read_text("utf-8")
    stray = '<model type="Party" id="p-b"><value type="String">退了</value>'
    (tmp_path / "report.xml").write_text(report.replace('<model type="Party" id="p-b">', stray), "utf-8")
    assert any(n.excerpt == "退了" for n in read(tmp_path / "report.xml").notes)


def test_an_empty_fragment_of_an_axiom_report_takes_no_words_away(tmp_path: Path) -> None:
    sound = next((EXPORTS / "axiom_xml" / "rent_side_b" / "input").iterdir())
    message = '<Fragment name="Message"><![CDATA[在的，随时看房]]></Fragment>'
    text = sound.read_text("utf-8")
    assert message in text
    (tmp_path / "a.xml").write_text(text.replace(message, message + '<Fragment name="Message"></Fragment>'), "utf-8")
    assert "在的，随时看房" in read(tmp_path / "a.xml").messages["text"]


def test_two_values_of_one_name_in_a_line_of_a_message_table_are_noted(tmp_path: Path) -> None:
    once = '{"sent_at": "2024-03-01T09:00:00+08:00", "sender": "wxid_a0001", "text": "定金\\": 已退"'
    (tmp_path / "t.jsonl").write_text(once + ', "text": "好的"}\n' + once + "}\n", "utf-8")
    assert [n.count for n in read(tmp_path / "t.jsonl").notes if n.code is NoteCode.COLUMN_DUPLICATE] == [1]


def test_a_members_line_of_chatlab_that_names_nobody_is_noted(tmp_path: Path) -> None:
    lines = next((EXPORTS / "chatlab_json" / "lines_with_one_broken" / "input").iterdir()).read_text("utf-8")
    (tmp_path / "a.jsonl").write_text(
        lines + '\n{"_type": "member", "plyToMessageId": "7216895530414915132"}\n', "utf-8"
    )
    assert any("7216895530414915132" in n.excerpt for n in read(tmp_path / "a.jsonl").notes)


@pytest.mark.parametrize(("glued", "code"), [(9, NoteCode.ROW_SKIPPED), (1, NoteCode.COLUMN_UNKNOWN)])
def test_a_row_glued_to_another_in_a_table_of_html_is_noted_as_not_read(
    glued: int, code: NoteCode, tmp_path: Path
) -> None:
    page = next((EXPORTS / "inferred" / "table_html_called_xls" / "input").iterdir()).read_text("utf-8")
    cells = "".join(f"<td>第{i}格</td>" for i in range(glued))
    (tmp_path / "聊天.xls").write_text(cells.join(page.rsplit("</tr>", 1)) + "", "utf-8")
    assert [n.count for n in read(tmp_path / "聊天.xls").notes if n.code is code] == [1]


@pytest.mark.parametrize(
    ("form", "case", "pattern", "old", "new"),
    [
        ("weflow_html", "in_chunks", "*.js", '"b":', '"b":"押金已经退了","b":'),
        ("wechatmsg_html", "rent_side_b", "*.html", "avatar_path:", "text:'押金已经退了',avatar_path:"),
    ],
)  # fmt: skip
def test_two_values_of_one_name_in_a_script_are_noted(
    form: str, case: str, pattern: str, old: str, new: str, tmp_path: Path
) -> None:
    folder = _changed(form, case, pattern, old, new, tmp_path)
    assert [n.count for n in read(folder).notes if n.code is NoteCode.COLUMN_DUPLICATE] == [1]


def test_words_beside_the_columns_of_a_memotrace_workbook_are_noted(tmp_path: Path) -> None:
    row = ["1", "文本", "甲", "2024-03-01 09:00:05", "好", "", "", "", "押金已经退了"]
    table, notes = memotrace_table([[*HEADING, ""], row, ["9", *[""] * 8]], "a.xlsx")
    assert table.height == 1
    assert [(n.code, n.locator, n.excerpt) for n in notes] == [
        (NoteCode.ROW_SKIPPED, "a.xlsx#3", "9"),
        (NoteCode.ODD_VALUE, "a.xlsx#2", "押金已经退了"),
    ]


def test_a_row_of_a_reader_sheet_that_lost_its_number_and_its_words_is_noted() -> None:
    columns = ("Chat #", "Instant Message #", "Body", "From", "Timestamp: Time", ROW)
    rows = [("1", None, None, "wxid_a0001", "2024-03-01 09:00:05", "2"), ("1", *[None] * 4, "3")]
    table = pl.DataFrame(rows, dict.fromkeys(columns, pl.String), orient="row")
    assert [(n.code, n.excerpt) for n in left_out(table, "a#")] == [
        (NoteCode.ROW_SKIPPED, "wxid_a0001 2024-03-01 09:00:05")
    ]


def test_words_of_a_search_index_that_lost_their_place_are_noted(tmp_path: Path) -> None:
    store = build.write_windows(tmp_path, build.view(JIA), JIA)
    assert not _noted(read(store), NoteCode.ROW_SKIPPED)
    _edited(store, "FTSMSG0.db", "DELETE FROM FTSChatMsg2_MetaData WHERE docid = 2")
    assert [n.count for n in read(store).notes if n.code is NoteCode.ROW_SKIPPED] == [1]


def test_words_behind_an_element_inside_a_fragment_of_an_axiom_report_are_noted(tmp_path: Path) -> None:
    sound = next((EXPORTS / "axiom_xml" / "rent_side_b" / "input").iterdir()).read_text("utf-8")
    (tmp_path / "a.xml").write_text(sound.replace("</Fragment>", "<b/>押金已经退了</Fragment>", 1), "utf-8")
    assert any(n.excerpt == "押金已经退了" for n in read(tmp_path / "a.xml").notes)


@pytest.mark.parametrize(
    ("form", "case", "part"),
    [
        ("wechat_email", "eml_with_picture", b"Content-Type: text/plain; charset=utf-8\n\n\xe6\x8a\xbc\xe9\x87\x91\n"),
        ("relativity_rsmf", "rent_side_a", b"Content-Type: application/zip\n\nPK\x03\x04\n"),
    ],
)
def test_a_second_part_of_the_sort_that_is_read_of_a_mail_is_noted(
    form: str, case: str, part: bytes, tmp_path: Path
) -> None:
    folder = _copied(form, case, tmp_path)
    file = next(f for f in folder.rglob("*") if f.is_file())
    mail = file.read_bytes().replace(b"\r\n", b"\n")
    end = mail[mail.rindex(b"\n--") :]
    boundary = end.strip().removesuffix(b"--")
    file.write_bytes(mail.removesuffix(end) + b"\n" + boundary + b"\n" + part + end)
    assert not _noted(read(EXPORTS / form / case / "input"), NoteCode.PART_UNSUPPORTED)
    assert _noted(read(folder), NoteCode.PART_UNSUPPORTED)


def test_a_heading_that_holds_a_messages_number_is_noted(tmp_path: Path) -> None:
    heading = "Message,Message Sent Date/Time - UTC+00:00,Sender,Rechenzu0101,wxid_b0002,5650123456789012405,Outgoing\n"
    (tmp_path / "a.csv").write_text(heading, "utf-8")
    assert any("5650123456789012405" in n.excerpt for n in read(tmp_path / "a.csv").notes)


def _of_ufed(case: str, tmp_path: Path, change: Callable[[str], str]) -> tuple[Reading, Reading]:
    sound = next((EXPORTS / "cellebrite_ufdr" / case / "input").rglob("*.xml"))
    (tmp_path / "report.xml").write_text(change(sound.read_text("utf-8")), "utf-8")
    return read(sound), read(tmp_path / "report.xml")


_BODY = '<value type="String"><![CDATA[在的，随时看房]]></value></field>'


@pytest.mark.parametrize(
    "damaged",
    [
        '<value type="String">押金已退</value>' + _BODY,
        "押金已退" + _BODY,
        _BODY.replace("</field>", "押金已退</field>"),
        _BODY + '<field name="Body"><value>押金已退</value></field>',
        _BODY + "押金已退",
    ],
)
def test_more_words_than_one_value_in_a_field_of_a_ufed_message_are_noted(damaged: str, tmp_path: Path) -> None:
    _, found = _of_ufed("rent_side_b", tmp_path, lambda text: text.replace(_BODY, damaged, 1))
    assert any("押金已退" in n.excerpt for n in found.notes if n.code is NoteCode.ODD_VALUE)


def test_two_ufed_messages_glued_to_one_are_noted(tmp_path: Path) -> None:
    between = re.compile(r'</model>\s*<model type="InstantMessage"[^>]*>')
    sound, found = _of_ufed("rent_side_b", tmp_path, lambda text: between.sub("", text, count=1))
    assert found.messages.height == sound.messages.height - 1
    assert any("赵姐好，房子还在吗？" in n.excerpt for n in found.notes if n.code is NoteCode.ODD_VALUE)


def test_a_ufed_message_in_no_chat_is_read_where_it_names_the_app(tmp_path: Path) -> None:
    def moved(text: str) -> str:
        message = re.search(r'<model type="InstantMessage".*?</model>', text, re.DOTALL)
        assert message
        return text.replace(message[0], "", 1).replace("</modelType>", message[0] + "</modelType>", 1)

    sound, found = _of_ufed("rent_side_b", tmp_path, moved)
    assert sorted(found.messages["text"]) == sorted(sound.messages["text"])


def test_ufed_messages_whose_chat_is_called_otherwise_join_no_other_chat(tmp_path: Path) -> None:
    last = '<model type="Chat"'
    sound, found = _of_ufed("rent_side_b", tmp_path, lambda text: '<model type="Chxt"'.join(text.rsplit(last, 1)))
    assert found.messages.height == sound.messages.height
    assert [n.excerpt for n in found.notes if n.code is NoteCode.PART_UNSUPPORTED] == ["chats of ?"]


def test_a_sheet_with_rows_that_is_not_read_is_noted() -> None:
    sheets = {"聊天记录": [["1"]], "聊天记录 (2)": [["1", ""], ["", "2"], ["", ""]], "Sheet": [[""]]}
    assert [(n.locator, n.count) for n in other_sheets(sheets, ("聊天记录",), "a.xlsx")] == [("a.xlsx!聊天记录 (2)", 2)]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_stands_twice_in_an_archive_is_noted_and_a_part_of_a_workbook_refused(tmp_path: Path) -> None:
    def doubled(form: str, part: str) -> Path:
        held = zipfile.ZipFile(next(f for f in (EXPORTS / form / "rent_side_a" / "input").rglob("*") if f.is_file()))
        made = tmp_path / Path(str(held.filename)).name
        with held, zipfile.ZipFile(made, "w") as archive:
            for name in held.namelist():
                for _ in range(1 + name.endswith(part)):
                    archive.writestr(name, held.read(name))
        return made

    notes = read(doubled("wechatdataanalysis_zip", "/messages.json")).notes
    assert [n.count for n in notes if n.code is NoteCode.PART_UNREADABLE] == [1]
    with pytest.raises(ReconcileError, match="stands twice"):
        read(doubled("weflow_xlsx", "sheet1.xml"))


@pytest.mark.parametrize(
    ("form", "old", "new"),
    [
        ("axiom_xml", "<![CDATA[名片]]>", "<![CDATA[押金已退]]>"),
        ("axiom_csv", ",名片,", ",押金已退,"),
        ("case_uco_jsonld", 'observable:messageType": "', 'observable:messageType": "押金已退'),
        ("case_uco_jsonld", '"uco-observable:messageType": ', '"uco-observable:label": "押金已退", "uco-observable:messageType": '),
    ],
)  # fmt: skip
def test_words_that_got_into_the_kind_of_a_message_or_beside_it_are_told(
    form: str, old: str, new: str, tmp_path: Path
) -> None:
    file = next(
        f for f in sorted((EXPORTS / form).glob("*/input/*")) if f.is_file() and old in f.read_text("utf-8", "replace")
    )
    (tmp_path / file.name).write_text(file.read_text("utf-8").replace(old, new, 1), "utf-8")
    found = read(tmp_path / file.name)
    assert "押金已退" in _raw(found) + " ".join(n.excerpt for n in found.notes if n.code is NoteCode.UNKNOWN_KIND)


def test_words_behind_the_list_of_a_wechatexporter_page_are_noted(tmp_path: Path) -> None:
    folder = _copied("wechatexporter_html", "rent_side_b", tmp_path)
    file = next(folder.rglob("msg-2.js"))
    file.write_text(file.read_text("utf-8") + '<span class="dont-break-out msg-text"><pre>押金</pre></span>', "utf-8")
    assert [n.excerpt for n in read(folder).notes if n.code is NoteCode.ROW_SKIPPED] == ["objects behind the list"]

"""Words that stand in a file and in nothing that was read of it are noted, with their number."""

import base64
import email
import email.policy
import io
import json
import plistlib
import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from reconcile import read
from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode
from reconcile.wechat.packed_blobs import texts_in
from tests.build import databases as chats
from tests.build import moments as posts
from tests.build.favourites import KEPT, WRITERS
from tests.conftest import UNTIMED, Within
from tests.contracts.golden import EXPORTS

WEFLOW_PAGE = EXPORTS / "weflow_html" / "in_chunks" / "input"
RSMF = EXPORTS / "relativity_rsmf" / "rent_side_a" / "input"
WEFLOW = EXPORTS / "weflow_json" / "rent_side_a" / "input" / "赵房东(中山路).json"


def unread(path: Path) -> list[Note]:
    return [n for n in read(path).notes if n.code is NoteCode.WORDS_UNREAD]


def weflow(folder: Path, **more: object) -> Path:
    """The fixture with further members beside its own."""
    held = json.loads(WEFLOW.read_text("utf-8"))
    folder.mkdir(exist_ok=True)
    path = folder / WEFLOW.name
    path.write_text(json.dumps({**held, **more}, ensure_ascii=False), "utf-8")
    return path


def test_words_outside_of_every_row_are_noted_with_their_number(tmp_path: Path) -> None:
    path = weflow(tmp_path, data={"note": "另付押金五千元，下周补签合同"})
    assert [(n.locator, n.excerpt, n.count) for n in unread(path)] == [(path.name, "另付押金五千元 · 下周补签合同", 2)]


def test_a_sound_export_has_no_such_note(tmp_path: Path) -> None:
    assert unread(weflow(tmp_path)) == []


def test_words_behind_a_body_that_breaks_off_are_none_of_its_own(tmp_path: Path) -> None:
    path = weflow(tmp_path, data=["<msg><appmsg><title>", "Deposit</msg>"])
    assert [n.excerpt for n in unread(path)] == ["Deposit"]


def test_words_written_with_escapes_are_the_words_they_stand_for(tmp_path: Path) -> None:
    path = weflow(tmp_path)
    path.write_text(json.dumps(json.loads(path.read_text("utf-8"))), "utf-8")
    assert unread(path) == []


def test_names_and_labels_of_a_form_are_no_words_of_a_person(tmp_path: Path) -> None:
    path = weflow(
        tmp_path, data=[{"talker": "系统消息", "exportedAt": 1}, "displayName", "1723600800123", "d41d8cd98f00b204"]
    )
    assert unread(path) == []


def test_words_of_another_script_in_one_value_of_a_body_with_chinese_ones_are_looked_for(tmp_path: Path) -> None:
    body = '<msg><appmsg appid="wx12 Ignored"><url>https://pay.weixin.qq.com/Ignored?押金</url><des>押金 Deposit</des></appmsg></msg>'
    assert [n.excerpt for n in unread(weflow(tmp_path, data=[body]))] == ["Deposit"]


def test_words_of_another_script_in_one_value_of_a_page_with_chinese_ones_are_looked_for(tmp_path: Path) -> None:
    path = shutil.copytree(WEFLOW_PAGE, tmp_path / "page")
    page = next(path.glob("*.html"))
    page.write_text(
        page.read_text("utf-8").replace("</body>", "<p>押金 Deposit</p><p>let code = 1</p></body>"), "utf-8"
    )
    assert [(n.locator, n.excerpt) for n in unread(path)] == [(page.name, "Deposit")]


def test_the_pieces_beside_a_page_are_looked_at_as_the_page_is(tmp_path: Path) -> None:
    path = shutil.copytree(WEFLOW_PAGE, tmp_path / "page")
    piece = next(path.rglob("*.js"))
    piece.write_text("/* 下周补签合同 */\n" + piece.read_text("utf-8"), "utf-8")
    assert [(n.locator, n.excerpt) for n in unread(path)] == [(f"{piece.parent.name}/{piece.name}", "下周补签合同")]


def test_words_of_an_archive_within_a_mail_are_looked_at(tmp_path: Path) -> None:
    mail = email.message_from_bytes((RSMF / "2024-08-14.rsmf").read_bytes(), policy=email.policy.compat32)
    held = [(p, p.get_payload(decode=True)) for p in mail.walk()]
    part, data = next((p, d) for p, d in held if isinstance(d, bytes) and d.startswith(b"PK"))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("rsmf_manifest.json"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("rsmf_manifest.json", json.dumps({**manifest, "more": "另付押金五千元"}))
    part.set_payload(base64.encodebytes(packed.getvalue()).decode())
    path = tmp_path / "a.rsmf"
    path.write_bytes(mail.as_bytes())
    assert [n.excerpt for n in unread(path)] == ["见附件", "另付押金五千元"]


def test_a_message_number_under_the_field_of_the_rows_own_is_looked_for(tmp_path: Path) -> None:
    lost = {"platformMessageId": "5650123456789099999", "fileSize": "5650123456789088888"}
    assert [(n.excerpt, n.count) for n in unread(weflow(tmp_path, data=[lost]))] == [("5650123456789099999", 1)]


@pytest.mark.parametrize("piece", ["<msg ", "<msg></", "base64,", "\\u4f", "&#x4f", "<t ", "%E4%"])
def test_pieces_of_markup_by_the_thousand_take_no_time(tmp_path: Path, piece: str, timed: bool, within: Within) -> None:
    path = weflow(tmp_path, data=piece * (200_000 if timed else 200_000 // UNTIMED))
    with within(5):
        read(path)


def test_a_word_of_very_many_equal_letters_among_few_words_takes_no_time(tmp_path: Path, within: Within) -> None:
    path = weflow(tmp_path, data="好" * 20_000)
    with within(5):
        assert [len(n.excerpt) for n in unread(path)] == [200]


@pytest.mark.parametrize("name", WRITERS)
def test_sound_favourites_have_no_such_note(name: str, tmp_path: Path) -> None:
    assert unread(WRITERS[name](tmp_path, KEPT)) == []


def test_words_of_an_archived_post_that_no_field_of_the_reading_holds_are_noted(tmp_path: Path) -> None:
    story = posts.STORY
    file = posts.write_ios(tmp_path / "sound" / "wc005_008.db", story)
    assert unread(file) == []
    with closing(sqlite3.connect(file)) as db:
        ((table,),) = db.execute("SELECT name FROM sqlite_master")
        ((number, buffer),) = db.execute(f"SELECT rowid, Buffer FROM {table} LIMIT 1")
        archive = plistlib.loads(buffer)
        archive["$objects"].append("另有一句没有字段引用的话")
        changed = plistlib.dumps(archive, fmt=plistlib.FMT_BINARY)
        db.execute(f"UPDATE {table} SET Buffer = ? WHERE rowid = ?", (changed, number))
        db.commit()
    assert [n.excerpt for n in unread(file)] == ["另有一句没有字段引用的话"]


def test_of_packed_cells_only_texts_beyond_ascii_are_words() -> None:
    path = chats.proto((1, "wxid_a\\FileStorage\\MsgAttach\\0a1b.dat"), (2, chats.proto((1, "押金五千元"), (2, 7))))
    assert list(texts_in(path, 2**20)) == ["押金五千元"]
    assert list(texts_in(b"\x08\x01\x12\x0bFileStorage", 2**20)) == []
    assert list(texts_in("押金 FileStorage".encode(), 2**20)) == ["押金 FileStorage"]
    assert list(texts_in(b"\x0f\xff" + "押金五千元".encode() + b"\xff", 2**20)) == ["押金五千元"]
    assert list(texts_in(b"", 2**20)) == [""]

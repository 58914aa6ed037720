"""What was written into each client's databases is what the reader of that client gives, on either side of the conversation."""

import hashlib
import plistlib
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl
import pytest

from bench.readers import STORES, rows_of
from reconcile.case import read as read_case
from reconcile.engine.compare import compare_readings
from reconcile.errors import UnreadableSource
from reconcile.formats.registry import all_readers
from reconcile.formats.wechat_client.android.messages import AndroidDb
from reconcile.formats.wechat_client.ios.messages import IosDb
from reconcile.formats.wechat_client.windows3.messages import WindowsMsgDb
from reconcile.intake.contract import Device, Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.vocabulary import Kind, NoteCode, Status
from tests.build import databases as build
from tests.build.client_forms import FORMS, Form, plain, write_ios_backup
from tests.build.databases import JIA, ROOM, START, YI, Row

Writer = Callable[[Path, list[Row], str], Path]
KEY = {"conversation", "sent_at", "sender", "is_self", "kind", "text", "message_id"}


forms = pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
owners = pytest.mark.parametrize("owner", [JIA, YI], ids=["jia", "yi"])


def read(form: Form, folder: Path, rows: list[Row], owner: str, **options: Any) -> Reading:
    return form.reader.read(Source(form.write(folder, rows, owner)), ReadOptions(**options))


@cache
def held_by(form: Form, owner: str) -> Reading:
    """The whole story as a device of the owner holds it, read once: no test changes it."""
    with TemporaryDirectory() as folder:
        return read(form, Path(folder), build.view(owner), owner)


@forms
@owners
def test_rows_read_are_the_rows_written(form: Form, owner: str, tmp_path: Path) -> None:
    rows = build.view(owner, deleted=[3])
    assert plain(read(form, tmp_path, rows, owner)) == build.expected(rows, owner)


@forms
@owners
def test_store_is_recognised(form: Form, owner: str, tmp_path: Path) -> None:
    source = Source(form.write(tmp_path, build.view(owner), owner))
    assert [(r.name, r.sniff(source).strength) for r in all_readers() if r.sniff(source).strength != "none"] == [
        (form.reader.name, "certain")
    ]


@forms
@owners
def test_owner_is_told(form: Form, owner: str) -> None:
    found = held_by(form, owner).facts.owner
    assert (found.id, found.name) == (owner, build.NAMES[owner])


@forms
def test_nothing_odd_gives_no_note(form: Form) -> None:
    assert held_by(form, JIA).notes == ()


@forms
def test_money_carries_its_id_amount_and_state(form: Form) -> None:
    cards = held_by(form, YI).messages.filter(pl.col("kind") == str(Kind.TRANSFER)).sort("sent_at")
    assert cards.select("native_id", "amount", "payment_state").rows() == [
        (f"transfer:{build.TRANSFER_ID}", "5000.00", "sent"),
        (f"transfer:{build.TRANSFER_ID}", "5000.00", "received"),
    ]


@forms
def test_media_carries_its_fingerprint(form: Form) -> None:
    messages = held_by(form, JIA).messages
    found = {k: messages.filter(pl.col("kind") == k)["media_hash"][0] for k in ("image", "video", "sticker", "file")}
    assert found == build.MD5


@forms
def test_final_file_names_the_shell_it_replaced(form: Form) -> None:
    row = held_by(form, JIA).messages.filter(pl.col("kind") == "file").row(0, named=True)
    assert (row["alias_id"], row["file_name"], row["file_size"]) == (str(build._id(70)), "施工合同.docx", 20480)


@forms
def test_quote_names_the_row_it_answers(form: Form) -> None:
    row = held_by(form, JIA).messages.filter(pl.col("kind") == "quote").row(0, named=True)
    assert (row["reply_to"], row["quoted_text"]) == (str(build._id(0)), "王总好，工程款什么时候结？")


@forms
def test_refused_message_is_told_from_a_sent_one(form: Form) -> None:
    messages = held_by(form, JIA).messages
    refused = messages.filter(pl.col("status") == str(Status.REJECTED))["text"].to_list()
    assert refused == ["这条没有送达"]


@forms
def test_group_has_its_title_and_members(form: Form) -> None:
    room = held_by(form, JIA).conversations.filter(pl.col("conversation") == ROOM)
    assert room.select("title", "conversation_kind", "member_count").row(0) == ("装修三人群", "group", 3)


@forms
def test_people_are_shown_by_remark_then_nickname(form: Form) -> None:
    messages = held_by(form, JIA).messages
    names = dict(messages.filter(pl.col("sender").is_not_null()).select("sender", "sender_name").unique().rows())
    assert names == {JIA: "甲某", YI: "乙老板", build.BING: "丙某"}


@pytest.mark.parametrize(
    "form", [f for f in FORMS.values() if f.sees_tail], ids=[n for n, f in FORMS.items() if f.sees_tail]
)
def test_row_removed_from_the_store_leaves_its_number(form: Form, tmp_path: Path) -> None:
    rows = build.view(JIA)
    last = max(i for i, r in enumerate(rows) if r.conversation == ROOM)
    reading = read(form, tmp_path, build.without(rows, last), JIA)
    where = reading.messages.with_columns(pl.col("locator").str.replace(r"/\d+$", "").alias("scope"))
    held = where.group_by("scope").agg(pl.col("local_id").max())
    behind = reading.counters.join(held, on="scope").filter(pl.col("maximum") > pl.col("local_id"))
    assert behind["is_trusted"].to_list() == [True]


@pytest.mark.parametrize(
    "form", [f for f in FORMS.values() if f.voice_witness], ids=[n for n, f in FORMS.items() if f.voice_witness]
)
def test_side_tables_still_speak_of_a_removed_voice(form: Form, tmp_path: Path) -> None:
    reading = read(form, tmp_path, build.view(JIA, deleted=[3]), JIA)
    spoken = reading.witnesses.filter((pl.col("witness") == form.voice_witness) & (pl.col("kind") == "voice"))
    held = reading.messages.select("conversation", "local_id", "message_id")
    by_id = spoken.filter(pl.col("message_id").is_not_null()).join(held, on="message_id", how="semi")
    by_number = spoken.filter(pl.col("message_id").is_null()).join(held, on=["conversation", "local_id"], how="semi")
    assert (spoken.height, by_id.height, by_number.height) == (1, 0, 0)


@forms
def test_times_are_seconds_since_1970(form: Form) -> None:
    row = held_by(form, JIA).messages.sort("sent_at").row(0, named=True)
    assert (row["sent_at"].timestamp(), row["zone_source"]) == (START, "unix")


@forms
def test_reading_changes_no_file_of_the_evidence(form: Form, tmp_path: Path) -> None:
    source = Source(form.write(tmp_path, build.view(JIA), JIA))
    before = {f: f.read_bytes() for f in source.files}
    form.reader.read(source, ReadOptions())
    after = {f: f.read_bytes() for f in Source(source.path).files}
    assert after == before


def test_rows_in_a_log_that_a_phone_backup_lists_are_read(tmp_path: Path) -> None:
    documents = build.write_ios(tmp_path / "phone", build.view(JIA), JIA)
    late = f"INSERT INTO Chat_{build.md5(YI)}(MesSvrID, CreateTime, Message, Type, Des) VALUES (77, {START + 9000}, '尾款已付', 1, 0)"
    build.leave_in_log(next(documents.rglob("message_1.sqlite")), late)
    reading = IosDb().read(Source(build.as_phone_backup(documents, tmp_path / "backup")), ReadOptions())
    assert reading.messages.filter(pl.col("message_id") == "77")["text"].to_list() == ["尾款已付"]
    assert [n.code for n in reading.notes] == [NoteCode.WAL_PRESENT]


def test_phone_backup_tells_the_phone_and_when_it_was_made(tmp_path: Path) -> None:
    folder = write_ios_backup(tmp_path, build.view(JIA), JIA)
    made = datetime(2024, 3, 9, 1, 2, 3)  # noqa: DTZ001 - property lists hold UTC without saying so
    stated = {"Device Name": "甲的 iPhone", "Product Name": "iPhone 13", "Product Version": "17.1", "Serial Number": "F2L", "Phone Number": "+86 139", "Last Backup Date": made}  # fmt: skip
    (folder / "Info.plist").write_bytes(plistlib.dumps(stated))
    (folder / "Status.plist").write_bytes(
        plistlib.dumps({"Date": made + timedelta(minutes=9), "SnapshotState": "finished"})
    )
    (folder / "Manifest.plist").write_bytes(
        plistlib.dumps({"Applications": {"com.tencent.xin": {"CFBundleVersion": "8.0.43"}}})
    )
    facts = IosDb().read(Source(folder), ReadOptions()).facts
    assert facts.device == Device("Apple", "iPhone 13", "F2L", "iOS 17.1", "8.0.43", "甲的 iPhone", "+86 139")
    assert facts.exported_at == made.replace(tzinfo=UTC)
    (folder / "Status.plist").write_bytes(plistlib.dumps({"SnapshotState": "uploading"}))
    (folder / "Info.plist").write_bytes(b"<plist")
    reading = IosDb().read(Source(folder), ReadOptions())
    assert reading.facts.exported_at is None
    assert [n.code for n in reading.notes] == [NoteCode.PART_UNREADABLE, NoteCode.ODD_VALUE]


def test_android_code_of_notices_is_an_app_message_where_the_body_is_one(tmp_path: Path) -> None:
    account = build.write_android(tmp_path, build.view(JIA), JIA)
    body = build.appmsg(36, "报价小程序", who=YI)
    with closing(sqlite3.connect(next(account.rglob("EnMicroMsg.db")))) as db:
        for number, content in ((901, body), (902, "你邀请丙某加入了群聊")):
            build.insert(db, "message", msgId=number, msgSvrId=number, type=603979825, isSend=0, createTime=(START + 9000) * 1000, talker=YI, content=content)  # fmt: skip
        db.commit()
    rows = AndroidDb().read(Source(account), ReadOptions()).messages.filter(pl.col("local_id") > 900)
    assert rows.select(pl.col("kind").cast(pl.String), "sender").rows() == [("link", YI), ("system", None)]


def test_words_indexed_by_number_are_those_of_their_own_shard(tmp_path: Path) -> None:
    store = build.write_windows(tmp_path, build.view(JIA, deleted=[1]), JIA)
    with closing(sqlite3.connect(next(store.rglob("FTSMSG0.db")))) as db:
        db.execute("DROP TABLE NameToId")
        db.execute("DELETE FROM FTSChatMsg2_MetaData WHERE docid > 2")
        db.execute("UPDATE FTSChatMsg2_MetaData SET msgId = docid, entityId = 2")
        db.commit()
    told = WindowsMsgDb().read(Source(store), ReadOptions()).witnesses
    indexed = told.filter(pl.col("witness") == "full_text_index").select("conversation", "local_id").rows()
    assert indexed == [(YI, 1), (YI, None)]
    # Nor does a voice of known id lend its number, which another shard gives out too.
    assert told.filter(pl.col("witness") == "media_store").select("message_id", "local_id").rows() == [(str(build._id(3)), None)]  # fmt: skip


def test_account_of_a_phone_with_two_is_chosen_by_its_owner(tmp_path: Path) -> None:
    for owner in (JIA, YI):
        documents = build.write_ios(tmp_path / "phone", build.view(owner), owner)
    source = Source(build.as_phone_backup(documents, tmp_path / "backup"))
    assert plain(IosDb().read(source, ReadOptions(owner=YI))) == build.expected(build.view(YI), YI)
    with pytest.raises(UnreadableSource, match=r"2 accounts' databases .*--owner"):
        IosDb().read(source, ReadOptions())
    build.as_phone_backup(documents, tmp_path / "both" / "first")
    build.as_phone_backup(documents, tmp_path / "both" / "second")
    with pytest.raises(UnreadableSource, match="holds 2 phone backups"):
        IosDb().read(Source(tmp_path / "both"), ReadOptions())


def test_shard_that_was_not_handed_in_is_noted(tmp_path: Path) -> None:
    store = build.write_windows(tmp_path, build.view(JIA), JIA)
    next(store.rglob("MSG0.db")).unlink()
    notes = WindowsMsgDb().read(Source(store), ReadOptions()).notes
    assert [(n.code, n.locator) for n in notes] == [(NoteCode.MEMBER_MISSING, "Multi/MSG0.db")]


def test_empty_shard_and_log_without_its_database_are_noted(tmp_path: Path) -> None:
    store = build.write_wechat4(tmp_path, build.view(JIA), JIA)
    shard = next(store.rglob("message_0.db"))
    shard.write_bytes(b"")
    shard.with_name("message_7.db-wal").write_bytes(b"\x37\x7f\x06\x82" * 8)
    notes = read_case(store).notes
    assert [(n.code, Path(n.locator).name) for n in notes] == [
        (NoteCode.PART_UNREADABLE, "message_0.db"),
        (NoteCode.MEMBER_MISSING, "message_7.db"),
    ]


def test_database_that_a_phone_backup_lists_and_does_not_hold_is_noted(tmp_path: Path) -> None:
    documents = build.write_ios(tmp_path / "phone", build.view(JIA), JIA)
    folder = build.as_phone_backup(documents, tmp_path / "backup")
    path = f"Documents/{build.md5(JIA)}/DB/message_1.sqlite"
    digest = hashlib.sha1(f"AppDomain-com.tencent.xin-{path}".encode()).hexdigest()
    (folder / digest[:2] / digest).unlink()
    notes = IosDb().read(Source(folder), ReadOptions()).notes
    assert [(n.code, n.locator) for n in notes] == [(NoteCode.MEMBER_MISSING, path)]
    (folder / "Manifest.db").unlink()
    with pytest.raises(UnreadableSource, match=r"without its Manifest\.db"):
        IosDb().read(Source(folder), ReadOptions())


def test_store_beside_the_folder_of_shards_is_of_the_same_account(tmp_path: Path) -> None:
    store = build.write_windows(tmp_path, build.view(JIA), JIA)
    next(store.rglob("MSG1.db")).rename(store / "OpenIMMsg.db")
    assert plain(WindowsMsgDb().read(Source(store), ReadOptions())) == build.expected(build.view(JIA), JIA)


@pytest.mark.parametrize(("form", "name"), [("android_db", "EnMicroMsg.db"), ("wechat4_db", "message_1.db")])
def test_rows_of_broken_pages_lie_in_a_stretch_that_is_not_held_and_are_called_missing_by_nobody(
    form: str, name: str, tmp_path: Path
) -> None:
    root = STORES[form](tmp_path / "damaged", rows_of(600), JIA)
    whole = read_case(root)
    file = next(root.rglob(name))
    data = bytearray(file.read_bytes())
    page = int.from_bytes(data[16:18], "big")
    broken = len(data) // page // 2 * page
    file.write_bytes(data[:broken] + bytes(page) + data[broken + page :])
    reading = read_case(root)
    lost = whole.messages.join(reading.messages, on="locator", how="anti")
    assert 0 < lost.height < 200
    (span,) = reading.facts.unheld
    assert lost["sent_at"].is_between(span.from_at, span.to_at).all()
    relations = compare_readings(whole, reading).alignment["relation"].cast(pl.String).unique().to_list()
    assert "one_sided" not in relations

"""The PC client's own backup: its messages, and whether its tables and containers agree."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from reconcile.errors import UnreadableSource
from reconcile.formats.registry import all_readers
from reconcile.formats.wechat_client.pc_backup.messages import PcBackupDb
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode
from tests.build import databases as build
from tests.build.client_forms import plain
from tests.build.databases import JIA, ROOM, YI

READER = PcBackupDb()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return build.write_pc_backup(tmp_path, build.view(JIA), JIA)


def read(folder: Path, key: str | None = build.BACKUP_KEY) -> Reading:
    return READER.read(Source(folder), ReadOptions(key=key))


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "Backup.db")) as db:
        db.execute(statement)
        db.commit()


def codes(reading: Reading) -> list[NoteCode]:
    return [n.code for n in reading.notes]


@pytest.mark.parametrize("owner", [JIA, YI])
def test_rows_read_are_the_rows_written(owner: str, tmp_path: Path) -> None:
    rows = build.view(owner, deleted=[3])
    assert plain(read(build.write_pc_backup(tmp_path, rows, owner))) == build.expected(rows, owner)


def test_member_in_whose_name_a_rooms_rows_come_is_their_sender(tmp_path: Path) -> None:
    rows = build.view(JIA)
    assert plain(read(build.write_pc_backup(tmp_path, rows, JIA, by_member=True))) == build.expected(rows, JIA)


def test_folder_is_recognised(backup: Path) -> None:
    assert identify(all_readers(), Source(backup)).name == "pc_backup_db"


def test_sound_backup_gives_no_note(backup: Path) -> None:
    assert read(backup).notes == ()


def test_container_of_media_that_is_not_there_is_noted(backup: Path) -> None:
    (backup / "BAK_0_MEDIA").unlink()
    assert [(n.code, n.locator) for n in read(backup).notes] == [(NoteCode.MEMBER_MISSING, "BAK_0_MEDIA")]


def test_account_and_phone_are_told(backup: Path) -> None:
    facts = read(backup).facts
    assert (facts.owner.id, facts.device.model, facts.device.app_version) == (JIA, "P60", "8.0.47")


def test_title_and_stated_count_stand_with_the_conversation(backup: Path) -> None:
    row = read(backup).conversations.filter(conversation=ROOM).row(0, named=True)
    assert (row["title"], row["stated_count"]) == ("装修三人群", 5)


def test_medium_speaks_of_its_message(backup: Path) -> None:
    spoken = read(backup).witnesses.filter(witness="media_store")
    assert spoken["message_id"].to_list() == [str(build._id(2))]


def test_missing_key_is_said(backup: Path) -> None:
    with pytest.raises(UnreadableSource, match="--key-file"):
        read(backup, None)


def test_key_of_another_length_is_said(backup: Path) -> None:
    with pytest.raises(UnreadableSource, match="32 characters"):
        read(backup, "short")


def test_wrong_key_is_one_clear_error_without_the_key(backup: Path) -> None:
    wrong = "f" * 32
    with pytest.raises(UnreadableSource, match="no text segment can be decrypted") as error:
        read(backup, wrong)
    assert wrong not in str(error.value)


def test_segment_that_states_more_than_it_holds_is_noted(tmp_path: Path) -> None:
    folder = build.write_pc_backup(tmp_path, build.view(JIA), JIA)
    rows = [r for r in build.view(JIA) if r.conversation == ROOM]
    segment = build.encrypted(build.proto((1, 9), *((2, build.backup_item(r, JIA)) for r in rows)))
    (folder / "BAK_0_TEXT").write_bytes(segment)
    change(folder, "DELETE FROM MsgSegments WHERE talkerId = 1")
    change(folder, f"UPDATE MsgSegments SET OffSet = 0, Length = {len(segment)}")
    assert [(n.code, n.excerpt) for n in read(folder).notes] == [(NoteCode.COUNT_MISMATCH, "9 stated, 5 held")]


def test_place_in_a_message_whose_words_no_field_holds_any_more_is_noted(tmp_path: Path) -> None:
    (row,) = (r for r in build.view(JIA) if r.sent.body == "王总好，工程款什么时候结？")
    item = build.backup_item(row, JIA)
    words = build.proto((5, build.proto((1, row.sent.body))))
    assert words in item
    for broken in (
        item.replace(words, words[:1].replace(b"*", b",") + words[1:]),  # of a type that there is not
        item.replace(words, build.proto((13, build.proto((1, row.sent.body))))),
        item.replace(words, build.proto((21, row.sent.body))),
        item.replace(words, build.proto((5, build.proto((2, row.sent.body))))),
        build.proto((5, build.proto((1, "别的")))) + item,
    ):
        folder = build.write_pc_backup(tmp_path, build.view(JIA), JIA)
        segment = build.encrypted(build.proto((1, 1), (2, broken)))
        (folder / "BAK_0_TEXT").write_bytes(segment)
        change(folder, "DELETE FROM MsgSegments WHERE talkerId > 1")
        change(folder, f"UPDATE MsgSegments SET OffSet = 0, Length = {len(segment)}")
        (said,) = (n.excerpt for n in read(folder).notes if n.code is NoteCode.BROKEN_BODY)
        assert row.sent.body in said
        shutil.rmtree(tmp_path / JIA)


def test_bytes_between_the_messages_of_a_segment_are_noted(backup: Path) -> None:
    rows = [r for r in build.view(JIA) if r.conversation == ROOM]
    items = [(2, build.backup_item(r, JIA)) for r in rows]
    segment = build.encrypted(build.proto((1, len(rows)), *items, (7, build.backup_item(rows[0], JIA))) + b"\x0f")
    (backup / "BAK_0_TEXT").write_bytes(segment)
    change(backup, "DELETE FROM MsgSegments WHERE talkerId = 1")
    change(backup, f"UPDATE MsgSegments SET OffSet = 0, Length = {len(segment)}")
    said = [n.excerpt for n in read(backup).notes]
    assert said == [f"{len(build.backup_item(rows[0], JIA)) + 1} bytes of no message"]


def test_segment_whose_first_block_is_broken_is_noted(backup: Path) -> None:
    sound = read(backup)
    file = backup / "BAK_0_TEXT"
    data = file.read_bytes()
    file.write_bytes(bytes([data[0] ^ 8]) + data[1:])
    damaged = read(backup)
    assert damaged.messages.height < sound.messages.height
    assert NoteCode.PART_UNREADABLE in codes(damaged)


def test_bytes_that_no_segment_names_are_noted(backup: Path) -> None:
    change(backup, "DELETE FROM MsgSegments WHERE talkerId = 1")
    assert "belong to no segment" in " ".join(n.excerpt for n in read(backup).notes)


def test_container_cut_short_is_noted(backup: Path) -> None:
    file = backup / "BAK_0_TEXT"
    file.write_bytes(file.read_bytes()[:-160])
    assert "cut short: 160 bytes are missing" in [n.excerpt for n in read(backup).notes]


def test_length_that_is_no_multiple_of_a_block_is_noted(backup: Path) -> None:
    change(backup, "UPDATE MsgSegments SET Length = Length - 1 WHERE talkerId = 2")
    assert NoteCode.ODD_VALUE in codes(read(backup))


def test_a_place_beyond_what_a_system_can_address_is_noted(backup: Path) -> None:
    change(backup, f"UPDATE MsgSegments SET OffSet = {2**63 - 100} WHERE talkerId = 2")
    assert NoteCode.PART_UNREADABLE in codes(read(backup))


def test_medium_whose_chunks_fall_short_is_noted(backup: Path) -> None:
    change(backup, "UPDATE MsgFileSegment SET TotalLen = 5000")
    assert NoteCode.MEDIA_MISSING in codes(read(backup))


def test_medium_listed_without_a_row_is_noted(backup: Path) -> None:
    change(backup, "INSERT INTO MediaStr2ID VALUES ('m2')")
    notes = [n for n in read(backup).notes if n.code is NoteCode.COUNT_MISMATCH]
    assert [n.excerpt for n in notes] == ["lacks m2"]


def test_missing_container_is_noted(backup: Path) -> None:
    change(backup, "UPDATE MsgSegments SET FilePath = 'BAK_1_TEXT' WHERE talkerId = 2")
    assert NoteCode.MEMBER_MISSING in codes(read(backup))


def test_two_devices_in_one_folder_are_told_apart(backup: Path) -> None:
    shutil.copytree(backup, backup.with_name("second"))
    with pytest.raises(UnreadableSource, match="2 accounts' backups"):
        read(backup.parent)


def test_backup_of_the_4x_client_is_refused_with_the_span_that_its_names_state(tmp_path: Path) -> None:
    (tmp_path / "ChatPackage").mkdir()
    for name in ("1709254800000-1709341200000", "1709341200000-1711933200000"):
        (tmp_path / "ChatPackage" / name).write_bytes(b"RMFH" + bytes(100))
    source = Source(tmp_path)
    assert identify(all_readers(), source).name == "pc_backup_db"
    with pytest.raises(UnreadableSource, match="2 packages state messages from 2024-03-01 to 2024-04-01"):
        READER.read(source, ReadOptions(key=build.BACKUP_KEY))

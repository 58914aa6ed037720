"""PyWxDump's merged database: rows of several stores as one, its log of counts held against the table."""

from pathlib import Path

from reconcile.formats.registry import all_readers
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.identify import identify
from reconcile.intake.source import Source
from reconcile.vocabulary import NoteCode
from tests.build.merged_database import ME, PEER, merged


def read(file: Path) -> Reading:
    source = Source(file)
    reader = identify(all_readers(), source)
    assert reader.name == "pywxdump_db"
    return reader.read(source, ReadOptions())


def test_rows_of_all_stores_stand_in_order_of_time(tmp_path: Path) -> None:
    messages = read(merged(tmp_path)).messages
    assert messages["text"].to_list() == ["赵姐好", "在的", "好", "你撤回了一条消息"]
    assert messages["message_id"].to_list()[0] == "7216895530414915131"
    assert messages["sender"].to_list()[:3] == [ME, PEER, ME]


def test_the_owner_comes_from_the_paths_of_the_log(tmp_path: Path) -> None:
    assert read(merged(tmp_path)).facts.owner.id == ME


def test_rows_taken_out_after_the_merging_are_noted(tmp_path: Path) -> None:
    notes = [n for n in read(merged(tmp_path, current=6, sources=(3, 3))).notes if n.code is NoteCode.COUNT_MISMATCH]
    assert [(n.excerpt, n.count) for n in notes] == [("6 / 4", 2)]


def test_rows_left_out_at_the_merging_are_noted(tmp_path: Path) -> None:
    notes = [n for n in read(merged(tmp_path, sources=(2, 3))).notes if n.code is NoteCode.COUNT_MISMATCH]
    assert [n.excerpt for n in notes] == ["src_count 5 / current_count 4"]


def test_a_full_merge_has_nothing_to_note(tmp_path: Path) -> None:
    assert [n for n in read(merged(tmp_path)).notes if n.code is NoteCode.COUNT_MISMATCH] == []

"""Limits and defects as a user meets them: the line names the setting, and the whole is shown to whoever asks for it."""

import sqlite3
import stat
import sys
import time
import zipfile
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest
from docx import Document

from reconcile.case import read
from reconcile.cli.main import main as run_command
from reconcile.errors import LimitExceeded, UnreadableSource, UnrecognisedSource
from reconcile.formats.registry import all_readers
from reconcile.intake.contract import ReadOptions
from reconcile.intake.limits import check_keys, check_stretches
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import open_database
from reconcile.intake.sqlite.table import read_table
from reconcile.intake.tables.workbook import read_sheets
from reconcile.settings import Limits
from reconcile.submission.pasted import read_pasted
from reconcile.vocabulary import NoteCode
from reconcile.wechat.packed_blobs import ZSTD_MAGIC

LOAN = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"


def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: object) -> str:
    monkeypatch.setattr(sys, "argv", ["reconcile", *map(str, words)])
    with pytest.raises(SystemExit) as stop:
        run_command()
    assert stop.value.code == 2
    return capsys.readouterr().err


def test_check_takes_limits_and_names_the_one_that_is_hit(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "many").mkdir()
    for n in range(4):
        (tmp_path / "many" / f"{n}.csv").write_bytes((LOAN / "a.csv").read_bytes())
    words = ("check", tmp_path / "many", "--against", LOAN / "a.csv", "--out", tmp_path / "out", "--limit", "max_member_count=3")  # fmt: skip
    assert "--limit max_member_count=NUMBER" in said(monkeypatch, capsys, *words)
    assert "应为 NAME=NUMBER" in said(monkeypatch, capsys, *words[:-1], "max_nothing=3")
    assert "expected NAME=NUMBER" in said(monkeypatch, capsys, *words[:-1], "max_nothing=3", "--lang", "en")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", f"sent_at,sender,text\n2024-03-01T09:05:07+08:00,a,{'x' * 9_000}\n"),
        ("a.jsonl", f'{{"sent_at":"2024-03-01T09:05:07+08:00","sender":"a","text":"{"x" * 9_000}"}}\n'),
        ("b.csv", f"时间,发送人,内容\n2024-03-01 09:05:07,甲,{'收到，' * 3_000}\n"),
    ],
)
def test_a_cell_or_line_beyond_the_limit_is_refused_before_it_is_parsed(name: str, text: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text, "utf-8")
    assert read(tmp_path / name).messages.height == 1
    with pytest.raises(LimitExceeded, match="max_body_bytes"):
        read(tmp_path / name, None, ReadOptions(limits=Limits(max_body_bytes=8_000)))


def test_many_short_lines_are_no_long_stretch(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sent_at,sender,text\n" + "2024-03-01T09:05:07+08:00,a,hi\n" * 500, "utf-8")
    assert read(tmp_path / "a.csv", None, ReadOptions(limits=Limits(max_body_bytes=200))).messages.height == 500


def test_what_nobody_recognises_is_named_with_the_nearest_forms_in_one_short_line(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"seq":1,"talker":"wxid_a","content":"好"}]', "utf-8")
    with pytest.raises(UnrecognisedSource) as refused:
        read(tmp_path / "a.json")
    said = str(refused.value)
    assert "chatlog_json" in said
    assert ".json file of 45 bytes that begins" in said
    assert len(said) - len(str(tmp_path)) < 700


def test_a_heading_of_more_cells_than_any_export_has_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sent_at,text,sender" + ",x" * 20_000 + "\n2024-03-01T09:05:07+08:00,hi,a\n")
    (tmp_path / "b.csv").write_text("sent_at,text,sender\n2024-03-01T09:05:07+08:00,hi,a\n")
    with pytest.raises(UnreadableSource, match="a heading of 20,003 cells"):
        check_stretches(tmp_path, tmp_path / "a.csv", Limits(), (b"\n", b","), "a cell")
    check_stretches(tmp_path, tmp_path / "b.csv", Limits(), (b"\n", b","), "a cell")
    check_keys(tmp_path, tmp_path, [{"a": 1}] * 2_000)
    with pytest.raises(UnreadableSource, match="no export has so many"):
        check_keys(tmp_path, tmp_path, [{f"k{n}": 1} for n in range(2_000)])


def test_lines_of_json_that_each_have_keys_of_their_own_cost_no_memory(tmp_path: Path) -> None:
    row = '{{"sent_at":"2024-03-01T09:05:07+08:00","text":"好","sender":"a","k{}":"w{}"}}'
    (tmp_path / "a.jsonl").write_text("\n".join(row.format(n, n) for n in range(1_500)), "utf-8")
    messages = read(tmp_path / "a.jsonl").messages
    assert messages.height == 1_500
    assert "w1499" in messages["raw"][-1]


def test_a_word_document_without_a_body_is_refused_in_one_line(tmp_path: Path) -> None:
    document = Document()
    document.add_paragraph("甲 2024-03-01 09:05:07")
    document.save(str(tmp_path / "a.docx"))
    with zipfile.ZipFile(tmp_path / "a.docx") as sound, zipfile.ZipFile(tmp_path / "b.docx", "w") as damaged:
        for name in sound.namelist():
            data = sound.read(name)
            damaged.writestr(name, data.replace(b"<w:body", b"<w:x").replace(b"</w:body", b"</w:x"))
    with pytest.raises(UnreadableSource, match="not readable as a Word document"):
        read_pasted(tmp_path / "b.docx")


def test_a_database_that_takes_longer_than_its_size_allows_is_stopped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as db, db:
        db.execute("CREATE TABLE t (a TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [("好",)] * 60_000)
    monkeypatch.setattr("reconcile.intake.sqlite.database.LEAST_SECONDS", 0.05)
    monkeypatch.setattr("reconcile.intake.sqlite.database.STEPS_BETWEEN_CHECKS", 1_000)
    source = Source(tmp_path / "x.db", Limits(max_query_seconds_per_megabyte=0))
    with open_database(source, tmp_path / "x.db") as database, pytest.raises(LimitExceeded, match="_per_megabyte"):
        read_table(database, "t", {"a": ("text", "a")}, shrink=slowly)


def test_heavy_rows_are_taken_a_few_at_a_time_and_their_texts_cut_at_a_whole_character(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as db, db:
        db.execute("CREATE TABLE t (a TEXT)")
        db.executemany("INSERT INTO t VALUES (?)", [("好" * n,) for n in (9_000, 1, 40, 41, 9_000)])
        db.execute("INSERT INTO t VALUES (?)", (b"\xff" * 9_000,))
    monkeypatch.setattr("reconcile.intake.sqlite.table.BYTES_AT_ONCE", 20_000)
    at_once: list[int] = []

    def taken(some: pl.DataFrame) -> pl.DataFrame:
        at_once.append(some.height)
        return some

    limits = Limits(max_text_characters=30)
    with open_database(Source(tmp_path / "x.db", limits), tmp_path / "x.db") as database:
        rows = read_table(database, "t", {"a": ("text", "a")}, shrink=taken)
    assert at_once == [1, 4, 1, 0]
    assert rows["a"].str.len_chars().to_list() == [41, 1, 40, 40, 41, 123]
    assert set("".join(rows["a"].head(5))) == {"好"}


def test_a_number_kept_as_text_with_two_signs_is_noted(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as db, db:
        db.execute("CREATE TABLE t (a)")
        db.executemany("INSERT INTO t VALUES (?)", [("--5",), ("-5",), ("-",), (b"\xb2",)])
    with open_database(Source(tmp_path / "x.db"), tmp_path / "x.db") as database:
        assert read_table(database, "t", {"a": ("int", "a")})["a"].to_list() == [None, -5, None, None]
        assert [(n.code, n.count) for n in database.notes] == [(NoteCode.ODD_VALUE, 3)]


@pytest.mark.parametrize(
    "address", ["A13156750628566089", "XFDA1", "a99999999", "ZZZZZZ", "A 1048577000", "A1\" r =\n 'B99999999"]
)
def test_an_address_beyond_every_sheet_is_refused_before_room_is_made_for_it(address: str, tmp_path: Path) -> None:
    sheet = f'<sheetData><row><c r="A1"/><c r="{address}"/></row></sheetData>'
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as book:
        book.writestr("xl/worksheets/sheet1.xml", sheet)
    with pytest.raises(LimitExceeded, match="max_cells"):
        read_sheets(Source(tmp_path / "a.xlsx"), tmp_path / "a.xlsx")


def test_of_heavy_blobs_only_what_may_be_a_text_or_the_beginning_is_kept(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    with closing(sqlite3.connect(tmp_path / "x.db")) as db, db:
        db.execute("CREATE TABLE t (a BLOB, b BLOB)")
        packed = ZSTD_MAGIC + b"x" * 9_000
        db.executemany("INSERT INTO t VALUES (?, ?)", [(b"x" * 9_000, b"y" * 9_000), (packed, b"y"), (b"x", None)])
    monkeypatch.setattr("reconcile.intake.sqlite.table.SIDE_BYTES", 1_000)
    limits = Limits(max_text_characters=30)
    with open_database(Source(tmp_path / "x.db", limits), tmp_path / "x.db") as database:
        rows = read_table(database, "t", {"a": ("body", "a"), "b": ("side", "b")})
    assert rows.select(pl.all().bin.size()).rows() == [(124, 1_004), (len(packed), 1), (1, None)]


def slowly(rows: pl.DataFrame) -> pl.DataFrame:
    began = time.thread_time()
    while time.thread_time() - began < 0.2:
        pass
    return rows


def test_what_a_reader_tripped_over_is_shown_on_demand(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    table = next(r for r in all_readers() if r.name == "message_table")
    monkeypatch.setattr(type(table), "read", lambda *_: 1 // 0)
    assert "Traceback" not in said(monkeypatch, capsys, "inspect", LOAN / "a.csv")
    monkeypatch.setenv("RECONCILE_TRACEBACK", "1")
    shown = said(monkeypatch, capsys, "inspect", LOAN / "a.csv")
    assert "ZeroDivisionError" in shown
    assert "test_limits_told.py" in shown


def test_a_text_beyond_the_limit_is_cut_with_a_note_whatever_the_form(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(f"sent_at,text,sender\n2024-03-01T09:05:07+08:00,{'好' * 3_000},wxid_a\n", "utf-8")
    reading = read(tmp_path / "a.csv", None, ReadOptions(limits=Limits(max_text_characters=2_500)))
    assert reading.messages.select("text", "text_quality").row(0) == ("好" * 2_500, "truncated")
    assert [n.locator for n in reading.notes if n.code is NoteCode.LIMIT_REACHED] == reading.messages[
        "locator"
    ].to_list()


def test_what_stands_before_an_archives_first_member_and_its_links_are_noted(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("b.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    for name in ("a.zip", "b.zip"):
        with zipfile.ZipFile(tmp_path / name, "w") as archive:
            archive.writestr("a.csv", "sent_at,text,sender\n2024-03-01T09:05:07+08:00,好,wxid_a\n")
            archive.writestr(link, "/etc/passwd")
    (tmp_path / "a.zip").write_bytes((tmp_path / "a.zip").read_bytes() + (tmp_path / "b.zip").read_bytes())
    notes = [n for n in read(tmp_path / "a.zip").notes if n.code is NoteCode.PART_UNREADABLE]
    assert [n.locator for n in notes] == ["a.zip", "b.csv"]
    assert "before the first member" in notes[0].excerpt


@pytest.mark.parametrize(
    ("name", "begin", "said_of"),
    [
        ("notes.txt", "some words\n", "blank lines by the million"),
        ("notes.md", "# some words\n", "blank lines by the million"),
        ("notes.eml", "From: a@b\nContent-Type: text/plain\n\n", "blank lines by the million"),
    ],
)
def test_a_text_of_unknown_make_that_is_blank_by_the_megabyte_is_refused_with_its_reason(
    name: str, begin: str, said_of: str, tmp_path: Path
) -> None:
    (tmp_path / name).write_text(begin + "\n" * 2**21 + "more words\n")
    with pytest.raises(LimitExceeded, match=said_of):
        read(tmp_path / name)

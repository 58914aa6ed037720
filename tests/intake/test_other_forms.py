"""Several forms of one party in one folder: all of them are read, or the verdict names what was not."""

import shutil
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import orjson
import polars as pl
import pytest

from reconcile import case
from reconcile.case import read
from reconcile.options import CaseOptions
from reconcile.vocabulary import NoteCode
from tests.contracts.golden import EXPORTS

WORDS = [f"第{n}批材料{n * 3 + 1}箱今天送到工地" for n in range(16)]
NAMES = ("张三", "我")


def _exported(folder: Path, rows: range) -> None:
    """A text of WeFlow."""
    folder.mkdir(parents=True, exist_ok=True)
    text = "".join(f"2024-03-01 09:{n:02}:05 '{NAMES[n % 2]}'\n{WORDS[n]}\n\n" for n in rows)
    (folder / "张三.txt").write_text(text, "utf-8")


def _by_hand(folder: Path, rows: range, heads: str = "时间,发送人,内容") -> None:
    """A table that somebody made."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = [heads, *(f"2024-03-01 09:{n:02}:05,{NAMES[n % 2]},{WORDS[n]}" for n in rows)]
    (folder / "整理.csv").write_text("\n".join(lines) + "\n", "utf-8")


def _compared(tmp_path: Path) -> pl.DataFrame:
    _exported(tmp_path / "whole", range(16))
    options = CaseOptions(reports=frozenset(), error_rates=False)
    return case.compare(tmp_path / "whole" / "张三.txt", tmp_path / "parts", tmp_path / "out", options).verdicts


def test_a_later_part_of_another_form_is_read_with_the_first(tmp_path: Path) -> None:
    _exported(tmp_path / "parts", range(9))
    _by_hand(tmp_path / "parts" / "later", range(9, 16))
    reading = read(tmp_path / "parts")
    assert reading.messages["text"].to_list() == WORDS
    places = reading.messages["locator"].str.replace("#.*", "")
    assert places.unique(maintain_order=True).to_list() == ["张三.txt", "later/整理.csv"]


def test_the_statement_beside_a_table_and_a_list_of_people_are_no_further_exports(tmp_path: Path) -> None:
    rows = [
        {"conversation": "张三", "sent_at": f"2024-03-01 09:{n:02}:05", "sender": NAMES[n % 2], "text": w}
        for n, w in enumerate(WORDS)
    ]
    (tmp_path / "export.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    people = [
        {"id": "wxid_dd51525888401", "nickname": "建平", "remark": ""},
        {"id": "wxid_e6786594b5462", "nickname": "冯师傅", "remark": ""},
    ]
    stated = {"owner": {"id": "wxid_6e443bc432f90", "name": "顺达货运"}, "exported_at": "2024-10-10T00:41:28+00:00"}
    (tmp_path / "export.json").write_bytes(orjson.dumps(stated | {"tool": "manual list", "contacts": people}))
    (tmp_path / "people.json").write_bytes(orjson.dumps({"contacts": people}))
    reading = read(tmp_path)
    assert (reading.facts.reader, reading.messages["text"].to_list()) == ("message_table", WORDS)


def test_a_later_part_in_an_archive_or_a_store_is_read_with_the_first(tmp_path: Path) -> None:
    for place in ("packed", "stored"):
        _exported(tmp_path / place, range(9))
    _by_hand(tmp_path / "later", range(9, 16))
    with zipfile.ZipFile(tmp_path / "packed" / "后来.zip", "w") as archive:
        archive.write(tmp_path / "later" / "整理.csv", "整理.csv")
    rows = [(f"2024-03-01 09:{n:02}:05", NAMES[n % 2], WORDS[n]) for n in range(9, 16)]
    with closing(sqlite3.connect(tmp_path / "stored" / "later.db")) as store, store:
        store.execute("CREATE TABLE messages (sent_at TEXT, sender TEXT, content TEXT)")
        store.executemany("INSERT INTO messages VALUES (?, ?, ?)", rows)
    packed, stored = (read(tmp_path / place).messages for place in ("packed", "stored"))
    assert packed["text"].to_list() == stored["text"].to_list() == WORDS
    assert packed["locator"][-1].startswith("后来.zip/整理.csv#")


@pytest.mark.parametrize(("place", "sent", "count"), [("手机", "", 16), ("电脑", "", 9), ("附件", "后来.zip", 9)])
def test_an_archive_below_is_a_further_export_unless_it_lies_among_files_that_were_read_or_was_sent(
    place: str, sent: str, count: int, tmp_path: Path
) -> None:
    rows = [f"2024-03-01 09:{n:02}:05,{NAMES[n % 2]},{WORDS[n]},{sent if n == 3 else ''}" for n in range(9)]
    (tmp_path / "all" / "电脑").mkdir(parents=True)
    (tmp_path / "all" / "电脑" / "一.csv").write_text("\n".join(["时间,发送人,内容,文件名", *rows]), "utf-8")
    _by_hand(tmp_path / "later", range(9, 16))
    (tmp_path / "all" / place).mkdir(exist_ok=True)
    with zipfile.ZipFile(tmp_path / "all" / place / "后来.zip", "w") as archive:
        archive.write(tmp_path / "later" / "整理.csv", "整理.csv")
    assert read(tmp_path / "all").messages["text"].to_list() == WORDS[:count]


def test_rows_that_both_forms_hold_are_read_once_and_all_are_accounted_for(tmp_path: Path) -> None:
    _exported(tmp_path / "parts", range(12))
    _by_hand(tmp_path / "parts", range(6, 16))
    assert _compared(tmp_path)["agreements"].to_list() == [16]
    devices = pl.read_parquet(tmp_path / "out" / "devices.parquet")
    assert dict(devices["state"].value_counts().iter_rows()) == {"kept": 16, "same": 6}


def test_two_tables_of_unknown_make_are_read_under_their_own_heads(tmp_path: Path) -> None:
    _by_hand(tmp_path / "parts", range(9))
    _by_hand(tmp_path / "parts" / "later", range(9, 16), "日期,姓名,说了什么")
    assert read(tmp_path / "parts").messages["text"].to_list() == WORDS


@pytest.mark.parametrize("content", [b"PK\x03\x04" + bytes(600), None])
def test_a_file_of_messages_that_cannot_be_read_leaves_no_verdict_clean_and_is_named(
    content: bytes | None, tmp_path: Path
) -> None:
    _exported(tmp_path / "parts", range(16))
    file = tmp_path / "parts" / "后来.xlsx"
    if content is None:
        # Nothing tells which of two columns holds the words.
        file = file.with_suffix(".csv")
        lines = (f"2024-04-01 09:{n:02}:05,{NAMES[n % 2]},{WORDS[n]},{WORDS[-n]}" for n in range(16))
        file.write_text("\n".join(["时间,发送人,甲,乙", *lines]), "utf-8")
    else:
        file.write_bytes(content)
    verdict = _compared(tmp_path).row(0, named=True)
    assert (verdict["grade"], verdict["reasons"][0]) == ("cannot_determine", "file_unread")
    notes = [n.locator for n in read(tmp_path / "parts").notes if n.code is NoteCode.FILE_UNREAD]
    assert notes == [file.name]


def test_files_beside_an_export_that_hold_no_messages_change_nothing(tmp_path: Path) -> None:
    _exported(tmp_path / "parts", range(16))
    (tmp_path / "parts" / "说明.txt").write_text("本材料由张三提供。\n2024-07-06 导出。\n请法院核对。\n", "utf-8")
    people = [f"人{n},备注{n},wxid_{n},2024-03-0{n % 9 + 1} 10:00:00" for n in range(20)]
    (tmp_path / "parts" / "通讯录.csv").write_text("\n".join(["昵称,备注,微信号,添加时间", *people]), "utf-8")
    assert _compared(tmp_path)["grade"].to_list() == ["no_gap_found"]


def test_a_poorer_form_adds_the_words_that_the_richer_one_lacks(tmp_path: Path) -> None:
    for form in ("memotrace_json", "memotrace_csv"):
        shutil.copytree(EXPORTS / form / "rent_side_a" / "input", tmp_path / "parts", dirs_exist_ok=True)
    whole = read(tmp_path / "parts").messages
    assert {p.partition("#")[0].rpartition(".")[2] for p in whole["locator"]} == {"json"}
    file = next((tmp_path / "parts").rglob("*.json"))
    rows = orjson.loads(file.read_bytes())
    kept = [r for r in rows if "在的，随时看房" not in str(r)]
    assert len(kept) == len(rows) - 1
    file.write_bytes(orjson.dumps(kept))
    again = read(tmp_path / "parts").messages
    assert again["text"].to_list() == whole["text"].to_list()
    assert sum(".csv#" in p for p in again["locator"]) == 1


def test_files_of_a_folder_that_hold_no_messages_are_named(tmp_path: Path) -> None:
    _exported(tmp_path, range(16))
    (tmp_path / "说明.txt").write_text("这份材料由张三整理。", "utf-8")
    notes = read(tmp_path).notes
    assert [n.locator for n in notes if n.code is NoteCode.PART_UNSUPPORTED] == ["说明.txt"]


def test_one_chat_in_two_files_of_an_export_is_read_once(tmp_path: Path) -> None:
    _by_hand(tmp_path, range(16), "time,sender,body")
    rows = [{"time": f"2024-03-01 09:{n:02}:05", "sender": NAMES[n % 2], "body": w} for n, w in enumerate(WORDS)]
    (tmp_path / "again.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    reading = read(tmp_path)
    assert reading.messages["text"].to_list() == WORDS
    assert NoteCode.DUPLICATE_ROW in {n.code for n in reading.notes}

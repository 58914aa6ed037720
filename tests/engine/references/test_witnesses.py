"""Rows that speak of other rows: what neither side holds is reported with its words and time, and nothing is invented."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from bench.witnesses import CASES, INNOCENT, run_case
from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.engine.references.distinct import counted_absent
from reconcile.engine.references.witnesses import SPOKEN
from tests.build import databases as clients
from tests.thorough import some

REPORTED = ["quote: id, words, time", "quote: words alone", "quote, other side without ids", "receipt without transfer", "album", "full-text index", "last line of the chat list"]  # fmt: skip
UNSAID = ["quoted row held by the other", "quote before both exports, id alone", "quote of a recalled row", "quoted row without id on the other side", "transfers and receipts held", "album whole", "index row without number"]  # fmt: skip


@pytest.mark.parametrize("case", some([c for c in CASES if c.name in REPORTED], 2), ids=lambda c: c.name)
def test_a_message_of_which_something_speaks_and_neither_side_holds_is_counted(case: object) -> None:
    trial = run_case(case, 7)  # type: ignore[arg-type]
    assert (trial.counted, trial.invented) == (True, 0), trial.told


@pytest.mark.parametrize("case", some([c for c in INNOCENT if c.name in UNSAID], 2), ids=lambda c: c.name)
def test_what_has_an_innocent_reason_is_not_counted(case: object) -> None:
    trial = run_case(case, 7)  # type: ignore[arg-type]
    assert trial.invented == 0, trial.told


def _without_row(folder: Path, server_id: int) -> None:
    """Take one message out of the message tables of a 4.x store; whatever speaks of it stays."""
    for file in folder.rglob("message_*.db"):
        with closing(sqlite3.connect(file)) as db:
            tables = [n for (n,) in db.execute("SELECT name FROM sqlite_master WHERE name LIKE 'Msg\\_%' ESCAPE '\\'")]
            for table in tables:
                db.execute(f"DELETE FROM {table} WHERE server_id = ?", (server_id,))
            db.commit()


def test_the_index_of_the_lacking_side_makes_the_row_referenced(tmp_path: Path) -> None:
    first = [r for r in clients.view(clients.JIA) if r.sent.base == 1 and not r.sent.room][1]
    for name, owner in (("a", clients.JIA), ("b", clients.YI)):
        folder = clients.write_wechat4(tmp_path / name, clients.view(owner), owner)
    _without_row(folder, first.sent.server_id)
    found = compare_readings(read(tmp_path / "a"), read(tmp_path / "b"))
    lone = found.alignment.filter(pl.col("relation").cast(pl.String) == "one_sided")
    assert lone["cause"].cast(pl.String).to_list() == ["referenced"]
    assert found.verdicts["referenced_absent"].sum() == 0


LOST = [
    # Its number returned in the second shard, its words say which message it was.
    (2, "media_store", True),
    # A row that was never delivered is nobody's recalled message.
    (15, "recall_notice", True),
    # The index counts anew: under its number stands a picture.
    (19, "full_text_index", True),
    # The first message of the chat: shown, and not counted.
    (0, "full_text_index", False),
]


def test_what_both_stores_lost_is_shown_by_the_table_beside_it(tmp_path: Path) -> None:
    for name, owner in (("a", clients.JIA), ("b", clients.YI)):
        folder = clients.write_wechat4(tmp_path / name, clients.view(owner), owner)
        for place, _, _ in LOST:
            _without_row(folder, clients.STORY[place].server_id)
    found = compare_readings(read(tmp_path / "a"), read(tmp_path / "b"))
    told = set(found.absent.select(pl.col("witness").cast(pl.String), "is_placed").rows())
    assert told == {(witness, is_placed) for _, witness, is_placed in LOST}
    assert found.verdicts["referenced_absent"].sum() == sum(is_placed for _, _, is_placed in LOST)
    # The index of a store speaks of the row with its words.
    indexed = found.absent.filter(pl.col("witness").cast(pl.String) == "full_text_index", "is_placed")
    assert set(indexed["text"]) == {clients.STORY[19].text}


def test_whole_stores_make_nothing_absent(tmp_path: Path) -> None:
    for name, owner in (("a", clients.JIA), ("b", clients.YI)):
        clients.write_wechat4(tmp_path / name, clients.view(owner), owner)
    found = compare_readings(read(tmp_path / "a"), read(tmp_path / "b"))
    assert found.absent.filter(pl.col("is_placed")).is_empty(), found.absent.to_dicts()


def test_a_rooms_notice_whose_words_nobody_holds_is_listed(tmp_path: Path) -> None:
    for name, owner in (("a", clients.JIA), ("b", clients.YI)):
        clients.write_windows(tmp_path / name, clients.view(owner), owner)
    contacts = next((tmp_path / "a").rglob("MicroMsg.db"))
    with closing(sqlite3.connect(contacts)) as db:
        db.execute(
            "CREATE TABLE ChatRoomInfo(ChatRoomName TEXT, Announcement TEXT, AnnouncementPublishTime INT, AnnouncementEditor TEXT)"
        )
        db.execute(
            "INSERT INTO ChatRoomInfo VALUES (?, '工地周五停电，请自备发电机', ?, ?)",
            (clients.ROOM, clients.START + 415, clients.JIA),
        )
        db.commit()
    found = compare_readings(read(tmp_path / "a"), read(tmp_path / "b"))
    rows = found.absent.filter(pl.col("witness").cast(pl.String) == "notice")
    assert rows.select("text", "sender", "is_placed").rows() == [("工地周五停电，请自备发电机", clients.JIA, True)]


def _telling(**known: object) -> dict[str, object]:
    return {"pair": 0, "side": "left", "witness": "quote", "is_placed": True, "locator": str(sorted(known)), **known}


_ID, _AT, _WORDS = {"message_id": "7000000000000000123"}, {"t": 1_700_000_000_000_000}, {"words": "合同明天签"}
TELLINGS: dict[str, tuple[list[dict[str, Any]], int]] = {
    "by id, and by time": ([_ID, _AT], 1),
    "by id, by words, and by both": ([_ID, _WORDS, _ID | _WORDS], 1),
    "by words and time, by words of a cut, by time": ([_WORDS | _AT, {"words": "甲：合同明天…"}, _AT], 1),
    "by an id and by the same rounded": ([_ID, {"message_id": str(int(float("7000000000000000123")))}], 1),
    "two ids of one second": ([_ID | _AT, {"message_id": "7000000000000099999"} | _AT], 2),
    "two words of one second": ([_WORDS | _AT, {"words": "不签了算了"} | _AT], 2),
    "two ids, and one by time": ([_ID, {"message_id": "7000000000000099999"}, _AT], 2),
    "two numbers of one device": ([{"local_id": 7} | _AT, {"local_id": 8} | _AT], 2),
    "an album's picture, and a picture by id": (
        [{"witness": "album_count", "count": 2, "native_id": "album:a"}, _ID | {"kind": "image"}], 2,
    ),
    "a receipt, and a transfer by id": ([{"witness": "transfer_receipt", "text": "已收款 ¥500"}, _ID | {"kind": "transfer"}], 1),
}  # fmt: skip


@pytest.mark.parametrize("name", TELLINGS)
def test_a_message_named_in_several_ways_counts_once(name: str) -> None:
    told, count = TELLINGS[name]
    types = SPOKEN | {"t": pl.Int64, "words": pl.String, "is_placed": pl.Boolean}
    for order in (told, told[::-1]):
        frame = pl.DataFrame([_telling(**t) for t in order], schema=types)
        assert counted_absent(frame) == {0: count}


def test_quoted_words_of_which_little_stands_behind_a_colon_speak_of_nothing(tmp_path: Path) -> None:
    head = "消息ID,类型,发送人,时间,内容,备注,昵称,更多信息\r\n"
    said = [f"61168955304149151{i:02},文本,甲,2024-03-01 09:{i:02}:05,第{i}批货到了,甲,甲,more\r\n" for i in range(6)]
    quote = '6116895530414915190,引用消息,乙,2024-03-01 09:09:05,"嗯\n引用：甲: ok: 好",乙,乙,more\r\n'
    for side, rows in (("a", [*said, quote]), ("b", said)):
        (tmp_path / f"{side}.csv").write_text(head + "".join(rows), encoding="utf-8-sig", newline="")
    found = compare_readings(read(tmp_path / "a.csv"), read(tmp_path / "b.csv"))
    assert found.absent.is_empty()


RECALLED = 8_000_000_000_000_777_123
REVOKED = '<sysmsg type=""revokemsg""><revokemsg><newmsgid>{}</newmsgid><replacemsg><![CDATA[""乙"" 撤回了一条消息]]></replacemsg></revokemsg></sysmsg>'


def _with_recall(file: Path, own: int, named: int) -> Path:
    head = "id,MsgSvrID,type_name,is_sender,talker,room_name,msg,src,CreateTime\r\n"
    row = "{0},{1},{2},{3},wxid_yi,wxid_yi,{4},,2024-03-01 09:{0:02}:05\r\n"
    rows = [row.format(i, 8_000_000_000_000_000_000 + i * 7919, "文本", i % 2, f"第{i}批货到了") for i in range(9)]
    rows[5] = row.format(5, own, "系统通知", 0, f'"{REVOKED.format(named)}"')
    file.write_text(head + "".join(rows), encoding="utf-8-sig", newline="")
    return file


@pytest.mark.parametrize(
    ("own", "named", "count"),
    [
        pytest.param(8_000_000_000_000_555_123, RECALLED, 1, id="a notice beside the message that it names"),
        pytest.param(0, RECALLED, 1, id="a notice without an id"),
        pytest.param(RECALLED, RECALLED, 0, id="a notice in the place of its message"),
        pytest.param(0, 8_000_000_000_000_000_000 + 3 * 7919, 0, id="a notice of a message that both hold"),
    ],
)
def test_a_recall_notice_speaks_of_the_message_that_it_names_and_no_row_holds(
    own: int, named: int, count: int, tmp_path: Path
) -> None:
    left, right = (read(_with_recall(tmp_path / f"{side}.csv", own, named)) for side in "ab")
    found = compare_readings(left, right)
    assert found.verdicts["referenced_absent"].to_list() == [count]
    assert set(found.absent["message_id"]) == ({str(named)} if count else set())

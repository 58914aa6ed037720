"""Half a time is never offered as the whole: days and clocks in two places are joined or asked about."""

import json
from pathlib import Path

import pytest

from reconcile.errors import UsageError
from reconcile.vocabulary import NoteCode
from tests.build.readings import read, read_text, spoken
from tests.thorough import meeting

NAMES = ("Anna", "Ben")


def table(day: str, clock: str, heads: str = "Datum;Uhrzeit;Absender;Nachricht") -> str:
    return f"{heads}\n" + "".join(
        f"{day % (3 + i // 4)};{clock % (10 + i)};{NAMES[i % 2]};word number {i}\n" for i in range(12)
    )


@pytest.mark.parametrize("clock", ["9h%02d", "09 h %02d", "9H%02d", "09.%02d Uhr", "9.%02d Uhr"])
def test_a_clock_of_hours_and_an_h_is_joined_with_its_day(tmp_path: Path, clock: str) -> None:
    reading = read_text(tmp_path, table("2024-06-%02d", clock), "a.csv")
    assert spoken(reading, "%d %H:%M")[:2] == [
        ("03 09:10", "Anna", "word number 0"),
        ("03 09:11", "Ben", "word number 1"),
    ]


def test_a_day_beside_clocks_that_cannot_be_read_is_not_offered_as_the_time(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"time: none.*time=…"):
        read_text(tmp_path, table("2024-06-%02d", "neun Uhr und %02d"), "a.csv")


def test_a_clock_without_a_day_is_not_offered_as_the_time(tmp_path: Path) -> None:
    content = "Clock;Sender;Message\n" + "".join(f"09:{10 + i};{NAMES[i % 2]};word number {i}\n" for i in range(12))
    with pytest.raises(UsageError, match=r"date: none.*date=YYYY-MM-DD"):
        read_text(tmp_path, content, "a.csv")


def test_the_only_day_above_clocks_of_one_day_is_asked_about(tmp_path: Path) -> None:
    text = "Room of the house\n3 June 2024\nLog opened\n\n" + "".join(
        f"[09:{10 + i}:00] <{NAMES[i % 2]}> word number {i}\n" for i in range(8)
    )
    with pytest.raises(UsageError, match=r"date: date \(such as '2024-06-03'\)"):
        read_text(tmp_path, text)


def test_a_day_beside_hours_and_minutes_is_not_offered_as_the_time(tmp_path: Path) -> None:
    rows = "".join(f"2024-06-03,9,{10 + i},{NAMES[i % 2]},word number {i}\n" for i in range(12))
    with pytest.raises(UsageError, match=r"time: none.*time=…"):
        read_text(tmp_path, f"date,hour,minute,user,text\n{rows}", "a.csv")


@meeting(head=["日期", "Date", "发送时间"], shape=["2024-01-{:02}", "2024/1/{}"])
def test_days_alone_in_the_order_of_the_file_are_the_time_to_the_day(head: str, shape: str, tmp_path: Path) -> None:
    # One row was moved.
    days = [1, 1, 2, 2, 5, 6, 9, 9, 11, 15, 16, 17, 18, 4, 19, 21]
    rows = "".join(f"{shape.format(d)},{NAMES[i % 2]},word number {i}\n" for i, d in enumerate(days))
    reading = read_text(tmp_path, f"{head},发送人,内容\n{rows}", "a.csv")
    assert set(reading.messages["time_precision"].cast(str)) == {"day"}
    assert NoteCode.PRECISION_LOST in {n.code for n in reading.notes}


def test_days_in_no_order_are_asked_about(tmp_path: Path) -> None:
    days = [9, 2, 14, 1, 11, 3, 17, 5, 12, 4]
    rows = "".join(f"2024-01-{d:02},{NAMES[i % 2]},word number {i}\n" for i, d in enumerate(days))
    with pytest.raises(UsageError, match="unclear are time"):
        read_text(tmp_path, f"日期,发送人,内容\n{rows}", "a.csv")


def test_the_day_above_rows_dates_their_clocks_and_not_that_of_the_export(tmp_path: Path) -> None:
    days = [
        {
            "day": f"2024-02-1{d}",
            "lines": [{"at": f"{h:02}:03:20", who: f"word {d} {h}"} for h, who in ((9, "me"), (11, "him"), (18, "me"))],
        }
        for d in range(4)
    ]
    (tmp_path / "a.json").write_text(json.dumps({"exported": "2024-03-02", "log": days}), "utf-8")
    sent = read(tmp_path / "a.json").messages["sent_at"].dt.convert_time_zone("Asia/Shanghai")
    assert sent.dt.strftime("%m-%d %H").to_list() == [f"02-1{d} {h:02}" for d in range(4) for h in (9, 11, 18)]


def test_which_of_two_days_dates_clocks_of_one_day_is_asked(tmp_path: Path) -> None:
    lines = [{"at": f"{h:02}:03:20", "by": "ab"[h % 2] * 4, "text": f"some words {h}"} for h in range(9, 18)]
    held = {"exported": "2024-03-02", "log": [{"day": "2024-02-12", "lines": lines}]}
    (tmp_path / "a.json").write_text(json.dumps(held), "utf-8")
    with pytest.raises(UsageError, match=r"date: \^exported / \^day|date: \^day / \^exported"):
        read(tmp_path / "a.json")

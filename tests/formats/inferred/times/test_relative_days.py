"""Days that a text names by their distance from its export are dated by the day of the export."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.errors import ReconcileError, UsageError
from reconcile.formats.inferred.times.relative_days import with_dates_of_names
from tests.build.readings import read_text, spoken
from tests.conftest import Within


def text(head: str, days: list[str], line: str = "{t} {n}：{w}", frame: str = "—— {} ——") -> str:
    said = [line.format(t=f"{9 + i}:1{i}", n="甲乙"[i % 2], w=f"第{i}句话") for i in range(4)]
    return "\n".join([head, "", *(row for day in days for row in (frame.format(day), *said, ""))])


@pytest.mark.parametrize(
    ("head", "days", "dates"),
    [
        ("导出时间：2024年3月9日 18:20（星期六）", ["星期一", "星期四", "昨天", "今天"], [4, 7, 8, 9]),
        ("导出时间:2024-03-09 18:20", ["周六", "周三", "昨天"], [2, 6, 8]),
        ("Exported on March 9, 2024 at 18:20", ["Yesterday", "Wednesday", "Monday"], [8, 6, 4]),
        ("exportiert: 09.03.2024 18:20", ["Montag", "Mittwoch", "Gestern"], [4, 6, 8]),
    ],
)
def test_named_days_are_those_of_the_week_before_the_export(
    tmp_path: Path, head: str, days: list[str], dates: list[int]
) -> None:
    found = [t for t, *_ in spoken(read_text(tmp_path, text(head, days)), "%m-%d")]
    assert found == [f"03-{d:02}" for d in dates for _ in range(4)]


@pytest.mark.parametrize("line", ["[{d} {t}] {n}: {w}", "{n} {d} {t}\n{w}\n", "{d}, {t} - {n}: {w}"])
def test_named_days_stand_before_clocks_too_below_whole_dates(tmp_path: Path, line: str) -> None:
    days = ["2024-03-02", "星期一", "昨天", "今天"]
    rows = [line.format(d=d, t=f"09:1{i}", n="甲乙"[i % 2], w=f"{d}第{i}句") for d in days for i in range(4)]
    found = [t for t, *_ in spoken(read_text(tmp_path, "\n".join(["导出时间:2024-03-09 18:20", "", *rows])), "%d")]
    assert found == [d for d in ("02", "04", "08", "09") for _ in range(4)]


def test_a_day_that_does_not_call_itself_that_of_the_export_is_asked_about(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="unclear are date: date"):
        read_text(tmp_path, text("聊天记录 2024年3月9日", ["周二", "昨天"]))
    rows = [f"[{d} 09:1{i}] {'甲乙'[i % 2]}: 第{i}句" for d in ("周二", "昨天") for i in range(4)]
    with pytest.raises(UsageError, match=r"unclear are time: time \(such as '2024-03-05 09:10'"):
        read_text(tmp_path, "\n".join(["聊天记录 2024年3月9日", *rows]))


def test_named_days_that_go_both_ways_are_not_dated(tmp_path: Path) -> None:
    with pytest.raises(ReconcileError):
        read_text(tmp_path, text("导出时间:2024-03-09 18:20", ["星期三", "星期一", "昨天"]))


def test_a_word_for_a_day_in_a_message_is_no_day() -> None:
    lines = pl.Series(["导出时间:2024-03-09", "2024-03-08", "09:10 甲：哪天？", "昨天", "09:11 乙：好"])
    assert with_dates_of_names(lines)[0].to_list() == lines.to_list()


@pytest.mark.parametrize("sign", ["—", " ", "星期一", "昨天 ", "昨天 9", "a"])
def test_lines_of_one_sign_take_linear_time(sign: str, within: Within, timed: bool) -> None:
    line = sign * ((40_000 if timed else 500) // len(sign))
    with within(5):
        with_dates_of_names(pl.Series(["导出:2024-03-09", *[line] * 4, *[line[:390]] * 50]))


def test_a_named_day_before_a_clock_in_words_stays_where_headings_have_whole_times() -> None:
    lines = [f"Am 0{i}.03.2024 um 09:05 Uhr schrieb Anna:\n> Zugesagt war Montag, 8:00" for i in range(1, 5)]
    text = pl.Series("\n".join(lines).split("\n"))
    assert with_dates_of_names(text)[0].to_list() == text.to_list()

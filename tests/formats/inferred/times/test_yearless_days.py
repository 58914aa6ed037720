"""Days without a year get it from the title above them, where something confirms it."""

from pathlib import Path

import polars as pl
import pytest

import reconcile
from reconcile.errors import UsageError
from reconcile.formats.inferred.times.yearless_days import with_years_of_days
from reconcile.intake.contract import ReadOptions
from tests.thorough import some


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["2024年3月 聊天记录", "3月1日", "09:05 甲：好", "3月2日"], ["2024年3月1日", "2024年3月2日"]),
        (["2024年记录", "3月1日 星期五", "09:05 甲：好", "3月2日 星期六"], ["2024年3月1日", "2024年3月2日"]),
        (["2023-12 记录", "12月31日", "1月1日"], ["2023年12月31日", "2024年1月1日"]),
        (["year: 2024", "3月1日", "09:05 甲：定在2024/3/5 10:00", "3月2日"], ["2024年3月1日", "2024年3月2日"]),
        (["2024年记录", "3月1日 星期一"], ["3月1日 星期一"]),
        (["2024年记录", "3月1日"], ["3月1日"]),
        (["2023年至2024年3月", "3月1日"], ["3月1日"]),
        (["3月1日 星期五"], ["3月1日 星期五"]),
        (["2024年2月", "2月30日"], ["2月30日"]),
    ],
)  # fmt: skip
def test_a_day_gets_the_year_of_the_title_where_weekdays_or_its_month_confirm_it(
    lines: list[str], days: list[str]
) -> None:
    told = with_years_of_days(pl.Series(lines))
    assert told.filter(pl.Series(["日" in line for line in lines])).to_list() == days


def test_lines_of_years_between_messages_state_the_years_below_them() -> None:
    said = ["12月1日 9:00 甲：见", "12月2日 9:01 甲：好", "1月2日 9:00 甲：到", "1月3日 9:02 甲：嗯"]
    lines = ["以下是2023年的", *said[:2], "以下是2024年的", *said[2:]]
    told = [
        "",
        "2023-12-1 9:00 甲：见",
        "2023-12-2 9:01 甲：好",
        "",
        "2024-1-2 9:00 甲：到",
        "2024-1-3 9:02 甲：嗯",
    ]
    assert with_years_of_days(pl.Series(lines)).to_list() == told
    # A year that ends above its line, and one line alone, leave the year open.
    for other in (["以下是2023年的", *said, "以下是2024年的", *said[2:]], lines[:3]):
        assert with_years_of_days(pl.Series(other)).to_list() == other


def test_titles_of_months_complete_the_days_below_them_in_order_of_time() -> None:
    said = ["20日 21:14 甲：见", "22日 9:01 乙：好", "1日 9:00 甲：到", "2日 9:02 乙：8月的"]
    of_months = [
        "",
        "2023-08-20 21:14 甲：见",
        "2023-08-22 9:01 乙：好",
        "",
        "2023-09-01 9:00 甲：到",
        "2023-09-02 9:02 乙：8月的",
    ]
    for titles in (["2023年8月", "2023年9月"], ["【2023年8月份】", "【2023年9月】"]):
        lines = pl.Series([titles[0], *said[:2], titles[1], *said[2:]])
        assert with_years_of_days(lines).to_list() == of_months
    levels = pl.Series(["2023年", "8月", *said[:2], "9月", *said[2:]])
    assert with_years_of_days(levels).to_list() == ["", *of_months]
    apart = pl.Series(["2023年8月", "20日", "21:14 甲：见", "22日", "9:01 乙：好", "9:02 甲：到", "9:03 乙：嗯"])
    assert with_years_of_days(apart).to_list()[2::2] == ["2023-08-20 21:14 甲：见", "2023-08-22 9:01 乙：好", "2023-08-22 9:03 乙：嗯"]  # fmt: skip


@pytest.mark.parametrize("lines", [
    ["2023年9月", "20日 21:14 甲：见", "22日 9:01 乙：好", "2023年8月", "1日 9:00 甲：到", "2日 9:02 乙：嗯"],
    ["2023年2月", "20日 21:14 甲：见", "30日 9:01 乙：好", "30日 9:00 甲：到", "30日 9:02 乙：嗯"],
    ["2023年8月", "20日 21:14 甲：见", "22日 9:01 乙：好", "25日 9:00 地点：楼下", "23日 9:02 乙：嗯", "23日 9:02 甲：嗯"],
    ["2023年8月", "20日 21:14 甲：见", "22日 9:01 乙：好", "2023年", "23日 9:02 乙：嗯", "23日 9:02 甲：嗯"],
    ["2023年8月", "20日 21:14 甲：见", "22日 9:01 乙：好", "**他承认了**", "22日 9:02 乙：嗯", "23日 9:02 甲：嗯"],
])  # fmt: skip
def test_titles_of_months_complete_nothing_where_days_fall_or_words_may_look_like_them(lines: list[str]) -> None:
    assert with_years_of_days(pl.Series(lines)).to_list() == lines


def test_a_clock_and_somebody_who_speaks_again_may_stand_behind_the_day() -> None:
    lines = ["## 2022年12月30日至2023年1月2日", "12月30日 14:21 张三：合同是2019年签的", "[1月2日 8:00] 李四：好", "1月2日 8:01 李四：走", "1月3日 9:00 张三：到了"]  # fmt: skip
    told = with_years_of_days(pl.Series(lines)).to_list()
    assert told[1:3] == ["2022-12-30 14:21 张三：合同是2019年签的", "[2023-01-02 8:00] 李四：好"]


@pytest.mark.parametrize(
    "lines",
    [
        ["2024年3月", "2024-03-01 09:05:07 甲", "3月10日 15:00 之前必须到", "2024-03-01 09:06:16 乙", "3月9日"] * 2,
        ["2024/03/01 星期五", "甲 (09:05:07)", "3月11日 15:00 之前必须到"],
        ["2024-03-01", "3月11日 15:00 之前：必须到", "甲 09:05"],
    ],
)  # fmt: skip
def test_a_day_that_somebody_mentions_stays_as_written(lines: list[str]) -> None:
    assert with_years_of_days(pl.Series(lines)).to_list() == lines


def test_signs_behind_a_day_cost_what_their_number_costs() -> None:
    lines = ["2024年3月", "3月1日" + "-" * 200_000 + "x"]
    assert with_years_of_days(pl.Series(lines)).to_list() == lines


def test_days_without_a_year_in_a_column_are_asked_for_the_year(tmp_path: Path) -> None:
    rows = "".join(f"3月{5 + i // 6}日,09:{i:02},{'甲乙'[i % 2]},第{i}句话\n" for i in range(12))
    (tmp_path / "a.csv").write_text(f"日期,时间,发送人,内容\n{rows}", "utf-8")
    with pytest.raises(UsageError, match="year"):
        reconcile.read(tmp_path / "a.csv")
    named = {"date": "日期", "time": "时间", "sender": "发送人", "text": "内容"}
    with pytest.raises(UsageError, match="no time reads"):
        reconcile.read(tmp_path / "a.csv", options=ReadOptions(columns=named))
    read = reconcile.read(tmp_path / "a.csv", options=ReadOptions(columns={**named, "year": "2024"}))
    assert read.messages["sent_at"].null_count() == 0


@pytest.mark.parametrize("day", some(["3月{}日", "**3月{}日**", "March {}", "--- 3/{} ---"], 2))
def test_days_without_any_year_stand_beside_their_clocks_so_that_the_year_is_asked(tmp_path: Path, day: str) -> None:
    said = [f"10:0{i} {'甲乙'[i % 2]}: 第{i}句" for i in range(6)]
    (tmp_path / "a.txt").write_text("\n".join([day.format(1), *said[:3], "", day.format(2), *said[3:]]))
    with pytest.raises(UsageError, match="year"):
        reconcile.read(tmp_path / "a.txt")
    told = {"time": "time", "sender": "sender", "text": "text", "year": "2024", "day_first": "false"}
    messages = reconcile.read(tmp_path / "a.txt", options=ReadOptions(columns=told)).messages
    assert messages["text"].to_list() == [f"第{i}句" for i in range(6)]
    days = messages["sent_at"].dt.convert_time_zone("Asia/Shanghai").dt.strftime("%Y-%m-%d")
    assert days.to_list() == ["2024-03-01"] * 3 + ["2024-03-02"] * 3

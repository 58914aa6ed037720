"""Days without a year get it from the title above them, where something confirms it."""

import polars as pl
import pytest

from reconcile.formats.inferred.yearless_days import with_years_of_days


@pytest.mark.parametrize(
    ("lines", "days"),
    [
        (["2024年3月 聊天记录", "3月1日", "09:05 甲：好", "3月2日"], ["2024年3月1日", "2024年3月2日"]),
        (["2024年记录", "3月1日 星期五", "09:05 甲：好", "3月2日 星期六"], ["2024年3月1日", "2024年3月2日"]),
        (["2023-12 记录", "12月31日", "1月1日"], ["2023年12月31日", "2024年1月1日"]),
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


def test_a_clock_and_words_may_stand_behind_the_day() -> None:
    lines = ["## 2022年12月30日至2023年1月2日", "12月30日 14:21 张三：合同是2019年签的", "[1月2日 8:00] 李四：好"]
    told = with_years_of_days(pl.Series(lines)).to_list()
    assert told[1:] == ["2022-12-30 14:21 张三：合同是2019年签的", "[2023-01-02 8:00] 李四：好"]

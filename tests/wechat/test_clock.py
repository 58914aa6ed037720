"""Times as exports write them: the quick way and the general one say the same, other spellings are brought to one layout."""

from collections.abc import Sequence
from datetime import UTC, datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reconcile.wechat.clock import parse_time_text, parse_times
from reconcile.wechat.clock_forms import day_comes_first, parse_time_column, with_spoken_times
from tests.thorough import examples

SPELLINGS = (
    "2024-03-01 09:00:05", "2024-03-01T09:00:05+08:00", "2024-03-01 09:00", "2024-03-01T09:00:05Z", None, "x", "2024/3/1 9:05",
    "2024-13-01 09:00:05", "2024年3月1日 9:05", "1899-01-01 00:00:00", "2024-03-01T09:00", "2024-03-01 09:00:05.123", "2300-01-01 00:00:00",
)  # fmt: skip


@settings(max_examples=examples(30, 100))
@given(st.lists(st.sampled_from(SPELLINGS), max_size=6), st.sampled_from(["Asia/Shanghai", "America/St_Johns"]))
def test_quick_way_says_what_the_general_pattern_says(texts: list[str | None], zone: str) -> None:
    assert_both_ways_agree(texts, zone)


@pytest.mark.parametrize(
    "texts",
    [
        ["is no time at all.."] * 70 + ["2024-03-01 09:00:05"], ["2024-03-01T09:00:05-03:30"] * 70, ["1970-01-01 00:00:05+08:00"] * 2,
        ["2024-03-01 09:00:05+08:00", "2024-03-01 09:00:05+09:00"], ["2024-03-01 09:00:05+99:00"] * 2, ["2024-02-30 09:00:05+08:00", "2024-02-03 09:00:05+08:00"],
    ],
)  # fmt: skip
def test_a_column_of_one_layout_or_offset_is_read_as_the_general_pattern_reads_it(texts: list[str]) -> None:
    assert_both_ways_agree(texts, "Asia/Shanghai")


def assert_both_ways_agree(texts: Sequence[str | None], zone: str) -> None:
    raw = pl.Series("raw", texts, dtype=pl.String)
    slow = raw.to_frame().select(parse_time_text(pl.col("raw"), zone).alias("t")).unnest("t")
    assert parse_times(raw, zone).equals(slow)


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("2024-03-01 上午9:05", 1, 5), ("2024年3月1日 下午1:05:07", 5, 5), ("2024/3/1 9:05:07 PM", 13, 5), ("2024-03-01 12:05 AM", 16, 5),
        ("2024年3月1日 晚8点26分", 12, 26), ("2024年3月1日 早9点05分", 1, 5),
        ("2024-03-01 中午12:05", 4, 5), ("2024-03-01 星期五 09:05:07", 1, 5), ("2024-03-01 09:05:07 UTC", 9, 5), ("13/06/2021 20:51:33(UTC+3)", 17, 51),
        ("08:58 PM, 17 Jun 2025", 12, 58), ("上午08:58 2025-06-17", 0, 58), ("08:58:10 2025/06/17", 0, 58), ("2024年3月1号 9：05", 1, 5),
    ],
)  # fmt: skip
def test_other_spellings_of_time_are_read(text: str, hour: int, minute: int) -> None:
    found = parse_time_column(pl.Series([text]), "Asia/Shanghai")["sent_at"][0]
    assert (found.hour, found.minute) == (hour, minute)


def test_number_above_twelve_tells_the_day() -> None:
    assert day_comes_first(pl.Series(["03/04/2024 10:00", "13/04/2024 10:00"])) is True
    assert day_comes_first(pl.Series(["03/04/2024 10:00", "04/13/2024 10:00"])) is False


def test_order_tells_the_day_where_no_number_does() -> None:
    assert day_comes_first(pl.Series(["11/03/2024", "12/03/2024", "01/04/2024"])) is True


def test_day_that_nothing_tells_stays_untold() -> None:
    assert day_comes_first(pl.Series(["03/04/2024"])) is None
    assert parse_time_column(pl.Series(["03/04/2024 10:00"]), "Asia/Shanghai")["sent_at"][0] is None


def test_column_of_one_forensic_layout_is_read_whole() -> None:
    raw = pl.Series(["01/06/2021 20:51:33(UTC+3)", None, "02/06/2021 20:51:33 (UTC-3:30)"])
    found = parse_time_column(raw, "Asia/Shanghai", day_first=True)["sent_at"].to_list()
    assert found == [datetime(2021, 6, 1, 17, 51, 33, tzinfo=UTC), None, datetime(2021, 6, 3, 0, 21, 33, tzinfo=UTC)]


def test_half_days_and_weekdays_beside_iso_are_told_and_no_hour_of_twenty_four() -> None:
    raw = pl.Series([
        "2024-03-01 09:05:07", "2024年03月01日 星期五 下午09:05:07", "2024-03-01 12:05:07 AM", "2024-03-01 24:05:07", "", "明天下午3:00",
    ])  # fmt: skip
    found = with_spoken_times(parse_times(raw, "Asia/Shanghai"), raw, "Asia/Shanghai")["sent_at"]
    assert found.dt.to_string("%d %H:%M:%S").to_list() == [
        "01 01:05:07",
        "01 13:05:07",
        "29 16:05:07",
        None,
        None,
        None,
    ]

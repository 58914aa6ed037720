"""A column of any legal spelling of time is read as the general pattern reads it, and as fast as a common one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from reconcile.wechat.clock import parse_time_text, parse_times
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import LETTERS_IN_BRACKETS, NAMED_DAY, OF_C, fitted

TIMES = [datetime(2024, 2, 28, 23, 5, 7) + timedelta(seconds=977 * i) for i in range(200)]  # noqa: DTZ001 - local times are meant
SPELLINGS: dict[str, Callable[[datetime], str]] = {
    "offset": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S+0000"),
    "slashes": lambda t: f"{t.year}/{t.month}/{t.day} {t.hour}:{t.minute:02d}",
    "chinese": lambda t: f"{t.year}年{t.month}月{t.day}日 {t.hour}:{t.minute:02d}:{t.second:02d}",
    "fractions": lambda t: t.strftime("%Y-%m-%d %H:%M:%S.") + f"{t.second % 2:03d}",
    "utc": lambda t: t.strftime("%Y-%m-%dT%H:%M:%S.250Z"),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_quick_layout_reads_what_the_pattern_reads(name: str) -> None:
    raw = pl.Series("raw", [SPELLINGS[name](t) for t in TIMES])
    slow = raw.to_frame().select(parse_time_text(pl.col("raw"), "Asia/Shanghai").alias("t")).unnest("t")
    assert parse_times(raw, "Asia/Shanghai").equals(slow)


def test_a_sixtieth_second_is_still_no_time() -> None:
    raw = pl.Series("raw", [f"2024/3/1 9:05:{i % 60:02d}" for i in range(100)] + ["2024/3/1 9:05:60"])
    assert parse_times(raw, "Asia/Shanghai")["sent_at"].null_count() == 1


@pytest.mark.parametrize(
    "layout", ["%m/%d/%Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S", "%d/%m/%Y %H:%M:%S(UTC+3)", "%d/%m/%Y, %H:%M", "%Y年%m月%d日 %p%I:%M", "%A, %B %d, %Y at %H:%M", "%Y%m%d%H%M%SZ", "%Y年%m月%d日(月) %H:%M"]
)  # fmt: skip
def test_a_long_column_reads_as_its_first_texts_alone(layout: str) -> None:
    start = datetime(2023, 1, 1, 0, 7, 9)  # noqa: DTZ001 - written without a zone
    texts = [(start + timedelta(seconds=1009 * i)).strftime(layout) for i in range(2400)]
    texts = [t.replace("AM", "上午").replace("PM", "下午") if "年" in t else t for t in texts]
    long = parse_time_column(pl.Series(texts), "Europe/Berlin", day_first=layout.startswith("%d"))
    short = parse_time_column(pl.Series(texts[:40]), "Europe/Berlin", day_first=layout.startswith("%d"))
    assert long.head(40).equals(short)
    assert long["sent_at"].null_count() == 0


@pytest.mark.parametrize(
    ("texts", "day"),
    [
        (["24-03-01 09:05", "24-03-02 09:05", "24-03-05 09:05"], "2024-03-01"),
        (["01-03-24 09:05", "02-03-24 09:05", "15-03-24 09:05"], "2024-03-01"),
        (["15/03/24, 09:05"], "2024-03-15"),
        (["24-03-01 09:05"], "2024-03-01"),
        (["20240301090507", "20240302 0905"], "2024-03-01"),
    ],
)
def test_a_year_of_two_figures_is_the_number_that_changes_least(texts: list[str], day: str) -> None:
    times = parse_time_column(pl.Series(texts), "Asia/Shanghai", day_first=True)
    assert times["sent_at"].null_count() == 0
    assert str(times["sent_at"][0].date()) == day


def test_two_figures_that_can_be_no_year_of_a_chat_stay_unread() -> None:
    texts = pl.Series(["01-02-03 09:05"])
    assert parse_time_column(texts, "Asia/Shanghai", day_first=True)["sent_at"].null_count() == 1


@pytest.mark.parametrize(
    "text",
    ["mardi 9 avril 2024 à 08:02", "Di., 9. Apr. 2024, 08:02 Uhr", "9 de abril de 2024 8:02", "2024年4月9日（火）午前8時02分", "2024-04-09 Tue 08:02", "9 avr. 2024 8h02", "2024년 4월 9일 오전 8시 02분", "20240409080200", "4/9/2024 8:02 AM (Device)"],
)  # fmt: skip
def test_times_of_other_languages_and_with_words_around_them_are_read(text: str) -> None:
    told = parse_time_column(pl.Series([text]), "UTC", day_first=False)["sent_at"][0]
    assert told is not None
    assert told.isoformat() == "2024-04-09T08:02:00+00:00"


@pytest.mark.parametrize(
    ("text", "clock"),
    [
        ("2024-W23-1T20:11:04", "20:11:04"),
        ("03-JUN-24 08.11.04.000000 PM", "20:11:04"),
        ("03-Jun-2024 20:11:04", "20:11:04"),
        ("3/6/2024, 8:11:04 p. m.", "20:11:04"),
        ("3/6/2024, 8:11:04 a.\u00a0m.", "08:11:04"),
    ],
)
def test_weeks_names_of_months_and_spaced_halves_of_a_day_are_read(text: str, clock: str) -> None:
    times = parse_time_column(pl.Series([text]), "UTC", day_first=True)
    assert times["sent_at"].dt.strftime("%Y-%m-%d %H:%M:%S")[0] == f"2024-06-03 {clock}"


@pytest.mark.parametrize(
    ("raw", "utc"),
    [
        ("1月 14, 2025 8:01 上午", "2025-01-14 08:01:00"),
        ("11月 2, 2024 12:01:05 下午", "2024-11-02 12:01:05"),
        ("3 июня 2024 г., 08:11", "2024-06-03 08:11:00"),
    ],
)
def test_months_of_other_makes_are_read(raw: str, utc: str) -> None:
    found = parse_time_column(pl.Series("raw", [raw]), "UTC")["sent_at"]
    assert found.dt.strftime("%Y-%m-%d %H:%M:%S").to_list() == [utc]


@pytest.mark.parametrize(
    "day",
    ["Mar 5, 2024", "march 5th 2024", "Sept. 15 2024", "5 Mar 2024", "5. März 2024", "15 AOÛT, 2024", "1er févr. 2024", "5 de março de 2024", "5º di Maggio 2024", "05-MAR-24", "5-Dic-2024", "мая 5 2024", "5 Сентября 2024 г.", "3月 5, 2024"],
)  # fmt: skip
def test_a_pattern_fitted_to_texts_still_finds_days_with_named_months(day: str) -> None:
    texts = pl.Series(["2024-03-05 10:00", f"Li, {day} 10:05"])
    pattern = rf"([0-9]{{4}}-[0-9]{{2}}|{NAMED_DAY})"
    assert texts.str.extract(fitted(pattern, texts), 1).to_list() == ["2024-03", day]


@pytest.mark.parametrize(
    ("part", "like_it"),
    [
        (NAMED_DAY, "am 5. März 2024"),
        (LETTERS_IN_BRACKETS, "2024-03-05 (Tuesday)"),
        (LETTERS_IN_BRACKETS, "2024年3月5日（火）"),
        (OF_C, "Session Start: Tue Mar 05 08:02:15 2024"),
        (OF_C, "Mar. Févr. 5 08:02:15 +0800 2024"),
    ],
)
def test_a_part_that_is_slow_to_prepare_is_left_out_only_where_no_text_is_like_it(part: str, like_it: str) -> None:
    pattern = rf"([0-9]{{4}}-[0-9]{{2}}|{part})"
    texts = pl.Series(["2024-03-05 10:00 Mary: I paid 300 yuan (1)", "wxid-10-05", like_it])
    assert texts.str.extract_all(fitted(pattern, texts)).to_list() == texts.str.extract_all(pattern).to_list()
    assert len(fitted(pattern, texts.head(2))) < len("([0-9]{4}-[0-9]{2}|)") + 10


@pytest.mark.parametrize("text", ["2026/09/01 (อ) 09:12", "2026年9月1日（一）9:12", "2026/09/01(mar.) 9:12 AM"])
def test_a_weekday_in_brackets_may_be_of_any_language(text: str) -> None:
    times = parse_time_column(pl.Series([text]), "UTC")["sent_at"].to_list()
    assert [str(t)[:16] for t in times] == ["2026-09-01 09:12"]


def test_a_zone_in_brackets_counts() -> None:
    times = parse_time_column(pl.Series(["2026-09-01 09:12 (UTC)", "2026-09-01 09:12 (GMT)"]), "Asia/Shanghai")
    assert [str(t)[:16] for t in times["sent_at"]] == ["2026-09-01 09:12"] * 2


def test_a_month_by_name_between_slashes_is_read() -> None:
    raw = pl.Series("raw", [t.strftime("%d/%B/%Y  %I:%M:%S %p") for t in TIMES])
    plain = pl.Series("raw", [t.strftime("%Y-%m-%d %H:%M:%S") for t in TIMES])
    assert parse_time_column(raw, "UTC")["sent_at"].equals(parse_time_column(plain, "UTC")["sent_at"])


@pytest.mark.parametrize(
    "raw", ["25 ก.พ. 2567 09:05:07 น.", "25 Şubat 2024 Pazar, 09:05:07", "25 lutego 2024, 09:05:07", "25 tháng 2, 2024 09:05:07", "25 лютого 2024 09:05:07", "25 Φεβ 2024 09:05:07", "09:05:07 SA 25/02/2024"]
)  # fmt: skip
def test_days_and_halves_of_further_languages_are_read(raw: str) -> None:
    times = parse_time_column(pl.Series([raw] * 3), "UTC", day_first=True)
    assert times["sent_at"][0] == datetime(2024, 2, 25, 9, 5, 7, tzinfo=UTC)

"""A column of any legal spelling of time is read as the general pattern reads it, and as fast as a common one."""

from collections.abc import Callable
from datetime import datetime, timedelta

import polars as pl
import pytest

from reconcile.wechat.clock import parse_time_text, parse_times

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

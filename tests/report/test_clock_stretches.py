"""Times off the common clock stand in the report with their size, their ends on both sides, and what they fit."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.frames import Verdicts
from reconcile.report.build import build_report
from reconcile.report.html import render_html
from tests.build.findings import build_findings, build_run, build_summaries


def test_a_stretch_in_another_zone_is_listed_with_its_size_and_the_times_of_its_ends() -> None:
    found = build_findings()
    rows = found.messages.filter((pl.col("side") == "left") & pl.col("sent_at").is_not_null()).head(3)
    ends = dict.fromkeys(("left_first", "right_first"), rows["row"][0]) | dict.fromkeys(
        ("left_last", "right_last"), rows["row"][2]
    )
    segment = {"reading": "zone_shift", "seconds": -18000.0, "rows": 3} | ends
    at = found.verdicts["conversation"].to_list().index(rows["conversation"][0])
    told = [[segment] if n == at else [] for n in range(found.verdicts.height)]
    verdicts = Verdicts.cast(
        found.verdicts.with_columns(pl.Series("clock_segments", told, Verdicts.clock_segments.dtype))
    )
    data = build_report(replace(found, verdicts=verdicts), *build_summaries(), build_run())
    (stretch,) = (s for c in data.conversations for s in c.clocks)
    shown = [f"{rows['sent_at'][n].astimezone(ZoneInfo('Asia/Shanghai')):%Y-%m-%d %H:%M:%S}" for n in (0, 2)]
    assert (stretch.apart, stretch.rows, list(stretch.left)) == ("5:00:00", 3, shown)
    assert "时间偏离共同时钟的区段" in render_html(data, "zh")

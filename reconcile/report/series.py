"""The numbers behind the pictures: lanes of coverage, messages per day, clock offset over time."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from reconcile.column_ops import present
from reconcile.frames import Findings
from reconcile.report.counts import LEFT, RIGHT, SideRows
from reconcile.report.model import Series, Track
from reconcile.vocabulary import Side

_LANES = 12
_QUARTER = 15 * 60 * 1_000_000
_MOST_BINS = 130
_MOST_POINTS = 120
_SAMPLE = 20_000
_MARKS = 200

Raw = tuple[datetime, datetime]


def series_of(findings: Findings, sides: dict[str, SideRows], order: list[str], zone: str) -> Series:
    """All picture data; the first twelve conversations of the report get a lane."""
    bin_days, days = _messages_per_day(findings, sides, zone)
    return Series(
        tracks=_track_of_sides(findings, sides, order[:_LANES], zone),
        bin_days=bin_days,
        days=days,
        offsets=_offsets(findings, sides, zone),
    )


def _track_of_sides(findings: Findings, sides: dict[str, SideRows], order: list[str], zone: str) -> tuple[Track, ...]:
    """Two lanes for each conversation, one a side."""
    spans = {(side, key): span for side in (LEFT, RIGHT) for key, span in _spans(sides[side], order).items()}
    conflicts = _conflict_times(findings, sides)
    shown = findings.verdicts.filter(pl.col("conversation").is_in(order))
    windows = {v["conversation"]: v for v in shown.iter_rows(named=True)}
    tracks = []
    for number, key in enumerate(order, 1):
        for side in Side:
            first, last = spans.get((side.value, key), (None, None))
            window = common_period(windows[key])
            gaps = findings.gaps.filter(
                (pl.col("conversation") == key) & (pl.col("lacking") == side.value) & pl.col("from_at").is_not_null()
            ).head(_MARKS)
            tracks.append(
                Track(
                    conversation=number,
                    side=side,
                    first_at=_local_text(first, zone),
                    last_at=_local_text(last, zone),
                    gaps=tuple(
                        (_local_text(a, zone) or "", _local_text(b, zone) or "", str(c))
                        for a, b, c in gaps.select("from_at", "to_at", "cause").iter_rows()
                    ),
                    conflicts=tuple(_local_text(t, zone) or "" for t in conflicts.get(key, [])[:_MARKS]),
                    coverage_from=_local_text(window[0], zone),
                    coverage_to=_local_text(window[1], zone),
                )
            )
    return tuple(tracks)


def common_period(verdict: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """The period that both copies of a conversation cover; None where they do not overlap."""
    start, end = verdict["coverage_from"], verdict["coverage_to"]
    return (None, None) if start and end and start > end else (start, end)


def _spans(side: SideRows, order: list[str]) -> dict[str, Raw]:
    """First and last time of the conversations of `order`."""
    shown = pl.Series([code for code, name in enumerate(side.names) if name in order], dtype=side.codes.dtype)
    table = (
        side.frame.select("sent_at", side.codes.alias("code"))
        .filter(pl.col("code").is_in(shown.implode()) & pl.col("sent_at").is_not_null())
        .group_by("code")
        .agg(pl.col("sent_at").min().alias("first"), pl.col("sent_at").max().alias("last"))
    )
    return {side.names[code]: (first, last) for code, first, last in table.iter_rows()}


def _conflict_times(findings: Findings, sides: dict[str, SideRows]) -> dict[str, list[datetime]]:
    """Times of the conflicts by conversation, as the left side states them."""
    lines = findings.alignment.filter(pl.col("relation") == "conflict")
    at = sides[LEFT].column_at("sent_at", lines["left_row"])
    out: dict[str, list[datetime]] = {}
    for key, time in zip(lines["conversation"], at, strict=True):
        if time is not None:
            out.setdefault(key, []).append(time)
    return out


def _messages_per_day(
    findings: Findings, sides: dict[str, SideRows], zone: str
) -> tuple[int, tuple[tuple[str, int, int, int, int], ...]]:
    """Days in each bar; then first day, left, right, left only and right only of every bar."""
    one_sided = findings.alignment.filter(pl.col("relation") == "one_sided")
    parts = []
    for side, name in ((LEFT, "left"), (RIGHT, "right")):
        parts.append(_per_day(sides[side].frame["sent_at"], zone).rename({"len": name}))
        held = sides[side].column_at("sent_at", present(one_sided[f"{side}_row"]))
        parts.append(_per_day(held, zone).rename({"len": f"{name}_only"}))
    table = parts[0]
    for part in parts[1:]:
        table = table.join(part, on="day", how="full", coalesce=True)
    table = table.fill_null(0).sort("day")
    if table.is_empty():
        return 1, ()
    span = int((table["day"][-1] - table["day"][0]).days) + 1
    bin_days = next((n for n in (1, 2, 4, 7, 14, 28, 91, 364) if span / n <= _MOST_BINS), 3640)
    binned = table.group_by_dynamic("day", every=f"{bin_days}d", start_by="datapoint").agg(pl.exclude("day").sum())
    rows = binned.select(pl.col("day").dt.to_string(), "left", "right", "left_only", "right_only").rows()
    return bin_days, tuple(rows)


def _per_day(at: pl.Series, zone: str) -> pl.DataFrame:
    """Number of rows by local day. Times are first counted by quarter hours, which is faster."""
    runs = (present(at).cast(pl.Int64) // _QUARTER).alias("quarter").rle().struct.unnest()
    quarters = runs.group_by(pl.col("value").alias("quarter")).agg(pl.col("len").sum())
    moment = (pl.col("quarter") * _QUARTER).cast(pl.Datetime("us", "UTC")).dt.convert_time_zone(zone)
    return quarters.group_by(moment.dt.date().alias("day")).agg(pl.col("len").sum())


def _offsets(findings: Findings, sides: dict[str, SideRows], zone: str) -> tuple[tuple[str, float], ...]:
    """Medians of left minus right time along the chat, from an even sample of the pairs."""
    pairs = findings.alignment.select("left_row", "offset_seconds").drop_nulls()
    sample = pairs.gather_every(max(1, pairs.height // _SAMPLE))
    timed = (
        sample.with_columns(sides[LEFT].column_at("sent_at", sample["left_row"]).alias("at")).drop_nulls().sort("at")
    )
    if timed.is_empty():
        return ()
    stretch = max(1, -(-timed.height // _MOST_POINTS))
    points = (
        timed.with_row_index("n")
        .group_by(pl.col("n") // stretch, maintain_order=True)
        .agg(pl.col("at").first(), pl.col("offset_seconds").median())
    )
    return tuple((_local_text(at, zone) or "", float(offset)) for _, at, offset in points.iter_rows())


def _local_text(at: datetime | None, zone: str) -> str | None:
    """The local time as ISO text without an offset; null stays null."""
    return at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S") if at is not None else None

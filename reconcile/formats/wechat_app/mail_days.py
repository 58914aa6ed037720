"""Days and clocks of WeChat's mails: which lines of days are the client's own, and what they read as."""

import polars as pl

from reconcile.intake.text.lines import in_time_order, out_of_order
from reconcile.wechat.clock_forms import normal_times

# Two messages of neighbouring minutes may be in either order.
TOLERANCE_MINUTES, _MINUTES_OF_DAY = 3, 1440


def typed_days(frame: pl.DataFrame) -> list[int]:
    """Positions of day lines that break the order or the spelling of the others: a person typed them.

    Days that begin again are the client's own where a second mail that overlaps the first stands below it.
    """
    at = frame["day"].is_not_null().arg_true()
    if len(at) < 2:
        return []
    told, lines = frame["day"].gather(at), frame["line"]
    frames = [line.replace(day, "").strip() for line, day in zip(lines.gather(at), told, strict=True)]
    fits = in_time_order(_ordinals(told).to_list(), 0)
    late = {i for i, ok in zip(at.to_list(), fits, strict=True) if not ok}
    late -= _days_of_overlap(frame) if late else set()
    return [i for i, around in zip(at.to_list(), frames, strict=True) if i in late or around != frames[0]]


def _days_of_overlap(frame: pl.DataFrame) -> set[int]:
    """Positions of the days whose first heading fits the order or repeats one of a mail above.

    Empty without such an overlap. Nobody can paste the heading of the message that he is typing.
    """
    place = pl.int_range(frame.height, eager=True, dtype=pl.Int64)
    headed = frame.select(
        pl.when(pl.col("day").is_not_null()).then(pl.lit(place)).forward_fill().alias("day_at"),
        pl.col("day").forward_fill(),
        "line",
        "clock",
    ).filter(pl.col("clock").is_not_null() & pl.col("day").is_not_null() & frame["day"].is_null())
    minutes = pl.Series(minutes_of_day(headed["clock"]), dtype=pl.Int64)
    times = (_ordinals(headed["day"]) * _MINUTES_OF_DAY + minutes).to_list()
    headings = headed.select(pl.format("{} {}", "day", "line").alias("told"))["told"].to_list()
    strange = out_of_order(times, TOLERANCE_MINUTES, headings)[0]
    if len(strange) == len(out_of_order(times, TOLERANCE_MINUTES)[0]):
        return set()
    first = headed["day_at"].is_first_distinct().arg_true()
    return {*headed["day_at"].gather(first.filter(~first.is_in(strange))).to_list()}


def _ordinals(days: pl.Series) -> pl.Series:
    """The days as numbers; null for an impossible day."""
    return padded_days(days).str.to_date(strict=False).cast(pl.Int64)


def padded_days(days: pl.Series) -> pl.Series:
    """The days as `YYYY-MM-DD`, however the phone spells them."""
    spelt = days.unique().drop_nulls().alias("raw")
    if spelt.is_empty():
        return days
    plain = normal_times(spelt).str.extract_groups(r"^([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})").struct.unnest()
    made = plain.select(pl.concat_str("1", pl.col("2").str.zfill(2), pl.col("3").str.zfill(2), separator="-"))["1"]
    return days.replace_strict(spelt, made, default=None, return_dtype=pl.String)


def minutes_of_day(clocks: pl.Series) -> list[int | None]:
    """Minutes since midnight; null for an unreadable time."""
    if bool(clocks.str.contains(r"[^0-9:]").any()):
        clocks = normal_times(pl.Series("c", [f"2000-01-01 {c}" for c in clocks.to_list()], dtype=pl.String)).str.slice(
            11
        )
    parts = clocks.str.extract_groups(r"^([0-9]{1,2}):([0-9]{2})").struct.unnest()
    return (parts["1"].cast(pl.Int64, strict=False) * 60 + parts["2"].cast(pl.Int64, strict=False)).to_list()

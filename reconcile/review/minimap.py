"""The strip next to the list: the shown lines in equal bins, and what each bin contains."""

import polars as pl

from reconcile.review.findings import holder
from reconcile.review.store import Row
from reconcile.review.view import ZONE

MARKS = ("left_missing", "right_missing", "conflicts", "doubtful", "set_aside", "judged")


def minimap(lines: pl.DataFrame, numbers: pl.Series, judged: pl.Series, bins: int) -> Row:
    """Counts per bin and the day each bin begins with.

    Returns:
        `bins` (at most as many as lines), and for each mark a list of [bin, count] for the bins that have any; `days`
        holds [bin, day] wherever a new month begins, at most some sixty.
    """
    total = len(numbers)
    bins = max(1, min(bins, total))
    frame = (
        pl.DataFrame({"line": numbers})
        .lazy()
        .with_row_index("at")
        .join(_marked_lines(lines, judged), on="line", how="inner", maintain_order="left")
        .with_columns((pl.col("at").cast(pl.UInt64) * bins // max(1, total)).alias("bin"))
    )
    counted = frame.group_by("bin").agg(*(pl.col(m).sum() for m in MARKS), pl.col("day").first()).sort("bin").collect()
    marks = {m: counted.filter(pl.col(m) > 0).select("bin", m).rows() for m in MARKS}
    return {"bins": bins, "total": total, **marks, "days": _month_labels(counted)}


def _marked_lines(lines: pl.DataFrame, judged: pl.Series) -> pl.LazyFrame:
    """The lines with one boolean column per mark, and their day."""
    relation = pl.col("relation").cast(pl.String)
    is_one_sided = relation == "one_sided"
    return (
        lines.lazy()
        .with_row_index("line")
        .select(
            "line",
            (is_one_sided & (holder() == "right")).alias("left_missing"),
            (is_one_sided & (holder() == "left")).alias("right_missing"),
            (relation == "conflict").alias("conflicts"),
            (relation == "doubtful").alias("doubtful"),
            (relation == "set_aside").alias("set_aside"),
            pl.col("line").is_in(judged.to_list()).alias("judged"),
            pl.coalesce("left_at", "right_at").dt.convert_time_zone(ZONE).dt.date().alias("day"),
        )
    )


def _month_labels(counted: pl.DataFrame) -> list[list[object]]:
    """[bin, month] wherever a new month begins, at most some sixty."""
    months = counted.drop_nulls("day").with_columns(pl.col("day").dt.strftime("%Y-%m").alias("month"))
    firsts = months.unique("month", keep="first", maintain_order=True).sort("bin")
    step = max(1, firsts.height // 60)
    return [[b, m] for b, m in firsts.gather_every(step).select("bin", "month").iter_rows()]

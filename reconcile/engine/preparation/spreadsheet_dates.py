"""Undoes what a spreadsheet program did to all dates: day and month exchanged, or counted from 1904."""

import polars as pl

from reconcile.column_ops import collected, listed
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import REDATED, said_once
from reconcile.intake.contract import FormLimits
from reconcile.wechat.kind_classes import SECONDS, WORDS

Sides = tuple[pl.DataFrame, pl.DataFrame]
_DAY = 86_400 * SECONDS


def without_changed_dates(sides: Sides, limits: tuple[FormLimits, FormLimits]) -> Sides:
    """Both sides' rows, with `t` as it was before a spreadsheet program changed dates, and REDATED.

    A program that writes the month first takes `03/04/2024` for the 4th of March and leaves `13/04/2024` as it is. So it
    changes the dates with a day up to the 12th, and the rows leave their order. Or it takes every date to be four years
    and a day earlier or later. Texts that both sides hold once show it, and nearly all of them do.
    """
    may_change = [not f.is_of_known_make for f in limits]
    if not any(may_change):
        return sides
    texts = _said_once(*sides)
    if texts.select(((pl.col("t") - pl.col("t_right")).abs() > _DAY).sum()).item() < PARAMS.loss_texts:
        return sides
    shown = texts, texts.select(export="export_right", t="t_right", export_right="export", t_right="t")
    left, right = (_redated(s, t) if d else s for s, t, d in zip(sides, shown, may_change, strict=True))
    return left, right


def _said_once(left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """export, t, export_right and t_right of the long texts that each side holds once in a conversation."""
    is_words = (pl.col("cls") == WORDS) & pl.col("pair").is_not_null()
    told = [said_once(rows.lazy().filter(is_words), "export", "t") for rows in (left, right)]
    return collected(told[0].join(told[1], on="key", maintain_order="left").drop("key"))


def _redated(rows: pl.DataFrame, texts: pl.DataFrame) -> pl.DataFrame:
    """The rows of one side, redated in each export whose texts show one change."""
    for t, leaves_order in ((_exchanged(pl.col("t")), True), (pl.col("t") + PARAMS.epoch_days * _DAY, False)):
        asked = texts.with_columns(then=t).filter(pl.col("then") != pl.col("t"))
        fits = (pl.col("then") - pl.col("t_right")).abs() <= _DAY
        by_export = asked.group_by("export").agg(fits.sum().alias("fit"), pl.len().alias("n"))
        enough = (pl.col("fit") >= PARAMS.loss_texts) & (pl.col("fit") >= PARAMS.usual_share * pl.col("n"))
        changed = pl.col("export").is_in(listed(by_export.filter(enough)["export"]))
        told = rows.filter(changed & pl.col("t").is_not_null()).select("export", "t", then=t)
        if told.is_empty():
            continue
        # Of two exports whose days and months are exchanged, the one that is out of its order was changed.
        steps = told.group_by("export").agg(_disorder(pl.col(c)).alias(c) for c in ("t", "then"))
        mended = steps.filter(pl.col("then") < pl.col("t")) if leaves_order else steps
        is_mended = pl.col("export").is_in(listed(mended["export"])) & (t != pl.col("t")).fill_null(value=False)
        rows = rows.with_columns(
            pl.when(is_mended).then(t).otherwise("t").alias("t"), (pl.col(REDATED) | is_mended).alias(REDATED)
        )
    return rows


def _exchanged(t: pl.Expr) -> pl.Expr:
    """The time (µs) with day and month exchanged on China's clock; itself where no such date is."""
    ahead = 60 * SECONDS * PARAMS.home_zone_minutes
    wall = pl.from_epoch(t + ahead, time_unit="us")
    other = wall.dt.strftime("%Y-%d-%m").str.to_datetime("%Y-%m-%d", time_unit="us", strict=False)
    return pl.coalesce(other.dt.timestamp("us") + (t + ahead) % _DAY - ahead, t)


def _disorder(t: pl.Expr) -> pl.Expr:
    """How many steps of more than a day lead against the order of a file, whichever end is its newest."""
    step = t.diff()
    return pl.min_horizontal((step < -_DAY).sum(), (step > _DAY).sum())


__all__ = ["without_changed_dates"]

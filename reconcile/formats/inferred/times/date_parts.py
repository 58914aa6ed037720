"""Tables that keep the year, month and day of a message in columns of their own."""

from dataclasses import replace

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import parts_of
from reconcile.patterns import lazy_pattern

_LEAST_ROWS = 2
# Part of a time -> words for it, and what its cells hold.
_PARTS = {
    "year": ("year yr jahr année annee año ano jaar 年 年份", r"^(?:19|20)[0-9]{2}年?$"),
    "month": ("month mon monat mois mes mês maand 月 月份", r"^(?:0?[1-9]|1[0-2])月?$|^\p{L}{3,12}\.?$"),
    "day": ("day tag jour día dia dag 日 日期", r"^(?:0?[1-9]|[12][0-9]|3[01])日?$"),
    "hour": ("hour hours hr hh stunde heure hora uur 时 小时", r"^(?:[01]?[0-9]|2[0-3])时?$"),
    "minute": ("minute minutes min mi minuto 分 分钟", r"^[0-5]?[0-9]分?$"),
    "second": ("second seconds sec ss sekunde seconde segundo 秒 秒钟", r"^[0-5]?[0-9]秒?$"),
}
_DAY, _CLOCK = ("year", "month", "day"), ("hour", "minute")
_MARKS = "年月日时分秒. "
_MONTH = {"year": lazy_pattern(r"(?:19|20)[0-9]{2}"), "month": lazy_pattern(r"0?[1-9]|1[0-2]")}
_DAY_AND_CLOCK = r"^\s*(?P<day>0?[1-9]|[12][0-9]|3[01])\s+(?P<clock>[0-9]{1,2}:[0-9]{1,2}(?::[0-9]{1,2})?)\s*$"


def with_dates_of_parts(fields: Fields) -> Fields | None:
    """Fields with the columns of year, month and day joined to a date, or to a time with a clock.

    None unless three columns have such names, and hold such numbers or names of months.
    """
    found = {part: name for part in _PARTS if (name := _column_of(fields, part)) is not None}
    if not {*_DAY} <= found.keys() or fields.roles or fields.frame.height < _LEAST_ROWS:
        return None
    is_whole = {*_CLOCK} <= found.keys()
    used = [*_DAY, *((*_CLOCK, "second") if is_whole else ())]
    cells = fields.frame.select(
        pl.col(found[p]).str.strip_chars().str.strip_chars(_MARKS).alias(p) for p in used if p in found
    )
    two = {p: pl.col(p).str.zfill(2) for p in cells.columns}
    named = bool(cells["month"].str.contains(r"\p{L}").any())
    day = (
        pl.format("{} {} {}", "day", "month", "year")
        if named
        else pl.format("{}-{}-{}", "year", two["month"], two["day"])
    )
    if is_whole:
        clock = [two[p] for p in ("hour", "minute", "second") if p in two]
        day = pl.concat_str(day, pl.lit(" "), pl.concat_str(clock, separator=":"))
    told = cells.select(day.alias("time" if is_whole else "date")).to_series()
    if told.name in fields.names:
        return None
    return replace(fields, frame=fields.frame.drop(found[p] for p in cells.columns).with_columns(told))


def with_month_beside(fields: Fields) -> Fields | None:
    """Fields with the year and month stated outside the rows put to cells of day and clock.

    None unless one column holds such cells alone, and one year and one month are stated.
    """
    stated = {
        p: [v for k, v in fields.beside.items() if _is_called(k, p) and figures.fullmatch(v)]
        for p, figures in _MONTH.items()
    }
    held = [n for n in fields.names if (c := present(fields.frame[n])).len() and all_contain(c, _DAY_AND_CLOCK)]
    if fields.roles or len(held) != 1 or any(len({*values}) != 1 for values in stated.values()):
        return None
    parts = fields.frame[held[0]].str.extract_groups(_DAY_AND_CLOCK).struct.unnest()
    year, month = (pl.lit(stated[p][0].strip(_MARKS).zfill(2)) for p in _MONTH)
    clock = pl.col("clock").str.replace_all(r":([0-9])(:|$)", ":0$1$2")
    time = parts.select(pl.format("{}-{}-{} {}", year, month, pl.col("day").str.zfill(2), clock).alias(held[0]))
    return replace(fields, frame=fields.frame.with_columns(time.to_series()))


def _is_called(name: str, part: str) -> bool:
    """Whether the last word of a name is one for a part of a time."""
    return any("".join(level) in _PARTS[part][0].split() for level in parts_of(name)[-1:])


def _column_of(fields: Fields, part: str) -> str | None:
    """The one column that is called by a part of a time and whose cells hold nothing else."""
    pattern = _PARTS[part][1]
    fits = [n for n in fields.names if _is_called(n, part)]
    held = [
        n for n in fits if (c := fields.frame[n].drop_nulls().str.strip_chars()).len() and c.str.contains(pattern).all()
    ]
    return held[0] if len(held) == 1 else None

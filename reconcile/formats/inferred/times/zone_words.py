"""Zones behind the clocks of lines and cells, such as `09:05:12 UTC` or `2024-03-01 09:05 (CST)`."""

import re
from dataclasses import replace

import polars as pl

from reconcile.column_ops import all_contain, lacks, occurs
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.times.row_times import states_zones
from reconcile.formats.inferred.times.times_in_lines import TIMES, UNZONED, WORDS, WRITTEN, ZONED
from reconcile.patterns import lazy_pattern

# Offsets of the names that mean one zone, and the zones of those that mean several.
OFFSETS = {
    "HKT": "+0800", "SGT": "+0800", "PHT": "+0800", "AWST": "+0800", "JST": "+0900", "KST": "+0900", "WIB": "+0700", "ICT": "+0700",
    "MSK": "+0300", "EET": "+0200", "EEST": "+0300", "CET": "+0100", "CEST": "+0200", "WET": "+0000", "WEST": "+0100",
    "EST": "-0500", "EDT": "-0400", "CDT": "-0500", "MDT": "-0600", "MST": "-0700", "PDT": "-0700", "PST": "-0800",
    "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300", "BJT": "+0800", "Z": "+0000", "UTC": "+0000", "GMT": "+0000",
    "北京时间": "+0800", "北京時間": "+0800", "中国标准时间": "+0800", "东八区": "+0800",
}  # fmt: skip
_SEVERAL = {
    "CST": ("Asia/Shanghai", "America/Chicago"),
    "IST": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "BST": ("Europe/London", "Asia/Dhaka"),
}
_NAMES = "|".join((*OFFSETS, *_SEVERAL))
_BY_HOURS = r"[+-](?:0?[0-9]|1[0-4])(?::?(?:00|15|30|45))?"
# Behind a clock, an offset to the west with a colon would look like the end of a span.
_BARE = r"\+(?:0[0-9]|1[0-4]):?(?:00|15|30|45)|-(?:0[0-9]|1[0-2])(?:00|15|30|45)"
_TOLD = rf"(?:{_BARE}|(?:{_NAMES})(?:\s?(?:{_BY_HOURS}|[(（](?:UTC|GMT)?{_BY_HOURS}[)）]))?)"
_ZONE = rf"(?:\s?{_TOLD}|\s?[(（]{_TOLD}[)）])"
# The parts of a zone, and a zone that is read as it stands behind a date.
_PARTS = lazy_pattern(
    rf"(?P<name>{_NAMES})?(?:UTC|GMT)?(?:(?P<sign>[+-])(?P<hours>[0-9]{{1,2}}):?(?P<minutes>[0-9]{{2}})?)?"
)
_READ_AS_IT_IS = r"^(?:Z|\s?[+-][0-9]{2}:?[0-9]{2}|\s?(?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?)$"
# The first clock near the beginning of a line or at the end of a cell, its zone, and what follows.
_LINE = rf"^(?P<head>.{{0,60}}?{TIMES['clock']})(?P<zone>{_ZONE})(?P<tail>(?:\W.*)?)$"
_CELL = rf"^(?P<head>.{{0,40}}?{TIMES['clock']})(?P<zone>{_ZONE})(?P<tail>\s*)$"
# A sign of a zone in the first lines, which spares most texts the whole pattern.
_STATED, _LOOK = rf"[0-9](?:\s?[AaPp]\.?[Mm]\.?)?{_ZONE}", 2_000
_ENDS_SO = rf"{_STATED}\s*$"
_ALONE = rf"^\s*[(（]?{_TOLD}[)）]?\s*$"
_CLOCK, _DATE = (
    r"^.{0,60}?[0-9]{1,2}[:：][0-9]{2}",
    r"[0-9]{1,4}[-/.年][0-9]{1,2}[-/.月][0-9]{1,4}.{0,4}[0-9]{1,2}[:：]",
)
# Least share of the lines with clocks that state a zone, and of cells; least number of either.
_MANY, _NEARLY_ALL, _LEAST = 0.5, 0.8, 2
# Hours of China's zone before UTC.
_CHINA = 8


def offset_of_zone(written: str) -> str:
    """The offset of a zone such as `(UTC+8)` as `+0800`; an empty text for a name of several zones."""
    found = _PARTS.fullmatch(re.sub(r"[\s()（）]", "", written))
    if found is None or not found["hours"] or not (found["name"] or found["minutes"]):
        return OFFSETS.get(found["name"] or "", "") if found else ""
    # Behind the name of China's zone, either sign stands for its offset.
    sign = "+" if found["name"] == "CST" and int(found["hours"]) == _CHINA else found["sign"]
    return f"{sign}{found['hours'].zfill(2)}{found['minutes'] or '00'}"


def zone_behind(heading: str) -> str:
    """The zone that ends a heading such as `Time (JST)`; an empty text without one."""
    found = re.search(rf"[\s_(（]({_TOLD})[)）]?$", heading)
    return found[1] if found else ""


def zones_of_name(written: str) -> tuple[str, ...]:
    """The zones that a name such as `CST` means, if they are several; else ()."""
    return () if offset_of_zone(written) else _SEVERAL.get(written.strip(" ()（）"), ())


def with_zones_of_words(lines: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """The lines with marks around the zones behind their clocks, and the zones that one name leaves open.

    Unchanged unless most lines with a clock near their beginning state a zone. `without_marks` undoes it.
    """
    if not occurs(_STATED, lines.head(_LOOK)):
        return lines, ()
    parts = lines.str.extract_groups(_LINE).struct.unnest()
    # Behind a time that begins the line, words before a colon are a name.
    is_name = ~parts["head"].str.contains(r"\p{L}") & parts["tail"].str.contains("^[:：]")
    parts = parts.with_columns(pl.when(~is_name).then("zone"))
    if parts["zone"].count() < max(_LEAST, _MANY * int(lines.str.contains(_CLOCK).sum())) or _is_read(lines, parts):
        return lines, ()
    told, open_zones = _offsets_of(parts["zone"])
    marked = pl.concat_str("head", pl.lit(ZONED), told, pl.lit(WRITTEN), "zone", pl.lit(UNZONED), "tail")
    return parts.select(marked.alias("line"))["line"].fill_null(lines).alias(lines.name), open_zones


def _is_read(cells: pl.Series, parts: pl.DataFrame) -> bool:
    """Whether every zone is one that is read as it stands behind its date."""
    zones = parts["zone"].drop_nulls().unique()
    return all_contain(zones, _READ_AS_IT_IS) and all_contain(cells.filter(parts["zone"].is_not_null()), _DATE)


def _offsets_of(written: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """The offset of each zone, and the zones that their only ambiguous name leaves open."""
    words = {z: offset_of_zone(z) for z in written.drop_nulls().unique().to_list()}
    several = {zones for w in words if (zones := zones_of_name(w))}
    told = written.replace_strict(list(words), list(words.values()), default=None, return_dtype=pl.String)
    return told.alias("told"), several.pop() if len(several) == 1 else ()


def without_marks(fields: Fields) -> Fields:
    """The rows and notes of a text as they were written, without the marks around zones and before words."""
    marked = rf"{ZONED}[^{WRITTEN}]*{WRITTEN}([^{UNZONED}]*){UNZONED}|{WORDS}"
    names = [n for n in fields.frame.columns if occurs(f"[{ZONED}{WORDS}]", fields.frame[n])]
    notes = [replace(n, excerpt=re.sub(marked, lambda m: m[1] or "", n.excerpt)) for n in fields.notes]
    frame = fields.frame.with_columns(pl.col(n).str.replace_all(marked, "$1") for n in names)
    return replace(fields, frame=frame, notes=tuple(notes))


def _zones_alone(cells: pl.Series) -> tuple[pl.Series, tuple[str, ...]] | None:
    """A column of zones as offsets, and the zones that they leave open; None where not every row has one."""
    if cells.null_count():
        return None
    if not all_contain(cells, _ALONE):
        return None
    told, open_zones = _offsets_of(cells)
    return pl.select(pl.when(told != "").then(told).otherwise(cells))[:, 0].alias(cells.name), open_zones


def with_zones_of_cells(fields: Fields) -> Fields:
    """The rows of a table with offsets for the names of zones behind its clocks or in a column of zones.

    A name that means several zones leaves the zone open.
    """
    changed: list[pl.Series] = []
    doubts = dict(fields.doubts)
    # The pattern takes a millisecond to compile, so all columns are searched at once.
    first = fields.frame.head(_LOOK)
    stated = [n for n in fields.names if not lacks(first[n], _STATED)]
    first = first.select(stated).unpivot()
    likely = {*first["variable"].filter(first["value"].str.contains(_ENDS_SO))} if stated else set[str]()
    for name in fields.names:
        cells = fields.frame[name]
        if states_zones(name) and (alone := _zones_alone(cells)) is not None:
            changed.append(alone[0])
            doubts |= {"timezone": alone[1]} if alone[1] else {}
            continue
        if name not in likely:
            continue
        parts = cells.str.extract_groups(_CELL).struct.unnest()
        if parts["zone"].count() < max(_LEAST, _NEARLY_ALL * cells.count()) or _is_read(cells, parts):
            continue
        told, open_zones = _offsets_of(parts["zone"])
        offset = pl.when(told != "").then(pl.lit(" ") + told).otherwise(pl.lit(""))
        changed.append(parts.select(pl.concat_str("head", offset).alias(name))[name].fill_null(cells))
        if open_zones:
            doubts["timezone"] = open_zones
    return replace(fields, frame=fields.frame.with_columns(changed), doubts=doubts) if changed else fields

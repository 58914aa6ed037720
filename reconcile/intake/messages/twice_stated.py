"""Finds rows that state a time, a person, a sum, quoted words or an address twice and differently.

Exporters write many things twice from one source: the seconds since 1970 beside a local time, the account beside a name,
the amount beside the words that show it. How the two differ is then the exporter's way (a zone, a rounding, a cut), and most
rows of the file show it. A few rows that differ otherwise were changed in one place only, or damaged.
"""

import html
from collections.abc import Iterator, Sequence

import polars as pl

from reconcile.intake.contract import Note
from reconcile.intake.frames import notes_of
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.clock import parse_times
from reconcile.wechat.kinds import MARK
from reconcile.wechat.text import canonical_text

AGAIN = "again_"
"""Beginning of the columns that state a thing once more: `again_time`, `again_person_remark`."""
CONTRADICTS = "contradicts"
"""Raw field of a row that contradicts itself: the column and both values."""

# A second statement agrees with the first in this share of rows, or it states something else.
_SAME_SHARE = 0.9
# Zones lie whole quarters of an hour apart. Clocks of summer and winter lie one hour apart, except in China.
_QUARTER, _HOUR, _CHINA = 900, 3600, 8 * 3600
_LEAST = 3
# A name belongs to the account that has it in so many times more rows than another.
_TIMES = 3
_ROUNDED_SECONDS = 1.5
# Kinds whose rows bear their author's name and direction whatever the tool. Others are written by the client for both.
_SPOKEN = [
    str(k) for k in (Kind.TEXT, Kind.QUOTE, Kind.IMAGE, Kind.VOICE, Kind.VIDEO, Kind.FILE, Kind.LINK, Kind.STICKER)
]
_FOUND = {"at_row": pl.UInt32, "said": pl.String}


def with_contradictions(
    rows: pl.DataFrame, given: pl.DataFrame | None = None, shown: pl.DataFrame | None = None, by: Sequence[str] = ()
) -> tuple[pl.DataFrame, list[Note]]:
    """The rows with the raw field `contradicts` instead of columns `again_*`, and a note on each such row.

    Args:
        rows: columns of Messages as far as they are known, with `locator`. `again_time*` holds local times or seconds or
            milliseconds since 1970, `again_person*` accounts or names, `again_shown` a word where the page hides the row.
        given: columns that the form itself states (`shown_bodies.FIELDS`).
        shown: `at_row` and the same columns as the bodies of some rows show them.
        by: columns that tell several exports apart.
    """
    again = [c for c in rows.columns if c.startswith(AGAIN)]
    found = [
        *_differing_times(rows, [rows[c] for c in again if c.startswith(f"{AGAIN}time")]),
        *_differing_persons(rows, [c for c in again if c.startswith(f"{AGAIN}person")]),
        *_unshown(rows),
        *(_differing_parts(rows, given, shown, by) if given is not None and shown is not None else ()),
    ]
    rows = rows.drop(again)
    odd = pl.concat(f for f in found if f.height) if any(f.height for f in found) else None
    if odd is None:
        return rows, []
    said = (
        odd.group_by("at_row", maintain_order=True)
        .agg(pl.col("said").unique(maintain_order=True).str.join("; "))
        .sort("at_row")
    )
    notes = notes_of(
        NoteCode.ROW_CONTRADICTS, said.with_columns(rows["locator"].gather(said["at_row"])), excerpt="said"
    )
    nothing = pl.Series(f"raw_{CONTRADICTS}", [None], dtype=pl.String).new_from_index(0, rows.height)
    return rows.with_columns(nothing.scatter(said["at_row"], said["said"])), notes


def _differing_times(rows: pl.DataFrame, again: list[pl.Series]) -> Iterator[pl.DataFrame]:
    """Rows whose second time differs from the first by another amount than in most rows."""
    if "unix" in rows.columns and "sent_raw" in rows.columns:
        again = [rows["sent_raw"], *again]
    if not again or "sent_at" not in rows.columns:
        return
    first = rows["sent_at"].dt.epoch("s")
    for second in again:
        away, unit, is_local = _seconds_away(second, first)
        odd = _off_the_usual(away, unit, is_local=is_local)
        if odd is None:
            continue
        unread = away.is_null() & first.is_not_null() & (second.cast(pl.String).fill_null("") != "")
        few = (odd.fill_null(value=False) | unread).arg_true()
        yield _stated_twice(few, "time", rows["sent_at"].dt.strftime("%Y-%m-%d %H:%M:%SZ")[few], second[few])


def _seconds_away(second: pl.Series, first: pl.Series) -> tuple[pl.Series, int, bool]:
    """Seconds from the first to the second time, taken as UTC, its unit, and whether it is a local time."""
    number = second.cast(pl.Int64, strict=False)
    if number.null_count() <= (1 - _SAME_SHARE) * second.len():
        # The unit is the one in which both times agree.
        ways = [number // scale - first for scale in (1, 1000)]
        return min(ways, key=lambda w: abs(float(w.drop_nulls().median() or 0))), 1, False  # type: ignore[arg-type]
    parsed = parse_times(second, "UTC")
    is_coarse = (parsed["time_precision"].cast(pl.String) == "minute").any()
    return parsed["sent_at"].dt.epoch("s") - first, 60 if is_coarse else 1, True


def _off_the_usual(away: pl.Series, unit: int, *, is_local: bool) -> pl.Series | None:
    """Whether each difference is neither a usual zone offset nor rounding; null = none is usual."""
    if away.null_count() > (1 - _SAME_SHARE) * away.len():
        return None
    zone = ((away + unit) // _QUARTER * _QUARTER).alias("zone")
    rest = away - zone
    exact = (rest <= unit) & (rest >= -unit)
    # Among few rows one may be off.
    held, agreeing = away.len() - away.null_count(), int(exact.sum())
    if not agreeing or agreeing < min(_SAME_SHARE * held, held - 1):
        return None
    usual = zone.filter(exact).value_counts(sort=True, name="n").sort("n", "zone", descending=[True, False])
    if usual["n"][0] < _LEAST:
        return ~exact
    main = int(usual["zone"][0])
    zones = [main - _HOUR, main, main + _HOUR] if is_local and main != _CHINA else [main]
    return ~(exact & zone.is_in(zones))


def _differing_persons(rows: pl.DataFrame, again: list[str]) -> Iterator[pl.DataFrame]:
    """Rows that name one person as their sender in one column and another one in the other.

    What `sender_name` and `is_self` say against the sender is compared with the other side's copy (`stated_people`).
    """
    held = [c for c in ("sender", "is_self", *again) if c in rows.columns and rows[c].null_count() < rows.height]
    first, others = next(iter(held), ""), [c for c in held if c in again]
    if first in again or not others:
        return
    spoken = rows.select(pl.col("kind").cast(pl.String).is_in(_SPOKEN))["kind"].arg_true()
    chat = ["conversation"] if "conversation" in rows.columns else []
    for other in others:
        both = rows.select(
            *chat, pl.col(first).cast(pl.String).alias("one"), pl.col(other).cast(pl.String).alias("two")
        )
        said = both[spoken].drop_nulls("one").filter(pl.col("two").is_not_null().any().over(*chat, "one"))
        counts = said.drop_nulls().group_by(*chat, "one", "two").len("n")
        # Remarks beside a few rows name nobody.
        if counts.height < 2 or 2 * said["two"].null_count() > said.height:
            continue
        odd = _values_of_other_rows(counts, chat)
        if odd.is_empty():
            continue
        few = both.with_row_index("at_row")[spoken].join(odd, on=[*chat, "one", "two"], how="semi").sort("at_row")
        yield _stated_twice(few["at_row"], "sender", few["one"], few["two"])


def _values_of_other_rows(counts: pl.DataFrame, chat: list[str]) -> pl.DataFrame:
    """Combinations where far more rows pair one of the two values with another one."""
    most = [pl.col("n").max().over(*chat, side) for side in ("one", "two")]
    return counts.filter(
        pl.all_horizontal(pl.col("n") * _TIMES <= m for m in most), most[0] >= _LEAST, most[1] >= _LEAST
    )


def _unshown(rows: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Rows that the page holds and does not show, where it shows most."""
    if f"{AGAIN}shown" not in rows.columns:
        return
    few = rows[f"{AGAIN}shown"].is_not_null().arg_true()
    if _TIMES * few.len() <= rows.height:
        yield _stated_twice(few, "shown", rows["text"].gather(few), pl.Series([""]).new_from_index(0, few.len()))


def _differing_parts(
    rows: pl.DataFrame, given: pl.DataFrame, shown: pl.DataFrame, by: Sequence[str]
) -> Iterator[pl.DataFrame]:
    """Rows with a column that differs from what their body shows of the same thing."""
    for name in given.columns:
        if name not in _PARTS or name not in shown.columns:
            continue
        both = shown.select("at_row", pl.col(name).alias("two")).with_columns(
            given[name].gather(shown["at_row"]).alias("one"), *(rows[c].gather(shown["at_row"]) for c in ("kind", *by))
        )
        both = both.drop_nulls(["one", "two"]).filter(pl.col("one").cast(pl.String) != "")
        if both.is_empty():
            continue
        told = both.with_columns(_PARTS[name](pl.col("one"), pl.col("two")).fill_null(value=False).alias("differs"))
        if not told["differs"].any():
            continue
        # Where several rows differ and few agree, the exporter shows something else.
        n, same = (d.sum().over("kind", *by) for d in (pl.col("differs"), ~pl.col("differs")))
        few = told.filter("differs", (n == 1) | (n * _TIMES <= same))
        yield _stated_twice(few["at_row"], name, few["one"].cast(pl.String), few["two"].cast(pl.String))


def _numbers_differ(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    """Whether two numbers, also in words, differ."""
    numbers = [e.cast(pl.String).str.replace_all(r"[^\d.\-]", "").cast(pl.Float64, strict=False) for e in (one, two)]
    return (numbers[0] - numbers[1]).abs() > 0.001


def _lengths_differ(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    """Whether two lengths in seconds differ by more than rounding."""
    seconds = [e.cast(pl.Float64, strict=False) for e in (one, two)]
    return (seconds[0] > 0) & (seconds[1] > 0) & ((seconds[0] - seconds[1]).abs() > _ROUNDED_SECONDS)


def _words_differ(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    """Whether neither of two words is a part of the other, and both are words."""
    bare = [canonical_text(e.cast(pl.String)).str.replace_all(r"[\s\W_]", "") for e in (one, two)]
    placed = [e.cast(pl.String).str.contains(MARK) | e.cast(pl.String).str.contains(r"^\s*[<\[【]") for e in (one, two)]
    return ~(_contains(*bare) | _contains(*bare[::-1]) | placed[0] | placed[1])


def _addresses_differ(one: pl.Expr, two: pl.Expr) -> pl.Expr:
    """Whether neither address contains the other, apart from scheme and fragment."""
    bare = [
        e.cast(pl.String).map_elements(html.unescape, return_dtype=pl.String).str.replace(r"^\w+://", "").str.replace(r"#.*$", "")
        .str.strip_chars("/ ").str.to_lowercase()
        for e in (one, two)
    ]  # fmt: skip
    return ~(_contains(*bare) | _contains(*bare[::-1]))


def _contains(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return whole.str.contains(part, literal=True)


_PARTS = {
    "amount": _numbers_differ, "duration": _lengths_differ, "quoted_text": _words_differ, "file_name": _words_differ,
    "url": _addresses_differ,
}  # fmt: skip


def _stated_twice(places: pl.Series, name: str, one: pl.Series, two: pl.Series) -> pl.DataFrame:
    """at_row, said: the name of what is stated twice, and both values."""
    values = pl.DataFrame({"one": one.cast(pl.String), "two": two.cast(pl.String)})
    said = values.select(
        pl.format("{}: {} / {}", pl.lit(name), pl.col("one").fill_null(""), pl.col("two").fill_null(""))
    )
    return pl.DataFrame({"at_row": places, "said": said.to_series()}, schema=_FOUND)


__all__ = ["AGAIN", "CONTRADICTS", "with_contradictions"]

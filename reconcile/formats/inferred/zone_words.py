"""Short names of zones behind the times of a text, such as `2024-03-01 09:05:12 CST`."""

import polars as pl

from reconcile.formats.inferred.text_times import TIMES

# Offsets of the names that mean one zone, and the zones of those that mean several.
OFFSETS = {
    "HKT": "+0800", "SGT": "+0800", "PHT": "+0800", "AWST": "+0800", "JST": "+0900", "KST": "+0900", "WIB": "+0700", "ICT": "+0700",
    "MSK": "+0300", "EET": "+0200", "EEST": "+0300", "CET": "+0100", "CEST": "+0200", "WET": "+0000", "WEST": "+0100",
    "EST": "-0500", "EDT": "-0400", "CDT": "-0500", "MDT": "-0600", "MST": "-0700", "PDT": "-0700", "PST": "-0800",
    "AEST": "+1000", "AEDT": "+1100", "NZST": "+1200", "NZDT": "+1300",
}  # fmt: skip
_SEVERAL = {
    "CST": ("Asia/Shanghai", "America/Chicago"),
    "IST": ("Asia/Kolkata", "Asia/Jerusalem", "Europe/Dublin"),
    "BST": ("Europe/London", "Asia/Dhaka"),
}
_BEHIND = rf"^(.{{0,40}}?{TIMES['full']})\s({'|'.join((*OFFSETS, *_SEVERAL))})\b"
# A sign of them in the first lines, which spares most texts the whole pattern.
_NEAR, _LOOK = rf"[0-9](?:\s?[AaPp]\.?[Mm]\.?)?\s(?:{'|'.join((*OFFSETS, *_SEVERAL))})(?-u:\b)", 2_000
# Least share of the lines with times that name their zone, and least lines.
_NEARLY_ALL, _LEAST = 0.8, 2


def with_zones_of_words(lines: pl.Series) -> tuple[pl.Series, tuple[str, ...]]:
    """The lines with offsets for short names of zones, and the zones that one name leaves open.

    Unchanged unless nearly all times near the beginning of a line have such a name.
    """
    if not lines.head(_LOOK).str.contains(_NEAR).any():
        return lines, ()
    words = lines.str.extract(_BEHIND, 2)
    if words.count() < _LEAST:
        return lines, ()
    timed = int(lines.str.contains(rf"^.{{0,40}}?{TIMES['full']}").sum())
    if words.count() < _NEARLY_ALL * timed:
        return lines, ()
    open_words = [w for w in words.drop_nulls().unique() if w in _SEVERAL]
    parts = pl.DataFrame({"line": lines, "word": words}).with_columns(
        pl.col("word").replace_strict(OFFSETS, default="", return_dtype=pl.String).alias("offset"),
        pl.col("line").str.extract(_BEHIND, 1).alias("head"),
        pl.col("line").str.replace(_BEHIND, "").alias("tail"),
    )
    sign = pl.when(pl.col("offset") == "").then(pl.lit("")).otherwise(pl.lit(" ") + pl.col("offset"))
    line = pl.when(pl.col("word").is_not_null()).then(pl.concat_str("head", sign, "tail")).otherwise("line")
    return parts.select(line.alias("line"))["line"], _SEVERAL[open_words[0]] if len(open_words) == 1 else ()

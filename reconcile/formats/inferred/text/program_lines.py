"""Lines of a program's log around what people say in it: its levels, and lines of its own."""

import polars as pl

from reconcile.column_ops import occurs
from reconcile.formats.inferred.people.place_values import LEVEL, LEVELS

# A time, the level of the line, alone or behind the part of the program in brackets, and the rest.
_LINE = rf"^[\[(]?(?P<time>[0-9][0-9:./T ,+-]{{3,30}}Z?)[\])]?[\s|:-]*(?:[\w.]{{1,40}}\s?[|-]\s?)?(?:[\[(][^\[\]()\n]{{0,60}}\b{LEVEL}|\b{LEVEL})\b[\])]?(?:\s*[\[(][\w$-]+[./$][\w./$-]*[\])])?[ :|-]*(?P<rest>.*)$"
_TIMED = r"^[\[(]?[0-9]{1,4}[:./-][0-9]{1,2}[:./-]"
# A word between brackets that marks speech, and whoever speaks behind it: between angles, or before a colon.
_MARK, _ANGLED = r"^\[\p{L}[\p{L} _-]{1,20}\]\s*", r"^<[^<>\n]{1,60}>\s"
_SPEECH = rf"{_ANGLED}|^[^\s:：]{{1,40}}[:：]\s"
# Least lines of a log, least share of those with a time that state a level, and of those that somebody speaks in.
_LEAST, _NEARLY_ALL, _MOST = 6, 0.9, 0.5


def without_program_lines(lines: pl.Series) -> pl.Series:
    """The lines of a log without levels, and without the lines that are the program's own.

    People speak behind a mark such as `[CHAT]`, or behind a name between angles, in most lines. Unchanged in other texts.
    """
    if not occurs(LEVEL, lines.head(_LEAST)):
        return lines
    timed = lines.str.contains(_TIMED)
    parts = lines.str.extract_groups(_LINE).struct.unnest()
    rest = parts["rest"]
    if rest.count() < max(_LEAST, _NEARLY_ALL * int(timed.sum())):
        return lines
    marks = rest.str.extract(f"({_MARK})", 1)
    bare = rest.str.replace(_MARK, "")
    spoken = pl.DataFrame({"mark": marks, "speaks": bare.str.contains(_SPEECH)}).drop_nulls()
    shares = (
        spoken.group_by("mark")
        .agg(pl.col("speaks").mean(), pl.len())
        .filter(pl.col("speaks") > _MOST, pl.col("len") > 1)
    )
    said = marks.is_in(shares["mark"].implode()).fill_null(value=False)
    said |= rest.str.contains(_ANGLED).fill_null(value=False)
    if int(said.sum()) <= _MOST * rest.count():
        return lines
    # Several marks name several channels.
    bare = bare if shares.height == 1 else rest
    whole = pl.format("[{}] {}", parts["time"].str.strip_chars(), bare)
    told = pl.DataFrame({"line": lines, "said": said.set(rest.is_null(), None)}).with_columns(whole.alias("whole"))
    # Lines below one of the program belong to it.
    return told.select(
        pl.when(pl.col("said").fill_null(strategy="forward").fill_null(value=True))
        .then(pl.coalesce(pl.when("said").then("whole"), "line"))
        .otherwise(pl.lit(""))
        .alias(lines.name)
    ).to_series()


def are_levels(speakers: pl.Series) -> bool:
    """Whether several that were taken for senders are levels of a log, or parts of it with one."""
    return speakers.n_unique() > 1 and bool(speakers.str.contains(LEVELS).all())

"""Lines of a program's log around what people say in it: levels and threads, and lines of the program itself."""

import polars as pl

from reconcile.formats.inferred.line_places import LEVEL

# A time, the level of the line, alone or behind the part of the program in brackets, and the rest.
_LINE = rf"^(?P<time>[\[(]?[0-9][0-9:./T ,+-]{{3,30}}Z?[\])]?\s+)(?:[\[(][^\[\]()\n]{{0,60}}\b{LEVEL}[\])]|{LEVEL}\b)[ :|-]*(?P<rest>.*)$"
_TIMED = r"^[\[(]?[0-9]{1,4}[:./-][0-9]{1,2}[:./-]"
# A name between angles, and a word in capitals between brackets that marks speech.
_SPEECH, _MARK = r"^<[^<>\n]{1,60}>\s", r"^\[\p{Lu}[\p{Lu} _-]{1,20}\]\s*"
# Least lines of a log, least share of those with a time that state a level, and of those that somebody speaks in.
_LEAST, _NEARLY_ALL, _MOST = 6, 0.9, 0.5


def without_program_lines(lines: pl.Series) -> pl.Series:
    """The lines of a log without levels, and without the lines that are the program's own.

    People speak behind one mark such as `[CHAT]`, or behind a name between angles, in most lines. Unchanged in other
    texts.
    """
    if int(lines.head(_LEAST).str.contains(LEVEL).sum()) < 1:
        return lines
    timed = lines.str.contains(_TIMED)
    parts = lines.str.extract_groups(_LINE).struct.unnest()
    rest = parts["rest"]
    if rest.count() < max(_LEAST, _NEARLY_ALL * int(timed.sum())):
        return lines
    marks = rest.str.extract(f"({_MARK})", 1)
    mark = marks.drop_nulls().mode().sort().head(1)
    is_marked = (marks == mark[0]).fill_null(value=False) if mark.len() else marks.is_null() & False
    speaks = rest.str.contains(_SPEECH).fill_null(value=False)
    said = next((one for one in (is_marked, speaks) if int(one.sum()) > _MOST * rest.count()), None)
    if said is None:
        return lines
    bare = rest.str.strip_prefix(mark[0]) if said is is_marked else rest
    told = pl.DataFrame({"line": lines, "said": said.set(rest.is_null(), None), "whole": parts["time"] + bare})
    # Lines below one of the program belong to it.
    return told.select(
        pl.when(pl.col("said").fill_null(strategy="forward").fill_null(value=True))
        .then(pl.coalesce(pl.when("said").then("whole"), "line"))
        .otherwise(pl.lit(""))
        .alias(lines.name)
    ).to_series()

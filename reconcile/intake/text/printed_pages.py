"""Heads and feet of printed pages between the lines of a text."""

import re
from collections import Counter

import numpy as np
import polars as pl

from reconcile.column_ops import in_one_query, none_of
from reconcile.intake.contract import Note, shorten_notes
from reconcile.vocabulary import NoteCode

# The number of a page, in words or between signs alone, and a line that is no more than signs.
_PAGE = r"(?i)(?:\bpage|\bp[áa]gina|\bseite|\bstrona|страница)\s*([0-9]{1,5})|第\s*([0-9]{1,5})\s*[页頁]|^\W*([0-9]{1,5})\s*/\s*[0-9]{1,5}\W*$|^\s*[-—–·~]+\s*([0-9]{1,5})\s*[-—–·~]+\s*$|^\f\D*([0-9]{1,5})\s*$|\s{4,}([0-9]{1,5})\s*$"
_WORDS, _SHORT = ["page", "pagina", "página", "seite", "strona", "страница", "第"], 30
# A number between signs in the middle of an empty line.
_CENTRED = r"^\s{8,}[-—–·~]+\s*[0-9]{1,5}\s*[-—–·~]+\s*$"
_SIGNS = r"^[^\w]*$"
_LONGEST = 120
# Least number of pages, and of lines from one to the next; least pages that show which other lines recur on all of them.
_LEAST, _SHORTEST, _SURE = 2, 5, 3
# Most lines of a head or foot above and below its number.
_AROUND = 4


def page_lines(lines: pl.Series, name: str) -> tuple[pl.Series, list[Note]]:
    """Which lines are heads and feet of printed pages, empty ones at them included; a note on each page.

    Such a line holds a number that goes up by one from page to page, and is the same on all of them otherwise. So
    are the lines beside it that every page repeats.
    """
    nothing = none_of(lines)
    near = _near(lines)
    places = _numbered(lines, near) or _at_equal_distance(lines)
    if not places:
        return nothing, []
    blocks = _blocks(lines.str.strip_chars().to_list(), places)
    notes = [
        Note(NoteCode.ROW_SKIPPED, f"{name}#line {at + 1}", " ".join(w for i in block if (w := lines[i].strip()))[:200])
        for at, block in zip(places, blocks, strict=True)
    ]
    return nothing.scatter(sorted({i for block in blocks for i in block}), values=True), shorten_notes(notes)


def with_whole_headings(lines: pl.Series, times: pl.Series, paged: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The lines and `paged`, with the line above the end of a page moved in front of a time behind it.

    A page may end between the name and the time of a heading. Names recur above times, words do not.

    Args:
        lines: the lines.
        times: which lines hold a time.
        paged: which lines are heads and feet of pages.
    """
    if not paged.any():
        return lines, paged
    names = lines.shift(1, fill_value="").filter(times & ~paged.shift(1, fill_value=False))
    if 2 * names.n_unique() > names.len() or (names.str.strip_chars() == "").any():
        return lines, paged
    is_paged = paged.to_numpy()
    starts = np.flatnonzero(is_paged & ~np.roll(is_paged, 1))
    ends = np.flatnonzero(is_paged & ~np.roll(is_paged, -1))
    inside = (starts > 0) & (ends + 1 < len(lines))
    starts, ends = starts[inside], ends[inside]
    parted = times[ends + 1].to_numpy() & ~times[starts - 1].to_numpy()
    parted &= lines[starts - 1].is_in(names.unique().implode()).to_numpy()
    above, below = starts[parted] - 1, ends[parted]
    if not len(above):
        return lines, paged
    # `scatter` changes a series in place.
    whole = lines.clone().scatter(below, lines[above]).scatter(above, "")
    return whole, paged.clone().scatter(below, values=False).scatter(above, values=True)


def _near(lines: pl.Series) -> pl.Series:
    """Which lines, short ones or with a word for it, hold what may be a page's number."""
    line = pl.col("line")
    some = line.str.contains_any(_WORDS, ascii_case_insensitive=True) & (line.str.len_chars() <= _LONGEST)
    some |= (line.str.strip_chars().str.len_bytes() <= _SHORT) | line.str.starts_with("\f")
    some |= line.str.contains("    ", literal=True) & (line.str.len_chars() <= _LONGEST)
    places = lines.to_frame("line").select_seq(some.arg_true()).to_series()
    return none_of(lines).scatter(places, lines[places].str.contains(_PAGE)) if places.len() else none_of(lines)


def _numbered(lines: pl.Series, near: pl.Series) -> list[int]:
    """The lines, equal but for one number, in which that number goes up by one; else those in the middle."""
    few = lines.filter(near)
    if few.len() < _LEAST:
        return _centred(few, near)
    parts = few.str.extract_groups(_PAGE).struct.unnest()
    number = pl.coalesce(*(pl.col(c).replace("", None) for c in parts.columns)).cast(pl.Int64)
    told = parts.select(number.alias("page")).with_columns(near.arg_true().alias("at"), few.alias("line"))
    shape = pl.col("line").str.replace(_PAGE, "").str.strip_chars()
    for group in told.with_columns(shape.alias("shape")).partition_by("shape", maintain_order=True):
        apart = group["at"].cast(pl.Int64).diff().drop_nulls()
        counts = (group["page"].diff().drop_nulls() == 1).all()
        if group.height >= _LEAST and counts and (apart >= _SHORTEST).all():
            return list(group["at"])
    return _centred(few, near)


def _centred(few: pl.Series, near: pl.Series) -> list[int]:
    """The lines that hold nothing but a number between signs in the middle."""
    return near.arg_true().filter(few.str.contains(_CENTRED)).to_list() if few.len() else []


def _at_equal_distance(lines: pl.Series) -> list[int]:
    """The lines below an empty one that recur unchanged at equal distance, on the first page and the last.

    A line that another differs from in figures alone is no such line: messages of one minute have one heading.
    """
    bare = lines.str.strip_chars()
    below = in_one_query(
        bare,
        lambda t: (t.shift(1, fill_value="") == "") & (t != "") & (t.str.len_chars() <= _LONGEST) & t.is_duplicated(),
    )
    if int(below.sum()) < _SURE:
        return []
    told = pl.DataFrame({"line": bare, "at": pl.int_range(lines.len(), eager=True)}).filter(below)
    shapes = told.group_by(pl.col("line").str.replace_all("[0-9]+", "0").alias("shape")).agg(pl.col("line").unique())
    alone = shapes.filter(pl.col("line").list.len() == 1).explode("line").select("line")
    for group in told.join(alone, on="line", how="semi", maintain_order="left").partition_by(
        "line", maintain_order=True
    ):
        apart = group["at"].diff().drop_nulls()
        if group.height < _SURE or apart.n_unique() > 1 or apart[0] < _SHORTEST:
            continue
        if group["at"][0] < apart[0] and lines.len() - group["at"][-1] <= apart[0] + 1:
            return list(group["at"])
    return []


def _blocks(lines: list[str], places: list[int]) -> list[list[int]]:
    """For each page, the lines of its foot and of the next page's head around its number."""
    around: list[tuple[list[int], list[int]]] = [([], []) for _ in places]
    for side, step in enumerate((-1, 1)):
        ends = list(places)
        # The first page has its head where the file begins. Where the file ends, words may stand instead of a foot.
        first = (
            _first_like(lines, [lines[i] for at in ends if (i := _next_filled(lines, at, step)) is not None])
            if step > 0
            else None
        )
        for _ in range(_AROUND):
            found = [_next_filled(lines, at, step) for at in ends]
            shown = [lines[i] for i in (*found, first) if i is not None]
            counts = Counter(shown)
            usual = max(counts, key=counts.__getitem__, default="")
            same = [i if i is not None and lines[i] == usual else None for i in found]
            is_sure = bool(re.match(_SIGNS, usual)) or (first is not None and lines[first] == usual)
            if counts[usual] < max(_LEAST if is_sure else _SURE, len(places) - 1):
                break
            for n, i in enumerate(same):
                if i is not None:
                    around[n][side].extend(range(min(ends[n], i), max(ends[n], i) + 1))
                    ends[n] = i
            first = None if first is None else _next_filled(lines, first, step)
    return [
        sorted({*above, at, *below, *_empty(lines, [*above, at, *below])})
        for at, (above, below) in zip(places, around, strict=True)
    ]


def _first_like(lines: list[str], heads: list[str]) -> int | None:
    """The line near the beginning that is like one of the heads, as below a title; else the first line."""
    filled = [i for i, line in enumerate(lines[: 2 * _AROUND]) if line][:_AROUND]
    return next((i for i in filled if lines[i] in heads), filled[0] if filled else None)


def _next_filled(lines: list[str], at: int, step: int) -> int | None:
    """The next line above or below that is not empty; None where there is none."""
    at += step
    while 0 <= at < len(lines) and not lines[at]:
        at += step
    return at if 0 <= at < len(lines) else None


def _empty(lines: list[str], block: list[int]) -> list[int]:
    """The empty lines that stand directly above and below a block."""
    found = []
    for at, step in ((min(block), -1), (max(block), 1)):
        at += step  # noqa: PLW2901
        while 0 <= at < len(lines) and not lines[at]:
            found.append(at)
            at += step  # noqa: PLW2901
    return found

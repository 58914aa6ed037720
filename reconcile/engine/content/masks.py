"""Figures and names that people and tools cover: 138****5678, 王某."""

import itertools
import re
from collections.abc import Iterator

import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.content.selective import (
    LEFT,
    RIGHT,
    SUFFIXES,
    Component,
    component_of,
    counted,
    only_side,
    texts_by,
)
from reconcile.engine.params import PARAMS
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Cause

# What people and tools write for figures: several of one sign beside a figure, or asterisks alone.
_STARS, _SIGN = r"[*\uff0a]", r"[×xX●•█■□]"
_COVER = f"(?:{_STARS}|{_SIGN})"
_COVERED = rf"[0-9]{_COVER}{{2}}|{_COVER}{{2}}[0-9]|{_STARS}{{2}}"
_HAS_COVER = lazy_pattern(_COVERED)
# A run is tried from its beginning only, or thousands of equal signs would be tried from each.
_HIDDEN = lazy_pattern(
    rf"(?<!{_COVER})(?<![0-9])(?:[0-9]+{_COVER}{{2,}}[0-9*]*|{_STARS}{{2,}}[0-9*]*|{_COVER}{{2,}}[0-9][0-9*]*)"
)
_RUN = lazy_pattern(rf"{_COVER}+")


def unmasked(shown: str, whole: str) -> str:
    """The text with covered numbers filled in from the other text; unchanged where one has no match.

    One run of signs covers at least as many figures as it has signs. Several runs cover exactly as many.
    """
    if not _HAS_COVER.search(shown):
        return shown
    at, parts, end = 0, [], 0
    for hidden in _HIDDEN.finditer(shown):
        pieces = _RUN.split(hidden[0])
        or_more = "," if len(pieces) == 2 else ""
        covers = [f"[0-9xX]{{{len(run)}{or_more}}}" for run in _RUN.findall(hidden[0])]
        figures = "".join(itertools.chain(*zip(pieces, [*covers, ""], strict=True)))
        number = re.compile(rf"(?<![0-9]){figures}(?![0-9])").search(whole, at)
        if number is None:
            return shown
        parts += [shown[end : hidden.start()], number[0]]
        at, end = number.end(), hidden.end()
    return "".join([*parts, shown[end:]])


def is_masked(shown: str, whole: str) -> bool:
    """Whether one text is the other with some figures of its numbers covered."""
    return shown != whole and not hides_a_number(shown) and unmasked(shown, whole) == whole


def hides_a_number(text: str) -> bool:
    """Whether the text covers a number whole, or figures of one that may be a sum."""
    return any(len(set(h[0])) == 1 or len(h[0]) < PARAMS.person_figures for h in _HIDDEN.finditer(text))


# A name or a part of one, any word, and figures: beside others, or of any sign if several stand together.
_ANY_COVER = lazy_pattern(
    rf"(某+)|({_STARS}+)|(?<![A-Za-z])({_SIGN}{{3,}})(?![A-Za-z])|(?<=[0-9])({_SIGN}{{2}})|({_SIGN}{{2}})(?=[0-9])"
)
_IN_NAME, _IN_WORD = lazy_pattern("[\u4e00-\u9fff]*"), lazy_pattern(r"\w*")


def withholds(kept: str, whole: str) -> bool:
    """Whether one text is the other with 某 for letters of names, stars for a word and signs for figures."""
    covers = [*itertools.islice(_ANY_COVER.finditer(kept), PARAMS.number_figures + 1)]
    # Each cover leaves several places at which the rest may begin.
    if not 0 < len(covers) <= PARAMS.number_figures:
        return False
    starts, stops = [0, *(c.end() for c in covers)], [*(c.start() for c in covers), len(kept)]
    ends = {0}
    for cover, (start, stop) in zip([None, *covers], zip(starts, stops, strict=True), strict=True):
        if cover is not None:
            size = cover.end() - cover.start()
            pattern, most = (
                (_IN_NAME, PARAMS.withheld_letters * size) if cover[1] else (_IN_WORD, PARAMS.number_figures)
            )
            room = {end: pattern.match(whole, end, end + most) for end in ends}
            least = 1 if cover[1] or cover[2] else size
            ends = {at for end, found in room.items() if found for at in range(end + least, found.end() + 1)}
        part = kept[start:stop]
        ends = {end + len(part) for end in ends if whole.startswith(part, end)}
    return len(whole) in ends


def masked_components(differ: pl.DataFrame, same: pl.LazyFrame) -> Iterator[Component]:
    """Numbers that one side masks in part, even once; equal pairs show a number of that length in full."""
    masked = only_side(*(pl.col(f"text{s}").str.contains(_COVERED) for s in SUFFIXES))
    stated = pl.col("cause").cast(pl.String) != str(Cause.NOT_STATED)
    hidden = differ.filter(stated).with_columns(masked.alias("way")).drop_nulls("way")
    if hidden.is_empty():
        return
    kept, whole, both = (t.str.extract_all(r"[0-9]+") for t in (*texts_by(pl.col("way")), pl.col("text")))
    sizes = [n.list.eval(pl.element().str.len_chars()).alias("size") for n in (whole.list.set_difference(kept), both)]
    asked = hidden.select("export", sizes[0]).explode("size").unique()
    runs = same.with_row_index("at").with_columns(sizes[1]).explode("size")
    equal = runs.join(asked.lazy(), on=["export", "size"], how="semi").unique("at")
    yield from component_of("mask", hidden, pl.col("way"), lambda: counted(equal.pipe(collected)), LEFT, RIGHT)


__all__ = ["hides_a_number", "is_masked", "masked_components", "unmasked", "withholds"]

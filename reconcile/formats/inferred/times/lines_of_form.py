"""Lines that a form writes between messages, as it writes days, titles or the opening of a log."""

import re

import polars as pl

from reconcile.column_ops import none_of, occurs
from reconcile.formats.inferred.times.times_in_lines import CLOCK, FULL
from reconcile.formats.inferred.words.bodies_in_lines import DATE
from reconcile.intake.contract import Note, shorten_notes
from reconcile.vocabulary import NoteCode
from reconcile.wechat.named_days import OF_C, fitted

# Most lines above the first message that are looked at.
TITLE_LINES = 12
_LEAD, _TAIL = r"^\s*([^\w\s]{2,})", r"([^\w\s]*)\s*$"
# A line behind signs or between them, and the least lines behind them alone, as a program writes what happens.
_FRAMED, _MANY = r"^\s*(?P<opening>[-—–─━═=_*#~]{3,})\s+\S.*?(?:\s(?P<closing>[-—–─━═=_*#~]{3,}))?\s*$", 12
_STATES_A_TIME = rf"{OF_C}|{DATE}|[0-9]{{1,2}}:[0-9]{{2}}"
# Signs, words and a whole time, as a log begins and ends; what every such line has; the least share of pairs of letters
# that two of them have in common.
_STAMPED = rf"^\s*(?P<signs>[^\w\s]+)\s*(?P<words>\p{{L}}[^0-9]{{0,60}}?)\s*(?:{OF_C}|{FULL}).{{0,12}}$"
_SIGNED, _ALIKE = rf"^\s*[^\w\s]+\s*\p{{L}}.*{CLOCK}", 0.3
# The numbers of a subtitle's beginning and end.
_CUE = (
    r"(?:[0-9]{1,2}:)?[0-9]{1,2}:[0-9]{2}[.,][0-9]{1,3}(?:\s*-->\s*|,)(?:[0-9]{1,2}:)?[0-9]{1,2}:[0-9]{2}[.,][0-9]{1,3}"
)


def of_the_form(
    lines: pl.Series, days: pl.Series, is_header: pl.Series, titles: pl.Series, name: str
) -> tuple[pl.Series, list[Note]]:
    """Which lines belong to the form as date lines do, and a note on each.

    They begin with the same two or more signs as every date line, and end in the same signs or state a time. Without such
    signs, they stand between those of a line above the first message, or state a whole time as the opening line does.
    """
    few = lines.filter(days)
    leads = few.str.extract(_LEAD, 1) if few.len() else few
    if few.is_empty() or leads.null_count() or leads.n_unique() > 1:
        same = _like_framed_above(lines, is_header) | like_opening(lines, int(is_header.arg_max() or 0))
    else:
        same = lines.str.contains(rf"^\s*{re.escape(leads[0])}[^\S\n]*\w")
        tails = few.str.extract(_TAIL, 1)
        if tails.n_unique() == 1 and tails[0]:
            same &= lines.str.strip_chars_end().str.ends_with(tails[0])
        else:
            same &= lines.str.contains(_STATES_A_TIME)
    same &= ~days & ~is_header & ~titles
    notes = [Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", lines[i][:200]) for i in same.arg_true()]
    return same, shorten_notes(notes)


def _like_framed_above(lines: pl.Series, is_header: pl.Series) -> pl.Series:
    """Lines below the first message between the same signs as a line above it: `--- via … ---`.

    So are many that only begin with them: `=== Anna entered the room`.
    """
    first = int(is_header.arg_max() or 0)
    if not first:
        return is_header & False
    frames = (
        lines.head(first).tail(TITLE_LINES).str.extract_groups(_FRAMED).struct.unnest().drop_nulls("opening").unique()
    )
    same = none_of(lines)
    for opening, closing in frames.iter_rows():
        end = rf".*\s{re.escape(closing)}\s*$" if closing else ""
        found = lines.str.contains(rf"^\s*{re.escape(opening)}\s+\S{end}")
        if closing or ("#" not in opening and int(found.sum()) >= _MANY):
            same |= found
    return same & pl.int_range(lines.len(), eager=True).ge(first)


def like_opening(lines: pl.Series, first: int) -> pl.Series:
    """Lines below the first ones with a whole time behind the signs and most words of one of these."""
    none = none_of(lines)
    if not first or not lines.head(first).tail(TITLE_LINES).str.contains(_SIGNED).any():
        return none
    near = lines.str.contains(_SIGNED).arg_true()
    parts = lines.gather(near).str.extract_groups(fitted(_STAMPED, lines.gather(near))).struct.unnest()
    rows = [(i, s, _pairs(w)) for i, s, w in zip(near, parts["signs"], parts["words"], strict=True) if w is not None]
    told = [(s, w) for i, s, w in rows if i < first]
    same = [i for i, s, w in rows if i > first and any(s == t and _are_alike(w, v) for t, v in told)]
    return none.scatter(same, values=True) if same else none


def _pairs(words: str) -> set[str]:
    """The pairs of neighbouring letters in words."""
    return {w[i : i + 2] for w in re.findall(r"[^\W\d_]+", words.lower()) for i in range(len(w) - 1)}


def _are_alike(one: set[str], other: set[str]) -> bool:
    """Whether two sets of pairs of letters have enough in common."""
    return bool(one and other) and len(one & other) >= _ALIKE * min(len(one), len(other))


def without_cues(lines: pl.Series) -> pl.Series:
    """The lines without the numbers and cues of subtitles; a cue's beginning stays if no words are dated."""
    if not occurs(_CUE, lines):
        return lines
    cues = lines.str.contains(rf"^\s*{_CUE}")
    words = lines.filter(~cues)
    is_told = 2 * int(words.str.contains(fitted(FULL, words)).sum()) >= int(cues.sum())
    numbers = lines.str.contains(r"^\s*[0-9]+\s*$") & cues.shift(-1, fill_value=False)
    begins = lines.filter(cues).str.extract(r"([0-9:]+)", 1)
    return lines.set(cues | numbers, "") if is_told else lines.set(numbers, "").scatter(cues.arg_true(), begins)

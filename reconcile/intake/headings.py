"""Lines of a text export that carry what its headings carry and were not read as one: each may be a row that joined the words above."""

from collections.abc import Collection

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from reconcile.intake.contract import Note
from reconcile.vocabulary import NoteCode

_MOST_SHAPES = 40
_MOST_NOTES = 50
_FEW_SHAPES = 8
_REACH = 12
_LONGEST = 400
# A damaged heading still shows most of its figures and one of the signs between them; an order number shows figures only.
_SIGNS = "[-:：/.年月|]"
_BARE = "0-:：/.年月日| "


def near_headings(
    lines: pl.Series,
    heads: pl.Series,
    name: str,
    *,
    own: pl.Series | None = None,
    first: int = 1,
    noted: Collection[int] = (),
) -> list[Note]:
    """Notes on the lines that resemble the file's own headings, or hold one inside, and stand in another row's words.

    `heads`: places of the headings that were read (0-based); `own`: the part of each that is its own where words follow in the same
    line; `first`: number of the first line; `noted`: places that a note speaks of already.
    """
    own = lines.gather(heads) if own is None else own.fill_null("")
    shapes = _masked(own).str.strip_chars().value_counts(sort=True)
    known = [s for s in shapes[shapes.columns[0]].head(_MOST_SHAPES).to_list() if s and len(s) > 1]
    if not known:
        return []
    free = pl.Series([True]).new_from_index(0, lines.len()).scatter(heads, values=False)
    near = _resembling(lines, free, known) | _holding(lines, heads, own, known)
    places = [i for i in near.arg_true().to_list() if i not in noted]
    notes = [Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {i + first}", lines[i][:200]) for i in places[:_MOST_NOTES]]
    if len(places) > _MOST_NOTES:
        notes.append(Note(NoteCode.AMBIGUOUS_HEADER, name, "and more lines like headings", len(places) - _MOST_NOTES))
    return notes


def _masked(lines: pl.Series) -> pl.Series:
    return lines.str.replace_all(r"\d", "0")


def _resembling(lines: pl.Series, free: pl.Series, known: list[str]) -> pl.Series:
    longest, figures = max(map(len, known)), min(s.count("0") for s in known)
    start = lines.str.head(longest + _REACH)
    near = free & (start != "")
    if figures >= 3:
        near &= start.str.contains(_SIGNS) & (start.str.count_matches(r"\d") >= (figures + 2) // 3)
    places = near.arg_true()
    begins = _masked(lines.gather(places).str.head(_LONGEST)).to_list()
    found = {i for s in known for i in _within_edits(s, begins)}
    found |= {i for i, line in enumerate(begins) if any(_broken_once(s, line) for s in known[:_FEW_SHAPES])}
    return pl.Series([False]).new_from_index(0, lines.len()).scatter(places.gather(sorted(found)), values=True)


def _within_edits(shape: str, begins: list[str]) -> list[int]:
    edits = max(2 if "0" in shape else 1, len(shape) // 4)
    cut = [b[: len(shape)] for b in begins]
    if not cut:
        return []
    told = process.cdist([shape], cut, scorer=Levenshtein.distance, score_cutoff=edits)[0]
    return [int(i) for i in (told <= edits).nonzero()[0]]


def _broken_once(shape: str, line: str) -> bool:
    """Whether most of the shape stands in the line before and behind one damaged place, however long that is."""
    least = -(-len(shape) // 2)
    same = next((i for i, (a, b) in enumerate(zip(shape, line, strict=False)) if a != b), min(len(shape), len(line)))
    if "0" not in shape:
        return same > 0 and line.endswith(shape[-max(1, least - same) :])
    return same >= least or (same > 0 and shape[same - least :] in line[same:])


def _holding(lines: pl.Series, heads: pl.Series, own: pl.Series, known: list[str]) -> pl.Series:
    dated = [s for s in known if s.count("0") >= 4]
    if not dated:
        return pl.Series([False]).new_from_index(0, lines.len())
    behind = pl.DataFrame({"line": lines.gather(heads), "own": own}).select(
        pl.col("line").str.strip_prefix(pl.col("own"))
    )
    inner = lines.clone().scatter(heads, behind["line"])
    likely = (inner.str.count_matches(r"\d") >= min(s.count("0") for s in dated)).arg_true()
    masked = _masked(inner.gather(likely))
    inside = pl.Series([False]).new_from_index(0, masked.len())
    # A time alone stands in many a message; a heading that is nothing else ends the line that it was glued to.
    for bare in (s for s in dated if not s.strip(_BARE)):
        inside |= masked.str.ends_with(bare)
    if named := [s for s in dated if s.strip(_BARE)]:
        inside |= masked.str.contains_any(named)
    places = likely.filter(inside)
    return pl.Series([False]).new_from_index(0, lines.len()).scatter(places, values=True)

"""Finds lines that look like a text export's headings but were not read as headings.

Each may be a row that joined the words above.
"""

import re
from collections.abc import Callable, Collection
from functools import partial
from itertools import islice

import polars as pl
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein, Postfix, Prefix

from reconcile.column_ops import none_of
from reconcile.intake.contract import Note, remarks
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock_forms import CHINESE_HALVES

_MOST_SHAPES = 40
_MOST_NOTES = 50
_FEW_SHAPES = 8
_MOST_SINGLE = 200
_FIGURES = 3
_CLOCK_FIGURES = 6
_REACH = 12
_LEAST_HALF = 6
_LONGEST = 400
# Names have tens of characters; patterns of thousands would take minutes.
_LONGEST_SHAPE = 120
_ZEROS = lazy_pattern("0+")
# Blanks and invisible characters.
UNSEEN = " \t\r\x0b\x0c\u00a0\u3000\u200b\u200e\u200f\u2060\ufeff"
# For headings that show more than a clock, the part from the name to the clock is compared.
_TO_CLOCK = lazy_pattern(r"^.*?0:00(?::00)?")
# The part behind the name: a gap, then only figures and signs.
_TAIL = lazy_pattern(rf"\s+[^\w\s]{{0,2}}(?:{'|'.join(CHINESE_HALVES)})?0[0\W]*$")
_CLOCK_TAIL = 4
# A notice behind another row's words, with its clock.
_NOTICE_RUN_ON = r"\S.*:\d\d\W.{0,60}(?:撤回了一条消息|recalled a message)"
# The same before the name: a date and a clock.
_HEAD = lazy_pattern(r"[0\W]*0(?=\W)")
_LETTER = lazy_pattern(r"[^\W\d_]")
# A damaged heading still shows most of its figures and one sign between them; an order number has figures only.
_SIGNS = "[-:：/.年月|]"
_OUTER = "*#>-|()[]<>: "
_BARE = "0-:：/.年月日| "


def near_headings(
    lines: pl.Series,
    heads: pl.Series,
    name: str,
    *,
    own: pl.Series | None = None,
    first: int = 1,
    noted: Collection[int] = (),
    mark: str = "",
) -> list[Note]:
    """Notes on lines inside another row's words that resemble the file's own headings.

    `heads`: positions of the headings that were read (0-based). `own`: each heading without words in the same line.
    `first`: number of the first line. `noted`: positions already noted. `mark`: a pattern that only headings of this
    form contain.
    """
    own = lines[heads] if own is None else own.fill_null("")
    shapes = _mask_digits(own).str.strip_chars().value_counts(sort=True)
    known = [s for s in shapes[shapes.columns[0]].head(_MOST_SHAPES).to_list() if 1 < len(s) <= _LONGEST_SHAPE]
    if not known:
        return []
    free = pl.Series([True]).new_from_index(0, lines.len()).scatter(heads, values=False)
    near = _resemble_headings(lines, free, known) | _hold_headings(lines, heads, own, known)
    near |= (
        _ending_alike(lines, free, known) | _split_headings(lines, free, known) | _indented_headings(lines, free, known)
    )
    near = near.scatter(heads.filter(_run_on(own)), values=True)
    near |= free & lines.str.contains(_NOTICE_RUN_ON)
    if mark:
        near |= free & lines.str.contains(mark)
    places = [i for i in near.arg_true().to_list() if i not in noted]
    notes = [Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {i + first}", lines[i][:200]) for i in places[:_MOST_NOTES]]
    if len(places) > _MOST_NOTES:
        notes += remarks(NoteCode.AMBIGUOUS_HEADER, name, "and more lines like headings", len(places) - _MOST_NOTES)
    return notes


def _split_headings(lines: pl.Series, free: pl.Series, known: list[str]) -> pl.Series:
    """The first of two neighbouring lines that form a heading only together, as a line end broke it."""
    shapes = sorted({_ZEROS.sub("0", s) for s in known if s.count("0") >= _FIGURES})
    found = none_of(lines)
    behind = lines.shift(-1, fill_value="")
    both = free & free.shift(-1, fill_value=False) & (lines != "") & (behind != "")
    places = (both & (lines.str.len_bytes() < 4 * _LONGEST_SHAPE) & behind.str.contains(r"\d")).arg_true()
    if not shapes or not len(places):
        return found
    first, second = lines[places], behind[places].str.head(_LONGEST)
    alone = _mask_numbers(first).str.contains_any(shapes) | _mask_numbers(second).str.contains_any(shapes)
    torn = _mask_numbers(first + second).str.contains_any(shapes) & ~alone
    return found.scatter(places.filter(torn), values=True)


def _indented_headings(lines: pl.Series, free: pl.Series, known: list[str]) -> pl.Series:
    """Lines that are a heading behind one blank or an invisible character."""
    bare = lines.str.strip_chars(UNSEEN)
    places = (
        free & (bare != "") & (bare.str.len_bytes() < lines.str.len_bytes()) & ~lines.str.starts_with("  ")
    ).arg_true()
    found = none_of(lines)
    if not len(places):
        return found
    masked = _mask_digits(bare[places])
    is_heading = none_of(places)
    for shape in known:
        is_heading |= masked == shape if "0" not in shape else masked.str.starts_with(shape)
    return found.scatter(places.filter(is_heading), values=True)


def _mask_numbers(lines: pl.Series) -> pl.Series:
    """Lines with 0 for each number."""
    return lines.str.replace_all(r"\d+", "0")


def _run_on(own: pl.Series) -> pl.Series:
    """The headings whose name is preceded by other words: of a shape seen once, ending like another."""
    forms = _mask_digits(own).str.strip_chars().str.replace_all("0+", "0")
    form, count = (shapes := forms.value_counts(sort=True)).columns
    once = shapes.filter(pl.col(count) == 1)[form].head(_MOST_SINGLE).to_list()
    others = shapes[form].head(_MOST_SHAPES).to_list()
    odd = [s for s in once if any(s != o and "0" in o and s.endswith(o) for o in others)]
    return forms.is_in(odd)


def _ending_alike(lines: pl.Series, free: pl.Series, known: list[str]) -> pl.Series:
    """The lines that hold the end of a heading, whoever's name precedes it, with one damaged place."""
    ends = [m for s in known if (m := _TAIL.search(s)) and m[0].count("0") + (":0" in m[0]) >= _CLOCK_TAIL]
    tails = {t for m in ends if _LETTER.search(m.string[: m.start()]) for t in _in_any_part_of_the_day(m[0])}
    found = [pl.Series(dtype=pl.UInt32)]
    for tail in tails:
        lead = tail[: tail.index("0")]
        holds = free & lines.str.contains(lead, literal=True) & ~lines.str.starts_with("  ")
        places = (holds & (lines.str.count_matches(r"\d") * 3 >= tail.count("0"))).arg_true()
        core = tail[len(lead) :]
        found.append(_places_of(lines, places, partial(_holds_tail, lead=lead, core=core)))
    for head in {m[0] for s in known if (m := _HEAD.match(s)) and m[0].count("0") > _CLOCK_FIGURES}:
        places = (
            free & lines.str.contains(r"^\W{0,3}\d") & (lines.str.count_matches(r"\d") * 2 >= head.count("0"))
        ).arg_true()
        found.append(_places_of(lines, places, partial(_is_near, core=head)))
    return none_of(lines).scatter(pl.concat(found), values=True)


def _places_of(lines: pl.Series, places: pl.Series, holds: Callable[[str], bool]) -> pl.Series:
    """The places where the masked line fits; lines that differ only in figures are examined once."""
    shown = lines[places]
    both = shown.str.head(_LONGEST) + pl.select(_end_of_long(shown, _LONGEST)).to_series()
    # A figure of any length counts as one.
    masked = _mask_digits(both).str.replace_all("0{5,}", "0000")
    return places.filter(masked.is_in([m for m in masked.unique().to_list() if holds(m)]))


def _in_any_part_of_the_day(tail: str) -> set[str]:
    """The tail with each Chinese word for a part of the day (上午, 下午 …) in place of its own."""
    stated = next((p for p in CHINESE_HALVES if p in tail), None)
    return {tail.replace(stated, p) for p in CHINESE_HALVES} if stated else {tail}


def _holds_tail(line: str, lead: str, core: str) -> bool:
    """Whether a masked line holds the lead and then nearly the core; a short core must end the line."""
    parts = [line[m.end() :] for m in islice(re.finditer(re.escape(lead), line), _MOST_SHAPES)]
    if len(core) <= _REACH:
        # The first half, then one word instead of the second.
        half = core[: (len(core) + 1) // 2]
        if any(p.startswith(half) and len(p.rstrip()) <= _REACH and not re.search(r"\s", p.rstrip()) for p in parts):
            return True
        # One word instead of the first half, behind a gap that nobody types, or words glued to the end.
        second = core[len(core) // 2 :]
        if len(lead.strip("\xa0\u3000") or "  ") > 1 and any(_ends_as(p, second) or _goes_on(p, core) for p in parts):
            return True
        parts = [p for p in parts if abs(len(p.rstrip()) - len(core)) <= max(1, len(core) // 6)]
        if any(p.rstrip().endswith(core[len(core) // 2 :]) for p in parts):
            return True
    return any(_is_near(p, core) for p in parts)


def _goes_on(part: str, core: str) -> bool:
    """Whether the part begins as the core and goes on with neither a digit nor a colon."""
    return part.startswith(core) and part[len(core) : len(core) + 1] not in ("", "0", ":")


def _ends_as(part: str, second: str) -> bool:
    """Whether the part is one short word that ends as second."""
    word = part.rstrip()
    return word.endswith(second) and len(word) <= _REACH and not re.search(r"\s", word)


def _is_near(line: str, core: str) -> bool:
    """Whether a line begins with the core within some edits."""
    edits = max(1, len(core) // 6)
    # Or with up to a third of the beginning lost, or a third replaced by one word.
    if len(core) > _REACH and any(line.startswith(core[n:]) for n in range(1, len(core) // 3 + 1)):
        return True
    if len(core) > _CLOCK_FIGURES + _REACH:
        begun = Prefix.similarity(line, core)
        if core[min(begun + len(core) // 3, len(core) - 1) :] in line[begun : begun + len(core) + _REACH]:
            return True
    lengths = range(len(core) - edits, len(core) + edits + 1)
    return any(Levenshtein.distance(core, line[:n], score_cutoff=edits) <= edits for n in lengths)


def _mask_digits(lines: pl.Series) -> pl.Series:
    """Lines with 0 for each digit."""
    return lines.str.replace_all(r"\d", "0")


def _resemble_headings(lines: pl.Series, free: pl.Series, known: list[str]) -> pl.Series:
    """Whether a free line is nearly a heading of a known shape."""
    longest = max(map(len, known))
    dated = [s for s in known if s.count("0") >= _FIGURES]
    # Items of a forward are indented; headings never are.
    places = (free & (lines != "") & ~lines.str.starts_with("  ")).arg_true()
    words = lines[places]
    found: list[pl.Series] = []
    if dated:
        # Of a long line only the beginning and the end are examined.
        shown = words.str.head(longest + _REACH) + pl.select(_end_of_long(words, longest)).to_series()
        figures = min(s.count("0") for s in dated)
        signed = (shown.str.contains(_SIGNS) if figures > _CLOCK_FIGURES else shown != "").arg_true()
        least = (figures + 2) // 3
        timed = signed.filter(shown[signed].str.count_matches(r"\d") >= least)
        found.append(_near_shapes(words, timed, dated))
    if bare := [s for s in known if s not in dated]:
        found.append(_near_shapes(words, (words.str.len_chars() <= longest + _REACH).arg_true(), bare))
    return none_of(lines).scatter(places.gather(pl.concat(found)), values=True)


def _near_shapes(lines: pl.Series, places: pl.Series, shapes: list[str]) -> pl.Series:
    """Places of lines that differ from a shape by few edits or one break."""
    there = lines[places]
    ends = pl.select(_end_of_long(there, max(map(len, shapes)))).to_series()
    shown = _mask_digits(there.str.head(_LONGEST) + ends)
    # Lines that differ in figures only are examined once.
    begins = shown.unique().to_list()
    found = {i for s in shapes for i in _within_edits(s, begins)}
    found |= {i for s in shapes[:_FEW_SHAPES] for i in _broken_once(s, begins)}
    return places.filter(shown.is_in([begins[i] for i in found]))


def _end_of_long(lines: pl.Series, longest: int) -> pl.Expr:
    """The end of a long line; empty for others."""
    return pl.when(lines.str.len_chars() > _LONGEST).then(lines.str.tail(longest)).otherwise(pl.lit(""))


def _within_edits(shape: str, begins: list[str]) -> list[int]:
    """Indexes of the beginnings that a few edits turn into the shape."""
    edits = max(2 if "0" in shape else 1, len(shape) // 4)
    cut = [b[: len(shape)] for b in begins]
    if not cut:
        return []
    told = process.cdist([shape], cut, scorer=Levenshtein.distance, score_cutoff=edits)[0]
    return [int(i) for i in (told <= edits).nonzero()[0]]


def _broken_once(shape: str, lines: list[str]) -> set[int]:
    """The lines that hold most of the shape before and behind one damaged place, however long that is."""
    if not lines:
        return set()
    least = -(-len(shape) // 2)
    before = process.cdist([shape], lines, scorer=Prefix.similarity)[0]
    behind = process.cdist([shape], lines, scorer=Postfix.similarity)[0]
    if "0" not in shape:
        return {int(i) for i in ((before > 0) & (behind > 0) & (before + behind >= least)).nonzero()[0]}
    found = {int(i) for i in (before + behind >= least).nonzero()[0]}
    # Where words follow in the heading's line, the rest of it may be anywhere inside.
    inside = ((before * 3 >= least) & (before < least)).nonzero()[0]
    found |= {int(i) for i in inside if shape[int(before[i]) - least :] in lines[i][int(before[i]) :]}
    # The second half, if it has the name, however little of the first remains.
    half = shape[-least:]
    if least >= _LEAST_HALF and _LETTER.search(half):
        found |= {i for i, line in enumerate(lines) if half in line[: len(shape) + 3 * _REACH]}
    return found


def _hold_headings(lines: pl.Series, heads: pl.Series, own: pl.Series, known: list[str]) -> pl.Series:
    """Whether a line holds a heading of a known shape inside it."""
    dated = [s for s in known if s.count("0") >= 4]
    if not dated:
        return none_of(lines)
    behind = pl.DataFrame({"line": lines[heads], "own": own}).select(pl.col("line").str.strip_prefix(pl.col("own")))
    inner = lines.clone().scatter(heads, behind["line"])
    named = [s for s in dated if s.strip(_BARE)]
    named += [m[0] for s in named if (m := _TO_CLOCK.match(s)) and _LETTER.search(m[0])]
    # The outermost signs may be missing.
    named += [bare for s in named if len(bare := s.strip(_OUTER)) > _REACH and bare[-1] != "0"]
    # And the first third, where the clock precedes the name.
    cut = ((s, min(len(s) // 3, s.rfind(":00"))) for s in dated)
    named += [s[at:] for s, at in cut if at > 0 and len(s) - at > _REACH and _LETTER.search(s[at:])]
    likely = (inner.str.count_matches(r"\d") >= min(s.count("0") for s in (*dated, *named))).arg_true()
    masked = _mask_digits(inner[likely])
    inside = none_of(masked)
    # Many messages contain a time. A heading of nothing else ends the line that it was glued to.
    for bare in (s for s in dated if not s.strip(_BARE)):
        inside |= masked.str.ends_with(bare)
    if named:
        inside |= masked.str.contains_any(named)
    places = likely.filter(inside)
    return none_of(lines).scatter(places, values=True)

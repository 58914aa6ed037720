"""A page as the lines that a reader sees, parted by its elements into messages and other lines."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, takewhile
from typing import Any, NamedTuple

import polars as pl
from lxml import etree

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.pages.page_parts import is_day
from reconcile.formats.inferred.pages.page_tables import is_of_fields
from reconcile.formats.inferred.text.from_text import fields_of_lines
from reconcile.formats.inferred.times.zones import zone_of_value
from reconcile.intake.contract import Note
from reconcile.intake.tables.cells import ROW
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

NO_WORDS = ("script", "style", "template", "noscript", "head", "title")
_BLOCKS = frozenset([
    "p", "div", "li", "ul", "ol", "tr", "table", "section", "article", "aside", "header", "footer", "main", "h1", "h2", "h3", "h4", "dd", "dt",
    "blockquote", "body",
])  # fmt: skip
# A break in the words of a block, while they are put together; it counts as a blank around them.
_BREAK = "\x1c"
# Blocks of running text, which no notice is written in.
_OF_WORDS = ("blockquote", "pre", "ul", "ol", "dl")
# A rule that a page draws, as a line that nobody types, and how notes show it.
RULE, SHOWN_RULE = "─═─═─", "---"
TITLES = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
# Least messages of a page whose elements tell where they end, and least share of them that stand in such an element.
_LEAST, _MOST = 3, 0.8
# Least share of messages that have an element of a kind behind them, and largest share with something else.
_REGULAR, _FEW = 0.5, 0.5
# Largest share of messages above whose beginning words of their own element stand.
_AMID = 0.2
_LONGEST_ZONE = 20
_NUMBER, _SHOWN = lazy_pattern("[0-9]+"), 200
# A clock that is all that an element shows, and the whole time that an attribute of it may state.
_CLOCK = lazy_pattern(r"\s*[0-9]{1,2}:([0-9]{2})(?::[0-9]{2})?\s*(?:[AaPp]\.?[Mm]\.?)?\s*\Z")
_WHOLE_TIME = lazy_pattern(r"\s*[0-9]{4}[-/.][0-9]{1,2}[-/.][0-9]{1,2}[T ]+[0-9]{1,2}:[0-9]{2}")


class Line(NamedTuple):
    """A line of a page, and the element whose block it is."""

    words: str
    element: Any


def fields_of_page(tree: Any, name: str, notes: list[Note]) -> list[Fields]:
    """The lines of a page as messages; what stands outside their elements belongs to none."""
    lines = lines_of_page(tree)
    found = _read(lines, name, notes)
    if found and (end := _end(lines, _heads(found[0]))) < len(lines):
        below, lines = lines[end:], lines[:end]
        told = [Note(NoteCode.ROW_SKIPPED, name, line.words[:_SHOWN]) for line in below]
        found = [replace(f, beside={**_zones(below), **f.beside}) for f in _read(lines, name, [*notes, *told])]
    if found and _begin_amid(lines, _heads(found[0])):
        return []
    if not found or (parted := _parted(lines, _heads(found[0]))) is None:
        return found
    kept, notices, others = parted
    told = [Note(NoteCode.ROW_SKIPPED, name, line.words[:_SHOWN]) for line in others]
    again = _read(kept, name, [*notes, *told])
    return [_with_notices(f, notices) for f in again]


def _end(lines: Sequence[Line], heads: Sequence[int]) -> int:
    """Where the lines below the last message begin: in another element than that of all messages."""
    around = {lines[h].element for h in heads}
    last = heads[-1] + 1
    if len(around) > 1 or len(heads) < _LEAST:
        return len(lines)
    return next((i for i in range(last, len(lines)) if lines[i].element not in around), len(lines))


def _zones(lines: Sequence[Line]) -> dict[str, str]:
    """The zone that is all that a line says."""
    words = (line.words for line in lines if len(line.words) <= _LONGEST_ZONE)
    zone = next((w for w in words if zone_of_value(w) is not None), None)
    return {} if zone is None else {"zone": zone}


def _read(lines: Sequence[Line], name: str, notes: list[Note]) -> list[Fields]:
    found = fields_of_lines(pl.Series("text", [line.words for line in lines], dtype=pl.String), name, notes)
    return [_without_rules(f) for f in found] if any(line.words == RULE for line in lines) else found


def _without_rules(fields: Fields) -> Fields:
    """The rows without the rules that the page draws around and amid their words."""
    notes = tuple(replace(n, excerpt=n.excerpt.replace(RULE, SHOWN_RULE)) for n in fields.notes)
    if "text" not in fields.frame.columns:
        return replace(fields, notes=notes)
    bare = pl.col("text").str.replace_all(rf"(?m)^{RULE}$\n?", "").str.strip_chars_end("\n")
    is_ruled = pl.col("text").str.contains(RULE, literal=True)
    return replace(fields, notes=notes, frame=fields.frame.with_columns(pl.when(is_ruled).then(bare).otherwise("text")))


def lines_of_page(tree: Any) -> list[Line]:
    """The text of the page as lines, one a block; two breaks inside one leave an empty line."""
    blocks: list[tuple[list[str], Any]] = [([], tree)]
    walk = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walk:
        if not isinstance(element.tag, str) or element.tag in NO_WORDS:
            continue
        if event == "start" and element.tag == "tr" and is_of_fields(element):
            # The cells of a table under a heading are fields, not running text.
            walk.skip_subtree()
            continue
        if element.tag == "br":
            # The source begins new lines where it pleases.
            blocks[-1][0].extend([_BREAK, (element.tail or "").lstrip()] if event == "end" else [])
            continue
        owner = element if event == "start" else element.getparent()
        if element.tag in _BLOCKS:
            blocks.append(([], owner))
        elif element.tag in ("td", "th"):
            blocks[-1][0].append(" ")
        if element.tag == "hr" and event == "start":
            blocks += [([RULE], element), ([], owner)]
        blocks[-1][0].append((_own_words(element) if event == "start" else element.tail) or "")
    return [
        Line(" ".join(line.split()), element)
        for parts, element in blocks
        for block in "".join(parts).split("\n")
        if block.strip()
        for line in block.strip().split(_BREAK)
    ]


def _own_words(element: Any) -> str | None:
    """An element's own first words; for a clock alone, the whole time that an attribute states."""
    words: str | None = element.text
    if len(element) or not (clock := _CLOCK.match(words or "")):
        return words
    whole = (v for v in element.attrib.values() if _WHOLE_TIME.match(v) and f":{clock[1]}" in v)
    return next(whole, words)


def _heads(fields: Fields) -> list[int]:
    """The lines, from 0, at which the messages begin."""
    return [int(number[0]) - 1 for label in fields.frame[ROW] if (number := _NUMBER.findall(label))]


def _parted(lines: Sequence[Line], heads: Sequence[int]) -> tuple[list[Line], list[tuple[int, str]], list[Line]] | None:
    """The lines of messages, notices between them with the number of lines above, and other lines.

    None where the page's elements do not tell where a message ends, or where nothing stands outside.
    """
    held = Counter(e for h in heads for e in _above(lines[h].element))
    units = _units([lines[h].element for h in heads], held)
    if len(units) < max(_LEAST, _MOST * len(heads)):
        return None
    tops = [_top(line.element, units, held) for line in lines]
    usual = Counter(map(_kind, units)).most_common(1)[0][0]
    # Where an element above was never closed, the first message begins in it, and has its words below as all have.
    behind = [_kind(tops[h + 1]) for h in heads if h + 1 < len(lines)]
    below = Counter(behind).most_common(1)[0][0]
    tags = {u.tag for u in units}
    units |= {
        t for h, k in zip(heads, behind, strict=False) if k == below and held[t := tops[h]] == 1 and t.tag in tags
    }
    # The first message may seem to begin in a title above it.
    units |= {*takewhile(lambda top: top not in units, (t for t in tops if _kind(t) == usual))}
    places = [i for i, top in enumerate(tops) if top in units]
    within = range(places[0], places[-1] + 1)
    titles = {tops[i].tag for i in within if tops[i].tag in TITLES}
    # What stands above the messages of one chat names the chat.
    chats = {i for i, top in enumerate(tops) if (held[top] > 1 and i < places[-1]) or top.tag in titles}
    foreign = _foreign(lines, tops, units, held) - chats - {i for i, line in enumerate(lines) if line.words == RULE}
    between = {tops[i] for i in foreign if i in within}
    if not foreign or len(between) > _FEW * len(units):
        return None
    kept: list[Line] = []
    notices: list[tuple[int, str]] = []
    others: list[Line] = []
    for i, line in enumerate(lines):
        if i not in foreign:
            kept.append(line)
        elif i in within:
            notices.append((len(kept), line.words))
        else:
            others.append(line)
    return kept, notices, others


def _begin_amid(lines: Sequence[Line], heads: Sequence[int]) -> bool:
    """Whether several messages begin amid the words of their element, so that lines do not part them."""
    held = Counter(e for h in heads for e in _above(lines[h].element))
    units = _units([lines[h].element for h in heads], held)
    begun = {h for h in heads if h and lines[h - 1].words and not units.isdisjoint(_above(lines[h - 1].element))}
    same = [h for h in begun if {*_above(lines[h - 1].element)} & units == {*_above(lines[h].element)} & units]
    return len(units) >= max(_LEAST, _MOST * len(heads)) and len(same) > _AMID * len(heads)


def _above(element: Any) -> list[Any]:
    """The element and those around it, from within."""
    return [element, *element.iterancestors()]


def _place(element: Any) -> tuple[str, ...]:
    return tuple(e.tag for e in _above(element))


def _kind(element: Any) -> tuple[tuple[str, ...], str]:
    """Where an element stands, and its first class."""
    return _place(element), ((element.get("class") or "").split() or [""])[0]


def _units(heads: Sequence[Any], held: Counter[Any]) -> set[Any]:
    """The elements of one message each: the largest with one beginning, at the place of most."""
    alone = [[e for e in _above(head) if held[e] == 1] for head in heads]
    places = Counter(_place(chain[-1]) for chain in alone if chain)
    if not places:
        return set()
    usual = places.most_common(1)[0][0]
    return {e for chain in alone for e in chain if len(usual) <= len(_place(e)) and _place(e) == usual}


def _top(element: Any, units: set[Any], held: Counter[Any]) -> Any:
    """The message's element around one, else the largest around it that stands beside messages."""
    chain = _above(element)
    if (unit := next((e for e in chain if e in units), None)) is not None:
        return unit
    return next((e for e, outer in pairwise(chain) if held[outer]), element)


def _foreign(lines: Sequence[Line], tops: Sequence[Any], units: set[Any], held: Counter[Any]) -> set[int]:
    """The lines that belong to no message.

    Elements of the kind that follows most messages belong to the one above them, and so do quotations, lists and
    preformatted lines among them, and another element that stands in their place.
    """
    gaps: list[list[int]] = [[]]
    for i, top in enumerate(tops):
        if top in units:
            gaps += [[]] if gaps[-1] or i == 0 or tops[i - 1] is not top else []
        else:
            gaps[-1].append(i)
    behind = [{_kind(tops[i]) for i in gap} for gap in gaps[1:]]
    counts = Counter(kind for kinds in behind for kind in kinds)
    regular = {kind for kind, n in counts.items() if n >= _REGULAR * len(units)}
    found = {i for i in gaps[0] if not is_day(lines[i].words)}
    for gap, kinds in zip(gaps[1:], behind, strict=True):
        # Words of another kind, such as a picture's, stand in place of the usual ones.
        own = tops[gap[0]] if gap and regular and not kinds & regular else None
        found |= {
            i
            for i in gap
            if tops[i] is not own
            and _kind(tops[i]) not in regular
            and not is_day(lines[i].words)
            and not (regular and not held[tops[i]] and _is_of_words(tops[i]))
        }
    return found


def _is_of_words(element: Any) -> bool:
    """Whether an element is a quotation, a list or preformatted lines, or holds one of them."""
    return element.tag in _OF_WORDS or next(element.iter(*_OF_WORDS), None) is not None


def _with_notices(fields: Fields, notices: Sequence[tuple[int, str]]) -> Fields:
    """The messages with the notices between them as rows of words alone."""
    numbers = pl.Series(_heads(fields), dtype=pl.Float64)
    if not notices or "text" not in fields.frame.columns or numbers.len() != fields.frame.height:
        return fields
    rows = pl.DataFrame(
        {ROW: [f"notice {n}" for n in range(1, len(notices) + 1)], "text": [w for _, w in notices]},
        schema={ROW: fields.frame.schema[ROW], "text": pl.String},
    )
    at = pl.concat([numbers, pl.Series([n - 0.5 for n, _ in notices], dtype=pl.Float64)])
    frame = pl.concat([fields.frame, rows], how="diagonal").with_columns(at.alias("at")).sort("at", maintain_order=True)
    return replace(fields, frame=frame.drop("at"))

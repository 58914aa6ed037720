"""Rows inside a page: elements that recur, each a row, what stands inside them its fields."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import replace
from itertools import pairwise, takewhile
from pathlib import Path
from types import MappingProxyType
from typing import Any

import polars as pl
from lxml import etree, html

from reconcile.column_ops import filled
from reconcile.formats.inferred.direction_words import PEER_WORDS, SELF_WORDS
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.json.from_json import value_fields
from reconcile.formats.inferred.looked_at import FIELDS_OF_A_MESSAGE
from reconcile.formats.inferred.pages.drawn_sides import write_drawn_sides, write_names_above
from reconcile.formats.inferred.pages.element_words import fields_of_element, flows_of, numbered_fields
from reconcile.formats.inferred.pages.page_lines import (
    NO_WORDS,
    RULE,
    SHOWN_RULE,
    TITLES,
    fields_of_page,
    lines_of_page,
)
from reconcile.formats.inferred.pages.page_parts import (
    TIME_ABOVE,
    days_above,
    hidden_elements,
    is_day,
    name_elements,
    titles_above,
    values_in_scripts,
    write_emoji,
    write_media,
    write_times_of_bars,
)
from reconcile.formats.inferred.pages.page_tables import (
    are_dated,
    shows_time,
    table_frame,
    tables_of_messages,
    with_parts_of_words,
    with_surroundings,
    without_colons,
)
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.table_runs import names_a_message
from reconcile.formats.inferred.times.zones import zones_in_titles
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.tables.html_tables import spanned_size
from reconcile.intake.tables.parquet import check_texts
from reconcile.intake.text.decode import decode
from reconcile.patterns import lazy_pattern

_FEWEST, _LEAST, _MOST_PLACES, _MOST_COLUMNS = 2, 3, 12, 40
# From this number of rows on, rows with this share of a page's words need no second reading as lines.
_MANY, _MOST_WORDS = 1_000, 0.8
# Number of elements looked at first in each third, if there are more than three times as many.
_LOOK = 400
_CLOCK = lazy_pattern(
    r"\s*(?:[0-9]{1,4}[-/.年][0-9/.月日-]{3,8}[T,]?\s*)?[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?\s*(?:[AaPp][Mm])?\s*"
)
_ANY_CLOCK = lazy_pattern(r"[0-9]:[0-9]{2}")
# Least share of clocks, also behind a date, and of other words, in a column that mixes both.
_MIXED = 0.1
# The last step to elements of any tag, and the least share of one tag among neighbours of which a few are notices.
_ANY, _MOST_OF_A_TAG = "*", 0.6
# The words between tags, and those that may hold a time of day.
_SEEN = "[not(ancestor::script or ancestor::style or ancestor::head)]"
_FIRST_WORDS = etree.XPath(f"(//text(){_SEEN})[position() <= 400]", smart_strings=False)
_TIMED = etree.XPath(f"//text()[contains(., ':') or contains(., '：')]{_SEEN}", smart_strings=False)
_TAGS = lazy_pattern(
    r"(?i)<(?:html|head|body|main|div|table|ul|ol|li|dl|p|tr|section|article|h[1-6]|font|span|br)[\s/>]"
)


def html_fields(source: Source, file: Path) -> list[Fields]:
    """A frame for each group of recurring page elements that hold several fields, the most numerous first."""
    return page_fields(source, file, file.read_bytes())


def page_fields(source: Source, file: Path, page: bytes) -> list[Fields]:
    """Fields like those of `html_fields`, for a page inside the file."""
    name = source.relative(file)
    text, notes = decode(source, name, page)
    if not _TAGS.search(text):
        return []
    # The parser refuses text that names its own encoding.
    tree = _parse_html(text)
    if tree is None:
        return []
    check_texts(source, file, spanned_size(tree))
    return tree_fields(tree, name, notes)


def tree_fields(tree: Any, name: str, notes: list[Note]) -> list[Fields]:
    """Fields like those of `html_fields`, for the tree of a page."""
    write_emoji(tree)
    write_media(tree)
    name_elements(tree)
    write_times_of_bars(tree)
    write_drawn_sides(tree)
    write_names_above(tree)
    scripts = [f for v in values_in_scripts(tree) for f in value_fields(name, v, notes)]
    people = {k: v for f in scripts for k, v in f.people.items()}
    days, hidden, titles = days_above(tree), hidden_elements(tree), titles_above(tree)
    places = _places(tree)
    timed, zones = pl.Series(_TIMED(tree), dtype=pl.String), _zones_above(tree)
    found: list[Fields] = []
    parted = {p for p, e in places.items() if p[-1].startswith(".") and len(e) == len(places.get(p[:-1], ()))}
    ranked = sorted(
        (p for p, e in places.items() if len(e) >= _FEWEST and p not in parted), key=lambda p: (-len(places[p]), len(p))
    )
    tables = tables_of_messages(tree, days, hidden, titles)
    found += [
        Fields(
            t,
            name,
            f"{name}#" + (f"{i}!" if len(tables) > 1 else ""),
            _page_title(tree),
            zones,
            people,
            notes=tuple(notes),
            timed=timed,
        )
        for i, t in enumerate(tables, 1)
    ]
    for place in ranked[: _MOST_PLACES * 4]:
        if not _may_be_rows(places[place], days) or (tables and "tr" in place):
            continue
        frame = _frame_of_elements(places[place], days, hidden, titles)
        if frame is not None and frame.width >= 3:
            # When each message was sent, the time above several of them tells only roughly.
            doubts = {"time": (TIME_ABOVE,)} if TIME_ABOVE in frame.columns else {}
            found.append(
                Fields(
                    frame,
                    name,
                    f"{name}#",
                    _page_title(tree),
                    zones,
                    people,
                    notes=tuple(notes),
                    timed=timed,
                    doubts=doubts,
                )
            )
    # A single field is no message, whatever number of elements has it.
    found = sorted(found, key=lambda f: (_fields_in(f.frame) < _FEWEST, -f.frame.height, f.frame.width))
    found = sorted(found[: 2 * _MOST_PLACES], key=lambda f: (-f.frame.height, f.frame.width))
    if tables or any(_are_all(f, tree) for f in (*scripts, *found)):
        return [*scripts, *found]
    # If time and words are in one element, the page is read as the lines that a reader sees, below its title.
    lines, title = fields_of_page(tree, name, notes), _page_title(tree)
    beside = ({**f.beside, **({"head": f"{title}\n{f.beside['head']}"} if "head" in f.beside else {})} for f in lines)
    lines = [replace(f, beside={**zones, **told}, is_last_resort=True) for f, told in zip(lines, beside, strict=True)]
    return [*scripts, *found, *(f for f in lines if f.frame.height >= _LEAST or not f.doubts)]


def _fields_in(frame: pl.DataFrame) -> int:
    """The number of columns that are neither an attribute nor the place of a row."""
    return sum(c != ROW and not c.startswith(("@", "^")) for c in frame.columns)


def _zones_above(tree: Any) -> dict[str, str]:
    """What the words above all clocks of a page call its zone."""
    above = takewhile(lambda t: not _ANY_CLOCK.search(t), (t.strip() for t in _FIRST_WORDS(tree) if t.strip()))
    words = [*above]
    return zones_in_titles([*((w,) for w in words), *pairwise(words)])


def words_of_page(page: str) -> str:
    """The words of a page, a line for each block."""
    if (tree := _parse_html(page)) is None:
        return ""
    write_emoji(tree)
    return "\n".join(SHOWN_RULE if line.words == RULE else line.words for line in lines_of_page(tree))


def _may_be_rows(elements: list[Any], days: Mapping[Any, str]) -> bool:
    """Whether some of many elements read as time and text, from the beginning, the middle and the end."""
    if len(elements) <= 3 * _LOOK:
        return True
    middle = len(elements) // 2
    frame = _frame_of_elements([*elements[:_LOOK], *elements[middle : middle + _LOOK], *elements[-_LOOK:]], days)
    return frame is not None and {"time", "text"} <= infer(Fields(frame, "", "")).choices.keys()


def _are_all(fields: Fields, tree: Any) -> bool:
    """Whether a list of rows reads clearly and holds most of the page's words.

    Its lines then need no reading.
    """
    if fields.frame.height < _MANY:
        return False
    held = fields.frame.select(pl.col(fields.names).str.len_chars().sum()).sum_horizontal()[0]
    words = sum(len(t.strip()) for t in tree.itertext() if t.strip())
    return held >= _MOST_WORDS * words and infer(fields).is_clear


def _places(tree: Any) -> dict[tuple[str, ...], list[Any]]:
    """Elements by the tags down to them, also by their first class, and neighbours mostly of one tag.

    Also those of one class at several places, such as answers that an element of their own encloses.
    """
    places: dict[tuple[str, ...], list[Any]] = {}
    classes: dict[tuple[str, ...], list[Any]] = {}
    above: list[tuple[str, ...]] = [()]
    for event, element in etree.iterwalk(tree, events=("start", "end")):
        if not isinstance(element.tag, str):
            continue
        if event == "end":
            above.pop()
            continue
        outer, place = above[-1], (*above[-1], element.tag)
        above.append(place)
        if element.tag in NO_WORDS:
            continue
        places.setdefault(place, []).append(element)
        if element.tag not in TITLES:
            places.setdefault((*outer, _ANY), []).append(element)
        # Neighbouring elements may be of several kinds, which their class shows.
        if named := (element.get("class") or "").split():
            places.setdefault((*place, f".{named[0]}"), []).append(element)
            classes.setdefault((element.tag, f".{named[0]}"), []).append(element)
            for name in named[1:]:
                classes.setdefault((f".{name}",), []).append(element)
    several = Counter(p[-2:] for p in places if p[-1].startswith("."))
    apart = {p: e for p, e in classes.items() if (several[p] > 1 or len(p) == 1) and not _holds_itself(e)}
    places |= {(_ANY, *p): e for p, e in apart.items()}
    return {p: e for p, e in places.items() if p[-1] != _ANY or _MOST_OF_A_TAG <= _share(e) < 1}


def _holds_itself(elements: list[Any]) -> bool:
    """Whether some of the elements stand inside others of them."""
    held = {*elements}
    return any(above in held for e in elements for above in e.iterancestors())


def _share(elements: list[Any]) -> float:
    """The share of the commonest tag."""
    return max(Counter(e.tag for e in elements).values()) / len(elements)


def _parse_html(text: str) -> Any:
    """The page as a tree; null where it cannot be parsed."""
    try:
        return html.document_fromstring(
            text.encode("utf-8", "replace"), parser=html.HTMLParser(encoding="utf-8", no_network=True, huge_tree=False)
        )
    except (etree.LxmlError, ValueError):
        return None


def _page_title(tree: Any) -> str:
    found = tree.find(".//title")
    return "" if found is None else " ".join((found.text or "").split())[:100]


def _frame_of_elements(
    elements: list[Any],
    days: Mapping[Any, str],
    hidden: Collection[Any] = (),
    titles: Mapping[Any, str] = MappingProxyType({}),
) -> pl.DataFrame | None:
    """Similar elements as rows, with a column for each part; null for too few rows or columns."""
    if elements[0].tag == "tr" and max(sum(c.tag in ("td", "th") for c in e) for e in elements) > 1:
        return table_frame([e for e in elements if any(c.tag in ("td", "th") for c in e)], days, hidden, titles)
    cells = [list(fields_of_element(e)) for e in elements]
    # The first class of an element may only say where it stands; then all its classes are used.
    if is_whole := _are_mixed(cells):
        cells = [list(fields_of_element(e, is_whole=True)) for e in elements]
    if flows := flows_of(elements, cells, is_whole=is_whole):
        cells = [list(fields_of_element(e, is_whole=is_whole, flows=flows)) for e in elements]
    # Equal neighbouring elements are separate fields if every row has the same number of them, else parts of one.
    numbers = {k: {sum(k == key for key, _ in row) for row in cells} for k in {key for row in cells for key, _ in row}}
    counts: Counter[str] = Counter()
    rows = [numbered_fields(row, {k for k, n in numbers.items() if len(n - {0}) == 1 and max(n) > 1}) for row in cells]
    held = Counter(e for element in elements for e in element.iterancestors())
    for element, row in zip(elements, rows, strict=True):
        # An element around one row alone tells of that row, such as whose it is.
        around = takewhile(lambda e: held[e] == 1, element.iterancestors())
        if classes := [c for c in (row.get("@class"), *(e.get("class") for e in around)) if c]:
            row["@class"] = " ".join(classes)
        counts.update(row.keys())
    columns = [c for c, _ in counts.most_common(_MOST_COLUMNS)]
    has_several = len([c for c in columns if not c.startswith("@")]) > 1 or len(columns) >= FIELDS_OF_A_MESSAGE
    if not has_several and "@class" not in columns:
        return None
    kept = [(e, r) for e, r in zip(elements, rows, strict=True) if any(not k.startswith("@") for k in r)]
    # Of two elements, all fields have to be named.
    is_named = names_a_message(tuple(c.rpartition(".")[2] for c in columns))
    if len(kept) < (_FEWEST if is_named else _LEAST):
        return None
    dated = [_day_in(e, days) for e, _ in kept] if days else []
    heads = [_is_day(r) for _, r in kept] if days else []
    if are_dated([d for d, is_head in zip(dated, heads, strict=True) if not is_head]):
        kept = [k for k, is_head in zip(kept, heads, strict=True) if not is_head]
        dated = [d for d, is_head in zip(dated, heads, strict=True) if not is_head]
    data = {c: [r.get(c) for _, r in kept] for c in columns}
    labels = [f"line {e.sourceline or 0}.{i}" for i, (e, _) in enumerate(kept, 1)]
    frame = pl.DataFrame({ROW: labels, **data}, schema={ROW: pl.String, **dict.fromkeys(columns, pl.String)})
    frame = with_surroundings(frame, [e for e, _ in kept], dated, hidden, titles)
    return _with_fields_of_runs(_complemented(frame))


def _is_day(row: dict[str, str]) -> bool:
    """Whether a row holds a date and nothing else, so that the rows below it are of that day."""
    words = [v for k, v in row.items() if not k.startswith("@")]
    return len(words) == 1 and is_day(words[0])


def _day_in(row: Any, days: Mapping[Any, str]) -> str | None:
    """The day of a row, from a date line inside it or else from the last one above it."""
    within = list(row.iter(etree.Element))
    return next((days[e] for e in reversed(within) if e in days), None)


def _are_mixed(cells: list[list[tuple[str, str]]]) -> bool:
    """Whether a column mixes times and other words."""
    found: dict[str, list[int]] = {}
    for row in cells:
        for key, value in row:
            if not key.startswith("@"):
                count = found.setdefault(key, [0, 0])
                count[bool(_CLOCK.fullmatch(value))] += 1
    return any(min(c) >= _LEAST and min(c) >= _MIXED * sum(c) for c in found.values())


def _complemented(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with columns of one ending, or of times, merged where each row fills exactly one.

    The first row of a group often has its value in another place.
    """
    frame = with_parts_of_words(without_colons(frame))
    columns = [c for c in frame.columns if c not in (ROW, "@class")]
    for i, one in enumerate(columns):
        for other in columns[i + 1 :]:
            if other not in frame.columns or one not in frame.columns:
                continue
            are_times = shows_time(frame[one]), shows_time(frame[other])
            if are_times[0] != are_times[1] or not (are_times[0] or _is_same_end(one, other)):
                continue
            if (frame[one].is_null() != frame[other].is_null()).all() and frame[one].null_count():
                frame = frame.with_columns(pl.coalesce(one, other)).drop(other)
    return frame


def _end(column: str) -> str:
    """The attribute of a column's path, else its last step."""
    step = column.rpartition(".")[2]
    return "@" + step.rpartition("@")[2] if "@" in step else step


def _is_same_end(one: str, other: str) -> bool:
    """Whether two columns end alike: in the same attribute, or in elements with a class in common."""
    return not {*_end(one).split()}.isdisjoint(_end(other).split())


def _with_fields_of_runs(frame: pl.DataFrame) -> pl.DataFrame:
    """Fill fields that only the first message of a run shows, such as the sender, in all its rows.

    A run continues in rows of the same class, or of that class plus words that name no side. Rows of other classes are notices.
    """
    if "@class" not in frame.columns:
        return frame
    classes = filled(frame["@class"], "")
    for column in frame.columns:
        if (
            column in (ROW, "@class")
            or hint(column, "sender") <= 0
            or not 0 < frame[column].null_count() < frame.height
        ):
            continue
        shown = classes.filter(frame[column].is_not_null()).unique().to_list()
        further = ((c, {*c.split()}, {*s.split()}) for c in classes.unique().to_list() for s in shown)
        runs = [c for c, own, first in further if first <= own and not (own - first) & (SELF_WORDS | PEER_WORDS)]
        is_run = classes.is_in(runs)
        few = frame.filter(is_run)[column].fill_null(strategy="forward")
        frame = frame.with_columns(frame[column].scatter(is_run.arg_true(), few).alias(column))
    return frame

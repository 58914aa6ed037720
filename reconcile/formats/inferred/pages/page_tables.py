"""Tables of a page: one as rows of cells, several of them by their headings."""

import re
from collections.abc import Collection, Mapping
from copy import deepcopy
from typing import Any

import polars as pl

from reconcile.column_ops import all_contain, kept_for_few, occurs, present
from reconcile.formats.inferred.fields import DAY, HIDDEN, TITLE
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.table_runs import heading_at, names_a_message, runs_of
from reconcile.intake.tables.cells import ROW
from reconcile.intake.tables.html_tables import spread
from reconcile.patterns import lazy_pattern

_LEAST, _MOST_TABLES = 3, 500
# So large a share of the rows stands below a line of a day where such lines part a page.
_MOST_DATED = 0.9
# Largest share of rows whose words stand in a part of the element.
_MOST_PARTS = 0.7
# Least inner elements with words that make a card.
_OF_A_CARD = 2
# What pages call an element that holds a quotation.
_QUOTATION = lazy_pattern(r"(?i)quot|repl|refer")
# What stands between a name and the words behind it.
_ENDED = r"^[^\n]{1,60}[:：]\s*$"
_COLON = r"^\s*[:：](?:\s+|([^\s)(0-9]))"


def table_frame(
    kept: list[Any], days: Mapping[Any, str], hidden: Collection[Any], titles: Mapping[Any, str]
) -> pl.DataFrame | None:
    """The rows of an HTML table by cell position; the first names the columns if it looks like a heading."""
    # Rows with only a date stand above the rows of that day.
    kept = [e for e in kept if len(e) > 1 or not days]
    head = _head_of(kept)
    kept = kept if head is None else [head, *kept]
    cells = spread([[c for c in e if c.tag in ("td", "th")] for e in kept], _visible_words)
    if head is None and cells and sum(map(bool, cells[0])) == 1 and (at := heading_at([tuple(c) for c in cells])):
        # Titles above the heading stand among the rows, where they are judged.
        kept, cells = ([told[at], *told[:at], *told[at + 1 :]] for told in (kept, cells))
    first = kept[0] if kept else []
    width = max(map(len, cells), default=0)
    if len(kept) < _LEAST or width < 2:
        return None
    is_heading = (
        head is not None
        or all(c.tag == "th" for c in first)
        or (cells[0] and not any(re.search(r"\d", c) for c in cells[0]))
    )
    names = [(cells[0][i] if is_heading and i < len(cells[0]) else "") or f"#{i + 1}" for i in range(width)]
    names = [n if names.index(n) == i else f"{n} ({i + 1})" for i, n in enumerate(names)]
    # A heading may stand at the top of each page.
    rows = [e for e, row in zip(kept, cells, strict=True) if not is_heading or row != cells[0]]
    below = [row for row in cells if not is_heading or row != cells[0]]
    data = {n: [(c[i] or None) if i < len(c) else None for c in below] for i, n in enumerate(names)}
    labels = [f"row {i}" for i in range(1, len(below) + 1)]
    frame = pl.DataFrame({ROW: labels, **data}, schema={ROW: pl.String, **dict.fromkeys(names, pl.String)})
    return with_surroundings(frame, rows, [days.get(e) for e in rows], hidden, titles)


def _head_of(rows: list[Any]) -> Any:
    """The heading in the thead of these rows' tables; None where tables differ or have none."""
    tables = {next(e.iterancestors("table"), None): None for e in rows}
    heads = [h for t in tables if t is not None for h in t.findall("./thead/tr") if h not in rows]
    same = {tuple(_visible_words(c) for c in h if c.tag in ("td", "th")) for h in heads}
    return heads[0] if len(same) == 1 and len(heads) == len(tables) else None


def is_of_fields(row: Any) -> bool:
    """Whether a row of a page belongs to a table with a heading of several columns."""
    table = next(row.iterancestors("table"), None)
    first = None if table is None else next(table.iter("tr"), None)
    return first is not None and sum(c.tag == "th" for c in first) >= _LEAST


def with_surroundings(
    frame: pl.DataFrame, rows: list[Any], dated: list[str | None], hidden: Collection[Any], titles: Mapping[Any, str]
) -> pl.DataFrame:
    """The rows of a page with the day and the title above each, and whether a browser shows it."""
    columns: dict[str, list[str | None]] = {}
    if rows and are_dated(dated):
        columns[DAY] = dated
    if rows and titles:
        columns[TITLE] = [titles.get(e) for e in rows]
    if rows and hidden:
        columns[HIDDEN] = [HIDDEN if e in hidden else None for e in rows]
    return frame.with_columns(pl.Series(n, told, dtype=pl.String) for n, told in columns.items())


def are_dated(dated: list[str | None]) -> bool:
    """Whether nearly all rows stand below a line of a day."""
    return bool(dated) and sum(d is not None for d in dated) > _MOST_DATED * len(dated)


def tables_of_messages(
    tree: Any, days: Mapping[Any, str], hidden: Collection[Any], titles: Mapping[Any, str]
) -> list[pl.DataFrame]:
    """The rows of a page's tables by heading, where one of several tables has one of messages; else []."""
    tables = [t for t in tree.iter("table") if t.find(".//table") is None]
    if not 2 <= len(tables) <= _MOST_TABLES:
        return []
    rows = [[e for e in t.iter("tr") if any(c.tag in ("td", "th") for c in e)] for t in tables]
    cells = [
        [tuple(r) for r in spread([[c for c in e if c.tag in ("td", "th")] for e in of_one], _visible_words)]
        for of_one in rows
    ]
    if not any(names_a_message(r) for of_one in cells for r in of_one[:_LEAST]):
        return []
    found = []
    for run in runs_of([c for c in cells if c]):
        kept = [rows[t][i] for t, i in run.at] if len(cells) == len([c for c in cells if c]) else []
        found.append(with_surroundings(run.frame(), kept, [days.get(e) for e in kept], hidden, titles))
    return found


def _visible_words(cell: Any) -> str:
    """Words of a cell, with line breaks as shown."""
    parted = [
        e for e in cell.iterdescendants() if e.tag == "br" or (e.tag in ("p", "div") and e.getprevious() is not None)
    ]
    if parted:
        # The element must not change, because it may be looked at again.
        cell = deepcopy(cell)
        for e in cell.iterdescendants():
            if e.tag == "br":
                e.tail = "\n" + (e.tail or "")
            elif e.tag in ("p", "div") and e.getprevious() is not None:
                e.text = "\n" + (e.text or "")
    return trimmed_lines(str(cell.text_content()))


def without_colons(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame without the colon that begins a column's cells beside others, or ends all of them."""
    columns = [c for c in frame if c.dtype == pl.String and c.name != ROW]
    filled = frame.select(pl.sum_horizontal(pl.col(c.name).is_not_null() for c in columns)).to_series()
    begun = [c.name for c in columns if occurs("[:：]", c) and c.str.contains(_COLON).any()]
    parted = [c for c in begun if all_contain(frame[c].filter(filled > 1), _COLON)]
    ended = [c.name for c in columns if c.count() and all_contain(present(c), _ENDED)]
    return frame.with_columns(
        pl.col(parted).str.replace(_COLON, "$1"), pl.col(list({*ended} - {*parted})).str.strip_chars_end(" :：")
    )


def trimmed_lines(text: str) -> str:
    """The lines of a text without blanks around them."""
    return "\n".join(line.strip() for line in text.strip().split("\n")).strip()


def with_parts_of_words(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with the words of an element in one column, be they its own or those of one inside it.

    A text stands in the element itself, and what stands for a picture often in one of its own.
    """
    for outer in [c for c in frame.columns if not c.startswith(("@", "^")) and c != ROW]:
        inner = [c for c in frame.columns if c.startswith(f"{outer}.") and "@" not in c and not shows_time(frame[c])]
        if not inner or outer not in frame.columns:
            continue
        filled = frame.select(pl.sum_horizontal(pl.col(c).is_not_null() for c in (outer, *inner))).to_series()
        if filled.max() == 1 and frame[outer].null_count() < _MOST_PARTS * frame.height:
            frame = frame.with_columns(pl.coalesce(outer, *inner).alias(outer)).drop(inner)
        else:
            frame = _with_words_of_cards(_with_words_beside_quotations(frame, outer, inner), outer, inner)
    return frame


def _with_words_of_cards(frame: pl.DataFrame, outer: str, inner: list[str]) -> pl.DataFrame:
    """The frame with the words of inner elements joined where the element around them has none of its own.

    This gives a card its words. The inner elements have words in such rows only, hold no name and stand beside no
    quotation.
    """
    gap = frame[outer].is_null()
    if not 0 < gap.sum() < _MOST_PARTS * frame.height:
        return frame
    quoting = [c for c in inner if _QUOTATION.search(c[len(outer) :])]
    parts = [c for c in inner if c not in quoting and hint(c, "sender") <= 0 and not frame[c].filter(~gap).count()]
    if len(parts) < _OF_A_CARD:
        return frame
    is_card = gap & (pl.sum_horizontal(pl.col(c).is_not_null() for c in parts) >= _OF_A_CARD)
    is_card &= pl.all_horizontal(pl.lit(value=True), *(pl.col(c).is_null() for c in quoting))
    words = pl.concat_str(parts, separator=" ", ignore_nulls=True)
    return frame.with_columns(pl.when(is_card).then(words).otherwise(outer).alias(outer))


def _with_words_beside_quotations(frame: pl.DataFrame, outer: str, inner: list[str]) -> pl.DataFrame:
    """The frame with the words of an element that stand in one inside it, beside a quotation."""
    for quotation in inner:
        if not _QUOTATION.search(quotation[len(outer) :]) or not any(c.startswith(f"{quotation}.") for c in inner):
            continue
        rows = frame.filter(pl.col(quotation).is_not_null())
        beside = [c for c in inner if not c.startswith(quotation) and rows[c].count()]
        if len(beside) == 1 and not rows[outer].count() and frame[outer].count():
            answers = pl.when(pl.col(quotation).is_not_null()).then(beside[0])
            frame = frame.with_columns(pl.coalesce(outer, answers).alias(outer))
    return frame


@kept_for_few
def shows_time(column: pl.Series) -> bool:
    """Whether most cells of the column show a time of day."""
    return float(column.drop_nulls().str.contains(r"[0-9]{1,2}:[0-9]{2}").mean() or 0) > 0.5  # type: ignore[arg-type]

"""Pages of one query saved file by file: sorted, without repeated rows, with notes on gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.intake.contract import Note, remarks, shorten_notes
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_NAME = lazy_pattern(r"^(?P<chat>.+)_(?P<first>\d{1,9})_(?P<end>\d{1,9})$")


@dataclass(frozen=True, slots=True)
class Page:
    """One file's rows. `first` and `end` are the offsets in its name; None = it is no page."""

    name: str
    chat: str
    rows: pl.DataFrame
    first: int | None
    end: int | None


def numbering_gap_notes(numbers: pl.Series, name: str) -> list[Note]:
    """Notes on numbers that a form's running number skips, which stand for rows the file no longer holds.

    Nothing where the numbers do not run, or skip so much that they are no such count.
    """
    told = numbers.drop_nulls().cast(pl.Int64)
    steps = told.diff().drop_nulls()
    if told.len() != numbers.len() or steps.is_empty() or bool((steps <= 0).any()):
        return []
    at = (steps > 1).arg_true().to_list()
    if 2 * len(at) > steps.len():
        return []
    return shorten_notes(
        [
            Note(NoteCode.COUNT_MISMATCH, name, f"row numbers {told[i]} -> {told[i + 1]}", int(steps[i]) - 1, said=True)
            for i in at
        ]
    )


def page_of(file: Path, name: str, rows: pl.DataFrame) -> Page:
    """The page that `<chat>_<offset>_<end>.<suffix>` is."""
    found = _NAME.match(file.stem)
    if not found:
        return Page(name, file.stem, rows, None, None)
    folder = name.rpartition("/")[0]
    return Page(name, f"{folder}/{found['chat']}", rows, int(found["first"]), int(found["end"]))


def join_pages(pages: Sequence[Page], shared: Sequence[str]) -> list[tuple[Page, list[Note]]]:
    """The pages by chat and offset, without rows that the previous page of the same chat also holds.

    Rows are the same when they are equal in `shared`. `id`, the query's row number, reveals rows lost between pages:
    the exporter repeats its query for each page, and rows of the same second at an edge may come twice or never.
    """
    skipped = {p.name: numbering_gap_notes(p.rows["id"], p.name) for p in pages}
    ordered = sorted(pages, key=lambda p: (p.chat, p.first or 0, p.name))
    found: list[tuple[Page, list[Note]]] = []
    before: Page | None = None
    for page in ordered:
        if before is None or before.chat != page.chat or page.first is None:
            notes = _notes_on_late_start(page)
        else:
            page, notes = _continue_page(before, page, shared)  # noqa: PLW2901 - the page without its doubles
        found.append((page, [*notes, *skipped[page.name]]))
        before = page
    return found


def _notes_on_late_start(page: Page) -> list[Note]:
    """Note the rows that are missing before the first page."""
    if page.first:
        return [Note(NoteCode.MEMBER_MISSING, page.name, f"0-{page.first}")]
    return []


def _continue_page(before: Page, page: Page, shared: Sequence[str]) -> tuple[Page, list[Note]]:
    """The page without rows of the page before, and notes on doubles and gaps between both."""
    notes = []
    if before.end is not None and page.first is not None and page.first > before.end:
        notes.append(Note(NoteCode.MEMBER_MISSING, page.name, f"{before.end}-{page.first}"))
    key = pl.struct(shared).hash(seed=7)
    doubles = page.rows.select(key.is_in(before.rows.select(key).to_series().implode())).to_series()
    if doubles.any():
        notes += remarks(NoteCode.PAGE_EDGE, page.name, "rows that the page before holds", int(doubles.sum()))
    kept = page.rows.filter(~doubles)
    last, first = (
        before.rows["id"].max() if before.rows.height else None,
        page.rows["id"].min() if page.rows.height else None,
    )
    if (
        isinstance(last, int)
        and isinstance(first, int)
        and first > last + 1
        and not any(n.code is NoteCode.MEMBER_MISSING for n in notes)
    ):
        notes.append(Note(NoteCode.PAGE_EDGE, page.name, f"row {last} -> {first}", first - last - 1, said=True))
    return Page(page.name, page.chat, kept, page.first, page.end), notes

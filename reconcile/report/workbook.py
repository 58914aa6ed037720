"""Writes tables to the sheets of a workbook: times as dates, amounts as numbers, the rest as text."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from reconcile.report.visible import show_line
from reconcile.wording import Lang

# A cell's number keeps at most 15 digits.
_EXACT = 15
# A cell holds 32,767 characters.
_CELL = 32_000
# A table heading holds 255 characters.
_LONGEST_HEAD = 240
# Times are written as precisely as the export states them.
_FORMATS = {"day": "yyyy-mm-dd", "minute": "yyyy-mm-dd hh:mm", "second": "yyyy-mm-dd hh:mm:ss"}
_PRECISION = {10: "day", 16: "minute"}
# The first day that every program counts alike in a workbook's calendar.
_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - a cell holds a time of day without a zone; the heading says which
_MARGIN = 0.3
_STYLE = "Table Style Light 1"
# Widths of columns in characters.
WIDE, _USUAL, _OF_TIME = 44, 12, 20
_NARROW = 12
# A column is wider by this than its characters.
_PADDING = 5 / 7
# Characters across a landscape A4 page at eight tenths of their size: text of ten points is printed at eight or more.
_ACROSS = 174
# Column widths count digits of this font. What programs put in its place has digits as wide, so pages scale alike.
BASE_FONT = {"font_name": "Courier New", "font_size": 9}


@dataclass(frozen=True, slots=True)
class At:
    """A local time in the report's zone, with the precision stated."""

    at: datetime
    precision: str


Cell = str | int | float | Decimal | At | None


def moment(text: str | None, precision: str | None = None) -> At | str | None:
    """The time stated in a report's text; a text without one, or before 1900, stays text."""
    try:
        found = datetime.fromisoformat(text or "").replace(tzinfo=None)
    except ValueError:
        return text
    if found < _FIRST_DAY:
        return text
    stated = precision or _PRECISION.get(len(text or ""), "second")
    return At(found, stated if stated in _FORMATS else "second")


def amount(text: str | None) -> Decimal | str | None:
    """The number of an amount, if a cell can hold it exactly; otherwise the text."""
    try:
        found = Decimal(text or "")
    except InvalidOperation:
        return text
    return found if found.is_finite() and len(found.as_tuple().digits) <= _EXACT else text


def _width_of(value: Cell) -> int:
    """Characters that a number or time needs: a narrower column would show it as ####."""
    match value:
        case At():
            return _OF_TIME
        case Decimal():
            whole = max(1, value.adjusted() + 1)
            return min(_OF_TIME, whole + (whole - 1) // 3 + len(".00 "))
        case int():
            return len(str(value)) + 1
        case _:
            return 0


def _share_page(held: dict[int, int], wide: Sequence[int], columns: int) -> None:
    """Widens columns of running text by what the others leave of the page's width."""
    sharing = [c for c in wide if c < columns]
    taken = sum(held.get(c, _USUAL) for c in range(columns) if c not in sharing) + columns * _PADDING
    for column in sharing:
        held[column] = min(WIDE, max(_NARROW, int(_ACROSS - taken) // len(sharing)))


def _on_paper(sheet: Any, rows: int, columns: int) -> None:
    """Sets up printing: landscape A4, one page wide, headings on each page."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.set_margins(left=_MARGIN, right=_MARGIN, top=0.5, bottom=0.6)
    sheet.print_area(0, 0, rows, columns - 1)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.set_footer("&L&A&R&P / &N")


def distinct_heads(heads: Iterable[str]) -> list[str]:
    """Headings for a table: none empty, all distinct ignoring case; a repeated one gets a number."""
    seen: dict[str, int] = {}
    out = []
    for head in heads:
        name = show_line(head)[:_LONGEST_HEAD] or "—"
        seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        count = seen[name.casefold()]
        out.append(name if count == 1 else f"{name} ({count})")
    return out


class TableWriter:
    """Writes sheets with one table each, in the font of one language."""

    def __init__(self, book: Any, lang: Lang) -> None:
        self._book = book
        font = {"font_name": "Microsoft YaHei" if lang == "zh" else "Calibri", "font_size": 10, "valign": "top"}
        self._head = book.add_format({**font, "bold": True, "text_wrap": True, "bg_color": "#EDEDE8", "border": 1})
        # Some programs ignore table styles, so lines are drawn too.
        self._ruled = book.add_format({"bottom": 1, "bottom_color": "#D4D2CA"})
        self._text = book.add_format({**font, "num_format": "@", "text_wrap": True})
        self._number = book.add_format({**font, "num_format": "General"})
        self._amount = book.add_format({**font, "num_format": "#,##0.00##_)"})
        timed = {**font, "align": "left"}
        self._times = {name: book.add_format({**timed, "num_format": form}) for name, form in _FORMATS.items()}

    def add(
        self,
        name: str,
        title: str,
        heads: Sequence[str],
        rows: Iterable[Sequence[Cell]],
        wide: Sequence[int] = (),
        widths: Mapping[int, int] | None = None,
        printed: int | None = None,
    ) -> None:
        """Writes one sheet, called `title`, with one table, called `name`.

        `wide`: columns of running text; they share what the others leave of a page. `widths`: of other columns, in
        characters. `printed`: number of columns to print, None = all.
        """
        sheet = self._book.add_worksheet(title)
        sheet.freeze_panes(1, 0)
        held = dict.fromkeys(wide, WIDE) | dict(widths or {})
        last = 0
        for last, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                self._write_cell(sheet, last, column, value)
                if needed := _width_of(value):
                    held[column] = max(held.get(column, _USUAL), needed)
        _share_page(held, wide, printed or len(heads))
        for column in range(len(heads)):
            width = held.get(column, _USUAL)
            sheet.set_column(column, column, width)
        named = [{"header": head, "header_format": self._head} for head in distinct_heads(heads)]
        # A table needs at least one row, even an empty one.
        sheet.add_table(0, 0, max(last, 1), len(heads) - 1, {"columns": named, "name": name, "style": _STYLE})
        sheet.conditional_format(1, 0, max(last, 1), len(heads) - 1, {"type": "no_errors", "format": self._ruled})
        _on_paper(sheet, max(last, 1), printed or len(heads))

    def _write_cell(self, sheet: Any, row: int, column: int, value: Cell) -> None:
        match value:
            case None:
                return
            case str():
                sheet.write_string(row, column, value[:_CELL], self._text)
            case At():
                sheet.write_datetime(row, column, value.at, self._times[value.precision])
            case Decimal():
                sheet.write_number(row, column, value, self._amount)
            case float():
                sheet.write_number(row, column, round(value, 4), self._number)
            case int():
                sheet.write_number(row, column, value, self._number)

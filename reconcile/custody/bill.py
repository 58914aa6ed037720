"""The WeChat Pay statement (微信支付账单) as CSV, XLSX or mailed ZIP: rows, stated figures, limits.

The heading is found by its cells, never by its row number. Stated sums and counts are recomputed, and ids that a
spreadsheet damaged are reported. Times are Beijing time.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dataframely as dy
import polars as pl

from reconcile.custody.bill_cells import Cells, load_cells
from reconcile.custody.bill_frames import BillRows, Direction
from reconcile.digests import digest_file
from reconcile.errors import UnreadableSource, reading_of_source
from reconcile.patterns import lazy_pattern

BEIJING = ZoneInfo("Asia/Shanghai")
HEADING = {
    "交易时间": "at_raw",
    "交易类型": "type",
    "交易对方": "counterparty",
    "商品": "product",
    "收/支": "direction",
    "金额(元)": "amount",
    "支付方式": "method",
    "当前状态": "state",
    "交易单号": "transaction_id",
    "商户单号": "merchant_id",
    "备注": "remark",
}
NEEDED = ("at_raw", "type", "direction", "amount")
DIRECTIONS = {"收入": Direction.INCOME, "支出": Direction.EXPENSE}
ALL_TYPES = ("全部", "全部交易")
# Excel's day zero for serial dates, 1900 system.
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - a wall-clock origin; the zone is put on afterwards
ID_COLUMNS = ("transaction_id", "merchant_id")
EXCEL_DIGITS = 15  # digits that a spreadsheet keeps of a number
EXACT = 2**53  # a number in a cell is exact up to here
TELLING_ZEROS = 6  # that many zeros after the fifteenth digit occur by chance once in a million ids
_TIME = lazy_pattern(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})[ T]+(\d{1,2}):(\d{2})(?::(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Tally:
    """Number of lines and their sum in yuan."""

    count: int
    total: Decimal


@dataclass(frozen=True, slots=True)
class BillNote:
    """An oddity of the statement: code, place, content. Texts are in the catalogue (`bill.note_*`)."""

    code: str
    locator: str = ""
    excerpt: str = ""


@dataclass(frozen=True, slots=True)
class Bill:
    """A statement as exported.

    Attributes:
        path: the file as given.
        form: csv or xlsx.
        nickname: of the account, as printed at the top; None = not said.
        from_at: start of the range that was asked for, UTC; None = not said.
        to_at: end of that range.
        export_type: 导出类型 as written; None = not said.
        exported_at: when it was made.
        stated: what it says of itself: all, income, expense, neutral.
        counted: the same from its rows.
        rows: its lines.
        notes: oddities; a difference between stated and counted is among them.
        size: bytes of the file.
        sha256: digest of the file.
        sm3: digest of the file.
    """

    path: Path
    form: str
    nickname: str | None
    from_at: datetime | None
    to_at: datetime | None
    export_type: str | None
    exported_at: datetime | None
    stated: dict[str, Tally]
    counted: dict[str, Tally]
    rows: dy.DataFrame[BillRows]
    notes: tuple[BillNote, ...] = field(default=())
    size: int = 0
    sha256: str = ""
    sm3: str = ""

    @property
    def is_filtered(self) -> bool:
        """Whether the stated type of export leaves kinds of payments out."""
        return self.export_type is not None and self.export_type not in ALL_TYPES


def read_bill(path: Path, password: str | None = None) -> Bill:
    """Reads a statement of any age.

    Args:
        path: CSV, XLSX, or the ZIP that holds one of them.
        password: of the ZIP; from a file or a prompt, never from the command line.

    Raises:
        UnreadableSource: not a statement, encrypted, or without its heading.
        LimitExceeded: larger than any honest statement.
    """
    with reading_of_source(path):
        return _read_bill(path, password)


def _read_bill(path: Path, password: str | None) -> Bill:
    cells = load_cells(path, password)
    start, columns = _find_heading(path, cells)
    preamble = ["".join(_cell_text(c) for c in row if c not in (None, "")) for row in cells.rows[:start]]
    notes = [BillNote(code) for code in cells.codes]
    unknown = [_cell_text(c) for c in cells.rows[start] if _cell_text(c) and _heading_name(c) not in HEADING]
    notes += [BillNote("column_unknown", f"{cells.name}#{start + 1}", name[:60]) for name in unknown]
    body = cells.rows[start + 1 :]
    cut = _saved_by_spreadsheet(_named_cell(row, columns, name) for row in body for name in ID_COLUMNS)
    rows = [_bill_row(cells, n, row, columns, notes, cut=cut) for n, row in enumerate(body, start + 2)]
    kept = [r for r in rows if r is not None]
    frame = _rows_frame(kept)
    stated, counted = _stated_figures("\n".join(preamble)), _counted_figures(frame)
    notes += _figure_notes(stated, counted)
    size, sha256, sm3 = digest_file(path)
    return Bill(path, cells.form, **_preamble_facts("\n".join(preamble)), stated=stated, counted=counted, rows=frame, notes=tuple(notes), size=size, sha256=sha256, sm3=sm3)  # fmt: skip


def _find_heading(path: Path, cells: Cells) -> tuple[int, dict[str, int]]:
    """The heading's position and its columns by name; a fuller heading right after it is preferred."""
    found: tuple[int, dict[str, int]] | None = None
    for number, row in enumerate(cells.rows):
        columns = _columns_of_heading(row)
        if all(c in columns for c in NEEDED) and (found is None or len(columns) > len(found[1])):
            found = number, columns
        elif found is not None and _is_payment(row, found[1]):
            break
    if found is None:
        raise UnreadableSource(
            path, f"{path}: no payment statement; looked for a heading with 交易时间, 交易类型, 收/支, 金额(元)"
        )
    return found


def _columns_of_heading(row: Sequence[Any]) -> dict[str, int]:
    """Position of each known column in a heading row, by our name for it."""
    return {HEADING[n]: i for i, n in enumerate(_heading_name(c) for c in row) if n in HEADING}


def _heading_name(cell: Any) -> str:
    """The cell of a heading with half-width brackets and without spaces."""
    return _cell_text(cell).replace("（", "(").replace("）", ")").replace(" ", "")


def _is_payment(row: Sequence[Any], columns: dict[str, int]) -> bool:
    """Whether the row has a readable time or amount."""
    return (
        _cell_instant(_named_cell(row, columns, "at_raw")) is not None
        or _cell_amount(_named_cell(row, columns, "amount")) is not None
    )


def _named_cell(row: Sequence[Any], columns: dict[str, int], name: str) -> Any:
    """The row's cell in the named column; None where the row is too short."""
    index = columns.get(name)
    return row[index] if index is not None and index < len(row) else None


def _bill_row(
    cells: Cells, number: int, row: Sequence[Any], columns: dict[str, int], notes: list[BillNote], *, cut: bool
) -> dict[str, Any] | None:
    """The row of the statement for BillRows; None for an empty or unreadable one, which gets a note."""

    def cell(name: str) -> Any:
        return _named_cell(row, columns, name)

    if not any(_cell_text(c) for c in row):
        return None
    locator = f"{cells.name}#{number}"
    at, amount = _cell_instant(cell("at_raw")), _cell_amount(cell("amount"))
    if at is None and amount is None:
        notes.append(BillNote("row_skipped", locator, "|".join(_cell_text(c) for c in row)[:200]))
        return None
    if at is None:
        notes.append(BillNote("bad_time", locator, _cell_text(cell("at_raw"))[:60]))
    if amount is None:
        notes.append(BillNote("bad_amount", locator, _cell_text(cell("amount"))[:60]))
    ids = {name: _parse_id(cell(name), cut=cut) for name in ID_COLUMNS}
    prefixes = [prefix for whole, prefix in ids.values() if whole is None and prefix]
    if any(whole is None and prefix is not None for whole, prefix in ids.values()):
        notes.append(BillNote("id_damaged", locator, "|".join(_id_text(cell(n)) for n in ID_COLUMNS)[:60]))
    return {
        "locator": locator,
        "at": at,
        "at_raw": _cell_text(cell("at_raw")),
        "amount": amount,
        "direction": str(DIRECTIONS.get(_cell_text(cell("direction")), Direction.NEUTRAL)),
        "type": _cell_text(cell("type")),
        **{n: _cell_value(cell(n)) for n in ("counterparty", "product", "method", "state", "remark")},
        "transaction_id": ids["transaction_id"][0],
        "merchant_id": ids["merchant_id"][0],
        "id_prefixes": prefixes,
    }


def _cell_text(cell: Any) -> str:
    """The cell as text without surrounding blanks; whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell).strip().strip("\t\ufeff").strip()


def _cell_value(cell: Any) -> str | None:
    """The cell as text; None where the statement writes nothing or a slash."""
    text = _cell_text(cell)
    return None if text in ("", "/", '"/"') else text


def _cell_amount(cell: Any) -> str | None:
    """The amount with two decimals; None where the cell is no amount."""
    text = _cell_text(cell).lstrip("¥￥").replace(",", "").replace("，", "").strip()
    try:
        value = Decimal(str(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else text)
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > Decimal("1e12"):
        return None
    return str(value.quantize(Decimal("0.01")))


def _cell_instant(cell: Any) -> datetime | None:
    """The cell's Beijing time as UTC; None where it is no time between 2000 and 2200."""
    naive = _naive_time(cell)
    if naive is None or not 2000 <= naive.year <= 2200:
        return None
    return naive.replace(tzinfo=BEIJING).astimezone(UTC)


def _naive_time(cell: Any) -> datetime | None:
    """The wall-clock time of a date cell, a serial date or a text; None for anything else."""
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - Beijing is put on by the caller
    text = _cell_text(cell)
    if re.fullmatch(r"\d{5}(\.\d+)?", text):
        # A serial date: days since Excel's zero; the fraction is rounded to the second it stood for.
        days = float(text)
        return _EXCEL_ZERO + timedelta(seconds=round(days * 86_400)) if 30_000 < days < 120_000 else None
    match = _TIME.match(text)
    try:
        return datetime(*(int(g or 0) for g in match.groups())) if match else None  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None


def _saved_by_spreadsheet(cells: Iterable[Any]) -> bool:
    """Whether all long ids lost their last digits, because a spreadsheet keeps 15 digits of a number.

    Single numbers may end in zeros. One long id with other last digits shows that the file was not saved this way.
    """
    tails = [t[EXCEL_DIGITS:] for t in map(_id_text, cells) if len(t) > EXCEL_DIGITS and t.isdigit()]
    return all(set(t) == {"0"} for t in tails) and sum(map(len, tails)) >= TELLING_ZEROS


def _id_text(cell: Any) -> str:
    """The id as text; a number without exponent."""
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return f"{cell:.0f}" if abs(cell) < 1e40 else str(cell)
    return _cell_text(cell).strip("'\"`")


def _parse_id(cell: Any, *, cut: bool) -> tuple[str | None, str | None]:
    """The whole id, or the surviving digits of a damaged one. `cut`: ids kept 15 digits only."""
    text = _id_text(cell)
    if text in ("", "/"):
        return None, None
    science = re.fullmatch(r"(\d(?:\.\d+)?)[Ee]\+?\d+", text)
    if science:
        return None, science[1].replace(".", "")
    if len(text) > EXCEL_DIGITS and text.isdigit():
        zeros = len(text) - EXCEL_DIGITS if set(text[EXCEL_DIGITS:]) == {"0"} else 0
        rounded = isinstance(cell, float) and abs(cell) > EXACT
        if rounded or zeros >= TELLING_ZEROS or (zeros and cut):
            return None, text[:EXCEL_DIGITS]
    return text, None


def _rows_frame(rows: list[dict[str, Any]]) -> dy.DataFrame[BillRows]:
    """The rows as BillRows, numbered in order."""
    schema: dict[str, Any] = {n: c.dtype for n, c in BillRows.columns().items() if n != "bill_row"}
    loose = {n: pl.String if isinstance(t, pl.Enum) else t for n, t in schema.items()}
    return BillRows.cast(pl.DataFrame(rows, schema=loose, orient="row").with_row_index("bill_row"))


def _preamble_facts(preamble: str) -> dict[str, Any]:
    """Nickname, range, type and time of export, as the lines above the heading state them."""

    def bracket(label: str) -> str | None:
        """The content of the brackets after a label; None where it is missing."""
        match = re.search(rf"{label}[:：]\s*\[([^\]\n]*)\]", preamble)
        return match[1].strip() if match else None

    return {
        "nickname": bracket("微信昵称"),
        "from_at": _cell_instant(bracket("起始时间")),
        "to_at": _cell_instant(bracket("终止时间")),
        "export_type": bracket("导出类型"),
        "exported_at": _cell_instant(bracket("导出时间")),
    }


def _stated_figures(preamble: str) -> dict[str, Tally]:
    """Count and sum of all lines and of each direction, as the statement states them."""
    stated = {}
    total = re.search(r"共\s*(\d{1,12})\s*笔记录", preamble)
    if total:
        stated["all"] = Tally(int(total[1]), Decimal(0))
    for key, label in (("income", "收入"), ("expense", "支出"), ("neutral", "中性交易")):
        match = re.search(rf"{label}[:：]\s*(\d{{1,12}})\s*笔\s*([\d.,]+)\s*元", preamble)
        if match and (amount := _cell_amount(match[2])) is not None:
            stated[key] = Tally(int(match[1]), Decimal(amount))
    return stated


def _counted_figures(rows: dy.DataFrame[BillRows]) -> dict[str, Tally]:
    """The same figures, counted from the rows."""
    counted = {"all": Tally(rows.height, Decimal(0))}
    for key in Direction:
        amounts = rows.filter(pl.col("direction").cast(pl.String) == str(key))["amount"]
        counted[str(key)] = Tally(len(amounts), sum((Decimal(a) for a in amounts if a is not None), Decimal(0)))
    return counted


def _figure_notes(stated: dict[str, Tally], counted: dict[str, Tally]) -> list[BillNote]:
    """A note for each figure that differs from the rows; one note if the statement states none."""
    if not stated:
        return [BillNote("no_own_figures")]
    return [
        BillNote(
            f"figures_differ_{key}", "", f"{s.count}/{s.total:.2f} – {counted[key].count}/{counted[key].total:.2f}"
        )
        for key, s in stated.items()
        if s.count != counted[key].count or (key != "all" and s.total != counted[key].total)
    ]

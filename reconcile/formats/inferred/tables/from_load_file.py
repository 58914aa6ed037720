"""Rows of tables whose cells a control character parts, such as load files of electronic discovery."""

from pathlib import Path

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.table_runs import column_names
from reconcile.formats.inferred.tables.from_table import without_database_escapes
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import lines_of
from reconcile.vocabulary import NoteCode

# The characters between cells, as Concordance, databases and the standard of ASCII use them.
_SEPARATORS = "\x14\x01\x1f\x1e\x02\x07"
_LEAST_CELLS, _LEAST_ROWS, _SHOWN = 3, 2, 200
# The sign around cells that Concordance writes, and the one for a line end inside them.
_AROUND, _LINE_END = "þ", "®"


def separator_of(text: str) -> str | None:
    """The control character that parts the cells of the first line; None without one."""
    first = text.partition("\n")[0]
    return next((s for s in _SEPARATORS if first.count(s) + 1 >= _LEAST_CELLS), None)


def load_file_fields(source: Source, file: Path, separator: str) -> list[Fields]:
    """The rows of the table. The first line names the columns if no cell of it is a number.

    Rows of another width are noted.
    """
    lines, notes = lines_of(source, file)
    name, label = source.relative(file), f"{source.relative(file)}#"
    rows = pl.DataFrame({"line": lines}).with_row_index("at", offset=1).filter(lines.str.strip_chars() != "")
    cells = rows["line"].str.strip_chars_end("\r").str.split(separator)
    around = _sign_around(cells[0].to_list()) if rows.height else ""
    first = [c.strip(around) for c in cells[0].to_list()] if rows.height else []
    is_named = not any(c.isdecimal() for c in first)
    names = column_names(first) if is_named else [f"#{i}" for i in range(1, len(first) + 1)]
    fits = cells.list.len() == len(names)
    if int(fits.sum()) <= _LEAST_ROWS:
        return []
    told = [Note(NoteCode.ROW_SKIPPED, f"{label}{at}", line[:_SHOWN]) for at, line in rows.filter(~fits).iter_rows()]
    table = cells.filter(fits).list.to_struct(fields=names).struct.unnest()[is_named:]
    bare = pl.all().str.strip_chars(around) if around else pl.all()
    bare = bare.str.replace_all(_LINE_END, "\n", literal=True) if around == _AROUND else bare
    table = without_database_escapes(table.select(pl.when(bare != "").then(bare).name.keep()))
    places = rows.filter(fits)["at"][is_named:].cast(pl.String).alias(ROW)
    told = [*notes, *shorten_notes(told)]
    return [
        Fields(table.insert_column(0, places), name, label, notes=(*told,), is_flat=True, is_positional=not is_named)
    ]


def _sign_around(cells: list[str]) -> str:
    """The sign that begins and ends every cell; '' without one."""
    ends = {c[:1] for c in cells} | {c[-1:] for c in cells}
    return ends.pop() if len(ends) == 1 and all(len(c) > 1 for c in cells) else ""

"""Which container a file is, by its content, and the frames of text fields that it holds."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from reconcile.errors import LimitExceeded, UnreadableSource
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.half_filled import with_cells_above
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.json.from_json import is_logged, json_fields, value_fields
from reconcile.formats.inferred.json.nested_literals import may_be_nested, nested_value
from reconcile.formats.inferred.lines_by_places import MOST_KNOWN_LINES, is_sound, with_places
from reconcile.formats.inferred.mails.from_mails import is_mailbox, mail_fields, mailbox_fields
from reconcile.formats.inferred.names_by_key import with_names_by_key
from reconcile.formats.inferred.people.stated_senders import with_signs_explained
from reconcile.formats.inferred.records.from_properties import BEGINS, property_fields
from reconcile.formats.inferred.records.from_records import pair_fields, record_fields
from reconcile.formats.inferred.reshaped import with_bare_times, with_inner_objects, with_times_of_rows
from reconcile.formats.inferred.scores import infer
from reconcile.formats.inferred.script_values import IS_LITERAL, IS_SCRIPT
from reconcile.formats.inferred.shared_cells import with_shared_cells
from reconcile.formats.inferred.tables.from_load_file import load_file_fields, separator_of
from reconcile.formats.inferred.tables.from_table import markdown_fields, parquet_fields, table_fields
from reconcile.formats.inferred.tables.tables_in_words import tables_in_words
from reconcile.formats.inferred.tables.words_going_on import with_words_going_on
from reconcile.formats.inferred.text.from_text import fields_of_lines, text_fields
from reconcile.formats.inferred.text.templates import left_in
from reconcile.formats.inferred.times.file_days import day_of_file
from reconcile.formats.inferred.times.times_in_lines import CLOCK
from reconcile.formats.inferred.times.yearless_days import with_years_of_rows
from reconcile.formats.inferred.times.zone_words import with_zones_of_cells
from reconcile.intake.contract import Note
from reconcile.intake.limits import check_blank
from reconcile.intake.printed.pdf_source import is_single_pdf
from reconcile.intake.source import Source
from reconcile.intake.sqlite.database import is_plain
from reconcile.intake.tables.cells import BOOK_SUFFIXES, ROW, TEXT_SUFFIXES
from reconcile.intake.tables.loose_csv import in_plain_quotes, row_begins
from reconcile.intake.tables.separators import RARE_SEPARATORS, SEPARATORS
from reconcile.intake.text.decode import decode, head_text
from reconcile.intake.text.lines import leading_note, lines_of
from reconcile.intake.text.rich_text import RICH_TEXT
from reconcile.lazy_modules import lazy_module
from reconcile.patterns import lazy_pattern

if TYPE_CHECKING:
    from reconcile.formats.inferred.pages import from_html, from_tree
    from reconcile.formats.inferred.tables import from_sql, from_sqlite
else:
    from_html = lazy_module("reconcile.formats.inferred.pages.from_html")
    from_tree = lazy_module("reconcile.formats.inferred.pages.from_tree")
    from_sql = lazy_module("reconcile.formats.inferred.tables.from_sql")
    from_sqlite = lazy_module("reconcile.formats.inferred.tables.from_sqlite")


_MARKUP = lazy_pattern(
    r"(?is)^\s*(?:<!doctype html|<html|<!--|<(?:div|table|ul|ol|body|section|p|article|meta|head)[\s>])"
)
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".webp", ".mp4", ".mp3", ".amr", ".silk", ".pdf")
_ELEMENT = lazy_pattern(r"<[A-Za-z][\w:.-]*(?:\s[^<>]*)?>")
_XML = lazy_pattern(r"\s*<\?xml(?![^>]*>\s*(?:<!--.*?-->\s*)*<(?:!DOCTYPE html|html)\b)", re.DOTALL | re.IGNORECASE)
# A property list in its binary form.
_PROPERTIES = b"bplist00"
# A page saved as one file begins like a mail.
_MAIL = "mime-version:"
# Least share of lines with tabs, or with wide blanks, in a text of such cells.
_MOST_TABBED = 0.6
# Least cells per line, rules and empty lines included, of a table that is the whole text.
_MOST_CELLS = 0.7
# Least separators in each line of a text that is a table.
_LEAST_EVEN = 2
_BOTH, _LINE_NUMBER = 2, lazy_pattern(r"#(?:line )?([0-9]+)$")
# A cell in quotes that holds a line end or quotes.
_QUOTED = lazy_pattern(r'(?:^|\t)"[^"\t]*(?:\n|""|"(?:\t|\r?$))', re.MULTILINE)
# Files that call themselves JSON.
JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
_DOCUMENTS = (".docx", ".odt", ".rtf")


def _document_fields(source: Source, file: Path) -> list[Fields]:
    """The tables of a text document, and its paragraphs as lines or by the places of their layout."""
    found = from_tree.document_fields(source, file)
    said, notes = lines_in(source, file)
    name = source.relative(file)
    records = record_fields(said, name, notes)
    if records and _are_all(records[0], said):
        return [replace(r, timed=found[0].timed if found else said) for r in records]
    texts = with_places((said, notes), name, [f for f in found if f.is_text])
    timed = found[0].timed if found else said
    return [*(f for f in found if not f.is_text), *(replace(f, timed=timed) for f in texts)]


# Stands for the ending of a PDF that is the whole source; others are attachments.
_SINGLE_PDF = "a single PDF"
# Each is asked for its function at the first such file, since most runs need none of these modules.
_BY_NAME: Mapping[str, Callable[[], Callable[[Source, Path], list[Fields]]]] = {
    **dict.fromkeys((*_DOCUMENTS, _SINGLE_PDF), lambda: _document_fields),
    **dict.fromkeys(BOOK_SUFFIXES, lambda: table_fields),
    **dict.fromkeys((".yaml", ".yml"), lambda: from_tree.yaml_fields),
    ".parquet": lambda: parquet_fields,
    ".plist": lambda: from_tree.plist_fields,
    ".sql": lambda: from_sql.sql_fields,
    ".toml": lambda: from_tree.toml_fields,
    ".xml": lambda: from_tree.xml_fields,
}


def is_document(source: Source, file: Path) -> bool:
    """Whether a file is a text document, which is often an excerpt: Word, RTF, ODT, or a PDF given alone."""
    return file.suffix.lower() in _DOCUMENTS or is_single_pdf(source, file)


def fields_of(source: Source, file: Path) -> list[Fields]:
    """The lists of rows of one file. Raises as the containers do."""
    return with_names_by_key([in_plain_cells(f) for f in _lists_of(source, file)])


def in_plain_cells(fields: Fields) -> Fields:
    """A list of rows as a container holds it, with what its cells pack, leave out or explain."""
    shapes = (
        with_words_going_on, with_signs_explained, with_inner_objects, with_cells_above, with_years_of_rows, with_times_of_rows, with_bare_times,
        with_shared_cells, with_zones_of_cells,
    )  # fmt: skip
    return reduce(lambda held, shape: shape(held), shapes, fields)


def _lists_of(source: Source, file: Path) -> list[Fields]:
    """The lists of rows by the container that the file is."""
    begins = {RICH_TEXT: ".rtf", _PROPERTIES: ".plist"}
    suffix = next((s for b, s in begins.items() if source.head(file, len(b)) == b), file.suffix.lower())
    suffix = _SINGLE_PDF if is_single_pdf(source, file) else suffix
    if is_plain(source, file):
        return from_sqlite.sqlite_fields(source, file)
    text = head_text(source, file).lstrip("\ufeff")
    if (by_name := _BY_NAME.get(suffix)) is not None and not (
        suffix in BOOK_SUFFIXES and (_MARKUP.match(text) or _XML.match(text))
    ):
        return by_name()(source, file)
    if suffix in _PICTURES or not text.strip():
        return []
    whole = mailbox_fields if is_mailbox(text) else from_tree.xml_fields if _XML.match(text) else None
    if whole is not None:
        return whole(source, file)
    if _MAIL in text.lower():
        page, talk = from_tree.page_in_mail(file), mail_fields(source, file)
        if page is not None or talk:
            return [*(from_html.page_fields(source, file, page) if page is not None else []), *talk]
    return _fields_by_content(source, file, text)


def _fields_by_content(source: Source, file: Path, text: str) -> list[Fields]:  # noqa: PLR0911 - one return a container
    """Lists of rows by what the text looks like: JSON, markup, table, or lines."""
    suffix, begin = file.suffix.lower(), text.lstrip()
    if (separator := separator_of(text)) is not None and (rows := load_file_fields(source, file, separator)):
        return rows
    if IS_LITERAL.match(text) or IS_SCRIPT.search(text) or is_logged(_first_lines(text)):
        try:
            return json_fields(source, file)
        except UnreadableSource:
            if suffix in JSON_SUFFIXES:
                raise
    if rows := _fields_of_literals(source, file, text):
        return rows
    if begin.startswith(BEGINS):
        return property_fields(source, file)
    if _MARKUP.match(text) or suffix in (".html", ".htm", *BOOK_SUFFIXES):
        # A page that calls itself a workbook holds a table, which tells of damaged rows.
        return [*(table_fields(source, file) if suffix in BOOK_SUFFIXES else []), *from_html.html_fields(source, file)]
    if suffix in TEXT_SUFFIXES:
        return table_fields(source, file)
    check_blank(source.path, file)
    return (_ELEMENT.match(begin) and _xml_without_head(source, file)) or _fields_of_text(source, file, text)


def _fields_of_literals(source: Source, file: Path, text: str) -> list[Fields]:
    """The lists of a file in the spelling of another language than JSON; [] where the text is none."""
    if not may_be_nested(text):
        return []
    data = file.read_bytes()
    whole, notes = decode(source, name := source.relative(file), data)
    return [] if (value := nested_value(data, whole)) is None else value_fields(name, value, notes)


def _xml_without_head(source: Source, file: Path) -> list[Fields]:
    """The recurring elements of a file that begins with an element; [] where it is no XML."""
    with suppress(UnreadableSource, LimitExceeded):
        return from_tree.xml_fields(source, file)
    return []


def _fields_of_text(source: Source, file: Path, text: str) -> list[Fields]:
    """Lists of rows of a table that stands in a text, or of its lines.

    Raises UnreadableSource where cells of a table have lost their limits.
    """
    # A text may hold a table or lines that begin messages; the scorer decides which reads better.
    written, notes = lines_of(source, file)
    name = source.relative(file)
    tables = (
        markdown_fields(source, file)
        or _quoted_table(source, file, text)
        or pair_fields(source, file)
        or record_fields(written, name, notes)
    )
    if tables and _are_all(tables[0], written):
        return tables
    whole, is_even = ([], False) if tables else _table_in_text(source, file, text)
    pasted, heading = ([], None) if tables or is_even else tables_in_words(written, name, "line ")
    if pasted:
        return pasted
    lines = with_places((written, notes), name, text_fields(source, file))
    if heading is not None and any(_hold_cells(f) for f in lines):
        message = f"{file}: the rows below the heading {heading.strip()[:80]!r} have lost the limits of their cells; ask for the table itself (CSV or Excel)"
        raise UnreadableSource(source.path, message)
    if whole and lines and is_sound(lines[0]):
        # A cell that begins with a phrase of the form is no text of a message.
        whole = [f for f in whole if "text" not in (own := infer(f).columns) or left_in(f.frame[own["text"]]) is None]
    if tables or any(_names_what_is_needed(f) or (is_even and infer(f).is_clear) for f in whole):
        lines = [replace(f, is_last_resort=True) for f in lines]
    return [*tables, *lines, *whole]


def _hold_cells(lines: Fields) -> bool:
    """Whether the words of most lines are cells of a table with wide blanks between them."""
    if "text" not in lines.frame.columns:
        return False
    return lines.frame["text"].str.contains(r"^[^\n]*\S {2,}\S").sum() > _MOST_TABBED * lines.frame.height


def _names_what_is_needed(table: Fields) -> bool:
    """Whether headings of a table name time, sender and text."""
    return all(any(hint(n.strip(), r) >= 1 for n in table.names) for r in ("time", "sender", "text"))


def fields_like(source: Source, file: Path, like: Fields) -> list[Fields]:
    """Rows of a text or document too short to show its form, read by the form of another one.

    `like` is of the same folder. [] for everything else.
    """
    if not like.is_text or file.suffix.lower() != Path(like.file).suffix.lower():
        return []
    known = lines_in(source, source.root / like.file)[0].head(MOST_KNOWN_LINES)
    lines, notes = lines_in(source, file)
    name = source.relative(file)
    days = [[told.day] for n in (like.file, name) if (told := day_of_file(n)) is not None]
    # Clocks of two days are in order where each day stands directly above its own.
    above, own_day = days if "date" in like.names and len(days) == _BOTH else ([], [])
    if above:
        known, timed = known.slice(_first_clock(known)), lines.str.contains(CLOCK)
        notes = [*notes, *leading_note(lines, timed, name)]
        lines = lines.scatter(pl.int_range(_first_clock(lines), eager=True), "")
    before = pl.concat([pl.Series(above, dtype=pl.String), known, pl.Series(own_day, dtype=pl.String)])
    found = fields_of_lines(pl.concat([before, lines]), name, [])
    line = pl.col(ROW).str.extract(r"([0-9]+)$", 1).cast(pl.Int64) - before.len()
    own = [
        replace(
            f,
            frame=f.frame.with_columns(line.alias("n"))
            .filter(pl.col("n") > 0)
            .with_columns(pl.format("line {}", "n").alias(ROW))
            .drop("n"),
            notes=(*notes, *_notes_below(f.notes, before.len())),
        )
        for f in found
    ]
    return [f for f in own if f.frame.height]


def lines_in(source: Source, file: Path) -> tuple[pl.Series, list[Note]]:
    """The lines of a text, or the paragraphs of a document, and the notes on them."""
    if is_document(source, file):
        return from_tree.document_lines(source, file), from_tree.document_notes(source, file)
    return lines_of(source, file)


def _first_clock(lines: pl.Series) -> int:
    """The number of lines above the first one with a clock."""
    return int(lines.str.contains(CLOCK).arg_max() or 0)


def _notes_below(notes: Sequence[Note], before: int) -> Iterator[Note]:
    """The notes on lines below the first ones, which are of another text, numbered anew."""
    for note in notes:
        if (place := _LINE_NUMBER.search(note.locator)) is None:
            yield note
        elif (number := int(place[1])) > before:
            yield replace(note, locator=note.locator.replace(place[0], f"#line {number - before}"))


def _are_all(table: Fields, lines: pl.Series) -> bool:
    """Whether a table reads clearly and its cells are most of the text.

    Its lines then need no second reading.
    """
    cells = table.frame.height * len(table.names)
    return cells >= _MOST_CELLS * lines.len() and infer(table).is_clear


def _table_in_text(source: Source, file: Path, text: str) -> tuple[list[Fields], bool]:
    """The text as a table, where all its first rows have the same separator; whether all have as many."""
    first = _first_lines(text)
    lines, held = pl.Series(first, dtype=pl.String), [s for s in SEPARATORS + RARE_SEPARATORS if s in "".join(first)]
    rows = {s: lines if (begins := row_begins(lines, s)) is None else lines.filter(begins) for s in held}
    counts = [in_plain_quotes(r, s).str.count_matches(s, literal=True) for s, r in rows.items()]
    found = [c for c in counts if c.len() > 1 and (c > 0).all()]
    is_even = any(c.n_unique() == 1 and c[0] >= _LEAST_EVEN for c in found)
    return (table_fields(source, file) if found else []), is_even


def _quoted_table(source: Source, file: Path, text: str) -> list[Fields]:
    """A table between tabs whose cells are quoted, so that lines within them are no rows."""
    lines = _first_lines(text)
    tabbed = sum("\t" in line for line in lines) >= _MOST_TABBED * len(lines)
    return table_fields(source, file) if tabbed and _QUOTED.search(text) else []


def _first_lines(text: str) -> list[str]:
    """Up to 20 lines with words from the first 40."""
    return [line for line in text.split("\n")[:40] if line.strip()][:20]

"""Rows inside the INSERT statements of an SQL dump, of any table."""

import re
from pathlib import Path

import polars as pl

from reconcile.formats.inferred.fields import DAY, Fields
from reconcile.formats.inferred.references import table_of, with_references
from reconcile.formats.inferred.times.file_days import days_of_tables
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.decode import decode
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_NAME = r"(?:[`\"\[][^`\"\]]+[`\"\]]|\w+)"
_INSERT = lazy_pattern(
    rf"\bINSERT\s+(?:IGNORE\s+)?(?:INTO\s+)?(?:{_NAME}\.)?(?P<table>{_NAME})\s*(?:\((?P<names>[^()']*)\)\s*)?VALUES\s*",
    re.IGNORECASE,
)
_CREATE = lazy_pattern(
    rf"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:{_NAME}\.)?(?P<table>{_NAME})\s*\((?P<body>(?:[^()]|\([^()]*\))*)\)",
    re.IGNORECASE,
)
_CONSTRAINT = lazy_pattern(r"(?i)(?:primary|unique|key|constraint|foreign|index|check)\b")
_TEXT = r"[NEX]?'(?:[^'\\]|''|\\.)*'"
# A text or a character by its number, as dumps join them: `'first line'||CHR(10)||'second line'`.
_TERM = rf"(?:{_TEXT}|(?<!\w)N?CHA?R\s*\(\s*[0-9]{{1,6}}\s*\))"
_TERMS = lazy_pattern(_TERM, re.DOTALL | re.IGNORECASE)
# What stands between the brackets of a function, with others in it.
_PART = r"[^()']|'(?:[^'\\]|''|\\.)*+'"
_TOLD = rf"(?:{_PART}|\((?:{_PART}|\((?:{_PART}|\([^()]*\))*+\))*+\))*+"
# Joined texts, what a function makes of others, or any other value.
_VALUE = lazy_pattern(
    rf"\s*(?:(?P<joined>{_TERM}(?:\s*(?:\|\||\+)\s*{_TERM})*)"
    rf"|(?P<function>\w+)\s*\((?P<told>{_TOLD})\)"
    r"|(?P<bare>[^\s,()']+))(?:::\w[\w ]*)?\s*(?P<end>[,)])",
    re.DOTALL | re.IGNORECASE,
)
_NUMBER = lazy_pattern(r"[0-9]+(?:\.[0-9]+)?")
_BETWEEN = lazy_pattern(r"\s*(?:,\s*)?\(")
_COPY = lazy_pattern(
    rf"^COPY\s+(?:{_NAME}\.)?(?P<table>{_NAME})\s*\((?P<names>[^()]*)\)\s+FROM\s+stdin;\n", re.MULTILINE
)
_COPY_END = lazy_pattern(r"^\\\.$", re.MULTILINE)
# What MySQL puts behind a backslash in its texts, and how it quotes names.
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
# The first number that is no character by itself.
_SURROGATES = 0xD800
_ESCAPED, _MYSQL = lazy_pattern(r"\\(.)", re.DOTALL), "`"


# By table and columns: rows, and the line of each.
_Tables = dict[tuple[str, tuple[str, ...]], tuple[list[list[str | None]], list[int]]]


def sql_fields(source: Source, file: Path) -> list[Fields]:
    """A frame for each table with rows, with what the rows of other tables say that it names.

    [] for other text.
    """
    name = source.relative(file)
    text, notes = decode(source, name, file.read_bytes())
    tables: _Tables = {}
    broken = [Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}", row) for n, row in _read_inserts(text, tables)]
    broken += [Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}") for n in _read_copies(text, tables)]
    held = {
        (table, columns): _frame_of_rows(columns, rows, lines)
        for (table, columns), (rows, lines) in tables.items()
        if rows and len(set(columns)) == len(columns)
    }
    held = _with_days(held)
    others = {table: table_of(frame) for (table, _), frame in held.items()}
    return [
        Fields(with_references(frame, [table], others)[0], name, f"{name}#", notes=(*notes, *shorten_notes(broken)))
        for (table, _), frame in held.items()
    ]


def _with_days(
    held: dict[tuple[str, tuple[str, ...]], pl.DataFrame],
) -> dict[tuple[str, tuple[str, ...]], pl.DataFrame]:
    """The tables, those of days as one with the day in each row."""
    # In the order of the dump, so that equal dumps give equal results.
    for columns in dict.fromkeys(c for _, c in held):
        tables = [t for t, c in held if c == columns]
        if days := days_of_tables(tables):
            frames = [
                held.pop((t, columns)).with_columns(pl.lit(days[t]).alias(DAY))
                for t in sorted(tables, key=days.__getitem__)
            ]
            held[tables[0], columns] = pl.concat(frames)
    return held


def _read_inserts(text: str, tables: _Tables) -> list[tuple[int, str]]:
    """Adds the rows of all INSERT statements; returns line and beginning of each broken row."""
    named = {_bare_identifier(m["table"]): _columns(m["body"]) for m in _CREATE.finditer(text)}
    is_mysql = _MYSQL in text[:100_000]
    line, counted, end = 1, 0, 0
    broken: list[tuple[int, str]] = []
    while (found := _INSERT.search(text, end)) is not None:
        table, told = _bare_identifier(found["table"]), found["names"]
        columns = [_bare_identifier(n) for n in told.split(",")] if told else named.get(table, [])
        end = found.end()
        while (begin := _BETWEEN.match(text, end)) is not None:
            row, end = _row(text, begin.end(), is_mysql=is_mysql)
            line, counted = line + text.count("\n", counted, begin.start()), begin.start()
            if not row:
                broken.append((line, text[begin.start() : end][:200]))
                break
            names = columns if len(columns) == len(row) else [f"#{i}" for i in range(1, len(row) + 1)]
            rows, lines = tables.setdefault((table, tuple(names)), ([], []))
            rows.append(row)
            lines.append(line)
    return broken


def _read_copies(text: str, tables: _Tables) -> list[int]:
    """Adds the rows of all COPY blocks; returns the lines of rows with too few or too many cells."""
    line, counted, end = 1, 0, 0
    broken: list[int] = []
    # If no end follows this heading, no later heading has an end.
    while (found := _COPY.search(text, end)) is not None and (stop := _COPY_END.search(text, found.end())) is not None:
        line, counted, end = line + text.count("\n", counted, found.end()), found.end(), stop.end()
        columns = tuple(_bare_identifier(n) for n in found["names"].split(","))
        rows, lines = tables.setdefault((_bare_identifier(found["table"]), columns), ([], []))
        for at, row in enumerate(text[found.end() : stop.start()].split("\n")[:-1], line):
            cells = [_copy_value(c) for c in row.split("\t")]
            if len(cells) == len(columns):
                rows.append(cells)
                lines.append(at)
            else:
                broken.append(at)
    return broken


def _copy_value(cell: str) -> str | None:
    r"""A cell of COPY without escapes; null for \\N."""
    return None if cell == r"\N" else _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), cell)


def _frame_of_rows(columns: tuple[str, ...], rows: list[list[str | None]], lines: list[int]) -> pl.DataFrame:
    """Inserted rows as text columns, placed by line."""
    held = {c: [r[i] for r in rows] for i, c in enumerate(columns)}
    places = [f"line {n}.{i}" for i, n in enumerate(lines, 1)]
    return pl.DataFrame({ROW: places, **held}, schema={ROW: pl.String, **dict.fromkeys(columns, pl.String)})


def _row(text: str, at: int, *, is_mysql: bool) -> tuple[list[str | None], int]:
    """The values from a place behind `(` up to `)`, and where they end; [] for broken ones."""
    values: list[str | None] = []
    while (found := _VALUE.match(text, at)) is not None:
        at = found.end()
        if (bare := found["bare"]) is not None:
            values.append(None if bare.upper() == "NULL" else bare)
        elif found["function"] is not None:
            values.append(_applied(found["function"].upper(), found["told"], is_mysql=is_mysql))
        else:
            terms = _TERMS.findall(found["joined"])
            values.append("".join(_text_of_term(term, is_mysql=is_mysql) for term in terms))
        if found["end"] == ")":
            return values, at
    return [], at


def _applied(function: str, told: str, *, is_mysql: bool) -> str:
    """Texts joined, or replaced in the first; of any other function its first text or number."""
    terms = _TERMS.findall(told)
    texts = [_text_of_term(term, is_mysql=is_mysql) for term in terms]
    if function == "CONCAT":
        return "".join(texts)
    if function == "REPLACE" and texts:
        # Replacements stand in each other, each with what it looks for and what it sets.
        for old, new in zip(texts[1::2], texts[2::2], strict=False):
            texts[0] = texts[0].replace(old, new) if old else texts[0]
        return texts[0]
    number = _NUMBER.search(told)
    first = next((t for t, term in zip(texts, terms, strict=True) if term.endswith("'")), None)
    return first if first is not None else number[0] if number else f"{function}({told})"


def _text_of_term(term: str, *, is_mysql: bool) -> str:
    """The text of a quoted value or of `CHR(10)`; backslash escapes only in MySQL."""
    if not term.endswith("'"):
        number = int(re.sub(r"\D", "", term))
        return chr(number) if number < _SURROGATES else ""
    words = term[term.index("'") + 1 : -1].replace("''", "'")
    return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), words) if is_mysql else words


def _bare_identifier(name: str) -> str:
    return name.strip().strip('`"[]')


def _columns(body: str) -> list[str]:
    """The columns of a CREATE TABLE in order."""
    parts = [p.strip() for p in re.split(r",(?![^()]*\))", body)]
    return [_bare_identifier(m[0]) for p in parts if not _CONSTRAINT.match(p) and (m := re.match(_NAME, p)) is not None]

"""Rows inside the INSERT statements of an SQL dump, of any table."""

import re
from pathlib import Path

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.decode import decode
from reconcile.vocabulary import NoteCode

_NAME = r"(?:[`\"\[][^`\"\]]+[`\"\]]|\w+)"
_INSERT = re.compile(
    rf"\bINSERT\s+(?:IGNORE\s+)?INTO\s+(?:{_NAME}\.)?(?P<table>{_NAME})\s*(?:\((?P<names>[^()']*)\)\s*)?VALUES\s*",
    re.IGNORECASE,
)
_CREATE = re.compile(
    rf"\bCREATE\s+TABLE\s+(?:IF\s+NOT\s+EXISTS\s+)?(?:{_NAME}\.)?(?P<table>{_NAME})\s*\((?P<body>(?:[^()]|\([^()]*\))*)\)",
    re.IGNORECASE,
)
_CONSTRAINT = re.compile(r"(?i)(?:primary|unique|key|constraint|foreign|index|check)\b")
_VALUE = re.compile(r"\s*(?:[NEX]?'((?:[^'\\]|''|\\.)*)'|([^\s,()']+(?:\([^()]*\))?))\s*([,)])", re.DOTALL)
_BETWEEN = re.compile(r"\s*(?:,\s*)?\(")
_COPY = re.compile(
    rf"^COPY\s+(?:{_NAME}\.)?(?P<table>{_NAME})\s*\((?P<names>[^()]*)\)\s+FROM\s+stdin;\n(?P<rows>.*?)^\\\.$",
    re.DOTALL | re.MULTILINE,
)
# What MySQL puts behind a backslash in its texts, and how it quotes names.
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0", "Z": "\x1a"}
_ESCAPED, _MYSQL = re.compile(r"\\(.)", re.DOTALL), "`"


def sql_fields(source: Source, file: Path) -> list[Fields]:
    """A frame for each table with rows, its columns named by the dump; [] for other text."""
    name = source.relative(file)
    text, notes = decode(source, name, file.read_bytes())
    named = {_bare(m["table"]): _columns(m["body"]) for m in _CREATE.finditer(text)}
    tables: dict[tuple[str, tuple[str, ...]], tuple[list[list[str | None]], list[int]]] = {}
    line, counted, end = 1, 0, 0
    broken: list[Note] = []
    while (found := _INSERT.search(text, end)) is not None:
        table, told = _bare(found["table"]), found["names"]
        columns = [_bare(n) for n in told.split(",")] if told else named.get(_bare(found["table"]), [])
        end = found.end()
        while (begin := _BETWEEN.match(text, end)) is not None:
            row, end = _row(text, begin.end())
            line, counted = line + text.count("\n", counted, begin.start()), begin.start()
            if not row:
                broken.append(Note(NoteCode.ROW_SKIPPED, f"{name}#line {line}", text[begin.start() : end][:200]))
                break
            key = (
                table,
                tuple(columns) if len(columns) == len(row) else tuple(f"#{i}" for i in range(1, len(row) + 1)),
            )
            rows, lines = tables.setdefault(key, ([], []))
            rows.append(row)
            lines.append(line)
    for found in _COPY.finditer(text):
        rows, line = (
            [[_copied(c) for c in r.split("\t")] for r in found["rows"].splitlines()],
            text.count("\n", 0, found.start("rows")) + 1,
        )
        columns = [_bare(n) for n in found["names"].split(",")]
        whole = [(r, n) for n, r in enumerate(rows, line) if len(r) == len(columns)]
        broken += [
            Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}") for n, r in enumerate(rows, line) if len(r) != len(columns)
        ]
        tables[_bare(found["table"]), tuple(columns)] = [r for r, _ in whole], [n for _, n in whole]
    return [
        Fields(_frame(columns, rows, lines), name, f"{name}#", notes=(*notes, *shorten_notes(broken)))
        for (_, columns), (rows, lines) in tables.items()
        if rows and len(set(columns)) == len(columns)
    ]


def _copied(cell: str) -> str | None:
    return None if cell == r"\N" else _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), cell)


def _frame(columns: tuple[str, ...], rows: list[list[str | None]], lines: list[int]) -> pl.DataFrame:
    held = {c: [r[i] for r in rows] for i, c in enumerate(columns)}
    places = [f"line {n}.{i}" for i, n in enumerate(lines, 1)]
    return pl.DataFrame({ROW: places, **held}, schema={ROW: pl.String, **dict.fromkeys(columns, pl.String)})


def _row(text: str, at: int) -> tuple[list[str | None], int]:
    """The values from a place behind `(` up to `)`, and where they end; [] for broken ones."""
    values: list[str | None] = []
    while (found := _VALUE.match(text, at)) is not None:
        at = found.end()
        quoted, bare = found[1], found[2]
        values.append(_plain(quoted, text) if quoted is not None else None if bare.upper() == "NULL" else bare)
        if found[3] == ")":
            return values, at
    return [], at


def _plain(quoted: str, text: str) -> str:
    words = quoted.replace("''", "'")
    return _ESCAPED.sub(lambda m: _ESCAPES.get(m[1], m[1]), words) if _MYSQL in text[:100_000] else words


def _bare(name: str) -> str:
    return name.strip().strip('`"[]')


def _columns(body: str) -> list[str]:
    """The columns of a CREATE TABLE in order."""
    parts = [p.strip() for p in re.split(r",(?![^()]*\))", body)]
    return [_bare(m[0]) for p in parts if not _CONSTRAINT.match(p) and (m := re.match(_NAME, p)) is not None]

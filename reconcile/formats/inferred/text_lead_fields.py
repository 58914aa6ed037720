"""Fields between the time and the name in a line: a log's level and thread, numbers, brackets."""

import re

import polars as pl

from reconcile.formats.inferred.text_names import separator_of

_LEVELS = "TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR"
# A level, the name of a program's part, or what stands in brackets or behind a sign.
_FIELD = rf"(?:(?:{_LEVELS})\b|[A-Za-z_]\w*(?:\.\w+)+(?::|\s-)|\[[^\[\]\n]{{0,40}}\]|\([^()\n]{{0,40}}\)|[A-Za-z][A-Za-z_]{{0,12}}[=#][\w-]+|#[0-9]{{1,12}}|[A-Za-z][\w.]*-[0-9]{{1,4}}(?-u:\b))[\s:|\-]*"
_FIELDS = rf"^\s*((?:{_FIELD})+)"
_LEVEL = rf"(?i)\b(?:{_LEVELS})\b"
# Least share and number of lines with such fields that have a name behind them.
_NAMED, _LEAST = 0.8, 6
_LOOK, _HALF = 1_000, 0.5
_NAME = r"^[^\n]{1,60}?"


def without_lead_fields(rest: pl.Series) -> pl.Series:
    """What stands behind the times without the fields before the names.

    Nearly every line with such fields has a name that recurs behind them, and the fields of all these lines are equal but for
    figures and levels. Unchanged otherwise: then they may tell who sent, or in which chat.
    """
    if float(rest.head(_LOOK).str.contains(_FIELDS).mean() or 0) < _HALF:  # type: ignore[arg-type]
        return rest
    lead = rest.str.extract(_FIELDS, 1)
    has_lead = lead.is_not_null()
    if rest.len() < _LEAST or int(has_lead.sum()) < _NAMED * rest.len():
        return rest
    tail = rest.str.slice(rest.str.len_chars() - rest.str.replace(_FIELDS, "").str.len_chars())
    sign = separator_of(tail.filter(has_lead & (tail.str.strip_chars() != "")))
    if sign is None or not sign.strip():
        return rest
    named = has_lead & tail.str.contains(rf"{_NAME}{re.escape(sign)}")
    shapes = (
        lead.filter(named)
        .str.replace_all(_LEVEL, "L")
        .str.replace_all(r"(?:\w+[=#]\w+\s*)+", "=")
        .str.replace_all("[0-9]+", "0")
    )
    shapes = shapes.str.replace_all(r"\s+", " ")
    if int(named.sum()) < _NAMED * int(has_lead.sum()) or shapes.n_unique() > 1:
        return rest
    return tail


def of_a_program(heads: pl.DataFrame, sender: pl.Series) -> pl.Series:
    """Which lines of a log are the program's own: with a level and no sender, where most lines name one."""
    nobody = sender.is_null()
    if not nobody.any() or int(nobody.sum()) > (1 - _NAMED) * nobody.len():
        return pl.Series([False]).new_from_index(0, nobody.len())
    return nobody & heads["post"].str.contains(rf"^\W*{_LEVEL}")

"""What a spreadsheet makes of the cells of an export: coarse times, altered words, values for facts."""

import polars as pl

from reconcile.intake.contract import Note
from reconcile.intake.frames import notes_of
from reconcile.vocabulary import NoteCode, TextQuality, TimePrecision

# What it makes of typed words, numbers (1e5) and dates (1/2, 3-4, 2024-1-2) in its users' languages. A person may type
# the same, so that such a cell is noted. All but dates in figures show no longer what was typed.
_LOST = r"TRUE|FALSE|[0-9](?:\.[0-9]+)?E[+-]?[0-9]+|#(?:NAME\?|REF!|VALUE!|NUM!|N/A|DIV/0!)|(?:[0-9]{1,2}-)?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)(?:-[0-9]{2})?"
_COERCED = rf"^(?:{_LOST}|[0-9]{{1,2}}月[0-9]{{1,2}}日|[12][0-9]{{3}}/[0-9]{{1,2}}/[0-9]{{1,2}})$"
# Facts that no such value can be, nor a tool's word for none.
_FACTS = ("file_name", "url", "media_hash")
_NO_FACT = rf"^(?:{_LOST}|0|[Tt]rue|[Ff]alse|None|null|NULL)$"


def without_spreadsheet_values(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows without facts that are a value of a spreadsheet or a word for none, such as FALSE."""
    held = [c for c in _FACTS if c in rows.columns and rows[c].null_count() < rows.height]
    odd = [c for c in held if rows[c].str.contains(_NO_FACT).any()]
    return rows.with_columns(pl.when(~pl.col(c).str.contains(_NO_FACT)).then(c).alias(c) for c in odd)


def with_spreadsheet_damage(rows: pl.DataFrame, file: str, notes: list[Note]) -> pl.DataFrame:
    """Notes and marks for rows that a spreadsheet saved again: times to the minute, altered values."""
    coarse = rows["time_precision"].is_in([str(TimePrecision.MINUTE), str(TimePrecision.DAY)])
    if not coarse.any():
        return rows
    notes.append(Note(NoteCode.PRECISION_LOST, file, str(rows["sent_raw"].filter(coarse)[0]), int(coarse.sum())))
    damaged = rows.filter(pl.col("text").str.contains(_COERCED))
    if damaged.is_empty():
        return rows
    notes.extend(notes_of(NoteCode.COERCED_CELL, damaged, excerpt="text"))
    lost = pl.col("text").str.contains(f"^(?:{_LOST})$")
    absent = pl.lit(str(TextQuality.ABSENT), dtype=pl.Enum(TextQuality))
    return rows.with_columns(
        pl.when(lost).then(pl.lit("")).otherwise("text").alias("text"),
        pl.when(lost).then("text").alias("raw_cell"),
        pl.when(lost).then(absent).alias("text_quality"),
    )

"""Rows of a text whose headings the user describes by a pattern."""

from pathlib import Path

import polars as pl

from reconcile.errors import UsageError
from reconcile.formats.inferred.fields import Fields
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note, lines_of
from reconcile.vocabulary import NoteCode


def pattern_fields(source: Source, file: Path, pattern: str, skip: str = "") -> list[Fields]:
    """The messages of a text as one frame: a column for each named group of the pattern.

    A line that fits begins a message. Other lines continue the text of the message above, or are its text if the
    pattern has no group named text; those that fit `skip` are noted and left out. Raises UsageError for an invalid
    pattern and for one without named groups.
    """
    lines, notes = lines_of(source, file)
    try:
        begins = lines.str.contains(pattern)
        parts = lines.filter(begins).str.extract_groups(pattern).struct.unnest()
        gone = lines.str.contains(skip) & ~begins if skip else begins & False
    except pl.exceptions.PolarsError as error:
        reason = " ".join(str(error).split())[:120]
        raise UsageError("--columns", f"--columns: {pattern!r} is no regular expression ({reason})") from None
    groups = [n for n in parts.columns if not n.isdigit()]
    if not groups:
        raise UsageError("--columns", f"--columns: {pattern!r} names no group such as (?P<time>…)")
    if not begins.any():
        return []
    name = source.relative(file)
    below = pl.DataFrame({"record": begins.cum_sum(), "line": lines, "head": begins}).filter(
        (pl.col("record") > 0) & ~pl.col("head") & ~gone
    )
    words = below.group_by("record", maintain_order=True).agg(pl.col("line").str.join("\n").str.strip_chars_end())
    at = begins.arg_true()
    left = shorten_notes([Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", lines[i][:200]) for i in gone.arg_true()])
    frame = parts.select(groups).with_columns((at + 1).alias("at"), pl.int_range(1, at.len() + 1).alias("record"))
    frame = frame.join(
        words.with_columns(pl.col("record").cast(pl.Int64)), on="record", how="left", maintain_order="left"
    )
    own = [pl.col("text")] if "text" in groups else []
    text = pl.concat_str(*own, pl.when(pl.col("line") != "").then("line"), separator="\n", ignore_nulls=True)
    frame = frame.with_columns(text.str.strip_chars_end().alias("text"))
    shown = [pl.when(pl.col(n) != "").then(pl.col(n)).alias(n) for n in dict.fromkeys([*groups, "text"])]
    frame = frame.select(pl.format("line {}", "at").alias(ROW), *shown)
    return [Fields(frame, name, f"{name}#", notes=(*notes, *leading_note(lines, begins, name), *left), is_text=True)]

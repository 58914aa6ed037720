"""Messages of several lines each, in which every line has its place above or below the time.

A running number, a name, a label or a rule stands in the same place of every block; what is left below is the words.
"""

import re
from collections.abc import Sequence
from itertools import takewhile

import polars as pl

from reconcile.column_ops import longest_of, none_of
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.times.times_in_lines import TIMES, hold_times, plain_lines, plain_times
from reconcile.formats.inferred.words.bodies_in_lines import day_lines
from reconcile.formats.inferred.words.running_numbers import are_running
from reconcile.intake.contract import Note
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note
from reconcile.wechat.named_days import fitted

# Least blocks, most lines of one place above and below a time, and the share of blocks that have a place filled alike.
_LEAST, _ABOVE, _BELOW, _MOST = 4, 3, 2, 0.95
# Largest share of different values in a place where people are named, and most characters of a name or label.
_VARIED, _LONGEST = 0.5, 40
# What is left of a line that holds a time alone: a label of the form at most.
_ALONE = r"^[^\w]*(?:[^\W\d]{1,8}\s?[:：])?[^\w]*$"
_LABEL = r"^\s*([^\s:：]{1,12}\s?[:：])"


def block_fields(lines: pl.Series, name: str, notes: Sequence[Note]) -> Fields | None:
    """The messages of blocks that have at least one more place than the time; None for other texts."""
    lines = plain_lines(lines)
    filled = lines.str.strip_chars() != ""
    days = day_lines(lines)
    for kind in TIMES:
        if kind == "clock":
            break
        near = hold_times(lines, kind) & ~days
        if int(near.sum()) < _LEAST:
            continue
        time = fitted(TIMES[kind], lines.filter(near))
        is_alone = near & lines.str.replace(time, "").str.contains(_ALONE)
        if int(is_alone.sum()) < max(_LEAST, _MOST * int(near.sum())):
            break
        # Empty lines are no places.
        whole = pl.DataFrame({"line": lines, "at": pl.int_range(1, lines.len() + 1, eager=True), "is_time": is_alone})
        return _read(lines, whole.filter(filled), time, kind, name, notes)
    return None


def _read(
    lines: pl.Series, rows: pl.DataFrame, time: str, kind: str, name: str, notes: Sequence[Note]
) -> Fields | None:
    """The messages by the places around the times."""
    at, held = rows["is_time"].arg_true().cast(pl.Int64), rows["line"]
    above, below = (
        [p for p in takewhile(_is_place, (_place(held, at, step * n) for n in range(1, most + 1))) if p is not None]
        for step, most in ((-1, _ABOVE), (1, _BELOW))
    )
    if not above and not below:
        return None
    # The words are between the last place below a time and the first one above the next.
    begin = (at - len(above)).clip(0)
    number = rows["at"].cast(pl.Int64)
    last = number.gather((at + len(below)).clip(upper_bound=rows.height - 1))
    is_first = none_of(lines).scatter(number.gather(begin) - 1, values=True)
    record = is_first.cum_sum().cast(pl.Int64)
    words = (
        pl.DataFrame({"line": lines, "record": record, "at": pl.int_range(1, lines.len() + 1, eager=True)})
        .filter(pl.col("record") > 0)
        .filter(pl.col("at") > last.gather(record.filter(record > 0) - 1))
        .group_by("record", maintain_order=True)
        .agg(pl.col("line").str.join("\n").str.strip_chars("\n"))
    )
    told = pl.DataFrame(
        [rows["at"].gather(at), plain_times(held.gather(at).str.extract(time, 0), kind).alias("time"), *above, *below]
    ).with_columns(pl.int_range(1, at.len() + 1, dtype=pl.Int64).alias("record"))
    told = told.join(words, on="record", how="left", maintain_order="left")
    # What parts each block from the next stands below the last one as well.
    if ends := [re.escape(c[-1]) for c in above if c.slice(1).n_unique() == 1]:
        whole = told["line"].str.replace(rf"(?:^|\n)\s*(?:{'|'.join(ends)})\s*$", "")
        told = told.with_columns(line=told["line"].scatter(told.height - 1, whole[-1]))
    plain = [_without_label(told[c]) for c in told.columns if c.startswith(("above", "below"))]
    kept = [c for c in plain if c.slice(1).n_unique() > 1]
    text = _without_label(told["line"]).alias("text")
    frame = told.select(pl.format("line {}", "at").alias(ROW), "time").with_columns(*kept, text)
    shown = (*notes, *leading_note(lines, is_first, name))
    return Fields(frame, name, f"{name}#", notes=shown, is_text=True, is_positional=True)


def _is_place(cells: pl.Series | None) -> bool:
    return cells is not None


def _place(held: pl.Series, at: pl.Series, offset: int) -> pl.Series | None:
    """The lines in one place of all blocks, if they are names, labels, numbers or rules; None for words."""
    name = f"{'above' if offset < 0 else 'below'}{abs(offset)}"
    # Above the first block a title may stand, or nothing, in place of the rule that parts two blocks.
    place = (at + offset).set((at + offset).is_between(0, held.len() - 1).not_(), None)
    cells = held.gather(place).rename(name)
    if cells.null_count() > 1 or longest_of(cells) > _LONGEST or cells.null_count() == cells.len():
        return None
    bare = _without_label(cells)
    numbers = cells.str.extract(r"^\W*([0-9]{1,9})\W*$", 1).cast(pl.Int64, strict=False)
    is_name = 1 < bare.n_unique() <= _VARIED * bare.len() and bool(bare.is_duplicated().mean() >= _MOST)  # type: ignore[operator]
    if is_name or cells.slice(1).n_unique() == 1 or are_running(numbers, _LEAST):
        return bare.alias(name)
    return None


def _without_label(cells: pl.Series) -> pl.Series:
    """The cells without the label that begins all of them."""
    labels = cells.str.extract(_LABEL, 1)
    if labels.null_count() > cells.null_count() or labels.drop_nulls().n_unique() != 1:
        return cells
    return cells.str.replace(_LABEL, "").str.strip_chars().alias(cells.name)

"""Finds lines inside messages that look like the headings of their form.

Such a line has the shape of the headings around it, and a time in order with theirs.

A reader that knows a form by one spelling of its headings takes headings of another spelling for words.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import polars as pl

from reconcile.column_ops import present
from reconcile.errors import ReconcileError, UnreadableSource
from reconcile.intake.contract import Note, Reader, Reading, ReadOptions, shorten_notes
from reconcile.intake.printed.pdf_source import document_of_pdf, is_single_pdf
from reconcile.intake.side_stores import is_fallback
from reconcile.intake.source import Source
from reconcile.intake.text.lines import lines_of
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column

_TEXTS = (".txt", ".md", ".log")
# A time, and what stands before and behind it in its line.
_DAY = r"(?:[0-9]{1,4}[-/.年][0-9]{1,2}(?:[-/.月][0-9]{1,4})?日?|[0-9]{1,2}月[0-9]{1,2}日)"
_CLOCK = r"(?:上午|下午|凌晨|早上|中午|晚上)?[0-9]{1,2}[:：时点][0-9]{1,2}(?:[:：分][0-9]{0,2}秒?)?(?:\.[0-9]{1,6})?(?:\s?[AaPp][Mm])?"
_PARTS = rf"^(?P<before>.*?)(?P<time>(?:{_DAY}[\sT]?)?{_CLOCK})(?P<behind>.*)$"
# Words behind the time in its brackets, such as a mark of an edited message.
_MARKED = r"^[^\[\]【】\n]{1,40}([\]】])"
_BEGINS_WITH_A_TIME = rf"^\W{{0,3}}{_DAY},?\s{_CLOCK}\W{{0,3}}(?:\n|$)"
_INNER, _INNER_DATED = r"\n.*[0-9][:：时点][0-9]", r"\n.*[0-9][-/.年月][0-9].*[0-9][:：时点][0-9]"
# Share of the headings that makes a trait of them a rule of the form; share below which a shape is no shape of the form.
_HABIT, _LEAST_SHARE = 0.95, 0.02
# Number of such lines, and their share of all headings, from which the reader does not know the form.
_LEAST, _MOST_SWALLOWED = 2, 0.1
# Rows from which a chat without any sender is misread; names that take turns without exception, and rounds of them.
_MANY, _SEVERAL, _ROUNDS = 6, 3, 3
_SHAPE = ["lead", "first_behind", "mask"]


@dataclass(frozen=True, slots=True)
class Swallowed:
    """One file's lines that look like headings in order, and the number of headings read."""

    label: str
    lines: tuple[tuple[int, str], ...]
    headings: int

    def notes(self) -> list[Note]:
        """A note for each line."""
        return [Note(NoteCode.AMBIGUOUS_HEADER, f"{self.label}#line {n}", text[:200]) for n, text in self.lines]


def with_swallowed_read(
    reading: Reading, source: Source, options: ReadOptions, readers: Callable[[], Sequence[Reader]], *, is_forced: bool
) -> Reading:
    """The reading, or the fallback reader's where that reads what was taken for words or notices.

    So is a file in which the reader found nothing at all. Lines that stay inside messages are noted. Raises
    UnreadableSource where the fallback reader leaves many of them there, and what it raises for a file without messages.
    """
    if not is_forced and _is_empty(reading):
        fallback = next((r for r in readers() if is_fallback(r) and r.name != reading.facts.reader), None)
        return fallback.read(source, options) if fallback and fallback.sniff(source).strength != "none" else reading
    is_timeless = not is_forced and (_times_are_words(reading) or _senders_are_fields(reading))
    is_silent = is_timeless or (not is_forced and reading.messages.height >= _MANY and _nobody_speaks(reading))
    found = swallowed_headings(reading, source)
    if not found and not is_silent:
        return reading
    fallback = next((r for r in readers() if is_fallback(r) and r.name != reading.facts.reader), None)
    if fallback and is_silent:
        other = _read_by(fallback, source, options)
        least = 0 if is_timeless else reading.messages.height / 2
        if other is not None and not _nobody_speaks(other) and other.messages["sent_at"].count() > least:
            return other
    if is_timeless:
        raise UnreadableSource(
            source.path,
            f"{source.path}: no message has a time, but their words begin with one, or their senders are names of fields, such as "
            f"{reading.messages['text'][0][:60]!r}; ask for the export in another form",
        )
    if not found:
        return reading
    lines, headings = sum(len(f.lines) for f in found), sum(f.headings for f in found)
    is_unknown_form = not is_forced and lines >= _LEAST and lines > _MOST_SWALLOWED * (lines + headings)
    if is_unknown_form and fallback:
        other = _read_by(fallback, source, options)
        if other is not None and 2 * (other.messages.height - reading.messages.height) >= lines:
            return other
    if is_unknown_form and fallback is None:
        raise UnreadableSource(
            source.path,
            f"{source.path}: {lines} lines inside messages look like headings beside {headings} that are read, such as "
            f"{found[0].lines[0][1][:60]!r}; ask for the export in another form",
        )
    known = {n.locator.replace("#line ", "#") for n in reading.notes if n.code is NoteCode.AMBIGUOUS_HEADER}
    notes = [n for f in found for n in f.notes() if n.locator.replace("#line ", "#") not in known]
    limits = replace(reading.facts.limits, ambiguous_headers=True)
    return replace(reading, facts=replace(reading.facts, limits=limits), notes=(*reading.notes, *shorten_notes(notes)))


def _times_are_words(reading: Reading) -> bool:
    """Whether no row has a time, and nearly every text begins with one."""
    rows = reading.messages
    if rows.height < _MANY or rows["sent_at"].null_count() < rows.height:
        return False
    return float(rows["text"].str.contains(_BEGINS_WITH_A_TIME).mean() or 0) > _HABIT  # type: ignore[arg-type]


def _senders_are_fields(reading: Reading) -> bool:
    """Whether no row has a time, and three or more names take turns without exception, as fields do."""
    names = reading.messages["sender"]
    several = names.n_unique()
    if names.null_count() or not _SEVERAL <= several <= names.len() / _ROUNDS or reading.messages["sent_at"].count():
        return False
    return bool((names == names.shift(several)).all())


def _is_empty(reading: Reading) -> bool:
    """Whether a file of another kind than a database gave no message, no post and no witness."""
    held = reading.messages.height or reading.witnesses.height or reading.posts is not None
    return not held and not reading.facts.reader.endswith("_db")


def _nobody_speaks(reading: Reading) -> bool:
    """Whether no row has a sender or a side: a form whose every row was taken for a notice."""
    return (
        reading.messages["sender"].null_count() == reading.messages["is_self"].null_count() == reading.messages.height
    )


def _read_by(reader: Reader, source: Source, options: ReadOptions) -> Reading | None:
    """Reading of the source; null where the reader does not claim it or fails."""
    with suppress(ReconcileError):
        return None if reader.sniff(source).strength == "none" else reader.read(source, options)
    return None


def swallowed_headings(reading: Reading, source: Source) -> list[Swallowed]:
    """The lines inside messages that look like headings, by text file; [] without any."""
    # Where headings state the day, a swallowed heading does too. Most times inside messages are clocks alone.
    dated = reading.messages["sent_raw"].head(1).str.contains(r"[0-9][-/.年月][0-9]").any()
    inner = reading.messages.filter(pl.col("text").str.contains(_INNER_DATED if dated else _INNER))
    labels = present(inner["locator"].str.extract(r"^(.*)#", 1).unique()).sort()
    found = [_swallowed_in_file(reading, source, str(label)) for label in labels]
    return [f for f in found if f is not None]


def _swallowed_in_file(reading: Reading, source: Source, label: str) -> Swallowed | None:
    """Messages that hold headings like those of their own file; null without any."""
    numbers = reading.messages["locator"].str.extract(r"^(.*)#(?:line )?[0-9]+$", 1) == label
    at = reading.messages.filter(numbers)["locator"].str.extract(r"([0-9]+)$", 1).cast(pl.Int64).unique().sort() - 1
    lines = None if at.is_empty() else lines_of_label(source, label)
    if lines is None or int(at[-1]) >= lines.len():
        return None
    frame = _timed_lines(lines)
    heads = _heads(frame, at)
    if heads.height < _HABIT * at.len():
        return None
    return _lines_like_headings(frame, heads, label)


def lines_of_label(source: Source, label: str) -> pl.Series | None:
    """Lines of the source's text file, Word document or PDF of this name; null for anything else."""
    file = next((f for f in source.files if source.relative(f) == label), None)
    if file is None:
        return None
    with suppress(ReconcileError):
        if is_single_pdf(source, file):
            return pl.Series(document_of_pdf(source, file).lines, dtype=pl.String)
        if label.lower().endswith(".docx"):
            from reconcile.intake.text.document import body_of, lines_of_body  # noqa: PLC0415 - loads lxml

            return pl.Series(lines_of_body(body_of(source, file)), dtype=pl.String)
        if label.lower().endswith(_TEXTS):
            return lines_of(source, file)[0].str.strip_chars_end("\r")
    return None


def _timed_lines(lines: pl.Series) -> pl.DataFrame:
    """The lines that hold a time, by number, with the parts that make their shape."""
    frame = pl.DataFrame({"text": lines, "above": lines.shift(1, fill_value="").str.strip_chars() == ""})
    frame = frame.with_row_index("at").filter(pl.col("text").str.contains(r"[0-9][:：时点][0-9]"))
    parts = frame.with_columns(pl.col("text").str.extract_groups(_PARTS).alias("g")).unnest("g").drop_nulls("time")
    before = pl.col("before")
    return parts.with_columns(
        # Of a name before the time only the sign behind it; of marks alone only whether they are indented.
        pl.when(before.str.contains(r"\w"))
        .then(pl.lit("name") + before.str.tail(1))
        .when(before.str.contains(r"^\s"))
        .then(before)
        .otherwise(pl.lit(""))
        .alias("lead"),
        pl.coalesce(
            pl.when(before.str.contains(r"^\s*[\[【]$")).then(pl.col("behind").str.extract(_MARKED, 1)),
            pl.col("behind").str.head(1),
        ).alias("first_behind"),
        pl.col("time").str.replace_all("[0-9]+", "0").alias("mask"),
    )


def _heads(frame: pl.DataFrame, at: pl.Series) -> pl.DataFrame:
    """The headings among the lines; of a form that names the sender in a line of its own, the line below."""
    heads = frame.filter(pl.col("at").is_in(at.implode()))
    below = frame.filter(pl.col("at").is_in((at + 1).implode()))
    return heads if heads.height >= below.height else below


def _lines_like_headings(frame: pl.DataFrame, heads: pl.DataFrame, label: str) -> Swallowed | None:
    """The lines shaped like the headings whose time lies between those of the headings above and below."""
    shapes = heads.group_by(_SHAPE).len().filter(pl.col("len") > _LEAST_SHARE * heads.height)
    is_head = pl.col("at").is_in(heads["at"].implode())
    like = frame.join(shapes.select(_SHAPE), on=_SHAPE, how="semi").filter(~is_head, pl.col("at") > heads["at"].min())
    if float(heads["above"].mean() or 0) >= _HABIT:  # type: ignore[arg-type]
        # The form parts messages by an empty line. Without one, a line is a heading only by a speaker's name.
        speakers = heads.filter(pl.col("behind").str.contains(r"\w"))["behind"]
        like = like.filter(pl.col("above") | pl.col("behind").is_in(speakers.implode()))
    if float((heads["behind"] == "").mean() or 0) >= _HABIT:  # type: ignore[arg-type]
        like = like.filter(pl.col("behind") == "")
    if like.is_empty():
        return None
    timed = _timed(pl.concat([heads, like]).sort("at"))
    known = pl.when(is_head).then("key")
    timed = timed.with_columns(
        known.forward_fill().alias("earliest"), known.backward_fill().fill_null(pl.lit(2**62)).alias("latest")
    )
    fits = timed.filter(~is_head & pl.col("key").is_between("earliest", "latest"))
    lines = tuple((at + 1, text) for at, text in fits.select("at", "text").iter_rows())
    return Swallowed(label, lines, heads.height) if lines else None


def _timed(rows: pl.DataFrame) -> pl.DataFrame:
    """The rows with `key`, which puts their times in order: seconds, of partial times the figures."""
    seconds = parse_time_column(rows["time"], ASSUMED_ZONE)["sent_at"].dt.epoch("s")
    if seconds.null_count() > rows.height // 2:
        seconds = rows["time"].str.replace_all("[^0-9]", "").cast(pl.Int64, strict=False)
    return rows.with_columns(seconds.alias("key"))

"""Lines of one layout, as in logs: constant words, places with few values, and words at the end."""

import re
from dataclasses import dataclass, replace

import polars as pl

from reconcile.column_ops import none_of, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.people.place_values import (
    LEVEL,
    LEVELS,
    telling_places,
    tells_way,
)
from reconcile.formats.inferred.script_values import plain_quoted
from reconcile.formats.inferred.text.frames_of_lines import dates_of
from reconcile.formats.inferred.text.headings import around_times
from reconcile.formats.inferred.text.layouts import (
    ALIVE,
    CLOSING,
    FEW,
    LEAST_PLACES,
    QUOTES,
    RECURRING,
    Layout,
    peel,
)
from reconcile.formats.inferred.text.templates import LEAST, are_of_a_template
from reconcile.formats.inferred.times.file_days import day_of_log, runs_through_a_day
from reconcile.formats.inferred.times.times_in_lines import hold_times, plain_times
from reconcile.formats.inferred.words.bodies_in_lines import bodies_of, day_lines, parting_days, plain_words
from reconcile.formats.inferred.words.closings import without_closings, without_pairs_behind
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note
from reconcile.vocabulary import NoteCode

# Least share of the filled lines in a layout, and of the lines with times that have the same text before these.
_LEAST_SHARE, _IN_PLACE = 0.1, 0.8
# Further pairs behind a value in quotes, and signs at the ends of words.
_PAIRS = r"(?:[\s,;]+[\w.-]+=(?:\"[^\"]*\"|\S*))*[\s\])};,]*"
_EDGES = " \t-—–|:：>*])】"


@dataclass(frozen=True, slots=True)
class _Headings:
    """The headings of a text.

    Attributes:
        days: which lines hold a day alone.
        heads: the lines with a time, parted into `pre`, `time` and `post`.
        kind: the kind of their times.
    """

    days: pl.Series
    heads: pl.DataFrame
    kind: str


@dataclass(frozen=True, slots=True)
class Log:
    """The messages of a program's log.

    Attributes:
        fields: the messages.
        spoken: what stands behind the times of the messages.
        others: the same of all other lines with times, which are noted.
    """

    fields: Fields
    spoken: pl.Series
    others: pl.Series


def placed_fields(lines: pl.Series, name: str, notes: list[Note], known: float = 0) -> Fields | None:
    """The messages of lines with at least two places beside the time, a column each; None for other texts.

    One place suffices for more messages than are `known`. A line without the layout belongs to the message above it, and is noted if it has a time in the same place.
    """
    found = _headings(lines, is_known=known not in (0, float("inf")))
    return None if found is None else _fields(lines, found, name, notes, known)


def log_fields(lines: pl.Series, name: str, notes: list[Note]) -> Log | None:
    """The messages of a log among lines of other layouts; None where no template is shared.

    The other lines are noted with what stands below them.
    """
    if (found := _headings(lines, is_known=False)) is None:
        return None
    heads = found.heads
    are_spoken = are_of_a_template(heads["post"])
    if are_spoken.all() or int(are_spoken.sum()) < LEAST:
        return None
    begins, others = _marked(lines, heads), heads.filter(~are_spoken)
    spoken = none_of(lines).scatter(heads["line"] - 1, are_spoken).set(~begins, None)
    is_other = ~spoken.fill_null(strategy="forward").fill_null(value=True)
    read = _fields(lines.set(is_other, ""), replace(found, heads=heads.filter(are_spoken)), name, notes, 0)
    if read is None:
        return None
    gone = [
        Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}", t[:200]) for n, t in others.select("line", "text").iter_rows()
    ]
    read = replace(read, notes=(*read.notes, *shorten_notes(gone)))
    return Log(read, heads["post"].filter(are_spoken), others["post"])


def _headings(lines: pl.Series, *, is_known: bool) -> _Headings | None:
    """The headings by the first kind of time that enough lines have; None without one.

    `is_known`: the text is read clearly, so clocks alone are not looked at again.
    """
    least = max(LEAST, _LEAST_SHARE * int((lines.str.strip_chars() != "").sum()))
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    days = day_lines(lines)
    for kind in ("full", "c", "figures", "epoch", "yearless", *(() if is_known else ("clock",))):
        near = frame.filter(hold_times(lines, kind) & ~days)
        if near.height >= least and (heads := around_times(near, kind)).height >= least:
            return _Headings(days, heads, kind)
    return None


def _fields(lines: pl.Series, found: _Headings, name: str, notes: list[Note], known: float) -> Fields | None:
    """The messages below headings of one layout."""
    days, heads, kind = found.days, found.heads, found.kind
    before, after = Layout(), Layout()
    # Before the time, a running number may be left; a time elsewhere belongs to the words.
    left = peel(heads["pre"], before, "<").str.replace_all("[0-9]+", "0")
    usual = present(left).mode().sort()
    in_place = (left == usual[0]).fill_null(value=False) if usual.len() else left.is_not_null() & False
    if float(in_place.mean() or 0) < _IN_PLACE:  # type: ignore[arg-type]
        return None
    if kind == "clock" and heads["pre"].str.contains(r"[^\W\d]").filter(in_place).any():
        # Words before a clock.
        return None
    heads = heads.filter(in_place)
    words = peel(heads["post"], after, ">")
    alive = words.is_not_null()
    spoken = [w for w in (*before.constant, *after.constant) if re.search(r"\w", w)]
    places = {**{n: c.filter(in_place) for n, c in before.places.items()}, **after.with_ends()}
    is_told = len(places) + len(spoken) >= LEAST_PLACES or heads.height > known or any(map(tells_way, places.values()))
    if not places or not is_told or float(alive.mean() or 0) < ALIVE:  # type: ignore[arg-type]
        return None
    told: list[Note] = []
    if not alive.all() and _is_log(spoken, places):
        gone = heads.filter(~alive).select("line", "text")
        told = [Note(NoteCode.ROW_SKIPPED, f"{name}#line {n}", t[:200]) for n, t in gone.iter_rows()]
    else:
        # In a chat, a line without the places is a notice.
        opening = next(iter(after.constant), "").rstrip(" " + "".join(CLOSING))
        bare = heads["post"].str.strip_prefix(opening).str.strip_chars(_EDGES)
        words, alive = words.fill_null(bare), alive | True
    starts = _marked(lines, heads.filter(alive))
    by_name = day_of_log(name, lines) if kind == "clock" else None
    dates = (
        dates_of(lines, heads, days := parting_days(lines, days, starts, None), by_name) if kind == "clock" else None
    )
    if dates is not None and ((dates == "").any() or not (days.any() or runs_through_a_day(heads["time"]))):
        return None
    body, more = bodies_of(
        lines,
        heads.filter(alive)["line"],
        _marked(lines, heads) & ~starts | days,
        starts,
        has_words=bool(words.str.strip_chars().ne("").any()),
    )
    words, is_below = words.filter(alive), float((body.str.strip_chars() != "").mean() or 0) >= ALIVE  # type: ignore[arg-type]
    if words.n_unique() < RECURRING * words.len():
        if not is_below:
            return None
        # All words stand below the headings.
        places[f">{len(places) + 1}"], words = (
            heads["post"].set(alive, None).scatter(alive.arg_true(), words),
            words.clear(words.len()),
        )
    text = pl.DataFrame({"words": words, "body": body}).select(
        pl.when(pl.col("body") == "")
        .then("words")
        .otherwise(pl.concat_str("words", "body", separator="\n", ignore_nulls=True))
        .alias("text")
    )["text"]
    text, below = _without_closing(text, after)
    text, _, foot = without_closings(without_pairs_behind(plain_words(text, "")))
    below = below.clone().scatter(below.len() - 1, foot) if foot else below
    told += [
        Note(NoteCode.ROW_SKIPPED, f"{name}#line {n + 1}", t.strip()[:200])
        for n, t in zip(heads.filter(alive)["line"], below, strict=True)
        if t
    ]
    frame = pl.DataFrame([
        heads.filter(alive).select(pl.format("line {}", "line").alias(ROW))[ROW],
        plain_times(heads.filter(alive)["time"], kind).alias("time"),
        *(() if dates is None else (dates.filter(alive),)),
        *(c.filter(alive).replace("", None).alias(n) for n, c in telling_places(places).items()),
        text.alias("text"),
    ])  # fmt: skip
    is_open = by_name is not None and not days.any() and not by_name.is_of(heads["time"][0])
    return Fields(
        frame, name, f"{name}#", is_text=True, is_flat=True, doubts={"date": ("date",)} if is_open else {},
        notes=(*notes, *more, *shorten_notes(told), *leading_note(lines, starts, name)),
    )  # fmt: skip


def _marked(lines: pl.Series, heads: pl.DataFrame) -> pl.Series:
    """Which of the lines are these headings."""
    return none_of(lines).scatter(heads["line"] - 1, values=True)


def _is_log(constant: list[str], places: dict[str, pl.Series]) -> bool:
    """Whether the lines state levels, as the log of a program does."""
    levels = rf"\b(?:{LEVEL})\b"
    return any(re.search(levels, c) for c in constant) or any(
        p.drop_nulls().str.contains(LEVELS).all() for p in places.values()
    )


def _without_closing(text: pl.Series, layout: Layout) -> tuple[pl.Series, pl.Series]:
    """The words without the sign that closes them or the whole line, and what stands on lines below it.

    What is behind it in the same line is no part of either. Below a closing quotation mark somebody else's words follow,
    as in minutes.
    """
    last, whole = next((c for c in reversed(layout.constant) if c), ""), "".join(layout.constant)
    below = pl.repeat("", text.len(), dtype=pl.String, eager=True)
    for opening, closing in CLOSING.items():
        is_last = last[-1:] == opening
        is_open = is_last or (opening != closing and whole.count(opening) > whole.count(closing))
        if not is_open or not text.str.contains(closing, literal=True).all():
            continue
        if is_last and opening == closing:
            words = text.str.extract(rf"(?s)^((?:[^{closing}\\]|\\.)*){closing}{_PAIRS}$", 1)
            if not words.null_count():
                return plain_quoted(words, closing), below
        behind = r"(?:\n.*)?" if opening in QUOTES else ""
        parts = text.str.extract_groups(
            rf"(?s)^(?P<words>.*){re.escape(closing)}(?P<tail>[^\n]*)(?P<below>{behind})$"
        ).struct.unnest()
        most = max(FEW, RECURRING * text.len()) if is_last else 0
        if not parts["words"].null_count() and parts["tail"].replace("", None).drop_nulls().n_unique() <= most:
            text, below = parts["words"], parts["below"]
    return text, below

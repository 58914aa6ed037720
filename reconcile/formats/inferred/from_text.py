"""Rows inside plain text and Markdown: where times appear tells which lines begin a message."""

import re
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.rows import OWN_NAMES
from reconcile.formats.inferred.text_account import (
    EVER_NEW,
    MANY,
    doubts_of,
    swallowed_clocks,
)
from reconcile.formats.inferred.text_bodies import (
    DAY_LINE,
    bodies_of,
    day_lines,
    parting_days,
    plain_words,
    repeated_times,
    without_states,
)
from reconcile.formats.inferred.text_frames import (
    chats_of,
    of_the_form,
    opening_day,
    times_in_front,
    with_bare_days,
    with_days_of_sessions,
    without_running_numbers,
)
from reconcile.formats.inferred.text_names import (
    MOST_NAME,
    bare_names,
    is_two_sided,
    named_behind,
    with_ids,
    with_receivers,
    without_signs,
)
from reconcile.formats.inferred.text_times import MARKS, TIMES, plain_times, with_plain_figures
from reconcile.formats.inferred.time_bars import with_times_of_bars
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import in_time_order, leading_note, lines_of
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column

# Behind the time of a program's log stand a level and the name of its part.
_LEVEL = r"(?:\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN(?:ING)?|ERROR)\]?(?:[\s:|\-]+(?:[\[(][\w.:/\-]+[\])]|[A-Za-z_]\w*(?:\.\w+)+(?::|\s-)))?[\s:|\-]+)?"
_MARK = r"[\s\])）】*|,，;；:：\-—–·•=>_`\"']*"
# A word before a time that says nothing but that it is one.
_PREPOSITION = r"^\W*(?:On|Am|Le|El|Il|Em|Op|W|在|于)\s*$"
_OPEN, _CLOSE = r"[\s\u200e\[(（【*#>\-|•·—–=_`\"'<]*", rf"{_MARK}{_LEVEL}"
_LEAST, _FARTHEST = 3, MOST_NAME + 20
# A text of fields by name is no chat of one speaker, and dates, words of a program and tables name nobody.
_FIELDS = ("time", "sender", "text", "kind", "receiver")
_NO_NAME = r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[,;|][\"']|[\"'][,;|]"
_MOST_NO_NAMES = 0.2
# A field's name before a colon at the beginning of a line, and so many texts hold it where it is the form's.
_FIELD, _MOST_FIELDS = r"(?m)^[^\W\d][\w-]{1,29}[:：]", 0.8
# Lines of brackets alone: so large a share of them makes a text a program's, not a chat.
_BRACKETS, _MOST_BRACKETS = r"^\s*(?:[\[\]{}]\s*,?\s*)+;?\s*$", 0.1
# A running number before the time, and so small a share of headings may lack one or break its order.
_RUNNING, _MOST_UNNUMBERED = r"^[#№]?\s?([0-9]{1,9})[.)、]?$", 0.1
# So large a share of ever new senders makes a text no chat.
_ALL_NEW = 0.9
_MOST_ODD = 0.05
_LOG_OF_A_DAY = re.compile(
    r"(20[0-9]{2})[-_.]?([01][0-9])[-_.]?([0-3][0-9])(?:[-_. T]?[0-9]{4,6})?(?:[+-][0-9]{4})?[A-Z]{0,5}"
)
_SLACK_SECONDS = 300
# Messages are at least so large a share of the lines.
_LEAST_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of a heading line: `lead name gap` before the time, `close` and `rest` behind it."""

    lead: str
    has_name: bool
    gap: str
    close: str


def text_fields(source: Source, file: Path) -> list[Fields]:
    """The rows of a text file as one frame of line, time, sender and text; [] where no line shape recurs.

    The frame also has a date where separate lines state the day.
    """
    lines, notes = lines_of(source, file)
    return fields_of_lines(lines, source.relative(file), notes)


def fields_of_lines(lines: pl.Series, name: str, notes: list[Note]) -> list[Fields]:
    """As `text_fields`, for the lines of a file of that name."""
    plain = with_plain_figures(lines.str.strip_chars_start(MARKS))
    lines = with_days_of_sessions(plain)
    gone = ((lines == "") & (plain.str.strip_chars() != "")).arg_true()
    notes = [*notes, *shorten_notes([Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", plain[i][:200]) for i in gone])]
    lines = with_bare_days(times_in_front(without_running_numbers(lines)))
    lines, asked = with_times_of_bars(lines)
    if float(lines.str.contains(_BRACKETS).mean() or 0) > _MOST_BRACKETS:  # type: ignore[arg-type]
        return []
    days = day_lines(lines)
    dated, filled = 0, int((lines.str.strip_chars() != "").sum())
    found: list[Fields] = []
    for kind in TIMES:
        # Lines that tell their day themselves are never read as clocks under the day of another line.
        if kind == "clock" and not days.any() and _day_of_file(name) is None:
            continue
        near = lines.str.contains(TIMES[kind]) & ~days
        again = repeated_times(lines, near, TIMES[kind])
        near &= ~again
        if kind == "clock" and 2 * dated > int(near.sum()):
            continue
        dated = max(dated, int(near.sum()))
        if (rows := _read_kind_of_time(lines, near, again, kind, days, name, notes)) is not None:
            found.append(replace(rows, doubts={**rows.doubts, asked: (asked,)}) if asked else rows)
            # Of hardly any of a text's lines the times may stand in its title.
            if rows.frame.height >= _LEAST_SHARE * filled:
                break
    return sorted(found, key=lambda f: -f.frame.height)[:1]


def _read_kind_of_time(
    lines: pl.Series, near: pl.Series, again: pl.Series, kind: str, days: pl.Series, name: str, notes: list[Note]
) -> Fields | None:
    """Messages whose headings have times of one kind; null if too few lines do."""
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    few = frame.filter(near)
    # Of a text that is hardly more than headings two are enough.
    least = 2 if 2 * few.height >= int((lines.str.strip_chars() != "").sum()) else _LEAST
    if few.height < least:
        return None
    parts = _unnumbered(_split_heading(_around_times(few, kind)))
    shape = _commonest(parts, least)
    if shape is None:
        return None
    heads = parts.filter(_fits_shape(shape))
    if heads.height < least:
        return None
    has_year = heads["time"].str.contains(r"[0-9]{4}")
    heads, more = _in_order(heads.with_columns(plain_times(heads["time"], kind)), has_year, shape, kind, name)
    return _read_messages(lines, heads, shape, kind, days, again, name, [*notes, *more])


def _around_times(lines: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The lines with their first time near their beginning, what stands before it and what behind."""
    time = TIMES[kind]
    if kind == "epoch":
        # Its figures may stand inside a longer number before it.
        pattern = rf"^(?P<pre>.{{0,{_FARTHEST}}}?)(?P<time>{time})(?P<post>.*)$"
        return lines.with_columns(pl.col("text").str.extract_groups(pattern).alias("g")).unnest("g").drop_nulls("time")
    # A pattern for all three parts costs twice as much.
    told = lines.with_columns(pl.col("text").str.extract(rf"({time})", 1).alias("time")).drop_nulls("time")
    around = pl.col("text").str.splitn(pl.col("time"), 2).struct.rename_fields(["pre", "post"])
    parts = told.with_columns(around.alias("around")).unnest("around").select("line", "text", "pre", "time", "post")
    return parts.filter(pl.col("pre").str.len_chars() <= _FARTHEST)


def _split_heading(parts: pl.DataFrame) -> pl.DataFrame:
    """Add lead, name, gap and close: what surrounds the sender's name and the time."""
    # Names recur, so that each is parted once.
    distinct = parts["pre"].unique()
    told = pl.concat([distinct.to_frame(), _split_before_times(distinct)], how="horizontal")
    before = parts.select("pre").join(told, on="pre", how="left", maintain_order="left").drop("pre")
    close = parts["post"].str.extract(r"^(\s*)" if is_two_sided(parts["post"]) else rf"^({_CLOSE})", 1)
    return pl.concat([parts, before, close.alias("close").to_frame()], how="horizontal").with_columns(
        # Of a line that holds marks alone before its time, all of them lead.
        pl.when(pl.col("name") == "").then(pl.col("pre")).otherwise("lead").alias("lead"),
        pl.when(pl.col("name") == "").then(pl.lit("")).otherwise("gap").alias("gap"),
        (pl.col("name") != "").alias("has_name"),
    )


def _split_before_times(pre: pl.Series) -> pl.DataFrame:
    """Lead, name and gap of the words before a time."""
    gap = r"[\s\])）（(\[【*|,，:：\-—–<>@`\"'_·•]*"
    before = pre.str.extract_groups(rf"^(?P<lead>{_OPEN})(?P<name>.*?)(?P<gap>{gap})$").struct.unnest()
    before = _with_closed_names(before)
    # `On 3 March at 9:05, Anna wrote:` names nobody before the time.
    leads = pre.str.contains(_PREPOSITION)
    return before.with_columns(
        pl.when(leads).then(pl.lit("")).otherwise("name").alias("name"),
        pl.when(leads).then(pl.lit(None, dtype=pl.String)).otherwise("gap").alias("gap"),
    )


def _with_closed_names(before: pl.DataFrame) -> pl.DataFrame:
    """The parts before the times; a closing bracket whose opening one the name holds is its end."""
    for first, last in ("()", "（）", "【】", "[]"):
        held = (
            pl.col("name").str.count_matches(first, literal=True) > pl.col("name").str.count_matches(last, literal=True)
        ) & pl.col("gap").str.starts_with(last)
        before = before.with_columns(
            pl.when(held).then(pl.col("name") + last).otherwise("name").alias("name"),
            pl.when(held).then(pl.col("gap").str.slice(1)).otherwise("gap").alias("gap"),
        )
    return before


def _unnumbered(parts: pl.DataFrame) -> pl.DataFrame:
    """The headings without running numbers before the time, if nearly every heading has one."""
    numbers = parts["name"].str.extract(_RUNNING, 1).cast(pl.Int64, strict=False)
    if parts.height < _LEAST or numbers.null_count() > _MOST_UNNUMBERED * parts.height:
        return parts
    if float((numbers.drop_nulls().diff().drop_nulls() > 0).mean() or 0) < 1 - _MOST_UNNUMBERED:  # type: ignore[arg-type]
        return parts
    bare = parts.filter(numbers.is_not_null())
    nothing = pl.lit("")
    return bare.with_columns(pre=nothing, lead=nothing, name=nothing, gap=nothing, has_name=pl.lit(value=False))


def _commonest(parts: pl.DataFrame, least: int) -> _Shape | None:
    """The shape that most lines share, with the shortest closing sign that fits all lines of that shape."""
    counted = parts.group_by("lead", "has_name", "gap").len().sort("len", "lead", descending=[True, False])
    if counted.is_empty() or counted["len"][0] < least:
        return None
    lead, has_name, gap, _ = counted.row(0)
    same = parts.filter((pl.col("lead") == lead) & (pl.col("has_name") == has_name) & (pl.col("gap") == gap))
    closes = Counter(same["close"].to_list())
    close = closes.most_common(1)[0][0]
    # A mark that the words begin with is theirs: a shorter close that others show too is the form's own.
    shorter = [
        c for c, n in closes.items() if c != close and close.startswith(c) and c.strip() == close.strip() and n > 1
    ]
    return _Shape(lead, has_name, gap, min(shorter, key=len) if shorter else close)


def _fits_shape(shape: _Shape) -> pl.Expr:
    """Whether a heading has the same signs around name and time as the shape."""
    bare = pl.col("post").str.strip_chars_end() == shape.close.rstrip()
    closed = pl.col("post").str.starts_with(shape.close) | bare
    lead = pl.col("pre").str.starts_with(shape.lead)
    if not shape.has_name:
        return closed & (pl.col("pre") == shape.lead)
    return (
        closed
        & lead
        & pl.col("pre").str.ends_with(shape.gap)
        & (pl.col("pre").str.len_chars() > len(shape.lead) + len(shape.gap))
    )


def _in_order(
    heads: pl.DataFrame, has_year: pl.Series, shape: _Shape, kind: str, name: str
) -> tuple[pl.DataFrame, list[Note]]:
    """The headings without typed or pasted ones, and notes on those whose time breaks the order.

    Late messages and messages from before joining break the order, too. A heading only counts as words if it is below
    words that contain such a heading, or if it writes its year as no other heading does.
    """
    if kind in ("clock", "epoch"):
        return heads, []
    seconds = parse_time_column(heads["time"], ASSUMED_ZONE)["sent_at"].dt.epoch("s")
    steps = seconds.drop_nulls().diff()
    if not bool((steps < -_SLACK_SECONDS).any()):
        return heads, []
    fits = pl.Series(in_time_order(seconds.to_list(), _SLACK_SECONDS), dtype=pl.Boolean)
    odd = int((~fits).sum())
    if not odd or odd > max(2, _MOST_ODD * heads.height):
        return heads, []
    usual = bool(has_year.filter(fits).mean() > 0.5)  # type: ignore[operator]
    below = (
        heads["post"].str.slice(len(shape.close)).str.contains(rf":\s\W{{0,3}}{TIMES[kind]}").shift(1, fill_value=False)
    )
    words = ~fits & ((has_year != usual) | below)
    notes = [
        Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {n}", t[:200])
        for n, t in heads.filter(~fits).select("line", "text").iter_rows()
    ]
    return heads.filter(~words), shorten_notes(notes)


def _read_messages(
    lines: pl.Series, heads: pl.DataFrame, shape: _Shape, kind: str, days: pl.Series, again: pl.Series, name: str, notes: list[Note],
) -> Fields | None:  # fmt: skip
    """Messages below their headings as fields; null where the shape does not hold."""
    rest = heads["post"].str.slice(len(shape.close))
    is_header = pl.Series([False]).new_from_index(0, lines.len()).scatter(heads["line"] - 1, values=True)
    if shape.has_name:
        end = -len(shape.gap) if shape.gap else 2**31
        before = heads.select(pl.col("pre").str.slice(len(shape.lead)).str.head(end))["pre"]
        sender, words, above, is_asked = before, rest, False, False
    else:
        told = named_behind(rest, lines, heads)
        if told is None:
            return None
        sender, words, above, is_asked = told  # type: ignore[assignment]
    if above:
        # The name stands in the line above the time, which begins the message.
        is_header |= is_header.shift(-1, fill_value=False)
    days = parting_days(lines, days, is_header, None if kind == "clock" else heads)
    indents = None if shape.has_name or above else heads["text"].str.len_chars() - words.str.len_chars()
    framed, told_too = of_the_form(lines, days, is_header, name)
    chats = chats_of(lines, is_header, days)
    if chats is not None:
        framed |= chats[1] & ~is_header
    has_words = shape.has_name or rest.str.strip_chars().ne("").any()
    body, more = bodies_of(lines, heads["line"], days | again | framed, is_header, has_words, indents)
    if sender is None:
        first = body.str.extract_groups(
            r"(?s)^\s*\**(?P<name>[^\n:：*]{1,60}?)\**(?:[:：]\**[ \t]*|\n)(?P<words>.*)$"
        ).struct.unnest()
        sender, words = first["name"], first["words"].fill_null(body)
        body = pl.Series([""]).new_from_index(0, body.len())
    words = without_states(words, body)
    text = pl.DataFrame({"words": words, "body": body}).select(
        pl.when((pl.col("words") != "") & (pl.col("body") != "")).then(pl.col("words") + "\n" + pl.col("body"))
        .otherwise(pl.col("words") + pl.col("body")).alias("text")
    )["text"]  # fmt: skip
    text = plain_words(text, shape.lead)
    locator = heads.select(pl.format("line {}", "line").alias(ROW))[ROW]
    frame = pl.DataFrame(
        {
            ROW: locator,
            "time": heads["time"],
            "sender": bare_names(without_signs(sender)),
            "text": text.str.strip_chars_end(),
        }
    )
    if _names_nobody(frame["sender"].drop_nulls(), kind) or _holds_fields(frame["text"]):
        return None
    frame = with_ids(with_receivers(frame))
    if chats is not None:
        frame = frame.with_columns(chats[0].gather(heads["line"] - 1).alias("conversation"))
    if kind == "clock":
        dates = _last_dates(lines, days).gather(heads["line"] - 1)
        if days.any() and dates.null_count():
            dates = dates.fill_null(opening_day(lines, heads["line"][0] - 1, heads["time"][0]) or "")
        if not days.any() and not _runs_through_a_day(heads["time"]):
            return None
        frame = frame.with_columns((dates if days.any() else dates.fill_null(_day_of_file(name) or "")).alias("date"))
    roles: dict[str, str] = {
        c: c
        for c in ("date", "time", "sender", "sender_name", "receiver", "text", "conversation")
        if c in frame.columns
    }
    notes = [*notes, *more, *told_too, *leading_note(lines, is_header, name)]
    like = swallowed_clocks(lines, ~(is_header | days | again | framed), shape.lead, shape.close)
    doubts = doubts_of(frame, like, is_asked=is_asked)
    return Fields(frame, name, f"{name}#", notes=tuple(notes), roles=roles, doubts=doubts, is_text=True)


def _last_dates(lines: pl.Series, days: pl.Series) -> pl.Series:
    """For each line, the last day stated at or above it."""
    few = lines.filter(days).str.extract(DAY_LINE, 1)
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, lines.len())
    return nothing.scatter(days.arg_true(), few).fill_null(strategy="forward")


def _day_of_file(name: str) -> str | None:
    """The day in a file's name if that holds nothing else but a clock and a zone; null otherwise."""
    found = _LOG_OF_A_DAY.fullmatch(PurePosixPath(name).stem)
    return None if found is None else f"{found[1]}-{found[2]}-{found[3]}"


def _runs_through_a_day(clocks: pl.Series) -> bool:
    """Whether no clock goes back, so that all of them may be of one day."""
    times = parse_time_column("2001-02-03 " + clocks, ASSUMED_ZONE)["sent_at"]
    return not times.null_count() and not bool((times.diff().dt.total_seconds() < 0).any())


def _holds_fields(text: pl.Series) -> bool:
    """Whether nearly all texts hold the same field, such as `BEGIN:`, and so are parts of records."""
    keys = text.str.extract_all(_FIELD).list.unique()
    counted = keys.explode().drop_nulls().value_counts(sort=True)
    return text.len() >= _LEAST and not counted.is_empty() and counted["count"][0] >= _MOST_FIELDS * text.len()


def _names_nobody(speakers: pl.Series, kind: str) -> bool:
    """Whether what was taken for senders are the names of fields, dates, or pieces of a table."""
    if speakers.is_empty():
        return True
    if float(speakers.str.contains(_NO_NAME).mean()) > _MOST_NO_NAMES:  # type: ignore[arg-type]
        return True
    if speakers.len() >= MANY and speakers.n_unique() > EVER_NEW * speakers.len():
        # Ever new, and with a colon inside: a name and words before a time that ends the message.
        joined = float(speakers.str.contains(r"[:：]").mean()) > _MOST_NO_NAMES  # type: ignore[arg-type]
        if joined or speakers.n_unique() > _ALL_NEW * speakers.len():
            return True
    if speakers.n_unique() >= 2 or kind == "clock" or speakers.is_in(OWN_NAMES).any():
        return False
    named = any(hint(speakers[0], role) >= 1 for role in _FIELDS) or not re.search(r"[^\W\d]|[0-9]{5}", speakers[0])
    return named or bool(speakers.str.contains(r"[:：=]").any())

"""Rows inside plain text and Markdown: where times appear tells which lines begin a message."""

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path, PurePosixPath

import polars as pl

from reconcile.column_ops import all_contain, none_of, occurs, present
from reconcile.formats.inferred.escapes import MARKDOWN, without_hard_breaks, without_tags_of_form
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.people.bare_names import bare_names, without_signs
from reconcile.formats.inferred.people.named_accounts import with_accounts
from reconcile.formats.inferred.people.names_in_lines import (
    kinds_in_remarks,
    named_behind,
    recur,
    with_receivers,
    with_whole_names,
    without_shared_remarks,
)
from reconcile.formats.inferred.platforms import is_of_a_client
from reconcile.formats.inferred.text.account_of_lines import (
    EVER_NEW,
    MANY,
    are_all_words,
    are_days,
    are_ids,
    doubts_of,
    hold_fields,
    swallowed_headings,
    without_label,
)
from reconcile.formats.inferred.text.chats_in_lines import chats_of
from reconcile.formats.inferred.text.days_alone import with_days_as_times, without_clocks
from reconcile.formats.inferred.text.frames_of_lines import (
    dates_of,
    day_beside_clock,
    offset_of_opening,
    with_bare_days,
    with_days_of_sessions,
    with_days_of_stamps,
    with_offset,
    without_running_numbers,
    without_underlines,
)
from reconcile.formats.inferred.text.headings import (
    Shape,
    around_times,
    commonest,
    fits_shape,
    in_order,
    not_quoted,
    split_heading,
    unnumbered,
)
from reconcile.formats.inferred.text.joined_exports import with_one_spelling
from reconcile.formats.inferred.text.names_above import with_names_above
from reconcile.formats.inferred.text.odd_headings import (
    are_angled,
    with_actions,
    with_clocks_alone,
    with_odd_headings,
    with_own_mark,
)
from reconcile.formats.inferred.text.program_lines import are_levels, without_program_lines
from reconcile.formats.inferred.text.quoted_headings import with_quoted_headings
from reconcile.formats.inferred.text.repeated_records import without_quoted_words, without_repeated_records
from reconcile.formats.inferred.text.time_bars import note_on_bars, with_times_of_bars
from reconcile.formats.inferred.text.typed_screens import without_screens
from reconcile.formats.inferred.text.words_of_items import without_words_of_items
from reconcile.formats.inferred.times.file_days import FileDay, day_of_log, only_day, runs_through_a_day
from reconcile.formats.inferred.times.lines_of_form import of_the_form, without_cues
from reconcile.formats.inferred.times.relative_days import with_dates_of_names
from reconcile.formats.inferred.times.times_behind import times_in_front
from reconcile.formats.inferred.times.times_in_lines import TIMES, hold_times, notes_on_eras, plain_lines, plain_times
from reconcile.formats.inferred.times.yearless_days import with_years_of_days
from reconcile.formats.inferred.times.zone_words import with_zones_of_words, without_marks
from reconcile.formats.inferred.times.zones import zones_in_titles
from reconcile.formats.inferred.words.bodies_in_lines import (
    NAME_ALONE,
    NAMES_OF_BODIES,
    below_days,
    bodies_of,
    day_lines,
    foot_of,
    parting_days,
    plain_words,
    repeated_times,
    without_states,
)
from reconcile.formats.inferred.words.closings import without_closings
from reconcile.formats.inferred.words.labelled_parts import (
    with_states_apart,
    without_labelled_parts,
    without_reactions,
    without_wrapping,
)
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note, lines_of
from reconcile.intake.text.printed_pages import page_lines, with_whole_headings
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import fitted
from reconcile.wechat.owner_words import OWN_NAMES

# Names of fields, dates, words of a program and pieces of tables are no senders; the most senders that may be such.
_FIELDS = ("time", "sender", "text", "kind", "receiver")
_ROLES = ("date", "time", "sender", "sender_name", "receiver", "text", "kind", "direction", "conversation", "id")
_NO_NAME = r"^[0-9]{1,4}[-/.][0-9]{1,2}[-/.][0-9]{1,4}|[,;|][\"']|[\"'][,;|]"
_MOST_NO_NAMES = 0.2
# The name that begins the line below a time.
_NAME_BELOW = r"^\s*(\**[^\n:：*]{1,60}?\**)[ \t]*[:：]"
# Lines of brackets alone, and the largest share of them in a chat.
_BRACKETS, _MOST_BRACKETS = r"^\s*(?:[\[\]{}]\s*,?\s*)+;?\s*$", 0.1
# Largest share of senders who occur once in a chat, unless they are short words without figures and brackets.
_ALL_NEW, _PLAIN_NAME = 0.9, r"^[^\d()\[\]{}<>=;,，。]{1,25}$"
_TWO, _BRACKETED_TIME = 2, rf"^\[{TIMES['full']}\]\s*\S"  # At the beginning of a line.
# Most lines above the first message that may state the zone.
_TITLES = 40
# Least share of the lines that are headings of messages.
_LEAST_SHARE = 0.1


def text_fields(source: Source, file: Path) -> list[Fields]:
    """The rows of a text file as one frame of line, time, sender and text; [] where no line shape recurs.

    The frame also has a date where separate lines state the day.
    """
    lines, notes = lines_of(source, file)
    folder = source.root.absolute().parent if source.is_file else source.root.absolute()
    return fields_of_lines(lines, source.relative(file), notes, folder.name)


def fields_of_lines(lines: pl.Series, name: str, notes: list[Note], folder: str = "") -> list[Fields]:
    """Fields like those of `text_fields`, from the lines of a file of that name in a folder of that name."""
    if PurePosixPath(name).suffix.lower() in MARKDOWN:
        lines = without_hard_breaks(without_tags_of_form(lines))
    lines = without_quoted_words(without_repeated_records(with_quoted_headings(lines)))
    raw, (lines, overlaps) = lines, without_screens(lines, name)
    plain, asks_day = with_dates_of_names(plain_lines(lines))
    plain = with_years_of_days(plain)
    lines, opening = (
        with_days_of_sessions(without_program_lines(without_words_of_items(plain))),
        offset_of_opening(plain),
    )
    gone = [] if lines is plain else ((lines == "") & (plain.str.strip_chars() != "")).arg_true().to_list()
    lines, outside = times_in_front(without_running_numbers(without_cues(lines)))
    skipped = (Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", plain[i][:200]) for i in (*gone, *outside))
    notes = [*notes, *shorten_notes([*skipped])]
    lines, zones = with_zones_of_words(without_underlines(with_days_of_stamps(with_bare_days(lines))))
    lines, asked = with_times_of_bars(bare := with_names_above(with_one_spelling(lines)))
    bars = [note_on_bars(name)] if lines is not bare else []
    doubts = {**({asked: (asked,)} if asked else {}), **({"timezone": zones} if zones else {})}
    paged, pages = page_lines(lines, name)
    lines = lines.str.strip_chars_start("\f") if occurs("\f", lines) else lines
    notes = [*notes, *overlaps, *pages, *notes_on_eras(raw, plain, name), *bars]
    if float(lines.str.contains(_BRACKETS).mean() or 0) > _MOST_BRACKETS:  # type: ignore[arg-type]
        return []
    days = day_lines(lines)
    by_name = day_of_log(f"{folder}/{name}", lines)
    dated, filled = 0, int((lines.str.strip_chars() != "").sum())
    found: list[Fields] = []
    for kind in TIMES:
        # Lines that state their own day are never read as clocks below another date line.
        is_dated = kind != "clock" or days.any() or (by_name or day_beside_clock(lines)) is not None
        least = 1 if is_dated else MANY
        if (found and not is_dated) or int((near := hold_times(lines, kind) & ~days).sum()) < least:
            continue
        lines, paged = with_whole_headings(lines, near, paged)
        again = repeated_times(lines, near, TIMES[kind]) | paged
        near &= ~again
        if kind == "clock" and 2 * dated > int(near.sum()):
            continue
        dated = max(dated, int(near.sum()))
        if (rows := _read_kind_of_time(lines, near, again, kind, days, by_name, name, notes)) is not None:
            rows = with_offset(rows, by_name, opening) if kind == "clock" else rows
            half = "date" if kind == "clock" else "time"
            found.append(replace(rows, doubts={**rows.doubts, **doubts, **({half: (half,)} if asks_day else {})}))
            # Times in very few lines may belong to the title only.
            if rows.frame.height >= _LEAST_SHARE * filled:
                break
    if (stamped := with_days_as_times(lines, days, max([f.frame.height for f in found], default=0))) is not None:
        return [without_clocks(f) for f in fields_of_lines(stamped, name, notes, folder)]
    return [without_marks(f) for f in sorted(found, key=lambda f: -f.frame.height)[:1]]


def _read_kind_of_time(
    lines: pl.Series,
    near: pl.Series,
    again: pl.Series,
    kind: str,
    days: pl.Series,
    by_name: FileDay | None,
    name: str,
    notes: list[Note],
) -> Fields | None:
    """Messages whose headings have times of one kind; null if too few lines do."""
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    few = frame.filter(near)
    parts = unnumbered(split_heading(around_times(few, kind)))
    alone = parts.filter(pl.col("text").str.starts_with("["))
    alone = alone.filter(pl.col("text").str.contains(fitted(_BRACKETED_TIME, alone["text"]))) if alone.height else alone
    if alone.height == 1:
        # One message may have a heading in brackets, whatever other times stand around it.
        shape = commonest(alone, 1) if parts.height <= _TWO else commonest(parts, _TWO) or commonest(alone, 1)
    else:
        shape = commonest(parts, _TWO)
    if shape is None:
        return None
    heads = not_quoted(parts.filter(fits_shape(shape)), lines)
    is_alone = heads.height == 1 and heads["line"][0] in alone["line"]
    # Two headings suffice for a text that is little more than headings; else they are asked about.
    is_asked = is_alone or (heads.height == _TWO and 2 * few.height < int((lines.str.strip_chars() != "").sum()))
    if heads.height < _TWO and not is_alone:
        return None
    written = heads["time"]
    heads, more = in_order(heads.with_columns(plain_times(written, kind)), written, shape, kind, name)
    heads = with_clocks_alone(heads, lines, shape) if kind == "full" else heads
    read = _read_messages(lines, parts, heads, shape, kind, days, again, by_name, name, [*notes, *more])
    if read is None or not is_asked:
        return read
    return replace(read, doubts={"sender": ("sender",), **read.doubts})


def _read_messages(
    lines: pl.Series,
    parts: pl.DataFrame,
    heads: pl.DataFrame,
    shape: Shape,
    kind: str,
    days: pl.Series,
    again: pl.Series,
    by_name: FileDay | None,
    name: str,
    notes: list[Note],
) -> Fields | None:
    """Messages below their headings as fields; null where the shape does not hold."""
    rest = heads["post"].str.slice(len(shape.close))
    if shape.has_name:
        end = -len(shape.gap) if shape.gap else 2**31
        before = heads.select(pl.col("pre").str.slice(len(shape.lead)).str.head(end))["pre"]
        sender, words, above, is_asked = before, rest, False, False
    else:
        told = named_behind(rest, lines, heads)
        if told is None:
            return None
        sender, words, above, is_asked = told  # type: ignore[assignment]
    if sender is not None and not above:
        heads, sender, words, odd = with_odd_headings(heads, parts, shape, kind, sender, words)
        notes = [*notes, *(Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {n}", text[:200]) for n, text in odd)]
    is_header = none_of(lines).scatter(heads["line"] - 1, values=True)
    if above:  # The name stands in the line above the time, which begins the message.
        is_header |= is_header.shift(-1, fill_value=False)
    apart = parting_days(lines, days, is_header, None if kind == "clock" else heads)
    # The only day of the head may be that of the export.
    runs = kind != "clock" or runs_through_a_day(heads["time"])
    asks = kind == "clock" and not apart.any()
    runs_on = runs and asks and by_name is None and day_beside_clock(lines) is None
    head = only_day(lines, days, heads["line"][0], runs=runs_on) if asks else None
    days = apart if head is None else head
    if not days.any() and not runs:
        return None
    indents = None if shape.has_name or above else heads["text"].str.len_chars() - words.str.len_chars()
    chats = chats_of(lines.set(again, ""), is_header, days, heads["line"] - 1, lambda: _said(lines, heads, sender))
    framed, told_too = of_the_form(lines, days, is_header, chats.titles, name)
    out = (below_days(lines, apart, is_header) & ~framed).set(chats.titles, chats.names is None)
    told_too += shorten_notes(
        [Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", lines[i][:200]) for i in out.arg_true()]
    )
    framed |= chats.titles | out
    if are_all_words(again, heads["line"], words):
        pages = {f"{name}#line {i + 1}" for i in again.arg_true()}
        notes, again = [n for n in notes if n.locator not in pages], again & False
    has_words = shape.has_name or rest.str.strip_chars().ne("").any()
    body, more = bodies_of(lines, heads["line"], days | again | framed, is_header, has_words, indents)
    columns = [heads.select(pl.format("line {}", "line").alias(ROW))[ROW], heads["time"]]
    if chats.names is not None:
        columns.append(chats.names.gather(heads["line"] - 1).alias("conversation"))
    if (above or sender is None) and (kinds := kinds_in_remarks(rest)) is not None:
        columns.append(kinds)
    if kind == "clock" and ((dates := dates_of(lines, heads, days, by_name)) != "").any():
        columns.append(dates)
    frame = pl.DataFrame([*columns, *_speech(sender, words, body)])
    notes = [*notes, *more, *told_too, *leading_note(lines, is_header, name)]
    like = swallowed_headings(
        lines,
        ~(is_header | days | again | framed),
        heads["text"],
        shape.lead,
        shape.close,
        bare_names(without_signs(frame["sender"])),
    )
    fields = _fields_of(frame, like, shape.lead, kind, name, notes, is_asked=is_asked)
    if fields is None:
        return None
    by_name = by_name if kind == "clock" and not days.any() else None
    is_open = head is not None or (by_name is not None and not by_name.is_of(heads["time"][0]))
    asked = ["conversation"] * chats.is_asked + ["date"] * is_open
    titles = lines.head(heads["line"][0] - 1).tail(_TITLES).to_list()
    return replace(
        fields, beside=_stated_in(titles, kind), doubts={**fields.doubts, **{role: (role,) for role in asked}}
    )


def _stated_in(titles: list[str], kind: str) -> dict[str, str]:
    """The zone that the lines above the messages state, and the lines themselves where times lack a year."""
    head = {"head": "\n".join(titles)} if kind == "yearless" else {}
    return {**zones_in_titles((line,) for line in titles), **head}


def _said(lines: pl.Series, heads: pl.DataFrame, sender: pl.Series | None) -> pl.DataFrame:
    """Time and sender of each message; without a name in the headings, the one that begins the line below."""
    speakers = lines.shift(-1)[heads["line"] - 1].str.extract(_NAME_BELOW, 1) if sender is None else sender
    at = parse_time_column(heads["time"], ASSUMED_ZONE)["sent_at"]
    return pl.DataFrame({"at": at, "sender": bare_names(without_signs(speakers))})


def _speech(sender: pl.Series | None, words: pl.Series, body: pl.Series) -> list[pl.Series]:
    """Senders and texts of messages; sender None = the name begins the body."""
    if sender is None:
        named = [body.str.extract_groups(p).struct.unnest() for p in (NAME_ALONE, *NAMES_OF_BODIES)]
        alone = named.pop(0)
        # First lines that come again and again are names, whatever signs they hold.
        first = alone if recur(alone["name"]) else max(named, key=lambda parts: parts["name"].count())
        # An address begins with the name of a protocol.
        sender = first["name"].set(first["words"].str.starts_with("//").fill_null(value=False), None)
        # Above nothing, the words behind a time are those of a notice.
        whole = body.set(body.str.strip_chars() == "", None).fill_null(words.str.strip_chars())
        words = first["words"].set(sender.is_null(), None).fill_null(whole)
        if all_contain(words.filter(sender.is_not_null()), r"^[ \t]*\n"):
            # A name in a line of its own, and empty lines below it, belong to the form.
            words = words.str.replace(r"^(?:[ \t]*\n)+", "")
        sender, words = with_whole_names(body, sender, words)
        body = pl.Series([""]).new_from_index(0, body.len())
    words = without_states(words, body)
    if (body == "").all():
        return [sender.alias("sender"), words.alias("text")]
    # Below a bare name, an empty line belongs to the form; behind words, to the message.
    body = body.str.replace(r"^(?:[ \t]*\n)+", "").set(words.str.strip_chars() != "", None).fill_null(body)
    text = pl.DataFrame({"words": words, "body": body}).select(
        pl.when((pl.col("words") != "") & (pl.col("body") != "")).then(pl.col("words") + "\n" + pl.col("body"))
        .otherwise(pl.col("words") + pl.col("body")).alias("text")
    )["text"]  # fmt: skip
    return [sender.alias("sender"), text]


def _fields_of(
    frame: pl.DataFrame, like: pl.Series, lead: str, kind: str, name: str, notes: list[Note], *, is_asked: bool
) -> Fields | None:
    """The rows with bare senders and words; None where nobody is named."""
    sender, words = frame["sender"], plain_words(frame["text"], lead)
    if foot := foot_of(frame["text"][-1], words[-1]):
        notes = [*notes, Note(NoteCode.ROW_SKIPPED, f"{name}#{frame[ROW][-1]}", foot[:200])]
    frame = frame.with_columns(
        without_shared_remarks(bare_names(without_signs(sender))).alias("sender"),
        without_label(words).str.strip_chars_end().alias("text"),
    )
    frame = with_states_apart(without_wrapping(without_labelled_parts(with_actions(frame, sender))))
    frame = frame.with_columns(without_reactions(frame["text"], frame["sender"]))
    words, remarks, below = without_closings(frame["text"])
    frame = frame.with_columns(words, *([remarks] if remarks.count() else []))
    notes = [*notes, Note(NoteCode.ROW_SKIPPED, f"{name}#{frame[ROW][-1]}", below[:200])] if below else notes
    named = with_own_mark(with_accounts(with_receivers(frame)))
    speakers = named["sender_name"] if "sender_name" in named.columns else frame["sender"]
    texts = frame["text"]
    # The client's phrases take long to prepare, and most texts need not be asked for them.
    is_marked = cache(lambda: are_angled(sender) or is_of_a_client(texts))
    if _names_nobody(present(speakers), kind, is_marked=is_marked) or hold_fields(
        frame["sender"].drop_nulls(), frame["text"]
    ):
        return None
    frame = named
    roles = {c: c for c in _ROLES if c in frame.columns}
    doubts = doubts_of(frame, like, is_asked=is_asked, is_marked=is_marked)
    return Fields(frame, name, f"{name}#", notes=tuple(notes), roles=roles, doubts=doubts, is_text=True, is_flat=True)


def _names_nobody(speakers: pl.Series, kind: str, *, is_marked: Callable[[], bool]) -> bool:
    """Whether what was taken for senders are the names of fields, dates, or pieces of a table."""
    if speakers.is_empty() or (kind == "clock" and are_days(speakers)) or are_ids(speakers) or are_levels(speakers):
        return True
    if float(speakers.str.contains(_NO_NAME).mean()) > _MOST_NO_NAMES:  # type: ignore[arg-type]
        return True
    if speakers.len() >= MANY and speakers.n_unique() > EVER_NEW * speakers.len() and not is_marked():
        # Ever new, and with a colon inside: a name and words before a time that ends the message.
        joined = float(speakers.str.contains(r"[:：]").mean()) > _MOST_NO_NAMES  # type: ignore[arg-type]
        plain = float(speakers.str.contains(_PLAIN_NAME).mean()) > 1 - _MOST_NO_NAMES  # type: ignore[arg-type]
        if joined or (not plain and speakers.n_unique() > _ALL_NEW * speakers.len()):
            return True
    if speakers.n_unique() >= 2 or kind == "clock" or speakers.is_in(OWN_NAMES).any():
        return False
    named = any(hint(speakers[0], role) >= 1 for role in _FIELDS) or not re.search(r"[^\W\d]|[0-9]{5}", speakers[0])
    return named or bool(speakers.str.contains(r"[:：=]").any())

"""Pasted text and pages of text as a Reading: by headings, `name：words` lines, or line by line.

Container: text (UTF-8, UTF-16 or GB 18030), or the paragraphs of a Word document. Times: those of headings and of lines
that hold nothing but a time; without a date they are none. Cannot say: ids, accounts, what kind a row without words was.
"""

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from reconcile.errors import UnreadableSource, reading_of_source
from reconcile.intake.contract import ExportFacts, FormLimits, Note, Reading, ReadOptions, shorten_notes
from reconcile.intake.frames import messages_of, reading_of
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode, with_line_feeds
from reconcile.intake.text.document import body_of, lines_of_body
from reconcile.patterns import lazy_pattern
from reconcile.submission.quotations import quotations
from reconcile.vocabulary import Kind, NoteCode
from reconcile.wechat.client_sentences import sentences
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import CHINESE_HALVES, times_of_forms
from reconcile.wechat.kinds import RECALL_NOTICE, kind_of_placeholder

NAME, QUOTED = "pasted_text", "quotations"
SUFFIXES = (".txt", ".md", ".text", ".docx")
_DATE = r"(?:\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?)"
_CLOCK = rf"(?:(?:{'|'.join(CHINESE_HALVES)})?\s*\d{{1,2}}[:：]\d{{2}}(?:[:：]\d{{2}})?)"
_TIME = rf"(?:{_DATE}\s*(?:星期.|周.)?\s*{_CLOCK}|{_CLOCK})"
_TIME_FIRST = lazy_pattern(rf"^\s*[\[(（【]?({_DATE}\s*{_CLOCK})[\])）】]?\s+(\S.{{0,40}}?)\s*[:：]?\s*$")
_TIME_LAST = lazy_pattern(rf"^\s*(\S.{{0,40}}?)\s*[(（\[【]?\s*({_TIME})\s*[)）\]】]?\s*[:：]?\s*$")
_NAME_ONLY = lazy_pattern(r"^\s*([^\s:：，。！？,!?][^:：，。！？!?]{0,30}?)\s*[:：]\s*$")
_INLINE = lazy_pattern(r"^\s*([^\s:：，。！？,!?\d][^:：，。！？,!?]{0,20}?)\s*[:：]\s*(\S.*)$")
TIME_ONLY = lazy_pattern(rf"^[\s—–\-]*(?:{_DATE}\s*(?:星期.|周.)?\s*{_CLOCK}?|(?:昨天|前天|今天|星期.|周.)?\s*{_CLOCK})[\s—–\-]*$")  # fmt: skip
# A recall notice below a name. Words that only mention one do not count.
_NAMED_RECALL = lazy_pattern(
    rf"""(?:["“][^"“”]{{1,40}}["”]|你|您|对方|對方|You)\s*{RECALL_NOTICE}(?:消息|訊息|讯息)?[。.]?"""
)
_PAGE = lazy_pattern(r"^\s*(?:第\s*\d+\s*页(?:[,，/ ]*共\s*\d+\s*页)?|Page\s+\d+(?:\s+of\s+\d+)?|[-—]\s*\d+\s*[-—]|\d{1,3}\s*/\s*\d{1,3})\s*$", re.I)  # fmt: skip


@dataclass(slots=True)
class _Row:
    line: int
    name: str | None
    time: str | None
    words: list[str] = field(default_factory=list)


def read_pasted(path: Path, options: ReadOptions | None = None) -> Reading:
    """The text as rows in order. Raises UnreadableSource for anything but text."""
    held = options or ReadOptions()
    with reading_of_source(path):
        return _read_text(path, held)


def _read_text(path: Path, held: ReadOptions) -> Reading:
    source = Source(path, held.limits)
    lines, decoding_notes = _lines_of_source(source)
    rows, notes, is_plain = rows_of_text(lines)
    if not rows:
        raise UnreadableSource(path, f"{path}: no words in it; expected the text of a chat")
    return as_reading(rows, path.name, held, [*decoding_notes, *notes], is_plain=is_plain)


def read_quotations(path: Path, options: ReadOptions) -> Reading | None:
    """The messages that a paper quotes in its own sentences; None for any other text."""
    lines, notes = _lines_of_source(Source(path, options.limits))
    found = quotations(lines)
    if not found:
        return None
    held = {q.line for q in found}
    notes += [
        Note(NoteCode.ROW_SKIPPED, f"{path.name}#{n + 1}", t.strip()[:200])
        for n, t in enumerate(lines)
        if t.strip() and n not in held
    ]
    rows = [_Row(q.line + 1, q.name, q.time, [q.words]) for q in found]
    reading = as_reading(rows, path.name, options, shorten_notes(notes), is_plain=False)
    return replace(reading, facts=replace(reading.facts, reader=QUOTED))


def rows_of_text(lines: list[str]) -> tuple[list[_Row], list[Note], bool]:
    """Rows, notes on page furniture, and whether the text names no senders."""
    notes = [Note(NoteCode.ROW_SKIPPED, f"#{n}", t.strip()[:80]) for n, t in enumerate(lines, 1) if _PAGE.match(t)]
    numbered = [(n, t) for n, t in enumerate(lines, 1) if not _PAGE.match(t)]
    headings = [(n, h) for n, t in numbered if (h := _heading(t)) is not None]
    if len(headings) >= 2:
        return _rows_by_headings(numbered), notes, False
    if _is_inline(numbered):
        return _rows_by_names(numbered), notes, False
    return _rows_by_line(numbered), notes, True


def as_reading(rows: list[_Row], file: str, options: ReadOptions, notes: list[Note], *, is_plain: bool) -> Reading:
    """A Reading of the rows; kinds of their placeholders, times in the zone that the user names."""
    times = times_as_written([r.time for r in rows], options)
    table = [_message_row(r, file, is_plain=is_plain) for r in rows]
    frame = pl.DataFrame(table, infer_schema_length=None).with_columns(times)
    # Copied text often holds words alone: where no placeholder appears, this form writes none.
    worded = {Kind.TEXT, Kind.QUOTE, Kind.SYSTEM, Kind.RECALL}
    limits = FormLimits(kinds_absent=frozenset(Kind) - worded, unplaced_kinds=frozenset({Kind.SYSTEM}))
    if times["sent_at"].null_count() < len(rows) and not options.timezone:
        notes = [*notes, Note(NoteCode.ZONE_ASSUMED, "", ASSUMED_ZONE, said=True)]
    return reading_of(ExportFacts(reader=NAME, limits=limits), messages_of(frame), notes=notes)


def times_as_written(times: list[str | None], options: ReadOptions) -> pl.DataFrame:
    """Columns sent_at, time_precision and zone_source of times as people write them; null without one."""
    return times_of_forms(pl.Series(times, dtype=pl.String).str.replace_all("：", ":"), options.timezone)


def _message_row(row: _Row, file: str, *, is_plain: bool) -> dict[str, Any]:
    """The row as a message; the kind comes from placeholders and recall notices."""
    text = "\n".join(row.words).strip("\n")
    kind = kind_of_placeholder(text) or Kind.TEXT
    if row.name is None and not is_plain:
        kind = Kind.RECALL if re.search(RECALL_NOTICE, text) else Kind.SYSTEM
    elif _NAMED_RECALL.fullmatch(text):
        kind = Kind.RECALL
    return {
        "locator": f"{file}#{row.line}",
        "conversation": "",
        "text": text,
        "sender": row.name,
        "sender_name": row.name,
        "kind": str(kind),
        "sent_raw": row.time,
    }


def _lines_of_source(source: Source) -> tuple[list[str], list[Note]]:
    """The lines of a text or Word file, and notes on its decoding."""
    if source.path.suffix.lower() == ".docx":
        return lines_of_body(body_of(source, source.path)), []
    text, notes = decode(source, source.path.name, source.path.read_bytes()[: source.limits.max_body_bytes])
    return with_line_feeds(text).splitlines(), notes


def _heading(line: str) -> tuple[str, str | None] | None:
    """(name, time) of a line that opens a message, or None."""
    if TIME_ONLY.match(line):
        return None
    for pattern, name, time in ((_TIME_FIRST, 2, 1), (_TIME_LAST, 1, 2)):
        # A placeholder is no name: what follows it is how long a call or a voice message was.
        if (match := pattern.match(line)) and kind_of_placeholder(match[name].strip()) is None:
            return match[name].strip(), match[time]
    match = _NAME_ONLY.match(line)
    return (match[1].strip(), None) if match else None


def _rows_by_headings(numbered: list[tuple[int, str]]) -> list[_Row]:
    """Rows below headings with name and time; bars that hold only a time set the day."""
    rows: list[_Row] = []
    day = ""
    for number, line in numbered:
        if TIME_ONLY.match(line):
            day = _date_in(line) or day
            continue
        head = _heading(line)
        if head is not None:
            rows.append(_Row(number, head[0], _time_with_day(head[1], day)))
        elif rows and (line.strip() or rows[-1].words):
            rows[-1].words.append(line.rstrip())
        elif line.strip():
            rows.append(_Row(number, None, None, [line.strip()]))
    return [r for r in rows if any(w.strip() for w in r.words)]


def _is_inline(numbered: list[tuple[int, str]]) -> bool:
    """Whether most lines have the form `name：words` with few recurring names."""
    filled = [t for _, t in numbered if t.strip() and not TIME_ONLY.match(t)]
    names = Counter(m[1] for t in filled if (m := _INLINE.match(t)) and not m[2].startswith("//"))
    frequent = {n for n, c in names.items() if c >= 2}
    return len(frequent) <= 12 and sum(names[n] for n in frequent) >= max(2, 0.5 * len(filled))


def _names_in(lines: list[str]) -> set[str]:
    """The names before colons that come again, or that the lines above the first of these state."""
    found = [m[1] if (m := _INLINE.match(t)) else None for t in lines]
    names = Counter(n for n in found if n)
    again = {n for n, c in names.items() if c >= 2}
    head = lines[: next((i for i, n in enumerate(found) if n in again), 0)]
    return again | {n for n in names if any(n in line and not line.lstrip().startswith(n) for line in head)}


def _rows_by_names(numbered: list[tuple[int, str]]) -> list[_Row]:
    """Rows of the form `name：words`; notices of the client are rows, other lines continue the row above."""
    names = _names_in([t for _, t in numbered])
    notices = {numbered[at][0] for at in sentences(pl.Series([t.strip() for _, t in numbered], dtype=pl.String))[0]}
    rows: list[_Row] = []
    time, day = None, ""
    for number, line in numbered:
        if TIME_ONLY.match(line):
            day = _date_in(line) or day
            time = _time_with_day(line.strip(" —–-"), day)
        elif (match := _INLINE.match(line)) and match[1] in names:
            rows.append(_Row(number, match[1].strip(), time, [match[2].rstrip()]))
            time = None  # the bar dates only the row right below it
        elif line.strip() and rows and rows[-1].name is not None and number not in notices:
            rows[-1].words.append(line.strip())
        elif line.strip():
            rows.append(_Row(number, None, time, [line.strip()]))
    return rows


def _rows_by_line(numbered: list[tuple[int, str]]) -> list[_Row]:
    """One row a line, without senders; a time bar dates the row below it."""
    rows: list[_Row] = []
    time, day = None, ""
    for number, line in numbered:
        if TIME_ONLY.match(line):
            day = _date_in(line) or day
            time = _time_with_day(line.strip(" —–-"), day)
        elif line.strip():
            rows.append(_Row(number, None, time, [line.strip()]))
            time = None
    return rows


def full_time(bar: str, day: str) -> tuple[str, str | None]:
    """The current day after a time bar, and the bar's full time or None.

    A bar without a date keeps the current day.
    """
    day = _date_in(bar) or day
    return day, _time_with_day(bar.strip(" —–-"), day)


def _date_in(line: str) -> str:
    """The date in a line; '' for none."""
    match = re.search(_DATE, line)
    return match[0] if match else ""


def _time_with_day(time: str | None, day: str) -> str | None:
    """The time with its own date or the day above it; None where no date is known."""
    if time is None or re.search(_DATE, time):
        return time
    return f"{day} {time}" if day else None

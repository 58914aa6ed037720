"""Text exports as lines and blocks, decoded and processed as whole columns."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count, pairwise
from pathlib import Path

import polars as pl

from reconcile.errors import UnreadableSource
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.limits import check_stretches
from reconcile.intake.source import Source
from reconcile.intake.text.decode import decode, with_line_feeds
from reconcile.vocabulary import NoteCode

# Longest run of blank lines; what exceeds it is one line, because each line takes about a hundred bytes while reading.
LONGEST_RUN = 100
_CHARACTERS_AT_ONCE = 2**20
# Where a source keeps the lines of the file that was read last, and of how many bytes at most.
_KEPT, _MOST_KEPT = "lines", 2**20
UNENDED = "no empty line after the last row: the file may be cut"
# Number of lines that show which line ends a file has.
_LOOKED_AT = 50
# With more look-alikes than this, a file is not in order of time, which then proves nothing.
_MOST_STRANGERS, _MOST_SHARE = 20, 0.05
# Least number and share of falling times in a file that begins with its newest message.
_LEAST_FALLS, _FALLING_SHARE = 8, 0.8


@dataclass(frozen=True)
class _Kept:
    """The lines of a file, and the notes on it."""

    file: Path
    lines: pl.Series
    notes: list[Note]


def lines_of(source: Source, file: Path) -> tuple[pl.Series, list[Note]]:
    """The lines of a text file, without line ends or byte order mark, and notes on its encoding.

    Plain UTF-8 is never held as a whole; other encodings as in `text.decode`. Those of the last small file are kept,
    since several readers look at it. Raises UnreadableSource for binary content.
    """
    kept = source.memo.get(_KEPT)
    if isinstance(kept, _Kept) and kept.file == file:
        return kept.lines.clone(), [*kept.notes]
    lines, notes = _read_lines(source, file)
    if lines.estimated_size() <= _MOST_KEPT:
        source.memo[_KEPT] = _Kept(file, lines.clone(), notes)
    return lines, [*notes]


def _read_lines(source: Source, file: Path) -> tuple[pl.Series, list[Note]]:
    check_stretches(source.path, file, source.limits, (b"\n",), "a line")
    head = source.head(file, 4096)
    if b"\x00" not in head:
        try:
            lines = pl.read_lines(file, glob=False)["line"]
            # Files with another line end (single carriage returns) are one line here.
            if len(lines) > 1 and not lines.head(_LOOKED_AT).str.starts_with("\r").any():
                return _without_byte_order_mark(lines), []
        except pl.exceptions.ComputeError:
            pass
        except OSError as error:
            raise UnreadableSource(source.path, f"{file}: cannot be read ({error})") from None
    text, notes = decode(source, source.relative(file), file.read_bytes())
    return split_lines(text), notes


# Characters that nobody types and no form writes. Tabs, vertical tabs and form feeds occur in texts, and 1E separates
# parts of MemoTrace's pages.
CONTROL = r"[\x01-\x08\x0e-\x1d\x1f\x7f]"


def control_notes(lines: pl.Series, name: str) -> list[Note]:
    """Notes on lines with control characters, which may be damaged rows."""
    odd = lines.str.contains(CONTROL).fill_null(value=False).arg_true().to_list()
    return shorten_notes([Note(NoteCode.ODD_VALUE, f"{name}#line {i + 1}", lines[i][:200]) for i in odd])


def missing_end_note(lines: pl.Series, name: str) -> list[Note]:
    """A note where the last row lacks the empty line that ends every row of the form."""
    ends = not len(lines) or not lines[-1].strip()
    return [] if ends else [Note(NoteCode.ODD_VALUE, name, UNENDED, said=True)]


def split_lines(text: str) -> pl.Series:
    """The lines of a text, without line ends."""
    lines = with_line_feeds(text).removeprefix("\ufeff").split("\n")
    if lines and not lines[-1]:
        lines.pop()
    return pl.Series("line", lines, dtype=pl.String).str.strip_suffix("\r")


def folded_lines(text: str) -> tuple[pl.Series, pl.Series]:
    """The lines of a text with a long run of blank lines as one, and the number of each from 1.

    Joined by line feeds they are the text again, but for carriage returns at line ends.
    """
    text = with_line_feeds(text).removeprefix("\ufeff")
    found, numbers, at, passed = [pl.Series("line", [], dtype=pl.String)], [pl.Series([], dtype=pl.Int64)], 0, 1
    last = len(text) - text.endswith("\n")
    while text and at <= last:
        end = text.find("\n", at + _CHARACTERS_AT_ONCE, last)
        end = last if end < 0 else end
        lines = pl.Series("line", text[at:end].split("\n"), dtype=pl.String).str.strip_suffix("\r")
        few, firsts = _folded(lines)
        found.append(few)
        numbers.append(firsts + passed)
        passed, at = passed + len(lines), end + 1
    return pl.concat(found, rechunk=True), pl.concat(numbers, rechunk=True)


def _folded(lines: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The lines with long blank runs folded, and the position of each."""
    place = pl.int_range(pl.len())
    blank = (lines.str.strip_chars() == "").alias("blank")
    frame = pl.DataFrame([lines, blank, blank.rle_id().alias("run")]).with_columns(place.alias("at"))
    start = pl.col("at").first().over("run")
    folded = pl.col("blank") & (pl.col("at") - start > LONGEST_RUN)
    frame = frame.select("line", pl.when(folded).then(start + LONGEST_RUN + 1).otherwise("at").alias("at"))
    joined = frame.group_by("at", maintain_order=True).agg(pl.col("line").str.join("\n"))
    return joined["line"], joined["at"]


def numbered(notes: Sequence[Note], numbers: pl.Series) -> list[Note]:
    """Notes on positions among folded lines, with the lines' own numbers."""

    def told(note: Note) -> Note:
        """The note with its line counted in the whole file."""
        place, mark, position = note.locator.rpartition("#")
        word = "line " if position.startswith("line ") else ""
        digits = position.removeprefix(word)
        return (
            replace(note, locator=f"{place}#{word}{numbers[int(digits) - 1]}") if mark and digits.isdecimal() else note
        )

    return [told(n) for n in notes]


def _without_byte_order_mark(lines: pl.Series) -> pl.Series:
    if len(lines) and lines[0].startswith("\ufeff"):
        return lines.scatter(0, lines[0].removeprefix("\ufeff"))
    return lines


def blocks_of(lines: pl.Series, is_header: pl.Series) -> pl.DataFrame:
    """Columns line (number of the header line, from 1), header and body (the lines up to the next).

    Lines before the first header are left out. Trailing empty lines of a body stay, because the caller knows what
    ends a block.
    """
    frame = pl.DataFrame({"text": lines, "is_header": is_header}).with_row_index("line", offset=1)
    frame = frame.with_columns(pl.col("is_header").cum_sum().alias("block"))
    headers = frame.filter("is_header").select("line", "block", pl.col("text").alias("header"))
    bodies = (
        frame.filter(~pl.col("is_header") & (pl.col("block") > 0))
        .group_by("block", maintain_order=True)
        .agg(pl.col("text").str.join("\n").alias("body"))
    )
    joined = headers.join(bodies, on="block", how="left", maintain_order="left")
    return joined.select("line", "header", pl.col("body").fill_null(""))


def leading_note(lines: pl.Series, is_header: pl.Series, name: str) -> list[Note]:
    """A note on words before the first heading, which belong to no message."""
    before = lines.head(int(is_header.arg_max() or 0)) if bool(is_header.any()) else lines.head(0)
    words = [w for w in before.to_list() if w.strip()]
    return [Note(NoteCode.ROW_SKIPPED, f"{name}#1", " ".join(words)[:200], len(words))] if words else []


def in_time_order(times: list[int | None], tolerance: int) -> list[bool]:
    """Which times fit the order of the others: the longest run that never goes back, with tolerance.

    A typed line in the shape of a heading breaks the order of the client's own. The first time counts as true, and a
    missing time always fits. `tolerance` is in the unit of the times: neighbours may be swapped by that much.
    """
    known = [t for t in times if t is not None]
    if all(a <= b for a, b in pairwise(known)):
        return [True] * len(times)
    kept = _in_order(times)
    fits = [t is None or i in kept for i, t in enumerate(times)]
    before: int | None = None
    after = _next_kept(times, kept)
    for i, time in enumerate(times):
        if time is None:
            continue
        if i in kept:
            before = time
            continue
        near_before = before is None or time >= before - tolerance
        near_after = after[i] is None or time <= (after[i] or 0) + tolerance
        fits[i] = near_before and near_after
    return fits


def out_of_order(
    times: Sequence[int | None], tolerance: int, headings: Sequence[str] | None = None
) -> tuple[list[int], bool]:
    """Positions of times that break the order of the others, and whether they are few.

    People may have typed a few of them. A file may begin with its newest message. Where more times break the order, as
    in a file that holds its chat twice, the order says nothing about single headings. Nor does it where `headings`
    tell that two exports that overlap stand one below the other: the last heading of the first comes again.
    """
    known = [t for t in times if t is not None]
    falls = sum(a > b for a, b in pairwise(known))
    rises = sum(a < b for a, b in pairwise(known))
    is_newest_first = falls >= _LEAST_FALLS and falls >= _FALLING_SHARE * (falls + rises)
    turned = [None if t is None else -t if is_newest_first else t for t in times]
    strange = [i for i, fits in enumerate(in_time_order(turned, tolerance)) if not fits]
    if headings is not None and strange:
        overlapping = _overlapping(turned, headings)
        strange = [i for i in strange if i not in overlapping]
    return strange, len(strange) <= max(_MOST_STRANGERS, int(_MOST_SHARE * len(times)))


def _overlapping(times: list[int | None], headings: Sequence[str]) -> set[int]:
    """The places out of order that stand in a run of them between equal headings.

    Nobody can paste the heading of the message that he is typing. Of equal times, any may stand at an end of the run.
    """
    kept = _in_order(times)
    gone = {i for i, t in enumerate(times) if t is not None and i not in kept}
    runs = [(i, next(j for j in count(i) if j + 1 not in gone)) for i in sorted(gone) if i - 1 not in gone]
    ends = ((i, j, _while_equal(times, i - 1, -1), _while_equal(times, j + 1, 1)) for i, j in runs)
    seams = ((range(i, j + 1), headings[a : i + 1], headings[max(i + 1, j) : b + 1]) for i, j, a, b in ends)
    return {place for run, before, behind in seams if {*before} & {*behind} for place in run}


def _while_equal(times: list[int | None], place: int, step: int) -> int:
    """The last place in one direction whose time equals that of the first, inside the list."""
    while 0 <= place + step < len(times) and 0 <= place < len(times) and times[place + step] == times[place]:
        place += step
    return max(0, place)


def _in_order(times: list[int | None]) -> set[int]:
    """Places of the longest series of times that never goes back and begins no earlier than the first."""
    first = next((t for t in times if t is not None), None)
    return _longest_rising([None if t is None or first is None or t < first else t for t in times])


def _longest_rising(times: list[int | None]) -> set[int]:
    """Places of the longest series of times that never goes back."""
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int] = [-1] * len(times)
    for i, time in enumerate(times):
        if time is None:
            continue
        place = bisect_right(tails, time)
        if place:
            previous[i] = ends[place - 1]
        tails[place : place + 1] = [time]
        ends[place : place + 1] = [i]
    kept: set[int] = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = previous[at]
    return kept


def _next_kept(times: list[int | None], kept: set[int]) -> list[int | None]:
    """For each place, the time of the next kept one; null behind the last."""
    following: list[int | None] = [None] * len(times)
    latest: int | None = None
    for i in range(len(times) - 1, -1, -1):
        following[i] = latest
        if i in kept:
            latest = times[i]
    return following

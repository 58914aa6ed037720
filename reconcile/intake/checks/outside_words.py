"""Takes lines of a text file that are nobody's words out of the messages that they stand in.

A reader that tells messages by their headings gives each message whatever stands above the next heading: the foot and head
of a printed page, the head of a file appended to another, a line at the very end that counts the messages.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import polars as pl

from reconcile.column_ops import present
from reconcile.frames import Messages
from reconcile.intake.checks.swallowed_headings import lines_of_label
from reconcile.intake.contract import Note, Reading, shorten_notes
from reconcile.intake.source import Source
from reconcile.intake.text.printed_pages import page_lines
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.text import number_value

# A print breaks its lines at one width: least such width, least number of different lines as wide, their least share among
# lines nearly as wide, and what counts as nearly.
_LEAST_WIDTH, _LEAST_FULL, _FULL_SHARE, _NEARLY = 40, 3, 0.5, 0.9
# Pages that show a print without the sign that ends a page; longest line that counts messages; least count.
_LEAST_PAGES, _LONGEST_COUNT, _LEAST_COUNT = 3, 60, 5
# Shortest only line of a head that comes again, and how many of its lines are looked at.
_LEAST_HEAD, _LONGEST_HEAD = 6, 40
# A heading may take up so many lines above the words.
_MOST_ABOVE = 4
# Under this key the source keeps the answer for the last frame of messages.
_KEPT = "outside words"
# A heading of one of several excerpts, with its number.
NUMBERED = lazy_pattern(r"^\s*[（(]?(?P<number>[一二三四五六七八九十]{1,3}|[0-9]{1,2})[)）、.\uff0e]\s*\S")
# A remark in brackets: it begins with a label and refers to what stands above it.
_ASIDE = r"^\s*[(（\[【〔][^\n:：]{1,10}[:：].*(?:以上|上述|above).*[)）\]】〕]\s*$"
# So many remarks show that they are none of the words. A single one must speak of evidence.
_LEAST_ASIDES = 2
_OF_EVIDENCE = r"证据|截图|截屏|[Ee]xhibit"
# What a paper says of the whole conversation above it.
_OF_THE_WHOLE = lazy_pattern(
    r"^\W*(?:以上|上述)(?:微信|全部|所有)?(?:聊天|对话|记录|截图|截屏).*(?:一致|相符|属实|真实|原件|无误|[提截]取|打印|导出)"
)


@dataclass(frozen=True)
class _File:
    """The lines of a file, where messages begin, and which lines are heads and feet of pages or remarks."""

    lines: list[str]
    begins: list[int]
    paged: frozenset[int]
    width: int | None
    asides: frozenset[int]

    @cached_property
    def head(self) -> list[str]:
        """The first lines above the first message, with a 0 for each number."""
        above = (i for i in range(self.begins[0]) if i not in self.paged)
        return [_masked(words) for i in above if (words := self.lines[i].strip())][:_LONGEST_HEAD]

    @cached_property
    def statements_of_the_whole(self) -> int:
        """How many lines speak of the whole conversation."""
        return sum(_OF_THE_WHOLE.match(line) is not None for line in self.lines)

    @cached_property
    def parts(self) -> frozenset[int]:
        """The lines that head excerpts: numbered alike, in order, above a message, the first above all."""
        found: list[int] = []
        shapes: list[tuple[str, bool, str] | None] = []
        for begin in self.begins:
            at = next((i for i in range(begin - 1, max(begin - _MOST_ABOVE, 0) - 1, -1) if self.lines[i].strip()), None)
            match = None if at is None else NUMBERED.match(self.lines[at])
            shape = None if match is None else _shape_of_number(match)
            if (
                at is not None
                and match is not None
                and number_value(match["number"]) == len(found) + 1
                and shape in (shapes or [shape])
            ):
                found.append(at)
                shapes.append(shape)
            elif not found:
                break
        return frozenset(found if len(found) > 1 else ())

    def is_full(self, at: int) -> bool:
        """Whether a print broke the line at its width."""
        return self.width is not None and _width(self.lines[at].rstrip()) >= self.width - 1


@dataclass(frozen=True, slots=True)
class _Found:
    """The changed texts of some messages by the position of the row, and notes on what they lost."""

    messages: pl.DataFrame
    texts: dict[int, str]
    notes: list[Note]


def without_outside_words(reading: Reading, source: Source) -> Reading:
    """The reading without such lines, which are noted; lines that a print broke are put together.

    A reader may ask for this before its caller does, so the answer for the last frame of messages is kept.
    """
    found = source.memo.get(_KEPT)
    if not isinstance(found, _Found) or found.messages is not reading.messages:
        found = source.memo[_KEPT] = _outside_words(reading.messages, source)
    if not found.texts:
        return reading
    column = reading.messages["text"].scatter(list(found.texts), list(found.texts.values()))
    return replace(
        reading,
        messages=Messages.cast(reading.messages.with_columns(column)),
        notes=(*reading.notes, *shorten_notes(found.notes)),
    )


def _outside_words(messages: pl.DataFrame, source: Source) -> _Found:
    """What the lines of the files tell of these messages."""
    long = messages.with_row_index("i").filter(pl.col("text").str.contains("\n", literal=True))
    labels = present(long["locator"].str.extract(r"^(.*)#(?:line )?[0-9]+$", 1).unique()).sort()
    texts: dict[int, str] = {}
    notes: list[Note] = []
    for label in labels.to_list():
        lines = lines_of_label(source, label)
        rows = _rows_of(messages, label, 0 if lines is None else lines.len())
        if lines is None or rows.is_empty() or rows["at"][-1] > lines.len():
            continue
        file = _file_of(lines, rows, label)
        for i, at, end, text in _asked(file, rows).iter_rows():
            told = _bare_text(file, text, range(at - 1, end - 1), rows.height)
            if told is not None and told[0] != text:
                texts[i] = told[0]
                notes += [Note(NoteCode.ROW_SKIPPED, f"{label}#line {n + 1}", w[:200]) for n, w in told[1]]
    return _Found(messages, texts, notes)


def _rows_of(messages: pl.DataFrame, label: str, last: int) -> pl.DataFrame:
    """i, at, end, text of a file's rows: index, line of the heading and of the next one."""
    rows = messages.with_row_index("i").filter(pl.col("locator").str.starts_with(f"{label}#"))
    at = pl.col("locator").str.extract(r"#(?:line )?([0-9]+)$", 1).cast(pl.Int64)
    rows = rows.select("i", at.alias("at"), "text").drop_nulls("at").sort("at", maintain_order=True)
    return rows.select("i", "at", pl.col("at").shift(-1).fill_null(last + 1).alias("end"), "text")


def _file_of(lines: pl.Series, rows: pl.DataFrame, label: str) -> _File:
    paged, pages = page_lines(lines, label)
    is_print = len(pages) >= _LEAST_PAGES or lines.str.contains("\f", literal=True).any()
    asides = lines.str.contains(_ASIDE)
    if int(asides.sum()) < _LEAST_ASIDES:
        asides &= lines.str.contains(_OF_EVIDENCE)
    return _File(
        lines.to_list(),
        (rows["at"] - 1).to_list(),
        frozenset(paged.arg_true() if is_print else ()),
        _print_width(lines, 1 if is_print else _LEAST_FULL),
        frozenset(asides.arg_true()),
    )


def _print_width(lines: pl.Series, least: int) -> int | None:
    """The width at which `least` or more long lines break; None where lines have any length."""
    bare = lines.str.strip_chars_end()
    width = bare.str.len_chars() + bare.str.count_matches(r"[^\x00-\xff]")
    widest = int(width.max() or 0)  # type: ignore[arg-type]
    full, near = bare.filter(width >= widest - 1), int((width >= _NEARLY * widest).sum())
    is_print = full.n_unique() >= least and full.len() >= _FULL_SHARE * near
    return widest if widest >= _LEAST_WIDTH and is_print else None


def _asked(file: _File, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of several lines at a page's end, with a full line or a head, and the last row."""
    ends = pl.Series(sorted(file.paged), dtype=pl.Int64)
    if file.width is not None:
        ends = pl.concat([ends, pl.Series([i for i in range(len(file.lines)) if file.is_full(i)], dtype=pl.Int64)])
    ends = pl.concat([ends, pl.Series(sorted(file.parts | file.asides), dtype=pl.Int64)])
    held = rows["at"].search_sorted(ends + 1, side="right").cast(pl.Int64) - 1
    is_held = pl.int_range(pl.len()).is_in(held.implode()) | (pl.int_range(pl.len()) == pl.len() - 1)
    if file.head:
        shape = pl.col("text").str.replace_all("[0-9]+", "0")
        is_held |= shape.str.contains(file.head[0], literal=True)
    return rows.filter(is_held & pl.col("text").str.contains("\n", literal=True))


def _bare_text(file: _File, text: str, within: range, count: int) -> tuple[str, list[tuple[int, str]]] | None:
    """The text without lines that are no words, and those by number; None = the file has others."""
    words = text.split("\n")
    places = _places(file, words, within)
    if places is None:
        return None
    end = _end_of_words(file, words, places, count if within.stop == len(file.lines) else None)
    kept = [n for n in range(end) if places[n] not in file.paged and places[n] not in file.asides]
    if not any(words[n].strip("\f\r ") for n in kept):
        return None
    parts = [words[kept[0]]]
    for before, n in pairwise(kept):
        is_broken = file.is_full(places[before]) and words[n].strip() != ""
        parts += [words[n]] if is_broken else ["\n", words[n]]
    gone = [(places[n], words[n].strip()) for n in range(len(words)) if n not in set(kept) and words[n].strip()]
    return "".join(parts).rstrip() if gone else "".join(parts), gone


def _places(file: _File, words: Sequence[str], within: range) -> Sequence[int] | None:
    """The line of the file for each line of a text; None where they are not the same."""
    for here in (within, [i for i in within if i not in file.paged]):
        for above in range(_MOST_ABOVE):
            places = here[above : above + len(words)]
            same = len(places) == len(words) and all(
                file.lines[i].strip() == w.strip() for i, w in zip(places[1:], words[1:], strict=True)
            )
            if same and file.lines[places[0]].strip().endswith(words[0].strip()):
                return places
    return None


def _end_of_words(file: _File, words: Sequence[str], places: Sequence[int], count: int | None) -> int:
    """The first line of another head, above an excerpt, or that counts the rows; else their number."""
    masked = [_masked(w.strip()) for w in words]
    left = sum(map(bool, masked[1:]))
    for n in range(1, len(words)):
        # Only the last lines of a text can be all that is left of a head.
        rest = [m for m in masked[n:] if m] if masked[n] and left <= len(file.head) else []
        left -= bool(masked[n])
        if rest and rest == file.head[: len(rest)] and (len(rest) > 1 or len(rest[0]) >= _LEAST_HEAD):
            return n
        if places[n] in file.parts:
            return n
        if count is not None and (
            (not words[n - 1].strip() and _counts(words[n], count))
            or (_OF_THE_WHOLE.match(words[n]) and file.statements_of_the_whole == 1)
        ):
            return n
    return len(words)


def _counts(line: str, count: int) -> bool:
    """Whether a line is a short one with a single number, that of the rows."""
    return count >= _LEAST_COUNT and len(line) <= _LONGEST_COUNT and re.findall("[0-9]+", line) == [str(count)]


def _shape_of_number(match: re.Match[str]) -> tuple[str, bool, str]:
    """What stands before a number, whether it is in figures, and the sign behind it."""
    line, end = match.string, match.end("number")
    return line[: match.start("number")].strip(), match["number"].isdecimal(), line[end : end + 1]


def _masked(line: str) -> str:
    return re.sub("[0-9]+", "0", line)


def _width(line: str) -> int:
    """The width of a line, in which a Chinese character takes two places."""
    return len(line) + sum(c > "\xff" for c in line)

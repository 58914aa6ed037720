"""Lines of one template: what all of them write alike, and the places between that differ.

No layout is assumed. The words that recur in most lines with a time, in one order, are the template; what stands between
them is a column each, whose values tell what it is.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.text.frames_of_lines import dates_of
from reconcile.formats.inferred.times.file_days import FileDay
from reconcile.formats.inferred.times.times_in_lines import TIMES, hold_times, plain_lines, plain_times
from reconcile.formats.inferred.words.bodies_in_lines import day_lines
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import leading_note
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.named_days import fitted

# Lines that show the template, and the least number of messages.
_LOOKED_AT, _LEAST = 400, 4
# Shares of the lines with times in which a word must recur to be of the template. Of two people, each is in about half.
_SHARES = (0.95, 0.75, 0.25)
# Most templates of one share that are tried, and most words of one.
_MOST_TRIED, _MOST_WORDS = 3, 40
# The time in a line while it is taken apart.
_MARK = "\ufdd4"
# The day of the week that some forms write before a time.
_WEEKDAY = r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},?\s+|(?:周|星期|礼拜)[一二三四五六日天]\s*)?"
_TOKEN = lazy_pattern(rf"{_MARK}|\w+|\s+|[^\w\s]")
# Blanks at the beginning of a line that set it to the right, and the column that tells the side.
_SET_RIGHT, _SIDE, _BOTH = 8, "side", 2


def templates_of(lines: pl.Series) -> Iterator[tuple[str, str]]:
    """The kind of time and the pattern of each template that lines may have, the one of most lines first."""
    lines = plain_lines(lines)
    days = day_lines(lines)
    for kind in TIMES:
        near = hold_times(lines, kind) & ~days
        if int(near.sum()) >= _LEAST:
            time = fitted(TIMES[kind], lines.filter(near))
            # A date that begins inside a number is none.
            near &= ~_inside_numbers(lines, lines.str.extract(f"({time})", 1))
            yield from ((kind, p) for p in dict.fromkeys(_patterns(lines.filter(near).head(_LOOKED_AT), time)))
            return


def rows_of_template(
    lines: pl.Series, template: tuple[str, str], name: str, notes: Sequence[Note], by_name: FileDay | None = None
) -> Fields | None:
    """The messages by one template; None where no line fits.

    A line of another template with a time in the same place is noted, and other lines below a message belong to it.
    """
    lines = plain_lines(lines)
    return _read(lines, template[1], template[0], day_lines(lines), name, notes, by_name)


def _patterns(near: pl.Series, time: str) -> Iterator[str]:
    """Patterns of the templates that lines with times may have."""
    marked = near.str.replace(f"{_WEEKDAY}{time}", _MARK)
    told = [_TOKEN.findall(line) for line in marked.to_list()]
    counted = Counter(t for tokens in told for t in {*tokens})
    for share in _SHARES:
        kept = {t for t, n in counted.items() if n >= max(2, share * len(told))} | {_MARK}
        ways = Counter(tuple(_kept(tokens, kept)) for tokens in told)
        for way in _shared(ways, len(told)):
            yield _pattern(way, time)


def _kept(tokens: Sequence[str], kept: set[str]) -> Iterator[str]:
    """The tokens of the template, with an empty one for each stretch of others; lone blanks part nothing."""
    held = [t if t in kept else "" for t in tokens[: 4 * _MOST_WORDS]]
    words = [t if t.strip() else "" for t in held]
    beside = zip(["", *words], words, [*words[1:], ""], strict=False)
    held = [t if t.strip() or (one or other) else "" for t, (one, _, other) in zip(held, beside, strict=True)]
    for at, token in enumerate(held):
        if token or at == 0 or held[at - 1]:
            yield token


def _shared(ways: Counter[tuple[str, ...]], total: int) -> Iterator[tuple[str, ...]]:
    """The longest beginnings that many ways of writing a line share."""
    begun: Counter[tuple[str, ...]] = Counter()
    for way, n in ways.items():
        for end in range(1, min(len(way), _MOST_WORDS) + 1):
            if way[end - 1] and _MARK in way[:end]:
                begun[way[:end]] += n
    # A longer beginning says more; one that fewer lines share is another template.
    best: dict[int, tuple[str, ...]] = {}
    for way, n in begun.items():
        if n >= max(_LEAST, 0.1 * total) and len(way) > len(best.get(n, ())):
            best[n] = way
    ranked = sorted(best.items(), key=lambda b: -b[0] * len([t for t in b[1] if t.strip()]) ** 0.5)
    yield from (way for _, way in ranked[:_MOST_TRIED])


def _pattern(way: Sequence[str], time: str) -> str:
    """The pattern of a template: a group for each stretch between its words, and one for the time."""
    parts = []
    for at, token in enumerate(way):
        if token == _MARK:
            parts.append(f"{_WEEKDAY}(?P<time>{time})")
        elif not token:
            parts.append(f"(?P<c{at}>.*?)")
        else:
            parts.append(r"\s+" if token.isspace() else re.escape(token))
    return f"^{''.join(parts)}(?P<rest>.*)$"


def _read(
    lines: pl.Series,
    pattern: str,
    kind: str,
    days: pl.Series,
    name: str,
    notes: Sequence[Note],
    by_name: FileDay | None,
) -> Fields | None:
    """The messages by one pattern."""
    parts = lines.str.extract_groups(pattern).struct.unnest()
    begins = parts["time"].is_not_null() & ~days & ~_inside_numbers(lines, parts["time"])
    if not begins.any():
        return None
    heads = parts.with_columns(pl.int_range(1, lines.len() + 1).alias("line")).filter(begins)
    heads = heads.with_columns(plain_times(heads["time"], kind).alias("time"))
    others = hold_times(lines, kind) & ~begins & ~days if kind != "clock" else begins & False
    # What stands below a line of another template is of that.
    owner = (
        pl.DataFrame({"begins": begins, "others": others | days})
        .select(pl.when("begins").then(pl.lit(value=True)).when("others").then(pl.lit(value=False)).forward_fill())
        .to_series()
        .fill_null(value=False)
    )
    is_below = owner & ~begins & ~days & ~others
    below = pl.DataFrame({"record": begins.cum_sum(), "words": lines, "below": is_below}).filter("below")
    words = below.group_by("record", maintain_order=True).agg(pl.col("words").str.join("\n"))
    frame = heads.with_columns(pl.int_range(1, heads.height + 1).cast(words["record"].dtype).alias("record"))
    frame = frame.join(words, on="record", how="left", maintain_order="left")
    text = pl.concat_str(
        pl.when(pl.col("rest").str.strip_chars() != "").then("rest"), pl.when(pl.col("words") != "").then("words"),
        separator="\n", ignore_nulls=True,
    )  # fmt: skip
    columns = [pl.format("line {}", "line").alias(ROW), pl.col("time")]
    if kind == "clock":
        dates = dates_of(lines, frame, days, by_name)
        if (dates == "").any():
            return None
        frame = frame.with_columns(dates.alias("date"))
        columns.append(pl.col("date"))
    slots = [c for c in parts.columns if c.startswith("c") and c[1:].isdigit()]
    shown = [_plain(c) for c in slots]
    frame = frame.with_columns(_sides(frame["words"]))
    # Whose side is which, a person has to say.
    are_below = frame.select(pl.col("words").is_not_null() & (pl.col("rest").str.strip_chars() == "")).to_series().all()
    has_sides = are_below and frame[_SIDE].n_unique() == _BOTH
    columns += [pl.col(_SIDE)] * has_sides
    frame = frame.select(*columns, *shown, text.str.strip_chars().replace("", None).alias("rest"))
    kept = [c for c in frame.columns if c not in slots or present(frame[c]).len()]
    skipped = (others | (~owner & ~days & (lines.str.strip_chars() != ""))).arg_true()
    gone = shorten_notes([Note(NoteCode.ROW_SKIPPED, f"{name}#line {i + 1}", lines[i][:200]) for i in skipped])
    told = (*notes, *leading_note(lines, begins, name), *gone)
    doubts = {"direction": (_SIDE,)} if has_sides else {}
    return Fields(
        frame.select(kept), name, f"{name}#", notes=told, is_text=True, is_flat=True, is_positional=True, doubts=doubts
    )


def _inside_numbers(lines: pl.Series, times: pl.Series) -> pl.Series:
    """Which lines have a figure directly before their time."""
    told = pl.DataFrame({"line": lines, "time": times})
    before = pl.col("line").str.splitn(pl.col("time"), 2).struct.field("field_0")
    return told.select(before.str.contains("[0-9]$").fill_null(value=False).alias("i"))["i"]


def _sides(words: pl.Series) -> pl.Series:
    """On which side of the page the words below a heading begin."""
    first = words.str.extract(r"^\s*?\n?([ \t]*)[^\s]", 1).str.replace_all("\t", " " * _SET_RIGHT)
    return first.to_frame("i").select(
        pl.when(pl.col("i").str.len_chars() >= _SET_RIGHT).then(pl.lit("right")).otherwise(pl.lit("left")).alias(_SIDE)
    )[_SIDE]


def _plain(column: str) -> pl.Expr:
    return pl.col(column).str.strip_chars().replace("", None).alias(column)

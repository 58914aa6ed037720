"""Headings of messages in lines of text: what stands around their times, and which shape most share."""

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from reconcile.column_ops import collected, has_one_value, none_of, occurs, present
from reconcile.formats.inferred.people.bare_names import EMPHASIS, common_beginning
from reconcile.formats.inferred.people.names_in_lines import ANGLED, MOST_NAME, is_two_sided
from reconcile.formats.inferred.times.row_times import LEAP_YEAR, with_years
from reconcile.formats.inferred.times.times_in_lines import TIMES
from reconcile.formats.inferred.words.running_numbers import are_running
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.text.lines import in_time_order
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import fitted

_MARK = r"[\s\])）】*|,，;；:：\-—–·•=>_`\"']*"
# A word before a time that says nothing but that it is one.
_PREPOSITIONS = "On|Am|Le|El|Il|Em|Op|W|在|于"
_PREPOSITION = rf"^\W*(?:{_PREPOSITIONS})\s*$"
_OPEN, _CLOSE = r"[\s\u200e\[(（【*#>\-|•·—–=_`\"'<]*", _MARK
# A running number before the time.
_RUNNING = r"^[#№]?\s?([0-9]{1,9})[.)、]?$"
# The bar before the words of a message.
_BAR = r"^\s*[|>│┃]"
# Headings that may be written otherwise than the others: their number in few, their share in many.
_FEW_ODD, _MOST_ODD = 2, 0.05
# Largest number of names, as a share of the headings, with which a name that does not come again is odd.
_MOST_STRANGERS = 0.5
_SLACK_SECONDS, _DAY_SECONDS = 300, 86_400
LEAST, _FARTHEST = 3, MOST_NAME + 20
_LEAST_SPOKEN = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """The parts of a heading line: `lead name gap` before the time, `close` and `rest` behind it."""

    lead: str
    has_name: bool
    gap: str
    close: str


def around_times(lines: pl.DataFrame, kind: str) -> pl.DataFrame:
    """The lines with their first time near their beginning, what stands before it and what behind."""
    time = fitted(TIMES[kind], lines["text"])
    if kind == "epoch":
        # Its figures may stand inside a longer number before it.
        pattern = rf"^(?P<pre>.{{0,{_FARTHEST}}}?)(?P<time>{time})(?P<post>.*)$"
        return lines.with_columns(pl.col("text").str.extract_groups(pattern).alias("g")).unnest("g").drop_nulls("time")
    # A pattern for all three parts costs twice as much.
    told = lines.lazy().with_columns(pl.col("text").str.extract(time, 0).alias("time")).drop_nulls("time")
    around = pl.col("text").str.splitn(pl.col("time"), 2).struct.rename_fields(["pre", "post"])
    parts = told.select("line", "text", around.alias("around"), "time").unnest("around")
    if kind == "yearless":
        # What is left of a whole date is none.
        parts = parts.filter(~pl.col("pre").str.contains(r"[0-9][-/.年]\s?$"))
    return (
        parts.filter((pl.col("pre").str.len_chars() <= _FARTHEST) & ~pl.col("pre").str.contains("[0-9]$"))
        .select("line", "text", "pre", "time", "post")
        .pipe(collected)
    )


def split_heading(parts: pl.DataFrame) -> pl.DataFrame:
    """Add lead, name, gap and close: what surrounds the sender's name and the time."""
    # Names recur, so each is split once.
    distinct = parts["pre"].unique()
    told = pl.concat([distinct.to_frame(), _split_before_times(distinct)], how="horizontal")
    before = parts.select("pre").join(told, on="pre", how="left", maintain_order="left").drop("pre")
    close = parts["post"].str.extract(r"^(\s*)" if is_two_sided(parts["post"]) else rf"^({_CLOSE})", 1)
    return pl.concat([parts, before, close.alias("close").to_frame()], how="horizontal").with_columns(
        # If a line has only marks before its time, all of them are the lead.
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
    leads = pre.str.contains(_PREPOSITION) if occurs(_PREPOSITIONS, pre) else pre.is_null() & False
    return before.with_columns(
        pl.when(leads).then(pl.lit("")).otherwise("name").alias("name"),
        pl.when(leads).then(pl.lit(None, dtype=pl.String)).otherwise("gap").alias("gap"),
    )


def _with_closed_names(before: pl.DataFrame) -> pl.DataFrame:
    """The parts before the times; a closing bracket whose opening one the name holds is its end."""
    if not before["gap"].str.contains(r"^[)）】\]]").any():
        return before
    for first, last in ("()", "（）", "【】", "[]"):
        held = (
            pl.col("name").str.count_matches(first, literal=True) > pl.col("name").str.count_matches(last, literal=True)
        ) & pl.col("gap").str.starts_with(last)
        before = before.with_columns(
            pl.when(held).then(pl.col("name") + last).otherwise("name").alias("name"),
            pl.when(held).then(pl.col("gap").str.slice(1)).otherwise("gap").alias("gap"),
        )
    return before


def unnumbered(parts: pl.DataFrame) -> pl.DataFrame:
    """The headings without running numbers before the time, if nearly every heading has one."""
    numbers = parts["name"].str.extract(_RUNNING, 1).cast(pl.Int64, strict=False)
    if not are_running(numbers, LEAST):
        return parts
    bare = parts.filter(numbers.is_not_null())
    nothing = pl.lit("")
    return bare.with_columns(pre=nothing, lead=nothing, name=nothing, gap=nothing, has_name=pl.lit(value=False))


def commonest(parts: pl.DataFrame, least: int) -> Shape | None:
    """The shape that most lines share, with the shortest closing sign that fits all lines of that shape.

    Signs of emphasis beside the names belong to the shape only where every name has them.
    """
    parts = parts.with_columns(
        pl.when("has_name").then(pl.col("lead").str.strip_chars_end(EMPHASIS)).otherwise("lead").alias("opening"),
        pl.col("gap").str.strip_chars_start(EMPHASIS).alias("between"),
    )
    counted = parts.group_by("opening", "has_name", "between").len().sort("len", "opening", descending=[True, False])
    if counted.is_empty() or counted["len"][0] < least:
        return None
    opening, has_name, between, _ = counted.row(0)
    same = parts.filter(
        (pl.col("opening") == opening) & (pl.col("has_name") == has_name) & (pl.col("between") == between)
    )
    before = _marks_of_all(same["lead"].str.slice(len(opening)), same["name"])
    behind = _marks_of_all(same["gap"].str.strip_suffix(between).str.reverse(), same["name"])
    # Where names stand between `<` and `>`, other signs behind the time are those of notices.
    is_angled = occurs("<", same["post"])
    spoken = same.filter(pl.col("post").str.contains(rf"^[\])]?\s*{ANGLED}")) if is_angled else same.clear()
    return Shape(
        opening + before,
        has_name,
        behind[::-1] + between,
        _usual_close(spoken if spoken.height >= _LEAST_SPOKEN else same),
    )


def _usual_close(parts: pl.DataFrame) -> str:
    """The commonest signs behind the time, without those of emphasis that begin a name or words."""
    begins = pl.col("post").str.len_chars() > pl.col("close").str.len_chars()
    told = parts.select(pl.when(begins).then(pl.col("close").str.strip_chars_end(EMPHASIS)).otherwise("close"))
    closes: Counter[str] = Counter(told.to_series().to_list())
    close = closes.most_common(1)[0][0]
    # If other lines show a shorter close, the longer one includes a mark of the words.
    shorter = [
        c for c, n in closes.items() if c != close and close.startswith(c) and c.strip() == close.strip() and n > 1
    ]
    return min(shorter, key=len) if shorter else close


def _marks_of_all(marks: pl.Series, names: pl.Series) -> str:
    """The marks that stand beside all names; those beside most names if the others never recur."""
    if has_one_value(marks):
        return str(marks[0])
    usual = marks.mode().sort().head(1).to_list()[0]
    others = ~marks.str.starts_with(usual)
    if others.any() and not names.filter(others).is_duplicated().any() and names.filter(~others).n_unique() > 1:
        marks = marks.filter(~others)
    return common_beginning(marks)


def fits_shape(shape: Shape) -> pl.Expr:
    """Whether a heading has the same signs around name and time as the shape."""
    bare = pl.col("post").str.strip_chars_end() == shape.close.rstrip()
    closed = pl.col("post").str.starts_with(shape.close) | bare
    lead = pl.col("pre").str.starts_with(shape.lead)
    if not shape.has_name:
        return closed & (pl.col("pre") == shape.lead)
    # A colon before the gap ends a label, such as `Printed: `, and no name.
    label = pl.lit(value=False) if re.search("[:：]", shape.gap) else pl.col("pre").str.contains(r"[:：]\s*$")
    return (
        closed
        & lead
        & ~label
        & pl.col("pre").str.ends_with(shape.gap)
        & (pl.col("pre").str.len_chars() > len(shape.lead) + len(shape.gap))
    )


def not_quoted(heads: pl.DataFrame, lines: pl.Series) -> pl.DataFrame:
    """The headings without those behind the bar that stands before all lines of words."""
    if not occurs("[|>│┃]", lines):
        return heads
    barred = lines.str.contains(_BAR)
    quoted = barred.gather(heads["line"] - 1)
    if not quoted.any() or quoted.all():
        return heads
    first, plain = int(heads["line"][0]), heads.filter(~quoted)
    others = (lines.str.contains(r"[^\s|>│┃]") & ~barred).slice(first - 1).sum()
    return plain if others == plain.height else heads


def in_order(
    heads: pl.DataFrame, written: pl.Series, shape: Shape, kind: str, name: str
) -> tuple[pl.DataFrame, list[Note]]:
    """The headings without typed or pasted ones, and notes on those whose time breaks the order.

    A late message breaks the order too, and a person may speak only once. So a heading counts as words only if two
    signs agree. The first: its time breaks the order, or no other heading has its name. The second: it is written unlike
    the others, in its year or in having words behind it, or stands below words that contain such a heading.
    """
    if kind == "epoch":
        return heads, []
    rest = heads["post"].str.slice(len(shape.close))
    times = with_years(heads["time"], LEAP_YEAR) if kind == "yearless" else heads["time"]
    is_late = _breaks_the_day(times) if kind == "clock" else _breaks_the_order(times)
    unlike = _is_rare(rest.str.strip_chars() == "")
    words = unlike & _speak_once(heads, shape)
    if is_late.any():
        below = rest.str.contains(fitted(rf":\s\W{{0,3}}{TIMES[kind]}", rest)).shift(1, fill_value=False)
        words |= is_late & (unlike | below | _is_rare(written.str.contains("[0-9]{4}")))
    noted = heads.filter(is_late | words) if kind != "clock" else heads.filter(words)
    notes = [
        Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {n}", t[:200])
        for n, t in noted.select("line", "text").iter_rows()
    ]
    return heads.filter(~words), shorten_notes(notes)


def _is_rare(flags: pl.Series) -> pl.Series:
    """The flags that differ from nearly all others; none where both values are common."""
    usual = bool(flags.mean() > 0.5)  # type: ignore[operator]
    rare = flags != usual
    return rare & (int(rare.sum()) <= max(_FEW_ODD, _MOST_ODD * flags.len()))


def _breaks_the_order(times: pl.Series) -> pl.Series:
    """Which times lie before earlier ones, where few do."""
    seconds = parse_time_column(times, ASSUMED_ZONE)["sent_at"].dt.epoch("s")
    none = none_of(times)
    if not bool((present(seconds).diff() < -_SLACK_SECONDS).any()):
        return none
    fits = pl.Series(in_time_order(seconds.to_list(), _SLACK_SECONDS), dtype=pl.Boolean)
    odd = int((~fits).sum())
    return none if odd > max(_FEW_ODD, _MOST_ODD * times.len()) else ~fits


def _breaks_the_day(clocks: pl.Series) -> pl.Series:
    """Which clocks do not lie between those beside them, round the day."""
    seconds = parse_time_column("2001-02-03 " + clocks, ASSUMED_ZONE)["sent_at"].dt.epoch("s")
    before, after = seconds - seconds.shift(1), seconds.shift(-1) - seconds.shift(1)
    return (before % _DAY_SECONDS > after % _DAY_SECONDS).fill_null(value=False)


def _speak_once(heads: pl.DataFrame, shape: Shape) -> pl.Series:
    """Which headings name somebody whom no other heading names, where most names come again."""
    names = heads["pre"]
    if not shape.has_name or names.n_unique() > _MOST_STRANGERS * names.len():
        return none_of(names)
    return names.is_unique()

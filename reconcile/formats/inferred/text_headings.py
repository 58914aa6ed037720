"""Headings of messages in lines of text: what stands around their times, and which shape most share."""

import re
from collections import Counter
from dataclasses import dataclass

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.text_bare_names import EMPHASIS, common_beginning
from reconcile.formats.inferred.text_names import ANGLED, MOST_NAME, is_two_sided
from reconcile.formats.inferred.text_times import TIMES
from reconcile.intake.contract import Note, shorten_notes
from reconcile.intake.text.lines import in_time_order
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.named_days import fitted

_MARK = r"[\s\])）】*|,，;；:：\-—–·•=>_`\"']*"
# A word before a time that says nothing but that it is one.
_PREPOSITION = r"^\W*(?:On|Am|Le|El|Il|Em|Op|W|在|于)\s*$"
_OPEN, _CLOSE = r"[\s\u200e\[(（【*#>\-|•·—–=_`\"'<]*", _MARK
# A running number before the time, and the largest share of headings without one or out of order.
_RUNNING, _MOST_UNNUMBERED = r"^[#№]?\s?([0-9]{1,9})[.)、]?$", 0.1
_MOST_ODD = 0.05
_SLACK_SECONDS = 300
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
    told = lines.with_columns(pl.col("text").str.extract(time, 0).alias("time")).drop_nulls("time")
    around = pl.col("text").str.splitn(pl.col("time"), 2).struct.rename_fields(["pre", "post"])
    parts = (
        told.with_columns(around.alias("around")).unnest("around").filter(pl.col("pre").str.len_chars() <= _FARTHEST)
    )
    return parts.select("line", "text", "pre", "time", "post")


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
    leads = pre.str.contains(_PREPOSITION)
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
    if parts.height < LEAST or numbers.null_count() > _MOST_UNNUMBERED * parts.height:
        return parts
    if float((numbers.drop_nulls().diff().drop_nulls() > 0).mean() or 0) < 1 - _MOST_UNNUMBERED:  # type: ignore[arg-type]
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
    spoken = same.filter(pl.col("post").str.contains(rf"^[\])]?\s*{ANGLED}"))
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


def in_order(
    heads: pl.DataFrame, has_year: pl.Series, shape: Shape, kind: str, name: str
) -> tuple[pl.DataFrame, list[Note]]:
    """The headings without typed or pasted ones, and notes on those whose time breaks the order.

    Late messages and messages from before joining break the order, too. A heading only counts as words if it is below
    words that contain such a heading, or if it writes its year as no other heading does.
    """
    if kind in ("clock", "epoch"):
        return heads, []
    seconds = parse_time_column(heads["time"], ASSUMED_ZONE)["sent_at"].dt.epoch("s")
    steps = present(seconds).diff()
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

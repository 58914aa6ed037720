"""Rows inside plain text and Markdown: where times appear tells which lines begin a message."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.rows import OWN_NAMES
from reconcile.formats.inferred.text_bodies import DATE, DAY_LINE, bodies_of, day_lines
from reconcile.intake.contract import Note
from reconcile.intake.source import Source
from reconcile.intake.tables.cells import ROW
from reconcile.intake.text.lines import in_time_order, leading_note, lines_of
from reconcile.vocabulary import NoteCode
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column

_HALF = r"(?:上午|下午|凌晨|早上|中午|晚上|[AaPp]\.?[Mm]\.?)"
_CLOCK = rf"(?:{_HALF}\s?)?[0-9]{{1,2}}[:时：][0-9]{{2}}(?:[:分：][0-9]{{2}}(?:[.,][0-9]{{1,6}})?秒?)?(?:[\s\u202f\u00a0]?[AaPp]\.?[\s\u00a0]?[Mm]\.?)?"
_ZONE = r"(?:\s?(?:Z|[+-][0-9]{2}:?[0-9]{2}|\(?(?:UTC|GMT)(?:[+-][0-9]{1,2}(?::?[0-9]{2})?)?\)?))?"
_WEEKDAY = r"(?:\s*[(（]?(?:星期|周)[一二三四五六日天][)）]?)?"
FULL = rf"{DATE}{_WEEKDAY}(?:,?[\s\u00a0\u202f]+(?:at |um |à |às )?|T|,|_){_CLOCK}{_ZONE}"
_TIMES = {"full": FULL, "reversed": rf"{_CLOCK},?\s+{DATE}", "clock": _CLOCK}
_OPEN, _CLOSE = r"[\s\u200e\[(（【*#>\-|•·—–_`\"'<]*", r"[\s\])）】*|,，:：\-—–>_`\"']*"
_SEPARATORS = (": ", "：", ":\t", ":", "\t", " | ", "|", " > ", " - ", " — ")
_LEAST, _NAME = 3, 60
# A text of fields by name is no chat of one speaker.
_FIELD_NAMES = ("time", "date", "timestamp", "sender", "text", "content", "时间", "日期", "发送者", "内容")
_MOST_ODD = 0.05
_SLACK_SECONDS = 300
_SENTENCE = re.compile(r"[.。!！?？;；,，]\s|[。！？；]")


@dataclass(frozen=True, slots=True)
class _Shape:
    """The parts of a heading line: `lead name gap` before the time, `close` and `rest` behind it."""

    time: str
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
    lines = lines.str.strip_chars_start("\ufeff\u200e\u200f")
    days = day_lines(lines)
    for kind in _TIMES:
        if kind == "clock" and not days.any():
            continue
        if (rows := _rows(lines, kind, days, name, notes)) is not None:
            return [rows]
    return []


def _rows(lines: pl.Series, kind: str, days: pl.Series, name: str, notes: list[Note]) -> Fields | None:
    pattern = rf"^(?P<pre>.{{0,{_NAME + 20}}}?)(?P<time>{_TIMES[kind]})(?P<post>.*)$"
    frame = lines.alias("text").to_frame().with_row_index("line", offset=1)
    near = lines.str.contains(_TIMES[kind]) & ~days
    few = frame.filter(near)
    if few.height < _LEAST:
        return None
    parts = few.with_columns(few["text"].str.extract_groups(pattern).alias("g")).unnest("g").drop_nulls("time")
    parts = _split(parts)
    shape = _commonest(parts)
    if shape is None:
        return None
    heads = parts.filter(_fits(shape))
    if heads.height < _LEAST:
        return None
    heads, more = _in_order(heads, kind, name)
    return _read(lines, heads, shape, kind, days, name, [*notes, *more])


def _split(parts: pl.DataFrame) -> pl.DataFrame:
    before = (
        parts["pre"]
        .str.extract_groups(rf"^(?P<lead>{_OPEN})(?P<name>.*?)(?P<gap>[\s\])）（(\[【*|,，:：\-—–<>@`\"'_]*)$")
        .struct.unnest()
    )
    close = parts["post"].str.extract(rf"^({_CLOSE})", 1)
    return pl.concat([parts, before, close.alias("close").to_frame()], how="horizontal").with_columns(
        # Of a line that holds marks alone before its time, all of them lead.
        pl.when(pl.col("name") == "").then(pl.col("pre")).otherwise("lead").alias("lead"),
        pl.when(pl.col("name") == "").then(pl.lit("")).otherwise("gap").alias("gap"),
        (pl.col("name") != "").alias("has_name"),
    )


def _commonest(parts: pl.DataFrame) -> _Shape | None:
    """The shape that most lines share, with the shortest closing sign that fits all lines of that shape."""
    counted = parts.group_by("lead", "has_name", "gap").len().sort("len", "lead", descending=[True, False])
    if counted.is_empty() or counted["len"][0] < _LEAST:
        return None
    lead, has_name, gap, _ = counted.row(0)
    same = parts.filter((pl.col("lead") == lead) & (pl.col("has_name") == has_name) & (pl.col("gap") == gap))
    closes = Counter(same["close"].to_list())
    close = closes.most_common(1)[0][0]
    # A mark that the words begin with is theirs: a shorter close that others show too is the form's own.
    shorter = [
        c for c, n in closes.items() if c != close and close.startswith(c) and c.strip() == close.strip() and n > 1
    ]
    return _Shape("", lead, has_name, gap, min(shorter, key=len) if shorter else close)


def _fits(shape: _Shape) -> pl.Expr:
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


def _in_order(heads: pl.DataFrame, kind: str, name: str) -> tuple[pl.DataFrame, list[Note]]:
    """The headings without the few whose time breaks the order, since a person may have typed those."""
    if kind == "clock":
        return heads, []
    seconds = parse_time_column(_turned(heads["time"], kind), ASSUMED_ZONE)["sent_at"].dt.epoch("s").to_list()
    fits = pl.Series(in_time_order(seconds, _SLACK_SECONDS), dtype=pl.Boolean)
    odd = int((~fits).sum())
    if not odd or odd > max(2, _MOST_ODD * heads.height):
        return heads, []
    gone = heads.filter(~fits)
    notes = [
        Note(NoteCode.AMBIGUOUS_HEADER, f"{name}#line {n}", t[:200]) for n, t in gone.select("line", "text").iter_rows()
    ]
    return heads.filter(fits), notes


def _turned(times: pl.Series, kind: str) -> pl.Series:
    clean = (
        times.str.replace_all("[\u202f\u00a0]", " ")
        .str.replace_all("：", ":")
        .str.replace(r"^(.*?[0-9])[,_]\s*([0-9])", "$1 $2")
    )
    clean = clean.str.replace(r"(?:,?\s+(?:at|um|à|às))\s+", " ").str.replace(r"(?i)([ap])\.\s?m\.", "${1}m")
    # Two figures of a year are of this century.
    clean = clean.str.replace(r"^(\s*(?:[0-9:]+\s+)?[0-9]{1,2}[-/.][0-9]{1,2}[-/.])([0-9]{2})(\s|$)", "${1}20${2}${3}")
    if kind != "reversed":
        return clean
    return clean.str.replace(rf"^({_CLOCK}),?\s+({DATE})$", "$2 $1")


def _read(
    lines: pl.Series, heads: pl.DataFrame, shape: _Shape, kind: str, days: pl.Series, name: str, notes: list[Note]
) -> Fields | None:
    cut = len(shape.close)
    rest = heads["post"].str.slice(cut)
    before = pl.select(
        pl.lit(heads["pre"]).str.slice(len(shape.lead)).str.head(-len(shape.gap) if shape.gap else 2**31)
    ).to_series()
    is_header = pl.Series([False]).new_from_index(0, lines.len()).scatter(heads["line"] - 1, values=True)
    if shape.has_name:
        told: tuple[pl.Series | None, pl.Series, bool] | None = (before, rest, False)
    else:
        told = _named_behind(rest, lines, heads)
    if told is None:
        return None
    sender, words, above = told
    if above:
        # The name stands in the line above the time, which begins the message.
        is_header |= is_header.shift(-1, fill_value=False)
    body, more = bodies_of(lines, heads["line"], days, is_header, shape.has_name or rest.str.strip_chars().ne("").any())
    if sender is None:
        first = body.str.extract_groups(
            r"(?s)^\s*\**(?P<name>[^\n:：*]{1,60}?)\**(?:[:：]\**[ \t]*|\n)(?P<words>.*)$"
        ).struct.unnest()
        sender, words, body = (
            first["name"],
            first["words"].fill_null(body),
            pl.Series([""]).new_from_index(0, body.len()),
        )
    text = pl.select(
        pl.when((pl.lit(words) != "") & (pl.lit(body) != "")).then(pl.lit(words) + "\n" + pl.lit(body))
        .otherwise(pl.lit(words) + pl.lit(body)).alias("text")
    )["text"]  # fmt: skip
    marks = r"^[*_`'\"<\[【]+|[*_`'\">\]】]+$"
    frame = pl.DataFrame({
        ROW: pl.select(pl.format("line {}", pl.lit(heads["line"]))).to_series(), "time": _turned(heads["time"], kind),
        "sender": sender.str.strip_chars().str.replace_all(marks, "").str.strip_chars_end(":："), "text": text.str.strip_chars_end(),
    })  # fmt: skip
    speakers = frame["sender"].drop_nulls()
    if (
        speakers.n_unique() < 2
        and not speakers.is_in(OWN_NAMES).any()
        and kind != "clock"
        and (speakers.str.contains(r"[:：=]").any() or speakers.str.to_lowercase().is_in(_FIELD_NAMES).any())
    ):
        return None
    if kind == "clock":
        dated = pl.select(pl.when(pl.lit(days)).then(pl.lit(lines.str.extract(DAY_LINE, 1)))).to_series().forward_fill()
        frame = frame.with_columns(dated.gather(heads["line"] - 1).alias("date"))
    return Fields(frame, name, f"{name}#", notes=(*notes, *more, *leading_note(lines, is_header, name)))


def _named_behind(
    rest: pl.Series, lines: pl.Series, heads: pl.DataFrame
) -> tuple[pl.Series | None, pl.Series, bool] | None:
    """Sender, text behind it in the heading, and whether the name is in the line above.

    Sender None = the name begins the body.
    """
    filled = rest.str.strip_chars() != ""
    nothing = pl.Series([""]).new_from_index(0, rest.len())
    if float(filled.mean()) < 0.2:  # type: ignore[arg-type]
        above = pl.select(pl.lit(lines).shift(1).fill_null("")).to_series().gather(heads["line"] - 1).str.strip_chars()
        before = lines.shift(2, fill_value="").gather(heads["line"] - 1).str.strip_chars()
        is_above = (above != "") & (above.str.len_chars() <= _NAME) & (before == "")
        if float(is_above.mean()) > 0.8 and above.n_unique() <= max(6, 0.5 * above.len()):  # type: ignore[arg-type]
            return above, nothing, True
        return None, nothing, False
    found = _separator(rest.filter(filled))
    if found is None:
        short = rest.str.len_chars() <= _NAME
        if float(short.mean()) > 0.9 and rest.n_unique() <= max(6, 0.5 * rest.len()):  # type: ignore[arg-type]
            return rest, nothing, False
        return None
    # The first separator of a line ends the name.
    parts = rest.str.extract_groups(rf"(?s)^(?P<name>.{{1,{_NAME}}}?){re.escape(found)}(?P<words>.*)$").struct.unnest()
    bare = rest.str.extract(rf"^(.{{1,{_NAME}}}?){re.escape(found.rstrip())}$", 1)
    known = parts["name"].fill_null(bare)
    once = known.is_not_null() & ~known.is_duplicated()
    sentence = known.str.contains(_SENTENCE.pattern) | (known.str.len_chars() > 25)
    notice = (once & sentence).fill_null(value=False)
    named = known.set(notice, None)
    words = parts["words"].set(notice, None)
    words = pl.select(
        pl.coalesce(pl.lit(words), pl.when(pl.lit(named).is_not_null()).then(pl.lit("")), pl.lit(rest))
    ).to_series()
    return named, words, False


def _separator(rest: pl.Series) -> str | None:
    """What parts the name from the words in most headings: the one that leaves the fewest different names."""
    best: tuple[int, str] | None = None
    for one in _SEPARATORS:
        names = rest.str.extract(rf"^(.{{1,{_NAME}}}?){re.escape(one)}", 1)
        names = (
            names.fill_null(rest.str.extract(rf"^(.{{1,{_NAME}}}?){re.escape(one.rstrip())}$", 1))
            if one.strip()
            else names
        )
        if names.null_count() > 0.4 * rest.len():
            continue
        spoken = names.drop_nulls().n_unique() + names.null_count()
        if spoken <= max(8, 0.5 * rest.len()) and (best is None or spoken < best[0]):
            best = (spoken, one)
    return best[1] if best else None

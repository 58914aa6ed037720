"""Headings of a text that are written otherwise than most: with a mark, or without a name."""

import re

import polars as pl

from reconcile.column_ops import all_contain, present
from reconcile.formats.inferred.people.names_in_lines import BY_A_SERVER
from reconcile.formats.inferred.text.headings import Shape
from reconcile.formats.inferred.times.times_in_lines import plain_times
from reconcile.wechat.clock import ASSUMED_ZONE
from reconcile.wechat.clock_forms import parse_time_column
from reconcile.wechat.owner_words import OWN_NAMES

# Longest mark between time and name, and most names that are searched for.
_LONGEST_MARK, _MOST_NAMES = 60, 500
# Largest age of a notice above the first message.
_DAY_SECONDS, _ANY_DAY = 86_400, "2001-02-03"
_SIGNS = " \t-—–─━═=_*#~·•>"
# How a form marks the owner's name.
_OWN_MARK = rf"^(?P<name>.*\S)\s*[(\[（【](?:{'|'.join(OWN_NAMES)})[)\]）】]$"
# What a server says of a person.
_BY_THE_SERVER = rf"(?i)^{BY_A_SERVER}"
_COLUMNS = ("line", "text", "pre", "time", "post", "sender", "words")

# A clock in brackets alone in its line, and that of a whole time.
_CLOCK = r"([0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?(?:\s?[AaPp][Mm])?)"
_ALONE, _AT_END = rf"^\s*[\[(]{_CLOCK}[\])]\s*$", rf"{_CLOCK}\s*$"

Merged = tuple[pl.DataFrame, pl.Series, pl.Series, list[tuple[int, str]]]


def with_odd_headings(
    heads: pl.DataFrame, parts: pl.DataFrame, shape: Shape, kind: str, sender: pl.Series, words: pl.Series
) -> Merged:
    """The headings, senders and words with those of further lines, and number and text of each of these.

    Such a line has a time of the very spelling of the headings at their place, and that time lies between the times
    of the headings around it: it begins a message, whatever else its heading holds. Behind a mark (`| Edited 9:05]`) it
    names a sender of other messages; otherwise it is a notice, and has no sender. Clocks are looked for behind words alone.
    """
    is_clock = kind == "clock"
    if (is_clock and not shape.has_name) or parts.height == heads.height:
        return heads, sender, words, []
    odd = _candidates(heads, parts, shape)
    if odd.is_empty():
        return heads, sender, words, []
    odd = odd.with_columns(plain_times(odd["time"], kind).alias("time"))
    names = sender.drop_nulls().unique().head(_MOST_NAMES)
    odd = odd.with_columns(_named(odd, shape, names))
    odd = odd.filter(_between(heads, odd, is_clock=is_clock))
    if odd.is_empty():
        return heads, sender, words, []
    whole = pl.concat(
        [heads.with_columns(sender.alias("sender"), words.alias("words")).select(_COLUMNS), odd.select(_COLUMNS)]
    ).sort("line")
    return whole, whole["sender"], whole["words"], list(odd.select("line", "text").iter_rows())


def with_clocks_alone(heads: pl.DataFrame, lines: pl.Series, shape: Shape) -> pl.DataFrame:
    """The headings with those of a person's further messages, a clock alone in brackets each.

    The clock is spelled as in the heading above, and none lies before the time above or behind the one below it; else
    all are words, as they are where headings hold words.
    """
    if not shape.has_name:
        return heads
    told = pl.DataFrame({"text": lines, "clock": lines.str.extract(_ALONE, 1)}).with_row_index("line", offset=1)
    told = told.drop_nulls("clock").filter(pl.col("line") > heads["line"][0])
    if told.is_empty() or not (heads["post"].str.strip_chars() == shape.close.strip()).all():
        return heads
    columns = ("line", "text", "pre", "time", "post")
    above = heads.select("line", "pre", "time", "post").set_sorted("line")
    further = told.set_sorted("line").join_asof(above, on="line").with_columns(is_new=pl.lit(value=True))
    shapes = further.select(
        (pl.col("clock").str.replace_all("[0-9]+", "0")).alias("own"),
        pl.col("time").str.extract(_AT_END, 1).str.replace_all("[0-9]+", "0").alias("above"),
    )
    dated = further.with_columns(
        pl.concat_str(pl.col("time").str.replace(_AT_END, ""), "clock").alias("time"),
    )
    whole = pl.concat([heads.select(*columns, is_new=pl.lit(value=False)), dated.select(*columns, "is_new")]).sort(
        "line"
    )
    late = parse_time_column(whole["time"], ASSUMED_ZONE)["sent_at"].diff().dt.total_seconds().fill_null(0) < 0
    is_odd = late & (whole["is_new"] | whole["is_new"].shift(1, fill_value=False))
    return heads if is_odd.any() or (shapes["own"] != shapes["above"]).any() else whole.drop("is_new")


def _candidates(heads: pl.DataFrame, parts: pl.DataFrame, shape: Shape) -> pl.DataFrame:
    """The other lines whose time has the spelling and the place of the headings' times."""
    spelled = pl.col("time").str.replace_all("[0-9]+", "0")
    is_head = pl.col("line").is_in(heads["line"].implode())
    known = parts.filter(is_head).select(spelled).to_series().unique()
    others = parts.filter(~is_head & spelled.is_in(known.implode()))
    if not shape.has_name:
        return others.filter((pl.col("pre") == shape.lead) | ~pl.col("pre").str.contains(r"\w"))
    opening, closing = _opening(shape), shape.close.strip()[:1]
    if not opening or not closing:
        return others.clear()
    return others.filter(pl.col("pre").str.ends_with(opening), pl.col("post").str.starts_with(closing))


def _opening(shape: Shape) -> str:
    """The signs before the time, without those of emphasis, which names and notices may have apart."""
    return shape.gap.strip().lstrip("*_ ")


def _named(odd: pl.DataFrame, shape: Shape, names: pl.Series) -> list[pl.Series]:
    """Sender and words of the lines: behind a mark and a known name, else all words and nobody."""
    if shape.has_name:
        notice = odd["pre"].str.strip_suffix(_opening(shape)) + odd["post"].str.slice(len(shape.close.strip()[:1]))
        return [
            pl.Series("sender", [None] * odd.height, dtype=pl.String),
            notice.str.strip_chars(_SIGNS).alias("words"),
        ]
    known = "|".join(re.escape(n) for n in sorted(names.to_list(), key=len, reverse=True) if n)
    behind = re.escape(shape.close.strip())
    pattern = rf"^(?P<mark>[^\n]{{0,{_LONGEST_MARK}}}{behind}[\s*]*)(?P<name>{known or '$^'})\**\s?[:：>\])】]+\**[ \t]*(?P<words>.*)$"
    told = odd["post"].str.extract_groups(pattern).struct.unnest()
    sender = told["name"].replace("", None)
    rest = odd["post"].str.strip_chars(_SIGNS + "])】|,:：")
    return [sender.alias("sender"), told["words"].set(sender.is_null(), None).fill_null(rest).alias("words")]


def _between(heads: pl.DataFrame, odd: pl.DataFrame, *, is_clock: bool) -> pl.Series:
    """Which lines have a time between those of the headings around them; the last ones also a sender.

    Clocks lie between two others round the day.
    """
    rows = pl.concat(
        [heads.select("line", "time", known=pl.lit(value=True)), odd.select("line", "time", known=pl.lit(value=False))]
    )
    times = f"{_ANY_DAY} " + rows["time"] if is_clock else rows["time"]
    rows = rows.with_columns(parse_time_column(times, ASSUMED_ZONE)["sent_at"].dt.epoch("s").alias("at")).sort("line")
    steps = rows.filter("known")["at"].drop_nulls().diff().drop_nulls()
    if int((steps < 0).sum()) > int((steps > 0).sum()):
        rows = rows.with_columns(-pl.col("at"))
    known = pl.when("known").then("at")
    rows = rows.with_columns(known.forward_fill().alias("before"), known.backward_fill().alias("after")).filter(
        ~pl.col("known")
    )
    if is_clock:
        own, further = ((pl.col(c) - pl.col("before")) % _DAY_SECONDS for c in ("at", "after"))
        return rows.select((own <= further).fill_null(value=False)).to_series()
    is_sent = odd["sender"].is_not_null()
    fits = (pl.col("at") >= pl.col("before").fill_null(pl.col("after") - _DAY_SECONDS)) & (
        pl.col("at") <= pl.col("after").fill_null(pl.when(is_sent).then(pl.col("at")).otherwise(pl.col("at") - 1))
    )
    return rows.select(fits.fill_null(value=False)).to_series()


def are_angled(senders: pl.Series) -> bool:
    """Whether a form writes all who speak between `<` and `>`, so that a bare name is nobody who speaks."""
    known = senders.drop_nulls()
    return bool(known.len() and all_contain(known, r"^\s*<[^<>]+>?\s*$"))


def with_actions(frame: pl.DataFrame, senders: pl.Series) -> pl.DataFrame:
    """The rows of sender and text with the senders of actions, which logs write as `* name words`.

    `senders`: as the form writes them, between `<` and `>`. What a server says of a person stays a notice.
    """
    names = present(frame["sender"]).unique().head(_MOST_NAMES)
    nobody = frame["sender"].is_null()
    if not nobody.any() or names.is_empty() or not are_angled(senders):
        return frame
    known = "|".join(re.escape(n) for n in sorted(names.to_list(), key=len, reverse=True) if n)
    parts = (
        frame["text"]
        .str.extract_groups(rf"(?s)^\s*(?:[*•—]|Action:)\s+(?P<name>{known})\s+(?P<words>.*)$")
        .struct.unnest()
    )
    acts = (nobody & parts["name"].is_not_null() & ~parts["words"].str.contains(_BY_THE_SERVER)).fill_null(value=False)
    return frame.with_columns(
        pl.when(acts).then(parts["name"]).otherwise("sender").alias("sender"),
        pl.when(acts).then(parts["words"]).otherwise("text").alias("text"),
    )


def with_own_mark(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows with the direction and bare names, where one name is marked as the owner's: `Anna [me]`."""
    names = present(frame["sender"]).unique()
    marked = names.filter(names.str.contains(_OWN_MARK))
    if marked.len() != 1 or names.len() < 2:
        return frame
    own = pl.col("sender") == marked[0]
    return frame.with_columns(
        pl.col("sender").str.replace(_OWN_MARK, "${name}"),
        pl.when(own).then(pl.lit("self")).when(pl.col("sender").is_not_null()).then(pl.lit("peer")).alias("direction"),
    )

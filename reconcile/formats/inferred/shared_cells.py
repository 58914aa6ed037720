"""A half of the day in a column beside its clock, and a sender and a receiver in one cell."""

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from reconcile.column_ops import all_contain, kept_for_few, lacks, longest_of, present
from reconcile.formats.inferred.fields import Fields
from reconcile.formats.inferred.hints import hint
from reconcile.formats.inferred.mapping import Inferred
from reconcile.formats.inferred.people.names_in_lines import without_shared_remarks
from reconcile.formats.inferred.times.time_columns import time_columns
from reconcile.intake.text.document import hardened_parser
from reconcile.lazy_modules import lazy_module
from reconcile.wechat.clock_forms import HALF_DAY

if TYPE_CHECKING:
    from lxml import etree
else:
    etree = lazy_module("lxml.etree")


_LOOK, _LEAST = 200, 2
# So large a share of the rows has the word, and of the cells two people; people are so few.
_MOST, _FEW_PEOPLE = 0.9, 50
# What stands for an empty cell, and the least share of a column's cells.
_EMPTY, _OFTEN_EMPTY = ["-", "--", "—", "–", "/", "NULL", "null", "None", "N/A"], 0.2
# The beginning of a cell that is an element with attributes, its longest, signs between values, and how many of both.
_ELEMENT, _LONGEST_PACK, _PACKED = r"(?s)^\s*<[A-Za-z][\w:.-]*\s[^<>]*>.*>\s*$", 20_000, (",", ";", "|")
_LEAST_SIGNS, _MOST_PARTS = 3, 40
_IN_BRACKETS = r"[)）\]]$"
# How the column of the last name differs from that of the first.
_LAST = ("last", "family", "sur")
# An address of a messenger, and the device that uses it; one of a room.
_OF_DEVICE = r"^\s*(?P<address>[^\s@/]+@[^\s@/]+)(?:/(?P<device>\S+))?\s*$"
_OF_ROOM = r"@(?:conference|muc|group|groupchat|groups|chat|chats|rooms?|channels?)\b"
_HALF = rf"(?i)^\s*{HALF_DAY}\s*$"
_LETTERS_BEHIND = r"(?i)^\s*[ap]"
_CLOCK = r"([0-9]{1,2})([:：时時点])([0-9]{1,2})(?:([:：分])([0-9]{1,2}))?([分秒]?)"
_ONLY_CLOCK = rf"^\s*(?:[^\s].*[\sT日])?{_CLOCK}(?:\.[0-9]+)?\s*$"
_ARROW = r"^\s*(?P<one>[^→➔⇒>\x{FF1E}\n]{1,60}?)\s*(?:→|➔|⇒|[-=—–─]{1,3}[>\x{FF1E}]|>|\x{FF1E})\s*(?P<other>[^→➔⇒>\x{FF1E}\n]{1,60}?)\s*$"
_SIGNS = "[→➔⇒>\uff1e至发]"
_WORD = r"^\s*(?P<one>\S{1,30}?)\s*(?:至|发给|发至|发往)\s*(?P<other>\S{1,30}?)\s*$"


def with_shared_cells(fields: Fields) -> Fields:
    """The fields with empty cells, people without remarks and devices, whole clocks and both ends apart."""
    return _with_pairs(_with_halves(_with_full_names(without_devices(_without_remarks(_with_empty_cells(fields))))))


def _with_full_names(fields: Fields) -> Fields:
    """The fields with the whole name where one column holds the first and one the last name of a person."""
    whole = []
    for name in fields.names:
        if (first := re.search(r"(?i)(?:^|[._ ])(first|given)(?=$|[_ ]?name$)", name)) is None:
            continue
        other = next(
            (
                n
                for n in fields.names
                if n.lower() in {f"{name[: first.start(1)]}{w}{name[first.end(1) :]}".lower() for w in _LAST}
            ),
            None,
        )
        named = f"{name[: first.start(1)]}name"
        if other is not None and named not in fields.names:
            given, family = pl.col(name).str.strip_chars(), pl.col(other).str.strip_chars()
            is_chinese = (given + family).str.contains(r"^\p{Han}+$")
            told = (
                pl.when(is_chinese)
                .then(family + given)
                .otherwise(pl.concat_str(given, family, separator=" ", ignore_nulls=True))
            )
            whole.append(told.alias(named))
    return replace(fields, frame=fields.frame.with_columns(whole)) if whole else fields


def without_devices(fields: Fields) -> Fields:
    """The fields with addresses such as `ann@im.example` without the device behind them: `/phone`.

    In a room, the name of the member stands there: several behind the only address of a column may be members.
    """
    bare = []
    for name in fields.names:
        first = present(fields.frame[name].head(_LOOK))
        if not any("@" in cell and "/" in cell for cell in first) or not all_contain(first, _OF_DEVICE):
            continue
        cells = fields.frame[name]
        parts = cells.str.extract_groups(_OF_DEVICE).struct.unnest()
        is_room = cells.str.contains(_OF_ROOM).any()
        is_room |= parts["address"].drop_nulls().n_unique() == 1 < parts["device"].drop_nulls().n_unique()
        if parts["address"].null_count() == cells.null_count() and not is_room:
            bare.append(parts["address"].alias(name))
    return replace(fields, frame=fields.frame.with_columns(bare)) if bare else fields


def _without_remarks(fields: Fields) -> Fields:
    """The fields with names of people without remarks that are no part of them."""
    named = [
        n for n in fields.names if hint(n, "sender") > 0 and _is_all(fields.frame[n], _IN_BRACKETS, 1.0, r"[)）\]]")
    ]
    return replace(fields, frame=fields.frame.with_columns(without_shared_remarks(fields.frame[n]) for n in named))


def _with_empty_cells(fields: Fields) -> Fields:
    """The fields with null where a form writes a dash or a word for the empty cells of a column."""
    empty = []
    for name in fields.names:
        held = present(fields.frame[name])
        few = held.head(_LOOK).to_list()
        if few and sum(cell in _EMPTY for cell in few) / len(few) >= _OFTEN_EMPTY:
            empty.append(name)
    if not empty:
        return fields
    cells = pl.col(empty)
    return replace(fields, frame=fields.frame.with_columns(pl.when(~cells.is_in(_EMPTY)).then(cells)))


def _with_halves(fields: Fields) -> Fields:
    """The fields with a column of words such as 下午 or PM put to the clocks of 12 hours beside it.

    Unchanged where no column holds such words alone, or where not one column of clocks is in 12 hours.
    """
    frame = fields.frame
    halves = [n for n in fields.names if _is_all(frame[n], _HALF, _MOST, f"(?i){HALF_DAY}")]
    if len(halves) != 1 or fields.roles:
        return fields
    half = frame[halves[0]].str.strip_chars()
    clocks = [n for n in fields.names if n != half.name and _is_all(frame[n], _ONLY_CLOCK, _MOST)]
    if len(clocks) != 1:
        return fields
    parts = frame[clocks[0]].str.extract_groups(_CLOCK).struct.unnest()
    hours = parts.to_series(0).cast(pl.Int64, strict=False)
    if (hours > 12).any():
        # The word only says once more what a clock of 24 hours says.
        return fields
    is_behind = half.str.contains(_LETTERS_BEHIND)
    told = frame.with_columns(
        pl.when(half.fill_null("") == "")
        .then(pl.col(clocks[0]))
        .when(is_behind)
        .then(pl.format("{} {}", pl.col(clocks[0]), half))
        .otherwise(pl.col(clocks[0]).str.replace(rf"({_CLOCK})", pl.format("{}$1", half)))
        .alias(clocks[0])
    )
    return replace(fields, frame=told.drop(half.name))


def _with_pairs(fields: Fields) -> Fields:
    """The fields with the sender in a column of `甲→乙`, and the receiver in one beside it.

    Both are few names, and who receives sends, too, but where all write to one place.
    """
    frame = fields.frame
    for name in (n for n in fields.names if _is_all(frame[n], _SIGNS, _MOST, _SIGNS)):
        for pattern in (_ARROW, _WORD):
            if not _is_all(frame[name], pattern, _MOST):
                continue
            ends = frame[name].str.extract_groups(pattern).struct.unnest()
            one, other = (ends[c].drop_nulls().unique() for c in ("one", "other"))
            is_mutual = bool(other.is_in(one.implode()).all()) and one.len() > 1
            to_one = pattern == _ARROW and other.len() == 1 < one.len() and not other.is_in(one.implode()).any()
            if max(one.len(), other.len()) > _FEW_PEOPLE or not (is_mutual or to_one) or f"{name}.receiver" in frame:
                continue
            ends = _named_in_columns(frame, ends)
            whole = frame[name].is_not_null() & ends["one"].is_null()
            sender = ends["one"].fill_null(frame[name]) if whole.any() else ends["one"]
            if hint(name, "sender") < 0 and not {"sender", "receiver"} & {*fields.names}:
                # A name of both ends hides whose the first one is.
                frame = frame.rename({name: "sender"})
                return replace(
                    fields, frame=frame.with_columns(sender.alias("sender"), ends["other"].alias("receiver"))
                )
            return replace(
                fields, frame=frame.with_columns(sender.alias(name), ends["other"].alias(f"{name}.receiver"))
            )
    return fields


def _named_in_columns(frame: pl.DataFrame, ends: pl.DataFrame) -> pl.DataFrame:
    """Both ends; where each is the heading of a column, such as 访客, the cell of that column in its row."""
    headings = sorted({*ends["one"].drop_nulls(), *ends["other"].drop_nulls()})
    if not {*headings} <= {*frame.columns}:
        return ends
    named = (pl.coalesce(pl.when(pl.lit(ends[c]) == h).then(h) for h in headings).alias(c) for c in ends.columns)
    return frame.select(named)


def with_fields_of_cells(fields: Fields, inferred: Inferred) -> Fields | None:
    """The fields with a column for each value that all cells of a column pack; None without such cells.

    The values are times among as many values between one sign in every cell, where the rows have no time, or the ends
    of a message that the attributes of an element of XML state, where they have no sender.
    """
    new: list[pl.Series] = []
    for name in (n for n in fields.names if not n.startswith("^") and "." not in n):
        cells = fields.frame[name]
        if cells.len() < _LEAST or cells.null_count() or longest_of(cells) > _LONGEST_PACK:
            continue
        first = cells.head(_LOOK)
        if "sender" in inferred.doubts and first.str.contains(_ELEMENT).all():
            new += _ends_of(cells)
        elif "time" in inferred.doubts and not first.str.contains(r"\s").any():
            new += _times_of(cells, first)
    return with_shared_cells(replace(fields, frame=fields.frame.with_columns(new))) if new else None


def _times_of(cells: pl.Series, first: pl.Series) -> list[pl.Series]:
    """The times among the values that one sign parts in every cell."""
    signs = [s for s in _PACKED if first.str.count_matches(s, literal=True).min() >= _LEAST_SIGNS]  # type: ignore[operator]
    parts = cells.str.split(signs[0]) if signs else cells.str.split("\n")
    if not signs or parts.list.len().n_unique() > 1:
        return []
    values = [parts.list.get(i).alias(f"{cells.name}.#{i + 1}") for i in range(min(parts.list.len()[0], _MOST_PARTS))]
    return [v for v in values if any(t.seconds is not None for t in time_columns(v.to_frame(), [v.name]))]


def _ends_of(cells: pl.Series) -> list[pl.Series]:
    """The attributes called a sender or a receiver of the element that each cell is; none without XML."""
    parser = hardened_parser()
    try:
        keys = [k for k in etree.fromstring(cells[0].encode(), parser).attrib if hint(k, "sender") > 0]
        roots = [etree.fromstring(c.encode(), parser) for c in cells] if keys else []
    except etree.XMLSyntaxError:
        return []
    keys += dict.fromkeys(k for r in roots for k in r.attrib if hint(k, "receiver") > 0)
    return [pl.Series(f"{cells.name}.{k}", [r.get(k) for r in roots], dtype=pl.String) for k in keys]


@kept_for_few
def _is_all(cells: pl.Series, pattern: str, least: float, sign: str = "") -> bool:
    """Whether so large a share of a column's filled cells fits a pattern, as its first ones do.

    `sign`: what every text has that fits.
    """
    if cells.dtype != pl.String or lacks(cells, sign):
        return False
    first = present(cells.head(_LOOK))
    if first.len() < _LEAST or float(first.str.contains(pattern).mean() or 0) < least:  # type: ignore[arg-type]
        return False
    held = first if cells.len() <= _LOOK else cells.drop_nulls()
    return held.len() >= least * cells.len() and float(held.str.contains(pattern).mean() or 0) >= least  # type: ignore[arg-type]

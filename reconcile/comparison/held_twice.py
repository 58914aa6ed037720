"""Rows alone that their own side holds once more, written by another tool: two exports of one device put together overlap."""

import re
from typing import Any

import polars as pl

from reconcile.intake.contract import FormLimits
from reconcile.lookup import is_among, rows_within
from reconcile.match.glance import surely_differ
from reconcile.match.judgement import SideForm
from reconcile.match.merged import LEAST_COPIES, MERGED_SECONDS
from reconcile.match.substance import judge_pair
from reconcile.vocabulary import Relation
from reconcile.wechat.classes import OTHER, SECONDS, SHARED, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import MARK
from reconcile.wechat.text import canonical, numbers_in

# Two tools write one time within a second of each other; one that tells no seconds within its minute.
_SECOND, _MINUTE = SECONDS, 60 * SECONDS
# So many characters of one row inside another are no chance.
LEAST_HELD = 4
_BODY = ("text", "kind", "cls", "media_hash", "amount", "file_name", "text_quality", "url")
_FORM = SideForm(FormLimits(), None)


def may_be_held_twice(alone: pl.DataFrame, holder: pl.DataFrame, paired: pl.Series) -> pl.Series:
    """Row numbers of rows alone beside a paired row of the same sender and side that says the same in another spelling, to another unit of time, or within one minute where no seconds are told.

    Rows of one spelling and precision are no such, but where the side holds much twice, of two devices put together: people do say 好的 twice. Nor are
    two that bear two server ids. Two that bear one are one message.
    """
    spoken = (pl.col("cls") != SYSTEM) & pl.col("raw_t").is_not_null() & pl.col("pair").is_not_null()
    asked = alone.filter(spoken)
    if asked.is_empty() or paired.is_empty():
        return pl.Series(dtype=pl.UInt32)
    minute = pl.col("raw_t") // _MINUTE
    look = ["pair", "party", "raw_t", "time_precision", "message_id", *_BODY]
    beside = pl.concat([asked["raw_t"] // _MINUTE + k for k in (-1, 0, 1)])
    here = holder.select("row", *look)[rows_within(holder["raw_t"], beside, _MINUTE)]
    here = here.with_columns(minute.alias("minute")).filter(is_among(paired, holder.height).gather(here["row"]))
    near = pl.concat([asked.select("row", *look, (minute + k).alias("minute")) for k in (-1, 0, 1)])
    met = near.join(here, on=["pair", "party", "minute"], suffix="_right", nulls_equal=True)
    apart = (pl.col("raw_t") - pl.col("raw_t_right")).abs()
    other_unit = pl.col("time_precision") != pl.col("time_precision_right")
    same_id = (pl.col("message_id") == pl.col("message_id_right")).fill_null(value=False)
    two_ids = (pl.col("message_id") != pl.col("message_id_right")).fill_null(value=False)
    other_tool = other_unit | (pl.col("text") != pl.col("text_right"))
    again = holder.select("pair")[holder["is_repeat"].arg_true()].group_by("pair").len()
    again = again.filter(pl.col("len") >= LEAST_COPIES)
    two_devices = pl.col("pair").is_in(again["pair"].implode())
    within = pl.when(other_unit).then(_MINUTE).when(two_devices).then(MERGED_SECONDS * _SECOND).otherwise(_SECOND)
    # Of equal rows of one minute any may be the one that another form spells otherwise.
    of_minute = ~other_tool & (apart == 0) & (pl.col("time_precision").cast(pl.String) == "minute")
    met = met.filter((apart <= within) & ~two_ids & (same_id | other_tool | two_devices | of_minute))
    # Few rows alone stand beside one of their own side.
    same = [row["row"] for row in met.to_dicts() if _says_the_same(row)]
    return pl.Series(sorted({*same, *_of_one_number(asked, holder, paired)}), dtype=pl.UInt32)


def _of_one_number(asked: pl.DataFrame, holder: pl.DataFrame, paired: pl.Series) -> list[int]:
    """Rows alone whose server id a paired row of their side bears: one message, however two tools show it and whenever two devices got it."""
    numbered = asked.filter(pl.col("message_id").is_not_null()).select("pair", "row", "message_id", "party", *_BODY)
    if numbered.is_empty():
        return []
    ids = pl.col("message_id").is_in(numbered["message_id"].unique().implode())
    here = holder.select("row", "pair", "message_id", "party", *_BODY).filter(
        ids & pl.col("row").is_in(paired.implode())
    )
    met = numbered.join(here, on=["pair", "message_id", "party"], suffix="_right", nulls_equal=True)
    return [row["row"] for row in met.to_dicts() if _judged(row) is not Relation.CONFLICT]


def _says_the_same(row: dict[str, Any]) -> bool:
    if row["cls"] in WORDLESS and numbers_in(row["text"]) != numbers_in(row["text_right"]):
        # Two voices of one second: their lengths tell them apart.
        return False
    return _is_alike(row)


def _is_alike(row: dict[str, Any]) -> bool:
    one, other = ({c: row[f"{c}{end}"] for c in _BODY} for end in ("", "_right"))
    classes = {one["cls"], other["cls"]}
    if len(classes) > 1 and not classes & {WORDS, OTHER} and not classes <= {*SHARED}:
        # Every tool tells a payment from a picture.
        return False
    if _is_spoken(one) != _is_spoken(other) and not _holds(one["text"], other["text"]):
        # A picture, a voice or a payment shows nothing that words could contradict: only what shows these words is of one message with them.
        return False
    return not surely_differ(one, other) and _judged(row) is Relation.AGREEMENT


def _judged(row: dict[str, Any]) -> Relation:
    one, other = ({c: row[f"{c}{end}"] for c in _BODY} for end in ("", "_right"))
    return judge_pair(one, other, _FORM, _FORM).relation


def _holds(one: str, other: str) -> bool:
    short, long = sorted(map(canonical, (one, other)), key=len)
    if len(short) < LEAST_HELD:
        # A word such as 行 stands inside many a title by chance.
        return bool(short) and short == re.sub(MARK, "", long)
    return short in long


def _is_spoken(row: dict[str, Any]) -> bool:
    return row["cls"] == WORDS and bool(row["text"].strip())

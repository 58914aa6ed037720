"""Rows of chats without times that one file holds a few rows before or behind where the other does."""

import polars as pl

from reconcile.lookup import key_of
from reconcile.match.group import pair_by_key
from reconcile.match.passes import with_bodies
from reconcile.match.quotes import bare_reply
from reconcile.match.work import Work
from reconcile.wechat.classes import SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.text import PREFIX

# Messages sent at one moment reach two devices in two orders: they stand within so many rows of each other.
REACH = 5
# Of a busy hour two devices show the messages some dozens of rows apart: what says so much and stands alone but once a side meets there too.
FAR_REACH, TELLING_CHARACTERS = 30, 6


def take_crossed(work: Work, untimed: list[int]) -> None:
    """Rows left alone on both sides of such a chat: by sender and words, or kind, within a few rows of the same place.

    Pairs by order never cross: of two messages that the files hold in two orders one is left alone on each side, and lacking on neither.
    """
    if not untimed:
        return
    for silent in (False, True):
        _take(work, [_placed(work, side, untimed, silent=silent) for side in (0, 1)], REACH)
    sides = [_placed(work, side, untimed, silent=False) for side in (0, 1)]
    _take(
        work,
        [s.filter((pl.col("said") >= TELLING_CHARACTERS) & pl.col("key").is_unique()) for s in sides],
        FAR_REACH,
    )
    # A form that cuts a leading `10:` shows what the other has behind it.
    for headed in (0, 1):
        _take(work, [_placed(work, side, untimed, silent=False, headed=side == headed) for side in (0, 1)], REACH)


def _take(work: Work, sides: list[pl.DataFrame], reach: int) -> None:
    if any(s.is_empty() for s in sides):
        return
    pairs, _ = pair_by_key(sides[0], sides[1], reach + 0.5, "place", None, solve=False)
    prints = [f["media_hash"].gather(pairs[c]) for f, c in zip(work.frames, ("left_row", "right_row"), strict=True)]
    differ = (prints[0] != prints[1]) & (prints[0].str.len_chars() == prints[1].str.len_chars())
    work.take(pairs.filter(~differ.fill_null(value=False)))


def _placed(work: Work, side: int, untimed: list[int], *, silent: bool, headed: bool = False) -> pl.DataFrame:
    """The open rows keyed by what they say; `t` is the place, in rows of the right file, written as seconds.

    headed: only those that begin with a `word:`, by what stands behind it.
    """
    here = pl.col("pair").is_in(untimed)
    rest = work.rest(side).filter(here & (pl.col("cls") != SYSTEM))
    if silent:
        rest = rest.filter(pl.col("cls").is_in(WORDLESS)).with_columns(
            pl.lit("").alias("body"), pl.col("cls").alias("group")
        )
    else:
        if headed:
            begun = rest.filter((pl.col("cls") == WORDS) & pl.col("text").str.contains(PREFIX.pattern))
            rest = begun.with_columns(pl.col("text").str.replace(PREFIX.pattern, ""))
        rest = with_bodies(rest.with_columns(bare_reply())).filter(pl.col("body") != "")
    place = pl.col("row").cast(pl.Int64)
    if side == 0:
        partner = pl.Series("place", work.partners[0])
        met = work.frames[0].select("pair", "row", pl.when(partner >= 0).then(partner.cast(pl.Int64)).alias("place"))
        behind = pl.col("place").forward_fill().over("pair").fill_null(pl.col("place").backward_fill().over("pair"))
        rest = rest.join(met.filter(here).with_columns(behind), on="row", how="left", maintain_order="left")
        place = pl.col("place")
    return rest.filter(place.is_not_null()).select(
        key_of(pl.col("pair"), pl.col("party"), pl.col("group"), pl.col("body")).alias("key"),
        (place * SECONDS).alias("t"),
        "row",
        pl.lit(None, dtype=pl.Int64).alias("x"),
        pl.lit(0, dtype=pl.Int64).alias("spread"),
        pl.lit(0.0).alias("crossing"),
        pl.col("body").str.len_chars().alias("said"),
    )

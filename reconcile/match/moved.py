"""Telling words, amounts and fingerprints that stand once on each side, at whatever distance; and twins of what they met."""

import polars as pl

from reconcile.abreast import of_both
from reconcile.match.ends import end_rows
from reconcile.match.leftovers import pair_leftovers, pair_moved
from reconcile.match.parties import HELD_ONCE
from reconcile.match.passes import once_held, with_place
from reconcile.match.work import Work
from reconcile.settings import Settings
from reconcile.wechat.classes import PAYMENT, SECONDS, SYSTEM, WORDS
from reconcile.wechat.kinds import REFUSED_NOTICE

# An export that holds more rows of a conversation twice does so by itself.
MOST_TWICE = 2


def take_moved(work: Work, settings: Settings, *, whole: bool = False, any_sender: bool = False) -> None:
    """Telling words that stand once on each side, at whatever distance; whole: none that one side cut; any_sender: under another sender too."""
    rests = [once_held(work, s).filter(~pl.col("is_filled")) for s in (0, 1)]
    if any_sender:
        # Few rows alone say the same on both sides: what the whole chat holds is counted for these.
        said = [r.filter((pl.col("cls") == WORDS) & pl.col("party").is_not_null()) for r in rests]
        rests = [
            mine.join(other, on=["pair", "text"], how="semi", maintain_order="left")
            for mine, other in (said, said[::-1])
        ]
    if any(r.is_empty() for r in rests):
        return
    uniques = of_both(lambda side: _with_uniqueness(work, side, rests[side]), sum(f.height for f in work.frames))
    moved = pair_moved(
        uniques[0], uniques[1], lambda: _sizes(work, settings), settings, whole=whole, any_sender=any_sender
    )
    work.take(_of_one_end(work, _delivered(work, moved)))


def _delivered(work: Work, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs but for those of a row right behind which its own side shows that it was refused: the other side has no copy at another time."""
    if pairs.is_empty():
        return pairs
    told = pl.Series([True] * pairs.height)
    for frame, name in zip(work.frames, ("left_row", "right_row"), strict=True):
        behind = (pairs[name] + 1).clip(upper_bound=frame.height - 1)
        notice = frame["text"].gather(behind).str.contains(REFUSED_NOTICE) & (frame["cls"].gather(behind) == SYSTEM)
        told &= ~(notice & (frame["pair"].gather(behind) == frame["pair"].gather(pairs[name])))
    return pairs.filter(told)


def _sizes(work: Work, settings: Settings) -> pl.DataFrame:
    """pair, size (rows of the larger side), recurring (the larger share of long texts that stand more than once on a side)."""
    sizes = pl.concat([f.group_by("pair").len("size") for f in work.frames]).group_by("pair").agg(pl.col("size").max())
    if not work.each:
        share = max(_recurring_share(f, settings) for f in work.frames)
        return sizes.with_columns(pl.lit(share).alias("recurring"))
    shares = pl.concat([_recurring_shares(f, settings) for f in work.frames])
    told = shares.group_by("pair").agg(pl.col("recurring").max())
    return sizes.join(told, on="pair", how="left").with_columns(pl.col("recurring").fill_null(0.0))


def _of_one_end(work: Work, pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs but for those of a row behind all that both hold with one before it: two messages, each beyond the other side's reach."""
    if pairs.is_empty():
        return pairs
    told = pairs
    for side, name in enumerate(("left", "right")):
        ends = end_rows(work.frames[side], pl.Series(work.open[side]), pl.Series(work.is_paired(side)))
        ends = ends.select(pl.col("row").alias(f"{name}_row"), pl.col("end").alias(f"{name}_end"))
        told = told.join(ends, on=f"{name}_row", how="left", maintain_order="left")
    apart = (pl.col("left_end") != pl.col("right_end")).fill_null(value=False)
    return told.filter(~apart).select(pairs.columns)


def take_fellows(work: Work, side: int) -> None:
    """Twins of a row that was paired with other words meet the rows equal to its partner, in the order of both files.

    Two equal messages of one second whose words one form cuts or respells: the first pair was found by resemblance, which looks at one twin.
    """
    rest = work.rest(side)
    if rest["twin"].null_count() == rest.height:
        return
    mine, theirs = ("left_row", "right_row") if side == 0 else ("right_row", "left_row")
    look = pl.struct("pair", "party", "cls", "text", "t").hash(seed=47).alias("look")
    twins = work.frames[side].select("row", "twin").filter(pl.col("twin").is_in(rest["twin"].drop_nulls().implode()))
    first = (
        work.pairs_of(side, twins["row"])
        .join(twins, left_on=mine, right_on="row")
        .sort("twin", mine)
        .unique("twin", keep="first")
    )
    number = pl.int_range(pl.len()).over("twin").alias("number")
    looks = work.frames[1 - side][first[theirs]].select(look, *first.select("twin", "method", "confidence"))
    open_rows = work.rest(1 - side).select(pl.col("row").alias(theirs), look)
    there = open_rows.join(looks, on="look").sort(theirs).with_columns(number)
    here = rest.select(pl.col("row").alias(mine), "twin").drop_nulls("twin").sort(mine).with_columns(number)
    both = here.join(there, on=["twin", "number"])
    work.take(both.sort("left_row").unique("right_row", keep="first", maintain_order=True))


def take_rewritten(work: Work, settings: Settings) -> None:
    """Rows that seem to stand twice in their export meet a like row alone that the other side holds in that very place.

    Of two messages of one second one was rewritten into the other's words: sooner than that one row was lost and its neighbour written twice.
    """
    for side in (0, 1):
        again = _twice(work, side)
        if again.is_empty():
            continue
        here = pl.col("pair").is_in(again["pair"].unique().implode()) & pl.col("twin").is_null()
        there = with_place(work.rest(1 - side)).filter(here & (pl.col("cls") == WORDS) & ~pl.col("is_filled"))
        unlikely = pl.lit(0.0).alias("chance_rate"), pl.lit(60.0).alias("span_s")
        sides = [f.with_columns(unlikely) for f in ((again, there) if side == 0 else (there, again))]
        work.take(_of_one_place(pair_leftovers(sides[0], sides[1], settings), sides))


def _twice(work: Work, side: int) -> pl.DataFrame:
    """Open texts that stand beside an equal one of their second and side, which has a partner, where few of their conversation do."""
    rest = work.rest(side)
    if rest["twin"].null_count() == rest.height:
        return rest.clear()
    met = work.frames[side]["twin"].filter(pl.Series(work.is_paired(side))).drop_nulls()
    again = with_place(rest).filter(pl.col("twin").is_in(met.implode()))
    return again.filter((pl.len().over("pair") <= MOST_TWICE) & (pl.col("cls") == WORDS))


def _of_one_place(found: pl.DataFrame, sides: list[pl.DataFrame]) -> pl.DataFrame:
    """The pairs found by their words whose two rows stand in one moment, and at most one place apart among the paired rows."""
    placed = found.filter(pl.col("method") == "similar")
    for rows, name in zip(sides, ("left_row", "right_row"), strict=True):
        stands = rows.select(pl.col("row").alias(name), *(pl.col(c).alias(f"{c}_{name}") for c in ("t", "x", "spread")))
        placed = placed.join(stands, on=name, how="left", maintain_order="left")
    far, places = ((pl.col(f"{c}_left_row") - pl.col(f"{c}_right_row")).abs() for c in ("t", "x"))
    width = 2 * pl.max_horizontal("spread_left_row", "spread_right_row") + SECONDS
    return placed.filter((far <= width) & (places <= 1).fill_null(value=True)).select(found.columns)


def _recurring_share(frame: pl.DataFrame, settings: Settings) -> float:
    """Share of long texts that repeat an earlier one of their conversation; drawn by hash from long exports."""
    long = frame.lazy().filter(
        (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= settings.anchor_characters)
    )
    hashed = long.select("pair", pl.col("text").hash(seed=51).alias("h")).filter(
        pl.col("h") % (frame.height // 50_000 + 1) == 0
    )
    counts = hashed.group_by("pair", "h").len("n").select((pl.col("n") - 1).sum().alias("again"), pl.col("n").sum())
    again, total = counts.collect().row(0)
    return float(again / total) if total else 0.0


def _recurring_shares(frame: pl.DataFrame, settings: Settings) -> pl.DataFrame:
    """pair, recurring: `_recurring_share` of every pair by itself."""
    long = frame.lazy().filter(
        (pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= settings.anchor_characters)
    )
    thin = frame.lazy().group_by("pair").agg((pl.len() // 50_000 + 1).alias("thin"))
    hashed = long.select("pair", pl.col("text").hash(seed=51).alias("h")).join(thin, on="pair")
    counts = hashed.filter(pl.col("h") % pl.col("thin") == 0).group_by("pair", "h").len("n")
    share = ((pl.col("n") - 1).sum() / pl.col("n").sum()).alias("recurring")
    return counts.group_by("pair").agg(share).collect()


def _with_uniqueness(work: Work, side: int, rest: pl.DataFrame) -> pl.DataFrame:
    """`token`: what tells the row, its fingerprint, its amount or its words (null = nothing does); `held`: how often that stands in its whole conversation on this side."""
    rest = rest.with_columns(_token())
    tokens = rest.select("pair", "token").drop_nulls().unique()
    new = tokens.join(work.counted[side], on=["pair", "token"], how="anti") if len(work.counted[side]) else tokens
    if new.height:
        asked = rest["text_key"].filter(rest["cls"] == WORDS).unique()
        work.counted[side] = pl.concat([work.counted[side], _counted(work.frames[side], new, asked)])
    return rest.join(work.counted[side], on=["pair", "token"], how="left", maintain_order="left")


def _counted(frame: pl.DataFrame, tokens: pl.DataFrame, said: pl.Series) -> pl.DataFrame:
    """The tokens with `held`; `said`: the numbers of those of them that are words."""
    # Of the words only those in question are looked at: to hash every text of the export twice would cost more than all else here.
    asked = pl.col("text_key").is_in(said.implode())
    may_be = pl.col("media_hash").is_not_null() | (pl.col("cls") == PAYMENT) | ((pl.col("cls") == WORDS) & asked)
    # A row that its export holds twice still stands once in the chat.
    held = frame.lazy().filter(may_be).filter(HELD_ONCE).select("pair", _token())
    counts = held.join(tokens.lazy(), on=["pair", "token"], how="semi").group_by("pair", "token").len("held")
    return tokens.join(counts.collect(), on=["pair", "token"], how="left")


def _token() -> pl.Expr:
    amount = pl.col("amount").str.replace_all(r"[^\d.]", "").cast(pl.Float64, strict=False).cast(pl.String)
    return (
        pl.when(pl.col("media_hash").is_not_null()).then(pl.lit("#") + pl.col("media_hash"))
        .when(pl.col("cls") == PAYMENT).then(pl.col("kind").cast(pl.String) + pl.lit("¥") + amount)
        .when(pl.col("cls") == WORDS).then("text").alias("token")
    )  # fmt: skip

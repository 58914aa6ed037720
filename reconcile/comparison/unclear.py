"""Rows at the ends of a chat that the clocks cannot place: a step there, or a coarse time, would make them lie elsewhere."""

import polars as pl

from reconcile.abreast import of_both
from reconcile.lookup import is_among
from reconcile.match.align import Aligned
from reconcile.match.ends import alike, end_rows
from reconcile.match.skew import levels_of
from reconcile.match.steps import SET_BACK
from reconcile.match.work import is_undelivered
from reconcile.vocabulary import Kind, Side
from reconcile.wechat.classes import OTHER, OWN_IDS, SECONDS, SYSTEM, WORDS
from reconcile.wechat.kinds import BARE_MARK, MARK

# Equal rows of an end at one distance (µs) say together that its clock is another one.
ONE_DISTANCE = 60_000_000
# Above this share of neighbours that stand the other way round on the other side the order of a file tells nothing within its clocks' width.
LOOSE_SHARE = 0.03


def unclear_ends(standing: pl.DataFrame, aligned: Aligned) -> tuple[pl.DataFrame, pl.DataFrame]:
    """row, whole of each side's rows before the first pair or behind the last one that may stand on a clock which no pair measures.

    Where both sides hold rows beyond their common ones, each reaches as far as its own rows only if the clocks there are those of the
    pairs. A row that the other side holds in the same words at the same end may be that row (whole = false). All rows of an end
    are in doubt (whole = true) where the clocks of the conversation were wrong or set anyway, or where such equal rows tell it: one that is not
    what everybody writes, or two at one distance.
    """
    frames = aligned.left, aligned.right

    def beyond(side: int) -> pl.DataFrame:
        frame = frames[side]
        is_paired = is_among(standing[("left_row", "right_row")[side]], frame.height)
        gone = frame.select(is_undelivered()).to_series()
        is_open = (
            ~is_paired
            & frame["pair"].is_not_null()
            & ~gone
            & ~frame["pair"].is_in(aligned.untimed).fill_null(value=True)
        )
        return end_rows(frame, is_open, is_paired)

    ends = of_both(beyond, sum(f.height for f in frames))
    both = ends[0].select("pair", "end").unique().join(ends[1].select("pair", "end").unique(), on=["pair", "end"])
    ends = [e.join(both, on=["pair", "end"], how="semi") for e in ends]
    met = alike(ends[0], ends[1])
    whole = _whole(met, both, aligned)
    return _rows(ends[0], met["left_row"], whole), _rows(ends[1], met["right_row"], whole)


def _whole(met: pl.DataFrame, both: pl.DataFrame, aligned: Aligned) -> pl.DataFrame:
    """pair, end: ends of which every row is in doubt."""
    again = ((pl.col("d") - pl.col("d").shift()) <= ONE_DISTANCE) & (pl.col("left_row") != pl.col("left_row").shift())
    told = (
        met.sort("pair", "end", "d")
        .with_columns(again.over("pair", "end").fill_null(value=False).alias("again"))
        .group_by("pair", "end")
        .agg((pl.col("telling").any() | pl.col("again").any()).alias("told"))
        .filter("told")
    )
    wrong = levels_of(aligned.skew).filter((pl.col("high") > SET_BACK) | (pl.col("low") < -SET_BACK))
    of_clock = both.join(wrong, on="pair", how="semi")
    return pl.concat([told.select("pair", "end"), of_clock.select("pair", "end")]).unique()


def _rows(end: pl.DataFrame, met: pl.Series, whole: pl.DataFrame) -> pl.DataFrame:
    marked = end.select("pair", "end", "row").join(
        whole.with_columns(pl.lit(value=True).alias("whole")), on=["pair", "end"], how="left"
    )
    marked = marked.with_columns(pl.col("whole").fill_null(value=False))
    return marked.filter(pl.col("whole") | pl.col("row").is_in(met.implode())).select("row", "whole").sort("row")


def edges_by_place(lone: pl.DataFrame, standing: pl.DataFrame, holder: pl.DataFrame, name: str) -> pl.DataFrame:
    """`edge` of rows whose time lies so near the lacking side's last or first one that clocks and precision cannot part the two.

    There the holder's own order decides: behind its last paired row, and before its first, a row lies beyond. Where the orders of the
    two sides differ at many places it decides nothing, and such a row may lie beyond wherever it stands.
    """
    slack = 2 * pl.col("spread")
    near = (pl.col("own_to") - pl.col("t") < slack) | (pl.col("t") - pl.col("own_from") < slack)
    close = lone.filter((pl.col("edge") == "inside") & near.fill_null(value=False))
    if close.is_empty():
        return lone
    here = standing.filter(pl.col("pair").is_in(close["pair"].unique().implode()))
    met = here.select("pair", "left_row", "right_row", *(pl.lit(holder[c].gather(here[f"{name}_row"])).alias(c) for c in ("t", "at")))  # fmt: skip
    ends = _sure(met, close, lone, holder, name).group_by("pair").agg(
        pl.col("at").min().alias("first_at"), pl.col("at").max().alias("last_at"), pl.col("t").min().alias("first_t"), pl.col("t").max().alias("last_t"),
    )  # fmt: skip
    placed = close.join(ends, on="pair").join(_loose(met, name), on="pair")
    after = (pl.col("own_to") - pl.col("t") < slack) & (
        (pl.col("at") > pl.col("last_at")) | (pl.col("loose") & (pl.col("last_t") - pl.col("t") < slack))
    )
    before = (pl.col("t") - pl.col("own_from") < slack) & (
        (pl.col("at") < pl.col("first_at")) | (pl.col("loose") & (pl.col("t") - pl.col("first_t") < slack))
    )
    # Within its clocks and precision such a row may also lie beyond the moment to which the lacking side is known to reach.
    reached = (after & (pl.col("t") + slack <= pl.col("known_to"))) | (before & (pl.col("t") - slack >= pl.col("known_from")))  # fmt: skip
    beyond = pl.when(reached.fill_null(value=False)).then(pl.lit("reached")).otherwise(pl.lit("unverified"))
    told = placed.filter(after | before).select("row", beyond.alias("beyond"))
    joined = lone.join(told, on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce("beyond", "edge").alias("edge")).drop("beyond")


def _sure(met: pl.DataFrame, close: pl.DataFrame, lone: pl.DataFrame, holder: pl.DataFrame, name: str) -> pl.DataFrame:
    """The pairs without those at either end of which the holder has the like alone: either of the equal rows may be the lacking side's first or last."""
    slack = close.group_by("pair").agg((2 * pl.col("spread").max()).alias("slack"))
    ends = met.group_by("pair").agg(pl.col("t").min().alias("first_t"), pl.col("t").max().alias("last_t"))
    outer = met.join(ends.join(slack, on="pair"), on="pair")
    outer = outer.filter((pl.col("last_t") - pl.col("t") < pl.col("slack")) | (pl.col("t") - pl.col("first_t") < pl.col("slack")))  # fmt: skip
    look = ["pair", "party", "cls", "text"]
    words = holder.select(look)[outer[f"{name}_row"]].with_columns(outer[f"{name}_row"].alias("own"))
    unsure = words.join(lone.select(look).unique(), on=look, how="semi", nulls_equal=True)["own"]
    return met.filter(~pl.col(f"{name}_row").is_in(unsure.implode())) if unsure.len() else met


def edges_by_files(
    rows: pl.DataFrame, standing: pl.DataFrame, lacking: pl.DataFrame, aligned: Aligned, name: str
) -> pl.DataFrame:
    """`edge` of rows behind the last pair in their file, or before the first, where that is the lacking side's last row too, or its first, and a clock was set.

    Such a clock may have stamped earlier rows later than the last one: the lacking side's latest time is then not its end.
    """
    inside = rows.filter((pl.col("edge") == "inside") & pl.col("pair").is_in(aligned.stepped))
    if inside.is_empty():
        return rows
    other = Side(name).other
    here = pl.col("pair").is_in(inside["pair"].unique().implode())
    spoken = lacking.filter(here & (pl.col("cls") != SYSTEM) & ~pl.col("is_repeat"))
    ends = spoken.group_by("pair").agg(pl.col("row").min().alias("first"), pl.col("row").max().alias("last"))
    met = standing.filter(here).join(ends, on="pair")
    mine, theirs = f"{name}_row", f"{other}_row"
    last = met.sort(mine).group_by("pair").agg(
        *(pl.col(c).first().alias(f"{c}_first") for c in (mine, theirs)), *(pl.col(c).last().alias(f"{c}_last") for c in (mine, theirs)),
        pl.col("first").first(), pl.col("last").first(),
    )  # fmt: skip
    placed = inside.select("row", "pair", "t", "known_from", "known_to").join(last, on="pair")
    behind = (pl.col("row") > pl.col(f"{mine}_last")) & (pl.col(f"{theirs}_last") == pl.col("last"))
    before = (pl.col("row") < pl.col(f"{mine}_first")) & (pl.col(f"{theirs}_first") == pl.col("first"))
    behind &= ~(pl.col("t") <= pl.col("known_to")).fill_null(value=False)
    before &= ~(pl.col("t") >= pl.col("known_from")).fill_null(value=False)
    beyond = pl.col("row").is_in(placed.filter(behind | before)["row"].implode())
    return rows.with_columns(pl.when(beyond).then(pl.lit("unverified")).otherwise("edge").alias("edge"))


def _loose(met: pl.DataFrame, name: str) -> pl.DataFrame:
    """pair, loose: whether more than a few pairs stand the other way round on the other side, in the order of the files and in that of the times.

    Where nearly all do, that file runs the other way, and its order tells as much.
    """
    mine, other = (f"{n}_row" for n in (("left", "right") if name == "left" else ("right", "left")))
    shares: list[pl.DataFrame] = []
    for order in ("at", mine):
        back = (pl.col(other).diff() < 0).over("pair")
        swapped = met.sort("pair", order).select("pair", back.alias("back"))
        share = pl.col("back").mean().fill_null(0.0)
        shares.append(swapped.group_by("pair").agg(pl.min_horizontal(share, 1 - share).alias(f"by_{len(shares)}")))
    loose = pl.min_horizontal("by_0", "by_1") > LOOSE_SHARE
    return shares[0].join(shares[1], on="pair").select("pair", loose.alias("loose"))


# A time to the minute lies up to so much before the message.
_MINUTE = 61 * SECONDS


def may_be_of_one_moment(
    alone: pl.DataFrame, left: pl.DataFrame, untimed: list[int], never: frozenset[Kind], trusted: pl.Series
) -> pl.Series:
    """Rows alone beside a row of the same moment that met nobody on the other side, one of the two no plain words.

    Rows of one second, of one minute where a form shows no seconds, or of one stretch between pairs where it shows no times, have no certain
    order: their places between paired neighbours may contradict each other, and forms that name no kinds show a card as words, or by its kind alone.
    Two plain texts are not spared: what was rewritten stands in the same moment. `never`: kinds that the form of the rows alone does not write.
    `trusted`: conversations whose server ids tell messages apart: two rows of two ids there are two messages.
    """
    if "unwritten" in left.columns:
        left = left.filter(~pl.col("unwritten"))
    left = left.filter(~_held_again())
    sides = [_moments(f, untimed, trusted) for f in (alone, left)]
    if any(s.is_empty() for s in sides):
        return pl.Series(dtype=pl.UInt32)
    coarse = pl.concat([s.filter("coarse")["pair"] for s in sides]).unique().implode()
    # Within a wider moment a row stands for another only if that form could show it.
    sides[1] = sides[1].filter(~(pl.col("pair").is_in(coarse) & pl.col("kind").is_in([str(k) for k in never])))
    found = [pl.Series("row", dtype=pl.UInt32)]
    for wide in (False, True):
        parts = [s.filter(pl.col("pair").is_in(coarse) == wide) for s in sides]
        mixes = [
            mix
            for a, b in ((parts[0].filter("bare"), parts[1]), (parts[0], parts[1].filter("bare")))
            for mix in ((a.filter("numbered"), b.filter(~pl.col("numbered"))), (a.filter(~pl.col("numbered")), b))
        ]
        met = [_nearest(*mix, _MINUTE if wide else SECONDS) for mix in mixes]
        found += [rows for each in met for rows in each]
    return pl.concat(found).unique()


# A placeholder with words right behind it: the kind was read from what the form shows, and may be another's.
_MARKED_WORDS = MARK.removesuffix(r"\s*") + r"\S"


def may_be_crossed(
    alone: pl.DataFrame,
    holder: pl.DataFrame,
    lacking: pl.DataFrame,
    standing: pl.DataFrame,
    name: str,
    trusted: pl.Series,
) -> pl.Series:
    """Rows alone, no plain words, in the very second of a row of one sender that met, by its kind, another one.

    Where one form shows a title behind a placeholder as another kind, or no title at all, two neighbours meet crosswise: over another second, or in the
    same where a kind was read from words. Kinds that every form tells apart, and server ids, keep rows apart. `name`: the side of the rows alone.
    """
    other = Side(name).other
    look = ["pair", "party", "t", "cls", "text", "message_id"]
    silent = (pl.col("cls") != WORDS) & (pl.col("cls") != SYSTEM) & pl.col("t").is_not_null() & ~pl.col("is_filled")
    silent &= ~pl.col("time_precision").cast(pl.String).is_in(["minute", "day"])
    asked = alone.filter(silent & pl.col("party").is_not_null()).select("row", *look)
    if asked.is_empty() or standing.is_empty():
        return pl.Series(dtype=pl.UInt32)
    met = lacking[standing[f"{other}_row"]].with_columns(
        holder["t"].gather(standing[f"{name}_row"]).alias("met_t"),
        holder["text"].gather(standing[f"{name}_row"]).alias("met_text"),
    )
    told = pl.col("text").str.contains(_MARKED_WORDS)
    crosswise = ((pl.col("met_t") - pl.col("t")).abs() >= SECONDS) | (told & (pl.col("met_text") != pl.col("text")))
    near = asked.join(met.filter(silent & crosswise).select(look), on=["pair", "party"], suffix="_right")
    either_told = told | pl.col("text_right").str.contains(_MARKED_WORDS)
    loose = (pl.col("cls") == OTHER) | (pl.col("cls_right") == OTHER) | either_told
    untitled = (_bare("text") != _bare("text_right")) & (pl.col("cls") == pl.col("cls_right"))
    numbered = pl.col("message_id").is_not_null() & pl.col("message_id_right").is_not_null()
    return near.filter(
        ((pl.col("t") - pl.col("t_right")).abs() < SECONDS // 2)
        & (((pl.col("cls") != pl.col("cls_right")) & loose) | untitled)
        & ~(numbered & pl.col("pair").is_in(trusted.implode()))
    )["row"].unique()


def _bare(column: str) -> pl.Expr:
    return (pl.col(column) == "") | pl.col(column).str.contains(BARE_MARK)


def _held_again() -> pl.Expr:
    """Whether a row is the second copy of one that its export holds already, and so no other message; of what shows nothing only an id tells that."""
    told = pl.any_horizontal(pl.col(c).is_not_null() for c in ("message_id", "local_id", "media_hash"))
    return pl.col("is_repeat") & (told | ~_bare("text"))


def _moments(rows: pl.DataFrame, untimed: list[int], trusted: pl.Series) -> pl.DataFrame:
    placed = ~pl.col("is_filled") | pl.col("pair").is_in(untimed)
    precise = pl.col("time_precision").cast(pl.String).is_in(["minute", "day"])
    return rows.filter(pl.col("t").is_not_null() & placed & (pl.col("cls") != SYSTEM)).select(
        "pair", "row", "t", "party", pl.col("kind").cast(pl.String), ((pl.col("text") == "") | (pl.col("cls") != WORDS)).alias("bare"),
        (precise | pl.col("pair").is_in(untimed)).alias("coarse"),
        (pl.col("message_id").is_not_null() & pl.col("pair").is_in(trusted.implode()) & ~pl.col("cls").is_in(OWN_IDS)).alias("numbered"),
    ).sort("t")  # fmt: skip


def _nearest(asked: pl.DataFrame, others: pl.DataFrame, within: int) -> list[pl.Series]:
    """Rows asked that have one of the others so near, by one sender as far as both are known."""
    unnamed = pl.col("party").is_null()
    ways = (
        (asked, others, ["pair", "party"]),
        (asked.filter(unnamed), others, ["pair"]),
        (asked, others.filter(unnamed), ["pair"]),
    )
    return [
        mine.join_asof(theirs, on="t", by=by, strategy="nearest", tolerance=within, suffix="_other", check_sortedness=False)
        .filter(pl.col("row_other").is_not_null())["row"]
        for mine, theirs, by in ways
        if mine.height and theirs.height
    ]  # fmt: skip

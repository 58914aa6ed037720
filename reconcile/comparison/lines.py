"""Every row of both exports in one line each: judged pairs, and rows alone with what is said of each."""

import polars as pl

from reconcile.abreast import of_both
from reconcile.comparison.by_order import edges_by_order
from reconcile.comparison.compared import Compared
from reconcile.comparison.doubt import rows_in_doubt
from reconcile.comparison.own_clock import OwnClocks, edges_by_sender, own_clocks, with_own_clocks
from reconcile.comparison.reach import on_both_clocks, with_reach
from reconcile.comparison.unclear import edges_by_files, edges_by_place, unclear_ends
from reconcile.graph.causes import set_aside
from reconcile.graph.lone import Lone
from reconcile.graph.recalls import bearers_of, recalled_by_notice, recalls_around, replaces_in_place
from reconcile.intake.contract import Reading
from reconcile.lookup import is_among
from reconcile.match.group import METHOD
from reconcile.match.parties import owner_of
from reconcile.match.relations import CAUSE, RELATION
from reconcile.vocabulary import Cause, Relation, Side
from reconcile.wechat.owner_words import SELF_WORDS

COLUMNS = (
    "pair",
    "relation",
    "cause",
    "detail",
    "left_row",
    "right_row",
    "confidence",
    "similarity",
    "residual_s",
    "method",
    "t",
    "at",
    "edge",
)


def lines_of(compared: Compared) -> pl.DataFrame:
    """Every row of both sides, once.

    Columns: pair, relation, cause (null where still to be found), detail, left_row, right_row, confidence, similarity, residual_s, method, t
    (µs on the right side's clock; null = none), at (display order), edge.
    """
    is_parted = compared.judged["relation"] == str(Relation.SET_ASIDE)
    parted = compared.judged.filter(is_parted)
    standing = _without_recalled(compared.judged.filter(~is_parted) if parted.height else compared.judged, compared)
    clocks = own_clocks(standing, compared.aligned)
    standing = with_own_clocks(standing, compared.aligned, clocks)
    paired = _paired(standing, compared)
    ends = unclear_ends(standing, compared.aligned)
    height = compared.aligned.left.height + compared.aligned.right.height
    lone = of_both(lambda side: _lone(compared, standing, parted, ends[side], side, clocks), height)
    right_at = compared.aligned.right["at"].cast(pl.Float64)
    placed = [
        _place_left(lone[0], compared, standing),
        lone[1].with_columns(right_at.gather(lone[1]["right_row"]).alias("at")),
    ]
    # In one piece: of columns in several, every later step would make one anew.
    return pl.concat([paired.select(COLUMNS), *(p.select(COLUMNS) for p in placed)]).rechunk()


def _without_recalled(standing: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    """The pairs but for those that only their moment brought together, whose two rows a recall notice each explains."""
    by_moment = (pl.col("method") == "same_moment") & (pl.col("relation") == str(Relation.CONFLICT))
    chosen = standing.filter(by_moment & (pl.col("similarity") < compared.settings.similar_from))
    if chosen.is_empty():
        return standing
    frames = compared.aligned.left, compared.aligned.right
    readings = bearers_of(compared.left), bearers_of(compared.right)
    in_place = replaces_in_place(compared.left, compared.right)
    taken = []
    for side, name in enumerate(("left", "right")):
        rows = frames[side][chosen[f"{name}_row"]].with_columns(pl.col("t").alias("t_other"))
        each = compared.apart is not None
        people = readings[side], readings[1 - side]
        recalled, _ = recalled_by_notice(
            rows, frames[side], frames[1 - side], compared.aligned.untimed, people, in_place=in_place, each=each
        )
        taken.append(pl.col(f"{name}_row").is_in(recalled.implode()))
    both = chosen.filter(taken[0] & taken[1])
    # One recall takes back one message: what both sides tell of a single one does not explain two.
    recalled_pairs = both.filter(recalls_around(both, frames, standing, compared.aligned.untimed) >= 2).select(
        "left_row"
    )
    return standing.join(recalled_pairs, on="left_row", how="anti", maintain_order="left")


def _paired(standing: pl.DataFrame, compared: Compared) -> pl.DataFrame:
    right = compared.aligned.right
    return standing.with_columns(
        right["t"].gather(standing["right_row"]).alias("t"),
        right["at"].cast(pl.Float64).gather(standing["right_row"]).alias("at"),
        pl.lit(None, dtype=pl.String).alias("edge"),
    )


def _place_left(lone: pl.DataFrame, compared: Compared, standing: pl.DataFrame) -> pl.DataFrame:
    """Left rows alone stand half a step behind the partner of the last paired left row before them.

    Before the first pair of their conversation they stand before the first right row of it.
    """
    left, right = compared.aligned.left, compared.aligned.right
    partners = standing.select(
        pl.col("pair"), left["at"].gather(standing["left_row"]).alias("left_at"), right["at"].gather(standing["right_row"]).cast(pl.Float64).alias("partner")
    )  # fmt: skip
    partners = partners if partners["left_at"].is_sorted() else partners.sort("left_at")
    first = right.group_by("pair").agg((pl.col("at").min() - 1).cast(pl.Float64).alias("first"))
    mine = lone.with_columns(left["at"].gather(lone["left_row"]).alias("left_at")).sort("left_at")
    mine = mine.join_asof(partners.rename({"pair": "pair_before"}), on="left_at", strategy="backward")
    mine = mine.join(first, on="pair", how="left", maintain_order="left")
    behind = (
        pl.when(pl.col("pair_before") == pl.col("pair")).then("partner").otherwise(pl.coalesce("first", pl.lit(-1.0)))
    )
    step = 0.5 + 0.4 * pl.col("left_at") / max(left.height, 1)
    return mine.with_columns((behind + step).alias("at"))


def _lone(
    compared: Compared,
    standing: pl.DataFrame,
    parted: pl.DataFrame,
    ends: pl.DataFrame,
    side: int,
    clocks: OwnClocks | None,
) -> pl.DataFrame:
    """The lines of one side's rows without a partner."""
    name = tuple(Side)[side]
    other = name.other
    lone = _lone_of(compared, standing, side)
    caused = set_aside(lone)
    doubt = pl.concat([rows_in_doubt(lone, compared, standing, side, clocks), caused.filter("contested")["row"]])
    inside = lone.rows.filter(pl.col("edge") == "inside")["row"]
    unmeasured = ends.filter(~pl.col("whole") | pl.col("row").is_in(inside.implode()))["row"]
    lines = lone.rows.select("pair", "row", "t", "cls").join(caused, on="row", how="left", maintain_order="left")
    lines = lines.with_columns(_relation_of(compared, parted[f"{name}_row"], doubt, unmeasured))
    return lines.select(
        "pair", "relation", "cause", "detail", pl.col("row").alias(f"{name}_row"), pl.lit(None, dtype=pl.UInt32).alias(f"{other}_row"),
        pl.when(pl.col("relation") == "doubtful").then(pl.lit(0.5)).otherwise(pl.lit(0.99)).alias("confidence"),
        pl.lit(None, dtype=pl.Float64).alias("similarity"), pl.lit(None, dtype=pl.Float64).alias("residual_s"),
        pl.lit(None, dtype=METHOD).alias("method"), "t", "edge",
    )  # fmt: skip


def _lone_of(compared: Compared, standing: pl.DataFrame, side: int) -> Lone:
    """One side's rows without a partner, with where each lies against what the other side covers."""
    name = tuple(Side)[side]
    other = name.other
    frames, readings = (compared.aligned.left, compared.aligned.right), (compared.left, compared.right)
    holder, lacking, lacking_reading = frames[side], frames[1 - side], readings[1 - side]
    open_rows, open_lacking = (_open(f, standing[f"{n}_row"]) for f, n in ((holder, name), (lacking, other)))
    reached = with_reach(open_rows, lacking, standing, lacking_reading, compared, name)
    placed = edges_by_place(on_both_clocks(reached), standing, holder, name)
    placed = edges_by_order(placed, lacking, standing, compared, name)
    placed = edges_by_files(placed, standing, lacking, compared.aligned, name)
    placed = edges_by_sender(placed, lacking, standing[f"{other}_row"], compared.aligned)
    names = () if compared.apart else _names(lacking_reading)
    return Lone(
        placed, holder, lacking, open_lacking, lacking_reading, readings[side], names, compared.aligned.untimed, each=compared.apart is not None
    )  # fmt: skip


def _open(frame: pl.DataFrame, paired: pl.Series) -> pl.DataFrame:
    return frame.filter(~is_among(paired, frame.height))


def _relation_of(compared: Compared, parted: pl.Series, unsure: pl.Series, unmeasured: pl.Series) -> list[pl.Expr]:
    """relation, cause, detail of rows alone: circumstances of the conversation first, then the row's own cause, then doubt, then one-sided."""
    table = compared.pairs
    no_counterpart = table.filter(pl.col("pairing") == "none")["pair"]
    unclear = table.filter(pl.col("pairing") == "unclear")["pair"]
    met = compared.judged.filter(pl.col("relation").is_in(["agreement", "conflict"]))["pair"].unique()
    is_parted, is_unsure = pl.col("row").is_in(parted.implode()), pl.col("row").is_in(unsure.implode())
    is_unmeasured = pl.col("row").is_in(unmeasured.implode())
    never_met = ~pl.col("pair").is_in(met.implode()) & pl.col("pair").is_not_null()
    of_conversation = pl.col("pair").is_in(no_counterpart.implode())
    ambiguous = pl.col("pair").is_in(unclear.implode())
    cause = pl.col("cause")
    outside = (cause == str(Cause.OUTSIDE_COVERAGE)) & ~of_conversation
    relation = (
        pl.when(of_conversation | is_parted).then(pl.lit("set_aside"))
        .when(ambiguous).then(pl.lit("doubtful"))
        .when(never_met & cause.is_null()).then(pl.lit("doubtful"))
        .when(cause.is_not_null()).then(pl.lit("set_aside"))
        .when(is_unsure | is_unmeasured).then(pl.lit("doubtful"))
        .otherwise(pl.lit("one_sided"))
    )  # fmt: skip
    named = (
        pl.when(of_conversation).then(pl.lit(str(Cause.NO_COUNTERPART)))
        .when(is_parted).then(pl.lit(str(Cause.RECALLED)))
        .when(ambiguous | (never_met & cause.is_null())).then(pl.lit(str(Cause.PAIRING_UNCLEAR)))
        .when(cause.is_null() & is_unsure).then(pl.lit(str(Cause.INDISTINGUISHABLE)))
        .when(cause.is_null() & is_unmeasured).then(pl.lit(str(Cause.CLOCK_UNMEASURED)))
        .otherwise(cause)
    )  # fmt: skip
    detail = (
        pl.when(outside & (pl.col("edge") == "unverified"))
        .then(pl.lit("edge_unverified"))
        .when(outside & (pl.col("edge") == "inside"))
        .then(pl.lit("part_not_read"))
        .when(outside)
        .then(pl.lit("beyond_export"))
    )
    return [relation.cast(RELATION).alias("relation"), named.cast(CAUSE).alias("cause"), detail.alias("detail")]


def _names(reading: Reading) -> tuple[str, ...]:
    """Under which names a list of members may hold the owner: those stated, and the words for oneself."""
    owner = owner_of(reading)
    return (*(n for n in (owner.id, owner.alias, owner.name) if n), *SELF_WORDS)

"""A device stamps its own messages by its own clock and those that it receives by the server's: a wrong clock shifts one sender alone."""

import polars as pl

from reconcile.wechat.classes import SECONDS

# A sender's clock is learnt from so many anchors, and counts where it lies farther (µs) from that of the others than anchors of either lie apart.
LEAST_OWN, LEAST_APART, WIDTHS = 3, 3 * SECONDS, 2
# The anchors of two clocks that stand at one time follow each other so often along the chat; after a step they stand behind each other.
LEAST_TURNS = 4
# Clocks of one zone differ by nothing, those of two by quarters of hours.
ZONE = 900 * SECONDS


def learn_senders(anchors: pl.DataFrame, left: pl.DataFrame) -> pl.DataFrame:
    """pair, party, apart (µs, left minus right): senders whose messages lie off the offset of the others' steadily, and by how much.

    A sender's anchors keep together, but for one in ten at either end; those of the others do too, and stand among them. What a step, a drift or single altered
    times do to the anchors of all senders alike is none of this. The senders nearest to a whole zone stand where they are.
    """
    told = anchors.select("pair", "left_row", "d", left["party"].gather(anchors["left_row"]).alias("party"))
    told = told.filter(pl.col("party").is_not_null())
    width = pl.col("d").quantile(0.9, "nearest") - pl.col("d").quantile(0.1, "nearest")
    level = pl.col("d").median().cast(pl.Int64).alias("level")
    own = told.group_by("pair", "party").agg(level, width.alias("width"), pl.len().alias("n"))
    own = own.filter(pl.col("n") >= LEAST_OWN)
    rest = pl.col("level") % ZONE
    usual = pl.min_horizontal(rest, ZONE - rest)
    own = own.sort("pair", usual, pl.col("level").abs(), "party").with_columns(
        pl.col("level").first().over("pair").alias("base"), pl.col("width").max().over("pair").alias("width")
    )
    off = pl.col("level") - pl.col("base")
    apart = off.abs() > LEAST_APART + WIDTHS * pl.col("width")
    found = own.filter(apart).select("pair", "party", off.alias("apart"))
    return found.join(_turning(told, found), on="pair", how="semi").sort("pair", "party") if found.height else found


def _turning(told: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """pair: those in which anchors of either clock follow each other often enough."""
    here = told.join(found.select("pair").unique(), on="pair", how="semi").sort("pair", "left_row")
    here = here.join(found, on=["pair", "party"], how="left", maintain_order="left")
    turns = (pl.col("apart").fill_null(0).diff() != 0).over("pair").fill_null(value=False)
    return here.group_by("pair").agg(turns.sum().alias("turns")).filter(pl.col("turns") >= LEAST_TURNS).select("pair")


def on_one_clock(
    left: pl.DataFrame, right: pl.DataFrame, anchors: pl.DataFrame, found: pl.DataFrame
) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """Both sides with `t` of such senders (`learn_senders`) moved to the clock of the others, on the side of which he is the owner (else left), and the anchors likewise."""
    if found.is_empty():
        return left, right, anchors
    owners = right.filter(pl.col("is_self").fill_null(value=False)).select("pair", "party").drop_nulls().unique()
    on_right = found.join(owners, on=["pair", "party"], how="semi")
    on_left = found.join(on_right, on=["pair", "party"], how="anti")
    moved = anchors.with_columns(left["party"].gather(anchors["left_row"]).alias("party"))
    moved = moved.join(found, on=["pair", "party"], how="left", maintain_order="left")
    moved = moved.with_columns(pl.col("d") - pl.col("apart").fill_null(0)).select(anchors.columns)
    return _moved(left, on_left, -1), _moved(right, on_right, 1), moved


def _moved(frame: pl.DataFrame, found: pl.DataFrame, sign: int) -> pl.DataFrame:
    if found.is_empty():
        return frame
    apart = frame.select("pair", "party").join(found, on=["pair", "party"], how="left", maintain_order="left")["apart"]
    return frame.with_columns(pl.col("t") + sign * apart.fill_null(0))

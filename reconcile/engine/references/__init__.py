"""References: what both exports say about other messages, also about ones that a side lacks."""

from dataclasses import dataclass

import dataframely as dy
import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.compared import Aligned
from reconcile.engine.references.absent import absent_messages
from reconcile.engine.references.counted import short_albums, short_exports
from reconcile.engine.references.ground import Ground
from reconcile.engine.references.payments import unanswered_payments
from reconcile.engine.references.targets import find_held
from reconcile.engine.references.witnesses import references
from reconcile.frames import Absent
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.parallel import run_both_sides
from reconcile.vocabulary import Side, WitnessKind


@dataclass(frozen=True, slots=True)
class JudgedReferences:
    """The result of all references.

    Attributes:
        told: by side, the rows of that side that the other side lacks but refers to.
        speaking: the references to them: side, pair, witness, by_row (null = a table beside the rows), target (the side
            that holds the row), row.
        absent: messages that neither side holds.
    """

    told: dict[Side, pl.Series]
    speaking: pl.DataFrame
    absent: pl.DataFrame


def judge_references(
    aligned: Aligned, readings: dict[Side, Reading], pairs: pl.DataFrame, lines: pl.DataFrame, *, each: bool = False
) -> JudgedReferences:
    """Finds and judges every reference in both exports.

    Args:
        aligned: both sides' rows on one clock.
        readings: both exports.
        pairs: the table of conversations.
        lines: every row of both sides once (pair, relation, cause, left_row, right_row).
        each: whether every pair is a comparison of its own.
    """
    both = pairs.filter(pl.col("left_conversation").is_not_null() & pl.col("right_conversation").is_not_null())["pair"]
    ground = Ground(aligned, readings, both, lines, each)
    rows = ground.rows
    told = pl.concat(run_both_sides(lambda i: references(rows[(s := tuple(Side)[i])], readings[s], s), ground.height))
    # Rows without times have only an order, so stated times cannot be compared.
    if aligned.untimed:
        untimed = pl.col("pair").is_in(aligned.untimed)
        told = told.with_columns(pl.when(~untimed.fill_null(value=False)).then("t").alias("t"))
    spoken = told.with_row_index("w")
    counting = pl.col("witness").is_in([str(WitnessKind.ALBUM_COUNT), str(WitnessKind.STATED_COUNT)])
    single = spoken.filter(~counting)
    # Nobody prepares rows for looking up messages where nothing refers to one.
    held, left_open = find_held(single, ground.copies if single.height else {}, each=each)
    found = [
        absent_messages(left_open, single, held, ground),
        unanswered_payments(ground),
        short_albums(spoken, ground),
        short_exports(ground),
    ]
    order = found[0].columns
    lacked = _references_to_lacked(held)
    told_rows = {s: lacked["row"].filter(lacked["target"] == str(s)) for s in Side}
    told_rows = {s: rows.unique().sort() if len(rows) else rows for s, rows in told_rows.items()}
    speaking = lacked[["w", "target", "row"]].join(single[["w", "side", "pair", "witness", "by_row"]], on="w")
    return JudgedReferences(told_rows, speaking, pl.concat([f.select(order) for f in found if f.height] or [found[0]]))


def _references_to_lacked(held: pl.DataFrame) -> pl.DataFrame:
    """References to rows that the referring side does not hold itself."""
    if held.is_empty():
        return held
    own = held.filter(pl.col("target") == pl.col("side"))["w"].unique()
    return held.filter((pl.col("target") != pl.col("side")) & ~pl.col("w").is_in(listed(own)))


def absent_frame(refs: JudgedReferences, names: pl.DataFrame, case: str) -> dy.DataFrame[Absent]:
    """The frame of messages that neither side holds, one row per referring side."""
    if refs.absent.is_empty():
        return frame_of(Absent)
    joined = refs.absent.rename({"conversation": "own_key"}).join(names, on="pair", how="left", maintain_order="left")
    said = joined.with_columns(
        pl.from_epoch(pl.col("raw_t"), time_unit="us").dt.replace_time_zone("UTC").alias("sent_at"),
        pl.lit(case).alias("case"),
        pl.when(pl.col("message_id").is_null() & pl.col("native_id").is_null()).then(pl.coalesce("words", "locator")).alias("_words"),
    )  # fmt: skip
    once = said.unique(["pair", "message_id", "native_id", "_words", "side"], keep="first", maintain_order=True)
    return frame_of(Absent, once.sort("conversation", "side", "locator", nulls_last=True))

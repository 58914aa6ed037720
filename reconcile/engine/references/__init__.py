"""References: what both exports say about other messages, also about ones that a side lacks."""

from dataclasses import dataclass, replace

import dataframely as dy
import polars as pl

from reconcile.column_ops import aggregate_by_pair
from reconcile.engine.compared import Aligned
from reconcile.engine.references.absent import Ground, absent_messages
from reconcile.engine.references.counted import short_albums, short_exports
from reconcile.engine.references.payments import unanswered_payments
from reconcile.engine.references.targets import Copy, copy_of, find_held
from reconcile.engine.references.witnesses import references
from reconcile.frames import Absent
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.parallel import run_both_sides
from reconcile.vocabulary import Cause, Side, WitnessKind
from reconcile.wechat.kind_classes import SYSTEM

PAIRED = ("agreement", "conflict")


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
    frames = {Side.LEFT: aligned.left, Side.RIGHT: aligned.right}
    height = aligned.left.height + aligned.right.height
    told = pl.concat(run_both_sides(lambda i: references(frames[(s := tuple(Side)[i])], readings[s], s), height))
    # Rows without times have only an order, so stated times cannot be compared.
    untimed = pl.col("pair").is_in(aligned.untimed)
    spoken = told.with_columns(pl.when(~untimed.fill_null(value=False)).then("t").alias("t")).with_row_index("w")
    ground = replace(_ground(aligned, readings, pairs, lines), each=each)
    counting = pl.col("witness").is_in([str(WitnessKind.ALBUM_COUNT), str(WitnessKind.STATED_COUNT)])
    single = spoken.filter(~counting)
    held, left_open = find_held(single, ground.copies, each=each)
    one_each = lines.lazy().filter(pl.col("relation").is_in(PAIRED)).select("right_row").collect()["right_row"]
    found = [
        absent_messages(left_open, single, held, ground),
        unanswered_payments(one_each, ground),
        short_albums(spoken, ground),
        short_exports(lines, ground),
    ]
    order = found[0].columns
    lacked = _lacked(held)
    told_rows = {s: lacked.filter(pl.col("target") == str(s))["row"].unique().sort() for s in Side}
    speaking = lacked.select("w", "target", "row").join(single.select("w", "side", "pair", "witness", "by_row"), on="w")
    return JudgedReferences(told_rows, speaking, pl.concat([f.select(order) for f in found if f.height] or [found[0]]))


def _lacked(held: pl.DataFrame) -> pl.DataFrame:
    """References to rows that the referring side does not hold itself."""
    own = held.filter(pl.col("target") == pl.col("side"))["w"].unique()
    return held.filter((pl.col("target") != pl.col("side")) & ~pl.col("w").is_in(own.implode()))


def _ground(aligned: Aligned, readings: dict[Side, Reading], pairs: pl.DataFrame, lines: pl.DataFrame) -> Ground:
    met = lines.select("relation", "left_row", "right_row").filter(pl.col("relation").is_in([*PAIRED, "doubtful"]) & pl.col("left_row").is_not_null() & pl.col("right_row").is_not_null())  # fmt: skip
    trusted = aligned.ids.filter("is_trusted")["pair"]
    ids = {
        Side.LEFT: aligned.left["message_id"].is_not_null(),
        Side.RIGHT: aligned.right["message_id"].is_not_null(),
    }
    frames = {Side.LEFT: aligned.left, Side.RIGHT: aligned.right}

    def copied(i: int) -> Copy:
        side = tuple(Side)[i]
        named = ids[side.other]
        has = named.gather(met[f"{side.other}_row"]) if named.any() else pl.Series([False])
        partner = met[f"{side}_row"].filter(has)
        unsent = lines.filter(pl.col("cause") == str(Cause.NOT_DELIVERED))[f"{side}_row"].drop_nulls()
        return copy_of(frames[side], partner, trusted, unsent, side, readings[side].facts.local_id_scope)

    copies = dict(zip(Side, run_both_sides(copied, aligned.left.height + aligned.right.height), strict=True))
    both = pairs.filter(pl.col("left_conversation").is_not_null() & pl.col("right_conversation").is_not_null())["pair"]
    return Ground(copies, readings, both, _same_start(frames, met))


def _same_start(frames: dict[Side, pl.DataFrame], met: pl.DataFrame) -> pl.Series:
    """Conversations where the first messages of both copies are the same message."""

    def first(i: int) -> pl.DataFrame:
        side = tuple(Side)[i]
        rows = frames[side].lazy().select("pair", "cls", "t", "row")
        spoken = rows.select("pair", "row", pl.when(pl.col("cls") != SYSTEM).then("t").alias("t"))
        # Rows are in file order, so among equal earliest times the first row is used.
        first_row = pl.col("row").get(pl.col("t").arg_min()).alias(f"{side}_row")
        earliest = aggregate_by_pair(spoken, frames[side]["pair"], first_row)
        return earliest.drop_nulls().collect()

    firsts = run_both_sides(first, sum(f.height for f in frames.values()))
    both = firsts[0].join(firsts[1], on="pair")
    near = met.select("left_row", "right_row").filter(pl.col("left_row").is_in(both["left_row"].implode()))
    return both.join(near, on=["left_row", "right_row"], how="semi")["pair"].sort()


def absent_frame(refs: JudgedReferences, names: pl.DataFrame, case: str) -> dy.DataFrame[Absent]:
    """The frame of messages that neither side holds, one row per referring side."""
    joined = refs.absent.rename({"conversation": "own_key"}).join(names, on="pair", how="left", maintain_order="left")
    said = joined.with_columns(
        pl.from_epoch(pl.col("raw_t"), time_unit="us").dt.replace_time_zone("UTC").alias("sent_at"),
        pl.lit(case).alias("case"),
        pl.when(pl.col("message_id").is_null() & pl.col("native_id").is_null()).then(pl.coalesce("words", "locator")).alias("_words"),
    )  # fmt: skip
    once = said.unique(["pair", "message_id", "native_id", "_words", "side"], keep="first", maintain_order=True)
    return frame_of(Absent, once.sort("conversation", "side", "locator", nulls_last=True))

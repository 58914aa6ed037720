"""The data that references are judged by."""

from dataclasses import dataclass
from functools import cached_property

import polars as pl

from reconcile.column_ops import aggregate_by_pair, collected, listed
from reconcile.engine.compared import Aligned
from reconcile.engine.references.targets import Copy, copy_of
from reconcile.intake.contract import Reading
from reconcile.parallel import run_both_sides
from reconcile.vocabulary import Cause, Side
from reconcile.wechat.kind_classes import SYSTEM

PAIRED = ("agreement", "conflict")


@dataclass(frozen=True)
class Ground:
    """The data needed to judge references. What few exports need is made when asked for.

    Attributes:
        aligned: both sides' rows on one clock.
        readings: both exports.
        pairs: conversations on both sides.
        lines: every row of both sides once (pair, relation, cause, left_row, right_row).
        each: whether every pair is an export of its own.
    """

    aligned: Aligned
    readings: dict[Side, Reading]
    pairs: pl.Series
    lines: pl.DataFrame
    each: bool = False

    @property
    def rows(self) -> dict[Side, pl.DataFrame]:
        """The frame of rows of each side."""
        return {Side.LEFT: self.aligned.left, Side.RIGHT: self.aligned.right}

    @cached_property
    def copies(self) -> dict[Side, Copy]:
        """The rows of each side, prepared for looking up messages."""
        return dict(zip(Side, run_both_sides(self._copy_of_side, self.height), strict=True))

    @cached_property
    def same_start(self) -> pl.Series:
        """Conversations where both copies begin with the same message."""
        firsts = run_both_sides(self._first_messages, self.height)
        both = firsts[0].join(firsts[1], on="pair")
        near = self._rows_met.select("left_row", "right_row").filter(pl.col("left_row").is_in(listed(both["left_row"])))
        return both.join(near, on=["left_row", "right_row"], how="semi")["pair"].sort()

    def also_left(self) -> pl.Series:
        """The right rows that hold the message of a left row."""
        return self.lines.filter(pl.col("relation").is_in(PAIRED))["right_row"]

    def spans(self) -> pl.DataFrame:
        """pair, first, last: the first and the last time of both copies of each conversation."""
        ends = (pl.col("t").min().alias("first"), pl.col("t").max().alias("last"))
        timed = pl.col("t").is_not_null() & pl.col("pair").is_not_null()
        parts = [rows.filter(timed).group_by("pair").agg(ends) for rows in self.rows.values()]
        return pl.concat(parts).group_by("pair").agg(pl.col("first").min(), pl.col("last").max())

    @property
    def height(self) -> int:
        """The number of rows of both sides."""
        return self.aligned.left.height + self.aligned.right.height

    @cached_property
    def _rows_met(self) -> pl.DataFrame:
        """Rows of agreements, conflicts and doubtful lines that both sides hold."""
        return self.lines[["relation", "left_row", "right_row"]].filter(
            pl.col("relation").is_in([*PAIRED, "doubtful"])
            & pl.col("left_row").is_not_null()
            & pl.col("right_row").is_not_null()
        )

    def _copy_of_side(self, i: int) -> Copy:
        """The side's rows for looking up references, with the messages it sent but did not deliver."""
        side = tuple(Side)[i]
        met = self._rows_met
        trusted = self.aligned.ids.filter("is_trusted")["pair"]
        named = self.rows[side.other]["message_id"].is_not_null()
        has = named[met[f"{side.other}_row"]] if named.any() else pl.Series([False])
        partner = met[f"{side}_row"].filter(has)
        unsent = self.lines.filter(pl.col("cause") == str(Cause.NOT_DELIVERED))[f"{side}_row"].drop_nulls()
        return copy_of(self.rows[side], partner, trusted, unsent, side, self.readings[side].facts.local_id_scope)

    def _first_messages(self, i: int) -> pl.DataFrame:
        """The earliest row of each conversation of the side, notices left out."""
        side = tuple(Side)[i]
        rows = self.rows[side].lazy().select("pair", "cls", "t", "row")
        spoken = rows.select("pair", "row", pl.when(pl.col("cls") != SYSTEM).then("t").alias("t"))
        # Rows are in file order, so among equal earliest times the first row is used.
        first_row = pl.col("row").get(pl.col("t").arg_min()).alias(f"{side}_row")
        earliest = aggregate_by_pair(spoken, self.rows[side]["pair"], first_row)
        return earliest.drop_nulls().pipe(collected)

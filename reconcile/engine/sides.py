"""One side as the holder of records that the other lacks: both on the common clock, which is the right device's."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from reconcile.engine.alignment import Alignment
from reconcile.engine.candidates import SIGNS
from reconcile.engine.levels import ALTERED, DIFFERENT, EQUAL, FORM
from reconcile.engine.params import PARAMS
from reconcile.engine.records import NO_PAIR, Flags, Floats, Ints, Records
from reconcile.vocabulary import Side


@dataclass(frozen=True)
class SideView:
    """An alignment seen from the side that holds the records."""

    alignment: Alignment
    holder_side: Side

    @property
    def lacking_side(self) -> Side:
        """The other side."""
        return self.holder_side.other

    @cached_property
    def holder(self) -> Records:
        """All records of the holding side."""
        return self.alignment.left if self.holder_side is Side.LEFT else self.alignment.right

    @cached_property
    def lacking(self) -> Records:
        """All records of the other side."""
        return self.alignment.right if self.holder_side is Side.LEFT else self.alignment.left

    @cached_property
    def holder_rows(self) -> Ints:
        """The holder's record of every pair."""
        return self.alignment.pairs.left if self.holder_side is Side.LEFT else self.alignment.pairs.right

    @cached_property
    def lacking_rows(self) -> Ints:
        """The other side's record of every pair."""
        return self.alignment.pairs.right if self.holder_side is Side.LEFT else self.alignment.pairs.left

    @cached_property
    def holder_u(self) -> Floats:
        """Times of the holder's records on the common clock (seconds; nan = none)."""
        return common_times(self.alignment, self.holder_side)

    @cached_property
    def lacking_u(self) -> Floats:
        """Times of the other side's records on the common clock (seconds; nan = none)."""
        return common_times(self.alignment, self.lacking_side)

    @cached_property
    def absent_margin(self) -> Floats:
        """Nats by which standing alone beats having a partner, per record of the holder."""
        return self.alignment.absent_margin[0 if self.holder_side is Side.LEFT else 1]

    @cached_property
    def has_equal_elsewhere(self) -> Flags:
        """Whether the lacking side holds equal words of the same sender, signs aside and at whatever time, that have no partner either.

        Two messages of which each side lost one, or one message whose times no clock explains: no weight of times tells the two apart for certain.
        """
        a, w = self.alignment, self.alignment.weighed
        pair_open = a.pairs.open_left[w.left] & a.pairs.open_right[w.right]
        at = np.flatnonzero(pair_open)
        words = [t.gather(r[at]).str.replace_all(SIGNS, "") for t, r in zip(a.texts, (w.left, w.right), strict=True)]
        equal = np.isin(w.content.level, (EQUAL, FORM)) & (w.content.common > 0)
        equal[at] |= ((words[0] == words[1]) & (words[0] != "")).to_numpy()
        equal &= pair_open
        equal &= (w.weights.factors["sender"] >= 0) & (w.weights.factors["ids"] >= 0)
        flags = np.zeros(len(self.holder), bool)
        flags[(w.left if self.holder_side is Side.LEFT else w.right)[equal]] = True
        return flags

    @cached_property
    def is_alone(self) -> Flags:
        """Whether standing alone is asserted of each record of the holder.

        Against a partner that would agree with it, that takes higher odds than against one that would be an altered message.
        """
        w = self.alignment.weighed
        agrees = ~np.isin(w.content.level, (ALTERED, DIFFERENT)) & (w.gain > -PARAMS.absent_nats)
        may_agree = np.zeros(len(self.holder), bool)
        may_agree[(w.left if self.holder_side is Side.LEFT else w.right)[agrees]] = True
        needed = np.where(may_agree, PARAMS.absent_nats, PARAMS.accept_nats)
        alone: Flags = (self.absent_margin >= needed) & ~self.has_equal_elsewhere
        return alone

    @cached_property
    def is_sure(self) -> Flags:
        """Whether each pair is asserted, and not merely the best of several."""
        return self.alignment.margin >= PARAMS.accept_nats

    @cached_property
    def is_placed(self) -> Flags:
        """Whether each record of the lacking side has a partner for sure, or certainly none: its place on the common clock is then known."""
        other = SideView(self.alignment, self.lacking_side)
        placed = other.is_alone
        placed[other.holder_rows] = self.is_sure
        return placed

    @cached_property
    def shift(self) -> Floats:
        """Seconds by which the lacking side's own clock is ahead of the common one, at the place of every record of the holder."""
        if self.lacking_side is Side.RIGHT:
            return np.zeros(len(self.holder))
        return offsets_at(self.alignment, self.holder)

    @cached_property
    def ends(self) -> pl.DataFrame:
        """pair, first_shift, last_shift: how far the lacking side's clock is ahead of the common one at its first and last pair."""
        a = self.alignment
        if self.lacking_side is Side.RIGHT or not len(a.pairs.left):
            return pl.DataFrame(schema={"pair": pl.Int64, "first_shift": pl.Float64, "last_shift": pl.Float64})
        rows = np.sort(a.left.order[a.pairs.left])
        at = a.left.by_order[rows]
        frame = pl.DataFrame({"pair": a.left.pair[at], "before": a.clock.before[at], "after": a.clock.after[at]})
        return frame.group_by("pair", maintain_order=True).agg(
            pl.col("before").first().alias("first_shift"), pl.col("after").last().alias("last_shift")
        )


def common_times(alignment: Alignment, side: Side) -> Floats:
    """Times of one side on the common clock in seconds; nan without a usable time."""
    if side is Side.RIGHT:
        u = alignment.right.t
        pair = alignment.right.pair
    else:
        u = alignment.left.t - alignment.clock.before
        pair = alignment.left.pair
    return np.where((pair != NO_PAIR) & alignment.timed[np.maximum(pair, 0)], u, np.nan)


def offsets_at(alignment: Alignment, records: Records) -> Floats:
    """The left clock's offset at the place of each right record: between the pairs around it in the right export where the clock drifts.

    Where it was set between the two, that of the pair before; at an end, that of the one pair there is.
    """
    a = alignment
    if not len(a.pairs.left):
        return np.zeros(len(records))
    order = np.argsort(records.order[a.pairs.right], kind="stable")
    rows, partners = a.pairs.right[order], a.pairs.left[order]
    placed, offset, pair, t = records.order[rows], a.clock.before[partners], a.left.pair[partners], records.t[rows]
    behind = np.searchsorted(placed, records.order, side="right")
    low, high = np.clip(behind - 1, 0, None), np.clip(behind, None, len(placed) - 1)
    has_low, has_high = pair[low] == records.pair, pair[high] == records.pair
    gap, step = t[high] - t[low], offset[high] - offset[low]
    drifts = has_low & has_high & (gap > 0) & (np.abs(step) <= PARAMS.drift_rate * np.nan_to_num(gap))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(drifts, np.clip((records.t - t[low]) / gap, 0.0, 1.0), 0.0)
    between = offset[low] + np.nan_to_num(part) * np.where(drifts, step, 0.0)
    return np.where(has_low, between, np.where(has_high, offset[high], 0.0))

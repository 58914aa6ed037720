"""One side as the holder of records that the other lacks, with times on the common (right) clock."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl

from reconcile.column_ops import by_rank
from reconcile.engine.content.renderings import stand_for
from reconcile.engine.judgement.joined_parts import parts_of_partners
from reconcile.engine.pairs.alignment import Alignment
from reconcile.engine.pairs.candidates import SIGNS
from reconcile.engine.pairs.levels import ALTERED, DIFFERENT, EQUAL, FORM
from reconcile.engine.params import PARAMS
from reconcile.engine.records import NO_PAIR, Flags, Floats, Ints, Records
from reconcile.engine.times.owner_clocks import may_meet
from reconcile.vocabulary import Side
from reconcile.wechat.kind_classes import SYSTEM


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
    def opposite(self) -> "SideView":
        """The same alignment seen from the other side."""
        other = SideView(self.alignment, self.lacking_side)
        other.__dict__["opposite"] = self
        return other

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

    def records_at(self, places: pl.Series) -> Ints:
        """The holder's records at these places of its order."""
        records: Ints = self.holder.by_order[places.to_numpy()]
        return records

    def beside(self, rows: Ints, step: int) -> tuple[Flags, Ints]:
        """Whether each record has another of its conversation `step` places behind it, and which one."""
        place = self.holder.order[rows] + step
        other = self.holder.by_order[np.clip(place, 0, len(self.holder) - 1)]
        is_there = (place >= 0) & (place < len(self.holder)) & (self.holder.pair[other] == self.holder.pair[rows])
        return is_there, other

    @cached_property
    def absent_margin(self) -> Floats:
        """Nats by which having no partner beats having one, per record of the holder."""
        return self.alignment.absent_margin[0 if self.holder_side is Side.LEFT else 1]

    @cached_property
    def has_equal_elsewhere(self) -> Flags:
        """Whether the lacking side holds an unmatched record with the same text and sender at any time.

        Either each side lost one of two messages, or it is one message with times that no clock explains. No weight of
        times distinguishes these with certainty. Emoji and punctuation are ignored. Records without words count where a
        clock that such texts show puts them at one time.
        """
        equal = self._open_equals
        flags = may_meet(self.alignment, equal, PARAMS)[0 if self.holder_side is Side.LEFT else 1]
        flags[self._weighed_records[equal]] = True
        return flags

    @property
    def _weighed_records(self) -> Ints:
        """The holder's record of every weighed pair."""
        w = self.alignment.weighed
        return w.left if self.holder_side is Side.LEFT else w.right

    @cached_property
    def _open_pairs(self) -> Flags:
        """Whether each weighed pair is of two unmatched records that may be under one id."""
        a, w = self.alignment, self.alignment.weighed
        is_open: Flags = a.pairs.open_left[w.left] & a.pairs.open_right[w.right]
        return is_open & (w.weights.factors["ids"] >= 0)

    @cached_property
    def _open_equals(self) -> Flags:
        """Which of `_open_pairs` may be of one sender and have equal text or beginning."""
        # Both sides have the same pairs.
        if self.holder_side is Side.RIGHT:
            return self.opposite._open_equals
        a, w = self.alignment, self.alignment.weighed
        equal = self._open_pairs & (w.weights.factors["sender"] >= 0)
        at = np.flatnonzero(equal)
        if not len(at):
            return equal
        words = [t[r[at]].str.replace_all(SIGNS, "") for t, r in zip(a.texts, (w.left, w.right), strict=True)]
        told = pl.DataFrame({"a": words[0], "b": words[1]})
        short = pl.min_horizontal(pl.col("a").str.len_chars(), pl.col("b").str.len_chars())
        begun = pl.col("a").str.starts_with(pl.col("b")) | pl.col("b").str.starts_with(pl.col("a"))
        alike = (pl.col("a") == pl.col("b")) & (pl.col("a") != "")
        same = told.select(alike | (begun & (short >= PARAMS.cut_characters_least))).to_series().to_numpy().copy()
        same |= np.isin(w.content.level[at], (EQUAL, FORM)) & (w.content.common[at] > 0)
        equal[at] = same
        return equal

    @cached_property
    def is_alone(self) -> Flags:
        """Whether each record of the holder certainly has no partner.

        It needs higher odds against a possible partner with equal content than against an altered one.
        """
        w = self.alignment.weighed
        agrees = ~np.isin(w.content.level, (ALTERED, DIFFERENT)) & (w.gain > -PARAMS.absent_nats)
        may_agree = np.zeros(len(self.holder), bool)
        may_agree[self._weighed_records[agrees]] = True
        needed = np.where(may_agree, PARAMS.absent_nats, PARAMS.accept_nats)
        alone: Flags = (self.absent_margin >= needed) & ~self.has_equal_elsewhere & ~self.has_rival
        return alone

    @cached_property
    def has_rival(self) -> Flags:
        """Whether the lacking side holds another unmatched record at the same time and place.

        They may be one message that two tools show in two ways, one whose words were replaced, or two absences. Whatever
        it is, one message is never missing on both sides. Two senders need similar words or the very second. Similar words of
        one sender need the place alone.
        """
        flags = self._has_untimed_beside
        flags[self._weighed_records[self._rivals]] = True
        return flags

    @property
    def _has_untimed_beside(self) -> Flags:
        """Whether the lacking side holds, at the place of each record, an unmatched message without a time.

        The place is that of the pair directly before or behind.
        """
        sides = (self.holder, self.holder_rows), (self.lacking, self.lacking_rows)
        untimed = np.isnan(self.lacking_u) & (self.lacking.cls != SYSTEM) & ~self.lacking.unsent
        untimed[self.lacking_rows] = False
        untimed &= self.lacking.pair != NO_PAIR
        flags = np.zeros(len(self.holder), bool)
        if untimed.any():
            for step in (1, -1):
                here, there = (_nearest_pairs(*side, step) for side in sides)
                flags |= np.isin(here, there[untimed])
            flags[self.holder_rows] = False
        return flags

    @property
    def rewritten(self) -> Ints:
        """The holder's unmatched records with similar words in an unmatched one of that time and place."""
        alike = self._rivals & (self.alignment.weighed.content.level != DIFFERENT)
        return np.unique(self._weighed_records[alike])

    @cached_property
    def _rivals(self) -> Flags:
        """Which of `_open_pairs` are of two records at one time and place that may be one message."""
        if self.holder_side is Side.RIGHT:
            return self.opposite._rivals
        a, w = self.alignment, self.alignment.weighed
        coarse = np.maximum(a.left.unit[w.left], a.right.unit[w.right])
        limit = (
            PARAMS.edge_seconds + PARAMS.edge_spreads * a.clock.spread[a.left.pair[w.left]] + np.minimum(coarse, 60.0)
        )
        residual, order = w.weights.residual, w.weights.factors["order"]
        # Without times, only the neighbours show the place.
        met: Flags = np.where(
            np.isnan(residual), order >= PARAMS.order_near_nats, (order >= 0) & ~(np.abs(residual) > limit)
        )
        is_exact = (coarse <= 1) & (np.abs(residual) <= PARAMS.edge_seconds / 2)
        by_one, alike = w.weights.factors["sender"] >= 0, w.content.level != DIFFERENT
        met = (met & (by_one | alike | is_exact)) | (by_one & alike & (order >= PARAMS.order_near_nats))
        met &= self._open_pairs
        sides = (a.left, a.pairs.open_left, w.left), (a.right, a.pairs.open_right, w.right)
        for records, is_open, rows in sides:
            met &= ((records.cls != SYSTEM) & ~records.unsent & ~_copies_of_paired(records, is_open))[rows]
        at = np.flatnonzero(met)
        met[at] = [self._are_rivals(int(w.left[n]), int(w.right[n])) for n in at]
        return met

    def _are_rivals(self, left: int, right: int) -> bool:
        """Whether two records at one time and place may be one message by what each form can show."""
        a = self.alignment
        cls, words = (int(a.left.cls[left]), int(a.right.cls[right])), (a.texts[0][left], a.texts[1][right])
        absent = [f[int(a.left.export[left])].surely_unworded for f in a.forms]
        kinds = a.left.frame["kind"][left], a.right.frame["kind"][right]
        return not any(kinds[n] in absent[1 - n] and not stand_for(words[1 - n], cls[n]) for n in (0, 1))

    @cached_property
    def parts(self) -> tuple[Ints, Ints]:
        """Unmatched records that the lacking side joined to a neighbour, and that neighbour's pair."""
        return parts_of_partners(self.holder, self.lacking, (self.holder_rows, self.lacking_rows), PARAMS)

    @cached_property
    def is_sure(self) -> Flags:
        """Whether each pair is certain, and not merely the best of several."""
        return self.alignment.margin >= PARAMS.accept_nats

    @cached_property
    def is_placed(self) -> Flags:
        """Whether each record of the lacking side has a certain partner, or certainly none.

        Its place on the common clock is then known.
        """
        placed = self.opposite.is_alone.copy()
        placed[self.lacking_rows] = self.is_sure
        return placed

    def shift(self, rows: Ints) -> Floats:
        """Seconds that the lacking side's clock is ahead of the common one, at these records of the holder."""
        return np.zeros(len(rows)) if self.lacking_side is Side.RIGHT else offsets_at(self.alignment, rows)

    @cached_property
    def ends(self) -> pl.DataFrame:
        """What the first and the last pair of each conversation show of both clocks (seconds).

        Returns:
            pair.
            first_shift, last_shift: by how much the lacking side is ahead of the common clock.
            first_apart, last_apart: by how much both clocks differ. No pair beyond measures them, so either clock may
            have been set there by as much.
        """
        a, left, right = self.alignment, self.alignment.pairs.left, self.alignment.pairs.right
        differ = np.abs(a.left.t[left] - a.right.t[right])
        frame = pl.DataFrame({"pair": a.left.pair[left], "place": a.left.order[left]})
        for end, offset in (("first", a.clock.before[left]), ("last", a.clock.after[left])):
            shift = np.zeros(len(left)) if self.lacking_side is Side.RIGHT else offset
            apart = pl.Series(f"{end}_apart", np.fmax(np.abs(offset), differ))
            frame = frame.with_columns(pl.Series(f"{end}_shift", shift), apart)
        first, last = pl.col("^first_.*$").first(), pl.col("^last_.*$").last()
        return frame.sort("place").group_by("pair", maintain_order=True).agg(first, last)


def _nearest_pairs(records: Records, paired: Ints, step: int) -> Ints:
    """The number of the last pair before each record (step 1), or of the first behind it (step -1).

    Where the conversation has none there, a number below 0 of its own.
    """
    number = -2 - records.pair
    number[paired] = np.arange(len(paired))
    order = records.by_order[::step]
    last = np.maximum.accumulate(np.where(number[order] >= 0, np.arange(len(order)), 0))
    found = number.copy()
    same = records.pair[order[last]] == records.pair[order]
    found[order[same]] = number[order[last[same]]]
    return found


def _copies_of_paired(records: Records, is_open: Flags) -> Flags:
    """Whether each record is a second copy, and not one of several of which none has a partner."""
    if not records.second_copy.any():
        return records.second_copy
    twin = records.frame["twin"]
    held = twin.is_in(twin.filter(pl.Series(~is_open)).drop_nulls().unique().implode())
    copies: Flags = records.second_copy & (twin.is_null() | held).to_numpy()
    return copies


def common_times(alignment: Alignment, side: Side) -> Floats:
    """Times of one side on the common clock in seconds; nan without a usable time."""
    if side is Side.RIGHT:
        u = alignment.right.t
        pair = alignment.right.pair
    else:
        u = alignment.left.t - alignment.clock.before
        pair = alignment.left.pair
    return np.where((pair != NO_PAIR) & alignment.timed[np.maximum(pair, 0)], u, np.nan)


def offsets_at(alignment: Alignment, rows: Ints) -> Floats:
    """The left clock's offset at the place of each of these right records, interpolated where it drifts.

    Where the clock was set in between, it is the offset of the pair before; at an end, of the nearest pair.
    """
    a, records = alignment, alignment.right
    if not len(a.pairs.left):
        return np.zeros(len(rows))
    order = by_rank(records.order[a.pairs.right], len(records))
    placed, partners = records.order[a.pairs.right[order]], a.pairs.left[order]
    behind = np.searchsorted(placed, records.order[rows], side="right")
    low, high = np.clip(behind - 1, 0, None), np.clip(behind, None, len(placed) - 1)
    before, after = partners[low], partners[high]
    has_low, has_high = (a.left.pair[p] == records.pair[rows] for p in (before, after))
    t = records.t[a.pairs.right[order]]
    gap, step = t[high] - t[low], a.clock.before[after] - a.clock.before[before]
    drifts = has_low & has_high & (gap > 0) & (np.abs(step) <= PARAMS.drift_rate * np.nan_to_num(gap))
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(drifts, np.clip((records.t[rows] - t[low]) / gap, 0.0, 1.0), 0.0)
    between = a.clock.before[before] + np.nan_to_num(part) * np.where(drifts, step, 0.0)
    return np.where(has_low, between, np.where(has_high, a.clock.before[after], 0.0))

"""One side's records as columns: conversation, time, order, sender, class and content key."""

from dataclasses import dataclass
from functools import cached_property
from typing import overload

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import by_number, collected, filled, has_one_value, on_axis, present
from reconcile.engine.content.facts import link_title, name_in
from reconcile.engine.entities.owners import HELD_ONCE
from reconcile.engine.params import PARAMS
from reconcile.engine.relations import unit_seconds
from reconcile.vocabulary import TextQuality
from reconcile.wechat.kind_classes import FILE, LINK, PAYMENT, SECONDS, SYSTEM, WORDLESS, WORDS
from reconcile.wechat.kinds import BARE_MARK, KIND_NAME, MARK, in_square_brackets
from reconcile.wechat.text import canonical_text

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]

NO_PAIR, NOBODY = -1, -1
# Statuses of a message that has not reached the server.
UNDELIVERED = ("failed", "rejected", "sending")
# Rows of which only the time above their group is stated (preparation.rows.without_times_of_groups).
IS_OF_GROUP = pl.col("t").is_null() & pl.col("raw_t").is_not_null()
MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class Records:
    """The records of one side, one position per record.

    Attributes:
        frame: the prepared rows, in the export's order.
        pair: number of the conversation pair; -1 = the other side has no such conversation.
        export: number of the record's export. One comparison has one export per side, 0. With many comparisons in one
            pass, each export has its pair's number. Facts about a whole export are computed by this number.
        t: seconds since 1970 on this device's clock; nan = no usable time.
        unit: seconds to which the time is stated (1, 60, 86400).
        party: number of the sender, equal on both sides; -1 = unknown or a system row.
        cls: class of the kind (wechat.classes).
        is_right: whether this is the right side.
    """

    frame: pl.DataFrame
    pair: Ints
    export: Ints
    t: Floats
    unit: Floats
    party: Ints
    cls: npt.NDArray[np.uint8]
    is_right: bool

    def __len__(self) -> int:
        return len(self.pair)

    @cached_property
    def largest(self) -> int:
        """Records of the largest export."""
        return int(np.bincount(self.export).max(initial=0))

    @cached_property
    def by_order(self) -> Ints:
        """Positions of the records, sorted by conversation and place in the export."""
        return by_number(self.pair - NO_PAIR, np.arange(len(self)))

    @cached_property
    def order(self) -> Ints:
        """Rank of each record by conversation and place in the export."""
        rank = np.empty(len(self), np.int64)
        rank[self.by_order] = np.arange(len(self))
        return rank

    @cached_property
    def is_blank(self) -> Flags:
        """Whether each record is a text of which the export states nothing."""
        blank: Flags = (self.frame["text"] == "").to_numpy() & (self.cls == WORDS)
        return blank

    @cached_property
    def times_on_axis(self) -> Ints:
        """The known times on one axis (column_ops.on_axis), sorted."""
        known = ~np.isnan(self.t)
        # Nearly in order already, which a stable sort makes use of.
        return np.sort(on_axis(self.pair[known], self.t[known]), kind="stable")

    @cached_property
    def stamped(self) -> Floats:
        """Seconds since 1970 by the clock that stamped each record; `t` may be moved to another clock."""
        return _seconds(self.frame)

    @cached_property
    def ids(self) -> Keys:
        """Hash of the server id; 0 = none."""
        return hashed(self.frame["message_id"])

    @cached_property
    def hashes(self) -> Keys:
        """Hash of the media hash; 0 = none."""
        return hashed(self.frame["media_hash"])

    @cached_property
    def bodies(self) -> Keys:
        """Hash of the id inside the body; 0 = none."""
        return hashed(self.frame["native_id"])

    @cached_property
    def raw_key(self) -> Keys:
        """Hash of class, text and stated amount as the export writes them."""
        parts: Keys = self.frame["text"].hash(seed=23).to_numpy() ^ (self.cls.astype(np.uint64) * MIX)
        return parts ^ hashed(self.frame["amount"])

    @cached_property
    def own(self) -> Ints:
        """1 = sent by the owner of this device, 0 = by somebody else, -1 = unknown."""
        return filled(self.frame["is_self"].cast(pl.Int64), -1).to_numpy()

    @cached_property
    def by_other_owner(self) -> Flags:
        """Whether the sender's account is that of the other export's owner."""
        return self.frame["by_other_owner"].to_numpy()

    @cached_property
    def second_copy(self) -> Flags:
        """Whether the export holds an earlier copy of the record."""
        return self.frame.select(~HELD_ONCE).to_series().to_numpy()

    @cached_property
    def unsent(self) -> Flags:
        """Whether each record may never have left the device, by its status or because it is unnumbered."""
        status = self.frame["status"]
        if status.null_count() == len(self):
            return self.unnumbered
        undelivered: Flags = status.cast(pl.String).is_in(UNDELIVERED).fill_null(value=False).to_numpy()
        return undelivered | self.unnumbered

    @cached_property
    def unnumbered(self) -> Flags:
        """Whether each possible record of the owner has no server id, where nearly all messages have one."""
        frame = self.frame
        if not 0 < frame["message_id"].null_count() < len(self):
            return np.zeros(len(self), bool)
        spoken = frame.select("pair", "is_self", "message_id", said=pl.Series(self.cls != SYSTEM))
        numbered = pl.col("message_id").is_not_null().filter(pl.col("said")).mean().over("pair")
        is_own = pl.col("is_self").fill_null(value=True)
        bare = pl.col("said") & is_own & pl.col("message_id").is_null() & (numbered >= PARAMS.numbered_share)
        unnumbered: Flags = spoken.select(bare.fill_null(value=False))["said"].to_numpy()
        return unnumbered

    @cached_property
    def direct(self) -> Flags:
        """Whether the conversation has two members."""
        return filled(self.frame["is_direct"], value=False).to_numpy()

    @cached_property
    def kinds(self) -> dict[int, frozenset[str]]:
        """Kinds that occur in each export."""
        named = self.frame.lazy().select("export", pl.col("kind").cast(pl.String)).unique()
        return {e: frozenset(kinds) for e, kinds in named.group_by("export").agg("kind").pipe(collected).iter_rows()}


def hashed(column: pl.Series) -> Keys:
    """A hash of every value; 0 = null."""
    if column.null_count() == len(column):
        return np.zeros(len(column), np.uint64)
    values = column.hash(seed=17).to_numpy().copy()
    if column.null_count():
        values[column.is_null().to_numpy()] = 0
    return values


def records_of(left: pl.DataFrame, right: pl.DataFrame) -> tuple[Records, Records]:
    """Both sides' records, with equal numbers for equal senders."""
    names = present(pl.concat([left["party"], right["party"]]).unique()).sort()
    parties = pl.Enum(names)
    return _records_of_side(left, parties, is_right=False), _records_of_side(right, parties, is_right=True)


def _records_of_side(frame: pl.DataFrame, parties: pl.Enum, *, is_right: bool) -> Records:
    """The side's rows as arrays, with parties numbered across both sides."""
    return Records(
        frame,
        filled(frame["pair"].cast(pl.Int64), NO_PAIR).to_numpy(),
        frame["export"].cast(pl.Int64).to_numpy(),
        _seconds(frame),
        filled(unit_seconds(frame["time_precision"]), 1.0).to_numpy(),
        filled(frame["party"].cast(parties).to_physical().cast(pl.Int64), NOBODY).to_numpy(),
        frame["cls"].to_numpy(),
        is_right,
    )


def _seconds(frame: pl.DataFrame) -> Floats:
    seconds: Floats = frame["t"].cast(pl.Float64).to_numpy() / SECONDS
    return seconds


# The columns that `content_of` reads.
CONTENT = ("cls", "kind", "text", "text_quality", "amount", "payment_state", "file_name")


def content_of(frame: pl.DataFrame) -> tuple[pl.Series, pl.Series]:
    """The content of each row in canonical form, and the part that identifies it; '' = only its kind.

    The first series holds all text after a placeholder. The second is what two copies must share: text and notices, a
    payment's amount and state or kind, a file's name, a link's title. It is empty for other media, which every tool shows
    differently.
    """
    cls = pl.col("cls")
    # Few exports hold every class, so steps for absent classes are skipped.
    held = frozenset(np.unique(frame["cls"].to_numpy()).tolist())
    unsaid = (pl.col("text_quality").cast(pl.String) == TextQuality.ABSENT).fill_null(value=False)
    marked = pl.col("text")
    if held - {WORDS}:
        unsaid |= (marked.str.contains(BARE_MARK) | marked.str.contains(KIND_NAME)) & (cls != WORDS)
        marked = pl.when(cls == WORDS).then("text").otherwise(in_square_brackets(pl.col("text")))
    said = frame.select(
        pl.when(unsaid).then(pl.lit("")).otherwise(canonical_text(marked)).alias("words"),
        "cls", "kind", "text", "amount", "payment_state", "file_name",
    )  # fmt: skip
    shown = pl.col("words").fill_null("")
    if held - {WORDS}:
        shown = pl.when(cls == WORDS).then("words").otherwise(pl.col("words").str.replace(MARK, "")).fill_null("")
    content = pl.when(cls.is_in(WORDLESS)).then(pl.lit("")).otherwise("words")
    if PAYMENT in held:
        number = pl.col("amount").str.replace_all(r"[^\d.\-]", "").cast(pl.Decimal(38, 4), strict=False)
        amount = number.cast(pl.String) + pl.lit("|") + pl.col("payment_state").fill_null("")
        content = pl.when(cls == PAYMENT).then(pl.coalesce(amount, pl.col("kind").cast(pl.String))).otherwise(content)
    if FILE in held:
        unnamed = said.filter((cls == FILE) & pl.col("file_name").is_null())["text"].unique().to_list()
        names = pl.col("text").replace_strict(
            {t: name_in(t) or None for t in unnamed}, default=None, return_dtype=pl.String
        )
        file = canonical_text(pl.coalesce("file_name", names)).str.replace_all(r"[\W_]", "")
        content = pl.when(cls == FILE).then(pl.coalesce(file, "words")).otherwise(content)
    if LINK in held:
        titles = {t: link_title(t) for t in said.filter(cls == LINK)["text"].unique().to_list()}
        title = pl.col("text").replace_strict(titles, default=None, return_dtype=pl.String)
        content = pl.when(cls == LINK).then(canonical_text(title).fill_null("")).otherwise(content)
    both = said.select(shown.alias("shown"), content.fill_null("").alias("content"))
    return both["shown"], both["content"]


def content_keys(cls: npt.NDArray[np.uint8], content: pl.Series) -> Keys:
    """Hash of class and content; rows of one class without content share a key."""
    keys: Keys = content.hash(seed=23).to_numpy() ^ (cls.astype(np.uint64) * MIX)
    return keys


def of_conversation(keys: Keys, pair: Ints) -> Keys:
    """The keys, made different for every conversation."""
    mixed: Keys = keys ^ (pair.astype(np.uint64) * np.uint64(0xD1B54A32D192ED03))
    return mixed


def own_of_pairs(left: Records, right: Records, li: Ints, ri: Ints) -> tuple[Flags, Flags]:
    """Whether each pair is the left owner's message, and whether it is the right owner's.

    Either export may show it. With two members, a message that is not the one's is the other's.
    """
    direct = left.direct[li]
    a, b = left.own[li], right.own[ri]
    by_left = (a == 1) | ((a == -1) & (right.by_other_owner[ri] | (direct & (b == 0))))
    by_right = (b == 1) | ((b == -1) & (left.by_other_owner[li] | (direct & (a == 0))))
    return by_left, by_right


def without_owner(left: Records, right: Records, li: Ints, ri: Ints, by_owner: Flags) -> Flags:
    """Whether neither export tells whose device sent each pair's message.

    Args:
        left: records of one side.
        right: records of the other.
        li: left record of each pair.
        ri: right record of each pair.
        by_owner: whether each pair is known to be the message of one of the owners (`own_of_pairs`).
    """
    untold: Flags = ~by_owner & (left.own[li] == -1) & (right.own[ri] == -1)
    return untold


def party_of_pairs(left: Records, right: Records, li: Ints, ri: Ints) -> Ints:
    """The sender of each pair, as far as either side names it; -1 = unknown."""
    named: Ints = np.maximum(left.party[li], right.party[ri])
    return named


@overload
def may_be_one_sender(one: pl.Expr, two: pl.Expr) -> pl.Expr: ...
@overload
def may_be_one_sender(one: Ints, two: Ints) -> Flags: ...
def may_be_one_sender(one: pl.Expr | Ints, two: pl.Expr | Ints) -> pl.Expr | Flags:
    """Whether two parties are equal, or one of them is unknown."""
    return (one == two) | (one == NOBODY) | (two == NOBODY)


def times_around(records: Records, t: Floats) -> pl.DataFrame:
    """earliest, latest: each record's time, or else the nearest times before and after it.

    Only times of its conversation and file count. Rows stand in the order of `Records.by_order`; null = no time on that side.

    Args:
        records: records of one side.
        t: seconds of each of them on any clock; nan = none.
    """
    by = ["pair"] if has_one_value(records.frame["file"]) else ["pair", "file"]
    placed = {"pair": records.pair, "file": records.frame["file"], "t": t}
    known = pl.DataFrame(placed, nan_to_null=True)[records.by_order]
    return known.select(
        pl.col("t").forward_fill().over(by).alias("earliest"),
        pl.col("t").backward_fill().over(by).alias("latest"),
    )

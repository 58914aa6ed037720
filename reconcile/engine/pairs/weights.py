"""The weight of a candidate pair: a sum of named log-odds, one column per factor."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.column_ops import collected, stretches
from reconcile.engine.clocks.bursts import burst_sizes
from reconcile.engine.clocks.clock import Clock
from reconcile.engine.content.forms import Forms
from reconcile.engine.content.quotations import parted
from reconcile.engine.content.renderings import stand_for
from reconcile.engine.pairs.levels import ALTERED, EQUAL, FORM, NOT_STATED, UNCLEAR, Content
from reconcile.engine.pairs.stamps import one_second_weight
from reconcile.engine.pairs.time_weights import time_weight
from reconcile.engine.params import Params
from reconcile.engine.records import NOBODY, Flags, Floats, Ints, Keys, Records, may_be_one_sender
from reconcile.vocabulary import Cause
from reconcile.wechat.kind_classes import FILE, OTHER, OWN_IDS, PAYMENT, SHARED, SYSTEM, WORDS
from reconcile.wechat.kinds import BRACKETS
from reconcile.wechat.text import canonical_text

FACTORS = ("time", "content", "kind", "sender", "ids", "media", "amount", "order")


@dataclass(frozen=True)
class Weights:
    """Log-odds of candidate pairs in nats, one column per factor, their sum, and the time residual.

    The residual is in seconds; nan = unknown.
    """

    factors: dict[str, Floats]
    total: Floats
    residual: Floats

    @classmethod
    def none(cls) -> "Weights":
        """Weights of no pairs."""
        return cls({f: np.zeros(0) for f in FACTORS}, np.zeros(0), np.zeros(0))


def residuals(left: Records, right: Records, li: Ints, ri: Ints, clock: Clock) -> Floats:
    """Left time minus right time after clock correction; nan = no time.

    Next to a clock change, the offset that fits better is used.
    """
    d = left.t[li] - right.t[ri]
    first, second = d - clock.before[li], d - clock.after[li]
    best = np.where(np.abs(second) < np.abs(first), second, first)
    if clock.run is None:
        return best
    third = d - clock.run[li]
    return np.where(np.abs(third) < np.abs(best), third, best)


def weigh(
    left: Records, right: Records, li: Ints, ri: Ints, clock: Clock, content: Content, keys: tuple[Keys, Keys],
    slots: tuple[Floats, Floats], met: tuple[Ints, Ints], ids_trusted: Flags, timed: Flags, forms: tuple[Forms, Forms], params: Params,
    is_explained: Flags | None = None,
) -> Weights:  # fmt: skip
    """The weights of candidate pairs.

    Args:
        left, right: the records.
        li, ri: the records of each candidate pair.
        clock: offsets of the left side.
        content: content level of each pair.
        keys: content key of every record.
        slots: place of each record of each pair among the confident pairs (settle.slots).
        met: left and right records of the accepted pairs whose deliveries may have brought others.
        ids_trusted: conversations with server ids shared by both exports.
        timed: conversations compared by time; the others by order alone.
        forms: how each export of a side writes.
        params: the parameters of the model.
        is_explained: pairs of which a record is likely to have no partner at all; None = none of them.
    """
    pair = left.pair[li]
    residual = np.where(timed[pair], residuals(left, right, li, ri, clock), np.nan)
    telling = (content.common >= params.distinctive_characters) & (_copies(left, right, li, ri, keys) <= 2)
    # Where a record need not have a partner, two of the same words may well be two messages.
    telling &= True if is_explained is None else ~is_explained
    bursts = _bursts_of(left, right, li, ri, clock, content, residual, met, params)
    factors = {
        "time": time_weight(left, right, li, ri, residual, clock, bursts, timed, telling, params) + one_second_weight(left, right, li, ri, residual, clock, content, forms, params),
        "content": _content_weight(left, right, li, ri, content, keys, params),
        "kind": _kind_weight(left, right, li, ri, content.level, params),
        "sender": _sender_weight(left, right, li, ri, params),
        "ids": _id_weight(left, right, li, ri, ids_trusted, params),
        "media": _equality_weight(left.hashes[li], right.hashes[ri], params.hash_equal_nats, params.hash_differs_nats),
        "amount": _amount_weight(left, right, li, ri, content, params),
        "order": _order_weight(left, right, li, ri, slots, ~timed[pair], residual, content, keys, params),
    }  # fmt: skip
    return Weights(factors, np.sum(list(factors.values()), axis=0), residual)


def _bursts_of(
    left: Records, right: Records, li: Ints, ri: Ints, clock: Clock, content: Content, residual: Floats,
    met: tuple[Ints, Ints], params: Params,
) -> Floats:  # fmt: skip
    """`burst_sizes` of the candidate pairs, beside the accepted ones of the same conversations."""
    a, b = (m[np.isin(left.pair[met[0]], left.pair[li])] for m in met)
    apart = np.concatenate([residual, residuals(left, right, a, b, clock)])
    alike, equal = np.isin(content.level, (EQUAL, FORM, NOT_STATED)), content.level == EQUAL
    alike, equal = (np.append(c, np.ones(len(a), bool)) for c in (alike, equal))
    both = np.append(li, a), np.append(ri, b)
    return burst_sizes(left, right, *both, alike, equal, apart, params)[: len(li)]


def rarity(
    left: Records, right: Records, li: Ints, ri: Ints, keys: tuple[Keys, Keys], length: Floats, params: Params
) -> Floats:
    """How much equal content of these records is worth (nats): -log of its frequency in the conversation.

    A text that nobody else wrote has the frequency of its characters.
    """
    size = np.bincount(np.concatenate([left.pair, right.pair]) + 1)[left.pair[li] + 1]
    others = np.maximum(_copies(left, right, li, ri, keys) - 2, 0)
    letters = np.exp(-np.minimum(params.rarity_character_nats * length + 1.0, 60.0))
    copied = _copy_shares((left, right), keys, params)[left.export[li]] / size
    told: Floats = np.minimum(params.rarity_limit_nats, -np.log((others + 4 * letters) / (size + 4) + copied))
    return told


def _copies(left: Records, right: Records, li: Ints, ri: Ints, keys: tuple[Keys, Keys]) -> Floats:
    """How many records of both exports have the content of each pair, or its more common content."""
    if not len(li):
        return np.empty(0)
    pair = np.concatenate([left.pair, right.pair])
    wanted = np.unique(np.concatenate([keys[0][li], keys[1][ri]]))
    every = pl.LazyFrame({"pair": pair, "key": np.concatenate(keys)})
    known = every.join(pl.LazyFrame({"key": wanted[wanted != 0]}), on="key", how="semi")
    both = known.group_by("pair", "key").len("n").pipe(collected).lazy()
    asked = pl.LazyFrame({"pair": left.pair[li], "left": keys[0][li], "right": keys[1][ri]})
    for side in ("left", "right"):
        held = both.rename({"n": f"n_{side}"})
        asked = asked.join(held, left_on=["pair", side], right_on=["pair", "key"], how="left", maintain_order="left")
    most = pl.max_horizontal(pl.col(f"n_{side}").cast(pl.Float64).fill_null(1.0) for side in ("left", "right"))
    copies: Floats = asked.select(most.alias("n")).pipe(collected)["n"].to_numpy()
    return copies


def _copy_shares(sides: tuple[Records, Records], keys: tuple[Keys, Keys], params: Params) -> Floats:
    """For each export, the share of records with content sent more than once, apart from stock replies.

    People do send texts again.
    """
    exports = int(max(r.export.max(initial=0) for r in sides)) + 1
    # In long exports the share of copies is estimated from a sample of contents, drawn by hash.
    thin = max(r.largest for r in sides) // params.copy_records + 1
    again, total = np.zeros(exports), np.zeros(exports)
    for records, key in zip(sides, keys, strict=True):
        rows = np.flatnonzero(key // 256 % thin == 0)
        rows = rows[np.lexsort((key[rows], records.pair[rows], records.export[rows]))]
        starts = stretches(records.export[rows], records.pair[rows], key[rows])
        n, export = np.diff(starts, append=len(rows)), records.export[rows[starts]]
        few = n <= params.stock_copies
        total += np.bincount(export[few], n[few], exports)
        again += np.bincount(export[few & (n > 1)], n[few & (n > 1)], exports)
    return (again / 2 + params.copy_share * params.copy_weight) / (total + params.copy_weight)


def _content_weight(
    left: Records, right: Records, li: Ints, ri: Ints, content: Content, keys: tuple[Keys, Keys], params: Params
) -> Floats:
    """Match weight of the bodies by comparison level, in nats."""
    said = rarity(left, right, li, ri, keys, content.common, params)
    kind = _kind_rarity(left, right, li, ri)
    out = np.full(len(li), np.log(params.replaced_share))
    level = content.level
    told = [j.cause if j is not None else None for j in content.judgements]
    # Unlike amounts and media hashes have factors of their own.
    attribute = np.array([c in (Cause.AMOUNT_DIFFERS, Cause.MEDIA_DIFFERS) for c in told], bool)
    # A record without content is as rare as its kind.
    words = np.where(content.common > 0, said, kind)
    out = np.where(level == EQUAL, words, out)
    out = np.where(level == FORM, np.log(params.form_share) + said, out)
    same_kind = left.cls[li] == right.cls[ri]
    # Two records of a kind whose content no form states are equal in all that can be stated.
    form = np.where(keys[0][li] == keys[1][ri], 0.0, np.log(params.form_share))
    unstated = np.where(same_kind, form + kind, _placeholders(left, right, li, ri, content, keys, params))
    out = np.where(level == NOT_STATED, unstated, out)
    out = np.where(attribute, kind, out)
    # The text next to a payment's amount, or a file's name, helps to identify it.
    out = np.where(
        (level != EQUAL) & same_kind & np.isin(left.cls[li], (PAYMENT, FILE)),
        out + params.memo_character_nats * content.common,
        out,
    )
    letters = np.minimum(
        np.minimum(params.rarity_limit_nats, content.chance), params.rarity_character_nats * content.common
    )
    cost = params.altered_stretch_nats * content.stretches + params.altered_character_nats * content.changed
    out = np.where(level == ALTERED, np.log(params.altered_share) - cost + letters, out)
    unclear = np.maximum(np.log(params.altered_share), np.log(params.altered_share) - cost + letters)
    unclear = np.where(
        content.common >= 0.5 * (content.common + content.changed), unclear, np.log(params.replaced_share) + 2.0
    )
    out = np.where(level == UNCLEAR, unclear, out)
    # Two records with unlike content may still be one message with replaced content, or in an unknown form.
    nats: Floats = np.where(attribute, out, np.maximum(out, np.log(params.replaced_share)))
    return nats


def _placeholders(
    left: Records, right: Records, li: Ints, ri: Ints, content: Content, keys: tuple[Keys, Keys], params: Params
) -> Floats:
    """Log-odds that a text stands for a record of the other side's kind, from how often the two coincide.

    A tool without kinds writes the same text for every record of a kind. A text that coincides with a kind for the
    first time may be such a text too, less likely the longer it is.
    """
    across = np.flatnonzero((content.level == NOT_STATED) & (left.cls[li] != right.cls[ri]))
    out = np.zeros(len(li))
    if not len(across):
        return out
    i, j = li[across], ri[across]
    words_left = np.isin(left.cls[i], (WORDS, OTHER)) & (right.cls[j] != WORDS)
    word = np.where(words_left, keys[0][i], keys[1][j])
    kind = np.where(words_left, right.cls[j], left.cls[i])
    length = np.where(words_left, _unlike_tools(left, i, right.cls[j]), _unlike_tools(right, j, left.cls[i]))
    same = may_be_one_sender(left.party[i], right.party[j])
    frame = pl.DataFrame({
        "export": left.export[i], "word": word, "kind": kind, "row": np.where(words_left, i, j), "same": same
    })  # fmt: skip
    near = frame.filter("same").unique(["export", "word", "kind", "row"])
    both = near.group_by("export", "word", "kind").len("n")
    both = both.with_columns(pl.col("n").sum().over("export", "kind").alias("of_kind"))
    told = frame.join(both, on=["export", "word", "kind"], how="left", maintain_order="left").select(
        pl.col("n").fill_null(1), pl.col("of_kind").fill_null(1)
    )
    n, of_kind = told["n"].to_numpy().astype(float), told["of_kind"].to_numpy().astype(float)
    rate = np.where(words_left, _content_share(left, keys[0], i), _content_share(right, keys[1], j))
    known = np.log(np.maximum(n - 1, params.placeholder_floor) / of_kind) - np.log(rate)
    first = np.log(params.placeholder_share) - params.placeholder_character_nats * np.maximum(length - 4, 0)
    out[across] = np.where(n >= 2, np.maximum(known, first), first)
    return out


def _unlike_tools(records: Records, rows: Ints, cls: npt.NDArray[np.uint8]) -> Floats:
    """Characters of the records' words; none of those that look like what a tool writes for the class.

    Nor of a record of unknown kind in brackets, since its reader knows it for no words.
    """
    texts = records.frame["text"][rows].to_frame().select(canonical_text(pl.col("text")))["text"]
    length = np.array([0.0 if stand_for(t, c) else len(parted(t)[0]) for t, c in zip(texts, cls.tolist(), strict=True)])
    stated = records.frame["text"][rows].str.strip_chars()
    is_mark = (stated.str.head(1).is_in(list(BRACKETS)) & stated.str.tail(1).is_in(list(BRACKETS))).to_numpy()
    return np.where(is_mark & (records.cls[rows] == OTHER), 0.0, length)


def _content_share(records: Records, key: Keys, rows: Ints) -> Floats:
    """Share of the export's records with the same content."""
    by = ["export", "key"]
    counts = pl.DataFrame({"export": records.export, "key": key}).group_by(by).len("n")
    counts = counts.with_columns(pl.col("n").sum().over("export").alias("size"))
    asked = pl.DataFrame({"export": records.export[rows], "key": key[rows]})
    return (
        asked.join(counts, on=by, how="left", maintain_order="left")
        .select(pl.col("n") / pl.col("size"))["n"]
        .to_numpy()
    )


def _kind_rarity(left: Records, right: Records, li: Ints, ri: Ints) -> Floats:
    """-log of the conversation's share of the more common of the two kinds."""
    pair, cls = np.concatenate([left.pair, right.pair]) + 1, np.concatenate([left.cls, right.cls])
    width = int(cls.max(initial=0)) + 1
    of_kind, of_pair = np.bincount(pair * width + cls), np.bincount(pair)
    here = left.pair[li] + 1
    more: Ints = np.maximum(of_kind[here * width + left.cls[li]], of_kind[here * width + right.cls[ri]])
    nats: Floats = -np.log(more / of_pair[here])
    return nats


def _kind_weight(
    left: Records, right: Records, li: Ints, ri: Ints, level: npt.NDArray[np.int8], params: Params
) -> Floats:
    """Match weight of the kinds, in nats: 0 where they are equal."""
    a, b = left.cls[li], right.cls[ri]
    notice = (a == SYSTEM) != (b == SYSTEM)
    shared = np.isin(a, SHARED) & np.isin(b, SHARED)
    vague = (np.isin(level, (FORM, NOT_STATED)) | shared) & ~notice
    return np.where(a == b, 0.0, np.where(vague, params.kind_unclear_nats, params.kind_differs_nats))


def _order_weight(
    left: Records, right: Records, li: Ints, ri: Ints, slots: tuple[Floats, Floats], by_order: Flags, residual: Floats,
    content: Content, keys: tuple[Keys, Keys], params: Params,
) -> Floats:  # fmt: skip
    """Match weight of the places among the confident pairs, in nats.

    In conversations compared by order alone, a record that was moved and altered, too, is two records. Where no two times
    tell how far apart stock replies or records without words lie, they are the less likely to be one the more pairs stand
    between.
    """
    apart = np.abs(slots[0] - slots[1])
    far = np.full(len(li), params.order_far_nats)
    alike = np.isin(content.level, (EQUAL, FORM, NOT_STATED))
    far[by_order & ~alike] = params.order_crossed_nats
    at = np.flatnonzero(np.isnan(residual) & alike & (apart > 2))
    is_stock = _copies(left, right, li[at], ri[at], keys) > 2 * params.stock_copies
    stock = at[is_stock | (content.common[at] == 0)]
    far[stock] = params.order_stock_nats * np.log(apart[stock])
    return np.where(apart < 1, params.order_near_nats, np.where(apart <= 2, 0.0, far))


def _sender_weight(left: Records, right: Records, li: Ints, ri: Ints, params: Params) -> Floats:
    """Match weight of the senders, in nats; 0 where one is unknown."""
    a, b = left.party[li], right.party[ri]
    known = (a != NOBODY) & (b != NOBODY)
    equal = np.maximum(
        params.sender_equal_nats, -np.log(np.maximum(_sender_shares(left, li), params.sender_least_share))
    )
    return np.where(known, np.where(a == b, equal, params.sender_differs_nats), 0.0)


def _sender_shares(records: Records, rows: Ints) -> Floats:
    """The share of its conversation that each row's sender wrote."""
    here = np.flatnonzero((records.pair >= 0) & (records.party != NOBODY))
    width = int(records.party.max(initial=0)) + 1
    of_party = np.bincount(records.pair[here] * width + records.party[here], minlength=1)
    of_pair = np.bincount(records.pair[here], minlength=1)
    pair, party = np.maximum(records.pair[rows], 0), np.maximum(records.party[rows], 0)
    at = np.minimum(pair * width + party, len(of_party) - 1)
    shares: Floats = of_party[at] / np.maximum(of_pair[np.minimum(pair, len(of_pair) - 1)], 1)
    return shares


def _id_weight(left: Records, right: Records, li: Ints, ri: Ints, ids_trusted: Flags, params: Params) -> Floats:
    """Match weight of server ids and body ids, in nats."""
    a, b = left.ids[li], right.ids[ri]
    # A notice with the id of a message is no copy of it.
    own = np.isin(left.cls[li], OWN_IDS) | (right.cls[ri] == SYSTEM)
    both = ids_trusted[left.pair[li]] & (a != 0) & (b != 0) & ~own
    server = np.where(both, np.where(a == b, params.id_equal_nats, params.id_differs_nats), 0.0)
    a, b = left.bodies[li], right.bodies[ri]
    return server + np.where((a != 0) & (a == b), params.body_id_equal_nats, 0.0)


def _equality_weight(a: Keys, b: Keys, equal: float, differs: float) -> Floats:
    """Weight for equal or different keys; 0 where one is missing."""
    known = (a != 0) & (b != 0)
    return np.where(known, np.where(a == b, equal, differs), 0.0)


def _amount_weight(left: Records, right: Records, li: Ints, ri: Ints, content: Content, params: Params) -> Floats:
    """Log-odds of two payment amounts; where a side states none in its column, by what its text says."""
    a, b = (_stated_amounts(r, rows) for r, rows in ((left, li), (right, ri)))
    known = ~np.isnan(a) & ~np.isnan(b)
    differs = np.array([j is not None and j.cause is Cause.AMOUNT_DIFFERS for j in content.judgements], bool)
    stated = np.where(a == b, params.amount_equal_nats, params.amount_differs_nats)
    return np.where(known, stated, np.where(differs, params.amount_differs_nats, 0.0))


def _stated_amounts(records: Records, rows: Ints) -> Floats:
    """Amounts as numbers; NaN where none is stated."""
    stated = records.frame["amount"][rows]
    if stated.null_count() == len(stated):
        return np.full(len(rows), np.nan)
    return stated.str.replace_all(r"[^\d.\-]", "").cast(pl.Float64, strict=False).fill_null(np.nan).to_numpy()


__all__ = ["FACTORS", "Weights", "rarity", "residuals", "weigh"]

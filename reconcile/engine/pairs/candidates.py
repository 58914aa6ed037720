"""Blocking: the pairs of records that may be the same message, before anything is scored."""

import numpy as np
import polars as pl

from reconcile.column_ops import collected
from reconcile.engine.clocks.clock import Clock
from reconcile.engine.content.quotations import QUOTING, parted
from reconcile.engine.nearest import Placed, nearest_one_way
from reconcile.engine.pairs.priors import outside_by_time
from reconcile.engine.pairs.settle import Pairs, spread_slots
from reconcile.engine.params import Params
from reconcile.engine.records import Flags, Floats, Ints, Keys, Records, of_conversation, times_around
from reconcile.wechat.kind_classes import WORDS

# Emoji, marks and blanks of a canonical text.
SIGNS = r"⟦[^⟧]*⟧|[^\p{L}\p{N}]"
# Farther than any two places of one export.
_ANY_PLACE = 2.0**31


def candidate_pairs(
    left: Records,
    right: Records,
    pairs: Pairs,
    clock: Clock,
    keys: tuple[Keys, Keys],
    texts: tuple[pl.Series, pl.Series],
    timed: Flags,
    params: Params,
    *,
    late: bool = False,
) -> tuple[Ints, Ints]:
    """Returns the left and right records of all candidate pairs of open records, unique and sorted.

    A pair is a candidate when its records are among each other's nearest within the time window, stand between the same
    confident neighbours, share content that is rare, or share a rare stretch of words.

    Args:
        left, right: the records.
        pairs: accepted pairs; only records without a partner are paired.
        clock: offsets of the left side.
        keys: content key of every record (0 = none).
        texts: canonical content of every record ('' = none).
        timed: conversations compared by time.
        params: the parameters of the model.
        late: look for equal content as far away as a message may be delayed. For the few records left after the first
            round.
    """
    li, ri = np.flatnonzero(pairs.open_left), np.flatnonzero(pairs.open_right)
    if not len(li) or not len(ri):
        return li[:0], ri[:0]
    found: list[tuple[Ints, Ints]] = []
    spoken = _bare_word_keys(left, li, keys[0], texts[0]), _bare_word_keys(right, ri, keys[1], texts[1])
    window = params.window_seconds + params.settle_spreads * clock.spread
    k = params.candidate_neighbours
    for offset in (clock.before,) if late else (clock.before, clock.after):
        u = left.t[li] - offset[li]
        v = right.t[ri]
        if late:
            window = np.maximum(window, params.late_limit_seconds)
        wide = window[left.pair[li]], window[right.pair[ri]]
        said = _groups(left.pair[li], spoken[0], right.pair[ri], spoken[1])
        found.append(_nearest_pairs((li, said[0], u), (ri, said[1], v), wide, k))
        if not late:
            found.append(_nearest_pairs((li, left.pair[li], u), (ri, right.pair[ri], v), wide, k))
        if late:
            # One altered message must not become two absences, so open records of one sender are paired whatever their content.
            sender = _groups(left.pair[li], _sender_keys(left, li), right.pair[ri], _sender_keys(right, ri))
            found.append(_nearest_pairs((li, sender[0], u), (ri, sender[1], v), wide, params.late_neighbours))
    a, b = spread_slots(left, right, pairs, li, ri, timed)
    found.append(_equal_without_time(left, right, li, ri, spoken, (a, b), timed, params))
    if late and not timed.all():
        found.append(_of_one_sender_without_time(left, right, li, ri, (a, b), timed, params))
    if not late:
        one = np.ones(len(li)), np.ones(len(ri))
        found.append(_nearest_pairs((li, left.pair[li], a), (ri, right.pair[ri], b), one, k))
        found += _between_times((left, li, left.t - clock.before), (right, ri, right.t), params)
        found.append(_similar_texts(left, right, li, ri, texts, params))
    found.append(_equal_at_any_time(left, right, li, ri, spoken, params))
    both = np.concatenate([p[0] for p in found]), np.concatenate([p[1] for p in found])
    codes = np.unique(both[0] * np.int64(len(right)) + both[1])
    return _needed(left, right, codes // len(right), codes % len(right), clock, params)


def _needed(left: Records, right: Records, li: Ints, ri: Ints, clock: Clock, params: Params) -> tuple[Ints, Ints]:
    """The candidate pairs, without those of different times where the two sides have no time in common.

    There, coverage explains why each export lacks the other's records, and people repeat words in another month.
    """
    shared = np.zeros(len(clock.spread) + 1, bool)
    for own, outside in zip((left, right), outside_by_time(left, right, clock, params), strict=True):
        shared[own.pair[~outside & ~np.isnan(own.t)]] = True
    off = left.t[li] - right.t[ri]
    apart = np.minimum(np.abs(off), np.abs(off - clock.before[li])) > params.offset_free_seconds
    kept = ~apart | shared[left.pair[li]]
    return li[kept], ri[kept]


def _bare_word_keys(records: Records, rows: Ints, keys: Keys, texts: pl.Series) -> Keys:
    """Content keys of texts without what tools drop: quoted words, emoji, punctuation, blanks; 0 = none."""
    key = keys[rows].copy()
    at = np.flatnonzero((records.cls[rows] == WORDS) & (key != 0))
    words = texts[rows[at]]
    quoting = np.flatnonzero(words.str.contains_any(list(QUOTING)))
    words = words.scatter(quoting, [parted(t)[0] for t in words[quoting]]).str.replace_all(SIGNS, "")
    said = (words != "").to_numpy()
    key[at[said]] = words.hash(seed=29).to_numpy()[said]
    return key


def _sender_keys(records: Records, rows: Ints) -> Keys:
    """A key of each record's sender."""
    return (records.party[rows] + 2).astype(np.uint64)


def _groups(pair_a: Ints, key_a: Keys, pair_b: Ints, key_b: Keys) -> tuple[Ints, Ints]:
    """Numbers of the groups of equal conversation and key, shared by both sides."""
    mixed = of_conversation(np.concatenate([key_a, key_b]), np.concatenate([pair_a, pair_b]))
    _, number = np.unique(mixed, return_inverse=True)
    return number[: len(pair_a)], number[len(pair_a) :]


def _nearest_pairs(left: Placed, right: Placed, wide: tuple[Floats, Floats], k: int) -> tuple[Ints, Ints]:
    """Pairs of one group within the window: each record's k nearest before and after, on the other side."""
    there, back = nearest_one_way(left, right, wide[0], k), nearest_one_way(right, left, wide[1], k)
    return np.concatenate([there[0], back[1]]), np.concatenate([there[1], back[0]])


Timed = tuple[Records, Ints, Floats]  # records of a side, the open ones, and all times on the common clock


def _between_times(left: Timed, right: Timed, params: Params) -> list[tuple[Ints, Ints]]:
    """Pairs of a record without a time and the records between the times around it in its file.

    Where a wrong clock mixes the order of a file, positions between confident pairs do not help. The window allows for
    the largest clock error that needs no support.
    """
    found = []
    for (own, rows, t), (other, theirs, v), turned in ((left, right, False), (right, left, True)):
        bare = rows[np.isnan(t[rows])]
        if not len(bare) or np.isnan(v[theirs]).all():
            continue
        around = times_around(own, t)[own.order[bare]]
        low, high = (
            around.select(pl.coalesce(a, b))[a].fill_null(np.nan).to_numpy()
            for a, b in (("earliest", "latest"), ("latest", "earliest"))
        )
        wide = np.abs(high - low) / 2 + params.offset_free_seconds
        near = nearest_one_way(
            (bare, own.pair[bare], (low + high) / 2),
            (theirs, other.pair[theirs], v[theirs]),
            wide,
            params.candidate_neighbours,
        )
        found.append(near[::-1] if turned else near)
    return found


def _equal_without_time(
    left: Records, right: Records, li: Ints, ri: Ints, keys: tuple[Keys, Keys], places: tuple[Floats, Floats],
    timed: Flags, params: Params,
) -> tuple[Ints, Ints]:  # fmt: skip
    """Pairs of equal content in which a record has no time to compare: the nearest by place, however far."""
    groups = _groups(left.pair[li], keys[0], right.pair[ri], keys[1])
    bare = [~timed[r.pair[rows]] | np.isnan(r.t[rows]) for r, rows in ((left, li), (right, ri))]
    # A content that no such record has is left to its times.
    asked = [
        (k != 0) & np.isin(g, np.concatenate([h[w] for h, w in zip(groups, bare, strict=True)]))
        for k, g in zip(keys, groups, strict=True)
    ]
    one, two = ((rows[w], g[w], place[w]) for rows, g, place, w in zip((li, ri), groups, places, asked, strict=True))
    wide = [np.full(len(s[0]), _ANY_PLACE) for s in (one, two)]
    return _nearest_pairs(one, two, (wide[0], wide[1]), params.candidate_neighbours)


def _of_one_sender_without_time(
    left: Records, right: Records, li: Ints, ri: Ints, places: tuple[Floats, Floats], timed: Flags, params: Params
) -> tuple[Ints, Ints]:
    """Pairs of one sender and kind in conversations without times: the nearest within a few places.

    Two clocks that differ put the messages of two senders into another order.
    """
    kinds = (_sender_keys(r, rows) * np.uint64(256) + r.cls[rows] for r, rows in ((left, li), (right, ri)))
    groups = _groups(left.pair[li], next(kinds), right.pair[ri], next(kinds))
    bare = ~timed[left.pair[li]], ~timed[right.pair[ri]]
    one, two = ((rows[w], g[w], p[w]) for rows, g, p, w in zip((li, ri), groups, places, bare, strict=True))
    wide = [np.full(len(s[0]), float(params.candidate_neighbours)) for s in (one, two)]
    return _nearest_pairs(one, two, (wide[0], wide[1]), params.late_neighbours)


def _equal_at_any_time(
    left: Records, right: Records, li: Ints, ri: Ints, keys: tuple[Keys, Keys], params: Params
) -> tuple[Ints, Ints]:
    """Pairs of equal content at any distance, where few records of the conversation have that content."""
    if not np.isin(keys[0][keys[0] != 0], keys[1]).any():
        return li[:0], ri[:0]
    frames = [
        pl.LazyFrame({"row": rows, "pair": r.pair[rows], "key": key}).filter(
            (pl.col("key") != 0) & (pl.len().over("pair", "key") <= params.any_time_copies)
        )
        for r, rows, key in ((left, li, keys[0]), (right, ri, keys[1]))
    ]
    both = frames[0].join(frames[1], on=["pair", "key"], suffix="_right").pipe(collected)
    return both["row"].to_numpy(), both["row_right"].to_numpy()


def _similar_texts(
    left: Records, right: Records, li: Ints, ri: Ints, texts: tuple[pl.Series, pl.Series], params: Params
) -> tuple[Ints, Ints]:
    """Pairs of texts that share one of their rarest 3-grams."""
    grams = [_three_grams(r, rows, text, params) for r, rows, text in ((left, li, texts[0]), (right, ri, texts[1]))]
    if any(g.is_empty() for g in grams):
        return li[:0], ri[:0]
    frames = [g.lazy().filter(pl.len().over("pair", "gram") <= params.similar_gram_copies) for g in grams]
    shared = [
        f.join(frames[1 - s].select("pair", "gram").unique(), on=["pair", "gram"], how="semi")
        for s, f in enumerate(frames)
    ]
    rarest = [
        f.with_columns(pl.int_range(pl.len()).over("row").alias("n")).filter(pl.col("n") < params.similar_grams)
        for f in shared
    ]
    both = rarest[0].join(rarest[1], on=["pair", "gram"], suffix="_right").pipe(collected)
    return both["row"].to_numpy(), both["row_right"].to_numpy()


def _three_grams(records: Records, rows: Ints, texts: pl.Series, params: Params) -> pl.DataFrame:
    """row, pair, gram (a number) of every text that is long enough; very long ones by their beginning."""
    opened = pl.DataFrame({"row": rows, "pair": records.pair[rows], "text": texts[rows]})
    long = opened.filter(pl.col("text").str.len_chars() >= params.gram_characters)
    heads = long["text"].str.head(params.judged_characters // 8)
    size = heads.str.len_chars().to_numpy().astype(np.int64)
    letters = np.frombuffer("".join(heads.to_list()).encode("utf-32-le"), np.uint32).astype(np.int64)
    # A gram begins at every letter but the last two of a text.
    begin = np.arange(len(letters))
    begin = begin[np.repeat(np.cumsum(size) - 2, size) > begin]
    gram = (letters[begin] << 42) | (letters[begin + 1] << 21) | letters[begin + 2]
    of_text = np.repeat(np.arange(len(size)), size - 2)
    grams = long[["row", "pair"]][of_text].with_columns(gram=pl.Series(gram))
    return grams.unique(["row", "gram"], maintain_order=True)

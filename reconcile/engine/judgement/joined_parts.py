"""Messages that one side holds whole and the other in several rows, only one of which has a partner."""

import numpy as np
import polars as pl
from rapidfuzz.distance import Indel

from reconcile.column_ops import by_number, by_rank
from reconcile.engine.content.sense import difference_codes
from reconcile.engine.params import PARAMS, Params
from reconcile.engine.records import NO_PAIR, Flags, Ints, Records
from reconcile.wechat.kind_classes import SYSTEM


def parts_of_partners(holder: Records, lacking: Records, pairs: tuple[Ints, Ints], params: Params) -> tuple[Ints, Ints]:
    """Unmatched records of the holder that are part of a neighbour's match, and that pair's number.

    The neighbours are the nearest matched records, of anybody and of the same sender. Somebody who copies a conversation
    may join two messages into one, even with another person's message in between. Who writes it down may spell it anew.
    A picture is part of it by its placeholder.

    Args:
        holder: records of the side that holds the parts.
        lacking: records of the other side.
        pairs: the holder's record of every accepted pair, and the other side's.
        params: the parameters of the model.
    """
    unmatched = (holder.pair != NO_PAIR) & (holder.cls != SYSTEM)
    unmatched[pairs[0]] = False
    said = np.flatnonzero(unmatched)
    if not len(said) or not len(pairs[0]):
        return said[:0], said[:0]
    near = [_beside(holder, pairs[0], said, by) for by in (np.zeros(len(holder), np.int64), holder.party + 1)]
    row, pair = np.unique(np.concatenate(near, axis=1), axis=1)
    texts = holder.frame["text"][row], holder.frame["text"][pairs[0][pair]], lacking.frame["text"][pairs[1][pair]]
    told = pl.DataFrame(dict(zip(("words", "own", "partner"), texts, strict=True)))
    told = told.select(spaced(pl.col(c)).alias(c) for c in told.columns)
    size = {c: pl.col(c).str.len_chars().cast(pl.Int64) for c in told.columns}
    # A word that replaced another one there is no message that was added.
    added = size["partner"] + 1 - size["own"]
    stands = [pl.col(c).str.contains(pl.col("words"), literal=True) for c in ("partner", "own")]
    is_part = (size["words"] > 2) & (added >= size["words"]) & stands[0] & ~stands[1]
    is_like = (
        (size["words"] > PARAMS.cut_characters_least)
        & (size["partner"] <= params.judged_characters)
        & (added >= params.part_share * size["words"])
    )
    told = told.with_columns(is_part.alias("is_part"), (is_like & ~is_part).alias("asked"))
    found = told["is_part"].to_numpy().copy()
    least = params.part_share
    asked = np.flatnonzero(told["asked"].to_numpy())[: params.closely_judged]
    found[asked] = [
        _holds(partner, words, least) and not _holds(own, words, least)
        for words, own, partner in told[asked].select("words", "own", "partner").iter_rows()
    ]
    return row[found], pair[found]


def _beside(holder: Records, paired: Ints, said: Ints, by: Ints) -> Ints:
    """The records `said`, and in a second row the pairs beside them of one conversation and `by`."""
    group = holder.pair * (int(by.max()) + 1) + by
    place = group * len(holder) + holder.order
    by_place = by_number(group[paired], by_rank(holder.order[paired], len(holder)))
    behind = np.searchsorted(place[paired][by_place], place[said])
    near = np.concatenate([by_place[np.clip(behind + step, 0, len(paired) - 1)] for step in (-1, 0)])
    both = np.stack([np.tile(said, 2), near])
    told: Ints = both[:, group[paired[near]] == group[both[0]]]
    return told


def _holds(text: str, words: str, least: float) -> bool:
    """Whether a text begins or ends with nearly these words, in the same sense."""
    ends = text[: len(words)], text[-len(words) :]
    return len(text) >= len(words) and any(
        Indel.normalized_similarity(words, e) >= least and difference_codes(words, e) == "words" for e in ends
    )


def pairs_in_parts(
    holder: Records, lacking: Records, pairs: tuple[Ints, Ints], parts: tuple[Ints, Ints], params: Params
) -> Flags:
    """Whether the holder's record of each pair and its parts are together as long as the other side's."""
    found = np.zeros(len(pairs[0]), bool)
    if not len(parts[0]):
        return found
    at, of = np.unique(parts[1], return_inverse=True)
    own, partner, part = (
        _sizes(r, rows) for r, rows in ((holder, pairs[0][at]), (lacking, pairs[1][at]), (holder, parts[0]))
    )
    whole = own + np.bincount(of, part + 1)
    found[at] = (params.part_share * partner <= whole) & (params.part_share * whole <= partner)
    return found


def _sizes(records: Records, rows: Ints) -> Ints:
    """How many characters the text of each of these records has."""
    sizes: Ints = records.frame["text"][rows].str.len_chars().to_numpy().astype(np.int64)
    return sizes


def spaced(texts: pl.Expr) -> pl.Expr:
    """The texts in small letters, with one blank in place of all other signs, and around them."""
    words = texts.str.replace_all(r"[\W_\x{fe0e}\x{fe0f}\x{200d}]+", " ").str.strip_chars().str.to_lowercase()
    return pl.lit(" ") + words + pl.lit(" ")


__all__ = ["pairs_in_parts", "parts_of_partners", "spaced"]

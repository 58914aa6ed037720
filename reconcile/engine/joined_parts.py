"""Messages that one side holds whole and the other in several rows, only one of which has a partner."""

import numpy as np
import polars as pl
from rapidfuzz.fuzz import partial_ratio

from reconcile.engine.content.truncation import LEAST_CUT
from reconcile.engine.params import Params
from reconcile.engine.records import NO_PAIR, Flags, Ints, Records
from reconcile.wechat.kind_classes import WORDS


def parts_of_partners(holder: Records, lacking: Records, pairs: tuple[Ints, Ints], params: Params) -> tuple[Ints, Ints]:
    """Unmatched records of the holder that are part of a neighbour's match, and that pair's number.

    The neighbours are the nearest matched records, of anybody and of the same sender. Somebody who copies a conversation
    may join two messages into one, even with another person's message in between. Who writes it down may spell it anew.

    Args:
        holder: records of the side that holds the parts.
        lacking: records of the other side.
        pairs: the holder's record of every accepted pair, and the other side's.
        params: the parameters of the model.
    """
    unmatched = (holder.pair != NO_PAIR) & (holder.cls == WORDS)
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
        (size["words"] > LEAST_CUT)
        & (size["partner"] <= params.judged_characters)
        & (added >= params.part_share * size["words"])
    )
    told = told.with_columns(is_part.alias("is_part"), (is_like & ~is_part).alias("asked"))
    found = told["is_part"].to_numpy().copy()
    least = 100 * params.part_share
    asked = np.flatnonzero(told["asked"].to_numpy())[: params.closely_judged]
    found[asked] = [_is_part(a, b, c, least) for a, b, c in told[asked].select("words", "own", "partner").iter_rows()]
    return row[found], pair[found]


def _beside(holder: Records, paired: Ints, said: Ints, by: Ints) -> Ints:
    """The records `said`, and in a second row the pairs beside them of one conversation and `by`."""
    group = holder.pair * (int(by.max()) + 1) + by
    place = group * len(holder) + holder.order
    by_place = np.argsort(place[paired])
    behind = np.searchsorted(place[paired][by_place], place[said])
    near = np.concatenate([by_place[np.clip(behind + step, 0, len(paired) - 1)] for step in (-1, 0)])
    both = np.stack([np.tile(said, 2), near])
    told: Ints = both[:, group[paired[near]] == group[both[0]]]
    return told


def _is_part(words: str, own: str, partner: str, least: float) -> bool:
    """Whether the partner holds the words in nearly this spelling, and the own text does not."""
    return partial_ratio(words, partner, score_cutoff=least) > 0 and (
        len(own) < len(words) or partial_ratio(words, own, score_cutoff=least) == 0
    )


def pairs_in_parts(
    holder: Records, lacking: Records, pairs: tuple[Ints, Ints], parts: tuple[Ints, Ints], params: Params
) -> Flags:
    """Whether the holder's record of each pair and its parts are together as long as the other side's."""
    size = [pl.Series(r.frame["text"]).str.len_chars().to_numpy().astype(np.int64) for r in (holder, lacking)]
    whole = size[0][pairs[0]].copy()
    np.add.at(whole, parts[1], size[0][parts[0]] + 1)
    partner = size[1][pairs[1]]
    found = np.zeros(len(pairs[0]), bool)
    found[parts[1]] = True
    together: Flags = found & (params.part_share * partner <= whole) & (params.part_share * whole <= partner)
    return together


def spaced(texts: pl.Expr) -> pl.Expr:
    """The texts in small letters, with one blank in place of all other signs, and around them."""
    words = texts.str.replace_all(r"[\W_]+", " ").str.strip_chars().str.to_lowercase()
    return pl.lit(" ") + words + pl.lit(" ")


__all__ = ["pairs_in_parts", "parts_of_partners", "spaced"]

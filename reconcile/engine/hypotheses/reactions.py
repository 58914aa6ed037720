"""Reactions in words, for which a client that can show reactions writes no row."""

import re
from typing import NamedTuple

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.hypotheses.model import Absences
from reconcile.engine.params import PARAMS
from reconcile.engine.records import Flags
from reconcile.patterns import lazy_pattern
from reconcile.wechat.kind_classes import WORDS
from reconcile.wechat.reaction_words import MAY_REACT, OPEN, reacted_to

# The signs of words that are cut.
_CUT = lazy_pattern(r"(?:…|\.{3})$")


def reactions(a: Absences) -> tuple[Flags, Flags, Flags]:
    """Unmatched texts that are reactions, those that the other export contradicts, and single ones.

    The words that a reaction quotes are those of an earlier message that the same export holds, whole or as their
    beginning with the sign of a cut. A text in several rows of one moment counts as one. The other export contradicts
    where it holds reactions in words of the same author, and so would hold this one, too. A single one shows no habit
    of the client: its author may have written it, and it may be an answer.
    """
    words = pl.col("text").filter(pl.col("cls") == WORDS)
    # The pattern is prepared only for texts with a quotation.
    if not a.rows.select(words.str.contains(OPEN).any()).item():
        return a.none, a.none, a.none
    may = a.rows.filter((pl.col("cls") == WORDS) & pl.col("text").str.contains(MAY_REACT))
    in_parts = _reactions_among(a, may) if len(may) else []
    if not in_parts:
        return a.none, a.none, a.none
    found = pl.Series([row for parts in in_parts for row in parts], dtype=a.rows.schema["row"])
    said = a.lacking_rows.filter((pl.col("cls") == WORDS) & pl.col("text").str.contains(MAY_REACT))
    told = said.filter(pl.col("text").map_elements(lambda t: bool(reacted_to(t)), pl.Boolean)) if len(said) else said
    authors = told.select(pl.col("pair").cast(pl.Int64), "party").unique()
    rows = a.rows.select("row", pl.col("pair").cast(pl.Int64), "party")
    rows = rows.filter(pl.col("row").is_in(listed(found)))
    shown = rows.join(authors, on=["pair", "party"], how="semi", nulls_equal=True)["row"]
    starts = rows.filter(pl.col("row").is_in([parts[0] for parts in in_parts]))
    single = starts.filter(pl.len().over("pair", "party") < a.params.reactions_least)
    alone = rows.join(single, on=["pair", "party"], how="semi", nulls_equal=True)["row"]
    return a.among(found), a.among(shown), a.among(alone)


def _reactions_among(a: Absences, may: pl.DataFrame) -> list[list[int]]:
    """The row numbers of each reaction; one that was split over several rows has all of them."""
    rows = may.select("pair").unique().join(a.rows, on="pair").sort("pair", "place")
    unmatched = [_Row(*r) for r in rows.select("row", "pair", "party", "u", "cls", "text").iter_rows()]
    starts, held, found = {*may["row"]}, _messages(a, may), list[list[int]]()
    for at, first in enumerate(unmatched):
        if first.row not in starts:
            continue
        parts = list[_Row]()
        for part in unmatched[at : at + PARAMS.reaction_parts]:
            if not part.goes_on(first, a.params.late_settle_seconds):
                break
            parts.append(part)
            if _is_held(reacted_to("".join(p.text for p in parts)), first, held):
                found.append([p.row for p in parts])
                break
    return found


class _Row(NamedTuple):
    row: int
    pair: int
    party: int | None
    u: float | None
    cls: int
    text: str

    def goes_on(self, first: "_Row", seconds: float) -> bool:
        """Whether the row may be a part of one text of that author with the first row."""
        is_near = (self.u or 0.0) - (first.u or 0.0) <= seconds
        return is_near and self.cls == WORDS and (self.pair, self.party) == (first.pair, first.party)


# The chat and the beginning of a message -> its words -> when it was first written.
Held = dict[tuple[int, str], dict[str, float]]


def _messages(a: Absences, may: pl.DataFrame) -> Held:
    """The messages of the chats in which there may be reactions, and when each was first written."""
    spoken = a.holder_rows.filter((pl.col("cls") == WORDS) & pl.col("pair").is_in(listed(may["pair"].unique())))
    bare = pl.col("text").str.replace_all(r"\s+", "")
    first = spoken.group_by("pair", bare).agg(pl.col("u").fill_null(float("-inf")).min())
    held: Held = {}
    for pair, text, u in first.iter_rows():
        held.setdefault((pair, text[: PARAMS.reaction_characters]), {})[text] = u
    return held


def _is_held(quoted: str, reaction: _Row, held: Held) -> bool:
    """Whether an earlier message has the quoted words, or begins with them where they are cut."""
    words = re.sub(r"\s+", "", quoted)
    begin = _CUT.sub("", words)
    alike = held.get((reaction.pair, begin[: PARAMS.reaction_characters]), {}) | held.get(
        (reaction.pair, words[: PARAMS.reaction_characters]), {}
    )
    fits = (
        u
        for t, u in alike.items()
        if t == words or (len(begin) >= PARAMS.reaction_characters and begin != words and t.startswith(begin))
    )
    return bool(words) and any(reaction.u is None or u <= reaction.u for u in fits)

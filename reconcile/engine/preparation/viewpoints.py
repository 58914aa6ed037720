"""Unifies lines that each client words for its owner: "You called Ann" beside "Ben called you"."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import NamedTuple

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.content.quotations import QUOTING
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import CLEAR, UNCLEAR, VIEWED
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SYSTEM, WORDS
from reconcile.wechat.owner_words import OWNER_LABELS, READER_WORDS, SELF_WORDS

Row = tuple[int, str, str]
"""row, party, text."""
Names = Mapping[str, str]
"""Maps a name to the only party with that name."""
_POSSESSIVES = frozenset({"Your", "your"})
# A neutral line names each party between these signs.
_OPEN, _CLOSE = "\x01", "\x02"
_MEANT = lazy_pattern(f"{_OPEN}[^{_CLOSE}]*{_CLOSE}")


def with_one_view(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows with the other side's text where the two differ only in the words for the owners.

    One side has a word such as "you" where the other one has a name. An edit of a person's words can make the same
    difference. `viewed` is CLEAR where one of these facts shows that both texts mean the same party, else UNCLEAR:

    - In a direct chat, "you" is the party that the sender addresses, and the other side names that party.
    - The line has "you" and also names the party that a person would address.
    - The same line occurs for both owners, for each one in the own export.

    In a group whose exports state no owner, none of these facts shows it.

    Args:
        rows: the rows of one side, with `party`.
        other: the other side's rows, with `party`.
    """
    named = _names(rows, other)
    sides = _rows_worded_apart(rows, other, named["name"])
    if sides is None:
        return rows
    chats = [f.partition_by("pair", as_dict=True) for f in sides]
    owners = [_owners_by_chat(f, sides[0]["pair"]) for f in (rows, other)]
    told: dict[int, tuple[str, int]] = {}
    for (pair,), part in (
        named.filter(pl.col("pair").is_in(listed(sides[0]["pair"]))).partition_by("pair", as_dict=True).items()
    ):
        called = dict(part[["name", "party"]].iter_rows())
        mine, theirs = (_rows_of(of_chat[pair,]) for of_chat in chats)
        known = [[o[pair]] if pair in o else sorted(set(called.values())) for o in owners]
        chat = _Chat(called, is_direct=bool(chats[0][pair,]["is_direct"].any()))
        told |= chat.told(mine, theirs, known)
    if not told:
        return rows
    texts, sure = ({row: value[i] for row, value in told.items()} for i in (0, 1))
    row = pl.col("row")
    return rows.with_columns(
        pl.coalesce(row.replace_strict(texts, default=None, return_dtype=pl.String), "text").alias("text"),
        row.replace_strict(sure, default=0, return_dtype=pl.UInt8).alias(VIEWED),
    )


def _names(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """pair, party, name: the names of each chat that one party alone bears, on either side."""
    shown = []
    for frame in (rows, other):
        spoken = frame.filter((pl.col("cls") != SYSTEM) & pl.col("party").is_not_null() & pl.col("pair").is_not_null())
        shown += [spoken.select("pair", "party", pl.col(c).alias("name")).unique() for c in ("sender_name", "sender")]
    named = pl.concat(shown).drop_nulls().unique()
    is_name = (pl.col("name").str.len_chars() >= PARAMS.name_characters) & ~pl.col("name").is_in(SELF_WORDS)
    return named.filter(is_name).filter(pl.len().over("pair", "name") == 1).sort("pair", "name")


def _owners_by_chat(rows: pl.DataFrame, pairs: pl.Series) -> dict[int, str]:
    """The owner's party in each of these chats that has rows marked as sent by the owner."""
    is_own = pl.col("is_self").fill_null(value=False) & pl.col("party").is_not_null()
    own = rows.filter(pl.col("pair").is_in(listed(pairs)) & is_own).group_by("pair").agg(pl.col("party").unique())
    return {pair: parties[0] for pair, parties in own.iter_rows() if len(parties) == 1}


def _rows_worded_apart(
    rows: pl.DataFrame, other: pl.DataFrame, names: pl.Series
) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The rows of both sides whose texts may differ only in words for a party; None without such rows."""
    called = sorted({*names}, key=lambda n: (-len(n), n))
    words = [*READER_WORDS, *OWNER_LABELS]
    quotes = (pl.col("kind").cast(pl.String) == str(Kind.QUOTE)) | pl.col("text").str.contains_any(list(QUOTING))
    is_plain = (pl.col("cls") == WORDS) & pl.col("party").is_not_null() & pl.col("pair").is_not_null()
    is_plain &= pl.col("text").str.len_chars() <= PARAMS.judged_characters
    found = []
    for frame in (rows, other):
        asked = frame.select("row", "pair", "party", "text", "kind", "cls", "is_direct")
        found.append(asked.filter(is_plain & pl.col("text").str.contains_any([*words, *called])).filter(~quotes))
    signs = {w: _OPEN + ("'s" if w in _POSSESSIVES else "") for w in (*called, *words)}
    bare = pl.col("text").str.replace_many(signs, leftmost=True).alias("bare")
    mine, theirs = (
        f.join(o, on=["pair", "party", "text"], how="anti").with_columns(bare) for f, o in (found, found[::-1])
    )
    by = ["pair", "party", "bare"]
    both = mine.join(theirs, on=by, how="semi"), theirs.join(mine, on=by, how="semi")
    return None if both[0].is_empty() else both


def _rows_of(rows: pl.DataFrame) -> list[Row]:
    """The rows of a chat, in order."""
    return list(rows.sort("row")[["row", "party", "text"]].iter_rows())


class _Place(NamedTuple):
    """A word for a party in a text: the party, the sort of word, and the number of the line."""

    party: str
    sort: str
    line: int


_YOU, _ME, _NAMED = "you", "me", "name"


@dataclass(frozen=True, slots=True)
class _NeutralText:
    """A text in neutral wording, with the words for parties that it had."""

    text: str
    places: tuple[_Place, ...]

    def line_of(self, place: _Place) -> str:
        """The line without the parties, so that equal lines about different parties are equal."""
        return _MEANT.sub(_OPEN, self.text.split("\n")[place.line])


@dataclass(frozen=True, slots=True)
class _Match:
    """Two texts that differ only in the words for the owners."""

    row: int
    sender: str
    text: str
    sides: tuple[_NeutralText, _NeutralText]

    @property
    def by_word(self) -> Iterator[tuple[int, _Place]]:
        """The side and the place of each word for an owner where the other side has a name."""
        for both in zip(*(s.places for s in self.sides), strict=True):
            words = [p.sort != _NAMED for p in both]
            if words[0] != words[1]:
                yield words.index(True), both[words.index(True)]

    def evidence(self, place: _Place) -> tuple[str, str, bool]:
        """Line, sort of word, and whether it means the sender. A client repeats this for each owner."""
        return self.sides[0].line_of(place), place.sort, place.party == self.sender


class _Chat:
    """The names of one chat, and whether it is direct."""

    def __init__(self, names: Names, *, is_direct: bool) -> None:
        self._names, self._is_direct = names, is_direct
        named = "|".join(_bounded(n) for n in sorted(names, key=lambda n: (-len(n), n)))
        reader = "|".join(map(_bounded, READER_WORDS))
        labels = "|".join(OWNER_LABELS)
        self._words = re.compile(
            rf"(?m)(?P<name>{named})|(?P<you>(?:{reader})(?![们們]))|(?<!\w)(?P<me>{labels})(?=[ \t]*$|[:：])"
        )

    def told(
        self, mine: Collection[Row], theirs: Collection[Row], known: list[list[str]]
    ) -> dict[int, tuple[str, int]]:
        """Maps a row to the other side's text and to CLEAR or UNCLEAR.

        Args:
            mine: the rows of one side.
            theirs: the rows of the other side.
            known: the parties that may be the owner, for each side.
        """
        is_guessed = not self._is_direct and any(len(k) > 1 for k in known)
        if is_guessed and prod(map(len, known)) > PARAMS.viewed_owners:
            return {}
        found: list[_Match] = []
        # Where an export does not state its owner, choose the owner for whom most lines are equal.
        for owners in product(*known):
            matches = {m.row: m for reads in (False, True) for m in self._matches(mine, theirs, owners, reads=reads)}
            found = max(found, [*matches.values()], key=len)
        seen: dict[tuple[str, str, bool], set[int]] = defaultdict(set)
        for match in found:
            for side, place in match.by_word:
                seen[match.evidence(place)].add(side)
        told = {}
        for match in found:
            sure = not is_guessed and all(self._is_sure(match, side, place, seen) for side, place in match.by_word)
            told[match.row] = match.text, CLEAR if sure else UNCLEAR
        return told

    def _matches(
        self, mine: Collection[Row], theirs: Collection[Row], owners: tuple[str, ...], *, reads: bool
    ) -> Iterator[_Match]:
        """The rows whose text differs from one of the other side only in the words for the owners."""
        held: dict[tuple[str, str], tuple[str, _NeutralText]] = {}
        for _, party, text in theirs:
            line = self._neutral_text(text, owners[1], reads=reads)
            held.setdefault((party, line.text), (text, line))
        for row, party, text in mine:
            line = self._neutral_text(text, owners[0], reads=reads)
            if (same := held.get((party, line.text))) is not None:
                match = _Match(row, party, same[0], (line, same[1]))
                if any(True for _ in match.by_word):
                    yield match

    def _neutral_text(self, text: str, owner: str, *, reads: bool) -> _NeutralText:
        """The text with a party in place of each name, owner's label and, if `reads`, word for the reader."""
        places: list[_Place] = []

        def meant(found: re.Match[str]) -> str:
            sort = str(found.lastgroup)
            if sort == _YOU and not reads:
                return found[0]
            party = self._names[found[0]] if sort == _NAMED else owner
            places.append(_Place(party, sort, text.count("\n", 0, found.start())))
            return f"{_OPEN}{party}{_CLOSE}" + ("'s" if found[0] in _POSSESSIVES else "")

        return _NeutralText(self._words.sub(meant, text), tuple(places))

    def _is_sure(
        self, match: _Match, side: int, place: _Place, seen: Mapping[tuple[str, str, bool], Collection[int]]
    ) -> bool:
        """Whether the word for an owner certainly means the party that the other side names."""
        of_sender = place.party == match.sender
        if (place.sort == _ME and of_sender) or (place.sort == _YOU and self._is_direct and not of_sender):
            return True
        line = match.sides[side].line_of(place)
        beside = [p for p in match.sides[side].places if p.line == place.line and p.party != place.party]
        if place.sort == _YOU and self._is_direct and any(p.sort == _NAMED for p in beside):
            return True
        # A line with figures may be a person's, so it is compared as written.
        return len(seen[match.evidence(place)]) > 1 and not re.search(r"\d", line)


def _bounded(word: str) -> str:
    """A pattern of the word, without a Latin letter or digit directly before or after it."""
    before, behind = (c.isascii() and c.isalnum() for c in (word[0], word[-1]))
    return ("(?<![A-Za-z0-9])" if before else "") + re.escape(word) + ("(?![A-Za-z0-9])" if behind else "")


__all__ = ["with_one_view"]

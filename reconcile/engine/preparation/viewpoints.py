"""Writes lines alike that each export tells from its owner's view, such as "You called Ann"."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import polars as pl

from reconcile.column_ops import listed
from reconcile.engine.content.quotations import QUOTING
from reconcile.engine.params import PARAMS
from reconcile.engine.preparation.rows import CLEAR, UNCLEAR, VIEWED
from reconcile.vocabulary import Kind
from reconcile.wechat.kind_classes import SYSTEM, WORDS
from reconcile.wechat.owner_words import OWNER_LABELS, READER_WORDS, SELF_WORDS

Row = tuple[int, str, str]
"""row, party, text."""
Names = Mapping[str, str]
"""Name -> the party that alone bears it."""
_POSSESSIVES = frozenset({"Your", "your"})
# Who is meant stands between these signs in a line told from nobody's view.
_OPEN, _CLOSE = "\x01", "\x02"
_MEANT = re.compile(f"{_OPEN}[^{_CLOSE}]*{_CLOSE}")


def with_one_view(rows: pl.DataFrame, other: pl.DataFrame) -> pl.DataFrame:
    """The rows with the other side's text where both differ only in how they call the owners.

    One side has a word for its reader where the other one has his name. Somebody who changes a person's words can make
    them differ so, too. `viewed` is CLEAR where one of these shows that both mean the same, else UNCLEAR:

    - In a direct chat, "you" means whom the sender speaks to, and the other side names that party.
    - The line has "you" and also names the party that a person would call so.
    - The same line tells of both owners, each in his own export.

    Args:
        rows: the rows of one side, with `party`.
        other: the other side's rows, with `party`.
    """
    named = _names(rows, other)
    sides = _told_apart(rows, other, named["name"])
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
    """The party of the owner in each of these chats where rows are marked as his."""
    is_own = pl.col("is_self").fill_null(value=False) & pl.col("party").is_not_null()
    own = rows.filter(pl.col("pair").is_in(listed(pairs)) & is_own).group_by("pair").agg(pl.col("party").unique())
    return {pair: parties[0] for pair, parties in own.iter_rows() if len(parties) == 1}


def _told_apart(rows: pl.DataFrame, other: pl.DataFrame, names: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame] | None:
    """The rows of both sides that may differ in nothing but whom they call how; None where there are none."""
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
    """Where a text calls somebody: the party, by which sort of word, and the number of the line."""

    party: str
    sort: str
    line: int


_YOU, _ME, _NAMED = "you", "me", "name"


@dataclass(frozen=True, slots=True)
class _Told:
    """A text told from nobody's view, with its places."""

    text: str
    places: tuple[_Place, ...]

    def line_of(self, place: _Place) -> str:
        """What recurs of the line: all but who is meant."""
        return _MEANT.sub(_OPEN, self.text.split("\n")[place.line])


@dataclass(frozen=True, slots=True)
class _Match:
    """Two texts that differ only in how they call the owners."""

    row: int
    sender: str
    text: str
    sides: tuple[_Told, _Told]

    @property
    def by_word(self) -> Iterator[tuple[int, _Place]]:
        """Each place where one side alone has a word for its reader or owner: the side, and its place."""
        for both in zip(*(s.places for s in self.sides), strict=True):
            words = [p.sort != _NAMED for p in both]
            if words[0] != words[1]:
                yield words.index(True), both[words.index(True)]

    def evidence(self, place: _Place) -> tuple[str, str, bool]:
        """What shows a client's view where it recurs: line, sort of word, and whether the sender is meant."""
        return self.sides[0].line_of(place), place.sort, place.party == self.sender


class _Chat:
    """One chat: who bears which name, and whether it has two people."""

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
        """Row -> the other side's text, and how sure it is.

        Args:
            mine: the rows of one side.
            theirs: those of the other one.
            known: for each side the parties one of which is its owner.
        """
        if not self._is_direct and any(len(k) > 1 for k in known):
            return {}
        found: list[_Match] = []
        # Where no export says whose it is, the owner is who makes the most lines equal.
        for owners in product(*known):
            matches = {m.row: m for reads in (False, True) for m in self._matches(mine, theirs, owners, reads=reads)}
            found = max(found, [*matches.values()], key=len)
        seen: dict[tuple[str, str, bool], set[int]] = defaultdict(set)
        for match in found:
            for side, place in match.by_word:
                seen[match.evidence(place)].add(side)
        told = {}
        for match in found:
            sure = all(self._is_sure(match, side, place, seen) for side, place in match.by_word)
            told[match.row] = match.text, CLEAR if sure else UNCLEAR
        return told

    def _matches(
        self, mine: Collection[Row], theirs: Collection[Row], owners: tuple[str, ...], *, reads: bool
    ) -> Iterator[_Match]:
        """The rows of one side whose texts are the other side's but for words for the owners."""
        held: dict[tuple[str, str], tuple[str, _Told]] = {}
        for _, party, text in theirs:
            line = self._without_view(text, owners[1], reads=reads)
            held.setdefault((party, line.text), (text, line))
        for row, party, text in mine:
            line = self._without_view(text, owners[0], reads=reads)
            if (same := held.get((party, line.text))) is not None:
                match = _Match(row, party, same[0], (line, same[1]))
                if any(True for _ in match.by_word):
                    yield match

    def _without_view(self, text: str, owner: str, *, reads: bool) -> _Told:
        """The text with a party for each name and owner's label, and if `reads` for words to its reader."""
        places: list[_Place] = []

        def meant(found: re.Match[str]) -> str:
            sort = str(found.lastgroup)
            if sort == _YOU and not reads:
                return found[0]
            party = self._names[found[0]] if sort == _NAMED else owner
            places.append(_Place(party, sort, text.count("\n", 0, found.start())))
            return f"{_OPEN}{party}{_CLOSE}" + ("'s" if found[0] in _POSSESSIVES else "")

        return _Told(self._words.sub(meant, text), tuple(places))

    def _is_sure(
        self, match: _Match, side: int, place: _Place, seen: Mapping[tuple[str, str, bool], Collection[int]]
    ) -> bool:
        """Whether a place where one side has a word for its owner means whom the other side names."""
        of_sender = place.party == match.sender
        if (place.sort == _ME and of_sender) or (place.sort == _YOU and self._is_direct and not of_sender):
            return True
        line = match.sides[side].line_of(place)
        beside = [p for p in match.sides[side].places if p.line == place.line and p.party != place.party]
        if place.sort == _YOU and self._is_direct and any(p.sort == _NAMED for p in beside):
            return True
        # Whatever a person writes of figures is compared as written.
        return len(seen[match.evidence(place)]) > 1 and not re.search(r"\d", line)


def _bounded(word: str) -> str:
    """A pattern of the word where no further Latin letter or digit stands beside it."""
    before, behind = (c.isascii() and c.isalnum() for c in (word[0], word[-1]))
    return ("(?<![A-Za-z0-9])" if before else "") + re.escape(word) + ("(?![A-Za-z0-9])" if behind else "")


__all__ = ["with_one_view"]

"""Decoys: rows that look like the material's own and that the other side does not hold; how many does the matching pair?"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.engine.rates.groups import GROUPS, group_of
from reconcile.engine.rates.material import Part
from reconcile.engine.relations import UNDELIVERED
from reconcile.settings import RateLimits
from reconcile.wechat.kind_classes import OTHER, PAYMENT, SECONDS, SYSTEM, WORDS
from reconcile.wechat.text import canonical

# Client notices, and rows of which their export says nothing, are no decoys.
_UNMADE_CLASSES = (SYSTEM, OTHER)
UNMADE = ("other",)
# A longer body of a kind without words may hold ids that lead back to the row it was copied from.
_LONGEST_PLACEHOLDER = 60
# Shorter words everybody writes: moved as they are. Longer ones are told apart by themselves, so two are joined to one that nobody wrote.
_DISTINCTIVE = 6
_TRIES = 6
_TRIES_OF_KIND = 24
# A decoy stands this close behind the row that it follows, as messages do; seconds.
_PAUSE = 90.0
_MINUTE = 60 * SECONDS
Row = dict[str, Any]
# Of each look the times (µs; NaN = none) and bodies of its rows.
Looks = dict[tuple[int, str | None, int], tuple[npt.NDArray[np.float64], list[str]]]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side's rows of the part in order, where each row of the run stands there, times (µs), and every conversation's longer words."""

    frame: pl.DataFrame
    index: dict[int, int]
    times: list[int | None]
    pairs: list[int]
    long_texts: dict[int, list[str]]

    def row(self, number: int) -> Row:
        """A row by its number in the run."""
        return self.frame.row(self.index[number], named=True)


def make_decoys(part: Part, hidden: pl.DataFrame, rng: np.random.Generator, limits: RateLimits) -> pl.DataFrame:
    """Rows for either side that the other does not hold: the part's columns, `side` and `place` (row behind which it stands).

    A true row of the same conversation is moved to another moment of it, or its words are joined with another row's; ids, addresses and
    fingerprints are made anew. None is placed where the other side holds a row of the same look so near that the two could be one message.
    `by_lot`: drawn among all rows. Others are drawn beside these among the rows of a kind of which the lot gave few, as far as there is room.
    """
    inner = part.lines.filter(pl.col("is_inner")).select("pair", "left_row", "right_row", "surplus")
    groups = part.rows[0].select(pl.col("row").alias("left_row"), group_of().alias("group"))
    inner = inner.join(groups, on="left_row", how="left", maintain_order="left")
    if inner.is_empty():
        return _frame(part, [], 0)
    draw = _Draw.of(part, inner, hidden, rng)
    made = draw.several([None] * limits.drawn_of(inner.height))
    lot = len(made)
    count = Counter(_frame(part, made, lot)["group"])
    rare = [g for g in GROUPS if g not in UNMADE and g in draw.by_group]
    # One of each kind whatever the room; more only as far as the material stays what it is.
    made += draw.several([g for g in rare if not count[g]])
    room = max(0, limits.most_of(inner.height) - len(made))
    made += draw.several([g for have in range(1, limits.wanted_of_kind) for g in rare if count[g] <= have][:room])
    return _frame(part, made, lot)


def _frame(part: Part, made: list[Row], lot: int) -> pl.DataFrame:
    """The decoys, of which so many first ones were drawn by lot."""
    schema = part.rows[0].schema | {"side": pl.UInt8, "place": pl.Float64}
    frame = pl.DataFrame(made, schema=schema, orient="row") if made else pl.DataFrame(schema=schema)
    return frame.with_columns(group_of().alias("group"), (pl.int_range(pl.len()) < lot).alias("by_lot"))


def _side(rows: pl.DataFrame) -> _Side:
    texts: dict[int, list[str]] = defaultdict(list)
    long = rows.filter((pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= _DISTINCTIVE))
    for pair, text in long.select("pair", "text").iter_rows():
        texts[pair].append(text)
    index = {row: i for i, row in enumerate(rows["row"])}
    return _Side(rows, index, rows["t"].to_list(), rows["pair"].to_list(), texts)


Line = tuple[int, int, int, int]  # pair, left row, right row, side that is given rows there


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws places and the rows that are put there.

    inner: the lines that places and sources are drawn from; by_pair, by_group: the same by conversation, and by group of the left row. gone: the
    hidden rows of either side. held: every text of the part and of the decoys made so far.
    """

    part: Part
    sides: list[_Side]
    inner: list[Line]
    by_pair: dict[int, list[Line]]
    by_group: dict[str, list[Line]]
    gone: list[set[int]]
    held: set[str]
    clocks: tuple[dict[int, int], dict[int, int]]
    looks: list[Looks]
    rng: np.random.Generator

    @classmethod
    def of(cls, part: Part, inner: pl.DataFrame, hidden: pl.DataFrame, rng: np.random.Generator) -> "_Draw":
        """Of a part and what is hidden in it."""
        sides, lines = [_side(f) for f in part.rows], list(inner.drop("group").iter_rows())
        by_pair: dict[int, list[Line]] = defaultdict(list)
        by_group: dict[str, list[Line]] = defaultdict(list)
        for line, group in zip(lines, inner["group"], strict=True):
            by_pair[line[0]].append(line)
            by_group[group].append(line)
        gone = [set(hidden.filter(pl.col("side") == i)[c]) for i, c in enumerate(("left_row", "right_row"))]
        held = {text for f in part.rows for text in f["text"]}
        clocks, looks = _clocks(inner, sides), [_looks(f) for f in part.rows]
        return cls(part, sides, lines, by_pair, by_group, gone, held, clocks, looks, rng)

    def several(self, groups: Sequence[str | None]) -> list[Row]:
        """A decoy of each group (None = by lot) for which a place is found in a few tries."""
        made: list[Row] = []
        for group in groups:
            for _ in range(_TRIES if group is None else _TRIES_OF_KIND):
                decoy = self._one(group)
                if decoy is not None:
                    made.append(decoy)
                    self.held.add(str(decoy["text"]))
                    break
        return made

    def _one(self, group: str | None) -> Row | None:
        """A row of one conversation put elsewhere in it; None where none can be made of it or the other side could hold it there."""
        first = self._any(self.inner if group is None else self.by_group[group])
        other = self._any(self.by_pair[first[0]])
        # By lot the place comes first; of a kind the row does.
        place, source = (first, other) if group is None else (other, first)
        side = place[3]
        where = self.sides[side].row(place[1 + side])
        decoy = self._decoy(where, self.sides[side].row(source[1 + side]), side)
        if decoy is None or where["row"] in self.gone[side]:
            return None
        shift = self.clocks[side].get(where["row"], 0)
        if _could_be_held(decoy, self.looks[1 - side], shift, self.part.near_us):
            return None
        return decoy | {"side": side, "place": float(where["row"])}

    def _any(self, lines: list[Line]) -> Line:
        return lines[int(self.rng.integers(0, len(lines)))]

    def _decoy(self, where: Row, source: Row, side: int) -> Row | None:
        text = self._text(source, side)
        at = _moment(where, self.sides[side], self.rng)
        if text is None or (at is None and where["pair"] not in self.part.untimed):
            return None
        name = f"{where['row']} {at}"
        ids = ("alias_id", "native_id", "local_id", "reply_to", "quoted_text", "url", "twin")
        fresh = {"message_id": _fresh_id(source, name), "media_hash": _fresh_hash(source, name)}
        kept = {"time_precision": where["time_precision"], "t": at, "raw_t": at, "is_repeat": False}
        return source | dict.fromkeys(ids) | fresh | kept | {"text": text}

    def _text(self, source: Row, side: int) -> str | None:
        """The decoy's words; None where the row lends itself to no decoy."""
        text: str = source["text"]
        if source["cls"] in _UNMADE_CLASSES or source["status"] in UNDELIVERED or source["is_repeat"]:
            return None
        if source["cls"] == WORDS and len(text) >= _DISTINCTIVE:
            other = self._any_text(self.sides[side].long_texts[source["pair"]])
            text = text[: (len(text) + 1) // 2] + other[len(other) // 2 :]
            return None if text in self.held else text
        # Without times a short text or a picture moved elsewhere is the one that it was copied from.
        is_untold = source["pair"] in self.part.untimed
        return None if is_untold or (source["cls"] != WORDS and len(text) > _LONGEST_PLACEHOLDER) else text

    def _any_text(self, texts: list[str]) -> str:
        return texts[int(self.rng.integers(0, len(texts)))]


def _moment(where: Row, side: _Side, rng: np.random.Generator) -> int | None:
    """A time (µs) behind the row's and before the next one's of its conversation, as precise as the side's own."""
    start = where["t"]
    if not isinstance(start, int):
        return None
    after = side.index[where["row"]] + 1
    following = side.times[after] if after < len(side.times) and side.pairs[after] == where["pair"] else None
    pause = _PAUSE * SECONDS if following is None else min(_PAUSE * SECONDS, max(0, following - start))
    at = start + int(pause * rng.uniform(0.05, 0.95))
    if where["time_precision"] == "minute":
        return at // _MINUTE * _MINUTE if at // _MINUTE * _MINUTE >= start else start
    return at // SECONDS * SECONDS if where["time_precision"] == "second" else at


def _fresh_id(row: Row, name: str) -> str | None:
    """An id of the same length that no row holds: digits of a digest behind the source's own first ones."""
    held = row["message_id"]
    if not isinstance(held, str):
        return None
    digits = str(int(hashlib.sha256(f"decoy {held} {name}".encode()).hexdigest(), 16))
    return held[:2] + digits[: max(4, len(held) - 2)]


def _fresh_hash(row: Row, name: str) -> str | None:
    held = row["media_hash"]
    if not isinstance(held, str):
        return None
    return hashlib.sha512(f"decoy {held} {name}".encode()).hexdigest()[: len(held)]


def _looks(rows: pl.DataFrame) -> Looks:
    """Times and bodies of the rows of each conversation, sender and class."""
    found: dict[tuple[int, str | None, int], tuple[list[float | None], list[str]]] = defaultdict(lambda: ([], []))
    for pair, party, cls, time, text, amount in rows.select("pair", "party", "cls", "t", "text", "amount").iter_rows():
        times, bodies = found[pair, party, cls]
        times.append(time)
        bodies.append(_body(cls, text, amount))
    # Microseconds since 1970 are whole numbers of a float until the year 2255.
    return {look: (np.array(times, np.float64), bodies) for look, (times, bodies) in found.items()}


def _body(cls: int, text: str, amount: str | None) -> str:
    return text if cls == WORDS else amount or "" if cls == PAYMENT else ""


def _clocks(inner: pl.DataFrame, sides: list[_Side]) -> tuple[dict[int, int], dict[int, int]]:
    """Per side: row -> what its partner's clock adds to its time (µs); only of pairs with two times."""
    shifts: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for left, right in inner.select("left_row", "right_row").iter_rows():
        one, two = (s.times[s.index[row]] for s, row in zip(sides, (left, right), strict=True))
        if one is not None and two is not None:
            shifts[0][left], shifts[1][right] = two - one, one - two
    return shifts


def _could_be_held(decoy: Row, looks: Looks, shift: int, near_us: int) -> bool:
    """Whether the other side holds a row of this look within the distance at which the two could be one message."""
    time, body = decoy["t"], _body(decoy["cls"], decoy["text"], decoy["amount"])
    times, bodies = looks.get((decoy["pair"], decoy["party"], decoy["cls"]), (np.empty(0), []))
    # What has no time is no number, and nothing is said of its distance.
    far = np.zeros(len(bodies), bool) if time is None else np.abs(times - (time + shift)) > near_us
    near = [bodies[i] for i in np.flatnonzero(~far)]
    return body in near or (time is not None and canonical(body) in map(canonical, near))

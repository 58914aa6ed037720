"""Decoys: rows that look like the material's own and that the other side does not hold; how many does the matching pair?"""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from reconcile.rates.material import PAIRED, Part
from reconcile.rates.trial import Trial
from reconcile.settings import RateLimits
from reconcile.vocabulary import Relation
from reconcile.wechat.classes import IMAGE, PAYMENT, SECONDS, STICKER, VIDEO, VOICE, WORDS
from reconcile.wechat.text import canonical

UNDELIVERED = ("failed", "rejected", "sending")
# Kinds that a decoy can be made of: words, and bodies that a table shows by a placeholder and a fingerprint.
_CLASSES = (WORDS, IMAGE, VOICE, VIDEO, STICKER, PAYMENT)
# A longer body of a wordless kind may hold ids that lead back to the row it was copied from.
_LONGEST_PLACEHOLDER = 24
# Shorter words everybody writes: moved as they are. Longer ones are told apart by themselves, so two are joined to one that nobody wrote.
_DISTINCTIVE = 6
_TRIES = 6
# A decoy stands this close behind the row that it follows, as messages do; seconds.
_PAUSE = 90.0
_MINUTE = 60 * SECONDS
Row = dict[str, Any]


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


def paired_decoys(trial: Trial) -> tuple[int, int]:
    """How many decoys the rerun paired with a row of the other side, and how many it left in doubt."""
    return sum(r in PAIRED for r in trial.decoy_relation), trial.decoy_relation.count(str(Relation.DOUBTFUL))


def make_decoys(part: Part, hidden: pl.DataFrame, rng: np.random.Generator, limits: RateLimits) -> pl.DataFrame:
    """Rows for either side that the other does not hold: the part's columns, `side` and `place` (row behind which it stands).

    A true row of the same conversation is moved to another moment of it, or its words are joined with another row's; ids and fingerprints are
    made anew. None is placed where the other side holds a row of the same look so near that the two could be one message.
    """
    inner = part.lines.filter(pl.col("is_inner")).select("pair", "left_row", "right_row", "surplus")
    if inner.is_empty():
        return _frame(part, [])
    sides = [_side(f) for f in part.rows]
    draw = _Draw(part, sides, inner.partition_by("pair", as_dict=True), rng)
    looks, clocks = [_looks(f) for f in part.rows], _clocks(inner, sides)
    held = {text for f in part.rows for text in f["text"]}
    gone = [set(hidden.filter(pl.col("side") == i)[c]) for i, c in enumerate(("left_row", "right_row"))]
    made: list[Row] = []
    for number in range(limits.drawn_of(inner.height)):
        for _ in range(_TRIES):
            where, side = draw.place(inner)
            decoy = draw.decoy(where, side, held, number)
            if decoy is None or where["row"] in gone[side]:
                continue
            if not _could_be_held(decoy, looks[1 - side], clocks[side].get(where["row"], 0), part.near_us):
                made.append(decoy | {"side": side, "place": float(where["row"])})
                held.add(str(decoy["text"]))
                break
    return _frame(part, made)


def _frame(part: Part, made: list[Row]) -> pl.DataFrame:
    schema = part.rows[0].schema | {"side": pl.UInt8, "place": pl.Float64}
    return pl.DataFrame(made, schema=schema, orient="row") if made else pl.DataFrame(schema=schema)


def _side(rows: pl.DataFrame) -> _Side:
    texts: dict[int, list[str]] = defaultdict(list)
    long = rows.filter((pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= _DISTINCTIVE))
    for pair, text in long.select("pair", "text").iter_rows():
        texts[pair].append(text)
    index = {row: i for i, row in enumerate(rows["row"])}
    return _Side(rows, index, rows["t"].to_list(), rows["pair"].to_list(), texts)


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws places and the rows that are put there."""

    part: Part
    sides: list[_Side]
    inner: dict[tuple[object, ...], pl.DataFrame]
    rng: np.random.Generator

    def place(self, lines: pl.DataFrame) -> tuple[Row, int]:
        """A paired row by lot, and the side that is given rows there."""
        left, right, side = lines.select("left_row", "right_row", "surplus").row(
            int(self.rng.integers(0, lines.height))
        )
        return self.sides[side].row((left, right)[side]), side

    def decoy(self, where: Row, side: int, held: set[str], number: int) -> Row | None:
        """A row of the same conversation and side by lot, put behind the given one; None where none can be made of it."""
        lines = self.inner[where["pair"],]
        column = ("left_row", "right_row")[side]
        source = self.sides[side].row(lines[column][int(self.rng.integers(0, lines.height))])
        text = self._text(source, side, held)
        at = _moment(where, self.sides[side], self.rng)
        if text is None or (at is None and where["pair"] not in self.part.untimed):
            return None
        ids = ("alias_id", "native_id", "local_id", "reply_to", "quoted_text", "url", "twin")
        fresh = {"message_id": _fresh_id(source, number), "media_hash": _fresh_hash(source, number)}
        kept = {"time_precision": where["time_precision"], "t": at, "raw_t": at, "is_repeat": False}
        return source | dict.fromkeys(ids) | fresh | kept | {"text": text}

    def _text(self, source: Row, side: int, held: set[str]) -> str | None:
        """The decoy's words; None where the row lends itself to no decoy."""
        text: str = source["text"]
        if source["cls"] not in _CLASSES or source["status"] in UNDELIVERED or source["is_repeat"]:
            return None
        if source["cls"] == WORDS and len(text) >= _DISTINCTIVE:
            texts = self.sides[side].long_texts[source["pair"]]
            other = texts[int(self.rng.integers(0, len(texts)))]
            text = text[: (len(text) + 1) // 2] + other[len(other) // 2 :]
            return None if text in held else text
        # Without times a short text or a picture moved elsewhere is the one that it was copied from.
        is_untold = source["pair"] in self.part.untimed
        return None if is_untold or (source["cls"] != WORDS and len(text) > _LONGEST_PLACEHOLDER) else text


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


def _fresh_id(row: Row, number: int) -> str | None:
    """An id of the same length that no row holds: digits of a digest behind the source's own first ones."""
    held = row["message_id"]
    if not isinstance(held, str):
        return None
    digits = str(int(hashlib.sha256(f"decoy {held} {number}".encode()).hexdigest(), 16))
    return held[:2] + digits[: max(4, len(held) - 2)]


def _fresh_hash(row: Row, number: int) -> str | None:
    held = row["media_hash"]
    if not isinstance(held, str):
        return None
    return hashlib.sha512(f"decoy {held} {number}".encode()).hexdigest()[: len(held)]


Looks = dict[tuple[object, ...], list[tuple[int | None, str]]]


def _looks(rows: pl.DataFrame) -> Looks:
    """Time (µs) and body of the rows of each conversation, sender and class."""
    found: Looks = defaultdict(list)
    for pair, party, cls, time, text, amount in rows.select("pair", "party", "cls", "t", "text", "amount").iter_rows():
        found[pair, party, cls].append((time, _body(cls, text, amount)))
    return found


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
    near = [
        other
        for t, other in looks.get((decoy["pair"], decoy["party"], decoy["cls"]), [])
        if time is None or t is None or abs(t - time - shift) <= near_us
    ]
    return body in near or (time is not None and canonical(body) in map(canonical, near))

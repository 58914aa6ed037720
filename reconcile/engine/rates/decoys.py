"""Makes decoys: plausible rows that the other side does not hold, to measure how many get matched."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt
import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.engine.rates.material import GROUPS, Part, group_of
from reconcile.engine.records import UNDELIVERED
from reconcile.settings import RateLimits
from reconcile.wechat.kind_classes import OTHER, PAYMENT, SECONDS, SYSTEM, WORDS
from reconcile.wechat.text import canonical

# Client notices and rows of unknown kind are no decoys.
_UNMADE_CLASSES = (SYSTEM, OTHER)
UNMADE = ("other",)
_MINUTE = 60 * SECONDS
Row = dict[str, Any]
T = TypeVar("T")
# Times (µs; NaN = none) and bodies of the rows of each conversation, sender and class.
Looks = dict[tuple[int, str | None, int], tuple[npt.NDArray[np.float64], list[str]]]


@dataclass(frozen=True, slots=True)
class _Side:
    """One side's rows of the part in order.

    Attributes:
        frame: the rows.
        index: position of each row of the run.
        times, pairs: time (µs) and conversation of each position.
        long_texts: the longer texts of every conversation.
    """

    frame: pl.DataFrame
    index: dict[int, int]
    times: list[int | None]
    pairs: list[int]
    long_texts: dict[int, list[str]]

    def row(self, number: int) -> Row:
        """A row by its number in the run."""
        return self.frame.row(self.index[number], named=True)


def make_decoys(part: Part, hidden: pl.DataFrame, rng: np.random.Generator, limits: RateLimits) -> pl.DataFrame:
    """Decoys for either side: the part's columns, `side`, `place` (row before it), `group` and `by_lot`.

    A true row is moved to another moment of its conversation, or its text is joined with another row's. Ids, addresses
    and media hashes are made new. A decoy is never placed where the other side holds a similar row near enough to be
    the same message. `by_lot`: drawn among all rows; the others fill up rare kinds as far as there is room.
    """
    inner = part.lines.filter(pl.col("is_inner"))[["pair", "left_row", "right_row", "surplus"]]
    groups = part.rows[0].select(pl.col("row").alias("left_row"), group_of().alias("group"))
    inner = inner.join(groups, on="left_row", how="left", maintain_order="left")
    if inner.is_empty():
        return _decoy_frame(part, [], 0)
    draw = _Draw.of(part, inner, hidden, rng)
    made = draw.several([None] * limits.drawn_of(inner.height))
    lot = len(made)
    count = Counter(_decoy_frame(part, made, lot)["group"])
    rare = [g for g in GROUPS if g not in UNMADE and g in draw.by_group]
    # One of each kind in any case; more only while the material keeps its character.
    made += draw.several([g for g in rare if not count[g]])
    room = max(0, limits.most_of(inner.height) - len(made))
    made += draw.several([g for have in range(1, limits.wanted_of_kind) for g in rare if count[g] <= have][:room])
    return _decoy_frame(part, made, lot)


def _decoy_frame(part: Part, made: list[Row], lot: int) -> pl.DataFrame:
    """The decoys as a frame; the first `lot` ones were drawn by lot."""
    schema = part.rows[0].schema | {"side": pl.UInt8, "place": pl.Float64}
    frame = pl.DataFrame(made, schema=schema, orient="row") if made else pl.DataFrame(schema=schema)
    return frame.with_columns(group_of().alias("group"), (pl.int_range(pl.len()) < lot).alias("by_lot"))


def _side_of(rows: pl.DataFrame) -> _Side:
    """One side's rows by number, and its long texts by conversation."""
    texts: dict[int, list[str]] = defaultdict(list)
    # Shorter texts are common phrases and are moved as they are. Two longer ones are joined into one that nobody wrote.
    long = rows.filter((pl.col("cls") == WORDS) & (pl.col("text").str.len_chars() >= PARAMS.distinctive_characters))
    for pair, text in long[["pair", "text"]].iter_rows():
        texts[pair].append(text)
    index = {row: i for i, row in enumerate(rows["row"])}
    return _Side(rows, index, rows["t"].to_list(), rows["pair"].to_list(), texts)


Line = tuple[int, int, int, int]  # pair, left row, right row, side that is given rows there


@dataclass(frozen=True, slots=True)
class _Draw:
    """Draws places for decoys and the rows to put there.

    Attributes:
        inner: the lines that places and sources are drawn from; by_pair, by_group: the same by conversation and by
            group of the left row.
        gone: the hidden rows of either side.
        held: every text of the part and of the decoys made so far.
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
        """Builds the drawer for a part and the rows hidden in it."""
        sides, lines = [_side_of(f) for f in part.rows], list(inner.drop("group").iter_rows())
        by_pair: dict[int, list[Line]] = defaultdict(list)
        by_group: dict[str, list[Line]] = defaultdict(list)
        for line, group in zip(lines, inner["group"], strict=True):
            by_pair[line[0]].append(line)
            by_group[group].append(line)
        gone = [set(hidden.filter(pl.col("side") == i)[c]) for i, c in enumerate(("left_row", "right_row"))]
        held = {text for f in part.rows for text in f["text"]}
        clocks, looks = _partner_shifts(inner, sides), [_bodies_by_sender(f) for f in part.rows]
        return cls(part, sides, lines, by_pair, by_group, gone, held, clocks, looks, rng)

    def several(self, groups: Sequence[str | None]) -> list[Row]:
        """A decoy of each group (None = by lot), if a place for it is found in a few tries."""
        made: list[Row] = []
        for group in groups:
            for _ in range(PARAMS.decoy_tries if group is None else PARAMS.decoy_kind_tries):
                decoy = self._draw_decoy(group)
                if decoy is not None:
                    made.append(decoy)
                    self.held.add(str(decoy["text"]))
                    break
        return made

    def _draw_decoy(self, group: str | None) -> Row | None:
        """A row moved within its conversation; None where it cannot be, or the other side could hold it there."""
        first = self._draw(self.inner if group is None else self.by_group[group])
        other = self._draw(self.by_pair[first[0]])
        # By lot the place is drawn first, for a kind the row.
        place, source = (first, other) if group is None else (other, first)
        side = place[3]
        where = self.sides[side].row(place[1 + side])
        decoy = self._make_decoy(where, self.sides[side].row(source[1 + side]), side)
        if decoy is None or where["row"] in self.gone[side]:
            return None
        shift = self.clocks[side].get(where["row"], 0)
        if _could_be_held(decoy, self.looks[1 - side], shift, self.part.near_us):
            return None
        return decoy | {"side": side, "place": float(where["row"])}

    def _draw(self, among: Sequence[T]) -> T:
        """One of these, each equally likely."""
        return among[int(self.rng.integers(0, len(among)))]

    def _make_decoy(self, where: Row, source: Row, side: int) -> Row | None:
        """A message that nobody wrote, from a source row, placed behind another; null where none fits."""
        text = self._decoy_text(source, side)
        at = _time_after(where, self.sides[side], self.rng)
        if text is None or (at is None and where["pair"] not in self.part.untimed):
            return None
        name = f"{where['row']} {at}"
        ids = ("alias_id", "native_id", "local_id", "reply_to", "quoted_text", "quoted_sender", "url", "twin", "copy_of")  # fmt: skip
        fresh = {"message_id": _fresh_id(source, name), "media_hash": _fresh_hash(source, name)}
        kept = {"time_precision": where["time_precision"], "t": at, "raw_t": at, "is_repeat": False}
        return source | dict.fromkeys(ids) | fresh | kept | {"text": text}

    def _decoy_text(self, source: Row, side: int) -> str | None:
        """The decoy's text; None where the row cannot become a decoy."""
        text: str = source["text"]
        if source["cls"] in _UNMADE_CLASSES or source["status"] in UNDELIVERED or source["is_repeat"]:
            return None
        if source["cls"] == WORDS and len(text) >= PARAMS.distinctive_characters:
            other = self._draw(self.sides[side].long_texts[source["pair"]])
            text = text[: (len(text) + 1) // 2] + other[len(other) // 2 :]
            return None if text in self.held else text
        # Without times, a moved short text or picture cannot be distinguished from its source.
        is_untold = source["pair"] in self.part.untimed
        return None if is_untold or (source["cls"] != WORDS and len(text) > PARAMS.placeholder_characters) else text


def _time_after(where: Row, side: _Side, rng: np.random.Generator) -> int | None:
    """A time (µs) between the row and the next one of its conversation, with the side's precision."""
    start = where["t"]
    if not isinstance(start, int):
        return None
    after = side.index[where["row"]] + 1
    following = side.times[after] if after < len(side.times) and side.pairs[after] == where["pair"] else None
    pause = (
        PARAMS.decoy_pause_seconds * SECONDS
        if following is None
        else min(PARAMS.decoy_pause_seconds * SECONDS, max(0, following - start))
    )
    at = start + int(pause * rng.uniform(0.05, 0.95))
    if where["time_precision"] == "minute":
        return at // _MINUTE * _MINUTE if at // _MINUTE * _MINUTE >= start else start
    return at // SECONDS * SECONDS if where["time_precision"] == "second" else at


def _fresh_id(row: Row, name: str) -> str | None:
    """A new id of the same length: the source's first digits, then digits of a hash."""
    held = row["message_id"]
    if not isinstance(held, str):
        return None
    digits = str(int(hashlib.sha256(f"decoy {held} {name}".encode()).hexdigest(), 16))
    return held[:2] + digits[: max(4, len(held) - 2)]


def _fresh_hash(row: Row, name: str) -> str | None:
    """A new media hash of the same length; null where the row has none."""
    held = row["media_hash"]
    if not isinstance(held, str):
        return None
    return hashlib.sha512(f"decoy {held} {name}".encode()).hexdigest()[: len(held)]


def _bodies_by_sender(rows: pl.DataFrame) -> Looks:
    """Times and bodies of the rows of each conversation, sender and class."""
    found: dict[tuple[int, str | None, int], tuple[list[float | None], list[str]]] = defaultdict(lambda: ([], []))
    for pair, party, cls, time, text, amount in rows[["pair", "party", "cls", "t", "text", "amount"]].iter_rows():
        times, bodies = found[pair, party, cls]
        times.append(time)
        bodies.append(_comparable_body(cls, text, amount))
    # A float holds microseconds since 1970 exactly until the year 2255.
    return {look: (np.array(times, np.float64), bodies) for look, (times, bodies) in found.items()}


def _comparable_body(cls: int, text: str, amount: str | None) -> str:
    """Words of a text or amount of a payment; empty for other classes."""
    return text if cls == WORDS else amount or "" if cls == PAYMENT else ""


def _partner_shifts(inner: pl.DataFrame, sides: list[_Side]) -> tuple[dict[int, int], dict[int, int]]:
    """Per side and row, the partner's time minus its own (µs); only for pairs with two times."""
    shifts: tuple[dict[int, int], dict[int, int]] = ({}, {})
    for left, right in inner[["left_row", "right_row"]].iter_rows():
        one, two = (s.times[s.index[row]] for s, row in zip(sides, (left, right), strict=True))
        if one is not None and two is not None:
            shifts[0][left], shifts[1][right] = two - one, one - two
    return shifts


def _could_be_held(decoy: Row, looks: Looks, shift: int, near_us: int) -> bool:
    """Whether the other side holds a similar row near enough to be the same message."""
    time, body = decoy["t"], _comparable_body(decoy["cls"], decoy["text"], decoy["amount"])
    times, bodies = looks.get((decoy["pair"], decoy["party"], decoy["cls"]), (np.empty(0), []))
    # A row without a time (NaN) is never far.
    far = np.zeros(len(bodies), bool) if time is None else np.abs(times - (time + shift)) > near_us
    near = [bodies[i] for i in np.flatnonzero(~far)]
    return body in near or (time is not None and canonical(body) in map(canonical, near))

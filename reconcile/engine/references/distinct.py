"""How many messages neither side holds: everything that speaks of one and the same counts once, by whatever name it calls it."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from reconcile.engine.references.witnesses import LEAST_QUOTED
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.kind_classes import SECONDS

# Tables and rows state the time of one message to the second, and round it differently; words quoted with a time may state the minute.
_NEAR_SECONDS, _WORDS_SECONDS = 1, 60
# Of words that begin alike so many are held against each other; more would be a material made for it.
_MOST_MET = 200
_RECEIPT, _ALBUM = str(WitnessKind.TRANSFER_RECEIPT), str(WitnessKind.ALBUM_COUNT)
# A receipt names no message, an album no picture: each may mean one that something else names.
_POOLS = (({str(Kind.TRANSFER)}, _RECEIPT), ({str(Kind.IMAGE), str(Kind.VIDEO)}, _ALBUM))


@dataclass(slots=True)
class _Message:
    """What is known of one message: names, second, words, numbers on the devices; who speaks, and how many are meant."""

    id: str | None
    body: str | None
    second: int | None
    words: str | None
    numbers: dict[str, int] = field(default_factory=dict)
    kinds: set[str] = field(default_factory=set)
    witnesses: set[str] = field(default_factory=set)
    count: int = 1

    @property
    def is_bare(self) -> bool:
        """Named, and nothing else known by which a message told otherwise could be told from it."""
        return (self.id or self.body) is not None and self.second is None and self.words is None

    @property
    def is_unnamed(self) -> bool:
        return self.id is None and self.body is None

    def meets(self, other: "_Message") -> bool:
        """Whether a second telling, which shares a name, the words or the second with this one, may be of the same message."""
        if self.id is not None and other.id is not None and not _one_id(self.id, other.id):
            return False
        if self.body is not None and other.body is not None and self.body != other.body:
            return False
        if self.kinds and other.kinds and not self.kinds & other.kinds:
            return False
        if any(self.numbers.get(side, number) != number for side, number in other.numbers.items()):
            return False
        near = _WORDS_SECONDS if self.words and other.words else _NEAR_SECONDS
        if self.second is not None and other.second is not None and abs(self.second - other.second) > near:
            return False
        return self.words is None or other.words is None or _one_text(self.words, other.words)

    def take(self, other: "_Message") -> None:
        self.id, self.body = self.id or other.id, self.body or other.body
        self.second = self.second if self.second is not None else other.second
        self.words = self.words or other.words
        self.numbers |= other.numbers
        self.kinds |= other.kinds
        self.witnesses |= other.witnesses
        self.count = max(self.count, other.count)


def _one_id(one: str, two: str) -> bool:
    """Equal, or equal as far as a tool shows one that rounds ids."""
    if one == two or not (one.isdecimal() and two.isdecimal()):
        return one == two
    rounded = any(int(float(i)) == int(i) for i in (one, two))
    return rounded and float(one) == float(two)


def _one_text(one: str, two: str) -> bool:
    short, long = sorted((one, two), key=len)
    return short == long or (len(short) >= LEAST_QUOTED and long.startswith(short))


def counted_absent(absent: pl.DataFrame) -> dict[int, int]:
    """Pair -> how many messages of the conversation neither side holds, as few as what speaks of them allows.

    `absent`: what `Heard` holds; what is not placed does not count. Tellings are of one message where they share an id, a body, a local number, words
    of four characters or the second, and nothing that both state differs. A message known by its id alone and one known by time or words alone
    may be one, and so may a receipt and a transfer, an album's picture and a picture named: each such two count once.
    """
    told: dict[int, list[_Message]] = defaultdict(list)
    for row in _tellings(absent.filter(pl.col("is_placed") & pl.col("pair").is_not_null())).iter_rows(named=True):
        told[row["pair"]].append(_message(row))
    return {pair: _least(_united(tellings)) for pair, tellings in told.items()}


def _tellings(placed: pl.DataFrame) -> pl.DataFrame:
    # Words quoted without more are one message, whatever each device calls the speaker.
    words = pl.coalesce("words", "text").str.replace(r"^[^:：]{1,40}[:：]\s*", "").str.strip_chars_end("….")
    known = placed.select(
        "pair",
        "side",
        pl.col("message_id").alias("id"),
        pl.col("native_id").alias("body"),
        pl.coalesce("t", "raw_t").floordiv(SECONDS).alias("second"),
        pl.when(words.str.len_chars() >= LEAST_QUOTED).then(words).alias("words"),
        pl.col("local_id").alias("number"),
        "kind",
        "witness",
        "count",
        "locator",
    )
    is_known = pl.any_horizontal(pl.col("id", "body", "second", "words", "number").is_not_null())
    return known.with_columns(pl.when(~is_known).then("locator").alias("locator")).unique(maintain_order=True)


def _message(row: dict[str, Any]) -> _Message:
    numbers = {row["side"]: row["number"]} if row["number"] is not None else {}
    kinds = {str(row["kind"])} if row["kind"] is not None else set()
    return _Message(
        row["id"], row["body"], row["second"], row["words"], numbers, kinds, {str(row["witness"])}, row["count"] or 1
    )


def _united(tellings: list[_Message]) -> list[_Message]:
    """The messages told of, those first that are told most exactly; each telling joins the first message that it meets."""
    order = sorted(tellings, key=lambda m: (m.id is None, m.body is None, m.second is None, m.words is None))
    messages: list[_Message] = []
    known: dict[tuple[str, object], list[_Message]] = defaultdict(list)
    for one in order:
        same = next((m for key in _sought(one) for m in known[key][-_MOST_MET:] if m.meets(one)), None)
        if same is None:
            messages.append(one)
        else:
            same.take(one)
        for key in _keys(same or one):
            if (same or one) not in known[key][-1:]:
                known[key].append(same or one)
    return messages


def _keys(one: _Message) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    if one.id is not None:
        found.append(("id", float(one.id) if one.id.isdecimal() else one.id))
    if one.body is not None:
        found.append(("body", one.body))
    found += [("number", item) for item in one.numbers.items()]
    if one.words is not None:
        found.append(("words", one.words[:LEAST_QUOTED]))
    if one.second is not None:
        found.append(("second", one.second))
    return found


def _sought(one: _Message) -> list[tuple[str, object]]:
    keys = _keys(one)
    if one.second is not None:
        keys += [("second", one.second + d) for d in range(-_NEAR_SECONDS, _NEAR_SECONDS + 1) if d]
    return keys


def _least(messages: list[_Message]) -> int:
    """How many they are at least."""
    vague = {kind: [m for m in messages if m.witnesses == {kind}] for _, kind in _POOLS}
    clear = [m for m in messages if not any(m in v for v in vague.values())]
    bare, unnamed = (sum(m.count for m in clear if getattr(m, what)) for what in ("is_bare", "is_unnamed"))
    total = sum(m.count for m in clear) - min(bare, unnamed)
    for kinds, witness in _POOLS:
        shown = sum(m.count for m in clear if m.kinds & kinds)
        total += max(0, sum(m.count for m in vague[witness]) - shown)
    return total

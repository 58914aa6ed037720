"""Counts the messages that neither side holds; several references to one message count once."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from reconcile.engine.params import PARAMS
from reconcile.vocabulary import Kind, WitnessKind
from reconcile.wechat.kind_classes import SECONDS

_RECEIPT, _ALBUM = str(WitnessKind.TRANSFER_RECEIPT), str(WitnessKind.ALBUM_COUNT)
# A receipt does not name its transfer, nor an album its pictures. Each may mean one that another reference names.
_POOLS = (({str(Kind.TRANSFER)}, _RECEIPT), ({str(Kind.IMAGE), str(Kind.VIDEO)}, _ALBUM))


@dataclass(slots=True)
class _Message:
    """What references say about one message: ids, time, text, local numbers, kinds, witnesses and count."""

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
        """Whether only an id is known, so that a message known by time or text could be the same."""
        return (self.id or self.body) is not None and self.second is None and self.words is None

    @property
    def is_unnamed(self) -> bool:
        return self.id is None and self.body is None

    def meets(self, other: "_Message") -> bool:
        """Whether another reference with a common id, text or time may be to the same message."""
        if self.id is not None and other.id is not None and not _one_id(self.id, other.id):
            return False
        if self.body is not None and other.body is not None and self.body != other.body:
            return False
        if self.kinds and other.kinds and not self.kinds & other.kinds:
            return False
        if any(self.numbers.get(side, number) != number for side, number in other.numbers.items()):
            return False
        near = PARAMS.stated_words_seconds if self.words and other.words else PARAMS.stated_near_seconds
        if self.second is not None and other.second is not None and abs(self.second - other.second) > near:
            return False
        return self.words is None or other.words is None or _one_text(self.words, other.words)

    def merge(self, other: "_Message") -> None:
        """Add what the other witness says of the same message."""
        self.id, self.body = self.id or other.id, self.body or other.body
        self.second = self.second if self.second is not None else other.second
        self.words = self.words or other.words
        self.numbers |= other.numbers
        self.kinds |= other.kinds
        self.witnesses |= other.witnesses
        self.count = max(self.count, other.count)


def _one_id(one: str, two: str) -> bool:
    """Whether two ids are equal, or equal as far as one of them was rounded."""
    if one == two or not (one.isdecimal() and two.isdecimal()):
        return one == two
    rounded = any(int(float(i)) == int(i) for i in (one, two))
    return rounded and float(one) == float(two)


def _one_text(one: str, two: str) -> bool:
    """Whether the texts are equal, or the shorter is a long beginning of the other."""
    short, long = sorted((one, two), key=len)
    return short == long or (len(short) >= PARAMS.quoted_words_characters and long.startswith(short))


def counted_absent(absent: pl.DataFrame) -> dict[int, int]:
    """Pair -> the smallest number of messages that neither side holds, given the references to them.

    References are to one message if they share an id, body id, local number, four characters of text or the second, and
    contradict each other nowhere. A message known only by id and one known only by time or text may be the same. So may
    a receipt and a transfer, and an album's picture and a named picture. Each such two count once.

    `absent` is `JudgedReferences.absent`; references that are not placed do not count.
    """
    if absent.is_empty():
        return {}
    told: dict[int, list[_Message]] = defaultdict(list)
    for row in _known_facts(absent.filter(pl.col("is_placed") & pl.col("pair").is_not_null())).iter_rows(named=True):
        told[row["pair"]].append(_message_of(row))
    return {pair: _least_count(_merge_references(tellings)) for pair, tellings in told.items()}


def _known_facts(placed: pl.DataFrame) -> pl.DataFrame:
    """What each reference says of its message, without repeats."""
    # The sender's name before quoted words is removed, since each device has its own.
    words = pl.coalesce("words", "text").str.replace(r"^[^:：]{1,40}[:：]\s*", "").str.strip_chars_end("….")
    known = placed.select(
        "pair",
        "side",
        pl.col("message_id").alias("id"),
        pl.col("native_id").alias("body"),
        pl.coalesce("t", "raw_t").floordiv(SECONDS).alias("second"),
        pl.when(words.str.len_chars() >= PARAMS.quoted_words_characters).then(words).alias("words"),
        pl.col("local_id").alias("number"),
        "kind",
        "witness",
        "count",
        "locator",
    )
    is_known = pl.any_horizontal(pl.col("id", "body", "second", "words", "number").is_not_null())
    return known.with_columns(pl.when(~is_known).then("locator").alias("locator")).unique(maintain_order=True)


def _message_of(row: dict[str, Any]) -> _Message:
    numbers = {row["side"]: row["number"]} if row["number"] is not None else {}
    kinds = {str(row["kind"])} if row["kind"] is not None else set()
    return _Message(
        row["id"], row["body"], row["second"], row["words"], numbers, kinds, {str(row["witness"])}, row["count"] or 1
    )


def _merge_references(tellings: list[_Message]) -> list[_Message]:
    """The messages referred to; each reference joins the first message it may be to, the exact ones first."""
    order = sorted(tellings, key=lambda m: (m.id is None, m.body is None, m.second is None, m.words is None))
    messages: list[_Message] = []
    known: dict[tuple[str, object], list[_Message]] = defaultdict(list)
    for one in order:
        same = next((m for key in _search_keys(one) for m in known[key][-PARAMS.stated_alike :] if m.meets(one)), None)
        if same is None:
            messages.append(one)
        else:
            same.merge(one)
        for key in _identity_keys(same or one):
            if (same or one) not in known[key][-1:]:
                known[key].append(same or one)
    return messages


def _identity_keys(one: _Message) -> list[tuple[str, object]]:
    """Keys that two witnesses of one message share: id, number, words or second."""
    found: list[tuple[str, object]] = []
    if one.id is not None:
        found.append(("id", float(one.id) if one.id.isdecimal() else one.id))
    if one.body is not None:
        found.append(("body", one.body))
    found += [("number", item) for item in one.numbers.items()]
    if one.words is not None:
        found.append(("words", one.words[: PARAMS.quoted_words_characters]))
    if one.second is not None:
        found.append(("second", one.second))
    return found


def _search_keys(one: _Message) -> list[tuple[str, object]]:
    """The identity keys of the message, and those of the neighbouring seconds."""
    keys = _identity_keys(one)
    if one.second is not None:
        keys += [
            ("second", one.second + d) for d in range(-PARAMS.stated_near_seconds, PARAMS.stated_near_seconds + 1) if d
        ]
    return keys


def _least_count(messages: list[_Message]) -> int:
    """The smallest number of messages."""
    vague = {kind: [m for m in messages if m.witnesses == {kind}] for _, kind in _POOLS}
    clear = [m for m in messages if not any(m in v for v in vague.values())]
    bare, unnamed = (sum(m.count for m in clear if getattr(m, what)) for what in ("is_bare", "is_unnamed"))
    total = sum(m.count for m in clear) - min(bare, unnamed)
    for kinds, witness in _POOLS:
        shown = sum(m.count for m in clear if m.kinds & kinds)
        total += max(0, sum(m.count for m in vague[witness]) - shown)
    return total

"""Simple cases of a chunk in one pass: read and compared together, each with its own results."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import polars as pl

from reconcile.batch.jobs import Job
from reconcile.batch.tables import Export, Tables, read_tables
from reconcile.batch.triage import amounts_of
from reconcile.engine.entities.conversations import name_of
from reconcile.engine.entities.owners import OFFICIAL, own_accounts
from reconcile.engine.many_comparisons import Exports, FindingsOfMany, compare_many
from reconcile.engine.mirror import MARKS
from reconcile.options import CaseOptions
from reconcile.vocabulary import RESERVED
from reconcile.wechat.owner_words import SELF_WORDS
from reconcile.wording.sides import SIDES

SCHEMA = {
    "pair": pl.UInt32, "name": pl.String, "left_conversation": pl.String, "right_conversation": pl.String, "pairing": pl.String, "common": pl.UInt32,
    "kind": pl.String,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SingleConversation:
    """An export of one conversation: key, kind, senders, and the owner's id (None = unknown)."""

    conversation: str
    kind: str
    senders: frozenset[str]
    owner: str | None


def single_conversations(messages: pl.DataFrame, owners: Mapping[int, str]) -> dict[int, SingleConversation]:
    """The exports with a single conversation, by `export`; `owners` are the ids that exports state."""
    grouped = messages.group_by("export").agg(
        pl.col("conversation").n_unique().alias("n"), pl.col("conversation").first(),
        pl.col("conversation_kind").drop_nulls().first().cast(pl.String).alias("kind"), pl.col("sender").drop_nulls().unique().alias("senders"),
    )  # fmt: skip
    found = dict(own_accounts(messages, "export").iter_rows()) | dict(owners)
    return {
        export: SingleConversation(
            conversation,
            kind or _conversation_kind(conversation, senders),
            frozenset(senders) - set(SELF_WORDS),
            found.get(export),
        )
        for export, n, conversation, kind, senders in grouped.iter_rows()
        if n == 1
    }


def _conversation_kind(conversation: str, senders: list[str]) -> str:
    """`group` for a room or more than two senders, else `direct`."""
    return "group" if len(senders) > 2 or conversation.endswith("@chatroom") else "direct"


def pairing_of(left: SingleConversation, right: SingleConversation) -> str | None:
    """How two single conversations match (`account`, `only`); None = these facts do not decide."""
    a, b = left.conversation, right.conversation
    if left.kind == right.kind == "group" and a == b != "":
        return "account"
    if left.owner and right.owner and left.owner != right.owner and (a, b) == (right.owner, left.owner):
        return "account"
    if left.kind == right.kind == "direct":
        known = {i for i in (left.owner, right.owner) if i}
        accounts = [_accounts_of(side, known) for side in (left, right)]
        if accounts[0] == accounts[1] and len(accounts[0]) == 2:
            return "account"
    rooms = [c.endswith("@chatroom") for c in (a, b)]
    if re.match(OFFICIAL, a) or re.match(OFFICIAL, b) or (a != b and all(rooms)):
        return None
    return None if left.kind != right.kind and any(rooms) else "only"


def _accounts_of(side: SingleConversation, known: set[str]) -> frozenset[str]:
    """The accounts known on a side: senders, owner, and the peer where the key is one."""
    own = side.senders | ({side.owner} if side.owner else set())
    return own | {side.conversation} if side.conversation in known else own


def pair_row(
    pair: int, left: SingleConversation, right: SingleConversation, pairing: str
) -> tuple[int, str, str, str, str, int, str]:
    """One row of the table of pairs (SCHEMA)."""
    kind = "group" if "group" in (left.kind, right.kind) else "direct"
    name = name_of(left.conversation, right.conversation)
    name = f"{name} #2" if name == RESERVED else name
    return pair, name, left.conversation, right.conversation, pairing, 1, kind


# Fewer cases than this gain nothing from a pass of their own.
LEAST_CASES = 2


@dataclass(frozen=True, slots=True)
class Together:
    """The results of one pass: findings by `pair`, the jobs in that order, exports and payments."""

    found: FindingsOfMany
    jobs: tuple[Job, ...]
    sides: tuple[tuple[Export, Export], ...]
    rows: tuple[tuple[int, int], ...]
    notes: tuple[tuple[int, int], ...]
    amounts: pl.DataFrame


def compare_together(jobs: Sequence[Job], options: CaseOptions) -> Together | None:
    """The jobs that can be compared in one pass; None where there are too few.

    A case qualifies if both sides are one message table each, of one conversation, with different owners and nothing
    to note except an assumed zone, and if the two conversations match by account or are the only ones.
    """
    if (
        options.error_rates
        or any(options.readers)
        or options.stated.conversations
        or any(r.columns or r.owner or r.key for r in options.read)
    ):
        return None
    able = [j for j in jobs if j.problem is None]
    if len(able) < LEAST_CASES:
        return None
    sides = [
        read_tables({n: (j.left, j.right)[side] for n, j in enumerate(able)}, options.read[side]) for side in (0, 1)
    ]
    whole = sorted(set(sides[0].exports) & set(sides[1].exports))
    pairs = _paired_conversations(whole, sides)
    if len(pairs) < LEAST_CASES:
        return None
    return _compare_pairs(able, pairs, sides, options)


def _paired_conversations(
    numbers: list[int], sides: list[Tables]
) -> dict[int, tuple[SingleConversation, SingleConversation, str]]:
    """By case: both conversations and how they match; cases that need a closer look are left out."""
    known = [
        single_conversations(t.messages, {n: e.owner.id for n, e in t.exports.items() if e.owner.id is not None})
        for t in sides
    ]
    same = _same_content(numbers, sides)
    out = {}
    for number in numbers:
        left, right = (k[number] for k in known)
        pairing = pairing_of(left, right)
        of_one_owner = left.owner is not None and left.owner == right.owner
        if pairing is not None and not of_one_owner and number not in same:
            out[number] = (left, right, pairing)
    return out


def _same_content(numbers: list[int], sides: list[Tables]) -> set[int]:
    """Cases whose two exports have the same name and equal content."""
    alike = [n for n in numbers if sides[0].exports[n].file.path == sides[1].exports[n].file.path]
    if not alike:
        return set()
    marks = [
        {n: tuple(sums) for n, *sums in t.messages.filter(pl.col("export").is_in(alike)).group_by("export").agg(MARKS).iter_rows()}
        for t in sides
    ]  # fmt: skip
    return {n for n in alike if marks[0][n] == marks[1][n]}


def _compare_pairs(
    able: list[Job],
    pairs: Mapping[int, tuple[SingleConversation, SingleConversation, str]],
    sides: list[Tables],
    options: CaseOptions,
) -> Together:
    """Compares the paired conversations in one pass."""
    numbers = list(pairs)
    place = {n: at for at, n in enumerate(numbers)}
    table = pl.DataFrame([pair_row(place[n], *pairing) for n, pairing in pairs.items()], schema=SCHEMA, orient="row")
    exports = [_exports_of(t, numbers) for t in sides]
    found = compare_many(exports[0], exports[1], table, options.stated)
    heights = [dict(e.messages.group_by("pair").len().iter_rows()) for e in exports]
    both = tuple(tuple(replace(t.exports[n], data=b"") for t in sides) for n in numbers)
    return Together(
        found,
        tuple(able[n] for n in numbers),
        both,  # type: ignore[arg-type]
        tuple((heights[0][at], heights[1][at]) for at in place.values()),
        tuple((sides[0].notes[n], sides[1].notes[n]) for n in numbers),
        pl.concat(_amounts_of_lines(e.messages, name, found.alignment) for e, name in zip(exports, SIDES, strict=True)),
    )


def _exports_of(tables: Tables, numbers: list[int]) -> Exports:
    """The exports of these cases, numbered anew from 0."""
    places = pl.DataFrame(
        {"export": numbers, "pair": range(len(numbers))}, schema={"export": pl.UInt32, "pair": pl.UInt32}
    )
    messages = tables.messages.join(places, on="export", how="inner", maintain_order="left").drop("export")
    stated = {at: e.exported for at, n in enumerate(numbers) if (e := tables.exports[n]).exported is not None}
    owners = {at: tables.exports[n].owner for at, n in enumerate(numbers)}
    return Exports(messages, {at: v for at, v in stated.items() if v is not None}, owners)


def _amounts_of_lines(messages: pl.DataFrame, side: str, lines: pl.DataFrame) -> pl.DataFrame:
    """Amounts of one side's rows in conflicting and one-sided lines."""
    rows = messages.select("pair", pl.lit(side).alias("side"), "row", "amount", "text")
    return amounts_of(rows, lines)


__all__ = ["Together", "compare_together"]

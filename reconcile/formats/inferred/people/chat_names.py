"""What the name of a file says of its chat, and the chat's own name of who sent."""

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import polars as pl

from reconcile.column_ops import present
from reconcile.formats.inferred.hints import hint
from reconcile.intake.contract import Note
from reconcile.intake.messages.file_names import chat_beside_period, chat_of
from reconcile.intake.messages.parts import Part
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode
from reconcile.wechat.kind_names import names_only_kinds
from reconcile.wechat.kinds import RECALL_NOTICE, SYSTEM_KINDS
from reconcile.wechat.owner_words import OWN_NAMES, PEER_WORDS

_NUMBERED = lazy_pattern(r"(?P<chat>.*?)[\s_.(（#-]*(?P<number>[0-9]{1,4})[)）]?")
_TWO_PEOPLE = 2
# Least share of rows without a name that cannot all be notices.
_UNNAMED = 0.1


def is_one_place(names: list[str]) -> bool:
    """Whether names such as `msg_202406` differ in their period alone, and so are parts of one place."""
    chats = {chat_beside_period(n) for n in names}
    return len(names) > 1 and len(chats) == 1 and None not in chats


def without_copies(parts: list[Part]) -> list[Part]:
    """The parts without files all of whose messages another file holds, and a note on each of these.

    Exporters write one chat as CSV and JSON beside each other.
    """
    kept: list[Part] = []
    for part in sorted(parts, key=lambda p: -p.rows.height):
        if (whole := next((k for k in kept if k.file != part.file and _holds(k, part)), None)) is None:
            kept.append(part)
        else:
            whole.notes += [*part.notes, Note(NoteCode.DUPLICATE_ROW, part.file, whole.file, part.rows.height)]
    return [p for p in parts if any(p is k for k in kept)]


def _holds(whole: Part, part: Part) -> bool:
    """Whether one part has each of several messages of another, as often as that one."""
    if part.rows.height <= _TWO_PEOPLE or part.rows["sent_at"].null_count():
        return False
    shared = {*whole.rows.columns} & {*part.rows.columns}
    keys = ["sent_at", "text", *(c for c in ("sender", "is_self") if c in shared)]
    there, own = (p.rows.group_by(keys).len() for p in (whole, part))
    both = own.join(there, on=keys, how="left", nulls_equal=True, suffix=" there")
    return bool((both["len"] <= both["len there"].fill_null(0)).all())


def join_numbered(parts: list[Part]) -> list[Part]:
    """The parts, with files whose names differ only in a number joined in its order.

    They are one conversation where they continue each other: the same people write in them, and each begins and ends
    later than the one before it.
    """
    held: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for at, p in enumerate(parts):
        found = _NUMBERED.fullmatch(p.conversation) if p.conversation == Path(p.file).stem else None
        if found is not None and not p.filters and "conversation" not in p.rows.columns:
            held.setdefault((str(Path(p.file).parent), found["chat"]), []).append((int(found["number"]), at))
    out = [*parts]
    for (folder, chat), numbered in held.items():
        ordered = [parts[at] for _, at in sorted(numbered)]
        if len(ordered) > 1 and all(_continues(a, b) for a, b in pairwise(ordered)):
            for p, (_, at) in zip(ordered, numbered, strict=True):
                p.conversation = p.title = chat or Path(folder).name
                out[at] = p
    return _join_by_people(_join_sheets(out))


def _join_by_people(parts: list[Part]) -> list[Part]:
    """The parts for each kind of a chat of two people, or for each speaker of any chat, joined.

    Who is called by a word such as 对方 may be somebody else in each part.
    """
    people = [{*_column(p, "sender", "sender_name").to_list()} for p in parts]
    both = set[str]().union(*people)
    plain = all(not p.filters and "conversation" not in p.rows.columns for p in parts)
    by_kind = len(both) == _TWO_PEOPLE and 2 * sum(names_only_kinds(p.conversation) for p in parts) > len(parts)
    by_speaker = len(both) == len(parts) and all(len(some) == 1 for some in people)
    is_one = (by_kind or by_speaker) and all(people) and both.isdisjoint(PEER_WORDS)
    if len({p.conversation for p in parts}) > 1 and plain and is_one and _meet(parts):
        files = {Path(p.file).with_suffix("") for p in parts}
        name = (
            chat_of(files.pop()) if len(files) == 1 else chat_of(Path(parts[0].file).parent) or "/".join(sorted(both))
        )
        for p in parts:
            p.conversation = p.title = name
    return parts


def _meet(parts: list[Part]) -> bool:
    """Whether some part begins before an earlier one has ended, as parts by day never do."""
    spans = [(t.min(), t.max()) for p in parts if len(t := _column(p, "sent_at"))]
    spans.sort()
    return any(b[0] < a[1] for a, b in pairwise(spans))  # type: ignore[operator]


def _join_sheets(parts: list[Part]) -> list[Part]:
    """The parts, with the sheets of one file joined where the same named people go on writing."""
    held: dict[str, list[Part]] = {}
    for p in parts:
        held.setdefault(p.file, []).append(p)
    for file, sheets in held.items():
        people = [{*_column(p, "sender", "sender_name").to_list()} for p in sheets]
        is_one = len(people[0]) >= _TWO_PEOPLE and all(p == people[0] for p in people)
        plain = all(not p.filters and "conversation" not in p.rows.columns for p in sheets)
        named = not people[0] & {*OWN_NAMES, *PEER_WORDS}
        if len(sheets) > 1 and is_one and plain and named and all(_continues(a, b) for a, b in pairwise(sheets)):
            for p in sheets:
                p.conversation = p.title = chat_of(Path(file).with_suffix(""))
    return parts


def _continues(a: Part, b: Part) -> bool:
    """Whether the second part follows the first in time, apart from an overlap, with the same people."""
    (first, earlier), (second, later) = (
        ({*_column(p, "sender", "sender_name").to_list()}, _column(p, "sent_at").sort()) for p in (a, b)
    )
    both, fewest = len(first & second), min(len(first), len(second))
    if not fewest or both < min(_TWO_PEOPLE, fewest) or 2 * both < fewest or not len(earlier) or not len(later):
        return False
    return bool(earlier[len(earlier) // 2] <= later[0] and earlier[-1] <= later[-1])


def _column(part: Part, *names: str) -> pl.Series:
    """The first of these columns that the part has, without its empty cells."""
    return next((present(part.rows[n]) for n in names if n in part.rows.columns), pl.Series([], dtype=pl.Null))


def chats_beside(beside: Mapping[str, str]) -> list[str]:
    """The names of the chat that a container states outside its rows."""
    return [v for k, v in beside.items() if v and hint(k, "conversation") + hint(k, "sender") > 0 and not v.isdigit()]


def with_both_sides(rows: pl.DataFrame, beside: Mapping[str, str]) -> pl.DataFrame:
    """The rows of a direct chat that names only one party, with the other one filled in.

    The other is the owner where the named one is the chat's own name, else it is the chat.
    """
    if "sender" not in rows.columns or present(rows["sender"]).n_unique() != 1:
        return rows
    bare = (
        pl.col("sender").is_null() & ~pl.col("kind").is_in(SYSTEM_KINDS) & ~pl.col("text").str.contains(RECALL_NOTICE)
    )
    if int(rows.select(bare.sum()).item()) < _UNNAMED * rows.height:
        return rows
    if not (chats := chats_beside(beside)):
        return rows
    named = rows["sender"].drop_nulls()[0]
    if named in chats:
        return rows.with_columns(
            pl.when(bare).then(pl.lit("我")).otherwise("sender").alias("sender"), bare.alias("is_self")
        )
    return rows.with_columns(pl.when(bare).then(pl.lit(chats[0])).otherwise("sender").alias("sender"))

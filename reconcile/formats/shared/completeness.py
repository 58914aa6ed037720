"""What an export says of its own completeness: counts, limits, more pages, skipped rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from reconcile.intake.contract import INCOMPLETE, Declared, Filter, Note
from reconcile.patterns import lazy_pattern
from reconcile.vocabulary import NoteCode

_MORE = lazy_pattern(r"(?i)^(?:has_?more|truncated|has_?next)$")
_PARTLY = lazy_pattern(r"(?i)^(?:is_?partial|partial|incomplete)$")
_SKIPPED = lazy_pattern(r"(?i)^(?:skipped|dropped|failed|errors?_?count|omitted)$")
_LISTED = lazy_pattern(r"(?i)^(?:shard_?warnings|warnings|unavailable_?shards|failed_?shards)$")
# Most conversations that are bounded, since each is looked at separately.
_MOST_CHATS = 1000
_ENDS, _STALE, _PART = ("windowed", "truncated"), ("possibly_stale", "stale"), ("partial", "incomplete")


@dataclass(frozen=True, slots=True)
class Statements:
    """What an export says that it lacks.

    Attributes:
        ends: it goes no further than its first and last row: there are more pages, or a limit was reached.
        end: it may lack what came after its last row.
        within: it may lack rows anywhere, by statements that do not say which.
    """

    ends: Mapping[str, str]
    end: Mapping[str, str]
    within: Mapping[str, str]

    def filters(self, rows: pl.DataFrame, conversation: str | None) -> tuple[Filter, ...]:
        """The stretch of each conversation beyond whose ends the export says that it does not reach."""
        if not (self.ends or self.end):
            return ()
        own = "conversation" if "conversation" in rows.columns else pl.lit(conversation).alias("conversation")
        spans = (
            rows.filter(pl.col("sent_at").is_not_null())
            .group_by(own, maintain_order=True)
            .agg(pl.col("sent_at").min().alias("first"), pl.col("sent_at").max().alias("last"))
        )
        every = spans.select("conversation", "first", "last").head(_MOST_CHATS).iter_rows()
        return tuple(Filter(first if self.ends else None, last, frozenset(), chat) for chat, first, last in every)

    def notes(self, file: str) -> list[Note]:
        """A note for each such statement."""
        every = {**self.ends, **self.end, **self.within}
        return [Note(NoteCode.LIMIT_REACHED, file, f"{k}={v}"[:200]) for k, v in every.items()]

    def declared(self, conversations: Sequence[str]) -> tuple[Declared, ...]:
        """What the export says of rows that it lacks somewhere in these conversations."""
        notes = [f"{k}={v}"[:200] for k, v in self.within.items()]
        named: Sequence[str | None] = conversations if len(conversations) <= _MOST_CHATS else [None]
        return tuple(Declared(INCOMPLETE, note=n, conversation=c) for n in notes for c in named)


def statements(beside: Mapping[str, str], held: int) -> Statements:
    """The fields outside the rows that say messages are missing, with their values.

    `held` is the number of rows in the export.
    """
    ends: dict[str, str] = {}
    end: dict[str, str] = {}
    within: dict[str, str] = {}
    for key, value in beside.items():
        last, word = key.rpartition(".")[2], value.lower()
        is_true = word in ("true", "1")
        is_status = last.lower() == "status"
        if (
            (_MORE.match(last) and is_true)
            or (last.lower() == "limit" and value == str(held))
            or (is_status and word in _ENDS)
        ):
            ends[key] = value
        elif is_status and word in _STALE:
            end[key] = value
        elif (
            (_PARTLY.match(last) and is_true)
            or (is_status and word in _PART)
            or (_SKIPPED.match(last) and value.isdigit() and int(value) > 0)
            or (_LISTED.match(last) and value not in ("0", "[]", ""))
        ):
            within[key] = value
    return Statements(ends, end, within)

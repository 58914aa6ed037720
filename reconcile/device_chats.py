"""Which conversations of two devices of one party are one chat."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import polars as pl

from reconcile.frames import Alignment, Conversations, Findings, Messages, Verdicts, Witnesses
from reconcile.intake.contract import Reading, Run, with_names
from reconcile.intake.frames import frame_of
from reconcile.vocabulary import Kind, Relation

# Least texts of the common period on both devices that tell whether they hold one chat; design.
_TELLING = 10
# Share of these texts that agree below which they are two chats; design. Two devices of one party both hold the rows of
# that period. Two chats have at most a few short texts in common.
_AGREEING = 0.2


def other_chats(found: Findings) -> list[str]:
    """Names of conversations that were compared as the only ones and whose texts are those of two chats.

    As where a party hands in its chats on two platforms, and the files do not say with whom.
    """
    only = found.verdicts.filter(pl.col("pairing") == "only")["conversation"].to_list()
    rows = found.messages.filter(pl.col("conversation").is_in(only)).drop_nulls("sent_at")
    if rows.is_empty():
        return []
    by, at = ["conversation", "side"], pl.col("sent_at")
    ends = rows.group_by(by).agg(at.min().alias("from"), at.max().alias("to")).group_by("conversation")
    common = ends.agg(pl.col("from").max(), pl.col("to").min(), pl.len().alias("sides")).filter(pl.col("sides") > 1)
    texts = rows.filter(pl.col("kind").cast(pl.String) == str(Kind.TEXT)).join(common, on="conversation")
    texts = texts.filter(at.is_between("from", "to"))
    least = texts.group_by(by).len().group_by("conversation").agg(pl.col("len").min(), pl.len().alias("sides"))
    agreed = found.alignment.filter(pl.col("relation").cast(pl.String) == str(Relation.AGREEMENT))
    left = texts.filter(pl.col("side").cast(pl.String) == "left").select("conversation", left_row="row")
    met = agreed.join(left, on=["conversation", "left_row"]).group_by("conversation").len("agreed")
    told = least.join(met, on="conversation", how="left").with_columns(pl.col("agreed").fill_null(0))
    apart = told.filter(pl.col("sides") > 1, pl.col("len") >= _TELLING, pl.col("agreed") < _AGREEING * pl.col("len"))
    return sorted(apart["conversation"])


def without_chats(found: Findings, names: Collection[str]) -> Findings:
    """The findings without these conversations."""
    others = ~pl.col("conversation").is_in(list(names))
    return replace(
        found, alignment=Alignment.cast(found.alignment.filter(others)), verdicts=Verdicts.cast(found.verdicts.filter(others)), messages=found.messages.filter(others),
    )  # fmt: skip


def with_own_chats(other: Reading, merged: Reading, keys: pl.DataFrame, apart: Collection[str], label: str) -> Reading:
    """The other device's export, with a name of their own for the conversations `apart` (of `keys_of`)."""
    taken = {*merged.messages["conversation"].unique()}
    olds = keys.filter(pl.col("conversation").is_in(list(apart)))["right"].to_list()
    names = {old: f"{old} ({label})" if old else label for old in olds if old in taken}
    if not names:
        return other
    renamed = pl.col("conversation").replace(names)
    facts = with_names(other.facts, names)
    return replace(
        other, facts=facts, messages=Messages.cast(other.messages.with_columns(renamed)), witnesses=Witnesses.cast(other.witnesses.with_columns(renamed)),
        conversations=frame_of(Conversations, other.conversations.with_columns(renamed)),
    )  # fmt: skip


def runs_of_both(
    merged: Reading, other: Reading, keys: pl.DataFrame, number: int, made: datetime | None
) -> tuple[Run, ...]:
    """By which run of which device each conversation of the merged copy was written.

    Args:
        merged: the devices merged before.
        other: the device that is added, with its own names of conversations.
        keys: of `keys_of`.
        number: the added device's.
        made: up to when a conversation that both hold is held.
    """
    names = dict(keys.select("right", "left").iter_rows())
    held = [{c: Run(c, "0", r.facts.exported_at) for c in r.messages["conversation"].unique()} for r in (merged, other)]
    for runs, reading in zip(held, (merged, other), strict=True):
        runs |= {r.conversation: r for r in reading.facts.runs}
    added = {
        names.get(c, c): replace(r, conversation=names.get(c, c), name=f"{number}/{r.name}") for c, r in held[1].items()
    }
    both = {c: Run(c, f"{held[0][c].name} {r.name}", made) if c in held[0] else r for c, r in added.items()}
    return tuple(run for _, run in sorted((held[0] | both).items()))


def keys_of(found: Findings, left: pl.DataFrame, right: pl.DataFrame) -> pl.DataFrame:
    """conversation, left, right: the name and the keys of each shared conversation.

    The rows decide, because a verdict names no key for an export without conversations, whose key is "".
    """
    named = found.messages.select(pl.col("side").cast(pl.String), "row", "conversation")
    shared = found.verdicts.filter(pl.col("pairing") != "unclear").select("conversation")
    for side, messages in (("left", left), ("right", right)):
        rows = named.filter(pl.col("side") == side).select("row", "conversation")
        keys = rows.join(messages.select("row", pl.col("conversation").alias(side)), on="row").drop("row").unique()
        shared = shared.join(keys, on="conversation", how="inner")
    return shared.select("conversation", "left", "right").sort("left", "right")

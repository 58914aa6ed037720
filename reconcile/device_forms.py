"""In which forms the rows of merged devices were written, and what these forms hold."""

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce

import polars as pl

from reconcile.intake.contract import ExportFacts, Origins, Reading, joined_limits
from reconcile.vocabulary import Kind
from reconcile.wechat.kinds import SYSTEM_KINDS


def origins_of(messages: pl.DataFrame, rows: pl.DataFrame, facts: Sequence[ExportFacts]) -> Origins | None:
    """The forms that wrote the merged rows; None where all devices have one.

    Args:
        messages: the merged rows.
        rows: DeviceRows of all devices.
        facts: `facts_shown` of the devices, in order.
    """
    written = [(f.reader, f.tool, f.limits) for f in facts]
    first = [written.index(w) for w in written]
    if not any(first):
        return None
    of = pl.col("device").replace_strict(dict(enumerate(first)), return_dtype=pl.UInt32)
    held = rows.filter(pl.col("state") != "repeat").group_by("row").agg(of.unique().sort())
    held = held.with_columns(pl.col("device").cast(pl.List(pl.String)).list.join(" "))
    names = held["device"].unique().sort().to_list()
    numbers = dict(zip(names, range(len(names)), strict=True))
    held = held.select("row", form=pl.col("device").replace_strict(numbers, return_dtype=pl.UInt32))
    told = messages[["row", "locator"]].join(held, on="row").select("locator", "form").unique("locator")
    parts = [[int(n) for n in name.split()] for name in names]
    forms = tuple(reduce(merge_facts, (facts[n] for n in part)) for part in parts)
    return Origins(told, forms, tuple(frozenset(part) for part in parts))


def facts_shown(device: Reading) -> ExportFacts:
    """The facts of a device. If it holds only text, it may leave out any other kind."""
    facts, shown = device.facts, {*device.messages["kind"].cast(pl.String).unique()}
    if not shown <= {str(Kind.TEXT), *map(str, SYSTEM_KINDS)} or facts.limits.holds_every_kind:
        return facts
    unknown = frozenset(Kind) - {Kind.TEXT, *SYSTEM_KINDS} - facts.limits.kinds_absent
    return replace(facts, limits=replace(facts.limits, kinds_unknown=facts.limits.kinds_unknown | unknown))


def merge_facts(first: ExportFacts, other: ExportFacts) -> ExportFacts:
    """The joined facts of both devices: the wider coverage; a kind is absent only if both lack it."""
    limits = joined_limits([first.limits, other.limits])
    owner = first.owner if first.owner.id or first.owner.name else other.owner
    return replace(
        first, reader=" + ".join(dict.fromkeys((*first.reader.split(" + "), other.reader))), owner=owner,
        # A filter limits the merged export only where both devices state one.
        filters=first.filters + other.filters if first.filters and other.filters else (),
        # A kind that one device can hold is not missing from the merged export.
        unheld=first.unheld + other.unheld if first.unheld and other.unheld else (),
        declared=tuple(dict.fromkeys((*first.declared, *other.declared))), limits=limits, stated_count=None,
    )  # fmt: skip


__all__ = ["facts_shown", "merge_facts", "origins_of"]

"""Merges several devices of one party: each message once; every row of every device is accounted for."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import dataframely as dy
import polars as pl

from reconcile.device_chats import keys_of, other_chats, runs_of_both, with_own_chats, without_chats
from reconcile.device_forms import facts_shown, merge_facts, origins_of
from reconcile.device_ids import without_rounded_ids
from reconcile.device_pairs import LEAST_SKEW_SECONDS, PAIRED, clocks_of, copies_of, paired_rows, unpaired_at_one_second
from reconcile.device_spans import last_export, spans_without
from reconcile.engine.entities.owners import owner_of
from reconcile.errors import UsageError
from reconcile.frames import Contacts, Conversations, Counters, DeviceRows, Findings, Members, Messages, Witnesses
from reconcile.intake.contract import SELECTION, Note, Reading
from reconcile.intake.frames import frame_of
from reconcile.intake.posts.frames import merge_posts
from reconcile.parquet import write_parquet
from reconcile.settings import Settings
from reconcile.vocabulary import LocalIdScope, NoteCode, Relation, Side
from reconcile.wording import Lang, say

# Values that a row lacks are taken from another device's row of the same message.
FILLED = ("message_id", "native_id", "media_hash", "amount", "duration", "reply_to", "quoted_text", "sender_name")


@dataclass(frozen=True, slots=True)
class Party:
    """One party's merged export: `reading` of all devices, `rows` of every device (None for one)."""

    reading: Reading
    rows: dy.DataFrame[DeviceRows] | None = None


def merge_devices(
    readings: Sequence[Reading], labels: Sequence[str], settings: Settings, folders: Sequence[str] | None = None
) -> Party:
    """Merges several devices of one party, or several forms in one folder of its, into one export.

    Args:
        readings: one a device; the first one's names and order lead.
        labels: names of the devices, all different.
        settings: thresholds of the comparison by which rows of two devices are one message.
        folders: what precedes the locators of each; None = its label.

    Raises:
        UsageError: the exports are of different accounts.

    Returns:
        A Reading with each message once, and DeviceRows with every row of every device exactly once. A later device's
        row that shows the same record as an earlier one is `same` or `differs`, and the earlier one's words count. If it
        is not certain that two rows are one record, the later one is `unsure`, and both are kept. A second copy on its own
        device is `repeat` and names the row that is kept. A row keeps the local number of the device that its locator
        names, and the number counts on that device alone.
    """
    if len(readings) == 1:
        return Party(readings[0])
    refuse_other_accounts(readings, labels, "--left and --right")
    placed = [with_labelled_locators(r, f) if f else r for r, f in zip(readings, folders or labels, strict=True)]
    merged, facts_of_each = placed[0], [facts_shown(r) for r in readings]
    held = [_own_rows(merged.messages, 0, labels[0])]
    for number, (reading, label) in enumerate(zip(placed[1:], labels[1:], strict=True), 1):
        merged, rows = _merge_device(merged, reading, number, label, settings)
        held = [h.join(rows.moved, left_on="row", right_on="was", how="left", maintain_order="left").drop("row").rename({"now": "row"}) for h in held]  # fmt: skip
        held.append(rows.added)
        frame = pl.concat([h.select(held[0].columns) for h in held])
        # What a form leaves out is asked of the form of each row, also where the next device is compared.
        merged = replace(merged, origins=origins_of(merged.messages, frame, facts_of_each[: number + 1]))
    selecting = [n for n, r in enumerate(readings) if SELECTION in r.facts.declared]
    whole = frame.filter(~pl.col("device").is_in(selecting))["row"]
    forms = len(labels) - len({*(folders or labels)})
    facts = replace(
        merged.facts, devices=tuple(labels), selections=max(len(selecting), forms), local_id_scope=LocalIdScope.UNKNOWN
    )
    if selecting and len(whole):
        # Where another device has rows before and behind, it answers for what lies between.
        declared = tuple(d for d in facts.declared if d != SELECTION)
        facts = replace(facts, declared=declared, selected=spans_without(merged.messages, whole))
    notes = (*merged.notes, *_notes_of_differences(frame))
    return Party(replace(merged, facts=facts, counters=frame_of(Counters), notes=notes), frame_of(DeviceRows, frame))


def _notes_of_differences(rows: pl.DataFrame) -> list[Note]:
    """A note on each later device whose rows differ in substance from those of an earlier one."""
    counts = rows.filter(pl.col("state") == "differs").group_by("device", "label").len().sort("device")
    said = "differs from another device or form of this party"
    return [
        Note(NoteCode.ODD_VALUE, label, said, n, said=True) for label, n in counts.select("label", "len").iter_rows()
    ]


def refuse_other_accounts(readings: Sequence[Reading], labels: Sequence[str], option: str) -> None:
    """Raises UsageError where two exports state different owners, and so are not one party's."""
    owners = [(label, owner_of(r)) for label, r in zip(labels, readings, strict=True)]
    known = [(label, o) for label, o in owners if o.id]
    for label, owner in known[1:]:
        names = {owner.id, owner.alias} - {None}
        first = {known[0][1].id, known[0][1].alias} - {None}
        if not names & first:
            raise UsageError(
                option,
                f"{label}: its owner is {owner.id}, that of {known[0][0]} is {known[0][1].id}; expected exports of one account's devices",
            )


@dataclass(frozen=True, slots=True)
class _Added:
    """added: DeviceRows of the new device; moved: new positions of the rows merged before (was, now)."""

    added: pl.DataFrame
    moved: pl.DataFrame


def _own_rows(messages: pl.DataFrame, number: int, label: str) -> pl.DataFrame:
    """DeviceRows of the first device: every row is kept."""
    return messages.select(
        pl.lit(number, dtype=pl.UInt32).alias("device"), pl.lit(label).alias("label"), pl.col("row").alias("device_row"), "locator",
        "row", pl.lit("kept").alias("state"),
    )  # fmt: skip


def with_labelled_locators(reading: Reading, label: str) -> Reading:
    """The reading with the device's label in front of every locator."""

    def with_device(frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with the device's label in front of every locator."""
        return frame.with_columns(pl.format("{}/{}", pl.lit(label), pl.col("locator")).alias("locator"))

    notes = tuple(replace(n, locator=f"{label}/{n.locator}" if n.locator else label) for n in reading.notes)
    return replace(
        reading, messages=Messages.cast(with_device(reading.messages)), witnesses=Witnesses.cast(with_device(reading.witnesses)),
        notes=notes, sources=tuple(replace(s, path=f"{label}/{s.path}") for s in reading.sources),
    )  # fmt: skip


def _merge_device(
    merged: Reading, other: Reading, number: int, label: str, settings: Settings
) -> tuple[Reading, _Added]:
    """The merged export with one more device, and what became of that device's rows."""
    from reconcile.engine.compare import compare_readings  # noqa: PLC0415 - one device alone needs none

    found = compare_readings(merged, other, settings, label, one_account=True)
    clocks = clocks_of(found)
    if apart := other_chats(found):
        other = with_own_chats(other, merged, keys_of(found, merged.messages, other.messages), apart, label)
        found = without_chats(found, apart)
    keys = keys_of(found, merged.messages, other.messages)
    paired = paired_rows(found, clocks, merged.messages, other.messages)
    merged, other = without_rounded_ids(found, merged, other, keys)
    folded = paired.filter("is_one")
    copies = copies_of(found, other.messages, folded)
    kept = other.messages.filter(~pl.col("row").is_in([*folded["right_row"], *copies["device_row"]]))
    first = _fill_missing_values(merged.messages, other.messages, folded)
    kept = _in_terms_of_first(kept, found, merged, keys.join(clocks, on="conversation", maintain_order="left"))
    beside = unpaired_at_one_second(first, kept, paired)
    unsure = pl.concat([paired.filter("may_be_one").select(beside.columns), beside])
    joined = pl.concat(
        [f.with_columns(pl.lit(value=is_first).alias("_first")) for f, is_first in ((first, True), (kept, False))]
    )
    order = _in_merged_order(joined, folded)
    was = pl.when("_first").then("row")
    moved = order.select(was.alias("was"), pl.col("at").alias("now")).filter(pl.col("was").is_not_null())
    came = order.filter(~pl.col("_first")).select(pl.col("row").alias("device_row"), pl.col("at").alias("row"))
    is_unsure = pl.col("device_row").is_in(unsure["right_row"].implode())
    came = came.with_columns(pl.when(is_unsure).then(pl.lit("unsure")).otherwise(pl.lit("kept")).alias("state"))
    state = pl.when(pl.col("relation") == str(Relation.CONFLICT)).then(pl.lit("differs")).otherwise(pl.lit("same"))
    same = folded.select(device_row="right_row", was="left_row", state=state).join(moved, on="was", how="left")
    stands = pl.concat([came, same.select("device_row", pl.col("now").alias("row"), "state")])
    again = copies.join(stands, left_on="copy_of", right_on="device_row").select(
        "device_row", "row", pl.lit("repeat").alias("state")
    )
    rows = other.messages.select(pl.col("row").alias("device_row"), "locator")
    added = rows.join(pl.concat([stands, again]), on="device_row", how="left").with_columns(
        pl.lit(number, dtype=pl.UInt32).alias("device"), pl.lit(label).alias("label")
    ).select("device", "label", "device_row", "locator", "row", "state").sort("device_row")  # fmt: skip
    messages = Messages.cast(order.sort("at").with_columns(pl.col("at").alias("row")).select(merged.messages.columns))
    reading = _join_devices(merged, other, messages, keys.drop("conversation"))
    alike = (*merged.facts.alike, *unsure.select("locator", "locator_right").iter_rows())
    runs = runs_of_both(merged, other, keys, number, reading.facts.exported_at)
    facts = replace(reading.facts, alike=alike, runs=runs)
    return replace(reading, facts=facts), _Added(added, moved)


def _in_terms_of_first(rows: pl.DataFrame, found: Findings, merged: Reading, keys: pl.DataFrame) -> pl.DataFrame:
    """Rows of the other device with the first one's keys, names and clock; `keys` has the clock offsets."""
    said = found.messages.with_columns(pl.col("side").cast(pl.String))
    offsets = keys.select("left", "right", "skew_seconds")
    keyed = rows.join(offsets, left_on="conversation", right_on="right", how="left", maintain_order="left")
    parties = said.filter(pl.col("party").is_not_null()).select("side", "row", "conversation", "party")
    mine = parties.filter(pl.col("side") == "left").join(
        merged.messages.select("row", "sender", "sender_name"), on="row"
    )
    shown = mine.group_by("conversation", "party").agg(
        pl.col("sender").drop_nulls().mode().sort().first().alias("_sender"), pl.col("sender_name").drop_nulls().mode().sort().first().alias("_name")
    )  # fmt: skip
    theirs = parties.filter(pl.col("side") == "right").join(shown, on=["conversation", "party"], how="left")
    named = keyed.join(theirs.select("row", "_sender", "_name"), on="row", how="left", maintain_order="left")
    shift = pl.when(pl.col("skew_seconds").abs() >= LEAST_SKEW_SECONDS).then(pl.col("skew_seconds")).otherwise(0.0)
    return named.with_columns(
        pl.coalesce("left", "conversation").alias("conversation"), pl.coalesce("_sender", "sender").alias("sender"),
        pl.coalesce("sender_name", "_name").alias("sender_name"),
        (pl.col("sent_at") + (shift.fill_null(0.0) * 1_000_000).cast(pl.Duration("us"))).alias("sent_at"),
    ).select(rows.columns)  # fmt: skip


def _fill_missing_values(first: pl.DataFrame, other: pl.DataFrame, paired: pl.DataFrame) -> pl.DataFrame:
    """The first device's rows, with open values filled from the same message of the other device."""
    same = paired.filter(pl.col("relation") == str(Relation.AGREEMENT)).unique(
        "left_row", keep="first", maintain_order=True
    )
    more = other.select("row", *(pl.col(c).alias(f"_{c}") for c in FILLED))
    joined = first.join(
        same.select(pl.col("left_row").alias("row"), "right_row"), on="row", how="left", maintain_order="left"
    )
    joined = joined.join(more, left_on="right_row", right_on="row", how="left", maintain_order="left")
    return joined.with_columns(pl.coalesce(c, f"_{c}").alias(c) for c in FILLED).select(first.columns)


def _in_merged_order(joined: pl.DataFrame, folded: pl.DataFrame) -> pl.DataFrame:
    """The rows with their position `at`: the first device keeps its order, others go in by time.

    Rows with the same time, for example the same minute, keep the order of their device.
    """
    # A running maximum keeps the order of rows whose times go back.
    clock = pl.col("sent_at").cum_max().forward_fill().over("_first", "conversation").alias("_clock")
    timed = joined.with_columns(clock)
    places = timed.filter("_first").select("conversation", "_clock", left_row="row")
    met = folded.select("right_row", "left_row").join(places, on="left_row").sort("right_row")
    more = timed.filter(~pl.col("_first")).select("row", "conversation", "_clock").sort("row")
    near = []
    ways: tuple[tuple[Literal["backward", "forward"], float], ...] = (("backward", 0.5), ("forward", -0.5))
    for way, step in ways:
        beside = more.join_asof(
            met, left_on="row", right_on="right_row", by="conversation", strategy=way, check_sortedness=False
        )
        at_once = pl.col("_clock") == pl.col("_clock_right")
        near.append(beside.select(pl.when(at_once).then(pl.col("left_row") + step))["left_row"])
    place = more.select(
        "row", _first=pl.lit(value=False), _place=pl.Series(near[0]).zip_with(near[0].is_not_null(), near[1])
    )
    order = timed.join(place, on=["_first", "row"], how="left", maintain_order="left").with_columns(
        pl.when("_first").then("row").otherwise(pl.col("_place").fill_null(float("inf"))).alias("_place")
    )  # fmt: skip
    order = order.sort("_clock", "_place", "row", nulls_last=False, maintain_order=True)
    return order.with_row_index("at").drop("_clock", "_place")


def _join_devices(merged: Reading, other: Reading, messages: dy.DataFrame[Messages], keys: pl.DataFrame) -> Reading:
    """The merged export with the given messages and the other tables of both devices."""

    def with_keys(frame: pl.DataFrame, column: str) -> pl.DataFrame:
        """The frame with the first device's conversation keys in `column`."""
        return (
            frame.join(keys, left_on=column, right_on="right", how="left", maintain_order="left")
            .with_columns(pl.coalesce("left", column).alias(column)).select(frame.columns)
        )  # fmt: skip

    conversations = pl.concat([merged.conversations, with_keys(other.conversations, "conversation")])
    contacts = pl.concat([merged.contacts, other.contacts])
    members = pl.concat([merged.members, with_keys(other.members, "group_id")])
    # A local number of another device names no row of the merged copy, so witnesses with nothing else are left out.
    witnesses = pl.concat([merged.witnesses, with_keys(other.witnesses, "conversation")]).with_columns(
        pl.lit(None, dtype=pl.Int64).alias("local_id")
    )
    return replace(
        merged, messages=messages,
        facts=replace(merge_facts(merged.facts, other.facts), exported_at=last_export((merged, other))),
        conversations=frame_of(Conversations, conversations.unique("conversation", keep="first", maintain_order=True).with_columns(pl.lit(None, dtype=pl.Int64).alias("stated_count"))),
        contacts=frame_of(Contacts, contacts.unique("id", keep="first", maintain_order=True)),
        members=frame_of(Members, members.unique(["group_id", "member_id"], keep="first", maintain_order=True)),
        witnesses=frame_of(Witnesses, witnesses), notes=tuple(dict.fromkeys((*merged.notes, *other.notes))), sources=(*merged.sources, *other.sources),
        posts=merge_posts([r.posts for r in (merged, other) if r.posts is not None]),
    )  # fmt: skip


def summary_of(parties: dict[Side, Party], found: Findings) -> pl.DataFrame:
    """Counts of what each device holds, by side, conversation and device.

    Columns: side, conversation, label, held (messages of the merged copy that it holds), only_here (on no other
    device of the party), lacks (that another device holds), would_lack (of these, messages that the other party also
    holds: this device alone would lack them), differs (rows that differ in substance from another device's). Empty
    where each party handed in one.
    """
    parts = [_summary_of_side(side, p.rows, found) for side, p in parties.items() if p.rows is not None]
    return pl.concat(parts) if parts else pl.DataFrame(schema=_SUMMARY)


_SUMMARY = {
    "side": pl.String, "conversation": pl.String, "label": pl.String, "held": pl.UInt32, "only_here": pl.UInt32, "lacks": pl.UInt32,
    "would_lack": pl.UInt32, "differs": pl.UInt32,
}  # fmt: skip


def _summary_of_side(side: Side, rows: pl.DataFrame, found: Findings) -> pl.DataFrame:
    """The summary of one party's devices, in their order."""
    met = found.alignment.filter(pl.col("relation").cast(pl.String).is_in(PAIRED[:2]))[f"{side}_row"].drop_nulls()
    mine = found.messages.filter(pl.col("side").cast(pl.String) == str(side)).select(
        "row", "conversation", pl.col("row").is_in(met.implode()).alias("met")
    )
    holders = rows.filter(pl.col("row").is_not_null()).group_by("row").agg(pl.col("label").unique().alias("holders"))
    with_holders = mine.join(holders, on="row", how="left")
    odd = (
        rows.filter(pl.col("state") == "differs").join(mine, on="row").group_by("conversation", "label").len("differs")
    )
    parts = []
    for label in rows.sort("device")["label"].unique(maintain_order=True):
        here = pl.col("holders").list.contains(label)
        parts.append(
            with_holders.group_by("conversation").agg(
                pl.lit(str(side)).alias("side"), pl.lit(label).alias("label"), here.sum().alias("held"),
                (here & (pl.col("holders").list.len() == 1)).sum().alias("only_here"), (~here).sum().alias("lacks"),
                (~here & pl.col("met")).sum().alias("would_lack"),
            )
        )  # fmt: skip
    frame = (
        pl.concat(parts)
        .join(odd, on=["conversation", "label"], how="left")
        .with_columns(pl.col("differs").fill_null(0))
    )
    order = pl.DataFrame({"label": rows.sort("device")["label"].unique(maintain_order=True)}).with_row_index("_at")
    frame = frame.join(order, on="label").sort("conversation", "_at")
    return frame.select(pl.col(n).cast(t) for n, t in _SUMMARY.items())


def write_devices(parties: dict[Side, Party], found: Findings, folder: Path, lang: Lang) -> pl.DataFrame:
    """Writes devices.parquet, devices_summary.parquet and devices.html if a party has several devices."""
    held = [p.rows.select(pl.lit(str(s)).alias("side"), pl.all()) for s, p in parties.items() if p.rows is not None]
    summary = summary_of(parties, found)
    if not held:
        return summary
    write_parquet(pl.concat(held), folder / "devices.parquet")
    write_parquet(summary, folder / "devices_summary.parquet")
    (folder / "devices.html").write_text(_render_page(parties, summary, lang), "utf-8")
    return summary


def _render_page(parties: dict[Side, Party], summary: pl.DataFrame, lang: Lang) -> str:
    """devices.html: the fate of every device's rows, and the summary."""
    from reconcile.report.plain import Section, plain_page  # noqa: PLC0415 - loaded only where a party hands in several devices

    names = tuple(c for c in _SUMMARY if c != "side")
    head = tuple(say(f"devices.column_{c}", lang) for c in names)
    parts = []
    for side, party in parties.items():
        if party.rows is None:
            continue
        counts = party.rows.group_by("label", "state", maintain_order=True).len().sort("label", "state")
        lines = tuple(
            say("devices.counted", lang, what=f"{label} · {say(f'devices.state_{state}', lang)}", n=n)
            for label, state, n in counts.iter_rows()
        )
        mine = summary.filter(pl.col("side") == str(side)).select(names)
        rows = tuple(tuple(str(c) for c in row) for row in mine.iter_rows())
        parts.append(Section(say(f"report.side_{side}", lang), lines, head, rows))
    differs = int(summary["differs"].sum())
    lead = say("devices.lead_differs" if differs else "devices.lead", lang, n=differs)
    parts.append(Section(say("devices.what", lang), (say("devices.explained", lang),)))
    grade = "conflicting" if differs else "no_gap_found"
    return plain_page(say("devices.title", lang), parts, lang, lead=lead, grade=grade)


__all__ = ["Party", "merge_devices", "refuse_other_accounts", "summary_of", "with_labelled_locators", "write_devices"]

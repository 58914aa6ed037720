"""Whether a second device leaves of a party's one-sided rows those that it truly lacks, and invents none.

`python -m bench.devices` draws disputes in which rows were removed from all devices of one party, gives that party a PC that was signed off for a
while and writes its table in its own way, and compares with the PC alone and with the phone beside it. Writes bench/devices.md.
"""

import argparse
import copy
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # small frames: threads cost more than they bring

import polars as pl

from bench.processes import each
from bench.sim.draw import draw
from bench.sim.model import Dispute, Loss, Numbering, Spelling, Who
from bench.sim.stage import DISPUTED, Fault, Scene, Stage
from bench.sim.tables import write_side
from reconcile.devices import Party, merge_devices
from reconcile.engine.compare import compare_readings
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.intake.contract import Reading, ReadOptions
from reconcile.intake.source import Source
from reconcile.settings import Settings
from reconcile.vocabulary import Kind, Side

REPORTED_FROM = 182_000
TABLE = Path(__file__).with_name("devices.md")
FAULTS = ("no fault", "rows removed", "block removed")
# Sides whose rows carry no time, or no id and no name, are another bench's matter.
SPELLINGS = (Spelling.OFFSET, Spelling.NAIVE, Spelling.SLASHED, Spelling.ZULU)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One dispute: rows truly absent, claimed with the PC alone, claimed with both devices, claimed wrongly with both."""

    what: str
    absent: int
    alone: int
    both: int
    wrong: int
    unaccounted: int


def _apply(scene: Scene, *, what: str, side: Side) -> bool:
    if what == FAULTS[0]:
        return True
    gone = scene.block(scene.rng.randint(2, 8)) if what == FAULTS[2] else scene.pick(scene.rng.randint(1, 4))
    return scene.lose(side, gone, Loss.GONE) > 0


def _as_pc(dispute: Dispute, side: Side, rng: Random) -> Dispute:
    """The same party's PC: another spelling and numbering, and nothing of a stretch in which it was signed off."""
    other = copy.deepcopy(dispute)
    held = other.copies[side]
    rows = [r for r in held.rows if r.chat == DISPUTED]
    start = rng.randrange(3, max(4, len(rows) - 12))
    gone = {r.truth for r in rows[start : start + rng.randint(3, 10)]}
    held.rows = [r for r in held.rows if r.truth not in gone]
    for number, row in enumerate(held.rows, 1):
        row.local_id = None if held.dialect.numbering is Numbering.NONE else number * 3
    held.dialect.spelling = rng.choice(SPELLINGS)
    held.dialect.zone_name = "Asia/Shanghai"
    held.dialect.has_sidecar = held.dialect.has_owner = True
    held.dialect.who = Who.BOTH
    held.dialect.has_hash = rng.random() < 0.5
    held.dialect.has_names = not held.dialect.has_names
    return other


def _read(dispute: Dispute, side: Side, folder: Path) -> Reading:
    folder.mkdir()
    return MessageTable().read(Source(write_side(dispute, side, folder, "export")), ReadOptions())


def run(what: str, seed: int) -> Outcome:
    """One dispute with and without the phone."""
    rng = Random(f"devices {what} {seed}")
    side = rng.choice(tuple(Side))
    fault = Fault(f"devices {what}", lambda s: _apply(s, what=what, side=side), Stage.PRESENCE)
    dispute, _ = draw(seed, (fault,))
    phone = dispute
    for held in phone.copies.values():
        held.dialect.has_sidecar = held.dialect.has_owner = True
    pc = _as_pc(phone, side, rng)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        opponent = _read(phone, side.other, folder / "other")
        phone_read, pc_read = _read(phone, side, folder / "phone"), _read(pc, side, folder / "pc")
    party = merge_devices([pc_read, phone_read], ["pc", "phone"], Settings())
    truly = _truly_absent(phone, side)
    alone, _ = _claimed(pc_read, opponent, side, phone)
    both, claimed = _claimed(party.reading, opponent, side, phone)
    return Outcome(what, len(truly), alone, both, len(claimed - truly), _unaccounted(party, [pc_read, phone_read]))


def _truly_absent(dispute: Dispute, side: Side) -> set[int]:
    """Messages that the other side holds and no device of this one, notices left out."""
    mine = {r.truth for r in dispute.copies[side].rows}
    return {r.truth for r in dispute.copies[side.other].rows if r.chat == DISPUTED and r.truth not in mine and r.kind not in (Kind.SYSTEM, Kind.RECALL)}  # fmt: skip


def _claimed(mine: Reading, opponent: Reading, side: Side, dispute: Dispute) -> tuple[int, set[int]]:
    """How many rows of the opponent the comparison says this side lacks, and which messages these are."""
    readings = {side: mine, side.other: opponent}
    found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT])
    lone = found.alignment.filter(pl.col("relation").cast(pl.String) == "one_sided")[f"{side.other}_row"].drop_nulls()
    rows = dispute.copies[side.other].rows
    return lone.len(), {rows[i].truth for i in lone}


def _unaccounted(party: Party, readings: Sequence[Reading]) -> int:
    """Rows of the devices that do not stand in DeviceRows exactly once."""
    assert party.rows is not None
    total = sum(r.messages.height for r in readings)
    twice = int(party.rows.select("device", "device_row").is_duplicated().sum())
    kept = party.rows.filter(pl.col("state") == "kept")["row"]
    return abs(total - party.rows.height) + twice + abs(kept.n_unique() - party.reading.messages.height)


def _run(work: tuple[str, int]) -> Outcome:
    return run(*work)


def render(outcomes: Sequence[Outcome], seeds: range) -> str:
    """The table as Markdown."""
    lines = [f"Seeds {seeds[0]} to {seeds[-1]}.", "", "| what happened | disputes | truly absent | claimed, PC alone | claimed, PC and phone | claimed wrongly with both | rows not accounted for |", "|---|---:|---:|---:|---:|---:|---:|"]  # fmt: skip
    for what in FAULTS:
        mine = [o for o in outcomes if o.what == what]
        sums = [sum(getattr(o, n) for o in mine) for n in ("absent", "alone", "both", "wrong", "unaccounted")]
        lines.append(f"| {what} | {len(mine)} | " + " | ".join(map(str, sums)) + " |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table when everything was measured on reported seeds."""
    parser = argparse.ArgumentParser(prog="python -m bench.devices", description=__doc__)
    parser.add_argument("--seeds", type=int, default=40)
    parser.add_argument("--develop", action="store_true")
    parser.add_argument("--show", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    first = 0 if options.develop else REPORTED_FROM
    seeds = range(first, first + options.seeds)
    work = [(w, s) for w in FAULTS for s in seeds]
    outcomes = each(_run, work, options.jobs)
    if options.show:
        for w, o in zip(work, outcomes, strict=True):
            if o.wrong or o.both != o.absent or o.unaccounted:
                print(w, o, file=sys.stderr)
    text = render(outcomes, seeds)
    print(text)
    if not options.develop:
        TABLE.write_text("# Several devices of one party\n\nWritten by `python -m bench.devices`; read a change of it like code.\n" + text, "utf-8")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Whether a device that was silent is told from rows that were removed: with its other chats handed in, and without them.

`python -m bench.silence` draws disputes in which one device was signed off for a while, and disputes in which a block or single rows were
taken out, each with and without the device's other chats. Writes bench/silence.md; `--develop` uses the seeds kept for development.
"""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # small frames: threads cost more than they bring

import polars as pl

from bench.processes import each
from bench.quality import readings_of
from bench.sim.draw import NoOccasion, draw
from bench.sim.faults.edges import some_others
from bench.sim.model import Loss
from bench.sim.stage import Fault, Scene, Stage
from bench.sim.truth import Plan
from reconcile.engine.compare import compare_readings
from reconcile.frames import Conversations, Messages
from reconcile.intake.contract import Reading
from reconcile.vocabulary import Side

REPORTED_FROM = 182_000
TABLE = Path(__file__).with_name("silence.md")
SYNC, BLOCK, FEW = "signed off", "block removed", "single rows removed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One dispute: which of its gaps were called a sync gap, and in how many the test was said to be impossible."""

    what: str
    with_others: bool
    gaps: int
    called: int
    untested: int


def _others(plan: Plan, rng: Random) -> None:
    some_others(plan, rng)


def _remove(scene: Scene, *, block: bool) -> bool:
    many = scene.rng.randint(3, 12)
    gone = scene.block(many) if block else scene.pick(many)
    return scene.lose(scene.side(), gone, Loss.GONE) > 0


FAULTS: dict[str, str | Fault] = {
    SYNC: "sync gap",
    BLOCK: Fault(BLOCK, lambda s: _remove(s, block=True), Stage.PRESENCE, _others),
    FEW: Fault(FEW, lambda s: _remove(s, block=False), Stage.PRESENCE, _others),
}


def _alone(reading: Reading, conversation: str) -> Reading:
    """The reading with one conversation alone, as if the others had not been handed in."""
    rows = reading.messages.filter(pl.col("conversation") == conversation)
    messages = Messages.cast(rows.drop("row").with_row_index("row").select(reading.messages.columns))
    talks = Conversations.cast(reading.conversations.filter(pl.col("conversation") == conversation))
    return replace(reading, messages=messages, conversations=talks)


def ask(what: str, seed: int) -> list[Answer]:
    """Both answers of one dispute."""
    try:
        dispute, _ = draw(seed, (FAULTS[what],))
    except NoOccasion:
        return []
    with tempfile.TemporaryDirectory() as folder:
        readings = readings_of(dispute, Path(folder))
    lone = {}
    for side in Side:
        place = next(i for i, r in enumerate(dispute.copies[side].rows) if r.chat == 0)
        lone[side] = _alone(readings[side], str(readings[side].messages["conversation"][place]))
    return [_answer(what, r, with_others=w) for r, w in ((readings, True), (lone, False))]


def _answer(what: str, readings: dict[Side, Reading], *, with_others: bool) -> Answer:
    found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT])
    # What the lacking side itself speaks of is explained so, whatever the other chats show.
    gaps = found.gaps.filter(pl.col("cause").cast(pl.String) != "referenced")
    called = gaps["cause"].cast(pl.String) == "sync_gap"
    untested = gaps["tests_not_possible"].list.contains("other_conversations") & ~called
    return Answer(what, with_others, gaps.height, int(called.sum()), int(untested.sum()))


def _asked(work: tuple[str, int]) -> list[Answer]:
    return ask(*work)


def render(answers: Sequence[Answer], seeds: range) -> str:
    """The table as Markdown."""
    lines = [f"Seeds {seeds[0]} to {seeds[-1]}.", "", "| what happened | other chats | gaps | called a sync gap | told rightly | test said to be impossible |", "|---|---|---:|---:|---:|---:|"]  # fmt: skip
    right = total = 0
    for with_others in (True, False):
        for what in FAULTS:
            mine = [a for a in answers if a.what == what and a.with_others == with_others]
            gaps, called = sum(a.gaps for a in mine), sum(a.called for a in mine)
            untested = sum(a.untested for a in mine)
            tested = gaps - untested
            # Where the test was said to be impossible nothing was called: right for what was removed, undecided for a silent device.
            good = called if what == SYNC and with_others else gaps - called
            asked = tested if what == SYNC and with_others else gaps
            if with_others:
                right, total = right + good, total + asked
            lines.append(f"| {what} | {'handed in' if with_others else 'not handed in'} | {gaps} | {called} | {good / max(1, asked):.2%} | {untested} |")  # fmt: skip
    lines.append(f"| **with other chats** | | {total} | | **{right / max(1, total):.2%}** | |")
    return "\n".join(lines) + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table when everything was measured on reported seeds."""
    parser = argparse.ArgumentParser(prog="python -m bench.silence", description=__doc__)
    parser.add_argument("--seeds", type=int, default=60)
    parser.add_argument("--develop", action="store_true")
    parser.add_argument("--jobs", type=int, default=2)
    options = parser.parse_args(arguments)
    first = 0 if options.develop else REPORTED_FROM
    seeds = range(first, first + options.seeds)
    work = [(w, s) for w in FAULTS for s in seeds]
    answers = [a for found in each(_asked, work, options.jobs, 8) for a in found]
    text = render(answers, seeds)
    print(text)
    if not options.develop:
        TABLE.write_text("# A silent device and removed rows told apart\n\nWritten by `python -m bench.silence`; read a change of it like code.\n" + text, "utf-8")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())

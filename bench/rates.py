"""Do the intervals that a run prints of its own error rates hold the truth? Simulated disputes, where the truth is known.

`python -m bench.rates` compares disputes of every fault with error rates on, and counts how often the 95 % interval of the false-match rate
and of the share of missing rows reported holds what really happened in that run; it writes bench/rates.md. `--develop` uses development seeds.
"""

import argparse
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl

from bench.processes import each
from bench.quality import SEVERAL, disputes_of, drawn, readings_of
from bench.score import PAIRED, score
from bench.sim.ledger import Ledger
from reconcile.engine.compare import compare_readings
from reconcile.engine.rates import ESTIMATED
from reconcile.settings import Settings
from reconcile.vocabulary import Side

TABLE = Path(__file__).with_name("rates.md")
REPORTED_FROM = 182_000
MEASURES = ("false_match", "hide_and_recover")


@dataclass(frozen=True, slots=True)
class Outcome:
    """One run: per measure (hits, of) as the run estimated and as it truly was, and the interval; None = not estimable or nothing to count."""

    name: str
    seed: int
    rates: dict[str, dict[str, Any]]
    truth: dict[str, tuple[int, int]]


def run_one(work: tuple[str, int]) -> Outcome:
    """Draw, compare with error rates on, and hold the estimate against the ledger."""
    name, seed = work
    dispute, ledger = drawn(name, seed)
    with tempfile.TemporaryDirectory() as folder:
        readings = readings_of(dispute, Path(folder))
    found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT], Settings(), name, error_rates=True)
    scored, _ = score(found.alignment, found.verdicts, ledger)
    truth = {
        "false_match": false_matches(found.alignment, ledger),
        "hide_and_recover": (scored.missing_found, scored.missing),
    }
    return Outcome(name, seed, found.error_rates, truth)  # type: ignore[arg-type]


def false_matches(alignment: pl.DataFrame, ledger: Ledger) -> tuple[int, int]:
    """How many true rows without a counterpart were paired with a row of another message, and how many there are; notices stay out."""
    alone = {
        (side, row): ledger.groups[line.truth]
        for line in ledger.lines
        for side, row, other in (
            (Side.LEFT, line.left_row, line.right_row),
            (Side.RIGHT, line.right_row, line.left_row),
        )
        if row is not None and other is None and line.truth not in ledger.notices
    }
    paired = 0
    for relation, left, right in alignment.select(
        pl.col("relation").cast(pl.String), "left_row", "right_row"
    ).iter_rows():
        if relation in PAIRED:
            homes = [ledger.groups[ledger.truths[s][r]] for s, r in ((Side.LEFT, left), (Side.RIGHT, right))]
            rows = ((Side.LEFT, left), (Side.RIGHT, right))
            paired += sum(r in alone for r in rows) if homes[0] != homes[1] else 0
    return paired, len(alone)


def holds(outcome: Outcome, measure: str) -> bool | None:
    """Whether the interval holds the true share; None where it was not estimable or the run has nothing to hold it against."""
    rate, (hits, of) = outcome.rates[measure], outcome.truth[measure]
    if rate["state"] != ESTIMATED or not of:
        return None
    return bool(rate["low"] - 1e-6 <= hits / of <= rate["high"] + 1e-6)


def render(outcomes: Sequence[Outcome], seeds: Sequence[int]) -> str:
    """The table: per measure and group of faults how many runs, how many estimable, how many intervals hold the truth, and the pooled shares."""
    lines = [
        f"Seeds {seeds[0]} to {seeds[-1]}. estimable: the run printed an interval. held against: runs in which rows without a counterpart (missing rows) truly were.",
        "",
        "| measure | disputes | runs | estimable | held against | interval holds the truth | width: half of them, nine of ten at most | of the rate alone | estimated, pooled | true, pooled |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for measure in MEASURES:
        for title, chosen in _groups(outcomes).items():
            lines.append(_row(measure, title, chosen))
    lines += ["", "| decoys of | put in | paired | in doubt |", "|---|---:|---:|---:|"]
    lines += _decoys(outcomes)
    return "\n".join(lines) + "\n"


def _decoys(outcomes: Sequence[Outcome]) -> list[str]:
    """What became of the decoys of every kind, over all runs."""
    names = ("decoys", "paired", "doubtful")
    sums: dict[str, Counter[str]] = {}
    for outcome in outcomes:
        for kind, counts in outcome.rates["false_match"].get("by_kind", {}).items():
            sums.setdefault(kind, Counter()).update({n: counts.get(n, 0) for n in names})
    return [f"| {kind} | " + " | ".join(str(count[n]) for n in names) + " |" for kind, count in sums.items()]


def _widths(rates: list[dict[str, Any]], low: str, high: str) -> str:
    """The width of the intervals that half and nine tenths of the runs stay within."""
    widths = sorted(r[high] - r[low] for r in rates if high in r)
    return ", ".join(f"{widths[int(p * (len(widths) - 1))]:.3f}" for p in (0.5, 0.9)) if widths else "–"


def _groups(outcomes: Sequence[Outcome]) -> dict[str, list[Outcome]]:
    several = [o for o in outcomes if o.name == SEVERAL]
    single = [o for o in outcomes if o.name != SEVERAL]
    groups = {"one fault": single, "several faults": several, "all": list(outcomes)}
    return {title: chosen for title, chosen in groups.items() if chosen}


_COUNTS = {"false_match": ("paired", "decoys"), "hide_and_recover": ("reported", "hidden")}


def _row(measure: str, title: str, outcomes: list[Outcome]) -> str:
    told = Counter(holds(o, measure) for o in outcomes)
    estimable = [o.rates[measure] for o in outcomes if o.rates[measure]["state"] == ESTIMATED]
    hits, of = (sum(r[name] for r in estimable) for name in _COUNTS[measure])
    true_hits, true_of = (sum(o.truth[measure][i] for o in outcomes) for i in (0, 1))
    against = told[True] + told[False]
    held = f"{told[True]} ({told[True] / against:.2%})" if against else "–"
    met = [o.rates[measure] for o in outcomes if holds(o, measure) is not None]
    widths = _widths(met, "low", "high"), _widths(met, "rate_low", "rate_high")
    cells = [
        measure,
        title,
        len(outcomes),
        len(estimable),
        against,
        held,
        *widths,
        _share(hits, of),
        _share(true_hits, true_of),
    ]
    return "| " + " | ".join(map(str, cells)) + " |"


def _share(part: int, whole: int) -> str:
    return f"{part} of {whole} ({part / whole:.3%})" if whole else "–"


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; write the table when every fault was measured on reported seeds."""
    parser = argparse.ArgumentParser(prog="python -m bench.rates", description=__doc__)
    parser.add_argument("--seeds", type=int, default=4, help="disputes per fault (several: fifty times as many)")
    parser.add_argument(
        "--first", type=int, default=None, help=f"first seed; default {REPORTED_FROM}, with --develop 0"
    )
    parser.add_argument("--develop", action="store_true", help="use development seeds")
    parser.add_argument("--only", action="append", default=[], metavar="FAULT")
    parser.add_argument("--show", action="store_true", help="print the runs whose interval misses the truth")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args(arguments)
    first = options.first if options.first is not None else 0 if options.develop else REPORTED_FROM
    work = disputes_of(options.only, options.seeds, first, several=50)
    outcomes = each(run_one, work, options.jobs, 8)
    text = render(outcomes, range(first, first + options.seeds))
    print(text)
    for outcome in outcomes if options.show else ():
        for measure in MEASURES:
            rate = outcome.rates[measure]
            if holds(outcome, measure) is False or rate.get("paired"):
                print(
                    outcome.name,
                    outcome.seed,
                    measure,
                    outcome.truth[measure],
                    {k: v for k, v in rate.items() if k != "by_kind"},
                )
    if not options.only and not options.develop:
        TABLE.write_text(
            "# Do the intervals of the error rates hold the truth?\n\nWritten by `python -m bench.rates`; see docs/en/error-rates.md.\n"
            + text,
            "utf-8",
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Does `confidence` mean what it says? Lines of simulated disputes by confidence, and how many of them state the right relation.

`python -m bench.calibration` measures on reported seeds and writes bench/calibration.md; `--fit` counts on development seeds and writes
reconcile/engine/rates/confidence.py, from which every run takes its confidence.
"""

import argparse
import importlib
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl

from bench.quality import disputes_of, drawn, readings_of
from bench.sim.ledger import Ledger
from reconcile.engine import rates
from reconcile.engine.compare import compare_readings
from reconcile.engine.rates.calibration import evidence_class
from reconcile.vocabulary import Relation, Side

# The module itself: the package gives the name to its function.
assembling: Any = importlib.import_module("reconcile.engine.findings")
TABLE = Path(__file__).with_name("calibration.md")
FITTED = Path(rates.__file__).with_name("confidence.py")
REPORTED_FROM = 182_000
# Upper edges of the steps; nearly all lines are surer than 0.99, so that end is told apart more finely.
STEPS = (0.5, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999, 0.9995, 1.0)
LIMIT = 0.02
Seen = Counter[tuple[str, float, bool]]
"""(class of evidence, confidence, whether the relation is right) -> lines."""


def run_one(work: tuple[str, int, bool]) -> Seen:
    """Draw, compare, and count the lines of one dispute by class of evidence, confidence and rightness.

    None of a dispute of which a file was turned (comparison/turned.py): its rows bear other numbers while they are judged.
    """
    name, seed, raw = work
    dispute, ledger = drawn(name, seed)
    with tempfile.TemporaryDirectory() as folder:
        readings = readings_of(dispute, Path(folder))
    classes: list[pl.DataFrame] = []
    given = assembling.calibrated

    def kept(lines: pl.DataFrame) -> pl.DataFrame:
        classes.append(lines.select("left_row", "right_row", evidence_class().alias("class")))
        out: pl.DataFrame = given(lines)
        return out

    assembling.calibrated = kept
    try:
        found = compare_readings(readings[Side.LEFT], readings[Side.RIGHT], case=name).alignment
        swapped = classes[0].rename({"left_row": "right_row", "right_row": "left_row"})
        keys = ["left_row", "right_row"]
        named = next(
            (
                j
                for f in (classes[0], swapped)
                if not (j := found.join(f, on=keys, nulls_equal=True, how="left", maintain_order="left"))[
                    "class"
                ].null_count()
            ),
            None,
        )
    finally:
        assembling.calibrated = given
    if named is None:
        return Counter()
    right = list(is_right(found, ledger))
    return Counter(
        (kind, 0.0 if raw else confidence, r)
        for kind, confidence, r in zip(named["class"], found["confidence"], right, strict=True)
        if r is not None
    )


def is_right(alignment: pl.DataFrame, ledger: Ledger) -> Iterator[bool | None]:
    """Whether each line states a relation that the ledger calls right; None for notices of the clients paired with each other.

    Rows that nobody can tell apart are one class: any relation that is right of one of them is right of all, and so is doubt.
    """
    accepted: dict[int, set[str]] = {}
    members = Counter(ledger.groups.values())
    for line in ledger.lines:
        group = ledger.groups[line.truth]
        accepted.setdefault(group, set()).update(map(str, (line.relation, *line.also)))
        if members[group] > 1:
            accepted[group].add(str(Relation.DOUBTFUL))
    for relation, left, right in alignment.select(
        pl.col("relation").cast(pl.String), "left_row", "right_row"
    ).iter_rows():
        rows = [(s, r) for s, r in ((Side.LEFT, left), (Side.RIGHT, right)) if r is not None]
        homes = {ledger.groups[ledger.truths[s][r]] for s, r in rows}
        if len(homes) > 1 and ledger.notices.issuperset(homes):
            yield None
        elif len(homes) > 1 and relation != Relation.DOUBTFUL:
            yield False
        else:
            yield all(relation in accepted[h] for h in homes)


def fit(seen: Seen) -> str:
    """The table of reconcile/engine/rates/confidence.py: right and all lines of each class; denser words never surer than rarer ones."""
    counts: dict[str, list[int]] = {}
    for (kind, _, right), lines in seen.items():
        entry = counts.setdefault(kind, [0, 0])
        entry[0] += lines * right
        entry[1] += lines
    for stem in ("agreement:words_", "agreement:kind_"):
        _monotone(counts, [stem + step for step in ("alone", "counted", "dense_99", "dense_90", "dense")])
    body = "".join(f'    "{kind}": ({right}, {lines}),\n' for kind, (right, lines) in sorted(counts.items()))
    head = FITTED.read_text("utf-8").split("RIGHT_SHARE", 1)[0]
    return f"{head}RIGHT_SHARE: dict[str, tuple[int, int]] = {{\n{body}}}\n"


def _monotone(counts: dict[str, list[int]], falling: list[str]) -> None:
    """Pool neighbours until the share falls from the first to the last (pool adjacent violators)."""
    blocks: list[tuple[list[str], int, int]] = []
    for name in (n for n in falling if n in counts):
        block: tuple[list[str], int, int] = ([name], counts[name][0], counts[name][1])
        while blocks and blocks[-1][1] * block[2] < block[1] * blocks[-1][2]:
            names, right, lines = blocks.pop()
            block = (names + block[0], right + block[1], lines + block[2])
        blocks.append((block[0], block[1], block[2]))
    for names, right, lines in blocks:
        for name in names:
            counts[name] = [right, lines]


def error_of(seen: Seen) -> float:
    """Expected calibration error: by step of confidence, how far the stated lies from the right share, weighted by lines."""
    total, error = sum(seen.values()), 0.0
    for step in STEPS:
        mine = {k: n for k, n in seen.items() if _step(k[1]) == step}
        error += abs(sum(n * (k[1] - k[2]) for k, n in mine.items()))
    return error / total if total else 0.0


def _step(confidence: float) -> float:
    return next(s for s in STEPS if confidence <= s)


def render(seen: Seen, seeds: range, disputes: int) -> str:
    """Reliability by step, by relation and by class of evidence, and the expected calibration error."""
    lines = [
        f"{disputes} disputes, seeds {seeds[0]} to {seeds[-1]}; the table of confidence was fitted on seeds below 1,000.",
        "",
        f"**Expected calibration error: {error_of(seen):.5f}** (at most {LIMIT} is asked for).",
        "",
        "| confidence | lines | stated, mean | right |",
        "|---|---:|---:|---:|",
    ]
    for low, step in zip((0.0, *STEPS), STEPS, strict=False):
        lines += _row(f"{low} to {step}", Counter({k: n for k, n in seen.items() if _step(k[1]) == step}))
    lines += ["", "| relation | lines | stated, mean | right | calibration error |", "|---|---:|---:|---:|---:|"]
    for relation in Relation:
        mine = Counter({k: n for k, n in seen.items() if k[0].startswith(f"{relation}:")})
        lines += [f"{row} {error_of(mine):.5f} |" for row in _row(str(relation), mine)]
    lines += ["", "| class of evidence | lines | stated, mean | right |", "|---|---:|---:|---:|"]
    for kind in sorted({k[0] for k in seen}):
        lines += _row(kind, Counter({k: n for k, n in seen.items() if k[0] == kind}))
    return "\n".join(lines) + "\n"


def _row(name: str, seen: Seen) -> list[str]:
    total = sum(seen.values())
    if not total:
        return []
    stated = sum(n * k[1] for k, n in seen.items()) / total
    right = sum(n * k[2] for k, n in seen.items()) / total
    return [f"| {name} | {total} | {stated:.5f} | {right:.5f} |"]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write the table, or the fit."""
    parser = argparse.ArgumentParser(prog="python -m bench.calibration", description=__doc__)
    parser.add_argument("--seeds", type=int, default=3, help="disputes per fault (several: fifty times as many)")
    parser.add_argument("--first", type=int, default=None, help=f"first seed; default {REPORTED_FROM}, with --fit 0")
    parser.add_argument("--fit", action="store_true", help="fit the table of confidence on development seeds")
    parser.add_argument("--only", action="append", default=[], metavar="FAULT")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    options = parser.parse_args(arguments)
    first = options.first if options.first is not None else 0 if options.fit else REPORTED_FROM
    work = [(*one, options.fit) for one in disputes_of(options.only, options.seeds, first, several=50)]
    with ProcessPoolExecutor(options.jobs) as pool:
        seen = sum(pool.map(run_one, work, chunksize=8), Counter())
    if options.fit:
        FITTED.write_text(fit(seen), "utf-8")
        return 0
    text = render(seen, range(first, first + options.seeds), len(work))
    print(text)
    if not options.only:
        TABLE.write_text(
            "# Does confidence mean what it says?\n\nWritten by `python -m bench.calibration`; see docs/error-rates.md.\n"
            + text,
            "utf-8",
        )
    return int(error_of(seen) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())

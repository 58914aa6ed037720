"""What a batch costs: `python -m bench.batch [--cases N] [--rows M]` against polars reading the files and one conversation of the same total.

Writes N cases of two message tables, runs the whole `batch` command, polars reading all files (one call a file, and one lazy scan of all), and
`compare` on one conversation with as many messages, each as a process of its own, and writes bench/batch.md with the machine's facts.
"""

import argparse
import os
import platform
import resource
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from bench.speed import WORDS, Run, compare, measure, write_sides

TABLE = Path(__file__).with_name("batch.md")
EACH = "import sys, polars as pl; from pathlib import Path; print(sum(pl.read_csv(f).height for f in sorted(Path(sys.argv[1]).glob('*/*.csv'))))"
SCAN = "import sys, polars as pl; from pathlib import Path; print(pl.scan_csv(sorted(Path(sys.argv[1]).glob('*/*.csv'))).collect().height)"


def write_cases(folder: Path, cases: int, rows: int) -> None:
    """Cases as bench.speed writes its conversations: 3 rows in 1,000 lacking on each side, clocks apart by up to a second."""
    random = np.random.default_rng(cases + rows)
    for number in range(cases):
        place = folder / f"{number:06d}"
        place.mkdir(parents=True)
        truth = pl.DataFrame(
            {
                "t": 1_600_000_000 + np.cumsum(random.choice([1, 2, 5, 20, 60, 300], rows)),
                "word": np.array(WORDS)[random.integers(0, len(WORDS), rows)],
                "n": random.integers(0, 10**6, rows),
                "stock": random.random(rows) < 0.33,
                "who": random.integers(0, 2, rows),
            }
        )
        text = pl.when("stock").then("word").otherwise(pl.format("{}的事情{}说好了", "word", "n")).alias("text")
        sender = pl.when(pl.col("who") == 0).then(pl.lit("wxid_a")).otherwise(pl.lit("wxid_b")).alias("sender")
        table = truth.select("t", sender, text)
        for side in "ab":
            kept = table.filter(pl.Series(random.random(rows) > 0.003))
            late = pl.Series(random.integers(0, 2 if side == "b" else 1, kept.height))
            stamp = pl.from_epoch(pl.col("t") + late + 8 * 3600).dt.to_string("%Y-%m-%d %H:%M:%S").alias("sent_at")
            kept.select(stamp, "sender", "text").write_csv(place / f"{side}.csv")


def timed(*command: str) -> tuple[Run, float]:
    """A process as `measure` tells it, and the processor time of it and its children, which other work on the machine hardly changes."""
    before = _processor()
    run = measure(*command)
    return run, _processor() - before


def _processor() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    """Measures and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--rows", type=int, default=200)
    parser.add_argument("--folder", type=Path, help="keep the cases here, and use those that lie there")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = chosen.folder or Path(name) / "cases"
        if not folder.is_dir():
            write_cases(folder, chosen.cases, chosen.rows)
        left, right = write_sides(Path(name), chosen.cases * chosen.rows, 1, ids=False)
        batch = (sys.executable, "-m", "reconcile", "batch", str(folder), "--out", str(Path(name) / "out"), "--quiet")
        runs = {
            "polars, one call a file": timed(sys.executable, "-c", EACH, str(folder)),
            "polars, one lazy scan of all files": timed(sys.executable, "-c", SCAN, str(folder)),
            "`batch`": timed(*batch),
            "`compare`, one conversation": timed(*compare(left, right, Path(name))),
        }
    page = _page(runs, chosen.cases, chosen.rows)
    TABLE.write_text(page, "utf-8")
    print(page)


def _page(runs: dict[str, tuple[Run, float]], cases: int, rows: int) -> str:
    (ours, our_work), total = runs["`batch`"], 2 * cases * rows
    lines = [
        f"| {name} | {run.seconds:.1f} s | {work:.1f} s | {1e6 * run.seconds / total:.2f} µs | {run.megabytes:.0f} MB | {ours.seconds / run.seconds:.2f} | {our_work / work:.2f} |"
        for name, (run, work) in runs.items()
    ]
    facts = f"Python {platform.python_version()}, polars {pl.__version__}, {os.cpu_count()} cores. Made by `python -m bench.batch --cases {cases} --rows {rows}`."
    head = "| | time | processor time | a message | peak of one process | `batch` against it | in processor time |\n|---|---:|---:|---:|---:|---:|---:|"
    about = f"{cases:,} cases of 2 x {rows} messages, start-up included."
    return f"# Batch\n\n{about}\n{facts}\n\n{head}\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

"""Compares disputes drawn from life and prints the tables, or writes the disputes down.

`python -m bench.sim_life` measures the reported seeds and writes bench/sim_life.md; `--first` and `--seeds` choose others, which are
only printed. `--show` prints what went wrong, row by row; `--dump DIR` writes each dispute with its truth.
"""

import argparse
import csv
import os
import sys
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # many small frames: threads cost more than they bring

from bench.processes import each
from bench.score import Score, ratio
from bench.sim.words import corpus_lines
from bench.sim_life.draw import CIRCUMSTANCES, draw, write
from bench.sim_life.measure import Result, Tally, run

# Seeds below 1,000 belong to development.
REPORTED = range(1000, 1060)
TABLE = Path(__file__).parents[1] / "sim_life.md"
HEAD = """# Disputes drawn from life

Written by `python -m bench.sim_life` on seeds {first} to {last}; read a change of it like code.
Tools and circumstances of one dispute each are few, so read single rows with care. The engine was developed on none of these seeds.

"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print, or dump; write the table when the reported seeds were measured."""
    parser = argparse.ArgumentParser(prog="python -m bench.sim_life", description=__doc__)
    parser.add_argument("--seeds", type=int, default=len(REPORTED))
    parser.add_argument("--first", type=int, default=REPORTED.start, metavar="S")
    parser.add_argument("--show", action="store_true", help="print what went wrong in each failing dispute")
    parser.add_argument("--rows", action="store_true", help="with --show: disputes graded rightly with wrong rows, too")
    parser.add_argument("--corpus", action="store_true", help="mix in real chat lines where they are present")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument(
        "--dump", type=Path, metavar="DIR", help="write the disputes with truth.csv and compare nothing"
    )
    options = parser.parse_args(arguments)
    lines = corpus_lines() if options.corpus else ()
    seeds = range(options.first, options.first + options.seeds)
    if options.dump:
        for seed in seeds:
            dump(options.dump / f"{seed}", seed, lines)
        return 0
    results = each(partial(run, lines=lines), seeds, options.jobs)
    if options.show:
        show(results, rows=options.rows)
    text = render(results)
    print(text)
    if seeds == REPORTED and not options.corpus:
        TABLE.write_text(HEAD.format(first=seeds[0], last=seeds[-1]) + text, "utf-8")
    return 0


def dump(folder: Path, seed: int, lines: tuple[str, ...] = ()) -> None:
    """Write both exports of a seed and truth.csv: rows, relation, what else is right, and the class of rows that look alike."""
    sides, ledger = draw(seed, lines)
    folder.mkdir(parents=True, exist_ok=True)
    write(sides, folder)
    with (folder / "truth.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(("left_row", "right_row", "relation", "also", "group", "by"))
        for line in ledger.lines:
            row = (line.left_row, line.right_row, line.relation, "|".join(sorted(line.also)))
            out.writerow((*row, ledger.groups[line.truth], sides.marks.get(line.truth, "")))
    grades = "|".join(sorted(ledger.verdicts[0].grades))
    told = f"grades {grades}\ncircumstances {', '.join(sides.circumstances)}\nacts {', '.join(sides.acts)}\n"
    (folder / "truth.txt").write_text(told, "utf-8")


def render(results: Sequence[Result]) -> str:
    """The tables: everything, then a line a circumstance, then a line an act."""
    s = sum((r.score for r in results), Score())
    missing, conflicts = sum((r.missing for r in results), Tally()), sum((r.conflicts for r in results), Tally())
    innocent = [r for r in results if r.innocent and not r.acts]
    guilty = [r for r in results if r.acts]
    head = (
        ("disputes (broken)", f"{len(results)} ({s.broken})"),
        ("innocents accused", _of(sum(r.accused for r in innocent), len(innocent))),
        ("innocents cannot_determine", _of(sum(r.undetermined for r in innocent), len(innocent))),
        ("guilty graded clean", _of(sum(r.passed for r in guilty), len(guilty))),
        ("grade right", _of(sum(not r.failed for r in results), len(results))),
        ("missing rows claimed rightly", _of(missing.right, missing.claimed)),
        ("missing rows found, where no doubt is allowed", _of(missing.found, missing.due)),
        ("rows in conflict claimed rightly", _of(conflicts.right, conflicts.claimed)),
        ("rows in conflict found, where no doubt is allowed", _of(conflicts.found, conflicts.due)),
        ("pairs claimed rightly", _of(s.pairs_right, s.pairs_claimed)),
        ("pairs found", _of(s.pairs_found, s.pairs)),
        ("rows doubtful", _of(s.rows_doubtful, s.rows)),
        ("rows on both sides called missing", _of(s.rows_accused, s.rows_on_both)),
        ("rows not exactly once", str(s.not_conserved)),
    )
    out = ["| all | |", "|---|---:|", *(f"| {name} | {value} |" for name, value in head), ""]
    out += ["| circumstance | disputes | innocents | accused | cannot_determine | grade wrong |", "|---|---:|---:|---:|---:|---:|"]  # fmt: skip
    for name in ("none", *CIRCUMSTANCES):
        told = [r for r in results if name in (r.circumstances or ("none",))]
        quiet = [r for r in told if r.innocent and not r.acts]
        counts = (len(told), len(quiet), sum(r.accused for r in quiet), sum(r.undetermined for r in quiet), sum(r.failed for r in told))  # fmt: skip
        out.append(f"| {name} | " + " | ".join(map(str, counts)) + " |")
    out += ["", "| act | disputes | graded clean | rows | rows noticed |", "|---|---:|---:|---:|---:|"]
    for name in sorted({a for r in results for a in r.acts}):
        told = [r for r in results if name in r.acts]
        rows = [r.rows.get(name, (0, 0)) for r in told]
        out.append(f"| {name} | {len(told)} | {sum(r.passed for r in told)} | {sum(a for a, _ in rows)} | {sum(b for _, b in rows)} |")  # fmt: skip
    return "\n".join(out) + "\n"


def _of(part: int, whole: int) -> str:
    value = ratio(part, whole)
    return f"{part} of {whole}" + ("" if value is None else f" ({100 * value:.1f} %)")


def show(results: Iterable[Result], *, rows: bool) -> None:
    """What was wrong in each dispute that was graded wrongly."""
    for r in results:
        if r.wrong and (r.failed or rows):
            kind = "accused" if r.accused else "passed" if r.passed else "grade" if r.failed else "rows"
            print(f"--- {kind}: seed {r.seed}, {r.grade}; right {'|'.join(sorted(r.expected))}; {', '.join(r.circumstances)}; acts: {', '.join(r.acts)}")  # fmt: skip
            for text in r.wrong[:10]:
                print("    " + text)


if __name__ == "__main__":
    sys.exit(main())

"""`python -m bench.sim_forms --seeds N --first S [--show]`: how the comparison does on export forms of seeds that it never saw."""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Iterable

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # hundreds of small frames: threads cost more than they bring

from bench.sim_forms.measure import Count, Trial, run_all


def share(part: int, whole: int) -> str:
    """`3/4 (75.0 %)`, or a dash."""
    return f"{part}/{whole} ({part / whole:.1%})" if whole else "–"


def row_of(name: str, count: Count) -> str:
    """One line of the table."""
    cells = [
        name,
        str(count.disputes),
        share(count.accused, count.innocent),
        share(count.undetermined, count.innocent),
        share(count.needlessly, count.innocent),
        share(count.clean, count.guilty),
    ]
    for key in ("one_sided", "conflict"):
        cells += [share(count.right[key], count.claimed[key]), share(count.found[key], count.due[key])]
    return "| " + " | ".join([*cells, share(count.grades_right, count.disputes)]) + " |"


def summed(trials: Iterable[Trial]) -> Count:
    """Counts added up."""
    total = Count()
    for trial in trials:
        total += trial.count
    return total


def render(trials: list[Trial]) -> str:
    """All tables."""
    heading = "| | disputes | innocents accused | innocents cannot_determine | needlessly | guilty graded clean | missing claimed rightly | missing found | conflicts claimed rightly | conflicts found | grade right |"
    rule = "|---" + "|---:" * 10 + "|"
    out = [heading, rule, row_of("**all**", summed(trials))]
    untouched = [t for t in trials if not t.circumstances and not t.acts]
    out.append(row_of("nothing happened", summed(untouched)))
    for title, names in (("circumstance", "circumstances"), ("act", "acts"), ("form", "forms")):
        by_name: dict[str, list[Trial]] = defaultdict(list)
        for trial in trials:
            for name in dict.fromkeys(getattr(trial, names)):
                by_name[name].append(trial)
        out += ["", f"per {title}", "", heading, rule, *(row_of(n, summed(by_name[n])) for n in sorted(by_name))]
    out += ["", "rows of each act found where both forms show it:", ""]
    acts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for trial in trials:
        for name, (due, hits) in trial.found.items():
            acts[name][0] += due
            acts[name][1] += hits
    out += [f"- {name}: {share(hits, due)}" for name, (due, hits) in sorted(acts.items())]
    broken = [t.seed for t in trials if t.count.broken]
    return "\n".join([*out, "", f"broken: {len(broken)} {broken or ''}"])


def main(arguments: list[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.sim_forms", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many disputes")
    parser.add_argument(
        "--first", type=int, default=0, help="first seed; below 100 is for development of the generator"
    )
    parser.add_argument("--show", action="store_true", help="print every wrong claim")
    parser.add_argument("--jobs", type=int, default=2, help="processes, at most 2")
    options = parser.parse_args(arguments)
    trials = run_all(range(options.first, options.first + options.seeds), options.jobs)
    for trial in trials if options.show else [t for t in trials if t.count.broken]:
        if trial.wrong:
            print(
                f"--- seed {trial.seed} {' against '.join(trial.forms)}: {', '.join(trial.circumstances) or '-'}; {', '.join(trial.acts) or 'nobody did anything'}"
            )
            print("\n".join("    " + text for text in trial.wrong[:14]))
    print(render(trials))
    return 0


if __name__ == "__main__":
    sys.exit(main())

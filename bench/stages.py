"""Where the time of one comparison goes: `python -m bench.stages [--rows 1000000] [--conversations 1]`.

One whole `compare` runs in this process on one thread, and the processor seconds spent inside named functions are listed; a line may be part of the
line that it is indented under. Prints the table.
"""

import argparse
import cProfile
import importlib
import os
import pstats
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ["POLARS_MAX_THREADS"] = "1"  # one thread alone runs under the profiler

from bench.speed import machine, write_sides
from reconcile.case import compare

_FEW = 1_000
# Depth, what it is, module and function.
STAGES = (
    (0, "reading both exports", "case", "read_parties"),
    (0, "comparing", "engine.compare", "compare_readings"),
    (1, "which conversations are one", "engine.entities.conversations", "pair_conversations"),
    (1, "rows prepared: senders, repeats, headings", "engine.preparation", "prepared"),
    (1, "alignment", "engine.pairs.alignment", "align"),
    (2, "records", "engine.records", "records_of"),
    (2, "pairs by id", "engine.pairs.ids", "pair_by_id"),
    (2, "clocks", "engine.clocks.clock", "first_clock"),
    (2, "equal texts and digests", "engine.pairs.alignment", "_settle"),
    (2, "weighing what is left", "engine.pairs.alignment", "_weigh_open_records"),
    (1, "stretches of one clock", "engine.times.clock_segments", "clock_segments"),
    (1, "contents judged", "engine.judgement.judged_pairs", "judge_content"),
    (1, "pairs classified", "engine.classify", "classify_pairs"),
    (1, "rows alone: causes", "engine.classify", "absent_rows"),
    (1, "lines", "engine.lines", "lines_of"),
    (1, "gaps, verdicts, tables", "engine.findings", "assemble"),
    (1, "the run's own error rates", "engine.rates", "measure"),
    (1, "account of single rows", "engine.account", "account_of"),
    (1, "sides exchanged", "engine.mirror", "mirrored"),
    (0, "writing", "outputs", "write_case"),
    (1, "result tables but for the two long ones", "outputs", "_write_small_files"),
    (2, "graph files", "outputs", "_write_graph"),
    (1, "report", "outputs", "_write_reports"),
    (1, "manifest: hashes of all outputs", "outputs", "write_manifest"),
)


def function_of(module: str, name: str) -> Callable[..., Any]:
    """The function of one stage. Raises AttributeError for one that is no longer there."""
    found: Callable[..., Any] = getattr(importlib.import_module(f"reconcile.{module}"), name)
    return found


def seconds_of(profile: cProfile.Profile) -> dict[tuple[str, int], float]:
    """Seconds inside each function, by file and first line."""
    return {place[:2]: inside for place, (_, _, _, inside, _) in pstats.Stats(profile).stats.items()}  # type: ignore[attr-defined]


def main() -> None:
    """Measures one comparison and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--conversations", type=int, default=1)
    chosen = parser.parse_args()
    codes = [function_of(module, name).__code__ for _, _, module, name in STAGES]
    with tempfile.TemporaryDirectory() as name:
        # What is imported at first use is no part of any stage.
        compare(*write_sides(Path(name), _FEW, 1, ids=False), Path(name) / "first")
        left, right = write_sides(Path(name), chosen.rows, chosen.conversations, ids=False)
        profile = cProfile.Profile(time.process_time)
        start = time.process_time()
        profile.runcall(compare, left, right, Path(name) / "out")
        whole = time.process_time() - start
    found = seconds_of(profile)
    lines = [
        f"| {'&emsp;' * depth}{title} | {found.get((code.co_filename, code.co_firstlineno), 0.0):.2f} |"
        for (depth, title, _, _), code in zip(STAGES, codes, strict=True)
    ]
    lines.append(f"| whole | {whole:.2f} |")
    print(_page(chosen.rows, chosen.conversations, lines))


def _page(rows: int, conversations: int, lines: list[str]) -> str:
    about = (
        f"One comparison of {rows:,} messages a side without ids in {conversations:,} conversation(s), imports left out, under a profiler.\n"
        "Processor seconds on one thread. Hashing counts in the line during which it runs, and what the error rates match again in the lines above them."
    )
    made = f"{machine()} Made by `python -m bench.stages --rows {rows} --conversations {conversations}`."
    return f"# Where the time goes\n\n{about}\n{made}\n\n| stage | seconds |\n|---|---:|\n" + "\n".join(lines)


if __name__ == "__main__":
    main()

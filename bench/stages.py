"""Where the time of one comparison goes: `python -m bench.stages [--rows 1000000] [--conversations 1]`.

One whole `compare` runs in this process, and the seconds spent inside named functions are listed; a line may be part of the line that it is
indented under. Hashing runs beside parsing, so that its seconds are measured alone and are no part of the sum. The table stands in bench/stages.md.
"""

import argparse
import cProfile
import pstats
import tempfile
import time
from pathlib import Path

from bench.speed import machine, write_sides
from reconcile.case import compare
from reconcile.intake.source import Source

TABLE = Path(__file__).with_name("stages.md")
# Depth, what it is, file and function.
STAGES = (
    (0, "reading both tables", "case.py", "read_parties"),
    (0, "comparing", "comparison/__init__.py", "compare_readings"),
    (1, "which conversations are one", "match/conversations.py", "pair_conversations"),
    (1, "who is who", "match/parties.py", "map_parties"),
    (1, "repeats within an export", "evidence.py", "mark_repeats"),
    (1, "alignment", "match/align.py", "align"),
    (2, "clocks", "match/skew.py", "find_anchors"),
    (2, "candidates of equal key, and their choice", "match/group.py", "pair_by_key"),
    (2, "resemblance of what is left", "match/leftovers.py", "pair_leftovers"),
    (2, "places among paired rows", "match/align.py", "_place"),
    (1, "text normalisation", "wechat/text.py", "_canonical_series"),
    (1, "judging pairs", "match/judge.py", "judge_pairs"),
    (1, "rows alone: causes", "comparison/lines.py", "lines_of"),
    (1, "runs, gaps, verdicts, tables", "comparison/assemble.py", "assemble"),
    (1, "the run's own error rates", "rates/__init__.py", "measure"),
    (1, "sides exchanged", "comparison/mirror.py", "mirrored"),
    (0, "writing", "outputs.py", "write_case"),
    (1, "result tables but for the two long ones", "outputs.py", "_write_short"),
    (2, "graph files", "outputs.py", "_write_graph"),
    (1, "report", "outputs.py", "_write_reports"),
    (1, "manifest: hashes of all outputs", "outputs.py", "write_manifest"),
)


def seconds_of(profile: cProfile.Profile) -> dict[tuple[str, str], float]:
    """Seconds inside each function of the program, by file and name."""
    found: dict[tuple[str, str], float] = {}
    for (file, _, name), (_, _, _, inside, _) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        if "/reconcile/" in file:
            key = file.rsplit("/reconcile/", 1)[1], name
            found[key] = found.get(key, 0.0) + inside
    return found


def main() -> None:
    """Measures one comparison and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--conversations", type=int, default=1)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        left, right = write_sides(Path(name), chosen.rows, chosen.conversations, ids=False)
        start = time.perf_counter()
        Source(left).digest()
        hashing = time.perf_counter() - start
        profile = cProfile.Profile()
        start = time.perf_counter()
        profile.runcall(compare, left, right, Path(name) / "out")
        whole = time.perf_counter() - start
    found = seconds_of(profile)
    lines = [f"| {'&emsp;' * depth}{title} | {found.get((f, n), 0.0):.2f} |" for depth, title, f, n in STAGES]
    lines += [f"| whole | {whole:.2f} |", f"| hashing one input (SHA-256 and SM3), beside parsing | {hashing:.2f} |"]
    print("\n".join(lines))
    TABLE.write_text(_page(chosen.rows, chosen.conversations, lines), "utf-8")


def _page(rows: int, conversations: int, lines: list[str]) -> str:
    about = f"One comparison of {rows:,} messages a side without ids in {conversations:,} conversation(s), imports left out, under a profiler."
    made = f"{machine()} Made by `python -m bench.stages`."
    return f"# Where the time goes\n\n{about}\n{made}\n\n| stage | seconds |\n|---|---:|\n" + "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()

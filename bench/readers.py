"""What reading a client's own store costs against `SELECT` alone, in time and memory.

`python -m bench.readers [--rows N] [--only FORM]` writes each store with N messages (four texts to one XML body, two conversations), reads it
with the form's reader and with `SELECT *` of every table, each as a process of its own, and writes bench/readers.md.
"""

import argparse
import os
import platform
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import polars as pl

from tests import build_databases as build

TABLE = Path(__file__).with_name("readers.md")
ROWS = 333_333


@dataclass(frozen=True, slots=True)
class Cost:
    """One process: wall seconds of the reading itself, and megabytes at the peak beyond what the imports took."""

    seconds: float
    megabytes: float


def rows_of(count: int) -> list[build.Row]:
    """The owner's view, repeated with other ids and times: four plain texts to one row of the story."""
    story = [r for r in build.view(build.JIA) if r.sent.server_id]
    found: list[build.Row] = []
    for number in range(count):
        row = story[number // 5 % len(story)] if number % 5 == 0 else story[number % 2]
        body = f"{row.sent.body}{number}" if number % 5 else row.sent.body
        sent = replace(row.sent, at=build.START + number * 30, server_id=build.FIRST_ID + number * 7, body=body)
        found.append(replace(row, sent=sent))
    return found


FORMS: dict[str, Callable[[Path, Sequence[build.Row], str], Path]] = {
    "windows_msg_db": build.write_windows,
    "wechat4_db": build.write_wechat4,
    "macos3_db": build.write_macos3,
    "ios_db": build.write_ios,
    "android_db": build.write_android,
}


def select(root: Path) -> int:
    """`SELECT *` of every table into Python; how many rows there were."""
    count = 0
    for file in sorted(f for f in root.rglob("*") if f.suffix in (".db", ".sqlite")):
        with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as db:
            for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
                count += len(db.execute(f'SELECT * FROM "{table}"').fetchall())
    return count


def child(what: str, root: Path) -> None:
    import reconcile  # noqa: PLC0415 - a process of its own

    pl.DataFrame({"a": [1]}).lazy().select("a").collect()
    before, start = _peak(), time.perf_counter()
    rows = select(root) if what == "select" else reconcile.read(root).messages.height
    print(f"{time.perf_counter() - start} {_peak() - before} {rows}")


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def cost(what: str, root: Path, runs: int = 3) -> tuple[Cost, int]:
    """The quickest of some runs."""
    found = []
    for _ in range(runs):
        out = subprocess.run([sys.executable, "-m", "bench.readers", "--child", what, str(root)], check=True, capture_output=True, text=True)  # fmt: skip
        seconds, megabytes, rows = out.stdout.split()
        found.append((float(seconds), float(megabytes), int(rows)))
    return Cost(min(f[0] for f in found), min(f[1] for f in found)), found[0][2]


def measure(form: str, count: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        root = FORMS[form](Path(folder), rows_of(count), build.JIA)
        size = sum(f.stat().st_size for f in root.rglob("*") if f.is_file()) / 2**20
        floor, _ = cost("select", root)
        read, held = cost("read", root)
    ratio = read.seconds / floor.seconds
    return (
        f"| {form} | {held:,} | {size:.0f} MB | {floor.seconds:.2f} s, {floor.megabytes:.0f} MB | "
        f"{read.seconds:.2f} s, {read.megabytes:.0f} MB | {ratio:.1f} | {read.megabytes / size:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only")
    parser.add_argument("--child", nargs=2)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child[0], Path(chosen.child[1]))
        return
    head = [
        "# Reading stores", "", "Against `SELECT *` of every table into Python; memory beyond what the imports take; hashing of the files included.",
        f"Python {platform.python_version()}, polars {pl.__version__}, {os.cpu_count()} cores. Made by `python -m bench.readers`.", "",
        "| form | messages | store | SELECT | read | time | memory / store |", "|---|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    lines = [measure(f, chosen.rows) for f in FORMS if chosen.only in (None, f)]
    print(*head, *lines, sep="\n")
    if not chosen.only and chosen.rows == ROWS:
        TABLE.write_text("\n".join([*head, *lines]) + "\n")


if __name__ == "__main__":
    main()

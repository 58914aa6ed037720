"""What reading an export costs against parsing its container alone, in time and memory.

`python -m bench.readers [--rows N] [--only FORM …] [--add]` writes each form with N messages (four texts to one other body), reads it with
the form's reader and parses its container alone (`SELECT *` of every table into Python, polars' CSV, orjson), each as a process of its
own, and writes bench/readers.md; with `--add` the forms named replace their rows there and the others stay.
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

import orjson
import polars as pl

from bench.reader_files import FILES, write
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
        # No two bodies are equal: an element or attribute that nobody reads tells XML bodies apart.
        body = (
            row.sent.body.replace("<msg>", f'<msg n="{number}">', 1) if number % 5 == 0 else f"{row.sent.body}{number}"
        )
        sent = replace(row.sent, at=build.START + number * 30, server_id=build.FIRST_ID + number * 7, body=body)
        found.append(replace(row, sent=sent))
    return found


STORES: dict[str, Callable[[Path, Sequence[build.Row], str], Path]] = {
    "windows_msg_db": build.write_windows,
    "wechat4_db": build.write_wechat4,
    "macos3_db": build.write_macos3,
    "ios_db": build.write_ios,
    "android_db": build.write_android,
}


FORMS = (*STORES, *FILES)


def written(form: str, folder: Path, count: int) -> Path:
    """The form's export with so many messages; gives what to name to a reader."""
    return STORES[form](folder, rows_of(count), build.JIA) if form in STORES else write(FILES[form], folder, count)


def parse(root: Path) -> None:
    """The container alone: every table, every CSV, every JSON of an export."""
    files = [root] if root.is_file() else sorted(f for f in root.rglob("*") if f.is_file())
    held: list[object] = [pl.read_csv(f, infer_schema=False) for f in files if f.suffix == ".csv"]
    held += [orjson.loads(f.read_bytes()) for f in files if f.suffix == ".json"]
    if not held:
        select(root)


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
    rows = 0
    if what == "alone":
        parse(root)
    else:
        rows = reconcile.read(root).messages.height
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
        root = written(form, Path(folder), count)
        files = [root] if root.is_file() else [f for f in root.rglob("*") if f.is_file()]
        size = sum(f.stat().st_size for f in files) / 2**20
        floor, _ = cost("alone", root)
        read, held = cost("read", root)
    ratio = read.seconds / floor.seconds
    return (
        f"| {form} | {held:,} | {size:.0f} MB | {floor.seconds:.2f} s, {floor.megabytes:.0f} MB | "
        f"{read.seconds:.2f} s, {read.megabytes:.0f} MB | {ratio:.1f} | {read.megabytes / size:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only", nargs="+", choices=FORMS)
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--child", nargs=2)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child[0], Path(chosen.child[1]))
        return
    head = [
        "# Reading exports", "", f"{ROWS:,} messages a form, against parsing its container alone: `SELECT *` of every table into Python, polars' CSV, orjson. The quickest of",
        "three processes each; memory beyond what the imports take; digests (SHA-256 twice, SM3 once), recognition and all notes included.",
        f"Python {platform.python_version()}, polars {pl.__version__}, {os.cpu_count()} cores. Made by `python -m bench.readers`.", "",
        "| form | messages | export | alone | read | time | memory / export |", "|---|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    lines = {f: measure(f, chosen.rows) for f in FORMS if chosen.only is None or f in chosen.only}
    print(*head, *lines.values(), sep="\n")
    if chosen.rows == ROWS and (chosen.add or not chosen.only):
        known = (
            {w[2:].split(" |")[0]: w for w in TABLE.read_text().splitlines() if w.startswith("| ")}
            if chosen.add and TABLE.exists()
            else {}
        )
        kept = known | lines
        TABLE.write_text("\n".join([*head, *(kept[f] for f in FORMS if f in kept)]) + "\n")


if __name__ == "__main__":
    main()

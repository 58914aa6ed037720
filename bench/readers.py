"""What reading an export costs against parsing its container alone, in time and memory.

`python -m bench.readers [--rows N] [--only FORM …] [--add] [--runs N]` writes each form with N messages (four texts to one other body), reads it with
the form's reader and parses its container alone (`SELECT *` of every table into Python, polars' CSV, orjson), each as a process of its
own, and writes bench/readers.md; with `--add` the forms named replace their rows there and the others stay.
"""

import argparse
import os
import platform
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
from reconcile.cli.start import SOON
from tests.build import databases as build

TABLE = Path(__file__).with_name("readers.md")
ROWS = 333_333


@dataclass(frozen=True, slots=True)
class Cost:
    """One process: seconds of processor time (system time included), of which for digests, and megabytes at the peak beyond the imports.

    `table`: megabytes of the messages that it ends with, of which none can be spared.
    """

    seconds: float
    digests: float
    megabytes: float
    table: float


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
    from reconcile.case import read  # noqa: PLC0415 - a process of its own
    from reconcile.formats.registry import all_readers  # noqa: PLC0415
    from reconcile.intake.source import Source  # noqa: PLC0415

    all_readers()
    pl.DataFrame({"a": [1]}).lazy().select("a").collect()
    before, start = _peak(), time.process_time()
    rows, table = 0, 0.0
    if what == "alone":
        parse(root)
    else:
        messages = read(root).messages
        rows = messages.height
    seconds, megabytes, again = time.process_time() - start, _peak() - before, time.process_time()
    if rows:
        source = Source(root)
        source.verify_unchanged(source.digest())
    again = time.process_time() - again
    if rows:
        table = sum(map(_bytes_of, messages.iter_columns())) / 2**20
    print(f"{seconds} {again} {megabytes} {table} {rows}")


def _bytes_of(column: pl.Series) -> int:
    """A text takes sixteen bytes, and its own where it has more than twelve; a column without any value takes nothing."""
    if column.dtype != pl.String:
        return int(column.estimated_size())
    if column.null_count() == column.len():
        return 0
    lengths = column.str.len_bytes()
    return 16 * column.len() + int(lengths.filter(lengths > 12).sum())


def _peak() -> float:
    # The kernel hands the parent's ru_maxrss down to a child; this one begins with the process's own memory.
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def cost(what: str, root: Path, runs: int, *, keeps: bool = True) -> tuple[Cost, int]:
    """The quickest of some runs. `keeps`: what is freed goes back as `inspect` and `convert` have it; polars alone does as it does unless told otherwise."""
    found = []
    own = SOON if keeps else "dirty_decay_ms:0,muzzy_decay_ms:0"
    told = {} if what == "alone" else {"_RJEM_MALLOC_CONF": f"narenas:{os.cpu_count()},{own}"}
    for _ in range(runs):
        out = subprocess.run([sys.executable, "-m", "bench.readers", "--child", what, str(root)], check=True, capture_output=True, text=True, env=os.environ | told)  # fmt: skip
        *figures, rows = out.stdout.split()
        found.append((tuple(map(float, figures)), int(rows)))
    return Cost(*(min(f[i] for f, _ in found) for i in range(4))), found[0][1]


def measure(form: str, count: int, runs: int) -> str:
    with tempfile.TemporaryDirectory() as folder:
        root = written(form, Path(folder), count)
        files = [root] if root.is_file() else [f for f in root.rglob("*") if f.is_file()]
        size = sum(f.stat().st_size for f in files) / 2**20
        floor, _ = cost("alone", root, runs)
        read, held = cost("read", root, runs)
        # What is free again and not yet given back is no need of the reading.
        lean, _ = cost("read", root, 1, keeps=False)
    parsing = read.seconds - read.digests
    return (
        f"| {form} | {held:,} | {size:.0f} MB | {floor.seconds:.2f} s, {floor.megabytes:.0f} MB | "
        f"{read.seconds:.2f} s, {read.megabytes:.0f} MB | {read.digests:.2f} s | {read.seconds / floor.seconds:.1f} | "
        f"{parsing / floor.seconds:.1f} | {read.table / size:.1f} | {read.megabytes / size:.1f} | "
        f"{lean.megabytes / size:.1f} | {(lean.megabytes - read.table) / size:.1f} |"
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--only", nargs="+", choices=FORMS)
    parser.add_argument("--add", action="store_true")
    parser.add_argument("--runs", type=int, default=2)
    parser.add_argument("--child", nargs=2)
    chosen = parser.parse_args()
    if chosen.child:
        child(chosen.child[0], Path(chosen.child[1]))
        return
    head = [
        "# Reading exports", "", f"{ROWS:,} messages a form, against parsing its container alone: `SELECT *` of every table into Python, polars' CSV, orjson. Processor time",
        f"of the quickest of {chosen.runs} processes each, so that a busy machine tells the same; memory beyond what the imports take. Digests (SHA-256 twice, SM3",
        "once) run beside the parsing; `without digests` leaves them out. `table / export` is the table of messages itself, which no reading can do without:",
        "sixteen bytes a row for each column of texts in which anything stands, and the words of more than twelve bytes. `in use` is the peak where what is",
        "freed goes back at once, `beyond` that peak without the table; `memory` is the peak where it goes back as `inspect` and `convert` have it.",
        f"Python {platform.python_version()}, polars {pl.__version__}, {os.cpu_count()} cores. Made by `python -m bench.readers`.", "",
        "| form | messages | export | alone | read | digests | time | without digests | table / export | memory / export | in use / export | beyond / export |", "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]  # fmt: skip
    print(*head, sep="\n")
    kept = _held() if chosen.add else {}
    for form in chosen.only or FORMS:
        kept[form] = measure(form, chosen.rows, chosen.runs)
        print(kept[form], flush=True)
        if chosen.rows == ROWS and (chosen.add or not chosen.only):
            TABLE.write_text("\n".join([*head, *(kept[f] for f in FORMS if f in kept)]) + "\n")


def _held() -> dict[str, str]:
    """Form -> its row in the table as it stands."""
    lines = TABLE.read_text().splitlines() if TABLE.exists() else []
    return {line[2:].split(" |")[0]: line for line in lines if line.startswith("| ")}


if __name__ == "__main__":
    main()

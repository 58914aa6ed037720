"""How long a comparison takes against a floor: polars reads both files, joins them once, writes two tables and hashes all four files.

`python -m bench.speed [--largest N]` writes message tables of 2k, 10k, 100k and 1M rows a side, with and without server ids, the same million rows
spread over 1, 1,000 and 20,000 conversations, and, with `--largest 10000000`, ten million rows in one conversation; runs the whole `compare` command and the floor in turn as processes of their own, and writes
bench/speed.md with the ratios and the machine's facts. Seconds differ from machine to machine; ratios within one run do not.
"""

import argparse
import atexit
import os
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import polars as pl

TABLE = Path(__file__).with_name("speed.md")
FLOOR = """
import hashlib, sys, tempfile, polars as pl
a, b = (
    pl.read_csv(p).with_columns(pl.col("sent_at").str.to_datetime("%Y-%m-%d %H:%M:%S").alias("t"), pl.col("text").hash().alias("h")).sort("t")
    for p in sys.argv[1:3]
)
by = ["conversation", "sender", "h"] if "conversation" in a.columns else ["sender", "h"]
joined = a.join_asof(b, on="t", by=by, tolerance="90s", strategy="nearest", check_sortedness=False)
with tempfile.TemporaryDirectory() as folder:
    tables = {f"{folder}/alignment.parquet": joined, f"{folder}/messages.parquet": pl.concat([a, b])}
    for name, table in tables.items():
        table.write_parquet(name)
    for name in (*sys.argv[1:3], *tables):
        with open(name, "rb") as file:
            print(hashlib.file_digest(file, "sha256").hexdigest())
"""
WORDS = (
    "好的",
    "收到",
    "嗯",
    "在吗",
    "哈哈",
    "借款",
    "合同",
    "工程款",
    "明天",
    "发货",
    "验收",
    "付清",
    "转账",
    "发票",
    "图纸",
    "利息",
)


@dataclass(frozen=True, slots=True)
class Run:
    """One process: wall seconds and peak memory in MB."""

    seconds: float
    megabytes: float


def write_sides(folder: Path, rows: int, conversations: int, *, ids: bool, lost: float = 0.003) -> tuple[Path, Path]:
    """Two copies of one made-up truth: each lacks a share of rows (`lost`), clocks differ by up to a second, a third of the texts recur."""
    random = np.random.default_rng(rows + conversations + ids)
    times = 1_600_000_000 + np.cumsum(random.choice([1, 2, 5, 20, 60, 300], rows))
    stock = random.random(rows) < 0.33
    words = np.array(WORDS)[random.integers(0, len(WORDS), rows)]
    numbers = random.integers(0, 10**6, rows)
    truth = pl.DataFrame(
        {
            "t": times,
            "word": words,
            "n": numbers,
            "stock": stock,
            "who": random.integers(0, 2, rows),
            "c": random.integers(0, conversations, rows),
        }
    )
    table = truth.select(
        "t",
        pl.when(pl.col("who") == 0).then(pl.lit("wxid_a")).otherwise(pl.lit("wxid_b")).alias("sender"),
        pl.when("stock").then("word").otherwise(pl.format("{}的事情{}说好了", "word", "n")).alias("text"),
        *([pl.format("room{}@chatroom", "c").alias("conversation")] if conversations > 1 else []),
        *([(pl.int_range(pl.len()) + 6_000_000_000_000_000_001).cast(pl.String).alias("message_id")] if ids else []),
    )
    paths = []
    for name in "ab":
        kept = table.filter(pl.Series(random.random(rows) > lost))
        late = pl.Series(random.integers(0, 2, kept.height)) if name == "b" else pl.Series(np.zeros(kept.height, int))
        stamp = pl.from_epoch(pl.col("t") + late + 8 * 3600).dt.to_string("%Y-%m-%d %H:%M:%S")
        paths.append(folder / f"{name}_{rows}_{conversations}_{ids}.csv")
        kept.with_columns(stamp.alias("sent_at")).drop("t").select("sent_at", pl.exclude("sent_at")).write_csv(
            paths[-1]
        )
    return paths[0], paths[1]


def measure(*command: str) -> Run:
    """Wall time and peak memory of a process and its children. Raises CalledProcessError where it failed: a run that broke off is no quick one."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_compiled())
    _, status, usage = os.wait4(child.pid, 0)
    took, code = time.perf_counter() - start, os.waitstatus_to_exitcode(status)
    # A comparison that found something ends with 1, one that could not tell with 3.
    if code not in (0, 1, 3):
        raise subprocess.CalledProcessError(code, command)
    scale = 1024 * 1024 if sys.platform == "darwin" else 1024
    return Run(took, usage.ru_maxrss / scale)


@cache
def _compiled() -> dict[str, str]:
    """The environment of a process that keeps compiled modules, as every installed program does; here they go to a folder of their own.

    Without what polars wrote into this process's own: what is handed down counts as the user's choice, and `compare` would leave out its own.
    """
    kept = tempfile.mkdtemp(prefix="reconcile-compiled-")
    atexit.register(shutil.rmtree, kept, ignore_errors=True)
    without = {k: v for k, v in os.environ.items() if k not in ("PYTHONDONTWRITEBYTECODE", "_RJEM_MALLOC_CONF")}
    return without | {"PYTHONPYCACHEPREFIX": kept}


def best_of(times: int, *command: str) -> Run:
    """The quickest of several runs, with the least memory; the first of a command compiles its modules."""
    return best_in_turn(times, command)[0]


def best_in_turn(times: int, *commands: tuple[str, ...]) -> list[Run]:
    """`best_of` each command, run in turn: a machine that is slow for a minute is so for all of them."""
    rounds = [[measure(*command) for command in commands] for _ in range(times)]
    return [Run(min(r.seconds for r in runs), min(r.megabytes for r in runs)) for runs in zip(*rounds, strict=True)]


def compare(left: Path, right: Path, folder: Path) -> tuple[str, ...]:
    """The whole command with its default options."""
    out = folder / "out"
    return (
        sys.executable,
        "-m",
        "reconcile",
        "compare",
        str(left),
        str(right),
        "--out",
        str(out),
        "--overwrite",
        "--quiet",
    )


def main() -> None:
    """Measures and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--largest", type=int, default=1_000_000)
    parser.add_argument("--smallest", type=int, default=0)
    parser.add_argument(
        "--skip", type=int, default=0, help="shapes to pass over, of those between smallest and largest"
    )
    parser.add_argument(
        "--most", type=int, default=99, help="shapes to measure; the other lines of the table stay as they are"
    )
    parser.add_argument("--times", type=int, default=5, help="runs of each, in turn")
    chosen = parser.parse_args()
    shapes = [(n, 1, ids) for n in (2_000, 10_000, 100_000, 1_000_000) for ids in (False, True)] + [
        (1_000_000, 1_000, False),
        (1_000_000, 20_000, False),
        (10_000_000, 1, False),
    ]
    shapes = [s for s in shapes if chosen.smallest <= s[0] <= chosen.largest]
    lines = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for rows, conversations, ids in shapes[chosen.skip :][: chosen.most]:
            left, right = write_sides(folder, rows, conversations, ids=ids)
            bare = (sys.executable, "-c", FLOOR, str(left), str(right))
            floor, ours = best_in_turn(chosen.times, bare, compare(left, right, folder))
            lines.append(_line(rows, conversations, floor, ours, ids=ids))
            print(lines[-1], flush=True)
        start = best_of(5, sys.executable, "-m", "reconcile", "--help")
    TABLE.write_text(_page(_beside_others(lines), start), "utf-8")


def _beside_others(lines: list[str]) -> list[str]:
    """The new lines in their places among those of the table that were not measured now."""
    old = TABLE.read_text("utf-8").splitlines() if TABLE.exists() else []
    kept = [
        line for line in old if re.match(r"\| [0-9]", line) and not any(_shape(line) == _shape(new) for new in lines)
    ]
    return sorted([*kept, *lines], key=_shape)


def _shape(line: str) -> tuple[int, int, str]:
    rows, conversations, ids = (cell.strip() for cell in line.split("|")[1:4])
    return int(rows.replace(",", "")), int(conversations.replace(",", "")), ids


def machine() -> str:
    """The machine's facts that a table of times goes with."""
    memory = resource.getpagesize() * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"Python {platform.python_version()}, polars {pl.__version__}, {os.cpu_count()} cores, {memory:.0f} GB."


def _line(rows: int, conversations: int, floor: Run, ours: Run, *, ids: bool) -> str:
    ratio, memory = ours.seconds / floor.seconds, ours.megabytes / floor.megabytes
    per = ours.seconds / rows / 2 * 1e6
    return f"| {rows:,} | {conversations:,} | {'yes' if ids else 'no'} | {floor.seconds:.2f} s, {floor.megabytes:.0f} MB | {ours.seconds:.2f} s, {ours.megabytes:.0f} MB | {ratio:.1f} | {memory:.1f} | {per:.1f} µs |"


def _page(lines: list[str], start: Run) -> str:
    head = "| messages a side | conversations | ids | floor | compare | time | memory | per message |\n|---:|---:|---|---:|---:|---:|---:|---:|"
    facts = f"{machine()} Made by `python -m bench.speed`."
    about = "Whole processes with default options, start-up included. Time and memory as multiples of a floor: polars reads both files, joins them once by sender and text within 90 s, writes both tables, and hashes all four files."
    return (
        f"# Speed\n\n{about}\n{facts}\n\n{head}\n"
        + "\n".join(lines)
        + f"\n\n`reconcile --help`: {start.seconds:.2f} s.\n"
    )


if __name__ == "__main__":
    main()

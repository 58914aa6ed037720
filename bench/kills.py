"""`python -m bench.kills [N [MINUTES]]`: kills commands N times at random moments and looks at what they left.

Stops early when the minutes are over. Writes bench/kills.md.

Each command is killed (SIGKILL) after a time drawn evenly between the loading of the program and a little after the end of
a whole run. Looked at after each kill: every file that a manifest names against its SHA-256, single files against those of a
whole run, the decisions of a reviewer against those that were confirmed; a batch is then resumed and its tables compared.
"""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("POLARS_MAX_THREADS", "1")

import polars as pl

from reconcile.custody.decisions import read_log

ROOT = Path(__file__).parents[1]
DISPUTES = ROOT / "fixtures" / "disputes"
LOAN = DISPUTES / "loan"
TABLE = Path(__file__).with_name("kills.md")
COUNT, MINUTES, SEED = 24, 30.0, 20_241_101
# Confirms decision after decision, as the review page does: the id is printed when the entry is on the disk.
DECIDE = """
import sys
from pathlib import Path
from reconcile.custody.decisions import Decision, Judgement, RowKey, append, new_id, now
while True:
    one = Decision(id=new_id(), at=now(), reviewer="x", action="judge", judgement=Judgement.NOT_SAME, left=RowKey(row=1))
    append(Path(sys.argv[1]), one)
    print(one.id, flush=True)
"""


@dataclass
class Tally:
    """Of one command: kills, those that met it running, outputs found half-written, decisions lost, next runs gone wrong."""

    kills: int = 0
    running: int = 0
    half: int = 0
    lost: int = 0
    again: int = 0


class Yard:
    """A folder with every output made once as a whole, and the commands that make them again."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.out = folder, folder / "out"
        place = str(folder)
        self.commands: dict[str, tuple[str, ...]] = {
            "compare": ("compare", f"{LOAN}/a.csv", f"{LOAN}/b.csv", "--out", f"{place}/out", "--overwrite", "--quiet"),
            "check": ("check", f"{LOAN}/b.csv", "--against", f"{LOAN}/a.csv", "--out", f"{place}/check", "--overwrite"),
            "batch": ("batch", str(DISPUTES), "--out", f"{place}/batch", "--workers", "1", "--quiet"),
            "convert": ("convert", f"{LOAN}/a.csv", "--out", f"{place}/table.csv", "--overwrite"),
            "report": ("report", f"{place}/out", "--out", f"{place}/reports", "--overwrite", "--no-decisions", "--report", "csv", "--report", "json"),
        }  # fmt: skip
        self.took = {name: self.run(name) for name in self.commands}
        self.decided = subprocess.Popen([sys.executable, "-c", DECIDE, str(self.out)], cwd=ROOT, stdout=subprocess.PIPE)
        self.confirmed: list[str] = []
        self.hear(self.decided, 3)
        single = [folder / "table.csv", folder / "table.json", *(folder / "reports").iterdir()]
        self.whole = {file: file.read_bytes() for file in single}
        self.tables = {file.name: file.read_bytes() for file in (folder / "batch").glob("*.parquet")}

    def run(self, name: str) -> float:
        """Runs a command to its end; seconds. Raises AssertionError where it could not run."""
        start = time.perf_counter()
        done = subprocess.run(words(self.commands[name]), cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1, 3), done.stderr
        return time.perf_counter() - start

    def hear(self, run: subprocess.Popen[bytes], count: int) -> None:
        """Takes down the next confirmations of decisions and kills the program that makes them."""
        assert run.stdout is not None
        self.confirmed += [run.stdout.readline().decode().strip() for _ in range(count)]
        run.kill()
        self.confirmed += [line.decode().strip() for line in run.stdout if line.endswith(b"\n")]
        run.wait()

    def half_written(self) -> int:
        """Outputs that are there and not as a whole run wrote them."""
        found = sum(_broken(self.folder / name) for name in ("out", "check"))
        found += sum(not file.is_file() or file.read_bytes() != content for file, content in self.whole.items())
        for file in (self.folder / "batch").rglob("[!.]*.parquet"):
            try:
                pl.scan_parquet(file).collect()
            except (OSError, pl.exceptions.PolarsError):
                found += 1
        return found

    def lost(self) -> int:
        """Confirmed decisions that stand in no log, neither in place nor with results that are being replaced."""
        places = (self.out, *self.folder.glob(".out.*.old"))
        held = {d.id for place in places if place.is_dir() for d in read_log(place).entries}
        return len(set(self.confirmed) - held)

    def kill(self, name: str, tally: Tally, rng: random.Random) -> None:
        """One kill of a command, and what is seen after it."""
        if name == "batch":
            shutil.rmtree(self.folder / "batch", ignore_errors=True)
        took = self.took[name]
        with subprocess.Popen(words(self.commands[name]), cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:  # fmt: skip
            time.sleep(rng.uniform(0.3, 1.05) * took)
            tally.running += run.poll() is None
            run.kill()
        tally.kills += 1
        tally.half += self.half_written()
        tally.lost += self.lost()
        if name == "batch":
            self.run(name)
            tally.again += {f.name: f.read_bytes() for f in (self.folder / name).glob("*.parquet")} != self.tables

    def decide(self, tally: Tally, rng: random.Random) -> None:
        """One kill of a program that confirms decisions as fast as it can."""
        run = subprocess.Popen([sys.executable, "-c", DECIDE, str(self.out)], cwd=ROOT, stdout=subprocess.PIPE)
        self.hear(run, rng.randrange(1, 40))
        tally.kills += 1
        tally.running += 1
        tally.half += self.half_written() + (read_log(self.out).broken_at is not None)
        tally.lost += self.lost()


def words(command: tuple[str, ...]) -> list[str]:
    return [sys.executable, "-m", "reconcile", *command]


def _broken(out: Path) -> bool:
    if not out.exists():
        return not list(out.parent.glob(f".{out.name}.*.old"))  # being replaced: the former results wait beside
    try:
        stated = json.loads((out / "manifest.json").read_bytes())["outputs"]
        return any(hashlib.sha256((out / n).read_bytes()).hexdigest() != told["sha256"] for n, told in stated.items())
    except (OSError, ValueError):
        return True


def measure(count: int, minutes: float) -> dict[str, Tally]:
    """Kills in turn until the count or the time is reached; at the end every command runs once more to its end, and nothing hidden may be left."""
    rng, end = random.Random(SEED), time.monotonic() + minutes * 60
    with tempfile.TemporaryDirectory() as folder:
        yard = Yard(Path(folder))
        tallies = {name: Tally() for name in (*yard.commands, "a decision")}
        for number in range(count):
            name = list(tallies)[number % len(tallies)]
            if time.monotonic() > end:
                break
            if name == "a decision":
                yard.decide(tallies[name], rng)
            else:
                yard.kill(name, tallies[name], rng)
        for name, tally in tallies.items():
            if name in yard.commands:
                yard.run(name)
                tally.half += yard.half_written()
                tally.lost += yard.lost()
        left = [f.name for f in [*yard.folder.glob(".*"), *yard.folder.glob("*/.*")] if f.name.endswith(("al", "old"))]
        assert left == [], left
    return tallies


def as_table(tallies: dict[str, Tally]) -> str:
    """The table of bench/kills.md."""
    rows = [f"| {name} | {t.kills} | {t.running} | {t.half} | {t.lost} | {t.again} |" for name, t in tallies.items()]
    sums = [sum(getattr(t, f) for t in tallies.values()) for f in ("kills", "running", "half", "lost", "again")]
    head = "| killed | times | while it ran | half-written outputs | confirmed decisions lost | resumed to another result |\n|---|---:|---:|---:|---:|---:|\n"
    total = "| **all** | " + " | ".join(f"**{n}**" for n in sums) + " |"
    said = f"# Killed at random moments\n\nWritten by `python -m bench.kills {sums[0]}`; read a change of it like code.\n\n"
    return said + head + "\n".join([*rows, total]) + "\n"


def main() -> None:
    """Exit code 1 where an output was half-written or a decision lost."""
    given = [float(word) for word in sys.argv[1:]]
    tallies = measure(int(given[0]) if given else COUNT, given[1] if len(given) > 1 else MINUTES)
    TABLE.write_text(as_table(tallies), "utf-8")
    print(as_table(tallies))
    sys.exit(1 if any(t.half or t.lost or t.again for t in tallies.values()) else 0)


if __name__ == "__main__":
    main()

"""The long bench: `python -m bench.fuzz --minutes N [--form NAME] [--mutator NAME]`; keeps reproducers, writes the table bench/fuzz.md."""

import argparse
import json
import os
import random
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.fuzz.foreign import MUTATORS
from bench.fuzz.versions import Versions

# A folder in memory where the system has one.
MEMORY = Path("/dev/shm")
TABLE = Path(__file__).parent.parent / "fuzz.md"
HANG_SECONDS = 10.0
# By the clock, for an input that waits without end; one that works without end is stopped after seconds of the processor.
WAIT_SECONDS = 300.0
MOST_MEGABYTES = 1024
KEPT_EACH = 6
# Inputs told to the worker at once.
AT_ONCE = 25
# One original of each form is changed so often; then others are drawn, since each costs a few readings of its own.
REDRAWN = 2_000
ENDS = {"SilentLoss": "loss", "NotedShort": "short"}


@dataclass
class Tally:
    """What the inputs of one form came to."""

    inputs: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    hangs: int = 0
    worst_seconds: float = 0.0
    worst_megabytes: int = 0


class Worker:
    """A worker process, started anew after it died or was stopped."""

    def __init__(self, folder: Path, mutators: list[str]) -> None:
        self._folder = folder
        self._mutators = mutators
        self._count = 0
        self.start()

    def start(self) -> None:
        """A fresh process, ready to run."""
        self._count += 1
        place = self._folder / f"worker-{self._count}"
        place.mkdir(parents=True)
        self.place, self._answers = place, b""
        self._process = subprocess.Popen(
            [sys.executable, "-X", "faulthandler", "-m", "bench.fuzz.worker", str(place), *self._mutators],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=(place / "stderr").open("wb"), text=True,
        )  # fmt: skip
        self.forms: list[str] = json.loads(self._line(WAIT_SECONDS) or "[]")

    def _line(self, seconds: float) -> str:
        assert self._process.stdout is not None
        while b"\n" not in self._answers:
            ready, _, _ = select.select([self._process.stdout], [], [], seconds)
            more = os.read(self._process.stdout.fileno(), 2**16) if ready else b""
            if not more:
                return ""
            self._answers += more
        line, _, self._answers = self._answers.partition(b"\n")
        return line.decode("utf-8", "replace")

    def run(self, asked: list[tuple[int, int]]) -> Iterator[dict[str, Any]]:
        """The stories of several inputs, told all at once to the process, so that it never waits for the next one."""
        assert self._process.stdin is not None
        left = asked[:]
        while left:
            with suppress(BrokenPipeError):
                self._process.stdin.writelines(f"{index} {number}\n" for index, number in left)
                self._process.stdin.flush()
            while left and (line := self._line(WAIT_SECONDS)):
                yield dict(json.loads(line))
                del left[0]
            if left:
                yield self._stopped(*left.pop(0))

    def _stopped(self, index: int, number: int) -> dict[str, Any]:
        """The story of an input that gave none: `hang` after ten seconds and a grace for a busy machine, `died` where the process did."""
        base = {"index": index, "number": number, "form": self.forms[index], "mutator": "?"}
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(1)
        # The system stops what takes too long of the processor by this signal.
        died = self._process.poll() not in (None, -signal.SIGPROF)
        self.stop()
        kept = self.place
        said = (kept / "stderr").read_text("utf-8", "replace")[-3_000:]
        self.start()
        end = "died" if died else "hang"
        return base | {
            "end": end,
            "signature": f"{end} {base['form']}",
            "seconds": HANG_SECONDS * 3,
            "busy": HANG_SECONDS * 3,
            "megabytes": 0,
            "place": str(kept),
            "trace": said,
        }

    def stop(self) -> None:
        """Ends the process."""
        self._process.kill()
        self._process.wait()


def note(tally: Tally, told: dict[str, Any]) -> None:
    tally.inputs += 1
    tally.ends[str(told["end"]).split(":")[0]] += 1
    tally.hangs += told["end"] == "hang" or told["busy"] > HANG_SECONDS
    tally.worst_seconds = max(tally.worst_seconds, told["busy"])
    tally.worst_megabytes = max(tally.worst_megabytes, told["megabytes"])


def keep(told: dict[str, Any], place: Path, found: Path, seen: Counter[str]) -> None:
    """The first reproducers of each signature, and a line for every one."""
    seen[told["signature"]] += 1
    with (found / "crashes.jsonl").open("a") as log:
        log.write(json.dumps(told) + "\n")
    if seen[told["signature"]] > KEPT_EACH:
        shutil.rmtree(place, ignore_errors=True)
        return
    name = "".join(c if c.isalnum() else "_" for c in told["signature"])[:80]
    target = found / f"{name}-{told['index']}-{told['number']}"
    if place.exists() and not target.exists():
        shutil.move(place, target)
    print(ascii(f"{told['form']}: {told['signature']}  ({told.get('what', '')})"), flush=True)


def table(tallies: dict[str, Tally], seed: int) -> str:
    """The table of bench/fuzz.md."""
    lines = ["# What fuzzing found", "", f"`python -m bench.fuzz --minutes N --seed {seed}`: inputs changed by bench/fuzz/mutate.py (odd numbers without regard to the form: raw.py), run through read, compare, inspect, check and bill. Silent loss: fewer rows read and noted than the sound original has. Seconds are the processor's.", "",
        "| form | inputs | read | with notes | refused | crashes | silent loss | hangs > 10 s | worst s | worst MB |", "|---|---|---|---|---|---|---|---|---|---|"]  # fmt: skip
    total = Tally()
    for form, t in sorted(tallies.items()):
        lines.append(_row(form, t))
        total.inputs += t.inputs
        total.ends += t.ends
        total.hangs += t.hangs
        total.worst_seconds = max(total.worst_seconds, t.worst_seconds)
        total.worst_megabytes = max(total.worst_megabytes, t.worst_megabytes)
    return "\n".join([*lines, _row("**all**", total), ""])


def _below() -> str:
    """What stands below the table: the runs before, told in words."""
    held = TABLE.read_text("utf-8") if TABLE.exists() else ""
    return held[held.index("\n## ") :] if "\n## " in held else ""


def _row(form: str, t: Tally) -> str:
    crashes = t.ends["crash"] + t.ends["died"]
    return f"| {form} | {t.inputs:,} | {t.ends['read']:,} | {t.ends['read with notes']:,} | {t.ends['refused']:,} | {crashes} | {t.ends['loss']} | {t.hangs} | {t.worst_seconds:.1f} | {t.worst_megabytes} |"


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--form", action="append", help="only these forms (repeat)")
    parser.add_argument(
        "--mutator", action="append", choices=MUTATORS, default=[], help="one that is not ours (repeat); bench/fuzz.txt"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--found", type=Path, default=Path(tempfile.gettempdir()) / "fuzz-found")
    parser.add_argument("--write", action="store_true", help=f"write {TABLE.name}")
    return parser.parse_args()


def judge(
    told: dict[str, Any],
    worker: Worker,
    chosen: argparse.Namespace,
    tallies: dict[str, Tally],
    versions: Versions,
    seen: Counter[str],
) -> None:
    """Counts one input, and keeps it where something is wrong with it."""
    if told["end"] == "crash" and (kind := ENDS.get(told["signature"].split(" ")[0])):
        told["end"] = kind
        told["signature"] += f" {told['form']}"
    elif told["megabytes"] > MOST_MEGABYTES:
        told |= {"end": "memory", "signature": f"memory {told['form']}"}
    elif told["busy"] > HANG_SECONDS:
        told |= {"end": "hang", "signature": f"hang {told['form']}"}
    note(tallies[told["form"]], told)
    if chosen.mutator:
        versions.count(told)
    if told["end"] in ("crash", "died", "hang", "loss", "short", "memory"):
        keep(told, Path(told.get("place") or worker.place) / f"in-{told['index']}-{told['number']}", chosen.found, seen)


def main() -> None:
    chosen = _asked()
    chosen.found.mkdir(parents=True, exist_ok=True)
    tallies: dict[str, Tally] = defaultdict(Tally)
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as folder:
        worker, versions = Worker(Path(folder), chosen.mutator), Versions(chosen.found, chosen.seed)
        indices = [i for i, f in enumerate(worker.forms) if not chosen.form or f in chosen.form]
        rng, end, number = random.Random(chosen.seed), time.monotonic() + chosen.minutes * 60, chosen.seed * 10**7
        by_form = defaultdict(list)
        for i in indices:
            by_form[worker.forms[i]].append(i)
        forms: list[str] = []
        drawn: dict[str, int] = {}
        while time.monotonic() < end:
            asked = []
            for _ in range(AT_ONCE):
                if number % REDRAWN == 0:
                    drawn = {form: rng.choice(held) for form, held in by_form.items()}
                number += 1
                forms = forms or rng.sample(sorted(by_form), len(by_form))
                asked.append((drawn[forms.pop()], number))
            for told in worker.run(asked):
                judge(told, worker, chosen, tallies, versions, seen)
            if number % (8 * AT_ONCE) == 0:
                versions.keep()
                (chosen.found / "fuzz.md").write_text(table(tallies, chosen.seed))
        worker.stop()
    text = table(tallies, chosen.seed)
    versions.keep()
    if chosen.write and chosen.mutator:
        TABLE.write_text(versions.into(TABLE.read_text("utf-8")))
    elif chosen.write:
        TABLE.write_text(text + _below())
    else:
        (chosen.found / "fuzz.md").write_text(text)
    print(text)
    for name, count in seen.most_common():
        print(f"{count:6}  {name}")
    sys.exit(1 if seen else 0)


if __name__ == "__main__":
    main()

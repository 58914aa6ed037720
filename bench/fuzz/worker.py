"""The process that runs inputs: within a bound on memory, reporting one line of JSON for each."""

import contextlib
import faulthandler
import gc
import json
import os
import random
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("POLARS_MAX_THREADS", "1")  # thousands of small frames: threads cost more than they bring

import polars as pl

from bench.fuzz.foreign import mutator
from bench.fuzz.laws import SilentLoss, hold_bill, hold_findings, hold_reading, hold_schemas, hold_tokens
from bench.fuzz.mutate import Input, make_input
from bench.fuzz.outside import make_outside
from bench.fuzz.seeds import Seed, seeds
from bench.fuzz.tokens import reading_of_seed, with_tokens
from reconcile.case import compare as compare_files
from reconcile.case import read
from reconcile.custody.bill import read_bill
from reconcile.errors import ReaderFailed, ReconcileError
from reconcile.inspection import as_text, describe
from reconcile.submission.payments import check_bill
from reconcile.submission.run import read_submission, run_check

# The interpreter with polars maps about 2 GB of address space before it reads anything.
ADDRESS_SPACE = 4 * 2**30
COMPARE_SHARE, REST_SHARE = 0.05, 0.005
# With mutators that are not ours the number of inputs counts, and a comparison takes twenty times as long as a reading.
OUTSIDE_COMPARE_SHARE, OUTSIDE_REST_SHARE, OUTSIDE_SCHEMA_SHARE = 0.002, 0.001, 0.1
# Inputs from one collection of garbage to the next.
COLLECT_EVERY = 500
# The processor's, all threads together; what takes longer is stopped by the system.
MOST_BUSY_SECONDS = 15
# Odd numbers are changed without regard to the form, even ones by its structure.
OTHERS_MOST, OTHER_BYTES = 60, 40_000


@dataclass(frozen=True)
class Shares:
    """Which share of the inputs goes through more than `read`: comparison and inspection, all commands, the frames' schemas."""

    compared: float = COMPARE_SHARE
    rest: float = REST_SHARE
    schemas: float = 1.0
    checked: float = 1.0


OUTSIDE = Shares(OUTSIDE_COMPARE_SHARE, OUTSIDE_REST_SHARE, OUTSIDE_SCHEMA_SHARE, OUTSIDE_SCHEMA_SHARE)


def run_input(
    seed: Seed,
    made: Input,
    base: Any,
    folder: Path,
    rng: random.Random,
    tokens: frozenset[str] | None = None,
    shares: Shares = Shares(),
    sound: Any = None,
) -> str:
    """Runs one input through the entry points; returns how it ended. Raises what is a failure."""
    try:
        if seed.use == "bill":
            return _run_bill(seed, made, base, rng, shares, sound)
        if seed.use == "submission":
            return _run_submission(made, base, folder, rng, tokens, shares, sound)
        reading = read(made.path, None, seed.options)
        if rng.random() < shares.schemas:
            hold_schemas(reading)
        hold_reading(reading, base, made.removed, made.path, seed.path, tokens)
        if rng.random() < shares.compared:
            hold_findings(reading, base)
        if rng.random() < shares.compared:
            as_text(describe(made.path, None, seed.options), "zh")
        if rng.random() < shares.rest:
            compare_files(made.path, seed.path, folder / "out")
            run_check(made.path, [seed.path], folder / "checked", options=seed.options)
    except ReaderFailed as error:
        raise (error.__cause__ or error) from None
    except ReconcileError as error:
        if "\n" in str(error):
            raise AssertionError(f"an error of several lines: {error}"[:300]) from None
        return f"refused: {type(error).__name__}"
    return "read" if not reading.notes else "read with notes"


def _run_bill(seed: Seed, made: Input, base: Any, rng: random.Random, shares: Shares, sound: Any) -> str:
    bill = read_bill(made.path, seed.password)
    if sound is not None and seed.password is None:
        hold_bill(bill, sound, made.path)
    if rng.random() < shares.compared:
        check_bill(bill, base, "a")
    return "read"


def _run_submission(
    made: Input,
    base: Any,
    folder: Path,
    rng: random.Random,
    tokens: frozenset[str] | None,
    shares: Shares,
    sound: Any,
) -> str:
    if rng.random() < shares.checked:
        run_check(made.path, [base], folder / "checked")
    if sound is not None:
        hold_tokens(read_submission(made.path).reading, sound, tokens or frozenset(), made.path)
    return "read"


class Bench:
    """The seeds with their sound readings, made once for a process; with tokens where the mutators are not ours."""

    def __init__(self, folder: Path, mutators: Sequence[str] = ()) -> None:
        self.seeds = seeds(folder)
        self._bases: dict[Path, Any] = {}
        self._folder = folder
        self._mutators = {name: mutator(name) for name in mutators}
        self._tokened: dict[int, tuple[Seed, frozenset[str]]] = {}
        self._sounds: dict[int, Any] = {}
        self._others = self._whole_files()

    def _whole_files(self) -> list[bytes]:
        found = {s.form: s.path for s in self.seeds if s.path.is_file() and s.path.stat().st_size <= OTHER_BYTES}
        return [p.read_bytes() for p in list(found.values())[:OTHERS_MOST]]

    def base(self, seed: Seed) -> Any:
        """What the sound seed gives: a reading, or the export that it is held against."""
        if seed.path not in self._bases:
            self._bases[seed.path] = self._made(seed)
        return self._bases[seed.path]

    def _made(self, seed: Seed) -> Any:
        from tests.build.bills import export, many  # noqa: PLC0415
        from tests.build.submissions import ROWS, table  # noqa: PLC0415

        if seed.use == "bill":
            return export(many(random.Random(2), 12, peers=2))
        if seed.use == "submission":
            return table(self._folder / "full.csv", ROWS)
        return read(seed.path, None, seed.options)

    def tokened(self, index: int) -> tuple[Seed, frozenset[str] | None]:
        """The seed that a foreign mutator changes, and the tokens in its words; None where it is a statement of payments."""
        seed = self.seeds[index]
        if seed.use == "bill":
            self._sounds[index] = self._sounds.get(index) or read_bill(seed.path, seed.password)
            return seed, None
        if index not in self._tokened:
            base = self.base(seed) if seed.use == "export" else reading_of_seed(seed)
            made, tokens, found = with_tokens(seed, base, self._folder / "tokens" / str(index))
            self._tokened[index], self._sounds[index] = (made, tokens), found
            self._bases[made.path] = found if seed.use == "export" else self.base(seed)
        return self._tokened[index]

    def run(self, index: int, number: int, folder: Path) -> dict[str, Any]:
        """One input, made from a seed and a number, run and described."""
        seed, rng, name, tokens = self.seeds[index], random.Random(f"{index}:{number}"), "ours", None
        if self._mutators:
            seed, tokens = self.tokened(index)
            name = rng.choice(sorted(self._mutators))
            made = make_outside(seed, folder, rng, self._mutators[name])
        else:
            made = _made_input(seed, folder, rng, self._others if number % 2 else None)
        base = self.base(seed)
        _forget_peak()
        started, busy = time.perf_counter(), time.process_time()
        told: dict[str, Any] = {
            "index": index,
            "number": number,
            "form": seed.form,
            "mutator": name,
            "what": made.what[:200],
        }
        try:
            told["end"] = run_input(
                seed, made, base, folder, rng, tokens, OUTSIDE if self._mutators else Shares(), self._sounds.get(index)
            )
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt | SystemExit):
                raise
            told |= {"end": "crash", "signature": signature(error), "trace": traceback.format_exc()[-3_000:]}
        return told | {
            "seconds": round(time.perf_counter() - started, 3),
            "busy": round(time.process_time() - busy, 3),
            "megabytes": _peak_megabytes(),
        }


def _made_input(seed: Seed, folder: Path, rng: random.Random, others: list[bytes] | None) -> Input:
    """A changed input; where a library trips over what an earlier change made, that earlier change is the input."""
    try:
        return make_input(seed, folder, rng, others)
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
            raise
        return Input(folder / seed.path.name, f"stopped by {type(error).__name__}", None)


def signature(error: BaseException) -> str:
    """Type and innermost place in our own code: crashes of one signature count as one."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "/reconcile/" in f.filename]
    place = frames[-1] if frames else traceback.extract_tb(error.__traceback__)[-1]
    words = str(error)[:60] if isinstance(error, AssertionError) and not isinstance(error, SilentLoss) else ""
    return f"{type(error).__name__} {Path(place.filename).name}:{place.name} {words}".strip()


def _forget_peak() -> None:
    with contextlib.suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_megabytes() -> int:
    try:
        line = next(x for x in Path("/proc/self/status").read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) // 1024
    except (OSError, StopIteration):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Reads `index number` lines from stdin, answers each with a line of JSON."""
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    folder = Path(sys.argv[1])
    # Libraries print on the standard output when they panic: answers go through a stream of their own.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    pl.Config.set_tbl_rows(5)
    bench = Bench(folder, sys.argv[2:])
    gc.collect()
    gc.freeze()
    gc.disable()
    faulthandler.register(signal.SIGPROF, chain=True)
    print(json.dumps([s.form for s in bench.seeds]), file=answers, flush=True)
    for line in sys.stdin:
        faulthandler.dump_traceback_later(25)
        index, number = map(int, line.split())
        if number % COLLECT_EVERY == 0:
            gc.collect()
        place = folder / f"in-{index}-{number}"
        place.mkdir()
        signal.setitimer(signal.ITIMER_PROF, MOST_BUSY_SECONDS)
        told = bench.run(index, number, place)
        signal.setitimer(signal.ITIMER_PROF, 0)
        if told["end"] != "crash":
            shutil.rmtree(place, ignore_errors=True)
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()

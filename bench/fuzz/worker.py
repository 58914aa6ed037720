"""The process that runs inputs: within a bound on memory, reporting one line of JSON for each."""

import contextlib
import faulthandler
import json
import os
import random
import resource
import shutil
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import polars as pl

from bench.fuzz.mutate import Input, make_input
from bench.fuzz.seeds import Seed, seeds
from reconcile.case import compare as compare_files
from reconcile.case import read
from reconcile.comparison import compare_readings
from reconcile.custody.bill import read_bill
from reconcile.errors import ReaderFailed, ReconcileError
from reconcile.frames import Contacts, Conversations, Counters, Members, Messages, Witnesses
from reconcile.inspection import as_text, describe
from reconcile.intake.contract import Reading
from reconcile.settings import Settings
from reconcile.submission.payments import check_bill
from reconcile.submission.run import run_check
from reconcile.vocabulary import NoteCode

# The interpreter with polars maps about 2 GB of address space before it reads anything.
ADDRESS_SPACE = 4 * 2**30
COMPARE_SHARE, REST_SHARE = 0.05, 0.01
# Odd numbers are changed without regard to the form, even ones by its structure.
OTHERS_MOST, OTHER_BYTES = 60, 40_000
# Notes that say nothing of a row that was not read: one of them never stands for a lost row.
_OF_ROWS_READ = frozenset(
    (NoteCode.BAD_TIME, NoteCode.UNKNOWN_KIND, NoteCode.ID_ROUNDED, NoteCode.ID_SPREADSHEET, NoteCode.ID_ODD, NoteCode.ZONE_ASSUMED,
     NoteCode.PRECISION_LOST, NoteCode.COERCED_CELL, NoteCode.ENCODING_GUESSED, NoteCode.SENDER_UNKNOWN, NoteCode.OWNER_UNKNOWN,
     NoteCode.COLUMN_UNKNOWN, NoteCode.COLUMN_GUESSED, NoteCode.MEDIA_MISSING, NoteCode.CONVERSATION_UNNAMED, NoteCode.PREFIX_STRIPPED)
)  # fmt: skip


class SilentLoss(AssertionError):
    """Fewer rows than were put in, and no note says so."""


def rows_of(reading: Reading) -> int:
    return reading.messages.height + (reading.posts.posts.height if reading.posts else 0)


def more_noted(reading: Reading, base: Reading) -> int:
    """How many more rows the notes speak of than those of the sound original, code by code."""
    new, old = Counter[NoteCode](), Counter[NoteCode]()
    for counter, notes in ((new, reading.notes), (old, base.notes)):
        for n in notes:
            counter[n.code] += n.count * (n.code not in _OF_ROWS_READ)
    return sum((new - old).values())


def hold_reading(reading: Reading, base: Reading | None, removed: int | None, path: Path, sound: Path) -> None:
    """The laws that every reading keeps; against its sound original also that nothing went silently."""
    for schema, frame in (
        (Messages, reading.messages), (Conversations, reading.conversations), (Contacts, reading.contacts), (Members, reading.members),
        (Witnesses, reading.witnesses), (Counters, reading.counters),
    ):  # fmt: skip
        schema.validate(frame)
    messages = reading.messages
    assert messages["locator"].is_unique().all(), "two rows of one locator"
    assert set(messages["conversation"]) <= set(reading.conversations["conversation"]), "row of no conversation"
    if base is None:
        return
    rows, base_rows, said = rows_of(reading), rows_of(base), more_noted(reading, base)
    lost = base_rows - rows - (removed or 0)
    if removed is not None and lost > said and not _speaks_of_parts(reading, base):
        raise SilentLoss(f"{base_rows} rows were {rows}, {said} more noted, removed {removed}")
    if _speaks_of_parts(reading, base):
        return
    if removed is None and lost > said and (gone := words_gone(path, sound, reading, base)) > said:
        raise SilentLoss(f"{base_rows} rows were {rows}, words of {gone} stand in the file and nowhere else")


def _speaks_of_parts(reading: Reading, base: Reading) -> bool:
    """Whether a new note says that a whole part was not read: it counts once, however many rows lay in it."""
    parts = {
        NoteCode.PART_UNREADABLE,
        NoteCode.PART_UNSUPPORTED,
        NoteCode.PART_ENCRYPTED,
        NoteCode.MEMBER_UNLISTED,
        NoteCode.MEMBER_MISSING,
        NoteCode.COUNT_MISMATCH,
    }
    known = {(n.code, n.locator, n.excerpt) for n in base.notes}
    return any(n.code in parts and (n.code, n.locator, n.excerpt) not in known for n in reading.notes)


def words_gone(path: Path, sound: Path, reading: Reading, base: Reading) -> int:
    """How many texts of the sound reading stand as often as ever in the changed files, and in no row and no note."""
    held, before = _words_of(path), _words_of(sound)
    rows = [*reading.messages["text"].to_list(), *reading.messages["raw"].drop_nulls().to_list()]
    told = "\n".join([*rows, *(n.excerpt for n in reading.notes)])
    texts = {t for t in base.messages["text"].to_list() if len(t) > 3}
    return sum(0 < before.count(t) <= held.count(t) and t not in told for t in texts)


def _words_of(path: Path) -> str:
    files = [path] if path.is_file() else [f for f in path.rglob("*") if f.is_file() and not f.is_symlink()]
    return "\n".join(f.read_bytes().decode("utf-8", "replace") for f in files)


def hold_findings(left: Reading, right: Reading) -> None:
    """Every row of both sides exactly once (contract 3)."""
    found = compare_readings(left, right, Settings())
    for side, reading in (("left_row", left), ("right_row", right)):
        rows = found.alignment[side].drop_nulls().sort().to_list()
        assert rows == list(range(reading.messages.height)), f"{side}: rows stand not exactly once"


def run_input(seed: Seed, made: Input, base: Any, folder: Path, rng: random.Random) -> str:
    """Runs one input through the entry points; returns how it ended. Raises what is a failure."""
    try:
        if seed.use == "bill":
            bill = read_bill(made.path, seed.password)
            if rng.random() < COMPARE_SHARE:
                check_bill(bill, base, "a")
            return "read"
        if seed.use == "submission":
            run_check(made.path, [base], folder / "checked")
            return "read"
        reading = read(made.path, None, seed.options)
        hold_reading(reading, base, made.removed, made.path, seed.path)
        if rng.random() < COMPARE_SHARE:
            hold_findings(reading, base)
        if rng.random() < REST_SHARE:
            as_text(describe(made.path, None, seed.options), "zh")
            compare_files(made.path, seed.path, folder / "out")
            run_check(made.path, [seed.path], folder / "checked", options=seed.options)
    except ReaderFailed as error:
        raise (error.__cause__ or error) from None
    except ReconcileError as error:
        if "\n" in str(error):
            raise AssertionError(f"an error of several lines: {error}"[:300]) from None
        return f"refused: {type(error).__name__}"
    return "read" if not reading.notes else "read with notes"


class Bench:
    """The seeds with their sound readings, made once for a process."""

    def __init__(self, folder: Path) -> None:
        self.seeds = seeds(folder)
        self._bases: dict[Path, Any] = {}
        self._folder = folder
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
        from tests.bill_build import many  # noqa: PLC0415
        from tests.test_bill_run import export  # noqa: PLC0415
        from tests.test_check_run import ROWS, table  # noqa: PLC0415

        if seed.use == "bill":
            return export(many(random.Random(2), 12, peers=2))
        if seed.use == "submission":
            return table(self._folder / "full.csv", ROWS)
        return read(seed.path, None, seed.options)

    def run(self, index: int, number: int, folder: Path) -> dict[str, Any]:
        """One input, made from a seed and a number, run and described."""
        seed, rng = self.seeds[index], random.Random(f"{index}:{number}")
        base = self.base(seed)
        made = _made_input(seed, folder, rng, self._others if number % 2 else None)
        _forget_peak()
        started, busy = time.perf_counter(), time.process_time()
        told: dict[str, Any] = {"index": index, "number": number, "form": seed.form, "what": made.what[:200]}
        try:
            told["end"] = run_input(seed, made, base, folder, rng)
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
    bench = Bench(folder)
    print(json.dumps([s.form for s in bench.seeds]), file=answers, flush=True)
    for line in sys.stdin:
        faulthandler.dump_traceback_later(25)
        index, number = map(int, line.split())
        place = folder / f"in-{index}-{number}"
        place.mkdir()
        told = bench.run(index, number, place)
        if told["end"] != "crash":
            shutil.rmtree(place, ignore_errors=True)
        print(json.dumps(told), file=answers, flush=True)


if __name__ == "__main__":
    main()

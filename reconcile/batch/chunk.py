"""One chunk of a batch, start to end: every engine calls `run_chunk` and nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import dataframely as dy
import polars as pl

from reconcile.batch.combined_cases import compare_together
from reconcile.batch.jobs import Job, Task
from reconcile.batch.journal import CASES, TABLES, enter
from reconcile.batch.memory import can_watch, fitting_size, needed, window_size
from reconcile.batch.remote import fetched, joined
from reconcile.batch.triage import NAMES, SCHEMA, case_row, case_rows
from reconcile.batch.windows import CannotSplit, compare_in_windows
from reconcile.case import read
from reconcile.custody.atomic_folder import writing
from reconcile.engine.compare import compare_readings
from reconcile.errors import ReconcileError
from reconcile.formats.neutral.message_table import MessageTable
from reconcile.frames import Alignment, Findings, PostFindings, Verdicts
from reconcile.frames_posts import ArticlePairs, Favourites, InteractionAlignment, PostAlignment, PostTraces
from reconcile.intake.contract import Reading
from reconcile.intake.frames import frame_of
from reconcile.intake.source import SourceFile
from reconcile.options import CaseOptions
from reconcile.outputs import command_of, write_case
from reconcile.parquet import plain
from reconcile.vocabulary import GRADES_AGAINST
from reconcile.wording import say

_NUMBER = {"number": pl.UInt32}
FAILURES = {"case": pl.String, "error": pl.String}
INPUTS = {
    "case": pl.String, "side": pl.String, "path": pl.String, "size": pl.Int64, "sha256": pl.String, "sm3": pl.String,
    "reader": pl.String, "is_statement": pl.Boolean, "rows": pl.UInt32, "notes": pl.UInt32,
}  # fmt: skip


@dataclass(slots=True)
class _Rows:
    lines: list[pl.DataFrame]
    verdicts: list[pl.DataFrame]
    cases: list[dict[str, object]]
    failures: list[tuple[int, str, str]]
    inputs: list[tuple[object, ...]]
    posts: list[PostFindings] = field(default_factory=list)


def run_chunk(task: Task) -> int:
    """Compares every case of the chunk and enters the results in the journal; returns their number."""
    rows = _Rows([], [], [], [], [])
    done = (
        set() if task.is_alone else {n for part in memory_passes(task) for n in _compare_simple_cases(part, task, rows)}
    )
    for job in task.jobs:
        if job.number in done:
            continue
        split = job.problem is None and job.number not in task.lost and _is_too_large(job, task)
        problem = (
            _compare_by_windows(job, task, rows) if split else problem_of(job, task) or _compare_alone(job, task, rows)
        )
        if problem:
            rows.failures.append((job.number, job.case, problem))
    enter(task.out, task.chunk, _ordered(rows.lines, plain(frame_of(Alignment))), _result_tables(rows))
    return len(task.jobs)


def memory_passes(task: Task) -> list[list[Job]]:
    """The cases that may be simple, in groups that fit into the worker's share of memory."""
    most = fitting_size(task.share)
    parts: list[list[Job]] = [[]]
    held = 0
    for job in task.jobs:
        if problem_of(job, task) or _is_too_large(job, task) or any(job.addresses):
            continue
        if most is not None and held + job.size > most and parts[-1]:
            parts.append([])
            held = 0
        parts[-1].append(job)
        held += job.size
    return parts


def _compare_simple_cases(jobs: list[Job], task: Task, rows: _Rows) -> set[int]:
    """Compares the simple ones of the given cases in one pass; returns the numbers of those done."""
    try:
        found = compare_together(jobs, task.options)
    except (Exception, pl.exceptions.PanicException):
        # One case fails, so the cases are compared one by one. The failing case then reports its own error.
        return set()
    if found is None:
        return set()
    numbers = [(at, j.number, j.case) for at, j in enumerate(found.jobs)]
    names = pl.DataFrame(numbers, schema=NAMES, orient="row")
    absent = dict(found.found.absent.group_by("pair").len().iter_rows())
    cases = case_rows(names, found.found.alignment, found.found.verdicts, absent, found.amounts)
    # A case with a folder needs all its frames, which only its own comparison makes.
    kept = {
        j.number for c, j in zip(cases, found.jobs, strict=True) if _result_folder(j, str(c["grade"]), task) is None
    }
    rows.cases += [c | {"drawn": False, "folder": None} for c in cases if c["number"] in kept]
    kept_names = names.filter(pl.col("number").is_in(kept))
    for frame, into in ((found.found.alignment, rows.lines), (found.found.verdicts, rows.verdicts)):
        named = frame.drop("case").join(kept_names, on="pair", how="inner", maintain_order="left")
        into.append(plain(named.select("number", *(c for c in frame.columns if c != "pair"))))
    for job, sides, heights, notes in zip(found.jobs, found.sides, found.rows, found.notes, strict=True):
        if job.number in kept:
            rows.inputs += _table_inputs(job, [(e.file, *e.beside) for e in sides], heights, notes)
    return kept


def try_alone(task: Task) -> int:
    """Compares the chunk's cases and discards the results, to learn whether that ends the worker."""
    for job in task.jobs:
        nothing = _Rows([], [], [], [], [])
        if _is_too_large(job, task):
            _compare_by_windows(job, task, nothing, keep=False)
        else:
            _compare_alone(job, task, nothing, keep=False)
    return len(task.jobs)


def _too_large_message(job: Job, task: Task) -> str:
    """The reason of failure for a case that does not fit into the worker's share of memory."""
    sizes = {"needed": needed(job.size) // 2**20, "share": (task.share or 0) // 2**20}
    return say("batch.too_large", task.options.lang, **sizes)


def problem_of(job: Job, task: Task) -> str | None:
    """Why a case is not compared, in the language of the run; None = it is."""
    if job.number in task.lost and _is_too_large(job, task):
        return _too_large_message(job, task)
    if job.number in task.lost:
        return say("batch.lost", task.options.lang)
    return job.problem


def _is_too_large(job: Job, task: Task) -> bool:
    return task.share is not None and needed(job.size) > task.share


def _compare_by_windows(job: Job, task: Task, rows: _Rows, *, keep: bool = True) -> str | None:
    """Compares a case larger than the share by windows of time; returns why that failed, or None."""
    assert task.share is not None
    most = window_size(task.share, job.size)
    try:
        if most is None or task.folders != "none" or job.number in task.drawn:
            raise CannotSplit("no memory for the joined rows, or a folder of its own is wanted")
        found = compare_in_windows(job, task.options, most)
    except CannotSplit:
        # The estimate is the worst case. Where a process that exceeds its share is ended, trying the case shows its
        # real need.
        return _compare_alone(job, task, rows, keep=keep) if can_watch() else _too_large_message(job, task)
    except (Exception, pl.exceptions.PanicException) as error:
        return _reason_of_failure(error, task)
    if not keep:
        return None
    pair, number = (pl.lit(v, dtype=pl.UInt32).alias(n) for n, v in (("pair", 0), ("number", job.number)))
    names = pl.DataFrame([(0, job.number, job.case)], schema=NAMES, orient="row")
    lines, verdicts, amounts = (f.with_columns(pair) for f in (found.alignment, found.verdicts, found.amounts))
    row = case_rows(names, lines, verdicts, {}, amounts.select("pair", "side", "row", "amount", "is_named"))[0]
    rows.cases.append(row | {"drawn": False, "folder": None})
    rows.lines.append(plain(found.alignment).select(number, pl.all()))
    rows.verdicts.append(plain(found.verdicts).select(number, pl.all()))
    rows.inputs += _table_inputs(job, found.files, found.rows, found.notes)
    return None


def _compare_alone(job: Job, task: Task, rows: _Rows, *, keep: bool = True) -> str | None:
    """Adds one case to `rows`; returns why it failed, or None. Errors stay within the case."""
    try:
        limits = task.options.read[0].limits
        with fetched(job.addresses, (job.left, job.right), limits) as (left, right):
            local = replace(job, left=left, right=right)
            findings, readings = compare_job(local, task.options)
            row = case_row(job.number, job.case, findings) | {"drawn": job.number in task.drawn}
            folder = _result_folder(job, str(row["grade"]), task)
            if keep and folder:
                _write_result(local, folder, findings, readings, task)
    except (Exception, pl.exceptions.PanicException) as error:
        return _reason_of_failure(error, task)
    rows.cases.append(row | {"folder": folder})
    number = pl.lit(job.number, dtype=pl.UInt32).alias("number")
    rows.lines.append(plain(findings.alignment).select(number, pl.all()))
    rows.verdicts.append(findings.verdicts.select(number, pl.all()))
    rows.inputs += _input_rows(job, readings)
    if findings.posts is not None:
        rows.posts.append(findings.posts)
    return None


def _reason_of_failure(error: BaseException, task: Task) -> str:
    """Why a case could not be done: the line of our own errors, the name of any other."""
    if isinstance(error, ReconcileError):
        return str(error)
    return say("batch.broke", task.options.lang, error=f"{type(error).__name__}: {str(error)[:300]}")


def compare_job(job: Job, options: CaseOptions) -> tuple[Findings, list[Reading]]:
    """The findings of one case, and both readings."""
    sides = zip((job.left, job.right), options.readers, options.read, strict=True)
    readings = [read(path, reader, read_options) for path, reader, read_options in sides]
    rates = bool(options.error_rates)
    found = compare_readings(readings[0], readings[1], options.settings, job.case, options.stated, error_rates=rates)
    return found, readings


def _result_folder(job: Job, grade: str, task: Task) -> str | None:
    """The folder of a case's own results, below the batch's; None where it gets none."""
    wanted = (
        task.folders == "all" or (task.folders == "findings" and grade in GRADES_AGAINST) or job.number in task.drawn
    )
    # The name of a case comes from the material, so it never becomes a path.
    return f"{CASES}/{job.number:08d}" if wanted else None


def _write_result(job: Job, folder: str, findings: Findings, readings: list[Reading], task: Task) -> None:
    with writing(task.out / folder, overwrite=True) as draft:
        command = command_of(job.left, job.right, task.options, job.case)
        write_case(findings, readings, draft, task.options, command, folder)


def _table_inputs(
    job: Job, files: Sequence[Sequence[SourceFile]], heights: Sequence[int], notes: Sequence[int]
) -> list[tuple[object, ...]]:
    """A row of INPUTS for each file of a case of two message tables."""
    return [
        (job.number, job.case, side, f.path, f.size, f.sha256, f.sm3, MessageTable.name, f.is_statement, height, count)
        for side, own, height, count in zip(("left", "right"), files, heights, notes, strict=True)
        for f in own
    ]


def _input_rows(job: Job, readings: list[Reading]) -> list[tuple[object, ...]]:
    """A row of INPUTS for each file of the case."""
    return [
        (
            job.number,
            job.case,
            side,
            _input_path(address, f, sum(not s.is_statement for s in r.sources)),
            f.size,
            f.sha256,
            f.sm3,
            r.facts.reader,
            f.is_statement,
            r.messages.height,
            len(r.notes),
        )
        for side, address, r in zip(("left", "right"), job.addresses, readings, strict=True)
        for f in r.sources
    ]


def _input_path(address: str, file: SourceFile, files: int) -> str:
    """The place of an input: its path, or the address from which it was fetched."""
    if not address:
        return file.path
    if file.is_statement:
        return joined(address.rsplit("/", 1)[0], file.path)
    return address if files == 1 else joined(address, file.path)


def _result_tables(rows: _Rows) -> dict[str, pl.DataFrame]:
    """Every table of the chunk by name, its rows in the order of the cases."""
    found = (
        _ordered(rows.verdicts, frame_of(Verdicts)),
        pl.DataFrame(rows.cases, schema=SCHEMA, orient="row").sort("number"),
        _ordered([pl.DataFrame(rows.failures, schema={**_NUMBER, **FAILURES}, orient="row")]),
        _ordered([pl.DataFrame(rows.inputs, schema={**_NUMBER, **INPUTS}, orient="row")]),
    )
    return dict(zip(TABLES, (*found, *_post_tables(rows.posts)), strict=True))


def _post_tables(posts: list[PostFindings]) -> list[pl.DataFrame]:
    """The tables of `POST_TABLES` over the cases of the chunk that have posts."""
    parts: list[tuple[type[dy.Schema], list[pl.DataFrame]]] = [
        (PostAlignment, [p.alignment for p in posts]),
        (InteractionAlignment, [p.interactions_alignment for p in posts]),
        (PostTraces, [p.traces for p in posts]),
        (ArticlePairs, [p.article_pairs for p in posts]),
        (Favourites, [p.favourites for p in posts]),
    ]
    return [pl.concat([plain(frame_of(schema)), *map(plain, frames)]).rechunk() for schema, frames in parts]


def _ordered(frames: list[pl.DataFrame], empty: pl.DataFrame | None = None) -> pl.DataFrame:
    """The frames as one, in the order of the cases, whichever worker did them."""
    if not frames:
        assert empty is not None
        return empty
    return pl.concat(frames).sort("number", maintain_order=True).drop("number").rechunk()

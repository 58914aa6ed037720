"""One chunk of a batch, start to end: every engine calls `run_chunk` and nothing else."""

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

import dataframely as dy
import polars as pl

from reconcile.batch.jobs import Folders, Job
from reconcile.batch.journal import CASES, TABLES, enter
from reconcile.batch.triage import SCHEMA, case_row
from reconcile.case import CaseOptions, command_of, plain, read, write_case, writing
from reconcile.comparison import compare_readings
from reconcile.errors import ReconcileError
from reconcile.frames import Alignment, Findings, PostFindings, Verdicts
from reconcile.frames_posts import ArticlePairs, Favourites, InteractionAlignment, PostAlignment, PostTraces
from reconcile.intake.assemble import frame_of
from reconcile.intake.contract import Reading
from reconcile.wording import say

AGAINST = ("conflicting", "one_sided")
FAILURES = {"case": pl.String, "error": pl.String}
INPUTS = {
    "case": pl.String, "side": pl.String, "path": pl.String, "size": pl.Int64, "sha256": pl.String, "sm3": pl.String,
    "reader": pl.String, "rows": pl.UInt32, "notes": pl.UInt32,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """What a worker is given: a chunk, where its results go, and which of its cases are not to be touched again.

    `lost`: numbers of cases that ended a worker when tried alone. `drawn`: numbers of the cases drawn for audit.
    """

    chunk: int
    jobs: tuple[Job, ...]
    out: Path
    options: CaseOptions
    folders: Folders = "none"
    drawn: Collection[int] = frozenset()
    lost: Collection[int] = frozenset()


@dataclass(slots=True)
class _Rows:
    lines: list[pl.DataFrame]
    verdicts: list[pl.DataFrame]
    cases: list[dict[str, object]]
    failures: list[tuple[str, str]]
    inputs: list[tuple[object, ...]]
    posts: list[PostFindings] = field(default_factory=list)


def run_chunk(task: Task) -> int:
    """Compares every case of the chunk and enters the results in the journal; gives the number of cases."""
    rows = _Rows([], [], [], [], [])
    for job in task.jobs:
        problem = _problem(job, task) or _attempt(job, task, rows)
        if problem:
            rows.failures.append((job.case, problem))
    enter(task.out, task.chunk, _joined(rows.lines, plain(frame_of(Alignment))), _tables(rows))
    return len(task.jobs)


def try_alone(task: Task) -> int:
    """Compares the chunk's cases and keeps nothing: whether that ends the worker is what is asked."""
    for job in task.jobs:
        _attempt(job, task, _Rows([], [], [], [], []), keep=False)
    return len(task.jobs)


def _problem(job: Job, task: Task) -> str | None:
    if job.number in task.lost:
        return say("batch.lost", task.options.lang)
    return job.problem


def _attempt(job: Job, task: Task, rows: _Rows, *, keep: bool = True) -> str | None:
    """One case into `rows`; gives why it could not be done. Whatever goes wrong in a case stays in it."""
    try:
        findings, readings = _compared(job, task.options)
        row = case_row(job.number, job.case, findings) | {"drawn": job.number in task.drawn}
        folder = _folder(job, str(row["grade"]), task)
        if keep and folder:
            _write(job, folder, findings, readings, task)
    except ReconcileError as error:
        return str(error)
    except (Exception, pl.exceptions.PanicException) as error:
        return say("batch.broke", task.options.lang, error=f"{type(error).__name__}: {str(error)[:300]}")
    rows.cases.append(row | {"folder": folder})
    rows.lines.append(plain(findings.alignment))
    rows.verdicts.append(findings.verdicts)
    rows.inputs += _inputs(job, readings)
    if findings.posts is not None:
        rows.posts.append(findings.posts)
    return None


def _compared(job: Job, options: CaseOptions) -> tuple[Findings, list[Reading]]:
    sides = zip((job.left, job.right), options.readers, options.read, strict=True)
    readings = [read(path, reader, told) for path, reader, told in sides]
    rates = bool(options.error_rates)
    found = compare_readings(readings[0], readings[1], options.settings, job.case, options.stated, error_rates=rates)
    return found, readings


def _folder(job: Job, grade: str, task: Task) -> str | None:
    wanted = task.folders == "all" or (task.folders == "findings" and grade in AGAINST) or job.number in task.drawn
    # The name of a case comes from the material: it never becomes a path.
    return f"{CASES}/{job.number:08d}" if wanted else None


def _write(job: Job, folder: str, findings: Findings, readings: list[Reading], task: Task) -> None:
    with writing(task.out / folder, overwrite=True) as draft:
        command = command_of(job.left, job.right, task.options, job.case)
        write_case(findings, readings, draft, task.options, command)


def _inputs(job: Job, readings: list[Reading]) -> list[tuple[object, ...]]:
    return [
        (job.case, side, f.path, f.size, f.sha256, f.sm3, r.facts.reader, r.messages.height, len(r.notes))
        for side, r in zip(("left", "right"), readings, strict=True)
        for f in r.sources
    ]


def _tables(rows: _Rows) -> dict[str, pl.DataFrame]:
    found = (
        _joined(rows.verdicts, frame_of(Verdicts)),
        pl.DataFrame(rows.cases, schema=SCHEMA, orient="row"),
        pl.DataFrame(rows.failures, schema=FAILURES, orient="row"),
        pl.DataFrame(rows.inputs, schema=INPUTS, orient="row"),
    )
    return dict(zip(TABLES, (*found, *_post_tables(rows.posts)), strict=True))


def _post_tables(posts: list[PostFindings]) -> list[pl.DataFrame]:
    """The tables of `POST_TABLES` over the cases of the chunk that hold any."""
    parts: list[tuple[type[dy.Schema], list[pl.DataFrame]]] = [
        (PostAlignment, [p.alignment for p in posts]),
        (InteractionAlignment, [p.interactions_alignment for p in posts]),
        (PostTraces, [p.traces for p in posts]),
        (ArticlePairs, [p.article_pairs for p in posts]),
        (Favourites, [p.favourites for p in posts]),
    ]
    return [_joined([plain(f) for f in frames], plain(frame_of(schema))) for schema, frames in parts]


def _joined(frames: list[pl.DataFrame], empty: pl.DataFrame) -> pl.DataFrame:
    return pl.concat([empty, *frames]).rechunk()

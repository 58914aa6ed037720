"""run_batch(): finds the cases, distributes them to workers and joins the tables."""

import os
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import orjson
import polars as pl

from reconcile import __version__
from reconcile.batch import journal, memory, remote
from reconcile.batch.engines import SchedulerLost, cores, run_cluster, run_here, run_processes
from reconcile.batch.jobs import BatchOptions, Job, Task, chunks_of, drawn, find_jobs, fingerprint, stamped_files
from reconcile.batch.page import render, rows_in, same_files
from reconcile.case import Progress
from reconcile.custody.atomic_folder import MANIFEST, refuse_inside
from reconcile.engine.confidence import bounds_of
from reconcile.errors import UnreadableSource
from reconcile.options import CaseOptions

PAGE = "summary.html"
# The number of failures printed on a terminal.
FIRST = 5


@dataclass(slots=True)
class Summary:
    """The outcome of a batch.

    Attributes:
        done: cases compared.
        failed: cases that could not be processed.
        grades: grade -> conversations.
        same_files: cases whose two sides are the same files.
        case_grades: grades that cases have, each the gravest of the case's conversations.
        failures: the first of those that could not be processed, in the order of the batch: name and reason.
    """

    done: int = 0
    failed: int = 0
    grades: dict[str, int] = field(default_factory=dict)
    same_files: int = 0
    case_grades: frozenset[str] = frozenset()
    failures: tuple[tuple[str, str], ...] = ()


def run_batch(
    cases: Path | str,
    out: Path,
    options: CaseOptions,
    batch: BatchOptions | None = None,
    *,
    overwrite: bool = False,
    progress: Progress = lambda _: None,
    begun: Executor | None = None,
) -> Summary:
    """Compares every case and writes all results and a summary page to `out`.

    It writes alignment/*.parquet, and verdicts, cases, failures and inputs as parquet. `begun`: workers started
    earlier (engines.begun); they are unused where work is not shared among local processes.

    Run again into the same folder, it resumes where an earlier run stopped and ends with the same bytes. A finished
    run is only summed up.

    Raises SourceError or CaseError when the batch itself cannot run. A case that cannot run becomes a row of
    failures.parquet.
    """
    batch = batch or BatchOptions()
    if not remote.is_remote(str(cases)) and Path(cases).is_dir():
        refuse_inside(out, [Path(cases)])
    jobs = find_jobs(cases)
    seen = stamped_files(jobs)
    with journal.opened(out, fingerprint(jobs, options, batch, seen), overwrite=overwrite) as finished:
        if not finished:
            chunks = chunks_of(jobs, seen)
            _run_tasks(_tasks(chunks, jobs, out, options, batch), batch, len(jobs), progress, begun)
            _write_totals(out, len(chunks), options, batch)
    return _summary_of(out)


def _tasks(
    chunks: list[tuple[Job, ...]], jobs: list[Job], out: Path, options: CaseOptions, batch: BatchOptions
) -> list[Task]:
    """The tasks for the chunks that are not complete yet."""
    whole = journal.entered(out)
    share = None if batch.memory is None else memory.plan(batch.memory, batch.workers or cores()).share
    audit = drawn(jobs, batch.sample, options.settings.seed) if batch.sample else frozenset[int]()
    # Remote workers have another current folder.
    place = Path(os.path.abspath(out))  # noqa: PTH100 - links stay links
    return [
        Task(n, c, place, options, batch.folders, audit.intersection(j.number for j in c), share=share)
        for n, c in enumerate(chunks)
        if n not in whole
    ]


def _run_tasks(tasks: list[Task], batch: BatchOptions, total: int, progress: Progress, begun: Executor | None) -> None:
    """Runs the tasks here, in processes or on a cluster; reports the number of finished cases."""
    done = total - sum(len(t.jobs) for t in tasks)

    def count_done(cases: int) -> None:
        """Adds finished cases and reports the progress."""
        nonlocal done
        done += cases
        progress(f"{done}/{total}")

    count_done(0)
    workers = batch.workers or cores()
    if not tasks:
        return
    if batch.cluster:
        try:
            run_cluster(tasks, batch.cluster, count_done)
        except SchedulerLost:
            raise UnreadableSource(
                batch.cluster,
                f"--cluster {batch.cluster}: the scheduler is gone; {done} of {total} cases are finished and kept; "
                "start it or another one and run the same command again, which goes on from there",
            ) from None
    elif batch.memory is None and (workers == 1 or (batch.workers is None and len(tasks) == 1)):
        run_here(tasks, count_done)
    elif batch.memory is None:
        run_processes(tasks, workers, count_done, ready=begun)
    else:
        _run_within_memory(tasks, batch.memory, workers, count_done)


def _run_within_memory(tasks: list[Task], limit: int, workers: int, count: Callable[[int], None]) -> None:
    """Runs chunks with a case too large for a worker's share one by one, after all others.

    Such a chunk may use all the memory.
    """
    plan, whole = memory.plan(limit, workers), memory.plan(limit, 1)
    large = [t for t in tasks if any(memory.needed(j.size) > (plan.share or 0) for j in t.jobs)]
    run_processes([t for t in tasks if t not in large], plan.workers, count, plan.share)
    run_processes([replace(t, share=whole.share) for t in large], 1, count, whole.share)


def _write_totals(out: Path, chunks: int, options: CaseOptions, batch: BatchOptions) -> None:
    """Writes the tables over all cases, the page, and last the manifest, which marks the run as finished."""
    for name in journal.TABLES:
        parts = journal.tables_of_chunks(out, name, chunks)
        if name not in journal.POST_TABLES or rows_in(parts):
            journal.write_whole(out / f"{name}.parquet", partial(journal.join_into, parts))
    tables = ("cases", "verdicts", "failures", "inputs")
    cases, verdicts, failures, inputs = (pl.scan_parquet(out / f"{n}.parquet") for n in tables)
    same = same_files(inputs).collect(engine="streaming")
    page = render(cases, verdicts, failures, same.lazy(), options.labels, options.lang)
    journal.write_whole(out / PAGE, lambda f: f.write_bytes(page.encode()))
    body = {
        "format": 1,
        "program": "reconcile",
        "version": __version__,
        "cases": rows_in(cases),
        "failures": rows_in(failures),
        "same_files": same.height,
        "error_bounds": bounds_of(verdicts),
        "chunks": chunks,
        "folders": batch.folders,
        "sample": batch.sample,
        "settings": options.settings.model_dump(mode="json"),
        "outputs": journal.digests(out),
    }
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    journal.write_whole(out / MANIFEST, lambda f: f.write_bytes(data))
    journal.forget(out)


def _summary_of(out: Path) -> Summary:
    """The outcome as the written results state it."""
    manifest = orjson.loads((out / MANIFEST).read_bytes())
    grades = pl.scan_parquet(out / "verdicts.parquet").group_by("grade").len().sort("grade")
    counted = dict(grades.collect(engine="streaming").iter_rows())
    by_case = pl.scan_parquet(out / "cases.parquet").select(pl.col("grade").unique()).collect(engine="streaming")
    cases = frozenset(by_case["grade"])
    failures = pl.scan_parquet(out / "failures.parquet").select("case", "error").head(FIRST).collect().rows()
    return Summary(
        manifest["cases"], manifest["failures"], counted, manifest.get("same_files", 0), cases, tuple(failures)
    )

"""Many cases: a folder or a manifest; one bad case never stops the rest, and a run that was killed goes on."""

import os
from dataclasses import dataclass, field, replace
from pathlib import Path

import orjson
import polars as pl

from reconcile import __version__
from reconcile.batch import journal
from reconcile.batch.chunk import Task
from reconcile.batch.engines import cores, run_cluster, run_here, run_processes
from reconcile.batch.jobs import BatchOptions, Job, chunks_of, drawn, find_jobs, fingerprint
from reconcile.batch.page import render
from reconcile.case import MANIFEST, CaseOptions, Progress
from reconcile.custody.guard import refuse_inside

PAGE = "summary.html"


@dataclass(slots=True)
class Summary:
    """What a batch came to: cases done and failed, and how many conversations got which grade."""

    done: int = 0
    failed: int = 0
    grades: dict[str, int] = field(default_factory=dict)


def run_batch(
    cases: Path,
    out: Path,
    options: CaseOptions,
    batch: BatchOptions | None = None,
    *,
    overwrite: bool = False,
    progress: Progress = lambda _: None,
) -> Summary:
    """Compares every case and writes alignment/*.parquet, verdicts, cases, failures and inputs as parquet, and a summary page to `out`.

    Run again into the same folder it goes on where an earlier run was stopped, and ends with the same bytes; a finished run is only summed up.

    Raises SourceError or CaseError when the batch itself cannot run; a case that cannot becomes a row of failures.parquet.
    """
    batch = batch or BatchOptions()
    if cases.is_dir():
        refuse_inside(out, [cases])
    jobs = find_jobs(cases)
    with journal.opened(out, fingerprint(jobs, options, batch), overwrite=overwrite) as finished:
        if not finished:
            chunks = chunks_of(jobs)
            _work(_tasks(chunks, jobs, out, options, batch), batch, len(jobs), progress)
            _close(out, len(chunks), options, batch)
    return _summary(out)


def _tasks(
    chunks: list[tuple[Job, ...]], jobs: list[Job], out: Path, options: CaseOptions, batch: BatchOptions
) -> list[Task]:
    """The chunks that are not whole yet."""
    whole = journal.entered(out)
    audit = drawn(jobs, batch.sample, options.settings.seed)
    # Workers elsewhere have another current folder.
    place = Path(os.path.abspath(out))  # noqa: PTH100 - links stay links
    return [
        Task(n, _placed(c), place, options, batch.folders, audit.intersection(j.number for j in c))
        for n, c in enumerate(chunks)
        if n not in whole
    ]


def _placed(jobs: tuple[Job, ...]) -> tuple[Job, ...]:
    return tuple(replace(j, left=Path(os.path.abspath(j.left)), right=Path(os.path.abspath(j.right))) for j in jobs)  # noqa: PTH100 - as above


def _work(tasks: list[Task], batch: BatchOptions, total: int, progress: Progress) -> None:
    done = total - sum(len(t.jobs) for t in tasks)

    def count(cases: int) -> None:
        nonlocal done
        done += cases
        progress(f"{done}/{total}")

    count(0)
    workers = batch.workers or cores()
    if not tasks:
        return
    if batch.cluster:
        run_cluster(tasks, batch.cluster, count)
    elif workers == 1 or (batch.workers is None and len(tasks) == 1):
        run_here(tasks, count)
    else:
        run_processes(tasks, workers, count)


def _close(out: Path, chunks: int, options: CaseOptions, batch: BatchOptions) -> None:
    """The tables over all cases, the page, and last the manifest: only then the run is finished."""
    tables = {name: pl.concat(journal.entries(out, name, chunks)).rechunk() for name in journal.TABLES}
    for name, frame in tables.items():
        if name in journal.POST_TABLES and frame.is_empty():
            continue
        journal.write_whole(out / f"{name}.parquet", lambda f, frame=frame: frame.write_parquet(f, compression_level=1))  # type: ignore[misc]
    page = render(tables["cases"], tables["verdicts"], tables["failures"], options.lang)
    journal.write_whole(out / PAGE, lambda f: f.write_bytes(page.encode()))
    body = {
        "format": 1,
        "program": "reconcile",
        "version": __version__,
        "cases": tables["cases"].height,
        "failures": tables["failures"].height,
        "chunks": chunks,
        "folders": batch.folders,
        "sample": batch.sample,
        "settings": options.settings.model_dump(mode="json"),
        "outputs": journal.digests(out),
    }
    data = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    journal.write_whole(out / MANIFEST, lambda f: f.write_bytes(data))
    journal.forget(out)


def _summary(out: Path) -> Summary:
    manifest = orjson.loads((out / MANIFEST).read_bytes())
    grades = pl.read_parquet(out / "verdicts.parquet", columns=["grade"]).group_by("grade").len().sort("grade")
    return Summary(manifest["cases"], manifest["failures"], dict(grades.iter_rows()))


__all__ = ["BatchOptions", "Job", "Summary", "find_jobs", "run_batch"]

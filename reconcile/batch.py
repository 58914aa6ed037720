"""Many cases: a folder or a manifest; one bad case never stops the rest."""

import csv
from dataclasses import dataclass, field
from pathlib import Path

import orjson
import polars as pl

from reconcile.case import CaseOptions, Progress, check_free, read, write_findings, writing
from reconcile.comparison import compare_readings
from reconcile.errors import ReconcileError, UnreadableSource

TABLES = (".csv", ".jsonl", ".ndjson", ".parquet")


@dataclass(frozen=True, slots=True)
class Job:
    """One case of a batch: its name and the two sides."""

    case: str
    left: Path
    right: Path


@dataclass(slots=True)
class Summary:
    """What a batch came to: cases done and failed, and how many conversations got which grade."""

    done: int = 0
    failed: int = 0
    grades: dict[str, int] = field(default_factory=dict)


def find_jobs(cases: Path) -> tuple[list[Job], list[tuple[str, str]]]:
    """The cases of a folder or manifest in order of name, and those that cannot be one (case, reason)."""
    if cases.is_dir():
        found = [_folder_job(f) for f in sorted(cases.iterdir()) if f.is_dir()]
    elif cases.is_file():
        found = [_manifest_job(row, cases.parent) for row in _manifest_rows(cases)]
    else:
        raise UnreadableSource(cases, f"{cases}: no such folder or manifest; check the path")
    jobs = [j for j in found if isinstance(j, Job)]
    if not found:
        raise UnreadableSource(
            cases, f"{cases}: holds no case; expected one subfolder per dispute or a manifest case,left,right"
        )
    return jobs, [j for j in found if not isinstance(j, Job)]


def _folder_job(folder: Path) -> Job | tuple[str, str]:
    sides = [_side(folder, name) for name in ("a", "b")]
    missing = [n for n, s in zip(("a", "b"), sides, strict=True) if s is None]
    if missing or sides[0] is None or sides[1] is None:
        return (
            folder.name,
            f"{folder}: side {', '.join(missing)} is not there; expected a.* and b.*, or folders a/ and b/",
        )
    return Job(folder.name, sides[0], sides[1])


def _side(folder: Path, name: str) -> Path | None:
    inside = folder / name
    if inside.is_dir():
        return inside
    files = sorted(f for f in folder.glob(f"{name}.*") if f.is_file())
    tables = [f for f in files if f.suffix.lower() in TABLES]
    return tables[0] if tables else files[0] if files else None


def _manifest_rows(manifest: Path) -> list[dict[str, str]]:
    try:
        if manifest.suffix.lower() in (".jsonl", ".ndjson"):
            return [orjson.loads(line) for line in manifest.read_bytes().splitlines() if line.strip()]
        with manifest.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.DictReader(stream))
    except (OSError, UnicodeDecodeError, orjson.JSONDecodeError, csv.Error) as error:
        raise UnreadableSource(manifest, f"{manifest}: cannot be read as a manifest ({error})") from None


def _manifest_job(row: dict[str, str], base: Path) -> Job | tuple[str, str]:
    name = str(row.get("case") or "")
    if not (name and row.get("left") and row.get("right")):
        return name or "?", "manifest row lacks case, left or right"
    return Job(name, base / row["left"], base / row["right"])


def run_batch(
    cases: Path, out: Path, options: CaseOptions, *, overwrite: bool = False, progress: Progress = lambda _: None
) -> Summary:
    """Compares every case and writes alignment/*.parquet, verdicts.parquet, failures.parquet and a summary page to `out`.

    Raises SourceError or CaseError when the batch itself cannot run; a case that cannot becomes a row of failures.parquet.
    """
    check_free(out, overwrite=overwrite)
    jobs, failures = find_jobs(cases)
    summary = Summary()
    verdicts: list[pl.DataFrame] = []
    with writing(out, overwrite=overwrite) as folder:
        (folder / "alignment").mkdir()
        for number, job in enumerate(jobs, 1):
            progress(f"{number}/{len(jobs)}")
            try:
                sides = [
                    read(p, r, o) for p, r, o in zip((job.left, job.right), options.readers, options.read, strict=True)
                ]
                findings = compare_readings(sides[0], sides[1], options.settings, job.case, options.stated)
            except ReconcileError as error:
                failures.append((job.case, str(error)))
                continue
            findings.alignment.with_columns(pl.col("relation", "cause").cast(pl.String)).write_parquet(
                folder / "alignment" / f"{number:08d}.parquet"
            )
            verdicts.append(findings.verdicts)
        _close(folder, verdicts, failures)
    summary.done, summary.failed = len(verdicts), len(failures)
    for frame in verdicts:
        for grade in frame["grade"]:
            summary.grades[grade] = summary.grades.get(grade, 0) + 1
    return summary


def _close(folder: Path, verdicts: list[pl.DataFrame], failures: list[tuple[str, str]]) -> None:
    if verdicts:
        pl.concat(verdicts).write_parquet(folder / "verdicts.parquet")
    pl.DataFrame(failures, schema={"case": pl.String, "error": pl.String}, orient="row").write_parquet(
        folder / "failures.parquet"
    )
    (folder / "manifest.json").write_bytes(
        orjson.dumps({"format": 1, "cases": len(verdicts), "failures": len(failures)})
    )


__all__ = ["Job", "Summary", "find_jobs", "run_batch", "write_findings"]

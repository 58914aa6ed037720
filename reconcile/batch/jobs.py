"""Which cases a batch consists of: a folder of disputes or a manifest, and what identifies the run."""

import csv
import hashlib
import io
import os
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import orjson
import polars as pl

from reconcile import __version__
from reconcile.batch import remote
from reconcile.errors import UnreadableSource
from reconcile.intake.sides import EXPECTED, TABLES, Sides, listed, sides_among
from reconcile.options import CaseOptions

Folders = Literal["none", "findings", "all"]
# A chunk is one worker's unit of work and what a killed run repeats: never more cases or bytes than these.
MOST_CASES, MOST_BYTES = 1_000, 64 * 2**20
# Cases of a chunk share passes over whole frames; the fixed cost pays off from about a hundred cases on. A long run
# still has some chunks at least.
LEAST_CASES, LEAST_CHUNKS = 128, 8


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a batch runs; only `folders` and `sample` change its results.

    Attributes:
        workers: processes; None = one a core.
        cluster: address of a Dask scheduler; None = this machine.
        folders: which cases get a folder of their own with reports: none, those with findings, all.
        sample: how many cases are drawn for audit; each gets a folder of its own.
        memory: bytes that the whole run may take; None = not limited.
    """

    workers: int | None = None
    cluster: str | None = None
    folders: Folders = "none"
    sample: int = 0
    memory: int | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """One case of a batch: its position, name and two sides; `problem` = why it cannot be compared.

    addresses: remote addresses of the sides; '' = the path is local. size: bytes of both sides, known once the cases
    are in chunks.
    """

    number: int
    case: str
    left: Path = Path()
    right: Path = Path()
    problem: str | None = None
    addresses: tuple[str, str] = ("", "")
    size: int = 0


@dataclass(frozen=True, slots=True)
class Task:
    """A worker's task: a chunk, the folder for its results, and the cases that it must not try again.

    `lost`: numbers of cases that ended a worker when tried alone. `drawn`: numbers of the cases drawn for audit.
    `share`: bytes of memory that the worker may take; None = not limited. `is_alone`: every case by itself.
    """

    chunk: int
    jobs: tuple[Job, ...]
    out: Path
    options: CaseOptions
    folders: Folders = "none"
    drawn: Collection[int] = frozenset()
    lost: Collection[int] = frozenset()
    share: int | None = None
    is_alone: bool = False


# A file's path, its size in bytes and its modification time (ns); -1 where it cannot be asked.
Stamped = tuple[str, int, int]
Seen = list[Stamped]


def find_jobs(cases: Path | str) -> list[Job]:
    """The cases of a folder (by name) or manifest (by row), including those that cannot be compared.

    Raises UnreadableSource when there is no such folder or manifest, or it has no case at all.
    """
    if isinstance(cases, str) and remote.is_remote(cases):
        return _with_numbers(_remote_jobs(cases))
    cases = Path(cases)
    if cases.is_dir():
        with os.scandir(cases) as entries:
            names = sorted((e.name for e in entries if e.is_dir()), key=os.path.normcase)
        found = [_folder_job(os.path.join(cases, name), name) for name in names]  # noqa: PTH118 - ten thousand folders
        _refuse_one_case(cases, found)
    elif cases.is_file():
        found = [_manifest_job(row, cases.parent) for row in _manifest_rows(cases, cases.name)]
    else:
        raise UnreadableSource(cases, f"{cases}: no such folder or manifest; check the path")
    if not found:
        raise UnreadableSource(
            cases, f"{cases}: holds no case; expected one subfolder per dispute or a manifest case,left,right"
        )
    return _with_numbers(found)


def _remote_jobs(cases: str) -> list[Job]:
    """The cases of a remote folder or manifest. Raises UnreadableSource for none."""
    if Path(remote.name_of(cases)).suffix.lower() in TABLES:
        base = cases.split("?", 1)[0].rsplit("/", 1)[0]
        rows = _manifest_rows(io.BytesIO(remote.read_bytes(cases)), remote.name_of(cases))
        found = [_manifest_job(row, base) for row in rows]
    else:
        found = [_remote_folder_job(remote.joined(cases, name)) for name in remote.listing(cases)[1]]
    if not found:
        raise UnreadableSource(cases, f"{cases}: holds no case; expected one folder per dispute or a manifest case,left,right")  # fmt: skip
    return found


def _remote_folder_job(folder: str) -> Job:
    """The case in a remote folder, with a problem where a side is missing."""
    files, folders = remote.listing(folder)
    entries = [*((f, False) for f in files), *((f, True) for f in folders)]
    sides = sides_among(entries)
    name = _valid_utf8(remote.name_of(folder))
    if sides.left is None or sides.right is None:
        return Job(0, name, problem=_missing_side_message(folder, sides, listed(entries)))
    return Job(0, name, addresses=(remote.joined(folder, sides.left), remote.joined(folder, sides.right)))


def _with_numbers(found: Iterable[Job]) -> list[Job]:
    """Jobs in order; a repeated name is refused, because two disputes would share their rows."""
    seen: set[str] = set()
    out = []
    for number, job in enumerate(found, 1):
        again = job.problem is None and job.case in seen
        seen.add(job.case)
        problem = f"{job.case}: this name stands twice; give each case a name of its own" if again else job.problem
        out.append(Job(number, job.case, job.left, job.right, problem=problem, addresses=job.addresses))
    return out


def _folder_job(folder: str, name: str) -> Job:
    """The case in a folder, with a problem where a side is missing."""
    try:
        entries = _entries_of(folder)
    except OSError as error:
        return Job(0, _valid_utf8(name), problem=f"{_valid_utf8(folder)}: the folder cannot be read ({error.strerror})")
    sides = sides_among(entries)
    if sides.left is None or sides.right is None:
        return Job(
            0,
            _valid_utf8(name),
            problem=_missing_side_message(_valid_utf8(folder), sides, _valid_utf8(listed(entries))),
        )
    return Job(0, _valid_utf8(name), Path(folder, sides.left), Path(folder, sides.right))


def _missing_side_message(folder: str, sides: Sides, found: str) -> str:
    """Why a folder is no case."""
    if sides.several:
        several = _valid_utf8(", ".join(sides.several))
        return f"{folder}: more than one entry for a side ({several}); keep one of each, or name the two in a manifest"
    if not found:
        return f"{folder}: the folder is empty; expected two files or folders with names of one pair: {EXPECTED}"
    if sides.words is None:
        return (
            f"{folder}: no two sides in it; it holds {found}; "
            f"expected two files or folders with names of one pair: {EXPECTED}"
        )
    missing = ", ".join(w for w, s in zip(sides.words, (sides.left, sides.right), strict=True) if s is None)
    return (
        f"{folder}: side {missing} is not there; it holds {found}; "
        f"expected two files or folders with names of one pair: {EXPECTED}"
    )


def _refuse_one_case(cases: Path, found: Sequence[Job]) -> None:
    """Raises UnreadableSource for a folder that is one case and not a folder of cases."""
    if any(job.problem is None for job in found):
        return
    sides = sides_among(_entries_of(cases))
    if sides.left is not None and sides.right is not None:
        left, right = cases / sides.left, cases / sides.right
        raise UnreadableSource(
            cases,
            f"{cases}: holds both sides of one case; run `reconcile compare {left} {right}`, or name the folder above",
        )


def _entries_of(folder: Path | str) -> list[tuple[str, bool]]:
    """Name of each file and folder in a folder, and whether it is a folder."""
    with os.scandir(folder) as entries:
        return [(e.name, e.is_dir()) for e in entries if e.is_dir() or e.is_file()]


def _valid_utf8(name: str) -> str:
    """The name with invalid bytes replaced, so that it can be printed and stored."""
    return name.encode("utf-8", "replace").decode()


def _manifest_rows(manifest: Path | io.BytesIO, name: str) -> Sequence[object]:
    """The rows of a manifest (CSV, JSON lines or parquet). Raises UnreadableSource."""
    suffix = Path(name).suffix.lower()
    try:
        data = manifest.read_bytes() if isinstance(manifest, Path) else manifest.getvalue()
        if suffix in (".jsonl", ".ndjson"):
            return [orjson.loads(line) for line in data.removeprefix(b"\xef\xbb\xbf").splitlines() if line.strip()]
        if suffix == ".parquet":
            return pl.read_parquet(io.BytesIO(data)).to_dicts()
        return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline="")))
    except (OSError, UnicodeDecodeError, orjson.JSONDecodeError, csv.Error, pl.exceptions.PolarsError) as error:
        raise UnreadableSource(name, f"{name}: cannot be read as a manifest ({error})") from None


def _manifest_job(row: object, base: Path | str) -> Job:
    """The case in a row of a manifest; `base` is where relative paths start."""
    given: dict[str, Any] = row if isinstance(row, dict) else {}
    name, left, right = (_valid_utf8(str(given.get(c) or "")) for c in ("case", "left", "right"))
    if not (name and left and right):
        return Job(0, name or "?", problem="manifest row lacks case, left or right")
    if isinstance(base, str):
        return Job(0, name, addresses=(remote.joined(base, left), remote.joined(base, right)))
    addresses = tuple(p if remote.is_remote(p) else "" for p in (left, right))
    paths = [Path() if a else base / p for a, p in zip(addresses, (left, right), strict=True)]
    return Job(0, name, paths[0], paths[1], addresses=(addresses[0], addresses[1]))


def chunks_of(jobs: Sequence[Job], seen: Sequence[Seen]) -> list[tuple[Job, ...]]:
    """The jobs in chunks of neighbours with absolute paths, the same for any number of workers.

    `seen` = stamped_files(jobs).
    """
    most = min(MOST_CASES, max(LEAST_CASES, -(-len(jobs) // LEAST_CHUNKS)))
    chunks: list[list[Job]] = []
    size = 0
    for job, files in zip(jobs, seen, strict=True):
        weight = sum(max(0, length) for _, length, _ in files)
        weight += sum(max(0, remote.stamp(a)[0]) for a in _addresses_of(job))
        if not chunks or len(chunks[-1]) >= most or size + weight > MOST_BYTES:
            chunks.append([])
            size = 0
        left, right = (p if (placed := os.path.abspath(p)) == str(p) else Path(placed) for p in (job.left, job.right))  # noqa: PTH100 - links stay links
        chunks[-1].append(Job(job.number, job.case, left, right, job.problem, job.addresses, weight))
        size += weight
    return [tuple(c) for c in chunks]


def drawn(jobs: Sequence[Job], count: int, seed: int) -> frozenset[int]:
    """Numbers of the cases drawn for audit: the `count` lowest of a hash of seed and case name.

    A larger draw contains every smaller one, and adding or removing a case changes no other one.
    """
    ranked = sorted(jobs, key=lambda j: (hashlib.sha256(f"{seed}:{j.case}".encode()).digest(), j.number))
    return frozenset(j.number for j in ranked[:count])


def stamped_files(jobs: Sequence[Job]) -> list[Seen]:
    """The files of each job's local sides and the sidecars beside them, whether present or not."""
    return [[_stamp_of(f) for side in _local_sides(job) for f in _files_of_side(str(side))] for job in jobs]


def fingerprint(jobs: Sequence[Job], options: CaseOptions, batch: BatchOptions, seen: Sequence[Seen]) -> str:
    """A hash that two runs share only if one may resume the other.

    It covers the program's version, the settings, and name, size and time of every input file. `seen` =
    stamped_files(jobs).
    """
    digest = hashlib.sha256()
    stated = {"conversations": dict(options.stated.conversations), "senders": dict(options.stated.senders)}
    read = [asdict(r) | {"key": None, "columns": dict(r.columns), "limits": None} for r in options.read]
    chosen: list[Any] = [
        options.readers,
        read,
        options.labels,
        stated,
        options.settings.model_dump(mode="json"),
        options.lang,
    ]
    chosen += [options.messages, sorted(options.reports), options.mask, batch.folders, batch.sample, batch.memory]
    digest.update(orjson.dumps([__version__, chosen]))
    for job, found in zip(jobs, seen, strict=True):
        files = [[*stamped] for stamped in found] + [[a, *remote.stamp(a)] for a in _addresses_of(job)]
        digest.update(
            repr([job.number, job.case, job.problem, [os.path.abspath(s) for s in _local_sides(job)], files]).encode()  # noqa: PTH100 - links stay links
        )
    return digest.hexdigest()


def _local_sides(job: Job) -> tuple[Path, ...]:
    """The sides that are paths and not addresses."""
    sides = zip((job.left, job.right), job.addresses, strict=True)
    return () if job.problem else tuple(p for p, address in sides if not address)


def _addresses_of(job: Job) -> tuple[str, ...]:
    return () if job.problem else tuple(a for a in job.addresses if a)


def _files_of_side(side: str) -> list[str]:
    """The files of one side: all of a folder, or a table with its sidecar."""
    # As text, because path objects cost more than the question for twenty thousand cases. Path.is_dir also raises for
    # a name that no disk accepts, and one such row must not stop the others.
    if os.path.isdir(side):  # noqa: PTH112
        closed: list[Path] = []  # listed themselves: once they can be opened, their files make it another run
        walked = os.walk(side, onerror=lambda error: closed.append(Path(error.filename)))
        found = [Path(top) / name for top, _, names in walked for name in names]
        return [str(f) for f in sorted([*found, *closed])]
    name = os.path.basename(side)  # noqa: PTH119
    dot = name.rfind(".")
    # A table's sidecar says what it is.
    beside = [side[: dot - len(name)] + ".json"] if 0 < dot < len(name) - 1 else []
    return list(dict.fromkeys((side, *beside)))


def _stamp_of(file: str) -> Stamped:
    """Path, size and modification time of a file; -1 where they cannot be read."""
    try:
        found = os.stat(file)  # noqa: PTH116
    except (OSError, ValueError):
        return (file, -1, -1)
    return (file, found.st_size, found.st_mtime_ns)

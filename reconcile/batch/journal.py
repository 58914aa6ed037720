"""The journal of a batch: which chunks are complete. A killed run resumes from it.

Another run in the same folder is refused.

    DIR/.run.json           what identifies the run (jobs.fingerprint)
    DIR/.lock               held while a run works in DIR; freed by the system when it dies
    DIR/.journal/NNNNNNNN/  one whole chunk: its verdicts, cases, failures, inputs and tables of posts; put there in one step
    DIR/alignment/          one file a chunk, put there before the chunk's entry in the journal

Incomplete files have names that start with a dot, and are removed when the next run starts.
"""

import hashlib
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import polars as pl

from reconcile.custody import leftovers, ownership_marks
from reconcile.custody.atomic_folder import MANIFEST, check_free
from reconcile.custody.lock import BusyError, locked_at_once
from reconcile.errors import CaseInUse, CaseNotEmpty, UnreadableSource
from reconcile.parquet import system_errors, write_parquet

ROWS_AT_ONCE = 100_000
RUN, LOCK, ENTRIES, LINES, CASES = ".run.json", ".lock", ".journal", "alignment", "cases"
POST_TABLES = ("posts_alignment", "interactions_alignment", "posts_traces", "articles", "favourites")
TABLES = ("verdicts", "cases", "failures", "inputs", *POST_TABLES)


def write_whole(file: Path, write: Callable[[Path], object]) -> None:
    """Writes the file whole or not at all, even if the power fails."""
    draft = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    write(draft)
    leftovers.sync(draft)
    draft.replace(file)
    leftovers.sync(file.parent)


def enter(out: Path, chunk: int, lines: pl.DataFrame, tables: dict[str, pl.DataFrame]) -> None:
    """Stores a finished chunk: its lines, then its entry in the journal. Repeating it changes nothing."""
    write_whole(out / LINES / f"{chunk:08d}.parquet", lambda f: write_parquet(lines, f))
    entry = out / ENTRIES / f"{chunk:08d}"
    draft = entry.with_name(f".{entry.name}.{uuid.uuid4().hex}")
    draft.mkdir()
    for name, frame in tables.items():
        write_parquet(frame, draft / f"{name}.parquet")
    leftovers.settle(draft)
    try:
        draft.rename(entry)
    except OSError:
        # A worker that was thought lost has entered it meanwhile; both entries are equal.
        if not entry.is_dir():
            raise
        shutil.rmtree(draft)
    leftovers.sync(entry.parent)


def entered(out: Path) -> set[int]:
    """Numbers of the chunks with a complete entry."""
    return {int(e.name) for e in (out / ENTRIES).glob("[0-9]*") if (out / LINES / f"{e.name}.parquet").is_file()}


def tables_of_chunks(out: Path, name: str, count: int) -> pl.LazyFrame:
    """One table of every chunk, in order."""
    return pl.scan_parquet([out / ENTRIES / f"{n:08d}" / f"{name}.parquet" for n in range(count)])


def join_into(parts: pl.LazyFrame, file: Path) -> None:
    """Writes a table of all chunks into one file, streamed, with only a few row groups in memory."""
    with system_errors(file):
        parts.sink_parquet(file, compression_level=1, row_group_size=ROWS_AT_ONCE, maintain_order=True)


@contextmanager
def opened(out: Path, mark: str, *, overwrite: bool) -> Iterator[bool]:
    """Locks the folder for the run `mark`; yields whether the same run has finished there before.

    Raises:
        CaseInUse: another run works in it now.
        CaseNotEmpty: it holds another run and `overwrite` was not given, or files of somebody else, or reviewers' decisions.
        UnreadableSource: it cannot be written.
    """
    if not (out / RUN).is_file() and not _is_begun(out):
        check_free(out, overwrite=overwrite)
    _refuse_links(out)
    try:
        out.mkdir(mode=0o700, parents=True, exist_ok=True)
        with locked_at_once(out / LOCK):
            yield _prepare_folder(out, mark, overwrite=overwrite)
    except BusyError:
        raise CaseInUse(out, f"{out}: another run is writing there; wait for it or choose another folder") from None
    except OSError as error:
        raise UnreadableSource(
            out, f"{out}: cannot be written ({error.strerror or error}); run the same command again to go on"
        ) from None


def _is_begun(out: Path) -> bool:
    """Whether a run that stopped at its very start left nothing but its lock and drafts of its mark."""
    names = {f.name for f in out.iterdir()} if out.is_dir() else set()
    return LOCK in names and all(n == LOCK or n.startswith(f".{RUN}.") for n in names)


def _refuse_links(out: Path) -> None:
    """Raises CaseNotEmpty where a link replaces something that the run writes to or reads from."""
    if found := next((n for n in (RUN, LOCK, MANIFEST, ENTRIES, LINES, CASES) if (out / n).is_symlink()), None):
        raise CaseNotEmpty(out, f"{out}: holds a link ({found}), which no run writes; choose another folder")


def _prepare_folder(out: Path, mark: str, *, overwrite: bool) -> bool:
    """Prepares the folder; returns whether the same run has finished there. Raises CaseNotEmpty."""
    held = _read_mark(out)
    finished, same = (out / MANIFEST).is_file(), held == mark
    if same and finished and not overwrite:
        forget(out)
        return True
    # Our own mark without a run is left where a run was just being removed or begun.
    if not same and not overwrite and held != "" and (finished or (out / RUN).is_file()):
        raise CaseNotEmpty(
            out,
            f"{out}: holds a run over other cases, files or settings, or one of another user; choose another folder or give --overwrite",
        )
    if not same or finished:
        _clear(out)
        _write_mark(out, mark)
    _tidy(out)
    return False


def _write_mark(out: Path, mark: str) -> None:
    """Stores the mark of the run with this user's own mark."""
    content = {"format": 1, "run": mark, "by": ownership_marks.mark_of("batch", mark)}
    write_whole(out / RUN, lambda f: f.write_bytes(orjson.dumps(content)))


def _read_mark(out: Path) -> str | None:
    """This user's mark of a run in the folder; None without one."""
    try:
        value = orjson.loads((out / RUN).read_bytes())
    except (OSError, orjson.JSONDecodeError):
        return None
    # A file made by somebody else is not an earlier run of this user.
    if not isinstance(value, dict) or not ownership_marks.is_mark(str(value.get("by")), "batch", value.get("run")):
        return None
    return str(value["run"])


def _clear(out: Path) -> None:
    """Removes an earlier run, its mark first, so that a partly removed run is never resumed."""
    if next(out.glob(f"{CASES}/*/decisions*.jsonl"), None) or next(out.glob("decisions*.jsonl"), None):
        raise CaseNotEmpty(out, f"{out}: holds reviewers' decisions; choose another folder")
    _write_mark(out, "")
    (out / MANIFEST).unlink(missing_ok=True)
    for found in out.iterdir():
        if found.is_dir() and not found.is_symlink():
            shutil.rmtree(found)
        elif found.name not in (LOCK, RUN):
            found.unlink()


def _tidy(out: Path) -> None:
    """Creates the folders to write into, and removes what a killed run left in them."""
    for folder in (out / LINES, out / ENTRIES, out / CASES):
        folder.mkdir(exist_ok=True)
        for left_over in folder.glob(".*"):
            leftovers.discard(left_over)
    for left_over in out.glob(".*.*"):
        if left_over.name != RUN and left_over.is_file():
            left_over.unlink(missing_ok=True)


def digests(out: Path) -> dict[str, dict[str, object]]:
    """Size and SHA-256 of every result except the manifest and the folders of single cases.

    Those folders have their own manifests.
    """
    files = sorted(f for f in (*out.glob("*.*"), *(out / LINES).glob("*.parquet")) if not f.name.startswith("."))
    return {f.relative_to(out).as_posix(): _digest_of(f) for f in files if f.name != MANIFEST}


def _digest_of(file: Path) -> dict[str, object]:
    """Size and SHA-256 of a file, as the manifest states them."""
    with file.open("rb") as stream:
        return {"size": file.stat().st_size, "sha256": hashlib.file_digest(stream, "sha256").hexdigest()}


def forget(out: Path) -> None:
    """Removes the journal of a finished run."""
    shutil.rmtree(out / ENTRIES, ignore_errors=True)
    if (out / CASES).is_dir() and not any((out / CASES).iterdir()):
        (out / CASES).rmdir()

"""Writes a folder of results whole or not at all, and never inside material that is only read."""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from reconcile.custody import leftovers
from reconcile.custody.atomic_files import write_error
from reconcile.custody.lock import log_locked
from reconcile.errors import CaseNotEmpty, UsageError

# Written last; it marks the folder as a run's.
MANIFEST = "manifest.json"
# Files of reviewers, which outlive the results: decisions with their head, and marks.
OF_REVIEWERS = ("decisions*.json*", "marks.json")


def check_free(out: Path, *, overwrite: bool) -> None:
    """Raises CaseNotEmpty where `out` may not be replaced; cleans up after a killed run."""
    restored = leftovers.clear(out.resolve())
    if not out.exists():
        return
    if not out.is_dir():
        raise UsageError("--out", f"{out}: is a file; --out names a folder")
    if any(out.iterdir()) and not overwrite:
        found = (
            "a run that was replacing these results was interrupted; they are back in place"
            if restored
            else "not empty"
        )
        raise CaseNotEmpty(out, f"{out}: {found}; choose another folder or give --overwrite")
    if any(out.iterdir()) and not (out / MANIFEST).is_file():
        raise CaseNotEmpty(out, f"{out}: holds files that no run of this program wrote; choose another folder")


@contextmanager
def writing(out: Path, *, overwrite: bool) -> Iterator[Path]:
    """A draft folder beside `out`. It becomes `out` in one step at the end, and is removed on failure."""
    out = out.resolve()
    partial_folder = leftovers.beside(out, leftovers.PARTIAL)
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        leftovers.clear(out)
        partial_folder.mkdir(mode=0o700)
    except OSError as error:
        raise write_error(out, error, "; choose another folder") from None
    try:
        yield partial_folder
        leftovers.settle(partial_folder)
        _put_in_place(partial_folder, out, overwrite=overwrite)
    except (OSError, pl.exceptions.ComputeError) as error:
        raise write_error(out, error, "; nothing was left half-written") from None
    finally:
        shutil.rmtree(partial_folder, ignore_errors=True)


def _put_in_place(new: Path, out: Path, *, overwrite: bool) -> None:
    """Renames the finished folder to `out`; results replaced by it keep their reviewers' decisions."""
    if out.exists() and any(out.iterdir()):
        if not overwrite:
            raise CaseNotEmpty(out, f"{out}: filled by another run meanwhile; choose another folder")
        old = leftovers.beside(out, leftovers.OLD)
        # A reviewer's decisions are never thrown away with the results they concern, and nobody adds to them
        # meanwhile.
        with log_locked(out):
            for kept in (found for pattern in OF_REVIEWERS for found in out.glob(pattern)):
                shutil.copy2(kept, new / kept.name)
                leftovers.sync(new / kept.name)
            out.rename(old)
            try:
                new.rename(out)
            except OSError:
                old.rename(out)
                raise
        leftovers.sync(out.parent)
        shutil.rmtree(old, ignore_errors=True)
        return
    if out.exists():
        out.rmdir()
    new.rename(out)
    leftovers.sync(out.parent)


__all__ = ["MANIFEST", "check_free", "writing"]


def refuse_inside(out: Path, inputs: Sequence[Path]) -> None:
    """Raises UsageError when `out` is one of the inputs or lies inside one; links are resolved first.

    Every command that writes calls this with all given paths, because a result among the evidence would change the
    tree that a seal covers.
    """
    target = out.resolve()
    for given in inputs:
        held = given.resolve()
        if target == held or held in target.parents:
            raise UsageError("--out", f"--out {out}: lies inside {given}, which is only read; choose a folder outside")

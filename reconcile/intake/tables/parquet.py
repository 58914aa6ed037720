"""Parquet files: read whole, within the limit on the cells that a few bytes may claim."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl

from reconcile.errors import LimitExceeded
from reconcile.intake.source import Source


def read_parquet(source: Source, file: Path) -> pl.DataFrame:
    """All rows and columns. Raises LimitExceeded, PolarsError or OSError.

    LimitExceeded: more cells than the limits allow. The others: a broken file. A billion equal rows take a few
    hundred bytes in a file and gigabytes in memory.
    """
    with _sound():
        plan = pl.scan_parquet(file, glob=False)
        cells = int(plan.select(pl.len()).collect().item()) * len(plan.collect_schema())
        check_cells(source, file, cells)
        table = plan.collect()
    # One long text that a dictionary names a million times takes a few bytes in the file.
    texts = table.select(pl.col(pl.String).str.len_bytes().sum())
    check_texts(source, file, sum(texts.row(0)) if texts.width else 0)
    return table


def parquet_columns(file: Path) -> list[str]:
    """The names of the columns. Raises PolarsError or OSError for a broken file."""
    with _sound():
        return list(pl.scan_parquet(file, glob=False).collect_schema())


@contextmanager
def _sound() -> Iterator[None]:
    """Turns panics of the library on broken files into PolarsError."""
    try:
        yield
    except pl.exceptions.PanicException as error:
        raise pl.exceptions.ComputeError(f"broken pages ({str(error)[:80]})") from None


def check_cells(source: Source, file: Path, cells: int) -> None:
    """Raises LimitExceeded where a table claims too many cells, in total or for each byte of its file."""
    limits, size = source.limits, max(file.stat().st_size, 1)
    said = f"{file}: claims {cells:,} cells from {size:,} bytes"
    if cells > limits.max_cells:
        raise LimitExceeded(source.path, f"{said}; {limits.named('max_cells')}")
    if cells > 2_000_000 and cells > limits.max_cells_per_byte * size:
        raise LimitExceeded(source.path, f"{said}; {limits.named('max_cells_per_byte')}")


def check_texts(source: Source, file: Path, size: int) -> None:
    """Raises LimitExceeded where the texts of a table's cells are too long, in all or for its file."""
    limits, packed = source.limits, max(file.stat().st_size, 1)
    said = f"{file}: the texts of its cells claim {size:,} bytes from {packed:,}"
    if size > limits.max_unpacked_bytes:
        raise LimitExceeded(source.path, f"{said}; {limits.named('max_unpacked_bytes')}")
    if size > 2**26 and size > packed * limits.max_unpack_ratio:
        raise LimitExceeded(source.path, f"{said}; {limits.named('max_unpack_ratio')}")

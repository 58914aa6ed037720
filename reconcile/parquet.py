"""Result tables as Parquet for any tool, with enums as text."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import polars as pl

from reconcile.patterns import lazy_pattern

_OS_ERROR = lazy_pattern(r"([^:()]+) \(os error (\d+)\)")


@contextmanager
def system_errors(file: Path) -> Iterator[None]:
    """Turns polars' errors while it writes `file` into OSError, if the system refused the writing."""
    try:
        yield
    except pl.exceptions.PolarsError as error:
        if (found := _OS_ERROR.search(str(error))) is not None:
            raise OSError(int(found[2]), found[1].strip(), str(file)) from None
        # At the end of a file polars loses what the system said, which says it again.
        _write_more(file)
        raise


def _write_more(file: Path) -> None:
    """Raises OSError where the system lets nobody write a further megabyte to the file."""
    try:
        with file.open("ab") as stream:
            stream.write(bytes(2**20))
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(file)) from None


def plain(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with closed vocabularies as text."""
    return frame.with_columns(pl.col(c).cast(pl.String) for c, t in frame.schema.items() if isinstance(t, pl.Enum))


# Minimum and maximum would take an eighth of the time and say little about text in chat order.
_STATISTICS = {"min": False, "max": False, "distinct_count": False, "null_count": True}


def write_parquet(frame: pl.DataFrame, file: Path) -> None:
    """Writes `plain(frame)`, which reads back value for value.

    Enums and columns of a single text are written as dictionaries, which the file's schema calls text. Searching
    millions of texts for recurring ones would take five times as long as writing them.
    """
    coded = frame.with_columns(c for t in frame.iter_columns() if (c := _as_constant_enum(t)) is not None)
    declared = _declared(tuple((c, pl.String if isinstance(t, pl.Enum) else t) for c, t in frame.schema.items()))
    with system_errors(file):
        coded.write_parquet(file, compression="zstd", compression_level=1, statistics=_STATISTICS, metadata=declared)


_NO_TEXT = pl.Series([None], dtype=pl.Enum([]))


def _as_constant_enum(column: pl.Series) -> pl.Series | None:
    """A text column with one value throughout as an enum; None for any other column.

    Nulls throughout count, too.
    """
    if column.dtype != pl.String or column.is_empty():
        return None
    if (missing := column.null_count()) == len(column):
        return _NO_TEXT.new_from_index(0, len(column)).alias(column.name)
    first = column[0]
    # Comparing the last row and a middle one settles nearly every column.
    if missing or first != column[-1] or first != column[len(column) // 2] or not (column == first).all():
        return None
    return pl.Series(column.name, [first], dtype=pl.Enum([first])).new_from_index(0, len(column))


@cache
def _declared(types: tuple[tuple[str, pl.DataType | type[pl.DataType]], ...]) -> dict[str, str]:
    """The type declarations of a Parquet file with these columns, for polars and Arrow."""
    file = io.BytesIO()
    pl.DataFrame(schema=dict(types)).write_parquet(file)
    file.seek(0)
    return pl.read_parquet_metadata(file)


__all__ = ["plain", "system_errors", "write_parquet"]

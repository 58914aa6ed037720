"""Parquet files that an opponent broke end in one clear line, whichever part of them the library is at when it gives up."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.errors import SourceError


def test_a_file_at_whose_heading_the_library_panics_is_a_file_that_nobody_recognises(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pl.DataFrame({"sent_at": ["2024-01-01 10:00:00"], "sender": ["甲"], "text": ["好"]}).write_parquet(
        tmp_path / "t.parquet"
    )

    def panics(*_: object, **__: object) -> pl.LazyFrame:
        raise pl.exceptions.PanicException("index out of bounds")

    monkeypatch.setattr(pl, "scan_parquet", panics)
    with pytest.raises(SourceError, match="no reader recognises"):
        read(tmp_path / "t.parquet")

"""Result tables as files: what any tool reads back is what was found, with closed vocabularies as text."""

import errno
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.parquet import plain, system_errors, write_parquet

WORDS = st.lists(st.none() | st.sampled_from(["", "好的", "text", "\x00"]), max_size=6)
SAMES = st.tuples(st.none() | st.just("同一句"), st.integers(0, 6)).map(lambda t: [t[0]] * t[1])


@given(WORDS | SAMES, WORDS | SAMES)
def test_a_table_is_read_back_as_it_was_with_vocabularies_as_text(
    tmp_path_factory: object, words: list[str | None], kinds: list[str | None]
) -> None:
    file = _folder(tmp_path_factory) / "t.parquet"
    rows = min(len(words), len(kinds))
    kind = pl.Series(kinds[:rows], dtype=pl.Enum(["", "好的", "text", "\x00", "同一句"]))
    frame = pl.DataFrame(
        {
            "words": pl.Series(words[:rows], dtype=pl.String),
            "kind": kind,
            "row": pl.Series(range(rows), dtype=pl.UInt32),
        }
    )
    write_parquet(frame, file)
    back = pl.read_parquet(file)
    assert back.equals(plain(frame))
    assert back.schema == plain(frame).schema == {"words": pl.String, "kind": pl.String, "row": pl.UInt32}


def _folder(factory: object) -> Path:
    return factory.getbasetemp()  # type: ignore[attr-defined, no-any-return]


def test_times_lists_and_whole_numbers_keep_their_types(tmp_path: Path) -> None:
    at = pl.Series([0, None], dtype=pl.Datetime("us", "UTC"))
    frame = pl.DataFrame(
        {
            "at": at,
            "ids": pl.Series([2**63 + 1, None], dtype=pl.UInt64),
            "list": [["a"], []],
            "none": pl.Series([None, None], dtype=pl.String),
        }
    )
    write_parquet(frame, tmp_path / "t.parquet")
    assert pl.read_parquet(tmp_path / "t.parquet").equals(frame)
    assert pl.read_parquet_schema(tmp_path / "t.parquet") == frame.schema


def test_a_full_disk_is_told_as_the_system_tells_it() -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("no /dev/full on this system")
    with pytest.raises(OSError, match="No space left") as told:
        write_parquet(pl.DataFrame({"a": [str(n) for n in range(10_000)]}), full)
    assert (told.value.errno, told.value.filename) == (errno.ENOSPC, str(full))


def test_a_full_disk_is_no_defect_where_polars_does_not_say_so() -> None:
    said = "parquet: File out of specification: Invalid thrift: transport error"
    with pytest.raises(OSError, match="No space left") as raised, system_errors(Path("/dev/full")):
        raise pl.exceptions.ComputeError(said)
    assert raised.value.filename == "/dev/full"

"""What reading lets go of on the way."""

from pathlib import Path

import polars as pl
from polars.testing import assert_frame_equal

from reconcile.intake.contract import ReadOptions
from reconcile.intake.memory import joined
from reconcile.intake.parts import reading_of_parts
from reconcile.intake.source import Source
from reconcile.intake.store.client_rows import People, finish_rows
from reconcile.readers.memotrace_csv import MemotraceCsv

FIXTURE = Path(__file__).parents[2] / "fixtures" / "exports" / "memotrace_csv" / "rent_side_a" / "input"


def test_joined_frames_are_one_of_whole_columns_and_their_list_is_empty() -> None:
    frames = [pl.DataFrame({"a": [1, None], "b": ["x", "好" * 9]}), pl.DataFrame({"a": [3], "b": ["z"]})]
    whole = pl.concat(frames)
    found = joined(frames)
    assert_frame_equal(found, whole)
    assert found.n_chunks() == 1
    assert not frames


def test_rows_of_a_part_are_let_go_when_they_have_become_messages() -> None:
    reader, source = MemotraceCsv(), Source(FIXTURE)
    parts = reader.parts(source, reader.mine(source), ReadOptions())
    held = sum(p.rows.height for p in parts)
    assert reading_of_parts(reader, parts, ReadOptions()).messages.height == held
    assert all(p.rows.is_empty() for p in parts)


def test_rows_of_a_store_are_taken_from_their_holder_when_they_become_messages() -> None:
    texts, numbers = ("locator", "conversation", "content", "sender"), ("time", "server_id", "local_id", "base", "sub")
    row = dict.fromkeys(texts, "好") | dict.fromkeys(numbers, 1) | {"is_self": True}
    held = [pl.DataFrame([row])]
    assert finish_rows(Source(FIXTURE), held, People(), unit="s", prefix="any").messages["text"].to_list() == ["好"]
    assert not held

"""What reading lets go of on the way."""

import weakref
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reconcile.formats.magnet import axiom
from reconcile.formats.memotrace.tables import MemotraceCsv
from reconcile.formats.shared.client_rows import People, finish_rows
from reconcile.formats.wechatdecrypt import csv as wechatdecrypt_csv
from reconcile.formats.wechatmsg import csv as wechatmsg_csv
from reconcile.intake.contract import ReadOptions
from reconcile.intake.memory import concat_and_release
from reconcile.intake.messages.parts import reading_of_parts
from reconcile.intake.source import Source

EXPORTS = Path(__file__).parents[2] / "fixtures" / "exports"
FIXTURE = EXPORTS / "memotrace_csv" / "rent_side_a" / "input"


def test_joined_frames_are_one_of_whole_columns_and_their_list_is_empty() -> None:
    frames = [pl.DataFrame({"a": [1, None], "b": ["x", "好" * 9]}), pl.DataFrame({"a": [3], "b": ["z"]})]
    whole = pl.concat(frames)
    found = concat_and_release(frames)
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


def test_a_column_in_which_nothing_stands_is_joined_in_its_place() -> None:
    rows = pl.DataFrame({"a": [1], "b": [None], "c": ["x"]}, schema={"a": pl.Int64, "b": pl.String, "c": pl.String})
    assert_frame_equal(concat_and_release([rows.clone(), rows.clone()]), pl.concat([rows, rows]))
    assert_frame_equal(concat_and_release([rows.select("b"), rows.select("b")]), pl.concat([rows.select("b")] * 2))
    assert_frame_equal(concat_and_release([rows.clear(), rows.clear()]), rows.clear())


@pytest.mark.parametrize(
    ("module", "reader", "given", "step"),
    [
        (wechatmsg_csv, wechatmsg_csv.WechatmsgCsv, "read_csv", "read_bodies"),
        (wechatdecrypt_csv, wechatdecrypt_csv.WechatdecryptCsv, "read_csv", "read_bodies"),
        (axiom, axiom.AxiomCsv, "load_table", "parts_of_hits"),
    ],
)
def test_cells_are_let_go_before_the_costly_step(
    module: ModuleType, reader: Any, given: str, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[weakref.ref[pl.DataFrame]] = []
    read, take = getattr(module, given), getattr(module, step)

    def reading(*args: Any, **more: Any) -> Any:
        table, notes = read(*args, **more)
        held.append(weakref.ref(table))
        return table, notes

    def taking(*args: Any) -> Any:
        assert held
        assert held[-1]() is None
        return take(*args)

    monkeypatch.setattr(module, given, reading)
    monkeypatch.setattr(module, step, taking)
    source = Source(next((EXPORTS / reader.name).glob("*/input")))
    one = reader()
    assert one.read(source, ReadOptions()).messages.height

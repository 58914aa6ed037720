"""The whole comparison on the shipped disputes."""

from functools import cache
from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings, pair_rows
from reconcile.engine.mirror import mirrored
from reconcile.frames import Findings
from reconcile.intake.contract import Reading

DISPUTES = Path(__file__).parents[3] / "fixtures" / "disputes"


@cache
def export(name: str, side: str) -> Reading:
    return read(DISPUTES / name / f"{side}.csv")


@cache
def compared(name: str, turn: str) -> Findings:
    """What the dispute shows with its exports in this turn, `ab` or `ba`."""
    return compare_readings(export(name, turn[0]), export(name, turn[1]))


@pytest.mark.parametrize("name", ["loan", "group_renovation"])
def test_every_row_of_both_sides_stands_exactly_once(name: str) -> None:
    alignment = compared(name, "ab").alignment
    for side, reading in (("left_row", export(name, "a")), ("right_row", export(name, "b"))):
        assert sorted(alignment[side].drop_nulls()) == list(range(reading.messages.height))


@pytest.mark.parametrize("name", ["loan", "group_renovation"])
def test_swapping_the_sides_mirrors_the_findings(name: str) -> None:
    there, back = compared(name, "ab"), mirrored(compared(name, "ba"))
    assert there.alignment.equals(back.alignment)
    assert there.verdicts.equals(back.verdicts)
    assert there.gaps.equals(back.gaps)


@pytest.mark.parametrize("turn", ["ab", "ba"])
def test_pairing_alone_gives_the_pairs_of_the_comparison(turn: str) -> None:
    met = compared("loan", turn).alignment.select("left_row", "right_row").drop_nulls()
    assert sorted(pair_rows(export("loan", turn[0]), export("loan", turn[1])).rows()) == sorted(met.rows())


def test_an_export_agrees_with_itself() -> None:
    found = compared("loan", "aa")
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}
    assert found.verdicts["grade"].to_list() == ["no_gap_found"]


@pytest.mark.parametrize("turn", ["ab", "ba"])
def test_a_sides_own_rows_belong_to_that_sides_owner(turn: str) -> None:
    messages = compared("loan", turn).messages.filter("is_self")
    assert set(messages["party"]) == {"left owner", "right owner"}
    assert messages.filter(pl.col("party") != pl.format("{} owner", pl.col("side").cast(pl.String))).is_empty()

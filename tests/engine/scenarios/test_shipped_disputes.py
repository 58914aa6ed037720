"""The whole comparison on the shipped disputes."""

from pathlib import Path

import polars as pl
import pytest

from reconcile.case import read
from reconcile.engine.compare import compare_readings, pair_rows
from reconcile.engine.mirror import mirrored

DISPUTES = Path(__file__).parents[3] / "fixtures" / "disputes"


@pytest.mark.parametrize("name", ["loan", "group_renovation"])
def test_every_row_of_both_sides_stands_exactly_once(name: str) -> None:
    left, right = (read(DISPUTES / name / f"{s}.csv") for s in "ab")
    alignment = compare_readings(left, right).alignment
    for side, reading in (("left_row", left), ("right_row", right)):
        assert sorted(alignment[side].drop_nulls()) == list(range(reading.messages.height))


@pytest.mark.parametrize("name", ["loan", "group_renovation"])
def test_swapping_the_sides_mirrors_the_findings(name: str) -> None:
    left, right = (read(DISPUTES / name / f"{s}.csv") for s in "ab")
    there, back = compare_readings(left, right), mirrored(compare_readings(right, left))
    assert there.alignment.equals(back.alignment)
    assert there.verdicts.equals(back.verdicts)
    assert there.gaps.equals(back.gaps)


@pytest.mark.parametrize("turn", ["ab", "ba"])
def test_pairing_alone_gives_the_pairs_of_the_comparison(turn: str) -> None:
    left, right = (read(DISPUTES / "loan" / f"{s}.csv") for s in turn)
    met = compare_readings(left, right).alignment.select("left_row", "right_row").drop_nulls()
    assert sorted(pair_rows(left, right).rows()) == sorted(met.rows())


def test_an_export_agrees_with_itself() -> None:
    one = read(DISPUTES / "loan" / "a.csv")
    found = compare_readings(one, one)
    assert set(found.alignment["relation"].cast(pl.String)) == {"agreement"}
    assert found.verdicts["grade"].to_list() == ["no_gap_found"]


@pytest.mark.parametrize("turn", [("a", "b"), ("b", "a")])
def test_a_sides_own_rows_belong_to_that_sides_owner(turn: tuple[str, str]) -> None:
    left, right = (read(DISPUTES / "loan" / f"{s}.csv") for s in turn)
    messages = compare_readings(left, right).messages.filter("is_self")
    assert set(messages["party"]) == {"left owner", "right owner"}
    assert messages.filter(pl.col("party") != pl.format("{} owner", pl.col("side").cast(pl.String))).is_empty()

"""Laws of the comparison, on small conversations drawn and damaged by hypothesis."""

from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings

from reconcile.case import read
from reconcile.engine.compare import compare_readings
from reconcile.engine.mirror import mirrored
from reconcile.frames import Account, Alignment, Messages
from reconcile.intake.contract import Reading
from tests.strategies import TwoViews, two_views
from tests.thorough import examples, some

LOAN = Path(__file__).parents[2] / "fixtures" / "disputes" / "loan"
quick = settings(max_examples=examples(3, 60), deadline=None, suppress_health_check=list(HealthCheck))


def rows_of(reading: Reading) -> list[int]:
    return list(range(reading.messages.height))


@quick
@given(two_views())
def test_an_export_held_against_itself_differs_nowhere(views: TwoViews) -> None:
    relations = compare_readings(views.left, views.left).alignment["relation"].cast(pl.String)
    assert not set(relations) & {"conflict", "one_sided"}


@quick
@given(two_views())
def test_every_row_stands_in_one_line_and_exchanging_the_sides_mirrors_everything(views: TwoViews) -> None:
    there = compare_readings(views.left, views.right, account=True)
    back = mirrored(compare_readings(views.right, views.left, account=True))
    assert there.alignment.equals(back.alignment)
    assert there.verdicts.equals(back.verdicts)
    assert there.account.equals(back.account)
    found = Alignment.validate(there.alignment)
    assert sorted(found["left_row"].drop_nulls()) == rows_of(views.left)
    assert sorted(found["right_row"].drop_nulls()) == rows_of(views.right)
    alone = found.filter(pl.col("relation").cast(pl.String) == "one_sided")
    assert (alone["left_row"].is_null() ^ alone["right_row"].is_null()).all()
    account = Account.validate(there.account)
    assert not any(account[c].is_nan().any() for c in ("log_odds", "value"))
    assert account.filter(pl.col("kind").cast(pl.String) == "factor")["log_odds"].null_count() == 0


@cache
def pairs_with_right_late(hours: int) -> pl.DataFrame:
    """The lines of the shipped loan, the right clock set so many hours later."""
    left, right = (read(LOAN / f"{side}.csv") for side in "ab")
    late = replace(
        right, messages=Messages.cast(right.messages.with_columns(pl.col("sent_at") + timedelta(hours=hours)))
    )
    return compare_readings(left, late).alignment.select("left_row", "right_row", "relation").sort(pl.all())


@pytest.mark.parametrize("hours", some([-8, 3, 8], 2))
def test_a_constant_shift_of_one_clock_moves_no_pair(hours: int) -> None:
    assert pairs_with_right_late(hours).equals(pairs_with_right_late(0))

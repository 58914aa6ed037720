"""Labels and calibration: the right answer is right, a false one is not, and a bound is widened until it holds."""

from typing import Any

import polars as pl
import pytest

from bench.calibrate import fitted, inflation, per_dispute, predicted
from bench.claims import rightness
from bench.sim.draw import draw
from bench.sim.ledger import Ledger
from reconcile.engine.confidence import wrong_at_most

TYPES = {"relation": pl.String, "left_row": pl.UInt32, "right_row": pl.UInt32, "cause": pl.String, "detail": pl.String}


def answer(ledger: Ledger) -> list[dict[str, Any]]:
    return [
        {
            "relation": str(line.relation), "left_row": line.left_row, "right_row": line.right_row,
            "cause": min(map(str, line.causes), default=None),
        }
        for line in ledger.lines
    ]  # fmt: skip


@pytest.mark.parametrize("fault", ["delete few", "edit amount", "recalled, kept by one"])
def test_the_right_answer_is_right_in_every_line(fault: str) -> None:
    _, ledger = draw(3, (fault,))
    assert set(rightness(pl.DataFrame(answer(ledger), schema=TYPES), ledger)) == {1.0}


def test_a_message_of_both_sides_called_missing_is_wrong() -> None:
    _, ledger = draw(3)
    lines = answer(ledger)
    both = next(n for n, line in enumerate(lines) if None not in (line["left_row"], line["right_row"]))
    lines[both] |= {"relation": "one_sided", "right_row": None}
    assert rightness(pl.DataFrame(lines, schema=TYPES), ledger)[both] == 0.0


def claims(wrong: int) -> pl.DataFrame:
    """Forty disputes of four missing messages each, `wrong` of them with a false claim at a narrow margin."""
    rows = [
        {
            "simulator": "life", "seed": seed, "margin": 0.2 if seed < wrong and n == 0 else 1.0, "no_rival": 1.0, "few_rivals": 0.0, "surplus": 1.0,
            "supported": 0.0, "doubtful": 0.0, "timed": 1.0, "right": 0.0 if seed < wrong and n == 0 else 1.0,
        }
        for seed in range(40)
        for n in range(4)
    ]  # fmt: skip
    return pl.DataFrame(rows)


def test_a_fit_is_on_the_whole_as_sure_as_it_is_right_and_less_so_at_narrow_margins() -> None:
    found = predicted(told := claims(wrong=6), fitted(told, "one_sided"))
    assert found["confidence"].mean() == pytest.approx(told["right"].mean(), abs=0.01)
    assert found.sort("margin")["confidence"].is_sorted()


def test_the_inflation_makes_the_bound_hold_in_the_disputes_that_set_it() -> None:
    told = claims(wrong=6).with_columns(pl.lit(0.995).alias("confidence"))
    factor = inflation(told)
    held = [
        w <= wrong_at_most("missing", e, n, factor)
        for e, n, w in per_dispute(told).select("expected", "claimed", "wrong").iter_rows()
    ]
    assert sum(held) >= 0.95 * len(held)

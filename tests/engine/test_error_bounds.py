"""How many claims may be wrong: a bound that never falls when a claim is added, and none where nothing is claimed."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.engine.confidence import bounds_of, expected_wrong, least_mean, wrong_at_most

confidences = st.lists(st.floats(0.001, 0.999), min_size=1, max_size=40)


def bound(values: list[float]) -> int:
    frame = pl.DataFrame({"pair": [0] * len(values), "relation": ["one_sided"] * len(values), "confidence": values})
    return int(expected_wrong(frame)["missing_wrong_at_most"].item())


@given(confidences, st.floats(0.001, 0.999))
def test_a_bound_never_falls_when_a_claim_is_added(values: list[float], more: float) -> None:
    assert bound(values) <= bound([*values, more]) <= len(values) + 1


@given(confidences, st.integers(0, 39), st.floats(0.0, 1.0))
def test_a_bound_never_rises_when_a_claim_becomes_surer(values: list[float], at: int, part: float) -> None:
    surer = list(values)
    surer[at % len(values)] += (0.999 - surer[at % len(values)]) * part
    assert bound(surer) <= bound(values)


def test_larger_numbers_of_wrong_claims_need_larger_means() -> None:
    means = [least_mean(k) for k in range(400)]
    assert means == sorted(set(means))


def test_sure_claims_have_a_bound_of_none_or_one_wrong() -> None:
    assert wrong_at_most("missing", 0.02, 20) == 0
    assert wrong_at_most("missing", 1e9, 20) == 20


VERDICT = {
    "left_missing": 0, "right_missing": 0, "conflicts": 0, "missing_wrong_expected": None, "conflicts_wrong_expected": None,
}  # fmt: skip
TYPES = {"missing_wrong_expected": pl.Float64, "conflicts_wrong_expected": pl.Float64}


def test_a_run_without_claims_has_no_bound() -> None:
    assert bounds_of(pl.DataFrame([VERDICT], schema_overrides=TYPES)) == {}


def test_the_bound_of_a_run_counts_all_its_conversations() -> None:
    one = VERDICT | {"left_missing": 3, "missing_wrong_expected": 0.5}
    two = VERDICT | {"right_missing": 4, "missing_wrong_expected": 0.25}
    posts = VERDICT | {"right_missing": 9}
    found = bounds_of(pl.DataFrame([one, two, posts], schema_overrides=TYPES))
    assert list(found) == ["missing"]
    assert found["missing"]["claimed"] == 7
    assert found["missing"]["wrong_expected"] == pytest.approx(0.75)
    assert found["missing"]["wrong_at_most"] == wrong_at_most("missing", 0.75, 7)

"""Confidence is a share counted where the truth was known: by evidence, the same on both sides, never nought or one."""

from collections import Counter
from itertools import pairwise

import polars as pl
import pytest

from bench.calibration import _monotone, error_of
from reconcile.engine.compare import compare_readings
from reconcile.engine.rates.calibration import MOST, calibrated, evidence_class, right_share
from reconcile.engine.rates.confidence import RIGHT_SHARE
from reconcile.engine.relations import METHOD
from reconcile.vocabulary import Cause, Relation
from tests.rates.conversations import reading_of

NO_CAUSE = {"cause": None, "detail": None, "method": None, "confidence": 0.99}


def kind(**values: object) -> str:
    lines = pl.DataFrame([NO_CAUSE | values], schema_overrides=dict.fromkeys(("cause", "detail", "method"), pl.String))
    return str(lines.select(evidence_class()).item())


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ({"relation": "agreement", "method": "rounded_id"}, "agreement:id"),
        ({"relation": "agreement", "method": "equal", "confidence": 0.9995}, "agreement:words_alone"),
        ({"relation": "agreement", "method": "canonical", "confidence": 0.95}, "agreement:words_dense_90"),
        ({"relation": "agreement", "method": "kind", "confidence": 0.999}, "agreement:kind_counted"),
        ({"relation": "conflict", "method": "similar", "cause": "amount_differs"}, "conflict:amount_differs"),
        ({"relation": "one_sided", "cause": "id_gap"}, "one_sided:id_gap"),
        (
            {"relation": "set_aside", "cause": "outside_coverage", "detail": "edge_unverified"},
            "set_aside:outside_coverage_edge",
        ),
    ],
)
def test_evidence_has_a_class(line: dict[str, object], expected: str) -> None:
    assert kind(**line) == expected


def test_nothing_is_quite_sure_and_nothing_impossible() -> None:
    assert all(0 < right_share(name) < 1 for name in [*RIGHT_SHARE, "agreement:unheard_of", "nothing:known"])


def test_a_class_never_seen_takes_the_share_of_its_relation() -> None:
    shares = [v for k, v in RIGHT_SHARE.items() if k.startswith("conflict:")]
    pooled = (sum(r for r, _ in shares) + 0.5) / (sum(n for _, n in shares) + 1)
    assert right_share("conflict:unheard_of") == pytest.approx(min(MOST, pooled), abs=1e-6)


def test_denser_words_are_never_surer_than_rarer_ones() -> None:
    for stem in ("agreement:words_", "agreement:kind_"):
        steps = [
            right_share(stem + s)
            for s in ("alone", "counted", "dense_99", "dense_90", "dense")
            if stem + s in RIGHT_SHARE
        ]
        assert all(a >= b - 0.02 for a, b in pairwise(steps))


def test_neighbours_that_rise_are_pooled() -> None:
    counts = {"a": [9, 10], "b": [10, 10], "c": [1, 10]}
    _monotone(counts, ["a", "b", "c"])
    assert counts == {"a": [19, 20], "b": [19, 20], "c": [1, 10]}


def test_both_mirrored_runs_state_the_same_confidence() -> None:
    left, right = reading_of([i for i in range(80) if i % 9]), reading_of([i for i in range(80) if i % 11])
    there, back = compare_readings(left, right).alignment, compare_readings(right, left).alignment
    keys = ["left_row", "right_row", "confidence"]
    mirrored = back.rename({"left_row": "right_row", "right_row": "left_row"}).select(keys)
    assert there.select(keys).sort(keys).equals(mirrored.sort(keys))


def test_what_is_stated_and_what_is_right_are_held_against_each_other_by_step() -> None:
    seen = Counter(
        {("agreement:id", 0.9, True): 80, ("agreement:id", 0.9, False): 20, ("one_sided:x", 0.3, False): 100}
    )
    assert error_of(seen) == pytest.approx((0.1 * 100 + 0.3 * 100) / 200)


def test_calibration_keeps_the_lines_and_their_order() -> None:
    lines = pl.DataFrame(
        [NO_CAUSE | {"relation": "agreement", "method": "server_id", "left_row": i} for i in range(3)],
        schema_overrides={
            "relation": pl.Enum(Relation),
            "cause": pl.Enum(Cause),
            "method": METHOD,
            "detail": pl.String,
        },
    )
    assert calibrated(lines).drop("confidence").equals(lines.drop("confidence"))

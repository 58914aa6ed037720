"""How sure each line is: probabilities that never reach certainty and grow with what speaks for a line."""

from typing import Any

import polars as pl
import pytest

from reconcile.engine.confidence import CLAIMS, FEATURES, calibration, confidence_of, expected_wrong
from reconcile.engine.mirror import mirror_frame
from reconcile.vocabulary import Relation

TYPES = {
    "pair": pl.UInt32, "relation": pl.String, "cause": pl.String, "detail": pl.String, "left_row": pl.UInt32, "right_row": pl.UInt32,
    "margin": pl.Float64, "offset_seconds": pl.Float64,
}  # fmt: skip


def told(*lines: dict[str, Any]) -> list[float]:
    agreed = [{"relation": "agreement", "left_row": n, "right_row": n, "offset_seconds": 1.0} for n in range(30)]
    rows = [{"pair": 0, **line} for line in (*agreed[:15], *lines, *agreed[15:])]
    return confidence_of(pl.DataFrame(rows, schema=TYPES)).to_list()[15 : 15 + len(lines)]


def missing(**fields: Any) -> dict[str, Any]:
    return {"relation": "one_sided", "cause": "unexplained", "left_row": 99, **fields}


LINES = {
    "agreement": {"relation": "agreement", "left_row": 90, "right_row": 90, "offset_seconds": 0.0},
    "conflict": {"relation": "conflict", "cause": "text_differs", "left_row": 90, "right_row": 90, "offset_seconds": 0.0},
    "one_sided": missing(),
    "set_aside": {"relation": "set_aside", "cause": "outside_coverage", "left_row": 90},
    "doubtful": {"relation": "doubtful", "cause": "weak_match", "left_row": 90, "right_row": 90, "offset_seconds": 0.0},
}  # fmt: skip


@pytest.mark.parametrize("relation", list(Relation))
@pytest.mark.parametrize("margin", [-1e300, -5.0, 0.0, 3.0, 1e300, None])
def test_no_statement_is_certain_and_none_is_impossible(relation: str, margin: float | None) -> None:
    (confidence,) = told(LINES[relation] | {"margin": margin})
    assert 0 < confidence < 1


@pytest.mark.parametrize("relation", list(Relation))
def test_a_wider_margin_never_lowers_confidence(relation: str) -> None:
    found = [told(LINES[relation] | {"margin": m})[0] for m in (-4.0, 0.0, 1.0, 3.5, 8.0, 40.0, None)]
    assert found == sorted(found)


def test_a_missing_message_opposite_another_one_is_less_sure_than_one_alone() -> None:
    alone = told(missing())[0]
    opposed = told(missing(), missing(left_row=None, right_row=99))[0]
    assert opposed < alone


def test_another_conversation_changes_no_confidence() -> None:
    frame = pl.DataFrame([{"pair": 0, **missing()}, {"pair": 1, **missing(left_row=None, right_row=3)}], schema=TYPES)
    apart = [confidence_of(frame.filter(pl.col("pair") == p)).item() for p in (0, 1)]
    assert confidence_of(frame).to_list() == apart


def test_swapped_sides_give_every_line_the_same_confidence() -> None:
    rows = [{"pair": 0, **line} for line in (missing(), missing(left_row=None, right_row=8), *LINES.values())]
    frame = pl.DataFrame(rows, schema=TYPES)
    assert confidence_of(frame).to_list() == confidence_of(mirror_frame(frame)).to_list()


def test_every_feature_has_a_weight_and_none_counts_against_what_it_speaks_for() -> None:
    weights = calibration()["weights"]
    assert {r: {*names, "constant"} for r, names in FEATURES.items()} == {r: set(w) for r, w in weights.items()}
    assert all(w >= 0 for of in weights.values() for name, w in of.items() if name not in ("constant", "is_pair"))


def test_a_conversation_without_claims_expects_no_wrong_ones() -> None:
    frame = pl.DataFrame({"pair": [0, 1], "relation": ["agreement", "conflict"], "confidence": [0.99, 0.9]})
    found = expected_wrong(frame).to_dicts()
    assert [f["pair"] for f in found] == [1]
    assert [found[0][f"{name}_wrong_expected"] for name in CLAIMS] == [None, pytest.approx(0.1)]

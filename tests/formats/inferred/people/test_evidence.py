"""What a column shows of whether it names people."""

from collections.abc import Sequence

import polars as pl
import pytest

from reconcile.formats.inferred.mapping import Choice, Found
from reconcile.formats.inferred.people.evidence import LEAST, WEIGHTS, Evidence, evidence_of


def evidence(values: Sequence[str | None], name: str = "column", side: list[str] | None = None) -> Evidence:
    frame = pl.DataFrame({name: values, "side": side or ["out"] * len(values)})
    found = Found(choices={"direction": Choice("side", 1.0)} if side else {})
    return evidence_of(frame, [name], found)[0]


def test_names_that_change_from_row_to_row_look_like_people() -> None:
    assert evidence(["Anna", "Ben"] * 8).score > evidence(["Anna"] * 8 + ["Ben"] * 8).score > LEAST


def test_a_heading_of_a_person_weighs_more_than_any_other_sign() -> None:
    assert WEIGHTS["told"] == max(WEIGHTS.values())
    assert evidence(["1", "2"] * 8, "sender").score > evidence(["Anna", "Ben"] * 8).score


@pytest.mark.parametrize(
    ("values", "why"),
    [
        (["READ,RECEIVED", "SENT"] * 8, "nobody is called so"),
        (["周二", "周三"] * 8, "it holds days"),
        (["Anna", *[None] * 15], "most messages lack it"),
        (["https://c.d/1", "https://c.d/2"] * 8, "it holds addresses"),
        ([f"m{i}" for i in range(16)], "people recur"),
    ],
)
def test_what_nobody_can_be_called_names_no_person_under_any_heading(values: Sequence[str | None], why: str) -> None:
    for heading in ("sender", "column"):
        found = evidence(values, heading)
        assert found.score == 0
    assert evidence(values, "sender").why_not == why


def test_an_id_that_recurs_on_one_side_alone_is_a_person_s() -> None:
    ids, side = ["9d6f-lz", "c21a-mo"] * 8, ["out", "in"] * 8
    assert evidence(ids, "sourceUuid", side).score > evidence(ids, "sourceUuid").score
    assert evidence(ids[::-1] + ids, "sourceUuid", side + side).told < 0

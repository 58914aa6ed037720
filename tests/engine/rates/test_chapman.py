"""What both lack: a lower bound under independence, given only where that can hold."""

import random
from functools import cache

import pytest

from reconcile.engine.compare import compare_readings
from reconcile.engine.rates.chapman import both_lack
from reconcile.frames import Findings
from reconcile.report.rates import rate_lines
from tests.engine.rates.conversations import reading_of

KNOWN = {"state": "estimated", "rate": 1.0, "low": 0.98, "high": 1.0}


def found(lost: dict[str, set[int]], size: int = 600) -> Findings:
    held = {side: [i for i in range(size) if i not in gone] for side, gone in lost.items()}
    return compare_readings(reading_of(held["left"]), reading_of(held["right"]))


def independent(size: int = 600, share: float = 0.1) -> dict[str, set[int]]:
    rng = random.Random(7)
    return {side: {i for i in range(3, size - 3) if rng.random() < share} for side in ("left", "right")}


@cache
def independent_found() -> Findings:
    return found(independent())


def test_independent_losses_give_an_interval_that_holds_the_truth() -> None:
    lost = independent()
    shown = both_lack(independent_found(), KNOWN)
    assert shown["state"] == "shown"
    one: dict[str, float] = shown["conversations"][0]  # type: ignore[index]
    assert one["low"] <= len(lost["left"] & lost["right"]) <= one["high"]


def test_the_estimate_is_given_with_its_condition() -> None:
    shown = {
        "false_match": {"state": "not_estimable", "why": "few_decoys"},
        "hide_and_recover": {"state": "not_estimable", "why": "few_paired_rows"},
    }
    lines = rate_lines(shown | {"both_lack": both_lack(independent_found(), KNOWN)})
    assert lines[-1].key == "verdict.rate.both_lack"


@pytest.mark.parametrize(
    ("lost", "why"),
    [
        ({"left": {20, 40, 60}, "right": {30, 50}}, "few_missing"),
        ({"left": set(range(100, 120)), "right": set(range(200, 420, 20))}, "blocks"),
        ({"left": set(range(10, 500, 12)), "right": set(range(11, 500, 40))}, "one_author"),
    ],
)
def test_where_an_assumption_fails_nothing_is_shown_and_the_reason_said(lost: dict[str, set[int]], why: str) -> None:
    shown = both_lack(found(lost), KNOWN)
    assert (shown["state"], list(shown["why"])) == ("not_shown", [why])  # type: ignore[call-overload]


def test_without_a_measured_miss_rate_nothing_is_shown() -> None:
    assert both_lack(independent_found(), {"state": "not_estimable"})["why"] == {"no_miss_rate": 1}

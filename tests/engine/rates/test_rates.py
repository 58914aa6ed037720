"""A run measures itself: decoys, hidden rows, intervals; the same draw on every machine and on either side."""

import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import orjson
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.quality import readings_of
from bench.rates import Outcome, holds
from bench.sim.draw import draw
from reconcile.case import compare
from reconcile.engine.compare import compare_readings
from reconcile.engine.rates.interval import clopper_pearson, share
from reconcile.engine.rates.material import GROUPS, surplus_share
from reconcile.frames import Findings
from reconcile.intake.contract import Note, Reading
from reconcile.options import CaseOptions
from reconcile.outputs import load_manifest
from reconcile.report.rates import rate_lines
from reconcile.settings import RateLimits
from reconcile.vocabulary import NoteCode, Side
from reconcile.wording import LANGS, say
from tests.build.chats import chat, held


@cache
def views(fault: str, seed: int) -> tuple[Reading, Reading]:
    dispute, _ = draw(seed, (fault,))
    with tempfile.TemporaryDirectory() as folder:
        readings = readings_of(dispute, Path(folder))
    return readings[Side.LEFT], readings[Side.RIGHT]


@cache
def measured(fault: str = "delete few", seed: int = 3, *, swapped: bool = False) -> Findings:
    left, right = views(fault, seed)
    return compare_readings(*((right, left) if swapped else (left, right)), error_rates=True)


def rates(fault: str = "delete few", seed: int = 3, *, swapped: bool = False) -> dict[str, object]:
    return measured(fault, seed, swapped=swapped).error_rates


def test_swapping_the_sides_gives_the_same_rates() -> None:
    assert rates() == rates(swapped=True)


def test_measuring_changes_nothing_that_was_found() -> None:
    plain = compare_readings(*views("delete few", 3))
    assert plain.alignment.equals(measured().alignment)
    assert plain.verdicts.equals(measured().verdicts)
    assert plain.error_rates == {}


def test_no_decoy_is_paired_and_hidden_rows_are_reported_or_in_doubt_in_a_plain_dispute() -> None:
    found = rates()
    assert found["false_match"]["state"] == found["hide_and_recover"]["state"] == "estimated"  # type: ignore[index]
    assert found["false_match"]["paired"] == 0  # type: ignore[index]
    assert found["hide_and_recover"]["rate"] >= 0.9  # type: ignore[index]
    assert [found["hide_and_recover"][k] for k in ("paired", "set_aside")] == [0, 0]  # type: ignore[index]


def test_rows_that_are_made_up_behind_the_last_one_of_a_short_export_are_measured_too() -> None:
    rows = [r | {"raw": "{}"} for r in chat(90)]
    left = held(rows, 0)
    noted = replace(left, notes=(Note(NoteCode.ROW_CONTRADICTS, left.messages["locator"][0], "row"),))
    found = compare_readings(noted, held(rows[:30] + rows[60:], 1), error_rates=True)
    assert found.error_rates["false_match"]["state"] == "estimated"  # type: ignore[index]


def test_the_kinds_of_hidden_rows_add_up() -> None:
    found = rates()["hide_and_recover"]
    assert sum(k["hidden"] for k in found["by_kind"].values()) == found["hidden"]  # type: ignore[index]


def test_where_too_little_is_paired_nothing_is_estimated_and_the_reason_said() -> None:
    found = rates("no common range", 1)
    assert found["false_match"] == {"state": "not_estimable", "why": "few_paired_rows"}
    assert [p.key for p in rate_lines(found)] == ["verdict.rate.not_estimable"] * 2


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"), [(0, 20, 0.0, 0.168433), (5, 10, 0.187086, 0.812914), (9, 9, 0.663733, 1.0)]
)
def test_the_interval_is_that_of_the_tables(part: int, whole: int, low: float, high: float) -> None:
    assert clopper_pearson(part, whole) == (low, high)


@given(st.integers(1, 400), st.data())
def test_the_interval_is_that_of_a_library_of_statistics(whole: int, data: st.DataObject) -> None:
    # Loaded by the one process that runs this test.
    from scipy.special import betaincinv

    part = data.draw(st.integers(0, whole))
    low = betaincinv(part, whole - part + 1, 0.025) if part else 0.0
    high = betaincinv(part + 1, whole - part, 0.975) if part < whole else 1.0
    assert clopper_pearson(part, whole) == pytest.approx((low, high), abs=2e-6)


def test_the_interval_of_a_run_holds_what_a_rate_comes_to_in_its_few_rows() -> None:
    """11 of 12: four further rows are most likely all reported, one may well not be; of thousands the rate itself is all there is."""
    found = {n: share(11, 12, n) for n in (0, 1, 4, 5_000)}
    assert [(f["low"], f["high"]) for f in found.values()] == [
        (0.615204, 0.997892), (0.0, 1.0), (0.5, 1.0), (0.615204, 1.0)
    ]  # fmt: skip
    assert {(f["rate_low"], f["rate_high"]) for f in found.values()} == {(0.615204, 0.997892)}


def test_every_kind_has_decoys_or_says_why_not() -> None:
    kinds = rates()["false_match"]["by_kind"]  # type: ignore[index]
    assert tuple(kinds) == GROUPS
    assert all(("rate" in k) != ("why" in k) for k in kinds.values())
    assert {"link", "file", "card", "call"} <= {name for name, k in kinds.items() if k["decoys"]}


def test_never_more_than_a_quarter_of_a_short_chat_is_drawn() -> None:
    limits = RateLimits()
    assert [limits.drawn_of(n) for n in (0, 12, 20, 100, 800, 10_000)] == [0, 3, 5, 20, 100, 200]


def test_every_sentence_of_the_rates_has_both_languages() -> None:
    for line in rate_lines(rates()):
        assert all(say(line.key, lang, **line.values) for lang in LANGS)


def test_an_interval_that_misses_the_truth_is_counted_as_missing() -> None:
    rate = {"state": "estimated", "low": 0.0, "high": 0.1}
    outcome = Outcome("x", 0, {"false_match": rate}, {"false_match": (1, 5)})
    assert holds(outcome, "false_match") is False


@pytest.mark.parametrize("wanted", [None, False])
def test_a_comparison_measures_unless_told_not_to(tmp_path: Path, wanted: bool | None) -> None:
    loan = Path(__file__).parents[3] / "fixtures" / "disputes" / "loan"
    compare(
        loan / "a.csv", loan / "b.csv", tmp_path / "out", CaseOptions(reports=(), messages=False, error_rates=wanted)
    )
    written = orjson.loads((tmp_path / "out" / "verdicts.json").read_bytes())["error_rates"]
    assert sorted(written) == (
        [] if wanted is False else ["both_lack", "false_match", "hide_and_recover", "part", "seed"]
    )
    assert ("--no-error-rates" in load_manifest(tmp_path / "out")["command"]) == (wanted is False)


def test_decoys_stand_only_where_the_run_found_rows_to_lack_a_partner() -> None:
    lines = pl.DataFrame(
        {"relation": ["one_sided"] * 30, "left_row": [None] * 30}, schema_overrides={"left_row": pl.UInt32}
    )
    assert [surplus_share(lines.head(n)) for n in (0, 1, 30)] == [0.5, pytest.approx(1 / 3), 0.0]

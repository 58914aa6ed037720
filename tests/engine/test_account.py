"""The account of single rows that a comparison writes: factors, hypotheses, alternatives, and what would change a decision."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from bench.quality import readings_of
from bench.sim.draw import draw
from reconcile.engine.compare import compare_readings
from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.frames import Findings
from reconcile.vocabulary import Side
from tests.build.chats import chat, held, held_direct
from tests.thorough import some

Drawn = Callable[..., Findings]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """A drawn dispute compared with an account, each once: seed and faults."""

    @cache
    def compared(seed: int, *faults: str) -> Findings:
        left, right = readings_of(draw(seed, faults)[0], tmp_path_factory.mktemp("drawn")).values()
        return compare_readings(left, right, account=True)

    return compared


def of_kind(found: Findings, kind: str, side: Side | None = None) -> pl.DataFrame:
    lines = found.account.filter(pl.col("kind").cast(pl.String) == kind)
    return lines if side is None else lines.filter(pl.col("side").cast(pl.String) == side)


def rows_of(found: Findings, relation: str) -> set[tuple[str, int]]:
    lines = found.alignment.filter(pl.col("relation").cast(pl.String) == relation)
    return {(side, row) for side in Side for row in lines[f"{side}_row"].drop_nulls()}


def told(lines: pl.DataFrame) -> set[tuple[str, int]]:
    return set(lines.select(pl.col("side").cast(pl.String), "row").iter_rows())


def test_an_account_changes_nothing_that_is_found(drawn: Drawn, tmp_path: Path) -> None:
    found = drawn(0, "no ids", "edit words")
    left, right = readings_of(draw(0, ("no ids", "edit words"))[0], tmp_path).values()
    plain = compare_readings(left, right)
    assert (plain.alignment.equals(found.alignment), plain.verdicts.equals(found.verdicts)) == (True, True)
    # An account that nobody asked for is not made.
    assert plain.account.is_empty()


@pytest.mark.parametrize("faults", [("no ids", "edit words"), ("newest first", "no time on one")])
def test_factors_of_a_paired_row_are_those_of_its_partner(drawn: Drawn, faults: tuple[str, ...]) -> None:
    found = drawn(0, *faults)
    factors = of_kind(found, "factor", Side.LEFT).select("row", "other_row").unique()
    pairs = found.alignment.select(row="left_row", other_row="right_row").drop_nulls()
    assert factors.height > 0
    assert factors.join(pairs, on=["row", "other_row"], how="anti").is_empty()


def test_factors_of_a_row_without_a_partner_add_up_to_its_next_best_partner(drawn: Drawn) -> None:
    found = drawn(0, "no ids", "delete few")
    lone = of_kind(found, "factor").join(of_kind(found, "alternative"), on=["side", "row", "other_row"])
    sums = lone.group_by("side", "row").agg(pl.col("log_odds").sum(), pl.col("log_odds_right").first())
    assert sums.height > 0
    assert sums.select(((pl.col("log_odds") - pl.col("log_odds_right")).abs() < 0.01).all()).item()


def test_altered_words_are_told_as_the_factor_content(drawn: Drawn) -> None:
    found = drawn(0, "no ids", "edit words")
    altered = of_kind(found, "factor").filter((pl.col("name") == "content") & (pl.col("text") == "altered"))
    assert told(altered) == rows_of(found, "conflict")


def test_rows_that_equality_paired_and_that_agree_have_no_account(drawn: Drawn) -> None:
    found = drawn(0, "no ids", "edit words")
    plain = found.alignment.filter(
        (pl.col("relation").cast(pl.String) == "agreement") & (pl.col("method").is_in(["equal", "canonical"]))
    )
    assert plain.height > 0
    assert not told(found.account.filter(pl.col("side") == "left")) & {("left", row) for row in plain["left_row"]}


@pytest.mark.parametrize("fault", some(["failed send", "per-side rows", "begins late", "row twice"], 2))
def test_every_row_set_aside_names_the_hypothesis_that_set_it_aside(drawn: Drawn, fault: str) -> None:
    found = drawn(0, fault)
    causes = [str(h.cause) for h in HYPOTHESES]
    aside = found.alignment.filter(pl.col("cause").cast(pl.String).is_in(causes))
    wanted = {
        (side, row, cause)
        for side in Side
        for row, cause in aside.select(f"{side}_row", pl.col("cause").cast(pl.String)).drop_nulls().iter_rows()
    }
    held = of_kind(found, "hypothesis").filter(pl.col("text") == "permitted")
    named = set(held.select(pl.col("side").cast(pl.String), "row", "name").iter_rows())
    assert wanted
    assert wanted <= named


def test_a_recall_that_the_other_side_alone_shows_is_told_as_a_doubt_that_proof_would_settle(drawn: Drawn) -> None:
    found = drawn(0, "recalled, notice on one")
    doubt = of_kind(found, "hypothesis").filter((pl.col("name") == "recalled") & (pl.col("text") == "doubt"))
    change = of_kind(found, "change").filter((pl.col("name") == "recalled") & (pl.col("text") == "confirmed"))
    notice = of_kind(found, "hypothesis").filter(pl.col("text") == "the_other_side_shows_recalls")
    assert told(doubt) == told(change) == rows_of(found, "doubtful") - told(notice)


def test_what_rules_a_hypothesis_out_is_named() -> None:
    rows = chat()
    kept = rows[12] | {"at": rows[12]["at"] + 3, "text": "我同意付五万元"}
    notice = {"at": kept["at"] + 20, "who": None, "kind": "recall", "text": '"乙" 撤回了一条消息'}
    left, right = (
        held_direct([*rows[:13], kept, *rows[13:]], kept["who"]),
        held_direct([*rows[:13], notice, *rows[13:]], 1 - kept["who"]),
    )
    found = compare_readings(left, right, account=True)
    ruled_out = of_kind(found, "hypothesis").filter(pl.col("text") == "author_still_shows_the_words")
    assert told(ruled_out) == rows_of(found, "one_sided")
    assert ruled_out["log_odds"].null_count() == 1


@pytest.mark.parametrize(("seconds", "text"), [(8.0, "delivered"), (900.0, "within")])
def test_times_in_doubt_are_told_by_the_distance_only_where_it_is_too_large(seconds: float, text: str) -> None:
    rows = [r | {"at": 400.0 * i} for i, r in enumerate(chat())]
    rows[21] |= {"at": rows[20]["at"] + seconds} if seconds < 60 else {}
    times = {20: rows[21]["at"], 21: rows[20]["at"]}
    swapped = sorted((r | {"at": times.get(i, r["at"])} for i, r in enumerate(rows)), key=lambda r: float(r["at"]))
    found = compare_readings(held(rows, 0), held(swapped, 1), account=True)
    assert of_kind(found, "change").filter(name="time")["text"].unique().to_list() == [text]

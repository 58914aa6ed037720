"""`reconcile explain`: one row, everything the comparison thought about it."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from bench.quality import readings_of
from bench.sim.draw import draw
from reconcile.case import compare
from reconcile.errors import CaseError, UsageError
from reconcile.explanation import explain
from reconcile.explanation.words import as_text
from reconcile.options import CaseOptions
from reconcile.vocabulary import Side
from reconcile.wording import LANGS
from tests.command import run

ROOT = Path(__file__).parent.parent.parent
LOAN = ROOT / "fixtures" / "disputes" / "loan"
NAMES = {"left": "甲方材料", "right": "乙方材料"}


@pytest.fixture(scope="module")
def loan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("explain") / "loan"
    compare(LOAN / "a.csv", LOAN / "b.csv", out, CaseOptions(reports=(), error_rates=False))
    return out


@pytest.fixture(scope="module")
def without_ids(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("explain_no_ids")
    dispute, _ = draw(4, ("no ids",))
    readings_of(dispute, folder)
    files = [next(f for f in (folder / side).iterdir() if f.suffix != ".json") for side in Side]
    compare(files[0], files[1], folder / "out", CaseOptions(reports=(), error_rates=False))
    return folder / "out"


def lines(case: Path) -> list[dict[str, Any]]:
    return pl.read_parquet(case / "alignment.parquet").to_dicts()


def test_every_row_of_a_case_can_be_explained_in_both_languages(loan: Path) -> None:
    listed = lines(loan)
    for line in [x for x in listed if x["relation"] != "agreement"] + listed[::12]:
        for side in Side:
            if line[f"{side}_row"] is not None:
                found = explain(loan, f"{side}:{line[f'{side}_row'] + 1}")
                assert all(as_text(found, NAMES, lang) for lang in LANGS)


def test_the_matching_run_again_chooses_the_same_partners(without_ids: Path) -> None:
    for line in [x for x in lines(without_ids) if x["relation"] == "agreement"][::25]:
        found = explain(without_ids, f"left:{line['left_row'] + 1}")
        assert found["evidence"]["reproduced"]
        assert [c["row"] for c in found["candidates"] if c["chosen"]] == [line["right_row"] + 1]
        assert [s["state"] for s in found["pairing_rules"]].count("paired") == 1


def test_a_row_set_aside_names_the_rule_that_holds_and_those_before_it(loan: Path) -> None:
    found = explain(loan, "left:58")
    assert [(r["rule"], r["state"]) for r in found["set_aside_rules"]][:4] == [
        ("repeat", "does_not_hold"),
        ("outside_coverage", "does_not_hold"),
        ("not_delivered", "holds"),
        ("recalled", "not_reached"),
    ]


def test_a_one_sided_row_names_its_cause_and_what_is_not_excluded(loan: Path) -> None:
    found = explain(loan, "left:35")
    assert {r["state"] for r in found["set_aside_rules"]} == {"does_not_hold"}
    assert [(c["cause"], c["state"]) for c in found["causes"]][:3] == [
        ("referenced", "not_supported"),
        ("id_gap", "holds"),
        ("sync_gap", "not_reached"),
    ]
    assert found["not_excluded"]
    # The report prints the same moment.
    assert "2024-06-05 11:52:06 +08:00" in as_text(found, NAMES, "zh")[1]


def test_a_locator_names_a_row_too(loan: Path) -> None:
    assert explain(loan, "a.csv#4")["row"] == explain(loan, "left:4")["row"] == 4


@pytest.mark.parametrize("name", ["left:99999", "middle:3", "nowhere.csv#1"])
def test_a_row_that_is_not_there_is_one_clear_line(loan: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no such row"):
        explain(loan, name)


def test_results_without_messages_say_what_to_do(loan: Path, tmp_path: Path) -> None:
    bare = shutil.copytree(loan, tmp_path / "bare")
    (bare / "messages.parquet").unlink()
    with pytest.raises(CaseError, match="run compare without --no-messages first"):
        explain(bare, "left:3")


def test_the_command_prints_json_and_exits_with_two_for_an_unknown_row(loan: Path) -> None:
    assert orjson.loads(run("explain", loan, "left:35", "--json").stdout)["found"]["relation"] == "one_sided"
    wrong = run("explain", loan, "left:99999")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)

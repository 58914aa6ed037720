"""`reconcile explain`: one row, and what decided about it."""

import shutil
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from bench.quality import readings_of
from bench.sim.draw import draw
from reconcile.case import compare
from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.errors import CaseError, UsageError
from reconcile.explanation import explain
from reconcile.explanation.text import as_text
from reconcile.options import CaseOptions
from reconcile.vocabulary import Side
from reconcile.wording import LANGS, section
from tests.command import run

ROOT = Path(__file__).parent.parent
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
    dispute, _ = draw(1, ("no ids", "edit words"))
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


def test_the_weights_of_a_weighed_pair_are_a_waterfall_with_its_sum(loan: Path) -> None:
    found = explain(loan, "left:1")
    assert (found["found"]["method"], found["other"], found["partner"]) == ("weighed", "right:1", "right:1")
    assert found["sum"] == pytest.approx(sum(f["log_odds"] for f in found["factors"]), abs=0.01)
    told = as_text(found, NAMES, "zh")
    assert any(line.startswith("  合计") and f"{found['sum']:+.1f}" in line for line in told)


def test_an_altered_message_names_its_factors_and_what_would_change_the_decision(loan: Path) -> None:
    found = explain(loan, "left:47")
    weights = {f["name"]: (f["text"], f["log_odds"]) for f in found["factors"]}
    assert weights["ids"][0] == "equal"
    assert weights["content"][0] == "altered"
    assert {c["text"] for c in found["changes"]} == {"settled", "form_only"}
    assert any("不同之处仅属写法时" in line for line in as_text(found, NAMES, "zh"))


def test_changed_words_without_ids_are_weighed_against_standing_alone(without_ids: Path) -> None:
    conflict = next(x for x in lines(without_ids) if x["relation"] == "conflict")
    found = explain(without_ids, f"left:{conflict['left_row'] + 1}")
    assert {"name": "no_partner", "log_odds": 0.0, "text": None, "value": None, "other": None} in found["alternatives"]
    assert found["sum"] > 0
    assert {c["text"] for c in found["changes"]} >= {"doubtful_from"}


def test_rows_that_equality_paired_say_so_instead_of_weights(loan: Path) -> None:
    found = explain(loan, "left:3")
    assert (found["factors"], found["sum"], found["hypotheses"]) == ([], None, [])
    assert any("由消息编号配对，未经权衡" in line for line in as_text(found, NAMES, "zh"))


def test_a_row_set_aside_names_the_hypothesis_that_holds_and_what_would_undo_it(loan: Path) -> None:
    found = explain(loan, "left:58")
    first, *rest = found["hypotheses"]
    assert (first["cause"], first["state"]) == ("not_delivered", "permitted")
    assert {h["state"] for h in rest} == {"none"}
    assert found["alternatives"][-1]["name"] == "missing"
    assert found["changes"][-1]["text"] == "undone"
    assert "The other side holds it" in as_text(found, NAMES, "en")[-1]


def test_a_one_sided_row_names_every_hypothesis_with_what_it_needs_and_its_causes(loan: Path) -> None:
    found = explain(loan, "left:35")
    assert {h["cause"] for h in found["hypotheses"]} == {str(h.cause) for h in HYPOTHESES}
    assert {h["state"] for h in found["hypotheses"]} == {"none"}
    assert [(c["cause"], c["state"]) for c in found["causes"]][:3] == [
        ("referenced", "not_supported"),
        ("id_gap", "holds"),
        ("sync_gap", "not_reached"),
    ]
    assert found["not_excluded"]
    told = as_text(found, NAMES, "zh")
    # The report prints the same moment.
    assert "2024-06-05 11:52:06 +08:00" in told[1]
    assert any(line.startswith("  已撤回：未见依据；须：双方") for line in told)


def test_what_each_hypothesis_needs_and_what_rules_it_out_is_told_as_the_engine_states_it() -> None:
    words = section("account")
    for h in HYPOTHESES:
        assert (words[f"needs_{h.cause}"]["en"], words[f"undone_{h.cause}"]["en"]) == (h.needs, h.contradicted_by)


def test_no_explanation_calls_anything_certain(loan: Path, without_ids: Path) -> None:
    for case in (loan, without_ids):
        for line in lines(case)[::9]:
            if line["left_row"] is not None:
                told = "\n".join(as_text(explain(case, f"left:{line['left_row'] + 1}"), NAMES, "zh"))
                assert "100%" not in told
                assert "把握程度 1" not in told


def test_a_locator_names_a_row_too(loan: Path) -> None:
    assert explain(loan, "a.csv#4")["row"] == explain(loan, "left:4")["row"] == 4


@pytest.mark.parametrize("name", ["left:99999", "middle:3", "nowhere.csv#1"])
def test_a_row_that_is_not_there_is_one_clear_line(loan: Path, name: str) -> None:
    with pytest.raises(UsageError, match="no such row"):
        explain(loan, name)


@pytest.mark.parametrize(
    ("file", "told"), [("messages", "run compare without --no-messages first"), ("account", "run compare again")]
)
def test_results_without_messages_or_accounts_say_what_to_do(loan: Path, tmp_path: Path, file: str, told: str) -> None:
    bare = shutil.copytree(loan, tmp_path / "bare")
    (bare / f"{file}.parquet").unlink()
    with pytest.raises(CaseError, match=told):
        explain(bare, "left:3")


def test_the_command_prints_json_and_exits_with_two_for_an_unknown_row(loan: Path) -> None:
    assert orjson.loads(run("explain", loan, "left:35", "--json").stdout)["found"]["relation"] == "one_sided"
    wrong = run("explain", loan, "left:99999")
    assert (wrong.returncode, wrong.stdout, wrong.stderr.count("\n")) == (2, "", 1)

"""Scoring: the right answer scores full marks, and each kind of mistake is counted where it belongs."""

import polars as pl
import pytest

from bench.score import Score, score
from bench.sim.draw import draw, draw_several
from bench.sim.ledger import Ledger
from reconcile.vocabulary import Relation

Line = dict[str, object]


def answer(ledger: Ledger) -> list[Line]:
    return [
        {
            "conversation": f"chat {line.chat}",
            "relation": str(line.relation),
            "left_row": line.left_row,
            "right_row": line.right_row,
            "cause": min(map(str, line.causes), default=None),
        }
        for line in ledger.lines
    ]


def marked(lines: list[Line], ledger: Ledger, grade: str | None = None) -> Score:
    verdicts = [{"conversation": f"chat {v.chat}", "grade": grade or min(map(str, v.grades))} for v in ledger.verdicts]
    types = {"conversation": pl.String, "relation": pl.String, "left_row": pl.UInt32, "right_row": pl.UInt32}
    frame = pl.DataFrame(lines, schema={**types, "cause": pl.String})
    return score(frame, pl.DataFrame(verdicts), ledger)[0]


def split(line: Line) -> list[Line]:
    one_sided = {**line, "relation": "one_sided", "cause": "unexplained"}
    return [{**one_sided, "right_row": None}, {**one_sided, "left_row": None}]


@pytest.mark.parametrize("seed", range(12))
def test_right_answer_scores_full_marks(seed: int) -> None:
    ledger = draw_several(seed)[1]
    found = marked(answer(ledger), ledger)
    assert (found.pairs_found, found.missing_found, found.conflicts_found, found.grades_right) == (
        found.pairs, found.missing, found.conflicts, found.chats,
    )  # fmt: skip


@pytest.mark.parametrize("seed", range(12))
def test_right_answer_claims_nothing_wrongly(seed: int) -> None:
    ledger = draw_several(seed)[1]
    found = marked(answer(ledger), ledger)
    assert (found.pairs_right, found.missing_right, found.conflicts_right, found.rows_accused) == (
        found.pairs_claimed, found.missing_claimed, found.conflicts_claimed, 0,
    )  # fmt: skip


def test_pair_torn_apart_counts_as_two_rows_accused() -> None:
    ledger = draw(5)[1]
    lines = answer(ledger)
    torn = next(i for i, line in enumerate(lines) if line["relation"] == "agreement" and not ledger.lines[i].also)
    assert marked([*lines[:torn], *split(lines[torn]), *lines[torn + 1 :]], ledger).rows_accused == 2


def test_missing_row_paired_with_a_stranger_is_not_found() -> None:
    ledger = draw(5, ("delete one",))[1]
    lines = [line for line in answer(ledger) if line["relation"] != "one_sided"]
    gone = next(line for line in ledger.lines if line.relation is Relation.ONE_SIDED)
    lacking = "right_row" if gone.right_row is None else "left_row"
    stranger = next(line for line in lines if line[lacking] is not None and line["relation"] == "agreement")
    row = {"left_row": gone.left_row, "right_row": gone.right_row, lacking: stranger[lacking]}
    found = marked([*lines, {**stranger, **row}], ledger)
    assert (found.missing_found, found.pairs_claimed - found.pairs_right) == (0, 1)


def test_agreement_in_place_of_a_conflict_is_a_conflict_overlooked() -> None:
    ledger = draw(5, ("edit amount",))[1]
    lines = [{**line, "relation": "agreement"} if line["relation"] == "conflict" else line for line in answer(ledger)]
    found = marked(lines, ledger)
    assert (found.conflicts_found, found.pairs_found) == (0, found.pairs)


def test_row_left_out_of_the_alignment_is_noticed() -> None:
    ledger = draw(5)[1]
    assert marked(answer(ledger)[1:], ledger).not_conserved > 0


def test_innocent_dispute_graded_one_sided_is_an_accusation() -> None:
    ledger = draw(5)[1]
    assert marked(answer(ledger), ledger, grade="one_sided").innocent_accused == 1


def test_any_of_several_rows_that_nobody_can_tell_apart_counts_as_the_missing_one() -> None:
    for seed in range(60):
        ledger = draw(seed, ("twins", "delete stock replies", "no time on one"))[1]
        sizes = list(ledger.groups.values())
        for line in ledger.lines:
            home = ledger.groups[line.truth]
            twins = [e for e in ledger.lines if ledger.groups[e.truth] == home and e.relation is Relation.AGREEMENT]
            if line.relation is Relation.ONE_SIDED and not line.also and twins and sizes.count(home) > 1:
                break
        else:
            continue
        held = "left_row" if line.left_row is not None else "right_row"
        swapped = {getattr(line, held): getattr(twins[0], held), getattr(twins[0], held): getattr(line, held)}
        lines = [{**one, held: swapped.get(one[held], one[held])} for one in answer(ledger)]
        found = marked(lines, ledger)
        assert found.missing_found == found.missing
        return
    pytest.fail("no dispute with twins of which one is missing")

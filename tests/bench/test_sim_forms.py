"""The simulator of export forms: deterministic, readable row for row, and its own right answer scores full marks."""

import tempfile
from pathlib import Path

import polars as pl
import pytest

from bench.sim.ledger import Ledger
from bench.sim_forms.draw import FORMS, draw, write
from bench.sim_forms.measure import marked
from reconcile.case import read
from reconcile.vocabulary import Grade, Relation, Side

SEEDS = range(300)


def answer(ledger: Ledger) -> pl.DataFrame:
    rows = [
        (str(li.relation), li.left_row, li.right_row, min(map(str, li.causes), default=None)) for li in ledger.lines
    ]
    types = {"relation": pl.String, "left_row": pl.UInt32, "right_row": pl.UInt32, "cause": pl.String}
    return pl.DataFrame(rows, schema=types, orient="row")


def test_a_seed_gives_the_same_files_each_time() -> None:
    contents = []
    for _ in range(2):
        sides, ledger = draw(7)
        files = {(s, n): c for s, copy in sides.copies.items() for n, c in copy.form.write(copy, sides).items()}
        contents.append((files, ledger))
    assert contents[0] == contents[1]


@pytest.mark.parametrize("seed", [3, 16, 41, 62])
def test_readers_find_as_many_rows_as_the_ledger_tells(seed: int) -> None:
    sides, ledger = draw(seed)
    with tempfile.TemporaryDirectory() as folder:
        read_back = {side: read(place).messages.height for side, place in write(sides, Path(folder)).items()}
    assert read_back == {side: len(ledger.truths[side]) for side in Side}


def test_every_row_stands_in_exactly_one_line() -> None:
    for seed in SEEDS[:60]:
        ledger = draw(seed)[1]
        for side in Side:
            rows = [
                r for line in ledger.lines if (r := line.left_row if side is Side.LEFT else line.right_row) is not None
            ]
            assert sorted(rows) == list(range(len(ledger.truths[side]))), seed


def test_the_right_answer_scores_full_marks() -> None:
    for seed in SEEDS[:120]:
        sides, ledger = draw(seed)
        grade = next(g for g in Grade if g in ledger.verdicts[0].grades)
        verdicts = pl.DataFrame({"conversation": ["c"], "grade": [str(grade)]})
        count, _, wrong = marked(answer(ledger), verdicts, sides, ledger)
        assert (count.found, count.right, wrong) == (count.due, count.claimed, []), seed


def test_a_pair_torn_apart_is_two_wrong_claims() -> None:
    sides, ledger = draw(7)
    torn = next(i for i, line in enumerate(ledger.lines) if line.relation is Relation.AGREEMENT)
    rows = answer(ledger).rows()
    left, right = rows[torn][1], rows[torn][2]
    rows[torn : torn + 1] = [("one_sided", left, None, None), ("one_sided", None, right, None)]
    frame = pl.DataFrame(rows, schema=answer(ledger).schema, orient="row")
    count, _, _ = marked(frame, pl.DataFrame({"conversation": ["c"], "grade": ["one_sided"]}), sides, ledger)
    assert (count.claimed["one_sided"], count.right["one_sided"], count.accused) == (2, 0, 1)


def test_about_half_of_the_disputes_are_innocent_and_every_form_comes() -> None:
    drawn = [draw(seed)[0] for seed in SEEDS]
    assert 0.4 < sum(not sides.guilty for sides in drawn) / len(drawn) < 0.6
    assert {f.name for f in FORMS} <= {copy.form.name for sides in drawn for copy in sides.copies.values()}

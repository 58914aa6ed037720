"""Grades of many conversations at once."""

from typing import Any

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from reconcile.engine.verdict import CAUSES, COUNTS, Tally, judge, judged, tallies
from reconcile.vocabulary import BOTH

RUN_COUNTS = ("agreements", "forms", "conflicts", "doubtful", "set_aside", "edge_unverified", "unstated")
# Few kinds of conversation, so that one is often judged for several.
COUNT = st.integers(0, 2)
TALLY = st.builds(
    Tally, st.sampled_from(["account", "unclear"]), *[COUNT] * 17, *[st.sampled_from([(), ("a",)])] * 3
)  # fmt: skip
NO_DOUBT, IN_DOUBT = (Tally("account", 10, 10, agreements=9, doubtful=n, doubtful_rows=n) for n in (0, 1))


@settings(deadline=None, max_examples=40)
@given(st.lists(TALLY, min_size=1, max_size=12))
@example([NO_DOUBT, IN_DOUBT])
def test_every_conversation_is_judged_as_it_would_be_alone(tallies: list[Tally]) -> None:
    fields = Tally.__dataclass_fields__
    rows = [{f: list(v) if isinstance(v := getattr(t, f), tuple) else v for f in fields} for t in tallies]
    table = pl.DataFrame(rows, schema_overrides=dict.fromkeys(CAUSES, pl.List(pl.String)))
    alone = [judge(t) for t in tallies]
    assert judged(table).rows() == [(str(grade), reasons) for grade, reasons in alone]


def tally(pairing: str = "account", **counts: Any) -> Tally:
    return Tally(pairing, 10, 10, **({"agreements": 10} | counts))


@pytest.mark.parametrize(
    ("told", "grade", "reasons"),
    [
        (tally(), "no_gap_found", []),
        (tally("content"), "no_gap_found", ["paired_by_content"]),
        (tally(edge_unverified=1, referenced_absent=1), "no_gap_found", ["edge_unverified", "referenced_absent"]),
        (tally(forms=1), "explained_differences", ["explained"]),
        (tally(set_aside=1), "explained_differences", ["explained"]),
        (tally(doubtful=1, doubtful_rows=1), "cannot_determine", ["doubtful_rows"]),
        (tally(unstated=1), "cannot_determine", ["content_not_stated"]),
        (tally(clock_changes=1), "cannot_determine", ["clock_segment"]),
        (tally(clocks_explained=1), "explained_differences", ["clock_explained"]),
        (tally(zone_shifts=1), "no_gap_found", ["zone_shift"]),
        (tally(agreements=0), "cannot_determine", ["no_common_message"]),
        (tally("none"), "cannot_determine", ["no_counterpart"]),
        (tally("unclear"), "cannot_determine", ["no_counterpart", "pairing_unclear"]),
        (tally(left_missing=1), "one_sided", ["one_sided"]),
        (tally(right_missing=1), "one_sided", ["one_sided"]),
        (tally(agreements=0, conflicts=1), "conflicting", ["conflict"]),
        (
            tally(conflicts=1, left_missing=1, conflict_causes=("a",), causes=("b",), set_aside_causes=("c",)),
            "conflicting",
            ["conflict", "one_sided", "cause:a", "cause:b", "cause:c"],
        ),
    ],
)
def test_every_rule_gives_its_grade_and_names_itself(told: Tally, grade: str, reasons: list[str]) -> None:
    assert judge(told) == (grade, reasons)


def test_rows_alone_count_for_the_side_that_lacks_them_and_a_doubtful_pair_for_two() -> None:
    none = {"rows": None, "holder": None, "one_sided": None} | dict.fromkeys(RUN_COUNTS)
    run = none | dict.fromkeys(RUN_COUNTS, 0) | {"one_sided": 0}
    nodes = [
        run | {"pair": 0, "rows": 4, "holder": BOTH, "agreements": 2, "forms": 1, "conflicts": 1, "doubtful": 2},
        run | {"pair": 0, "rows": 3, "holder": "left", "one_sided": 2, "doubtful": 1, "edge_unverified": 1},
        run | {"pair": 0, "rows": 5, "holder": "right", "one_sided": 3, "set_aside": 2},
        run | {"pair": 1, "rows": 1, "holder": "right", "one_sided": 1},
        none | {"pair": 1, "holder": "left"},
        run | {"pair": None, "rows": 1},
    ]
    sums = dict.fromkeys(COUNTS, 0)
    first = {"agreements": 2, "forms": 1, "conflicts": 1, "doubtful": 3, "doubtful_rows": 5, "left_missing": 3}
    first |= {"right_missing": 2, "set_aside": 2, "edge_unverified": 1}
    assert tallies(pl.DataFrame(nodes)).to_dicts() == [
        {"pair": 0} | sums | first,
        {"pair": 1} | sums | {"left_missing": 1},
    ]

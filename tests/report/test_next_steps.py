"""Every open point of a comparison names who could settle it, and how."""

from typing import Any

import pytest

from reconcile.report.model_findings import ConversationReport
from reconcile.report.next_steps import FINDINGS, requests
from reconcile.report.pieces import Tally
from reconcile.vocabulary import Side
from tests.build.reports import report


def conversation(**facts: Any) -> ConversationReport:
    """A conversation in which nothing is open but these facts."""
    calm = report().conversations[0]
    zero = calm.sums.model_copy(update=dict.fromkeys(type(calm.sums).model_fields, 0))
    blank: dict[str, Any] = dict.fromkeys(
        ("findings", "kinds", "aside", "reasons", "tests_not_possible", "open_by"), ()
    )
    blank |= dict.fromkeys(("referenced_absent", "unstated", "clock_changes"), 0)
    return calm.model_copy(update=blank | {"sums": zero} | facts)


def steps(*without_ids: Side, **facts: Any) -> list[tuple[str, Side | None]]:
    return [(r.code, r.side) for r in requests([conversation(**facts)], without_ids)]


def test_where_nothing_is_open_nobody_is_asked() -> None:
    assert steps(Side.LEFT) == []


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        ("kind_not_exported", ("export_kinds", Side.LEFT)),
        ("repeat", ("show", Side.RIGHT)),
        ("edge_unverified", ("edges", Side.LEFT)),
        ("selection", ("whole_chat", Side.LEFT)),
        ("recalled", ("recalled", None)),
    ],
)
def test_rows_of_one_side_are_settled_by_the_side_that_can(code: str, asked: tuple[str, Side | None]) -> None:
    assert steps(open_by=(Tally(code=code, right=3),)) == [asked]


def test_message_ids_are_asked_only_of_a_side_that_states_none() -> None:
    alike = (Tally(code="indistinguishable", pairs=2),)
    assert steps(Side.LEFT, open_by=alike) == [("export_ids", Side.LEFT), ("review", None)]
    assert steps(open_by=alike) == [("review", None)]


def test_an_unknown_cause_of_doubt_is_left_to_a_reviewer() -> None:
    assert steps(open_by=(Tally(code="of_tomorrow", left=1),)) == [("review", None)]


def test_a_step_that_settles_two_points_is_asked_once() -> None:
    alike = (Tally(code="weak_match", pairs=2), Tally(code="indistinguishable", pairs=1))
    assert steps(open_by=alike) == [("review", None)]


def test_swapped_sides_swap_who_is_asked() -> None:
    assert steps(open_by=(Tally(code="kind_not_exported", left=3),)) == [("export_kinds", Side.RIGHT)]


def test_content_left_out_and_a_clock_that_was_set_are_asked_about() -> None:
    assert steps(unstated=1, clock_changes=1) == [("export_contents", None), ("clock", None)]


def test_a_test_of_missing_messages_is_asked_of_the_side_that_lacks_them() -> None:
    found = next(f for f in report().conversations[0].findings if f.lacking is not None)
    gap = found.model_copy(update={"tests_not_possible": ("numbering", "second_device")})
    told = requests([conversation(findings=(gap,))], ())
    assert [(r.code, r.side) for r in told] == [("export_numbers", gap.lacking), ("second_export", gap.lacking)]
    assert {r.point for r in told} <= FINDINGS

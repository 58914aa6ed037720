"""The strategy of small disputes draws what it promises."""

from collections import Counter

from hypothesis import HealthCheck, given, settings

from bench.sim.ledger import ledger_of
from bench.sim.model import Dispute
from reconcile.vocabulary import Side
from tests.strategies import TwoViews, disputes, two_views
from tests.thorough import examples

QUICK = settings(max_examples=examples(20, 60), deadline=None, suppress_health_check=[HealthCheck.too_slow])


@QUICK
@given(disputes())
def test_every_drawn_row_has_one_right_answer(dispute: Dispute) -> None:
    ledger = ledger_of(dispute)
    for side in Side:
        listed = Counter(getattr(line, f"{side}_row") for line in ledger.lines)
        listed.pop(None, None)
        assert listed == Counter(range(len(dispute.copies[side].rows)))


@QUICK
@given(two_views(most=8))
def test_drawn_readings_hold_the_rows_of_the_ledger(views: TwoViews) -> None:
    assert (views.left.messages.height, views.right.messages.height) == tuple(
        len(views.ledger.truths[side]) for side in Side
    )

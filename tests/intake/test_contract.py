"""What a record that stands in several forms cannot show."""

from reconcile.intake.contract import FormLimits, joined_limits
from reconcile.vocabulary import Kind

CALLS = FormLimits(kinds_absent=frozenset({Kind.CALL}), kinds_unknown=frozenset({Kind.CARD}), text_cut_at=200)
BOTH = FormLimits(kinds_absent=frozenset({Kind.CALL, Kind.CARD}), text_cut_at=80, is_resaved=True)


def test_a_kind_is_absent_where_no_form_writes_it_and_unknown_where_one_might() -> None:
    joined = joined_limits([CALLS, BOTH])
    assert (joined.kinds_absent, joined.kinds_unknown) == (frozenset({Kind.CALL}), frozenset({Kind.CARD}))


def test_what_one_form_loses_is_lost_in_the_whole() -> None:
    joined = joined_limits([CALLS, BOTH])
    assert (joined.text_cut_at, joined.is_resaved) == (80, True)

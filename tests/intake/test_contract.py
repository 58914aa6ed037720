"""What forms or devices joined into one export cannot hold."""

from collections.abc import Callable

import pytest

from reconcile.intake.contract import FormLimits, joined_limits
from reconcile.vocabulary import Kind

CALLS = FormLimits(kinds_absent=frozenset({Kind.CALL}), kinds_unknown=frozenset({Kind.CARD}), text_cut_at=200)
BOTH = FormLimits(kinds_absent=frozenset({Kind.CALL, Kind.VIDEO}), text_cut_at=80, is_resaved=True)


@pytest.mark.parametrize(
    ("lacking", "absent", "unknown"),
    [
        (frozenset.union, frozenset({Kind.CALL, Kind.VIDEO}), frozenset({Kind.CARD})),
        (frozenset.intersection, frozenset({Kind.CALL}), frozenset()),
    ],
)
def test_kinds_are_lacking_in_one_form_or_in_all_as_asked(
    lacking: Callable[..., frozenset[Kind]], absent: frozenset[Kind], unknown: frozenset[Kind]
) -> None:
    joined = joined_limits([CALLS, BOTH], lacking=lacking)
    assert (joined.kinds_absent, joined.kinds_unknown) == (absent, unknown)


def test_what_one_form_loses_is_lost_in_the_whole() -> None:
    joined = joined_limits([CALLS, BOTH], lacking=frozenset.union)
    assert (joined.text_cut_at, joined.is_resaved) == (80, True)

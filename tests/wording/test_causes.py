"""A weak match is called by what stays open of it: which message it is, or how its copies differ."""

import pytest

from reconcile.wording import name_of
from reconcile.wording.causes import cause_named


@pytest.mark.parametrize(
    ("cause", "detail", "said"),
    [
        ("weak_match", "margin", "alike, but not enough to take them for one message"),
        ("weak_match", None, "alike, but not enough to take them for one message"),
        ("weak_match", "memo", "the two copies differ; whether in form or in substance cannot be determined"),
        ("time_differs", "margin", "the time differs"),
    ],
)
def test_weak_matches_that_differ_in_a_part_have_a_name_of_their_own(cause: str, detail: str | None, said: str) -> None:
    assert name_of(f"verdict.cause.{cause_named(cause, detail)}", "en") == said

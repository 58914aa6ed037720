"""What a party covers before it hands a text in hides words and changes none."""

import pytest

from reconcile.engine.content.masks import withholds

WHOLE = "找方辉红，杭州宏达建材有限公司收，电话16695781891"


@pytest.mark.parametrize(
    ("kept", "hides"),
    [
        ("找方某某，杭州某某有限公司收，电话XXXXXXXXXXX", True),
        ("找方某，杭州某某有限公司收，电话166****1891", True),
        ("找某某，杭州宏达建材有限公司收，电话16695781891", True),
        ("找方辉红，**宏达建材有限公司收，电话16695781891", True),
        ("*", False),
        ("找方某某，杭州某某有限公司付，电话XXXXXXXXXXX", False),
        ("找方某某，杭州某某有限公司收，电话167****1891", False),
        (WHOLE, False),
    ],
)
def test_covered_names_and_numbers_hide_what_stands_there_and_nothing_else(kept: str, *, hides: bool) -> None:
    assert withholds(kept, WHOLE) == hides


def test_thousands_of_covers_take_linear_time() -> None:
    assert not withholds("某人" * 20_000 + "x", "人" * 60_000)

"""Texts that repeat a sign thousands of times, as an opponent may send, take linear time."""

import pytest

from reconcile.engine.content.facts import are_one_record, link_title
from reconcile.engine.content.quotations import parted
from reconcile.engine.content.truncation import CUT_MARK
from reconcile.wechat.kind_classes import FILE, PAYMENT, PLACE
from reconcile.wechat.spellings import form_steps
from reconcile.wechat.text import canonical
from tests.conftest import Within

SIGNS = (
    " ",
    "\n",
    "1",
    "1,",
    "1.",
    "a.",
    "a",
    "/",
    "(",
    "[",
    "…",
    "已收款",
    "你",
    "引用 ",
    "[引用]",
    "> a\n",
    "标题:",
    "http://",
)


@pytest.mark.parametrize("sign", SIGNS)
def test_texts_of_one_sign_that_end_differently_are_soon_known_to_differ(
    sign: str, within: Within, timed: bool
) -> None:
    length = 20_000 if timed else 500
    one, other = (sign * (length // len(sign)) + end for end in "xy")
    with within(5):
        assert parted(canonical(f"回复{one}"))[0] != parted(canonical(f"回复{other}"))[0]
        assert link_title(f"a{one}") != link_title(f"b{other}")
        assert CUT_MARK.search(canonical(one)) is None
        assert form_steps(one, other) == []
        for cls in (FILE, PAYMENT, PLACE):
            assert are_one_record(f"[a]{one}", f"[a]{other}", cls) is not True


def test_more_than_two_empty_lines_are_as_two() -> None:
    assert canonical("a\n\n\n\n\nb") == canonical("a\n\n\nb") != canonical("a\n\nb")

"""Words that go with pictures, and who said what in a forwarded bundle."""

import pytest

from tests.build.chats import chat, counts, said
from tests.build.together import Comparing

CAPTIONS = {12: "我同意付五万", 19: "昨天的现场", 26: "这是合同第一页"}
ONE = said(chat(), {12: CAPTIONS[12]}, kind="image")
SEVERAL = said(chat(), CAPTIONS, kind="image")


def bundle(*lines: tuple[str, str]) -> dict[int, str]:
    """A forwarded bundle of these lines with their authors."""
    return {12: "[聊天记录] 群聊的聊天记录\n" + "\n".join(": ".join(line) for line in lines)}


def test_another_caption_is_in_doubt_and_a_missing_one_where_others_are_shown() -> Comparing:
    found = yield [
        (ONE, said(ONE, {12: "我不同意付五万"})),
        (SEVERAL, said(SEVERAL, {12: "[图片]"})),
        (ONE, said(ONE, {12: "[图片] images/3f2a.jpg"})),
    ]
    doubt, lost, file = map(counts, found)
    assert doubt == lost == {"agreement": 39, "doubtful": 1}
    assert file == {"agreement": 40}


@pytest.mark.parametrize(
    ("names", "is_same"), [(("老张", "李四"), True), (("李四", "张三"), False), (("李四", "李四"), False)]
)
def test_a_line_of_a_bundle_may_bear_another_name_but_not_that_of_somebody_else(
    names: tuple[str, str], *, is_same: bool
) -> Comparing:
    one, other = (bundle((a, "我同意付五万"), (b, "好的")) for a, b in (("张三", "李四"), names))
    sides = (said(chat(), lines, kind="forward") for lines in (one, other))
    found = yield next(sides), next(sides)
    assert counts(found) == ({"agreement": 40} if is_same else {"agreement": 39, "doubtful": 1})

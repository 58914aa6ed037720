"""Words that go with pictures, and who said what in a forwarded bundle."""

from dataclasses import replace

import pytest

from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Kind
from tests.build.chats import chat, counts, held, said
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


MEMOS = {10: "购车款", 16: "定金", 22: "尾款", 28: "违约金"}
PAID = said(chat(), {n: f"[转账] {memo}" for n, memo in MEMOS.items()}, kind="transfer", amount="500.00")


@pytest.mark.parametrize(("added", "doubted"), [({10: "（概不退换）"}, 1), (dict.fromkeys(MEMOS, "（微信）"), 0)])
def test_words_added_to_one_memo_are_in_doubt_and_what_a_tool_adds_to_each_is_its_form(
    added: dict[int, str], doubted: int
) -> Comparing:
    other = [r | {"text": r["text"] + added.get(n, "")} for n, r in enumerate(PAID)]
    assert counts((yield PAID, other)).get("doubtful", 0) == doubted


def test_two_transcripts_of_one_voice_are_compared_where_forms_write_no_voices() -> Comparing:
    limits = FormLimits(kinds_without_content=frozenset({Kind.VOICE}))
    rows = said(chat(), {12: "[语音] 尾款我月底之前一定打给你"}, kind="voice")
    other = said(rows, {12: "[语音] 尾款我年底之前未必打给你"}, kind="voice")
    changed = held(other, 1, limits=limits)
    found = yield held(rows, 0, limits=limits), replace(changed, facts=replace(changed.facts, reader="wxcli_json"))
    assert counts(found) == {"agreement": 39, "doubtful": 1}

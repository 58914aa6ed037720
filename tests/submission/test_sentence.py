"""A check says in one sentence what it found, each thing with its number and nothing with "or"."""

from typing import Any

import pytest

from reconcile.submission.sentence import sentence_of
from reconcile.wording import Lang

NOTHING = {
    "submitted": 28,
    "agreements": 28,
    "conflicts": 0,
    "not_in_export": 0,
    "left_out_inside": 0,
    "doubtful": 0,
    "reasons": [],
}


@pytest.mark.parametrize(
    ("found", "lang", "said"),
    [
        ({}, "zh", "提交的 28 条消息与导出一致，片段之内未见未提交的消息。"),
        ({"left_out_inside": 4}, "zh", "片段之内有 4 条消息未提交。"),
        ({"left_out_inside": 1}, "en", "1 message within the passages was not submitted."),
        (
            {"conflicts": 2, "not_in_export": 1},
            "zh",
            "2 条提交的消息与导出内容不一致；1 条提交的消息在导出中没有。",
        ),
        (
            {"reasons": ["unsure"], "unsure_kinds": ["transfer", "voice"]},
            "zh",
            "片段之内另有消息（转账、语音）不能确定是否未提交。",
        ),
        (
            {"reasons": ["selected"]},
            "zh",
            "提交的 28 条消息与导出一致，片段之内未见未提交的消息；提交材料系选取，片段之内的其他消息未计。",
        ),
        ({"reasons": ["nothing_placed"]}, "zh", "提交的内容在该导出中均找不到位置，无法判断。"),
    ],
)
def test_the_sentence_names_what_was_found(found: dict[str, Any], lang: Lang, said: str) -> None:
    assert sentence_of(NOTHING | found, lang) == said

"""Characters of both Chinese scripts are spelt as the other text spells them; no others change."""

import re

import polars as pl
import pytest

from reconcile.wechat.chinese_script import in_both_scripts, simplified, spelt_as
from reconcile.wechat.client_sentences import sentence_kind


@pytest.mark.parametrize(
    ("text", "other", "spelt"),
    [
        ("之前的聊天我都留著", "之前的聊天我都留着", "之前的聊天我都留着"),
        ("合著的書", "合著的书", "合著的书"),
        ("這個月工資扣了", "工资呢", "这个月工资扣了"),
        ("工資", "工钱", "工资"),
    ],
)
def test_a_character_of_both_scripts_changes_only_into_one_that_the_other_text_has(
    text: str, other: str, spelt: str
) -> None:
    assert spelt_as(text, other) == spelt


def test_texts_without_chinese_characters_stay_as_they_are() -> None:
    assert simplified("abc 123") == "abc 123"


@pytest.mark.parametrize(
    "text", ["你撤回了一条消息", "你撤回了一條消息", '"周海" 撤回了一條消息', "消息已發出，但被對方拒收了"]
)
def test_the_clients_sentences_are_known_in_both_scripts(text: str) -> None:
    assert pl.DataFrame({"text": [text]}).select(sentence_kind(pl.col("text")))["text"][0] in ("recall", "system")


def test_a_pattern_in_both_scripts_keeps_its_classes() -> None:
    assert re.fullmatch(in_both_scripts("[你您]发[条件]a?"), "你發條")

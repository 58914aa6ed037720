"""Characters of both Chinese scripts are spelt as the other text spells them; no others change."""

import pytest

from reconcile.wechat.chinese_script import simplified, spelt_as


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

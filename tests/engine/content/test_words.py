"""What stands below a message in a text form may be nobody's words."""

import pytest

from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.words import judge_words
from reconcile.intake.contract import FormLimits

TEXT, TABLE = SideForm(FormLimits(ambiguous_headers=True), None), SideForm(FormLimits(), None)
BELOW = [
    "\n\n【律师注：此处被告确认】", "\n（代理人注：见证据五）", "\n\n【批注】重點", "\n[Note: see exhibit 5]", "\n「周海：好的」\n- - - - - -\n同意",
    "\n系統消息: 你撤回了一條消息", "\n\n\n打印人：张三", "\n证据二：甲与乙的微信聊天记录",
    "\n以上内容与原件核对无误。",
]  # fmt: skip


@pytest.mark.parametrize("below", BELOW)
def test_a_note_below_the_words_of_a_text_form_is_in_doubt(below: str) -> None:
    assert judge_words("货款五万元", f"货款五万元{below}", TABLE, TEXT).relation == "doubtful"


@pytest.mark.parametrize("below", BELOW[:4])
def test_a_table_tells_where_its_words_end(below: str) -> None:
    assert judge_words("货款五万元", f"货款五万元{below}", TEXT, TABLE).relation == "conflict"


@pytest.mark.parametrize("below", ["\n下周还你三万", "\n\n下周还你三万", "\n[微笑]", "【注】"])
def test_words_below_words_are_words(below: str) -> None:
    assert judge_words("货款五万元", f"货款五万元{below}", TABLE, TEXT).relation == "conflict"


@pytest.mark.parametrize(
    ("figures", "letters"), [("190000", "19000O"), ("11月23号", "l1月23号"), ("7503", "75O3"), ("31000", "310O0")]
)
def test_letters_that_look_like_figures_in_a_number_are_in_doubt(figures: str, letters: str) -> None:
    told = judge_words(f"水电费{figures}，抄表", f"水电费{letters}，抄表", TABLE, TABLE)
    assert (told.relation, told.detail) == ("doubtful", "misread")


def test_another_number_is_no_misread_one() -> None:
    assert judge_words("水电费190000", "水电费18000O", TABLE, TABLE).relation == "conflict"

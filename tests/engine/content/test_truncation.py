"""Which texts a form cut."""

import pytest

from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.truncation import is_cut
from reconcile.intake.contract import FormLimits

FORM = SideForm(FormLimits(), None)


@pytest.mark.parametrize(
    "mark", ["…", "……", "...", "[...]", "（展开）", "…(内容过长已截断)", "[省略]", "...(truncated)"]
)
def test_a_beginning_with_the_mark_of_a_cut_is_cut(mark: str) -> None:
    assert is_cut(f"快递单号是这个，麻烦您今天下午查收一下{mark}", "快递单号是这个，麻烦您今天下午查收一下，谢谢", FORM)


@pytest.mark.parametrize("mark", ["…", "……", "..."])
def test_a_mark_that_ends_both_texts_is_the_writers_own_and_hides_no_lost_digit(mark: str) -> None:
    assert not is_cut(f"老板，快递单号SF150790241{mark}", f"老板，快递单号SF1507902410{mark}", FORM)


def test_a_tools_own_mark_is_told_from_the_one_that_ends_the_whole_text() -> None:
    assert is_cut("那个，中山路店的租金从3月28日开始算…", "那个，中山路店的租金从3月28日开始算，每月29459.19……", FORM)


def test_a_cut_is_told_where_the_other_tool_lost_the_beginning() -> None:
    losing = SideForm(FormLimits(strips_prefix=True), None)
    whole, cut = "30见，带上合同，我在公司楼下等你到九点", "10:30见，带上合同，我在公司楼下…"
    assert is_cut(cut, whole, FORM, losing)
    assert not is_cut(cut, whole, FORM, FORM)


@pytest.mark.parametrize("mark", ["…", "……", "..."])
def test_a_mark_behind_all_of_the_other_text_marks_no_cut(mark: str) -> None:
    whole = "快递单号是这个，麻烦您今天下午查收一下"
    assert not is_cut(f"{whole}{mark}", whole, FORM)
    assert not is_cut(whole, f"{whole}{mark}", SideForm(FormLimits(text_cut_at=len(whole)), len(whole)))

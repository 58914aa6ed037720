"""The case file fills the cover: what is stated is printed, what is required and empty is to be completed, the rest is left out."""

from pathlib import Path

from lxml import html

from reconcile.case import compare
from reconcile.cli.option_values import cover_of
from reconcile.options import CaseOptions
from reconcile.outputs import load_manifest
from reconcile.reissue import ReissueOptions, reissue
from reconcile.report.html import render_html
from reconcile.report_cover import Cover
from tests.build.reports import report
from tests.conftest import ROOT

LOAN = ROOT / "fixtures" / "disputes" / "loan"
FILE = '[case]\ncourt = "某市<b>法院"\nnumber = "（2024）某01民初1号"\nplaintiff_counsel = "李律师"\n'


def written(folder: Path) -> Path:
    (folder / "case.toml").write_text(FILE, "utf-8")
    out = folder / "out"
    compare(LOAN / "a.csv", LOAN / "b.csv", out, CaseOptions(cover=cover_of(folder), error_rates=False))
    return out


def facts(page: Path) -> dict[str, str]:
    cover = html.fromstring(page.read_text("utf-8")).xpath("//dl[@class='case']/div")
    return {div[0].text_content(): div[1].text_content() for div in cover}


def test_the_cover_states_the_case_file_and_a_reissued_report_states_it_again(tmp_path: Path) -> None:
    out = written(tmp_path)
    expected = {
        "法院": "某市<b>法院",
        "案号": "（2024）某01民初1号",
        "委托人": "待填写",
        "比对目的": "待填写",
        "甲方材料代理人": "李律师",
    }
    assert facts(out / "report.html") == expected
    assert load_manifest(out)["cover"]["court"] == "某市<b>法院"
    (again,) = reissue(out, tmp_path / "again", ReissueOptions())
    assert facts(again) == expected


def test_a_reissued_report_names_the_sides_by_the_case_files_parties_unless_the_comparison_named_them(
    tmp_path: Path,
) -> None:
    out = written(tmp_path)
    options = ReissueOptions(labels=("原告张三", None), cover=Cover(third_party="王五"))
    (again,) = reissue(out, tmp_path / "again", options)
    heads = html.fromstring(again.read_text("utf-8")).xpath("//table[contains(@class,'sides')]/thead//th/text()")
    assert [head.strip() for head in heads] == ["原告张三", "乙方材料"]
    assert facts(again)["第三人"] == "王五"


def test_without_a_case_file_no_blank_is_printed() -> None:
    front = html.fromstring(render_html(report(), "zh")).get_element_by_id("front")
    assert "填写" not in front.text_content()

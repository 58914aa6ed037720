"""The shipped disputes through the whole program: the first page, every side's numbers, no word that accuses."""

from pathlib import Path

import pytest
from lxml import html

from reconcile.case import compare
from reconcile.options import CaseOptions
from reconcile.wording import say
from tests.conftest import ROOT
from tests.forbidden_words import FORBIDDEN

DISPUTES = sorted(p for p in (ROOT / "fixtures" / "disputes").iterdir() if p.is_dir())


@pytest.fixture(scope="module", params=DISPUTES, ids=lambda p: p.name)
def page(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> html.HtmlElement:
    folder: Path = request.param
    left, right = (next(folder.glob(f"{side}.csv")) for side in "ab")
    out = tmp_path_factory.mktemp("shipped") / folder.name
    compare(left, right, out, CaseOptions(mask=folder.name == "group_renovation"))
    return html.fromstring((out / "report.html").read_text("utf-8"))


def test_the_first_page_states_the_verdict_in_a_sentence(page: html.HtmlElement) -> None:
    front = page.get_element_by_id("front")
    assert front.xpath(".//p[contains(@class,'verdict')]")[0].text_content().endswith("。")


def test_the_sums_add_up(page: html.HtmlElement) -> None:
    text = page.text_content()
    assert say("report.sum_ok", "zh") in text
    assert say("report.sum_bad", "zh") not in text


def test_no_word_accuses(page: html.HtmlElement) -> None:
    assert FORBIDDEN.findall(page.text_content()) == []

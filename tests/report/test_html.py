"""report.html: the first page, every part in one language, hostile words as text, no network, the same bytes each time."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from jinja2 import DictLoader, Environment
from lxml import html

from reconcile.frames import Contacts, Verdicts
from reconcile.report import build_report
from reconcile.report.build import flat
from reconcile.report.first_page import MOST_ITEMS
from reconcile.report.html import ANNEXES, DETAILS, KeptTemplates, render_html
from reconcile.report.model_sides import NoteFact
from reconcile.report.words import code_of, text_of
from reconcile.settings import Settings
from reconcile.vocabulary import Side
from reconcile.wording import LANGS, Lang, say
from tests.build.findings import HOSTILE, build_findings, build_run, build_summaries
from tests.build.reports import page, report
from tests.forbidden_words import FORBIDDEN


def headings(lang: Lang = "zh") -> str:
    return " ".join(" ".join(h.itertext()) for h in html.fromstring(page(lang)).iter("h1", "h2"))


def test_every_part_has_its_heading_in_the_language_of_the_page() -> None:
    keys = [*DETAILS.values(), *ANNEXES.values()]
    missing = [k for k in keys for lang in LANGS if say(k, lang) not in headings(lang)]
    assert missing == []


def test_the_page_speaks_one_language() -> None:
    assert not re.search("[\u4e00-\u9fff]", " ".join(headings("en")))
    assert html.fromstring(page()).xpath("//*[@lang]/@lang") == ["zh-CN"]


@pytest.mark.parametrize("lang", LANGS)
def test_every_setting_is_named_beside_its_code_name(lang: Lang) -> None:
    settings = flat(Settings().model_dump(mode="json"))
    told = html.fromstring(render_html(report().model_copy(update={"settings": settings}), lang))
    rows = [[cell.text_content() for cell in row] for row in told.xpath("//section[@id='annex-method']//tbody/tr")]
    assert rows == [
        [say(f"report.setting.{name}", lang), name, f"{int(value):,}" if name.startswith("limits.") else value]
        for name, value in settings
    ]
    assert rows


def test_a_part_that_cannot_be_read_says_why_in_words_and_a_row_left_out_its_own() -> None:
    notes = [
        NoteFact(side=Side.LEFT, code=c, count=1, examples=(("x", "empty file", c == "part_unreadable"),))
        for c in ("part_unreadable", "row_skipped")
    ]
    data = report().model_copy(update={"left": report().left.model_copy(update={"notes": tuple(notes)})})
    tree = html.fromstring(render_html(data, "zh"))
    told = [b.text for b in tree.xpath("//section[@id='annex-material']//bdi")]
    assert told[:2] == ["空文件", "empty file"]


def test_the_form_that_was_read_and_the_reports_zone_stand_in_words_and_a_note_without_a_place_begins_with_none() -> (
    None
):
    note = NoteFact(side=Side.LEFT, code="zone_assumed", count=1, examples=(("", "Asia/Shanghai", True),))
    left = report().left.model_copy(update={"reader": "memotrace_csv", "notes": (note,)})
    right = report().right.model_copy(update={"reader": "from_elsewhere"})
    told = html.fromstring(
        render_html(report().model_copy(update={"left": left, "right": right, "timezone": "Asia/Shanghai"}), "zh")
    )
    cells = [cell.text_content() for cell in told.iter("td")]
    assert any(c.startswith("留痕 MemoTrace CSV") and c.endswith(" · memotrace_csv") for c in cells)
    assert "from_elsewhere" in cells
    assert any(c.startswith("东八区（Asia/Shanghai）") for c in cells)
    assert not any(c.startswith(":") for c in cells)


def test_a_message_never_becomes_markup() -> None:
    tree = html.fromstring(page())
    assert [e.tag for e in tree.iter("script", "img", "iframe", "object", "embed", "form")] == []
    assert "&lt;script&gt;" in page()


def test_a_message_never_becomes_a_template() -> None:
    assert HOSTILE["markup"].split(">")[-1] in html.fromstring(page()).text_content()


def test_no_attribute_loads_anything_from_elsewhere() -> None:
    links = [v for e in html.fromstring(page()).iter() for k, v in e.attrib.items() if k in ("src", "href", "action")]
    assert [v for v in links if not v.startswith("#")] == []


def test_nothing_invisible_is_left_in_the_page() -> None:
    assert re.findall("[\u200b-\u200c\u202a-\u202e\u2066-\u2069\ufeff\x07\x1b]", page()) == []


@pytest.mark.parametrize("lang", LANGS)
def test_the_limit_sentence_stands_on_the_first_page(lang: Lang) -> None:
    assert say("report.limit", lang) in html.fromstring(page(lang)).get_element_by_id("front").text_content()


def test_no_forbidden_word_is_printed() -> None:
    assert FORBIDDEN.findall(html.fromstring(page()).text_content()) == []


def test_both_raw_texts_stand_side_by_side() -> None:
    rows = html.fromstring(page()).xpath("//tr[contains(@class,'focus')]")
    cells = [[td.text_content() for td in row.iter("td")] for row in rows]
    assert any("借你50000元" in a and "借你5000元" in b for a, b in cells)


def front() -> html.HtmlElement:
    return html.fromstring(page()).get_element_by_id("front")


def test_the_first_page_states_what_differs_what_each_side_lacks_and_that_more_is_open() -> None:
    verdict = front().xpath(".//p[contains(@class,'verdict')]")[0].text_content()
    sums = report().sums
    assert f"{sums.conflicts} 条消息在双方材料中内容不一致" in verdict
    assert f"被告的材料缺少原告的材料所载的 {sums.left_only} 条消息" in verdict
    assert f"原告的材料缺少被告的材料所载的 {sums.right_only} 条消息" in verdict
    assert "另有事项未能判断" in verdict


def test_the_first_page_says_under_which_numbers_the_messages_in_doubt_stand() -> None:
    findings = [f for c in report().conversations for f in c.findings]
    numbers = "、".join(str(f.number) for f in findings if f.relation == "doubtful")
    assert f"存疑的消息逐条列于第 {numbers} 项。" in front().text_content()


def test_the_first_page_shows_both_versions_with_the_difference_marked_and_where_they_stand() -> None:
    first = front().xpath(".//article")[0]
    marked = [m.text_content() for m in front().xpath(".//article//mark")]
    assert {"50000", "5000"} <= set(marked)
    assert [p.text_content().partition(" ")[0] for p in first.xpath(".//*[@class='place']")] == ["证据一", "证据二"]


def test_the_first_page_holds_no_code_of_a_grade_and_no_number_of_settings() -> None:
    assert not re.search(r"\bV[0-4]\b|max_|seed", front().text_content())


def test_the_first_page_is_as_short_for_a_long_list_of_findings() -> None:
    assert len(front().xpath(".//article")) <= MOST_ITEMS


def test_what_falls_short_of_one_is_not_printed_as_one() -> None:
    shown = [text_of("report.similarity_is", "en", n=n).split()[-1] for n in (0.9994, 0.9996, 0.99999, 1.0)]
    assert shown == ["0.999", "0.9996", "0.9999", "1"]


def test_every_place_in_the_report_names_its_exhibit() -> None:
    places = [p.text_content() for p in html.fromstring(page()).xpath("//*[@class='place']")]
    assert places
    assert [p for p in places if not p.startswith(("证据一 ", "证据二 "))] == []


def test_the_table_of_accounts_has_no_column_that_nobody_fills() -> None:
    for table in html.fromstring(page()).xpath("//section[@id='annex-accounts']//table"):
        rows = [[cell.text_content() for cell in row] for row in table.xpath(".//tbody/tr")]
        assert all(any(cell != "—" for cell in column) for column in zip(*rows, strict=True))


def test_a_conversation_is_called_as_each_device_shows_its_contact() -> None:
    left, right = build_summaries()
    found = build_findings()
    nameless = found.verdicts.with_columns(pl.lit(None, dtype=pl.String).alias("left_title"))
    found = replace(found, verdicts=Verdicts.cast(nameless))
    key = nameless["left_conversation"].drop_nulls()[0]
    contact = pl.DataFrame({"id": [key], "remark": ["何俊（同学）"], "nickname": ["小何"]})
    named = pl.concat([left.contacts.filter(pl.col("id") != key), contact], how="diagonal_relaxed")
    data = build_report(found, replace(left, contacts=Contacts.cast(named)), right, build_run())
    assert "何俊（同学）" in [c.left_title for c in data.conversations if c.left_key == key]


def test_a_conversation_whose_device_lists_no_contacts_is_called_as_its_messages_call_the_peer() -> None:
    left, right = build_summaries()
    found = build_findings()
    key = found.messages.filter(pl.col("side") == "left")["sender"].drop_nulls()[0]
    chat = found.verdicts.with_columns(left_title=pl.lit(None, pl.String), left_conversation=pl.lit(key)).head(1)
    is_peer = (pl.col("side") == "left") & (pl.col("sender") == key)
    called = pl.when(is_peer).then(pl.lit("何俊（同学）")).otherwise("sender_name").alias("sender_name")
    found = replace(found, verdicts=Verdicts.cast(chat), messages=found.messages.with_columns(called))
    data = build_report(found, replace(left, contacts=Contacts.create_empty()), right, build_run())
    assert [c.left_title for c in data.conversations] == ["何俊（同学）"]


def test_the_list_of_discrepancies_names_both_raw_rows_and_the_finding() -> None:
    rows = html.fromstring(page()).xpath("//section[@id='list']//tbody/tr")
    listed = report().discrepancies
    for row, told in zip(rows, listed, strict=True):
        said = row.text_content()
        assert all(p in said for p in (told.left_locator, told.right_locator) if p)
        assert told.finding is None or say("report.finding", "zh", n=told.finding) in said


def test_a_message_without_words_is_listed_by_its_kind() -> None:
    wordless = report().discrepancies[0].model_copy(update={"kind": "sticker", "left": (), "right": None})
    shown = html.fromstring(render_html(report().model_copy(update={"discrepancies": (wordless,)}), "en"))
    [row] = shown.xpath("//section[@id='list']//tbody/tr")
    assert row.xpath(".//span[@class='words']/text()") == [code_of("kind", "sticker", "en")]


def test_the_page_is_in_the_language_asked_for() -> None:
    assert html.fromstring(page("en")).get("lang") == "en"


def test_the_page_is_the_same_twice() -> None:
    assert render_html(report(), "zh") == page()


def test_ids_in_the_page_are_unique() -> None:
    ids = html.fromstring(page()).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_importing_the_reports_loads_no_template_or_plotting_library() -> None:
    code = "import sys, reconcile.report; print([m for m in ('jinja2','lets_plot','docx','xlsxwriter','typst') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.fixture
def kept_templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(sys, "pycache_prefix", str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    kept = Path(KeptTemplates().directory)
    kept.mkdir(parents=True)
    return kept


def _rendered(words: str) -> str:
    pages = Environment(loader=DictLoader({"page": words}), bytecode_cache=KeptTemplates(), autoescape=True)
    return pages.get_template("page").render()


def test_a_kept_template_is_used_again_until_its_words_change(kept_templates: Path) -> None:
    assert _rendered("old") == "old"
    (kept,) = kept_templates.iterdir()
    first = kept.read_bytes()
    assert _rendered("old") == "old"
    assert kept.read_bytes() == first
    assert _rendered("new") == "new"


@pytest.mark.parametrize("left", [0, 30, 60])
def test_a_damaged_kept_template_is_compiled_anew(kept_templates: Path, left: int) -> None:
    _rendered("words")
    (kept,) = kept_templates.iterdir()
    kept.write_bytes(kept.read_bytes()[:left])
    assert _rendered("words") == "words"


def test_no_template_is_kept_where_python_keeps_no_modules(
    kept_templates: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert _rendered("words") == "words"
    assert not list(kept_templates.iterdir())

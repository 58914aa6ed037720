"""report.html: all sections in both languages, hostile words as text, no network, the same bytes each time."""

import re
import subprocess
import sys
from dataclasses import replace
from functools import cache

import polars as pl
from lxml import html

from reconcile.frames import Contacts, Verdicts
from reconcile.report import build_report
from reconcile.report.build import flat
from reconcile.report.html import render_html
from reconcile.report.model import NoteFact
from reconcile.report.words import text_of
from reconcile.settings import Settings
from reconcile.vocabulary import Side
from reconcile.wording import Lang, say
from tests.build_findings import HOSTILE, build_findings, build_run, build_summaries
from tests.test_report_model import report
from tests.test_report_wording import FORBIDDEN


@cache
def page(lang: Lang = "zh") -> str:
    return render_html(report(), lang)


def headings() -> str:
    return " ".join(" ".join(h.itertext()) for h in html.fromstring(page()).iter("h1", "h2"))


def test_all_sections_are_there_in_both_languages() -> None:
    missing = [k for n in range(2, 18) for lang in ("zh", "en") if (k := say(f"report.s{n}", lang)) not in headings()]
    assert missing == []


def test_every_setting_is_named_in_both_languages_beside_its_code_name() -> None:
    settings = flat(Settings().model_dump(mode="json"))
    told = html.fromstring(render_html(report().model_copy(update={"settings": settings}), "zh"))
    rows = [[cell.text_content() for cell in row] for row in told.xpath("//section[@id='s6']//tbody/tr")]
    assert [row[1:] for row in rows] == [list(pair) for pair in settings]
    named = [all(say(f"report.setting.{row[1]}", lang) in row[0] for lang in ("zh", "en")) for row in rows]
    assert named
    assert all(named)


def test_a_part_that_cannot_be_read_says_why_in_both_languages_and_a_row_left_out_its_own_words() -> None:
    notes = [
        NoteFact(side=Side.LEFT, code=c, count=1, examples=(("x", "empty file", c == "part_unreadable"),))
        for c in ("part_unreadable", "row_skipped")
    ]
    data = report().model_copy(update={"left": report().left.model_copy(update={"notes": tuple(notes)})})
    tree = html.fromstring(render_html(data, "zh"))
    assert [[e.text_content() for e in b] or b.text for b in tree.iter("bdi") if "empty file" in b.text_content()] == [
        ["空文件", "empty file"],
        "empty file",
    ]


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


def test_the_limit_sentence_stands_on_the_cover() -> None:
    cover = html.fromstring(page()).get_element_by_id("s1").text_content()
    assert say("report.limit", "zh") in cover
    assert say("report.limit", "en") in cover


def test_no_forbidden_word_is_printed() -> None:
    assert FORBIDDEN.findall(html.fromstring(page()).text_content()) == []


def test_both_raw_texts_stand_side_by_side() -> None:
    rows = html.fromstring(page()).xpath("//tr[contains(@class,'focus')]")
    cells = [[td.text_content() for td in row.iter("td")] for row in rows]
    assert any("借你50000元" in a and "借你5000元" in b for a, b in cells)


def test_the_cover_tells_the_conclusions() -> None:
    cover = html.fromstring(page()).get_element_by_id("s1").text_content()
    said = [g for g, n in report().grades if n and say(f"verdict.{g}", "zh") in cover]
    assert said == [g for g, n in report().grades if n]
    assert text_of("report.lacks_line", "zh", side=report().right.called, n=report().sums.left_only) in cover
    alone = [c for c in report().conversations if None in (c.left_key, c.right_key)]
    assert text_of("report.brief_one_side", "zh", n=len(alone)) in cover


def test_what_falls_short_of_one_is_not_printed_as_one() -> None:
    shown = [text_of("report.confidence_is", "en", n=n).split()[-1] for n in (0.9994, 0.9996, 0.99999, 1.0)]
    assert shown == ["0.999", "0.9996", "0.9999", "1"]


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


def test_the_list_of_discrepancies_names_both_raw_rows_and_the_finding() -> None:
    rows = html.fromstring(page()).xpath("//section[@id='s15']//tbody/tr")
    listed = report().discrepancies
    for row, told in zip(rows, listed, strict=True):
        said = row.text_content()
        assert all(p in said for p in (told.left_locator, told.right_locator) if p)
        assert told.finding is None or say("report.finding", "zh", n=told.finding) in said


def test_the_language_asked_for_is_shown_first() -> None:
    checked = html.fromstring(page("en")).xpath("//input[@checked]/@id")
    assert checked == ["show-en"]


def test_the_page_is_the_same_twice() -> None:
    assert render_html(report(), "zh") == page()


def test_ids_in_the_page_are_unique() -> None:
    ids = html.fromstring(page()).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_importing_the_reports_loads_no_template_or_plotting_library() -> None:
    code = "import sys, reconcile.report; print([m for m in ('jinja2','lets_plot','docx','xlsxwriter','weasyprint') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"

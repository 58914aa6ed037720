"""The guide says the same in every form and language, and names what must never be done."""

import html
import zipfile
from io import BytesIO

import pytest

from reconcile.report.docx_report import document_of
from reconcile.submission.guide import guide_of, to_html, to_text
from reconcile.wording import LANGS, Lang, section

OWN_SECTIONS = ("checklist", "guide", "custody", "bill", "submission")
FORBIDDEN = ("伪造", "篡改", "故意删除", "隐匿", "造假", "完整无缺", "真实有效", "证明", "forged", "tampered", "on purpose", "authentic", "genuine")  # fmt: skip


@pytest.mark.parametrize("lang", LANGS)
def test_every_form_holds_every_line(lang: Lang) -> None:
    guide = guide_of(lang)
    page = html.unescape(to_html(lang))
    word = zipfile.ZipFile(BytesIO(document_of(to_html(lang), "", lang))).read("word/document.xml").decode()
    lines = [x for s in guide.steps for x in s.lines] + [*guide.never]
    assert [x for x in lines if x not in to_text(lang) or x not in page or x not in word] == []


def test_both_languages_have_the_same_steps_and_forms() -> None:
    zh, en = (guide_of(lang) for lang in LANGS)
    shape = [(len(g.steps), [len(s.lines) for s in g.steps], len(g.never), len(g.forms)) for g in (zh, en)]
    assert shape[0] == shape[1]


@pytest.mark.parametrize("name", OWN_SECTIONS)
def test_no_catalogue_holds_a_word_that_accuses_or_vouches(name: str) -> None:
    texts = [t.lower() for entry in section(name).values() for t in entry.values()]
    assert [(w, t) for w in FORBIDDEN for t in texts if w in t] == []


@pytest.mark.parametrize("name", OWN_SECTIONS)
def test_every_entry_speaks_both_languages(name: str) -> None:
    told = section(name).items()
    assert [k for k, v in told if set(v) - {"en_one"} != {"zh", "en"} or not all(v.values())] == []

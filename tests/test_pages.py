"""The documentation: pages in both languages, generated pages up to date, links that lead somewhere, one language a page."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.engine.verdict import RULES
from reconcile.vocabulary import Grade, Relation

ROOT = Path(__file__).parents[1]
DOCS = {lang: ROOT / "docs" / lang for lang in ("en", "zh")}
PAGES = (*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "bench").glob("*.md")))
LINK = re.compile(r"\]\(([^)\s]+)\)")
CHINESE = re.compile(r"[\u3400-\u9fff]")
# Six English words in a row are a sentence; fewer may be a name.
ENGLISH_SENTENCE = re.compile(r"\b[A-Za-z]+(?: [A-Za-z]+){5,}")


def test_generated_pages_say_what_the_program_says() -> None:
    found = subprocess.run(
        [sys.executable, ROOT / ".ci" / "pages.py", "--check"],
        capture_output=True, text=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)},
    )  # fmt: skip
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "", "")


def test_every_page_of_a_named_form_states_its_producer_and_its_fields() -> None:
    # Tables of any make have none of their own; favourites are four layouts.
    general = {"inferred", "favourites_db"}
    pages = [p for p in (DOCS["en"] / "formats").glob("*.md") if p.stem not in general]
    wanted = ("\nProducer: ", "\nTested with: ", "\n## Fields read\n", "\n## What this format does not show\n")
    assert [(p.stem, w.strip()) for p in pages for w in wanted if w not in p.read_text("utf-8")] == []


def test_every_link_between_pages_leads_to_a_file_and_a_heading() -> None:
    links = [(page, link) for page in PAGES for link in LINK.findall(_without_code(page.read_text("utf-8")))]
    inside = [(page, *link.partition("#")[::2]) for page, link in links if "://" not in link]
    assert len(inside) > 50
    assert [(p.name, file) for p, file, _ in inside if file and not (p.parent / file).exists()] == []
    anchored = [(page, page.parent / file if file else page, anchor) for page, file, anchor in inside if anchor]
    assert [(page.name, anchor) for page, target, anchor in anchored if anchor not in _anchors(target)] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_verdicts_explains_every_grade_reason_and_cause_of_absence(lang: str) -> None:
    page = (DOCS[lang] / "verdicts.md").read_text("utf-8")
    codes = {*map(str, Grade), *(name for _, name, _ in RULES), *(str(h.cause) for h in HYPOTHESES)}
    assert str(Relation.CONFLICT) in codes
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_both_languages_have_the_same_pages() -> None:
    english, chinese = ({p.relative_to(DOCS[lang]) for p in DOCS[lang].rglob("*") if p.is_file()} for lang in DOCS)
    assert english == chinese


def test_english_pages_hold_no_chinese_outside_code() -> None:
    pages = [ROOT / "README.md", *DOCS["en"].rglob("*.md")]
    lines = [(p.name, n) for p in pages for n, line in _lines(p) if CHINESE.search(line)]
    assert [found for found in lines if found != ("README.md", 3)] == []


def test_chinese_pages_hold_no_english_sentences_outside_code() -> None:
    pages = [ROOT / "README.zh.md", *DOCS["zh"].rglob("*.md")]
    assert [(p.name, line) for p in pages for _, line in _lines(p) if ENGLISH_SENTENCE.search(line)] == []


def _lines(page: Path) -> list[tuple[int, str]]:
    text = re.sub(r"\]\([^)]*\)", "]", _without_code(page.read_text("utf-8")))
    return list(enumerate(text.splitlines(), 1))


def _without_code(text: str) -> str:
    blocks = re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text, flags=re.S | re.M)
    return re.sub(r"`[^`\n]*`", "`code`", blocks)


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.M)
    return {re.sub(r"[^\w\u3400-\u9fff -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}

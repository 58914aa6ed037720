"""Pages that are written from the program say what the program says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from reconcile.engine.hypotheses import HYPOTHESES
from reconcile.engine.verdict import RULES
from reconcile.vocabulary import Grade, Relation

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")))


def test_glossary_and_list_of_forms_are_what_the_program_says() -> None:
    found = subprocess.run([sys.executable, ROOT / ".ci" / "pages.py", "--check"], capture_output=True, text=True, check=False)  # fmt: skip
    assert (found.returncode, found.stdout.strip(), found.stderr) == (0, "", "")


def test_every_link_between_pages_leads_to_a_file() -> None:
    links = [(page, link) for page in PAGES for link in re.findall(r"\]\(([^)#\s]+)", page.read_text("utf-8"))]
    inside = [(page, link) for page, link in links if "://" not in link]
    assert len(inside) > 50
    assert [(page.name, link) for page, link in inside if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_of_verdicts_explains_every_grade_reason_and_cause_of_absence(lang: str) -> None:
    page = (ROOT / "docs" / lang / "verdicts.md").read_text("utf-8")
    codes = {*map(str, Grade), *(name for _, name, _ in RULES), *(str(h.cause) for h in HYPOTHESES)}
    assert str(Relation.CONFLICT) in codes
    assert {code for code in codes if f"`{code}`" not in page} == set()


def test_pages_stand_in_both_languages() -> None:
    assert {p.name for p in (ROOT / "docs" / "en").iterdir()} == {p.name for p in (ROOT / "docs" / "zh").iterdir()}

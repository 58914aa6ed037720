"""The PDF and the review page over hostile words: nothing of the material becomes an action, a script or an address."""

import io
import re
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reconcile.report import build_report
from tests.browser import new_tab
from tests.browser import program as browser_program
from tests.build.findings import build_findings, build_run, build_summaries
from tests.build.reports import skip_without_pdf
from tests.review.build import hostile
from tests.review.build import write as write_case
from tests.review.client import serving
from tests.safety.build import ALL, ATTACKS

# `ALL` holds some of the strings in the suite, and all of them under `make bench` (tests.thorough).
# What a PDF can do beside being read; each of these names would have to stand outside every string.
ACTIVE = rb"/(JavaScript|JS|Launch|OpenAction|AA|URI|GoToR|GoToE|SubmitForm|ImportData|EmbeddedFiles?|RichMedia|AcroForm|XFA|Sound|Movie|Rendition)\b"
# Ends a literal or a hexadecimal string early, and puts an action behind it.
ESCAPES = (
    "x) /OpenAction << /S /JavaScript /JS (app.alert(1)) >>",
    "\\) /AA << /S /Launch /F (calc) >>",
    "x> /URI (http://a.invalid)",
    "endstream endobj 1 0 obj << /OpenAction 2 0 R >>",
)


def bodies(pdf: bytes) -> bytes:
    """Everything that stands in a PDF outside its streams, and those of its streams that unpack, without strings."""
    packed = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.S)
    parts = [packed.sub(b"", pdf)]
    for match in packed.finditer(pdf):
        try:
            parts.append(zlib.decompress(match[1]))
        except zlib.error:
            continue
    return re.sub(rb"\((?:\\.|[^\\()])*\)|<[0-9a-fA-F\s]*>", b"", b"\n".join(parts), flags=re.S)


def test_no_word_of_the_material_becomes_an_action_of_the_pdf() -> None:
    skip_without_pdf()
    from reconcile.report.pdf import render_pdf

    found = build_findings()
    drawn = [texts[n] for n in range(4) for texts in ATTACKS.values() if n < len(texts)]
    words = [*ESCAPES, *(t[:120] for t in drawn if t.isprintable())]
    count = found.messages.height
    said = pl.Series("text", [words[n % len(words)] for n in range(count)])
    messages = found.messages.with_columns(said, said.alias("sender_name"))
    left, right = (replace(s, label=label) for s, label in zip(build_summaries(), ESCAPES, strict=False))
    data = build_report(replace(found, messages=messages), left, right, build_run(case=ESCAPES[0]))
    pdf = render_pdf(data, "en")
    assert pdf.startswith(b"%PDF")
    assert sorted({m[1] for m in re.finditer(ACTIVE, bodies(pdf))}) == []
    reader = pytest.importorskip("pypdfium2", reason="the extra `ocr`, which reads PDFs, is not installed")
    document = reader.PdfDocument(io.BytesIO(pdf))
    assert reader.raw.FPDFDoc_GetJavaScriptActionCount(document.raw) == 0
    assert document.count_attachments() == 0
    text = "".join(page.get_textpage().get_text_range() for page in document)
    assert "/JavaScript" in re.sub(r"\s", "", text)  # it was drawn, as words


def test_an_action_in_a_pdf_would_be_seen() -> None:
    pdf = b"1 0 obj << /Title (a \\) /JS) /OpenAction 2 0 R >> endobj 2 0 obj << >> stream\n" + zlib.compress(b"/S /Launch") + b"\nendstream"  # fmt: skip
    assert {m[1] for m in re.finditer(ACTIVE, bodies(pdf))} == {b"OpenAction", b"Launch"}


def test_nothing_runs_when_the_review_page_shows_hostile_words(tmp_path: Path) -> None:
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed: no browser test can run")
    if browser_program() is None:
        pytest.skip("no Chromium is installed: no browser test can run")
    words = [t[:400] for t in ALL if t.isprintable() or "\x1b" in t]
    names = {"left": ALL[0], "right": ALL[25]}
    seen: list[str] = []
    with serving(write_case(tmp_path / "case", hostile(words), {"c1": ALL[0]}, labels=names)) as client:
        home = f"http://127.0.0.1:{client.keys.port}/"
        tab: Any = new_tab()
        tab.on("request", lambda r: seen.append(r.url) if not r.url.startswith(home) else None)
        tab.on("dialog", lambda d: seen.append(d.message) or d.dismiss())  # type: ignore[func-returns-value]
        for event in ("pageerror", "popup", "download", "websocket", "worker"):
            tab.on(event, lambda what, event=event: seen.append(f"{event}: {what}"))
        tab.goto(client.keys.url)
        tab.wait_for_selector("body[data-ready]")
        shown = set()
        tab.focus("#lines")
        for _ in range(len(words)):
            tab.keyboard.press("PageDown")
            rows = tab.evaluate("[...document.querySelectorAll('.line')].map(x => +x.ariaRowIndex)")
            shown |= set(rows)
            if len(words) in shown:
                break
        tab.wait_for_selector(f".line[aria-rowindex='{len(words)}']")
        shown.add(len(words))
        active = "main script, aside script, nav script, iframe, object, embed, main img, aside img, base, form[action]"
        assert tab.locator(active).count() == 0
        assert tab.evaluate("window.__ran") is None
        assert tab.url.startswith(home)
        tab.close()
    assert seen == []
    assert len(words) in shown
    assert len(shown) > len(words) * 0.8, (len(shown), len(words))

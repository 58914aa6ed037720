"""The application in a real browser: two exports given, recognised, compared, and a report kept."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from reconcile.app.server import Application
from tests.app.client import do, new_case, settled
from tests.browser import PATIENCE_MS
from tests.review.attacks import MARKUP


@pytest.fixture
def page(app: Application, browser: Any) -> Iterator[Any]:
    """A page that is let in; fails where it logged an error."""
    wrong: list[str] = []
    context = browser.new_context(viewport={"width": 1280, "height": 800}, accept_downloads=True)
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    # A refusal that the page puts into words is logged by the browser too.
    opened.on(
        "console",
        lambda said: (
            wrong.append(said.text) if said.type == "error" and not {"403", "404"} & {*said.text.split()} else None
        ),
    )
    opened.goto(app.keys.url)
    opened.wait_for_selector("body[data-ready]")
    yield opened
    context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def entered(app: Application, browser: Any) -> Iterator[Any]:
    """A page that is let in, for tests that open others beside it."""
    context = browser.new_context()
    opened = context.new_page()
    opened.set_default_timeout(PATIENCE_MS)
    opened.goto(app.keys.url)
    opened.wait_for_selector("body[data-ready]")
    yield opened
    context.close()


def test_two_exports_are_dropped_recognised_compared_and_a_report_is_kept(page: Any, disputes: Path) -> None:
    assert "token" not in page.url
    page.fill("#new-name", "张某诉李某")
    page.keyboard.press("Enter")
    for side, names in (("left", ["a.csv", "a.json"]), ("right", ["b.csv", "b.json"])):
        with page.expect_file_chooser() as chooser:
            page.click(f"#choose-files-{side}")
        chooser.value.set_files([str(disputes / "loan" / name) for name in names])
        page.wait_for_selector(f".area.is-{side} .export.is-ready")
    page.reload()
    page.wait_for_selector("#compare:not([disabled])")
    page.click("#compare")
    page.wait_for_selector("table.verdicts .badge.is-conflict")
    page.click(".step[href*='page=reports']")
    page.click("#write")
    with page.expect_download() as kept:
        page.click("a[download='discrepancies.docx']")
    assert kept.value.path().read_bytes()[:2] == b"PK"
    page.click("#mask-chosen")
    page.wait_for_selector("#mask-person-0")
    assert sorted(_wrong(page)) == []
    page.click("#theme")
    page.set_viewport_size({"width": 390, "height": 844})
    page.click("#language")
    for step in ("reports", "jobs", "compare"):
        page.click(f".step[href*='page={step}']")
        page.wait_for_selector(f".step[href*='page={step}'][aria-current]")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        assert sorted(_wrong(page)) == []
    page.click(".step[href*='/review/']")
    page.wait_for_selector("body[data-ready]")
    assert "张某诉李某" in page.title()


def test_a_case_is_made_and_given_material_by_keyboard_alone(page: Any, disputes: Path) -> None:
    from playwright.sync_api import expect

    _tab_to(page, "#new-name")
    page.keyboard.type("只用键盘")
    page.keyboard.press("Enter")
    page.wait_for_selector("#choose-path-left")
    _tab_to(page, "#choose-path-left")
    page.keyboard.press("Enter")
    expect(page.locator("#path")).to_be_focused()
    expect(page.locator("#path")).not_to_have_value("")
    page.keyboard.press("Control+a")
    page.keyboard.type(str(disputes / "nowhere"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#path-error:not([hidden])")
    page.keyboard.press("Control+a")
    page.keyboard.type(str(disputes / "loan/b.csv"))
    page.keyboard.press("Enter")
    page.wait_for_selector("#path-dialog", state="hidden")
    page.wait_for_selector(".export.is-ready")
    _tab_to(page, "[id^=remove-]")
    page.keyboard.press("Enter")
    page.wait_for_selector(".export", state="detached")


def test_a_comparison_is_run_judged_masked_and_reported_by_keyboard_alone(
    app: Application, page: Any, disputes: Path
) -> None:
    case = new_case(app, "全程键盘")
    for side, name in (("left", "a.csv"), ("right", "b.csv")):
        do(app, "add", case=case, side=side, path=str(disputes / "loan" / name))
    settled(app, case)
    page.reload()
    page.wait_for_selector(".case-row")
    _press(page, ".case-row")
    page.wait_for_selector("#compare:not([disabled])")
    _press(page, "#compare")
    page.wait_for_selector(".found-verdict")
    assert "1 条消息在双方材料中内容不一致" in page.inner_text(".found")
    _press(page, "#open-review")
    page.wait_for_selector("body[data-ready] #lines")
    page.keyboard.press("Shift+J")
    page.wait_for_selector("#judge-not_same")
    page.keyboard.press("2")
    page.wait_for_selector("dialog[open]")
    page.keyboard.type("复核人甲")
    page.keyboard.press("Enter")
    page.wait_for_selector("#standing")
    _press(page, "#home")
    page.wait_for_selector(".found-verdict")
    _press(page, ".step[href*='page=reports']")
    _tab_to(page, "#mask-none")
    page.keyboard.press("ArrowLeft")
    page.wait_for_selector("#mask-person-0")
    _tab_to(page, "#mask-person-0")
    page.keyboard.press("Space")
    _press(page, "#write")
    page.wait_for_selector("th:has-text('reports-zh-masked-as-chosen / report.html')")


def _press(page: Any, selector: str) -> None:
    _tab_to(page, selector)
    page.keyboard.press("Enter")


def _tab_to(page: Any, selector: str) -> None:
    """Presses Tab until the control has the focus; fails where it never does."""
    for _ in range(60):
        if page.evaluate("s => document.activeElement?.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"{selector} is not reached by Tab")


def test_the_columns_of_an_unknown_table_are_chosen_from_lists_that_show_their_values(
    app: Application, page: Any, tmp_path: Path
) -> None:
    table = tmp_path / "odd.csv"
    rows = [f"{n},2024-03-0{1 + n // 60} 09:{n % 60:02d},{1 + n * n % 3 % 2},话{n}a,话{n + 1}b" for n in range(90)]
    table.write_text("\n".join(["f1,f2,f3,f4,f5", *rows]), "utf-8")
    case = new_case(app, "选列")
    do(app, "add", case=case, side="left", path=str(table))
    page.evaluate("where => { location.hash = where }", f"case={quote(case)}&page=start")
    page.click("[id^=correct-]")
    assert "f3（1、2）" in page.inner_text("#role-sender")
    assert sorted(_wrong(page)) == []
    page.click("#tell-save")
    page.wait_for_selector("#columns-error:not([hidden])")
    page.select_option("#role-text", "f4")
    page.select_option("#role-sender", "f3")
    page.keyboard.press("Tab")
    page.click("#tell-save")
    page.wait_for_selector(".export.is-ready .note.is-guess .sample")
    assert "话0a" in page.inner_text(".note.is-guess .sample")


def test_a_page_left_open_while_the_program_was_started_again_says_where_to_go_on(page: Any) -> None:
    page.context.clear_cookies()  # as after a start with new keys
    page.wait_for_selector("#banner:not([hidden])")
    assert "程序已重新启动" in page.inner_text("#banner")


@pytest.mark.parametrize("asked", ["case?", "cases?", "words?", "static/start.js"])
def test_a_page_whose_program_fails_says_what_to_do_and_goes_on_once_it_answers(
    app: Application, entered: Any, asked: str
) -> None:
    case = new_case(app, f"失败 {asked.strip('?/')}")
    broken = entered.context.new_page()  # the browser logs what fails here
    broken.set_default_timeout(PATIENCE_MS)
    broken.route(re.compile(re.escape(asked)), lambda route: route.fulfill(status=500, body="Internal Server Error"))
    where = "" if asked == "cases?" else f"#case={quote(case)}&page=start"
    broken.goto(entered.url.partition("#")[0] + where)
    if asked in {"case?", "cases?"}:
        broken.wait_for_selector("#try-again")
        assert "都已保存" in broken.inner_text("#banner")
        broken.unroute_all()
        # The page also asks by itself; where that came first, the button is gone.
        broken.evaluate("document.querySelector('#try-again')?.click()")
    else:
        broken.wait_for_selector(".opening", state="visible")
        assert "重新载入本页" in broken.inner_text(".opening")
        broken.unroute_all()
        if "static" in asked:
            broken.reload()
    broken.wait_for_selector("#new-case" if asked == "cases?" else "#choose-path-left")
    assert broken.is_hidden("#banner")
    broken.close()


def test_names_from_outside_run_nothing_and_the_narrow_page_fits(app: Application, page: Any, tmp_path: Path) -> None:
    case = new_case(app, MARKUP[0])
    file = tmp_path / MARKUP[2].replace("/", "_")
    file.write_text("sent_at,sender,text\n2024-03-01 09:00,<img src=x onerror=alert(1)>,<b>x</b>\n", "utf-8")
    do(app, "add", case=case, side="left", path=str(file))
    settled(app, case)
    page.set_viewport_size({"width": 390, "height": 844})
    page.goto(page.url.partition("#")[0])
    page.reload()
    page.click(".case-row >> nth=0")
    page.wait_for_selector(".export.is-ready, .export.is-failed")
    assert page.evaluate("window.__ran") is None
    assert page.locator("main img").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert sorted(_wrong(page)) == []


def _wrong(page: Any) -> set[str]:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe is not installed")
    found = axe.Axe().run(page).response["violations"]
    return {f"{v['id']}: {v['nodes'][0]['html'][:120]}" for v in found}

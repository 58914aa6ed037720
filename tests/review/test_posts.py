"""Posts in the review page: their words, what stands beside them, their pictures, and judgements on them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from reconcile.case import compare
from reconcile.options import CaseOptions
from reconcile.reissue import ReissueOptions, reissue
from tests.browser import PATIENCE_MS
from tests.build import moments as build
from tests.build.moments import STORY, edited
from tests.build.posts_case import PNG, compare_posts_case
from tests.review.client import Client, serving


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return compare_posts_case(tmp_path_factory.mktemp("review"))[0]


def index_of(client: Client, conversation: str) -> int:
    kinds = [c["conversation_kind"] for c in client.get("/api/case")["conversations"]]
    return kinds.index(conversation)


def lines(client: Client, number: int) -> list[Any]:
    found: list[Any] = client.get(f"/api/lines?c={number}&count=100")["lines"]
    return found


def test_posts_are_a_conversation_with_both_sides(folder: Path) -> None:
    with serving(folder) as client:
        shown = lines(client, index_of(client, "moments"))
    both = [x for x in shown if x["left"] and x["right"]]
    assert (len(shown), len(both)) == (10, 7)
    assert [x["relation"] for x in shown].count("conflict") == 3


def test_a_post_shows_its_comments_as_each_device_last_saw_them(folder: Path) -> None:
    with serving(folder) as client:
        number = index_of(client, "moments")
        first = client.get(f"/api/line?c={number}&line=0")
    left, right = (first["sides"][s]["post"]["comments"] for s in ("left", "right"))
    assert [c["is_removed"] for c in left + right] == [False, False, False, True]
    assert right[1]["reply_to"] == "乙某"


def test_a_judgement_on_a_post_reaches_the_verdict_and_the_report(folder: Path, tmp_path: Path) -> None:
    case = tmp_path / "case"
    shutil.copytree(folder, case)
    with serving(case) as client:
        number = index_of(client, "moments")
        line = next(x for x in lines(client, number) if x["relation"] == "conflict" and x["left"]["kind"] == "image")
        rows = {s: line[s]["row"] for s in ("left", "right")}
        assert client.judge(conversation=number, judgement="same", **rows).status == 200
        anew = client.get("/api/case")["conversations"][number]
    reissue(case, tmp_path / "out", ReissueOptions(forms=("html",)))
    assert "王律师" in (tmp_path / "out" / "report.html").read_text("utf-8")
    assert anew["anew"]["conflicts"] == 2


def test_a_post_shows_the_pictures_that_its_export_holds(tmp_path: Path) -> None:
    for side, story in (("a", STORY), ("b", edited(STORY, 0, text="三室两厅今日开工"))):
        (tmp_path / side / "media").mkdir(parents=True)
        (tmp_path / side / "朋友圈导出.json").write_text(build.weflow(story), "utf-8")
        for file in _stated(build.weflow(story)):
            (tmp_path / side / file).write_bytes(PNG)
    compare(tmp_path / "a", tmp_path / "b", tmp_path / "out", CaseOptions(error_rates=False, reports=()))
    with serving(tmp_path / "out", left=tmp_path / "a") as client:
        number = index_of(client, "moments")
        place = next(x["line"] for x in lines(client, number) if x["left"] and x["left"]["text"] == "水电验收")
        found = client.get(f"/api/line?c={number}&line={place}")["sides"]
        row = found["left"]["row"]
        pictures = [client.ask("GET", f"/api/picture/left/{row}/{n}", client.own) for n in (0, 1, 2)]
    assert (found["left"]["pictures"], found["right"]["pictures"]) == ([0, 1], [])
    assert [p.status for p in pictures] == [200, 200, 404]
    assert pictures[0].body == PNG


def _stated(text: str) -> list[str]:
    return [m["localPath"] for p in json.loads(text)["posts"] for m in p["media"] if m.get("localPath")]


@pytest.mark.parametrize(("lang", "width"), [("zh", 1440), ("en", 390)])
def test_the_page_shows_a_post_whole(folder: Path, browser: Any, lang: str, width: int) -> None:
    wrong: list[str] = []
    with serving(folder) as client:
        context = browser.new_context(viewport={"width": width, "height": 844})
        page = context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.add_init_script(f"localStorage.setItem('reconcile-language', '{lang}')")
        page.goto(f"{client.keys.url}#c={index_of(client, 'moments')}")
        page.wait_for_selector("body[data-ready]")
        page.click(".line[data-index='0']")
        page.wait_for_selector(".post .undone")
        shown = page.inner_text("#inspector")
        fits = page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
    assert ("已标记为移除" if lang == "zh" else "marked as removed") in shown
    assert ("评论" if lang == "zh" else "Comments") in shown
    assert (fits, wrong) == (True, [])

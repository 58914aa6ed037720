"""Moments in every form of report: as chats are shown, with what stands beside the words, and never as a gap."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import polars as pl
import pytest
from lxml import html

from reconcile.app.compared import maskable
from reconcile.case import compare
from reconcile.options import CaseOptions
from reconcile.posts_as_rows import MOMENTS, with_posts_as_rows
from reconcile.reissue import ReissueOptions, reissue
from reconcile.report.chosen_masks import Masks
from reconcile.wording.sides import row_name
from tests.build.posts_case import SEEN_BEFORE, compare_posts_case, write_sides

FORMS = ("html", "json", "csv", "xlsx")


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return compare_posts_case(tmp_path_factory.mktemp("posts"), *FORMS)


@pytest.fixture(scope="module")
def page(case: Any) -> str:
    return str((case[0] / "report.html").read_text("utf-8"))


def test_the_first_page_counts_posts_apart_from_messages(page: str) -> None:
    tree = html.fromstring(page)
    (verdict,) = tree.xpath("//p[contains(@class,'verdict')]")
    assert "条朋友圈在双方材料中内容不一致" in verdict.text_content()
    assert "另有朋友圈 7 条" in tree.xpath("//section[@id='front']")[0].text_content()


def test_no_label_names_a_part_that_differs_twice(page: str) -> None:
    labels = [tag.text_content() for tag in html.fromstring(page).xpath("//*[contains(@class,'tag')]")]
    assert not [label for label in labels if "文字（文字" in label]


def test_every_post_and_every_differing_comment_is_a_row_once(case: Any) -> None:
    shown = with_posts_as_rows(case[1])
    lines = shown.alignment.filter(pl.col("conversation") == MOMENTS)
    rows = shown.messages.filter(pl.col("conversation") == MOMENTS)
    for side in ("left", "right"):
        of_lines = sorted(lines[f"{side}_row"].drop_nulls())
        assert of_lines == sorted(rows.filter(pl.col("side") == side)["row"])
        assert len(of_lines) == len(set(of_lines))


def test_rows_of_posts_never_take_the_number_of_a_message(case: Any) -> None:
    rows = with_posts_as_rows(case[1]).messages
    assert rows.select(pl.struct("side", "row").is_duplicated().any()).item() is False


def test_shown_twice_is_shown_once(case: Any) -> None:
    once = with_posts_as_rows(case[1])
    assert with_posts_as_rows(once) is once


@pytest.mark.parametrize(
    "words",
    [
        "，六月交房",  # what only one copy says
        "辛苦了，尾款下月结清",  # the comment that differs
        "已标记为移除",  # a reply that one device marks
        "1370 300878 B",  # the picture that one copy lacks
        "装修合同的七个坑",  # an article shared
        "阻止删除朋友圈的触发器",  # a tool's trace
        "未曾查看（朋友圈）",  # what one device never looked at
        "对方设备的记录提及此条",  # a notification that speaks of a post not held
    ],
)  # fmt: skip
def test_the_page_shows(words: str, page: str) -> None:
    assert words in page


def test_the_page_has_a_part_on_posts(page: str) -> None:
    assert "朋友圈、公众号文章与收藏" in page


def test_a_post_that_was_not_looked_at_is_no_finding(case: Any) -> None:
    rows = csv.DictReader(io.StringIO((case[0] / "findings.csv").read_text("utf-8-sig")))
    relations = {r["left_text"] or r["right_text"]: r["relation"] for r in rows if r["conversation"] == MOMENTS}
    assert relations["只有甲看过"] == relations["只有乙看过"] == "set_aside"
    assert relations[SEEN_BEFORE.text] == "one_sided"


def test_the_workbook_has_sheets_for_posts_traces_and_articles(case: Any) -> None:
    book = openpyxl.load_workbook(case[0] / "findings.xlsx")
    assert {"朋友圈", "痕迹", "公众号文章"} <= set(book.sheetnames)
    assert "收藏" not in book.sheetnames
    assert "装修合同的七个坑" in [c.value for c in book["公众号文章"]["A"]]


def test_the_list_for_signing_names_what_differs_in_posts(case: Any) -> None:
    data = json.loads((case[0] / "findings.json").read_bytes())
    said = [d[side] or [] for d in data["discrepancies"] for side in ("left", "right")]
    texts = " ".join("".join(part["text"] for part in parts) for parts in said)
    assert all(words in texts for words in ("六月交房", "辛苦了，尾款下月结清", "1370 300878 B", SEEN_BEFORE.text))


@pytest.fixture(scope="module")
def again(case: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("again")
    reissue(case[0], out, ReissueOptions(forms=("html", "json", "csv")))
    return out


@pytest.mark.parametrize("name", ["report.html", "findings.json", "findings.csv"])
def test_a_report_written_again_shows_the_same(case: Any, again: Path, name: str) -> None:
    assert (again / name).read_bytes() == (case[0] / name).read_bytes()


def test_the_side_that_did_not_look_is_asked_to_open_the_posts(page: str) -> None:
    assert "在设备上打开所列朋友圈" in page
    assert "出示原始载体：其记录提及所列朋友圈" in page


def test_masked_reports_name_no_third_party_of_moments(case: Any, tmp_path: Path) -> None:
    reissue(case[0], tmp_path, ReissueOptions(forms=("html", "csv"), mask=True))
    for name in ("report.html", "findings.csv"):
        assert "丙某" not in (tmp_path / name).read_text("utf-8")


def test_a_masked_post_and_a_masked_comment_show_their_words_nowhere(case: Any, tmp_path: Path) -> None:
    rows = with_posts_as_rows(case[1]).messages.filter(pl.col("conversation") == MOMENTS)
    chosen = rows.filter(pl.col("text").str.contains("六月交房|尾款下月结清") | (pl.col("kind") == "image"))
    masks = Masks(rows=tuple(row_name(side, row) for side, row in chosen.select("side", "row").iter_rows()))

    reissue(case[0], tmp_path, ReissueOptions(forms=("html", "csv", "json"), mask=masks))

    text = "".join(p.read_text("utf-8") for p in sorted(tmp_path.iterdir()))
    assert not [words for words in ("六月交房", "辛苦了，尾款下月结清", "1370 300878 B") if words in text]
    assert "〔R〕" in text


def test_whoever_wrote_in_moments_alone_can_be_chosen_to_be_masked(case: Any) -> None:
    assert any("丙某" in person["names"] for person in maskable(case[0]).people)


def test_a_chat_that_bears_the_name_of_the_posts_stays_apart(tmp_path: Path) -> None:
    for side in write_sides(tmp_path):
        table = side / "chat.csv"
        head, *rows = table.read_text("utf-8").splitlines()
        cells = [row.split(",") for row in rows]
        table.write_text("\n".join([head, *(",".join([*c[:4], MOMENTS, c[5]]) for c in cells)]), "utf-8")
    found = compare(tmp_path / "left", tmp_path / "right", tmp_path / "out", CaseOptions(error_rates=False))
    assert found.verdicts.select("conversation", "left_rows").rows() == [(MOMENTS, 8), ("moments #2", 3)]


def test_chats_that_share_articles_and_no_posts_have_a_page(tmp_path: Path) -> None:
    card = {
        "text": "装修合同的七个坑",
        "kind": "link",
        "url": "https://mp.weixin.qq.com/s?__biz=MzA4NzQ1&mid=26&idx=1&sn=a1",
    }
    for side in ("jia", "yi"):
        row = {
            "sent_at": "2024-03-01T09:00:05+08:00",
            "is_self": side == "jia",
            "message_id": "6116895530414915131",
            **card,
        }
        (tmp_path / f"{side}.jsonl").write_text(json.dumps(row), "utf-8")
    compare(
        tmp_path / "jia.jsonl",
        tmp_path / "yi.jsonl",
        tmp_path / "out",
        CaseOptions(error_rates=False, reports=("html",)),
    )
    page = (tmp_path / "out" / "report.html").read_text("utf-8")
    assert not [words for words in ("条朋友圈", "中没有，未能比较") if words in page]

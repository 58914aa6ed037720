"""group.html answers at its top: who was compared, who lacks what, which messages differ."""

from datetime import UTC, datetime

import polars as pl
import pytest
from lxml import html

from reconcile.report.group_page import GroupPage
from reconcile.wording import Lang
from tests.build.chats import chat, held

AT = datetime(2024, 3, 4, 8, 25, tzinfo=UTC)
NAMES = ("甲", "乙", "丙")
LISTS = {"holders": pl.List(pl.String), "lacking": pl.List(pl.String), "excused": pl.List(pl.String)}


def message(number: int, text: str, **facts: object) -> dict[str, object]:
    usual = {"holders": list(NAMES), "lacking": [], "excused": [], "differs": False, "is_unsure": False}
    told = {
        "conversation": "g",
        "message": number,
        "sent_at": AT,
        "sender": "王",
        "kind": "text",
        "text": text,
        "amount": None,
    }
    return told | usual | facts


def page(*messages: dict[str, object], versions: pl.DataFrame | None = None, lang: Lang = "zh") -> html.HtmlElement:
    verdicts = pl.DataFrame(
        [
            {
                "conversation": "g", "left_conversation": "g", "right_conversation": right, "grade": "no_gap_found", "doubtful": 0,
                "first": "甲", "second": "乙", "agreements": 1, "conflicts": 0, "left_missing": 0, "right_missing": 0,
            }
            for right in ("g", None)
        ]
    )  # fmt: skip
    empty = pl.DataFrame(
        schema={
            "message": pl.Int64,
            "text": pl.String,
            "amount": pl.String,
            "parties": pl.List(pl.String),
            "locator": pl.String,
        }
    )
    frame = pl.DataFrame(list(messages), schema_overrides=LISTS)
    told = GroupPage(frame, empty if versions is None else versions, verdicts, NAMES, lang)
    readings = [held(chat(2), 0) for _ in NAMES]
    return html.fromstring(told.render(readings))


def verdict(tree: html.HtmlElement) -> str:
    return str(tree.xpath("//p[contains(@class,'verdict')]")[0].text_content())


def test_the_verdict_names_each_party_that_lacks_messages_and_how_many() -> None:
    lacked = message(0, "瓦工结束", holders=["甲", "丙"], lacking=["乙"])
    assert verdict(page(lacked, message(1, "好"))) == "乙缺少其他各方所载的 1 条消息。"


def test_a_message_that_differs_stands_with_every_version_and_its_holders() -> None:
    versions = pl.DataFrame(
        {
            "message": [0, 0],
            "text": ["预算12万", "预算13万"],
            "amount": [None, None],
            "parties": [["甲", "丙"], ["乙"]],
            "locator": ["a#1", "b#1"],
        }
    )
    tree = page(message(0, "预算12万", differs=True), versions=versions)
    (item,) = tree.xpath("//article")
    told = [[e.text_content() for e in v] for v in item.xpath(".//div[contains(concat(' ',@class,' '),' version ')]")]
    assert told == [["甲、丙", "预算12万", "a#1"], ["乙", "预算13万", "b#1"]]
    assert verdict(tree).startswith("1 条消息在各方材料中内容不一致")


def test_a_transfer_that_differs_or_is_lacked_stands_with_its_amount() -> None:
    versions = pl.DataFrame(
        {
            "message": [0, 0],
            "text": ["[转账]"] * 2,
            "amount": ["800.00", "8000.00"],
            "parties": [["甲", "丙"], ["乙"]],
            "locator": ["a#1", "b#1"],
        }
    )
    lacked = message(1, "[转账]", kind="transfer", amount="500.00", holders=["甲", "丙"], lacking=["乙"])
    tree = page(message(0, "[转账]", kind="transfer", amount="800.00", differs=True), lacked, versions=versions)
    words = [e.text_content() for e in tree.xpath("//article//p[@class='words']")]
    assert words == ["[转账]\n¥800.00", "[转账]\n¥8000.00", "[转账]\n¥500.00", "材料中无此消息"]


def test_a_table_of_lacked_transfers_states_each_amount_in_one_line() -> None:
    lacked = [
        message(n, "[转账]", kind="transfer", amount=f"{n}00.00", holders=["甲", "丙"], lacking=["乙"])
        for n in range(1, 11)
    ]
    cells = page(*lacked).xpath("//td[contains(., '转账')]")
    assert [cell.text_content() for cell in cells] == [f"[转账] ¥{n}00.00" for n in range(1, 11)]


def test_where_nothing_is_lacked_the_page_says_how_many_agree() -> None:
    assert verdict(page(message(0, "好"), lang="en")).startswith("The one message that could be compared agrees")


def test_why_a_party_need_not_hold_a_message_is_said_in_words() -> None:
    lacked = message(0, "好", holders=["甲"], lacking=["乙"], excused=["丙:outside_coverage"])
    assert "丙（超出另一方材料的范围）" in page(lacked).text_content()


def test_times_are_those_of_the_zone_that_the_page_names() -> None:
    tree = page(message(0, "好", lacking=["乙"]))
    assert "2024-03-04 16:25:00" in tree.text_content()
    assert "东八区" in tree.text_content()


def test_a_conversation_that_one_of_two_does_not_hold_is_no_comparison() -> None:
    assert len(page(message(0, "好")).xpath("//section[h2='两两比对']//tbody/tr")) == 1


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_is_the_same_twice(lang: Lang) -> None:
    lacked = message(0, "好", lacking=["乙"])
    assert html.tostring(page(lacked, lang=lang)) == html.tostring(page(lacked, lang=lang))

"""drift.html answers at its top: what the later export lacks, what changed, what is open."""

from lxml import html

from reconcile.drift import FATES, drift_of
from reconcile.report.drift_page import DriftPage
from reconcile.wording import Lang
from tests.build.chats import chat, held


def page(old: int, new: list[int], changed: int | None = None, lang: Lang = "zh") -> html.HtmlElement:
    """The page of an export of the first `old` rows of a chat against one of the rows named, one of them changed."""
    rows = chat(old)
    later = [rows[n] | ({"text": f"{rows[n]['text']}，另加一百元"} if n == changed else {}) for n in new]
    readings = [held(rows, 0), held(later, 0)]
    drift, _ = drift_of(readings[0], readings[1])
    return html.fromstring(DriftPage(drift.rows, drift.counts, FATES, lang).render(readings))


def verdict(tree: html.HtmlElement) -> str:
    return str(tree.xpath("//p[contains(@class,'verdict')]")[0].text_content())


def test_the_verdict_says_how_many_messages_the_later_export_lacks() -> None:
    tree = page(40, [n for n in range(40) if n != 20])
    assert verdict(tree) == "后一份导出缺少先一份所载的 1 条消息。"
    (item,) = tree.xpath("//article")
    assert "此份导出无此消息" in item.text_content()


def test_a_message_that_changed_stands_in_both_versions() -> None:
    tree = page(40, list(range(40)), changed=20)
    assert verdict(tree) == "1 条消息的内容有变。"
    words = [e.text_content() for e in tree.xpath("//article//p[@class='words']")]
    assert words[1] == f"{words[0]}，另加一百元"


def test_an_export_against_its_equal_lacks_nothing() -> None:
    tree = page(40, list(range(40)), lang="en")
    assert verdict(tree) == "All 40 messages of the earlier export are in the later one, unchanged."
    assert tree.xpath("//article") == []

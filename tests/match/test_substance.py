"""Form against substance: what agrees in all but spelling, and what differs in what it says."""

import pytest

from reconcile.intake.contract import FormLimits
from reconcile.match.substance import SideForm, judge_pair, judge_words
from reconcile.vocabulary import Kind, Relation
from reconcile.wechat.classes import LINK
from reconcile.wechat.text import numbers_in

PLAIN = SideForm(FormLimits(), None)

SAME = {
    "number_spelling": ("一共欠你3万元", "一共欠你30,000元"),
    "chinese numerals": ("还差三万块", "还差30000块"),
    "emoji_spelling": ("好的[微笑]", "好的🙂"),
    "english name": ("好的[Pooh-pooh]", "好的[鄙视]"),
    "old client's sign": ("/::)好的/:,@P", "[微笑]好的[Chuckle]"),
    "width": ("ＡＢＣ１２３", "ABC123"),
    "line_ends": ("第一行\r\n第二行", "第一行\n第二行"),
    "one line": ("第一行\n第二行", "第一行 第二行"),
    "blanks": ("定金 3000 元", "定金3000元"),
    "invisible": ("付\u200b款", "付款"),
    "direction": ("\u202e付款", "付款"),
    "escapes": ("a &lt; b &amp; c", "a < b & c"),
    "markdown": ("30,000\\.00", "30,000.00"),
    "control_codes": ("\x1b[31m红色\x1b[0m", "红色"),
    "prefix_stripped": ("10:30见", "30见"),
    "prefix and the blanks before it": ("\n ok: 好的", "好的"),
    "taken for hex": ("5f4dcc3b5aa765d61d8327deb882cf99", "_MÌ;Z§eÖ\x1d\x83'Þ¸\x82Ï\x99"),
    "taken for Base64": ("c29tZSBiYXNlNjQgdGV4dA==", "some base64 text"),
    "spreadsheet digits": ("6222021234567890123", "6222021234567890000"),
    "spreadsheet power": ("110101199001011234", "1.10101E+17"),
    "quoted_part": ("好的，收到\n引用：乙某: 月底前付", "好的，收到"),
}
DIFFERENT = {
    "number": ("我欠你3万元", "我欠你5万元"),
    "emoji": ("好的[Smile]", "好的[鄙视]"),
    "negation": ("我同意付款", "我不同意付款"),
    "date": ("周五到货", "周三到货"),
    "name": ("钱给了李四", "钱给了王五"),
    "tail": ("我欠你三万，下月还清", "我欠你三万"),
    "parted words": ("no one", "noone"),
    "not what its bytes say": ("c29tZSBiYXNlNjQgdGV4dA==", "some other text"),
    "words below words": ("收到", "收到\n你发布了一条群待办"),
    "words behind a title": ("晴天", "晴天 - 周杰伦"),
    "card": ("6222021234567890123", "6222021234567880000"),
    "figures of a card": ("6222021234567890123", "6222021234567890124"),
    "close enough": ("转账10000.00", "转账10000.01"),
}


@pytest.mark.parametrize("case", SAME)
def test_a_difference_of_form_is_an_agreement(case: str) -> None:
    left, right = SAME[case]
    assert judge_words(left, right, PLAIN, PLAIN).relation is Relation.AGREEMENT


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_difference_of_substance_is_a_conflict(case: str) -> None:
    left, right = DIFFERENT[case]
    assert judge_words(left, right, PLAIN, PLAIN).relation is Relation.CONFLICT


def test_a_text_cut_where_the_export_cuts_is_an_agreement() -> None:
    long = "这是一段很长的话，说的是工程款什么时候结清的事情，请尽快答复"
    assert judge_words(long, long[:20], PLAIN, SideForm(FormLimits(), 20)).relation is Relation.AGREEMENT


@pytest.mark.parametrize("text", ["3万", "30000", "30,000", "三万", "３００００"])
def test_numbers_are_values_however_written(text: str) -> None:
    assert [int(n) for n in numbers_in(text)] == [30000]


def _link(text: str) -> dict[str, object]:
    nothing = dict.fromkeys(("media_hash", "amount", "file_name", "text_quality", "url"))
    return nothing | {"text": text, "kind": "link", "cls": LINK}


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [
        ("[链接]同意分期的函", "[链接]不同意分期的函", Relation.DOUBTFUL),
        ("[链接]同意分期的函", "[链接]同意分期的函 - 腾讯文档", Relation.AGREEMENT),
        ("[链接]同意分期的函", "[链接]拒绝分期的函", Relation.CONFLICT),
        ("[分享]", "[音乐]", Relation.AGREEMENT),
        ("[音乐]", "晴天 周杰伦", Relation.AGREEMENT),
    ],
)
def test_a_title_inside_another_agrees_only_where_it_stands_by_itself(
    left: str, right: str, relation: Relation
) -> None:
    assert judge_pair(_link(left), _link(right), PLAIN, PLAIN).relation is relation


BARE = SideForm(
    FormLimits(kinds_merged={Kind.LINK: Kind.TEXT}, unplaced_kinds=frozenset({Kind.QUOTE, Kind.SYSTEM})), None
)


@pytest.mark.parametrize(
    ("words", "bare", "relation"),
    [
        ("收到", "收到\n你发布了一条群待办", Relation.DOUBTFUL),
        ("收到", "收到了\n你发布了一条群待办", Relation.CONFLICT),
        ("晴天", "晴天 - ", Relation.AGREEMENT),
        ("晴天", "晴天 - QQ音乐", Relation.AGREEMENT),
        ("晴天", "阴天 - QQ音乐", Relation.CONFLICT),
    ],
)
def test_what_wechatexporters_text_sets_bare_behind_or_below_the_words(
    words: str, bare: str, relation: Relation
) -> None:
    assert judge_words(words, bare, PLAIN, BARE).relation is relation
    assert judge_words(bare, words, BARE, PLAIN).relation is relation
    if relation is not Relation.CONFLICT:
        assert judge_words(bare, words, PLAIN, BARE).relation is Relation.CONFLICT

"""Form against substance: what agrees in all but spelling, and what differs in what it says."""

import pytest

from reconcile.engine.content.bodies import judge_pair
from reconcile.engine.content.judgement import SideForm
from reconcile.engine.content.words import judge_words
from reconcile.intake.contract import FormLimits
from reconcile.vocabulary import Kind, Relation
from reconcile.wechat.kind_classes import FILE, IMAGE, LINK, OTHER, PAYMENT, PLACE, WORDS
from reconcile.wechat.text import numbers_in

PLAIN = SideForm(FormLimits(), None)

SAME = {
    "number_spelling": ("一共欠你3万元", "一共欠你30,000元"),
    "separated thousands and blanks": ("对账：应付2,600元", "对账：应付 2600 元"),
    "currency before words": ("我借了2万给叶师傅", "我借了20,000元给叶师傅"),
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
    "a year that a spreadsheet added": ("7-8", "2026-07-08"),
    "spreadsheet power": ("110101199001011234", "1.10101E+17"),
    "quoted_part": ("好的，收到\n引用：乙某: 月底前付", "好的，收到"),
    "quoted lines": ("好[引用 甲：付3万\n月底]", "「王甲：付3万\n月底」\n- - - - -\n好"),
    "quoted in one line": ("好引用：王甲: 付3万", "「甲：付3万」- - - - -好"),
    "script": ("轉賬記錄我都留著沒刪", "转账记录我都留著没删"),
    "characters by number": ("收到\\u{1f602} \\ud83d\\ude02", "收到😂 😂"),
    "line end by letter": ("欠5万\\n2月还", "欠5万\n2月还"),
    "lines put together": ("欠46000\n2. 月底还", "欠460002. 月底还"),
    "mark of text": ("'3月6日前必须到", "3月6日前必须到"),
    "marks alone": ("。。。", "..."),
    "account before a group's words": ("wxid_b4pvh0sfnv11nw:\n不客气", "不客气"),
    "quoted behind the reply": ("好的\n「甲：付3万」", "好的[引用 王甲：付3万]"),
    "quoted with its time": ("好的\n\n[引用](2024-03-01 09:00:00)甲:付3万", "好的\n「王甲：付3万」"),
    "quoted lines with their time": ("> 甲 03-01 09:00:00\n> 付3万\n> 月底\n好的", "好的\n「王甲：付3万\n月底」"),
    "string of JSON": ("\\u597d\\nHello \\u4ed8", "好\nHello 付"),
    "cell of CSV": ('他说""不行""', '他说"不行"'),
    "markup": ('看<a href="https://a.cn/?b=1">https://a.cn/?b=1</a>', "看https://a.cn/?b=1"),
    "drawn emoji": ('好的<span class="emoji emoji1f64f"></span>', "好的🙏"),
    "linked address": ("看[https://a.cn/b](https://a.cn/b)", "看https://a.cn/b"),
    "marks of Markdown": ("a\\<b\\>", "a<b>"),
    "quotation that breaks off": ("当时在律所说好的（引用 秀兰@", "当时在律所说好的"),
    "mark behind a cut": ("我欠你三万，下月还清，一共分两期付[…]", "我欠你三万，下月还清，一共分两期付完为止"),
    "some figures of a card, and other marks": ("卡号6279176****22943 李勇，收到。", "卡号6279176829022943 李勇,收到."),
    "dots alone": ("。。。", "…"),
    "quotes, dashes and dots of an editor": ("We’re going—it’s great… maybe", "We're going -- it's great... maybe"),
    "a dash and dots of Chinese": ("货到付款——最晚周五……行吗", "货到付款—最晚周五...行吗"),
    "a blank and dots of Chinese": ("11点 谢谢...下家要住", "11点谢谢……下家要住"),
    "figures of two numbers": ("卡号************2637，电话138****1234", "卡号6222034740032637，电话13800001234"),
    "fewer asterisks than figures": ("卡号6222****2637", "卡号62220347400032637"),
    "another sign": ("电话138XXXX1234，身份证3301●●●●504X", "电话13800001234，身份证33010219900101504X"),
    "asterisks in a reply": ("电话***********，行\n「甲：付」", "电话14665187454，行\n引用：甲: 付"),
    "quotation marks and an emoji": ("他说“行“[抱拳]", '他说"行"[Salute]'),
    "escaped and drawn": ("好&lt;span class=&quot;emoji emoji1f44d&quot;&gt;&lt;/span&gt;", "好👍"),
    "string of a program with other marks": ("\\nTom\u2019s 他说\\\u201c行\\\u201d", '\nTom\'s 他说"行"'),
    "character cut in two": ("我欠你三万，下月还清，一共分两期\ufffd", "我欠你三万，下月还清，一共分两期付完为止"),
    "corner marks": ("他说「行」", '他说"行"'),
    "bytes of an address": ("看https://a.cn/%E5%90%88%E5%90%8C", "看https://a.cn/合同"),
    "quoted behind a dash": ("好的\n——引用 甲 的消息：付3万", "好的\n「王甲：付3万」"),
    "quoted in brackets": ("好的（引用：付3万）", "好的\n「王甲：付3万」"),
    "quoted and gone": ("好的\n「引用内容不存在」", "好的\n「王甲：付3万」"),
    "quoted, with other marks": ("好,月底还.\n「王甲：付3万.」", "好，月底还。\n引用：王甲: 付3万。"),
    "quoted, gone and named": ("好的\n「王甲：引用内容不存在」", "好的\n「王甲：付3万」"),
    "marked as a reply": ("[引用]好的", "好的\n「王甲：付3万」"),
    "words behind a cut": ("我欠你三万，下月还清，一共分两期……[展开全文]", "我欠你三万，下月还清，一共分两期付完为止"),
    "quoted in brackets before the reply": ("[引用 甲：付3万[强]]好的", "好的\n引用：王甲: 付3万[强]"),
    "quoted before the reply under two names": ("[引用 甲：付3万]好的[强]", "[引用 我：付3万]好的[强]"),
    "quoted line with its name": ("> 甲：付3万\n> 月底\n好的", "好的\n「王甲：付3万\n月底」"),
    "quoted lines in one line": ("> 甲 03-01 09:00:00 > 付3万 好的", "好的\n引用：王甲: 付3万"),
    "quoted lines behind a cut": ("> 甲某某 03-01 09:00:00\n...", "好的[引用 王甲：付3万]"),
    "cut behind the mark of a quote": (
        "工程款1200元，下个月给你\n\n[引用]…",
        "「甲：收到」\n- - - - -\n工程款1200元，下个月给你",
    ),
    "quotation in brackets that was cut": (
        "写得很清楚，你自己看",
        "写得很清楚，你自己看（引用 晓东：14号师傅进场～ 明天…",
    ),
    "quotation in brackets that was cut in its name": ("写得很清楚，你自己看", "写得很清楚，你自己看（引用 晓…"),
    "cut inside what a bracket before quotes": ("[引用 甲：付3万，下月还清，分两...", "好的"),
    "card with details": ('2024年政策\n说明\n<a href="https://a.cn/x?id=1">点击查看详情</a>', "2024年政策 - 微信"),
    "asterisks": ("卡号622*********1551，户名王五", "卡号6222034740031551，户名王五"),
}
DIFFERENT = {
    "reply behind brackets": ("[引用 甲：付3万]同意", "[引用 甲：付3万]不同意"),
    "reply in one line": ("> 甲 03-01 09:00:00 > 付3万 不同意", "同意\n引用：王甲: 付3万"),
    "card with details": ('2024年政策\n说明\n<a href="https://a.cn/x">点击查看详情</a>', "2023年政策 - 微信"),
    "reply before a quotation that was cut": ("同意，你自己看", "不同意，你自己看（引用 晓东：14号师傅进场…"),
    "words quoted in brackets that were cut": ("好（引用 晓东：我同意，明天办…", "好（引用 晓东：我不同意，明天办）"),
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
    "quoted words": ("好引用:合同: 同意", "好引用:合同: 不同意"),
    "words quoted behind the reply": ("好\n「合同：同意」", "好[引用 合同：不同意]"),
    "words inside markup": ("看<b>三万</b>", "看五万"),
    "placeholder for a word": ("好的[Smile]呀", "好的[鄙视]呀"),
    "question": ("还了？", "还了。"),
    "words beside asterisks": ("卡号6222****2637，同意", "卡号6222034740032637，不同意"),
    "fewer figures than asterisks": ("卡号6222*********2637", "卡号622203472637"),
    "figures beside asterisks": ("卡号622***1551", "卡号6220001552"),
    "point": ("还差1.5万，下月", "还差15万，下月"),
}


@pytest.mark.parametrize("case", SAME)
def test_a_difference_of_form_is_an_agreement(case: str) -> None:
    left, right = SAME[case]
    assert judge_words(left, right, PLAIN, PLAIN).relation is Relation.AGREEMENT


@pytest.mark.parametrize("case", DIFFERENT)
def test_a_difference_of_substance_is_a_conflict(case: str) -> None:
    left, right = DIFFERENT[case]
    assert judge_words(left, right, PLAIN, PLAIN).relation is Relation.CONFLICT


def test_a_limit_of_characters_cuts_no_text_of_as_many_bytes() -> None:
    short = "同意按6,400元结算，5月7日签字"
    form = SideForm(FormLimits(), len(short.encode()))
    assert judge_words(short, f"{short}，这事以后再说", form, PLAIN).relation is Relation.CONFLICT


@pytest.mark.parametrize(
    ("gap", "found"), [(" ", Relation.AGREEMENT), (" \n", Relation.AGREEMENT), ("也", Relation.CONFLICT)]
)
def test_blanks_that_a_cut_left_at_the_end_are_trimmed_without_a_difference(gap: str, found: Relation) -> None:
    short = "我欠你三万，下月还清，一共分两期付"
    cut = SideForm(FormLimits(), len(short + gap))
    assert judge_words(short, f"{short}{gap}不付就不还了", cut, PLAIN).relation is found


def test_a_text_cut_where_the_export_cuts_is_an_agreement() -> None:
    long = "这是一段很长的话，说的是工程款什么时候结清的事情，请尽快答复"
    assert judge_words(long, long[:20], PLAIN, SideForm(FormLimits(), 20)).relation is Relation.AGREEMENT


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        ("标题 | 副题 - ", "标题 | 副题\nhttps://a.cn/b", True),
        ("晴天 - QQ音乐", "晴天\nhttps://a.cn/b", True),
        ("租房指南 - 微信", "点击查看租房指南 https://a.cn/b", True),
        ("货拉拉 - 微信", "货拉拉货拉拉", True),
        ("租房指南 - 微信", "点击查看买房指南 https://a.cn/b", False),
        ("货拉拉 - 微信", "顺丰货拉拉", False),
        ("付三万 - 今天", "付五万\nhttps://a.cn/b", False),
        ("付三万 - 今天", "付三万 - 明天", False),
        ("看这个\nhttps://a.cn/b", "看这个\nhttps://a.cn/c", False),
    ],
)
def test_an_app_behind_a_title_stands_in_the_place_of_its_address_and_for_no_other_words(
    left: str, right: str, same: bool
) -> None:
    cards = SideForm(FormLimits(kinds_merged={Kind.LINK: Kind.TEXT}), None)
    assert (judge_words(left, right, cards, cards).relation is Relation.AGREEMENT) == same
    assert (judge_words(right, left, cards, cards).relation is Relation.AGREEMENT) == same


def test_a_first_line_alone_is_in_doubt_where_both_forms_show_a_note_like_words() -> None:
    cards, note = SideForm(FormLimits(kinds_merged={Kind.LINK: Kind.TEXT}), None), "采购清单\n水泥 30 袋"
    assert judge_words(note, "采购清单", cards, cards).relation is Relation.DOUBTFUL
    assert judge_words("采购清单", note, cards, PLAIN).relation is Relation.CONFLICT
    assert judge_words("同意付款。\n下月付", "同意付款。", cards, cards).relation is Relation.CONFLICT
    assert judge_words(note, "采购单", cards, cards).relation is Relation.CONFLICT


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("「李丽：今天打电话给我了」\n- - -", "抚养费该给了\n引用：李丽: 今天打电话给我了"),
        ("你提前退租押金不退，12月24日搬走", "「马伟：可以」\n- - - - -\n你提前退租押金不退，12月24日搬走吧"),
    ],
)
def test_a_cut_within_what_is_quoted_leaves_no_difference(short: str, long: str) -> None:
    cut = SideForm(FormLimits(), len(short))
    assert judge_words(short, long, cut, PLAIN).relation is Relation.AGREEMENT
    assert judge_words(short.replace("丽", "莉").replace("不退", "可退"), long, cut, PLAIN).relation is not (
        Relation.AGREEMENT if "退" in short else None
    )


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ('<span class="emoji e', "👌"),
        ("国庆之后把快递对一下账<span cla", "国庆之后把快递对一下账😭，好吗"),
        ("国庆之后把快递的单子和发票都给我&l", "国庆之后把快递的单子和发票都给我<3张>"),
        ("国庆之后，快递的单子和发票都给我一份", "国庆之后,快递的单子和发票都给我一份,行吗"),
    ],
)
def test_a_cut_within_what_a_program_writes_for_a_sign_leaves_no_difference(short: str, long: str) -> None:
    cut = SideForm(FormLimits(), len(short))
    assert judge_words(short, long, cut, PLAIN).relation is Relation.AGREEMENT
    assert judge_words(short, "不" + long, cut, PLAIN).relation is Relation.CONFLICT


def test_other_words_where_a_cut_sign_stood_are_a_conflict() -> None:
    short = "国庆之后把快递对一下账<span cla"
    cut = SideForm(FormLimits(), len(short))
    assert judge_words(short, "国庆之后把快递对一下账本不用还了", cut, PLAIN).relation is Relation.CONFLICT


@pytest.mark.parametrize("tail", ["[引用 平", "\n引用：平", "[O", "[ThumbsU"])
def test_a_cut_within_the_mark_of_a_quotation_or_an_emoji_leaves_no_difference(tail: str) -> None:
    words = "之前那笔82,100已经还清了"
    whole = words + {"[O": "[OK]再说", "[ThumbsU": "[强]再说"}.get(tail, "")
    cut = SideForm(FormLimits(), len(words + tail))
    assert judge_words(words + tail, whole, cut, PLAIN).relation is Relation.AGREEMENT


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("房子漏水了，你看照片", "房子漏水了你看照片"),
        ("=合计这样对吗", "#NAME?"),
        ("[位置共享]", "[Real-time Location]"),
        ("I agree", "I agree\n— 我同意 · 由微信翻译"),
    ],
)
def test_words_that_differ_in_what_says_nothing_alone_are_in_doubt(left: str, right: str) -> None:
    assert judge_words(left, right, PLAIN, PLAIN).relation is Relation.DOUBTFUL


def test_a_file_whose_name_was_taken_is_no_other_file() -> None:
    nothing = dict.fromkeys(("media_hash", "amount", "file_name", "text_quality", "url"))
    rows = [
        nothing | {"text": f"[文件] {n}", "kind": "file", "cls": FILE} for n in ("合同.pdf", "合同(1).pdf", "合同2.pdf")
    ]
    assert judge_pair(rows[0], rows[1], PLAIN, PLAIN).relation is Relation.AGREEMENT
    assert judge_pair(rows[0], rows[2], PLAIN, PLAIN).relation is Relation.CONFLICT


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


def test_a_name_in_brackets_and_a_bare_placeholder_are_no_conflict_of_words() -> None:
    forwards = "合并转发的聊天记录\n甲的聊天记录", "<< 甲的聊天记录\n甲:好\n甲的聊天记录 结束 >>"
    assert judge_words(*forwards, PLAIN, PLAIN).relation is Relation.DOUBTFUL
    assert judge_words("未知", "6月15日交货，记得", PLAIN, PLAIN).relation is Relation.DOUBTFUL
    assert judge_words("[Historique]", "群聊的聊天记录", PLAIN, PLAIN).relation is Relation.DOUBTFUL


@pytest.mark.parametrize("shown", ["[連結] {}", "[リンク] {}", "[链接: {}]", "[Share link] {}"])
def test_a_link_named_in_another_language_is_held_by_its_title(shown: str) -> None:
    title = "A&B公司<押金>同意分期的函"
    assert judge_pair(_link(shown.format(title)), _link(f"[链接] {title}"), PLAIN, PLAIN).relation is Relation.AGREEMENT
    other = _link(shown.format(title.replace("同意", "拒绝")))
    assert judge_pair(other, _link(f"[链接] {title}"), PLAIN, PLAIN).relation is Relation.CONFLICT


def test_a_link_cut_with_a_mark_is_an_agreement() -> None:
    cut = _link("[链接] 最新：我国庆之后去法院，你带上...")
    assert (
        judge_pair(cut, _link("[链接] 最新：我国庆之后去法院，你带上定金"), PLAIN, PLAIN).relation is Relation.AGREEMENT
    )


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
        ("晴天", "晴天\nhttps://y.qq.com/x?song=24", Relation.AGREEMENT),
        ("晴天", "阴天\nhttps://y.qq.com/x?song=24", Relation.CONFLICT),
    ],
)
def test_what_wechatexporters_text_sets_bare_behind_or_below_the_words(
    words: str, bare: str, relation: Relation
) -> None:
    assert judge_words(words, bare, PLAIN, BARE).relation is relation
    assert judge_words(bare, words, BARE, PLAIN).relation is relation
    if relation is not Relation.CONFLICT:
        # An address below the words may be a title's in any form that names no kind.
        other = Relation.DOUBTFUL if "\nhttps://" in bare else Relation.CONFLICT
        assert judge_words(bare, words, PLAIN, BARE).relation is other


@pytest.mark.parametrize("shown", ["【发起转账】:￥6991\\.50", "[\u200b转账] ￥69\u200b91.50"])
def test_a_sum_within_escapes_or_invisible_characters_is_that_sum(shown: str) -> None:
    nothing = dict.fromkeys(("media_hash", "amount", "file_name", "text_quality", "url"))
    rows = [
        nothing | {"text": t, "kind": "transfer", "cls": PAYMENT}
        for t in (shown, "[转账] ￥6991.50", "[转账] ￥699.50")
    ]
    assert judge_pair(rows[0], rows[1], PLAIN, PLAIN).relation is Relation.AGREEMENT
    assert judge_pair(rows[0], rows[2], PLAIN, PLAIN).relation is Relation.CONFLICT


@pytest.mark.parametrize(
    ("left", "right", "detail"),
    [
        ("我欠你3万元", "我欠你5万元", "number"),
        ("我同意付款", "我不同意付款", "negation"),
        ("周五到货", "周三到货", "number,date"),
        ("合同价46.8万", "合同价40.8万", "number"),
        ("工期3-5天", "工期3-6天", "number"),
        ("2024-08-01前付清", "2024-09-01前付清", "number,date"),
        ("5日不到货", "6日到货", "number,negation,date"),
        ("钱给了小明", "钱给了小刚", "words"),
        ("上周到货", "下周到货", "date"),
    ],
)
def test_a_conflict_names_what_differs(left: str, right: str, detail: str) -> None:
    assert judge_words(left, right, PLAIN, PLAIN).detail == detail


def _row(cls: int, kind: str, text: str = "", **stated: str) -> dict[str, object]:
    nothing = dict.fromkeys(("media_hash", "amount", "file_name", "text_quality", "url"))
    return nothing | {"text": text, "kind": kind, "cls": cls} | stated


MD5, OTHER_MD5 = "9e107d9d372bb6826bd81d3542a419d6", "e4d909c290d0fb1ca068ffaddf22cbd0"
STATED = {
    "one sum": (_row(PAYMENT, "transfer", amount="500.00"), _row(PAYMENT, "transfer", amount="500"), "agreement"),
    "two sums": (_row(PAYMENT, "transfer", amount="500"), _row(PAYMENT, "transfer", amount="800"), "conflict"),
    "a sum without a sign of money": (_row(PAYMENT, "transfer", amount="500"), _row(PAYMENT, "transfer", text="[转账]800.00"), "conflict"),
    "a sum that one side states": (_row(PAYMENT, "transfer", amount="500"), _row(PAYMENT, "transfer"), "agreement"),
    "sums of no payment": (_row(WORDS, "text", "好", amount="500"), _row(WORDS, "text", "好", amount="800"), "agreement"),
    "two digests": (_row(IMAGE, "image", media_hash=MD5), _row(IMAGE, "image", media_hash=OTHER_MD5), "conflict"),
    "a digest in capitals": (_row(IMAGE, "image", media_hash=MD5), _row(IMAGE, "image", media_hash=MD5.upper()), "agreement"),
    "digests of two algorithms": (_row(IMAGE, "image", media_hash=MD5), _row(IMAGE, "image", media_hash=2 * MD5), "agreement"),
    "a digest that one side states": (_row(IMAGE, "image", media_hash=MD5), _row(IMAGE, "image"), "agreement"),
    "one name": (_row(FILE, "file", file_name="合同 1.pdf"), _row(FILE, "file", "[文件] 合同1.pdf"), "agreement"),
    "two names": (_row(FILE, "file", file_name="合同1.pdf"), _row(FILE, "file", "[文件] 合同2.pdf"), "conflict"),
    "two bare names": (_row(FILE, "file", "合同1.pdf"), _row(FILE, "file", "合同2.pdf"), "conflict"),
    "a name in its folder": (_row(FILE, "file", "合同1.pdf"), _row(FILE, "file", "files/合同1.pdf"), "agreement"),
    "a name without a piece": (_row(FILE, "file", "FILE:合同.pdf"), _row(FILE, "file", file_name="合同(1).pdf"), "doubtful"),
    "a name with the number of a copy": (_row(FILE, "file", "[文件] 合同(1)(2).pdf"), _row(FILE, "file", file_name="合同(1).pdf"), "agreement"),
    "another dumped name": (_row(FILE, "file", "FILE:合同.pdf"), _row(FILE, "file", file_name="清单.pdf"), "conflict"),
    "two labels of a place": (_row(PLACE, "location", "[位置] 东门"), _row(PLACE, "location", "[位置] 西门口"), "agreement"),
    "a place near in words": (_row(PLACE, "location", "[位置] 幸福路12号"), _row(PLACE, "location", "[位置] 幸福路13号"), "conflict"),
    "words and a picture": (_row(WORDS, "text", "收到了"), _row(IMAGE, "image", "[图片]"), "agreement"),
    "words that are the title": (_row(WORDS, "text", "请看 押金说明"), _row(LINK, "link", "[链接] 押金说明"), "agreement"),
    "words beside another title": (_row(WORDS, "text", "我明天过来"), _row(LINK, "link", "[链接] 押金说明"), "doubtful"),
    "a title without its address": (_row(WORDS, "text", "押金说明"), _row(LINK, "link", "押金说明\nhttps://a.cn/1"), "agreement"),
    "words beside an address": (_row(WORDS, "text", "https://a.cn/1"), _row(LINK, "link", "[链接] 押金说明"), "agreement"),
    "a placeholder beside a title": (_row(WORDS, "text", "[分享]"), _row(LINK, "link", "[链接] 押金说明"), "agreement"),
    "titles without an address": (_row(LINK, "link", "[链接] 押金说明"), _row(LINK, "link", "[链接] 租金说明"), "conflict"),
    "titles of one address": (_row(LINK, "link", "押金说明", url="http://a/1"), _row(LINK, "link", "租金说明", url="http://a/1"), "agreement"),
}  # fmt: skip


@pytest.mark.parametrize("case", STATED)
def test_only_what_both_sides_state_can_differ(case: str) -> None:
    left, right, relation = STATED[case]
    assert judge_pair(left, right, PLAIN, PLAIN).relation == relation
    assert judge_pair(right, left, PLAIN, PLAIN).relation == relation


@pytest.mark.parametrize(
    ("left", "right", "relation"),
    [("明天吧，会计请假", "明天吧 会计请假", "doubtful"), ("订3，500", "订3 500", "conflict")],
)
def test_a_blank_stands_for_a_pause_but_not_between_figures(left: str, right: str, relation: str) -> None:
    assert judge_words(left, right, PLAIN, PLAIN).relation == relation


def test_marks_of_a_pause_alone_differ_where_others_stand() -> None:
    assert judge_words("。。。", "!!!", PLAIN, PLAIN).relation is Relation.CONFLICT


@pytest.mark.parametrize("words", ["[下周五付款{}元]", "[退{}箱]"])
def test_words_typed_in_brackets_are_compared_as_words(words: str) -> None:
    assert judge_words(words.format(5000), words.format(6000), PLAIN, PLAIN).relation is Relation.CONFLICT
    assert judge_words("[某某卡片]", words.format(6000), PLAIN, PLAIN).relation is Relation.DOUBTFUL


def test_changed_words_of_an_unknown_kind_are_no_agreement() -> None:
    nothing = dict.fromkeys(("media_hash", "amount", "file_name", "text_quality", "url"))
    rows = [nothing | {"text": f"下周退{n}箱给你", "kind": "other", "cls": OTHER} for n in (50, 80)]
    assert judge_pair(rows[0], rows[1], PLAIN, PLAIN).relation is Relation.DOUBTFUL


def test_a_file_in_other_brackets_is_compared_by_its_name() -> None:
    nothing = dict.fromkeys(("media_hash", "amount", "file_name", "text_quality", "url"))
    rows = [nothing | {"text": t, "kind": "file", "cls": FILE} for t in ("（文件：合同.pdf）", "[ 文件 : 补充.pdf ]")]
    assert judge_pair(rows[0], rows[1], PLAIN, PLAIN).relation is Relation.CONFLICT

"""Cards and links that two forms show in two ways."""

from dataclasses import replace

import pytest

from reconcile.engine.compare import compare_readings
from reconcile.intake.contract import FormLimits, Reading
from reconcile.vocabulary import Kind
from tests.build.chats import (
    chat,
    counts,
    grade_of,
    held,
    left_row,
    of_kinds,
    relations,
    relations_in,
    said,
    state_of,
    with_body,
    without_kinds,
)
from tests.build.together import Comparing

CARDS_LIKE_WORDS = FormLimits(kinds_merged={Kind.LINK: Kind.TEXT})
PAGE = "\nhttps://mp.weixin.qq.com/s/392c4b1f"


def titled(left: str, right: str) -> tuple[Reading, Reading]:
    """One row says this on the one side and that on the other, in forms that write cards like words."""
    one, other = (held(said(chat(), {12: t}), n, limits=CARDS_LIKE_WORDS) for n, t in enumerate((left, right)))
    return one, other


def test_a_title_beside_one_with_its_address_is_in_doubt_once_and_a_habit_thrice() -> Comparing:
    found = yield without_kinds(with_body(f"钢管行情87{PAGE}"), with_body("钢管行情87"))
    assert state_of(found, "钢管行情87", "right") == ("doubtful", "weak_match")
    titles = [left_row(900 + 20 * i, f"钢管行情{87 + i}") for i in range(3)]
    long = [r | {"text": f"{r['text']}{PAGE}{i}"} for i, r in enumerate(titles)]
    left, right = (sorted([*chat(), *rows], key=lambda r: r["at"]) for rows in (long, titles))
    assert set((yield without_kinds(left, right)).alignment["relation"]) == {"agreement"}


@pytest.mark.parametrize("tail", [" - 前提是你先撤诉", PAGE])
@pytest.mark.parametrize(
    "readers", [("wechat_copied_text", "wechat_copied_text"), ("wechat_copied_text", "other_text")]
)
def test_what_stands_behind_a_title_on_one_side_alone_is_in_doubt_between_exports_of_one_form(
    tail: str, readers: tuple[str, str]
) -> Comparing:
    limits = replace(CARDS_LIKE_WORDS, is_of_known_make=True)
    sides = (said(chat(), {12: f"尾款五万我会付的{end}", 21: f"剩下的我也会付的{end}"}) for end in ("", tail))
    one, other = (held(rows, n, limits=limits) for n, rows in enumerate(sides))
    named = [replace(r, facts=replace(r.facts, reader=name)) for r, name in zip((one, other), readers, strict=True)]
    told = counts((yield named[0], named[1]))
    assert told == ({"agreement": 38, "doubtful": 2} if readers[0] == readers[1] else {"agreement": 40})


def test_a_link_meets_its_bare_title_half_a_minute_off() -> Comparing:
    left, right = with_body(f"钢管行情87{PAGE}"), with_body("钢管行情87")
    right = [r | {"at": r["at"] + 35 if r["text"] == "钢管行情87" else r["at"]} for r in right]
    found = yield without_kinds(left, right, kind=["link" if PAGE in r["text"] else "text" for r in left])
    assert "one_sided" not in found.alignment["relation"].to_list()


def test_cards_of_which_each_side_shows_another_without_words_meet_by_their_moment() -> Comparing:
    sides = [
        sorted([*chat(), *(left_row(at, body, kind="link") for at, body in zip((930, 991), cards, strict=True))], key=lambda r: r["at"])
        for cards in (("", "腾讯云助手"), ("周杰伦", ""))
    ]  # fmt: skip
    found = yield sides[0], sides[1]
    assert grade_of(found) not in ("conflicting", "one_sided")


def test_a_title_that_begins_like_a_mark_meets_the_link_of_which_another_form_shows_the_address_alone() -> Comparing:
    left = held(said(chat(), {12: "【淘宝】实木餐桌 - 微信"}), 0, limits=CARDS_LIKE_WORDS)
    right = held(said(chat(), {12: "URL:https://mp.weixin.qq.com/s?mid=22"}, kind="link"), 1)
    assert relations_in((yield left, right)) == {"agreement"}


@pytest.mark.parametrize("kinds", [("forward", "link"), ("location", "link"), ("forward", "location")])
def test_a_card_that_two_tools_call_by_unlike_kinds_is_missed_by_nobody(kinds: tuple[str, str]) -> Comparing:
    left, right = (said(chat(), {12: f"清单{k}"}, kind=k) for k in kinds)
    assert counts((yield left, right)).keys() <= {"agreement", "doubtful"}


def test_a_card_that_cannot_be_shown_is_the_card_of_its_moment_and_not_the_words_there() -> Comparing:
    late = [r | {"at": r["at"] // 60 * 60 + (45 if i < 25 else 3645)} for i, r in enumerate(chat())]
    minutes = [r | {"at": r["at"] - 45, "precision": "minute"} for r in late]
    shown = [{"at": 2400, "who": 0, "kind": k, "text": t, "precision": "minute"} for k, t in (("text", "a,b,c"), ("link", "[视频号]"))]  # fmt: skip
    card = {"at": 2445, "who": 0, "kind": "other", "text": "[链接]当前版本不支持展示该内容，请升级至最新版本。"}
    sides = [*minutes[:25], *shown, *minutes[25:]], [*late[:25], card, *late[25:]]
    found = yield sides[0], sides[1]
    assert [state_of(found, t, "left")[0] for t in ("a,b,c", "[视频号]")] == ["one_sided", "agreement"]


def test_a_title_with_the_app_meets_the_title_with_the_address() -> Comparing:
    assert counts((yield titled("标题 | 副题 - ", "标题 | 副题\nhttps://a.cn/b"))) == {"agreement": 40}
    assert counts((yield titled("付三万 - 今天", "付五万\nhttps://a.cn/b"))) != {"agreement": 40}


def test_a_link_without_content_meets_the_words_with_its_address_that_a_form_writes_for_it() -> Comparing:
    left = held(said(chat(), {12: "点击查看租房指南 https://a.cn/b"}), 0, limits=CARDS_LIKE_WORDS)
    right = held(said(chat(), {12: ""}, kind="link"), 1)
    assert relations_in((yield left, right)) == {"agreement"}


def test_a_card_that_one_side_lacks_is_missed_where_that_side_shows_another() -> Comparing:
    rows = said(chat(), {12: "清单", 30: "合同"}, kind="link")
    assert counts((yield rows, [*rows[:12], *rows[13:]])) == {"agreement": 39, "one_sided": 1}


def test_the_only_card_of_a_chat_is_in_doubt_where_the_other_copy_holds_nothing_but_text() -> Comparing:
    rows = said(chat(), {12: "清单"}, kind="link")
    assert counts((yield rows, [*rows[:12], *rows[13:]])) == {"agreement": 39, "doubtful": 1}


CANNOT_SHOW = "当前版本不支持展示该内容，请升级至最新版本。"
# One message as two tools show it, each as text and kind, in a chat where both show other payments and links.
IN_TWO_WAYS = [
    (("【群收款】", "text"), ("[红包]", "red_packet")),
    (("[群收款]", "text"), ("【群收款】", "other")),
    (("杭州二手房成交数据 - 人民日报", "text"), ("[链接] 杭州二手房成交数据\nhttps://mp.weixin.qq.com/s/1", "link")),
    ((CANNOT_SHOW, "link"), ("#接龙\n周末加班报名\n\n1. 刘超", "text")),
    (("此消息无法显示", "text"), ("[视频号] 搞笑日常", "link")),
    (("[钢管行情 : https://mp.weixin.qq.com/s/1]", "link"), ("[链接|钢管行情](https://mp.weixin.qq.com/s/1)", "link")),
    (("<群收款>", "other"), ("【群收款】", "other")),
    (("{位置} 物流园", "text"), ("[位置] 物流园", "location")),
    (("房租 金额=￥1000.00 状态=转账", "text"), ("[转账]", "transfer")),
]  # fmt: skip


@pytest.mark.parametrize("number", range(len(IN_TWO_WAYS)), ids=lambda n: f"{IN_TWO_WAYS[n][0][0][:20]}")
def test_one_message_that_two_tools_show_in_two_ways_is_missed_by_nobody(number: int) -> Comparing:
    shown = of_kinds({9: "red_packet", 29: "link"}, text="[红包]")
    left, right = ([r | ({"text": t, "kind": k} if i == 12 else {}) for i, r in enumerate(shown)] for t, k in IN_TWO_WAYS[number])  # fmt: skip
    assert counts((yield left, right)) == {"agreement": 40}


def test_two_cards_of_one_moment_and_sender_that_no_rule_unites_are_in_doubt_on_both_sides() -> Comparing:
    shown = of_kinds({9: "image", 15: "file", 29: "card", 33: "call"}, text="")
    sides = [[r | ({"text": "", "kind": k} if i == 12 else {}) for i, r in enumerate(shown)] for k in ("image", "card")]
    assert "one_sided" not in counts((yield tuple(sides)))


@pytest.mark.parametrize(
    ("whole", "lacking", "result"),
    [
        # The tool shows no such card anywhere, and so leaves out none of its own.
        ("[视频号] 搞笑日常", "未知", "explained_differences"),
        ("[链接] 对账单\nhttps://mp.weixin.qq.com/s/9", "未知", "cannot_determine"),
        ("我欠你五万元", "未知", "cannot_determine"),
    ],
)
def test_a_tools_word_for_what_it_does_not_know_is_selective_where_it_knows_such_a_record(
    whole: str, lacking: str, result: str
) -> Comparing:
    kind = "text" if whole.startswith("我") else "link"
    links = said(
        chat(), {9: "[链接] 报价\nhttps://mp.weixin.qq.com/s/1", 29: "[链接] 名单\nhttps://a.cn/2"}, kind="link"
    )
    left, right = said(links, {12: whole}, kind=kind), said(links, {12: lacking}, kind="other")
    assert grade_of((yield left, right)) == result


@pytest.mark.parametrize(
    ("words", "link", "told"),
    [
        ("https://m.tb.cn/h.m32q9Dt4x", "[链接] 轻奢岩板餐桌9人", ("agreement", "not_stated")),
        ("https://m.tb.cn/h.m32q9Dt4x", "[链接] 轻奢岩板餐桌\nhttps://m.tb.cn/h.m32q9Dt4x", ("agreement", "form")),
        ("点击查看轻奢岩板餐桌 https://m.tb.cn/h.m32q9Dt4x", "[链接] 轻奢岩板餐桌\nhttps://m.tb.cn/h.m32q9Dt4x", ("agreement", "form")),
        ("https://m.tb.cn/h.m32q9Dt4x", "[链接] 轻奢岩板餐桌\nhttps://m.tb.cn/h.another", ("doubtful", "weak_match")),
        ("餐桌\nhttps://m.tb.cn/h.m32q9Dt4x", "[链接|餐桌](https://m.tb.cn/h.m32q9Dt4x)", ("agreement", "form")),
        ("餐桌\nhttps://m.tb.cn/h.m32q9Dt4x", '餐桌\n<a href="https://m.tb.cn/h.m32q9Dt4x">详情</a>', ("agreement", "form")),
    ],
)  # fmt: skip
def test_an_address_alone_may_be_how_a_tool_writes_a_link(words: str, link: str, told: tuple[str, str]) -> Comparing:
    left, right = (said(chat(), {12: t}, kind=k) for t, k in ((words, "text"), (link, "link")))
    assert state_of((yield left, right), words, "left") == told


def test_a_place_has_a_name_and_an_address() -> Comparing:
    other = "[位置] 成都市武侯区长江东路937号10幢1811室"
    sides = [said(chat(), {12: t}, kind="location") for t in ("[位置] 物流园", other)]
    assert counts((yield tuple(sides))) == {"agreement": 40}
    assert (
        counts((yield sides[1], said(chat(), {12: "[位置] 上海市宝山区江南大道677号"}, kind="location")))["doubtful"]
        == 1
    )


def test_a_house_in_a_street_is_an_address_beside_the_name_of_a_place() -> Comparing:
    sides = [said(chat(), {12: t}, kind="location") for t in ("[位置] 工业园区3号门", "解放路88号", "人民路9号")]
    assert counts((yield sides[0], sides[1])) == {"agreement": 40}
    assert counts((yield sides[1], sides[2]))["doubtful"] == 1


def test_the_lines_of_a_forwarded_bundle_may_stand_for_its_title() -> Comparing:
    lines = "甲某: 合同我看过了\n还差附件\n乙某: 明天发给你"
    sides = [said(chat(), {12: t}, kind=k) for t, k in ((lines, "text"), ("[聊天记录] 群聊的聊天记录", "forward"))]
    assert state_of((yield sides[0], sides[1]), lines, "left") == (
        "agreement",
        "not_stated",
    )


@pytest.mark.parametrize("name", ["建材市场C区", "阳光小区3幢", "宏图钢构（435号店）"])
def test_a_part_of_a_site_and_a_numbered_shop_are_names_and_no_addresses(name: str) -> Comparing:
    address = "[位置|上海市宝山区江南大道677号|上海|31.200000|121.500000]"
    shown, told = (said(chat(), {12: t}, kind="location") for t in (address, f"[位置] {name}"))
    assert counts((yield shown, told)) == {"agreement": 40}


@pytest.mark.parametrize(
    ("told", "cause"),
    [
        ("[位置] 工业园区3号门", "not_stated"),
        ("中级人民法院", "not_stated"),
        ("人民医院建设大道与二环交叉口", "form"),
        ("[位置] 解放路88号", "weak_match"),
    ],
)
def test_an_address_that_a_tool_writes_in_place_of_the_name_agrees_with_any_name(told: str, cause: str) -> Comparing:
    address = "[位置|建设大道与二环交叉口|上海市|31.2|121.4]"
    sides = [said(chat(), {12: t}, kind="location") for t in (address, told)]
    found = yield sides[0], sides[1]
    assert state_of(found, address, "left")[1] == cause


def test_a_place_that_lies_in_another_street_of_the_city_is_in_doubt() -> Comparing:
    address = "[位置|上海市宝山区江南大道677号|上海|31.200000|121.500000]"
    sides = [said(chat(), {12: t}, kind="location") for t in (address, "[位置] 市场 上海市宝山区长江路677号")]
    assert counts((yield tuple(sides)))["doubtful"] == 1


def test_a_card_of_a_sort_that_a_tool_leaves_out_is_missed_by_nobody_and_a_plain_link_is() -> Comparing:
    shown = said(chat(), {9: "[链接] 报价", 15: "[视频号] 搞笑日常", 29: "[链接] 名单"}, kind="link")
    never = FormLimits(kinds_absent=frozenset({Kind.LINK}))
    for lost, relation in ((15, "set_aside"), (29, "one_sided")):
        found = yield shown, held([*shown[:lost], *shown[lost + 1 :]], 1, limits=never)
        assert state_of(found, shown[lost]["text"], "left")[0] == relation


def test_words_beside_a_file_are_not_that_file_where_their_form_has_a_mark_for_files() -> Comparing:
    marks = FormLimits(kinds_without_content=frozenset({Kind.FILE}))
    left = said(chat(), {12: "[文件] 对账单.pdf"}, kind="file")
    right = [*chat()[:12], chat()[12] | {"text": "门店装修报价200000"}, *chat()[13:]]
    found = yield left, held(right, 1, limits=marks)
    assert state_of(found, "门店装修报价200000", "right")[0] == "one_sided"


def test_words_and_a_card_that_are_all_that_one_sender_wrote_in_one_second_are_not_missing_on_both_sides() -> Comparing:
    rows = said(chat(), {4: "[链接] 报价", 20: "[链接] 名单"}, kind="link")
    worded = said(rows, {12: "[礼物] 送你一份礼物：保温杯"})
    shown = said(rows, {12: "[分享]"}, kind="link")
    assert counts((yield worded, shown)) == {"agreement": 39, "doubtful": 1}
    later = [r | {"at": r["at"] + 20} if i == 12 else r for i, r in enumerate(shown)]
    assert counts((yield worded, later))["one_sided"] == 2


def test_links_of_one_title_meet_whether_a_form_writes_their_addresses_or_not() -> None:
    titles = {n: f"[链接]快件查询 https://www.sf.cn/{n}" for n in (10, 20, 30)}
    left, right = said(chat(), titles, kind="link"), said(chat(), dict.fromkeys(titles, "[链接] 快件查询"), kind="link")
    assert relations(left, right).keys() == {"agreement"}


def test_links_that_all_have_another_title_and_another_address_are_in_doubt() -> None:
    links = {n: f"[链接]借款合同范本{n}\nhttps://mp.weixin.qq.com/s/a{n}" for n in (10, 20, 30)}
    others = {n: f"[链接]投资合伙协议{n}\nhttps://mp.weixin.qq.com/s/b{n}" for n in (10, 20, 30)}
    left, right = said(chat(), links, kind="link"), said(chat(), others, kind="link")
    assert relations(left, right)["doubtful"] == 3


def test_a_payment_that_a_tool_shows_as_a_link_by_its_title_is_that_payment() -> None:
    left = said(chat(), {12: "[链接] 微信转账"}, kind="link")
    right = said(chat(), {12: "[转账] ￥2000.00"}, kind="transfer", amount="2000.00")
    assert relations(left, right).keys() == {"agreement"}


def test_the_cards_of_payer_and_payee_for_a_payment_that_nobody_has_taken_agree_and_are_no_receipt() -> None:
    cards = [
        said(chat(), {12: f"[转账] {t} ￥2000.00"}, kind="transfer", amount="2000.00")
        for t in ("你发起了一笔转账", "请收款")
    ]
    found = compare_readings(held(cards[0], 0), held(cards[1], 1))
    assert set(found.alignment["relation"]) == {"agreement"}
    assert found.absent.is_empty()


@pytest.mark.parametrize("kept", ["门口鞋柜第4格", "门口鞋柜第4格，门禁02582，你自己开"])
def test_words_that_one_side_cuts_or_adds_to_under_an_unknown_kind_are_in_doubt(kept: str) -> None:
    words = "门口鞋柜第4格，门禁02582"
    assert relations(said(chat(), {12: kept}, kind="other"), said(chat(), {12: words})).get("doubtful") == 1

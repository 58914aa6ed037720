"""One message body becomes words, ids and mentions, whatever state its XML is in."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reconcile.vocabulary import Kind, NoteCode, WitnessKind
from reconcile.wechat.payload.body import Body, canonical_url, read_body, yuan
from reconcile.wechat.xml_tree import parse_xml

TRANSFER = (
    '<msg><appmsg appid=""><title><![CDATA[微信转账]]></title><des>收到转账2900.00元</des><type>2000</type><wcpayinfo>'
    "<paysubtype>{state}</paysubtype><feedesc><![CDATA[{fee}]]></feedesc><transferid>10000500012024030100000001</transferid>"
    "<begintransfertime>1709254805</begintransfertime><pay_memo><![CDATA[三月房租]]></pay_memo>"
    "<payer_username>wxid_jia0001</payer_username></wcpayinfo></appmsg></msg>"
)
QUOTE = (
    '<msg><appmsg appid=""><title>{reply}</title><type>57</type><refermsg><type>{type}</type><svrid>6116895530414915131</svrid>'
    "<fromusr>wxid_jia0001</fromusr><displayname>甲某</displayname><content>{content}</content><createtime>1709254805</createtime>"
    "</refermsg></appmsg></msg>"
)
RECORD = (
    "<msg><appmsg><title>甲某和乙某的聊天记录</title><type>19</type><recorditem><![CDATA[<recordinfo><title>聊天记录</title>"
    '<datalist count="2"><dataitem datatype="1" dataid="a"><sourcename>甲某</sourcename><sourcetime>2024-03-01 09:00</sourcetime>'
    "<datadesc>工程款什么时候结？</datadesc><srcMsgCreateTime>1709254805</srcMsgCreateTime>"
    "<fromnewmsgid>6116895530414915131</fromnewmsgid></dataitem>"
    '<dataitem datatype="17"><sourcename>乙某</sourcename><datatitle>群聊的聊天记录</datatitle><recordxml><recordinfo><datalist>'
    '<dataitem datatype="1"><sourcename>丙某</sourcename><datadesc>收到</datadesc></dataitem></datalist></recordinfo></recordxml>'
    "</dataitem></datalist></recordinfo>]]></recorditem></appmsg></msg>"
)


def real(shared: Path, name: str) -> Body:
    index = json.loads((shared / "real_xml" / "INDEX.json").read_text("utf-8"))
    kind = str(next(e["type"] for e in index if e["file"] == name)).split(" ")[0]
    base, _, sub = kind.partition("/")
    return read_body(int(base), int(sub or 0), (shared / "real_xml" / name).read_text("utf-8"))


REAL: dict[str, dict[str, object]] = {
    "image_3.xml": {"kind": Kind.IMAGE, "media_hash": "2a4cb28868b9d450a135b1a85b5ba3dd", "text": ""},
    "v4_image_3_no_md5.xml": {"kind": Kind.IMAGE, "media_hash": None},
    "voice_34.xml": {"kind": Kind.VOICE, "duration": 2.54, "sender": "wxid_phyyedw9xap22"},
    "v4_voice_34.xml": {"kind": Kind.VOICE, "duration": 26.605},
    "video_43.xml": {
        "kind": Kind.VIDEO, "duration": 3.0, "media_hash": None, "alias_id": None,
    },
    "emoji_47.trimmed.xml": {"kind": Kind.STICKER, "media_hash": "cc56728d56c730ddae52baffe941ed86"},
    "location_48.trimmed.xml": {
        "kind": Kind.LOCATION, "native_id": "place:39.903740,116.397827", "text": "北京天安门广场 北京市东城区东长安街",
    },
    "card_42.trimmed.xml": {"kind": Kind.CARD, "text": "Ashley"},
    "link_49_5.trimmed.xml": {
        "kind": Kind.LINK,
        "text": "尔滨，又有好消息！",
        "url": "https://mp.weixin.qq.com/s?__biz=MzA4NDI3NjcyNA==&mid=2650011300&idx=1&sn=52739c3d39c030394da972e3d83efc98",
    },
    "file_49_6.trimmed.xml": {
        "kind": Kind.FILE, "text": "hhh.xlsx", "file_name": "hhh.xlsx", "file_size": 8939,
        "native_id": "file:84c6737fe9549270c9b3ca4f6fc88f6f:8939", "alias_id": "1789783684714859663",
    },
    "file_shell_49_74.trimmed.xml": {
        "kind": Kind.FILE, "file_name": "hhh.xlsx", "native_id": "file:84c6737fe9549270c9b3ca4f6fc88f6f:8939", "alias_id": None,
    },
    "file_49_6_pptx.trimmed.xml": {"kind": Kind.FILE, "alias_id": "5370956075794921189", "file_size": 140967},
    "miniprogram_49_33.trimmed.xml": {"kind": Kind.LINK, "text": "腾讯云助手"},
    "channels_49_51.trimmed.xml": {"kind": Kind.LINK, "native_id": "feed:14264358459626428566"},
    "quote_49_57.trimmed.xml": {
        "kind": Kind.QUOTE, "text": "看看这个", "reply_to": "3617029648443513152", "quoted_text": "hhh.xlsx",
    },
    "transfer_49_2000_paysubtype1.xml": {
        "kind": Kind.TRANSFER, "amount": "0.10", "payment_state": "sent", "native_id": "transfer:1000050001202401120020624149917",
    },
    "transfer_49_2000_paysubtype3.trimmed.xml": {
        "kind": Kind.TRANSFER, "amount": "2900.00", "payment_state": "received", "text": "房租",
    },
    "redpacket_49_2001.trimmed.xml": {
        "kind": Kind.RED_PACKET, "text": "恭喜发财，大吉大利", "native_id": "packet:1000039901202401127291056629415",
    },
    "revoke_10002.xml": {
        "kind": Kind.RECALL, "text": '"朝夕。" 撤回了一条消息', "alias_id": "5576224237104747184",
    },
    "v4_revoke_stored_10000.xml": {"kind": Kind.RECALL, "text": "你撤回了一条消息", "alias_id": None},
    "v4_revoke_nested_replacemsg_10000.xml": {"kind": Kind.RECALL, "text": '"A" 撤回了一条消息'},
    "pat_10002.xml": {"kind": Kind.SYSTEM, "text": '"wxid_phyyedw9xap22" 拍了拍我', "sender": "wxid_phyyedw9xap22"},
}  # fmt: skip


@pytest.mark.parametrize("name", REAL)
def test_real_body_reads_as_what_it_says(shared: Path, name: str) -> None:
    body = real(shared, name)
    assert {k: getattr(body, k) for k in REAL[name]} == REAL[name]


def test_a_red_packets_own_heading_stays_beside_its_wish() -> None:
    body = "<msg><appmsg><title>{}</title><type>2001</type><wcpayinfo><sendertitle>恭喜</sendertitle></wcpayinfo></appmsg></msg>"
    read = [read_body(49, 2001, body.format(title)) for title in ("微信红包", "八月房租")]
    assert [(b.text, b.fields.get("title")) for b in read] == [("恭喜", None), ("恭喜", "八月房租")]


@pytest.mark.parametrize("name", REAL)
def test_real_body_needs_no_note(shared: Path, name: str) -> None:
    assert real(shared, name).notes == ()


def test_video_of_several_renditions_lists_every_digest(shared: Path) -> None:
    digests = real(shared, "video_43.xml").fields["media_hashes"]
    assert digests == "e1c3b99dae0639b4ce4d22b245cff0af d0ee9e80798d763f0955da407a65d34c"


def test_quoted_file_is_spoken_of_with_its_fingerprint(shared: Path) -> None:
    mention = real(shared, "quote_49_57.trimmed.xml").mentions[0]
    assert (mention.witness, mention.native_id) == (
        WitnessKind.QUOTE,
        "file:84c6737fe9549270c9b3ca4f6fc88f6f:8939",
    )


@pytest.mark.parametrize(
    ("state", "word"), [("1", "sent"), ("3", "received"), ("4", "returned"), ("9", "returned"), ("10", "expired")]
)
def test_pay_sub_type_is_the_state_of_the_card(state: str, word: str) -> None:
    assert read_body(49, 2000, TRANSFER.format(state=state, fee="￥2,900.00")).payment_state == word


def test_receipt_of_a_transfer_speaks_of_the_card_it_answers() -> None:
    mention = read_body(49, 2000, TRANSFER.format(state="3", fee="￥1.00")).mentions[0]
    assert (mention.witness, mention.native_id, mention.sent_at) == (
        WitnessKind.TRANSFER_RECEIPT,
        "transfer:10000500012024030100000001",
        1709254805,
    )


@pytest.mark.parametrize(
    ("fee", "amount"),
    [
        ("￥0.10", "0.10"),
        ("¥12,000.00", "12000.00"),
        ("￥ 5", "5"),
        ("100.5元", "100.5"),
        ("HK$20.00", None),
        ("", None),
    ],
)
def test_amount_is_decimal_text_in_yuan_only(fee: str, amount: str | None) -> None:
    assert yuan(fee) == amount


def test_amount_survives_a_card_cut_before_its_payment_part() -> None:
    assert read_body(49, 2000, TRANSFER.format(state="1", fee="")[:120]).amount == "2900.00"


def test_words_of_a_quote_are_the_reply() -> None:
    body = read_body(49, 57, QUOTE.format(reply="好的", type=1, content="工程款什么时候结？"))
    assert (body.text, body.quoted_text) == ("好的", "工程款什么时候结？")


def test_quote_of_a_quote_shows_the_inner_reply() -> None:
    inner = QUOTE.format(reply="中间的话", type=1, content="最早的话")
    escaped = inner.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert read_body(49, 57, QUOTE.format(reply="好", type=49, content=escaped)).quoted_text == "中间的话"


def test_line_ends_inside_a_reply_are_kept() -> None:
    assert read_body(49, 57, QUOTE.format(reply="一\n二 ", type=1, content="x")).text == "一\n二 "


def test_forward_names_every_item_also_nested_ones() -> None:
    assert [m.text for m in read_body(49, 19, RECORD).mentions] == ["工程款什么时候结？", "群聊的聊天记录", "收到"]


def test_forward_item_carries_the_original_id_and_time() -> None:
    item = read_body(49, 19, RECORD).mentions[0]
    assert (item.message_id, item.sent_at, item.sender_name) == ("6116895530414915131", 1709254805, "甲某")


ONE_ITEM = '<dataitem datatype="1"><datadesc>收到</datadesc><sourcename>乙</sourcename></dataitem>'
NESTED = '<dataitem datatype="17"><recordxml>{}</recordxml></dataitem>'


@pytest.mark.parametrize(
    ("record", "items"),
    [
        # Cut inside the second item; an element that nothing closes; no XML at all; a record inside the record is cut.
        (f"<recordinfo><datalist>{ONE_ITEM}{ONE_ITEM}"[:-30], 2),
        (f"<recordinfo><datalist><a>{ONE_ITEM}</datalist></recordinfo>", 0),
        ("聊天记录", 0),
        ("<!DOCTYPE a><recordinfo/>", 0),
        (f"<recordinfo><datalist>{NESTED.format('&lt;recordinfo&gt;&lt;datalist&gt;')}</datalist></recordinfo>", 1),
        (f"<recordinfo><datalist>{NESTED.format('聊天记录')}</datalist></recordinfo>", 1),
    ],
)
def test_a_forward_whose_inner_record_is_not_well_formed_is_noted(record: str, items: int) -> None:
    escaped = record.replace("&", "&amp;").replace("<", "&lt;")
    xml = f"<msg><appmsg><title>记录</title><type>19</type><recorditem>{escaped}</recorditem></appmsg></msg>"
    body = read_body(49, 19, xml)
    assert (len(body.mentions), body.notes) == (items, (NoteCode.BROKEN_BODY,))


def test_a_record_outside_the_element_that_holds_it_is_noted() -> None:
    xml = f"<msg><appmsg><title>记录</title><type>19</type><recordinfo><datalist>{ONE_ITEM}</datalist></recordinfo></appmsg></msg>"
    assert read_body(49, 19, xml).notes == (NoteCode.BROKEN_BODY,)


@pytest.mark.parametrize("record", ["", f"<recordinfo><datalist>{ONE_ITEM}</datalist></recordinfo>"])
def test_a_forward_without_a_record_or_with_a_whole_one_is_not_noted(record: str) -> None:
    xml = f"<msg><appmsg><title>记录</title><type>19</type><recorditem><![CDATA[{record}]]></recorditem></appmsg></msg>"
    assert read_body(49, 19, xml).notes == ()


def test_album_tells_how_many_images_belong() -> None:
    body = read_body(
        3, 0, '<msg><img md5=""/><groupinfo><id>5d1c-1</id><type>1</type><count>3</count></groupinfo></msg>'
    )
    assert (body.mentions[0].native_id, body.mentions[0].count) == ("album:5d1c-1", 3)


def test_pinned_message_is_spoken_of() -> None:
    xml = '<sysmsg type="mmchatroomtopmsg"><mmchatroomtopmsg><chatroomname>1@chatroom</chatroomname><newmsgid>61168955</newmsgid></mmchatroomtopmsg></sysmsg>'
    assert read_body(10002, 0, xml).mentions[0].message_id == "61168955"


def test_pinned_message_in_flattened_form_is_spoken_of() -> None:
    flat = (
        "<!-- ChatRoomTopMsgRequest --> 123@chatroom 1 6116895530414915131 1 wxid_a <!-- ChatRoomTopMsgResponse --> x"
    )
    assert read_body(10000, 0, flat).mentions[0].message_id == "6116895530414915131"


def test_group_event_reads_as_the_line_shown() -> None:
    xml = (
        '<sysmsg type="sysmsgtemplate"><sysmsgtemplate><content_template type="tmpl_type_profile"><template><![CDATA["$username$"邀请"$names$"加入了群聊]]></template>'
        '<link_list><link name="username"><memberlist><member><username>wxid_a</username><nickname>甲某</nickname></member></memberlist></link>'
        '<link name="names"><memberlist><member><nickname>乙某</nickname></member><member><nickname>丙某</nickname></member></memberlist></link></link_list>'
        "</content_template></sysmsgtemplate></sysmsg>"
    )
    assert read_body(10000, 0, xml).text == '"甲某"邀请"乙某、丙某"加入了群聊'


def test_bare_recall_element_is_a_recall() -> None:
    body = read_body(10000, 0, "<revokemsg>你撤回了一条消息</revokemsg>")
    assert (body.kind, body.text) == (Kind.RECALL, "你撤回了一条消息")


@pytest.mark.parametrize(
    "inside",
    [
        "<invokeMessage><preContent>明天付一半</preContent><text>你撤回了一条消息</text></invokeMessage>",
        "<editrevokecontent><content>明天付一半</content><link><text>重新编辑</text></link><text>你撤回了一条消息</text></editrevokecontent>",
    ],
)
def test_own_recall_on_android_keeps_the_words_apart_from_the_tip(inside: str) -> None:
    body = read_body(10000, 0, f"<sysmsg>{inside}</sysmsg>")
    assert (body.kind, body.text, body.fields["recalled_text"]) == (Kind.RECALL, "你撤回了一条消息", "明天付一半")


def test_recall_line_with_its_link_loses_the_tags_only() -> None:
    body = read_body(10000, 0, '你撤回了一条消息 <a href="weixin://revoke_edit_click">重新编辑</a>')
    assert (body.kind, body.text) == (Kind.RECALL, "你撤回了一条消息 重新编辑")


def test_long_notice_that_mentions_recalls_is_no_recall() -> None:
    assert read_body(10000, 0, "他昨天撤回了一条消息。" + "我记得很清楚。" * 30).kind is Kind.SYSTEM


def test_stored_pat_takes_its_last_record() -> None:
    xml = (
        "<msg><appmsg><type>62</type><patMsg><records><recordNum>2</recordNum>"
        '<record><fromUser>wxid_a</fromUser><templete>"${wxid_a}" 拍了拍 "${wxid_b}"</templete></record>'
        '<record><fromUser>wxid_b</fromUser><templete>"${wxid_b}" 拍了拍自己</templete></record></records></patMsg></appmsg></msg>'
    )
    assert read_body(49, 62, xml).text == '"wxid_b" 拍了拍自己'


def test_call_bubble_gives_its_room_and_length() -> None:
    xml = (
        '<voipmsg type="VoIPBubbleMsg"><VoIPBubbleMsg><msg><![CDATA[通话时长 01:05]]></msg><room_type>1</room_type>'
        "<roomid>91234567</roomid><inviteid64>1709254805123</inviteid64></VoIPBubbleMsg></voipmsg>"
    )
    body = read_body(50, 0, xml)
    assert (body.text, body.duration, body.native_id) == ("通话时长 01:05", 65.0, "call:91234567")


def test_call_without_xml_takes_the_line_shown() -> None:
    assert read_body(50, 0, "", shown="对方已取消").text == "对方已取消"


def test_url_of_an_article_is_reduced_to_what_names_it() -> None:
    url = "http://mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=ab&chksm=zz&scene=0#rd"
    assert canonical_url(url) == "https://mp.weixin.qq.com/s?__biz=Mz==&mid=1&idx=1&sn=ab"


@pytest.mark.parametrize("url", ["https://example.com/a?b=1#c", "http://[::1", "mp.weixin.qq.com/s?mid=1"])
def test_other_urls_stay_as_sent(url: str) -> None:
    assert canonical_url(url) == url


def test_stray_ampersand_is_tolerated_without_a_note() -> None:
    body = read_body(49, 5, "<msg><appmsg><title>A & B</title><type>5</type></appmsg></msg>")
    assert (body.text, body.notes) == ("A & B", ())


def test_broken_xml_gives_its_title_and_a_note() -> None:
    body = read_body(49, 5, "<msg><appmsg><title>一 < 二</title><type>5</type>")
    assert (body.text, body.notes) == ("一 < 二", (NoteCode.BROKEN_BODY,))


@pytest.mark.parametrize(
    ("base", "body"),
    [
        (49, "<msg><appmsg><appmsg><title>一</title><type>57</type></appmsg></appmsg></msg>"),
        (49, "<wcpayinfo><paysubtype>3</paysubtype><pay_memo>房租</pay_memo></wcpayinfo>"),
        (49, "<msg><appmsg><showtype><title>一</title></showtype><type>5</type></appmsg></msg>"),
        (49, "<msg><appmsg><title>一</title><type>5</type><type>2001</type></appmsg></msg>"),
        (49, "<msg><appmsg><title>一</title><type>5</type><wcpayinfo><a>恭喜</a></wcpayinfo></appmsg></msg>"),
        (43, "<voipmsg><msg><![CDATA[通话时长 01:05]]></msg></voipmsg>"),
        (48, "<msg><![CDATA[通话时长 01:05]]></msg>"),
        (48, '<msg username="v3_abc@stranger" nickname="王师傅" />'),
    ],
)
def test_words_that_stand_where_no_client_shows_them_are_noted(base: int, body: str) -> None:
    assert NoteCode.BROKEN_BODY in read_body(base, 0, body).notes


def test_an_item_of_a_forward_that_has_its_words_twice_or_in_another_place_is_noted() -> None:
    twice = RECORD.replace("<datadesc>收到", "<datadesc>没收到</datadesc><datadesc>收到")
    within = RECORD.replace("<datadesc>收到</datadesc>", "<x><datadesc>收到</datadesc></x>")
    assert NoteCode.BROKEN_BODY in read_body(49, 19, twice).notes
    assert NoteCode.BROKEN_BODY in read_body(49, 19, within).notes
    assert NoteCode.BROKEN_BODY not in read_body(49, 19, RECORD).notes


def test_a_transfer_keeps_a_heading_that_is_not_the_clients() -> None:
    body = TRANSFER.format(state=1, fee="￥2900.00")
    assert "title" not in read_body(49, 2000, body).fields
    assert read_body(49, 2000, body.replace("微信转账", "定金已退", 1)).fields["title"] == "定金已退"


def test_entities_are_not_read() -> None:
    bomb = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><msg><appmsg><title>&x;</title><type>5</type></appmsg></msg>'
    assert parse_xml(bomb) is None


def test_deep_nesting_ends_in_a_note() -> None:
    assert NoteCode.BROKEN_BODY in read_body(49, 5, "<a>" * 100_000).notes


def test_unknown_sub_type_keeps_its_title_with_a_note() -> None:
    body = read_body(49, 0, "<msg><appmsg><title>新玩意</title><type>7777</type></appmsg></msg>")
    assert (body.kind, body.text, body.notes) == (Kind.OTHER, "新玩意", (NoteCode.UNKNOWN_KIND,))


def test_unknown_type_code_is_told_by_the_xml() -> None:
    assert read_body(0, 0, TRANSFER.format(state="1", fee="￥1.00")).kind is Kind.TRANSFER


def test_plain_words_without_a_type_are_text() -> None:
    assert read_body(0, 0, "在吗").kind is Kind.TEXT


def test_account_line_before_the_xml_is_passed_over() -> None:
    assert read_body(3, 0, 'wxid_a:\n<msg><img md5="2a4cb28868b9d450a135b1a85b5ba3dd"/></msg>').media_hash is not None


@given(st.sampled_from([3, 34, 43, 47, 48, 42, 49, 50, 10000, 10002, 0, 99]), st.text(max_size=60))
def test_no_body_raises(base: int, junk: str) -> None:
    read_body(base, 0, f"<msg>{junk}")
    read_body(base, 0, junk)


@pytest.mark.parametrize(("base", "content", "sender"), [
    (34, "wxid_jia:2540:1\n", "wxid_jia"), (34, "2540:1", None),
    (47, f"wxid_jia:1536:0:{'a' * 32}::0", "wxid_jia"), (47, f"1536:0:{'a' * 32}::0", None),
])  # fmt: skip
def test_stored_voice_or_sticker_of_android_begins_with_its_sender(base: int, content: str, sender: str | None) -> None:
    body = read_body(base, 0, content)
    assert (body.sender, body.duration or body.media_hash) == (sender, 2.54 if base == 34 else "a" * 32)


@pytest.mark.parametrize(
    ("sub", "inside", "kind", "text"),
    [
        (87, "<textannouncement>明天九点开会</textannouncement>", Kind.OTHER, "明天九点开会"),
        (87, "", Kind.OTHER, "标题"),
        (17, "", Kind.OTHER, "标题"),
        (53, "", Kind.LINK, "标题"),
        (24, "", Kind.LINK, "标题"),
        (1, "", Kind.LINK, "标题"),
    ],
)
def test_announcements_solitaires_notes_and_places_in_motion_need_no_note(
    sub: int, inside: str, kind: Kind, text: str
) -> None:
    body = read_body(49, sub, f"<msg><appmsg><title>标题</title><type>{sub}</type>{inside}</appmsg></msg>")
    assert (body.kind, body.text, body.notes) == (kind, text, ())


def test_a_name_in_a_body_that_is_cut_short_reads_as_in_the_whole_one() -> None:
    whole = "<msg><appmsg><title>a&amp;b&lt;c&gt;&#20132;.gz</title><type>6</type><des>x</des></appmsg></msg>"
    for body in (whole, whole[:60]):
        assert read_body(49, 6, body).file_name == "a&b<c>交.gz"


@pytest.mark.parametrize("path", ["a", "a/b", "a/c", "a/c/d", "x", "x/y", "a/x", ".//d"])
def test_paths_find_what_the_parser_finds_though_a_name_stands_twice(path: str) -> None:
    tree = parse_xml("<m><a>1<b>2</b></a><a>3<c>4<d/></c><c><d>5</d></c></a></m>")
    assert tree is not None
    found = tree.root.find(path)
    assert tree.raw_text(path) == ("" if found is None else "".join(found.itertext(with_tail=False)))

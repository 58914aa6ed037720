"""Shown bodies of every exporter are taken apart alike, one by one and by the column."""

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from reconcile.vocabulary import Kind
from reconcile.wechat import shown_bodies
from reconcile.wechat.client_sentences import sentence_kind
from reconcile.wechat.shown_bodies import shown_columns

MD5 = "0cc175b9c0f1b6a831c399e269772661"
CASES: list[tuple[Kind, str, dict[str, object]]] = [
    (Kind.TRANSFER, "【发起转账】:￥10000.00\n备注: 工程款第一笔\n", {"amount": "10000.00", "payment_state": "sent"}),
    (Kind.TRANSFER, "【已收款】:￥10,000\n备注: \n", {"amount": "10000.00", "payment_state": "received"}),
    (Kind.TRANSFER, "【已退还】:￥0.5", {"amount": "0.50", "payment_state": "returned"}),
    (Kind.TRANSFER, "转账：￥10000.00\n转账说明：已收款\n转账时间：2024-03-02 09:00:00\n", {"amount": "10000.00", "payment_state": None}),
    (Kind.TRANSFER, "已收款：￥10000.00\n", {"amount": "10000.00", "payment_state": "received"}),
    (Kind.TRANSFER, "[转账] (李四 转账给 我) ￥5000.00 房租", {"amount": "5000.00", "payment_state": "sent"}),
    (Kind.TRANSFER, "[转账收款]￥5000.00 房租", {"amount": "5000.00", "payment_state": "received"}),
    (Kind.TRANSFER, "[转账|退还 ￥9.00](备注)", {"amount": "9.00", "payment_state": "returned"}),
    (Kind.TRANSFER, "微信转账 ￥8.00 - 已被接收", {"amount": "8.00", "payment_state": "received"}),
    (Kind.TRANSFER, "【转账】 ￥3000.00 货款 已收款", {"amount": "3000.00", "payment_state": "received"}),
    (Kind.TRANSFER, "【转账】 ￥3000.00 已收款的货", {"amount": "3000.00", "payment_state": "sent"}),
    (Kind.TRANSFER, "[转账|待对方收款 ￥9.00](备注)", {"amount": "9.00", "payment_state": "sent"}),
    (Kind.TRANSFER, "【请收款】:￥9.00", {"amount": "9.00", "payment_state": "sent"}),
    (Kind.TRANSFER, "转账[￥7.00元]", {"amount": "7.00", "payment_state": None}),
    (Kind.TRANSFER, "[Money Transfer]\n收到转账￥10000.00", {"amount": "10000.00", "payment_state": None}),
    (Kind.TRANSFER, "[转账]", {"amount": None}),
    (Kind.TRANSFER, "[转账 ¥520.00 已收款] 进货", {"amount": "520.00", "payment_state": "received"}),
    (Kind.TRANSFER, "【转账：7000元，已退还】", {"amount": "7000.00", "payment_state": "returned"}),
    (Kind.TRANSFER, "[转账 ?520.00] 尾款", {"amount": "520.00", "payment_state": "sent"}),
    (Kind.TRANSFER, "确认收款520元（增项）", {"amount": "520.00", "payment_state": "received"}),
    (Kind.TRANSFER, "退还转账520元", {"amount": "520.00", "payment_state": "returned"}),
    (Kind.RED_PACKET, "[红包 ¥8.88]", {"amount": "8.88"}),
    (Kind.VOICE, "语音时长：4.00秒\n翻译结果：好", {"duration": 4.0}),
    (Kind.VOICE, "[语音 12秒]", {"duration": 12.0}),
    (Kind.VOICE, "[语音 01:05]", {"duration": 65.0}),
    (Kind.VOICE, "【语音】好的", {"duration": None}),
    (Kind.CALL, "[语音通话] 00:10", {"duration": 10.0}),
    (Kind.CALL, "【音视频通话】\n通话时长 01:02:03", {"duration": 3723.0}),
    (Kind.FILE, f"【文件】结算单,\"终稿\".xlsx 0.02 MB FileStorage/File/2024-03/结算单,\"终稿\".xlsx xlsx {MD5}", {"file_name": '结算单,"终稿".xlsx', "media_hash": MD5}),
    (Kind.FILE, "[文件] a b.pdf", {"file_name": "a b.pdf"}),
    (Kind.FILE, "（文件）补充协议(7).docx", {"file_name": "补充协议(7).docx"}),
    (Kind.CALL, "（语音通话）通话时长 00:10", {"duration": 10.0}),
    (Kind.LINK, "（链接）说明", {"title": "说明"}),
    (Kind.QUOTE, "（笑死）好的\n引用：乙某: 月底前付", {"words": "（笑死）好的", "quoted_text": "月底前付"}),
    (Kind.FILE, "[文件]a.pdf", {"file_name": "a.pdf"}),
    (Kind.FILE, "[文件] a.pdfa.pdf size=120", {"file_name": "a.pdf", "file_size": 120}),
    (Kind.FILE, "[文件已过期或已被清理] 验收单264.xlsx", {"file_name": "验收单264.xlsx"}),
    (Kind.FILE, "[文件: a.pdf]", {"file_name": "a.pdf"}),
    (Kind.FILE, f"[文件|a.pdf](http://127.0.0.1:5030/file/{MD5})", {"file_name": "a.pdf", "media_hash": MD5}),
    (Kind.FILE, "FILE:a.pdf", {"file_name": None}),
    (Kind.FILE, "[文件]", {"file_name": None}),
    (Kind.IMAGE, f"![图片](http://127.0.0.1:5030/image/{MD5},x/y)", {"media_hash": MD5}),
    (Kind.LINK, "【分享链接】\n标题：None\n描述：点击查看\n链接: https://example.com/a?x=1&y=2\n应用：\n", {"url": "https://example.com/a?x=1&y=2", "title": None}),
    (Kind.LINK, "说明\n点击查看\n\n<a href=\"https://example.com/a?x=1&y=2\" target=\"_blank\">点击查看详情</a>", {"url": "https://example.com/a?x=1&y=2", "title": "说明"}),
    (Kind.LINK, "[链接] 说明\nhttps://example.com/a", {"url": "https://example.com/a", "title": "说明"}),
    (Kind.LINK, "[链接|说明](https://example.com/a)", {"url": "https://example.com/a", "title": "说明"}),
    (Kind.LINK, "[说明](https://example.com/a(1))", {"url": "https://example.com/a(1)", "words": "说明"}),
    (Kind.LINK, "URL:https://example.com/a", {"url": "https://example.com/a"}),
    (Kind.QUOTE, "好的，收到\n引用：乙某: 月底前付", {"words": "好的，收到", "quoted_text": "月底前付", "quoted_sender": "乙某"}),
    (Kind.QUOTE, "好的，收到\n引用:乙某:月底前付", {"words": "好的，收到", "quoted_text": "月底前付", "quoted_sender": "乙某"}),
    (Kind.QUOTE, "好的\n引用:未知", {"words": "好的", "quoted_text": "未知"}),
    (Kind.QUOTE, "好的\n\n[引用](2024-03-01 09:00:12)乙某:ok: 3\n4", {"words": "好的", "quoted_text": "ok: 3\n4", "quoted_at": "2024-03-01 09:00:12"}),
    (Kind.QUOTE, "好的[引用 乙某：[图片]]", {"words": "好的", "quoted_text": "[图片]", "quoted_sender": "乙某"}),
    (Kind.QUOTE, "[引用 乙某：[图片]]好的[强]", {"words": "好的[强]", "quoted_text": "[图片]", "quoted_sender": "乙某"}),
    (Kind.QUOTE, "「乙某：月底前付」\n- - - - - -\n好的", {"words": "好的", "quoted_text": "月底前付", "quoted_sender": "乙某"}),
    (Kind.QUOTE, "> 乙某(wxid_b) 03-01 09:00:12\n> 月底\n> 前付\n好的", {"words": "好的", "quoted_text": "月底\n前付", "quoted_sender": "乙某"}),
    (Kind.FORWARD, "[转发的聊天记录]群聊的聊天记录", {"title": "群聊的聊天记录"}),
    (Kind.TEXT, "[转账] ￥99999.00 假的", {"words": "[转账] ￥99999.00 假的", "amount": None}),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text", "expected"), CASES)
def test_shown_body_gives_up_its_fields(kind: Kind, text: str, expected: dict[str, object]) -> None:
    row = shown_columns(pl.DataFrame({"text": [text], "kind": [str(kind)]})).row(0, named=True)
    values = row | {"words": row["text"]}
    assert {k: values[k] for k in expected} == expected


def test_few_bodies_show_what_the_same_among_many_show(monkeypatch: pytest.MonkeyPatch) -> None:
    changes = (
        str,
        lambda t: t + "\n",
        lambda t: t[:-1],
        lambda t: "\n" + t,
        lambda t: t + t,
        lambda t: t.replace("：", "\u0301：\x1d"),
    )
    cases = [{"text": change(t), "kind": str(k)} for k, t, _ in CASES for change in changes]
    frame = pl.DataFrame(cases)
    monkeypatch.setattr(shown_bodies, "FEW_ROWS", -1)
    many = shown_columns(frame)
    monkeypatch.setattr(shown_bodies, "FEW_ROWS", 20)
    # Where many bodies are a few that recur, these few are asked.
    recurring = pl.concat([frame.head(40)] * 3)
    assert_frame_equal(shown_columns(recurring), pl.concat([many.head(40)] * 3))
    # One by one where both engines read alike, else as ever.
    assert_frame_equal(pl.concat([shown_columns(part) for part in frame.iter_slices(3)]), many)
    assert (
        shown_bodies.shown_fields_of_few(frame.head(1).with_row_index("at_row").select("at_row", "kind", "text"))
        is not None
    )
    assert (
        shown_bodies.shown_fields_of_few(pl.DataFrame({"at_row": [0], "kind": ["file"], "text": ["[文件] a\x1d"]}))
        is None
    )


def test_a_remark_about_a_recall_is_speech() -> None:
    texts = [
        "你撤回了一条消息",
        '"甲某" 撤回了一条消息',
        "他昨天撤回了一条消息，我看到了",
        "你已添加了甲某，现在可以开始聊天了。",
        "好",
        '"群主" 撤回了成员 "乙某" 的一条消息',
        "你撤回了成员“乙某”的一条消息",
    ]
    kinds = pl.DataFrame({"t": texts}).select(sentence_kind(pl.col("t")).alias("k"))["k"].to_list()
    assert kinds == ["recall", "recall", None, "system", None, "recall", "recall"]


NOTICES = [
    '"小唐"通过扫描"王总（A栋）"分享的二维码加入群聊', '"小唐"邀请你加入了群聊，群聊参与人还有：甲、乙', '你将"乙某"移出了群聊', '"小唐"与群里其他人都不是朋友关系，请注意隐私安全',
    '"小唐"发布了一条群待办', "王总置顶了一条消息", '"小唐" 完成了群待办', "你将一条消息设为群待办", "你取消了置顶消息", "乙某领取了你的红包，你的红包已被领完", "对方的朋友验证已通过",
]  # fmt: skip


@pytest.mark.parametrize("text", NOTICES)
def test_what_a_group_is_told_is_a_notice_and_talk_of_it_is_not(text: str) -> None:
    told = pl.DataFrame({"t": [text, f"{text}\n是什么意思", '"何 会计"晓宇"" 撤回了一条消息']}).select(
        sentence_kind(pl.col("t"))
    )
    assert told.to_series().to_list() == ["system", None, "recall"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("You deleted this mes…", "recall"), ("This message was del...", "recall"), ("This message was d…", "recall"),
        ("You deleted this mes", None), ("You deleted…", None), ("This message was long…", None),
    ],
)  # fmt: skip
def test_a_notice_of_a_deletion_whose_cell_was_cut_is_a_notice(text: str, kind: str | None) -> None:
    told = pl.DataFrame({"t": [text]}).select(sentence_kind(pl.col("t")).alias("k"))
    assert told["k"].to_list() == [kind]

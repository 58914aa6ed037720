"""Bodies of WeChatDataAnalysis' text form are taken apart as the tool puts them together."""

import polars as pl
import pytest

from reconcile.formats.wechatdataanalysis.text_bodies import UNMARKED, bodies_of
from reconcile.vocabulary import Kind

BODIES: dict[str, dict[str, object]] = {
    "[文件] 施工合同.pdf施工合同.pdf size=394502": {"kind": "file", "file_name": "施工合同.pdf", "file_size": 394502},
    "施工合同.pdf施工合同.pdf size=394502 media/files/施工合同.pdf": {"kind": "file", "file_name": "施工合同.pdf", "file_size": 394502},
    "[文件]size=": {"kind": "file", "file_name": None, "file_size": None},
    "房租金额=￥5000.00 状态=转账": {"kind": "transfer", "text": "房租", "amount": "5000.00", "payment_state": "sent"},
    "已收款金额=￥1,234.5 状态=已收款": {"kind": "transfer", "text": "", "amount": "1234.50", "payment_state": "received"},
    "转账金额=￥8 状态=已被退还": {"kind": "transfer", "text": "转账", "amount": "8.00", "payment_state": "returned"},
    "金额=￥6.00 状态=": {"kind": "transfer", "text": "", "amount": "6.00", "payment_state": None},
    "[语音 3500秒] 转写=明天过来": {"kind": "voice", "text": "[语音]", "duration": 3.5, "raw_transcript": "明天过来"},
    "[语音 27秒]": {"kind": "voice", "text": "[语音]", "duration": 27.0},
    "幸福小区 地点=幸福小区 地址=中山路12号 坐标=121.5,31.2": {"kind": "location", "text": "幸福小区"},
    "租房指南租房指南 https://example.com/a": {"kind": "link", "text": "租房指南", "url": "https://example.com/a"},
    "通话时长 02:15": {"kind": "call"},
    "对方无应答": {"kind": "call"},
    "恭喜发财，大吉大利": {"kind": "red_packet"},
    "[图片] media/images/0a1b.jpg": {"kind": "image", "text": "[图片]"},
    "字段 size=12": {"kind": "text", "text": "字段 size=12", "file_name": None},
    "看看这个 https://example.com/a": {"kind": "text", "text": "看看这个 https://example.com/a"},
    "好的好的": {"kind": "text", "text": "好的好的"},
}  # fmt: skip


@pytest.mark.parametrize("body", BODIES)
def test_body_says_what_the_tool_put_into_it(body: str) -> None:
    row = bodies_of(pl.Series([body])).row(0, named=True)
    assert {k: row[k] for k in BODIES[body]} == BODIES[body]


def test_changed_body_is_kept_as_it_stood() -> None:
    body = "房租金额=￥5000.00 状态=转账"
    assert bodies_of(pl.Series([body, "好"]))["raw_body"].to_list() == [body, None]


def test_the_lines_of_a_forwarded_bundle_stand_like_words() -> None:
    assert bodies_of(pl.Series(["甲: 你好\n乙: 在的"]))["kind"].to_list() == ["text"]
    assert UNMARKED[Kind.FORWARD] is Kind.TEXT

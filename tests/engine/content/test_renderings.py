"""Two texts that tell one record in words of their own."""

import pytest

from reconcile.engine.content.renderings import tell_one_record
from reconcile.wechat.text import canonical


@pytest.mark.parametrize(
    ("left", "right", "told"),
    [
        ("效果图.pdf", "文件《效果图.pdf》", True),
        ("[转账]5000元", "微信转账 5,000.00", True),
        ("语音通话1分5秒", "语音通话 通话时长01:05", True),
        ("群聊的聊天记录", "转发聊天记录：群聊的聊天记录", True),
        ("红包", "发红包", True),
        ("红包200元", "发红包", None),
        ("位置：万达", "定位：万达 解放路1号", None),
        ("转账给你5000元", "转账5000元", None),
        ("转账给你5000元", "转账给对方5000元", None),
        ("链接：瓷砖怎么选", "瓷砖怎么选", None),
        ("瓷砖怎么选\nhttps://a.cn/1", "https://a.cn/1", None),
        ("https://a.cn/1", "https://a.cn/2", False),
        ("文件：借条.pdf", "文件：欠条.pdf", False),
        ("语音通话1分5秒", "语音通话 通话时长02:05", False),
        ("转账50000元", "转账5000元", False),
        ("你转账5000元", "我转账5000元", False),
        ("没转账5000元", "转账5000元", False),
        ("收款5000元", "转账5000元", False),
        ("发个文件给我", "发个视频给我", False),
        ("图片", "视频", False),
        ("房子漏水了，你看照片", "房子漏水了你看照片", False),
        ("我同意", "我不同意", False),
    ],
)
def test_two_texts_tell_one_record_where_both_name_its_kind_and_state_the_same_facts(
    left: str, right: str, told: bool | None
) -> None:
    texts = canonical(left), canonical(right)
    assert tell_one_record(*texts) is told
    assert tell_one_record(*texts[::-1]) is told

"""A body that says nothing but what became of a call is a call."""

import polars as pl
import pytest

from reconcile.wechat.kinds import kind_from_text

CALLS = [
    "语音通话 已拒绝",
    "[语音通话]对方已取消",
    "【视频通话】无应答",
    "视频通话，时长 12:30",
    "语音通话 3分20秒",
    "[语音通话] 通话时长 05:23",
    "[视频通话]聊天时长 00:48",
    "[语音通话]通话中断 03:12",
    "[语音通话]连接失败",
]
WORDS = [
    "语音通话已结束",
    "视频通话 我晚点打给你",
    "语音通话 已取消，你回头打给我",
    "语音通话说清楚",
    "语音通话连接失败了两次",
]


@pytest.mark.parametrize(("texts", "kind"), [(CALLS, "call"), (WORDS, None)], ids=["calls", "words"])
def test_only_a_name_with_a_state_or_a_length_is_a_call(texts: list[str], kind: str | None) -> None:
    found = pl.DataFrame({"text": texts}).select(kind_from_text(pl.col("text")))
    assert found["text"].to_list() == [kind] * len(texts)

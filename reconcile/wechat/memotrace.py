"""MemoTrace's own words: what it calls the kinds, and the columns of its tables (wechat-exports 1.2)."""

import polars as pl

from reconcile.vocabulary import Kind
from reconcile.wechat.shown import notice_kind

HEADING = ("消息ID", "类型", "发送人", "时间", "内容", "备注", "昵称", "更多信息")
KINDS: dict[str, Kind] = {
    "文本": Kind.TEXT, "图片": Kind.IMAGE, "视频": Kind.VIDEO, "语音": Kind.VOICE, "表情包": Kind.STICKER, "音视频通话": Kind.CALL,
    "文件": Kind.FILE, "位置分享": Kind.LOCATION, "分享链接": Kind.LINK, "红包": Kind.RED_PACKET, "转账": Kind.TRANSFER,
    "引用消息": Kind.QUOTE, "合并转发的聊天记录": Kind.FORWARD, "小程序": Kind.LINK, "视频号": Kind.LINK, "音乐分享": Kind.LINK,
    "收藏笔记": Kind.FORWARD, "个人/公众号名片": Kind.CARD, "企业微信名片": Kind.CARD, "系统消息": Kind.SYSTEM, "拍一拍": Kind.SYSTEM,
    "未知类型": Kind.OTHER,
}  # fmt: skip


def table_rows(table: pl.DataFrame) -> pl.DataFrame:
    """Messages' columns of a CSV or sheet with MemoTrace's heading; `type_name` keeps the kind's name as written."""
    named = pl.col("类型").replace_strict(
        {k: str(v) for k, v in KINDS.items()}, default=str(Kind.OTHER), return_dtype=pl.String
    )
    return table.select(
        *(["line"] if "line" in table.columns else []),
        pl.col("消息ID").alias("message_id"),
        pl.col("类型").alias("type_name"),
        pl.when(named == str(Kind.SYSTEM)).then(notice_kind(pl.col("内容"))).otherwise(named).alias("kind"),
        pl.when(pl.col("发送人") != "").then("发送人").alias("sender_name"),
        pl.col("时间").alias("sent_raw"),
        pl.col("内容").alias("text"),
        pl.col("备注").alias("remark"),
        pl.col("昵称").alias("nickname"),
    )
